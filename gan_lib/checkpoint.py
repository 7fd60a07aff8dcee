"""Save a training run and go on from it, bit for bit on the same machine: one safetensors file.

The tensors of all nets and optimisers, the random state and the history are the file's tensors; step
and settings are JSON in its header, and a digest of it all finds a flipped bit. There is no pickle
anywhere: loading reads numbers and never runs code from the file.
"""

import copy
import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from . import training
from .files import user_path, write_atomically
from .objectives import OWN, Objective
from .training import TrainingState
from .training.settings import from_dict

FORMAT = "gan_lib checkpoint 2"
OLD_FORMAT = "gan_lib checkpoint 1"
KINDS = {  # of runs: their settings, and the steps in their history
    "gan": (training.Settings, training.Step),
    "fit": (training.FitSettings, training.FitStep),
}


def save(path: str | Path, state: TrainingState) -> None:
    """Write the whole run to ``path``. A kill at any moment leaves what was there, or all of the new.

    The file is written under another name, flushed to the disk, and only then renamed.

    Raises
    ------
    OSError
        For a full disk or no permission, saying that the checkpoint before, if any, is untouched.
    TypeError
        For an optimiser of one's own that keeps more than tensors.
    """
    path = user_path(path)
    tensors, header = _pack(state)
    text = json.dumps(header)
    metadata = {"format": FORMAT, "state": text, "digest": _digest(tensors, text)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, safetensors.torch.save(tensors, metadata))
    except OSError as error:
        kept = "the one saved before is untouched" if path.exists() else "nothing was written"
        message = f"checkpoint {path} could not be saved ({error.strerror}); {kept}"
        raise OSError(error.errno, message) from error


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
    before anything is changed: where this raises, the weights of the nets are as they were. To train
    longer than the run was to last, see :func:`gan_lib.training.extend`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For a file that is damaged, no checkpoint, or of other nets, naming what differs.
    """
    nets = {"generator": generator, "discriminator": discriminator}
    return load_nets(path, nets, device=device, objective=objective, optimizers=optimizers)


def load_nets(
    path: str | Path,
    nets: dict[str, nn.Module],
    *,
    device: str | torch.device = "auto",
    objective: Objective | None = None,
    optimizers: dict[str, Optimizer] | None = None,
) -> TrainingState:
    """The run of any named nets saved at ``path``; as ``load``, which is for games."""
    tensors, header, settings = _read(path)
    if settings.optimizer == "own" and optimizers is None:
        raise ValueError(f"{path} was trained with optimizers of your own: give them again")
    if getattr(settings, "objective", None) == OWN and objective is None:
        raise ValueError(f"{path} was trained with an objective of your own: give it again")
    _check_names(path, nets, header)
    given = (nets, optimizers)  # copied together, so that the copies belong together
    trial = _begin(*copy.deepcopy(given), header, settings, objective, device)
    same_device = header["device"] == trial.device.type
    _check_fit(path, tensors, trial, header, same_device)

    state = _begin(nets, optimizers, header, settings, objective, device)
    _fill(state, tensors, header)
    if same_device:
        state.rng.set_state(tensors["rng"])
    else:
        print(
            f"This run was saved on {header['device']}: "
            f"on {state.device.type} it goes on with other random numbers."
        )
    return state


def load_generator(
    path: str | Path, generator: nn.Module, *, device: str | torch.device = "cpu"
) -> nn.Module:
    """``generator`` with the saved weights, averaged where the run kept averages, ready to sample from.

    It is in eval mode; BatchNorm statistics are computed afresh. Raises as ``load`` does.
    """
    tensors, header, settings = _read(path)
    averaged = "generator" in header["averages"]
    weights = _part(tensors, "averages.generator" if averaged else "nets.generator")
    _compare(path, "generator", _shapes(weights), _shapes(generator.state_dict()))
    generator.load_state_dict(weights)
    generator.to(training.pick_device(device))
    return training.refresh_statistics(generator, settings)


def checkpointed(
    steps: Iterable, path: str | Path, state: TrainingState, every: int = 500
) -> Iterator:
    """Save ``state`` to ``path`` after each ``every``-th step and when ``steps`` end; pass all on.

    Where the loop is left early, or a step fails, what was saved last stands: no half-made step ever
    overwrites it.
    """
    saved = state.step
    for step in steps:
        yield step
        if step.number % every == 0:
            save(path, state)
            saved = step.number
    if state.step != saved:
        save(path, state)


# What is in the file.


def _pack(state: TrainingState) -> tuple[dict[str, Tensor], dict]:
    kind = _kind_of(state)
    tensors = {"rng": state.rng.get_state()}
    for part, nets in (("nets", state.nets), ("averages", state.averages)):
        for name, net in nets.items():
            tensors |= {f"{part}.{name}.{key}": t for key, t in net.state_dict().items()}
    for name, optimizer in state.optimizers.items():
        tensors |= _optimizer_tensors(name, optimizer)
    _, step = KINDS[kind]
    names = [field.name for field in dataclasses.fields(step)]
    rows = [[getattr(row, name) for name in names] for row in state.history]
    tensors["history"] = torch.tensor(rows, dtype=torch.float64).reshape(-1, len(names))
    header = {
        "kind": kind,
        "step": state.step,
        "settings": dataclasses.asdict(state.settings),
        "nets": list(state.nets),
        "averages": list(state.averages),
        "data_shape": state.data_shape,
        "device": state.device.type,
    }
    # Cloned, since tied weights share their memory, which the format does not know.
    return {key: t.detach().cpu().contiguous().clone() for key, t in tensors.items()}, header


def _kind_of(state: TrainingState) -> str:
    for kind, (settings, _) in KINDS.items():
        if isinstance(state.settings, settings):
            return kind
    raise TypeError(f"a run with {type(state.settings).__name__} cannot be saved")


def _optimizer_tensors(name: str, optimizer: Optimizer) -> dict[str, Tensor]:
    tensors = {}
    for index, entries in optimizer.state_dict()["state"].items():
        for entry, value in entries.items():
            if value is None:
                continue
            if not isinstance(value, Tensor):
                kind = type(optimizer).__name__
                raise TypeError(f"optimizer {kind} keeps {entry}, which is no tensor: not saved")
            tensors[f"optimizers.{name}.{index}.{entry}"] = value
    return tensors


def _digest(tensors: dict[str, Tensor], text: str) -> str:
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()))
    return found.hexdigest()


# Reading it.


def _read(path: str | Path) -> tuple[dict[str, Tensor], dict, training.RunSettings]:
    path = user_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    contents = path.read_bytes()  # so that nothing stays mapped to the file
    try:
        tensors = safetensors.torch.load(contents)
        length = int.from_bytes(contents[:8], "little")
        metadata = json.loads(contents[8 : 8 + length]).get("__metadata__", {})
    except (safetensors.SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise ValueError(
            f"{path} is truncated, damaged, or not a checkpoint at all ({error})"
        ) from None
    if metadata.get("format") not in (FORMAT, OLD_FORMAT):
        raise ValueError(f"{path} is a safetensors file, but not a checkpoint of this course")
    try:
        header = json.loads(metadata["state"])
        if metadata["format"] == OLD_FORMAT:
            tensors, header = _from_format_1(tensors, header)
        elif metadata["digest"] != _digest(tensors, metadata["state"]):
            raise ValueError("its digest does not fit: a bit has flipped, or somebody changed it")
        header["step"] + 0, header["data_shape"], header["device"], tensors["rng"]
        settings = from_dict(KINDS[header["kind"]][0], header["settings"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged inside ({error})") from None
    return tensors, header, settings


def _from_format_1(tensors: dict[str, Tensor], header: dict) -> tuple[dict[str, Tensor], dict]:
    """What a file says in which a run was always a game, as the format of now says it."""
    prefixes = {
        "generator.": "nets.generator.",
        "discriminator.": "nets.discriminator.",
        "average.": "averages.generator.",
        "g_optimizer.": "optimizers.generator.",
        "d_optimizer.": "optimizers.discriminator.",
    }
    renamed = {"rng": tensors["rng"]}
    for key, tensor in tensors.items():
        for old, new in prefixes.items():
            if key.startswith(old):
                renamed[new + key.removeprefix(old)] = tensor
    settings = dict(header["settings"])
    settings["objective"] = settings.pop("generator_loss")
    settings["momentum"] = settings["betas"][0]
    averages = [] if settings["average"] is None else ["generator"]
    header |= {"kind": "gan", "settings": settings, "averages": averages}
    return renamed, header | {"nets": ["generator", "discriminator"]}


def _begin(nets, optimizers, header, settings, objective, device) -> TrainingState:
    if header["kind"] == "gan":
        entries = dataclasses.asdict(settings)
        if objective is not None:
            entries["objective"] = objective
        return training.start(**nets, device=device, optimizers=optimizers, **entries)
    averaged = header["averages"]
    return training.begin(nets, settings, device=device, averaged=averaged, optimizers=optimizers)


def _fill(state: TrainingState, tensors: dict[str, Tensor], header: dict) -> None:
    for part, nets in (("nets", state.nets), ("averages", state.averages)):
        for name, net in nets.items():
            net.load_state_dict(_part(tensors, f"{part}.{name}"))
    for name, optimizer in state.optimizers.items():
        entries = {}
        for key, tensor in _part(tensors, f"optimizers.{name}").items():
            index, entry = key.split(".", 1)
            entries.setdefault(int(index), {})[entry] = tensor
        groups = optimizer.state_dict()["param_groups"]  # from the settings, as they were
        optimizer.load_state_dict({"state": entries, "param_groups": groups})
    state.step = header["step"]
    state.data_shape = header["data_shape"]
    _, step = KINDS[header["kind"]]
    for number, *values in tensors.get("history", torch.empty(0, 1)).tolist():
        state.history.append(step(int(number), *values))


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {key.removeprefix(start): t for key, t in tensors.items() if key.startswith(start)}


# Does it fit?


def _check_names(path, nets: dict, header: dict) -> None:
    if list(nets) != header["nets"]:
        saved = ", ".join(header["nets"])
        raise ValueError(f"{path} holds a run of {saved}; you gave {', '.join(nets)}")


def _check_fit(path, tensors: dict, trial: TrainingState, header: dict, same_device: bool) -> None:
    """Raise ValueError unless the tensors of the file are those that such a run has."""
    for part, nets in (("nets", trial.nets), ("averages", trial.averages)):
        for name, net in nets.items():
            found = _shapes(_part(tensors, f"{part}.{name}"))
            _compare(path, name, found, _shapes(net.state_dict()))
    for name, optimizer in trial.optimizers.items():
        found = _shapes(_part(tensors, f"optimizers.{name}"))
        if header["step"] == 0:  # before the first step there are no moments
            _compare(path, f"optimizer of {name}", found, {})
        elif trial.settings.optimizer == "own":
            _check_own(path, name, found, optimizer)
        else:
            expected = _moments(optimizer, trial.settings)
            _compare(path, f"optimizer of {name}", found, expected)
    if same_device:
        expected = {"rng": tuple(trial.rng.get_state().shape)}
        _compare(path, "random state", {"rng": tuple(tensors["rng"].shape)}, expected)


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple]:
    return {key: tuple(tensor.shape) for key, tensor in tensors.items()}


def _moments(optimizer: Optimizer, settings: training.RunSettings) -> dict[str, tuple]:
    shapes = {}
    for index, parameter in enumerate(_parameters(optimizer)):
        shape = tuple(parameter.shape)
        moments = {"step": (), "exp_avg": shape, "exp_avg_sq": shape}
        if settings.optimizer == "sgd":
            moments = {"momentum_buffer": shape} if settings.momentum else {}
        if parameter.requires_grad:
            shapes |= {f"{index}.{key}": size for key, size in moments.items()}
    return shapes


def _parameters(optimizer: Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _check_own(path, name: str, found: dict[str, tuple], optimizer: Optimizer) -> None:
    parameters = _parameters(optimizer)
    for key, shape in found.items():
        index = int(key.split(".")[0])
        if index >= len(parameters) or shape not in ((), (1,), tuple(parameters[index].shape)):
            raise ValueError(f"{path} does not fit the optimizer given for {name}: {key} is {shape}")


def _compare(path, name: str, found: dict[str, tuple], expected: dict[str, tuple]) -> None:
    for key in [*expected, *(found.keys() - expected.keys())]:
        if found.get(key) != expected.get(key):
            raise ValueError(
                f"{path} does not fit the net given for {name}: "
                f"{key} is {found.get(key, 'missing')} in the file "
                f"and {expected.get(key, 'missing')} in the net"
            )
