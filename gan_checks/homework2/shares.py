"""KL of two lists of probabilities that may hold zeros."""

import math

import numpy as np
from scipy.special import rel_entr

from ..engine import Sign, Task, mistakes


def lists_with_zeros(variant):
    rng = np.random.default_rng(1000 if variant is None else variant)
    tenth, three = np.full(10, 0.1), np.zeros(10)
    three[rng.choice(10, 3, replace=False)] = 1 / 3
    a, b = rng.dirichlet(np.full(5, 4.0), size=2)
    return [
        (tenth, three),  # q rules out what p does: inf
        (three, tenth),  # the other way round: finite
        (a, b),
        (np.append(a, 0.0), np.append(b, 0.0)),  # what neither does costs nothing
        (np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])),
        (np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])),  # inf, although they overlap
        (np.array([0.5, 0.5]), np.array([1 - 1e-9, 1e-9])),  # tiny, but not 0: finite
    ]


def terms(p, q, some):
    """p log(p/q) at some of the places."""
    return p[some] * np.log(p[some] / q[some])


def right_kl(p, q):
    return float(rel_entr(p, q).sum())


def seen(p, q):
    return (p > 0) & (q > 0)


def again_probabilities(p, q):
    some = seen(p, q)
    p, q = p[some] / p[some].sum(), q[some] / q[some].sum()
    return float((p * np.log(p / q)).sum())


def repaired(found, p, q):
    """A finite number where KL is infinite."""
    return np.ndim(found) == 0 and np.isfinite(found) and (q[p > 0] == 0).any()


kl_of_kinds = Task(
    "kl_of_kinds",
    "kl_of_kinds(p, q) = KL(p||q) of two lists of probabilities, in nats; inf where only q is 0",
    right_kl,
    lists_with_zeros,
    mistakes(
        "the bug is still there: the terms with q = 0 and p > 0 were dropped. They are infinite, "
        "and so is KL.",
        lambda p, q: float(terms(p, q, seen(p, q)).sum()),
        "you hide the symptom: cut off at 0, the model that forgets still looks perfect. The "
        "terms with q = 0 and p > 0 are infinite.",
        lambda p, q: max(0.0, float(terms(p, q, seen(p, q)).sum())),
        "you hide the symptom: with absolute values the answer is never negative, but what q "
        "rules out still costs nothing.",
        lambda p, q: abs(float(terms(p, q, seen(p, q)).sum())),
        "you hide the symptom: each term is not negative any more, but that is not KL, and what q "
        "rules out costs nothing.",
        lambda p, q: float(np.abs(terms(p, q, seen(p, q))).sum()),
        "you made p and q into probabilities again, on what both do. What q rules out is still "
        "forgotten: there KL is infinite.",
        again_probabilities,
        "too strict: a zero of q is harmless where p is 0 as well. KL is infinite only where q is "
        "0 and p is not.",
        lambda p, q: math.inf if (q == 0).any() else float(terms(p, q, p > 0).sum()),
        "too strict: a zero of p costs nothing, since 0 · log 0 counts as 0. KL is infinite only "
        "where q is 0 and p is not.",
        lambda p, q: math.inf if (q == 0).any() or (p == 0).any() else terms(p, q, p > 0).sum(),
        "0 · log 0 gave nan. Its limit is 0: leave out the terms with p = 0, but only those.",
        lambda p, q: float((p * np.log(p / q)).sum()),
        "you left out the wrong zeros: those of q are not harmless. Leave out p = 0, and keep "
        "q = 0.",
        lambda p, q: float(terms(p, q, q > 0).sum()),
        "you swapped p and q: this is KL(q‖p), infinite where p is 0 and q is not.",
        lambda p, q: float(terms(q, p, q > 0).sum()),
        "nan says that there is no answer. There is one: KL is infinite where q is 0 and p is not.",
        lambda p, q: math.nan if (q[p > 0] == 0).any() else float(terms(p, q, p > 0).sum()),
        "a tiny probability is not 0: where q = 1e-9, KL is large and finite. Compare with 0 "
        "itself.",
        lambda p, q: math.inf if np.isclose(q[p > 0], 0).any() else float(terms(p, q, p > 0).sum()),
        "this is finite where KL is infinite. A tiny number instead of 0 (or any other repair) "
        "makes the answer depend on your choice of it: say math.inf.",
        Sign(repaired),
        lambda p, q: float(terms(p, q + 1e-12, p > 0).sum()),
        lambda p, q: float(((p + 1e-8) * np.log((p + 1e-8) / (q + 1e-8))).sum()),
        lambda p, q: float(terms(p, np.maximum(q, 1e-6), p > 0).sum()),
    ),
)
