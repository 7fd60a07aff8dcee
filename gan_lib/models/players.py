"""G and D as multilayer perceptrons: for images, for numbers, and for points in the plane."""

import math
from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor, nn

from ..arguments import checked
from .building import check_hidden, seeded


@seeded
def mlp_generator(
    noise_dim: int = 100,
    shape: Sequence[int] = (1, 28, 28),
    hidden: Sequence[int] = (128, 256, 512, 1024),
) -> nn.Sequential:
    """G: noise z -> image in [-1, 1], with BatchNorm after every hidden layer but the first.

    Shapes: z (B, noise_dim) -> x (B, ``*shape``), through a tanh. BatchNorm keeps its default eps
    of 1e-5; ``BatchNorm1d(n, 0.8)`` would set eps, not momentum, to 0.8, and cost
    sharpness.

    References
    ----------
    Multilayer perceptrons as in Goodfellow et al. (2014), section 3, whose layers were others;
    BatchNorm after Ioffe and Szegedy (2015), in G as Radford et al. (2016), section 3, advise.
    """
    check_hidden(hidden)
    layers = [nn.Linear(noise_dim, hidden[0]), nn.LeakyReLU(0.2, inplace=True)]
    for before, after in zip(hidden, hidden[1:]):
        layers += [nn.Linear(before, after), nn.BatchNorm1d(after), nn.LeakyReLU(0.2, inplace=True)]
    layers += [nn.Linear(hidden[-1], math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape)]
    return nn.Sequential(*layers)


@seeded
def mlp_discriminator(
    shape: Sequence[int] = (1, 28, 28), hidden: Sequence[int] = (512, 256)
) -> nn.Sequential:
    """D: image -> logit, a plain perceptron.

    Shapes: x (B, ``*shape``) -> logits (B, 1).

    References
    ----------
    Goodfellow et al. (2014), section 3.
    """
    check_hidden(hidden)
    layers, before = [nn.Flatten()], math.prod(shape)
    for width in hidden:
        layers += [nn.Linear(before, width), nn.LeakyReLU(0.2, inplace=True)]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, 1))


@seeded
def toy_generator(noise_dim: int = 1, hidden: Sequence[int] = (32, 32)) -> nn.Sequential:
    """G for one-dimensional data: z (B, noise_dim) -> x (B, 1); tanh units make it smooth in z."""
    return _mlp(noise_dim, hidden, 1, nn.Tanh)


@seeded
def toy_discriminator(hidden: Sequence[int] = (32, 32)) -> nn.Sequential:
    """D for one-dimensional data: x (B, 1) -> logits (B, 1); tanh units make it smooth in x."""
    return _mlp(1, hidden, 1, nn.Tanh)


@seeded
def plane_generator(
    noise_dim: int = 2,
    hidden: Sequence[int] = (64, 64),
    activation: Callable[[], nn.Module] = nn.ReLU,
) -> nn.Sequential:
    """G for data in the plane: z (B, noise_dim) -> x (B, 2).

    activation : makes the layer that follows each hidden one
    """
    return _mlp(noise_dim, hidden, 2, activation)


@seeded
def plane_discriminator(
    hidden: Sequence[int] = (64, 64),
    slope: float = 0.0,
    size: int = 1,
    activation: Callable[[], nn.Module] | None = None,
) -> nn.Module:
    """D for data in the plane: x (B, 2) -> logits (B / size, 1), with (leaky) ReLU.

    slope : of the leaky ReLU below 0; size : how many points it judges at once, as ``Packed``;
    activation : makes the layer that follows each hidden one, in place of the (leaky) ReLU
    """
    usual = partial(nn.LeakyReLU, slope) if slope else nn.ReLU
    net = _mlp(2 * size, hidden, 1, activation or usual)
    return Packed(net, size) if size > 1 else net


def _mlp(
    inputs: int, hidden: Sequence[int], outputs: int, activation: Callable[[], nn.Module]
) -> nn.Sequential:
    check_hidden(hidden)
    layers, before = [], inputs
    for width in hidden:
        layers += [nn.Linear(before, width), activation()]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, outputs))


@checked(size=1)
class Packed(nn.Module):
    """A D that judges ``size`` samples at once, real ones or fake ones: it sees a lack of variety.

    Shapes: x (B, c, ...) -> logits (B / size, 1), where ``discriminator`` takes (B / size, size c,
    ...), such as ``mlp_discriminator(shape=(2, 28, 28))`` for size 2. A minibatch must hold a
    multiple of ``size`` samples.

    References
    ----------
    Lin, Khetan, Fanti and Oh (2018), PacGAN: The Power of Two Samples in Generative Adversarial
    Networks, section 2.
    """

    def __init__(self, discriminator: nn.Module, size: int = 2):
        super().__init__()
        self.discriminator = discriminator
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        if len(x) % self.size:
            raise ValueError(f"{len(x)} samples cannot be packed by {self.size}")
        packs = x.reshape(len(x) // self.size, self.size * x.shape[1], *x.shape[2:])
        return self.discriminator(packs)
