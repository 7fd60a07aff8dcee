"""A run: named nets, their optimisers, random numbers, and how far it has come."""

import copy
import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.optim import Optimizer

from ..arguments import checked
from ..objectives import OWN, Objective, named
from ..optim import held_by
from ..penalties import R1, ClipWeights, reweighted
from . import device as devices
from .nets import check_players, is_wide, pack_size, takes_labels
from .processes import ALONE, OneProcess
from .settings import RunSettings, Settings


@dataclass
class TrainingState:
    """All that changes while nets are trained: what a checkpoint saves and a loop moves forward."""

    settings: RunSettings
    nets: dict[str, nn.Module]
    optimizers: dict[str, Optimizer]  # by the name of the net whose weights each moves
    averages: dict[str, nn.Module]  # copies of some of the nets that carry averaged weights
    rng: torch.Generator
    objective: Objective | None = None  # of a game
    step: int = 0
    data_shape: list = field(default_factory=list)  # of the data so far; empty before a first step
    history: list = field(default_factory=list)  # steps that ``record`` has put here
    group: OneProcess = ALONE  # the processes that share the run

    @property
    def device(self) -> torch.device:
        return self.rng.device

    @property
    def generator(self) -> nn.Module:
        return self.nets["generator"]

    @property
    def discriminator(self) -> nn.Module:
        return self.nets["discriminator"]

    @property
    def g_optimizer(self) -> Optimizer:
        return self.optimizers["generator"]

    @property
    def d_optimizer(self) -> Optimizer:
        return self.optimizers["discriminator"]

    @property
    def average(self) -> nn.Module | None:
        """G with averaged weights, or None; to sample, take ``averaged_generator(state)``."""
        return self.averages.get("generator")


@checked
def start(
    generator: nn.Module,
    discriminator: nn.Module,
    *,
    device: str | torch.device = "auto",
    optimizers: dict[str, Optimizer] | None = None,
    **settings,
) -> TrainingState:
    """A new game of two nets. Both are trained, in place, on ``device``.

    Parameters
    ----------
    generator : noise (B, noise_dim) -> samples; or (noise, labels) -> samples
    discriminator : samples -> logits (B, 1), never probabilities; or (samples, labels) -> logits
    device : "auto" (a GPU where there is one), "cpu", "cuda" or "mps"
    optimizers : {"generator": ..., "discriminator": ...}, of your own, in place of Adam
    settings : fields of :class:`~gan_lib.training.Settings`; ``objective`` may also be an
        :class:`~gan_lib.objectives.Objective`

    Raises
    ------
    ValueError
        For a setting out of range, nets that do not fit each other, or a D that ends in a sigmoid.
    """
    game = named(settings.get("objective", "non_saturating"))
    if isinstance(settings.get("objective"), Objective):
        settings["objective"] = OWN
    if optimizers is not None:
        settings["optimizer"] = "own"
    settings = Settings(**settings)
    if settings.batch_size % pack_size(discriminator):
        raise ValueError(
            f"batch_size must be a multiple of {pack_size(discriminator)}, the samples in a pack, "
            f"not {settings.batch_size}"
        )
    game = _bounded(game, settings)
    nets = {"generator": generator, "discriminator": discriminator}
    state = begin(
        nets, settings, device=device, averaged=["generator"], optimizers=optimizers, objective=game
    )
    if not (takes_labels(generator) or takes_labels(discriminator)):  # else when labels are there
        z = torch.zeros(2 * pack_size(discriminator), settings.noise_dim, device=state.device)
        check_players(generator, discriminator, z, answers=game.answers)
    return state


def _bounded(game: Objective, settings: Settings) -> Objective:
    """The game with what the settings say of its bounds on D."""
    if settings.penalty_weight is not None:
        if game.penalty is None:
            raise ValueError(f"penalty_weight is set, but {settings.objective} has no penalty")
        penalty = reweighted(game.penalty, settings.penalty_weight)
        game = dataclasses.replace(game, penalty=penalty)
    if settings.clip is not None:
        if game.after_d_step is None:
            raise ValueError(f"clip is set, but {settings.objective} does not clip")
        game = dataclasses.replace(game, after_d_step=ClipWeights(settings.clip))
    return game.with_penalty(R1(settings.r1)) if settings.r1 else game


@checked
def begin(
    nets: dict[str, nn.Module],
    settings: RunSettings,
    *,
    device: str | torch.device = "auto",
    averaged: Iterable[str] = (),
    optimizers: dict[str, Optimizer] | None = None,
    objective: Objective | None = None,
) -> TrainingState:
    """A new run of any named nets, with all that it needs; for a game see ``start``."""
    if unknown := [name for name in averaged if name not in list(nets)]:
        raise ValueError(f"averaged names {unknown[0]!r}, but nets are {', '.join(nets)}")
    device = devices.pick_device(device)
    for net in nets.values():
        net.to(device)
    if settings.precision == "auto":
        wide = is_wide(next(iter(nets.values())))
        capable = devices.computes_in_bfloat16(device) and wide
        precision = "bfloat16" if capable else "float32"
        settings = dataclasses.replace(settings, precision=precision)
    if settings.average is None:
        averaged = ()
    return TrainingState(
        settings=settings,
        nets=dict(nets),
        optimizers=_optimizers(nets, settings, optimizers),
        averages={name: copy.deepcopy(nets[name]).requires_grad_(False) for name in averaged},
        rng=torch.Generator(device).manual_seed(settings.seed),
        objective=objective,
    )


@checked
def extend(state: TrainingState, steps: int) -> TrainingState:
    """Let a run go on to ``steps`` steps in all, also after it has ended. Returns the same state.

    Learning rates that fall at the end of the run now fall at its new end.

    Raises
    ------
    ValueError
        For fewer steps than were done.
    """
    settings = dataclasses.replace(state.settings, steps=steps)
    if settings.steps < state.step:
        raise ValueError(f"steps must be at least {state.step}, which are done, not {steps}")
    state.settings = settings
    return state


def set_learning_rates(state: TrainingState) -> None:
    """The rates of the settings, or of optimisers of one's own, times what is left of them."""
    settings = state.settings
    done = state.step / settings.steps
    factor = 1.0 if done < settings.decay_from else (1 - done) / (1 - settings.decay_from)
    for name, optimizer in state.optimizers.items():
        for group in optimizer.param_groups:
            if settings.optimizer == "own":
                rate = group.setdefault("initial_lr", group["lr"])
            else:
                rate = settings.learning_rate(name)
            group["lr"] = rate * factor


def _optimizers(
    nets: dict[str, nn.Module], settings: RunSettings, given: dict[str, Optimizer] | None
) -> dict[str, Optimizer]:
    if settings.optimizer != "own":
        return {name: _optimizer(net, name, settings) for name, net in nets.items()}
    if given is None or given.keys() != nets.keys():
        raise ValueError(f"optimizers must be given for {' and '.join(nets)}, by these names")
    for name, optimizer in given.items():
        held = {id(p) for p in held_by(optimizer)}
        if not held <= {id(p) for p in nets[name].parameters()}:
            raise ValueError(f"optimizers[{name!r}] holds weights that are not the {name}'s")
    return dict(given)


def _optimizer(net: nn.Module, name: str, settings: RunSettings) -> Optimizer:
    rate = settings.learning_rate(name)
    if settings.optimizer == "sgd":
        return torch.optim.SGD(net.parameters(), lr=rate, momentum=settings.momentum, fused=True)
    return torch.optim.Adam(net.parameters(), lr=rate, betas=settings.betas, fused=True)
