"""Ising models, Boltzmann machines, and deep belief networks made of them.

Ising (1925); its sampler: Geman and Geman (1984). Boltzmann machines: Hinton (2012), section 2;
DBNs: Hinton, Osindero and Teh (2006), sections 4 and 7.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from scipy.special import expit

from ..arguments import as_array, checked


@checked
def ising_energy(spins: ArrayLike, coupling: float, field: float = 0.0) -> np.ndarray:
    """E(s) = -coupling * (sum over neighbours of s_i s_j) - field * sum_i s_i, (...,).

    p(s) = exp(-E(s)) / Z: the temperature is part of the coupling. The grid ends at its edges.
    spins: (..., rows, columns) of -1 and +1.
    """
    spins = _spins(spins, coupling, field)
    down = (spins[..., 1:, :] * spins[..., :-1, :]).sum((-2, -1))
    across = (spins[..., :, 1:] * spins[..., :, :-1]).sum((-2, -1))
    return -coupling * (down + across) - field * spins.sum((-2, -1))


@checked
def ising_sweep(spins: ArrayLike, coupling: float, field: float, rng: Generator) -> np.ndarray:
    """Each spin drawn anew, +1 with p = sigma(2 (coupling * sum of its neighbours + field)).

    First the white squares of the chessboard, then the black: no two of a colour are neighbours.
    """
    spins = _spins(spins, coupling, field)
    white = np.indices(spins.shape[-2:]).sum(0) % 2 == 0
    for colour in (white, ~white):
        around = np.pad(spins, [(0, 0)] * (spins.ndim - 2) + [(1, 1), (1, 1)])
        beside = around[..., 1:-1, 2:] + around[..., 1:-1, :-2]
        total = around[..., 2:, 1:-1] + around[..., :-2, 1:-1] + beside
        up = rng.random(spins.shape) < expit(2 * (coupling * total + field))
        spins = np.where(colour, np.where(up, 1, -1), spins)
    return spins


@checked(sweeps=0)
def rbm_gibbs(visible: ArrayLike, rbm, sweeps: int, rng: Generator) -> np.ndarray:
    """``sweeps`` times hidden given visible, then visible given hidden: new visible units (n, d).

    p(v, h) = exp(b.v + c.h + h.W v) / Z. rbm: scikit-learn's ``BernoulliRBM``, or anything with its
    ``components_`` W, ``intercept_visible_`` b and ``intercept_hidden_`` c.
    """
    visible = _units("visible", visible, "rbm", [rbm])
    for _ in range(sweeps):
        hidden = _coins(_up(rbm, visible), rng)
        visible = _coins(_down(rbm, hidden), rng)
    return visible


@checked(sizes=1, seed=0)
def fit_dbn(x: ArrayLike, sizes: Sequence[int], seed: int = 0, **options) -> list:
    """A deep belief network: Boltzmann machines, each fitted to the hidden probabilities below it.

    x: (n, d) in [0, 1]. sizes: of the hidden layers, two or more. options: of ``BernoulliRBM``.
    """
    from sklearn.neural_network import BernoulliRBM

    x = as_array("x", x)
    if x.ndim != 2 or not x.size or not ((x >= 0) & (x <= 1)).all():
        raise ValueError("x must have shape (n, d), n and d at least 1, with values from 0 to 1")
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least two layers, not {len(sizes)}")
    rbms = []
    for size in sizes:
        rbms.append(BernoulliRBM(n_components=size, random_state=seed, **options).fit(x))
        x = rbms[-1].transform(x)
    return rbms


@checked(sweeps=0)
def sample_dbn(rbms: Sequence, start: ArrayLike, sweeps: int, rng: Generator) -> np.ndarray:
    """Gibbs sampling in the topmost machine, then one pass down: probabilities of pixels (n, d).

    start: images (n, d) in [0, 1], where the chains begin.
    """
    if len(rbms) < 2:
        raise ValueError(f"rbms must be at least two machines, not {len(rbms)}")
    start = _units("start", start, "rbms", rbms)
    for rbm in rbms[:-1]:
        start = _coins(_up(rbm, start), rng)
    layer = rbm_gibbs(start, rbms[-1], sweeps, rng)
    for rbm in rbms[-2:0:-1]:
        layer = _coins(_down(rbm, layer), rng)
    return _down(rbms[0], layer)


def _units(name, units, machines, rbms):
    """Units (n, d) in [0, 1] that fit the first of Boltzmann machines, which fit one another."""
    if not len(rbms) or not all(hasattr(rbm, "components_") for rbm in rbms):
        raise ValueError(f"{machines} must be fitted machines with components_, not {rbms!r:.60}")
    sizes = [rbm.components_.shape for rbm in rbms]  # (hidden, visible) of each
    if any(above[1] != below[0] for below, above in zip(sizes, sizes[1:])):
        raise ValueError(f"{machines} do not fit one another: their sizes are {sizes}")
    units = as_array(name, units)
    fits = units.ndim == 2 and units.shape[1] == sizes[0][1]
    if not fits or not ((units >= 0) & (units <= 1)).all():
        what = f"(n, {sizes[0][1]}), with values from 0 to 1"
        raise ValueError(f"{name} must have shape {what}, not {units.shape}")
    return units


def _up(rbm, visible):
    return expit(visible @ rbm.components_.T + rbm.intercept_hidden_)


def _down(rbm, hidden):
    return expit(hidden @ rbm.components_ + rbm.intercept_visible_)


def _coins(probabilities, rng):
    return (rng.random(np.shape(probabilities)) < probabilities).astype(float)


def _spins(spins, coupling, field):
    if not (np.isfinite(coupling) and np.isfinite(field)):
        raise ValueError(f"coupling and field must be finite, not {coupling!r} and {field!r}")
    spins = as_array("spins", spins, dtype=None)
    if spins.ndim < 2 or not np.isin(spins, (-1, 1)).all():
        raise ValueError("spins must have shape (..., rows, columns) and be -1 or +1")
    return spins
