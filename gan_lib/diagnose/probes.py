"""The ten probes: each reads what was watched, and says whether one kind of error is there."""

import functools
import math
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn

from .watching import Watch, smallest


@dataclass(frozen=True)
class Finding:
    """What one probe says: the number it measured (None where it could not), in words."""

    probe: str
    wrong: bool
    number: float | None
    healthy: str
    words: str

    def __str__(self) -> str:
        number = "not judged" if self.number is None else f"{self.number:.3g}"
        return f"{self.probe}: {number} (healthy: {self.healthy}). {self.words}"


PROBES: dict[str, Callable[[Watch], Finding]] = {}
"""The ten probes by name, in the order in which one would ask, the cheap and certain ones first.

:meta hide-value:
"""


def probe(name: str, healthy: str, look: str):
    """A probe from a function of the watch, which returns number, wrong and words; or it returns
    why it cannot judge. look : what to do if it is wrong."""

    def named(measure):
        @functools.wraps(measure)
        def finding(watch: Watch) -> Finding:
            found = measure(watch)
            if isinstance(found, str):
                return Finding(name, False, None, healthy, found)
            number, wrong, words = found
            return Finding(name, wrong, number, healthy, f"{words} {look}" if wrong else words)

        PROBES[name] = finding
        return finding

    return named


UNSEEN = "D was never seen to answer to a fake as G had made it."
LIMITS = {"Tanh": (-1.0, 1.0), "Sigmoid": (0.0, 1.0)}


@probe("ranges", "0", "Look where the data are scaled, and at G's last layer.")
def ranges(watch):
    """Does the range of G's last function fit that of the data?

    The larger distance between an end of the data and the same end of G's range, over the width of
    that range: of ``data`` or of what D saw, whichever fits better. That G could reach more than it
    needs is wrong only of a tanh and data that begin at 0, the other usual range.
    """
    if len(watch.outputs) != 1 or not watch.outputs <= LIMITS.keys():
        return "G does not end in a tanh or a sigmoid."
    if not watch.recognised:
        return UNSEEN
    (name,) = watch.outputs
    least, most = LIMITS[name]
    number, low, high = min(_apart(x, least, most) for x in (watch.data, *watch.reals))
    beyond = max(least - low, high - most) > 0.4 * (most - least)
    upper_half = name == "Tanh" and abs(low) < 0.05 and high > 0.3
    words = f"The data lie between {low:.2g} and {high:.2g},"
    return (
        number,
        beyond or upper_half,
        f"{words} G's {name.lower()} between {least:g} and {most:g}.",
    )


