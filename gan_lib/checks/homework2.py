"""Checks of homework 2: how far apart two distributions are.

Densities are arrays on an evenly spaced grid, as in :mod:`gan_lib.densities`; all logarithms are natural.
"""

import math

import numpy as np
from scipy.integrate import cumulative_trapezoid, trapezoid
from scipy.special import rel_entr
from scipy.stats import norm

from .. import information
from .verdicts import NotYet, compare, number, outcome


def _hill(x, left, width):
    """A density that is 0 outside [left, left + width] and rises smoothly inside, so that no rule of quadrature stumbles."""
    inside = (x > left) & (x < left + width)
    return np.where(inside, (1 - np.cos(2 * math.pi * (x - left) / width)) / width, 0.0)


def _area(values, x):
    return float(trapezoid(values, x))


def _two_boxes(x, near):
    """Half of the mass from -near - 1 to -near, half from near to near + 1, and a hole between."""
    return np.where((np.abs(x) > near) & (np.abs(x) < near + 1), 0.5, 0.0)


def _bridged(p, q, x):
    """KL over the points with p > 0 alone, as if they were neighbours."""
    return _area((p * np.log(p / q))[p > 0], x[p > 0])


def _kl(p, q, x):
    """As densities.kl, for what may be no densities at all."""
    return _area(rel_entr(p, q), x)


def _bell_pairs(variant):
    """Cases (p, q, x): three fixed pairs of bells, or three others that a variant draws."""
    pairs = [(12, 4801, -1.0, 0.6, 1.0, 1.0), (12, 2401, 0.0, 0.6, 0.0, 1.8), (14, 3501, 0.5, 1.0, -1.0, 0.8)]
    if variant is not None:
        rng = np.random.default_rng(variant)
        middles, widths = rng.uniform(-2, 2, (3, 2)), rng.uniform(0.5, 1.5, (3, 2))
        sizes = [(12, 3001), (13, 2601), (15, 4001)]
        pairs = [(*size, a, b, c, d) for size, (a, c), (b, d) in zip(sizes, middles, widths)]
    cases = []
    for end, n, mu_p, sigma_p, mu_q, sigma_q in pairs:
        x = np.linspace(-end, end, n)
        cases.append((norm.pdf(x, mu_p, sigma_p), norm.pdf(x, mu_q, sigma_q), x))
    return cases


def kl(answer, variant=None):
    """kl(p, q, x) = KL(p||q) of densities on a grid, in nats."""
    compare(
        "kl",
        answer,
        _kl,
        _bell_pairs(variant),
        {
            "you swapped p and q: this is KL(q‖p). The first one weighs, and stands above in the fraction.": lambda p, q, x: (
                _kl(q, p, x)
            ),
            "you summed without dx: the sum grows with the number of grid points. Use trapezoid(terms, "
            "x), or multiply by the step x[1] - x[0].": lambda p, q, x: rel_entr(p, q).sum(),
            "you took the mean over the grid points. An integral is a sum times dx: use trapezoid(terms, x).": lambda p, q, x: (
                rel_entr(p, q).mean()
            ),
            "your step is too small: n points have n - 1 steps between them. It is x[1] - x[0].": lambda p, q, x: (
                rel_entr(p, q).sum() * (x[-1] - x[0]) / len(x)
            ),
            "you took an absolute value. The terms may be negative where q is above p; only the whole is never negative.": (
                lambda p, q, x: _area(np.abs(rel_entr(p, q)), x)
            ),
            "you forgot the weight p: log(p/q) counts as often as p makes x happen. Multiply by p before you integrate.": (
                lambda p, q, x: _area(np.log(p / q), x)
            ),
            "the weight must be p, the density that things come from; you weighed log(p/q) with q.": lambda p, q, x: _area(
                q * np.log(p / q), x
            ),
            "the sign is wrong: log(p/q), not log(q/p). KL is never negative.": lambda p, q, x: -_kl(p, q, x),
            "you used log2: that is bits. Here the unit is the nat: use np.log.": lambda p, q, x: _kl(p, q, x) / math.log(2),
            "this is the whole cost H(p, q) = -∫ p log q; KL is the *extra* cost, so subtract the "
            "entropy of p.": lambda p, q, x: _area(-p * np.log(q), x),
        },
    )
    zero_nan = "0 · log 0 gave nan. Its limit is 0: compute the terms only where p > 0, and leave the others 0."
    shift = 0.0 if variant is None else float(np.random.default_rng(variant).uniform(-1, 1))
    x = np.linspace(-8, 8, 8001)
    cases = [(_hill(x, shift - 1, 2.0), norm.pdf(x, 0.3, 1.2), x), (_hill(x, shift, 3.0), norm.pdf(x, 0.0, 1.0), x)]
    cases.append((_two_boxes(x, 2 + shift / 2), norm.pdf(x, 0.0, 2.0), x))
    compare(
        "kl, where p is 0",
        answer,
        _kl,
        cases,
        {
            zero_nan: lambda p, q, x: _area(p * np.log(p / q), x),
            "you cut the places with p = 0 out of x, and trapezoid bridged the gap between the pieces. Keep all of x, with "
            "terms of 0 there.": _bridged,
        },
    )


