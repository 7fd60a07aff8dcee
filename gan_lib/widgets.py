"""The interactive figures: thin, over the pure functions of ``plotting``.

A callback sets the ``value`` of an ``ipywidgets.Image`` and of a label; it never prints or plots
into an Output widget. That is smoother to drag, and nothing of it leaks into the stored outputs
that ``pytest --nbval`` compares.
"""

from __future__ import annotations

import functools
import html
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw
import traitlets
from matplotlib.figure import Figure
from tqdm.notebook import tqdm

from . import plotting

if TYPE_CHECKING:  # torch comes with it, for which counting bits does not wait
    from .training import Step

_predictions = {}


class Panel(ipw.VBox):
    """A column of widgets with a short plain-text form that is the same whatever they show."""

    slider: ipw.IntSlider | None = None  # the one that chooses what is shown, if there is one
    answers: dict[str, str] | None = None  # what a consultation's reader has named so far

    def __init__(self, name: str, children: Sequence[ipw.Widget]) -> None:
        self._name = name
        # A picture is shown pixel for pixel, not stretched.
        super().__init__(children, layout={"align_items": "flex-start"})

    def __repr__(self) -> str:
        return f"<interactive: {self._name}>"


class Picture(ipw.Image):
    """A picture with a name, which a screen reader says and a mouse that rests on it shows."""

    # Never used, but without a description ipywidgets 8 fails to show a tooltip.
    description = traitlets.Unicode().tag(sync=True)

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__(format="png", tooltip=name)

    def show(self, picture: bytes, text: str = "") -> None:
        """Show a PNG, and add to the name what ``text`` says of it."""
        with self.hold_sync():  # one message instead of two
            self.value = picture
            self.tooltip = f"{self._name}: {text}" if text else self._name


def predict(name: str, choices: Sequence[str]) -> Panel:
    """Ask the reader to choose before reading on; :func:`reveal` looks it up under ``name``."""
    buttons = ipw.ToggleButtons(options=choices, value=None, style={"button_width": "auto"})
    note = ipw.Label("Choose before you read on.")

    def choose(change):
        _predictions[name] = change["new"]
        note.value = f"Your prediction: {change['new']}. Read on to see."

    buttons.observe(choose, "value")
    return Panel(f"prediction, {' / '.join(choices)}", [buttons, note])


def reveal(name: str, answer: str) -> None:
    """Print the answer, and beside it what the reader predicted under ``name``."""
    verdict = "You made no prediction."
    if (guess := _predictions.get(name)) is not None:
        verdict = f"You said: {guess}. {'Right!' if guess == answer else 'Not so.'}"
    print(f"Answer: {answer}. {verdict}")


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


def consultation(
    cases: Sequence[str],
    draw: Callable[[str], Figure],
    read: Callable[[str], str],
    tests: Sequence[str],
    test: Callable[[str, str], str],
    diagnoses: Sequence[str],
    score: Callable[[Mapping[str, str]], tuple[Figure, str]],
    name: str = "consultation",
) -> Panel:
    """Cases to look at, tests to order, a diagnosis to name; the panel's ``answers`` keep the last.

    Choosing a test orders it, and its reading stays with the case. A button turns to the score.

    Parameters
    ----------
    cases, tests, diagnoses : what the three lists offer
    draw, read : of a case, the figure that is seen without a test, and a text to unfold
    test : of a case and a test, the reading in a line
    score : of the answers, a dictionary from case to diagnosis, a figure and a line
    """
    if not cases:
        raise ValueError("cases is empty: there is nobody to look at")
    answers, readings = {}, {each: {} for each in cases}
    case = ipw.Dropdown(options=cases, description="case")
    order = ipw.Dropdown(options=["none", *tests], description="test")
    diagnosis = ipw.Dropdown(options=["not yet", *diagnoses], description="diagnosis")
    turn = ipw.ToggleButton(description="my score", tooltip="my score")
    image, label, verdict = Picture(name), ipw.Label(), ipw.Label()
    code, results = ipw.HTML(), ipw.HTML()
    picture_of = functools.cache(lambda now: plotting.png(draw(now)))

    def look(now):
        found = f"{order.value}: {readings[now][order.value]}" if order.index else "no test shown"
        return picture_of(now), f"{now}; {found}"

    def mark():
        figure, text = score(dict(answers))
        return plotting.png(figure), text

    def show(change=None):
        try:
            picture, label.value = mark() if turn.value else look(case.value)
            image.show(picture, label.value)
        except ValueError as error:
            label.value = str(error)
        verdict.value = f"{case.value}; diagnosis: {answers.get(case.value, 'not yet')}"
        items = (f"{each}: {found}" for each, found in readings[case.value].items())
        results.value = "".join(f"<li>{html.escape(item)}</li>" for item in items)

    def enter(change=None):
        order.index, turn.value = 0, False
        diagnosis.value = answers.get(case.value, "not yet")
        title, text = f"{case.value}: the code", html.escape(read(case.value))
        code.value = f"<details><summary>{title}</summary><pre>{text}</pre></details>"
        show()

    def examine(change):
        if order.index:
            readings[case.value][order.value] = test(case.value, order.value)
        turn.value = False
        show()

    def decide(change):
        answers[case.value] = diagnosis.value
        if not diagnosis.index:
            del answers[case.value]
        turn.value = False
        show()

    for widget, act in ((case, enter), (order, examine), (diagnosis, decide), (turn, show)):
        widget.layout.width = "auto"
        widget.observe(act, "value")
    enter()
    panel = Panel(name, [case, order, diagnosis, turn, image, label, verdict, code, results])
    panel.answers = answers
    return panel


def progress(steps: Iterable[Step], total: int, seconds: float = 0.5) -> Iterator[Step]:
    """Pass steps on under a progress bar of ``total`` steps; both losses every ``seconds``."""
    with tqdm(total=total, mininterval=seconds) as bar:
        shown = 0.0
        for step in steps:
            bar.update(step.number - bar.n)
            if time.monotonic() - shown > seconds:
                losses = f"D's loss {step.d_loss:.2f}, G's loss {step.g_loss:.2f}"
                bar.set_postfix_str(losses, refresh=False)
                shown = time.monotonic()
            yield step


class LivePicture(Panel):
    """A picture drawn anew while a loop runs: display it, then wrap the loop in ``follow``."""

    def __init__(self, draw: Callable[[], Figure], name: str = "live picture") -> None:
        self._draw, self._image, self._label = draw, Picture(name), ipw.Label()
        super().__init__(name, [self._image, self._label])
        self._show("before the first step")

    def _show(self, text):
        self._image.show(plotting.png(self._draw()), text)
        self._label.value = text

    def follow(self, steps: Iterable[Step], seconds: float = 3.0) -> Iterator[Step]:
        """Pass steps on and draw anew every ``seconds``, and once more at the end."""
        drawn, step = time.monotonic(), None
        for step in steps:
            if time.monotonic() - drawn > seconds:
                self._show(f"step {step.number}")
                drawn = time.monotonic()
            yield step
        if step is not None:
            self._show(f"step {step.number}")
