"""The figures of the course: one style, and the same meaning for the same colour everywhere.

Every function returns a matplotlib Figure that is already closed for pyplot: a notebook shows it once, as its cell's value.
"""

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import LineCollection
from matplotlib.legend import Legend
from matplotlib.spines import Spine
from PIL import Image, ImageChops

from . import densities, game

COLORS = {  # after Okabe and Ito (2008): told apart also by colour-blind readers
    "p_data": "black",
    "p_g": "#009E73",
    "D": "#0072B2",
    "D*": "#56B4E9",
    "forward KL": "#E69F00",
    "reverse KL": "#CC79A7",
    "JS": "#D55E00",
    "Wasserstein": "#888888",
    "total variation": "#882255",
}
LINES = {  # keyword arguments for plot(): colour and line style together
    "p_data": {"color": COLORS["p_data"], "linestyle": ":", "linewidth": 2.2},
    "p_g": {"color": COLORS["p_g"], "linestyle": "-", "linewidth": 2},
    "D": {"color": COLORS["D"], "linestyle": "--", "linewidth": 2},
    "D*": {"color": COLORS["D*"], "linestyle": "-", "linewidth": 4, "alpha": 0.6},
}
STYLE = {
    "figure.dpi": 100,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "savefig.bbox": None,
}
GROUNDS = 4  # so many are kept of a figure, for limits that jump to and fro
SEEN = 0.005  # the density below which samples are too rare to speak of the right answer there


def subplots(rows=1, columns=1, width=7, height=3, **options):
    """``plt.subplots`` in the style of the course; sizes in inches. The figure is closed for pyplot, so that it shows once."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, figsize=(width, height), layout="constrained", **options)
    plt.close(figure)
    return figure, axes


def png(figure):
    """The figure as a PNG file, in bytes, for an ``ipywidgets.Image``: of 64 colours, faster and a quarter of the size.

    Most of the time of drawing goes into ticks, labels and legends, and into choosing the colours. That is done once and kept
    with the figure, so that one whose curves are moved comes four times as fast from the second picture on.
    """
    picture, buffer = _few_colors(figure, _drawn(figure).convert("RGB")), io.BytesIO()
    picture.save(buffer, format="png")
    return buffer.getvalue()


def _few_colors(figure, picture):
    """The picture in 64 colours: in those of the figure's picture before it, unless one would come out as quite another."""
    if hasattr(figure, "_palette"):
        few = picture.quantize(palette=figure._palette, dither=Image.Dither.NONE)  # to some levels, and ten times as fast
        if max(most for _, most in ImageChops.difference(picture, few.convert("RGB")).getextrema()) <= 32:
            return few
    figure._palette = picture.quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    return figure._palette


def _drawn(figure):
    """The figure as drawn: ground and legends from one of the last times, if they were the same, and between them all else."""
    legends = _legends(figure)
    moving = [
        part
        for axes in figure.axes
        for part in sorted(axes.get_children(), key=lambda part: part.get_zorder())
        if part is not axes.patch and not isinstance(part, (Axis, Legend)) and (axes.axison or not isinstance(part, Spine))
    ]
    grounds, looks = getattr(figure, "_grounds", []), _looks(figure)
    kept = next((kept for kept in grounds if kept[0] == looks), None)
    if kept is None:
        canvas = FigureCanvasAgg(figure)
        for part in moving + legends:
            part.set_animated(True)  # so that it is laid out, but not drawn
        canvas.draw()
        for part in moving + legends:
            part.set_animated(False)
        ground = canvas.copy_from_bbox(figure.bbox)
        glass = RendererAgg(*canvas.get_width_height(), figure.dpi)  # transparent
        for legend in legends:
            legend.draw(glass)
        above = Image.fromarray(np.array(glass.buffer_rgba()))
        kept = _looks(figure), [axes.get_position() for axes in figure.axes], canvas, ground, above  # looks as drawn
        figure._grounds = [kept, *grounds[: GROUNDS - 1]]
    _, places, canvas, ground, above = kept
    for axes, place in zip(figure.axes, places):
        if not np.array_equal(axes.get_position(), place):  # other ticks had moved the axes since
            axes.set_position(place), axes.set_in_layout(True)
    canvas.restore_region(ground)
    for part in moving:
        part.draw(canvas.get_renderer())
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    if covered := above.getbbox():
        picture.alpha_composite(above.crop(covered), covered[:2])
    return picture


