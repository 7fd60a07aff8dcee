"""How many threads to compute with, where others use the machine too, or only a part of it is ours.

The threads of an operation wait for the slowest of them, and they wait by spinning: beside a
process that keeps a core busy, two train at a third of the speed of one; left alone, faster.
"""

import contextlib
import math
import os
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .arguments import checked

if TYPE_CHECKING:  # torch is loaded where it is needed: counting CPUs takes none
    from torch import nn

TURNS = 4  # steps with each number of threads that a trial times
SLOWER = 1.5  # times as long as usual: the machine has changed
LONGEST = 60  # seconds until the next trial, at most
SMALL = 2**15  # weights of a linear layer that is as fast on one thread


def available() -> int:
    """Whole CPUs that affinity, cgroup quotas and JupyterHub's CPU_LIMIT leave us; at least 1."""
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return max(1, math.floor(min([cores, _cpu_limit(), *_quotas(Path("/"))])))


def _cpu_limit() -> float:
    try:
        limit = float(os.environ.get("CPU_LIMIT", "inf"))
    except ValueError:
        return math.inf
    return limit if limit > 0 else math.inf


def _quotas(root: Path) -> Iterator[float]:
    """CPUs granted to this process' cgroups and to those above them, of either version."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers or "cpu" in controllers.split(","):
            top = root / "sys/fs/cgroup" / controllers
            group = top / path.lstrip("/")
            for folder in [group, *group.parents]:
                if folder.is_relative_to(top):
                    yield _quota(folder / "cpu.max")
                    yield _quota(folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us")


def _quota(*files: Path) -> float:
    try:
        quota, period = map(float, " ".join(file.read_text() for file in files).split())
    except (OSError, ValueError):  # there is no such file, or it says "max"
        return math.inf
    return quota / period if quota > 0 and period > 0 else math.inf


@checked(most=1)
@contextlib.contextmanager
def limited(most: int | None = None) -> Iterator[None]:
    """torch computes with at most so many threads, by default ``available()``; put back after."""
    before = _switch()
    _switch(min(before, most or available()))
    try:
        yield
    finally:
        _switch(before)


def _switch(to: int | None = None) -> int:
    """Let torch compute with so many threads, and return with how many it did."""
    import torch

    before = torch.get_num_threads()
    if to not in (None, before):
        torch.set_num_threads(to)
    return before


def candidates() -> list[int]:
    """The numbers of threads that are worth a trial: all that we may use, a half, ... and one."""
    with limited():
        numbers = [_switch()]
    while numbers[-1] > 1:
        numbers.append(numbers[-1] // 2)
    return numbers


@checked(numbers=1, turns=1)
class Pace:
    """A context for each of many like steps: it has as many threads as are fastest now.

    Trials tell how many: at first, when steps take longer than they did, and now and then. alone :
    modules that compute on one thread in any case
    """

    def __init__(self, numbers: list[int], alone: Iterable["nn.Module"] = (), turns: int = TURNS):
        if not numbers:
            raise ValueError("numbers is empty: name at least one number of threads")
        self._alone = _modules("alone", alone)
        self._schedule = _schedule(numbers, turns)
        self._threads = next(self._schedule)

    def __enter__(self) -> None:
        self._hooks = [hook for module in self._alone for hook in _on_one_thread(module)]
        self._before = _switch(self._threads)
        self._began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self._threads = self._schedule.send(time.perf_counter() - self._began)
        _switch(self._before)
        for hook in self._hooks:
            hook.remove()


@checked
def training_pace(nets: Iterable["nn.Module"], wide: bool) -> Pace:
    """A :class:`Pace` for training steps of these nets on which no bit of the run depends.

    Narrow perceptrons get one thread. Wide ones get what trials tell, but for the layers that would
    round otherwise on several: BatchNorm and small linear layers, whose sums are split, while of
    large ones each thread computes whole sums. Nets with other layers get all that we may use.
    """
    from torch import nn

    modules = [module for net in _modules("nets", nets) for module in net.modules()]
    layers = [module for module in modules if list(module.parameters(recurse=False))]
    norms = [m for m in layers if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    linear = [m for m in layers if isinstance(m, nn.Linear)]
    numbers = candidates()
    if len(norms) + len(linear) < len(layers):
        return Pace(numbers[:1])
    if not wide or numbers == [1]:
        return Pace([1])
    return Pace(numbers, alone=norms + [m for m in linear if m.weight.numel() < SMALL])


def _modules(name, given):
    modules = list(given)
    if not all(hasattr(module, "register_forward_pre_hook") for module in modules):
        raise ValueError(f"{name} must be modules of torch, not {modules!r:.60}")
    return modules


def _schedule(numbers: list[int], turns: int) -> Generator[int, float, None]:
    """Yields the number of threads for the next step, and is sent the seconds that it took."""
    while True:
        best, usual, lost = yield from _trial(numbers, turns)
        spent, recent = 0.0, deque(maxlen=5)
        while spent < min(LONGEST, 100 * lost):  # a trial costs about 1 % of the time
            recent.append((yield best))
            spent += recent[-1]
            if spent > 10 * lost and len(recent) == 5 and sum(recent) > 5 * SLOWER * usual:
                break


def _trial(numbers: list[int], turns: int) -> Generator[int, float, tuple[int, float, float]]:
    """Returns the fastest of ``numbers``, its seconds a step, and how many it would have saved."""
    took = {n: [] for n in numbers}
    for turn in range(1 + turns):
        for n in numbers:
            took[n].append((yield n))
        if turn > 0:  # the first woke the threads
            mean = {n: sum(took[n][1:]) / turn for n in numbers}
            best = min(numbers, key=mean.get)
            numbers = [n for n in numbers if mean[n] < 2 * mean[best]]
    lost = sum(max(0.0, seconds - mean[best]) for steps in took.values() for seconds in steps)
    return best, mean[best], max(lost, mean[best])


def _on_one_thread(module: "nn.Module") -> list:
    """Hooks that let ``module`` compute on one thread, forward and backward."""
    before = []

    def enter(*_):
        before.append(_switch(1))

    def leave(*_):
        _switch(before.pop())

    def computed(module, inputs, output):
        leave()
        if output.grad_fn is not None:
            output.grad_fn.register_prehook(enter)
            output.grad_fn.register_hook(leave)

    return [module.register_forward_pre_hook(enter), module.register_forward_hook(computed)]
