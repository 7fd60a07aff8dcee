"""The two-player game in one dimension: the value function, the discriminator that maximises it, and what is then left for G.

Densities and discriminators are arrays (n,) of values on a strictly increasing grid ``x`` (n,); values are in nats.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import trapezoid
from scipy.special import rel_entr

from .densities import _densities, pushforward

C_STAR = -math.log(4)
"""The least possible cost C(G), reached exactly where p_g = p_data. Source: Goodfellow et al. (2014), Theorem 1."""


def optimal_discriminator(p_data, p_g):
    """D*(x) = p_data(x) / (p_data(x) + p_g(x)), elementwise; any shape. nan where both are 0: there D never has to answer.

    Raises: ValueError for values that are negative or not finite, or shapes that differ.
    Source: Goodfellow et al. (2014), Proposition 1.
    """
    p_data, p_g = np.asarray(p_data, dtype=float), np.asarray(p_g, dtype=float)
    if p_data.shape != p_g.shape:
        raise ValueError(f"p_data has shape {p_data.shape}, p_g has {p_g.shape}")
    for name, p in (("p_data", p_data), ("p_g", p_g)):
        if not np.isfinite(p).all() or (p < 0).any():
            raise ValueError(f"{name} holds values that are negative or not finite")
    total = p_data + p_g
    return np.divide(p_data, total, out=np.full_like(total, np.nan), where=total > 0)


def value(d, p_data, p_g, x):
    """V(D, G) = integral of p_data(x) log d(x) + p_g(x) log(1 - d(x)) dx, in nats; -inf where D is wrong and sure. All (n,).

    Where a density is 0 its term is 0, whatever d is there.
    Raises: ValueError for a d outside [0, 1] where it matters, or densities that are none.
    Source: Goodfellow et al. (2014), equations 1 and 3.
    """
    x, p_data, p_g = _densities(x, p_data=p_data, p_g=p_g)
    d = np.asarray(d, dtype=float)
    if d.shape != x.shape:
        raise ValueError(f"d has shape {d.shape}, but the grid x has {x.shape}")
    d = np.where(p_data + p_g > 0, d, 0.5)
    if not ((d >= 0) & (d <= 1)).all():
        raise ValueError("d must hold probabilities, from 0 to 1")
    with np.errstate(divide="ignore"):
        log_d, log_1_d = np.log(d), np.log1p(-d)
    terms = np.multiply(p_data, log_d, out=np.zeros_like(x), where=p_data > 0)
    terms += np.multiply(p_g, log_1_d, out=np.zeros_like(x), where=p_g > 0)
    return float(trapezoid(terms, x))


def cost(p_data, p_g, x):
    """C(G) = max_D V(D, G) = V(D*, G) = -log 4 + 2 JS(p_data||p_g), in nats: from -log 4 to 0. All (n,).

    Raises: ValueError for densities that are none. Source: Goodfellow et al. (2014), equations 4 to 6.
    """
    x, p_data, p_g = _densities(x, p_data=p_data, p_g=p_g)
    total = p_data + p_g  # log D* = log(p_data / total): as a ratio it is right also where D* has rounded to 0 or 1
    return float(trapezoid(rel_entr(p_data, total) + rel_entr(p_g, total), x))


@dataclass(frozen=True)
class Frame:
    """Both players of a one-dimensional game at one moment, as the paper's Figure 1 shows them; arrays on fixed grids."""

    step: int
    z: np.ndarray  # (k,) a fine grid of the noise
    g_of_z: np.ndarray  # (k,) G(z)
    p_g: np.ndarray  # (n,) density of G(z) on the grid x
    d: np.ndarray  # (n,) D(x)


def observe(generator, discriminator, x, p_z, z, step=0):
    """The :class:`Frame` of two nets, G: (k, 1) -> (k, 1) and D: (n, 1) -> logits (n, 1), with p_g computed, not sampled.

    x (n,), z (k,): grids; p_z (k,): density of the noise on z.
    Raises: ValueError as :func:`gan_lib.densities.pushforward` does.
    """
    import torch

    device = next(generator.parameters()).device
    with torch.no_grad():
        g_of_z = generator(torch.tensor(z, dtype=torch.float32, device=device)[:, None])
        logits = discriminator(torch.tensor(x, dtype=torch.float32, device=device)[:, None]).cpu()
    g_of_z = g_of_z.squeeze(1).cpu().double().numpy()  # Apple's GPUs have no float64
    return Frame(step, z, g_of_z, pushforward(z, g_of_z, p_z, x), logits.double().sigmoid().squeeze(1).numpy())
