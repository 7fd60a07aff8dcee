"""What the builders of nets share: weights from a seed, and checks of the sizes they are given."""

import functools
import inspect
from collections.abc import Callable, Sequence

import torch
from torch import nn

from ..arguments import check, checked


def seeded(build: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """Let a builder of nets take ``seed``, and draw its initial weights from that seed only.

    Its arguments are held against its annotations; whole numbers are sizes, at least 1.
    """
    parameters = inspect.signature(build).parameters.values()
    sizes = {p.name: 1 for p in parameters if "int" in str(p.annotation)}
    build = checked(build, **sizes)

    @functools.wraps(build)
    def wrapper(*args, seed: int = 0, **kwargs) -> nn.Module:
        check("seed", seed, int)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed would also seed a GPU
            return build(*args, **kwargs)

    plain = inspect.signature(build)
    seed = inspect.Parameter("seed", inspect.Parameter.KEYWORD_ONLY, default=0, annotation=int)
    wrapper.__signature__ = plain.replace(parameters=[*plain.parameters.values(), seed])
    return wrapper


def check_hidden(hidden: Sequence[int]) -> None:
    """Raise ValueError unless ``hidden`` names the width of at least one hidden layer."""
    if not len(hidden):
        raise ValueError("hidden is empty: name the width of at least one hidden layer")


def uniform_weights(net: nn.Module, width: float) -> nn.Module:
    """``net`` with the weights of its linear layers drawn from (-width, width), and biases of 0."""
    if not 0 <= width < 1e30:
        raise ValueError(f"init must be a number that is at least 0, not {width!r}")
    for module in net.modules():
        if isinstance(module, nn.Linear):
            nn.init.uniform_(module.weight, -width, width)
            nn.init.zeros_(module.bias)
    return net


def quartered(shape: Sequence[int], channels: Sequence[int]) -> tuple[int, int, int]:
    """An image's colours, and its sides divided by 4: those of the smallest picture inside a net.

    Raises
    ------
    ValueError
        For a ``shape`` that is not (colours, height, width) with sides that are multiples of 4, or
        ``channels`` that are not two positive numbers.
    """
    if len(shape) != 3 or any(side % 4 for side in shape[1:]):
        what = "(colours, height, width) with sides that are multiples of 4"
        raise ValueError(f"shape must be {what}, not {tuple(shape)}")
    if len(channels) != 2:
        raise ValueError(f"channels must be two numbers, not {tuple(channels)}")
    colours, height, width = shape
    return colours, height // 4, width // 4


def channels_last(*layers: nn.Module) -> nn.Sequential:
    """The layers one after another, the weights of convolutions with the channels last in memory.

    That is how processors multiply them fastest; the numbers are the same.
    """
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)
