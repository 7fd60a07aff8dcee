"""Nets that descend one loss together: a VAE, an autoregressive net, an encoder with its decoder.

They are no game, so Algorithm 1 is not theirs; a run of theirs is the same :class:`TrainingState`,
and what consumes and saves steps is the same.
"""

from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.optim import Optimizer

from ..arguments import check, checked
from ..losses import in_full
from .averaging import update_averages
from .descent import descend, measured, steps_of
from .device import autocast, uninterrupted
from .sampling import Data, source
from .settings import FitSettings
from .state import TrainingState, begin
from .steps import FitStep


@checked
def start_fit(
    net: nn.Module | dict[str, nn.Module],
    *,
    device: str | torch.device = "auto",
    optimizers: dict[str, Optimizer] | None = None,
    **settings,
) -> TrainingState:
    """A new run of one net, or of several by name, as ``start`` is for a game.

    settings : fields of :class:`~gan_lib.training.FitSettings`
    """
    nets = net if isinstance(net, dict) else {"net": net}
    if optimizers is not None:
        settings["optimizer"] = "own"
    settings = FitSettings(**settings)
    return begin(nets, settings, device=device, averaged=nets, optimizers=optimizers)


def fit(state: TrainingState, loss: Callable, data: Data) -> Iterator[FitStep]:
    """Descend ``loss(*nets, x, rng)``, or ``loss(*nets, x, y, rng)`` for data with labels y.

    Yields a :class:`FitStep` after each step. loss : the state's nets, in their order, a minibatch
    (B, ...) and the run's ``torch.Generator``, to draw with -> a scalar: a mean over the minibatch.
    Data and errors are as for ``train``.
    """
    check("state", state, TrainingState)
    check("loss", loss, Callable)
    settings, nets = state.settings, state.nets
    optimizers = list(state.optimizers.values())
    draw, _ = source(state, data)

    def take() -> FitStep:
        x, labels = draw()
        x, *labels = state.group.own_part(x, *labels)
        with uninterrupted(), state.group.whole_batch():
            with autocast(state.device, getattr(torch, settings.precision)):
                found = in_full(loss(*nets.values(), x, *labels, state.rng))
            descend(found, optimizers, "net", state.group)
            state.step += 1
            update_averages(state)
        return measured(FitStep, state, [found.detach()], ("net",))

    for net in nets.values():
        net.train()
    yield from steps_of(state, take)
