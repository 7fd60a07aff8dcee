"""Steps as people write them, what is seen of them, and mistakes that both players make."""

from collections.abc import Callable

import numpy as np
import torch

from gan_lib.losses import discriminator_loss, non_saturating_generator_loss

from ..engine import Sign
from .duel import Run


def descend(loss, optimizer, order="clear backward step", returned=torch.Tensor.item):
    """A step on a loss, in the order that somebody thinks right."""
    do = {"clear": optimizer.zero_grad, "backward": loss.backward, "step": optimizer.step}
    for verb in order.split():
        do[verb]()
    return returned(loss)


def d_step(loss=discriminator_loss, fakes=lambda g, z: g(z).detach(), **how) -> Callable:
    """A discriminator_step on ``loss(real_logits, fake_logits)``."""

    def step(d, g, optimizer, real, z):
        fake = fakes(g, z)
        return descend(loss(d(real), d(fake)), optimizer, **how)

    return step


def g_step(loss=non_saturating_generator_loss, fakes=lambda g, z: g(z), **how) -> Callable:
    """A generator_step on ``loss(fake_logits)``."""

    def step(d, g, optimizer, z):
        return descend(loss(d(fakes(g, z))), optimizer, **how)

    return step


def seen_of(player, right):
    """Two steps, and how they compare with right ones."""

    def seen(step, seed, doubt):
        run, expected = Run(step, player, seed, doubt), Run(right, player, seed, doubt)
        run.landed = [close(*places) for places in zip(run.places, expected.places)]
        run.expected = expected.returned
        return run

    return seen


def close(a, b):
    return np.allclose(a, b, rtol=1e-3, atol=1e-4)


def sign(shows):
    """A sign of which the case does not matter."""
    return Sign(lambda run, *game: shows(run))


def about_the_loss(step):
    """Mistakes of a step that moves the weights as it should."""
    numbers = (float, int, np.number, torch.Tensor)

    def no_number(run):
        found = run.returned[0]
        return all(run.landed) and not isinstance(found, numbers) and type(found).__name__

    def wrong_number(run):
        found = [float(loss) for loss in run.returned]
        return all(run.landed) and not close(found, run.expected)

    return (
        "the step is right, and the loss is missing: return it as a number, loss.item().",
        sign(lambda run: all(run.landed) and run.returned[0] is None),
        step(returned=lambda loss: None),
        "the step is right; as the loss return one number, loss.item(), and not a {}.",
        sign(no_number),
        step(returned=lambda loss: (loss.item(), 0.0)),
        step(returned=lambda loss: f"{loss.item():.4f}"),
        "the step is right, and the number that you return is not: return the loss (nats) before "
        "the step.",
        sign(wrong_number),
        step(returned=lambda loss: -loss.item()),
    )


def about_what_is_left(right, freeze):
    """Mistakes of a right step that leaves weights frozen, or nets in eval mode.

    ``freeze(d, g)`` gives both nets back, one of them frozen.
    """

    def dozing(d, g, *rest):
        loss = right(d, g.eval(), *rest)
        g.train()
        return loss

    return (
        "you froze weights and left them frozen (requires_grad is False): the next step could not "
        "train them.",
        sign(lambda run: run.frozen),
        lambda d, g, *rest: right(*freeze(d, g), *rest),
        "you left a net in eval mode: the next step would train in it. Put it back with .train().",
        sign(lambda run: run.asleep),
        lambda d, g, *rest: right(d, g.eval(), *rest),
        "you put a net into eval mode for the step. Both play in training mode: in eval mode a G "
        "with BatchNorm makes other fakes than those that it is trained on. Take .eval() away.",
        sign(lambda run: run.dozed),
        dozing,
    )


def about_order(step, player):
    """Mistakes in the order of the three lines with which a step ends."""
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
