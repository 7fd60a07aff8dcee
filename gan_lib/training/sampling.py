"""Minibatches of noise and of data, drawn with a run's own random numbers."""

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from ..arguments import checked
from ..data import batches, to_tanh_range
from .nets import check_players, labels_for, last_operation, pack_size, probe, takes_labels
from .settings import NOISE_WIDTHS, Settings
from .state import TrainingState

BOUNDED = {"Tanh": "[-1, 1]", "Sigmoid": "[0, 1]"}  # what G can reach that ends so
FAR = 4.0  # beyond this, data are out of reach of such a G; MNIST standardised comes to 2.8

Batch = tuple[Tensor, tuple[Tensor, ...]]  # samples (B, ...), and (labels,) or ()
Data = Tensor | np.ndarray | tuple | Callable | Iterable


@checked(n=1)
def sample_noise(settings: Settings, rng: torch.Generator, n: int | None = None) -> Tensor:
    """Noise z (n, noise_dim) of the kind that ``settings`` name, by default a minibatch.

    It lies on the device of ``rng``.
    """
    shape = (n or settings.batch_size, settings.noise_dim)
    if width := NOISE_WIDTHS[settings.noise]:
        return torch.rand(shape, generator=rng, device=rng.device) * (2 * width) - width
    return torch.randn(shape, generator=rng, device=rng.device)


def game_batches(state: TrainingState, data: Data) -> Callable[[], tuple[Tensor, Tensor, tuple]]:
    """A function that draws noise and a minibatch of data: z (B, noise_dim), x (B, ...), labels.

    Raises ValueError for data that do not fit the nets, or those that the run was trained on so
    far.
    """
    draw, look = source(state, data)
    shape = _check_game(state, *look)

    def drawn():
        z = sample_noise(state.settings, state.rng)
        x, labels = draw()
        if len(x) != len(z):  # an iterator has batches of its own size
            z = sample_noise(state.settings, state.rng, len(x))
        z, x, *labels = state.group.own_part(z, x.reshape(-1, *shape), *labels)
        return z, x, tuple(labels)

    return drawn


def source(state: TrainingState, data: Data) -> tuple[Callable[[], Batch], Batch]:
    """A function that draws minibatches of ``data``, on the run's device, and a first look at them.

    Bytes are scaled to [-1, 1]. Looking costs the run no random numbers. Raises ValueError for data
    of another kind, or of another shape than those that the run was trained on so far.
    """
    if isinstance(data, (Tensor, np.ndarray, tuple)):
        draw, look, shape = _of_tensors(data, state.settings.batch_size, state.rng)
    elif callable(data):
        draw, look, shape = _of_function(data, state.settings.batch_size, state.rng)
    elif isinstance(data, Iterable):
        draw, look, shape = _of_iterable(data)
    else:
        raise ValueError(
            "data must be a tensor (n, ...), a pair (samples, labels), a function sample(n, rng), "
            f"or an iterable of minibatches, not {type(data).__name__}"
        )
    if state.data_shape and shape != state.data_shape:
        raise ValueError(
            f"data has shape {shape}, "
            f"but this run was trained on data of shape {state.data_shape} so far"
        )
    state.data_shape = shape
    return lambda: _ready(draw(), state.device), _ready(look, state.device)


def _of_tensors(data: Tensor | np.ndarray | tuple, size: int, rng: torch.Generator) -> tuple:
    x, labels = _pair(data)
    if x.ndim < 2 or not len(x):
        raise ValueError(f"data must be a tensor (n, ...) with n > 0, not {tuple(x.shape)}")
    if any(len(y) != len(x) for y in labels):
        raise ValueError(f"data has {len(x)} samples, but {len(labels[0])} labels")
    if x.is_floating_point() and not torch.isfinite(x).all():
        raise ValueError("data holds values that are not finite")
    stream = batches(tuple(part.to(rng.device) for part in (x, *labels)), size, rng)

    def draw():
        drawn, *its_labels = next(stream)
        return drawn, tuple(its_labels)

    return draw, (x[:1000], tuple(y[:1000] for y in labels)), list(x.shape)


def _of_function(sample: Callable, size: int, rng: torch.Generator) -> tuple:
    look = _pair(sample(2, torch.Generator(rng.device)))
    return lambda: _pair(sample(size, rng)), look, list(look[0].shape[1:])


def _of_iterable(data: Iterable) -> tuple:
    stream = _endless(data)
    waiting = [_pair(next(stream))]
    look = waiting[0]
    return lambda: waiting.pop() if waiting else _pair(next(stream)), look, list(look[0].shape[1:])


def _endless(data: Iterable) -> Iterator:
    while True:
        found = False
        for batch in data:
            found = True
            yield batch
        if not found:
            raise ValueError("data has run out: give an iterable that can begin again")


def _pair(batch: Tensor | np.ndarray | tuple | list) -> Batch:
    if not isinstance(batch, (tuple, list)):
        return _tensor(batch), ()
    if len(batch) != 2:
        raise ValueError(f"data must be samples, or (samples, labels), not {len(batch)} things")
    return _tensor(batch[0]), (_tensor(batch[1]),)


def _tensor(given: Tensor | np.ndarray) -> Tensor:
    if not isinstance(given, (Tensor, np.ndarray)):
        raise ValueError(f"data must be tensors, not {type(given).__name__}")
    if isinstance(given, np.ndarray) and given.dtype.kind not in "biuf":
        raise ValueError(f"data must be numbers, not an array of {given.dtype}")
    return torch.as_tensor(given)


def _ready(batch: Batch, device: torch.device) -> Batch:
    x, labels = batch
    if x.dtype != torch.uint8 and not x.is_floating_point():
        raise ValueError(f"data must be bytes (uint8) or floating-point numbers, not {x.dtype}")
    x = to_tanh_range(x.to(device)).float()
    return x, tuple(y.to(device) for y in labels)


def _check_game(state: TrainingState, x: Tensor, labels: tuple) -> torch.Size:
    """The shape of a sample of G, after what was looked at has been held against both nets."""
    generator, discriminator = state.generator, state.discriminator
    for name, net in state.nets.items():
        if takes_labels(net) and not labels:
            raise ValueError(f"{name} takes labels, but data has none: give (samples, labels)")
    size = 2 * pack_size(discriminator)
    z = torch.zeros(size, state.settings.noise_dim, device=state.device)
    repeated = tuple(y[:1].expand(size, *y.shape[1:]) for y in labels)
    if takes_labels(generator) or takes_labels(discriminator):
        check_players(generator, discriminator, z, repeated, state.objective.answers)
    fake = probe(generator, z, *labels_for(generator, repeated))
    if math.prod(x.shape[1:]) != math.prod(fake.shape[1:]):
        raise ValueError(
            f"data has samples of shape {tuple(x.shape[1:])}, "
            f"but generator makes {tuple(fake.shape[1:])}"
        )
    end = last_operation(fake)
    if end in BOUNDED and FAR < x.abs().max() < math.inf:
        raise ValueError(
            f"data reaches {x.abs().max():.0f}, but generator ends in {end.lower()} and makes "
            f"{BOUNDED[end]}: scale the data, or give images as bytes (uint8)"
        )
    return fake.shape[1:]
