"""What every interactive figure consists of: a panel with a plain-text form, and a picture."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as ipw
import traitlets

from ..arguments import checked


@checked
class Panel(ipw.VBox):
    """A column of widgets with a short plain-text form that is the same whatever they show."""

    slider: ipw.IntSlider | None = None  # the one that chooses what is shown, if there is one
    plane: ipw.Widget | None = None  # the map on which a point is chosen
    answers: dict[str, str] | None = None  # what a consultation's reader has named so far

    def __init__(self, name: str, children: Sequence[ipw.Widget]) -> None:
        self._name = name
        # A picture is shown pixel for pixel, not stretched.
        super().__init__(children, layout={"align_items": "flex-start"})

    def __repr__(self) -> str:
        return f"<interactive: {self._name}>"


@checked
class Picture(ipw.Image):
    """A picture with a name, which a screen reader says and a mouse that rests on it shows."""

    # Never used, but without a description ipywidgets 8 fails to show a tooltip.
    description = traitlets.Unicode().tag(sync=True)

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__(format="png", tooltip=name)

    @checked
    def show(self, picture: bytes, text: str = "") -> None:
        """Show a PNG, and add to the name what ``text`` says of it."""
        with self.hold_sync():  # one message instead of two
            self.value = picture
            self.tooltip = f"{self._name}: {text}" if text else self._name
