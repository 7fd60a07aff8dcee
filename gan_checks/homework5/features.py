"""Scores of features: the Fréchet distance, the Inception score, precision and recall."""

import math

import numpy as np
from scipy import linalg
from scipy.spatial.distance import cdist
from scipy.special import rel_entr

from gan_lib import evaluation

from ..engine import Task, mistakes
from .parzen import rng_of


def two_samples(variant):
    """[(features x (n, f), features y (m, f))]; in the last case there are fewer rows than f."""
    rng = rng_of(4, variant)
    cases = []
    for n, m, size in ((30, 30, 2), (40, 25, 3), (12, 12, 4), (4, 5, 6)):
        a, b = rng.normal(size=(2, size, size))
        x = rng.normal(size=size) + rng.normal(size=(n, size)) @ a
        cases.append((x, 2 + rng.normal(size=size) + rng.normal(size=(m, size)) @ b))
    return cases


def covariance(x):
    return np.cov(x, rowvar=False)


def squares(d):
    return (d**2).sum()


def trace_of_root(a, b):
    return np.sqrt(linalg.eigvals(a @ b).real.clip(min=0)).sum()


def trace_of_sqrtm(a, b):
    return np.trace(linalg.sqrtm(a @ b))


def frechet(root=trace_of_root, shift=squares, times=2, spread=covariance):
    """A Fréchet distance with one's own trace of the root, term of the means, or covariance."""

    def distance(x, y):
        c1, c2 = spread(x), spread(y)
        means = shift(x.mean(0) - y.mean(0))
        return means + np.trace(c1) + np.trace(c2) - times * root(c1, c2)

    return distance


def by_singular_values(x, y):
    a, b = ((s - s.mean(0)) / np.sqrt(len(s) - 1) for s in (x, y))
    root = linalg.svdvals(a @ b.T).sum()
    return squares(x.mean(0) - y.mean(0)) + squares(a) + squares(b) - 2 * root


def by_entry(a, b):
    return np.trace(np.sqrt(a @ b))


def real_part(found, *case):
    """A root of rounded numbers may carry an imaginary part of 0."""
    return found.real if np.iscomplexobj(found) and abs(np.imag(found)) < 1e-5 else found


def in_float32(x, y):
    return by_singular_values(np.float32(x), np.float32(y))


gaussian_frechet_distance = Task(
    "gaussian_frechet_distance",
    "gaussian_frechet_distance(x, y), of the Gaussians fitted to features (n, f) and (m, f)",
    evaluation.frechet_distance,
    two_samples,
    mistakes(
        "both bugs are still there: np.sqrt takes the root of each entry, and |μ1 - μ2| is not "
        "squared.",
        frechet(by_entry, shift=np.linalg.norm),
        "np.sqrt takes the root of each entry. The root of a matrix is linalg.sqrtm, or the roots "
        "of its eigenvalues.",
        frechet(by_entry),
        "the distance of the means is not squared; a shift of 1 does not show it, one of 3 does.",
        frechet(shift=np.linalg.norm),
        "you forgot the means: add |μ1 - μ2|².",
        frechet(shift=lambda d: 0.0),
        "you averaged the squared distance of the means over the features; take the sum.",
        frechet(shift=lambda d: (d**2).mean()),
        "you summed the differences of the means before the square; square each, then sum.",
        frechet(shift=lambda d: d.sum() ** 2),
        "this is the root of it: here the Fréchet distance is the squared one, so leave the last "
        "root out.",
        lambda *case: np.sqrt(frechet()(*case)),
        "you took covariances for standard deviations: in one dimension C is σ², and the term is "
        "(σ1 - σ2)².",
        lambda x, y: squares(x.mean(0) - y.mean(0)) + squares(covariance(x) - covariance(y)),
        "you used only the diagonals: correlations count, too. Take the root of the whole matrix.",
        frechet(lambda a, b: np.sqrt(np.diag(a) * np.diag(b)).sum()),
        lambda x, y: squares(x.mean(0) - y.mean(0)) + squares(x.std(0, ddof=1) - y.std(0, ddof=1)),
        "you multiplied the two roots, which is right only if the matrices commute. Take the root "
        "of C1 C2.",
        frechet(lambda a, b: np.trace(linalg.sqrtm(a) @ linalg.sqrtm(b))),
        "you took the root of the trace; it is the trace of the root.",
        frechet(lambda a, b: np.sqrt(np.trace(a @ b))),
        "you forgot the root: it is (C1 C2)^(1/2).",
        frechet(lambda a, b: np.trace(a @ b)),
        "you multiplied the entries, c1 * c2; the product of matrices is c1 @ c2.",
        frechet(lambda a, b: trace_of_root(a * b, np.eye(len(a)))),
        "the root counts twice: - 2 (C1 C2)^(1/2).",
        frechet(times=1),
        "np.cov takes the rows for features, unless you say rowvar=False: yours compares images "
        "with images.",
        frechet(spread=np.cov),
        "you divided by n. A sample's covariance, as np.cov has it, divides by n - 1.",
        frechet(spread=lambda x: np.cov(x, rowvar=False, ddof=0)),
        "these are not covariances: take each feature's mean away before you multiply.",
        frechet(spread=lambda x: x.T @ x / (len(x) - 1)),
        "these are correlations: np.corrcoef has divided by the spreads. Take np.cov.",
        frechet(spread=lambda x: np.corrcoef(x, rowvar=False)),
    ),
    also_right=(frechet(), frechet(trace_of_sqrtm), by_singular_values, in_float32),
    counts=real_part,
    tolerance=1e-4,  # a root in float32 is right, too
)


