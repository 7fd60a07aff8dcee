"""Parzen's density, the score by it, and why blurs win."""

import math

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from gan_lib import evaluation

from ..engine import NOTHING, Sign, Task, mistakes, seed_of
from ..questions import Question


def rng_of(task: int, variant: int | None) -> np.random.Generator:
    """Random numbers that differ between tasks, and between variants."""
    return np.random.default_rng([5, task, seed_of(variant)])


def log_density(samples, points, sigma):
    return evaluation.parzen_log_density(samples, points, sigma).numpy()


def samples_and_points(variant):
    rng = rng_of(1, variant)
    return [
        (rng.normal(size=(6, 1)), rng.normal(size=(4, 1)), 0.5),
        (rng.normal(size=(5, 3)), rng.normal(size=(7, 3)), 0.3),
        (rng.random((9, 64)), rng.random((3, 64)), 0.2),
        # far away, where every exp underflows
        (rng.normal(size=(6, 2)), np.array([[0.0, 0.0], [4000.0, 3000.0]]), 0.4),
    ]


def log_kernels(s, x, sigma):
    return -(cdist(x, s) ** 2) / (2 * sigma**2)  # (m, n)


def log_z(s, sigma, dim=None):
    return (dim or s.shape[1]) * np.log(sigma * np.sqrt(2 * np.pi))


def log_mean(log_terms, axis=1):
    return logsumexp(log_terms, axis=axis) - np.log(log_terms.shape[axis])


def by_math_log(s, x, sigma):
    return [math.log(p) - log_z(s, sigma) for p in np.exp(log_kernels(s, x, sigma)).mean(1)]


def by_more_digits(s, x, sigma):
    kernels = np.exp(log_kernels(s, x, sigma).astype(np.longdouble)).mean(1)
    return (np.log(kernels) - log_z(s, sigma)).astype(float)


parzen_log_density = Task(
    "parzen_log_density",
    "parzen_log_density(samples, points, sigma) in nats",
    log_density,
    samples_and_points,
    mistakes(
        "exp came before the sum, and far from all kernels it underflows to 0, whose log is -inf. "
        "Stay in logarithms: logsumexp.",
        lambda s, x, sigma: np.log(np.exp(log_kernels(s, x, sigma)).mean(1)) - log_z(s, sigma),
        by_more_digits,
        "exp came before the sum, and far from all kernels it underflows to 0, of which math.log "
        "knows no logarithm. Stay in logarithms: logsumexp.",
        by_math_log,
        "you forgot the normaliser: subtract dim · log(σ√(2π)), or the kernels do not integrate "
        "to 1.",
        lambda s, x, sigma: log_mean(log_kernels(s, x, sigma)),
        "your normaliser is that of one dimension; in dim dimensions log(σ√(2π)) counts dim times.",
        lambda s, x, sigma: log_mean(log_kernels(s, x, sigma)) - log_z(s, sigma, dim=1),
        "the 2π is missing from your normaliser: dim · log(σ√(2π)).",
        lambda s, x, sigma: log_mean(log_kernels(s, x, sigma)) - s.shape[1] * np.log(sigma),
        "your normaliser has 2πσ² without the root: it is (2πσ²)^(dim/2), so log(σ√(2π)) counts "
        "dim times.",
        lambda s, x, sigma: log_mean(log_kernels(s, x, sigma)) - 2 * log_z(s, sigma),
        "you added the normaliser: a density is divided by it, so subtract its log.",
        lambda s, x, sigma: log_mean(log_kernels(s, x, sigma)) + log_z(s, sigma),
        "you summed the kernels; p̂ is their mean, or it integrates to n. Subtract log n.",
        lambda s, x, sigma: logsumexp(log_kernels(s, x, sigma), axis=1) - log_z(s, sigma),
        "you divided the log of the sum by n. The 1/n stands inside the log: subtract log n.",
        lambda s, x, sigma: logsumexp(log_kernels(s, x, sigma), axis=1) / len(s) - log_z(s, sigma),
        "you subtracted the log of the number of points; the mean is over the samples.",
        lambda s, x, sigma: (
            logsumexp(log_kernels(s, x, sigma), axis=1) - np.log(len(x)) - log_z(s, sigma)
        ),
        "you divided by 2σ in the exponent; it is 2σ².",
        lambda s, x, sigma: log_mean(-(cdist(x, s) ** 2) / (2 * sigma)) - log_z(s, sigma),
        "the 2 of 2σ² is missing in the exponent.",
        lambda s, x, sigma: log_mean(-(cdist(x, s) ** 2) / sigma**2) - log_z(s, sigma),
        "you took the distances; the exponent has their squares.",
        lambda s, x, sigma: log_mean(-cdist(x, s) / (2 * sigma**2)) - log_z(s, sigma),
        "you averaged the logs of the kernels; it is the log of their average.",
        lambda s, x, sigma: log_kernels(s, x, sigma).mean(1) - log_z(s, sigma),
        "you swapped samples and points: kernels on the samples, one answer for each point.",
        lambda s, x, sigma: log_density(x, s, sigma),
        "you summed over the points; sum over the samples, and keep one number for each point.",
        lambda s, x, sigma: (
            logsumexp(log_kernels(s, x, sigma), axis=0) - np.log(len(s)) - log_z(s, sigma)
        ),
        "you took the mean over the points as well; give one number for each point.",
        lambda s, x, sigma: log_density(s, x, sigma).mean(),
        "this is the density; give its logarithm.",
        lambda s, x, sigma: np.exp(log_density(s, x, sigma)),
        "these are bits; use the natural logarithm.",
        lambda s, x, sigma: log_density(s, x, sigma) / np.log(2),
    ),
    also_right=(
        lambda s, x, sigma: [
            logsumexp(-((s - y) ** 2).sum(1) / (2 * sigma**2)) - log_z(s, sigma) - np.log(len(s))
            for y in x
        ],
    ),
)


