"""The third bug, a generator left in eval mode; and a walk between pictures."""

import copy
from types import SimpleNamespace

import numpy as np
import torch

from ..engine import Sign, Task, mistakes, seed_of
from .duel import duel, flat


def both_modes(variant):
    seed = seed_of(variant)
    return [(seed, True), (seed, False)]


def a_drawing(draw, seed, training):
    """What a drawing is, and what it leaves behind, with a G that has BatchNorm."""
    core, _, _, z = duel(seed)
    norm = torch.nn.BatchNorm1d(3)
    norm.running_mean += 0.7
    generator = torch.nn.Sequential(core[0], norm, *core[1:]).train(training)
    before = flat(generator), norm.running_mean.clone()
    with torch.enable_grad():
        found = draw(generator, z[0])
        switched_off = not torch.is_grad_enabled()
    return SimpleNamespace(
        found=found,
        switched_off=switched_off,
        frozen=not all(p.requires_grad for p in generator.parameters()),
        changed=not np.array_equal(flat(generator), before[0])
        or not torch.equal(norm.running_mean, before[1]),
        mode_kept={module.training for module in generator.modules()} == {training},
    )


def in_eval_mode(generator, z):
    was_training = generator.training
    images = generator.eval()(z)
    generator.train(was_training)
    return images


right_draw = torch.no_grad()(in_eval_mode)


def grad_switched_off(generator, z):
    torch.set_grad_enabled(False)
    return in_eval_mode(generator, z)


@torch.no_grad()
def without_grad(generator, z):
    return generator(z)


def then(leave):
    """A right drawing, after which ``leave(generator, z)`` leaves something else behind."""

    def draw(generator, z):
        images = right_draw(generator, z)
        leave(generator, z)
        return images

    return draw


def clean_up(generator, z):
    mode = generator.training
    try:
        with torch.inference_mode():
            return generator.eval()(z)
    finally:
        generator.train(mode)


draw = Task(
    "draw",
    "draw(generator, z): pictures in eval mode, and the generator as it was",
    right_draw,
    both_modes,
    mistakes(
        "you switched gradients off for good: nothing could train any more. "
        "`with torch.no_grad():` ends by itself.",
        Sign(lambda seen, *case: seen.switched_off),
        grad_switched_off,
        "the generator's weights were frozen (requires_grad is False), and stay so. Use "
        "`with torch.no_grad():`.",
        Sign(lambda seen, *case: seen.frozen),
        lambda generator, z: right_draw(generator.requires_grad_(False), z),
        "return a tensor of images, not {}.",
        Sign(lambda seen, *case: not torch.is_tensor(seen.found) and type(seen.found).__name__),
        lambda generator, z: right_draw(generator, z).numpy(),
        "you drew in training mode: BatchNorm takes the mean of these few z. Call "
        "generator.eval() first.",
        without_grad,
        lambda generator, z: without_grad(generator.train(), z),
        "drawing changed the generator (weights, or BatchNorm's running mean). In eval mode it "
        "only looks.",
        Sign(lambda seen, *case: seen.changed),
        then(lambda g, z: without_grad(g.train(), z)),
        "the generator is still in eval mode afterwards, and is trained on in it. Put back the "
        "mode that you found.",
        Sign(lambda seen, seed, training: training and not seen.mode_kept),
        lambda generator, z: without_grad(generator.eval(), z),
        "you always switch to training mode. This generator came in eval mode: put back the mode "
        "that you found.",
        Sign(lambda seen, seed, training: not training and not seen.mode_kept),
        then(lambda g, z: g.train()),
        "the pictures carry a gradient tape that nobody needs: draw under torch.no_grad().",
        Sign(lambda seen, *case: seen.found.requires_grad),
        in_eval_mode,
    ),
    also_right=(clean_up, lambda generator, z: without_grad(copy.deepcopy(generator).eval(), z)),
    seen=a_drawing,
    counts=lambda seen, *case: seen.found,
    tolerance=1e-4,
    otherwise="the pictures should be generator(z) in eval mode, and they are not.",
)


def two_lengths(variant):
    seed = seed_of(variant)
    return [(seed, 5), (seed, 8)]


def a_walk(walk, seed, n):
    generator, _, _, z = duel(seed)
    return walk(generator, z[0, 0], z[1, 0], n)


def along(points):
    """A walk at the points t that ``points(n)`` lists."""

    @torch.no_grad()
    def walk(generator, z_start, z_end, n):
        t = points(n)[:, None]
        return generator((1 - t) * z_start + t * z_end)

    return walk


def lerp(generator, z_start, z_end, n):
    return generator(torch.lerp(z_start[None], z_end[None], torch.linspace(0, 1, n)[:, None]))


@torch.no_grad()
def cross_fade(generator, z_start, z_end, n):
    return torch.lerp(generator(z_start), generator(z_end), torch.linspace(0, 1, n)[:, None])


@torch.no_grad()
def step_by_step(generator, z_start, z_end, n):
    points = torch.zeros(n, len(z_start))
    for i in range(n):
        points[i] = z_start + (z_end - z_start) * i / (n - 1)
    return generator(points)


walk = Task(
    "walk",
    "walk(generator, z_start, z_end, n): the images at n points of the line, both ends included",
    along(lambda n: torch.linspace(0, 1, n)),
    two_lengths,
    mistakes(
        "return a tensor of images, not {}.",
        Sign(lambda images, *case: not torch.is_tensor(images) and type(images).__name__),
        lambda *line: list(lerp(*line)),
        "you interpolated the images: that is a cross-fade. Walk in z, and let G draw each point.",
        cross_fade,
        "the walk goes backwards: at t = 0 it stands at z_start.",
        along(lambda n: 1 - torch.linspace(0, 1, n)),
        "the last point is missing: with t = i/n it stops before z_end. n points have n - 1 gaps "
        "between them.",
        along(lambda n: torch.arange(n) / n),
        "the first point, z_start itself, is missing. n points have n - 1 gaps between them.",
        along(lambda n: torch.arange(1, n + 1) / n),
        "both end points are missing: t runs from 0 to 1, and these two belong to the walk.",
        along(lambda n: torch.linspace(0, 1, n + 2)[1:-1]),
        along(lambda n: torch.linspace(0, 1, n)[1:-1]),
        "these are n + 1 points. n counts the points, both ends included.",
        along(lambda n: torch.linspace(0, 1, n + 1)),
        "n counts all points, both ends included, not only those between.",
        along(lambda n: torch.linspace(0, 1, n + 2)),
        "there should be n images, and the shape is {}.",
        Sign(lambda images, seed, n: len(images) != n and str(tuple(images.shape))),
        along(lambda n: torch.linspace(0, 1, 2 * n)),
        "the images carry a gradient tape: draw under torch.no_grad().",
        Sign(lambda images, *case: images.requires_grad),
        lerp,
    ),
    also_right=(step_by_step, torch.no_grad()(lerp)),
    seen=a_walk,
    tolerance=1e-4,
    otherwise="the images should be G((1 - t) z_start + t z_end) for n evenly spaced t from 0 to "
    "1.",
)
