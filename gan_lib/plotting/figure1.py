"""The paper's Figure 1, as a panel that moves and as a strip of panels."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from .. import game
from ..arguments import as_array, checked, positive
from .style import COLORS, LINES, subplots

SEEN = 0.005  # the density below which samples are too rare to speak of the right answer there
HEIGHTS = [3, 1]  # of the densities and of the arrows
NAMES = {
    "D*": "$D^*$, optimal",
    "p_data": r"$p_{\mathrm{data}}$",
    "p_g": "$p_g$",
    "D": "$D$, learnt",
}


@checked
class Figure1:
    """One panel after the paper's Figure 1, drawn once and then moved.

    p_data, p_g, D, D* (where samples occur), and below them the arrows z -> x = G(z)
    (Goodfellow et al., 2014, Figure 1).

    Parameters
    ----------
    x, p_data : (n,), the grid and the density there
    axes : the upper and the lower, if not new ones
    top : the upper end of the densities' axis
    discriminator : whether to draw D and D*
    """

    ARROWS = 21

    def __init__(
        self,
        x: np.ndarray,
        p_data: np.ndarray,
        axes: Sequence[Axes] | None = None,
        legend: bool = True,
        top: float = 1.25,
        discriminator: bool = True,
    ) -> None:
        x, p_data = as_array("x", x), as_array("p_data", p_data)
        if x.ndim != 1 or len(x) < 2 or p_data.shape != x.shape:
            raise ValueError(f"x and p_data must be (n,), n > 1, not {x.shape}, {p_data.shape}")
        positive(top=top)
        self.x, self.p_data = x, p_data
        self.ylabel = "density; probability" if discriminator else "density"
        if axes is None:
            _, axes = subplots(2, 1, width=6.4, height=4.4, height_ratios=HEIGHTS, sharex=True)
        elif len(axes) != 2:
            raise ValueError(f"axes must be two, the upper and the lower, not {len(axes)}")
        self.upper, self.lower = axes
        self.figure = self.upper.figure
        self._draw_densities(discriminator, top)
        self._draw_arrows()
        if legend:
            self.upper.legend(loc="upper left", ncols=2, fontsize=8.5, frameon=False)
            self.upper.set_ylabel(self.ylabel)
            self.lower.set_xlabel("$x = G(z)$ above, noise $z$ below (drawn wider)")

    def _draw_densities(self, discriminator, top):
        names = NAMES if discriminator else ["p_data", "p_g"]
        nothing = np.full_like(self.x, np.nan)
        self.lines = {}
        for name in names:
            y = self.p_data if name == "p_data" else nothing
            (self.lines[name],) = self.upper.plot(self.x, y, label=NAMES[name], **LINES[name])
        if discriminator:
            self.upper.axhline(0.5, color="grey", linewidth=0.6)
        self.upper.set(ylim=(0, top), xlim=(self.x[0], self.x[-1]), yticks=[0, 0.5, 1])
        self.upper.tick_params(axis="x", labelbottom=True)

    def _draw_arrows(self):
        green = COLORS["p_g"]
        arrows = LineCollection([], colors=green, linewidths=0.8, alpha=0.7)
        self.arrows = self.lower.add_collection(arrows)
        (self.heads,) = self.lower.plot([], [], linestyle="", marker="^", markersize=4, color=green)
        self.lower.axhline(1, color="black", linewidth=1)
        (self.z_line,) = self.lower.plot([], [], color="black", linewidth=1)
        text = partial(self.lower.text, 0, 0, "", va="center", fontsize=9)
        self.z_ends = [text(ha="right"), text(ha="left")]
        self.lower.set(ylim=(-0.14, 1.12), yticks=[0, 1], yticklabels=["$z$", "$x$"])
        self.lower.tick_params(axis="both", length=0, labelbottom=False)
        self.lower.spines[:].set_visible(False)

    @checked
    def show(self, frame: game.Frame, title: str | None = None) -> Figure:
        """Move the panel to ``frame`` and return its figure."""
        self.lines["p_g"].set_ydata(frame.p_g)
        if "D" in self.lines:
            self.lines["D"].set_ydata(frame.d)
            d_star = game.optimal_discriminator(self.p_data, frame.p_g)
            self.lines["D*"].set_ydata(np.where(self.p_data + frame.p_g > SEEN, d_star, np.nan))
        self._move_arrows(frame)
        self.upper.set_title(f"step {frame.step}" if title is None else title)
        return self.figure

    def _move_arrows(self, frame):
        scale = 0.6 * min(abs(self.x[0]), abs(self.x[-1])) / np.abs(frame.z).max()
        low, high = frame.z[0], frame.z[-1]
        self.z_line.set_data([low * scale, high * scale], [0, 0])
        for text, end, gap in zip(self.z_ends, (low, high), (-0.1, 0.1)):
            text.set(x=end * scale + gap, text=f"{end:.2g}".replace("-", "−"))
        pick = np.linspace(0, len(frame.z) - 1, self.ARROWS + 2).round().astype(int)[1:-1]
        starts, ends = frame.z[pick] * scale, np.clip(frame.g_of_z[pick], self.x[0], self.x[-1])
        self.arrows.set_segments([[(a, 0), (b, 0.96)] for a, b in zip(starts, ends)])
        self.heads.set_data(ends, np.full(len(ends), 0.95))


@checked
def figure1_strip(
    frames: Sequence[game.Frame],
    x: np.ndarray,
    p_data: np.ndarray,
    titles: Sequence[str] | None = None,
    discriminator: bool = True,
) -> Figure:
    """Several :class:`Figure1` panels side by side, as the paper's (a) to (d)."""
    if not frames or (titles is not None and len(titles) != len(frames)):
        raise ValueError(f"frames must be some, with as many titles, not {len(frames)}")
    width = max(2.3 * len(frames), 5.2)
    options = {"height_ratios": HEIGHTS, "sharex": True, "squeeze": False}
    figure, axes = subplots(2, len(frames), width, height=3.2, **options)
    for i, frame in enumerate(frames):
        panel = Figure1(x, p_data, axes[:, i], legend=False, discriminator=discriminator)
        panel.show(frame, None if titles is None else titles[i])
    for axis in axes[:, 1:].flat:
        axis.set_yticklabels([])
    axes[0, 0].set_ylabel(panel.ylabel)
    lines = list(panel.lines.values())
    figure.legend(handles=lines, loc="outside lower center", ncols=4, frameon=False)
    return figure
