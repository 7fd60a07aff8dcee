"""Bayesian networks of binary variables: Pearl (1988), section 3.3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from ..arguments import checked


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
        return np.asarray(table, dtype=float)[
            tuple(np.asarray(values[name], dtype=int) for name in parents)
        ]
