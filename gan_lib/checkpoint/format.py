"""What is in a checkpoint's file: one safetensors file, the same for every kind of run.

The tensors of all nets and optimisers, the random state and the history are the file's tensors;
step and settings are JSON in its header, and a digest of it all finds a flipped bit. There is no
pickle anywhere: reading it reads numbers and never runs code from the file.
"""

import dataclasses
import hashlib
import json
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor
from torch.optim import Optimizer

from .. import training
from ..training import TrainingState
from ..training.settings import from_dict

FORMAT = "gan_lib checkpoint 2"
OLD_FORMAT = "gan_lib checkpoint 1"
KINDS = {  # of runs: their settings, and the steps in their history
    "gan": (training.Settings, training.Step),
    "fit": (training.FitSettings, training.FitStep),
}


def pack(state: TrainingState) -> tuple[dict[str, Tensor], dict]:
    """All of a run: its tensors by name, and the rest as what JSON knows."""
    kind = _kind_of(state)
    tensors = {"rng": state.rng.get_state()}
    for kind_of_net, nets in (("nets", state.nets), ("averages", state.averages)):
        for name, net in nets.items():
            tensors |= {f"{kind_of_net}.{name}.{key}": t for key, t in net.state_dict().items()}
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


def digest(tensors: dict[str, Tensor], text: str) -> str:
    """A fingerprint of tensors and header."""
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()))
    return found.hexdigest()


def read(path: Path) -> tuple[dict[str, Tensor], dict, training.RunSettings]:
    """The tensors, the header and the settings in the file, or what is wrong with it.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For one that is truncated, damaged, or no checkpoint.
    """
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
        elif metadata["digest"] != digest(tensors, metadata["state"]):
            raise ValueError("its digest does not fit: a bit has flipped, or somebody changed it")
        if not isinstance(header["settings"], dict):
            raise ValueError(f"settings are {header['settings']!r}")
        settings = from_dict(KINDS[header["kind"]][0], header["settings"])
        _check_header(header, settings)
        _check_history(tensors.get("history"), header["kind"], metadata["format"])
        tensors["rng"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged inside ({error})") from None
    return tensors, header, settings


def _check_header(header: dict, settings: training.RunSettings) -> None:
    """Raise ValueError for an entry that no run has; a digest that fits is no proof."""
    names = _are(str, header["nets"]) and _are(str, header["averages"])
    holds = {
        "step": type(header["step"]) is int and 0 <= header["step"] <= settings.steps,
        "nets": names and header["nets"],
        "averages": names and set(header["averages"]) <= set(header["nets"]),
        "data_shape": _are(int, header["data_shape"]) and min(header["data_shape"], default=0) >= 0,
        "device": header["device"] in ["cpu", "cuda", "mps"],
    }
    for name, held in holds.items():
        if not held:
            raise ValueError(f"{name} is {header[name]!r}")


def _are(kind: type, values: object) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)


def _check_history(history: Tensor | None, kind: str, written: str) -> None:
    """Raise ValueError unless it has a number, and what else a step has, in each row."""
    if history is None and written == OLD_FORMAT:
        return
    columns = len(dataclasses.fields(KINDS[kind][1]))
    whole = history is not None and history.ndim == 2 and history.shape[1] == columns
    if not (whole and history.dtype == torch.float64 and history[:, 0].isfinite().all()):
        raise ValueError("history does not hold steps")


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


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix`` and a dot, without it."""
    start = f"{prefix}."
    return {key.removeprefix(start): t for key, t in tensors.items() if key.startswith(start)}
