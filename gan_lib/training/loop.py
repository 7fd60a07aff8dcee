"""Algorithm 1 of Goodfellow et al. (2014) as an iterator of steps, for every game in the table.

``start`` makes a :class:`TrainingState`, ``train`` walks it forward and yields a :class:`Step`
after each pass through the algorithm's outer loop. Whoever wants a progress bar, a history or a
checkpoint wraps the iterator; the loop knows none of them::

    state = start(generator, discriminator, steps=3000, seed=0)
    steps = record(train(state, images), state.history)
    for step in checkpointed(steps, "gan.safetensors", state):
        ...
"""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ..arguments import check, checked
from ..losses import in_full
from ..objectives import Objective, named
from .averaging import update_averages
from .descent import descend, measured, steps_of
from .device import autocast, uninterrupted
from .nets import labels_for, mixes_batch
from .processes import ALONE, OneProcess
from .sampling import Data, game_batches
from .state import TrainingState
from .steps import Step


def train(state: TrainingState, data: Data) -> Iterator[Step]:
    """Algorithm 1 from ``state.step`` to ``settings.steps``; yields a :class:`Step` after each.

    Each minibatch of data is drawn afresh, with replacement. G's step takes the fakes of D's last
    step once more, where the paper draws new ones: it saves a pass through G. Leave the loop
    whenever you like, also by Ctrl-C or Jupyter's Stop, and call ``train(state, data)`` again: it
    goes on exactly where it stopped, since a step is taken whole or not at all. (A step that a Stop
    interrupts is finished, but not yielded: no history has it.)

    Parameters
    ----------
    data : a tensor of images in bytes (n, 28, 28), scaled to [-1, 1] batch by batch; or of floats
        (n, ...), used as they are; a pair (samples, labels) of tensors; a function ``sample(n,
        rng)`` that draws n new samples or pairs; or an iterable of minibatches, such as a
        DataLoader, whose order is its own affair: such a run is not repeated by its seed alone

    Raises
    ------
    TrainingDiverged
        If a loss is no longer finite, with the number of the step.
    ValueError
        If data do not fit the nets or the run so far.

    References
    ----------
    Goodfellow et al. (2014), Algorithm 1.
    """
    check("state", state, TrainingState)
    settings = state.settings
    draw = game_batches(state, data)
    shared = {
        "objective": state.objective,
        "apart": mixes_batch(state.discriminator),
        "dtype": getattr(torch, settings.precision),
        "group": state.group,
    }
    d_step = partial(
        discriminator_step, state.discriminator, state.d_optimizer, rng=state.rng, **shared
    )
    g_step = partial(generator_step, state.discriminator, state.g_optimizer, **shared)

    def take() -> Step:
        drawn = [draw() for _ in range(settings.k)]
        with uninterrupted(), state.group.whole_batch():
            for i, (z, x, labels) in enumerate(drawn):
                fake = blurred(state, make_fakes(state, z, labels, i == settings.k - 1))
                real = blurred(state, x)
                strength = penalty_strength(state, i)
                d_loss, *logits = d_step(real, fake, labels=labels, strength=strength)
            g_loss = g_step(fake, real=real, labels=labels)
            state.step += 1
            update_averages(state)
        answers = [state.objective.answer(a).mean() for a in logits]
        names = ("discriminator", "generator")
        return measured(Step, state, [d_loss, g_loss, *answers], names)

    state.generator.train()
    state.discriminator.train()
    yield from steps_of(state, take)


@checked
def discriminator_step(
    discriminator: nn.Module,
    optimizer: Optimizer,
    real: Tensor,
    fake: Tensor,
    objective: str | Objective = "non_saturating",
    *,
    labels: tuple[Tensor, ...] = (),
    rng: torch.Generator | None = None,
    strength: float = 1.0,
    apart: bool | None = None,
    dtype: torch.dtype = torch.float32,
    group: OneProcess = ALONE,
) -> tuple[Tensor, Tensor, Tensor]:
    """One step of D: descend its loss, and its penalty, on a minibatch.

    Returns the loss before the update and without the penalty, the real and the fake logits. Real
    and fake pass through D as one batch, which is faster, but apart where D mixes its batch: with
    BatchNorm it would see two halves that differ, which is another game. The fakes are detached: no
    gradient reaches G. A penalty is computed in float32 at least.

    Parameters
    ----------
    real, fake : (B, ...) samples of the data and of G
    labels : () or (y,), given to a D that takes labels
    rng : for penalties that draw random points
    strength : of the penalty; 0 leaves it out, n makes up for n - 1 steps without it
    apart : whether D mixes its batch; found out if None
    group : the processes that take this step together, each with a part of the minibatch

    Raises
    ------
    TrainingDiverged
        If the loss is not finite, before anything is updated.

    References
    ----------
    Goodfellow et al. (2014), Algorithm 1, inner loop.
    """
    if real.shape[1:] != fake.shape[1:]:
        shapes = f"{tuple(real.shape)} and {tuple(fake.shape)}"
        raise ValueError(f"real and fake must be samples of one shape, not {shapes}")
    game = named(objective)
    fake = fake.detach().to(real.dtype)
    with autocast(real.device, dtype):
        logits = _both_logits(discriminator, real, fake, labels, apart)
    loss = game.d_loss(*logits)
    total = loss
    if game.penalty and strength:
        total = loss + strength * game.penalty(_judge(discriminator, labels), real, fake, rng)
    descend(total, [optimizer], "discriminator", group)
    if game.after_d_step:
        game.after_d_step(discriminator)
    real_logits, fake_logits = logits
    return loss.detach(), real_logits.detach(), fake_logits.detach()


