"""What a step measured, and the consumers of steps, which pass them on."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..arguments import check, checked


@dataclass(frozen=True)
class Step:
    """What one step of a game measured on its own minibatches; means over them."""

    number: int  # 1 for the first
    d_loss: float  # before the update and without a penalty; in the paper's game -V(D, G), in nats
    g_loss: float  # before the update
    d_real: float  # D's answer to real samples: D(x), or f(x) of a critic
    d_fake: float  # to fakes, as D's own step saw them


@dataclass(frozen=True)
class FitStep:
    """What one step of nets that descend one loss measured on its minibatch."""

    number: int  # 1 for the first
    loss: float  # before the update


class Unread:
    """Stands for a step whose numbers are still on a GPU, and fetches them when asked for one."""

    def __init__(self, kind: type, number: int, measured: Tensor):
        self.kind, self.number, self.measured = kind, number, measured

    def __getattr__(self, name: str) -> float:
        if name not in ("d_loss", "g_loss", "d_real", "d_fake", "loss"):
            raise AttributeError(name)
        self.__dict__.update(vars(self.kind(self.number, *self.measured.tolist())))
        return self.__dict__[name]


@checked(every=1)
def record(steps: Iterable, history: list, every: int = 1) -> Iterator:
    """Append every ``every``-th step to the list ``history``, and pass all of them on.

    With ``state.history`` for the list, checkpoints keep it.
    """
    for step in steps:
        if step.number % every == 0:
            history.append(step)
        yield step


@checked
def snapshots(
    steps: Iterable, frames: list, take: Callable[[], Any], at: Iterable[int]
) -> Iterator:
    """Append ``(number, take())`` to the list ``frames`` after the steps ``at``; pass all on."""
    check("at", at := list(at), list[int])
    at = set(at)
    for step in steps:
        if step.number in at:
            frames.append((step.number, take()))
        yield step


@checked
def time_limit(steps: Iterable, seconds: float) -> Iterator:
    """Pass steps on until ``seconds`` of wall time are over; the state can be trained on later."""
    deadline = time.monotonic() + seconds
    for step in steps:
        yield step
        if time.monotonic() > deadline:
            return
