"""Judges of orders: the best D of pairs, the best that sees no label, and the labels' vectors."""

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from ..engine import Sign, Task, mistakes, seed_of
from ..outcomes import array


def rng_of(task: int, variant: int | None) -> np.random.Generator:
    """Random numbers that differ between tasks, and between variants."""
    return np.random.default_rng([7, task, seed_of(variant)])


def shares(rng, classes):
    """No class is rarer than 0.4 of its even share."""
    return 0.4 / classes + 0.6 * rng.dirichlet(np.ones(classes))


def densities(variant):
    """Logarithms of densities at points, and the shares of the classes; one case is far away."""
    rng, cases = rng_of(1, variant), []
    for points, classes, level in ((5, 2, -1), (4, 3, -3), (6, 4, -2), (3, 3, -2000)):
        real, made = level + rng.normal(scale=1.5, size=(2, points, classes))
        cases.append((real, made, shares(rng, classes), shares(rng, classes)))
    return cases


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def right_pairs(real, made, p, q):
    return real - made + np.log(p) - np.log(q)


def of_densities(real, made, p, q):
    return np.log(np.exp(real) * p / (np.exp(made) * q))


def shape_is_not(shape):
    """Fires where an answer has another shape, and says which."""

    def shows(seen, *case):
        found = np.shape(array(seen))
        return found != shape(*case) and f"{found}, and should be {shape(*case)}"

    return Sign(shows)


SHAPE = "the shape of your answer is {}."
UNDERFLOW = (
    "right, until the densities are too small for a float: exp(-2000) is 0, and 0/0 is nan. Stay "
    "with logarithms throughout."
)
PROBABILITY = "this is D*, a probability. The logit was asked for: leave the sigmoid out."

pair_logits = Task(
    "pair_logits",
    "pair_logits(log_data, log_made, p, q): (n, K)",
    right_pairs,
    densities,
    mistakes(
        SHAPE,
        shape_is_not(lambda real, *_: real.shape),
        lambda real, made, p, q: right_pairs(real, made, p, q).sum(1),
        PROBABILITY,
        lambda *case: sigmoid(right_pairs(*case)),
        "the shares are missing. They cancel only where G is asked in the data's proportions, and "
        "here q is not p.",
        lambda real, made, p, q: real - made,
        "the shares are upside down: a label that G is asked for too often makes a pair "
        "suspicious, so q belongs to the fakes, with a minus.",
        lambda real, made, p, q: right_pairs(real, made, q, p),
        "your logit is positive where the fakes are denser: log p_data comes first.",
        lambda *case: -right_pairs(*case),
        "the shares came in as they are: densities multiply, so their logarithms add up. Take "
        "np.log of p and q.",
        lambda real, made, p, q: real - made + p - q,
        "the data's pairs are weighted, the fakes' are not: both have a share.",
        lambda real, made, p, q: real - made + np.log(p),
        lambda real, made, p, q: real - made - np.log(q),
        "you took both for shares of the same pairs: p counts the data's labels, q the orders.",
        lambda real, made, p, q: real - made + np.log(p) + np.log(q),
        UNDERFLOW,
        of_densities,
        "you divided two logarithms: the logarithm of a ratio is their difference.",
        lambda real, made, p, q: (real + np.log(p)) / (made + np.log(q)),
    ),
    also_right=(
        lambda real, made, p, q: (real + np.log(p)) - (made + np.log(q)),
        lambda real, made, p, q: real - made + np.log(p / q)[None, :],
    ),
)


def right_blind(real, made, p, q):
    return logsumexp(real + np.log(p), axis=1) - logsumexp(made + np.log(q), axis=1)


def of_marginals(real, made, p, q):
    return np.log((np.exp(real) * p).sum(1) / (np.exp(made) * q).sum(1))


blind_logits = Task(
    "blind_logits",
    "blind_logits(log_data, log_made, p, q): (n,)",
    right_blind,
    densities,
    mistakes(
        SHAPE,
        shape_is_not(lambda real, *_: real.shape[:1]),
        right_pairs,
        PROBABILITY,
        lambda *case: sigmoid(right_blind(*case)),
        "this is the mean of the logits of the pairs. A D that sees no label judges the marginals: "
        "sum the densities over y first, then compare.",
        lambda real, made, p, q: right_pairs(real, made, p, q) @ p,
        lambda real, made, p, q: right_pairs(real, made, p, q).mean(1),
        "you averaged logarithms; the marginal is a sum of densities, weighted by the shares: "
        "logsumexp of log density plus log share.",
        lambda real, made, p, q: real @ p - made @ q,
        lambda real, made, p, q: (real - made) @ p,
        "the shares are missing in the marginals: sum p(y) p(x|y) over y.",
        lambda real, made, p, q: logsumexp(real, axis=1) - logsumexp(made, axis=1),
        "you mixed G's drawings in the data's proportions; its orders come in the shares q.",
        lambda real, made, p, q: right_blind(real, made, p, p),
        "you mixed the data in the proportions of the orders; its labels come in the shares p.",
        lambda real, made, p, q: right_blind(real, made, q, q),
        "the shares are swapped: p belongs to the data, q to the orders.",
        lambda real, made, p, q: right_blind(real, made, q, p),
        "your logit is positive where the fakes are denser: log p_data comes first.",
        lambda *case: -right_blind(*case),
        UNDERFLOW,
        of_marginals,
        "you summed the logits of the pairs over y: the ratio of two sums is not that.",
        lambda real, made, p, q: logsumexp(right_pairs(real, made, p, q), axis=1),
        "you took the largest class only; the others have their share in the marginal.",
        lambda real, made, p, q: (real + np.log(p)).max(1) - (made + np.log(q)).max(1),
    ),
    also_right=(
        lambda real, made, p, q: logsumexp(real, axis=1, b=p) - logsumexp(made, axis=1, b=q),
        lambda real, made, p, q: (
            np.logaddexp.reduce(real + np.log(p), axis=1)
            - np.logaddexp.reduce(made + np.log(q), axis=1)
        ),
    ),
)


