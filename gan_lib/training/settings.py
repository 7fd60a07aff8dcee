"""What, with the nets and the data, determines a run; a checkpoint keeps it as plain numbers."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal

from ..objectives import OBJECTIVES, OWN

NOISE_WIDTHS = {"normal": None, "uniform": 1.0, "unit uniform": math.sqrt(3)}  # on (-width, width)


@dataclass(frozen=True)
class RunSettings:
    """What every run has. Numbers of numpy and torch are taken, and kept as plain ones.

    Raises
    ------
    ValueError
        For a setting out of range or of another type, by name.
    """

    steps: int = 3000  # length of the run
    batch_size: int = 256  # samples in a minibatch: the paper's m
    optimizer: Literal["adam", "sgd", "own"] = "adam"  # "own": given to start as optimizers
    betas: tuple[float, float] = (0.5, 0.999)  # Adam's
    momentum: float = 0.5  # of gradient descent (sgd)
    decay_from: float = 1.0  # from this share of the run on, rates fall linearly to 0; 1: never
    average: float | None = 0.999  # weights are averaged over about 1 / (1 - average) steps
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # of the products of both passes
    seed: int = 0  # of noise, minibatches and dropout

    def __post_init__(self):
        self._keep(_whole, "steps", "batch_size")
        self._require("a positive whole number", lambda n: n > 0, "steps", "batch_size")
        self._keep(_whole, "seed")
        self._keep(_pair, "betas")
        self._require("two numbers in [0, 1)", lambda b: all(0 <= x < 1 for x in b), "betas")
        self._keep(_real, "momentum", "decay_from", "average")
        self._require("a number in [0, 1)", lambda m: 0 <= m < 1, "momentum")
        self._require(
            "a share of the run, from 0 to 1", lambda share: 0 <= share <= 1, "decay_from"
        )
        self._require("None or a number in [0, 1)", lambda d: d is None or 0 <= d < 1, "average")
        self._choose("optimizer", "adam", "sgd", "own")
        self._choose("precision", "auto", "float32", "bfloat16")

    def learning_rate(self, net: str) -> float:
        """The learning rate of the net of this name, at the start."""
        raise NotImplementedError

    def _keep(self, kind: Callable, *names: str) -> None:
        for name in names:
            given = getattr(self, name)
            try:
                object.__setattr__(self, name, None if given is None else kind(given))
            except (TypeError, ValueError):
                raise ValueError(f"{name} must be {kind.__doc__}, not {given!r}") from None

    def _require(self, what: str, holds: Callable, *names: str) -> None:
        for name in names:
            try:
                fits = holds(getattr(self, name))
            except TypeError:  # None, where a number is needed
                fits = False
            if not fits:
                raise ValueError(f"{name} must be {what}, not {getattr(self, name)!r}")

    def _choose(self, name: str, *choices: str) -> None:
        if getattr(self, name) not in choices:
            listed = ", ".join(f'"{choice}"' for choice in choices)
            raise ValueError(f"{name} must be one of {listed}, not {getattr(self, name)!r}")


@dataclass(frozen=True)
class Settings(RunSettings):
    """The settings of a game between G and D.

    ``objective`` names a row of :data:`gan_lib.objectives.OBJECTIVES`; "own" stands for an
    :class:`~gan_lib.objectives.Objective` that was given to ``start``. ``precision`` "auto" takes
    bfloat16 where the processor computes in it and the nets are wide enough to profit; "float32"
    means torch's "medium" for wide nets: true float32 on most processors, while those with AMX
    round the factors of a product to bfloat16, and CUDA to TF32.
    """

    k: int = 1  # D's steps for one of G's: the paper's k
    lr_d: float = 6e-4  # D's learning rate
    lr_g: float = 6e-4  # G's learning rate
    objective: str = "non_saturating"  # the game: what D and G descend
    penalty_weight: float | None = None  # in place of the table's: lambda, or gamma; None: that one
    clip: float | None = None  # in place of the limit that the table clips at; None: that one
    r1: float = 0.0  # gamma of an R1 penalty that is added to the game's own; 0: none
    penalty_every: int = 1  # penalties on every n-th of D's steps only, n times as strong
    noise: Literal["normal", "uniform", "unit uniform"] = "normal"  # unit: of variance 1
    noise_dim: int = 100  # numbers in z
    instance_noise: float = 0.0  # standard deviation of noise on all that D sees, at the start
    instance_noise_until: float = 1.0  # the share of the run in which it falls linearly to 0

    def __post_init__(self):
        super().__post_init__()
        self._keep(_whole, "k", "noise_dim", "penalty_every")
        self._require("a positive whole number", lambda n: n > 0, "k", "noise_dim", "penalty_every")
        self._keep(
            _real,
            "lr_d",
            "lr_g",
            "r1",
            "penalty_weight",
            "clip",
            "instance_noise",
            "instance_noise_until",
        )
        self._require("a positive number", lambda rate: 0 < rate < math.inf, "lr_d", "lr_g")
        self._require(
            "a number that is at least 0", lambda x: 0 <= x < math.inf, "r1", "instance_noise"
        )
        self._require(
            "None or a positive number",
            lambda x: x is None or 0 < x < math.inf,
            "penalty_weight",
            "clip",
        )
        self._require("a share of the run, above 0", lambda x: 0 < x <= 1, "instance_noise_until")
        self._choose("noise", *NOISE_WIDTHS)
        self._choose("objective", *OBJECTIVES, OWN)

    def learning_rate(self, net: str) -> float:
        """lr_g for the generator, lr_d for the discriminator."""
        return {"generator": self.lr_g, "discriminator": self.lr_d}[net]


@dataclass(frozen=True)
class FitSettings(RunSettings):
    """The settings of nets that descend one loss together, such as those of a VAE."""

    lr: float = 1e-3  # the learning rate of all nets
    betas: tuple[float, float] = (0.9, 0.999)  # Adam's, as torch has them
    average: float | None = None  # no averaged weights

    def __post_init__(self):
        super().__post_init__()
        self._keep(_real, "lr")
        self._require("a positive number", lambda rate: 0 < rate < math.inf, "lr")

    def learning_rate(self, net: str) -> float:
        """lr, whichever net it is."""
        return self.lr


def _whole(number) -> int:
    """a whole number"""
    if isinstance(number, bool):
        raise TypeError
    return operator.index(number)


def _real(number) -> float:
    """a number"""
    if isinstance(number, (bool, str, bytes)):
        raise TypeError
    return float(number)


def _pair(numbers) -> tuple[float, float]:
    """two numbers"""
    first, second = numbers
    return _real(first), _real(second)


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
