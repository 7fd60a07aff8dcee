"""Checks of homework 5: is it any good?"""

import math

import numpy as np
from scipy import linalg
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist
from scipy.special import logsumexp, rel_entr

from .. import evaluation
from .verdicts import NotYet, compare, nothing, number, outcome, seed_of


def _rng(task, variant):
    """Generators that differ between tasks, between the visible and the hidden inputs, and between variants."""
    return np.random.default_rng([5, task, seed_of(variant)])


def _squared(points, samples):
    return cdist(points, samples, "sqeuclidean")  # (m, n)


def _log_density(samples, points, sigma):
    return evaluation.parzen_log_density(samples, points, sigma).numpy()


def _log_z(samples, sigma):
    return samples.shape[1] * np.log(sigma * np.sqrt(2 * np.pi))


def _hills(exponent):
    """A Parzen density with another exponent; all else is right."""
    return lambda s, x, sigma: logsumexp(exponent(_squared(x, s), sigma), axis=1) - np.log(len(s)) - _log_z(s, sigma)


def _underflows(s, x, sigma):
    return np.log(np.exp(-_squared(x, s) / (2 * sigma**2)).mean(1)) - _log_z(s, sigma)


def _underflows_loudly(s, x, sigma):
    return np.array([math.log(p) for p in np.exp(-_squared(x, s) / (2 * sigma**2)).mean(1)]) - _log_z(s, sigma)


def parzen_log_density(answer, variant=None):
    """parzen_log_density(samples, points, sigma) in nats."""

    right = _log_density
    rng = _rng(1, variant)
    cases = [
        (rng.normal(size=(6, 1)), rng.normal(size=(4, 1)), 0.5),
        (rng.normal(size=(5, 3)), rng.normal(size=(7, 3)), 0.3),
        (rng.random((9, 64)), rng.random((3, 64)), 0.2),
        (rng.normal(size=(6, 2)), np.array([[0.0, 0.0], [4000.0, 3000.0]]), 0.4),  # far away, every exp underflows
    ]
    compare(
        "parzen_log_density",
        answer,
        right,
        cases,
        {
            "exp came before the sum, and far from all hills it underflows to 0, whose log is -inf. Stay in logarithms: "
            "logsumexp.": _underflows,
            "exp came before the sum, and far from all hills it underflows to 0, of which math.log knows no logarithm. Stay in "
            "logarithms: logsumexp.": _underflows_loudly,
            "you forgot the normaliser: subtract dim · log(σ√(2π)), or the hills do not integrate to 1.": lambda s, x, sigma: (
                right(s, x, sigma) + _log_z(s, sigma)
            ),
            "your normaliser is that of one dimension; in dim dimensions log(σ√(2π)) counts dim times.": lambda s, x, sigma: (
                right(s, x, sigma) + (s.shape[1] - 1) / s.shape[1] * _log_z(s, sigma)
            ),
            "the 2π is missing from your normaliser: dim · log(σ√(2π)).": lambda s, x, sigma: (
                right(s, x, sigma) + s.shape[1] * np.log(np.sqrt(2 * np.pi))
            ),
            "your normaliser has 2πσ² without the root: it is (2πσ²)^(dim/2), so that log(σ√(2π)) counts dim times.": (
                lambda s, x, sigma: right(s, x, sigma) - _log_z(s, sigma)
            ),
            "you added the normaliser: a density is divided by it, so subtract its log.": lambda s, x, sigma: (
                right(s, x, sigma) + 2 * _log_z(s, sigma)
            ),
            "you summed the hills; p̂ is their mean, or it integrates to n. Subtract log n.": lambda s, x, sigma: (
                right(s, x, sigma) + np.log(len(s))
            ),
            "you divided the log of the sum by n. The 1/n stands inside the log: subtract log n.": lambda s, x, sigma: (
                logsumexp(-_squared(x, s) / (2 * sigma**2), axis=1) / len(s) - _log_z(s, sigma)
            ),
            "you subtracted the log of the number of points; the mean is over the samples.": lambda s, x, sigma: (
                right(s, x, sigma) + np.log(len(s)) - np.log(len(x))
            ),
            "you divided by 2σ in the exponent; it is 2σ².": _hills(lambda d2, sigma: -d2 / (2 * sigma)),
            "the 2 of 2σ² is missing in the exponent.": _hills(lambda d2, sigma: -d2 / sigma**2),
            "you took the distances; the exponent has their squares.": _hills(lambda d2, sigma: -np.sqrt(d2) / (2 * sigma**2)),
            "you averaged the logs of the hills; it is the log of their average.": lambda s, x, sigma: (
                -_squared(x, s).mean(1) / (2 * sigma**2) - _log_z(s, sigma)
            ),
            "you swapped samples and points: hills on the samples, one answer for each point.": lambda s, x, sigma: right(
                x, s, sigma
            ),
            "you summed over the points; sum over the samples, and keep one number for each point.": lambda s, x, sigma: (
                logsumexp(-_squared(x, s) / (2 * sigma**2), axis=0) - np.log(len(s)) - _log_z(s, sigma)
            ),
            "you took the mean over the points as well; give one number for each point.": lambda s, x, sigma: right(
                s, x, sigma
            ).mean(),
            "this is the density; give its logarithm.": lambda s, x, sigma: np.exp(right(s, x, sigma)),
            "these are bits; use the natural logarithm.": lambda s, x, sigma: right(s, x, sigma) / math.log(2),
        },
    )


