"""The two players as plain ``nn.Sequential``: multilayer perceptrons for images and for one dimension, and those of the paper;
and the classifier that judges them.

Discriminators return **logits** (B, 1), never probabilities: the losses apply the sigmoid. Initial weights come from ``seed``
alone, and torch's global random state is left as it was.
"""

import functools
import math

import torch
from torch import nn


def seeded(build):
    """Let a builder of nets take ``seed``, and draw its initial weights from that seed only."""

    @functools.wraps(build)
    def wrapper(*args, seed=0, **kwargs):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed would also seed a GPU, for good
            return build(*args, **kwargs)

    return wrapper


@seeded
def mlp_generator(noise_dim=100, shape=(1, 28, 28), hidden=(128, 256, 512, 1024)):
    """G: noise z -> image in [-1, 1], with BatchNorm after every hidden layer but the first, and tanh at the end.

    Shapes: z (B, noise_dim) -> x (B, \\*shape). BatchNorm keeps its default eps of 1e-5; ``BatchNorm1d(n, 0.8)``, as it stands
    in many tutorials, sets eps to 0.8 and costs sharpness.
    Source: multilayer perceptrons as in Goodfellow et al. (2014), section 3, whose layers were others; BatchNorm after Ioffe
    and Szegedy (2015), in G as Radford et al. (2016), section 3, advise.
    """
    _positive(noise_dim=noise_dim)
    _check_hidden(hidden)
    layers = [nn.Linear(noise_dim, hidden[0]), nn.LeakyReLU(0.2, inplace=True)]
    for before, after in zip(hidden, hidden[1:]):
        layers += [nn.Linear(before, after), nn.BatchNorm1d(after), nn.LeakyReLU(0.2, inplace=True)]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], math.prod(shape)), nn.Tanh(), nn.Unflatten(1, shape))


@seeded
def mlp_discriminator(shape=(1, 28, 28), hidden=(512, 256)):
    """D: image -> logit, the plain perceptron that most tutorials use.

    Shapes: x (B, \\*shape) -> logits (B, 1). Source: Goodfellow et al. (2014), section 3.
    """
    _check_hidden(hidden)
    layers, before = [nn.Flatten()], math.prod(shape)
    for width in hidden:
        layers += [nn.Linear(before, width), nn.LeakyReLU(0.2, inplace=True)]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, 1))


@seeded
def relu_generator(noise_dim=100, shape=(1, 28, 28), hidden=(1200, 1200), batch_norm=False, init=0.05):
    """G as in the paper's own experiment on MNIST: rectifiers, and a sigmoid at the end: an image in **[0, 1]**.

    Shapes: z (B, noise_dim) -> x (B, \\*shape). Weights start uniform on (-init, init), biases at 0. ``batch_norm=True`` puts
    BatchNorm before each rectifier, which the paper did not know yet. (The other generators of the course make [-1, 1].)
    Source: Goodfellow et al. (2014), section 5 ("rectifier linear activations and sigmoid activations"); widths and init from
    the configuration that was published with it.
    """
    _positive(noise_dim=noise_dim)
    _check_hidden(hidden)
    layers, before = [], noise_dim
    for width in hidden:
        layers += [nn.Linear(before, width), *[nn.BatchNorm1d(width)] * batch_norm, nn.ReLU()]
        before = width
    layers += [nn.Linear(before, math.prod(shape)), nn.Sigmoid(), nn.Unflatten(1, shape)]
    return _uniform(nn.Sequential(*layers), init)


@seeded
def toy_generator(noise_dim=1, hidden=(32, 32)):
    """G for one-dimensional data: z (B, noise_dim) -> x (B, 1), tanh units, so that x is a smooth function of z."""
    _positive(noise_dim=noise_dim)
    return _tanh_mlp(noise_dim, hidden)


@seeded
def toy_discriminator(hidden=(32, 32)):
    """D for one-dimensional data: x (B, 1) -> logits (B, 1), tanh units, so that D is a smooth function of x."""
    return _tanh_mlp(1, hidden)


def _tanh_mlp(inputs, hidden):
    _check_hidden(hidden)
    widths = [inputs, *hidden]
    pairs = [(nn.Linear(before, after), nn.Tanh()) for before, after in zip(widths, widths[1:])]
    return nn.Sequential(*(layer for pair in pairs for layer in pair), nn.Linear(widths[-1], 1))


class Maxout(nn.Module):
    """A layer whose unit i answers max over j of w_ij . x + b_ij: it learns the shape of its own activation.

    Shapes: x (B, inputs) -> (B, units), each the largest of ``pieces`` linear functions.
    Source: Goodfellow et al. (2013), Maxout Networks, section 2; used for D in Goodfellow et al. (2014), section 5.
    """

    def __init__(self, inputs, units, pieces):
        super().__init__()
        _positive(inputs=inputs, units=units, pieces=pieces)
        self.linear = nn.Linear(inputs, units * pieces)
        self.pieces = pieces

    def forward(self, x):
        return self.linear(x).unflatten(-1, (-1, self.pieces)).amax(-1)


@seeded
def maxout_discriminator(shape=(1, 28, 28), units=240, pieces=5, layers=2, dropout=0.5, input_dropout=0.2, init=0.005):
    """D as in the paper: maxout layers with dropout after each, and on the pixels. Shapes: x (B, \\*shape) -> logits (B, 1).

    Weights start uniform on (-init, init), biases at 0.
    Source: Goodfellow et al. (2014), section 5 ("maxout activations", "dropout was applied in training the discriminator net");
    the numbers from the configuration that was published with it.
    """
    _positive(units=units, pieces=pieces, layers=layers)
    widths = [math.prod(shape), *[units] * layers]
    stack = [layer for pair in zip(widths, widths[1:]) for layer in (Maxout(*pair, pieces), nn.Dropout(dropout))]
    return _uniform(nn.Sequential(nn.Flatten(), nn.Dropout(input_dropout), *stack, nn.Linear(units, 1)), init)


def _uniform(net, init):
    for parameter in [p for module in net.modules() if isinstance(module, nn.Linear) for p in module.parameters()]:
        nn.init.uniform_(parameter, -init, init) if parameter.ndim > 1 else nn.init.zeros_(parameter)
    return net


@seeded
def digit_classifier(classes=10, features=64):
    """A small convolutional net that tells digits apart. Shapes: x (B, 1, 28, 28) in [-1, 1] -> logits (B, classes).

    All but its last layer, ``net[:-1]``, map an image to its features (B, features), which are at least 0.
    Source: after LeCun et al. (1998), Gradient-Based Learning Applied to Document Recognition, with strides for its pooling.
    """
    _positive(classes=classes, features=features)
    convolutions = [nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(16, 32, 5, stride=2, padding=2), nn.ReLU()]
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(32 * 7 * 7, features), nn.ReLU(), nn.Linear(features, classes))


def _check_hidden(hidden):
    if not len(hidden):
        raise ValueError("hidden is empty: name the width of at least one hidden layer")
    _positive(**{f"hidden[{i}]": width for i, width in enumerate(hidden)})


def _positive(**sizes):
    for name, size in sizes.items():
        if not (isinstance(size, int) and size > 0):
            raise ValueError(f"{name} must be a positive whole number, not {size!r}")
