"""The Wasserstein distance on a line."""

import numpy as np
from scipy.integrate import cumulative_trapezoid, trapezoid
from scipy.stats import norm, wasserstein_distance

from ..engine import Task, mistakes
from .grids import bump


def pairs_to_carry(variant):
    shift, far, wide = 1.5, 4.0, 1.6
    if variant is not None:
        rng = np.random.default_rng(variant)
        shift, far, wide = rng.uniform((0.5, 2.5, 1.2), (2.0, 4.0, 1.8))
    x, fine = np.linspace(-10, 10, 4001), np.linspace(-8, 8, 4001)
    return [
        (norm.pdf(x), norm.pdf(x, shift), x),
        (norm.pdf(x, 0.0, 0.8), norm.pdf(x, -shift, 0.8), x),
        (norm.pdf(x, -1.0, 0.6), norm.pdf(x, 0.2, wide), x),
        (norm.pdf(x, 0.0, 0.7), norm.pdf(x, 0.0, wide), x),  # left and right must not cancel
        (bump(fine, -2.0, 2.0), bump(fine, -2.0 + far, 2.0), fine),
    ]


def between(p, q, x):
    """F_p - F_q."""
    return cumulative_trapezoid(p, x, initial=0) - cumulative_trapezoid(q, x, initial=0)


def carry(p, q, x):
    dx, total, work = x[1] - x[0], 0.0, 0.0
    for a, b in zip(p, q):
        total += (a - b) * dx
        work += abs(total) * dx
    return work


wasserstein1 = Task(
    "wasserstein1",
    "wasserstein1(p, q, x): the area between the distribution functions, in the unit of x",
    lambda p, q, x: float(trapezoid(np.abs(between(p, q, x)), x)),
    pairs_to_carry,
    mistakes(
        "you squared the difference. Work is mass times distance: take the absolute value.",
        lambda p, q, x: trapezoid(between(p, q, x) ** 2, x),
        "you squared the difference and took the root of the integral. Take the absolute value, "
        "and no root.",
        lambda p, q, x: trapezoid(between(p, q, x) ** 2, x) ** 0.5,
        "no absolute value: what is carried to the left and what is carried to the right cancel. "
        "Take |F_p - F_q|.",
        lambda p, q, x: trapezoid(between(p, q, x), x),
        "no absolute value: F_q - F_p can be negative, and then work seems to be won back. Take "
        "|F_p - F_q|.",
        lambda p, q, x: trapezoid(between(q, p, x), x),
        "the absolute value comes too late: take |F_p - F_q| at each x, *before* you integrate, "
        "or left and right cancel, and only the difference of the two means is left.",
        lambda p, q, x: abs(trapezoid(between(p, q, x), x)),
        lambda p, q, x: abs(trapezoid(p * x, x) - trapezoid(q * x, x)),
        "dx is missing once. Either F is a bare sum (it must end at 1), or the integral of "
        "|F_p - F_q| is: use cumulative_trapezoid and trapezoid, or multiply by the step "
        "x[1] - x[0].",
        lambda p, q, x: np.abs(between(p, q, x)).sum(),
        lambda p, q, x: trapezoid(np.abs(np.cumsum(p) - np.cumsum(q)), x),
        "you took the mean of |F_p - F_q| over the grid points. An integral is a sum times dx: "
        "use trapezoid(..., x).",
        lambda p, q, x: np.abs(between(p, q, x)).mean(),
        "dx is missing twice, in F (which must end at 1) and in the integral.",
        lambda p, q, x: np.abs(np.cumsum(p) - np.cumsum(q)).sum(),
        "you compared the densities p and q themselves, which is blind to distance. Compare F_p "
        "and F_q, the areas up to x.",
        lambda p, q, x: trapezoid(np.abs(p - q), x),
        "this is total variation: it compares the densities, and is blind to distance. Compare "
        "F_p and F_q.",
        lambda p, q, x: trapezoid(np.abs(p - q), x) / 2,
        "you took the largest gap between F_p and F_q. W1 is the whole area between them.",
        lambda p, q, x: np.abs(between(p, q, x)).max(),
        "you halved it. Total variation has a half, W1 has none.",
        lambda p, q, x: trapezoid(np.abs(between(p, q, x)), x) / 2,
    ),
    also_right=(
        lambda p, q, x: np.abs(np.cumsum(p - q)).sum() * (x[1] - x[0]) ** 2,
        lambda p, q, x: wasserstein_distance(x, x, p, q),
        carry,
    ),
    tolerance=2e-3,  # sums times dx are right, too
)
