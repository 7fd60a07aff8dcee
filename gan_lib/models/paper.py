"""The players of the paper's own experiment on MNIST: rectifiers in G, maxout and dropout in D."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from ..arguments import checked
from .building import check_hidden, seeded, uniform_weights


@seeded
def relu_generator(
    noise_dim: int = 100,
    shape: Sequence[int] = (1, 28, 28),
    hidden: Sequence[int] = (1200, 1200),
    batch_norm: bool = False,
    init: float = 0.05,
) -> nn.Sequential:
    """G as in the paper: rectifiers, and a sigmoid at the end: an image in **[0, 1]**.

    Shapes: z (B, noise_dim) -> x (B, ``*shape``). Weights start uniform on (-init, init), biases at
    0. ``batch_norm`` puts BatchNorm before each rectifier, which the paper did not know yet. (The
    other generators of the course make [-1, 1].)

    References
    ----------
    Goodfellow et al. (2014), section 5 ("rectifier linear activations and sigmoid activations");
    widths and init from the configuration that was published with it.
    """
    check_hidden(hidden)
    layers, before = [], noise_dim
    for width in hidden:
        layers.append(nn.Linear(before, width))
        if batch_norm:
            layers.append(nn.BatchNorm1d(width))
        layers.append(nn.ReLU())
        before = width
    layers += [nn.Linear(before, math.prod(shape)), nn.Sigmoid(), nn.Unflatten(1, shape)]
    return uniform_weights(nn.Sequential(*layers), init)


@checked(inputs=1, units=1, pieces=1)
class Maxout(nn.Module):
    """A layer whose unit i answers max over j of w_ij . x + b_ij: it learns its own activation.

    Shapes: x (B, inputs) -> (B, units), each the largest of ``pieces`` linear functions.

    References
    ----------
    Goodfellow et al. (2013), Maxout Networks, section 2; used for D in Goodfellow et al. (2014),
    section 5.
    """

    def __init__(self, inputs: int, units: int, pieces: int):
        super().__init__()
        self.linear = nn.Linear(inputs, units * pieces)
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).unflatten(-1, (-1, self.pieces)).amax(-1)


@seeded
def maxout_discriminator(
    shape: Sequence[int] = (1, 28, 28),
    units: int = 240,
    pieces: int = 5,
    layers: int = 2,
    dropout: float = 0.5,
    input_dropout: float = 0.2,
    init: float = 0.005,
) -> nn.Sequential:
    """D as in the paper: maxout layers with dropout after each, and dropout on the pixels.

    Shapes: x (B, ``*shape``) -> logits (B, 1). Weights start uniform on (-init, init), biases at 0.

    References
    ----------
    Goodfellow et al. (2014), section 5 ("maxout activations", "dropout was applied in training the
    discriminator net"); the numbers from the configuration that was published with it.
    """
    stack, before = [nn.Flatten(), nn.Dropout(input_dropout)], math.prod(shape)
    for _ in range(layers):
        stack += [Maxout(before, units, pieces), nn.Dropout(dropout)]
        before = units
    return uniform_weights(nn.Sequential(*stack, nn.Linear(before, 1)), init)
