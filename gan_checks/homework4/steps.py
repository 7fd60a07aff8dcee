"""One's own two steps, of D and of G."""

import torch
from torch.nn.functional import binary_cross_entropy, softplus
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lib.losses import discriminator_loss

from ..engine import UNNAMED, Sign, Task, mistakes, seed_of
from .descent import (
    about_order,
    about_the_loss,
    about_what_is_left,
    d_step,
    g_step,
    seen_of,
    sign,
)


def duels(variant):
    """The games in which a step is tried: an even one, and one in which D is sure and wrong."""
    seed = 100 * seed_of(variant)
    return [(seed, 0.0), (seed + 1, 18.0)]


EPSILON = (
    "an epsilon or a clamp in the loss: where D is sure and wrong, it takes the slope away, just "
    "where it is needed most. softplus of the logit needs neither."
)
ELSEWHERE = (
    "weights moved, but not to where descent on its loss leads. Compare, in order: clear old "
    "gradients, the loss as the docstring has it, backward, step (with the optimizer that was "
    "given)."
)
SUM = "you summed over the minibatch; take the mean, or the step grows with its size."
TWICE = "the sigmoid is applied twice: D gives logits, and softplus already holds the sigmoid."
TINY = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
stuck_in_doubt = Sign(lambda run, seed, doubt: run.unmoved and doubt)
cleared_too_soon = Sign(lambda run, seed, doubt: run.unmoved and run.cleared and not doubt)


def log_of(p, tiny=0.0):
    return (p + tiny).log().mean()


right_d, right_g = d_step(), g_step()


def by_hand(d, g, optimizer, real, z):
    loss = d_step(order="clear backward", returned=lambda loss: loss)(d, g, optimizer, real, z)
    with torch.no_grad():
        for p in d.parameters():
            p -= optimizer.param_groups[0]["lr"] * p.grad
    return loss.item()


def one_optimizer_for_both(d, g, optimizer, real, z):
    both = torch.optim.SGD([*d.parameters(), *g.parameters()], lr=0.5)
    return d_step(fakes=lambda g, z: g(z))(d, g, both, real, z)


@torch.no_grad()
def without_grad(generator, z):
    return generator(z)


def by_the_net(d, g, optimizer, real, z):
    d.zero_grad()
    return d_step(order="backward step")(d, g, optimizer, real, z)


discriminator_step = Task(
    "discriminator_step",
    "discriminator_step(discriminator, generator, optimizer, real, z): D's weights afterwards, "
    "and G's",
    right_d,
    duels,
    mistakes(
        "no gradient can reach D: its logits were detached, or made under torch.no_grad().",
        sign(lambda run: run.cut),
        d_step(lambda a, b: discriminator_loss(a.detach(), b.detach())),
        *about_what_is_left(right_d, freeze=lambda d, g: (d, g.requires_grad_(False))),
        "D's step moved the weights of G. Step with the given optimizer only: it holds D's.",
        sign(lambda run: run.other_moved),
        one_optimizer_for_both,
        "you let gradients flow into the generator: detach the fakes, generator(z).detach().",
        sign(lambda run: run.other_gradient),
        d_step(fakes=lambda g, z: g(z)),
        "D's weights did not move, since their gradient is 0 when the step comes: zero_grad() "
        "goes before backward().",
        cleared_too_soon,
        d_step(order="backward clear step"),
        *about_order(d_step, "D"),
        "you climb D's loss instead of descending it. The loss is minus V: both logarithms with a "
        "minus sign.",
        d_step(lambda a, b: -discriminator_loss(a, b)),
        d_step(lambda a, b: -discriminator_loss(a, b), returned=lambda loss: -loss.item()),
        SUM,
        d_step(lambda a, b: softplus(-a).sum() + softplus(b).sum()),
        "you averaged real and fake terms together, and that is half the loss. It is the sum of "
        "two means.",
        d_step(lambda a, b: (softplus(-a).mean() + softplus(b).mean()) / 2),
        "the labels are swapped: D learns to call the fakes real. Real is 1, fake is 0.",
        d_step(lambda a, b: softplus(a).mean() + softplus(-b).mean()),
        "only the real half of the loss is there: add the mean of softplus(fake_logits).",
        d_step(lambda a, b: softplus(-a).mean()),
        "only the fake half of the loss is there: add the mean of softplus(-real_logits).",
        d_step(lambda a, b: softplus(b).mean()),
        "both halves ask D to say 'real'. For the fakes it is log(1 - D), so softplus(+logits).",
        d_step(lambda a, b: softplus(-a).mean() + softplus(-b).mean()),
        TWICE,
        d_step(lambda a, b: discriminator_loss(a.sigmoid(), b.sigmoid())),
        EPSILON,
        *[
            d_step(lambda a, b, e=e: -log_of(a.sigmoid(), e) - log_of(1 - b.sigmoid(), e))
            for e in TINY
        ],
        d_step(lambda a, b: discriminator_loss(a.clamp(-10, 10), b.clamp(-10, 10))),
        EPSILON,
        stuck_in_doubt,
        d_step(lambda a, b: discriminator_loss(a.clamp(-8, 8), b.clamp(-8, 8))),
        "where D takes a fake for real and is sure of it, 1 - sigma has rounded to 0, and its "
        "logarithm is -inf (or was cut off, as in BCELoss): no slope is left that could teach D. "
        "softplus of the logit never rounds.",
        d_step(lambda a, b: -log_of(a.sigmoid()) - log_of(1 - b.sigmoid())),
        d_step(
            lambda a, b: (
                binary_cross_entropy(a.sigmoid(), torch.ones_like(a))
                + binary_cross_entropy(b.sigmoid(), torch.zeros_like(b))
            )
        ),
        *about_the_loss(d_step),
        UNNAMED,
        by_hand,
    ),
    also_right=(
        d_step(lambda a, b: bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))),
        d_step(fakes=without_grad),
        d_step(returned=lambda loss: round(loss.item(), 4)),
        by_the_net,
    ),
    seen=seen_of("D", right_d),
    counts=lambda run, *game: run.places,
    tolerance=2e-3,
    otherwise=f"D's {ELSEWHERE}",
)


