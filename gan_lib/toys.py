"""Distributions to learn from whose densities are known.

Each has the same two methods: ``sample(n, rng)`` draws n points as a float tensor (n, d), so it can
be the data of ``training.train``; ``pdf(x)`` is the density at the points x.
"""

from __future__ import annotations  # torch is imported only to sample

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import torch


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
        negative = any(weight < 0 for weight in self.weights)
        if negative or not abs(sum(self.weights) - 1) <= 1e-9:
            raise ValueError(f"weights must be non-negative and sum to 1, not {self.weights}")

    def pdf(self, x: ArrayLike) -> NDArray[np.float64] | np.float64:
        """p(x) at each number of x, in the shape of x."""
        x = np.asarray(x, dtype=float)
        components = zip(self.means, self.stds, self.weights)
        return sum(weight * _normal(x, mean, std) for mean, std, weight in components)

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
