"""The interactive figures: thin, over the pure functions of ``plotting``.

A callback sets the ``value`` of an ``ipywidgets.Image`` and of a label; it never prints or plots into an Output widget. That is
smoother to drag, and nothing of it leaks into the stored outputs that ``pytest --nbval`` compares.
"""

import time

import ipywidgets as ipw
import traitlets
from tqdm.notebook import tqdm

from . import plotting

_predictions = {}


class Panel(ipw.VBox):
    """A column of widgets whose plain-text form is short and always the same, whatever the pictures in it hold."""

    def __init__(self, name, children):
        self._name = name
        super().__init__(children, layout={"align_items": "flex-start"})  # a picture is shown pixel for pixel, not stretched

    def __repr__(self):
        return f"<interactive: {self._name}>"


class Picture(ipw.Image):
    """A picture with a name: what a screen reader says of it, and what a mouse that rests on it shows."""

    description = traitlets.Unicode().tag(sync=True)  # never used: but without one ipywidgets 8 fails to show a tooltip

    def __init__(self, name):
        self._name = name
        super().__init__(format="png", tooltip=name)

    def show(self, picture, text=""):
        """Show a PNG, in bytes, and add to the name what ``text`` says of it."""
        with self.hold_sync():  # one message instead of two
            self.value, self.tooltip = picture, f"{self._name}: {text}" if text else self._name


def predict(name, choices):
    """Ask the reader to commit to one of ``choices`` before reading on; :func:`reveal` looks it up under ``name``."""
    buttons = ipw.ToggleButtons(options=choices, value=None, style={"button_width": "auto"})
    note = ipw.Label("Choose before you read on.")

    def choose(change):
        _predictions[name] = change["new"]
        note.value = f"Your prediction: {change['new']}. Read on to see."

    buttons.observe(choose, "value")
    return Panel(f"prediction, {' / '.join(choices)}", [buttons, note])


def reveal(name, answer):
    """Print the answer, and beside it what the reader predicted under ``name``."""
    guess = _predictions.get(name)
    if guess is None:
        verdict = "You made no prediction."
    else:
        verdict = f"You said: {guess}. {'Right!' if guess == answer else 'Not so.'}"
    print(f"Answer: {answer}. {verdict}")


def scrubber(frames, draw, describe, name="scrubber"):
    """Step, play or drag through recorded frames. draw(frame) -> Figure, describe(frame) -> one line of text.

    Each picture is drawn when it is first looked at, and kept. Raises: ValueError for no frames.
    """
    if not frames:
        raise ValueError("frames is empty: record some first")
    slider = ipw.IntSlider(
        value=0, min=0, max=len(frames) - 1, description="frame", layout={"width": "420px", "max_width": "95%"}
    )
    play = ipw.Play(value=0, min=0, max=len(frames) - 1, interval=150, description="play")
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
    ipw.link((slider, "value"), (play, "value"))  # after the picture; by jslink the kernel would hear of play's value before
    show()
    return Panel(name, [ipw.Box([play, slider], layout={"flex_flow": "row wrap"}), image, label])


def explore(draw, controls, describe=None, name="explore"):
    """Controls that redraw a picture while they move: draw(\\*\\*values) -> Figure, describe(\\*\\*values) -> one line of text.

    controls: {argument: widget with a ``value``}; one without a description gets the argument's name. Where draw or describe
    raises ValueError, its text is shown, and the last picture stays.
    """
    image, label = Picture(name), ipw.Label()

    def show(change=None):
        values = {argument: widget.value for argument, widget in controls.items()}
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


def retrainer(run, controls, name="retrain"):
    """Sliders that train anew when they are let go: run(\\*\\*values) -> (frames, draw, describe), shown in a scrubber.

    controls: {argument of run: widget with a ``value``}. While it trains the label says so; an error is shown, not lost.
    """
    label, place = ipw.Label(), ipw.VBox()

    def train(change=None):
        label.value = "training ..."
        began = time.perf_counter()
        try:
            inner = scrubber(*run(**{argument: widget.value for argument, widget in controls.items()}), name)
            frames = inner.children[0].children[1]
            frames.value = frames.max
        except (ArithmeticError, ValueError) as error:
            label.value = f"{type(error).__name__}: {error}"
            return
        place.children = [inner]
        label.value = f"trained in {time.perf_counter() - began:.1f} seconds; the scrubber stands at the end"

    for widget in controls.values():
        widget.continuous_update = False
        widget.observe(train, "value")
    train()
    return Panel(name, [*controls.values(), label, place])


def progress(steps, total, seconds=0.5):
    """Pass steps on under a progress bar of ``total`` steps that shows both losses, refreshed every ``seconds``."""
    with tqdm(total=total, mininterval=seconds) as bar:
        shown = 0.0
        for step in steps:
            bar.update(step.number - bar.n)
            if time.monotonic() - shown > seconds:
                bar.set_postfix_str(f"D's loss {step.d_loss:.2f}, G's loss {step.g_loss:.2f}", refresh=False)
                shown = time.monotonic()
            yield step


class LivePicture(Panel):
    """A picture that is drawn anew while a loop runs: display it, then wrap the loop's iterator in ``follow``."""

    def __init__(self, draw, name="live picture"):
        self._draw, self._image, self._label = draw, Picture(name), ipw.Label()
        super().__init__(name, [self._image, self._label])
        self._show("before the first step")

    def _show(self, text):
        self._image.show(plotting.png(self._draw()), text)
        self._label.value = text

    def follow(self, steps, seconds=3.0):
        """Pass steps on and draw anew every ``seconds``, and once more at the end."""
        drawn, step = time.monotonic(), None
        for step in steps:
            if time.monotonic() - drawn > seconds:
                self._show(f"step {step.number}")
                drawn = time.monotonic()
            yield step
        if step is not None:
            self._show(f"step {step.number}")
