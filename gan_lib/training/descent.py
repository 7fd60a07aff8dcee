"""One step down a loss, and what surrounds it: products, random numbers, and losses not finite."""

import contextlib
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from .. import threads
from ..optim import held_by
from .device import fast_matmul, global_random_numbers
from .nets import is_wide, uses_dropout
from .processes import ALONE, OneProcess
from .state import TrainingState, set_learning_rates
from .steps import Unread

AT_ONCE = ("cpu",)  # devices whose numbers are read in each step; a GPU would have to be waited for
READ_EVERY = 50  # steps between two looks at the losses of a GPU


class TrainingDiverged(ArithmeticError):
    """A loss was no longer a finite number.

    The net whose step it was has not moved; a checkpoint of before is whole. On a GPU this is seen
    up to fifty steps late, in which that net has not moved either.
    """


def descend(
    loss: Tensor, optimizers: list[Optimizer], whose: str, group: OneProcess = ALONE
) -> None:
    """One step of the optimisers down the loss of ``whose``; TrainingDiverged before they move.

    Of several processes all go by the mean of their losses, and of their gradients.
    """
    found = group.mean(loss.detach())
    fused = all(optimizer.defaults.get("fused") for optimizer in optimizers)
    if loss.device.type in AT_ONCE or not fused:
        check_finite(found.item(), whose)
    parameters = []
    for optimizer in optimizers:
        optimizer.found_inf = None if loss.device.type in AT_ONCE else _not_finite(found)
        parameters += held_by(optimizer)
    for parameter in parameters:
        parameter.grad = None
    loss.backward(inputs=[p for p in parameters if p.requires_grad])
    group.average_gradients(parameters)
    for optimizer in optimizers:
        optimizer.step()


def _not_finite(loss: Tensor) -> Tensor:
    """1 where a fused optimiser is to leave the weights alone, else 0; still on the device."""
    return (~loss.isfinite()).float()


def check_finite(loss: float, name: str) -> None:
    """Raise TrainingDiverged unless the loss of the net called ``name`` is a finite number."""
    if not math.isfinite(loss):
        raise TrainingDiverged(
            f"the {name}'s loss is {loss}. The weights are still finite only if the "
            "gradients were: go back to the last checkpoint, then try a lower learning rate "
            "(lr_d, lr_g), a larger batch_size, or precision='float32'."
        )


def measured(kind: type, state: TrainingState, numbers: list[Tensor], names: tuple[str, ...]):
    """The step of this kind that was taken, read at once; on a GPU, which one would have to wait
    for, later.

    names : whose losses the first of ``numbers`` are

    Raises
    ------
    TrainingDiverged
        If one of those losses is not finite.
    """
    together = state.group.mean(torch.stack(numbers))
    if together.device.type not in AT_ONCE and state.step % READ_EVERY:
        return Unread(kind, state.step, together)
    values = together.tolist()
    for name, loss in zip(names, values):
        check_finite(loss, name)
    return kind(state.step, *values)


def steps_of(state: TrainingState, take: Callable[[], Any]) -> Iterator:
    """What ``take()`` returns for each step, until the run has its length.

    Each is taken in the context of a step, and, where several processes share the run, by all of
    them or by none.
    """
    settings, context = state.settings, step_context(state)
    with state.group.leaving_together():
        while state.step < settings.steps:
            set_learning_rates(state)
            with context(), state.group.next_step() as taken:
                if not taken:
                    return
                step = take()
            yield step


def step_context(state: TrainingState) -> Callable[[], AbstractContextManager]:
    """A function that returns what the next step is to be computed in, all of it put back after.

    Unless the step is done, the run's random numbers are put back as well: Jupyter's Stop loses
    none. Products of wide nets are fast ones. Whatever draws from torch's global random numbers,
    such as dropout, draws what follows from the run's own: where there are layers of dropout, from
    a seed drawn for each step, else from the run's seed and the number of the step.
    """
    nets = list(state.nets.values())
    wide = is_wide(nets[0])
    drawn = uses_dropout(nets)
    on_cpu = state.device.type == "cpu"
    pace = threads.training_pace(nets, wide) if on_cpu else contextlib.nullcontext()

    @contextlib.contextmanager
    def context():
        number, before = state.step, state.rng.get_state()
        if drawn:
            seed = int(torch.randint(2**62, (), generator=state.rng, device=state.device))
        else:
            seed = (state.settings.seed * 2**32 + state.step) % 2**62
        products = fast_matmul(state.device) if wide else contextlib.nullcontext()
        try:
            with products, global_random_numbers(seed, state.device), pace:
                yield
        except BaseException as error:
            if state.step == number:
                state.rng.set_state(before)
            if isinstance(error, TrainingDiverged):
                raise TrainingDiverged(f"step {number + 1}: {error}") from None
            raise

    return context
