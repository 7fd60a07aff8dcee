"""Figures as small PNG files, drawn fast: what does not move is kept with the figure.

Most of the time of drawing goes into ticks, labels and legends, and into choosing the colours.
That is done once, so that a figure whose curves are moved comes four times as fast from the second
picture on.
"""

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.spines import Spine
from PIL import Image, ImageChops

from ..arguments import checked

if TYPE_CHECKING:
    from IPython.display import Image as NotebookImage

GROUNDS = 4  # so many are kept of a figure, for limits that jump to and fro
UNSEEN_ERROR = 32  # of 255: the largest change of a colour for which a palette is kept


class Ground(NamedTuple):
    """A figure without its curves, as drawn once."""

    looks: tuple  # all that it depends on
    places: list  # of the axes
    canvas: FigureCanvasAgg
    behind: Any  # the curves: a region of the canvas
    overlay: Image.Image  # the legends, on a transparent picture


@checked
def png(figure: Figure) -> bytes:
    """The figure as a PNG file of 64 colours: faster to make and a quarter of the size."""
    buffer = io.BytesIO()
    _few_colors(figure, _drawn(figure).convert("RGB")).save(buffer, format="png")
    return buffer.getvalue()


@checked
def still(figure: Figure) -> "NotebookImage":
    """The figure as a still picture of small size, for a notebook that stores many."""
    from IPython.display import Image as NotebookImage

    return NotebookImage(png(figure))


def _few_colors(figure, picture):
    """The picture in 64 colours: its predecessor's, unless one would come out as quite another."""
    if hasattr(figure, "_palette"):  # ten times as fast
        few = picture.quantize(palette=figure._palette, dither=Image.Dither.NONE)
        extremes = ImageChops.difference(picture, few.convert("RGB")).getextrema()
        if max(most for _, most in extremes) <= UNSEEN_ERROR:
            return few
    method = Image.Quantize.MAXCOVERAGE
    figure._palette = picture.quantize(64, method=method, dither=Image.Dither.NONE)
    return figure._palette


def _drawn(figure):
    """The figure as drawn: a ground, the curves in front of it, the legends on top."""
    moving, legends = _moving(figure), _legends(figure)
    ground = _ground(figure, moving, legends)
    for axes, place in zip(figure.axes, ground.places):
        if not np.array_equal(axes.get_position(), place):  # other ticks had moved the axes since
            axes.set_position(place)
            axes.set_in_layout(True)
    ground.canvas.restore_region(ground.behind)
    for part in moving:
        part.draw(ground.canvas.get_renderer())
    picture = Image.fromarray(np.asarray(ground.canvas.buffer_rgba()))
    if covered := ground.overlay.getbbox():
        picture.alpha_composite(ground.overlay.crop(covered), covered[:2])
    return picture


def _ground(figure, moving, legends):
    """The ground from one of the last times, if the figure looked the same, or else a new one."""
    kept, looks = getattr(figure, "_grounds", []), _looks(figure)
    if same := [ground for ground in kept if ground.looks == looks]:
        return same[0]
    ground = _new_ground(figure, moving, legends)
    figure._grounds = [ground, *kept[: GROUNDS - 1]]
    return ground


def _new_ground(figure, moving, legends):
    canvas = FigureCanvasAgg(figure)
    for part in moving + legends:
        part.set_animated(True)  # so that it is laid out, but not drawn
    canvas.draw()
    for part in moving + legends:
        part.set_animated(False)
    behind = canvas.copy_from_bbox(figure.bbox)
    transparent = RendererAgg(*canvas.get_width_height(), figure.dpi)
    for legend in legends:
        legend.draw(transparent)
    overlay = Image.fromarray(np.array(transparent.buffer_rgba()))
    places = [axes.get_position() for axes in figure.axes]
    return Ground(_looks(figure), places, canvas, behind, overlay)  # the looks as drawn


def _moving(figure):
    """What is drawn anew each time, from back to front."""
    moving = []
    for axes in figure.axes:
        fixed = (Axis, Legend) if axes.axison else (Axis, Legend, Spine)  # no axis, no spines
        parts = sorted(axes.get_children(), key=Artist.get_zorder)
        moving += [p for p in parts if p is not axes.patch and not isinstance(p, fixed)]
    return moving


def _legends(figure):
    parts = [part for axes in figure.axes for part in axes.get_children()]
    return [part for part in parts if isinstance(part, Legend)]


def _looks(figure):
    """All by which ticks, labels and the place of the axes may change."""
    axes = [_looks_of_axes(each, figure.get_layout_engine()) for each in figure.axes]
    texts = [text.get_text() for text in figure.texts]
    legends = figure.legends + _legends(figure)
    entries = [[text.get_text() for text in legend.get_texts()] for legend in legends]
    return figure.dpi, figure.bbox.bounds, axes, texts, legends, entries


def _looks_of_axes(axes, layout):
    # A place that the layout finds follows from the rest; of a title its number of lines matters.
    place = None if layout and axes.get_in_layout() else axes.bbox.bounds
    title = axes.get_title() and axes.get_title().count("\n")
    labels = axes.get_xlabel(), axes.get_ylabel()
    ticks = [(a.get_major_locator(), a.get_major_formatter()) for a in (axes.xaxis, axes.yaxis)]
    return place, axes.axison, axes.get_xlim(), axes.get_ylim(), title, labels, ticks
