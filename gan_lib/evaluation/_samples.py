"""What the measures share: samples as checked rows of numbers, and their distances in blocks."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike

from .. import threads
from ..arguments import check
from ..training.device import matmul_precision

BLOCK_ROWS, BLOCK_NUMBERS = 2048, 2**22  # the most rows, and numbers in them, worked on at once


def rows(name: str, given: ArrayLike, least: int = 1) -> torch.Tensor:
    """``given`` as a tensor (n, numbers), checked. Bytes stay bytes: ``as_numbers`` reads them."""
    check(name, given, ArrayLike)
    tensor = torch.as_tensor(given).detach()
    if tensor.ndim == 0 or len(tensor) < least or not tensor.numel():
        what = "samples" if least == 1 else f"at least {least} samples"
        raise ValueError(f"{name} must hold {what}, (n, ...), not {tuple(tensor.shape)}")
    blocks = tensor.split(BLOCK_ROWS) if tensor.is_floating_point() else ()
    if not all(block.isfinite().all() for block in blocks):
        raise ValueError(f"{name} holds values that are not finite")
    return tensor.flatten(1) if tensor.ndim > 1 else tensor[:, None]


def check_same_width(name_a: str, a: torch.Tensor, name_b: str, b: torch.Tensor) -> None:
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{name_a} have {a.shape[1]} numbers each, {name_b} have {b.shape[1]}")


def two_sets_of_features(
    real: ArrayLike, fake: ArrayLike, least: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Features as float64 arrays (n, f) and (m, f), checked."""
    real, fake = rows("real_features", real, least), rows("fake_features", fake, least)
    check_same_width("real_features", real, "fake_features", fake)
    for name, rows_of in (("real_features", real), ("fake_features", fake)):
        if rows_of.dtype == torch.uint8:
            advice = "Take features_and_probabilities(classifier, images) first"
            raise ValueError(f"{name} are bytes: images? {advice}")
    return real.double().cpu().numpy(), fake.double().cpu().numpy()


def rows_of_probabilities(name: str, given: ArrayLike) -> np.ndarray:
    """Class probabilities as a float64 array (n, K), checked."""
    p = torch.as_tensor(given).detach().double().cpu().numpy()
    if p.ndim != 2 or not p.size:
        raise ValueError(f"{name} must have shape (n, K) with n, K > 0, not {p.shape}")
    if not ((p >= 0).all() and np.abs(p.sum(1) - 1).max() < 1e-4):  # nan fails too
        raise ValueError(f"{name} must hold probabilities: rows at least 0 that sum to 1")
    return p


def as_numbers(block: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A block of rows in ``dtype``; bytes become pixels in [0, 1]."""
    return block.to(dtype).div_(255) if block.dtype == torch.uint8 else block.to(dtype)


def squared_distances(
    points: torch.Tensor, samples: torch.Tensor, dtype: torch.dtype | None = None
) -> Iterator[Iterator[tuple[int, torch.Tensor]]]:
    """For each block of points, an iterator over blocks of samples: (its start, squared distances).

    ``|x - s|^2 = |x|^2 - 2 x.s + |s|^2``, measured from the mean of the samples, where the three
    are smallest and cancel least: one large matrix product instead of n m d differences.
    """
    size = max(1, min(BLOCK_ROWS, BLOCK_NUMBERS // samples.shape[1]))
    both_double = samples.dtype == points.dtype == torch.float64
    dtype = dtype or (torch.float64 if both_double else torch.float32)
    sums = [as_numbers(block, dtype).sum(0) for block in samples.split(size)]
    centre = torch.stack(sums).sum(0) / len(samples)
    pace = threads.Pace(threads.candidates(), turns=1)
    for block in points.split(size):
        x = as_numbers(block.to(samples.device), dtype) - centre
        yield _to_each_block(x, samples, centre, size, pace)


def _to_each_block(x, samples, centre, size, pace):
    x2 = x.square().sum(1, keepdim=True)
    for start in range(0, len(samples), size):
        with pace:  # what is made of the distances is paced with them
            s = as_numbers(samples[start : start + size], x.dtype) - centre
            with matmul_precision("highest"):  # true float32: the large terms cancel
                product = x @ s.T
            yield start, product.mul_(-2).add_(x2).add_(s.square().sum(1)).clamp_(min=0)