def _part(answer, i):
    """The i-th of the three numbers that ``answer`` gives back."""
    return (lambda *case: answer(*case)[i]) if callable(answer) else answer


def parzen_score(answer, variant=None):
    """parzen_score(samples, validation, test, sigmas): mean, standard error, sigma."""

    def best(samples, points, sigmas, score=np.mean):
        return max(sigmas, key=lambda sigma: score(_log_density(samples, points, sigma)))

    def right(samples, validation, test, sigmas):
        sigma = best(samples, validation, sigmas)
        found = _log_density(samples, test, sigma)
        return found.mean(), found.std() / math.sqrt(len(found)), sigma

    def scored(measure, points=lambda s, v, t: t):
        """The score of another measure of the log-likelihoods, with the right sigma."""
        return lambda s, v, t, sigmas: measure(_log_density(s, points(s, v, t), best(s, v, sigmas)))

    rng = _rng(2, variant)
    widths = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4]
    cases = [
        (rng.normal(size=(n, dim)), rng.normal(size=(k, dim)), rng.normal(0, spread, (m, dim)), sigmas)
        for n, k, m, dim, spread, sigmas in (
            (30, 40, 50, 1, 4, widths),
            (20, 60, 45, 2, 3, widths[::-1]),
            (25, 50, 70, 2, 4, widths),
        )
    ]
    many, most = rng.normal(0, 0.1, (90, 40)), rng.normal(0, 60, (90, 200))  # log-likelihoods above 0, and far below
    cases.append((many[:30], many[30:60], many[60:], [0.005 * 2**i for i in range(9)]))
    cases.append((most[:30], most[30:60], most[60:], [2.0 * 2**i for i in range(9)]))
    for case in cases if callable(answer) else ():
        found, expected = outcome(answer, case), right(*case)
        if isinstance(found, Exception):
            break
        if found is None:
            raise nothing("parzen_score")
        if not isinstance(found, (tuple, list, np.ndarray)) or len(found) != 3:
            raise NotYet("parzen_score: give back three numbers: mean, standard error, sigma")
        for part, name in zip(found, ("mean", "standard error", "sigma")):
            if np.ndim(part):
                raise NotYet(
                    f"parzen_score: the {name} that you give back is an array of shape {np.shape(part)}, not one number"
                )
        if np.allclose(sorted(map(float, found)), sorted(expected)) and not np.allclose(np.array(found, float), expected):
            raise NotYet("parzen_score: the right numbers, in another order. Give back mean, standard error, sigma.")
    compare(
        "parzen_score's sigma",
        _part(answer, 2),
        _part(right, 2),
        cases,
        {
            "you chose σ on the test set, which is the data it is to predict. Choose it on the validation set.": (
                lambda s, v, t, sigmas: best(s, t, sigmas)
            ),
            "you chose σ on the samples themselves, where narrower is always better (or did you take the narrowest, untried?). "
            "Choose it on the validation set.": lambda s, v, t, sigmas: best(s, s, sigmas),
            "log-likelihoods are not always negative. The best σ has the largest mean, not the one nearest to 0.": (
                lambda s, v, t, sigmas: best(s, v, sigmas, lambda found: -abs(found.mean()))
            ),
            "a product of likelihoods underflows (or overflows), and then all σ look alike. Take the mean of the logs.": (
                lambda s, v, t, sigmas: best(s, v, sigmas, lambda found: np.exp(found).prod())
            ),
            "you took the widest σ, untried: choose by the validation points.": lambda s, v, t, sigmas: max(sigmas),
            "you took the σ with the smallest mean log-likelihood; under the right one the validation points are likeliest.": (
                lambda s, v, t, sigmas: best(s, v, sigmas, lambda found: -found.mean())
            ),
            "you took the place of σ in the list; give back σ itself.": lambda s, v, t, sigmas: sigmas.index(
                best(s, v, sigmas)
            ),
            "you put the hills on the validation points; they stand on the samples.": lambda s, v, t, sigmas: best(
                v, s, sigmas
            ),
            "you took the first σ of the list, untried: choose by the validation points.": lambda s, v, t, sigmas: sigmas[0],
        },
    )
    compare(
        "parzen_score's mean",
        _part(answer, 0),
        _part(right, 0),
        cases,
        {
            "you scored the validation points; they have chosen σ, so score the test points.": (
                scored(np.mean, lambda s, v, t: v)
            ),
            "you scored the samples under their own hills; score the test points.": scored(np.mean, lambda s, v, t: s),
            "you took the sum over the test points; take the mean.": scored(np.sum),
            "you took the log of the mean density (which underflows, besides); take the mean of the logs.": scored(
                lambda found: np.log(np.exp(found).mean())
            ),
            "you took the log of the mean density; take the mean of the logs.": scored(
                lambda found: logsumexp(found) - np.log(len(found))
            ),
        },
    )
    compare(
        "parzen_score's error",
        _part(answer, 1),
        _part(right, 1),
        cases,
        {
            "this is the standard deviation of one log-likelihood; the error of a mean of m is smaller by √m.": scored(np.std),
            "you divided by m; the standard error divides the standard deviation by √m.": scored(lambda f: f.std() / len(f)),
            "you divided by the root of the number of samples; the mean is over the m test points.": (
                lambda s, v, t, sigmas: scored(np.std)(s, v, t, sigmas) / math.sqrt(len(s))
            ),
            "you divided by m - 1 (ddof=1). Sound statistics, but the paper's script divides by m, as np.std does.": (
                scored(lambda f: f.std(ddof=1) / math.sqrt(len(f)))
            ),
            "you took the variance; the standard error is the standard deviation over √m.": scored(
                lambda f: f.var() / math.sqrt(len(f))
            ),
            "this is the variance of the mean; the standard error is its root.": scored(lambda f: f.var() / len(f)),
        },
    )


