"""A picture of a plane as a map: the reader chooses a point of it, and sees what is there.

What the browser does stands in ``plane_map.js``, as it is run. It comes to the page by anywidget,
without a network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import anywidget
import ipywidgets as ipw
import traitlets
from matplotlib.figure import Figure

from .. import plotting
from ..arguments import check
from .panel import Panel, Picture

HERE = Path(__file__).parent


class PlaneMap(anywidget.AnyWidget):
    """The map alone: a picture, and on it the point that was chosen."""

    _esm = (HERE / "plane_map.js").read_text(encoding="utf-8")
    _css = (HERE / "plane_map.css").read_text(encoding="utf-8")

    name = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Bytes().tag(sync=True)  # PNG
    box = traitlets.List().tag(sync=True)  # the plane in it: left, right, bottom, top, 0 to 1
    extent = traitlets.List().tag(sync=True)  # of the plane: the coordinates of these four edges
    steps = traitlets.List().tag(sync=True)  # of an arrow key, in x and in y
    point = traitlets.Tuple(traitlets.Float(), traitlets.Float()).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)  # of the point, for those who listen


def plane_map(
    name: str,
    picture: Figure | bytes,
    draw: Callable[[float, float], tuple[Figure | bytes, str]],
    extent: Sequence[float] | None = None,
    start: Sequence[float] = (0, 0),
    axes: Sequence[str] = ("first code", "second code"),
    step: float | None = None,
) -> Panel:
    """A map to walk about in: what ``draw`` makes of its point (x, y) is shown beside it.

    A click, a drag or the arrow keys choose the point; with Shift a key makes ten steps. It is
    rounded as it is shown. While one picture is drawn, of all later points only the last waits.
    Where ``draw`` raises ValueError, its text is shown, and the last picture stays. The panel's
    ``plane.point`` is the point, also to be set.

    Parameters
    ----------
    picture : the map: a figure with one pair of axes, or a PNG that is the bare plane
    draw : of a point, a figure or a PNG, and what there is to see, in a line
    extent : x at the left and at the right edge, y at the bottom and at the top, of the figure's
        axes (by default their limits) or of the whole PNG
    axes : the names of the two coordinates
    step : of an arrow key; by default a power of ten, a twentieth of the plane or less
    """
    check("name", name, str)
    check("draw", draw, Callable)
    check("start", start, Sequence[float])
    check("axes", axes, Sequence[str])
    check("extent", extent, Sequence[float] | None)
    check("step", step, float | None)
    png, box, limits = _surveyed(picture)
    extent = _four(limits if extent is None else extent)
    steps = _steps(step, extent)
    start, axes = _two(start, "start"), _two(axes, "axes")
    if math.isnan(sum(start)) or _inside(start, extent) != start:
        raise ValueError(f"start = {start} lies outside extent = {extent}")
    plane = PlaneMap(name=name, picture=png, box=box, extent=extent, steps=steps, point=start)
    image, label = Picture(name), ipw.Label()
    decimals = [max(0, 1 - math.floor(math.log10(each))) for each in steps]

    def show(change=None):
        rounded = [round(c, d) + 0.0 for c, d in zip(plane.point, decimals)]  # and no -0
        point = _inside(rounded, extent)
        where = ", ".join(f"{a} {c:.{d}f}" for a, c, d in zip(axes, point, decimals))
        try:
            shown, text = draw(*point)
            image.show(_png(shown), f"{where}: {text}")
        except ValueError as error:
            text = str(error)
        label.value = plane.said = f"{where}: {text}"

    plane.observe(show, "point")
    show()
    row = {"flex_flow": "row wrap", "align_items": "center", "max_width": "100%"}
    panel = Panel(name, [ipw.Box([plane, image], layout=row), label])
    panel.plane = plane
    return panel


def _png(shown):
    return shown if isinstance(shown, bytes) else plotting.png(shown)


def _surveyed(picture):
    """The map as PNG, where in it the plane lies, and the plane's limits if it has any."""
    if isinstance(picture, bytes) and picture.startswith(b"\x89PNG"):
        return picture, [0.0, 1.0, 0.0, 1.0], None
    if not isinstance(picture, Figure):
        raise ValueError(f"picture must be a figure or a PNG, not {picture!r:.60}")
    if len(picture.axes) != 1:
        raise ValueError(f"picture must have one pair of axes, not {len(picture.axes)}")
    (axes,), png = picture.axes, plotting.png(picture)  # which lays out the axes
    if (axes.get_xscale(), axes.get_yscale()) != ("linear", "linear"):
        raise ValueError("picture must have linear axes")
    place = axes.get_window_extent().transformed(picture.transFigure.inverted())
    box = [place.x0, place.x1, place.y0, place.y1]
    return png, [float(edge) for edge in box], [*axes.get_xlim(), *axes.get_ylim()]


def _four(extent):
    if extent is None:
        raise ValueError("extent is missing: a PNG does not say which part of the plane it shows")
    edges = [float(edge) for edge in extent]
    if len(edges) != 4 or not all(map(math.isfinite, edges)):
        raise ValueError(f"extent must be four numbers, left, right, bottom, top, not {extent}")
    if edges[0] == edges[1] or edges[2] == edges[3]:
        raise ValueError(f"extent = {extent} has no width or no height")
    return edges


def _two(pair, name):
    if len(pair) != 2:
        raise ValueError(f"{name} must be a pair, for x and for y, not {pair}")
    return tuple(pair)


def _steps(step, extent):
    """The step in x and in y."""
    if step is None:
        sizes = abs(extent[1] - extent[0]), abs(extent[3] - extent[2])
        return [10.0 ** math.floor(math.log10(size / 20)) for size in sizes]
    if not 0 < step < math.inf:
        raise ValueError(f"step must be positive, not {step}")
    return [float(step)] * 2


def _inside(point, extent):
    """The point of the plane that is nearest."""
    ranges = sorted(extent[:2]), sorted(extent[2:])
    return tuple(min(max(c, low), high) for c, (low, high) in zip(point, ranges))
