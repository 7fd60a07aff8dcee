"""Examining a training loop: watch it for some steps, then ask each probe."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..arguments import check
from .probes import PROBES, Finding, aside
from .watching import Watch, smallest


@dataclass(frozen=True)
class Report:
    """What the probes found in ``steps`` watched steps; printed, it says so in words.

    findings : one of each probe, in the order of PROBES. notes : what is worth knowing, but no
    proof of anything.
    """

    findings: tuple[Finding, ...]
    steps: int
    notes: tuple[str, ...] = ()

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings that say that something is wrong."""
        return tuple(finding for finding in self.findings if finding.wrong)

    def __str__(self) -> str:
        silent = [finding for finding in self.findings if finding.number is None]
        judged = len(self.findings) - len(silent)
        lines = [f"Nothing was found: {judged} probes, {self.steps} steps watched."]
        if self.wrong:
            lines = [f"Found by {len(self.wrong)} of {judged} probes, {self.steps} steps watched:"]
        lines += [str(finding) for finding in self.wrong]
        if len(self.wrong) > 1:
            lines.append("Mend the first of them first: others may follow from it.")
        lines += [f"Not judged: {finding.probe}. {finding.words}" for finding in silent]
        return "\n".join([*lines, *self.notes])


def examine(
    step: Callable[[], object],
    *,
    generator: nn.Module,
    discriminator: nn.Module,
    g_optimizer: torch.optim.Optimizer,
    d_optimizer: torch.optim.Optimizer,
    data: Tensor,
    held_out: Tensor | None = None,
    steps: int = 50,
) -> Report:
    """Watch a learner's own training loop for some steps, and say what is wrong with it.

    The steps are training steps: the nets learn and the optimisers move on as without a watch.
    Nothing is changed otherwise: hooks are taken off again, also if a step raises. An error that
    returns only every so often needs as many steps to be seen as two of its rounds.

    Parameters
    ----------
    step
        One step of the loop: without arguments, both nets' updates, in whatever order and number.
    generator, discriminator
        The nets that the loop calls, as ``net(z)``: their ``forward`` alone cannot be watched.
    g_optimizer, d_optimizer
        Their optimisers, two different ones.
    data
        Real samples (n, ...), scaled as the loop feeds them to D.
    held_out
        Real samples (n, ...) that D never learns from, for a note on how well it ranks them.
    steps
        How many steps to watch.

    Raises
    ------
    TypeError
        If an argument is of another kind than these.
    ValueError
        If the optimisers are one and the same, data hold no samples or numbers that are not finite,
        or steps is less than 2.
    """
    given = {"generator": generator, "discriminator": discriminator}
    given |= {"g_optimizer": g_optimizer, "d_optimizer": d_optimizer, "data": data}
    _check(step, given, held_out, steps)
    nets = {"G": generator, "D": discriminator}
    watch = Watch(nets, {"G": g_optimizer, "D": d_optimizer}, data.detach())
    watch.run(step, steps)
    findings = tuple(probe(watch) for probe in PROBES.values())
    return Report(findings, steps, (*_oddities(watch), *_ranks(watch, held_out)))


KINDS = {
    "generator": nn.Module,
    "discriminator": nn.Module,
    "g_optimizer": torch.optim.Optimizer,
    "d_optimizer": torch.optim.Optimizer,
    "data": Tensor,
    "held_out": Tensor,
}


def _check(step, given, held_out, steps):
    if not callable(step):
        raise TypeError(f"step must be a function without arguments, not {type(step).__name__}")
    given = given if held_out is None else given | {"held_out": held_out}
    for name, value in given.items():
        if not isinstance(value, KINDS[name]):
            raise TypeError(f"{name} must be a {KINDS[name].__name__}, not {type(value).__name__}")
        if isinstance(value, Tensor) and not (
            value.dim() and len(value) and value.isfinite().all()
        ):
            raise ValueError(f"{name} must hold samples (n, ...) of finite numbers, n > 0")
    if given["g_optimizer"] is given["d_optimizer"]:
        raise ValueError("g_optimizer and d_optimizer are one and the same; each net needs its own")
    check("steps", steps, int, 2)


def _oddities(watch):
    """Notes if an optimiser made no step, or if some weight is not a finite number any more."""
    for player in watch.nets.keys() - watch.ledger.stepped():
        yield f"{player}'s optimiser made no step."
    weights = [weight for net in watch.nets.values() for weight in net.parameters()]
    if not all(weight.isfinite().all() for weight in weights):
        yield "Some weights are not finite any more: the loop has diverged."


def _ranks(watch, held_out):
    """A note on how often D ranks a real sample above a fake: of the data, and held out."""
    if watch.fakes is None or held_out is None or not watch.alone:
        return
    with aside(watch.nets["D"]) as d:
        fakes = smallest(d(watch.fakes)).flatten()
        answers = [smallest(d(x[:1000])).flatten() for x in (watch.data, held_out)]
    seen, new = ((a[:, None] > fakes).float().mean().item() for a in answers)
    yield f"D puts a real sample above a fake in {seen:.2f} of pairs, a held-out one in {new:.2f}."
