"""The best critic on a line, without training: a function of slope at most 1 that earns W1."""

from types import SimpleNamespace

import numpy as np
from scipy.stats import wasserstein_distance

from ..engine import Sign, Task, mistakes, seed_of


def two_sets(variant):
    """(fake, real), of unequal sizes, in no order."""
    rng = np.random.default_rng([64, seed_of(variant)])
    return [
        (rng.normal(0, 1, 7), rng.normal(3, 1, 5)),  # mostly to the right
        (rng.normal(0, 2.0, 9), rng.normal(0.3, 0.5, 14)),  # to the middle, from both sides
        (rng.normal(0, 30, 6), rng.normal(10, 20, 8)),  # gaps above 1
        (rng.integers(0, 6, 12) / 4, rng.integers(2, 9, 10) / 4),  # ties
        (rng.normal(5, 0.1, 4), rng.normal(-5, 3, 11)),  # far to the left
    ]


def hired(best_critic, fake, real):
    """What the critic earns, and its steepest slope; or what was returned for a function."""
    f = best_critic(fake, real)
    if not callable(f):
        return SimpleNamespace(kind=type(f).__name__, earned=np.nan, steepest=np.nan, most=np.nan)
    low, high = min(fake.min(), real.min()), max(fake.max(), real.max())
    places = np.unique([*fake, *real, *np.linspace(low - 1, high + 1, 301)])
    steepest = np.abs(np.diff(prices(f, places)) / np.diff(places)).max()
    earned = prices(f, real).mean() - prices(f, fake).mean()
    most = wasserstein_distance(fake, real)
    return SimpleNamespace(kind="", earned=earned, steepest=steepest, most=most)


def prices(f, places):
    """f at each of the places, whether or not it takes them all at once."""
    try:
        found = np.asarray(f(places), dtype=float)
    except (TypeError, ValueError):
        found = None
    if found is None or found.shape != places.shape:
        found = np.array([float(f(place)) for place in places])
    return found


def staircase(sample, at, side="right"):
    """The share of a sample up to each place."""
    return np.searchsorted(np.sort(sample), at, side=side) / len(sample)


def critic(slope, step=np.diff):
    """A critic from its slope just after each place but the last: ``slope(fake, real, places)``."""

    def best_critic(fake, real):
        places = np.unique(np.concatenate([fake, real]))
        heights = np.append(0, np.cumsum(slope(fake, real, places) * step(places)))
        return lambda x: np.interp(x, places, heights)

    return best_critic


def excess(fake, real, places):
    """F of the fakes minus F of the data, just after each place."""
    return staircase(fake, places[:-1]) - staircase(real, places[:-1])


def by_sign(fake, real, places):
    return np.sign(excess(fake, real, places))


def in_numbers(fake, real, places):
    at = places[:-1, None]
    return np.sign((fake <= at).sum(1) - (real <= at).sum(1))


def by_what_lies_there(fake, real, places):
    return np.where(np.isin(places[:-1], fake), 1.0, -1.0)


def by_linear_program(fake, real):
    """Prices at the places by scipy, and between them the highest that slope 1 allows."""
    from scipy.optimize import linprog

    places = np.unique(np.concatenate([fake, real]))
    gain = np.array([(real == x).mean() - (fake == x).mean() for x in places])
    rises = np.diff(np.eye(len(places)), axis=0)
    bounds = [(0, 0), *[(None, None)] * (len(places) - 1)]
    gaps = np.tile(np.diff(places), 2)
    at = linprog(-gain, A_ub=np.concatenate([rises, -rises]), b_ub=gaps, bounds=bounds).x
    return lambda x: (at + np.abs(np.asarray(x)[..., None] - places)).min(-1)


def one_at_a_time(fake, real):
    """A critic that takes a number, written with loops."""
    places = sorted({*fake.tolist(), *real.tolist()})
    heights = [0.0]
    for a, b in zip(places, places[1:]):
        more = sum(x <= a for x in fake) / len(fake) - sum(x <= a for x in real) / len(real)
        heights.append(heights[-1] + (b - a if more > 0 else a - b))

    def f(x):
        if x <= places[0]:
            return heights[0]
        for a, b, low, high in zip(places, places[1:], heights, heights[1:]):
            if x <= b:
                return low + (high - low) * (x - a) / (b - a)
        return heights[-1]

    return f


def straight(fake, real):
    side = np.sign(real.mean() - fake.mean())
    return lambda x: side * np.asarray(x)


def turned(fake, real):
    f = critic(by_sign)(fake, real)
    return lambda x: -f(x)


best_critic = Task(
    "best_critic",
    "best_critic(fake, real): a function of slope at most 1",
    critic(by_sign),
    two_sets,
    mistakes(
        "return a *function* f, which takes an array of places; yours is of the type {}. "
        "`np.interp` inside a `lambda x: ...` makes one.",
        Sign(lambda seen, *case: seen.kind),
        lambda fake, real: wasserstein_distance(fake, real),
        lambda fake, real: np.cumsum(np.sign(np.sort(fake)[:4] - np.sort(real)[:4])),
        "upside down: this haulier buys dear and sells cheap. Where F_fake > F_real earth must go "
        "right, so there the price rises.",
        turned,
        "you counted samples. The two sets have different sizes: compare the *shares* up to x.",
        critic(in_numbers),
        "your slope is the difference of the two staircases. Only its *sign* counts: slope 1 is "
        "allowed, so use all of it.",
        critic(excess),
        "your slope looks at which kind of sample stands at a place. It must look at all samples "
        "up to there: F_fake - F_real.",
        critic(by_what_lies_there),
        "your price changes by 1 from place to place, however far apart they are. It is the "
        "*slope* that is 1: multiply by the gaps, np.diff(places).",
        critic(by_sign, step=lambda places: np.ones(len(places) - 1)),
        "each slope stands one gap too far left: between places[i] and places[i + 1] it is F at "
        "places[i] that counts, and you took F at places[i + 1].",
        critic(lambda fake, real, x: np.sign(staircase(fake, x[1:]) - staircase(real, x[1:]))),
        "a straight list earns the difference of the means, and no more. Where the fakes lie on "
        "both sides of the data it has to turn.",
        straight,
        "somewhere your critic has the slope {}. No slope may exceed 1, not even at a jump.",
        Sign(lambda seen, *case: seen.steepest > 1 + 1e-6 and f"{seen.steepest:.6g}"),
        lambda fake, real: lambda x: staircase(fake, x) - staircase(real, x),
        lambda fake, real: lambda x: 2 * np.abs(x - np.median(fake)),
        "no slope exceeds 1, but there is a better list: {}.",
        Sign(
            lambda seen, *case: (
                seen.earned < seen.most * (1 - 1e-6)
                and f"yours earns {seen.earned:.4f}, and W1 is {seen.most:.4f}"
            )
        ),
        lambda fake, real: lambda x: np.abs(x - np.median(real)),
        lambda fake, real: lambda x: np.tanh(x),
    ),
    also_right=(one_at_a_time, by_linear_program, critic(lambda *case: by_sign(*case) + 0.0)),
    seen=hired,
    counts=lambda seen, *case: np.array([seen.earned, max(seen.steepest, 1.0)]),
)
