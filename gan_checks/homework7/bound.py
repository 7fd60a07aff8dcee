"""The evidence lower bound of pictures of zeros and ones, with any diagonal normal prior."""

import numpy as np
import torch
from scipy.special import expit, logsumexp, xlogy

from ..engine import Task, mistakes
from .orders import SHAPE, rng_of, shape_is_not


def codes_and_logits(variant):
    """x, decoder's logits, mean and log-variance of q, mean and log-variance of the prior."""
    rng, cases = rng_of(5, variant), []
    for draws, batch, pixels, code, scale in ((1, 3, 6, 2, 2), (4, 2, 9, 3, 2), (2, 3, 5, 4, 1500)):
        x = (rng.random((batch, pixels)) < 0.5).astype(float)
        logits = rng.normal(scale=scale, size=(draws, batch, pixels))
        mean, log_var = rng.normal(size=(2, batch, code))
        prior_mean, prior_log_var = rng.normal(size=(2, code))
        cases.append((x, logits, mean, log_var, prior_mean, prior_log_var))
    return cases


def coins(x, logits):
    """log p of each pixel."""
    return -np.logaddexp(0, np.where(x == 1, -logits, logits))  # (L, B, pixels)


def normal_kl(m, lv, pm, plv):
    """KL(q || p) of each number of the code."""
    return (plv - lv + (np.exp(lv) + (m - pm) ** 2) / np.exp(plv) - 1) / 2


def bound(
    fit=coins,
    kl=normal_kl,
    pixels=lambda a: a.sum(-1),
    draws=lambda a: a.mean(0),
    code=lambda a: a.sum(1),
    whole=lambda fit, kl: fit - kl,
):
    """A bound with one part of one's own."""
    return lambda x, logits, *four: whole(draws(pixels(fit(x, logits))), code(kl(*four)))


right = bound()


def by_probabilities(x, logits):
    p = expit(logits)
    return x * np.log(p) + (1 - x) * np.log(1 - p)


def with_epsilon(x, logits):
    p = expit(logits)
    return x * np.log(p + 1e-8) + (1 - x) * np.log(1 - p + 1e-8)


def clipped(x, logits):
    p = np.clip(expit(logits), 1e-7, 1 - 1e-7)
    return x * np.log(p) + (1 - x) * np.log(1 - p)


def as_torch(x, logits, *four):
    x, logits, mean, log_var, pm, plv = map(torch.from_numpy, (x, logits, *four))
    cost = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, x.expand_as(logits), reduction="none"
    )
    q = torch.distributions.Normal(mean, (log_var / 2).exp())
    p = torch.distributions.Normal(pm, (plv / 2).exp())
    return -cost.sum(-1).mean(0) - torch.distributions.kl_divergence(q, p).sum(1)


ROUNDED = (
    "right for moderate logits. For large ones the sigmoid rounds to 0 or 1, and its logarithm is "
    "-inf, or was cut off; or e^1000 is too large for a float. Work with the logits: "
    "log σ(a) = -log(1 + e^-a), np.logaddexp."
)

