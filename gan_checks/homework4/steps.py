"""One's own two steps, of D and of G."""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy, softplus
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lib import losses

from ..engine import Sign, Task, mistakes, seed_of
from .duel import Run


def duels(variant):
    """The games in which a step is tried: an even one, and one in which D is sure and wrong."""
    seed = 100 * seed_of(variant)
    return [(seed, 0.0), (seed + 1, 18.0)]


def descend(loss, optimizer, order="clear backward step", returned=torch.Tensor.item):
    """A step on a loss, in the order that somebody thinks right."""
    do = {"clear": optimizer.zero_grad, "backward": loss.backward, "step": optimizer.step}
    for verb in order.split():
        do[verb]()
    return returned(loss)


def d_step(loss=losses.discriminator_loss, fakes=lambda g, z: g(z).detach(), **how) -> Callable:
    """A discriminator_step on ``loss(real_logits, fake_logits)``."""

    def step(discriminator, generator, optimizer, real, z):
        fake = fakes(generator, z)
        return descend(loss(discriminator(real), discriminator(fake)), optimizer, **how)

    return step


def g_step(loss=losses.non_saturating_generator_loss, fakes=lambda g, z: g(z), **how) -> Callable:
    """A generator_step on ``loss(fake_logits)``."""

    def step(discriminator, generator, optimizer, z):
        return descend(loss(discriminator(fakes(generator, z))), optimizer, **how)

    return step


def seen_of(player):
    return lambda step, seed, doubt: Run(step, player, seed, doubt)


def places(run, *game):
    return np.array(run.places)


def after(run, right, player, *game):
    """Whether the weights are right and what the step returns is not."""
    expected = Run(right, player, *game)
    if not np.allclose(run.places, expected.places, rtol=1e-3, atol=1e-4):
        return None
    return expected


def about_the_loss(player, right):
    """Mistakes of a step whose weights are right."""

    def missing(run, *game):
        return run.returned[0] is None and after(run, right, player, *game)

    def no_number(run, *game):
        number = isinstance(run.returned[0], (float, int, np.number, torch.Tensor))
        return not number and after(run, right, player, *game) and type(run.returned[0]).__name__

    def wrong_number(run, *game):
        expected = after(run, right, player, *game)
        found = [float(loss) for loss in run.returned]
        return expected and not np.allclose(found, expected.returned, rtol=1e-3, atol=1e-3)

    step = d_step if player == "D" else g_step
    return (
        "the step is right, and the loss is missing: return it as a number, loss.item().",
        Sign(missing),
        step(returned=lambda loss: None),
        "the step is right; as the loss return one number, loss.item(), and not a {}.",
        Sign(no_number),
        step(returned=lambda loss: (loss.item(), 0.0)),
        step(returned=lambda loss: f"{loss.item():.4f}"),
        "the step is right, and the number that you return is not: return the loss (nats) before "
        "the step.",
        Sign(wrong_number),
        step(returned=lambda loss: -loss.item()),
    )


def about_gradients(player, step):
    """Mistakes in the order of the three lines that every step ends with."""
    return (
        f"{player}'s weights did not move: after loss.backward() comes optimizer.step().",
        Sign(lambda run, seed, doubt: run.unmoved and not run.cleared and not doubt),
        step(order="clear backward"),
        "gradients pile up: backward() adds to what an earlier step has left. Call "
        "optimizer.zero_grad() before backward().",
        step(order="backward step"),
        "you clear the gradients after the step, but the first backward() already met old ones. "
        "Call zero_grad() before backward().",
        step(order="backward step clear"),
    )


FROZEN = (
    "you froze weights and left them frozen (requires_grad is False): the next step could not "
    "train them."
)
ASLEEP = "you left a net in eval mode: the next step would train in it. Put it back with .train()."
DOZED = (
    "you put a net into eval mode for the step. Both play in training mode: in eval mode a G with "
    "BatchNorm makes other fakes than those that it is trained on. Take .eval() away."
)
EPSILON = (
    "an epsilon or a clamp in the loss: where D is sure and wrong, it takes the slope away, just "
    "where it is needed most. softplus of the logit needs neither."
)
ROUNDED = (
    "where D takes a fake for real and is sure of it, 1 - sigma has rounded to 0, and its "
    "logarithm is -inf (or was cut off, as in BCELoss): no slope is left that could teach D. "
    "softplus of the logit never rounds."
)
SUM = "you summed over the minibatch; take the mean, or the step grows with its size."
TWICE = "the sigmoid is applied twice: D gives logits, and softplus already holds the sigmoid."
TINY = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
frozen = Sign(lambda run, *game: run.frozen)
asleep = Sign(lambda run, *game: run.asleep)
dozed = Sign(lambda run, *game: run.dozed)
other_moved = Sign(lambda run, *game: run.other_moved)
cut = Sign(lambda run, *game: run.cut)
stuck_in_doubt = Sign(lambda run, seed, doubt: run.unmoved and doubt)
cleared_too_soon = Sign(lambda run, seed, doubt: run.unmoved and run.cleared and not doubt)


def rounded(run, seed, doubt):
    """The second step of a duel with doubts is wrong, where D takes all for real; the first not."""
    right = Run(right_d, "D", seed, doubt).places
    first, second = (np.allclose(*p, rtol=1e-3, atol=1e-4) for p in zip(run.places, right))
    return doubt and first and not second


def log_of(p, tiny):
    return (p + tiny).log().mean()


right_d, right_g = d_step(), g_step()


def d_in_eval_for_a_while(discriminator, generator, *rest):
    loss = right_d(discriminator, generator.eval(), *rest)
    generator.train()
    return loss


