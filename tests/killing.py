"""Training in processes that are killed: for test_kill_and_resume.py and benchmarks/kills.py.

Each process is real and dies of SIGKILL. They are forked from one server that has imported torch
and computed nothing yet, so a process costs milliseconds. When to kill is drawn at random but
relative to what the process reports (so many steps done, so many writes begun), and a process that
has come that far waits to be killed: all kills hit a run in progress, on a slow machine as on a
fast one.
"""

import contextlib
import multiprocessing
import os
import random
import time
from pathlib import Path

import safetensors
import torch

from gan_lib import files, models, training
from gan_lib.checkpoint import checkpointed, load

STEPS, EVERY = 250, 5
IN_A_WRITE = ["half written", "before fsync", "after fsync", "before replace", "after replace"]
PATIENCE = 120  # seconds until something that should have happened counts as failed


# What happens in the process that is killed.


def nets():
    g = models.mlp_generator(4, (6,), hidden=(16, 16))
    return g, models.maxout_discriminator((6,), units=8, pieces=2, layers=1)


def run(path, report, pause=None):
    """Start or resume the run at ``path``, report all that happens, and wait to be killed at
    ``pause``."""
    torch.set_num_threads(1)
    counts = {}

    def happens(event):
        counts[event] = counts.get(event, 0) + 1
        report.send(event)
        if pause == (event, counts[event]):
            time.sleep(PATIENCE)
            os._exit(1)  # nobody killed it

    for name in ("fsync", "replace"):
        setattr(os, name, announced(name, getattr(os, name), happens))
    files.open = lambda *given: Halting(open(*given), happens)
    happens("start")
    if path.exists():
        state = load(path, *nets(), device="cpu")
    else:
        settings = dict(steps=STEPS, noise_dim=4, batch_size=16, decay_from=0.5)
        state = training.start(*nets(), device="cpu", precision="float32", **settings)
    data = torch.rand(99, 6, generator=torch.Generator().manual_seed(1)) * 2 - 1
    steps = training.record(training.train(state, data), state.history)
    for _ in checkpointed(steps, path, state, every=EVERY):
        happens("step")


def announced(name, call, happens):
    def wrapper(*args):
        happens(f"before {name}")
        call(*args)
        happens(f"after {name}")

    return wrapper


class Halting:
    """An open file that reports in the middle of a write, when the first half of it is on the
    disk."""

    def __init__(self, file, happens):
        self.file, self.happens = file, happens

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, contents):
        half = len(contents) // 2
        self.file.write(contents[:half])
        self.file.flush()
        self.happens("half written")
        self.file.write(contents[half:])


# What happens in the process that kills.


@contextlib.contextmanager
def launcher():
    """A function that starts ``run`` in a process of its own; none of them outlives the block."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "safetensors.torch", "gan_lib.checkpoint", "killing"])
    started = []

    def launch(path, pause=None):
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=run, args=(path, send, pause), daemon=True)
        process.start()
        send.close()
        started.append(process)
        return process, receive

    try:
        yield launch
    finally:
        for process in started:
            process.kill()


def reports(report):
    """What the process reports and when, until its pipe closes."""
    with contextlib.suppress(EOFError):
        while report.poll(PATIENCE):
            yield report.recv(), time.perf_counter()


def finish(path, launch):
    """Let a run come to its end: steps taken, seconds up to the first one, seconds of a step."""
    process, report = launch(path)
    times = {"start": [], "step": []}
    for event, moment in reports(report):
        times.setdefault(event, []).append(moment)
    process.join(PATIENCE)
    assert process.exitcode == 0
    (start,), steps = times["start"], times["step"]
    return len(steps), steps[0] - start, (steps[-1] - start) / len(steps)


def killed_at(moment, rng: random.Random, path: Path, launch, seconds_to_start, seconds_a_step):
    """Start a run, kill it at a random instant around ``moment``, and return its exit code."""
    if moment == "start":  # as it starts, or loads, or takes its first step
        process, _ = launch(path, pause=("step", 8))
        time.sleep(rng.random() * seconds_to_start)
    elif moment == "step":
        awaited = rng.randint(1, 8)
        process, report = launch(path, pause=("step", awaited + 8))
        wait_for("step", awaited, report)
        time.sleep(rng.random() * 2 * seconds_a_step)
    else:  # in the middle of a write
        awaited = rng.randint(1, 2)
        process, report = launch(path, pause=(moment, awaited))
        wait_for(moment, awaited, report)
    process.kill()
    process.join(PATIENCE)
    return process.exitcode


def wait_for(event, count, report):
    for _ in range(count):
        found = any(happened == event for happened, _ in reports(report))
        assert found, f"the process ended before {event}"


def partials(folder):
    return {file.name for file in folder.glob(".*.partial")}


def contents(path):
    """Every tensor of the checkpoint as bytes, and its header, whose halves come in any order."""
    with safetensors.safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name).numpy().tobytes() for name in file.keys()}
        return tensors, file.metadata()


def step_of(path):
    """The step of the checkpoint at ``path``, which must be readable; 0 where there is none."""
    return load(path, *nets(), device="cpu").step if path.exists() else 0
