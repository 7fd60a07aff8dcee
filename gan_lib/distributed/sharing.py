"""Making one run of those that several processes have started."""

import dataclasses

import torch
from torch import distributed, nn

from ..arguments import checked
from ..checkpoint import format
from ..checkpoint.saving import fill
from ..objectives import Objective
from ..training import TrainingState
from ..training.nets import pack_size
from ..training.processes import OneProcess

OF_THE_FIRST = ("steps", "precision")  # settings that may differ: the first process' are taken


@checked
def share(state: TrainingState, group: OneProcess) -> TrainingState:
    """Let the processes of ``group`` compute this run together, each a part of every minibatch.

    Every process has started the same run, or loaded it; what they go on with is the run of the
    first, which alone needs to have a checkpoint. Returns ``state``. Losses and penalties of one's
    own must be means over their samples.

    Raises
    ------
    ValueError
        For runs that are not the same, and for what cannot be computed in parts, by name: dropout,
        a layer or a judge that mixes its batch (but BatchNorm, which is computed for all), a loss
        that is no mean over samples, a minibatch that cannot be shared evenly.
    """
    if group.size == 1:
        return state
    _check_parts(state, group)
    runs = [None] * group.size
    distributed.all_gather_object(runs, _described(state))
    _check_alike(runs)
    told = [(*format.pack(state), state.settings) if group.first else None]
    distributed.broadcast_object_list(told, src=0)
    tensors, header, state.settings = told[0]
    state.history.clear()
    fill(state, tensors, header)
    state.rng.set_state(tensors["rng"])
    state.group = group
    return state


def _check_parts(state: TrainingState, group: OneProcess) -> None:
    """Raise ValueError for what cannot be computed in parts."""
    for name, net in state.nets.items():
        _check_layers(name, net)
    if state.objective:
        _check_game(state.objective)
    pack = pack_size(state.nets.get("discriminator"))
    if state.settings.batch_size % (group.size * pack):
        several = f"{group.size} processes" + (
            f" with {pack} samples in a pack" if pack > 1 else ""
        )
        raise ValueError(
            f"batch_size {state.settings.batch_size} cannot be shared evenly by {several}"
        )


def _check_layers(name: str, net: nn.Module) -> None:
    for layer in net.modules():
        kind = type(layer).__name__
        if getattr(layer, "mixes_batch", False):
            raise ValueError(f"{name} mixes its batch in {kind}, and no process has all of a batch")
        if isinstance(layer, nn.modules.dropout._DropoutNd):
            raise ValueError(f"{name} has {kind}, whose random numbers processes cannot share")


def _check_game(game: Objective) -> None:
    if getattr(game.judge, "mixes_batch", False):
        kind = type(game.judge).__name__
        raise ValueError(f"judge {kind} mixes its batch, and no process has all of a batch")
    answers = 2 if game.judge else game.answers
    for name, given in (("d_loss", 2), ("g_loss", 1 + game.paired)):
        loss = getattr(game, name)
        if not _is_a_mean(loss, given, answers):
            called = getattr(loss, "__name__", repr(loss))
            raise ValueError(f"{name} {called} is no mean over samples: it needs the whole batch")


def _is_a_mean(loss, given: int, answers: int) -> bool:
    """Whether the loss of four samples is the mean of the losses of both pairs."""
    rng = torch.Generator().manual_seed(0)
    logits = [torch.randn(4, answers, generator=rng, dtype=torch.float64) for _ in range(given)]
    first, second = (loss(*halves) for halves in zip(*(each.split(2) for each in logits)))
    return torch.allclose(loss(*logits), (first + second) / 2, rtol=1e-9)


def _described(state: TrainingState) -> dict:
    """What must be the same in all processes."""
    settings = dataclasses.asdict(state.settings)
    shapes = {
        f"{key} of {name}": tuple(tensor.shape)
        for name, net in state.nets.items()
        for key, tensor in net.state_dict().items()
    }
    return {key: value for key, value in settings.items() if key not in OF_THE_FIRST} | shapes


def _check_alike(runs: list[dict]) -> None:
    for rank, run in enumerate(runs):
        for key in runs[0] | run:
            first, other = runs[0].get(key, "missing"), run.get(key, "missing")
            if first != other:
                raise ValueError(f"{key} is {first} in process 0, but {other} in process {rank}")
