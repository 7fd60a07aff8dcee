"""Pictures of images, and tables as pictures."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..arguments import as_array, check, checked
from .style import STYLE, subplots

MARGIN = 1  # pixels round each image
SHADES = 16  # and white: so few are not seen, and keep stored pictures small
LABEL_WIDTH = 0.9  # inches
FILLED = "#444444"  # a cell of a table; colours have meanings of their own


@checked(columns=1, zoom=1)
def image_grid(
    images: ArrayLike, columns: int = 10, row_labels: Sequence[str] | None = None, zoom: int = 2
) -> Figure:
    """Images side by side, row by row, dark on light, in 17 shades.

    Parameters
    ----------
    images : (n, h, w) or (n, 1, h, w), uint8, or float in [-1, 1]
    row_labels : a text for each row
    zoom : screen pixels for each pixel, a whole number, so that none is blurred
    """
    images = _as_array(images)
    tiled, rows = _tiled(images, columns), -(-len(images) // columns)
    if row_labels and len(row_labels) != rows:
        raise ValueError(f"row_labels must name {rows} rows, not {len(row_labels)}")
    margin = LABEL_WIDTH * bool(row_labels)
    height, width = (zoom * pixels / STYLE["figure.dpi"] for pixels in tiled.shape)
    figure, axis = subplots(width=width + margin, height=height)
    axis.set_position([margin / (width + margin), 0, width / (width + margin), 1])  # zoom to 1
    axis.imshow(tiled, cmap="gray_r", vmin=0, vmax=SHADES, interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    if row_labels:
        axis.set_yticks((np.arange(rows) + 0.5) * len(tiled) / rows, row_labels)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return figure


def _as_array(images):
    """Images as an array (n, h, w), checked."""
    if hasattr(images, "detach"):  # a tensor, perhaps of bfloat16, which numpy does not know
        images = (images.detach().float() if images.is_floating_point() else images).cpu()
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    if images.ndim != 3 or not len(images):
        wanted = "(n, height, width) or (n, 1, height, width)"
        raise ValueError(f"images must have shape {wanted}, not {images.shape}")
    return images


def _tiled(images, columns):
    """One large image of all, in shades from 0, white, to ``SHADES``, black."""
    low, high = (0, 255) if images.dtype == np.uint8 else (-1, 1)
    count, height, width = images.shape
    rows, cell = -(-count // columns), (height + 2 * MARGIN, width + 2 * MARGIN)
    cells = np.full((rows * columns, *cell), low, dtype=float)
    cells[:count, MARGIN:-MARGIN, MARGIN:-MARGIN] = images
    tiled = cells.reshape(rows, columns, *cell).swapaxes(1, 2).reshape(rows * cell[0], -1)
    return np.round(SHADES * (tiled - low) / (high - low))


def table(
    texts: ArrayLike, rows: Sequence[str], columns: Sequence[str], filled: ArrayLike
) -> Figure:
    """A table as a picture; where ``filled`` is true the cell is dark grey, its text white.

    Both are (rows, columns); ValueError where they and the names of rows and columns do not agree.
    """
    check("rows", rows, Sequence[str])
    check("columns", columns, Sequence[str])
    texts, shape = np.asarray(texts, dtype=object), (len(rows), len(columns))
    filled = as_array("filled", filled, None)
    if texts.shape != shape or filled.shape != shape:
        found = f"texts {texts.shape} and filled {filled.shape}"
        raise ValueError(f"{found} must have {shape[0]} rows, {shape[1]} columns")
    figure, axis = subplots(width=1 + 1.0 * len(columns), height=0.4 * (len(rows) + 1))
    for place, text in np.ndenumerate(texts):
        row, column = place
        face = FILLED if filled[place] else "white"
        look = {"color": "white", "weight": "bold"} if filled[place] else {}
        axis.add_patch(plt.Rectangle((column, row), 1, 1, facecolor=face, edgecolor="lightgrey"))
        axis.text(column + 0.5, row + 0.5, str(text), ha="center", va="center", **look)
    axis.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    axis.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axis.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axis.tick_params(length=0, labeltop=True, labelbottom=False)
    axis.spines[:].set_visible(False)
    return figure