elbo = Task(
    "elbo",
    "elbo(x, logits, mean, log_var, prior_mean, prior_log_var): (B,) nats",
    right,
    codes_and_logits,
    mistakes(
        "this is one number: average over the pictures later; each has a bound of its own.",
        lambda *case: right(*case).mean(),
        lambda *case: right(*case).sum(),
        SHAPE,
        shape_is_not(lambda x, *_: x.shape[:1]),
        lambda *case: bound(draws=lambda a: a)(*case),
        "this is the loss, minus the bound.",
        bound(whole=lambda fit, kl: kl - fit),
        "you added the KL: it is what the code costs, and is subtracted.",
        bound(whole=lambda fit, kl: fit + kl),
        "the KL is missing: this is the reconstruction alone, and no bound.",
        bound(whole=lambda fit, kl: fit),
        "this is minus the KL: the reconstruction is missing.",
        bound(whole=lambda fit, kl: -kl),
        "you averaged over the pixels; their log-probabilities add up. (With a mean, the KL weighs "
        "as many times too much as there are pixels.)",
        bound(pixels=lambda a: a.mean(-1)),
        "you averaged the KL over the numbers of the code: the KLs of independent numbers add up.",
        bound(code=lambda a: a.mean(1)),
        "you averaged both over pixels and over the code: both are sums.",
        bound(pixels=lambda a: a.mean(-1), code=lambda a: a.mean(1)),
        "you summed over the draws of the code: the expected value is their mean.",
        bound(draws=lambda a: a.sum(0)),
        "you took the mean of the probabilities, and then its logarithm. That is another bound, "
        "importance weighting, and it would need the weights; here it is the mean of the "
        "logarithms.",
        bound(draws=lambda a: logsumexp(a, axis=0) - np.log(len(a))),
        "you used the first draw of the code only.",
        bound(draws=lambda a: a[0]),
        "this prior is not N(0, 1): use its mean and its variance.",
        bound(kl=lambda m, lv, pm, plv: normal_kl(m, lv, 0, 0)),
        "the prior's mean is missing: (μ - m)².",
        bound(kl=lambda m, lv, pm, plv: normal_kl(m, lv, 0, plv)),
        "the prior's variance is missing: it divides σ² + (μ - m)², and its logarithm counts.",
        bound(kl=lambda m, lv, pm, plv: normal_kl(m, lv, pm, 0)),
        "the arguments of the KL are swapped: it is KL(q || p), with the mean taken over q.",
        bound(kl=lambda m, lv, pm, plv: normal_kl(pm, plv, m, lv)),
        "you took log_var for log σ: σ² is exp(log_var), not exp(2 log_var).",
        bound(kl=lambda m, lv, pm, plv: normal_kl(m, 2 * lv, pm, 2 * plv)),
        "you took exp(log_var) for σ and squared it: it *is* σ². (The logarithms are right.)",
        bound(
            kl=lambda m, lv, pm, plv: (
                (plv - lv + (np.exp(2 * lv) + (m - pm) ** 2) / np.exp(2 * plv) - 1) / 2
            )
        ),
        "the logarithms are not halved, log σ = log_var / 2; with the ½ outside, log_var stands "
        "inside as it is.",
        bound(kl=lambda m, lv, pm, plv: normal_kl(m, lv, pm, plv) + (plv - lv) / 2),
        "the ½ of the KL is missing.",
        bound(kl=lambda *four: 2 * normal_kl(*four)),
        "the -1 is missing: KL must be 0 where q is the prior.",
        bound(kl=lambda *four: normal_kl(*four) + 0.5),
        "the signs of the two log-variances are exchanged: a narrow q costs more.",
        bound(kl=lambda m, lv, pm, plv: normal_kl(m, lv, pm, plv) + lv - plv),
        "zeros and ones are exchanged: where x is 1, log σ(logit).",
        bound(fit=lambda x, logits: coins(1 - x, logits)),
        "pixels without ink count as well: (1 - x) log(1 - p).",
        bound(fit=lambda x, logits: np.where(x == 1, coins(x, logits), 0)),
        "you took the logits for probabilities.",
        bound(fit=lambda x, logits: xlogy(x, logits) + xlogy(1 - x, 1 - logits)),
        bound(fit=lambda x, logits: x * logits + (1 - x) * (1 - logits)),
        "this charges squared errors, as if the pixels were normal; they are coins.",
        bound(fit=lambda x, logits: -((x - expit(logits)) ** 2)),
        bound(fit=lambda x, logits: -((x - expit(logits)) ** 2) / 2),
        ROUNDED,
        bound(fit=by_probabilities),
        bound(fit=with_epsilon),
        bound(fit=clipped),
        bound(fit=lambda x, logits: -np.log1p(np.exp(np.where(x == 1, -logits, logits)))),
    ),
    also_right=(
        as_torch,
        bound(fit=lambda x, logits: x * logits - np.logaddexp(0, logits)),
        lambda *case: as_torch(*map(np.float32, case)),
    ),
    tolerance=1e-4,  # float32 is right, too
)
