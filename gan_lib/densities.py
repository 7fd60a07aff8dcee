"""One-dimensional densities on a grid, compared by quadrature (trapezoidal rule). All divergences are in nats.

A density is an array (n,) of its values on a strictly increasing grid ``x`` (n,) that covers (nearly) all of its mass.
"""

import numpy as np
from scipy.integrate import cumulative_trapezoid, trapezoid
from scipy.special import rel_entr

MASS_TOLERANCE = 0.02


def kl(p, q, x):
    """KL(p||q) = integral of p(x) log(p(x) / q(x)) dx, in nats; inf where q vanishes and p does not. p, q, x: (n,).

    A q that underflows to 0 (38 standard deviations out) counts as vanished: take a narrower grid. Masses are not normalised.
    Raises: ValueError for densities that are negative, not finite, of other lengths than x, or without unit mass on it.
    Source: Kullback and Leibler (1951), equation 2.4.
    """
    x, p, q = _densities(x, p=p, q=q)
    return float(trapezoid(rel_entr(p, q), x))


def js(p, q, x):
    """JS(p||q) = KL(p||m) / 2 + KL(q||m) / 2 with m = (p + q) / 2, in nats: from 0 to log 2. p, q, x: (n,).

    Raises: ValueError as ``kl`` does. Source: Lin (1991), equation 4.1; Goodfellow et al. (2014), equation 6.
    """
    x, p, q = _densities(x, p=p, q=q)
    return float(trapezoid(rel_entr(2 * p, p + q) + rel_entr(2 * q, p + q), x) / 4)  # 2m = p + q never underflows to 0


def total_variation(p, q, x):
    """TV(p, q) = 1/2 integral of ``|p(x) - q(x)|`` dx, from 0 to 1: the largest difference in probability of any event. All (n,).

    Raises: ValueError as ``kl`` does. Source: Levin, Peres and Wilmer (2009), Markov Chains and Mixing Times, section 4.1.
    """
    x, p, q = _densities(x, p=p, q=q)
    return float(trapezoid(np.abs(p - q), x) / 2)


def wasserstein1(p, q, x):
    """W1(p, q) = integral of ``|F_p(x) - F_q(x)|`` dx, F the distribution functions: mass times distance, in x's unit. All (n,).

    Raises: ValueError as ``kl`` does. Source: Vallender (1974), Calculation of the Wasserstein Distance
    Between Probability Distributions on the Line.
    """
    x, p, q = _densities(x, p=p, q=q)
    f_p, f_q = (cumulative_trapezoid(density, x, initial=0) for density in (p, q))
    return float(trapezoid(np.abs(f_p / f_p[-1] - f_q / f_q[-1]), x))


def pushforward(z, g_of_z, p_z, x):
    """The density p_g of G(z) on the grid x, from the values of G on a fine grid of z: z, g_of_z, p_z (k,); x and p_g (n,).

    Where G is monotone, by change of variables, p_g(x) = p_z(z) / ``|G'(z)|`` at z = G^-1(x), averaged over each cell of the grid:
    the mass of z between the inverses of the cell's ends. Elsewhere by a fine histogram, in which G is interpolated linearly
    and each piece of z gives its mass to the cell that it is mapped to. What G carries beyond the grid is missing from p_g.
    Raises: ValueError as ``kl`` does, or where g_of_z does not fit z.
    """
    z, p_z = _densities(z, "z", p_z=p_z)
    x, g_of_z = _grid(x, "x"), np.asarray(g_of_z, dtype=float)
    if g_of_z.shape != z.shape or not np.isfinite(g_of_z).all():
        raise ValueError(f"g_of_z must be finite values of G on z, of shape {z.shape}, not {g_of_z.shape}")
    middles = (x[1:] + x[:-1]) / 2
    edges = np.concatenate([[2 * x[0] - middles[0]], middles, [2 * x[-1] - middles[-1]]])
    cdf = cumulative_trapezoid(p_z, z, initial=0)
    if is_monotone(g_of_z):
        order = np.argsort(g_of_z)
        mass = np.abs(np.diff(np.interp(edges, g_of_z[order], cdf[order])))
    else:
        fine = np.linspace(z[0], z[-1], 100 * len(z))
        pieces = np.diff(np.interp(fine, z, cdf))
        mass, _ = np.histogram(np.interp((fine[1:] + fine[:-1]) / 2, z, g_of_z), edges, weights=pieces)
    return mass / np.diff(edges)


def is_monotone(values):
    """Whether an array (k,) strictly rises or strictly falls, so that the function behind it has an inverse."""
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _grid(x, name):
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or len(x) < 2 or not (np.diff(x) > 0).all():
        raise ValueError(f"{name} must be a strictly increasing grid of at least two numbers")
    return x


def _densities(x, grid_name="x", **densities):
    x = _grid(x, grid_name)
    arrays = [np.asarray(p, dtype=float) for p in densities.values()]
    for name, p in zip(densities, arrays):
        if p.shape != x.shape:
            raise ValueError(f"{name} has shape {p.shape}, but the grid {grid_name} has {x.shape}")
        if not np.isfinite(p).all() or (p < 0).any():
            raise ValueError(f"{name} holds values that are negative or not finite: it is no density")
        if abs(mass := trapezoid(p, x) - 1) > MASS_TOLERANCE:
            raise ValueError(f"{name} has mass {mass + 1:.4f} on the grid {grid_name}, not 1: is it wide and fine enough?")
    return x, *arrays
