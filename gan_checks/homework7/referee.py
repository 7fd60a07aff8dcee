"""Five papers print a score of one model: four of the scores are not what they are called."""

import copy
import functools
from types import SimpleNamespace

import numpy as np
from scipy.special import logsumexp, xlogy

from ..engine import mistakes
from ..questions import LineUp, Question, dealt
from .orders import rng_of

TRAINING, GREY, LOG_OF_MEAN, NO_WEIGHTS, SOUND = FLAWS = (
    "training digits",
    "grey pixels",
    "log of the mean",
    "no weights",
    "sound",
)


def by_component(ink, x):
    """sum over the pixels of x log p + (1 - x) log(1 - p): (n, 64), (K, 64) -> (n, K)."""
    return x @ np.log(ink).T + (1 - x) @ np.log1p(-ink).T


def log_p(weights, ink, x):
    return logsumexp(by_component(ink, x) + np.log(weights), axis=1)


def fitted(x, parts, rng, rounds=25):
    """Weights and probabilities of ink of a mixture of coins, by expectation maximisation."""
    weights = np.full(parts, 1 / parts)
    ink = 0.1 + 0.8 * x[rng.choice(len(x), parts, replace=False)]
    for _ in range(rounds):
        a = by_component(ink, x) + np.log(weights)
        share = np.exp(a - logsumexp(a, axis=1, keepdims=True))  # (n, K)
        weights = (share.sum(0) + 0.1) / (len(x) + 0.1 * parts)
        ink = (share.T @ x + 0.1) / (share.sum(0)[:, None] + 0.2)
    return weights, ink


@functools.cache
def models_and_digits(variant):
    """The papers' model, its small rival, and the digits, grey and tossed."""
    from sklearn.datasets import load_digits

    rng = rng_of(8, variant)
    grey = rng.permutation(load_digits().data / 16)
    tossed = (rng.random(grey.shape) < grey).astype(float)
    train = tossed[:400]
    (weights, ink), (small_weights, small_ink) = (fitted(train, parts, rng) for parts in (100, 12))
    return {
        "weights": weights,
        "ink": ink,
        "small_weights": small_weights,
        "small_ink": small_ink,
        "train": train,
        "test": tossed[400:1400],
        "test_grey": grey[400:1400],
    }


def culprits(variant):
    """{letter: how the paper computed its score}."""
    return dealt(FLAWS, lambda variant: rng_of(9, variant), variant)


def submission(variant: int) -> SimpleNamespace:
    """What the authors have sent: two models and their digits, and ``printed``, {paper: nats}.

    ``weights`` (100,), ``ink`` (100, 64), ``small_weights`` (12,), ``small_ink`` (12, 64),
    ``train`` (400, 64), ``test`` (1000, 64), ``test_grey`` (1000, 64).
    """
    found = scores(variant)
    printed = {letter: round(found[how][0], 2) for letter, how in culprits(variant).items()}
    return SimpleNamespace(**copy.deepcopy(models_and_digits(variant)), printed=printed)


def one_coin_each(weights, ink, x):
    p = weights @ ink
    return (xlogy(x, p) + xlogy(1 - x, 1 - p)).sum(1).mean()


WAYS = {  # how a score may be computed, from weights, ink and digits of each kind
    TRAINING: lambda w, ink, train, test, grey: log_p(w, ink, train).mean(),
    GREY: lambda w, ink, train, test, grey: log_p(w, ink, grey).mean(),
    LOG_OF_MEAN: lambda w, ink, train, test, grey: (
        logsumexp(log_p(w, ink, test)) - np.log(len(test))
    ),
    NO_WEIGHTS: lambda w, ink, train, test, grey: logsumexp(by_component(ink, test), axis=1).mean(),
    SOUND: lambda w, ink, train, test, grey: log_p(w, ink, test).mean(),
    "best component": lambda w, ink, train, test, grey: (
        (by_component(ink, test) + np.log(w)).max(1).mean()
    ),
    "mean of logs": lambda w, ink, train, test, grey: (by_component(ink, test) @ w).mean(),
    "one coin each": lambda w, ink, train, test, grey: one_coin_each(w, ink, test),
}


