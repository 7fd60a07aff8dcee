"""Distributions to learn from, on the line and in the plane.

Each has ``sample(n, rng)``, which draws n points as a float tensor (n, d), so it can be the data of
``training.train``. Those that have a density give it as ``pdf(x)`` at the points x.
"""

from __future__ import annotations  # torch is imported only to sample

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from .arguments import as_array, checked, positive

if TYPE_CHECKING:
    import torch

DOT = 0.2  # a dot among strokes weighs as much as a line of this length


@checked
@dataclass(frozen=True)
class GaussianMixture:
    """p(x) = sum_i weight_i N(x; mean_i, std_i^2) on the line. One mean makes it a plain normal.

    A ValueError if the three differ in length, a mean is not finite, a std is not positive, or the
    weights are negative or do not sum to 1.
    """

    means: tuple[float, ...] = (0.0,)
    stds: tuple[float, ...] = (1.0,)
    weights: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if not len(self.means) == len(self.stds) == len(self.weights):
            raise ValueError("means, stds and weights must have the same length")
        if not all(math.isfinite(mean) for mean in self.means):
            raise ValueError(f"means must be finite, not {self.means}")
        if not all(0 < std < math.inf for std in self.stds):
            raise ValueError(f"stds must be positive, not {self.stds}")
        _check_weights(self.weights)

    @checked
    def pdf(self, x: ArrayLike) -> NDArray[np.float64] | np.float64:
        """p(x) at each number of x, in the shape of x."""
        x = as_array("x", x)
        components = zip(self.means, self.stds, self.weights)
        return sum(weight * _normal(x, mean, std) for mean, std, weight in components)

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n draws: (n, 1) float32, on the device of rng."""
        import torch

        table = [self.means, self.stds, self.weights]
        means, stds, weights = torch.tensor(table, dtype=torch.float32, device=rng.device)
        component = torch.multinomial(weights, n, replacement=True, generator=rng)
        z = torch.randn(n, generator=rng, device=rng.device)
        return (means[component] + stds[component] * z)[:, None]


def _normal(x, mean, std):
    return np.exp(-(((x - mean) / std) ** 2) / 2) / np.sqrt(2 * np.pi) / std


@checked
@dataclass(frozen=True)
class IsotropicMixture:
    """p(x) = sum_i weight_i N(x; centre_i, std^2 I) in d dimensions: round heaps of one size.

    centres : K points of d numbers each; weights : K, or None for equal ones

    A ValueError if there is no centre, if they are not finite points of one dimension, if std is
    not positive, or the weights are not K non-negative numbers that sum to 1.
    """

    centres: tuple[tuple[float, ...], ...]
    std: float = 0.05
    weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.centres:
            raise ValueError("centres is empty: name at least one point")
        if len({len(centre) for centre in self.centres}) != 1:
            raise ValueError("centres must be points of one dimension")
        if not np.isfinite(self.centres).all():
            raise ValueError("centres must be finite")
        positive(std=self.std)
        if self.weights is not None:
            if len(self.weights) != len(self.centres):
                raise ValueError("weights and centres must have the same length")
            _check_weights(self.weights)

    @property
    def shares(self) -> NDArray[np.float64]:
        """The weights, (K,), also where none were given."""
        equal = np.full(len(self.centres), 1 / len(self.centres))
        return equal if self.weights is None else np.asarray(self.weights, dtype=float)

    @checked
    def pdf(self, x: ArrayLike) -> NDArray[np.float64]:
        """p(x) at points x (..., d): an array (...)."""
        x, centres = as_array("x", x), np.asarray(self.centres)
        if x.shape[-1:] != centres.shape[1:]:
            raise ValueError(f"x must be points (..., {centres.shape[1]}), not {x.shape}")
        squares = np.square(x[..., None, :] - centres).sum(-1) / self.std**2  # (..., K)
        constant = (2 * np.pi * self.std**2) ** (centres.shape[1] / 2)
        return np.exp(-squares / 2) @ self.shares / constant

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n draws: (n, d) float32, on the device of rng."""
        import torch

        centres = torch.tensor(self.centres, dtype=torch.float32, device=rng.device)
        shares = torch.tensor(self.shares, dtype=torch.float32, device=rng.device)
        component = torch.multinomial(shares, n, replacement=True, generator=rng)
        z = torch.randn(n, centres.shape[1], generator=rng, device=rng.device)
        return centres[component] + self.std * z


@checked(modes=1)
def ring(modes: int = 8, radius: float = 2.0, std: float = 0.05) -> IsotropicMixture:
    """``modes`` equal heaps, evenly spaced on a circle; the first lies to the right.

    The angles are 2 pi i / modes for i = 0, ..., modes - 1. (``linspace(0, 2 pi, 8)`` would put the
    first and the last at one place: seven modes, one of them doubled.) A ValueError if a size is
    not positive.
    """
    positive(radius=radius)
    angles = 2 * np.pi * np.arange(modes) / modes
    points = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return IsotropicMixture(tuple(map(tuple, points.tolist())), std)


@checked(side=1)
def grid(side: int = 5, spacing: float = 1.0, std: float = 0.05) -> IsotropicMixture:
    """``side`` times ``side`` equal heaps on a square lattice about 0, ``spacing`` apart.

    A ValueError if a size is not positive.
    """
    positive(spacing=spacing)
    line = (spacing * (np.arange(side) - (side - 1) / 2)).tolist()
    return IsotropicMixture(tuple((a, b) for a in line for b in line), std)


