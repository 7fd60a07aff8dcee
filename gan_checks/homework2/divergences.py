"""KL and JS of two densities."""

import math

import numpy as np
from scipy.integrate import simpson, trapezoid
from scipy.special import rel_entr
from scipy.stats import norm

from ..engine import NOTHING, Task, mistakes
from .grids import bell_pairs, bump, right_kl, two_boxes


def kl_with_zeros(variant):
    shift = 0.0 if variant is None else float(np.random.default_rng(variant).uniform(-1, 1))
    x = np.linspace(-8, 8, 8001)
    return [
        (bump(x, shift - 1, 2.0), norm.pdf(x, 0.3, 1.2), x),
        (bump(x, shift, 3.0), norm.pdf(x), x),
        (two_boxes(x, 2 + shift / 2), norm.pdf(x, 0.0, 2.0), x),
    ]


def kl_over_what_happens(p, q, x):
    some = p > 0
    return trapezoid(p[some] * np.log(p[some] / q[some]), x[some])


KL_AT_ZERO = Task(
    "kl, where p is 0",
    "",
    right_kl,
    kl_with_zeros,
    mistakes(
        "0 · log 0 gave nan. Its limit is 0: compute the terms only where p > 0, and leave the "
        "others 0.",
        lambda p, q, x: float(trapezoid(p * np.log(p / q), x)),
        "you cut the places with p = 0 out of x, and trapezoid bridged the gap between the "
        "pieces. Keep all of x, with terms of 0 there.",
        kl_over_what_happens,
        "this is Simpson's rule. It lays parabolas through the points, and where p suddenly "
        "becomes 0 they are too smooth. Use the trapezoidal rule: trapezoid(terms, x).",
        lambda p, q, x: simpson(rel_entr(p, q), x=x),
    ),
)

kl = Task(
    "kl",
    "kl(p, q, x) = KL(p||q) of densities on a grid, in nats",
    right_kl,
    bell_pairs,
    mistakes(
        NOTHING,
        lambda p, q, x: print(trapezoid(p * np.log(p / q), x)),
        "you swapped p and q: this is KL(q‖p). The first one weighs, and stands above in the "
        "fraction.",
        lambda p, q, x: float(trapezoid(q * np.log(q / p), x)),
        "you summed without dx: the sum grows with the number of grid points. Use "
        "trapezoid(terms, x), or multiply by the step x[1] - x[0].",
        lambda p, q, x: float((p * np.log(p / q)).sum()),
        "you took the mean over the grid points. An integral is a sum times dx: use "
        "trapezoid(terms, x).",
        lambda p, q, x: float((p * np.log(p / q)).mean()),
        "your step is too small: n points have n - 1 steps between them. It is x[1] - x[0].",
        lambda p, q, x: rel_entr(p, q).sum() * (x[-1] - x[0]) / len(x),
        "you took an absolute value. The terms may be negative where q is above p; only the "
        "whole is never negative.",
        lambda p, q, x: float(trapezoid(np.abs(p * np.log(p / q)), x)),
        lambda p, q, x: float(trapezoid(p * np.abs(np.log(p / q)), x)),
        "you forgot the weight p: log(p/q) counts as often as p makes x happen. Multiply by p "
        "before you integrate.",
        lambda p, q, x: float(trapezoid(np.log(p / q), x)),
        "the weight must be p, the density that things come from; you weighed log(p/q) with q.",
        lambda p, q, x: float(trapezoid(q * np.log(p / q), x)),
        "the sign is wrong: log(p/q), not log(q/p). KL is never negative.",
        lambda p, q, x: float(trapezoid(p * np.log(q / p), x)),
        "you used log2: that is bits. Here the unit is the nat: use np.log.",
        lambda p, q, x: float(trapezoid(p * np.log2(p / q), x)),
        "this is the whole cost H(p, q) = -∫ p log q; KL is the *extra* cost, so subtract the "
        "entropy of p.",
        lambda p, q, x: float(-trapezoid(p * np.log(q), x)),
    ),
    also_right=(
        lambda p, q, x: rel_entr(p, q).sum() * (x[1] - x[0]),
        lambda p, q, x: trapezoid(np.where(p > 0, p * np.log(p / q), 0), x),  # with warnings
    ),
    then=(KL_AT_ZERO,),
)