def _mixture_js(p, q, x):
    m = (p + q) / 2
    return (_kl(p, m, x) + _kl(q, m, x)) / 2


def js(answer, variant=None):
    """js(p, q, x) = JS(p||q) of densities on a grid, in nats."""
    mistakes = {
        "a half is missing: JS is the *mean* of the two KL terms, and you gave their sum.": lambda p, q, x: (
            2 * _mixture_js(p, q, x)
        ),
        "the mixture is not halved: m = (p + q)/2 is a density, p + q has the mass 2.": lambda p, q, x: (
            _mixture_js(p, q, x) - math.log(2)
        ),
        "two halves are missing: m = (p + q)/2, and JS is the *mean* of the two KL terms.": lambda p, q, x: (
            2 * (_mixture_js(p, q, x) - math.log(2))
        ),
        "this is the average of KL(p‖q) and KL(q‖p), which can be infinite. JS compares each of the two with the mixture m.": (
            lambda p, q, x: (_kl(p, q, x) + _kl(q, p, x)) / 2
        ),
        "the mixture stands on the wrong side: KL(p‖m), not KL(m‖p).": lambda p, q, x: (
            (_kl((p + q) / 2, p, x) + _kl((p + q) / 2, q, x)) / 2
        ),
        "only p is compared with the mixture. Do the same for q, and take the mean of the two.": lambda p, q, x: _kl(
            p, (p + q) / 2, x
        ),
        "only p is compared with the mixture; the other half, KL(q‖m)/2, is missing.": lambda p, q, x: (
            _kl(p, (p + q) / 2, x) / 2
        ),
        "that is in bits; here the unit is the nat. Multiply by log 2, or use np.log.": lambda p, q, x: (
            _mixture_js(p, q, x) / math.log(2)
        ),
        "this is the square root of JS. That is a distance, but JS itself is without the root.": lambda p, q, x: math.sqrt(
            _mixture_js(p, q, x)
        ),
    }
    compare("js", answer, _mixture_js, _bell_pairs(variant), mistakes)
    gap = 1.0 if variant is None else float(np.random.default_rng(variant).uniform(0.5, 3))
    x = np.linspace(-8, 8, 8001)
    hill = _hill(x, -3.0, 2.0)
    compare(
        "js, where p or q is 0",
        answer,
        _mixture_js,
        [(hill, _hill(x, -1.0 + gap, 2.0), x), (hill, _hill(x, -2.4, 2.0), x), (_two_boxes(x, 2.0), norm.pdf(x), x)],
        {
            "your kl cuts the places with p = 0 out of x, and trapezoid bridges the gap between the pieces. Keep all of x.": (
                lambda p, q, x: (_bridged(p, (p + q) / 2, x) + _bridged(q, (p + q) / 2, x)) / 2
            ),
            "0 · log 0 gave nan. Its limit is 0: your kl must leave out the terms with p = 0.": lambda p, q, x: (
                (_area(p * np.log(2 * p / (p + q)), x) + _area(q * np.log(2 * q / (p + q)), x)) / 2
            ),
            "where only one of the two is 0, the other's term still counts: leave out p = 0 in KL(p‖m), and q = 0 in "
            "KL(q‖m).": (lambda p, q, x: _mixture_js(np.where(q > 0, p, 0), np.where(p > 0, q, 0), x)),
        },
    )


