"""The losses of D and of G, and their slopes."""

import numpy as np
import torch
from torch.nn.functional import (
    binary_cross_entropy,
    logsigmoid,
    softplus,
)
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lib import losses

from ..engine import Task, mistakes, seed_of


def pairs_of_logits(variant):
    """Cases (real_logits, fake_logits) in float32, as in training: of moderate size, unequal n."""
    rng = np.random.default_rng(seed_of(variant))

    def logits(*shape):
        return torch.tensor(rng.uniform(-4, 4, shape), dtype=torch.float32)

    return [
        (torch.tensor([0.5, 1.0, -2.0]), torch.tensor([-1.0, 0.5])),
        (logits(5, 1), logits(3, 1)),
        (logits(4, 3), logits(2, 3)),
    ]


def slopes_by(n):
    """What is seen of a loss: its slopes by its first n arguments, nan where none flows."""

    def seen(loss, *case):
        logits = [a.clone().requires_grad_() for a in case[:n]]
        nowhere = np.full(sum(a.numel() for a in logits), np.nan)
        try:
            result = loss(*logits, *case[n:])
        except RuntimeError as error:
            if "requires grad" in str(error):  # it was to become a numpy array
                return nowhere
            raise
        if not torch.is_tensor(result) or not result.requires_grad:
            return nowhere
        found = torch.autograd.grad(result, logits, allow_unused=True)
        parts = [torch.full_like(a, np.nan) if g is None else g for a, g in zip(logits, found)]
        return torch.cat([part.flatten() for part in parts]).numpy()

    return seen


NO_SLOPE = (
    "the value is right, but no slope flows through it: .item(), float(), .detach() or numpy cut "
    "it off. Stay with torch."
)


def its_slopes(name, right, cases, n, *further):
    """The task that comes after a loss's value: slopes by its first n arguments."""
    return Task(
        f"{name}, its slopes",
        "",
        right,
        cases,
        mistakes(
            NO_SLOPE,
            lambda *case: right(*case).item(),
            lambda *case: right(*case).detach(),
            lambda *case: right(*[torch.tensor(a.numpy()) for a in case[:n]], *case[n:]),
            *further,
        ),
        seen=slopes_by(n),
        tolerance=1e-4,
    )


def slopes_of_both(name, right, cases):
    return its_slopes(
        name,
        right,
        cases,
        2,
        "the value is right, but no slope flows to the real logits: something cut it off there.",
        lambda r, f, *smooth: right(r.detach(), f, *smooth),
        "the value is right, but no slope flows to the fake logits: something cut it off there.",
        lambda r, f, *smooth: right(r, f.detach(), *smooth),
    )


TWICE = (
    "sigmoid is applied twice: the function that you call takes logits and applies it itself. "
    "Give it the logits."
)
SUM = "you took the sum over the samples; it would grow with the batch. Take the mean of each side."
TOGETHER = (
    "you averaged over real samples and fakes together. Each side has its own mean, and the two "
    "are added."
)
TWICE_TOGETHER = (
    "twice the mean over all of them is right only for equally many real samples and fakes. Here "
    "each side has its own mean, and the two are added."
)
NO_PROBABILITY = (
    "these are logits, any real numbers, not probabilities: apply sigmoid before you take the log."
)

discriminator_loss = Task(
    "discriminator_loss",
    "discriminator_loss(real_logits, fake_logits) in nats",
    losses.discriminator_loss,
    pairs_of_logits,
    mistakes(
        SUM,
        lambda r, f: -torch.log(r.sigmoid()).sum() - torch.log(1 - f.sigmoid()).sum(),
        TWICE,
        lambda r, f: bce(r.sigmoid(), torch.ones_like(r)) + bce(f.sigmoid(), torch.zeros_like(f)),
        "the sign is turned: this is V, which D wants large. D *descends* on its loss, so the "
        "loss is -V.",
        lambda r, f: torch.log(r.sigmoid()).mean() + torch.log(1 - f.sigmoid()).mean(),
        "real and fake are swapped: D should say 1 to the real samples and 0 to the fakes.",
        lambda r, f: softplus(r).mean() + softplus(-f).mean(),
        "the fakes' term has log D. D should say 0 to a fake: take log(1 - D) there.",
        lambda r, f: softplus(-r).mean() + softplus(-f).mean(),
        TOGETHER,
        lambda r, f: torch.cat([softplus(-r), softplus(f)]).mean(),
        TWICE_TOGETHER,
        lambda r, f: 2 * torch.cat([softplus(-r), softplus(f)]).mean(),
        "you halved it: V is the sum of the two means, not their average.",
        lambda r, f: (softplus(-r).mean() + softplus(f).mean()) / 2,
        "you divided by the length of the first axis. There may be more axes: take .mean() over "
        "all.",
        lambda r, f: softplus(-r).sum() / len(r) + softplus(f).sum() / len(f),
        NO_PROBABILITY,
        lambda r, f: -torch.log(r).mean() - torch.log(1 - f).mean(),
        "only the real samples count in this. The fakes' term, -log(1 - D), is missing.",
        lambda r, f: softplus(-r).mean(),
        "only the fakes count in this. The real samples' term, -log D, is missing.",
        lambda r, f: softplus(f).mean(),
    ),
    also_right=(
        lambda r, f: (
            binary_cross_entropy(r.sigmoid(), torch.ones(r.shape))
            + binary_cross_entropy(f.sigmoid(), torch.zeros(f.shape))
        ),
        lambda r, f: -r.sigmoid().log().mean() - (1 - f.sigmoid()).log().mean(),
        lambda r, f: -logsigmoid(r).mean() - logsigmoid(-f).mean(),
    ),
    tolerance=1e-4,
    then=(slopes_of_both("discriminator_loss", losses.discriminator_loss, pairs_of_logits),),
)


