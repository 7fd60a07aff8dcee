"""The Wasserstein distance on a line."""

import numpy as np
from scipy.integrate import cumulative_trapezoid, trapezoid
from scipy.stats import wasserstein_distance

from ..engine import Task, mistakes, seed_of


def heaps_to_carry(variant):
    """[(shares p, shares q, places)]: places at uneven distances, shares that sum to 1."""
    rng = np.random.default_rng(seed_of(variant))
    cases = []
    for n in (3, 5, 12):
        places = np.cumsum(rng.uniform(0.2, 2.0, n)) - n / 2
        cases.append((*rng.dirichlet(np.ones(n), 2), places))
    places = np.array([-2.0, -1.5, 0.0, 0.25, 3.0])
    out_of_the_middle = np.array([0.35, 0.0, 0.0, 0.0, 0.65])  # to both sides: nothing may cancel
    far = rng.uniform(3.0, 6.0)
    return [
        *cases,
        (np.eye(5)[2], out_of_the_middle, places),
        (np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.5, 0.5 + far])),
    ]


def past(p, q):
    """What is carried over each gap between two places: F_p - F_q, (n - 1,)."""
    return np.cumsum(p - q)[:-1]


def carry(p, q, x):
    in_hand, work = 0.0, 0.0
    for i in range(len(x) - 1):
        in_hand += p[i] - q[i]
        work += abs(in_hand) * (x[i + 1] - x[i])
    return work


def smooth_integral(p, q, x):
    return trapezoid(np.abs(np.cumsum(p) - np.cumsum(q)), x)


wasserstein1 = Task(
    "wasserstein1",
    "wasserstein1(p, q, x): mass times distance, for shares p and q of heaps at the places x",
    lambda p, q, x: float((np.abs(past(p, q)) * np.diff(x)).sum()),
    heaps_to_carry,
    mistakes(
        "you squared what is carried. Work is mass times distance: take the absolute value.",
        lambda p, q, x: (past(p, q) ** 2 * np.diff(x)).sum(),
        "you squared what is carried, and took the root of the sum. Take the absolute value, and "
        "no root.",
        lambda p, q, x: (past(p, q) ** 2 * np.diff(x)).sum() ** 0.5,
        "no absolute value: what is carried to the left and what is carried to the right cancel. "
        "Take |F_p - F_q|.",
        lambda p, q, x: (past(p, q) * np.diff(x)).sum(),
        "no absolute value: F_q - F_p can be negative, and then work seems to be won back. Take "
        "|F_p - F_q|.",
        lambda p, q, x: (past(q, p) * np.diff(x)).sum(),
        "the absolute value comes too late: take |F_p - F_q| over each gap, *before* you sum, or "
        "left and right cancel, and only the difference of the two means is left.",
        lambda p, q, x: abs((past(p, q) * np.diff(x)).sum()),
        lambda p, q, x: abs((p * x).sum() - (q * x).sum()),
        "the distances are missing: each gap has its own length, np.diff(x).",
        lambda p, q, x: np.abs(past(p, q)).sum(),
        "you took the mean of |F_p - F_q|, as if all gaps were of one length. Multiply each by its "
        "own length, np.diff(x), and sum.",
        lambda p, q, x: np.abs(past(p, q)).mean(),
        lambda p, q, x: np.abs(np.cumsum(p - q)).mean(),
        "all gaps are taken to be as long as the first, x[1] - x[0]. These places are uneven: use "
        "np.diff(x).",
        lambda p, q, x: np.abs(past(p, q)).sum() * (x[1] - x[0]),
        "what is carried over a gap is multiplied by the length of the gap *before* it. After the "
        "first i + 1 heaps comes the way from x[i] to x[i + 1].",
        lambda p, q, x: (np.abs(np.cumsum(p - q)) * np.diff(x, prepend=x[0])).sum(),
        lambda p, q, x: (np.abs(past(p, q))[:-1] * np.diff(x)[1:]).sum(),
        "shares are no densities: p[i] is the mass *at* x[i], so F_p is a bare sum, np.cumsum(p). "
        "cumulative_trapezoid would spread it over the gaps.",
        lambda p, q, x: trapezoid(np.abs(cumulative_trapezoid(p - q, x, initial=0)), x),
        lambda p, q, x: (np.abs(cumulative_trapezoid(p - q, x)) * np.diff(x)).sum(),
        "over a gap F does not change: it is a staircase, and jumps at the places. The trapezoidal "
        "rule draws slopes where there are steps: multiply |F_p - F_q| left of each gap by the "
        "gap's length.",
        smooth_integral,
        "you compared the shares p and q themselves, which is blind to distance. Compare F_p and "
        "F_q, the sums up to x.",
        lambda p, q, x: np.abs(p - q).sum(),
        lambda p, q, x: trapezoid(np.abs(p - q), x),
        "this is total variation: it compares the shares, and is blind to distance. Compare F_p "
        "and F_q.",
        lambda p, q, x: np.abs(p - q).sum() / 2,
        "you took the largest gap between F_p and F_q. W1 is the whole area between them.",
        lambda p, q, x: np.abs(past(p, q)).max(),
        "you halved it. Total variation has a half, W1 has none.",
        lambda p, q, x: (np.abs(past(p, q)) * np.diff(x)).sum() / 2,
    ),
    also_right=(lambda p, q, x: wasserstein_distance(x, x, p, q), carry),
)