def _search(cost, mus, sigmas, least=True):
    """The pair (mu, sigma) with the least (or the greatest) cost, and its two indices."""
    table = np.array([[cost(mu, sigma) for sigma in sigmas] for mu in mus])
    i, j = np.unravel_index(table.argmin() if least else table.argmax(), table.shape)
    return (float(mus[i]), float(sigmas[j])), (int(i), int(j))


def _fit(p, x, mus, sigmas, reverse, **options):
    def cost(mu, sigma):
        q = norm.pdf(x, mu, sigma)
        return _kl(q, p, x) if reverse else _kl(p, q, x)

    return _search(cost, mus, sigmas, **options)


def _moments(p, x):
    mean = _area(p * x, x)
    return mean, _area(p * (x - mean) ** 2, x)


def best_bell(answer, variant=None):
    """best_bell(p, x, mus, sigmas, reverse) = the (mu, sigma) of the bell with the least forward or reverse KL."""
    x = np.linspace(-10, 10, 1001)
    mus, sigmas = np.linspace(-3, 3, 25), np.linspace(0.4, 2.8, 25)
    humps = [(0.7, -2.0, 0.5, 2.0, 0.5), (0.35, -1.5, 0.4, 2.5, 0.6)]
    if variant is not None:
        rng = np.random.default_rng(variant)
        heavy, side, width = rng.choice([0.57, 0.62, 0.68, 0.71, 0.75]), rng.choice([-2.0, 2.0]), rng.choice([0.4, 0.5, 0.6])
        humps = [(heavy, side, width, -side, 0.5)]
    cases = []
    for share, left, left_width, right, right_width in humps:
        p = share * norm.pdf(x, left, left_width) + (1 - share) * norm.pdf(x, right, right_width)
        cases += [(p, x, mus, sigmas, False), (p, x, mus, sigmas, True)]
    elsewhere = np.linspace(-9, 11, 801)  # another grid, lists of unlike lengths, and no good fit among them
    p = 0.6 * norm.pdf(elsewhere, -2.0, 0.5) + 0.4 * norm.pdf(elsewhere, 2.0, 0.5)
    cases += [(p, elsewhere, np.linspace(3, 6, 7), np.linspace(0.5, 1.5, 5), reverse) for reverse in (False, True)]

    def mean_and_deviation(p, x, mus, sigmas, reverse):
        mean, variance = _moments(p, x)
        return mean, math.sqrt(variance)

    def forward_then(other):
        """A mistake that is right for forward KL, and ``other`` for reverse."""
        return lambda p, x, mus, sigmas, reverse: (other if reverse else _best)(p, x, mus, sigmas, reverse)

    def _best(p, x, mus, sigmas, reverse):
        return _fit(p, x, mus, sigmas, reverse)[0]

    def of_the_highest_point(p, x, mus, sigmas, reverse):
        mean, variance = _moments(p, x)
        return float(mus[np.abs(mus - x[p.argmax()]).argmin()]), float(sigmas[np.abs(sigmas - math.sqrt(variance)).argmin()])

    compare(
        "best_bell",
        answer,
        _best,
        cases,
        {
            "you swapped them: with reverse=False the answer is that of reverse "
            "KL(q‖p), and the other way round. Forward has the data p first.": lambda p, x, mus, sigmas, reverse: _best(
                p, x, mus, sigmas, not reverse
            ),
            "this is forward KL(p‖q) both times. With reverse=True the arguments change places: kl(q, p, x).": (
                lambda p, x, mus, sigmas, reverse: _best(p, x, mus, sigmas, False)
            ),
            "this is reverse KL(q‖p) both times. With reverse=False the data come first: kl(p, q, x).": (
                lambda p, x, mus, sigmas, reverse: _best(p, x, mus, sigmas, True)
            ),
            "these are mean and standard deviation of p. Forward KL leads there, reverse KL has no such formula: try the "
            "pairs of mus and sigmas, and return one of them.": mean_and_deviation,
            "reverse KL does not match the mean and standard deviation of p; only forward KL does. For reverse, try all "
            "pairs with kl(q, p, x).": forward_then(mean_and_deviation),
            "you gave the variance as sigma. The bell wants its square root.": lambda p, x, mus, sigmas, reverse: _moments(
                p, x
            ),
            "these are moments of the wrong density: x.mean() and x.std() treat every "
            "grid point alike. Weigh with p, or rather let kl decide.": lambda p, x, mus, sigmas, reverse: (
                float(x.mean()),
                float(x.std()),
            ),
            "these are moments of the wrong density: mean and width of the list of "
            "values p. They must be those of x, weighed with p; or rather let kl "
            "decide.": lambda p, x, mus, sigmas, reverse: (float(p.mean()), float(p.std())),
            "your middle is the highest point of p, and your width that of the whole of p: neither divergence asks for "
            "that. Let kl decide about both.": of_the_highest_point,
            "you kept the *greatest* divergence; the best bell has the least.": lambda p, x, mus, sigmas, reverse: _fit(
                p, x, mus, sigmas, reverse, least=False
            )[0],
            "you returned the indices of the best pair: return mus[i] and sigmas[j].": lambda p, x, mus, sigmas, reverse: _fit(
                p, x, mus, sigmas, reverse
            )[1],
            "you returned (sigma, mu): the order is (mu, sigma).": lambda p, x, mus, sigmas, reverse: _best(
                p, x, mus, sigmas, reverse
            )[::-1],
            "you returned the least divergence itself; asked for is the pair (mu, sigma) where it is least.": (
                lambda p, x, mus, sigmas, reverse: _fit_value(p, x, mus, sigmas, reverse)
            ),
        },
    )