def class_probabilities(variant):
    rng = rng_of(5, variant)
    return [
        *[(rng.dirichlet(np.full(size, 0.7), n),) for n, size in ((6, 3), (9, 10))],
        (np.eye(4)[rng.permutation([0, 0, 0, 1, 2, 3])],),  # sure of each
        (np.full((5, 10), 0.1),),  # sure of none
        (np.eye(4)[[1, 1, 1]],),  # one class, and three that never come
    ]


def kl(p, q):
    return rel_entr(p, q).sum(1)  # (n,) nats


def by_math(p, seen=lambda a: True):
    sums = [sum(a * math.log(a / b) for a, b in zip(row, p.mean(0)) if seen(a)) for row in p]
    return math.exp(sum(sums) / len(p))


inception_score = Task(
    "inception_score",
    "inception_score(p), without unit",
    evaluation.inception_score,
    class_probabilities,
    mistakes(
        "this is the mean KL, in nats; the score is its exp.",
        lambda p: kl(p, p.mean(0)).mean(),
        "this is the mean KL in bits; the score is exp of the mean KL in nats.",
        lambda p: kl(p, p.mean(0)).mean() / np.log(2),
        "you took KL in bits, and exp of it: use the natural logarithm.",
        lambda p: np.exp(kl(p, p.mean(0)).mean() / np.log(2)),
        "you took p(y) as uniform (1/K, which is also p.mean(1)). It is the mean of the rows, "
        "p.mean(0); uneven classes must cost something.",
        lambda p: np.exp(kl(p, np.full(p.shape, 1 / p.shape[1])).mean()),
        lambda p: np.exp(kl(p, p.mean(1, keepdims=True)).mean()),
        "you swapped the arguments: it is KL(p(y|x) || p(y)).",
        lambda p: np.exp(kl(p.mean(0)[None], p).mean()),
        "0 · log 0 gave nan. Its limit is 0: rel_entr knows that.",
        lambda p: np.exp((p * np.log(p / p.mean(0))).sum(1).mean()),
        "0 · log 0 counts as 0, but math.log(0) is an error. Leave those terms out, or use "
        "rel_entr.",
        by_math,
        "right, except where a class never comes: there both p(y|x) and p(y) are 0, and the term "
        "counts as 0.",
        lambda p: np.nan if (p.mean(0) == 0).any() else np.exp(kl(p, p.mean(0)).mean()),
        "you took exp before the mean; the mean over the images comes first, exp last.",
        lambda p: np.exp(kl(p, p.mean(0))).mean(),
        "you summed over the images; take their mean.",
        lambda p: np.exp(kl(p, p.mean(0)).sum()),
        "you took the mean over the classes as well; KL is a sum over the classes.",
        lambda p: np.exp(rel_entr(p, p.mean(0)).mean()),
        "this is exp of the entropy of p(y): it asks whether classes are even, not whether each "
        "image is sure.",
        lambda p: np.exp(-rel_entr(p.mean(0), 1).sum()),
        "this is exp of the entropy of p(y), and nan where a class never comes. It asks whether "
        "classes are even, not whether each image is sure.",
        lambda p: np.exp(-(p.mean(0) * np.log(p.mean(0))).sum()),
    ),
    also_right=(lambda p: by_math(p, seen=lambda a: a > 0),),
)


