"""The reader's predictions: chosen before a surprise, looked up after it."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as ipw

from ..arguments import checked
from .panel import Panel

_predictions = {}


@checked
def predict(name: str, choices: Sequence[str]) -> Panel:
    """Ask the reader to choose before reading on; :func:`reveal` looks it up under ``name``."""
    buttons = ipw.ToggleButtons(options=choices, value=None, style={"button_width": "auto"})
    note = ipw.Label("Choose before you read on.")

    def choose(change):
        _predictions[name] = change["new"]
        note.value = f"Your prediction: {change['new']}. Read on to see."

    buttons.observe(choose, "value")
    return Panel(f"prediction, {' / '.join(choices)}", [buttons, note])


@checked
def reveal(name: str, answer: str) -> None:
    """Print the answer, and beside it what the reader predicted under ``name``."""
    verdict = "You made no prediction."
    if (guess := _predictions.get(name)) is not None:
        verdict = f"You said: {guess}. {'Right!' if guess == answer else 'Not so.'}"
    print(f"Answer: {answer}. {verdict}")
