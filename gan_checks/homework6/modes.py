"""Counting modes that are not equally large, and the fraud that the honest count lets pass."""

import numpy as np

from gan_lib import evaluation, toys

from ..engine import Sign, Task, mistakes, seed_of
from ..questions import Question


def crowds(variant):
    """(samples, centres, std, due): unequal heaps, noise, a fraud, heaps that touch, a miss."""
    rng = np.random.default_rng([62, seed_of(variant)])
    few = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    due = np.array([0.55, 0.3, 0.1, 0.05])
    drawn = rng.permutation(np.repeat(np.arange(4), [12, 380, 5, 3]))  # of 400
    uneven = few[drawn] + 0.02 * rng.normal(size=(400, 2))
    grid = np.array(toys.grid(spacing=2.0).centres)
    fair = np.full(25, 1 / 25)
    noise = rng.uniform(-5, 5, (600, 2))
    fraud = np.repeat(grid, [552, *[2] * 24], 0)  # of 600: a tenth of the due is 2.4
    fraud = fraud + rng.normal(0, 0.02, fraud.shape)
    close = np.array([[0.0, 0.0], [0.4, 0.0], [0.8, 0.0]])
    between = [[0.0, 0.0], [0.4, 0.0], [0.55, 0.0], [0.65, 0.0]]  # the last two in two reaches
    touching = np.repeat(between, [44, 45, 10, 1], 0) + rng.normal(0, 0.01, (100, 2))
    at_the_edge = np.array([[1.5, 0.0], [0.0, 0.25], *[[8.0, 0.0]] * 78])
    corners = few[rng.integers(4, size=200)] + rng.choice([-1, 1], (200, 2)) * 0.12
    return [
        (uneven, few, 0.05, due),
        (noise, grid, 0.05, fair),
        (fraud, grid, 0.05, fair),
        (touching, close, 0.1, np.array([0.6, 0.1, 0.3])),
        (corners, few, 0.05, due),
        (at_the_edge, np.array([[0.0, 0.0], [8.0, 0.0]]), 0.5, np.array([0.25, 0.75])),
    ]


def disc(gaps, std):
    return np.linalg.norm(gaps, axis=2) <= 3 * std


def nearest(gaps):
    distances = np.linalg.norm(gaps, axis=2)
    return distances == distances.min(1, keepdims=True)


def counted(inside=disc, belongs=nearest, least=lambda n, good, due: 0.1 * due * n, quality=None):
    """A count with one's own idea of good, of belonging, or of how many samples cover a mode."""

    def count(samples, centres, std, due):
        gaps = samples[:, None] - centres
        good = inside(gaps, std) & belongs(gaps)  # (n, K)
        counts = good.sum(0)
        covered = (counts >= least(len(samples), counts.sum(), due)) & (counts > 0)
        share = good.any(1).mean() if quality is None else quality(counts, len(samples))
        return (counts > 0).sum(), covered.sum(), share

    return count


def by_library(samples, centres, std, due):
    report = evaluation.mode_report(samples, centres, std, due)
    return report.touched, report.covered, report.quality


def by_loops(samples, centres, std, due):
    counts = [0] * len(centres)
    for x in samples:
        distances = [((x - centre) ** 2).sum() ** 0.5 for centre in centres]
        mode = distances.index(min(distances))
        counts[mode] += distances[mode] <= 3 * std
    covered = sum(count / len(samples) >= share / 10 for count, share in zip(counts, due))
    return sum(count > 0 for count in counts), covered, sum(counts) / len(samples)


def covered_by_anything(samples, centres, std, due):
    """Wrong: for covered, every sample counts for its nearest mode."""
    touched, _, quality = by_library(samples, centres, std, due)
    members = nearest(samples[:, None] - centres).sum(0)
    return touched, (members >= 0.1 * due * len(samples)).sum(), quality


def not_three(found, *case):
    return not isinstance(found, (tuple, list, np.ndarray)) or len(found) != 3


