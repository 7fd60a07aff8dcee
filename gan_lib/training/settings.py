"""What, with the nets and the data, determines a run; a checkpoint keeps it as plain numbers."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from ..objectives import OBJECTIVES, OWN

NOISE_WIDTHS = {"normal": None, "uniform": 1.0, "unit uniform": math.sqrt(3)}  # on (-width, width)


def setting(default: Any, kind: Callable, holds: Callable, what: str) -> Any:
    """A field whose value is made a plain number by ``kind``, and refused unless it ``holds``."""
    return field(default=default, metadata={"kind": kind, "holds": holds, "what": what})


def whole(number: Any) -> int:
    """An int of any library, as Python's own; True and 2.0 are none."""
    if isinstance(number, bool):
        raise TypeError
    return operator.index(number)


def real(number: Any) -> float:
    """A number of any library, as Python's own."""
    if isinstance(number, (bool, str, bytes)):
        raise TypeError
    return float(number)


def pair(numbers: Any) -> tuple[float, float]:
    """Two numbers of any library."""
    first, second = numbers
    return real(first), real(second)


def count(default: int) -> Any:
    """A field for a positive whole number."""
    return setting(default, whole, lambda n: n > 0, "a positive whole number")


def rate(default: float) -> Any:
    """A field for a positive number."""
    return setting(default, real, lambda x: 0 < x < math.inf, "a positive number")


def strength(default: float) -> Any:
    """A field for a number that is at least 0."""
    return setting(default, real, lambda x: 0 <= x < math.inf, "a number that is at least 0")


def share(default: float) -> Any:
    """A field for a share of the run."""
    return setting(default, real, lambda x: 0 <= x <= 1, "a share of the run, from 0 to 1")


def decay(default: float) -> Any:
    """A field for how much of what was is kept at each step."""
    return setting(default, real, lambda x: 0 <= x < 1, "a number in [0, 1)")


def choice(default: str, *choices: str) -> Any:
    """A field for one of these words."""
    listed = ", ".join(f'"{word}"' for word in choices)
    return setting(default, str, lambda word: word in choices, f"one of {listed}")


def betas_of_adam(default: tuple[float, float]) -> Any:
    """A field for two decays."""
    return setting(default, pair, lambda b: all(0 <= x < 1 for x in b), "two numbers in [0, 1)")


@dataclass(frozen=True)
class RunSettings:
    """What every run has. Numbers of numpy and torch are taken, and kept as plain ones.

    Raises
    ------
    ValueError
        For a setting out of range or of another type, by name.
    """

    steps: int = count(3000)  # length of the run
    batch_size: int = count(256)  # samples in a minibatch: the paper's m
    optimizer: str = choice("adam", "adam", "sgd", "own")  # "own": given to start as optimizers
    betas: tuple[float, float] = betas_of_adam((0.5, 0.999))  # Adam's
    momentum: float = decay(0.5)  # of gradient descent (sgd)
    decay_from: float = share(1.0)  # from this share of the run on, rates fall linearly to 0
    average: float | None = decay(0.999)  # weights are averaged over about 1 / (1 - average) steps
    precision: str = choice("auto", "auto", "float32", "bfloat16")  # of the products of both passes
    # of all that is drawn
    seed: int = setting(0, whole, lambda n: abs(n) < 2**63, "a whole number of 64 bits")

    def __post_init__(self):
        for each in fields(self):
            given = getattr(self, each.name)
            if given is None and "None" in str(each.type):
                continue
            try:
                plain = each.metadata["kind"](given)
                fits = each.metadata["holds"](plain)
            except (TypeError, ValueError):
                fits = False
            if not fits:
                optional = "None or " if "None" in str(each.type) else ""
                what = optional + each.metadata["what"]
                raise ValueError(f"{each.name} must be {what}, not {given!r}")
            object.__setattr__(self, each.name, plain)

    def learning_rate(self, net: str) -> float:
        """The learning rate of the net of this name, at the start."""
        raise NotImplementedError


@dataclass(frozen=True)
class Settings(RunSettings):
    """The settings of a game between G and D.

    ``objective`` names a row of :data:`gan_lib.objectives.OBJECTIVES`; "own" stands for an
    :class:`~gan_lib.objectives.Objective` that was given to ``start``. ``precision`` "auto" takes
    bfloat16 where the processor computes in it and the nets are wide enough to profit; "float32"
    means torch's "medium" for wide nets: true float32 on most processors, while those with AMX
    round the factors of a product to bfloat16, and CUDA to TF32.
    """

    k: int = count(1)  # D's steps for one of G's: the paper's k
    lr_d: float = rate(6e-4)  # D's learning rate
    lr_g: float = rate(6e-4)  # G's learning rate
    objective: str = choice("non_saturating", *OBJECTIVES, OWN)  # the game
    penalty_weight: float | None = rate(None)  # in place of the table's: lambda, or gamma
    clip: float | None = rate(None)  # in place of the limit at which the table clips
    r1: float = strength(0.0)  # gamma of an R1 penalty that is added to the game's own; 0: none
    penalty_every: int = count(1)  # penalties on every n-th of D's steps only, n times as strong
    noise: str = choice("normal", *NOISE_WIDTHS)  # unit uniform: of variance 1, like normal
    noise_dim: int = count(100)  # numbers in z
    instance_noise: float = strength(0.0)  # standard deviation, at first, of noise on D's samples
    instance_noise_until: float = share(1.0)  # the share of the run in which it falls to 0

    def learning_rate(self, net: str) -> float:
        """lr_g for the generator, lr_d for the discriminator."""
        if net not in ("generator", "discriminator"):
            raise ValueError(f"net must be generator or discriminator, not {net!r}")
        return self.lr_g if net == "generator" else self.lr_d


@dataclass(frozen=True)
class FitSettings(RunSettings):
    """The settings of nets that descend one loss together, such as those of a VAE."""

    lr: float = rate(1e-3)  # the learning rate of all nets
    betas: tuple[float, float] = betas_of_adam((0.9, 0.999))  # Adam's, as torch has them
    average: float | None = decay(None)  # no averaged weights

    def learning_rate(self, net: str) -> float:
        """lr, whichever net it is."""
        return self.lr


def from_dict(kind: type[RunSettings], entries: dict) -> RunSettings:
    """Settings of this kind from what a checkpoint keeps; fields that it lacks get their defaults.

    Raises
    ------
    ValueError
        For an entry that is no field, or out of range.
    """
    unknown = entries.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
    return kind(**entries)
