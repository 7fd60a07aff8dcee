"""A run of the lab: the course's own training, its log, and what may be changed on the way."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector as in_a_row
from torch.nn.utils import vector_to_parameters

from .. import toys, training
from ..arguments import check, checked
from ..models import plane_discriminator, plane_generator
from ..training.loop import make_fakes
from ..training.sampling import game_batches
from ..training.state import set_learning_rates
from .recipe import TABLE, Recipe, as_recipe
from .recipe import checked as checked_settings
from .strokes import read_strokes

HERE = Path(__file__).parent
ENDLESS = 10**9  # steps
LAST_LINE = 6  # of Algorithm 1, as slow motion has them
ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "tanh": nn.Tanh}
PASSED_ON = "k lr_d lr_g batch_size objective optimizer momentum r1 noise noise_dim seed".split()
REBUILDS = {  # what makes a net begin anew
    "generator": {"noise_dim", "g_width", "g_layers", "activation"},
    "discriminator": {"d_width", "d_layers", "activation", "packing"},
}
HEAPS = {
    "ring": toys.ring(),
    "grid": toys.grid(),
    "gaussian": toys.IsotropicMixture(((0.0, 0.0),), std=0.7),
}


@dataclass(frozen=True)
class Moment:
    """A run as it was after some step: enough to go on from there."""

    recipe: Recipe
    settings: dict[str, Any]
    weights: dict[str, Tensor]  # of each net, in one row
    moments: dict[str, dict]  # of each net's optimiser
    step: int
    random: Tensor  # the state of the run's random numbers


class Run:
    """What is trained, step by step, under ``settings``, which may change on the way.

    ``recipe`` says how to come here again, bit for bit: the settings at first, and what was done.

    given : the text of a run, or a :class:`Recipe`; its log is not carried out: that is
    ``replay``'s work
    """

    def __init__(self, given: str | Recipe = "") -> None:
        given = as_recipe(given)
        self.recipe, self.settings = Recipe(given.settings), given.settings
        self.data = distribution(self.settings)
        self.state = _begin(self.settings, build_nets(self.settings))
        self._pending = None
        self._go_on()

    @checked(steps=0)
    def train(self, steps: int = 1) -> list[training.Step]:
        """So many steps of Algorithm 1; TrainingDiverged where a loss is no longer finite."""
        self.finish_turn()
        found, before = [], self.state.step
        try:
            found.extend(itertools.islice(self._steps, steps))
        finally:
            done = self.state.step - before
            if done:
                self.recipe = self.recipe.after("run", done)
            if done < steps:
                self._go_on()  # a loop that was left by an error has ended
        return found

    @checked
    def step_alone(self, player: str) -> None:
        """One step of D ("d") or of G ("g") alone, on a minibatch of its own."""
        self.finish_turn()
        set_learning_rates(self.state)
        z, x, _ = game_batches(self.state, self.data.sample)()
        fake = make_fakes(self.state, z, with_gradient=player == "g")
        self._move(player, x, fake)
        self.recipe = self.recipe.after(player, 1)

    def lines(self) -> Iterator[tuple[int, int, Tensor | None, Tensor | None]]:
        """One step of Algorithm 1, line by line: (line, which of D's steps, real, fake) at each.

        Lines: 0 noise and its fakes, 1 data, 2 D judges, 3 D's step, k times over; 4 D judges the
        fakes again, 5 G's gradient, 6 G's step. What comes out is ``train``'s step, to the bit.
        """
        set_learning_rates(self.state)
        draw = game_batches(self.state, self.data.sample)
        drawn = [draw() for _ in range(self.state.settings.k)]
        for i, (z, x, _) in enumerate(drawn):
            fake = make_fakes(self.state, z, (), i == len(drawn) - 1)
            yield 0, i, None, fake
            yield 1, i, x, fake
            yield 2, i, x, fake
            self._move("d", x, fake)
            yield 3, i, x, fake
        yield 4, i, None, fake
        yield 5, i, None, fake
        self._move("g", x, fake)
        self.state.step += 1
        self.recipe = self.recipe.after("run", 1)
        yield LAST_LINE, i, None, None

    def next_line(self) -> tuple[int, int, Tensor | None, Tensor | None]:
        """The next line of the turn that is under way, or the first of a new one."""
        if self._pending is None:
            self._pending = self.lines()
        line = next(self._pending)
        if line[0] == LAST_LINE:
            self._pending = None
            self._go_on()
        return line

    def finish_turn(self) -> None:
        """Carry a turn that was begun line by line through to its end."""
        while self._pending is not None:
            self.next_line()

    @checked
    def change(self, name: str, value: Any) -> None:
        """Go on under another setting. A net whose layers it changes begins anew; all else stays.

        Raises
        ------
        ValueError
            For a value that is refused, by the setting's name, or a setting of a run's beginning.
        """
        if name in ("seed", "start"):
            raise ValueError(f"{name} is a matter of the beginning: start another run")
        settings = checked_settings({**self.settings, name: value}, begun=True)
        self.finish_turn()
        nets = _kept_nets(self.state.nets, name, settings)
        state = _begin(settings, nets)
        _carry_over(self.state, state, optimizers=name != "optimizer")
        self.state, self.settings, self.data = state, settings, distribution(settings)
        self.recipe = self.recipe.after(name, settings[name])
        self._go_on()

    def moment(self) -> Moment:
        """The run as it is now, to come back to."""
        self.finish_turn()
        state = self.state
        weights = {who: in_a_row(net.parameters()).detach() for who, net in state.nets.items()}
        moments = {who: _copied(_moments(o)) for who, o in state.optimizers.items()}
        random = state.rng.get_state()
        return Moment(self.recipe, self.settings, weights, moments, state.step, random)

    @checked
    def go_back(self, moment: Moment) -> None:
        """Be again as at that moment."""
        self._pending = None
        self.recipe, self.settings = moment.recipe, moment.settings
        self.data = distribution(self.settings)
        self.state = _begin(self.settings, _new_nets(self.settings))
        for who, net in self.state.nets.items():
            vector_to_parameters(moment.weights[who].clone(), net.parameters())
            _remember(self.state.optimizers[who], _copied(moment.moments[who]))
        self.state.step = moment.step
        self.state.rng.set_state(moment.random)
        self._go_on()

    def replay(self, given: str | Recipe, slice_: int = 20) -> Iterator[list[training.Step]]:
        """Carry out the log of a recipe, a few steps at a time: yields what was measured."""
        check("slice_", slice_, int, 1)
        for what, amount in as_recipe(given).log:
            if what == "run":
                for start in range(0, amount, slice_):
                    yield self.train(min(slice_, amount - start))
            elif what in ("d", "g"):
                for _ in range(amount):
                    self.step_alone(what)
                    yield []
            else:
                self.change(what, amount)
                yield []

    def _move(self, player, x, fake):
        state = self.state
        if player == "d":
            training.discriminator_step(
                state.discriminator, state.d_optimizer, x, fake, state.objective, rng=state.rng
            )
        else:
            training.generator_step(
                state.discriminator, state.g_optimizer, fake, state.objective, real=x
            )

    def _go_on(self):
        self._steps = training.train(self.state, self.data.sample)


def distribution(settings: dict[str, Any]) -> toys.IsotropicMixture | toys.Strokes:
    """The data that the settings name, with ``sample`` and ``pdf``."""
    name = settings["data"]
    if name in HEAPS:
        return HEAPS[name]
    strokes = read_strokes(settings["strokes"]) if name == "drawn" else TABLE["shapes"][name]
    return toys.Strokes(tuple(tuple(map(tuple, stroke)) for stroke in strokes), TABLE["std"])


def build_nets(settings: dict[str, Any]) -> dict[str, nn.Module]:
    """G and D as the settings have them: of the run's seed, or pretrained."""
    nets = _new_nets(settings)
    if settings["start"] == "pretrained":
        weights = json.loads((HERE / "pretrained.json").read_text(encoding="utf-8"))
        for name, net in nets.items():
            for parameter, given in zip(net.parameters(), weights[settings["data"]][name]):
                parameter.data = torch.tensor(given).reshape(parameter.shape)
    return nets


def _new_nets(settings):
    return {"generator": _generator(settings), "discriminator": _discriminator(settings)}


def _generator(settings):
    hidden = (settings["g_width"],) * settings["g_layers"]
    activation = ACTIVATIONS[settings["activation"]]
    return plane_generator(settings["noise_dim"], hidden, activation, seed=2 * settings["seed"])


def _discriminator(settings):
    return plane_discriminator(
        (settings["d_width"],) * settings["d_layers"],
        size=settings["packing"],
        activation=ACTIVATIONS[settings["activation"]],
        seed=2 * settings["seed"] + 1,
    )


def _kept_nets(nets, name, settings):
    """The same nets, but those that this setting makes begin anew."""
    new = {"generator": _generator, "discriminator": _discriminator}
    return {who: new[who](settings) if name in REBUILDS[who] else nets[who] for who in nets}


def _begin(settings, nets):
    given = {name: settings[name] for name in PASSED_ON}
    given["betas"] = (settings["momentum"], 0.99)
    return training.start(
        **nets, steps=ENDLESS, average=None, precision="float32", device="cpu", **given
    )


def _carry_over(old, new, optimizers):
    """All of the old run that the new one can use: its random numbers, steps and moments."""
    new.rng, new.step, new.data_shape = old.rng, old.step, old.data_shape
    for who, optimizer in old.optimizers.items() if optimizers else ():
        if new.nets[who] is old.nets[who]:
            _remember(new.optimizers[who], _moments(optimizer))


def _moments(optimizer):
    """What the optimiser keeps of past gradients, by the number of the weight."""
    return optimizer.state_dict()["state"]


def _copied(moments):
    """The same numbers in tensors of their own; SGD without momentum keeps None."""
    return {
        i: {name: kept if kept is None else kept.clone() for name, kept in of_weight.items()}
        for i, of_weight in moments.items()
    }


def _remember(optimizer, moments):
    """Let an optimiser go on with these, at its own rates."""
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
