"""How far G's samples are from the data, beside what two batches of data score against each other.

Two samples of one distribution differ too, and a measure of samples sees it: that is its noise
floor. A G that is perfect scores within it, not 0.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from .. import information, toys
from ..arguments import as_array, checked
from ..evaluation import mode_report, wasserstein1
from ..training import sample_noise
from .recipe import TABLE
from .run import Run

CELLS = 20  # of a side of the window
JS_SAMPLES = 1000  # of each kind
W1_SAMPLES = 200
PAIRS = 400  # of batches of data that make up the floor
BAND = (0.005, 0.995)  # quantiles between which the floor lies


def cell_shares(x: ArrayLike, cells: int = CELLS, name: str = "x") -> NDArray[np.float64]:
    """The shares of points (n, 2) in each of cells by cells of the window, and, last, outside it.

    Returns: (cells^2 + 1,), rows from the bottom to the top.

    Raises
    ------
    ValueError
        For no points, or points that are not (n, 2) or not finite.
    """
    x = as_array(name, x)
    if x.ndim != 2 or x.shape[1] != 2 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"{name} must be finite points (n, 2) with n > 0, not of shape {x.shape}")
    places = np.floor((x / TABLE["window"] + 1) / 2 * cells)
    inside = ((places >= 0) & (places < cells)).all(1)
    cell = np.where(inside, places @ [1, cells], cells**2).astype(int)
    return np.bincount(cell, minlength=cells**2 + 1) / len(x)


@checked
def histogram_js(x: ArrayLike, y: ArrayLike) -> float:
    """JS of the shares that two sets of points (n, 2), (m, 2) have in the cells, in nats."""
    return information.js_divergence(cell_shares(x), cell_shares(y, name="y"), base=math.e)


@checked
class NoiseFloor:
    """What data score against data: collected pair by pair, so that nothing waits for it.

    known : its bands by measure, where they need no measuring
    """

    def __init__(
        self,
        data: toys.IsotropicMixture | toys.Strokes,
        seed: int = 0,
        known: dict[str, list[float]] | None = None,
    ) -> None:
        self.data, self.known = data, known
        self.scores = {"js": [], "w1": []}
        self._rng = torch.Generator().manual_seed(seed)

    @property
    def pairs(self) -> int:
        """So many pairs of batches are in; the bands are there once all are."""
        return len(self.scores["w1"])

    @property
    def complete(self) -> bool:
        return self.known is not None or self.pairs >= PAIRS

    @checked(pairs=0)
    def collect(self, pairs: int = PAIRS) -> "NoiseFloor":
        """Score so many more pairs, up to ``PAIRS`` in all."""
        for _ in range(min(pairs, PAIRS - self.pairs)):
            batches = [self.data.sample(JS_SAMPLES, self._rng) for _ in range(2)]
            for name, score in distances(*batches).items():
                self.scores[name].append(score)
        return self

    @checked
    def band(self, measure: str) -> tuple[float, float] | tuple[None, None]:
        """Between which two scores 99 % of the pairs lie; (None, None) before all are in."""
        if self.known:
            low, high = self.known[measure]
            return low, high
        if not self.complete:
            return None, None
        low, high = np.quantile(self.scores[measure], BAND)
        return float(low), float(high)


def distances(x: torch.Tensor, y: torch.Tensor) -> dict[str, float]:
    """JS in nats of 1000 samples and 1000, and W1, in units of the plane, of the first 200."""
    w1 = wasserstein1(x[:W1_SAMPLES], y[:W1_SAMPLES])
    return {"js": histogram_js(x, y), "w1": w1}


@checked
def numbers(run: Run, floor: NoiseFloor, rng: torch.Generator) -> dict[str, Any]:
    """What fresh samples of G score: JS and W1 with their floors, and modes where there are some.

    rng : for the samples; the run's own random numbers are not touched
    """
    with torch.no_grad():
        fake = run.state.generator(sample_noise(run.state.settings, rng, JS_SAMPLES))
    found = {"step": run.state.step, "floor_pairs": floor.pairs, "modes": modes(run.data, fake)}
    if found["modes"] and found["modes"]["of"] == 1:
        found["modes"] = None  # one heap is no question of modes
    sizes = {"js": JS_SAMPLES, "w1": W1_SAMPLES}
    for name, value in distances(run.data.sample(JS_SAMPLES, rng), fake).items():
        low, high = floor.band(name)
        found[name] = {"value": value, "low": low, "high": high, "n": sizes[name]}
    return found


def modes(data: toys.IsotropicMixture | toys.Strokes, fake: torch.Tensor) -> dict | None:
    """Modes covered, honestly, of how many, and the share of good samples; None without modes."""
    if not isinstance(data, toys.IsotropicMixture):
        return None
    report = mode_report(fake, data.centres, data.std)
    return {"covered": report.covered, "of": len(data.centres), "quality": report.quality}
