"""A step of a critic whose weights are clipped, as people write it."""

import numpy as np
import torch
from torch.nn.functional import softplus

from ..engine import Task, mistakes, seed_of
from ..homework4.descent import about_what_is_left, close, sign
from ..homework4.duel import Run


def limits(variant):
    """(seed of the nets, limit): one cuts off most of the weights, one a few."""
    seed = 100 * seed_of(variant)
    return [(seed + 6, 0.4), (seed + 7, 1.2)]


def critic_loss(on_real, on_fake):
    return on_fake.mean() - on_real.mean()


@torch.no_grad()
def cut_off(critic, limit):
    for p in critic.parameters():
        p.clamp_(-limit, limit)


def c_step(
    loss=critic_loss,
    order="clear backward step clip",
    clip=cut_off,
    fakes=lambda g, z: g(z).detach(),
    returned=lambda loss: -loss.item(),
):
    """A critic_step with one's own loss, order, clipping, or number to return."""

    def step(critic, g, optimizer, real, z, limit):
        value = loss(critic(real), critic(fakes(g, z)))
        do = {"clear": optimizer.zero_grad, "backward": value.backward, "step": optimizer.step}
        do["clip"] = lambda: clip(critic, limit)
        for verb in order.split():
            do[verb]()
        return returned(value)

    return step


right = c_step()


def seen_steps(step, seed, limit):
    """Two steps, and how they compare with right ones."""
    run = Run(lambda *nets: step(*nets, limit), "D", seed, 0.0)
    expected = Run(lambda *nets: right(*nets, limit), "D", seed, 0.0)
    run.landed = close(run.places, expected.places)
    run.expected, run.largest = expected.returned, np.abs(run.places).max()
    return run


def by_hand(critic, g, optimizer, real, z, limit):
    optimizer.zero_grad()
    with torch.no_grad():
        fake = g(z)
    estimate = critic(real).mean() - critic(fake).mean()
    (-estimate).backward()
    optimizer.step()
    for p in critic.parameters():
        p.data = p.data.clamp(-limit, limit)
    return estimate


@torch.no_grad()
def without_biases(critic, limit):
    for p in critic.parameters():
        if p.ndim > 1:
            p.clamp_(-limit, limit)


@torch.no_grad()
def from_above(critic, limit):
    for p in critic.parameters():
        p.clamp_(max=limit)


def copies(critic, limit):
    for p in critic.parameters():
        p = p.clamp(-limit, limit)


@torch.no_grad()
def scaled(critic, limit):
    for p in critic.parameters():
        p *= min(1.0, limit / p.abs().max().item())


def gradients(critic, limit):
    torch.nn.utils.clip_grad_value_(critic.parameters(), limit)


def gradient_norm(critic, limit):
    torch.nn.utils.clip_grad_norm_(critic.parameters(), limit)


def clips_first(critic, g, optimizer, real, z, limit):
    cut_off(critic, limit)
    return c_step(order="clear backward step")(critic, g, optimizer, real, z, limit)


def clips_both(critic, g, *rest):
    found = right(critic, g, *rest)
    cut_off(g, rest[-1])
    return found


def trains_both(critic, g, optimizer, real, z, limit):
    both = torch.optim.SGD([*critic.parameters(), *g.parameters()], lr=0.5)
    return c_step(fakes=lambda g, z: g(z))(critic, g, both, real, z, limit)


def wrong_number(run):
    try:
        found = [float(estimate) for estimate in run.returned]
    except (TypeError, ValueError):
        found = None
    return run.landed and (found is None or not close(found, run.expected))


