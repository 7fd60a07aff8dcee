"""Averaged weights: smoother than those of the last step, and mostly better."""

import copy

import torch
from torch import nn

from .device import global_random_numbers
from .sampling import sample_noise
from .settings import Settings
from .state import TrainingState

AVERAGE_EVERY = 8  # steps between two updates of the averaged weights


@torch.no_grad()
def update_averages(state: TrainingState) -> None:
    """average <- d^8 average + (1 - d^8) weights, at every eighth step: an eighth of the time.

    d = t / (t + 10) at step t, until it reaches ``settings.average``: the average reaches back over
    a tenth of the run so far, and the random start is forgotten. Buffers are copied as they are.
    """
    if not state.averages or state.step % AVERAGE_EVERY:
        return
    decay = min(state.settings.average, state.step / (state.step + 10)) ** AVERAGE_EVERY
    for name, average in state.averages.items():
        net = state.nets[name]
        torch._foreach_lerp_(list(average.parameters()), list(net.parameters()), 1 - decay)
        for kept, buffer in zip(average.buffers(), net.buffers()):
            kept.copy_(buffer)


def averaged_generator(state: TrainingState) -> nn.Module:
    """G with its averaged weights (raw ones, with ``average=None``), ready to sample from: a copy.

    References
    ----------
    Yazıcı et al. (2019), The Unusual Effectiveness of Averaging in GAN Training.
    """
    generator = state.averages.get("generator", state.generator)
    return with_fresh_statistics(generator, state.settings)


def with_fresh_statistics(generator: nn.Module, settings: Settings, batches: int = 50) -> nn.Module:
    """A copy of ``generator`` in eval mode, with BatchNorm statistics of ``batches`` new batches.

    An average of weights has never seen a batch: the statistics of the weights it was averaged from
    do not fit it. The noise comes from a seed of its own.

    References
    ----------
    Izmailov et al. (2018), Averaging Weights Leads to Wider Optima, section 3.2.
    """
    return refresh_statistics(copy.deepcopy(generator), settings, batches)


def refresh_statistics(generator: nn.Module, settings: Settings, batches: int = 50) -> nn.Module:
    """As ``with_fresh_statistics``, but of ``generator`` itself, which is returned."""
    device = next(generator.parameters()).device
    rng = torch.Generator(device).manual_seed(0)
    noise = (sample_noise(settings, rng) for _ in range(batches))
    with torch.no_grad(), global_random_numbers(0, device):
        torch.optim.swa_utils.update_bn(noise, generator)
    return generator.eval()