def _looks(figure):
    """All by which ticks, labels and the place of the axes may change; a place that the layout finds follows from the rest."""
    laid_out = figure.get_layout_engine() is not None
    places = [None if laid_out and each.get_in_layout() else each.bbox.bounds for each in figure.axes]
    axes = [(each.axison, each.get_xlim(), each.get_ylim()) for each in figure.axes]
    titles = [each.get_title() and each.get_title().count("\n") for each in figure.axes]  # "" for none, else the breaks in it
    labels = [
        (each.get_label_text(), each.get_major_locator(), each.get_major_formatter())
        for each in [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    ]
    texts = [text.get_text() for text in figure.texts]
    legends = [(legend, [text.get_text() for text in legend.get_texts()]) for legend in figure.legends + _legends(figure)]
    return figure.dpi, figure.bbox.bounds, places, axes, titles, labels, texts, legends


def _legends(figure):
    return [part for axes in figure.axes for part in axes.get_children() if isinstance(part, Legend)]


def on_paper(figure):
    """The figure as a small picture for a notebook that has many: as matplotlib stores it, it is up to four times as large."""
    from IPython.display import Image as Picture

    return Picture(png(figure))


def image_grid(images, columns=10, row_labels=None, zoom=2):
    """Images side by side, row by row, dark on light. images: (n, h, w) or (n, 1, h, w), uint8, or float in [-1, 1].

    zoom: screen pixels for each pixel, a whole number, so that none is blurred. row_labels: a text for each row. Shades are
    rounded to 17 levels, which nobody sees and which keeps stored pictures small.
    Raises: ValueError for images of another shape, or none.
    """
    if hasattr(images, "detach"):  # a tensor, perhaps of bfloat16, which numpy does not know
        images = (images.detach().float() if images.is_floating_point() else images).cpu()
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    if images.ndim != 3 or not len(images):
        raise ValueError(f"images must have shape (n, height, width) or (n, 1, height, width), not {images.shape}")
    low, high = (0, 255) if images.dtype == np.uint8 else (-1, 1)
    count, height, width = images.shape
    rows = -(-count // columns)
    cells = np.full((rows * columns, height + 2, width + 2), low, dtype=float)  # a margin of one pixel round each image
    cells[:count, 1:-1, 1:-1] = images
    tiled = cells.reshape(rows, columns, height + 2, width + 2).swapaxes(1, 2).reshape(rows * (height + 2), -1)
    levels = np.round(16 * (tiled - low) / (high - low))
    margin = 0.9 * bool(row_labels)  # inches
    grid_width, grid_height = (zoom * pixels / STYLE["figure.dpi"] for pixels in (tiled.shape[1], tiled.shape[0]))
    figure, axis = subplots(width=grid_width + margin, height=grid_height)
    axis.set_position([margin / (grid_width + margin), 0, grid_width / (grid_width + margin), 1])  # exactly zoom to 1
    axis.imshow(levels, cmap="gray_r", vmin=0, vmax=16, interpolation="nearest")
    axis.set(xticks=[], yticks=(np.arange(rows) + 0.5) * (height + 2) if row_labels else [], yticklabels=row_labels or [])
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return figure


def table(texts, rows, columns, filled):
    """A table as a picture: texts (rows, columns) of strings; where ``filled`` is true the cell is vermilion, its text white.

    Raises: ValueError where the numbers of rows, columns, texts and filled do not agree.
    """
    shape = (len(rows), len(columns))
    if np.shape(texts) != shape or np.shape(filled) != shape:
        raise ValueError(f"texts {np.shape(texts)} and filled {np.shape(filled)} must have {shape[0]} rows, {shape[1]} columns")
    figure, axis = subplots(width=1 + 1.0 * len(columns), height=0.4 * (len(rows) + 1))
    for (row, column), text in np.ndenumerate(np.asarray(texts)):
        face, look = (COLORS["JS"], {"color": "white", "weight": "bold"}) if filled[row][column] else ("white", {})
        axis.add_patch(plt.Rectangle((column, row), 1, 1, facecolor=face, edgecolor="lightgrey"))
        axis.text(column + 0.5, row + 0.5, str(text), ha="center", va="center", **look)
    axis.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    axis.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axis.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axis.tick_params(length=0, labeltop=True, labelbottom=False)
    axis.spines[:].set_visible(False)
    return figure


def code_tree(forest, finished=None):
    """Huffman trees side by side: leaves below with symbol and weight, nodes with their weight, bits beside the branches.

    forest: :class:`gan_lib.huffman.Tree` objects. finished: the tree that they grow into, in whose picture each of their leaves
    has its place already; by default each stands where the forest has it.
    Raises: ValueError for no trees.
    """
    if not forest:
        raise ValueError("forest is empty: there is no tree to draw")
    final = [finished] if finished else forest
    columns = {symbol: i for i, symbol in enumerate(symbol for tree in final for symbol in _symbols(tree))}
    figure, axis = subplots(width=np.clip(0.75 * len(columns), 2.5, 12), height=3.6)
    for tree in forest:
        _draw_tree(axis, tree, columns)
    axis.set(xlim=(-0.6, len(columns) - 0.4), ylim=(-0.9, max(1, *map(_height, final)) + 0.4))
    axis.axis("off")
    return figure


def _draw_tree(axis, tree, columns):
    """Draw ``tree``, and return where its root is: (x, y)."""
    y, weight = _height(tree), f"{float(tree.weight):g}"  # a Fraction knows no :g before Python 3.12
    if not tree.branches:
        x = columns[tree.symbol]
        name = {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(tree.symbol, str(tree.symbol))
        axis.text(x, -0.32, f"{name}\n{weight}", ha="center", va="top", fontsize=10)
    else:
        ends = [_draw_tree(axis, branch, columns) for branch in tree.branches]
        x = np.mean([end[0] for end in ends])
        for bit, end in zip("01", ends):
            axis.plot([x, end[0]], [y, end[1]], color="grey", linewidth=1, zorder=1)
            middle = (x + 2 * end[0]) / 3, (y + 2 * end[1]) / 3
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            axis.text(*middle, bit, ha="center", va="center", color=COLORS["D"], fontsize=10, bbox=box)
        box = {"facecolor": "white", "boxstyle": "round"}
        axis.text(x, y, weight, ha="center", va="center", fontsize=9, bbox=box)
    return x, y


def _height(tree):
    return max((_height(branch) + 1 for branch in tree.branches), default=0)


def _symbols(tree):
    """The symbols of a tree's leaves, from left to right."""
    return [symbol for branch in tree.branches for symbol in _symbols(branch)] or [tree.symbol]


def training_curves(history, smooth=50):
    """Losses (left, nats) and D's answers (right) over the steps: each faint, and its running mean over ``smooth`` steps.

    The grey lines are where an undecided D sits: its loss 2 log 2, G's -log(1/2) = log 2 (in the minimax game log(1/2)), both
    answers 1/2.
    Raises: ValueError for an empty history.
    """
    if not history:
        raise ValueError("history is empty: record some steps first")
    figure, (left, right) = subplots(1, 2, width=9, height=3)
    numbers = [step.number for step in history]
    for axis, names in ((left, (("d_loss", "D"), ("g_loss", "p_g"))), (right, (("d_real", "p_data"), ("d_fake", "p_g")))):
        for name, line in names:
            values = np.array([getattr(step, name) for step in history])
            axis.plot(numbers, values, color=COLORS[line], alpha=0.15, linewidth=0.7)
            window = min(smooth, len(values))
            means = np.convolve(values, np.ones(window) / window, mode="valid")
            label = {"d_loss": "D's loss", "g_loss": "G's loss", "d_real": "D(x), real", "d_fake": "D(G(z)), fake"}[name]
            axis.plot(numbers[window - 1 :], means, label=label, **LINES[line])
    minimax = history[-1].g_loss < 0
    for height in (2 * np.log(2), -np.log(2) if minimax else np.log(2)):
        left.axhline(height, color="grey", linewidth=0.8)
    right.axhline(0.5, color="grey", linewidth=0.8)
    left.set(xlabel="step", ylabel="loss (nats)", ylim=(None if minimax else 0, None))
    right.set(xlabel="step", ylabel="probability", ylim=(0, 1))
    left.legend(frameon=False), right.legend(frameon=False)
    return figure


class Figure1:
    """One panel after the paper's Figure 1, drawn once and then moved: p_data, p_g, D, D*, and the arrows z -> x = G(z).

    x: the grid (n,); p_data: its density there. D* is drawn where samples occur; ``discriminator=False`` leaves D and D* out.
    ``show(frame)`` moves the panel to a :class:`gan_lib.game.Frame`.
    Source: Goodfellow et al. (2014), Figure 1.
    """

    ARROWS = 21

    def __init__(self, x, p_data, axes=None, legend=True, top=1.25, discriminator=True):
        self.x, self.p_data = x, p_data
        self.ylabel = "density; probability" if discriminator else "density"
        if axes is None:
            self.figure, axes = subplots(2, 1, width=6.4, height=4.4, height_ratios=[3, 1], sharex=True)
        self.upper, self.lower = axes
        self.figure = self.upper.figure
        nothing = np.full_like(x, np.nan)
        self.lines = {
            name: self.upper.plot(x, p_data if name == "p_data" else nothing, label=label, **LINES[name])[0]
            for name, label in (("D*", "D*, optimal"), ("p_data", "p_data"), ("p_g", "p_g"), ("D", "D, learnt"))
            if discriminator or name not in ("D", "D*")
        }
        if discriminator:
            self.upper.axhline(0.5, color="grey", linewidth=0.6)
        self.upper.set(ylim=(0, top), xlim=(x[0], x[-1]), yticks=[0, 0.5, 1])
        self.arrows = LineCollection([], colors=COLORS["p_g"], linewidths=0.8, alpha=0.7)
        self.lower.add_collection(self.arrows)
        (self.heads,) = self.lower.plot([], [], linestyle="", marker="^", markersize=4, color=COLORS["p_g"])
        self.lower.axhline(1, color="black", linewidth=1)
        (self.z_line,) = self.lower.plot([], [], color="black", linewidth=1)
        self.z_ends = [self.lower.text(0, 0, "", ha=side, va="center", fontsize=9) for side in ("right", "left")]
        self.lower.set(ylim=(-0.14, 1.12), yticks=[0, 1], yticklabels=["z", "x"])
        self.lower.tick_params(axis="both", length=0, labelbottom=False)
        self.upper.tick_params(axis="x", labelbottom=True)
        self.lower.spines[:].set_visible(False)
        if legend:
            self.upper.legend(loc="upper left", ncols=2, fontsize=8.5, frameon=False)
            self.upper.set_ylabel(self.ylabel)
            self.lower.set_xlabel("x = G(z) above, noise z below (drawn wider)")

    def show(self, frame, title=None):
        """Move the panel to ``frame`` and return its figure."""
        self.lines["p_g"].set_ydata(frame.p_g)
        if "D" in self.lines:
            self.lines["D"].set_ydata(frame.d)
            d_star = game.optimal_discriminator(self.p_data, frame.p_g)
            self.lines["D*"].set_ydata(np.where(self.p_data + frame.p_g > SEEN, d_star, np.nan))
        pick = np.linspace(0, len(frame.z) - 1, self.ARROWS + 2).round().astype(int)[1:-1]
        scale = 0.6 * min(abs(self.x[0]), abs(self.x[-1])) / np.abs(frame.z).max()
        low, high = frame.z[0], frame.z[-1]
        self.z_line.set_data([low * scale, high * scale], [0, 0])
        for text, end, gap in zip(self.z_ends, (low, high), (-0.1, 0.1)):
            text.set(x=end * scale + gap, text=f"{end:.3g}".replace("-", "−"))
        starts, ends = frame.z[pick] * scale, np.clip(frame.g_of_z[pick], self.x[0], self.x[-1])
        self.arrows.set_segments([[(a, 0), (b, 0.96)] for a, b in zip(starts, ends)])
        self.heads.set_data(ends, np.full(len(ends), 0.95))
        self.upper.set_title(f"step {frame.step}" if title is None else title)
        return self.figure


def figure1_strip(frames, x, p_data, titles=None, discriminator=True):
    """Several :class:`Figure1` panels side by side: the static picture beside the scrubber, and the paper's (a) to (d)."""
    figure, axes = subplots(2, len(frames), width=max(2.3 * len(frames), 5.2), height=3.2, height_ratios=[3, 1], sharex=True)
    axes = np.asarray(axes).reshape(2, len(frames))
    for i, frame in enumerate(frames):
        panel = Figure1(x, p_data, axes[:, i], legend=False, discriminator=discriminator)
        panel.show(frame, None if titles is None else titles[i])
        if i:
            axes[0, i].set_yticklabels([]), axes[1, i].set_yticklabels([])
    axes[0, 0].set_ylabel(panel.ylabel)
    figure.legend(handles=list(panel.lines.values()), loc="outside lower center", ncols=4, frameon=False)
    return figure


def distance_curves(frames, x, p_data):
    """JS(p_data||p_g) in nats, and the mean of |D - 1/2| under p_data, over the recorded steps (on a logarithmic axis)."""
    figure, (upper, lower) = subplots(2, 1, width=7, height=4, sharex=True)
    numbers = [frame.step for frame in frames]
    upper.plot(numbers, [densities.js(p_data, frame.p_g, x) for frame in frames], color=COLORS["JS"])
    upper.axhline(np.log(2), color="grey", linewidth=0.8)
    upper.set(ylabel="JS(p_data‖p_g) (nats)", ylim=(0, 0.75), yticks=[0, 0.25, 0.5, np.log(2)])
    upper.set_yticklabels(["0", "0.25", "0.5", "log 2"])
    lower.plot(numbers, [np.average(np.abs(frame.d - 0.5), weights=p_data) for frame in frames], **LINES["D"])
    lower.set(xlabel="step", ylabel="mean |D − ½|", ylim=(0, 0.5), xlim=(0, None))
    lower.set_xscale("symlog", linthresh=1)
    lower.set_xticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1000"])
    return figure
