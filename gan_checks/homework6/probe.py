"""A probe of one's own: it must fail every sick loop and spare every healthy one."""

from types import SimpleNamespace

import numpy as np
import torch

from ..engine import Sign, Task, mistakes, seed_of
from .loops import HEALTHY, HIDES, MOST_STEPS, SICK, Loop


def every_loop(variant):
    """(name, seed) of each loop, healthy ones first."""
    return [(name, 100 * seed_of(variant) + i) for i, name in enumerate(HEALTHY | SICK)]


def probed(probe, name, seed):
    """What the probe says of a loop, and whether a hook is left on it."""
    given = Loop(name, seed)
    found = probe(given)
    hooks = given.discriminator._forward_hooks, given.discriminator._forward_pre_hooks
    return SimpleNamespace(found=found, hooked=any(hooks))


def said(seen):
    """True, False, or None for what is neither."""
    found = seen.found
    if torch.is_tensor(found) and found.numel() == 1:
        found = found.item()
    return bool(found) if isinstance(found, (bool, np.bool_)) else None


def no_verdict(seen, *case):
    return said(seen) is None and type(seen.found).__name__


def accused(seen, name, seed):
    return name in HEALTHY and said(seen) and f"“{name}”: {HEALTHY[name][1]}"


def let_pass(seen, name, seed):
    return name in SICK and said(seen) is False and f"“{name}”: {SICK[name][1]}"


def heard(given, steps, taught=True):
    """The batches that D is given in each of some steps; with taught, only those it learns from."""
    calls = []

    def note(net, inputs):
        if torch.is_grad_enabled() or not taught:
            calls[-1].append(inputs[0].detach().clone())

    hook = given.discriminator.register_forward_pre_hook(note)
    for _ in range(steps):
        calls.append([])
        given.step()
    hook.remove()
    return calls


def share_seen(given, steps=30, taught=True):
    """The share of the rows of the data that D was given."""
    calls = heard(given, steps, taught)
    rows = torch.cat([x for step in calls for x in step])
    return (given.data[:, None] == rows).all(2).any(1).double().mean().item()


def by_sets(given):
    seen = {tuple(row) for step in heard(given, 30) for x in step for row in x.tolist()}
    return sum(tuple(row) not in seen for row in given.data.tolist()) > 2


def first_of(calls):
    return [step[0] for step in calls if step]


def batch_comes_back(given):
    """Sick if the first batch of D comes back in a later step."""
    first, *others = first_of(heard(given, 20))
    return any(x.shape == first.shape and torch.equal(x, first) for x in others)


def next_batch_is_the_same(given):
    one, two = first_of(heard(given, 2))
    return bool(torch.equal(one, two))


def repeats_in_a_step(given):
    calls = [x for step in heard(given, 2) for x in step]
    return any(
        a.shape == b.shape and torch.equal(a, b) for i, a in enumerate(calls) for b in calls[:i]
    )


def whole_batches(given):
    """Counts a batch as real if all of its rows are rows of the data."""
    rows = {tuple(row) for row in given.data.tolist()}
    batches = [{tuple(row) for row in x.tolist()} for step in heard(given, 30) for x in step]
    seen = set().union(*(batch for batch in batches if batch <= rows))
    return len(seen) < 0.9 * len(rows)


def row_comes_back(given):
    rows = torch.cat(first_of(heard(given, 2)))
    return len(rows.unique(dim=0)) < len(rows)


def leaves_its_hook(given):
    calls = []
    given.discriminator.register_forward_pre_hook(lambda net, inputs: calls.append(inputs[0]))
    for _ in range(30):
        given.step()
    return bool((given.data[:, None] == torch.cat(calls)).all(2).any(1).double().mean() < 0.9)


def no_end(given):
    while share_seen(given, 1) < 1:
        pass
    return False


hides_data = Task(
    "hides_data",
    "hides_data(loop): whether it keeps rows of its data from D",
    HIDES.get,
    every_loop,
    mistakes(
        "answer True (sick) or False (healthy); yours is of the type {}.",
        Sign(no_verdict),
        lambda given: share_seen(given, 4),
        lambda given: "sick" if share_seen(given, 4) < 0.9 else "healthy",
        "your probe leaves its hook on D: the loop would go on feeding it. `with listening(...)` "
        "takes it off.",
        Sign(lambda seen, *case: seen.hooked),
        leaves_its_hook,
        "your probe calls every loop healthy. (Fakes pass through D as well as rows of the data.)",
        lambda given: False,
        "your probe calls every loop sick. A probe that always shouts says nothing.",
        lambda given: True,
        "it accuses a healthy loop, {}",
        Sign(accused),
        lambda given: share_seen(given, 5) < 1,
        lambda given: share_seen(given, 40) < 1,
        lambda given: share_seen(given, 40) < 0.95,
        lambda given: share_seen(given, 3) < 0.7,
        batch_comes_back,
        repeats_in_a_step,
        whole_batches,
        row_comes_back,
        "it lets a sick loop pass, {}",
        Sign(let_pass),
        next_batch_is_the_same,
        lambda given: share_seen(given) < 0.4,
        lambda given: share_seen(given) < 0.8,
        lambda given: share_seen(given, taught=False) < 0.9,
        f"your probe wants more than {MOST_STEPS} steps, and no loop makes more. Fix their number "
        "beforehand; 40 are enough.",
        no_end,
    ),
    also_right=(by_sets,),
    seen=probed,
    counts=lambda seen, *case: said(seen),
    otherwise="it names some loops rightly, and raises an error on others.",
)
