"""How many dimensions do samples fill? The rank of G's Jacobian, and two nearest neighbours.

A generator moves its sample in at most as many directions as z has numbers; its Jacobian says in
how many, and how far. Of a set of samples the distances to the nearest two others tell a dimension.
"""

import copy
import math

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from ..arguments import checked
from ._samples import rows
from .neighbours import nearest

ROUNDING = 1e-9  # of the largest singular value: in float64 a true 0 comes out below 1e-12


@checked
def jacobian(generator: nn.Module, z: ArrayLike) -> torch.Tensor:
    """The Jacobians ``dG(z)_i / dz_j`` of G at each z, in float64: (n, numbers of a sample, k).

    They are taken of a copy of G in ``eval()``, where BatchNorm treats each sample by itself. Units
    are those of a sample per unit of z.

    Parameters
    ----------
    z : (n, k) noise

    Raises
    ------
    ValueError
        If z is not (n, k), with numbers that are finite.
    """
    z = rows("z", z).double()
    double = copy.deepcopy(generator).double().eval().requires_grad_(False)
    by_column = [_slope(double, z, direction) for direction in torch.eye(z.shape[1], dtype=z.dtype)]
    return torch.stack(by_column, dim=2)


def _slope(generator, z, direction):
    """How G(z) changes as z moves in one direction: (n, numbers of a sample)."""
    along = direction.expand_as(z).contiguous()
    _, slope = torch.func.jvp(lambda each: generator(each).flatten(1), (z,), (along,))
    return slope


@checked
def singular_values(generator: nn.Module, z: ArrayLike) -> torch.Tensor:
    """The singular values of G's Jacobian at each z, from the largest down: (n, min(k, numbers)).

    Each is how far a sample moves when z moves by a unit in one of k perpendicular directions. For
    z see :func:`jacobian`.
    """
    return torch.linalg.svdvals(jacobian(generator, z))


@checked
def numerical_rank(values: ArrayLike, share: float = ROUNDING) -> torch.Tensor:
    """How many singular values exceed this share of the largest, for each row of ``values``: (n,).

    With the default it is the rank as a computer can tell it; with 0.01, the directions in which G
    moves at least a hundredth as far as in its best.

    Parameters
    ----------
    values : (n, k), at least 0, in float64

    Raises
    ------
    ValueError
        For values below 0, or a share that is not in [0, 1).
    """
    values = rows("values", values)
    if (values < 0).any():
        raise ValueError("values must be singular values, at least 0")
    if not 0 <= share < 1:
        raise ValueError(f"share must be in [0, 1), not {share!r}")
    return (values > share * values.amax(1, keepdim=True)).sum(1)


@checked
def neighbour_ratios(samples: ArrayLike) -> np.ndarray:
    """For each sample ``r2 / r1``, the distances to its nearest two others: (n',), each at least 1.

    Samples that have a twin (r1 = 0) are left out, so n' may be less than n. Distances are
    computed in float64.

    Raises
    ------
    ValueError
        For fewer than three samples, or if each has a twin.
    """
    points = rows("samples", samples, least=3)
    points = points.double().div(255) if points.dtype == torch.uint8 else points.double()
    _, first, second = nearest(points, points, 3)[0].unbind(1)  # the nearest is the sample itself
    apart = first > 1e-6 * second
    if not apart.any():
        raise ValueError("samples all have a twin: there is no distance to compare")
    return (second[apart] / first[apart]).numpy()


@checked
def two_nearest_neighbours(samples: ArrayLike) -> tuple[float, float]:
    """The dimension of samples by the ratios of two distances, and its standard error.

    Where points lie evenly in d dimensions, at least at the scale of neighbours, the ratio
    ``mu = r2 / r1`` exceeds m with probability ``m^-d``, whatever the density. Then
    ``d = (n - 1) / sum(log mu)`` has no bias, and the standard error d / sqrt(n - 2), as if the n
    ratios were independent, which they are not quite. Density that changes from neighbour to
    neighbour, noise, and few samples in many dimensions all shift it.

    References
    ----------
    Facco, d'Errico, Rodriguez and Laio (2017), Estimating the intrinsic dimension of datasets by
    a minimal neighborhood information. They fit a line to the lower nine tenths of the ratios;
    this is the maximum likelihood estimate, made unbiased.
    """
    logs = np.log(neighbour_ratios(samples))
    n, total = len(logs), logs.sum()
    if n < 3 or total == 0:
        raise ValueError("samples must hold three at least that have no twin, not all equally far")
    dimension = (n - 1) / total
    return float(dimension), float(dimension / math.sqrt(n - 2))