def nearest_hill_gap(answer, d2_real, d2_blurs, sigma):
    """The gap in nats that the nearest hills alone explain."""
    gain = d2_real - d2_blurs
    mistakes = {
        "the sign: the blurs stand nearer, so that their score is higher.": -gain / (2 * sigma**2),
        "you forgot the 2: the exponent is -d²/2σ².": gain / sigma**2,
        "you divided by 2σ; the exponent is -d²/2σ².": gain / (2 * sigma),
        "you took the difference of the distances; the exponent has their squares, which is what you were given.": (
            (math.sqrt(d2_real) - math.sqrt(d2_blurs)) / (2 * sigma**2)
        ),
        "you squared once more: d² was given, not d.": (d2_real**2 - d2_blurs**2) / (2 * sigma**2),
        "this is the difference of the squared distances; a hill turns it into nats by 1/2σ².": gain,
        "you multiplied by the number of dimensions; |x - s|² is summed over them already.": 784 * gain / (2 * sigma**2),
        "you added log n: both sets have as many hills, and it drops out.": gain / (2 * sigma**2) + math.log(300),
    }
    number("gap", answer, gain / (2 * sigma**2), mistakes)


def gaussian_frechet_distance(answer, variant=None):
    """gaussian_frechet_distance(mean1, c1, mean2, c2)."""

    def distance(shift=lambda d: (d**2).sum(), root=None, times=2):
        """The Fréchet distance with another way to take the means, or another trace of the root."""

        def trace(a, b):
            return np.sqrt(linalg.eigvals(a @ b).real.clip(min=0)).sum()

        return lambda m1, a, m2, b: shift(m1 - m2) + np.trace(a) + np.trace(b) - times * (root or trace)(a, b)

    def real(*case):  # a root of rounded numbers may carry an imaginary part of 0
        found = answer(*case)
        return found.real if np.iscomplexobj(found) and abs(np.imag(found)) < 1e-9 else found

    def elementwise(a, b):
        return np.trace(np.sqrt(a @ b))

    def diagonal(a, b):
        return np.sqrt(np.diag(a) * np.diag(b)).sum()

    def each_root(a, b):
        return np.trace(linalg.sqrtm(a) @ linalg.sqrtm(b)).real

    def as_deviations(m1, a, m2, b):
        return ((m1 - m2) ** 2).sum() + np.trace((a - b) @ (a - b))

    norm = np.linalg.norm
    rng = _rng(4, variant)
    cases = [(np.array([3.0]), np.array([[4.0]]), np.array([0.0]), np.array([[25.0]]))]
    for size in (2, 3, 4):
        a, b = rng.random((2, size, size))
        covariances = a @ a.T + 0.5 * np.eye(size), b @ b.T + 0.3 * np.eye(size)
        cases.append((rng.normal(size=size), covariances[0], 2 + rng.normal(size=size), covariances[1]))
    compare(
        "gaussian_frechet_distance",
        real if callable(answer) else answer,
        evaluation.gaussian_frechet_distance,
        cases,
        {
            "both bugs are still there: np.sqrt takes the root of each entry, and |μ1 - μ2| is not squared.": (
                distance(norm, elementwise)
            ),
            "np.sqrt takes the root of each entry. The root of a matrix is linalg.sqrtm, or the roots of its eigenvalues.": (
                distance(root=elementwise)
            ),
            "the distance of the means is not squared; a shift of 1 does not show it, one of 3 does.": distance(norm),
            "you forgot the means: add |μ1 - μ2|².": distance(lambda d: 0.0),
            "you averaged the squared distance of the means over the features; take the sum.": distance(
                lambda d: (d**2).mean()
            ),
            "you summed the differences of the means before the square; square each, then sum.": distance(
                lambda d: d.sum() ** 2
            ),
            "this is the root of it: here the Fréchet distance is the squared one, so leave the last root out.": (
                lambda *case: math.sqrt(evaluation.gaussian_frechet_distance(*case))
            ),
            "you took covariances for standard deviations: in one dimension C is σ², and the term is (σ1 - σ2)².": (
                as_deviations
            ),
            "you used only the diagonals: correlations count, too. Take the root of the whole matrix.": distance(root=diagonal),
            "you multiplied the two roots, which is right only if the matrices commute. Take the root of C1 C2.": (
                distance(root=each_root)
            ),
            "you took the root of the trace; it is the trace of the root.": distance(
                root=lambda a, b: math.sqrt(np.trace(a @ b))
            ),
            "you forgot the root: it is (C1 C2)^(1/2).": distance(root=lambda a, b: np.trace(a @ b)),
            "you multiplied the entries, c1 * c2; the product of matrices is c1 @ c2.": distance(
                root=lambda a, b: np.sqrt(linalg.eigvals(a * b).real.clip(min=0)).sum()
            ),
            "the root counts twice: - 2 (C1 C2)^(1/2).": distance(times=1),
        },
        tolerance=1e-4,  # a root in float32 is right, too
    )