fair_count = Task(
    "fair_count",
    "fair_count(samples, centres, std, due): modes touched, modes covered, quality",
    by_library,
    crowds,
    mistakes(
        "return three numbers: touched, covered, quality.",
        Sign(not_three),
        lambda *case: by_library(*case)[:2],
        "covered comes second and touched first: yours are swapped.",
        lambda *case: [by_library(*case)[i] for i in (1, 0, 2)],
        "you asked for a tenth of an even share, 1/K. These heaps are unequal: each has a due of "
        "its own.",
        counted(least=lambda n, good, due: 0.1 * n / len(due)),
        "you divided by the good samples. A share is one of *all* samples: else a single lucky "
        "point of pure noise covers a mode.",
        counted(least=lambda n, good, due: 0.1 * due * good),
        "you asked for the whole due; a tenth of it covers a mode.",
        counted(least=lambda n, good, due: due * n),
        "you asked for a tenth of all samples; it is a tenth of what the mode is due.",
        counted(least=lambda n, good, due: 0.1 * n),
        "you rounded the tenth of the due to whole samples: compare shares, and 2 of 600 are not a "
        "tenth of 1/25.",
        counted(least=lambda n, good, due: np.floor(0.1 * due * n)),
        counted(least=lambda n, good, due: np.round(0.1 * due * n)),
        "touched and quality are right. For covered, too, only the *good* samples count.",
        covered_by_anything,
        "one good sample touches a mode, and does not cover it: covered asks for a tenth of its "
        "due of all samples.",
        counted(least=lambda n, good, due: 1),
        counted(least=lambda n, good, due: 0.1 * due),
        "you took a square for the disc: |x1| and |x2| up to 3 std each. The distance counts.",
        counted(inside=lambda gaps, std: (np.abs(gaps) <= 3 * std).all(2)),
        "you compared the *squared* distance with 3 std.",
        counted(inside=lambda gaps, std: (gaps**2).sum(2) <= 3 * std),
        "you took 1 std for the reach of a mode; it is 3 std.",
        counted(inside=lambda gaps, std: np.linalg.norm(gaps, axis=2) <= std),
        "a sample at exactly 3 std is still good: `<=`, not `<`.",
        counted(inside=lambda gaps, std: np.linalg.norm(gaps, axis=2) < 3 * std),
        "exactly a tenth of its due covers a mode: `>=`, not `>`.",
        counted(least=lambda n, good, due: np.nextafter(0.1 * due * n, np.inf)),
        "you forgot the reach: a sample that is far from all modes belongs to none.",
        counted(inside=lambda gaps, std: np.full(gaps.shape[:2], True)),
        "a sample in the reach of two modes counts for both in your answer. It belongs to the "
        "nearest.",
        counted(belongs=lambda gaps: np.full(gaps.shape[:2], True)),
        "a sample in the reach of two modes belongs to the nearest, and not to the first that you "
        "find.",
        counted(belongs=lambda gaps: first_within(gaps)),
        "touched and covered are right, and quality is not: it is the share of good samples, not "
        "their number.",
        counted(quality=lambda counts, n: counts.sum()),
        "touched and covered are right, and quality is not: it is a share from 0 to 1, not a "
        "percentage.",
        counted(quality=lambda counts, n: 100 * counts.sum() / n),
        "touched and covered are right, and quality is not: it is the share of samples, not of "
        "modes.",
        counted(quality=lambda counts, n: (counts > 0).mean()),
        counted(quality=lambda counts, n: counts.mean() / n),
    ),
    also_right=(by_loops, counted()),
    counts=lambda found, *case: np.asarray(found, dtype=float),
)


def first_within(gaps, reach=0.3):
    """Of the modes that have a sample within the reach of the heaps that touch, the first."""
    within = np.linalg.norm(gaps, axis=2) <= reach
    return within & (within.cumsum(1) == 1)


def heaps(variant: int) -> int:
    """How many heaps the careful fraud has to cover."""
    others = [9, 12, 16, 20, 36, 49]
    return 25 if variant == 0 else int(np.random.default_rng([63, variant]).choice(others))


def fraud_shares(k):
    """The least that covers each of k heaps, and all the rest on one."""
    return np.append(np.full(k - 1, 0.1 / k), 1 - (k - 1) * 0.1 / k)


def kl(s, u):
    return float((s * np.log(s / u)).sum())


def even(k):
    return np.full(k, 1 / k)


def at_nine_tenths(k):
    return 0.9 * np.log(0.9 * k) + 0.1 * np.log(0.1 * k / (k - 1))


worst_fraud = Question(
    "worst",
    "the reverse KL, in nats, of the least even samples that cover all k heaps with quality 1",
    lambda k: kl(fraud_shares(k), even(k)),
    lambda variant: (heaps(variant),),
    mistakes(
        "that is log K, of a G that draws one heap only. It covers one; yours has to cover all.",
        np.log,
        "that is the forward KL, from the due shares to the fraud's. The reverse one is "
        "KL(s || u).",
        lambda k: kl(even(k), fraud_shares(k)),
        "that is in bits; take natural logarithms.",
        lambda k: kl(fraud_shares(k), even(k)) / np.log(2),
        "only the favourite heap is counted. The others have small shares, each with a term "
        "s log(s/u) below 0.",
        lambda k: fraud_shares(k)[-1] * np.log(fraud_shares(k)[-1] * k),
        "that is the entropy of the fraud's shares; the KL to even shares is log K minus that.",
        lambda k: np.log(k) - kl(fraud_shares(k), even(k)),
        "not 0.9 and 0.1: each of the K - 1 other heaps needs only 0.1/K of all samples, so a "
        "little more than 0.9 is left for the favourite.",
        at_nine_tenths,
    ),
    tolerance=5e-4,
)
