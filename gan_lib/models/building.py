"""What the builders of nets share: weights from a seed, and checks of the sizes they are given."""

import functools
from collections.abc import Callable, Sequence

import torch
from torch import nn


def seeded(build: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """Let a builder of nets take ``seed``, and draw its initial weights from that seed only."""

    @functools.wraps(build)
    def wrapper(*args, seed: int = 0, **kwargs) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed would also seed a GPU
            return build(*args, **kwargs)

    return wrapper


def check_hidden(hidden: Sequence[int]) -> None:
    """Raise ValueError unless ``hidden`` names the width of at least one hidden layer."""
    if not len(hidden):
        raise ValueError("hidden is empty: name the width of at least one hidden layer")
    check_positive(**{f"hidden[{i}]": width for i, width in enumerate(hidden)})


def check_positive(**sizes: int) -> None:
    """Raise ValueError for a size, given by name, that is not a positive whole number."""
    for name, size in sizes.items():
        if not (isinstance(size, int) and size > 0):
            raise ValueError(f"{name} must be a positive whole number, not {size!r}")


def uniform_weights(net: nn.Module, width: float) -> nn.Module:
    """``net`` with the weights of its linear layers drawn from (-width, width), and biases of 0."""
    for module in net.modules():
        if isinstance(module, nn.Linear):
            nn.init.uniform_(module.weight, -width, width)
            nn.init.zeros_(module.bias)
    return net
