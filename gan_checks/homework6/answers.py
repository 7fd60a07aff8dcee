"""What a generator answers to a discriminator that stands still, if it is held back by a leash."""

import math

import numpy as np
from scipy.special import softmax

from ..engine import Sign, Task, mistakes, seed_of


def boards(variant):
    """(D at each place, what G draws now, how strong the leash is)."""
    rng, cases = np.random.default_rng([61, seed_of(variant)]), []
    for places, tau in ((6, 1.0), (8, 0.4), (9, 3.0)):
        cases.append((rng.uniform(0.05, 0.95, places), rng.dirichlet(np.full(places, 2.0)), tau))
    d, q = rng.uniform(0.1, 0.6, 7), rng.dirichlet(np.full(7, 2.0))
    d[0], q[0] = 0.97, 0.0  # D likes best what G never draws: the odds there are 32^100
    cases.append((d, q / q.sum(), 0.01))
    d, q = rng.uniform(0.1, 0.6, 8), rng.dirichlet(np.full(8, 2.0))
    d[-1] = 0.9  # 9^1000 is more than any float holds
    return [*cases, (d, q, 1e-3)]


def logit(d):
    return np.log(d) - np.log1p(-d)


def in_logs(log_weights):
    """An answer from logarithms of weights: none is too small or too large."""
    return lambda d, q, tau: softmax(log_weights(d, np.log(q), tau))


def as_weights(weights):
    """An answer from the weights themselves, which may overflow."""

    def answer(d, q, tau):
        found = weights(d, q, tau)
        return found / found.sum()

    return answer


def both(log_weights):
    """The same formula, written either way."""
    return (
        in_logs(log_weights),
        as_weights(lambda d, q, tau: np.exp(log_weights(d, np.log(q), tau))),
    )


def by_loops(d, q, tau):
    exponents = [math.log(a / (1 - a)) / tau for a in d]
    top = max(exponents)
    weights = [b * math.exp(e - top) for b, e in zip(q, exponents)]
    return [w / sum(weights) for w in weights]


def point(d, q, tau):
    return np.eye(len(d))[d.argmax()]


def no_distribution(found, *case):
    found = np.asarray(found, dtype=float)
    return np.isfinite(found).all() and abs(found.sum() - 1) > 1e-6


best_answer = Task(
    "best_answer",
    "best_answer(d, q, tau): the distribution on the places that costs least",
    in_logs(lambda d, log_q, tau: log_q + logit(d) / tau),
    boards,
    mistakes(
        "that is the best answer without a leash: all of G on the place where D is highest. Here "
        "each step away from q costs tau times the KL.",
        point,
        "you left q out: the leash pulls towards what G draws now, not towards even shares.",
        *both(lambda d, log_q, tau: logit(d) / tau),
        "the factor 1/tau is missing from the exponent: a short leash and a long one give the same "
        "answer.",
        *both(lambda d, log_q, tau: log_q + logit(d)),
        "the exponent is tau, and should be 1/tau: the longer the leash (the smaller tau), the "
        "further G goes.",
        *both(lambda d, log_q, tau: log_q + tau * logit(d)),
        "the power belongs to the odds only: q keeps the power 1.",
        *both(lambda d, log_q, tau: (log_q + logit(d)) / tau),
        "upside down: this G flees from where D takes it for real. Check the sign of the logit.",
        *both(lambda d, log_q, tau: log_q - logit(d) / tau),
        "only -log D counts in this answer. The loss here is minus the logit, -log D + log(1 - D): "
        "the odds D/(1 - D) take the place of D.",
        *both(lambda d, log_q, tau: log_q + np.log(d) / tau),
        "only log(1 - D) counts in this answer. The loss here is minus the logit, -log D + "
        "log(1 - D): the odds D/(1 - D) take the place of 1/(1 - D).",
        *both(lambda d, log_q, tau: log_q - np.log1p(-d) / tau),
        "you put D itself into the exponent; it is the logit of D, log D - log(1 - D).",
        *both(lambda d, log_q, tau: log_q + d / tau),
        "these shares do not sum to 1: divide by their sum.",
        Sign(no_distribution),
        lambda d, q, tau: q * (1 + logit(d) / tau),
        lambda d, q, tau: q * np.exp(logit(d) / tau - logit(d).max() / tau),
        "where q is 0, p must be 0, however much D likes the place. You added something tiny to q, "
        "and a long leash makes it large. log 0 is minus infinity, and exp makes it 0 again.",
        in_logs(lambda d, log_q, tau: np.log(np.exp(log_q) + 1e-12) + logit(d) / tau),
        in_logs(lambda d, log_q, tau: np.log(np.exp(log_q) + 1e-8) + logit(d) / tau),
        "right, until the leash gets long: for tau = 0.001 the odds are taken to the power 1000, "
        "and that overflows or leaves nothing (0/0). Add up logarithms, subtract the largest, and "
        "take exp last.",
        as_weights(lambda d, q, tau: q * (d / (1 - d)) ** (1 / tau)),
        as_weights(lambda d, q, tau: q * np.exp(logit(d) / tau)),
    ),
    also_right=(
        by_loops,
        as_weights(lambda d, q, tau: q * np.exp((logit(d) - logit(d).max()) / tau)),
    ),
    tolerance=1e-3,  # a search may find it, too
)
