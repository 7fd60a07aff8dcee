"""The smallest game, and three runs whose curves mislead."""

import math

import numpy as np
import torch

from gan_lib import models, toys, training

from ..engine import mistakes
from ..questions import LineUp, Question


def spiral(variant: int) -> tuple[float, int]:
    """(eta, factor): how many steps in the game xy until it is ``factor`` times as far out?"""
    if variant == 0:
        return 0.29, 5
    rng = np.random.default_rng(variant)
    eta = rng.choice([0.15, 0.17, 0.19, 0.21, 0.23, 0.25])
    return float(eta), int(rng.choice([5, 6, 7, 8]))


def steps_at(growth, factor):
    """How often to multiply by ``growth`` until it makes ``factor``; not a whole number."""
    return math.log(factor) / math.log(growth)


xy_steps = Question(
    "steps_needed",
    "the smallest number of simultaneous steps to be more than ``factor`` times as far out",
    lambda eta, factor: math.floor(steps_at(math.sqrt(1 + eta**2), factor)) + 1,
    spiral,
    mistakes(
        "not quite: after so many steps the distance is still below. Round up.",
        lambda eta, factor: math.floor(steps_at(math.sqrt(1 + eta**2), factor)),
        "round up to a whole number of steps.",
        lambda eta, factor: steps_at(math.sqrt(1 + eta**2), factor),
        "the root is missing: it is the *square* of the distance that grows by 1 + η² a step.",
        lambda eta, factor: math.floor(steps_at(1 + eta**2, factor)) + 1,
        "not 1 + η a step: the step is at a right angle to the way out. Use Pythagoras.",
        lambda eta, factor: math.floor(steps_at(1 + eta, factor)) + 1,
        "you added η² a step; the distance is multiplied, so you need the logarithm.",
        lambda eta, factor: math.ceil((factor - 1) / eta**2),
    ),
    tolerance=1e-4,
)

FAIR, WON, IGNORANT = STORIES = ("a fair game", "D has won", "D has learnt nothing")


def stories(variant):
    """{run: what happened in it}."""
    orders = [
        (FAIR, WON, IGNORANT),
        (FAIR, IGNORANT, WON),
        (WON, IGNORANT, FAIR),
        (WON, FAIR, IGNORANT),
        (IGNORANT, WON, FAIR),
    ]
    public = (IGNORANT, FAIR, WON)
    drawn = orders[np.random.default_rng(variant).integers(5)]
    return dict(zip("ABC", drawn if variant else public))


def three_runs(variant: int) -> dict[str, tuple]:
    """Three toy runs A, B and C: {name: (history of steps, G's samples before, and after)}."""
    bell = toys.GaussianMixture((2.0,), (0.4,), (1.0,))
    settings = dict(steps=300, batch_size=128, lr_d=4e-2, lr_g=4e-3, betas=(0.0, 0.9))
    settings |= dict(decay_from=0.5, noise="uniform", noise_dim=1)
    special = {WON: dict(lr_g=1e-4, objective="minimax"), IGNORANT: dict(lr_d=1e-30)}
    z = torch.linspace(-1, 1, 512)[:, None]
    runs = {}
    for name, story in stories(variant).items():
        generator, discriminator = models.toy_generator(seed=0), models.toy_discriminator(seed=100)
        if story == IGNORANT:
            for p in discriminator[-1].parameters():
                torch.nn.init.zeros_(p)
        chosen = settings | special.get(story, {})
        state = training.start(generator, discriminator, device="cpu", average=None, **chosen)
        before = generator(z).detach().numpy().ravel()
        history = list(training.train(state, bell.sample))
        runs[name] = history, before, generator(z).detach().numpy().ravel()
    return runs


reading = LineUp(
    "reading",
    "{run: story} for the runs A, B, C of three_runs",
    STORIES,
    stories,
    {
        (IGNORANT, FAIR): "2 log 2 alone is no success, and here G has not moved at all.",
        (FAIR, IGNORANT): "here the loss is 2 log 2 since G has arrived: look how far it moved.",
        (WON, FAIR): "a loss near 0 is no success: D knows every fake, G learns nothing.",
        (FAIR, WON): "a D that has won has a loss near 0. This one ends near 2 log 2.",
        (WON, IGNORANT): "an ignorant D has the loss 2 log 2. A loss near 0: D is always right.",
        (IGNORANT, WON): "a D that has won has a loss near 0. This one says ½ to everything.",
    },
)