critic_step = Task(
    "critic_step",
    "critic_step(critic, generator, optimizer, real, z, limit): the critic's weights afterwards",
    right,
    limits,
    mistakes(
        "no gradient can reach the critic: its answers were detached, or made under "
        "torch.no_grad().",
        sign(lambda run: run.cut),
        c_step(lambda a, b: critic_loss(a.detach(), b.detach())),
        *about_what_is_left(right, freeze=lambda d, g: (d, g.requires_grad_(False))),
        "the critic's step moved the weights of G. Step with the given optimizer, and clip the "
        "critic only.",
        sign(lambda run: run.other_moved),
        clips_both,
        trains_both,
        "you let gradients flow into the generator: detach the fakes, generator(z).detach().",
        sign(lambda run: run.other_gradient),
        c_step(fakes=lambda g, z: g(z)),
        "the wrong way: this critic learns to give the *fakes* the higher price. It descends "
        "E f(G(z)) - E f(x).",
        c_step(lambda a, b: a.mean() - b.mean()),
        c_step(lambda a, b: a.mean() - b.mean(), returned=torch.Tensor.item),
        "you clip *before* the step, so the step carries weights beyond the limit again, and with "
        "these the critic is used. Clip last.",
        c_step(order="clear backward clip step"),
        clips_first,
        "weights beyond the limit are still there. (`p = p.clamp(...)` makes a new tensor and "
        "leaves the net as it is; `p.data.clamp_(...)`, with the underscore, changes it.)",
        c_step(clip=copies),
        c_step(order="clear backward step"),
        "you clipped the gradient, not the weights: that bounds the length of a step, and not "
        "the slope of the critic.",
        c_step(order="clear backward clip step", clip=gradients),
        c_step(order="clear backward clip step", clip=gradient_norm),
        "you clipped the matrices and left the biases: clip *all* parameters.",
        c_step(clip=without_biases),
        "you cut off from above only; a weight of -5 makes the critic as steep as one of 5. Clip "
        "to [-limit, limit].",
        c_step(clip=from_above),
        "you scaled each tensor down to its largest weight. Clipping cuts off what sticks out and "
        "leaves the other weights alone.",
        c_step(clip=scaled),
        "the sigmoid's loss is still there: that is D's cross-entropy. A critic's answers are "
        "prices, and go into the loss as they are.",
        c_step(lambda a, b: softplus(-a).mean() + softplus(b).mean()),
        "a sigmoid has squeezed the prices into (0, 1), so no two can differ by more than 1. "
        "A critic has none.",
        c_step(lambda a, b: critic_loss(a.sigmoid(), b.sigmoid())),
        "that is the hinge loss: whoever is right by a margin of 1 is done. The critic's loss is "
        "E f(G(z)) - E f(x), without a margin.",
        c_step(lambda a, b: (1 - a).relu().mean() + (1 + b).relu().mean()),
        "you summed over the minibatch; take means, or the step grows with its size.",
        c_step(lambda a, b: b.sum() - a.sum()),
        "only the fakes are in your loss: subtract the mean price of the real samples.",
        c_step(lambda a, b: b.mean()),
        "only the real samples are in your loss: add the mean price of the fakes.",
        c_step(lambda a, b: -a.mean()),
        "gradients pile up: backward() adds to what an earlier step has left. Call "
        "optimizer.zero_grad() before backward().",
        c_step(order="backward step clip"),
        c_step(order="backward step clip clear"),
        "nothing was learnt, only clipped: either optimizer.step() is missing, or zero_grad() "
        "stands between backward() and step(), and takes the gradient away.",
        c_step(order="backward clear step clip"),
        c_step(order="clear backward clip"),
        "the step is right, and the number that you return is not: return the estimate "
        "E f(x) - E f(G(z)) before the step, as a number.",
        sign(wrong_number),
        c_step(returned=torch.Tensor.item),
        c_step(returned=lambda loss: None),
    ),
    also_right=(by_hand,),
    seen=seen_steps,
    counts=lambda run, *case: run.places,
    tolerance=2e-3,
    otherwise="the weights moved, but not to where descent and clipping lead. In order: clear old "
    "gradients, E f(G(z)) - E f(x), backward, step (with the given optimizer), clip.",
)
