"""How probable is the data? Likelihoods, and bounds on them, of nets that have a density.

Pictures are zeros and ones (B, ...), each pixel a coin. Numbers are in nats, one for each picture
(B,): summed over its pixels, never averaged, or the parts of a bound would be out of scale.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from .arguments import check, checked

if TYPE_CHECKING:  # only fitting a mixture waits for scikit-learn
    from sklearn.mixture import GaussianMixture


@checked
def pixel_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """log p(x) of independent coins: the sum over pixels of x log p + (1 - x) log(1 - p).

    Shapes: logits log(p / (1 - p)) and x, (B, ...) both -> (B,).
    """
    _check_same_shape(logits=logits, x=x)
    cost = functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return -cost.flatten(1).sum(1)


@checked(pixels=1)
def bits_per_pixel(nats: float | Tensor, pixels: int = 784) -> float | Tensor:
    """-log p(x) / (pixels log 2): the bits that a code made for the model spends on a pixel.

    nats : log p(x), negative
    """
    return -nats / (pixels * math.log(2))


@checked
def autoregressive_loss(net: nn.Module, x: Tensor, rng: torch.Generator | None = None) -> Tensor:
    """Minus the mean of log p(x) over a minibatch, a scalar. Nothing is drawn from rng."""
    return _mean_cost(pixel_log_likelihood(net(x), x))


@checked
def gaussian_kl(mean: Tensor, log_sigma: Tensor) -> Tensor:
    """KL(N(mean, sigma^2) || N(0, 1)) = the sum of (mean^2 + sigma^2 - 1) / 2 - log sigma.

    Shapes: (B, code) both -> (B,).

    References
    ----------
    Kingma and Welling (2014), Auto-Encoding Variational Bayes, appendix B.
    """
    _check_same_shape(mean=mean, log_sigma=log_sigma)
    return (0.5 * (mean**2 + (2 * log_sigma).exp() - 1) - log_sigma).sum(1)


@checked
def elbo(vae: nn.Module, x: Tensor, rng: torch.Generator) -> Tensor:
    """The evidence lower bound, E log p(x given z) - KL(q(z given x) || p(z)) <= log p(x): (B,).

    The expected value is taken over one code z = mean + sigma epsilon for each picture.

    References
    ----------
    Kingma and Welling (2014), Auto-Encoding Variational Bayes, equation 10 with L = 1.
    """
    mean, log_sigma = vae.encode(x)
    z, _ = _code(mean, log_sigma, rng)
    return pixel_log_likelihood(vae.decode(z), x) - gaussian_kl(mean, log_sigma)


@checked
def vae_loss(vae: nn.Module, x: Tensor, rng: torch.Generator) -> Tensor:
    """Minus the mean of the evidence lower bound over a minibatch, a scalar."""
    return _mean_cost(elbo(vae, x, rng))


@torch.no_grad()
def importance_bound(
    vae: nn.Module,
    x: Tensor,
    rng: torch.Generator,
    samples: int = 100,
    prior: CodeMixture | None = None,
) -> Tensor:
    """log of the mean of p(x given z) p(z) / q(z given x) over codes z drawn from q: (B,).

    Its expected value is at most log p(x), grows with the number of samples and tends to log p(x).
    With a ``prior``, p(z) is its density in place of N(0, 1).

    Raises
    ------
    ValueError
        If samples is not a positive whole number.

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016), Importance Weighted Autoencoders, equation 8.
    """
    check("samples", samples, int, 1)
    check("vae", vae, nn.Module)
    check("x", x, Tensor)
    check("rng", rng, torch.Generator)
    if not x.ndim or not len(x):
        raise ValueError("x is empty: there is no picture")
    check("prior", prior, CodeMixture | None)
    mean, log_sigma = vae.encode(x)
    log_prior = prior.log_density if prior else _standard_log_density
    total = mean.new_full((len(mean),), -math.inf)  # log of the sum so far
    for _ in range(samples):
        z, log_q = _code(mean, log_sigma, rng)
        log_weight = pixel_log_likelihood(vae.decode(z), x) + log_prior(z) - log_q
        total = torch.logaddexp(total, log_weight)
    return total - math.log(samples)


class CodeMixture:
    """A mixture of Gaussians as the density of codes, in place of N(0, 1).

    mixture : a ``GaussianMixture`` of scikit-learn, fitted, with full covariances
    """

    def __init__(self, mixture: GaussianMixture):
        self.mixture = mixture

    @checked
    def log_density(self, z: Tensor) -> Tensor:
        """log p(z) in nats: (B, code) -> (B,)."""
        return torch.from_numpy(self.mixture.score_samples(_rows("z", z))).to(z.dtype)

    @checked(n=1)
    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """n codes (n, code)."""
        weights, means, covariances = (
            torch.from_numpy(each)
            for each in (self.mixture.weights_, self.mixture.means_, self.mixture.covariances_)
        )
        chosen = torch.multinomial(weights, n, replacement=True, generator=rng)
        noise = torch.randn(n, means.shape[1], 1, generator=rng, dtype=torch.float64)
        spread = torch.linalg.cholesky(covariances)[chosen] @ noise
        return (means[chosen] + spread[:, :, 0]).float()


@checked
@torch.no_grad()
def codes(vae: nn.Module, x: Tensor, rng: torch.Generator) -> Tensor:
    """A code from q(z given x) for each picture: (B, ...) -> (B, code)."""
    return _code(*vae.encode(x), rng)[0]


@checked(components=1, seed=0)
def fit_mixture(codes: Tensor, components: int = 40, seed: int = 0) -> CodeMixture:
    """The mixture of so many Gaussians that expectation maximisation fits to codes (n, code)."""
    from sklearn.mixture import GaussianMixture

    return CodeMixture(GaussianMixture(components, random_state=seed).fit(_rows("codes", codes)))


def _check_same_shape(**given):
    (first, a), (second, b) = given.items()
    if a.shape != b.shape or not (a.is_floating_point() and b.is_floating_point()):
        found = f"{a.dtype} {tuple(a.shape)} and {b.dtype} {tuple(b.shape)}"
        raise ValueError(f"{first} and {second} must be floats of one shape, not {found}")


def _mean_cost(nats):
    if not len(nats):
        raise ValueError("x is empty: a mean over no pictures is not defined")
    return -nats.mean()


def _rows(name, codes):
    """Codes (n, code) as scikit-learn takes them."""
    if codes.ndim != 2 or not codes.numel() or not codes.isfinite().all():
        raise ValueError(f"{name} must be finite numbers (n, code), not {tuple(codes.shape)}")
    return codes.detach().double().cpu().numpy()


def _code(mean, log_sigma, rng):
    """z = mean + sigma epsilon, differentiable in both, and log q(z given x)."""
    epsilon = torch.randn(mean.shape, generator=rng, dtype=mean.dtype, device=mean.device)
    log_q = _standard_log_density(epsilon) - log_sigma.sum(1)
    return mean + log_sigma.exp() * epsilon, log_q


def _standard_log_density(z):
    """Of N(0, 1) in each of the numbers."""
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
