"""The lab's guided experiments: what their ten recorded seeds show, and that their words say it."""

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lib import plotting
from gan_lib.lab import EXPERIMENTS, measures, recipe, run, strip
from gan_lib.lab.recipe import ROWS

BENCHMARKS = Path(__file__).parent / "benchmarks"
NAMES = [each["id"] for each in EXPERIMENTS]
SEEDS = list(range(10))
DATA = [name for name in ROWS["data"]["values"] if name != "drawn"]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def benchmark(monkeypatch):
    """The module that made the record: with the rules, and what one run measures."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    spec = importlib.util.spec_from_file_location("lab_benchmark", BENCHMARKS / "lab.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arms(name):
    """The recorded runs of both arms, pairwise by seed."""
    labels = [arm["label"] for arm in strip.experiment(name)["arms"]]
    return list(zip(*(strip.recorded_runs(name, label) for label in labels)))


def every(name, arm, field):
    return np.array([one[field] for one in strip.recorded_runs(name, arm)])


def between(values, digits):
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


# The rules, which were written down before the ten seeds were run.


@pytest.mark.parametrize("name", NAMES)
def test_nine_of_ten_recorded_seeds_show_it(name, benchmark):
    pairs = arms(name)
    assert [(one["seed"], other["seed"]) for one, other in pairs] == [(s, s) for s in SEEDS]
    assert sum(benchmark.RULES[name](*pair) for pair in pairs) >= 9


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["perfect", "field"])
def test_two_seeds_show_it_again(name, seed, benchmark):
    about = strip.experiment(name)
    again = [
        benchmark.one_run(name, f"{arm['text']}&seed={seed}", about["steps"])
        for arm in about["arms"]
    ]
    assert benchmark.RULES[name](*again)
    for now, then in zip(again, arms(name)[seed]):
        assert now["distance_at_first"] == pytest.approx(then["distance_at_first"], rel=1e-2)


def test_a_rule_can_be_broken(benchmark):
    """With both arms the same no experiment would be one."""
    for name in NAMES:
        for pair in arms(name):
            assert not benchmark.RULES[name](pair[0], pair[0])
            assert not benchmark.RULES[name](pair[1], pair[1])


# The words.


@pytest.mark.parametrize("about", EXPERIMENTS, ids=NAMES)
def test_an_experiment_is_whole(about):
    assert set(about) == {
        *("id", "title", "lesson", "question", "choices", "arms", "steps", "show", "watch"),
        *("answer", "right"),
    }
    assert 2 <= len(about["choices"]) <= 4 and 0 <= about["right"] < len(about["choices"])
    assert 1 <= len(about["arms"]) <= 2 and about["steps"] <= 3000
    assert about["answer"] and about["question"].rstrip().endswith("?")
    for arm in about["arms"]:
        assert str(recipe(arm["text"])) == arm["text"] and not recipe(arm["text"]).log


def test_an_experiment_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="experiment must be one of collapse, knob"):
        strip.experiment("nonsense")
    with pytest.raises(ValueError, match="experiment must be one of"):
        strip.picture("nonsense")