def _fit_value(p, x, mus, sigmas, reverse):
    q = norm.pdf(x, *_fit(p, x, mus, sigmas, reverse)[0])
    return _kl(q, p, x) if reverse else _kl(p, q, x)


def _cdf(p, x):
    return cumulative_trapezoid(p, x, initial=0)


def wasserstein1(answer, variant=None):
    """wasserstein1(p, q, x) = the area between the distribution functions, in the unit of x."""
    shift, far, wide = 1.5, 4.0, 1.6
    if variant is not None:
        shift, far, wide = np.random.default_rng(variant).uniform((0.5, 2.5, 1.2), (2.0, 4.0, 1.8))
    x, fine = np.linspace(-10, 10, 4001), np.linspace(-8, 8, 4001)
    cases = [
        (norm.pdf(x, 0.0, 1.0), norm.pdf(x, shift, 1.0), x),
        (norm.pdf(x, 0.0, 0.8), norm.pdf(x, -shift, 0.8), x),
        (norm.pdf(x, -1.0, 0.6), norm.pdf(x, 0.2, wide), x),
        (norm.pdf(x, 0.0, 0.7), norm.pdf(x, 0.0, wide), x),  # the same mean: what goes left and what goes right must not cancel
        (_hill(fine, -2.0, 2.0), _hill(fine, -2.0 + far, 2.0), fine),
    ]

    def step(x):
        return x[1] - x[0]

    def between(p, q, x):
        return _cdf(p, x) - _cdf(q, x)

    compare(
        "wasserstein1",
        answer,
        lambda p, q, x: _area(np.abs(between(p, q, x)), x),
        cases,
        {
            "you squared the difference. Work is mass times distance: take the absolute value.": lambda p, q, x: _area(
                between(p, q, x) ** 2, x
            ),
            "you squared the difference and took the root of the integral. Take the absolute value, and "
            "no root.": lambda p, q, x: math.sqrt(_area(between(p, q, x) ** 2, x)),
            "no absolute value: what is carried to the left and what is carried to the right cancel. "
            "Take |F_p - F_q|.": lambda p, q, x: _area(between(p, q, x), x),
            "no absolute value: F_q - F_p can be negative, and then work seems to be won back. Take |F_p "
            "- F_q|.": lambda p, q, x: -_area(between(p, q, x), x),
            "the absolute value comes too late: take |F_p - F_q| at each x, *before* you integrate, or left and right "
            "cancel, and only the difference of the two means is left.": (lambda p, q, x: abs(_area(between(p, q, x), x))),
            "dx is missing once. Either F is a bare sum (it must end at 1), or the integral of |F_p - "
            "F_q| is: use cumulative_trapezoid and trapezoid, or multiply by the step x[1] - x[0].": lambda p, q, x: np.abs(
                between(p, q, x)
            ).sum(),
            "you took the mean of |F_p - F_q| over the grid points. An integral is a sum times dx: use trapezoid(..., x).": (
                lambda p, q, x: np.abs(between(p, q, x)).mean()
            ),
            "dx is missing twice, in F (which must end at 1) and in the integral.": lambda p, q, x: np.abs(
                np.cumsum(p) - np.cumsum(q)
            ).sum(),
            "you compared the densities p and q themselves, which is blind to distance. Compare F_p and F_q, the areas "
            "up to x.": (lambda p, q, x: _area(np.abs(p - q), x)),
            "this is total variation: it compares the densities, and is blind to distance. Compare F_p "
            "and F_q.": lambda p, q, x: _area(np.abs(p - q), x) / 2,
            "you took the largest gap between F_p and F_q. W1 is the whole area between them.": lambda p, q, x: np.abs(
                between(p, q, x)
            ).max(),
            "you halved it. Total variation has a half, W1 has none.": lambda p, q, x: _area(np.abs(between(p, q, x)), x) / 2,
        },
        tolerance=2e-3,  # sums times dx are right, too
    )