@checked
@dataclass(frozen=True)
class Segment:
    """The points (theta, u), u even on [0, 1]: a line in the plane, which has no density there.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, example 1.
    """

    theta: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.theta):
            raise ValueError(f"theta must be finite, not {self.theta!r}")

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n draws: (n, 2) float32, on the device of rng."""
        import torch

        u = torch.rand(n, generator=rng, device=rng.device)
        return torch.stack([torch.full_like(u, self.theta), u], dim=1)


@checked
@dataclass(frozen=True)
class Circle:
    """Points even on the circle of this radius about 0; they have no density in the plane."""

    radius: float = 1.0

    def __post_init__(self) -> None:
        positive(radius=self.radius)

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n draws: (n, 2) float32, on the device of rng."""
        import torch

        angle = 2 * math.pi * torch.rand(n, generator=rng, device=rng.device)
        return self.radius * torch.stack([angle.cos(), angle.sin()], dim=1)


@checked
@dataclass(frozen=True)
class SwissRoll:
    """A spiral of one and a half turns from radius 1/2 to 2, and noise of size std about it.

    t is even on [0, 1]; the angle is 3 pi (1/2 + t), the radius 1/2 + 3 t / 2.
    """

    std: float = 0.02

    def __post_init__(self) -> None:
        positive(std=self.std)

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n draws: (n, 2) float32, on the device of rng."""
        import torch

        t = torch.rand(n, generator=rng, device=rng.device)
        angle, radius = 3 * math.pi * (0.5 + t), 0.5 + 1.5 * t
        spiral = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
        return spiral + self.std * torch.randn(n, 2, generator=rng, device=rng.device)


@checked
@dataclass(frozen=True)
class Strokes:
    """Points even along strokes in the plane, by length, and round noise of size std about them.

    strokes : polylines, each a tuple of vertices (x, y); a single vertex is a dot, which weighs as
    much as a line of length DOT

    The density is that of N(0, std^2 I) spread along each line: at distance r from the line's
    course, and s along it, exp(-r^2 / 2 std^2) / (sqrt(2 pi) std) (Phi(s / std) - Phi((s - l) /
    std)) / l for a line of length l.

    A ValueError if there is no stroke, a vertex is not two finite numbers, or std is not positive.
    """

    strokes: tuple[tuple[tuple[float, float], ...], ...]
    std: float = 0.05

    def __post_init__(self) -> None:
        if not self.strokes or not all(self.strokes):
            raise ValueError("strokes is empty: draw at least one point")
        for stroke in self.strokes:
            for vertex in stroke:
                if len(vertex) != 2 or not all(map(math.isfinite, vertex)):
                    raise ValueError(f"strokes must be made of points (x, y), not {vertex!r}")
        positive(std=self.std)

    def pieces(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The straight lines that the strokes consist of: starts (P, 2), ends (P, 2), shares (P,).

        A dot starts where it ends; of a stroke, vertices at one place count once.
        """
        pairs = [pair for stroke in self.strokes for pair in _lines(stroke)]
        starts, ends = np.array(pairs, dtype=float).transpose(1, 0, 2)
        lengths = np.hypot(*(ends - starts).T)
        weights = np.where(lengths > 0, lengths, DOT)
        return starts, ends, weights / weights.sum()

    @checked
    def pdf(self, x: ArrayLike) -> NDArray[np.float64]:
        """p(x) at points x (..., 2): an array (...)."""
        x = as_array("x", x)
        if x.shape[-1:] != (2,):
            raise ValueError(f"x must be points (..., 2), not {x.shape}")
        return sum(
            share * self._pdf_of_piece(x, start, end) for start, end, share in zip(*self.pieces())
        )

    def _pdf_of_piece(self, x, start, end):
        length = np.hypot(*(end - start))
        if length == 0:
            return _normal(x[..., 0], start[0], self.std) * _normal(x[..., 1], start[1], self.std)
        (u, v), away = (end - start) / length, x - start
        along, across = away @ (u, v), away @ (-v, u)
        reached = special.ndtr(along / self.std) - special.ndtr((along - length) / self.std)
        return _normal(across, 0, self.std) * reached / length

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n draws: (n, 2) float32, on the device of rng."""
        import torch

        table = np.column_stack(self.pieces())
        pieces = torch.tensor(table, dtype=torch.float32, device=rng.device)
        piece = torch.multinomial(pieces[:, 4], n, replacement=True, generator=rng)
        u = torch.rand(n, 1, generator=rng, device=rng.device)
        at = torch.lerp(pieces[piece, :2], pieces[piece, 2:4], u)
        return at + self.std * torch.randn(n, 2, generator=rng, device=rng.device)


def _lines(stroke):
    """(start, end) of each line in a polyline; a stroke that goes nowhere is one dot."""
    pairs = [(a, b) for a, b in zip(stroke, stroke[1:]) if tuple(a) != tuple(b)]
    return pairs or [(stroke[0], stroke[0])]


def _check_weights(weights: tuple[float, ...]) -> None:
    negative = any(weight < 0 for weight in weights)
    if negative or not abs(sum(weights) - 1) <= 1e-9:
        raise ValueError(f"weights must be non-negative and sum to 1, not {weights}")
