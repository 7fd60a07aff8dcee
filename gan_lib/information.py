"""Information, entropy and divergences of discrete distributions. ``base`` names the unit: 2 for bits, ``math.e`` for nats.

A distribution is an array (n,) of probabilities. Terms with p = 0 count as 0, the limit of p log p; where q = 0 < p a code made
for q has no word, and the cost is infinite.
"""

import math
from numbers import Real

import numpy as np
from scipy.special import entr, rel_entr, xlogy

TOLERANCE = 1e-6  # of a sum of probabilities, which are often float32 somewhere on their way


def self_information(p, base=2):
    """I(p) = -log p: what is learnt when something of probability p happens; inf for p = 0.

    p: one probability, or an array of any shape; the answer has the same shape. In bits (base 2), or the unit of ``base``.
    Raises: ValueError for p outside [0, 1] or not a number, or a base not above 1. Source: Fano (1961), Transmission of
    Information, section 2.2; Hartley (1928) for equally likely messages.
    """
    p = np.asarray(p, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p must be a probability, from 0 to 1, not {p}")
    with np.errstate(divide="ignore"):
        information = -np.log(p) / _unit(base) + 0.0  # + 0.0 makes -0.0, the information of what is certain, 0.0
    return float(information) if information.ndim == 0 else information


def entropy(p, base=2):
    """H(p) = -sum_i p_i log p_i: the mean information of one draw, from 0 to log n. p: (n,).

    Raises: ValueError for probabilities that are empty, negative, not finite or do not sum to 1, or a base not above 1.
    Source: Shannon (1948), section 6.
    """
    (p,) = _distributions(p=p)
    return float(entr(p).sum()) / _unit(base)


def cross_entropy(p, q, base=2):
    """H(p, q) = -sum_i p_i log q_i: the mean cost of draws from p in a code made for q; inf where q = 0 < p. p, q: (n,).

    Raises: ValueError as ``entropy`` does, or where p and q differ in length. Source: Kerridge (1961).
    """
    p, q = _distributions(p=p, q=q)
    return float(-xlogy(p, q).sum()) / _unit(base) + 0.0


def kl_divergence(p, q, base=2):
    """KL(p||q) = sum_i p_i log(p_i / q_i) = H(p, q) - H(p): the extra cost of a code made for q. At least 0. p, q: (n,).

    Raises: ValueError as ``cross_entropy`` does. Source: Kullback and Leibler (1951), equation 2.4.
    """
    p, q = _distributions(p=p, q=q)
    return max(0.0, float(rel_entr(p, q).sum())) / _unit(base)  # below 0 only by rounding: Gibbs' inequality


def js_divergence(p, q, base=2):
    """JS(p||q) = KL(p||m) / 2 + KL(q||m) / 2 with m = (p + q) / 2: from 0 to 1 bit, which is log 2 nats. p, q: (n,).

    Raises: ValueError as ``cross_entropy`` does. Source: Lin (1991), equation 4.1.
    """
    p, q = _distributions(p=p, q=q)
    return max(0.0, float((rel_entr(2 * p, p + q) + rel_entr(2 * q, p + q)).sum()) / 4) / _unit(base)


def _unit(base):
    """One unit of ``base`` in nats."""
    if not isinstance(base, Real) or not 1 < base < math.inf:
        raise ValueError(f"base must be a number above 1 (2 for bits, math.e for nats), not {base!r}")
    return math.log(base)


def _distributions(**given):
    arrays = [np.asarray(p, dtype=float) for p in given.values()]
    for name, p in zip(given, arrays):
        if p.ndim != 1 or not len(p):
            raise ValueError(f"{name} must be a list of probabilities, (n,) with n > 0; its shape is {p.shape}")
        if not np.isfinite(p).all() or (p < 0).any():
            raise ValueError(f"{name} holds values that are negative or not finite: {p[~(p >= 0) | np.isinf(p)]}")
        if abs(p.sum() - 1) > TOLERANCE:
            raise ValueError(f"{name} sums to {p.sum():.6g}, not to 1")
    if len({len(p) for p in arrays}) > 1:
        lengths = " and ".join(f"{name} has {len(p)}" for name, p in zip(given, arrays))
        raise ValueError(f"both must have the same length, but {lengths}")
    return arrays