@functools.cache
def scores(variant):
    """{way: nats for a digit, of the large model and of the small one}."""
    m = SimpleNamespace(**models_and_digits(variant))
    digits = m.train, m.test, m.test_grey
    return {
        name: (
            float(way(m.weights, m.ink, *digits)),
            float(way(m.small_weights, m.small_ink, *digits)),
        )
        for name, way in WAYS.items()
    }


def both(way):
    """The lead, if both models are scored in this way."""
    return lambda found: found[way][0] - found[way][1]


def mixed(way):
    """The lead, if the large model alone is scored in this way, and the small one soundly."""
    return lambda found: found[way][0] - found[SOUND][1]


honest = both(SOUND)

lead = Question(
    "lead",
    "the mean log-likelihood of the large model minus that of the small one, nats",
    honest,
    lambda variant: (scores(variant),),
    mistakes(
        "the sign is turned: large minus small.",
        lambda found: -honest(found),
        "these are training digits, which both models have seen. A score is about new ones.",
        both(TRAINING),
        mixed(TRAINING),
        "you gave the formula grey pixels. It is a probability only of zeros and ones: use `test`.",
        both(GREY),
        mixed(GREY),
        "the weights of the components are missing: p(x) is the sum of weight times p(x|k).",
        both(NO_WEIGHTS),
        mixed(NO_WEIGHTS),
        "this is the logarithm of the mean probability; the score is the mean of the logarithms.",
        both(LOG_OF_MEAN),
        mixed(LOG_OF_MEAN),
        "you took the best component for each digit; p(x) is a sum over all of them.",
        both("best component"),
        "you averaged the logarithms of p(x|k) over the components: first sum weight times "
        "p(x|k), then take the logarithm (logsumexp).",
        both("mean of logs"),
        "you mixed the ink of all components into one coin for each pixel: that is another model.",
        both("one coin each"),
        "this is the difference for each pixel; give nats for a whole digit.",
        lambda found: honest(found) / 64,
        "this is in bits; give nats.",
        lambda found: honest(found) / np.log(2),
        "this is a score of the large model, or what is printed as one; the lead is a difference.",
        *[lambda found, way=way: found[way][0] for way in FLAWS],
        "this is the score of the small model; the lead is a difference.",
        lambda found: found[SOUND][1],
        "this is the difference summed over all test digits; take the mean.",
        lambda found: 1000 * honest(found),
    ),
)

papers = LineUp(
    "five papers",
    "{paper: how its score was computed}",
    FLAWS,
    culprits,
    {
        (TRAINING, SOUND): "you took its word for it. Compute the score of the *test* digits: you "
        "get a different number.",
        (GREY, SOUND): "you took its word for it. Compute the score of the *tossed* digits: you "
        "get a different number.",
        (LOG_OF_MEAN, SOUND): "you took its word for it: the mean of the logarithms is a "
        "different number.",
        (NO_WEIGHTS, SOUND): "you took its word for it: with the weights of the components you "
        "get a different number.",
        (SOUND, ""): "you accuse the innocent: this is the mean, over test digits that were "
        "tossed, of the logarithm of the weighted sum.",
        (TRAINING, ""): "compute the score of the digits that the model was trained on, and "
        "compare with what is printed.",
        (GREY, ""): "put the grey pixels into the formula, and compare with what is printed.",
        (LOG_OF_MEAN, ""): "compute the logarithm of the mean of p(x) over the test digits, and "
        "compare with what is printed.",
        (NO_WEIGHTS, ""): "leave the weights out, and compare with what is printed.",
    },
    telling=SOUND,
    once=True,
    passed="five papers: all five",
)
