"""Runs of the lab as a still picture, from the record: one row for each arm of an experiment."""

import functools
import json
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import files, plotting
from ..objectives import named
from .engine import EXPERIMENTS
from .layers import FIELD, SHOWN, centres
from .recipe import recipe
from .run import distribution

LEVEL = {"D": 0.1, "f": 0.25}  # between two lines of equal answer: of a judge, of a critic
FIRST = {  # no experiment, but recorded like one
    "id": "first",
    "arms": [{"label": "the lab as it opens", "text": "by=torch"}],
    "steps": 3000,
}


def experiment(name: str) -> dict[str, Any]:
    """The guided experiment of this id; a ValueError that names all of them if there is none."""
    found = [each for each in EXPERIMENTS if each["id"] == name]
    if not found:
        names = ", ".join(each["id"] for each in EXPERIMENTS)
        raise ValueError(f"experiment must be one of {names}, not {name!r}")
    return found[0]


def recorded_runs(name: str, arm: str | None = None) -> list[dict[str, Any]]:
    """What was measured of an experiment, or of the "first" run: one entry for each arm and seed.

    arm : the label of the arm that is wanted; all of them if None, those beside the experiment too
    """
    parts = ("first",) if name == "first" else ("experiments", "beside")
    runs = [run for part in parts for run in _record(part)]
    return [run for run in runs if run["experiment"] == name and arm in (None, run["arm"])]


@functools.cache
def _record(part):
    text = (files.recorded("lab") / f"{part}.json").read_text(encoding="utf-8")
    return json.loads(text)["runs"]


def picture(name: str) -> Figure:
    """Each arm of an experiment at four moments, of the first of its recorded seeds.

    Black: real points; green: fakes; blue, where it was kept: lines of equal answer of D. The name
    "first" stands for the lab as it opens.
    """
    arms = (FIRST if name == "first" else experiment(name))["arms"]
    strips = [recorded_runs(name, arm["label"])[0]["frames"] for arm in arms]
    frames = [frame for strip in strips for frame in strip]
    data = distribution(recipe(arms[0]["text"]).settings)
    figure = plotting.plane_strip(
        data.sample(SHOWN, torch.Generator().manual_seed(2)),
        [np.array(frame["fakes"]).reshape(-1, 2) / 100 for frame in frames],
        [f"step {frame['step']}" for frame in frames],
        rows=len(arms),
    )
    rows = np.array(figure.axes).reshape(len(arms), -1)
    for arm, row, strip in zip(arms, rows, strips):
        _finish(arm, row, strip)
    return figure


def _finish(arm, row, strip):
    """The arm's label before its row, and D's answers where they were kept."""
    row[0].set_ylabel(arm["label"])
    label = named(recipe(arm["text"]).settings["objective"]).answer_label
    for axis, frame in zip(row, strip):
        if "field" in frame:
            _draw_field(axis, np.array(frame["field"]) / 100, LEVEL[label])


def _draw_field(axis: Axes, answers, step):
    line = centres(FIELD)[:FIELD, 0].numpy()
    levels = np.arange(np.floor(answers.min() / step) + 1, np.ceil(answers.max() / step)) * step
    style = {"colors": plotting.COLORS["D"], "linewidths": 0.8, "linestyles": "solid"}
    axis.contour(line, line, answers.reshape(FIELD, FIELD), levels=levels, zorder=1, **style)


def page() -> str:
    """The guided experiments in Markdown: question and choices; folded away, what was measured."""
    return "\n".join(map(_section, EXPERIMENTS))


def _section(about):
    choices = "\n".join(f"- {choice}" for choice in about["choices"])
    measured = f"**Measured: {about['choices'][about['right']]}.** {about['answer']}"
    lines = [
        f"### {about['title']}",
        about["question"],
        choices,
        "Choose, then try it above, under *Guided experiments*.",
        "<details><summary>What was measured</summary>",
        f"![{about['words']}](lab/{about['id']}.png)",
        measured,
        "</details>",
    ]
    return "\n\n".join(lines) + "\n"


def table_of_pretrained() -> str:
    """The weights to start from in Markdown, data set by data set: what their samples score."""
    text = (files.recorded("lab") / "pretrained.json").read_text(encoding="utf-8")
    kept = [run for run in json.loads(text)["runs"] if run["kept"]]
    head = "| data | JS, nats | two real batches | modes covered | share of good samples |"
    return "\n".join([head, "|---|---|---|---|---|", *map(_row, kept)]) + "\n"


def _row(run):
    low, high = run["js_floor"]
    modes = "– | –"
    if run.get("of", 1) > 1:
        modes = f"{run['covered']:.1f} of {run['of']:.0f} | {run['quality']:.2f}"
    return f"| {run['data']} | {run['js']:.3f} | {low:.3f} to {high:.3f} | {modes} |"