def logits_alone(variant):
    return [(logits,) for pair in pairs_of_logits(variant) for logits in pair]


right_ns = losses.non_saturating_generator_loss
non_saturating_generator_loss = Task(
    "non_saturating_generator_loss",
    "non_saturating_generator_loss(fake_logits) in nats",
    right_ns,
    logits_alone,
    mistakes(
        "this is the minimax loss, log(1 - D), which saturates where D is sure of a fake. The "
        "non-saturating one is -log D.",
        lambda f: torch.log(1 - f.sigmoid()).mean(),
        "you took the sum over the fakes; it would grow with the batch. Take the mean.",
        lambda f: -torch.log(f.sigmoid()).sum(),
        TWICE,
        lambda f: bce(f.sigmoid(), torch.ones_like(f)),
        "you gave the fakes the label 0, which is D's wish. G wants D to say *real*: label 1, "
        "that is -log D.",
        lambda f: bce(f, torch.zeros_like(f)),
        "the sign is turned: descending on log D makes D disbelieve the fakes. G descends on "
        "-log D.",
        lambda f: torch.log(f.sigmoid()).mean(),
        NO_PROBABILITY,
        lambda f: -torch.log(f).mean(),
        "there is one loss for each fake here. Take their mean, so that the loss is one number.",
        lambda f: softplus(-f),
        "this is -D, without the logarithm. The loss is -log D.",
        lambda f: -f.sigmoid().mean(),
    ),
    tolerance=1e-4,
    then=(its_slopes("non_saturating_generator_loss", right_ns, logits_alone, 1),),
)


def smoothed_pairs(variant):
    sizes = (0.1, 0.15 + 0.01 * (seed_of(variant) % 10))
    return [(*pair, smooth) for pair, smooth in zip(pairs_of_logits(variant), sizes)]


def labelled(a, label, **how):
    """Cross-entropy with one label for all."""
    return bce(a, torch.full_like(a, label), **how)


def right_smoothed(r, f, s):
    return labelled(r, 1 - s) + labelled(f, 0)


def all_together(r, f, s):
    labels = torch.cat([torch.full_like(r, 1 - s), torch.zeros_like(f)])
    return bce(torch.cat([r, f]), labels)


smoothed_discriminator_loss = Task(
    "smoothed_discriminator_loss",
    "smoothed_discriminator_loss(real_logits, fake_logits, smooth): real samples have the label "
    "1 - smooth, fakes 0",
    right_smoothed,
    smoothed_pairs,
    mistakes(
        "you smoothed both sides. Keep the fakes at label 0: else bad samples are called a little "
        "real.",
        lambda r, f, s: labelled(r, 1 - s) + labelled(f, s),
        "you smoothed the fakes. It is the *real* samples whose label becomes 1 - smooth; fakes "
        "keep 0.",
        lambda r, f, s: labelled(r, 1) + labelled(f, s),
        "you smoothed the wrong way: the label 1 + smooth makes D surer still. It is 1 - smooth.",
        lambda r, f, s: labelled(r, 1 + s) + labelled(f, 0),
        "the label of the real samples is 1 - smooth, not smooth: a real sample is mostly real.",
        lambda r, f, s: labelled(r, s) + labelled(f, 0),
        "there is no smoothing in this: the real samples' label is still 1.",
        lambda r, f, s: labelled(r, 1) + labelled(f, 0),
        "you only scaled the real term by 1 - smooth. The rest of the label counts, too: -smooth "
        "· log(1 - D) on real samples.",
        lambda r, f, s: (1 - s) * labelled(r, 1) + labelled(f, 0),
        "real and fake are swapped: the label 1 - smooth is for the real samples.",
        lambda r, f, s: labelled(f, 1 - s) + labelled(r, 0),
        TWICE,
        lambda r, f, s: labelled(r.sigmoid(), 1 - s) + labelled(f.sigmoid(), 0),
        SUM,
        lambda r, f, s: labelled(r, 1 - s, reduction="sum") + labelled(f, 0, reduction="sum"),
        TOGETHER,
        all_together,
        TWICE_TOGETHER,
        lambda r, f, s: 2 * all_together(r, f, s),
        "the sign is turned: D descends on its loss, which is at least 0.",
        lambda r, f, s: -labelled(r, 1 - s) - labelled(f, 0),
    ),
    tolerance=1e-4,
    then=(slopes_of_both("smoothed_discriminator_loss", right_smoothed, smoothed_pairs),),
)
