"""What the page is told of a run: messages, with their arrays as buffers of float32."""

import statistics
from typing import Any

import torch
from torch import Tensor

from ..losses import discriminator_loss
from ..training import Step, generator_loss
from . import layers, measures
from .recipe import TABLE
from .run import Run

DATA = ("data", "strokes")  # the settings that say what is learnt,
NOISE = ("noise", "noise_dim")  # and from what
Message = tuple[dict[str, Any], list[bytes]]


class View:
    """What is shown of the run looked at; it keeps what changes only with the data or the noise."""

    def __init__(self) -> None:
        self._rng = torch.Generator().manual_seed(10**6)  # of fresh samples
        self._data = self._noise = None

    def look_at(self, run: Run) -> bool:
        """Show this run. Returns: whether its data or its noise are others than were shown."""
        self.run = run
        data, noise = ([run.settings[name] for name in names] for names in (DATA, NOISE))
        others = data != self._data or noise != self._noise
        if data != self._data:
            self._take_data()
        if others:
            self._z = layers.shown_noise(run)
        self._data, self._noise = data, noise
        return others

    def _take_data(self):
        run = self.run
        self._real, self._masses = layers.shown_data(run), None
        self.floor = measures.NoiseFloor(run.data, known=TABLE["floors"].get(run.settings["data"]))

    def data(self) -> Message:
        """The points of the data, and the noise, that are shown."""
        n, dim = self._z.shape
        return {"kind": "data", "n": n, "dim": dim}, [as_bytes(self._real), as_bytes(self._z)]

    def frame(self, show: set[str], trace: list[Step]) -> Message:
        """The layers to ``show``, and the losses: of the points shown, and of the steps done."""
        with torch.no_grad():
            fake = self.run.state.generator(self._z)
        arrays = {"fake": fake} | self._layers(show, fake)
        said = self._losses(fake) | {"trace": _mean_of(trace), "arrays": list(arrays)}
        if "field" in arrays:
            said["range"] = self._range(arrays["field"])
        return {"kind": "frame", "step": self.run.state.step, **said}, [
            *map(as_bytes, arrays.values())
        ]

    def numbers(self) -> Message:
        """What fresh samples score, beside as much of the noise floor as is known."""
        return {"kind": "numbers", **measures.numbers(self.run, self.floor, self._rng)}, []

    def _layers(self, show, fake):
        found = {}
        if "field" in show:
            found["field"] = layers.field(self.run)
        if "best" in show:
            if self._masses is None:
                self._masses = layers.data_masses(self.run)
            found["best"] = torch.from_numpy(layers.best_discriminator(self.run, self._masses))
        if "sheet" in show:
            found["sheet"], found["density"] = layers.sheet(self.run)
        if "arrows" in show:
            found["arrows"] = layers.arrows(self.run, fake, self._real)
        return found

    def _losses(self, fake):
        """Of the points shown: both losses, D's answers, and V in nats unless D is a critic."""
        state = self.run.state
        size = len(fake) - len(fake) % self.run.settings["packing"]
        real, fake, game = self._real[:size], fake[:size], state.objective
        with torch.no_grad():
            logits = state.discriminator(real), state.discriminator(fake)
            g_loss = generator_loss(state.discriminator, fake, game, real=real)
        answers = [game.answer(each).mean() for each in logits]
        values = [game.d_loss(*logits), g_loss, *answers]
        said = {"unit": game.unit, "label": game.answer_label, "undecided": game.levels[2]}
        said["v"] = float(-discriminator_loss(*logits)) if game.answer_range else None
        return said | dict(zip(("d_loss", "g_loss", "d_real", "d_fake"), map(float, values)))

    def _range(self, field):
        known = self.run.state.objective.answer_range
        return list(known) if known else [float(field.min()), float(field.max())]


def as_bytes(array: Tensor) -> bytes:
    """The numbers of a tensor as float32, row after row."""
    return array.detach().float().contiguous().numpy().tobytes()


def _mean_of(trace):
    """One row of the losses' history: the last step, and the mean losses since the last row."""
    if not trace:
        return []
    means = [
        statistics.fmean(getattr(step, name) for step in trace) for name in ("d_loss", "g_loss")
    ]
    return [[trace[-1].number, *means]]
