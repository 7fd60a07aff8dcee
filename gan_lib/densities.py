"""One-dimensional densities on a grid, compared by quadrature (the trapezoidal rule), in nats.

A density is an array (n,) of its values on a strictly increasing grid ``x`` (n,) that covers
(nearly) all of its mass; masses are not normalised. With ``log=True`` the densities are given by
their logarithms, such as scipy's ``logpdf``, which hold where a density underflows to 0: a bell
curve does so 38 standard deviations out. Densities that are negative, not finite, of another shape
than their grid, or without unit mass are a ValueError that names them.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid, trapezoid
from scipy.special import rel_entr

from .arguments import as_array, checked

MASS_TOLERANCE = 0.02


@checked
def kl(p: ArrayLike, q: ArrayLike, x: ArrayLike, *, log: bool = False) -> float:
    """KL(p||q) = integral of p log(p/q) dx, in nats; inf where q vanishes and p does not.

    Integrated is p log(p/q) - p + q, which is nowhere below 0. Over all of the line -p + q adds up
    to 0; on a grid that cuts off some mass it keeps KL from falling below 0. Without ``log`` a q
    that underflows has vanished. (Kullback and Leibler, 1951, equation 2.4; Csiszár, 1991, for the
    integral of any two masses.)
    """
    x, p_of_x, q_of_x = _densities(x, log=log, p=p, q=q)
    terms = _rel_entr_of_logs(p, q) if log else rel_entr(p_of_x, q_of_x)
    return max(0.0, float(trapezoid(terms - p_of_x + q_of_x, x)))  # below 0 only by rounding


@checked
def js(p: ArrayLike, q: ArrayLike, x: ArrayLike, *, log: bool = False) -> float:
    """JS(p||q) = KL(p||m) / 2 + KL(q||m) / 2 with m = (p + q) / 2, in nats: from 0 to log 2.

    (Lin, 1991, equation 4.1; Goodfellow et al., 2014, equation 6.)
    """
    x, p, q = _densities(x, log=log, p=p, q=q)
    terms = rel_entr(2 * p, p + q) + rel_entr(2 * q, p + q)  # 2 m = p + q never underflows to 0
    return max(0.0, float(trapezoid(terms, x) / 4))  # no term is below 0 but by rounding


def total_variation(p: ArrayLike, q: ArrayLike, x: ArrayLike) -> float:
    """TV(p, q) = 1/2 integral of ``|p - q|`` dx, from 0 to 1: the most that a chance can differ.

    (Levin, Peres and Wilmer, 2009, Markov Chains and Mixing Times, section 4.1.)
    """
    x, p, q = _densities(x, p=p, q=q)
    return float(trapezoid(np.abs(p - q), x) / 2)


def wasserstein1(p: ArrayLike, q: ArrayLike, x: ArrayLike) -> float:
    """W1(p, q) = integral of ``|F_p - F_q|`` dx, F the distribution functions: in the unit of x.

    (Vallender, 1974, Calculation of the Wasserstein Distance Between Probability Distributions on
    the Line.)
    """
    x, p, q = _densities(x, p=p, q=q)
    f_p, f_q = (cumulative_trapezoid(density, x, initial=0) for density in (p, q))
    return float(trapezoid(np.abs(f_p / f_p[-1] - f_q / f_q[-1]), x))


def pushforward(z: ArrayLike, g_of_z: ArrayLike, p_z: ArrayLike, x: ArrayLike) -> np.ndarray:
    """The density p_g (n,) of G(z) on the grid x, from the values of G on a fine grid of z.

    Where G is monotone, by change of variables, p_g(x) = p_z(z) / ``|G'(z)|`` at z = G^-1(x),
    averaged over each cell of the grid: the mass of z between the inverses of the cell's ends.
    Elsewhere by a fine histogram. What G carries beyond the grid is missing from p_g. z, g_of_z and
    p_z (k,) are the grid of the noise, and G and the noise's density on it.
    """
    z, p_z = _densities(z, grid="z", p_z=p_z)
    x, g_of_z = _grid("x", x), as_array("g_of_z", g_of_z)
    if g_of_z.shape != z.shape or not np.isfinite(g_of_z).all():
        wanted = f"finite values of G on z, of shape {z.shape}"
        raise ValueError(f"g_of_z must be {wanted}, not {g_of_z.shape}")
    middles = (x[1:] + x[:-1]) / 2
    edges = np.concatenate([[2 * x[0] - middles[0]], middles, [2 * x[-1] - middles[-1]]])
    carry = _carry_monotone if is_monotone(g_of_z) else _carry
    return carry(z, g_of_z, cumulative_trapezoid(p_z, z, initial=0), edges) / np.diff(edges)


def is_monotone(values: ArrayLike) -> bool:
    """Whether values (k,) strictly rise or strictly fall: such a function has an inverse."""
    values = as_array("values", values)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values must be at least two numbers, (k,), not {values.shape}")
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _carry_monotone(z, g_of_z, cdf, edges):
    """The mass of z between the inverses of the edges."""
    order = np.argsort(g_of_z)
    return np.abs(np.diff(np.interp(edges, g_of_z[order], cdf[order])))


def _carry(z, g_of_z, cdf, edges):
    """G is taken as linear between the z; each small piece of z gives its mass to one cell."""
    fine = np.linspace(z[0], z[-1], 100 * len(z))
    pieces = np.diff(np.interp(fine, z, cdf))
    landed = np.interp((fine[1:] + fine[:-1]) / 2, z, g_of_z)
    return np.histogram(landed, edges, weights=pieces)[0]


def _rel_entr_of_logs(log_p, log_q):
    """p log(p/q), finite also where p or q underflows: 0 where p is 0, else inf where q is 0."""
    log_p, log_q = as_array("p", log_p), as_array("q", log_q)
    with np.errstate(invalid="ignore"):
        terms = np.exp(log_p) * (log_p - log_q)
    return np.select([log_p == -np.inf, log_q == -np.inf], [0.0, np.inf], terms)


def _grid(name, x):
    x = as_array(name, x)
    if x.ndim != 1 or len(x) < 2 or not (np.diff(x) > 0).all():
        raise ValueError(f"{name} must be a strictly increasing grid of at least two numbers")
    return x


def _densities(x, *, grid="x", log=False, **given):
    """The grid and the densities on it, checked, as arrays."""
    x = _grid(grid, x)
    arrays = {name: as_array(name, p) for name, p in given.items()}
    if log:
        with np.errstate(over="ignore"):
            arrays = {name: np.exp(log_p) for name, log_p in arrays.items()}
    for name, p in arrays.items():
        _check_density(name, p, grid, x)
    return x, *arrays.values()


def _check_density(name, p, grid, x):
    if p.shape != x.shape:
        raise ValueError(f"{name} has shape {p.shape}, but the grid {grid} has {x.shape}")
    if not np.isfinite(p).all() or (p < 0).any():
        raise ValueError(f"{name} holds values that are negative or not finite: it is no density")
    mass = trapezoid(p, x)
    if not abs(mass - 1) <= MASS_TOLERANCE:  # nan fails too
        wrong = f"mass {mass:.4f} on the grid {grid}, not 1"
        raise ValueError(f"{name} has {wrong}: is it wide and fine enough?")
