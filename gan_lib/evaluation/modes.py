"""How many modes does G draw? Samples beside the known centres of the data's modes."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from .. import information
from ..arguments import checked, positive
from ._samples import check_same_width, rows
from .neighbours import nearest

FAIR = 0.1
"""What share of its due a mode must get at least to be covered."""


class Modes(NamedTuple):
    """What the samples say of the K modes."""

    touched: int  # modes with at least one good sample: the famous count, which noise passes
    covered: int  # modes with at least a tenth of their due of all samples, good ones
    quality: float  # share of good samples
    reverse_kl: float  # of the good samples' shares from the due ones, nats; nan if none is good
    shares: NDArray[np.float64]  # (K,) of all samples: those that are good and belong to mode i


@checked
def mode_report(
    samples: ArrayLike, centres: ArrayLike, std: float, due: ArrayLike | None = None
) -> Modes:
    """Count modes: the famous way, and honestly.

    A sample is *good* if it lies within 3 std of a centre, and belongs to the nearest one. Mode i
    is covered if good samples of it make up at least FAIR due_i of *all* samples.

    samples : (n, d); centres : (K, d); std : of each mode; due : (K,) shares, equal ones if None

    Raises
    ------
    ValueError
        For no samples or centres, widths that differ, a std that is not positive, or a ``due`` that
        is no distribution over the centres.

    References
    ----------
    The famous count: Srivastava et al. (2017), VEEGAN, section 5; Lin et al. (2018), PacGAN,
    section 4.
    """
    samples, centres = rows("samples", samples), rows("centres", centres)
    check_same_width("samples", samples, "centres", centres)
    positive(std=std)
    due = _due(due, len(centres))
    distance, mode = nearest(samples, centres)
    good = distance <= 3 * std
    counts = torch.bincount(mode[good], minlength=len(centres)).numpy()
    shares = counts / len(samples)
    among_good = counts / counts.sum() if counts.any() else None
    reverse = np.nan if among_good is None else information.kl_divergence(among_good, due, np.e)
    touched, covered = int((counts > 0).sum()), int((shares >= FAIR * due).sum())
    return Modes(touched, covered, float(good.double().mean()), float(reverse), shares)


def _due(due, modes):
    if due is None:
        return np.full(modes, 1 / modes)
    (due,) = information._distributions(due=due)
    if due.shape != (modes,):
        raise ValueError(f"due must hold a share for each of the {modes} centres, not {due.shape}")
    return due


@checked
def collision_support(twins: int, n: int) -> float:
    """How many equally likely images would give ``twins`` equal pairs among n draws: pairs / twins.

    Of n (n - 1) / 2 pairs each is equal with probability sum_i p_i^2, so the ratio estimates
    1 / sum_i p_i^2: the size of the support if all its points are equally likely, and less
    otherwise. Infinite for no twins.

    Raises
    ------
    ValueError
        For fewer than two draws, or a number of twins that n draws cannot have.

    References
    ----------
    Arora, Risteski and Zhang (2018), Do GANs Learn the Distribution?, section 3 (there as the size
    of batch in which a twin is likely).
    """
    if n < 2:
        raise ValueError(f"n must be at least 2, not {n!r}")
    pairs = n * (n - 1) // 2
    if not 0 <= twins <= pairs:
        raise ValueError(f"twins must be between 0 and the {pairs} pairs of {n}, not {twins!r}")
    return pairs / twins if twins else float("inf")
