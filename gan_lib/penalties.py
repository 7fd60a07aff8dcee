"""What keeps D smooth: penalties on its gradient, added to its loss, and clipping of its weights.

A penalty is called as ``penalty(discriminator, real, fake, rng)`` and returns a scalar. real, fake:
(B, ...) samples; rng: a ``torch.Generator`` on their device. Each is a small dataclass, so that a
table of objectives can print what it holds.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .arguments import checked, not_negative
from .losses import in_full

Discriminator = Callable[[Tensor], Tensor]


@checked
def gradient_norms(discriminator: Discriminator, x: Tensor) -> Tensor:
    """The norm of D's logit's gradient with respect to each sample, over all its numbers: (B,).

    x : (B, ...). It can be differentiated again; where a gradient is 0, so is the norm's own (the
    root's slope there would be infinite, and 0 times infinity is nan).
    """
    square = _squared_gradients(discriminator, x)
    flat = square == 0
    return torch.where(flat, 0.0, torch.where(flat, 1.0, square).sqrt())


def _squared_gradients(discriminator: Discriminator, x: Tensor) -> Tensor:
    if not x.ndim or not len(x):
        raise ValueError("x is empty: there is no sample at which to take a gradient")
    x = in_full(x.detach()).requires_grad_(True)
    with torch.enable_grad():
        logits = discriminator(x)
        first = logits.reshape(len(logits), -1)[:, 0]  # the logit, where D answers more
        (gradient,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(1)


@checked
@dataclass(frozen=True)
class GradientPenalty:
    """``weight E[(|grad f(x)| - 1)^2]``, x drawn evenly between a real and a fake sample.

    A critic with BatchNorm answers for a batch, not for a sample: its gradient is another quantity.

    References
    ----------
    Gulrajani et al. (2017), Improved Training of Wasserstein GANs, equation 3 (weight 10).
    """

    weight: float = 10.0

    def __post_init__(self):
        not_negative(weight=self.weight)

    def __call__(
        self, discriminator: Discriminator, real: Tensor, fake: Tensor, rng: torch.Generator
    ) -> Tensor:
        if len(real) != len(fake):
            raise ValueError(f"real and fake must be as many, not {len(real)} and {len(fake)}")
        shape = (len(real), *[1] * (real.ndim - 1))
        share = torch.rand(shape, generator=rng, device=real.device)
        fake, real = in_full(fake.detach()), in_full(real)
        between = torch.lerp(fake, real, share.to(real.dtype))
        return self.weight * (gradient_norms(discriminator, between) - 1).square().mean()


@checked
@dataclass(frozen=True)
class R1:
    """``weight / 2 E[|grad a(x)|^2]`` at real samples: D is to be flat where the data are.

    References
    ----------
    Mescheder, Geiger and Nowozin (2018), Which Training Methods for GANs do actually Converge?,
    equation 9.
    """

    weight: float = 1.0  # gamma

    def __post_init__(self):
        not_negative(weight=self.weight)

    def __call__(
        self, discriminator: Discriminator, real: Tensor, fake: Tensor, rng: torch.Generator
    ) -> Tensor:
        return self.weight / 2 * _squared_gradients(discriminator, real).mean()


@checked
@dataclass(frozen=True)
class R2:
    """``weight / 2 E[|grad a(G(z))|^2]`` at fake samples.

    References
    ----------
    Mescheder, Geiger and Nowozin (2018), equation 10.
    """

    weight: float = 1.0  # gamma

    def __post_init__(self):
        not_negative(weight=self.weight)

    def __call__(
        self, discriminator: Discriminator, real: Tensor, fake: Tensor, rng: torch.Generator
    ) -> Tensor:
        return self.weight / 2 * _squared_gradients(discriminator, fake).mean()


@checked
@dataclass(frozen=True)
class Sum:
    """Several penalties at once, added up."""

    parts: tuple[Callable, ...]

    def __call__(
        self, discriminator: Discriminator, real: Tensor, fake: Tensor, rng: torch.Generator
    ) -> Tensor:
        return sum(part(discriminator, real, fake, rng) for part in self.parts)


@checked
@dataclass(frozen=True)
class ClipWeights:
    """Cut each of D's parameters off at -limit and limit, after its step: called with D itself.

    References
    ----------
    Arjovsky, Chintala and Bottou (2017), Algorithm 1 (limit 0.01).
    """

    limit: float = 0.01

    def __post_init__(self):
        not_negative(limit=self.limit)

    @torch.no_grad()
    def __call__(self, discriminator: nn.Module) -> None:
        for parameter in discriminator.parameters():
            parameter.clamp_(-self.limit, self.limit)


@checked
def reweighted(penalty: Callable, weight: float) -> Callable:
    """The same penalty, each of its parts with this weight."""
    if isinstance(penalty, Sum):
        return Sum(tuple(reweighted(part, weight) for part in penalty.parts))
    if not hasattr(penalty, "weight") or not dataclasses.is_dataclass(penalty):
        raise ValueError(f"penalty must be a dataclass with a weight, not {penalty!r}")
    return dataclasses.replace(penalty, weight=weight)
