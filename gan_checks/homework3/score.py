"""A score that turns to inf and nan, and its mending."""

import math

import numpy as np
import torch
from torch.nn.functional import (
    binary_cross_entropy,
    logsigmoid,
)
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from ..engine import Sign, Task, mistakes, seed_of
from .losses import its_slopes

SIZES = (20.0, 60.0, 110.0, 1e4)  # of logits; with a fifth, about 200, that a variant decides


def right_score(a, t):
    return (t * logsigmoid(a) + (1 - t) * logsigmoid(-a)).mean()


def naive(log_d, log_not_d):
    """A score from the logarithms of D and of 1 - D, functions of the logit."""
    return lambda a, t: (t * log_d(a) + (1 - t) * log_not_d(a)).mean()


def with_epsilon(epsilon):
    return naive(
        lambda a: torch.log(a.sigmoid() + epsilon), lambda a: torch.log(1 - a.sigmoid() + epsilon)
    )


def log_d(a):
    return torch.log(a.sigmoid())


def log_not_d(a):
    return torch.log(1 - a.sigmoid())


def moderate(variant):
    rng = np.random.default_rng(seed_of(variant))
    logits = [torch.tensor([1.0, -2.0, 0.5]).double(), torch.tensor(rng.uniform(-4, 4, 5))]
    labels = [torch.tensor([1.0, 0, 0]).double(), torch.tensor([1.0, 0, 1, 1, 0]).double()]
    return list(zip(logits, labels))


def large(variant):
    """For each size a case in which D is sure and wrong, and one in which it is sure and right."""
    return [
        (torch.tensor([-size, size, 0.5]), torch.tensor(labels))
        for size in (200.0 + seed_of(variant) % 50, *SIZES)
        for labels in ([1.0, 0.0, 1.0], [0.0, 1.0, 0.0])
    ]


def alone_and_together(answer, a, t):
    """The score of a case, and that of each of its samples."""
    return answer(a, t), [float(answer(a[i : i + 1], t[i : i + 1])) for i in range(len(a))]


def first_size(found):
    """A sign that is looked for at logits of about 200, where D is sure and wrong."""

    def shows(seen, a, t):
        size, (real, fake, _) = a[1].item(), seen[1]
        return 150 < size < 300 and t[0] == 1 and found(size, real, fake)

    return Sign(shows)


def infinite_real(size, real, fake):
    return not math.isfinite(real) and f"at a = -{size:.0f} a real sample still scores {real}"


def infinite_fake(size, real, fake):
    return not math.isfinite(fake) and f"at a = {size:.0f} a fake scores {fake}"


def huge(size, real, fake):
    worse = min(real, fake)
    return worse < -2 * size and f"{worse:.3g} where the true score is -{size:.0f}"


def stops(size, real, fake):
    worse = max(real, fake, key=lambda score: abs(score + size))
    return abs(worse + size) > 1e-3 and f"{worse:.4g}, where it should be -{size:.0f}"


def off_elsewhere(seen, a, t):
    size = a[1].item()
    for who, logit, score in zip(("real sample", "fake"), a.tolist(), seen[1]):
        if t[0] == 1 and not math.isclose(score, -size, rel_tol=1e-4):
            return f"at a = {logit:.0f} a {who} scores {score}, where it should be -{size:.0f}"


def threshold(a, t):
    real = torch.where(a < -100, a, log_d(a))
    return torch.where(t == 1, real, torch.where(a > 100, -a, log_not_d(a))).mean()


def threshold_where_wrong(a, t):
    wrong = (a.abs() > 15) & ((t == 1) == (a < 0))
    return torch.where(wrong, -a.abs(), t * log_d(a) + (1 - t) * log_not_d(a)).mean()


def right_values_by_where(a, t):
    real = torch.where(a > -50, log_d(a), a)
    return torch.where(t > 0.5, real, torch.where(a < 16, log_not_d(a), -a)).mean()