def _no_log_of_zero(p):
    return math.exp(sum(a * math.log(a / b) for row in p for a, b in zip(row, p.mean(0))) / len(p))


def inception_score(answer, variant=None):
    """inception_score(p), without unit."""

    def kl(p, q):
        return rel_entr(p, q).sum(1)  # (n,) nats

    def uniform(p):
        return np.full(p.shape[1], 1 / p.shape[1])

    rng = _rng(5, variant)
    cases = [(rng.dirichlet(np.full(size, 0.7), n),) for n, size in ((6, 3), (9, 10))]
    cases += [(np.eye(4)[rng.permutation([0, 0, 0, 1, 2, 3])],), (np.full((5, 10), 0.1),)]  # sure of each, sure of none
    cases.append((np.eye(4)[[1, 1, 1]],))  # one class, and three that never come
    compare(
        "inception_score",
        answer,
        evaluation.inception_score,
        cases,
        {
            "this is the mean KL, in nats; the score is its exp.": lambda p: kl(p, p.mean(0)).mean(),
            "this is the mean KL in bits; the score is exp of the mean KL in nats.": lambda p: (
                kl(p, p.mean(0)).mean() / math.log(2)
            ),
            "you took KL in bits, and exp of it: use the natural logarithm.": lambda p: np.exp(
                kl(p, p.mean(0)).mean() / math.log(2)
            ),
            "you took p(y) as uniform (1/K, which is also p.mean(1)). It is the mean of the rows, p.mean(0); "
            "uneven classes must cost something.": lambda p: np.exp(kl(p, uniform(p)).mean()),
            "you swapped the arguments: it is KL(p(y|x) || p(y)).": lambda p: np.exp(
                rel_entr(np.broadcast_to(p.mean(0), p.shape), p).sum(1).mean()
            ),
            "0 · log 0 gave nan. Its limit is 0: rel_entr knows that.": lambda p: np.exp(
                (p * np.log(p / p.mean(0))).sum(1).mean()
            ),
            "0 · log 0 counts as 0, but math.log(0) is an error. Leave those terms out, or use rel_entr.": _no_log_of_zero,
            "right, except where a class never comes: there both p(y|x) and p(y) are 0, and the term counts as 0.": lambda p: (
                math.nan if (p.mean(0) == 0).any() else evaluation.inception_score(p)
            ),
            "you took exp before the mean; the mean over the images comes first, exp last.": lambda p: np.exp(
                kl(p, p.mean(0))
            ).mean(),
            "you summed over the images; take their mean.": lambda p: np.exp(kl(p, p.mean(0)).sum()),
            "you took the mean over the classes as well; KL is a sum over the classes.": lambda p: np.exp(
                rel_entr(p, p.mean(0)).mean()
            ),
            "this is exp of the entropy of p(y): it asks whether classes are even, not whether each image is sure.": lambda p: (
                np.exp(-rel_entr(p.mean(0), 1).sum())
            ),
            "this is exp of the entropy of p(y), and nan where a class never comes. It asks whether classes are even, not "
            "whether each image is sure.": lambda p: np.exp(-(p.mean(0) * np.log(p.mean(0))).sum()),
        },
    )


