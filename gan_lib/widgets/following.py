"""What follows a loop while it runs: a progress bar, and a picture drawn now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import ipywidgets as ipw
from matplotlib.figure import Figure
from tqdm.notebook import tqdm

from .. import plotting
from ..arguments import checked
from .panel import Panel, Picture

if TYPE_CHECKING:  # torch comes with it, for which counting bits does not wait
    from ..training import Step


@checked(total=0)
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


@checked
class LivePicture(Panel):
    """A picture drawn anew while a loop runs: display it, then wrap the loop in ``follow``."""

    def __init__(self, draw: Callable[[], Figure], name: str = "live picture") -> None:
        self._draw, self._image, self._label = draw, Picture(name), ipw.Label()
        super().__init__(name, [self._image, self._label])
        self._show("before the first step")

    def _show(self, text):
        self._image.show(plotting.png(self._draw()), text)
        self._label.value = text

    @checked
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