def three_sets(variant):
    """Samples, validation and test points, sigmas; some log-likelihoods above 0, some far below."""
    rng, cases = rng_of(2, variant), []
    widths = [0.05 * 2**i for i in range(8)]
    for n, k, m, dim, spread, sigmas in (
        (30, 40, 50, 1, 4, widths),
        (20, 60, 45, 2, 3, widths[::-1]),
        (25, 50, 70, 2, 4, widths),
    ):
        test = rng.normal(size=(n, dim)), rng.normal(size=(k, dim)), rng.normal(0, spread, (m, dim))
        cases.append((*test, sigmas))
    for spread, dim, narrowest in ((0.1, 40, 0.005), (60, 200, 2.0)):
        points = rng.normal(0, spread, (90, dim))
        cases.append((*np.split(points, 3), [narrowest * 2**i for i in range(9)]))
    return cases


def best(samples, points, sigmas, score=np.mean):
    return max(sigmas, key=lambda sigma: score(log_density(samples, points, sigma)))


def score(
    choose=lambda s, v, t, sigmas: best(s, v, sigmas),
    mean=np.mean,
    error=lambda log_p: log_p.std() / np.sqrt(len(log_p)),
    scored=lambda s, v, t: t,
    back=lambda mean, error, sigma: (mean, error, sigma),
):
    """A parzen_score with one's own way to choose sigma, or one's own statistics."""

    def parzen_score(samples, validation, test, sigmas):
        sigma = choose(samples, validation, test, sigmas)
        log_p = log_density(samples, scored(samples, validation, test), sigma)
        return back(mean(log_p), error(log_p), sigma)

    return parzen_score


right_score = score()


def with_error(error):
    """A parzen_score whose standard error is ``error(log_p, samples)``."""
    return lambda s, *rest: score(error=lambda log_p: error(log_p, s))(s, *rest)


def no_triple(found, *case):
    return not isinstance(found, (tuple, list, np.ndarray)) or len(found) != 3


def an_array(found, *case):
    for part, name in zip(found, ("mean", "standard error", "sigma")):
        if np.ndim(part):
            return f"{name} that you give back is an array of shape {np.shape(part)}"


def another_order(found, *case):
    found, right = np.array(found, float), np.array(right_score(*case))
    return np.allclose(sorted(found), sorted(right)) and not np.allclose(found, right)