def boxes(variant):
    """Three shifts of a box of width 1: one that leaves an overlap, one beyond it, one far beyond it."""
    if variant == 0:
        return 0.2, 1.5, 4.0
    rng = np.random.default_rng(variant)
    overlap, near, far = (
        rng.choice([0.25, 0.35, 0.4, 0.45, 0.6, 0.65, 0.7]),
        rng.choice([1.6, 1.7, 1.8]),
        rng.choice([4.5, 5.0, 5.5]),
    )
    return float(overlap), float(near), float(far)


def apart(js_overlap, js_near, js_far, w1_far, variant):
    """JS (nats) of two boxes, one of them moved by each of ``boxes(variant)``, and W1 at the last of these."""
    overlap, near, far = boxes(variant)
    one = math.log(2)
    answers = {"js_overlap": js_overlap, "js_near": js_near, "js_far": js_far, "w1_far": w1_far}
    for name, answer in answers.items():
        if isinstance(answer, (int, float)) and math.isinf(answer):
            why = "JS compares with the mixture m, which is nowhere 0 where p or q is not"
            if name == "w1_far":
                why = "W1 asks only how far the mass is carried"
            raise NotYet(f"{name} is finite. KL is infinite here; {why}.")
    shared = "the boxes still share a part, and there p/m = 1 and log(p/m) = 0. Count only the part of each that lies outside."
    bits = "that is in bits. In nats, multiply by log 2."
    number(
        "js_overlap",
        js_overlap,
        overlap * one,
        {
            bits: overlap,
            f"log 2 is for boxes that have nothing in common. Here {shared}": one,
            f"you counted the part that they share. Look again: {shared}": (1 - overlap) * one,
            "a half is missing: JS is the *mean* of the two KL terms.": 2 * overlap * one,
            "only one half is there. Both boxes are compared with the mixture: add KL(q‖m)/2.": overlap * one / 2,
            "0 would mean that the boxes are the same.": 0.0,
        },
    )
    for name, answer, theta in (("js_near", js_near, near), ("js_far", js_far, far)):
        number(
            name,
            answer,
            one,
            {
                bits: 1.0,
                "0 would mean that the boxes are the same; they have nothing in common.": 0.0,
                "JS does not go on growing: once nothing overlaps, p/m = 2 all over the box, and it can get no larger.": theta
                * one,
                "that would be W1. JS does not know about distance.": theta,
                "only one half is there. Both boxes are compared with the mixture: add KL(q‖m)/2.": one / 2,
                "JS does not know about the gap between the boxes: it asks only for p/m where p is.": (theta - 1) * one,
                "a half is missing: JS is the *mean* of the two KL terms.": 2 * one,
                "the mixture has half the height of each box, so that p/m = 2, not 1/2; and log 2 is positive.": -one,
            },
        )
    number(
        "w1_far",
        w1_far,
        far,
        {
            "that is the gap between the boxes. All the earth is carried from its place in one box to its place in the "
            "other, by θ.": far - 1,
            "that is JS. W1 is mass times distance: the mass 1, carried by θ.": one,
            "that is total variation, which stops at 1. W1 is mass times distance: the mass 1, carried by θ.": 1.0,
            "no square: W1 is mass times distance, the mass 1, carried by θ.": far**2,
            "both boxes need not move: carry the mass 1 by θ, once.": 2 * far,
            "the average of both ways is not needed: carry the mass 1 by θ, once.": far / 2,
        },
    )


