"""Five runs of one small loop, four of them with a bug: what their owners see, and who is who."""

import functools
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import softplus

from gan_lib import models, toys

from ..questions import LineUp, dealt

HEALTHY, SLOW, HALF, TURNED, CUT = BUGS = (
    "healthy",
    "D learns too slowly",
    "D is shown half of the data",
    "labels are turned for G",
    "G's step detaches the fakes",
)
HEAPS = toys.ring(4, std=0.15)


class Chart(NamedTuple):
    """What is seen of a run: both losses (nats) of each step, and 400 samples at the end."""

    d_loss: np.ndarray
    g_loss: np.ndarray
    samples: np.ndarray


def stored_rows(seed: int) -> torch.Tensor:
    """400 rows of data, stored heap by heap, as a folder for each class would be read."""
    rng = torch.Generator().manual_seed(seed)
    centres = torch.tensor(HEAPS.centres, dtype=torch.float32).repeat_interleave(100, 0)
    return centres + HEAPS.std * torch.randn(400, 2, generator=rng)


@functools.cache
def play(bug: str, seed: int, steps: int = 300) -> Chart:
    """The loop, with one of the bugs.

    Of eight seeds the healthy loop draws all four heaps in seven, the one with half of the data two
    heaps in all, and the one with a slow D at most one.
    """
    rng, data = torch.Generator().manual_seed(seed), stored_rows(seed)
    used = data[:200] if bug == HALF else data
    leaky = functools.partial(torch.nn.LeakyReLU, 0.2)
    g = models.plane_generator(2, (32, 32), leaky, seed=2 * seed)
    d = models.plane_discriminator((32, 32), slope=0.2, seed=2 * seed + 1)
    lr_d = 4e-4 if bug == SLOW else 8e-3
    g_optimizer = torch.optim.Adam(g.parameters(), 4e-3, (0.5, 0.99), fused=True)
    d_optimizer = torch.optim.Adam(d.parameters(), lr_d, (0.5, 0.99), fused=True)
    history = []
    for _ in range(steps):
        real = used[torch.randint(len(used), (64,), generator=rng)]
        fake = g(torch.randn(64, 2, generator=rng))
        d_loss = softplus(-d(real)).mean() + softplus(d(fake.detach())).mean()
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        logits = d(fake.detach() if bug == CUT else fake)
        g_loss = softplus(logits if bug == TURNED else -logits).mean()
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        history.append((d_loss.item(), g_loss.item()))
    with torch.no_grad():
        samples = g(torch.randn(400, 2, generator=rng)).numpy()
    return Chart(*np.array(history).T, samples)


def beds(variant: int) -> dict[str, str]:
    """{letter: its bug}."""
    return dealt(BUGS, lambda variant: np.random.default_rng([68, variant]), variant)


def sick_runs(variant: int) -> tuple[np.ndarray, dict[str, Chart]]:
    """The data (400, 2), and {letter: what is seen of its run}."""
    seed = 2 * (variant % 2)
    runs = {letter: play(bug, seed) for letter, bug in beds(variant).items()}
    return stored_rows(seed).numpy(), runs


patients = LineUp(
    "the ward",
    "{letter: its bug}, for the five runs of sick_runs",
    BUGS,
    beds,
    {
        (HALF, SLOW): "a slow D herds all fakes into a loose clump. Here they fill two heaps well: "
        "D knows these two, and knows of no others.",
        (SLOW, HALF): "if D were shown two heaps only, G would learn to draw these two. Here "
        "G sits in one clump.",
        (HALF, HEALTHY): "the losses look healthy, and two of the four heaps are missing.",
        (SLOW, HEALTHY): "losses near 2 log 2 and log 2 say that D is unsure. Look at the samples: "
        "it has reason to be sure.",
        (TURNED, CUT): "both losses are near 0: G *wants* what D wants. A G that is not taught "
        "keeps a large loss.",
        (CUT, TURNED): "with turned labels both losses fall to 0. Here G's is large, and nothing "
        "is done about it.",
        (TURNED, ""): "here both losses are near 0, and that is no success: in a game somebody has "
        "to lose.",
        (CUT, ""): "here D's loss is near 0 and G's is large: D is always right, and G never "
        "moves.",
        (HALF, ""): "two heaps are drawn well, the other two never, and the losses are those of a "
        "fair game.",
        (SLOW, ""): "in the last 100 steps the losses stay near 2 log 2 and log 2, and the samples "
        "lie in one clump or streak.",
        (HEALTHY, ""): "this one draws all four heaps, and its losses are those of a fair game.",
    },
    telling=HEALTHY,
    once=True,
    passed="the ward: all five",
)
