"""The slopes of G's two losses for one fake, as functions of its logit."""

import numpy as np

from ..engine import Task, mistakes, seed_of
from ..questions import Several


def some_logits(variant):
    rng = np.random.default_rng(seed_of(variant))
    return [(np.array([-6.9, -1.0, 0.0, 2.0]),), (rng.uniform(-5, 5, 5),)]


def sigma(a):
    return 1 / (1 + np.exp(-a))


BY_D = (
    "this is the slope with respect to D, the probability. With respect to the logit, multiply by "
    "sigma(a) (1 - sigma(a))."
)
SIGN = "the sign is turned: both losses *fall* as the logit grows, since G wants a to be large."
ITSELF = "this is the loss itself, not its slope."
LOGIT = (
    "a itself stands where sigma(a) should: D = sigma(a) is the probability, a is only its logit."
)
OF_D = (
    "this is sigma'(a), the slope of D with respect to the logit. The logarithm has a slope, too: "
    "multiply the two."
)
ONLY_SIGMA = (
    OF_D,
    lambda a: sigma(a) * (1 - sigma(a)),
    f"{OF_D} And mind the sign.",
    lambda a: -sigma(a) * (1 - sigma(a)),
)

MINIMAX = Task(
    "minimax_slope",
    "the slope of log(1 - sigma(a)) with respect to the logit a (n,)",
    lambda a: -sigma(a),
    some_logits,
    mistakes(
        "this is the slope of -log sigma(a); did you swap the two? Where D is sure of a fake, a "
        "far below 0, it is the *minimax* slope that vanishes.",
        lambda a: -(1 - sigma(a)),
        BY_D,
        lambda a: -1 / (1 - sigma(a)),
        SIGN,
        lambda a: sigma(a),
        ITSELF,
        lambda a: np.log(1 - sigma(a)),
        LOGIT,
        lambda a: -a,
        *ONLY_SIGMA,
    ),
)
NON_SATURATING = Task(
    "non_saturating_slope",
    "the slope of -log sigma(a) with respect to the logit a (n,)",
    lambda a: -(1 - sigma(a)),
    some_logits,
    mistakes(
        "this is the slope of log(1 - sigma(a)). For -log sigma(a) the other factor of sigma'(a) "
        "is left.",
        lambda a: -sigma(a),
        BY_D,
        lambda a: -1 / sigma(a),
        SIGN,
        lambda a: 1 - sigma(a),
        ITSELF,
        lambda a: -np.log(sigma(a)),
        LOGIT,
        lambda a: -(1 - a),
        *ONLY_SIGMA,
    ),
)
slopes = Several(
    "minimax_slope and non_saturating_slope, functions of logits (n,)", (MINIMAX, NON_SATURATING)
)