def right_js(p, q, x):
    m = (p + q) / 2
    return (right_kl(p, m, x) + right_kl(q, m, x)) / 2


def js_with_zeros(variant):
    gap = 1.0 if variant is None else float(np.random.default_rng(variant).uniform(0.5, 3))
    x = np.linspace(-8, 8, 8001)
    left = bump(x, -3.0, 2.0)
    return [
        (left, bump(x, -1.0 + gap, 2.0), x),
        (left, bump(x, -2.4, 2.0), x),
        (two_boxes(x, 2.0), norm.pdf(x), x),
    ]


def js_over_what_happens(p, q, x):
    m = (p + q) / 2
    return (kl_over_what_happens(p, m, x) + kl_over_what_happens(q, m, x)) / 2


def js_where_both_happen(p, q, x):
    m, both, terms = (p + q) / 2, (p > 0) & (q > 0), np.zeros_like(p)
    terms[both] = (p * np.log(p / m) + q * np.log(q / m))[both]
    return trapezoid(terms, x) / 2


JS_AT_ZERO = Task(
    "js, where p or q is 0",
    "",
    right_js,
    js_with_zeros,
    mistakes(
        "your kl cuts the places with p = 0 out of x, and trapezoid bridges the gap between the "
        "pieces. Keep all of x.",
        js_over_what_happens,
        "0 · log 0 gave nan. Its limit is 0: your kl must leave out the terms with p = 0.",
        lambda p, q, x: trapezoid(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q)), x) / 2,
        "where only one of the two is 0, the other's term still counts: leave out p = 0 in "
        "KL(p‖m), and q = 0 in KL(q‖m).",
        js_where_both_happen,
    ),
)

js = Task(
    "js",
    "js(p, q, x) = JS(p||q) of densities on a grid, in nats",
    right_js,
    bell_pairs,
    mistakes(
        "a half is missing: JS is the *mean* of the two KL terms, and you gave their sum.",
        lambda p, q, x: right_kl(p, (p + q) / 2, x) + right_kl(q, (p + q) / 2, x),
        "the mixture is not halved: m = (p + q)/2 is a density, p + q has the mass 2.",
        lambda p, q, x: (right_kl(p, p + q, x) + right_kl(q, p + q, x)) / 2,
        "two halves are missing: m = (p + q)/2, and JS is the *mean* of the two KL terms.",
        lambda p, q, x: right_kl(p, p + q, x) + right_kl(q, p + q, x),
        "this is the average of KL(p‖q) and KL(q‖p), which can be infinite. JS compares each of "
        "the two with the mixture m.",
        lambda p, q, x: (right_kl(p, q, x) + right_kl(q, p, x)) / 2,
        "the mixture stands on the wrong side: KL(p‖m), not KL(m‖p).",
        lambda p, q, x: (right_kl((p + q) / 2, p, x) + right_kl((p + q) / 2, q, x)) / 2,
        "only p is compared with the mixture. Do the same for q, and take the mean of the two.",
        lambda p, q, x: right_kl(p, (p + q) / 2, x),
        "only p is compared with the mixture; the other half, KL(q‖m)/2, is missing.",
        lambda p, q, x: right_kl(p, (p + q) / 2, x) / 2,
        "that is in bits; here the unit is the nat. Multiply by log 2, or use np.log.",
        lambda p, q, x: right_js(p, q, x) / math.log(2),
        "this is the square root of JS. That is a distance, but JS itself is without the root.",
        lambda p, q, x: math.sqrt(right_js(p, q, x)),
    ),
    also_right=(lambda p, q, x: right_kl(p, (p + q) / 2, x) / 2 + right_kl(q, (p + q) / 2, x) / 2,),
    then=(JS_AT_ZERO,),
)