def bells(variant):
    """Means and covariance of the data's classes, the same of G's, and both shares."""
    rng, cases = rng_of(2, variant), []
    for classes, size in ((4, 2), (3, 1), (5, 3)):
        a, b = rng.normal(size=(2, size, size))
        eye = np.eye(size)
        means = rng.normal(scale=2, size=(2, classes, size))
        two_shares = shares(rng, classes), shares(rng, classes)
        cases.append((means[0], a @ a.T + eye, means[1], b @ b.T + eye / 2, *two_shares))
    return cases


def vectors(of_one, sign=-1, divided=lambda p, q: (p, q)):
    """The data's vectors minus G's, each by ``of_one(means, covariance, shares)``."""

    def answer(real, real_cov, made, made_cov, p, q):
        p, q = divided(p, q)
        return of_one(real, real_cov, p) + sign * of_one(made, made_cov, q)

    return answer


def side(constant=lambda m, c, p: np.log(p) - (m @ np.linalg.inv(c) * m).sum(1) / 2, first=True):
    """(K, 1 + d) of one side, with one's own constant."""

    def of_one(means, cov, share):
        slope = np.linalg.solve(cov, means.T).T
        column = constant(means, cov, share)
        return np.column_stack([column, slope] if first else [slope, column])

    return of_one


def unit_side(means, cov, share):
    return np.column_stack([np.log(share) - (means**2).sum(1) / 2, means])


def multiplied(means, cov, share):
    return np.column_stack([np.log(share) - (means @ cov * means).sum(1) / 2, means @ cov])


def by_least_squares(real, real_cov, made, made_cov, p, q):
    points = np.random.default_rng(0).normal(size=(50, real.shape[1]))
    a = np.stack(
        [
            multivariate_normal(m, real_cov).logpdf(points)
            - multivariate_normal(g, made_cov).logpdf(points)
            for m, g in zip(real, made)
        ],
        axis=1,
    ) + np.log(p / q)
    f = np.column_stack([np.ones(50), points])
    return np.linalg.lstsq(f, a - a.mean(1, keepdims=True), rcond=None)[0].T


def between_classes(found, *case):
    """What a common vector, which the rest of D can take over, does not change."""
    v = array(found)
    return v - v[:1]


label_vectors = Task(
    "label_vectors",
    "label_vectors(data_means, data_cov, made_means, made_cov, p, q): (K, 1 + d)",
    vectors(side()),
    bells,
    mistakes(
        "this is the transpose: one row for each class, (K, 1 + d).",
        Sign(lambda v, m, *_: np.shape(array(v)) == (m.shape[1] + 1, len(m))),
        lambda *case: vectors(side())(*case).T,
        SHAPE,
        shape_is_not(lambda m, *_: (len(m), m.shape[1] + 1)),
        lambda *case: vectors(side())(*case)[:, 1:],
        "G is missing: the inner product has the *difference* of the data's vector and G's.",
        vectors(side(), sign=0),
        "you added the vectors of the two sides: the logit is a difference.",
        vectors(side(), sign=1),
        "the signs are turned: the data's vectors come first, G's are subtracted.",
        lambda *case: -vectors(side())(*case),
        "this is the lesson's example, whose bells had unit covariance. Here each mean meets the "
        "inverse of its side's covariance.",
        vectors(unit_side),
        "you multiplied by the covariance; it is its inverse that stands in a normal density.",
        vectors(multiplied),
        "the constant comes first: f(x) = (1, x).",
        vectors(side(first=False)),
        "the shares are missing, or the same on both sides, where they cancel: log p(y) is a part "
        "of what the data's side knows about y, and log q(y) of what G's side knows.",
        vectors(side(), divided=lambda p, q: (np.ones(len(p)), np.ones(len(q)))),
        vectors(side(), divided=lambda p, q: (p, p)),
        "the shares are swapped: p belongs to the data, q to the orders.",
        vectors(side(), divided=lambda p, q: (q, p)),
        "the constant lacks -μᵀC⁻¹μ/2: how far a class lies from the origin counts.",
        vectors(side(lambda m, c, p: np.log(p))),
        "the constant lacks the ½: it is -μᵀC⁻¹μ/2.",
        vectors(side(lambda m, c, p: np.log(p) - (m @ np.linalg.inv(c) * m).sum(1))),
        "the sign of μᵀC⁻¹μ/2 is wrong: multiply out -(x - μ)ᵀC⁻¹(x - μ)/2.",
        vectors(side(lambda m, c, p: np.log(p) + (m @ np.linalg.inv(c) * m).sum(1) / 2)),
        "one covariance cannot serve both sides: C_data belongs to the data, C_g to G.",
        lambda m, c, g, e, p, q: vectors(side())(m, c, g, c, p, q),
        lambda m, c, g, e, p, q: vectors(side())(m, e, g, e, p, q),
        "the constant of the data's vectors is 1, and that of G's, or both: 1 is the *feature*. "
        "Its factor collects what does not depend on x.",
        vectors(side(lambda m, c, p: np.ones(len(m)))),
    ),
    also_right=(
        by_least_squares,
        lambda *case: vectors(side())(*case) - vectors(side())(*case)[0],
    ),
    counts=between_classes,
    otherwise="v_y · f(x) does not differ between labels as the best logit does. Subtract them at "
    "a few points x: what is left of a*(x, y) must be the same for all y.",
)