MEAN = Task(
    "parzen_score's mean",
    "",
    right_score,
    three_sets,
    mistakes(
        "you scored the validation points; they have chosen σ, so score the test points.",
        score(scored=lambda s, v, t: v),
        "you scored the samples under their own kernels; score the test points.",
        score(scored=lambda s, v, t: s),
        "you took the sum over the test points; take the mean.",
        score(mean=np.sum),
        "you took the log of the mean density (which underflows, besides); take the mean of the "
        "logs.",
        score(mean=lambda log_p: np.log(np.exp(log_p).mean())),
        "you took the log of the mean density; take the mean of the logs.",
        score(mean=lambda log_p: logsumexp(log_p) - np.log(len(log_p))),
    ),
    counts=lambda found, *case: found[0],
)
ERROR = Task(
    "parzen_score's error",
    "",
    right_score,
    three_sets,
    mistakes(
        "this is the standard deviation of one log-likelihood; the error of a mean of m is "
        "smaller by √m.",
        score(error=np.std),
        "you divided by m; the standard error divides the standard deviation by √m.",
        score(error=lambda log_p: log_p.std() / len(log_p)),
        "you divided by the root of the number of samples; the mean is over the m test points.",
        with_error(lambda log_p, samples: log_p.std() / np.sqrt(len(samples))),
        "you divided by m - 1 (ddof=1). Sound statistics, but the paper's script divides by m, as "
        "np.std does.",
        score(error=lambda log_p: log_p.std(ddof=1) / np.sqrt(len(log_p))),
        "you took the variance; the standard error is the standard deviation over √m.",
        score(error=lambda log_p: log_p.var() / np.sqrt(len(log_p))),
        "this is the variance of the mean; the standard error is its root.",
        score(error=lambda log_p: log_p.var() / len(log_p)),
    ),
    counts=lambda found, *case: found[1],
)
parzen_score = Task(
    "parzen_score's sigma",
    "parzen_score(samples, validation, test, sigmas): mean, standard error, sigma",
    right_score,
    three_sets,
    mistakes(
        NOTHING,
        score(back=print),
        "give back three numbers: mean, standard error, sigma",
        Sign(no_triple),
        score(back=lambda mean, error, sigma: mean),
        "the {}, not one number",
        Sign(an_array),
        score(mean=lambda log_p: log_p),
        "the right numbers, in another order. Give back mean, standard error, sigma.",
        Sign(another_order),
        score(back=lambda mean, error, sigma: (sigma, mean, error)),
        "you chose σ on the test set, which is the data it is to predict. Choose it on the "
        "validation set.",
        score(lambda s, v, t, sigmas: best(s, t, sigmas)),
        "you chose σ on the samples themselves, where narrower is always better (or did you take "
        "the narrowest, untried?). Choose it on the validation set.",
        score(lambda s, v, t, sigmas: best(s, s, sigmas)),
        score(lambda s, v, t, sigmas: min(sigmas)),
        "log-likelihoods are not always negative. The best σ has the largest mean, not the one "
        "nearest to 0.",
        score(lambda s, v, t, sigmas: best(s, v, sigmas, lambda log_p: -abs(log_p.mean()))),
        score(lambda s, v, t, sigmas: best(s, v, sigmas, lambda log_p: -np.abs(log_p).mean())),
        "a product of likelihoods underflows (or overflows), and then all σ look alike. Take the "
        "mean of the logs.",
        score(lambda s, v, t, sigmas: best(s, v, sigmas, lambda log_p: np.exp(log_p).prod())),
        "you took the widest σ, untried: choose by the validation points.",
        score(lambda s, v, t, sigmas: max(sigmas)),
        "you took the σ with the smallest mean log-likelihood; under the right one the validation "
        "points are likeliest.",
        score(lambda s, v, t, sigmas: best(s, v, sigmas, lambda log_p: -log_p.mean())),
        "you took the place of σ in the list; give back σ itself.",
        lambda s, v, t, sigmas: (
            *right_score(s, v, t, sigmas)[:2],
            sigmas.index(best(s, v, sigmas)),
        ),
        "you put the kernels on the validation points; they stand on the samples.",
        score(lambda s, v, t, sigmas: best(v, s, sigmas)),
        "you took the first σ of the list, untried: choose by the validation points.",
        score(lambda s, v, t, sigmas: sigmas[0]),
    ),
    also_right=(score(back=lambda *three: np.array(three)),),
    counts=lambda found, *case: found[2],
    then=(MEAN, ERROR),
)

nearest_kernel_gap = Question(
    "gap",
    "the gap in nats that the nearest kernels alone explain, of d2_real, d2_blurs and sigma",
    lambda real, blurs, sigma: (real - blurs) / (2 * sigma**2),
    lambda d2_real, d2_blurs, sigma: (d2_real, d2_blurs, sigma),
    mistakes(
        "the sign: the blurs stand nearer, so their score is higher.",
        lambda real, blurs, sigma: (blurs - real) / (2 * sigma**2),
        "you forgot the 2: the exponent is -d²/2σ².",
        lambda real, blurs, sigma: (real - blurs) / sigma**2,
        "you divided by 2σ; the exponent is -d²/2σ².",
        lambda real, blurs, sigma: (real - blurs) / (2 * sigma),
        "you took the difference of the distances; the exponent has their squares, which is what "
        "you were given.",
        lambda real, blurs, sigma: (real**0.5 - blurs**0.5) / (2 * sigma**2),
        "you squared once more: d² was given, not d.",
        lambda real, blurs, sigma: (real**2 - blurs**2) / (2 * sigma**2),
        "this is the difference of the squared distances; a kernel turns it into nats by 1/2σ².",
        lambda real, blurs, sigma: real - blurs,
        "you multiplied by the number of dimensions; |x - s|² is summed over them already.",
        lambda real, blurs, sigma: 784 * (real - blurs) / (2 * sigma**2),
        "you added log n: both sets have as many kernels, and it drops out.",
        lambda real, blurs, sigma: (real - blurs) / (2 * sigma**2) + np.log(300),
    ),
    also_right=(lambda real, blurs, sigma: np.array((real - blurs) / (2 * sigma**2)),),
)
