"""Chains of labels, of which symbols are seen: CRFs and HMMs.

Rabiner (1989), sections II and III.A, for HMMs; Lafferty, McCallum and Pereira (2001), section 3,
and Sutton and McCallum (2012), sections 4.1 and 5.1, for CRFs.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from ..arguments import as_array, checked

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