def moves_d_too(d, g, optimizer, z):
    loss = right_g(d, g, optimizer, z)
    torch.optim.SGD(d.parameters(), lr=0.5).step()
    return loss


generator_step = Task(
    "generator_step",
    "generator_step(discriminator, generator, optimizer, z): G's weights afterwards, and D's",
    right_g,
    duels,
    mistakes(
        "no gradient can reach G: the fakes were made under torch.no_grad(), or everything was "
        "detached.",
        sign(lambda run: run.cut),
        lambda d, g, optimizer, z: without_grad(lambda z: right_g(d, g, optimizer, z), z),
        *about_what_is_left(right_g, freeze=lambda d, g: (d.requires_grad_(False), g)),
        "G's step moved the weights of D. Step with the given optimizer only: it holds G's.",
        sign(lambda run: run.other_moved),
        moves_d_too,
        "G's weights did not move, since their gradient is 0 when the step comes. Either the "
        "fakes were detached (and G's gradient comes through D), or zero_grad() stands between "
        "backward() and step().",
        cleared_too_soon,
        g_step(fakes=lambda g, z: g(z).detach()),
        g_step(order="backward clear step"),
        *about_order(g_step, "G"),
        "this is the saturating loss, log(1 - D(G(z))). Descend -log D(G(z)): softplus(-logits).",
        g_step(lambda a: -softplus(a).mean()),
        "you descend D's loss for fakes: so G learns to be caught. It wants D to say 'real': "
        "softplus(-logits).",
        g_step(lambda a: softplus(a).mean()),
        "you climb -log D(G(z)) instead of descending it: check the sign.",
        g_step(lambda a: -softplus(-a).mean()),
        SUM,
        g_step(lambda a: softplus(-a).sum()),
        TWICE,
        g_step(lambda a: softplus(-a.sigmoid()).mean()),
        "the logarithm is missing: you descend -D(G(z)), and the loss is -log D(G(z)).",
        g_step(lambda a: -a.sigmoid().mean()),
        "you descend minus the logit, a critic's loss as in a Wasserstein GAN. Here it is "
        "-log D(G(z)).",
        g_step(lambda a: -a.mean()),
        EPSILON,
        *[g_step(lambda a, e=e: -log_of(a.sigmoid(), e)) for e in TINY],
        g_step(lambda a: softplus(-a.clamp(-10, 10)).mean()),
        EPSILON,
        stuck_in_doubt,
        g_step(lambda a: softplus(-a.clamp(-8, 8)).mean()),
        *about_the_loss(g_step),
    ),
    also_right=(
        g_step(lambda a: bce(a, torch.ones_like(a))),
        g_step(lambda a: -log_of(a.sigmoid())),
    ),
    seen=seen_of("G", right_g),
    counts=lambda run, *game: run.places,
    tolerance=2e-3,
    otherwise=f"G's {ELSEWHERE}",
)
