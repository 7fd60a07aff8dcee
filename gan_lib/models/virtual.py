"""Virtual batch normalisation: a sample's companions are fixed once and for all."""

import torch
from torch import Tensor, nn

from ..arguments import checked


@checked(size=1)
class VirtualBatchNorm(nn.Module):
    """Normalise each sample by the statistics of a reference batch and of itself.

    The first ``size`` rows of its input are the reference batch, normalised by their own mean and
    variance, as by BatchNorm in training. Any other row h gets ``m = (R mean + h) / (R + 1)``, the
    mean of itself and the R reference rows, and their variance alike: no other row matters.

    Shapes: h (R + B, features) -> (R + B, features).

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.5; the weight 1/(R + 1)
    is that of the authors' code.
    """

    def __init__(self, norm: nn.BatchNorm1d, size: int):
        super().__init__()
        self.weight, self.bias, self.eps, self.size = norm.weight, norm.bias, norm.eps, size

    def forward(self, h: Tensor) -> Tensor:
        reference, own = h[: self.size], h[self.size :]
        mean, square = reference.mean(0), reference.square().mean(0)
        share = 1 / (self.size + 1)
        means = torch.cat([mean.expand_as(reference), mean.lerp(own, share)])
        squares = torch.cat([square.expand_as(reference), square.lerp(own.square(), share)])
        scale = (squares - means.square()).clamp(min=0) + self.eps
        return (h - means) * scale.rsqrt() * self.weight + self.bias


@checked
class Virtual(nn.Module):
    """``net`` with each BatchNorm1d made virtual: what it answers for a row depends on that row
    alone, and on the reference batch.

    Shapes: x (B, ...) -> as net. The reference batch passes through net with each minibatch, so
    that a pass takes about (R + B) / B times as long.

    Parameters
    ----------
    net : its BatchNorm layers are replaced, in place; their weights are kept
    reference : (R, ...), at least 2 inputs, such as noise for a G

    Raises
    ------
    ValueError
        If reference has fewer than two inputs, or net no BatchNorm1d.
    """

    def __init__(self, net: nn.Module, reference: Tensor):
        super().__init__()
        if not reference.ndim or len(reference) < 2:
            shape = tuple(reference.shape)
            raise ValueError(f"reference must hold at least 2 inputs, not be of shape {shape}")
        norms = [name for name, each in net.named_modules() if isinstance(each, nn.BatchNorm1d)]
        if not norms:
            raise ValueError("net has no BatchNorm1d that could be made virtual")
        for name in norms:
            net.set_submodule(name, VirtualBatchNorm(net.get_submodule(name), len(reference)))
        self.net = net
        self.register_buffer("reference", reference)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(torch.cat([self.reference, x]))[len(self.reference) :]
