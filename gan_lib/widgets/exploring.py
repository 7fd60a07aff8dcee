"""Pictures that follow what the reader sets: recorded frames, any controls, training anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as ipw
from matplotlib.figure import Figure

from .. import plotting
from ..arguments import checked
from .panel import Panel, Picture


@checked
def scrubber(
    frames: Sequence[Any],
    draw: Callable[[Any], Figure],
    describe: Callable[[Any], str],
    name: str = "scrubber",
) -> Panel:
    """Step, play or drag through recorded frames; the panel's ``slider`` says which is shown.

    Each picture is drawn when it is first looked at, and kept.
    ``describe`` says of a frame, in one line, what there is to see.
    """
    if not frames:
        raise ValueError("frames is empty: record some first")
    last, wide = len(frames) - 1, {"width": "420px", "max_width": "95%"}
    slider = ipw.IntSlider(value=0, min=0, max=last, description="frame", layout=wide)
    play = ipw.Play(value=0, min=0, max=last, interval=150, description="play")
    image, label = Picture(name), ipw.Label()
    pictures = {}

    def show(change=None):
        i = slider.value
        if i not in pictures:
            pictures[i] = plotting.png(draw(frames[i]))
        try:
            text = describe(frames[i])
        except ValueError as error:  # such as a p_g that has left the grid
            text = str(error)
        image.show(pictures[i], text)
        label.value = text

    slider.observe(show, "value")
    # After the picture; and by jslink the kernel would hear of play's value before.
    ipw.link((slider, "value"), (play, "value"))
    show()
    panel = Panel(name, [ipw.Box([play, slider], layout={"flex_flow": "row wrap"}), image, label])
    panel.slider = slider
    return panel


@checked
def explore(
    draw: Callable[..., Figure],
    controls: Mapping[str, ipw.Widget],
    describe: Callable[..., str] | None = None,
    name: str = "explore",
) -> Panel:
    """Controls that redraw a picture while they move.

    ``draw`` and ``describe`` are called with the value of each control, under its name; where one
    raises ValueError, its text is shown, and the last picture stays. Controls are widgets with a
    ``value``; one without a description gets its name.
    """
    image, label = Picture(name), ipw.Label()

    def show(change=None):
        values = _values(controls)
        try:
            picture, text = plotting.png(draw(**values)), describe(**values) if describe else ""
        except ValueError as error:
            label.value = str(error)
            return
        image.show(picture, text)
        label.value = text

    for argument, widget in controls.items():
        widget.description = widget.description or argument
        widget.observe(show, "value")
    show()
    return Panel(name, [*controls.values(), image, label])


def _values(controls):
    return {argument: widget.value for argument, widget in controls.items()}


@checked
def retrainer(
    run: Callable[..., tuple], controls: Mapping[str, ipw.Widget], name: str = "retrain"
) -> Panel:
    """Sliders that train anew when they are let go, and a scrubber through the new frames.

    ``run`` is called with the value of each control, under its name, and returns the (frames,
    draw, describe) of a :func:`scrubber`. While it trains the label says so; an error is shown,
    not lost.
    """
    label, place = ipw.Label(), ipw.VBox()

    def train(change=None):
        label.value = "training ..."
        began = time.perf_counter()
        try:
            inner = scrubber(*run(**_values(controls)), name)
            inner.slider.value = inner.slider.max
        except (ArithmeticError, ValueError) as error:
            label.value = f"{type(error).__name__}: {error}"
            return
        place.children = [inner]
        took = f"{time.perf_counter() - began:.1f} seconds"
        label.value = f"trained in {took}; the scrubber stands at the end"

    for widget in controls.values():
        widget.continuous_update = False
        widget.observe(train, "value")
    train()
    return Panel(name, [*controls.values(), label, place])
