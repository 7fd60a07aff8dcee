"""Averaged weights: smoother than those of the last step, and mostly better."""

import copy

import torch
from torch import Tensor, nn

from ..arguments import checked
from .device import global_random_numbers
from .nets import takes_labels
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


@checked
def averaged_generator(state: TrainingState, labels: Tensor | None = None) -> nn.Module:
    """G with its averaged weights (raw ones, with ``average=None``), ready to sample from: a copy.

    labels : (n, ...) as in the data, for a G that takes some; its statistics are those of batches
    whose labels are drawn from them

    Raises
    ------
    ValueError
        If G takes labels, and none are given.

    References
    ----------
    Yazıcı et al. (2019), The Unusual Effectiveness of Averaging in GAN Training.
    """
    generator = state.averages.get("generator", state.generator)
    return with_fresh_statistics(generator, state.settings, labels=labels)


@checked(batches=1)
def with_fresh_statistics(
    generator: nn.Module, settings: Settings, batches: int = 50, labels: Tensor | None = None
) -> nn.Module:
    """A copy of ``generator`` in eval mode, with BatchNorm statistics of ``batches`` new batches.

    An average of weights has never seen a batch: the statistics of the weights it was averaged from
    do not fit it. The noise comes from a seed of its own; for labels see ``averaged_generator``.

    References
    ----------
    Izmailov et al. (2018), Averaging Weights Leads to Wider Optima, section 3.2.
    """
    return refresh_statistics(copy.deepcopy(generator), settings, batches, labels)


@checked(batches=1)
def refresh_statistics(
    generator: nn.Module, settings: Settings, batches: int = 50, labels: Tensor | None = None
) -> nn.Module:
    """As ``with_fresh_statistics``, but of ``generator`` itself, which is returned."""
    if takes_labels(generator) and labels is None:
        raise ValueError("labels are missing: the generator takes some, as the data have them")
    device = next(generator.parameters()).device
    rng = torch.Generator(device).manual_seed(0)
    net = _Asked(generator, labels.to(device), rng) if takes_labels(generator) else generator
    noise = (sample_noise(settings, rng) for _ in range(batches))
    with torch.no_grad(), global_random_numbers(0, device):
        torch.optim.swa_utils.update_bn(noise, net)
    return generator.eval()


class _Asked(nn.Module):
    """A G that takes labels as a function of z alone: labels are drawn for each batch."""

    def __init__(self, generator: nn.Module, labels: Tensor, rng: torch.Generator):
        super().__init__()
        self.generator, self.labels, self.rng = generator, labels, rng

    def forward(self, z: Tensor) -> Tensor:
        index = torch.randint(len(self.labels), (len(z),), generator=self.rng, device=z.device)
        return self.generator(z, self.labels[index])
