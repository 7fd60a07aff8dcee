"""Entropy, and the bits that a wrong bet costs."""

import math

import numpy as np
from scipy import stats

from gan_lib.information import entropy as right_entropy
from gan_lib.information import kl_divergence

from ..engine import Task, mistakes


def spread(rng, n):
    """Probabilities (n,), of which none is tiny."""
    weights = rng.uniform(0.1, 1, n)
    return weights / weights.sum()


def coins(variant):
    if variant is None:
        return [
            (np.array([0.5, 0.5]),),
            (np.array([0.9, 0.1]),),
            (np.array([1.0, 0.0]),),
            (np.array([0.1, 0.2, 0.3, 0.4]),),
            (np.array([0.998, 0.002]),),  # rare, but not never
        ]
    rng = np.random.default_rng(variant)
    return [(spread(rng, 3),), (np.insert(spread(rng, 4), 2, 0.0),), (spread(rng, 7),)]


def information_of(p, tiny):
    return -np.log2(p + tiny)


TINY = [10.0**-n for n in range(5, 13)]

entropy = Task(
    "entropy",
    "entropy(p) in bits",
    right_entropy,
    coins,
    mistakes(
        "you used the natural logarithm: that is nats. Divide by log 2, or use log2.",
        lambda p: float(-(p[p > 0] * np.log(p[p > 0])).sum()),
        "the sign is wrong: log p is negative, and entropy is not.",
        lambda p: float((p[p > 0] * np.log2(p[p > 0])).sum()),
        "0 · log 0 gave nan. Its limit is 0: leave those terms out.",
        lambda p: float(-(p * np.log2(p)).sum()),
        "you used the natural logarithm: divide by log 2, or use log2. And leave out the terms "
        "with p = 0, which give nan.",
        lambda p: float(-(p * np.log(p)).sum()),
        "you used the logarithm of base 10. For bits use log2.",
        lambda p: float(-(p[p > 0] * np.log10(p[p > 0])).sum()),
        "you took the mean over the symbols; entropy is a sum, weighted by p.",
        lambda p: right_entropy(p) / len(p),
        lambda p: float(-(p[p > 0] * np.log2(p[p > 0])).mean()),
        "you forgot the weights: each -log p counts with its probability p.",
        lambda p: float(-np.log2(p).sum()),
        lambda p: float(-np.log2(p[p > 0]).sum()),
        "you added a tiny number to p (or cut p off at one), and it falsifies every entropy a "
        "little. 0 · log 0 counts as 0: leave out the terms with p = 0, and you need none.",
        *[lambda p, tiny=tiny: float((p * information_of(p, tiny)).sum()) for tiny in TINY],
        *[
            lambda p, tiny=tiny: float(((p + tiny) * information_of(p, tiny)).sum())
            for tiny in TINY
        ],
        *[lambda p, tiny=tiny: right_entropy(np.maximum(p, tiny)) for tiny in TINY],
    ),
    also_right=(
        lambda p: -sum(float(q) * math.log2(q) for q in p if q > 0),
        lambda p: -np.nansum(p * np.log2(p)),  # with warnings
        lambda p: stats.entropy(p, base=2),
        lambda p: float((p * np.log(1 / np.where(p > 0, p, 1)) / np.log(2)).sum()),
    ),
    tolerance=1e-12,  # so that 1e-12 added to p is seen
)


def bets(variant):
    if variant is None:
        return [
            (np.array([0.5, 0.5]), np.array([0.9, 0.1])),
            (np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])),
            (np.array([0.0, 1.0]), np.array([0.25, 0.75])),
            (np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.75, 0.0])),  # a letter nobody uses
            (np.array([0.5, 0.5]), np.array([0.0, 1.0])),  # inf: a letter without a word
        ]
    rng = np.random.default_rng(variant)
    return [
        (spread(rng, 4), spread(rng, 4)),
        (np.insert(spread(rng, 3), 1, 0.0), spread(rng, 4)),
        (spread(rng, 3), np.insert(spread(rng, 2), 0, 0.0)),
        (np.insert(spread(rng, 3), 1, 0.0), np.insert(spread(rng, 3), 1, 0.0)),
    ]


def cost(p, q):
    """H(p, q) in bits."""
    return -(p[p > 0] * np.log2(q[p > 0])).sum()


extra_bits = Task(
    "extra_bits",
    "extra_bits(p, q) = KL(p||q) in bits: what the code for q costs too much on samples of p",
    kl_divergence,
    bets,
    mistakes(
        "you swapped p and q: this is what the code for p costs on samples of q.",
        lambda p, q: (q[q > 0] * np.log2(q[q > 0] / p[q > 0])).sum(),
        "this is the whole cost H(p, q); the *extra* bits are H(p, q) - H(p).",
        cost,
        "you used the natural logarithm: divide by log 2.",
        lambda p, q: (p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum(),
        "you subtracted the other way round: H(p) - H(p, q) is negative.",
        lambda p, q: (p[p > 0] * np.log2(q[p > 0] / p[p > 0])).sum(),
        "you subtracted H(q). The samples come from p, so the best code for them costs H(p).",
        lambda p, q: cost(p, q) - right_entropy(q),
        "where p = 0 you got nan. Its limit is 0: leave those terms out.",
        lambda p, q: (p * np.log2(p / q)).sum(),
        "right, except where q = 0 < p: that letter has no word, and the cost is inf. Leave out "
        "only the terms with p = 0.",
        lambda p, q: (p * np.log2(p / q))[(p > 0) & (q > 0)].sum(),
        "you forgot the weights: each log2(p / q) counts with its probability p.",
        lambda p, q: np.log2(p[p > 0] / q[p > 0]).sum(),
        "too strict: a zero of q costs nothing where p is 0 as well. The cost is inf only where q "
        "is 0 and p is not.",
        lambda p, q: np.inf if (q == 0).any() else cost(p, q) - right_entropy(p),
        "right, except where p = q = 0: 0 · log 0 gave nan. Leave out the terms with p = 0.",
        lambda p, q: (-p * np.log2(q)).sum() - right_entropy(p),
        "right, except where q = 0 < p: to divide by 0 is an error in plain Python. Say math.inf "
        "there.",
        lambda p, q: sum(a * math.log2(a / b) for a, b in zip(p.tolist(), q.tolist()) if a > 0),
    ),
)
