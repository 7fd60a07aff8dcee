"""A training process is killed again and again and still ends with the weights of one that never
was."""

import random
import signal
import sys

import pytest
import torch

if sys.platform == "win32":
    pytest.skip("Windows has neither fork nor SIGKILL", allow_module_level=True)

from killing import (
    EVERY,
    IN_A_WRITE,
    STEPS,
    contents,
    finish,
    killed_at,
    launcher,
    nets,
    partials,
    step_of,
)

from gan_lib.checkpoint import load, save

MOMENTS = ["start"] * 4 + ["step"] * 6 + IN_A_WRITE * 2


@pytest.fixture
def launch():
    with launcher() as launch:
        yield launch


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
        assert steps[-1] >= steps[-2], f"a kill at {moment} left step {steps[-1]} after {steps[-2]}"
        assert steps[-1] % EVERY == 0
        unfinished_writes += len(partials(path.parent) - before)
    assert exit_codes == [-signal.SIGKILL] * 20  # each was running until then
    assert unfinished_writes >= 8  # all in a write but those after replace
    assert 0 < steps[-1] < STEPS

    taken, *_ = finish(path, launch)
    assert taken == STEPS - steps[-1]
    (tensors, header), (expected_tensors, expected_header) = contents(path), contents(whole)
    assert tensors.keys() == expected_tensors.keys() and "history" in tensors
    assert [name for name in tensors if tensors[name] != expected_tensors[name]] == []
    assert header == expected_header


def test_the_comparison_would_notice_a_lost_random_number(tmp_path, launch):
    """The same with one kill, after which one random number too many is drawn."""
    whole, path = tmp_path / "whole.safetensors", tmp_path / "gan.safetensors"
    pace = finish(whole, launch)[1:]
    killed_at("after replace", random.Random(1), path, launch, *pace)
    state = load(path, *nets(), device="cpu")
    torch.rand(1, generator=state.rng)
    save(path, state)
    finish(path, launch)
    assert contents(path)[0] != contents(whole)[0]
