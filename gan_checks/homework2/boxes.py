"""Two boxes of width 1, one of them moved: what JS and W1 say of it."""

import math

import numpy as np

from ..engine import mistakes
from ..questions import Question, Several

LOG_2 = math.log(2)


def boxes(variant: int) -> tuple[float, float, float]:
    """Three shifts of a box: one that leaves an overlap, one beyond it, one far beyond it."""
    if variant == 0:
        return 0.2, 1.5, 4.0
    rng = np.random.default_rng(variant)
    overlap = rng.choice([0.25, 0.35, 0.4, 0.45, 0.6, 0.65, 0.7])
    near = rng.choice([1.6, 1.7, 1.8])
    far = rng.choice([4.5, 5.0, 5.5])
    return float(overlap), float(near), float(far)


SHARED = (
    "the boxes still share a part, and there p/m = 1 and log(p/m) = 0. Count only the part of "
    "each that lies outside."
)
BITS = "that is in bits. In nats, multiply by log 2."
HALF_MISSING = "a half is missing: JS is the *mean* of the two KL terms."
ONE_HALF = "only one half is there. Both boxes are compared with the mixture: add KL(q‖m)/2."
JS_INFINITE = (
    "it is finite. KL is infinite here; JS compares with the mixture m, and m is at least p/2 and "
    "q/2 everywhere, so neither logarithm exceeds log 2."
)
JS_OVERLAP = Question(
    "js_overlap",
    "JS of two boxes that overlap, in nats",
    lambda theta: theta * LOG_2,
    lambda variant: boxes(variant)[:1],
    mistakes(
        BITS,
        lambda theta: theta,
        f"log 2 is for boxes that have nothing in common. Here {SHARED}",
        lambda theta: LOG_2,
        f"you counted the part that they share. Look again: {SHARED}",
        lambda theta: (1 - theta) * LOG_2,
        HALF_MISSING,
        lambda theta: 2 * theta * LOG_2,
        ONE_HALF,
        lambda theta: theta * LOG_2 / 2,
        "0 would mean that the boxes are the same.",
        lambda theta: 0.0,
        JS_INFINITE,
        lambda theta: math.inf,
    ),
)


def js_apart(name, which, *further):
    return Question(
        name,
        "JS of two boxes that have nothing in common, in nats",
        lambda theta: LOG_2,
        lambda variant: (boxes(variant)[which],),
        mistakes(
            BITS,
            lambda theta: 1.0,
            "0 would mean that the boxes are the same; they have nothing in common.",
            lambda theta: 0.0,
            "JS does not go on growing: once nothing overlaps, p/m = 2 all over the box, and it "
            "can get no larger.",
            lambda theta: theta * LOG_2,
            "that would be W1. JS does not know about distance.",
            lambda theta: theta,
            ONE_HALF,
            lambda theta: LOG_2 / 2,
            HALF_MISSING,
            lambda theta: 2 * LOG_2,
            "the mixture has half the height of each box, so p/m = 2, not 1/2; and log 2 is "
            "positive.",
            lambda theta: -LOG_2,
            JS_INFINITE,
            lambda theta: math.inf,
            *further,
        ),
    )


JS_NEAR = js_apart("js_near", 1)
JS_FAR = js_apart(
    "js_far",
    2,
    "JS does not know about the gap between the boxes: it asks only for p/m where p is.",
    lambda theta: (theta - 1) * LOG_2,
)
W1_FAR = Question(
    "w1_far",
    "W1 of two boxes far apart, in the unit of x",
    lambda theta: theta,
    lambda variant: boxes(variant)[2:],
    mistakes(
        "that is the gap between the boxes. All the earth is carried from its place in one box to "
        "its place in the other, by θ.",
        lambda theta: theta - 1,
        "that is JS. W1 is mass times distance: the mass 1, carried by θ.",
        lambda theta: LOG_2,
        "that is total variation, which stops at 1. W1 is mass times distance: the mass 1, "
        "carried by θ.",
        lambda theta: 1.0,
        "no square: W1 is mass times distance, the mass 1, carried by θ.",
        lambda theta: theta**2,
        "both boxes need not move: carry the mass 1 by θ, once.",
        lambda theta: 2 * theta,
        "the average of both ways is not needed: carry the mass 1 by θ, once.",
        lambda theta: theta / 2,
        "it is finite. KL is infinite here; W1 asks only how far the mass is carried.",
        lambda theta: math.inf,
    ),
)
apart = Several(
    "js_overlap, js_near, js_far (nats) and w1_far of two boxes, one moved by ``boxes(variant)``",
    (JS_OVERLAP, JS_NEAR, JS_FAR, W1_FAR),
)
