"""A training process is killed twenty times and still ends with the weights of one that never was.

Each process is real and dies of SIGKILL. They are forked from one server that has imported torch already and computed nothing
yet, so that a process costs milliseconds. When to kill is drawn at random but relative to what the process reports (so many
steps done, so many writes begun), and a process that has reached its last step before a kill waits for it: so all twenty kills
hit a run in progress, on a slow machine as on a fast one.
"""

import contextlib
import multiprocessing
import os
import random
import signal
import sys
import time

import pytest
import safetensors
import torch

from gan_lib import models, training
from gan_lib.checkpoint import checkpointed, load, save

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor SIGKILL")

STEPS, EVERY = 250, 5
MOMENTS = ["start"] * 4 + ["step"] * 8 + ["before fsync", "after fsync", "before replace", "after replace"] * 2
PATIENCE = 120  # seconds until something that should have happened counts as failed; only a broken run waits that long


# What happens in the process that is killed.


def nets():
    return models.mlp_generator(4, (6,), hidden=(16, 16)), models.maxout_discriminator((6,), units=8, pieces=2, layers=1)


def run(path, report, pause=None):
    """Start or resume the run at ``path`` and report all that happens; wait to be killed at ``pause``, (event, how many)."""
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
    happens("start")
    if path.exists():
        state = load(path, *nets(), device="cpu")
    else:
        state = training.start(
            *nets(), device="cpu", steps=STEPS, noise_dim=4, batch_size=16, decay_from=0.5, precision="float32"
        )
    data = torch.rand(99, 6, generator=torch.Generator().manual_seed(1)) * 2 - 1
    for _ in checkpointed(training.train(state, data), path, state, every=EVERY):
        happens("step")


def announced(name, call, happens):
    def wrapper(*args):
        happens(f"before {name}")
        call(*args)
        happens(f"after {name}")

    return wrapper


# What happens in the process that kills.


@pytest.fixture
def launch():
    """A function that starts ``run`` in a process of its own; none of them outlives the test."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "torch._dynamo", "safetensors.torch", "gan_lib.checkpoint"])  # imports, no work
    started = []

    def launch(path, pause=None):
        receive, send = context.Pipe(duplex=False)
        started.append(context.Process(target=run, args=(path, send, pause), daemon=True))
        started[-1].start()
        send.close()
        return started[-1], receive

    yield launch
    for process in started:
        process.kill()


def reports(report):
    """What the process reports and when, until its pipe closes."""
    with contextlib.suppress(EOFError):
        while report.poll(PATIENCE):
            yield report.recv(), time.perf_counter()


def wait_for(event, count, report):
    for _ in range(count):
        assert any(happened == event for happened, _ in reports(report)), f"the process ended before {event}"


def finish(path, launch):
    """Let a run come to its end. Returns how many steps it took, the seconds up to the first one, and the seconds of a step."""
    process, report = launch(path)
    times = {"start": [], "step": []}
    for event, moment in reports(report):
        times.setdefault(event, []).append(moment)
    process.join(PATIENCE)
    assert process.exitcode == 0
    (start,), steps = times["start"], times["step"]
    return len(steps), steps[0] - start, (steps[-1] - start) / len(steps)


def killed_at(moment, rng, path, launch, seconds_to_start, seconds_a_step):
    """Start a run, kill it at a random instant around ``moment``, and return its exit code."""
    if moment == "start":  # as it starts, or loads, or takes its first step; the pause is the net below the trapeze
        process, _ = launch(path, pause=("step", 8))
        time.sleep(rng.random() * seconds_to_start)
    elif moment == "step":
        awaited = rng.randint(1, 8)
        process, report = launch(path, pause=("step", awaited + 8))
        wait_for("step", awaited, report)
        time.sleep(rng.random() * 2 * seconds_a_step)
    else:  # in the middle of a write, at one of four places
        awaited = rng.randint(1, 2)
        process, report = launch(path, pause=(moment, awaited))
        wait_for(moment, awaited, report)
    process.kill()
    process.join(PATIENCE)
    return process.exitcode


def partials(folder):
    return {file.name for file in folder.glob(".*.partial")}


def contents(path):
    """Every tensor of the checkpoint as bytes, and its header; the file lists the two halves of its header in any order."""
    with safetensors.safe_open(path, "pt") as file:
        return {name: file.get_tensor(name).numpy().tobytes() for name in file.keys()}, file.metadata()


def step_of(path):
    """The step of the checkpoint at ``path``, which must be readable; 0 where there is none."""
    return load(path, *nets(), device="cpu").step if path.exists() else 0


def test_twenty_kills_change_nothing_and_lose_nothing(tmp_path, launch):
    whole, path = tmp_path / "whole.safetensors", tmp_path / "killed" / "gan.safetensors"
    taken, *pace = finish(whole, launch)
    assert taken == STEPS
    rng = random.Random(0)
    exit_codes, steps, unfinished_writes = [], [0], 0
    for moment in rng.sample(MOMENTS, len(MOMENTS)):
        existed, before = path.exists(), partials(path.parent)
        exit_codes.append(killed_at(moment, rng, path, launch, *pace))
        assert path.exists() or not existed, f"a kill at {moment} lost the checkpoint"
        steps.append(step_of(path))
        assert steps[-1] >= steps[-2] and steps[-1] % EVERY == 0, f"a kill at {moment} left step {steps[-1]} after {steps[-2]}"
        unfinished_writes += len(partials(path.parent) - before)
    assert exit_codes == [-signal.SIGKILL] * 20  # each was running until then
    assert unfinished_writes >= 6  # those before fsync, after fsync and before replace
    assert 0 < steps[-1] < STEPS

    taken, *_ = finish(path, launch)
    assert taken == STEPS - steps[-1]
    (tensors, header), (expected_tensors, expected_header) = contents(path), contents(whole)
    assert tensors.keys() == expected_tensors.keys()
    assert [name for name in tensors if tensors[name] != expected_tensors[name]] == []
    assert header == expected_header


def test_the_comparison_would_notice_a_lost_random_number(tmp_path, launch):
    """The same with one kill, after which one random number too many is drawn: it must not go unnoticed."""
    whole, path = tmp_path / "whole.safetensors", tmp_path / "gan.safetensors"
    pace = finish(whole, launch)[1:]
    killed_at("after replace", random.Random(1), path, launch, *pace)
    state = load(path, *nets(), device="cpu")
    torch.rand(1, generator=state.rng)
    save(path, state)
    finish(path, launch)
    assert contents(path)[0] != contents(whole)[0]
