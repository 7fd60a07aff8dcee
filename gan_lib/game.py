"""The two-player game in one dimension: its value, the best discriminator, what is then left for G.

Densities and discriminators are arrays (n,) of values on a strictly increasing grid ``x`` (n,), as
in :mod:`gan_lib.densities`; values are in nats. A discriminator that is sure of itself is given by
its logits: a probability rounds to 1 from a logit of 37 on. What is no density, no discriminator
where that matters, or of another shape than its partner is a ValueError that names it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import trapezoid
from scipy.special import log_expit, rel_entr

from .arguments import as_array, checked
from .densities import _densities, pushforward

if TYPE_CHECKING:  # the mathematics does without torch
    from torch import nn

C_STAR = -math.log(4)
"""The smallest possible cost C(G), reached exactly where p_g = p_data.

(Goodfellow et al., 2014, Theorem 1.)
"""


def optimal_discriminator(p_data: ArrayLike, p_g: ArrayLike) -> np.ndarray:
    """D*(x) = p_data(x) / (p_data(x) + p_g(x)), elementwise, for any shape; nan where both are 0.

    (Goodfellow et al., 2014, Proposition 1.)
    """
    p_data, p_g = _of_one_shape(p_data=p_data, p_g=p_g)
    for name, p in (("p_data", p_data), ("p_g", p_g)):
        if not np.isfinite(p).all() or (p < 0).any():
            raise ValueError(f"{name} holds values that are negative or not finite")
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, np.nan), where=total > 0)


def optimal_logit(log_p_data: ArrayLike, log_p_g: ArrayLike) -> np.ndarray:
    """The logit of D*(x), log p_data(x) - log p_g(x), elementwise; nan where both are -inf."""
    log_p_data, log_p_g = _of_one_shape(log_p_data=log_p_data, log_p_g=log_p_g)
    for name, log_p in (("log_p_data", log_p_data), ("log_p_g", log_p_g)):
        if not (log_p < np.inf).all():
            raise ValueError(f"{name} holds nan or inf: these are no logarithms of a density")
    with np.errstate(invalid="ignore"):
        return log_p_data - log_p_g


@checked
def value(
    d: ArrayLike, p_data: ArrayLike, p_g: ArrayLike, x: ArrayLike, *, logits: bool = False
) -> float:
    """V(D, G) = integral of p_data(x) log D(x) + p_g(x) log(1 - D(x)) dx, in nats.

    It is -inf where D is wrong and sure. Where a density is 0 its term is 0, whatever D is there.
    d holds D(x), from 0 to 1, or with ``logits`` log(D(x) / (1 - D(x))). (Goodfellow et al., 2014,
    equations 1 and 3.)
    """
    x, p_data, p_g = _densities(x, p_data=p_data, p_g=p_g)
    d = as_array("d", d)
    if d.shape != x.shape:
        raise ValueError(f"d has shape {d.shape}, but the grid x has {x.shape}")
    seen = p_data + p_g > 0
    log_d, log_1_d = (_logs_of_logits if logits else _logs)(np.where(seen, d, 0.5))
    terms = np.multiply(p_data, log_d, out=np.zeros_like(x), where=p_data > 0)
    terms += np.multiply(p_g, log_1_d, out=np.zeros_like(x), where=p_g > 0)
    return float(trapezoid(terms, x))


@checked
def cost(p_data: ArrayLike, p_g: ArrayLike, x: ArrayLike, *, log: bool = False) -> float:
    """C(G) = max_D V(D, G) = V(D*, G) = -log 4 + 2 JS(p_data||p_g), in nats: from -log 4 to 0.

    With ``log`` p_data and p_g are log-densities. (Goodfellow et al., 2014, equations 4 to 6.)
    """
    x, p_data, p_g = _densities(x, log=log, p_data=p_data, p_g=p_g)
    total = p_data + p_g  # log D* = log(p_data / total): right also where D* rounds to 0 or 1
    return float(trapezoid(rel_entr(p_data, total) + rel_entr(p_g, total), x))


@dataclass(frozen=True, eq=False)
class Frame:
    """Both players of a one-dimensional game at one moment, as the paper's Figure 1 shows them."""

    step: int
    z: np.ndarray  # (k,) a fine grid of the noise
    g_of_z: np.ndarray  # (k,) G(z)
    p_g: np.ndarray  # (n,) density of G(z) on the grid x
    d: np.ndarray  # (n,) D(x)


@checked
def observe(
    generator: nn.Module,
    discriminator: nn.Module,
    x: ArrayLike,
    p_z: ArrayLike,
    z: ArrayLike,
    step: int = 0,
) -> Frame:
    """Both nets at one moment, with p_g computed, not sampled.

    generator: (k, 1) -> (k, 1); discriminator: (n, 1) -> logits (n, 1); x: (n,), the grid of the
    data; p_z, z: (k,), the density of the noise and its grid.
    """
    z = as_array("z", z)
    g_of_z = _answers(generator, "z", z)
    d = _answers(discriminator, "x", x).sigmoid()  # in float64, which rounds to 1 later
    p_g = pushforward(z, g_of_z, p_z, x)
    return Frame(step, z, g_of_z.numpy(), p_g, d.numpy())


def _answers(net, name, at):
    """net's answers (n,) at points (n,), on the CPU, in float64 (Apple's GPUs have none)."""
    import torch

    at = as_array(name, at)
    if at.ndim != 1 or not len(at):
        raise ValueError(f"{name} must be numbers (n,) with n > 0, not of shape {at.shape}")
    device = next(net.parameters()).device
    points = torch.tensor(at, dtype=torch.float32, device=device)[:, None]
    with torch.no_grad():
        return net(points).squeeze(1).cpu().double()


def _of_one_shape(**given):
    (first, p), (second, q) = ((name, as_array(name, p)) for name, p in given.items())
    if p.shape != q.shape:
        raise ValueError(f"{first} has shape {p.shape}, {second} has {q.shape}")
    return p, q


def _logs(d):
    """log D and log(1 - D) of probabilities D."""
    if not ((d >= 0) & (d <= 1)).all():
        raise ValueError("d must hold probabilities, from 0 to 1 (of logits, say logits=True)")
    with np.errstate(divide="ignore"):
        return np.log(d), np.log1p(-d)


def _logs_of_logits(a):
    """log D and log(1 - D) of logits: log D = log sigma(a) and log(1 - D) = log sigma(-a)."""
    if np.isnan(a).any():
        raise ValueError("d must hold logits, not nan")
    return log_expit(a), log_expit(-a)
