"""What concerns a whole minibatch, computed for it where a process has only a part of it."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ..losses import in_full
from ..training.processes import OneProcess

LIKE = {torch.rand_like: torch.rand, torch.randn_like: torch.randn}
OTHER_DRAWS = {  # our part of these is not known
    *(functional.dropout, functional.dropout1d, functional.dropout2d, functional.dropout3d),
    *(functional.alpha_dropout, functional.feature_alpha_dropout, functional.rrelu),
    *(torch.bernoulli, torch.multinomial, torch.normal, torch.poisson),
    *(torch.randint, torch.randint_like, torch.randperm),
    *(Tensor.bernoulli_, Tensor.cauchy_, Tensor.exponential_, Tensor.geometric_),
    *(Tensor.log_normal_, Tensor.normal_, Tensor.random_, Tensor.uniform_),
    *(Tensor.bernoulli, Tensor.multinomial),
}


class WholeBatch(TorchFunctionMode):
    """In it, random numbers for our samples are our rows of those for all, and BatchNorm's mean and
    variance are those of all.

    Parameters
    ----------
    group : the processes
    part : how many samples are ours

    Raises
    ------
    ValueError
        In it, for random numbers of which our rows are not known, by the name of what draws them.
    """

    def __init__(self, group: OneProcess, part: int):
        super().__init__()
        self.group, self.part = group, part

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is functional.batch_norm:
            return batch_norm(self.group, *args, **kwargs)
        if function in (torch.rand, torch.randn):
            return self._drawn(function, _shape(*args, **kwargs), kwargs)
        if function in LIKE:
            like = {"dtype": args[0].dtype, "device": args[0].device}
            return self._drawn(LIKE[function], args[0].shape, like | kwargs)
        if function in OTHER_DRAWS and kwargs.get("training", True):
            raise ValueError(_refusal(function.__name__))
        return function(*args, **kwargs)

    def _drawn(self, function: Callable, shape: torch.Size, kwargs: dict) -> Tensor:
        if not shape or shape[0] != self.part:
            raise ValueError(_refusal(f"{function.__name__} of shape {tuple(shape)}"))
        options = {name: value for name, value in kwargs.items() if name != "size"}
        return self.group.rows(function((self.group.size * self.part, *shape[1:]), **options))


def _shape(*sizes, size: tuple | None = None, **options) -> torch.Size:
    """The shape that is asked for, given as one tuple or as several numbers."""
    sizes = size or sizes
    return torch.Size(sizes if isinstance(sizes[0], int) else sizes[0])


def _refusal(name: str) -> str:
    return (
        f"{name} draws random numbers in a step that several processes share: only rand and randn, "
        "with one row for each sample of the minibatch, can be drawn for all of it"
    )


class _Mean(torch.autograd.Function):
    """The mean over the processes, which may be differentiated, more than once.

    A process descends the loss of its own samples, and gradients are averaged afterwards: so what
    the losses of all owe to one process' numbers is the mean of their slopes.
    """

    @staticmethod
    def forward(ctx, numbers: Tensor, group: OneProcess) -> Tensor:
        ctx.group = group
        return group.mean(numbers)

    @staticmethod
    def backward(ctx, slope: Tensor):
        return _Mean.apply(slope, ctx.group), None


def batch_norm(
    group: OneProcess,
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """``torch.nn.functional.batch_norm`` with the mean and the variance of what all processes have.

    References
    ----------
    Ioffe and Szegedy (2015), Batch Normalization, Algorithm 1.
    """
    if not training:
        return functional.batch_norm(
            x, running_mean, running_var, weight, bias, training, momentum, eps
        )
    others = [i for i in range(x.ndim) if i != 1]
    full = in_full(x)
    center = _Mean.apply(full.mean(others, keepdim=True), group)
    variance = _Mean.apply((full - center).square().mean(others, keepdim=True), group)
    if running_mean is not None:
        n = group.size * x.numel() // x.shape[1]
        running_mean.lerp_(center.detach().flatten(), momentum)
        running_var.lerp_(variance.detach().flatten() * n / (n - 1), momentum)
    y = (full - center) * (variance + eps).rsqrt()
    ones = [-1 if i == 1 else 1 for i in range(x.ndim)]
    if weight is not None:
        y = y * weight.view(ones) + bias.view(ones)
    return y.to(x.dtype)
