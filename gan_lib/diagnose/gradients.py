"""Whose gradient each optimiser's step uses, and which weights it moves."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from ..optim import held_by


@dataclass
class Backward:
    """One call of ``backward``: each net's gradient before it, and what it added."""

    before: dict[str, Tensor]
    added: dict[str, Tensor]


@dataclass
class Update:
    """One step of a player's optimiser: how far it moved each net, and by whose gradient.

    left : the length of what earlier steps had left in the player's gradient; leaked : of what the
    other player's ``backward`` had added; own : of what its own ``backward`` then added. They are
    None where that cannot be told.
    """

    player: str
    moved: dict[str, float]
    left: float | None = None
    leaked: float | None = None
    own: float | None = None


class Ledger:
    """Books every ``backward`` to the player whose optimiser steps next, and judges each step.

    nets, optimizers : by the players' names. What the first step of an optimiser uses may come from
    before the watch, so it is not judged.
    """

    def __init__(self, nets: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer]):
        self.weights = {name: list(net.parameters()) for name, net in nets.items()}
        self.optimizers = optimizers
        self.held = {name: self._held(name) for name in nets}
        self.updates: list[Update] = []
        self.pulls: dict[str, list[float]] = {name: [] for name in nets}
        self._unbooked: list[Backward] = []
        self._unbooked_pulls: list[float] = []
        self._since = dict.fromkeys(nets)  # the last step: (owner, Backward) each
        self._places: dict[str, dict[str, Tensor]] = {}

    def _held(self, name):
        held = {id(weight) for weight in held_by(self.optimizers[name])}
        return [weight for weight in self.weights[name] if id(weight) in held]

    def hook(self) -> list:
        """Watch the optimisers' steps; returns the handles of the hooks."""
        handles = []
        for player, optimizer in self.optimizers.items():
            handles.append(optimizer.register_step_pre_hook(partial(self._before, player)))
            handles.append(optimizer.register_step_post_hook(partial(self._after, player)))
        return handles

    @contextmanager
    def backward(self) -> Iterator[None]:
        """Around one call of ``backward``."""
        before = {name: self._gradient(name) for name in self.weights}
        yield
        added = {name: self._gradient(name) - before[name] for name in self.weights}
        self._unbooked.append(Backward(before, added))

    def stepped(self) -> set[str]:
        """Whose optimisers have made a step."""
        return {update.player for update in self.updates}

    def pull(self, slope: float) -> None:
        """The loss's slope with respect to D's answer to fakes, met in the present ``backward``."""
        self._unbooked_pulls.append(slope)

    def _gradient(self, name):
        weights = self.held[name] or self.weights[name]
        return flat(torch.zeros_like(w) if w.grad is None else w.grad for w in weights)

    def _vector(self, name):
        return flat(self.weights[name])

    def _before(self, player, *_):
        self._places[player] = {name: self._vector(name) for name in self.weights}

    def _after(self, player, *_):
        """Here, not before the step: with a closure, ``backward`` is called inside it."""
        places = self._places.pop(player)
        moved = {name: (self._vector(name) - place).norm().item() for name, place in places.items()}
        self._book(player)
        since, self._since[player] = self._since[player], []
        judged = since if self.held[player] else None
        origins = _origins(player, judged)
        self.updates.append(Update(player, moved, *origins))
        if judged and not origins:
            self._share(judged)

    def _book(self, player):
        for since in self._since.values():
            if since is not None:
                since += [(player, event) for event in self._unbooked]
        up = any(group.get("maximize") for group in self.optimizers[player].param_groups)
        self.pulls[player] += [-slope if up else slope for slope in self._unbooked_pulls]
        self._unbooked, self._unbooked_pulls = [], []

    def _share(self, since):
        """Both losses went backward before both steps: did D's step use what G's loss sent it?"""
        events = [event for _, event in since]
        zeroed = [i for i, event in enumerate(events) if not event.before["D"].any()]
        events = events[zeroed[-1] if zeroed else 0 :]
        shared = [event.added["D"] for event in events if event.added["G"].any()]
        alone = [event.added["D"] for event in events if not event.added["G"].any()]
        update = next((u for u in reversed(self.updates) if u.player == "D"), None)
        if shared and alone and update:
            update.leaked, update.own = sum(shared).norm().item(), sum(alone).norm().item()


def flat(tensors: Iterable[Tensor]) -> Tensor:
    """All their numbers in one vector."""
    return torch.cat([tensor.detach().flatten().float() for tensor in tensors])


def _origins(player, since):
    """(left, leaked, own) of a step, from what happened since the one before; or ()."""
    if player not in {owner for owner, _ in since or ()}:
        return ()
    left = since[0][1].before[player]
    leaked = own = torch.zeros_like(left)
    for owner, event in since:
        if not event.before[player].any():  # somebody has zeroed it
            left = leaked = own = torch.zeros_like(left)
        if owner == player:
            own = own + event.added[player]
        else:
            leaked = leaked + event.added[player]
    return left.norm().item(), leaked.norm().item(), own.norm().item()