def _radii_above_zero(centres, points, k):
    return np.array([np.sort(row[row > 0])[k - 1] for row in cdist(centres, centres)])


def precision_and_recall(answer, variant=None):
    """precision_and_recall(real, fake, k), two shares."""

    def radii(centres, points, k):
        return np.sort(cdist(centres, centres), axis=1)[:, k]

    def both(share):
        return lambda real, fake, k: (share(real, fake, k), share(fake, real, k))

    def balls(radii, inside=np.any):
        """Shares of the points within balls of other radii, or in another sense of "within"."""
        return both(lambda c, p, k: inside(cdist(c, p) <= radii(c, p, k)[:, None], axis=0).mean())

    rng = _rng(6, variant)
    cases = []
    for n, m, size, k in ((30, 40, 2, 3), (25, 60, 2, 1), (50, 35, 3, 5)):
        real = np.concatenate([rng.normal(-2, 0.6, (n, size)), rng.normal(2, 0.6, (n, size))])
        cases.append((real, rng.normal(-1.8, 0.8, (m, size)), k))
    cases.append((rng.normal(size=(40, 2)), np.tile(rng.normal(size=(8, 2)), (5, 1)), 3))  # repeats: balls of radius 0
    compare(
        "precision_and_recall",
        answer,
        lambda real, fake, k: np.array(evaluation.precision_and_recall(real, fake, k)),
        cases,
        {
            "you swapped them: precision, the share of the fakes in balls round real ones, comes first.": lambda r, f, k: (
                evaluation.precision_and_recall(f, r, k)
            ),
            "your k counts the point itself: column 0 of the sorted distances is its own. The k-th neighbour is in column k.": (
                balls(lambda c, p, k: radii(c, p, k - 1))
            ),
            "you left out all distances of 0; a repeated sample is a neighbour, too, at distance 0. Leave out only the centre "
            "itself: one column.": balls(_radii_above_zero),
            "your radius is one neighbour too large: column 0 is the point itself, column k its k-th neighbour.": balls(
                lambda c, p, k: radii(c, p, k + 1)
            ),
            "your radii come from the wrong set: a ball reaches to its centre's k-th neighbour of its own kind.": balls(
                lambda c, p, k: np.sort(cdist(c, p), axis=1)[:, k - 1]
            ),
            "your radii come from the wrong set (and column k is one too far there): a ball reaches to its centre's k-th "
            "neighbour of its own kind.": balls(lambda c, p, k: np.sort(cdist(c, p), axis=1)[:, k]),
            "you used the radius of the point; a ball belongs to its centre, so compare with the radius of the centre.": both(
                lambda c, p, k: (cdist(c, p) <= radii(p, c, k)).any(0).mean()
            ),
            "you counted the balls that hold a point; count the points that lie in a ball: any over the centres.": both(
                lambda c, p, k: (cdist(c, p) <= radii(c, p, k)[:, None]).any(1).mean()
            ),
            "you asked that a point lie in all balls; one is enough: any.": balls(radii, np.all),
            "you averaged over all pairs; first ask of each point whether any ball holds it.": balls(radii, np.mean),
            "you used one radius for all, the mean; each ball has its own.": balls(
                lambda c, p, k: np.full(len(c), radii(c, p, k).mean())
            ),
            "you counted the points; give the shares.": lambda r, f, k: (
                np.array(evaluation.precision_and_recall(r, f, k)) * [len(f), len(r)]
            ),
        },
    )


