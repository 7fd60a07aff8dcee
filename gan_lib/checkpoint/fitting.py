"""Does a checkpoint fit the nets that it is to be loaded into?"""

from pathlib import Path

from torch import Tensor, nn
from torch.optim import Optimizer

from ..training import RunSettings, TrainingState
from .format import part


def check_names(path: Path, nets: dict, header: dict) -> None:
    """Raise ValueError unless the nets given have the names of those saved."""
    if list(nets) != header["nets"]:
        saved = ", ".join(header["nets"])
        raise ValueError(f"{path} holds a run of {saved}; you gave {', '.join(nets)}")


def check_fit(
    path: Path, tensors: dict, trial: TrainingState, header: dict, same_device: bool
) -> None:
    """Raise ValueError unless the tensors of the file are those that such a run has."""
    for kind, nets in (("nets", trial.nets), ("averages", trial.averages)):
        for name, net in nets.items():
            found = shapes_of(part(tensors, f"{kind}.{name}"))
            compare(path, name, found, shapes_of(net.state_dict()))
    for name, optimizer in trial.optimizers.items():
        found = shapes_of(part(tensors, f"optimizers.{name}"))
        if header["step"] == 0:  # before the first step there are no moments
            compare(path, f"optimizer of {name}", found, {})
        elif trial.settings.optimizer == "own":
            _check_own(path, name, found, optimizer)
        else:
            expected = _moments(optimizer, trial.settings)
            compare(path, f"optimizer of {name}", found, expected)
    if same_device:
        expected = {"rng": tuple(trial.rng.get_state().shape)}
        compare(path, "random state", {"rng": tuple(tensors["rng"].shape)}, expected)


def shapes_of(tensors: dict[str, Tensor]) -> dict[str, tuple]:
    """The shape of each."""
    return {key: tuple(tensor.shape) for key, tensor in tensors.items()}


def _moments(optimizer: Optimizer, settings: RunSettings) -> dict[str, tuple]:
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


def _check_own(path: Path, name: str, found: dict[str, tuple], optimizer: Optimizer) -> None:
    parameters = _parameters(optimizer)
    for key, shape in found.items():
        index = int(key.split(".")[0])
        if index >= len(parameters) or shape not in ((), (1,), tuple(parameters[index].shape)):
            raise ValueError(
                f"{path} does not fit the optimizer given for {name}: {key} is {shape}"
            )


def compare(path: Path, name: str, found: dict[str, tuple], expected: dict[str, tuple]) -> None:
    for key in [*expected, *(found.keys() - expected.keys())]:
        if found.get(key) != expected.get(key):
            raise ValueError(
                f"{path} does not fit the net given for {name}: "
                f"{key} is {found.get(key, 'missing')} in the file "
                f"and {expected.get(key, 'missing')} in the net"
            )
