"""Does a checkpoint fit the nets that it is to be loaded into?"""

from pathlib import Path

from torch import Tensor
from torch.optim import Optimizer

from ..optim import held_by
from ..training import TrainingState
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
            _check_types(path, name, part(tensors, f"{kind}.{name}"), net.state_dict())
    for name, optimizer in trial.optimizers.items():
        _check_moments(path, name, part(tensors, f"optimizers.{name}"), optimizer)
    if same_device:
        expected = {"rng": tuple(trial.rng.get_state().shape)}
        compare(path, "random state", {"rng": tuple(tensors["rng"].shape)}, expected)
        try:
            trial.rng.set_state(tensors["rng"])
        except (RuntimeError, TypeError) as error:
            raise ValueError(f"{path} holds no state of random numbers ({error})") from None


def shapes_of(tensors: dict[str, Tensor]) -> dict[str, tuple]:
    """The shape of each."""
    return {key: tuple(tensor.shape) for key, tensor in tensors.items()}


def _check_types(path: Path, name: str, found: dict, expected: dict) -> None:
    """Numbers of another type would be rounded, and the run another one."""
    for key, tensor in expected.items():
        if key in found and found[key].dtype != tensor.dtype:
            raise ValueError(
                f"{path} does not fit the net given for {name}: "
                f"{key} is {found[key].dtype} in the file and {tensor.dtype} in the net"
            )


def _check_moments(path: Path, name: str, found: dict, optimizer: Optimizer) -> None:
    """An optimiser keeps the same entries of each weight, or, before its first step, none."""
    weights = held_by(optimizer)
    entries = {key.partition(".")[2] for key in found}
    expected = {}
    for index, weight in enumerate(weights):
        for entry in entries if weight.requires_grad else ():
            key = f"{index}.{entry}"
            alone = found[key].numel() == 1 if key in found else False  # such as a count of steps
            expected[key] = tuple(found[key].shape if alone else weight.shape)
    compare(path, f"optimizer of {name}", shapes_of(found), expected)
    usual = ("exp_avg", "exp_avg_sq", "momentum_buffer")  # of Adam and SGD, as their weights
    types = {
        key: weights[int(index)]
        for key in found
        for index, _, entry in [key.partition(".")]
        if entry in usual
    }
    _check_types(path, f"optimizer of {name}", found, types)


def compare(path: Path, name: str, found: dict[str, tuple], expected: dict[str, tuple]) -> None:
    for key in [*expected, *(found.keys() - expected.keys())]:
        if found.get(key) != expected.get(key):
            raise ValueError(
                f"{path} does not fit the net given for {name}: "
                f"{key} is {found.get(key, 'missing')} in the file "
                f"and {expected.get(key, 'missing')} in the net"
            )
