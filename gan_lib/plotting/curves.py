"""Curves over the steps of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .. import densities
from ..arguments import checked
from ..game import Frame
from .style import COLORS, LINES, subplots

if TYPE_CHECKING:  # both come with torch
    from ..objectives import Objective
    from ..training import Step

JS_LABEL = r"$\mathrm{JS}(p_{\mathrm{data}}\,\Vert\,p_g)$ (nats)"


@checked(smooth=1)
def training_curves(
    history: Sequence[Step], objective: str | Objective = "non_saturating", smooth: int = 50
) -> Figure:
    """Losses (left) and D's answers (right) over the steps: each faint, and its running mean.

    The grey lines are where an undecided D sits, as the objective says: in the paper's game D's
    loss is 2 log 2, G's -log(1/2) (minimax: log(1/2)), and both answers are 1/2. The objective is
    itself or its name in ``objectives.OBJECTIVES``; ``smooth`` counts the running mean's steps.
    """
    if not history:
        raise ValueError("history is empty: record some steps first")
    if not all(hasattr(step, "d_loss") for step in history):
        raise ValueError("history must hold the steps of a game")
    if not hasattr(objective, "levels"):
        from ..objectives import named  # here: pictures without a game do not load torch

        objective = named(objective)
    figure, (left, right) = subplots(1, 2, width=9, height=3)
    _draw_losses(left, history, objective, smooth)
    _draw_answers(right, history, objective, smooth)
    for axis in (left, right):
        axis.set_xlabel("step")
        axis.legend(frameon=False)
    return figure


def _draw_losses(axis, history, game, smooth):
    d_low = _draw_smoothed(axis, history, "d_loss", "$D$'s loss", "D", smooth)
    g_low = _draw_smoothed(axis, history, "g_loss", "$G$'s loss", "p_g", smooth)
    _draw_levels(axis, game.levels[:2])
    axis.set_ylabel(f"loss ({game.unit})" if game.unit else "loss")
    if min(d_low, g_low) >= 0:
        axis.set_ylim(bottom=0)


def _draw_answers(axis, history, game, smooth):
    name = game.answer_label
    _draw_smoothed(axis, history, "d_real", f"${name}(x)$, real", "p_data", smooth)
    _draw_smoothed(axis, history, "d_fake", f"${name}(G(z))$, fake", "p_g", smooth)
    _draw_levels(axis, game.levels[2:])
    axis.set_ylabel("probability" if game.answer_range else "answer")
    axis.set_ylim(game.answer_range)


def _draw_smoothed(axis, history, field, label, line, smooth):
    """Draw a field of the steps, faint, and its running mean; return its smallest value."""
    numbers = [step.number for step in history]
    values = np.array([getattr(step, field) for step in history])
    axis.plot(numbers, values, color=COLORS[line], alpha=0.15, linewidth=0.7)
    window = min(smooth, len(values))
    means = np.convolve(values, np.ones(window) / window, mode="valid")
    axis.plot(numbers[window - 1 :], means, label=label, **LINES[line])
    return values.min()


def _draw_levels(axis, levels):
    for height in levels:
        if height is not None:
            axis.axhline(height, color="grey", linewidth=0.8)


@checked
def distance_curves(frames: Sequence[Frame], x: ArrayLike, p_data: ArrayLike) -> Figure:
    """JS(p_data||p_g) in nats, and the mean of ``|D - 1/2|`` under p_data, over recorded steps.

    ``x`` is the grid of the frames, (n,), and ``p_data`` the density on it.
    """
    x, p_data = densities._densities(x, p_data=p_data)
    if not frames:
        raise ValueError("frames is empty: record some first")
    figure, (upper, lower) = subplots(2, 1, width=7, height=4, sharex=True)
    numbers = [frame.step for frame in frames]
    js = [densities.js(p_data, frame.p_g, x) for frame in frames]
    upper.plot(numbers, js, color=COLORS["JS"])
    upper.axhline(np.log(2), color="grey", linewidth=0.8)
    upper.set(ylabel=JS_LABEL, ylim=(0, 0.75), yticks=[0, 0.25, 0.5, np.log(2)])
    upper.set_yticklabels(["0", "0.25", "0.5", "log 2"])
    gaps = [np.average(np.abs(frame.d - 0.5), weights=p_data) for frame in frames]
    lower.plot(numbers, gaps, **LINES["D"])
    lower.set(xlabel="step", ylabel=r"mean $|D - \frac{1}{2}|$", ylim=(0, 0.5), xlim=(0, None))
    lower.set_xscale("symlog", linthresh=1)
    lower.set_xticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1000"])
    return figure
