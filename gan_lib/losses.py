"""The losses of the game, as pure functions of D's **logits** a, where D(x) = sigmoid(a). All are in nats.

Written with softplus(a) = log(1 + e^a), because -log sigmoid(a) = softplus(-a) and -log(1 - sigmoid(a)) = softplus(a):
exact where sigmoid has already rounded to 0 or 1, and log(sigmoid(a)) would be -inf.
"""

from torch.nn.functional import softplus


def discriminator_loss(real_logits, fake_logits):
    """D's loss, minus the value function: -V(D, G) = -E[log D(x)] - E[log(1 - D(G(z)))].

    Shapes: real_logits (n, ...), fake_logits (m, ...), any shapes; a scalar comes back, in nats: the sum of the *mean* over
    the real and the mean over the fake logits. It is 2 log 2 = 1.386 where D answers one half everywhere, and at least 0.
    Raises: ValueError if either is empty. Source: Goodfellow et al. (2014), equation 1 and Algorithm 1.
    """
    return softplus(-_filled(real_logits, "real_logits")).mean() + softplus(_filled(fake_logits, "fake_logits")).mean()


def minimax_generator_loss(fake_logits):
    """G's loss in the minimax game (MMGAN): E[log(1 - D(G(z)))], G's part of V(D, G).

    Shapes: fake_logits (m, ...); a scalar comes back: the mean, in nats, at most 0. Its derivative with respect to a logit a
    is -sigmoid(a) / m, which vanishes where D is sure that the sample is fake.
    Raises: ValueError if fake_logits is empty. Source: Goodfellow et al. (2014), equation 1.
    """
    return -softplus(_filled(fake_logits, "fake_logits")).mean()


def non_saturating_generator_loss(fake_logits):
    """G's loss as it is used in practice (NSGAN): -E[log D(G(z))].

    Shapes: fake_logits (m, ...); a scalar comes back: the mean, in nats, at least 0. Its derivative with respect to a logit a
    is -(1 - sigmoid(a)) / m, which is largest where D is sure that the sample is fake.
    Raises: ValueError if fake_logits is empty. Source: Goodfellow et al. (2014), section 3.
    """
    return softplus(-_filled(fake_logits, "fake_logits")).mean()


def _filled(logits, name):
    if logits.numel() == 0:
        raise ValueError(f"{name} is empty: a mean over no samples is not defined")
    return logits
