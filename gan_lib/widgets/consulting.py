"""A consultation: cases to look at, tests to order, a diagnosis to name."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Mapping, Sequence

import ipywidgets as ipw
from matplotlib.figure import Figure

from .. import plotting
from ..arguments import checked
from .panel import Panel, Picture


@checked
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
