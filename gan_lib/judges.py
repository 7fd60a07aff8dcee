"""Who judges G's samples in D's place."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .losses import in_full


def last_features(
    discriminator: nn.Module,
    real: Tensor,
    fake: Tensor,
    labels: tuple[Tensor, ...],
    d_loss: Callable[[Tensor, Tensor], Tensor],
) -> Callable[[Tensor], Tensor]:
    """The function x -> f(x), what D's last linear layer is given: its judgement of x in numbers.

    Shapes: x (B, ...) -> f (B, features). Of an ``Objective`` it is the ``judge``; ``real``,
    ``fake`` and ``d_loss`` are there for judges that learn from them.

    Parameters
    ----------
    labels : () or (y,), where D takes some

    Raises
    ------
    ValueError
        If D has no linear layer.

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.1: "an intermediate
    layer of the discriminator".
    """
    layers = [each for each in discriminator.modules() if isinstance(each, nn.Linear)]
    if not layers:
        raise ValueError("discriminator has no linear layer whose input could be its features")

    def judge(x):
        given = []
        hook = layers[-1].register_forward_pre_hook(lambda layer, inputs: given.append(inputs[0]))
        with hook:
            discriminator(x, *labels)
        return in_full(given[-1])

    return judge


def beside_the_truth(
    discriminator: nn.Module,
    real: Tensor,
    fake: Tensor,
    labels: tuple[Tensor, ...],
    d_loss: Callable[[Tensor, Tensor], Tensor],
) -> Callable[[Tensor], Tensor]:
    """The function x -> (a(x), d(x)): D's logit, and the mean of ``|x - real|``, how far off x is.

    For a condition to which each sample has its true answer, such as the other half of a picture:
    G is asked under the same labels as the real samples, in the same order. For
    :func:`gan_lib.losses.supervised_generator_loss`. Parameters as for ``last_features``.

    Shapes: x (B, ...) -> (B, 2).

    References
    ----------
    Isola, Zhu, Zhou and Efros (2017), Image-to-Image Translation with Conditional Adversarial
    Networks, equation 3.
    """

    def judge(x: Tensor) -> Tensor:
        distance = (in_full(x) - real).abs().flatten(1).mean(1, keepdim=True)
        return torch.cat([in_full(discriminator(x, *labels)), distance], dim=1)

    return judge
