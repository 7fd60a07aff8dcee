"""The animals of notebook 01's zoo that scikit-learn does not keep: CRF, HMM, Bayesian network, Ising model, DBN.

Labels, symbols and binary values are integers from 0; logarithms of probabilities are in nats; randomness comes from an
explicit ``numpy.random.Generator``.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit


def chain_log_sum(node, edge):
    """log of the sum, over all label sequences y, of exp(sum_t node[t, y_t] + sum_t edge[y_t, y_t+1]), in nats: (...,).

    node: (..., n, k), edge: (k, k). The forward algorithm: n k^2 steps for k^n terms. Of a CRF's scores it is the
    log-partition, of the logarithms of an HMM's probabilities the log-likelihood. Returns a tensor.
    Raises: ValueError for shapes that do not fit. Source: Rabiner (1989), section III.A.
    """
    node, edge = (torch.as_tensor(scores, dtype=torch.float64) for scores in (node, edge))
    if node.ndim < 2 or not node.shape[-2]:
        raise ValueError(f"node must have shape (..., n, k) with n at least 1, not {tuple(node.shape)}")
    if edge.shape != (node.shape[-1],) * 2:
        raise ValueError(f"edge must have shape {(node.shape[-1],) * 2}, not {tuple(edge.shape)}")
    forward = node[..., 0, :]  # (..., k): the log of the sum over all beginnings that end in this label
    for t in range(1, node.shape[-2]):
        forward = torch.logsumexp(forward[..., :, None] + edge, dim=-2) + node[..., t, :]
    return torch.logsumexp(forward, dim=-1)


def chain_marginals(node, edge):
    """p(y_t = j | x) for every place t and label j, (..., n, k): the gradient of :func:`chain_log_sum` by node[t, j].

    Raises: ValueError for shapes that do not fit. Source: Sutton and McCallum (2012), section 4.1.
    """
    node = torch.as_tensor(node, dtype=torch.float64).clone().requires_grad_()
    return torch.autograd.grad(chain_log_sum(node, edge).sum(), node)[0].numpy()


@dataclass(frozen=True)
class CRF:
    """A linear-chain conditional random field: log p(y|x) = sum_t emission[y_t, x_t] + sum_t transition[y_t, y_t+1] - log Z(x).

    emission: (k, m) scores of k labels for m symbols, transition: (k, k) scores; x, y: (B, n) integers.
    Source: Lafferty, McCallum and Pereira (2001), section 3.
    """

    emission: torch.Tensor
    transition: torch.Tensor

    def node(self, x):
        """The score of every label at every place, (B, n, k). Raises: ValueError for an x of another shape or range."""
        return self.emission[:, torch.from_numpy(_integers("x", x, self.emission.shape[1]))].permute(1, 2, 0)

    def log_likelihood(self, x, y):
        """log p(y|x) of each sequence, in nats, (B,). Raises: ValueError for an x or y of another shape or range."""
        node, y = self.node(x), torch.from_numpy(_integers("y", y, len(self.transition), np.shape(x)))
        score = node.gather(-1, y[..., None]).sum((-1, -2)) + self.transition[y[:, :-1], y[:, 1:]].sum(-1)
        return score - chain_log_sum(node, self.transition)


def fit_crf(x, y, labels, symbols, penalty=0.1):
    """The :class:`CRF` that maximises sum log p(y|x) - penalty/2 * (sum of squared scores), by L-BFGS. x, y: (B, n) integers.

    Raises: ValueError for sequences of another shape or range, or a penalty that is not positive.
    Source: Sutton and McCallum (2012), section 5.1.
    """
    if not penalty > 0:
        raise ValueError(f"penalty must be positive, not {penalty}: without it only differences of scores are determined")

    def unpack(flat):
        return CRF(flat[: labels * symbols].reshape(labels, symbols), flat[labels * symbols :].reshape(labels, labels))

    def loss(flat):
        flat = torch.tensor(flat, requires_grad=True)
        value = penalty / 2 * (flat**2).sum() - unpack(flat).log_likelihood(x, y).sum()
        return value.item(), torch.autograd.grad(value, flat)[0].numpy()

    best = minimize(loss, np.zeros(labels * (symbols + labels)), jac=True, method="L-BFGS-B", options={"ftol": 1e-12})
    if not best.success:
        raise ArithmeticError(f"the search for the best scores did not end: {best.message}")
    return unpack(torch.from_numpy(best.x))


@dataclass(frozen=True)
class HMM:
    """A hidden Markov model: p(x, y) = initial[y_1] prod_t transition[y_t, y_t+1] prod_t emission[y_t, x_t].

    initial: (k,), transition: (k, k), emission: (k, m), each row a distribution; x, y: (B, n) integers.
    Raises: ValueError for tables that are no distributions, or do not fit each other. Source: Rabiner (1989), section II.
    """

    initial: np.ndarray
    transition: np.ndarray
    emission: np.ndarray

    def __post_init__(self):
        for name in ("initial", "transition", "emission"):
            table = np.asarray(getattr(self, name), dtype=float)
            if not (table >= 0).all() or not np.allclose(table.sum(-1), 1, rtol=0, atol=1e-9):
                raise ValueError(f"{name} must hold probabilities, and each row must sum to 1")
            object.__setattr__(self, name, table)
        k = self.initial.size
        if self.initial.shape != (k,) or self.transition.shape != (k, k) or self.emission.shape[:-1] != (k,):
            raise ValueError("initial (k,), transition (k, k) and emission (k, m) must have the same k")

    def scores(self, x):
        """For the forward algorithm: node (B, n, k), log p(x_t|y_t), at t = 1 plus log p(y_1); edge (k, k), log p(y_t+1|y_t)"""
        with np.errstate(divide="ignore"):
            node = np.log(self.emission)[:, _integers("x", x, self.emission.shape[1])].transpose(1, 2, 0).copy()
            node[:, 0] += np.log(self.initial)
            return node, np.log(self.transition)

    def log_likelihood(self, x):
        """log p(x) of each sequence, summed over all hidden y, in nats, (B,). Raises: ValueError for an x out of range."""
        return chain_log_sum(*self.scores(x)).numpy()

    def sample(self, count, length, rng):
        """count sequences, x and y, each (count, length): a label, its symbol, the next label, and so on."""
        x, y = np.zeros((2, count, length), dtype=int)
        for t in range(length):
            y[:, t] = _draw(self.transition[y[:, t - 1]] if t else np.tile(self.initial, (count, 1)), rng)
            x[:, t] = _draw(self.emission[y[:, t]], rng)
        return x, y


@dataclass(frozen=True)
class BayesianNetwork:
    """Binary variables, each with its parents: p(x) = prod_i p(x_i | parents of i). nodes: {name: (parents, table)}.

    table: p(1 | parents), an array with one axis of length 2 for each parent. A parent is named before its children.
    Raises: ValueError for a parent that is not, or a table that does not fit. Source: Pearl (1988), section 3.3.
    """

    nodes: dict

    def __post_init__(self):
        for i, (name, (parents, table)) in enumerate(self.nodes.items()):
            if not set(parents) <= set(list(self.nodes)[:i]):
                raise ValueError(f"nodes: a parent of {name!r} does not come before it")
            if np.shape(table) != (2,) * len(parents) or not ((np.asarray(table) >= 0) & (np.asarray(table) <= 1)).all():
                raise ValueError(f"nodes: the table of {name!r} must hold probabilities, in the shape {(2,) * len(parents)}")

    def _one(self, name, values):
        parents, table = self.nodes[name]
        return np.asarray(table, dtype=float)[tuple(np.asarray(values[parent]) for parent in parents)]

    def joint(self, values):
        """p(x) for values {name: 0 or 1, or an array (n,) of them}. Raises: ValueError for a missing name or another value."""
        if not set(self.nodes) <= set(values) or not all(np.isin(values[name], (0, 1)).all() for name in self.nodes):
            raise ValueError(f"values must hold 0 or 1 for each of {list(self.nodes)}")
        factors = [np.where(values[name], self._one(name, values), 1 - self._one(name, values)) for name in self.nodes]
        return np.prod(np.broadcast_arrays(*factors), axis=0)

    def sample(self, n, rng):
        """n draws {name: (n,) of 0 and 1}, parents first: ancestral sampling."""
        values = {}
        for name in self.nodes:
            values[name] = (rng.random(n) < self._one(name, values)).astype(int)
        return values


def ising_energy(spins, coupling, field=0.0):
    """E(s) = -coupling * (sum over neighbours of s_i s_j) - field * sum_i s_i; spins (..., rows, columns) -> (...,).

    spins: -1 and +1. p(s) = exp(-E(s)) / Z: the temperature is part of the coupling. The grid ends at its edges.
    Raises: ValueError for spins that are not -1 or +1. Source: Ising (1925).
    """
    spins = _spins(spins)
    pairs = (spins[..., 1:, :] * spins[..., :-1, :]).sum((-2, -1)) + (spins[..., :, 1:] * spins[..., :, :-1]).sum((-2, -1))
    return -coupling * pairs - field * spins.sum((-2, -1))


def ising_sweep(spins, coupling, field, rng):
    """Draw every spin anew given its neighbours: p(s_i = +1 | rest) = sigma(2 (coupling * sum of neighbours + field)).

    First the white squares of the chessboard, then the black: no two of a colour are neighbours. Returns new spins, same shape.
    Raises: ValueError for spins that are not -1 or +1. Source: Geman and Geman (1984), the Gibbs sampler.
    """
    spins = _spins(spins)
    white = np.indices(spins.shape[-2:]).sum(0) % 2 == 0
    for colour in (white, ~white):
        around = np.pad(spins, [(0, 0)] * (spins.ndim - 2) + [(1, 1), (1, 1)])
        near = around[..., 2:, 1:-1] + around[..., :-2, 1:-1] + around[..., 1:-1, 2:] + around[..., 1:-1, :-2]
        drawn = np.where(rng.random(spins.shape) < expit(2 * (coupling * near + field)), 1, -1)
        spins = np.where(colour, drawn, spins)
    return spins


def rbm_gibbs(visible, rbm, sweeps, rng):
    """``sweeps`` times hidden given visible, then visible given hidden: new visible units (n, d) of 0 and 1.

    p(v, h) = exp(b.v + c.h + h.W v) / Z. rbm: scikit-learn's ``BernoulliRBM``, or anything with its ``components_`` W,
    ``intercept_visible_`` b and ``intercept_hidden_`` c. Source: Hinton (2012), section 2.
    """
    for _ in range(sweeps):
        hidden = _coins(_up(rbm, visible), rng)
        visible = _coins(_down(rbm, hidden), rng)
    return visible


def fit_dbn(x, sizes, seed=0, **options):
    """A deep belief network: restricted Boltzmann machines, each trained on the hidden probabilities of the one below: a list.

    x: (n, d) in [0, 1]; sizes: the hidden units of each; options go to scikit-learn's ``BernoulliRBM``.
    Raises: ValueError for an x out of range, or fewer than two sizes. Source: Hinton, Osindero and Teh (2006), section 4.
    """
    from sklearn.neural_network import BernoulliRBM

    x, rbms = np.asarray(x, dtype=float), []
    if x.ndim != 2 or not ((x >= 0) & (x <= 1)).all():
        raise ValueError("x must have shape (n, d), with values from 0 to 1")
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least two layers, not {len(sizes)}")
    for size in sizes:
        rbms.append(BernoulliRBM(n_components=size, random_state=seed, **options).fit(x))
        x = rbms[-1].transform(x)
    return rbms


def sample_dbn(rbms, start, sweeps, rng):
    """Gibbs sampling in the topmost machine, then one pass down to p(pixel = 1 | layer above): (n, d) probabilities.

    start: images (n, d) in [0, 1], from which the chains begin. Source: Hinton, Osindero and Teh (2006), section 7.
    """
    for rbm in rbms[:-1]:
        start = _coins(_up(rbm, start), rng)
    layer = rbm_gibbs(start, rbms[-1], sweeps, rng)
    for rbm in rbms[-2:0:-1]:
        layer = _coins(_down(rbm, layer), rng)
    return _down(rbms[0], layer)


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
    values = np.asarray(values)
    if values.ndim != 2 or not values.size or values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= size:
        raise ValueError(f"{name} must have shape (B, n) and hold integers from 0 to {size - 1}")
    if shape not in (None, values.shape):
        raise ValueError(f"{name} has shape {values.shape}, which does not fit {shape}")
    return values


def _spins(spins):
    spins = np.asarray(spins)
    if spins.ndim < 2 or not np.isin(spins, (-1, 1)).all():
        raise ValueError("spins must have shape (..., rows, columns) and be -1 or +1")
    return spins