def by_hand(discriminator, generator, optimizer, real, z):
    optimizer.zero_grad()
    loss = losses.discriminator_loss(discriminator(real), discriminator(generator(z).detach()))
    loss.backward()
    with torch.no_grad():
        for p in discriminator.parameters():
            p -= optimizer.param_groups[0]["lr"] * p.grad
    return loss.item()


def one_optimizer_for_both(discriminator, generator, optimizer, real, z):
    both = torch.optim.SGD([*discriminator.parameters(), *generator.parameters()], lr=0.5)
    return d_step(fakes=lambda g, z: g(z))(discriminator, generator, both, real, z)


def without_grad(generator, z):
    with torch.no_grad():
        return generator(z)


discriminator_step = Task(
    "discriminator_step",
    "discriminator_step(discriminator, generator, optimizer, real, z): D's weights afterwards, "
    "and G's",
    right_d,
    duels,
    mistakes(
        "no gradient can reach D: its logits were detached, or made under torch.no_grad().",
        cut,
        d_step(lambda a, b: losses.discriminator_loss(a.detach(), b.detach())),
        FROZEN,
        frozen,
        lambda d, g, *rest: right_d(d, g.requires_grad_(False), *rest),
        ASLEEP,
        asleep,
        lambda d, g, *rest: right_d(d, g.eval(), *rest),
        DOZED,
        dozed,
        d_in_eval_for_a_while,
        "D's step moved the weights of G. Step with the given optimizer only: it holds D's.",
        other_moved,
        one_optimizer_for_both,
        "you let gradients flow into the generator: detach the fakes, generator(z).detach().",
        Sign(lambda run, *game: run.other_gradient),
        d_step(fakes=lambda g, z: g(z)),
        "D's weights did not move, since their gradient is 0 when the step comes: zero_grad() "
        "goes before backward().",
        cleared_too_soon,
        d_step(order="backward clear step"),
        *about_gradients("D", d_step),
        "you climb D's loss instead of descending it. The loss is minus V: both logarithms with a "
        "minus sign.",
        d_step(lambda a, b: -losses.discriminator_loss(a, b)),
        d_step(lambda a, b: -losses.discriminator_loss(a, b), returned=lambda loss: -loss.item()),
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
        d_step(lambda a, b: losses.discriminator_loss(a.sigmoid(), b.sigmoid())),
        EPSILON,
        *[
            d_step(lambda a, b, e=e: -log_of(a.sigmoid(), e) - log_of(1 - b.sigmoid(), e))
            for e in TINY
        ],
        d_step(lambda a, b: losses.discriminator_loss(a.clamp(-10, 10), b.clamp(-10, 10))),
        EPSILON,
        stuck_in_doubt,
        d_step(lambda a, b: losses.discriminator_loss(a.clamp(-8, 8), b.clamp(-8, 8))),
        ROUNDED,
        Sign(rounded),
        d_step(lambda a, b: -a.sigmoid().log().mean() - (1 - b.sigmoid()).log().mean()),
        d_step(
            lambda a, b: (
                binary_cross_entropy(a.sigmoid(), torch.ones_like(a))
                + binary_cross_entropy(b.sigmoid(), torch.zeros_like(b))
            )
        ),
        *about_the_loss("D", right_d),
    ),
    also_right=(
        d_step(lambda a, b: bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))),
        d_step(fakes=without_grad),
        lambda d, g, optimizer, *rest: (
            d.zero_grad(),
            d_step(order="backward step")(d, g, optimizer, *rest),
        )[1],
        d_step(returned=lambda loss: round(loss.item(), 4)),
    ),
    seen=seen_of("D"),
    counts=places,
    tolerance=2e-3,
    otherwise="D's weights moved, but not to where descent on its loss leads. Compare, in order: "
    "clear old gradients, the loss as the docstring has it, backward, step (with the optimizer "
    "that was given).",
)


def moves_d_too(discriminator, generator, optimizer, z):
    loss = right_g(discriminator, generator, optimizer, z)
    torch.optim.SGD(discriminator.parameters(), lr=0.5).step()
    return loss


def g_in_eval_for_a_while(discriminator, generator, *rest):
    loss = right_g(discriminator, generator.eval(), *rest)
    generator.train()
    return loss


generator_step = Task(
    "generator_step",
    "generator_step(discriminator, generator, optimizer, z): G's weights afterwards, and D's",
    right_g,
    duels,
    mistakes(
        "no gradient can reach G: the fakes were made under torch.no_grad(), or everything was "
        "detached.",
        cut,
        lambda d, g, optimizer, z: without_grad(lambda z: right_g(d, g, optimizer, z), z),
        FROZEN,
        frozen,
        lambda d, g, *rest: right_g(d.requires_grad_(False), g, *rest),
        ASLEEP,
        asleep,
        lambda d, g, *rest: right_g(d, g.eval(), *rest),
        DOZED,
        dozed,
        g_in_eval_for_a_while,
        "G's step moved the weights of D. Step with the given optimizer only: it holds G's.",
        other_moved,
        moves_d_too,
        "G's weights did not move, since their gradient is 0 when the step comes. Either the "
        "fakes were detached (and G's gradient comes through D), or zero_grad() stands between "
        "backward() and step().",
        cleared_too_soon,
        g_step(fakes=lambda g, z: g(z).detach()),
        g_step(order="backward clear step"),
        *about_gradients("G", g_step),
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
        *about_the_loss("G", right_g),
    ),
    also_right=(
        g_step(lambda a: bce(a, torch.ones_like(a))),
        g_step(lambda a: -a.sigmoid().log().mean()),
    ),
    seen=seen_of("G"),
    counts=places,
    tolerance=2e-3,
    otherwise="G's weights moved, but not to where descent on its loss leads. Compare, in order: "
    "clear old gradients, the loss as the docstring has it, backward, step (with the optimizer "
    "that was given).",
)
