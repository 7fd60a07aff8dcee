"""The losses of the games, as pure functions of D's **logits** a; in the paper's D = sigmoid(a).

Logarithmic losses are in nats and written with softplus(a) = log(1 + e^a), because
-log sigmoid(a) = softplus(-a) and -log(1 - sigmoid(a)) = softplus(a): exact where sigmoid has
already rounded to 0 or 1, and log(sigmoid(a)) would be -inf. All take logits of any shape, return a
scalar, the *mean* over the minibatch, and raise ValueError for an empty one.
"""

from numbers import Real

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from .arguments import check, not_negative


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """D's loss, minus the value function: -V(D, G) = -E[log D(x)] - E[log(1 - D(G(z)))], in nats.

    The sum of the mean over the real and the mean over the fake logits. It is 2 log 2 = 1.386 where
    D answers one half everywhere, and at least 0.

    References
    ----------
    Goodfellow et al. (2014), equation 1 and Algorithm 1.
    """
    real_logits = _filled(real_logits, "real_logits")
    fake_logits = _filled(fake_logits, "fake_logits")
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def smoothed_discriminator_loss(
    real_logits: Tensor, fake_logits: Tensor, real_target: float = 0.9, fake_target: float = 0.0
) -> Tensor:
    """D's loss with targets alpha for the real and beta for the fake in place of 1 and 0, in nats.

    -E[alpha log D(x) + (1 - alpha) log(1 - D(x))] - E[beta log D(G(z)) + (1 - beta) log(1 -
    D(G(z)))]. The best D is (alpha p_data + beta p_g) / (p_data + p_g). One-sided smoothing leaves
    beta at 0. The ``d_loss`` of an ``Objective`` once ``functools.partial`` has set the targets.

    Raises
    ------
    ValueError
        For a target outside [0, 1].

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.4.
    """
    for name, target in (("real_target", real_target), ("fake_target", fake_target)):
        if not (isinstance(target, Real) and 0 <= target <= 1):
            raise ValueError(f"{name} must be a number in [0, 1], not {target!r}")
    real_logits = _filled(real_logits, "real_logits")
    fake_logits = _filled(fake_logits, "fake_logits")
    return _cross_entropy(real_logits, real_target) + _cross_entropy(fake_logits, fake_target)


def _cross_entropy(logits: Tensor, target: float) -> Tensor:
    """The mean of -target log D - (1 - target) log(1 - D), since softplus(-a) = softplus(a) - a."""
    return (softplus(logits) - target * logits).mean()


def minimax_generator_loss(fake_logits: Tensor) -> Tensor:
    """G's loss in the minimax game: E[log(1 - D(G(z)))], G's part of V(D, G), in nats; at most 0.

    Its derivative with respect to one of m logits is -sigmoid(a) / m, which vanishes where D is
    sure that the sample is fake.

    References
    ----------
    Goodfellow et al. (2014), equation 1.
    """
    return -softplus(_filled(fake_logits, "fake_logits")).mean()


def non_saturating_generator_loss(fake_logits: Tensor) -> Tensor:
    """G's loss as it is used in practice: -E[log D(G(z))], in nats; at least 0.

    Its derivative with respect to one of m logits is -(1 - sigmoid(a)) / m, which is largest where
    D is sure that the sample is fake.

    References
    ----------
    Goodfellow et al. (2014), section 3.
    """
    return softplus(-_filled(fake_logits, "fake_logits")).mean()


def maximum_likelihood_generator_loss(fake_logits: Tensor) -> Tensor:
    """-E[e^a] = -E[D / (1 - D)]: against D* its gradient is that of forward KL; -1 where D = 1/2.

    A few samples carry nearly all of it, since e^a grows so fast: its variance is what it costs.

    References
    ----------
    Goodfellow (2016), NIPS 2016 Tutorial: Generative Adversarial Networks, section 3.2.4.
    """
    return -torch.exp(_filled(fake_logits, "fake_logits")).mean()


def least_squares_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E[(a(x) - 1)^2] / 2 + E[a(G(z))^2] / 2: D's output, without a sigmoid, is drawn to 1 and 0.

    References
    ----------
    Mao et al. (2017), Least Squares Generative Adversarial Networks, equation 9.
    """
    real_logits = _filled(real_logits, "real_logits")
    fake_logits = _filled(fake_logits, "fake_logits")
    return (real_logits - 1).square().mean() / 2 + fake_logits.square().mean() / 2


def least_squares_generator_loss(fake_logits: Tensor) -> Tensor:
    """E[(a(G(z)) - 1)^2] / 2: a fake is drawn to where D says 1, also from beyond it.

    References
    ----------
    Mao et al. (2017), equation 9.
    """
    return (_filled(fake_logits, "fake_logits") - 1).square().mean() / 2


def hinge_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E[max(0, 1 - a(x))] + E[max(0, 1 + a(G(z)))]: who is right by a margin of 1 costs nothing.

    References
    ----------
    Lim and Ye (2017), Geometric GAN, section 3; Miyato et al. (2018), equation 16.
    """
    real_logits = _filled(real_logits, "real_logits")
    fake_logits = _filled(fake_logits, "fake_logits")
    return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E[f(G(z))] - E[f(x)] for a critic f: minus its estimate of W1, where f is 1-Lipschitz.

    In units of the data. Nothing here makes f Lipschitz: that is a penalty's work, or clipping's.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, equation 2 and Algorithm 1.
    """
    return _filled(fake_logits, "fake_logits").mean() - _filled(real_logits, "real_logits").mean()


def critic_generator_loss(fake_logits: Tensor) -> Tensor:
    """-E[f(G(z))]: G's part of W1, but for a constant that does not depend on G.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Algorithm 1; Miyato et al. (2018), equation 17.
    """
    return -_filled(fake_logits, "fake_logits").mean()


def relativistic_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E[softplus(-(a(x) - a(G(z))))] over pairs: which of two is the real one? log 2 if undecided.

    The i-th real sample is paired with the i-th fake one; in nats.

    Raises
    ------
    ValueError
        If there are not as many real as fake logits.

    References
    ----------
    Jolicoeur-Martineau (2019), The Relativistic Discriminator, section 4; Huang et al. (2024), The
    GAN Is Dead; Long Live the GAN!, equation 2.
    """
    return softplus(-_paired_difference(real_logits, fake_logits)).mean()


