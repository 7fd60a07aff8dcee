"""Save a training run and go on from it, bit for bit on the same machine: one safetensors file, written atomically.

The tensors of G, D, averaged G, both optimisers and the random state are the file's tensors; step and settings are
JSON in its header. There is no pickle anywhere: loading reads numbers and never runs code from the file.
"""

import copy
import json
from dataclasses import asdict

import safetensors
import safetensors.torch

from . import training
from .files import user_path, write_atomically

FORMAT = "gan_lib checkpoint 1"
NETS = ("generator", "discriminator", "average")
OPTIMIZERS = ("g_optimizer", "d_optimizer")


def save(path, state):
    """Write the whole run to ``path`` (one file). A kill at any moment leaves what was there before, or all of the new.

    The file is written under another name, flushed to the disk, and only then renamed.
    Raises: OSError (disk full, no permission), saying that the previous checkpoint, if any, is untouched.
    """
    path = user_path(path)
    tensors, header = _pack(state)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, safetensors.torch.save(tensors, {"format": FORMAT, "state": json.dumps(header)}))
    except OSError as error:
        kept = "the one saved before is untouched" if path.exists() else "nothing was written"
        raise OSError(error.errno, f"checkpoint {path} could not be saved ({error.strerror}); {kept}") from error


def load(path, generator, discriminator, *, device="auto"):
    """The :class:`~gan_lib.training.TrainingState` saved at ``path``, in two nets of the same build as those saved.

    Everything is checked before anything is changed: where this raises, the weights of the nets are as they were.
    Raises: FileNotFoundError; ValueError for a file that is truncated, not a checkpoint, or of other nets, naming what differs.
    """
    tensors, header = _read(path)
    fresh = training.start(copy.deepcopy(generator), copy.deepcopy(discriminator), device=device, **header["settings"])
    same_device = header["device"] == fresh.device.type
    expected = _shapes(fresh, with_moments=header["step"] > 0)
    if not same_device:  # its random numbers are of another kind
        expected["rng"] = tuple(tensors["rng"].shape)
    _check_fit(path, tensors, expected)

    state = training.start(generator, discriminator, device=device, **header["settings"])
    for name in NETS:
        if getattr(state, name) is not None:
            getattr(state, name).load_state_dict(_part(tensors, name))
    for name in OPTIMIZERS:
        optimizer = getattr(state, name)
        groups = optimizer.state_dict()["param_groups"]  # from the settings, and the same as those of the run that was saved
        optimizer.load_state_dict({"state": _optimizer_tensors(_part(tensors, name)), "param_groups": groups})
    if same_device:
        state.rng.set_state(tensors["rng"])
    else:
        print(f"This run was saved on {header['device']}: on {state.device.type} it goes on with other random numbers.")
    state.step, state.data_shape = header["step"], header["data_shape"]
    return state


def load_generator(path, generator, *, device="cpu"):
    """The saved generator, with averaged weights where the run kept them, ready to sample from: ``generator``, in eval mode.

    Raises as ``load`` does. BatchNorm statistics are computed afresh (:func:`~gan_lib.training.averaged_generator`).
    """
    tensors, header = _read(path)
    settings = training.Settings(**header["settings"])
    name = "average" if settings.average is not None else "generator"
    weights = _part(tensors, name)
    _check_fit(path, {f"{name}.{key}": tensor for key, tensor in weights.items()}, _net_shapes(name, generator))
    generator.load_state_dict(weights)
    return training.with_fresh_statistics(generator.to(training.pick_device(device)), settings)


def checkpointed(steps, path, state, every=500):
    """Save ``state`` to ``path`` after each ``every``-th step and when ``steps`` end; pass all steps on.

    Where the loop is left early, or a step fails, what was saved last stands: no half-made step ever overwrites it.
    """
    saved = state.step
    for step in steps:
        yield step
        if step.number % every == 0:
            save(path, state)
            saved = step.number
    if state.step != saved:
        save(path, state)


def _pack(state):
    tensors = {"rng": state.rng.get_state()}
    for name in NETS:
        if getattr(state, name) is not None:
            tensors |= {f"{name}.{key}": tensor for key, tensor in getattr(state, name).state_dict().items()}
    for name in OPTIMIZERS:
        for index, entries in getattr(state, name).state_dict()["state"].items():
            tensors |= {f"{name}.{index}.{key}": tensor for key, tensor in entries.items()}
    header = {
        "step": state.step,
        "settings": asdict(state.settings),
        "data_shape": state.data_shape,
        "device": state.device.type,
    }
    return {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}, header


def _read(path):
    path = user_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is truncated, damaged, or not a checkpoint at all ({error})") from None
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is a safetensors file, but not a checkpoint of this course")
    try:
        header = json.loads(metadata["state"])
        header["settings"]["betas"] = tuple(header["settings"]["betas"])  # JSON knows only lists
        training.Settings(**header["settings"])
        if not {"step", "data_shape", "device"} <= header.keys() or "rng" not in tensors:
            raise KeyError("an entry is missing")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged inside ({error})") from None
    return tensors, header


def _part(tensors, name):
    return {key[len(name) + 1 :]: tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")}


def _optimizer_tensors(part):
    state = {}
    for key, tensor in part.items():
        index, entry = key.split(".", 1)
        state.setdefault(int(index), {})[entry] = tensor
    return state


def _net_shapes(name, net):
    return {f"{name}.{key}": tuple(tensor.shape) for key, tensor in net.state_dict().items()}


def _shapes(state, with_moments):
    """The shapes of all that a checkpoint of such a run holds; before its first step there are no moments yet."""
    shapes = {}
    for name in NETS:
        if getattr(state, name) is not None:
            shapes |= _net_shapes(name, getattr(state, name))
    for name in OPTIMIZERS if with_moments else ():
        for index, parameter in enumerate(getattr(state, name).param_groups[0]["params"]):
            if parameter.requires_grad:
                shape = tuple(parameter.shape)
                moments = {"step": (), "exp_avg": shape, "exp_avg_sq": shape}
                if state.settings.optimizer == "sgd":
                    moments = {"momentum_buffer": shape} if state.settings.betas[0] else {}
                shapes |= {f"{name}.{index}.{key}": size for key, size in moments.items()}
    return shapes | {"rng": tuple(state.rng.get_state().shape)}


def _check_fit(path, tensors, expected):
    found = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    for key in [*expected, *(found.keys() - expected.keys())]:
        if found.get(key) != expected.get(key):
            name, _, entry = key.partition(".")
            given = f"the net given for {name}" if name in NETS else f"a run of these nets, {name}"
            raise ValueError(
                f"{path} does not fit {given}: {entry or name} is {found.get(key, 'missing')} in the file "
                f"and {expected.get(key, 'missing')} in the {'net' if name in NETS else 'run'}"
            )