def kl_of_kinds(answer, variant=None):
    """kl_of_kinds(p, q) = KL(p||q) of two lists of probabilities, in nats; inf where only q is 0."""
    rng = np.random.default_rng(1000 if variant is None else variant)
    tenth, three = np.full(10, 0.1), np.zeros(10)
    three[rng.choice(10, 3, replace=False)] = 1 / 3
    a, b = rng.dirichlet(np.full(5, 4.0), size=2)
    cases = [
        (tenth, three),  # q rules out what p does: inf
        (three, tenth),  # the other way round: finite
        (a, b),
        (np.append(a, 0.0), np.append(b, 0.0)),  # what neither does costs nothing
        (np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])),
        (np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])),  # inf, although they overlap
        (np.array([0.5, 0.5]), np.array([1 - 1e-9, 1e-9])),  # tiny, but not 0: finite
    ]

    def right(p, q):
        return information.kl_divergence(p, q, math.e)

    def dropped(p, q):
        seen = (p > 0) & (q > 0)
        return float((p[seen] * np.log(p[seen] / q[seen])).sum())

    def renormalised(p, q):
        seen = (p > 0) & (q > 0)
        return dropped(np.where(seen, p, 0) / p[seen].sum(), np.where(seen, q, 0) / q[seen].sum())

    def finite_instead(p, q):
        """The learner's own answer, where it is finite and ought not to be; or where it is nearly right."""
        found, expected = outcome(answer, (p, q)), right(p, q)
        if isinstance(found, Exception):
            return expected
        finite = np.ndim(found) == 0 and bool(np.isfinite(found))
        repaired = math.isinf(expected) or (q < 1e-6).any() or abs(found - expected) < 1e-3
        return found if finite and repaired else expected

    tiny = (
        "this is finite where KL is infinite. A tiny number in place of 0 (or any other repair) makes the answer depend on "
        "your choice of it: say math.inf."
    )
    compare(
        "kl_of_kinds",
        answer,
        right,
        cases,
        {
            "the bug is still there: the terms with q = 0 and p > 0 were dropped. They are infinite, and so is KL.": dropped,
            "you hide the symptom: cut off at 0, the model that forgets still looks perfect. The terms with q = 0 and p "
            "> 0 are infinite.": (lambda p, q: max(0.0, dropped(p, q))),
            "you hide the symptom: with absolute values the answer is never negative, but what q rules out still costs "
            "nothing.": (lambda p, q: abs(dropped(p, q))),
            "you hide the symptom: each term is not negative any more, but that is not KL, and what q rules "
            "out costs nothing.": lambda p, q: float(sum(u * abs(math.log(u / v)) for u, v in zip(p, q) if u > 0 and v > 0)),
            "you made p and q into probabilities again, on what both do. What q rules out is still forgotten: there KL "
            "is infinite.": (renormalised),
            "too strict: a zero of q is harmless where p is 0 as well. KL is infinite only where q is 0 and "
            "p is not.": lambda p, q: math.inf if (q == 0).any() else right(p, q),
            "too strict: a zero of p costs nothing, since 0 · log 0 counts as 0. KL is infinite only where "
            "q is 0 and p is not.": lambda p, q: math.inf if (q == 0).any() or (p == 0).any() else right(p, q),
            "0 · log 0 gave nan. Its limit is 0: leave out the terms with p = 0, but only those.": lambda p, q: (
                p * np.log(p / q)
            ).sum(),
            "you left out the wrong zeros: those of q are not harmless. Leave out p = 0, and keep q = 0.": lambda p, q: float(
                (p[q > 0] * np.log(p[q > 0] / q[q > 0])).sum()
            ),
            "you swapped p and q: this is KL(q‖p), infinite where p is 0 and q is not.": lambda p, q: right(q, p),
            "nan says that there is no answer. There is one: KL is infinite where q is 0 and p is not.": lambda p, q: (
                math.nan if ((q == 0) & (p > 0)).any() else right(p, q)
            ),
            "a tiny probability is not 0: where q = 1e-9, KL is large and finite. Compare with 0 itself.": lambda p, q: (
                math.inf if ((q < 1e-6) & (p > 0)).any() else right(p, q)
            ),
            tiny: finite_instead,
        },
    )