# Catch the cheat: five sets of small digits, in an order that the variant decides.

CHEATS = ("memoriser", "one a class", "blurred", "only 0 to 4", "honest")


def _line_up(variant):
    """{letter: who it is}."""
    rng = _rng(7, variant)
    order = rng.permutation(CHEATS).tolist()
    while variant != 0 and order == list(_line_up(0).values()):
        order = rng.permutation(CHEATS).tolist()
    return dict(zip("ABCDE", order))


def suspects(variant):
    """Scores of an honest set ("reference") and of five anonymous ones: {name: {measure: score}}."""
    from sklearn.datasets import load_digits
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    digits = load_digits()
    mixed = _rng(8, variant).permutation(len(digits.target))
    pixels, labels = digits.images.reshape(-1, 64)[mixed] / 16, digits.target[mixed]
    judge, train, new, test, validation = np.split(np.arange(len(mixed)), [400, 800, 1300, 1600])
    classifier = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1).fit(pixels[judge], labels[judge])

    def seen(images):
        return classifier.transform(images), classifier.predict_proba(images)

    test_features, test_probabilities = seen(pixels[test])
    size, honest = 200, pixels[new]
    typical = []
    for digit in range(10):
        members = pixels[train][labels[train] == digit]
        typical.append(members[((members - members.mean(0)) ** 2).sum(1).argmin()])
    sets = {
        "memoriser": pixels[train][:size],
        "one a class": np.tile(typical, (size // 10, 1)),
        "blurred": gaussian_filter(honest[:size].reshape(-1, 8, 8), (0, 0.5, 0.5)).reshape(size, 64),
        "only 0 to 4": honest[labels[new] < 5][:size],
        "honest": honest[:size],
    }
    rows = {"reference": honest[-size:]} | {letter: sets[who] for letter, who in _line_up(variant).items()}
    scores = {}
    for name, images in rows.items():
        features, probabilities = seen(images)
        sigma = evaluation.choose_sigma(images, pixels[validation])
        precision, recall = evaluation.precision_and_recall(test_features, features)
        found = {
            "Parzen": evaluation.parzen_log_likelihood(images, pixels[test], sigma)[0],
            "Inception": evaluation.inception_score(probabilities),
            "Fréchet": evaluation.frechet_distance(test_features, features),
            "precision": precision,
            "recall": recall,
            "coverage": evaluation.class_coverage(test_probabilities, probabilities),
            "copying": evaluation.copying_test(images, pixels[train], pixels[test])[0],
        }
        scores[name] = {measure: round(float(score), 2) for measure, score in found.items()}
    return scores


_NOT_SO = {  # (who it is, who it was taken for): why not
    ("memoriser", "honest"): "you compared it with test images only, and of those it has everything. Look at the copying test.",
    ("one a class", "honest"): "you trusted the Inception score: one sure image a class scores full marks. Look at recall.",
    ("blurred", "honest"): "you trusted Parzen and precision: blurs stand near everybody's digit. Look at recall and Fréchet.",
    (
        "only 0 to 4",
        "honest",
    ): "you trusted precision: each image may be perfect, and half of the digits missing. Look at coverage.",
    ("memoriser", "one a class"): "it copies, but not ten images only: its recall is that of honest images.",
    ("one a class", "memoriser"): "it copies, but only a few images: look at its recall.",
    ("blurred", "only 0 to 4"): "low recall is not enough: its coverage is that of honest images, so that no digit is missing.",
    ("only 0 to 4", "blurred"): "blurs of all digits lose recall, but no classes: look at its coverage.",
}
_BECAUSE = {  # who it is: what gives it away
    "memoriser": "its copying test says that it lies on the training images, and yet it has the recall of honest ones.",
    "one a class": "its recall is next to nothing, and its Inception score full marks.",
    "blurred": "it is no copy and misses no class, and yet half of the real images lie out of its reach.",
    "only 0 to 4": "its coverage is about one half, and so is its Inception score.",
    "honest": "you accused the innocent. Compare it with the first line: two honest sets differ by as much.",
}


def cheats(named, variant):
    """named: {letter: who it is}, for the five anonymous sets of ``suspects(variant)``."""
    line_up = _line_up(variant)
    if not isinstance(named, dict) or set(named) != set(line_up):
        raise NotYet("catch the cheat: named must be a dictionary with the keys A, B, C, D and E")
    if any(who is Ellipsis or who is None for who in named.values()):
        raise NotYet("catch the cheat: still blank. Put a name for each row of dots.")
    for letter, who in named.items():
        if who not in CHEATS:
            raise NotYet(f"catch the cheat: {letter} is called {who!r}; the names are {', '.join(CHEATS)}")
    if len(set(named.values())) < len(CHEATS):
        raise NotYet("catch the cheat: you used a name twice; each of the five stands in the line-up once")
    # Who was taken for honest says most about the mistake: look at that letter first.
    for letter in sorted(line_up, key=lambda letter: named[letter] != "honest"):
        truth, said = line_up[letter], named[letter]
        if truth != said:
            raise NotYet(f"catch the cheat: {letter} is not {said!r}: {_NOT_SO.get((truth, said), _BECAUSE[truth])}")
    print("✓ catch the cheat: all five")
