"""Who judges G's samples in D's place."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


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
        return given[-1].to(torch.promote_types(given[-1].dtype, torch.float32))

    return judge