LARGE = Task(
    "mended_score, large logits",
    "",
    right_score,
    large,
    mistakes(
        "{}. Either sigma(a) has rounded to 0 before the log sees it, or e^(-a) has overflowed; "
        "nothing done afterwards brings it back. Go from the logit in one step: logsigmoid(a).",
        first_size(infinite_real),
        naive(log_d, log_not_d),
        lambda a, t: torch.where(t > 0.5, log_d(a), log_not_d(a)).mean(),
        "the real side is mended, but {}: 1 - sigma(a) has rounded to 0 (in float64, too, only "
        "later). Use log(1 - sigma(a)) = logsigmoid(-a).",
        first_size(infinite_fake),
        naive(logsigmoid, log_not_d),
        lambda a, t: naive(log_d, log_not_d)(a.double(), t),
        "you painted over the inf with a huge number: {}. logsigmoid gives it.",
        first_size(huge),
        lambda a, t: torch.nan_to_num(t * log_d(a) + (1 - t) * log_not_d(a)).mean(),
        "the score stops at {}: an epsilon or a clamp has cut it off. Its slope is 0 there, and D "
        "no longer learns from its worst mistake. Use logsigmoid, which needs neither.",
        first_size(stops),
        with_epsilon(1e-7),
        with_epsilon(1e-8),
        with_epsilon(1e-12),
        lambda a, t: -bce(a.clamp(-50, 50), t),
        lambda a, t: -binary_cross_entropy(a.sigmoid(), t),  # PyTorch clamps the log at -100
        lambda a, t: naive(torch.log, lambda d: torch.log(1 - d))(
            a.sigmoid().clamp(1e-6, 1 - 1e-6), t
        ),
        "right for logits of about 200, but {}. A threshold, a clamp or more digits only move the "
        "trouble to another logit. logsigmoid needs none of them.",
        Sign(off_elsewhere),
        naive(lambda a: a.double().sigmoid().log(), lambda a: (-a.double()).sigmoid().log()),
        lambda a, t: -bce(a.clamp(-500, 500), t),
        threshold,
        "where D is sure and *right* this is nan, since 0 · log 0 is. Take logsigmoid(a) and "
        "logsigmoid(-a), which are finite, in both terms.",
        Sign(lambda seen, a, t: math.isnan(seen[0])),
        threshold_where_wrong,
    ),
    seen=alone_and_together,
    counts=lambda seen, a, t: seen[0],
)
SLOPES = its_slopes(
    "mended_score",
    right_score,
    large,
    1,
    "the values are right, but a slope is nan. torch.where does not help: the branch not taken "
    "sends 0 · inf back. Use logsigmoid.",
    Sign(lambda slopes, a, t: np.isnan(slopes).any()),
    right_values_by_where,
)

mended_score = Task(
    "mended_score, moderate logits",
    "mended_score(logits, labels): the mean log-probability of the truth, right for every logit, "
    "with its slope",
    right_score,
    moderate,
    mistakes(
        "the sign is turned: this is the cross-entropy, a loss. The score is minus that, at most "
        "0.",
        lambda a, t: bce(a, t),
        "you took a mean for each side and added the two. Here it is one mean, over all samples.",
        lambda a, t: logsigmoid(a[t == 1]).mean() + logsigmoid(-a[t == 0]).mean(),
        "you took the sum. The score is the mean over the samples.",
        lambda a, t: (t * logsigmoid(a) + (1 - t) * logsigmoid(-a)).sum(),
        "sigmoid is applied twice: logsigmoid and the like take the logit itself.",
        lambda a, t: -bce(a.sigmoid(), t),
        "the labels are swapped: 1 is real, and a real sample counts log D.",
        lambda a, t: ((1 - t) * logsigmoid(a) + t * logsigmoid(-a)).mean(),
        "only the real samples count in this. A fake counts log(1 - D) = logsigmoid(-a).",
        lambda a, t: (t * logsigmoid(a)).mean(),
        "for the fakes you took -logsigmoid(a). The minus belongs inside: log(1 - sigma(a)) = "
        "logsigmoid(-a).",
        lambda a, t: (t * logsigmoid(a) - (1 - t) * logsigmoid(a)).mean(),
        "an epsilon inside the log falsifies every score, and for large logits it cuts the slope "
        "off. Use logsigmoid, which needs none.",
        *[with_epsilon(10.0**-n) for n in range(2, 7)],
    ),
    also_right=(
        lambda a, t: -bce(a, t),
        lambda a, t: -torch.logaddexp(torch.zeros_like(a), torch.where(t == 1, -a, a)).mean(),
        lambda a, t: -(torch.relu(a) - a * t + torch.log1p(torch.exp(-a.abs()))).mean(),
    ),
    then=(LARGE, SLOPES),
)
