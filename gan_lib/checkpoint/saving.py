"""Save a training run and go on from it, bit for bit on the same machine."""

import copy
import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from .. import training
from ..arguments import checked
from ..files import user_path, write_atomically
from ..objectives import OWN, Objective
from ..training import TrainingState
from . import format
from .fitting import check_fit, check_names, compare, shapes_of


@checked
def save(path: str | Path, state: TrainingState) -> None:
    """Write the whole run to ``path``. A kill at any moment leaves the old file, or all of the new.

    The file is written under another name, flushed to the disk, and only then renamed. Of several
    processes that share the run the first one writes.

    Raises
    ------
    OSError
        For a full disk or no permission, saying that the checkpoint before, if any, is untouched.
    TypeError
        For an optimiser of one's own that keeps more than tensors.
    """
    path = user_path(path)
    if not state.group.first:
        return
    tensors, header = format.pack(state)
    text = json.dumps(header)
    metadata = {"format": format.FORMAT, "state": text, "digest": format.digest(tensors, text)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, safetensors.torch.save(tensors, metadata))
    except OSError as error:
        kept = "the one saved before is untouched" if path.exists() else "nothing was written"
        message = f"checkpoint {path} could not be saved ({error.strerror}); {kept}"
        raise OSError(error.errno, message) from error


@checked
def load(
    path: str | Path,
    generator: nn.Module,
    discriminator: nn.Module,
    *,
    device: str | torch.device = "auto",
    objective: Objective | None = None,
    optimizers: dict[str, Optimizer] | None = None,
) -> TrainingState:
    """The game saved at ``path``, in two nets of the same build as those saved.

    An objective or optimisers of one's own are given again, as to ``start``. Everything is checked
    before anything is changed: where this raises, the weights of the nets are as they were. To
    train longer than the run was to last, see :func:`gan_lib.training.extend`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a file that is damaged, no checkpoint, or of other nets, naming what differs.
    """
    nets = {"generator": generator, "discriminator": discriminator}
    return load_nets(path, nets, device=device, objective=objective, optimizers=optimizers)


@checked
def load_nets(
    path: str | Path,
    nets: dict[str, nn.Module],
    *,
    device: str | torch.device = "auto",
    objective: Objective | None = None,
    optimizers: dict[str, Optimizer] | None = None,
) -> TrainingState:
    """The run of any named nets saved at ``path``; as ``load``, which is for games."""
    tensors, header, settings = format.read(user_path(path))
    if settings.optimizer == "own" and optimizers is None:
        raise ValueError(f"{path} was trained with optimizers of your own: give them again")
    if getattr(settings, "objective", None) == OWN and objective is None:
        raise ValueError(f"{path} was trained with an objective of your own: give it again")
    check_names(path, nets, header)
    given = (nets, optimizers)  # copied together, so that the copies belong together
    device = training.pick_device(device)
    try:
        trial = _begin(*copy.deepcopy(given), header, settings, objective, device)
    except ValueError as error:
        raise ValueError(f"{path} does not fit what was given: {error}") from None
    same_device = header["device"] == trial.device.type
    check_fit(path, tensors, trial, header, same_device)

    state = _begin(nets, optimizers, header, settings, objective, device)
    fill(state, tensors, header)
    if same_device:
        state.rng.set_state(tensors["rng"])
    else:
        print(
            f"This run was saved on {header['device']}: "
            f"on {state.device.type} it goes on with other random numbers."
        )
    return state


@checked
def load_generator(
    path: str | Path,
    generator: nn.Module,
    *,
    device: str | torch.device = "cpu",
    labels: Tensor | None = None,
) -> nn.Module:
    """``generator`` with the saved weights, averaged if the run kept averages, to sample from.

    It is in eval mode; BatchNorm statistics are computed afresh, of a G that takes labels under
    some of these (n, ...). Raises as ``load`` does.
    """
    tensors, header, settings = format.read(user_path(path))
    averaged = "generator" in header["averages"]
    weights = format.part(tensors, "averages.generator" if averaged else "nets.generator")
    compare(path, "generator", shapes_of(weights), shapes_of(generator.state_dict()))
    generator.load_state_dict(weights)
    generator.to(training.pick_device(device))
    return training.refresh_statistics(generator, settings, labels=labels)


@checked(every=1)
def checkpointed(
    steps: Iterable, path: str | Path, state: TrainingState, every: int = 500
) -> Iterator:
    """Save ``state`` to ``path`` after each ``every``-th step and when ``steps`` end; pass all on.

    Where the loop is left early, or a step fails, what was saved last stands: no half-made step
    ever overwrites it.
    """
    saved = state.step
    for step in steps:
        yield step
        if step.number % every == 0:
            save(path, state)
            saved = step.number
    if state.step != saved:
        save(path, state)


# What loading is made of.


def _begin(nets, optimizers, header, settings, objective, device) -> TrainingState:
    if header["kind"] == "gan":
        entries = dataclasses.asdict(settings)
        if objective is not None:
            entries["objective"] = objective
        return training.start(**nets, device=device, optimizers=optimizers, **entries)
    averaged = header["averages"]
    return training.begin(nets, settings, device=device, averaged=averaged, optimizers=optimizers)


def fill(state: TrainingState, tensors: dict[str, Tensor], header: dict) -> None:
    """Let ``state`` be the run that was packed into these tensors and this header."""
    for kind, nets in (("nets", state.nets), ("averages", state.averages)):
        for name, net in nets.items():
            net.load_state_dict(format.part(tensors, f"{kind}.{name}"))
    for name, optimizer in state.optimizers.items():
        entries = {}
        for key, tensor in format.part(tensors, f"optimizers.{name}").items():
            index, entry = key.split(".", 1)
            entries.setdefault(int(index), {})[entry] = tensor
        groups = optimizer.state_dict()["param_groups"]  # from the settings, as they were
        optimizer.load_state_dict({"state": entries, "param_groups": groups})
    state.step = header["step"]
    state.data_shape = header["data_shape"]
    _, step = format.KINDS[header["kind"]]
    for number, *values in tensors.get("history", torch.empty(0, 1)).tolist():
        state.history.append(step(int(number), *values))