def _apart(data, least, most):
    """The larger distance, and the ends of the data."""
    values = data.float().flatten()
    values = values[:: max(1, len(values) // 1_000_000)].sort().values
    few = len(values) // 200  # so many may stick out
    low = min(values[few].item(), max(values[0].item(), least))
    high = max(values[-1 - few].item(), min(values[-1].item(), most))
    return max(abs(low - least), abs(high - most)) / (most - least), low, high


@probe("moved weights", "1", "Look at the parameters that each optimiser was given.")
def moved_weights(watch):
    """How much of what an optimiser's steps move belongs to its own net?

    The smaller of both optimisers' shares.
    """
    shares = {player: _own_share(watch.ledger, player) for player in watch.ledger.stepped()}
    if not shares:
        return "Neither optimiser made a step."
    player = min(shares, key=lambda player: shares[player][0])
    share, own, other = shares[player]
    words = f"{player}'s optimiser holds {len(watch.ledger.held[player])} of {player}'s"
    words += f" {len(watch.ledger.weights[player])} tensors; its steps move {player} by {own:.2g}"
    return share, share < 0.999, f"{words} in all, the other net by {other:.2g}."


def _own_share(ledger, player):
    """The share, and how far its steps move the player and the other; if they do not, whether it
    holds any of the player's weights."""
    moves = [update.moved for update in ledger.updates if update.player == player]
    own = sum(moved[player] for moved in moves)
    other = sum(sum(moved.values()) for moved in moves) - own
    share = own / (own + other) if own + other else float(bool(ledger.held[player]))
    return share, own, other


@probe("stale gradients", "0", "Look for that net's zero_grad: it has to come in each step.")
def stale_gradients(watch):
    """How much of a step's gradient is left from the steps before?

    left / (left + own), lengths of gradients; the median over a net's steps, of the net with more.
    """
    found = _of_gradients(watch, "left")
    if not found:
        return "No backward could be booked to a step of one optimiser alone."
    player = max(found, key=found.get)
    words = f"Of what {player}'s steps use, earlier steps' gradients make up {found[player]:.2g}."
    return found[player], found[player] > 0.01, words


@probe("leaked gradients", "0", "Look for a missing detach, and at when zero_grad comes.")
def leaked_gradients(watch):
    """How much of a step's gradient has the other player's loss put there?

    leaked / (leaked + own), as above.
    """
    found = _of_gradients(watch, "leaked")
    if not found:
        return "No backward could be booked to a step of one optimiser alone."
    player = max(found, key=found.get)
    other = "D" if player == "G" else "G"
    words = (
        f"Of the gradient that {player}'s steps use, {other}'s loss has sent {found[player]:.2g}."
    )
    return found[player], found[player] > 0.01, words


def _of_gradients(watch, part):
    """The median share of a part in each net's gradients, where it is known."""
    shares = {"G": [], "D": []}
    for update in watch.ledger.updates:
        if update.own is not None:
            more = getattr(update, part)
            shares[update.player].append(more / (more + update.own or 1))
    return {player: median(values) for player, values in shares.items() if values}


@probe("directions", "-1", "Look at the labels or the sign of G's loss.")
def directions(watch):
    """Do both losses pull D's answer to a fake the same way?

    The mean slope of a loss with respect to that answer, over the mean size of the slope: between
    -1 and 1. The number is D's times G's.
    """
    balances = []
    for slopes in watch.ledger.pulls.values():
        total = sum(map(abs, slopes))
        if not total > 0:
            return UNSEEN if not watch.recognised else "Only one loss pulls D's answers to fakes."
        balances.append(sum(slopes) / total)
    number = math.prod(balances)
    same = "the same way" if number > 0 else "opposite ways"
    return number, number > 0.5, f"G's loss and D's pull D's answer to fakes {same}."


@probe(
    "sigmoids",
    "0",
    "Look at D's last layer and at the loss: one of the two has a sigmoid too many.",
)
def sigmoids(watch):
    """What is the least that D's loss can reach?

    0 where the loss takes D's answers as they are meant; 1.006 = log(1 + 1/e) + log 2 nats where
    sigmoids, which lie between 0 and 1, are taken for logits.
    """
    if not watch.squashed:
        return "No backward was called."
    wrong = any(watch.squashed)
    low, high = watch.answers
    words = f"D's answers lie between {low:.2g} and {high:.2g}"
    words += ": sigmoids, which the loss puts through another sigmoid." if wrong else "."
    return math.log1p(1 / math.e) + math.log(2) if wrong else 0.0, wrong, words


@probe("random state", "0", "Look for a seed that is set again and again, in logging for example.")
def random_state(watch):
    """In which share of the moments when gradients were computed was torch's random state one that
    it had left before?"""
    states = [
        state for state, before in zip(watch.states, [None, *watch.states]) if state != before
    ]
    if len(states) < 2:
        return "At each backward torch's random state is the same: not used, or set again."
    number = 1 - len(set(states)) / len(states)
    words = "Torch's random state comes back to where it was." if number else ""
    return number, number > 0, words or "Torch's random state never comes back."


@probe("noise", "0", "Look where the noise is drawn, and with which seed.")
def noise(watch):
    """Which share of a step's noise had been used in an earlier step? The mean over the steps."""
    seen, shares = set(), []
    for drawn in filter(None, watch.noise):
        shares.append(len(drawn & seen) / len(drawn))
        seen |= drawn
    if len(shares) < 2:
        return "G's noise was not seen."
    if watch.discrete or watch.images:
        return "G is given images, or numbers of few values: they come back by right."
    number = sum(shares[1:]) / (len(shares) - 1)
    return number, number > 0.3, f"Of a step's noise, {number:.2g} had been used before."


@probe("BatchNorm", "above 0.9", "Look at its eps: BatchNorm1d(n, 0.8) sets eps, not the momentum.")
def batch_norm(watch):
    """What is the standard deviation after BatchNorm, before its own scale? The least of all
    layers, each the median of its channels: sqrt(variance / (variance + eps)). (Ioffe and Szegedy,
    2015, Batch Normalization, Algorithm 1.)"""
    if not watch.spreads:
        return "No BatchNorm was at work."
    suspect = {each: spread for each, spread in watch.spreads.items() if each.eps >= 0.01}
    layer = min(suspect or watch.spreads, key=watch.spreads.get)
    number = watch.spreads[layer]
    words = f"After BatchNorm with eps {layer.eps:g} the standard deviation is {number:.2f}."
    return number, bool(suspect) and number < 0.9, words


@probe("mixed batches", "0", "Give D reals and fakes in two calls, or take BatchNorm out of it.")
def mixed_batches(watch):
    """By how much do D's answers to real samples change if other reals stand beside them in place
    of fakes? The root of the mean square, over the standard deviation of the answers."""
    if not watch.recognised:
        return UNSEEN
    if not watch.alone:
        return "D is given more than samples."
    if watch.mixed is None:
        return 0.0, False, "Reals and fakes do not share a batch."
    x, fake = watch.mixed
    others = x.clone()
    others[fake] = x[~fake][torch.arange(int(fake.sum()), device=x.device) % int((~fake).sum())]
    with aside(watch.nets["D"]) as d:
        answers, beside_reals = smallest(d(x)), smallest(d(others))
    change = (answers - beside_reals)[~fake].square().mean().sqrt()
    number = (change / answers.std()).item()
    return number, number > 0.02, f"D's answers to reals move by {number:.2g} with those beside."


@contextmanager
def aside(net: nn.Module):
    """The net for questions, all put back after: eval mode, but BatchNorm goes by the batch."""
    modes = {layer: layer.training for layer in net.modules()}
    buffers = [buffer.clone() for buffer in net.buffers()]
    net.eval()
    for layer in net.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.train()
    try:
        with torch.no_grad(), torch.random.fork_rng():
            yield net
    finally:
        for layer, mode in modes.items():
            layer.training = mode
        for buffer, kept in zip(net.buffers(), buffers):
            buffer.data.copy_(kept)
