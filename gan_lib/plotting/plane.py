"""Samples in the plane: real and fake points in square panels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..arguments import as_array, checked, positive
from .style import COLORS, subplots

REAL = {"color": COLORS["p_data"], "marker": ".", "linestyle": "", "markersize": 2, "alpha": 0.25}
FAKE = {"color": COLORS["p_g"], "marker": ".", "linestyle": "", "markersize": 3, "alpha": 0.6}


@checked
class Plane:
    """One panel whose real points stay while the fake ones are moved: ``draw`` returns the figure.

    real : (n, 2); window : the panel shows [-window, window] in both directions

    A ValueError if points are not (n, 2), or window is not positive.
    """

    def __init__(self, real: ArrayLike, window: float = 3.0, size: float = 3.2) -> None:
        positive(size=size)
        if size > 100:
            raise ValueError(f"size must be in inches, at most 100, not {size!r}")
        self.figure, self._axis = subplots(width=size, height=size)
        self._fake = _draw(self._axis, real, np.empty((0, 2)), window)

    @checked
    def draw(self, fake: ArrayLike, title: str = "") -> Figure:
        """The same figure with these fake points, (n, 2), and this title."""
        self._fake.set_data(*_points("fake", fake).T)
        self._axis.set_title(title)
        return self.figure


@checked
def plane_strip(
    real: ArrayLike,
    fakes: Sequence[ArrayLike],
    titles: Sequence[str],
    window: float = 3.0,
    rows: int = 1,
) -> Figure:
    """Panels, one for each sample of G, over the same real points: black real, green fake.

    real : (n, 2), or a list of them, one a panel; fakes : each (n, 2); titles : one a panel; they
    fill the rows from the left to the right

    A ValueError if there are no panels, titles do not match them, they do not fill the rows, or
    points are not (n, 2).
    """
    if not len(fakes) or len(fakes) != len(titles):
        raise ValueError(f"{len(fakes)} fakes want as many titles, and at least one: {len(titles)}")
    if rows < 1 or len(fakes) % rows:
        raise ValueError(f"rows must divide the {len(fakes)} panels, not {rows!r}")
    reals = real if isinstance(real, (list, tuple)) else [real] * len(fakes)
    if len(reals) != len(fakes):
        raise ValueError(f"real must be points, or such for each of {len(fakes)} panels")
    columns = len(fakes) // rows
    figure, axes = subplots(rows, columns, width=1.9 * columns, height=2.15 * rows, squeeze=False)
    for axis, own, fake, title in zip(axes.flat, reals, fakes, titles, strict=True):
        _draw(axis, own, fake, window)
        axis.set_title(title)
    return figure


def _draw(axis: Axes, real, fake, window):
    positive(window=window)
    axis.plot(*_points("real", real).T, **REAL)
    (moving,) = axis.plot(*_points("fake", fake).T, **FAKE)
    axis.set(xlim=(-window, window), ylim=(-window, window), xticks=[], yticks=[], aspect="equal")
    axis.spines[["top", "right"]].set_visible(True)
    return moving


def _points(name, given):
    points = as_array(name, given)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"{name} must hold points (n, 2), not {points.shape}")
    return points