def real_and_fake(variant):
    rng, cases = rng_of(6, variant), []
    for n, m, size, k in ((30, 40, 2, 3), (25, 60, 2, 1), (50, 35, 3, 5)):
        real = np.concatenate([rng.normal(side, 0.6, (n, size)) for side in (-2, 2)])
        cases.append((real, rng.normal(-1.8, 0.8, (m, size)), k))
    real, some = rng.normal(size=(40, 2)), rng.normal(size=(8, 2))
    return [*cases, (real, np.tile(some, (5, 1)), 3)]  # repeats: balls of radius 0


def column(k, centres, others=None):
    """Column k of the sorted distances from each centre."""
    return np.sort(cdist(centres, centres if others is None else others), axis=1)[:, k]


def both(share):
    """Precision and recall, if ``share(centres, points, k)`` is the share of points in balls."""
    return lambda real, fake, k: (share(real, fake, k), share(fake, real, k))


def balls(radii, inside=np.any):
    """Shares of points in balls of other radii, or in another sense of "in"."""
    return both(lambda c, p, k: inside(cdist(c, p) <= radii(c, p, k)[:, None], axis=0).mean())


def right_radii(centres, points, k):
    return column(k, centres)


def without_zeros(centres, points, k):
    return np.array([np.sort(row[row > 0])[k - 1] for row in cdist(centres, centres)])


def by_sklearn(centres, points, k):
    from sklearn.neighbors import NearestNeighbors

    radii = NearestNeighbors(n_neighbors=k + 1).fit(centres).kneighbors(centres)[0][:, -1]
    return float(np.mean([(np.linalg.norm(centres - x, axis=1) <= radii).any() for x in points]))


precision_and_recall = Task(
    "precision_and_recall",
    "precision_and_recall(real, fake, k), two shares",
    balls(right_radii),
    real_and_fake,
    mistakes(
        "you swapped them: precision, the share of the fakes in balls round real ones, comes "
        "first.",
        lambda real, fake, k: balls(right_radii)(fake, real, k),
        "your k counts the point itself: column 0 of the sorted distances is its own. The k-th "
        "neighbour is in column k.",
        balls(lambda c, p, k: column(k - 1, c)),
        "you left out all distances of 0; a repeated sample is a neighbour, too, at distance 0. "
        "Leave out only the centre itself: one column.",
        balls(without_zeros),
        "your radius is one neighbour too large: column 0 is the point itself, column k its k-th "
        "neighbour.",
        balls(lambda c, p, k: column(k + 1, c)),
        "your radii come from the wrong set: a ball reaches to its centre's k-th neighbour of its "
        "own kind.",
        balls(lambda c, p, k: column(k - 1, c, p)),
        "your radii come from the wrong set (and column k is one too far there): a ball reaches "
        "to its centre's k-th neighbour of its own kind.",
        balls(lambda c, p, k: column(k, c, p)),
        "you used the radius of the point; a ball belongs to its centre, so compare with the "
        "radius of the centre.",
        both(lambda c, p, k: (cdist(c, p) <= column(k, p)).any(0).mean()),
        "you counted the balls that hold a point; count the points that lie in a ball: any over "
        "the centres.",
        both(lambda c, p, k: (cdist(c, p) <= column(k, c)[:, None]).any(1).mean()),
        "you asked that a point lie in all balls; one is enough: any.",
        balls(right_radii, np.all),
        "you averaged over all pairs; first ask of each point whether any ball holds it.",
        balls(right_radii, np.mean),
        "you used one radius for all, the mean; each ball has its own.",
        balls(lambda c, p, k: np.full(len(c), column(k, c).mean())),
        "you counted the points; give the shares.",
        both(lambda c, p, k: (cdist(c, p) <= column(k, c)[:, None]).any(0).sum()),
    ),
    also_right=(evaluation.precision_and_recall, both(by_sklearn)),
)
