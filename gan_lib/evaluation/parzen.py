"""Parzen windows, the measure of the paper's Table 1.

The densities raise ValueError for a sigma that is not positive, or bytes beside negative numbers.
"""

import math
from collections.abc import Iterable
from numbers import Real

import numpy as np
import torch
from numpy.typing import ArrayLike

from ..arguments import checked
from . import _samples

SIGMAS = tuple(np.logspace(-1, 0, 10).tolist())
"""The widths that the paper's published script tries, for pixels in [0, 1]."""


@checked
def to_pixels(images: ArrayLike) -> torch.Tensor:
    """Images as pixels in [0, 1], one image a row: (n, pixels) float32.

    Images are (n, ...), bytes 0..255 or, as G makes them, floats in [-1, 1]; others raise
    ValueError. Floats that are in [0, 1] already would be taken for light ones, and come out in
    [1/2, 1]: leave those as they are.
    """
    images = torch.as_tensor(images).detach()
    if images.ndim < 2 or not len(images):
        raise ValueError(f"images must have shape (n, ...) with n > 0, not {tuple(images.shape)}")
    if images.dtype == torch.uint8:
        return images.flatten(1).float().div_(255)
    in_range = (images.abs() <= 1 + 1e-3).all()  # nan fails; bfloat16 may round a little too far
    if not (images.is_floating_point() and in_range):
        what = "bytes (uint8), or floats in [-1, 1] as the generators of the course make them"
        raise ValueError(f"images must be {what}")
    return images.flatten(1).float().add(1).div_(2).clamp_(0, 1)


def parzen_log_likelihood(samples: ArrayLike, test: ArrayLike, sigma: float) -> tuple[float, float]:
    """Mean log-likelihood of ``test`` under Parzen windows, in nats, and its standard error.

    p(x) = mean over the samples s of N(x; s, sigma^2 I). The error is the population standard
    deviation of log p(x) over sqrt(m). Memory does not grow with n times m. For the paper's
    numbers take pixels in [0, 1] (``to_pixels``), 10 000 samples and all 10 000 test images.

    References
    ----------
    Breuleux, Bengio and Vincent (2011), Quickly Generating Representative Samples from an
    RBM-Derived Process; Goodfellow et al. (2014), section 5, with its published script.
    """
    log_p = _log_densities(samples, test, [sigma], "test")[0]
    return log_p.mean().item(), log_p.std(correction=0).item() / math.sqrt(len(log_p))


def parzen_log_density(samples: ArrayLike, points: ArrayLike, sigma: float) -> torch.Tensor:
    """log p(x) at each point, (m,) float64 in nats, for Parzen windows round the samples.

    Computed in float32, but in float64 where both are float64, or where sigma is below 0.01 and
    rounding would show.
    """
    return _log_densities(samples, points, [sigma], "points")[0]


@checked
def choose_sigma(
    samples: ArrayLike, validation: ArrayLike, sigmas: Iterable[float] = SIGMAS
) -> float:
    """The one of ``sigmas`` under which the validation images are likeliest, given the samples.

    These are neither the images that G was trained on nor those that it is tested on; the paper's
    script takes the first 1 000 of the last 10 000 training images. All widths share one
    computation of the distances.
    """
    sigmas = list(sigmas)
    if not sigmas:
        raise ValueError("sigmas is empty: there is no width to choose from")
    scores = _log_densities(samples, validation, sigmas, "validation").mean(1)
    return float(sigmas[int(scores.argmax())])


def _log_densities(samples, points, sigmas, name):
    """log p at each point for each width: (len(sigmas), m) float64."""
    for sigma in sigmas:
        if not (isinstance(sigma, Real) and 0 < sigma < math.inf):
            raise ValueError(f"sigma must be a positive number, not {sigma!r}")
    samples, points = _samples.rows("samples", samples), _samples.rows(name, points)
    _samples.check_same_width("samples", samples, name, points)
    for one, other in ((samples, points), (points, samples)):
        if one.dtype == torch.uint8 and (other < 0).any():
            what = "one is bytes, read as pixels in [0, 1], and the other has values below 0"
            raise ValueError(f"of samples and {name} {what}")
    n, dim = samples.shape
    sigmas = [float(sigma) for sigma in sigmas]
    dtype = torch.float64 if min(sigmas) < 0.01 else None
    blocks = _samples.squared_distances(points, samples, dtype)
    log_sums = torch.cat([_log_sums(distances, sigmas) for distances in blocks], 1)
    log_z = [dim * math.log(sigma * math.sqrt(2 * math.pi)) for sigma in sigmas]
    return log_sums - math.log(n) - torch.tensor(log_z, dtype=torch.float64)[:, None]


def _log_sums(distances, sigmas):
    """For a block of points, log of the sum of all kernels, gathered from blocks of samples."""
    total = torch.full((len(sigmas), 1), -math.inf, dtype=torch.float64)
    for _, d2 in distances:
        smallest = d2.amin(1, keepdim=True)
        part = torch.stack([_log_sum_of_kernels(d2, smallest, sigma) for sigma in sigmas])
        total = torch.logaddexp(total, part.cpu().double())
    return total


def _log_sum_of_kernels(d2, smallest, sigma):
    """log of the sum over each row of exp(-d2 / 2 sigma^2); ``smallest`` holds the rows' minima.

    A kernel more than e^80 times lower than the row's highest counts as e^80 times lower: neither
    can be seen in the sum, and exponentials that come out as 0, or nearly, take ten times as long.
    Each step is taken in place: new memory for it would cost as much as the exponentials do.
    """
    highest = (smallest / sigma).div_(-2 * sigma)
    lower = (d2 / sigma).div_(-2 * sigma).sub_(highest.nan_to_num()).clamp_(min=-80)
    return lower.exp_().sum(1).log_().add_(highest.squeeze(1))
