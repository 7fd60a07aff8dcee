"""Models of lesson 01 that scikit-learn lacks: CRF, HMM, Bayesian network, Ising model, DBN.

Labels, symbols and binary values are integers from 0; logarithms of probabilities are in nats;
randomness comes from an explicit ``numpy.random.Generator``. An argument of a wrong shape or range
is a ValueError that names it.

Chains: Rabiner (1989), sections II and III.A, for HMMs; Lafferty, McCallum and Pereira (2001),
section 3, and Sutton and McCallum (2012), sections 4.1 and 5.1, for CRFs. Bayesian networks: Pearl
(1988), section 3.3. Ising model: Ising (1925); its sampler: Geman and Geman (1984). Boltzmann
machines: Hinton (2012), section 2; DBNs: Hinton, Osindero and Teh (2006), sections 4 and 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import expit

from .arguments import as_array, checked

FORBIDDEN = -1e300  # for -inf: exp makes 0 of it, too, but the slope of a sum of such is not nan


@checked
def chain_log_sum(node: ArrayLike, edge: ArrayLike) -> torch.Tensor:
    """log of the sum over all label sequences y of exp(sum_t node[t, y_t] + sum_t edge[y_t, y_t+1])

    The forward algorithm: n k^2 steps for k^n terms. Of a CRF's scores it is the log-partition, of
    the logarithms of an HMM's probabilities the log-likelihood, in nats.

    Parameters
    ----------
    node : (..., n, k) for n places and k labels; -inf forbids a label there
    edge : (k, k) for two labels in a row; -inf forbids the pair
    """
    node, edge = (torch.as_tensor(scores, dtype=torch.float64) for scores in (node, edge))
    if node.ndim < 2 or not node.shape[-2]:
        raise ValueError(f"node must have shape (..., n, k), n at least 1, not {tuple(node.shape)}")
    k = node.shape[-1]
    if edge.shape != (k, k):
        raise ValueError(f"edge must have shape {(k, k)}, not {tuple(edge.shape)}")
    edge = edge.clamp(min=FORBIDDEN)
    forward = node[..., 0, :]  # (..., k): the log of the sum over all that ends in this label
    for t in range(1, node.shape[-2]):
        forward = torch.logsumexp(forward[..., :, None] + edge, dim=-2) + node[..., t, :]
    total = torch.logsumexp(forward, dim=-1)
    return total.masked_fill(total < FORBIDDEN / 2, -torch.inf)


@checked
def chain_marginals(node: ArrayLike, edge: ArrayLike) -> np.ndarray:
    """p(y_t = j | x) for every place t and label j, (..., n, k): the slope of the chain's log sum.

    Where the scores forbid every label sequence there is none: a ValueError.
    """
    node = torch.as_tensor(node, dtype=torch.float64).clone().requires_grad_()
    log_sum = chain_log_sum(node, edge)
    if (log_sum == -torch.inf).any():
        raise ValueError("node and edge forbid every label sequence")
    marginals = torch.autograd.grad(log_sum.sum(), node)[0]
    if ((marginals.sum(-1) - 1).abs() > 1e-6).any():
        raise ValueError("node and edge are so large that float64 loses their differences")
    return marginals.numpy()


@checked
@dataclass(frozen=True, eq=False)
class CRF:
    """A chain: log p(y|x) = sum_t emission[y_t, x_t] + sum_t transition[y_t, y_t+1] - log Z(x)."""

    emission: torch.Tensor  # (k, m) scores of k labels for m symbols
    transition: torch.Tensor  # (k, k) scores of two labels in a row

    @checked
    def node(self, x: ArrayLike) -> torch.Tensor:
        """The score of every label at every place, (B, n, k), for symbols x (B, n)."""
        x = _integers("x", x, self.emission.shape[1])
        return self.emission[:, torch.from_numpy(x)].permute(1, 2, 0)

    @checked
    def log_likelihood(self, x: ArrayLike, y: ArrayLike) -> torch.Tensor:
        """log p(y|x) in nats, (B,), for symbols x and labels y (B, n)."""
        node = self.node(x)
        y = torch.from_numpy(_integers("y", y, len(self.transition), np.shape(x)))
        emitted = node.gather(-1, y[..., None]).sum((-1, -2))
        in_a_row = self.transition[y[:, :-1], y[:, 1:]].sum(-1)
        return emitted + in_a_row - chain_log_sum(node, self.transition)


@checked(labels=1, symbols=1)
def fit_crf(x: ArrayLike, y: ArrayLike, labels: int, symbols: int, penalty: float = 0.1) -> CRF:
    """The CRF that maximises sum log p(y|x) - penalty/2 * (sum of squared scores); x, y: (B, n)."""
    if not penalty > 0:
        raise ValueError(f"penalty must be positive, not {penalty}: else the scores could drift")

    def unpack(flat):
        emission, transition = flat[: labels * symbols], flat[labels * symbols :]
        return CRF(emission.reshape(labels, symbols), transition.reshape(labels, labels))

    def loss(flat):
        flat = torch.tensor(flat, requires_grad=True)
        nats = penalty / 2 * (flat**2).sum() - unpack(flat).log_likelihood(x, y).sum()
        return nats.item(), torch.autograd.grad(nats, flat)[0].numpy()

    zeros = np.zeros(labels * (symbols + labels))
    best = minimize(loss, zeros, jac=True, method="L-BFGS-B", options={"ftol": 1e-12})
    if not best.success:
        raise ArithmeticError(f"the search for the best scores did not end: {best.message}")
    return unpack(torch.from_numpy(best.x))


@dataclass(frozen=True, eq=False)
class HMM:
    """p(x, y) = initial[y_1] prod_t transition[y_t, y_t+1] prod_t emission[y_t, x_t], y hidden."""

    initial: np.ndarray  # (k,) of k labels
    transition: np.ndarray  # (k, k)
    emission: np.ndarray  # (k, m) of m symbols

    def __post_init__(self):
        for name in ("initial", "transition", "emission"):
            table = as_array(name, getattr(self, name))
            if not (table >= 0).all() or not np.allclose(table.sum(-1), 1, rtol=0, atol=1e-9):
                raise ValueError(f"{name} must hold probabilities, and each row must sum to 1")
            object.__setattr__(self, name, table)
        k = self.initial.size
        shapes = self.initial.shape, self.transition.shape, self.emission.shape[:-1]
        if shapes != ((k,), (k, k), (k,)):
            wanted = "initial (k,), transition (k, k), emission (k, m)"
            raise ValueError(f"{wanted} must have the same k")

    @checked
    def scores(self, x: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """node (B, n, k) and edge (k, k) of the chain, for symbols x (B, n).

        node is log p(x_t|y_t), at the first place with log p(y_1); edge is log p(y_t+1|y_t).
        """
        x = _integers("x", x, self.emission.shape[1])
        with np.errstate(divide="ignore"):
            initial, edge, emission = map(np.log, (self.initial, self.transition, self.emission))
        node = emission[:, x].transpose(1, 2, 0).copy()
        node[:, 0] += initial
        return node, edge

    @checked
    def log_likelihood(self, x: ArrayLike) -> np.ndarray:
        """log p(x), summed over all hidden y, in nats, (B,), for symbols x (B, n)."""
        return chain_log_sum(*self.scores(x)).numpy()

    @checked(count=1, length=1)
    def sample(self, count: int, length: int, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        """x and y, each (count, length): a label, its symbol, the next label, and so on."""
        x, y = np.zeros((2, count, length), dtype=int)
        chances = np.tile(self.initial, (count, 1))
        for t in range(length):
            y[:, t] = _draw(chances, rng)
            x[:, t] = _draw(self.emission[y[:, t]], rng)
            chances = self.transition[y[:, t]]
        return x, y


@checked
@dataclass(frozen=True)
class BayesianNetwork:
    """Binary variables, each with its parents: p(x) = prod_i p(x_i | parents of i).

    A table, p(1 | parents), has one axis of length 2 for each parent. Parents are named first.
    """

    nodes: Mapping[str, tuple[Sequence[str], ArrayLike]]

    def __post_init__(self):
        for i, (name, (parents, table)) in enumerate(self.nodes.items()):
            table, shape = np.asarray(table), (2,) * len(parents)
            if not set(parents) <= set(list(self.nodes)[:i]):
                raise ValueError(f"nodes: a parent of {name!r} does not come before it")
            if table.shape != shape or not ((table >= 0) & (table <= 1)).all():
                raise ValueError(f"nodes: the table of {name!r} must be probabilities, {shape}")

    @checked
    def joint(self, values: Mapping[str, ArrayLike]) -> np.ndarray:
        """p(x) for {name: 0 or 1, or (n,) of them}."""
        if not all(np.isin(values.get(name, -1), (0, 1)).all() for name in self.nodes):
            raise ValueError(f"values must hold 0 or 1 for each of {list(self.nodes)}")
        ones = {name: self._one(name, values) for name in self.nodes}
        factors = [np.where(values[name], one, 1 - one) for name, one in ones.items()]
        return np.prod(np.broadcast_arrays(*factors), axis=0)

    @checked(n=1)
    def sample(self, n: int, rng: Generator) -> dict[str, np.ndarray]:
        """n draws, {name: (n,) of 0 and 1}, parents first: ancestral sampling."""
        values = {}
        for name in self.nodes:
            values[name] = (rng.random(n) < self._one(name, values)).astype(int)
        return values

    def _one(self, name, values):
        """p(1 | the values of the parents)."""
        parents, table = self.nodes[name]
        return np.asarray(table, dtype=float)[tuple(np.asarray(values[name]) for name in parents)]


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


def _draw(probabilities, rng):
    """One symbol from each row (n, m) of distributions, (n,)."""
    return (rng.random((len(probabilities), 1)) >= probabilities.cumsum(1)[:, :-1]).sum(1)


def _integers(name, values, size, shape=None):
    values = as_array(name, values, dtype=None)
    whole = values.ndim == 2 and values.size and values.dtype.kind in "iu"
    if not whole or values.min() < 0 or values.max() >= size:
        raise ValueError(f"{name} must have shape (B, n) and hold integers from 0 to {size - 1}")
    if shape not in (None, values.shape):
        raise ValueError(f"{name} has shape {values.shape}, which does not fit {shape}")
    return values.astype(np.int64)


def _spins(spins, coupling, field):
    if not (np.isfinite(coupling) and np.isfinite(field)):
        raise ValueError(f"coupling and field must be finite, not {coupling!r} and {field!r}")
    spins = as_array("spins", spins, dtype=None)
    if spins.ndim < 2 or not np.isin(spins, (-1, 1)).all():
        raise ValueError("spins must have shape (..., rows, columns) and be -1 or +1")
    return spins