@checked
def generator_step(
    discriminator: nn.Module,
    optimizer: Optimizer,
    fake: Tensor,
    objective: str | Objective = "non_saturating",
    *,
    real: Tensor | None = None,
    labels: tuple[Tensor, ...] = (),
    apart: bool | None = None,
    dtype: torch.dtype = torch.float32,
    group: OneProcess = ALONE,
) -> Tensor:
    """One step of G: descend its loss of D's logits for a minibatch of fakes.

    Returns the loss before the update. The gradient passes *through* D to G; none is computed for
    D's weights.

    Parameters
    ----------
    fake : (B, ...) = generator(noise), not detached
    real : (B, ...), for a game whose G is compared with real samples in pairs, or looks ahead

    Raises
    ------
    TrainingDiverged
        If the loss is not finite, before anything is updated.

    References
    ----------
    Goodfellow et al. (2014), Algorithm 1, last lines.
    """
    loss = generator_loss(
        discriminator, fake, objective, real=real, labels=labels, apart=apart, dtype=dtype
    )
    descend(loss, [optimizer], "generator", group)
    return loss.detach()


@checked
def generator_loss(
    discriminator: nn.Module,
    fake: Tensor,
    objective: str | Objective = "non_saturating",
    *,
    real: Tensor | None = None,
    labels: tuple[Tensor, ...] = (),
    apart: bool | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """What G's step descends, to be differentiated: by G's weights, or by the fakes themselves.

    Parameters as for ``generator_step``.
    """
    game = named(objective)
    if (game.paired or game.judge) and real is None:
        raise ValueError("real is missing: in this game G's step needs real samples, too")
    with autocast(fake.device, dtype):
        logits = _logits_for_generator(discriminator, game, fake, real, labels, apart)
    return game.g_loss(*logits)


def make_fakes(
    state: TrainingState, z: Tensor, labels: tuple[Tensor, ...] = (), with_gradient: bool = True
) -> Tensor:
    """G(z), or G(z, y), in the precision of the run."""
    generate = _judge(state.generator, labels)
    dtype = getattr(torch, state.settings.precision)
    with torch.set_grad_enabled(with_gradient), autocast(state.device, dtype):
        return generate(z)


def blurred(state: TrainingState, x: Tensor) -> Tensor:
    """x as D is to see it: with the instance noise of this step, if there is any.

    References
    ----------
    Arjovsky and Bottou (2017), section 3; Sønderby et al. (2017), section 4.
    """
    settings = state.settings
    until = settings.steps * settings.instance_noise_until
    sigma = settings.instance_noise * max(0.0, 1 - state.step / until) if until else 0.0
    if not sigma:
        return x
    return x + sigma * torch.randn(x.shape, generator=state.rng, device=x.device)


def penalty_strength(state: TrainingState, i: int) -> float:
    """How strong a penalty is in D's i-th step of this turn: n at every n-th step, else 0.

    References
    ----------
    Karras et al. (2020), Analyzing and Improving the Image Quality of StyleGAN, section 3.1.
    """
    every = state.settings.penalty_every
    done = state.step * state.settings.k + i
    return float(every) if done % every == 0 else 0.0


def _judge(net: nn.Module, labels: tuple[Tensor, ...]) -> Callable[[Tensor], Tensor]:
    """``net`` as a function of samples, or of noise, alone: with labels if it takes some."""
    given = labels_for(net, labels)
    return (lambda x: net(x, *given)) if given else net


def _logits_for_generator(
    discriminator: nn.Module,
    game: Objective,
    fake: Tensor,
    real: Tensor | None,
    labels: tuple,
    apart: bool | None,
) -> tuple[Tensor, ...]:
    """What g_loss takes: the fake logits and, in a game of pairs, the real ones."""
    if game.judge:
        given = labels_for(discriminator, labels)
        judge = game.judge(discriminator, real, fake, given, game.d_loss)
        return tuple(judge(x) for x in ((fake, real) if game.paired else (fake,)))
    if game.paired:
        return _both_logits(discriminator, real, fake, labels, apart)[::-1]
    return (in_full(_judge(discriminator, labels)(fake)),)


def _both_logits(
    discriminator: nn.Module, real: Tensor, fake: Tensor, labels: tuple, apart: bool | None
) -> tuple[Tensor, Tensor]:
    if apart is None:
        apart = mixes_batch(discriminator)
    if apart:
        judge = _judge(discriminator, labels)
        return in_full(judge(real)), in_full(judge(fake))
    judge = _judge(discriminator, tuple(torch.cat([y, y]) for y in labels))
    logits = in_full(judge(torch.cat([real, fake])))
    size = (len(real) + len(fake)) // len(logits)  # samples that one logit judges
    return logits.split([len(real) // size, len(fake) // size])