def relativistic_generator_loss(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """E[softplus(a(x) - a(G(z)))] over pairs: the fake is to look the more real, in nats.

    Raises and sources as for ``relativistic_discriminator_loss``.
    """
    return softplus(_paired_difference(real_logits, fake_logits)).mean()


def feature_matching_loss(fake_features: Tensor, real_features: Tensor) -> Tensor:
    """``|E[f(x)] - E[f(G(z))]|^2``: the fakes' mean features are to be those of the real samples.

    Shapes: (B, features) each; for the features see :func:`gan_lib.judges.last_features`. D learns
    by a loss of its own: this one is G's, and no gradient reaches what the real features came from.

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.1.
    """
    fake_mean = _filled(fake_features, "fake_features").mean(0)
    real_mean = _filled(real_features, "real_features").mean(0)
    return (fake_mean - real_mean.detach()).square().sum()


def auxiliary_discriminator_loss(real_answers: Tensor, fake_answers: Tensor) -> Tensor:
    """D's loss, and how badly it guesses the classes: -V - E[log p(y | x)] - E[log p(y | G(z, y))].

    In nats. Shapes: (B, 2) each, as :class:`gan_lib.models.AuxiliaryClassifier` answers: the logit,
    and the log of the probability that D gives to the sample's own class, or to the one asked for.

    References
    ----------
    Odena, Olah and Shlens (2017), Conditional Image Synthesis with Auxiliary Classifier GANs,
    equations 2 and 3.
    """
    real, real_class = _two_columns(real_answers, "real_answers")
    fake, fake_class = _two_columns(fake_answers, "fake_answers")
    return discriminator_loss(real, fake) - real_class.mean() - fake_class.mean()


def auxiliary_generator_loss(fake_answers: Tensor) -> Tensor:
    """-E[log D(G(z, y))] - E[log p(y | G(z, y))], in nats: look real, and be what was asked for.

    Shapes and sources as for ``auxiliary_discriminator_loss``; the first term is the
    non-saturating one.
    """
    fake, fake_class = _two_columns(fake_answers, "fake_answers")
    return non_saturating_generator_loss(fake) - fake_class.mean()


def supervised_generator_loss(answers: Tensor, weight: float = 100.0) -> Tensor:
    """-E[log D(G(z, y), y)] + weight E[distance]: look real, and be near the true picture as well.

    Shapes: (B, 2), the logit and the distance, as :func:`gan_lib.judges.beside_the_truth` gives
    them. The first term is in nats; the second has the units of the data.

    Raises
    ------
    ValueError
        For a weight below 0, or infinite.

    References
    ----------
    Isola, Zhu, Zhou and Efros (2017), Image-to-Image Translation with Conditional Adversarial
    Networks, equation 4 (weight 100).
    """
    check("weight", weight, float)
    not_negative(weight=weight)
    logits, distances = _two_columns(answers, "answers")
    return non_saturating_generator_loss(logits) + float(weight) * distances.mean()


def _paired_difference(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    real_logits = _filled(real_logits, "real_logits")
    fake_logits = _filled(fake_logits, "fake_logits")
    if real_logits.shape != fake_logits.shape:
        raise ValueError(
            f"real_logits {tuple(real_logits.shape)} and fake_logits {tuple(fake_logits.shape)} "
            "must have the same shape: they are compared in pairs"
        )
    return real_logits - fake_logits


def _two_columns(answers: Tensor, name: str) -> tuple[Tensor, Tensor]:
    answers = _filled(answers, name)
    if answers.ndim != 2 or answers.shape[1] != 2:
        raise ValueError(f"{name} must have shape (B, 2), not {tuple(answers.shape)}")
    return answers.unbind(1)


def in_full(x: Tensor) -> Tensor:
    """x in float32 where it has less, such as bfloat16; float64 stays."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _filled(logits: Tensor, name: str) -> Tensor:
    if not (isinstance(logits, Tensor) and logits.is_floating_point()):
        kind = logits.dtype if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"{name} must be a tensor of floating-point numbers, not {kind}")
    if logits.numel() == 0:
        raise ValueError(f"{name} is empty: a mean over no samples is not defined")
    return logits
