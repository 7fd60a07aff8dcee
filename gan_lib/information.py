"""Information, entropy and divergences of discrete distributions.

A distribution is an array (n,) of probabilities, or any other iterable of them, such as the values
of a dictionary. ``base`` names the unit: 2 for bits, ``math.e`` for nats. Terms with p = 0 count as
0, the limit of p log p; where q = 0 < p a code made for q has no word, and the cost is infinite.
What is no distribution (empty, negative, not finite, of another sum than 1), or has another length
than its partner, is a ValueError that names it, as is a base that is not above 1.
"""

import math
from collections.abc import Iterable, Mapping, Set
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, rel_entr, xlogy

from .arguments import as_array

Numbers = ArrayLike | Iterable[float]

TOLERANCE = 1e-6  # of a sum of probabilities, which are often float32 somewhere on their way


def self_information(p: Numbers, base: float = 2) -> float | np.ndarray:
    """I(p) = -log p: what is learnt when something of probability p happens; inf for p = 0.

    p: one probability, or any shape of them, which is the shape of the answer. (Hartley, 1928, for
    equally likely messages; Fano, 1961, Transmission of Information, 2.2.)
    """
    p = _array("p", p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p must be a probability, from 0 to 1, not {p}")
    with np.errstate(divide="ignore"):
        information = -np.log(p) / _unit(base)
    information = information + 0.0  # the information of what is certain is 0.0, not -0.0
    return float(information) if information.ndim == 0 else information


def entropy(p: Numbers, base: float = 2) -> float:
    """H(p) = -sum_i p_i log p_i: the mean information of one draw, from 0 to log n. p: (n,).

    (Shannon, 1948, section 6.)
    """
    (p,) = _distributions(p=p)
    return float(entr(p).sum()) / _unit(base)


def cross_entropy(p: Numbers, q: Numbers, base: float = 2) -> float:
    """H(p, q) = -sum_i p_i log q_i: the mean cost of draws from p in words of length -log q_i.

    p, q: (n,). (Kerridge, 1961.)
    """
    p, q = _distributions(p=p, q=q)
    return float(-xlogy(p, q).sum()) / _unit(base) + 0.0


def kl_divergence(p: Numbers, q: Numbers, base: float = 2) -> float:
    """KL(p||q) = sum_i p_i log(p_i / q_i) = H(p, q) - H(p), at least 0. p, q: (n,).

    (Kullback and Leibler, 1951, equation 2.4.)
    """
    p, q = _distributions(p=p, q=q)
    nats = float(rel_entr(p, q).sum())
    return max(0.0, nats) / _unit(base)  # below 0 only by rounding: Gibbs' inequality


def js_divergence(p: Numbers, q: Numbers, base: float = 2) -> float:
    """JS(p||q) = KL(p||m) / 2 + KL(q||m) / 2, m = (p + q) / 2: from 0 to log 2, 1 bit. p, q: (n,).

    (Lin, 1991, equation 4.1.)
    """
    p, q = _distributions(p=p, q=q)
    nats = float((rel_entr(2 * p, p + q) + rel_entr(2 * q, p + q)).sum()) / 4
    return max(0.0, nats) / _unit(base)


def _unit(base):
    """One unit of ``base`` in nats."""
    if not isinstance(base, Real) or not 1 < base < math.inf:
        units = "2 for bits, math.e for nats"
        raise ValueError(f"base must be a number above 1 ({units}), not {base!r}")
    return math.log(base)


def _array(name, numbers):
    """Numbers as numpy takes them, or one after the other as an iteration gives them."""
    if isinstance(numbers, Mapping | Set):
        wanted = "numbers one after the other, such as values()"
        raise TypeError(f"{name} must be {wanted}, not a {type(numbers).__name__}")
    if isinstance(numbers, Iterable) and not hasattr(numbers, "__array__"):
        numbers = list(numbers)
    return as_array(name, numbers)


def _distributions(**given):
    arrays = {name: _array(name, p) for name, p in given.items()}
    for name, p in arrays.items():
        _check_distribution(name, p)
    if len({len(p) for p in arrays.values()}) > 1:
        lengths = " and ".join(f"{name} has {len(p)}" for name, p in arrays.items())
        raise ValueError(f"both must have the same length, but {lengths}")
    return arrays.values()


def _check_distribution(name, p):
    if p.ndim != 1 or not len(p):
        wanted = "a list of probabilities, (n,) with n > 0"
        raise ValueError(f"{name} must be {wanted}; its shape is {p.shape}")
    if not np.isfinite(p).all() or (p < 0).any():
        wrong = p[~(p >= 0) | np.isinf(p)]
        raise ValueError(f"{name} holds values that are negative or not finite: {wrong}")
    if abs(p.sum() - 1) > TOLERANCE:
        raise ValueError(f"{name} sums to {p.sum():.6g}, not to 1; divide counts by their sum")
