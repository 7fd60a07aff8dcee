"""The lab in a notebook: the page's front end by anywidget, and the engine behind it."""

from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure

from .. import plotting
from . import strip
from .engine import Engine
from .layers import shown_data, shown_noise
from .modules import WEB, joined
from .recipe import Recipe, recipe
from .run import Run

WORDS = "The lab as a still picture: real points, and samples of G at a few steps."


class Lab(anywidget.AnyWidget):
    """A GAN in the plane that can be watched, stopped and changed while it trains.

    ``run`` is what it trains at the moment: ``lab.run.state.generator`` is G.
    """

    _esm = joined("widget.js")
    _css = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.glob("*.css")))

    picture = traitlets.Bytes().tag(sync=True)  # PNG: what is seen where no engine answers
    words = traitlets.Unicode().tag(sync=True)  # the same for those who listen

    def __init__(
        self, given: Recipe, experiment: str | None = None, picture: Figure | None = None
    ) -> None:
        super().__init__()
        self._name = experiment or str(given)
        self._engine = Engine(
            lambda message, buffers: self.send(message, buffers), given, experiment
        )
        self.picture = plotting.png(picture or picture_of(self.run))
        self.words = strip.experiment(experiment)["words"] if experiment else WORDS
        self.on_msg(lambda widget, message, buffers: self._engine.receive(message))

    @property
    def run(self) -> Run:
        return self._engine.run

    def __repr__(self) -> str:
        return f"<interactive: the GAN lab, {self._name}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget; and, where no kernel answers, such as on a page, a picture."""
        data, *rest = super()._repr_mimebundle_(**options)
        data["image/png"] = self.picture
        return data, *rest

    def close(self) -> None:
        self._engine.do_gone()
        super().close()


def lab(
    given: str = "",
    *,
    experiment: str | None = None,
    picture: Figure | None = None,
    **settings: Any,
) -> Lab:
    """A live GAN in two dimensions: press play, and change whatever you like while it trains.

    Parameters
    ----------
    given : a run as the lab's *share* writes it, such as "data=moons&lr_g=0.002&run=500"; it is
        carried out once the lab is seen
    experiment : one of the guided ones, by its id: it opens with its question
    picture : what stands in its place where nothing answers; by default recorded runs of the
        experiment, or of the lab as it opens, and else data and samples as they are now
    settings : in place of those in ``given``, such as ``data="moons", k=5``

    Raises
    ------
    ValueError
        For a setting or an experiment that there is not, or a value out of range, by name.
    """
    if experiment is not None:
        given = given or strip.experiment(experiment)["arms"][0]["text"]
    if picture is not None and not isinstance(picture, Figure):
        raise ValueError(f"picture must be a figure, not {picture!r:.60}")
    at_first = recipe(given, **settings)
    return Lab(at_first, experiment, picture or _picture(at_first, experiment))


def _picture(at_first, experiment):
    """What is recorded of such a run, if anything is."""
    if experiment is None and at_first == recipe():
        return strip.picture("first")
    return strip.picture(experiment) if experiment else None


def picture_of(run: Run) -> Figure:
    """Data and samples of a run as they are now."""
    fake = run.state.generator(shown_noise(run)).detach()
    return plotting.plane_strip(shown_data(run), [fake], [f"step {run.state.step}"])
