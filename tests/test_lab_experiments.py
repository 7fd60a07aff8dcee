"""The lab's guided experiments: what their ten recorded seeds show, and that their words say it."""

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

from gan_lib import plotting
from gan_lib.lab import EXPERIMENTS, NoiseFloor, Run, measures, recipe, strip
from gan_lib.lab.recipe import ROWS, TABLE

DOCS = Path(__file__).resolve().parent.parent / "docs"
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


@pytest.mark.parametrize(("name", "seed"), [("perfect", 0), ("field", 0), ("field", 1)])
def test_the_quickest_show_it_again(name, seed, benchmark):
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
        *("answer", "right", "words"),
    }
    assert 2 <= len(about["choices"]) <= 4 and 0 <= about["right"] < len(about["choices"])
    assert 1 <= len(about["arms"]) <= 2 and about["steps"] <= 3000
    assert about["answer"] and about["question"].rstrip().endswith("?")
    for arm in about["arms"]:
        assert str(recipe(arm["text"])) == f"{arm['text']}&by=torch" and not recipe(arm["text"]).log


def test_an_experiment_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="experiment must be one of collapse, knob"):
        strip.experiment("nonsense")
    with pytest.raises(ValueError, match="experiment must be one of"):
        strip.picture("nonsense")


COUNT = "none one two three four five six seven eight nine ten".split()


def facts_of_collapse():
    alone, pairs = (
        every("collapse", "one at a time", "covered"),
        every("collapse", "in pairs", "covered"),
    )
    quality = 100 * every("collapse", "in pairs", "quality")
    assert (alone <= 1).all() and sorted(pairs)[1] == 6
    return [
        "one heap or none in all ten, and",
        f"six to eight heaps in {COUNT[sum(pairs >= 6)]} of ten seeds",
        f"all eight in {COUNT[sum(pairs == 8)]} of them",
        f"{COUNT[min(pairs)]} in the tenth",
        f"to the other {between(every('collapse', 'one at a time', 'passes'), 0)} times (each",
        f"{between(quality, 0)} % of the samples",
    ]


def facts_of_knob():
    slow, fast = (
        every("knob", label, "covered") for label in ("D ten times slower than G", "D as fast as G")
    )
    assert every("knob", "D ten times slower than G", "flat").min() > 0.999
    return [
        f"none in {COUNT[sum(slow <= 1)]} of ten seeds, {COUNT[max(slow)]} in the tenth",
        f"all eight in {COUNT[sum(fast == 8)]} of ten seeds, {COUNT[min(fast)]} in the tenth",
    ]


def facts_of_perfect():
    stuck, free = (strip.recorded_runs("perfect", name) for name in ("log(1 − D)", "−log D"))
    nearer = max(run["distance_at_first"] - run["distance"] for run in stuck)
    heaps = [run["covered"] for run in free]
    assert sorted(heaps) == [1] * 9 + [2] and all(r["pull"] < r["pull_at_100"] for r in stuck)
    assert all(run["right"] == run["right_at_100"] == 1 for run in stuck)
    return [
        f"median arrow is {between([run['pull_at_100'] for run in stuck], 3)} long after 100 steps",
        f"by more than {nearer:.2f}",
        f"{between([run['distance_at_first'] for run in stuck], 2)} away",
        f"it is {between([run['pull_at_100'] for run in free], 2)} long then",
        f"within {max(run['distance'] for run in free):.2f} of the heaps, in all ten seeds",
        f"down to {between([run['d_loss'] for run in stuck], 4)} nats",
        f"wrong about {between([100 - 100 * run['right'] for run in free], 0)} % of the real",
        "on one heap, in one seed on two",
    ]


def facts_of_oscillation():
    off = [every("oscillation", name, "off") for name in ("as it is", "with R1, γ = 5")]
    swings, held = (every("oscillation", name, "passes") for name in ("as it is", "with R1, γ = 5"))
    assert sorted(held) == [0] * 9 + [2]
    return [
        f"was {between(off[0], 2)} off",
        f"to the other {between(swings, 0)} times (each coordinate counted, from beyond 0.3",
        f"With R1 it was {between(off[1], 2)} off",
        "in nine seeds it never went across, in the tenth twice",
    ]


def facts_of_field():
    flat = 100 * every("field", "a judge, D", "flat")
    assert every("field", "a critic, f", "near_one").min() == 1
    assert every("field", "a critic, f", "flat").max() == 0
    return [
        f"After 500 steps {between(flat, 0)} % of the window is flat",
        "between 0.5 and 1.5 everywhere, and nowhere flat",
        f"is long all the same, {between(every('field', 'a judge, D', 'pull'), 2)}",
        f"the critic's is {between(every('field', 'a critic, f', 'pull'), 2)} long",
    ]


FACTS = {
    "collapse": facts_of_collapse,
    "knob": facts_of_knob,
    "perfect": facts_of_perfect,
    "oscillation": facts_of_oscillation,
    "field": facts_of_field,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_says_what_the_record_shows(name):
    answer = strip.experiment(name)["answer"]
    missing = [fact for fact in FACTS[name]() if fact not in answer]
    assert not missing
    told = set(re.findall(r"\d+(?:\.\d+)?", answer))
    spare = told - set(re.findall(r"\d+(?:\.\d+)?", " ".join(FACTS[name]())))
    assert spare <= {"1000", "1500", "500", "100", "1", "0.1"}  # steps, log(1 − D), a limit


@pytest.mark.parametrize("about", EXPERIMENTS, ids=NAMES)
def test_a_picture_shows_both_arms_and_has_words(about):
    figure = strip.picture(about["id"])
    assert len(figure.axes) == 8
    assert [figure.axes[i].get_ylabel() for i in (0, 4)] == [arm["label"] for arm in about["arms"]]
    runs = [strip.recorded_runs(about["id"], arm["label"])[0] for arm in about["arms"]]
    for axis, frame in zip(figure.axes, [frame for run in runs for frame in run["frames"]]):
        shown = axis.lines[1].get_xydata()
        assert axis.lines[1].get_color() == plotting.COLORS["p_g"] and shown.shape == (300, 2)
        np.testing.assert_allclose(shown.flatten() * 100, frame["fakes"], atol=1e-9)
        assert bool(axis.collections) == ("field" in frame)
    assert figure.axes[3].get_title() == f"step {runs[0]['frames'][-1]['step']}"
    assert 25 <= len(about["words"].split()) <= 75


# The page of the lab.


def page_of_the_lab():
    return (DOCS / "lab.md").read_text(encoding="utf-8")


def floor_of(data):
    return NoiseFloor(Run(f"data={data}").data).collect()


def test_the_page_has_the_noise_floors_right():
    """The means are those of 400 pairs, the bands those that the lab shows."""
    page, bands = page_of_the_lab(), TABLE["floors"]
    ring, heap = floor_of("ring"), floor_of("gaussian")
    (low, high), (first, last) = bands["ring"]["js"], bands["gaussian"]["js"]
    assert f"{np.mean(ring.scores['js']):.3f} nats on average" in page
    assert f"99 of 100 pairs between {low:.3f} and {high:.3f}" in page
    assert f"it is {np.mean(heap.scores['js']):.3f} ({first:.3f} to {last:.3f})" in page
    low, high = bands["ring"]["w1"]
    assert f"on the ring {np.mean(ring.scores['w1']):.2f} ({low:.2f} to {high:.2f})" in page


def test_chance_alone_gives_the_floor_that_the_page_says():
    """JS of two draws of n from K equal cells: about (K - 1) / 4n nats."""
    rng, cells, n = np.random.default_rng(0), 81, 1000
    points = np.stack(np.meshgrid(*[np.arange(9) * 0.3 - 1.2] * 2), -1).reshape(-1, 2)
    scores = [
        measures.histogram_js(*(points[rng.integers(cells, size=n)] for _ in range(2)))
        for _ in range(200)
    ]
    assert np.mean(scores) == pytest.approx((cells - 1) / (4 * n), rel=0.03)


def facts_beside():
    """What the page says of the runs beside the experiments."""
    r1, no_momentum = (
        every("collapse", name, "covered") for name in ("with R1, γ = 5", "momentum 0")
    )
    faster = every("knob", "D ten times faster than G", "covered")
    adam = [every("perfect", "log(1 − D), Adam", name) for name in ("distance", "covered")]
    off, passes = (
        [every("oscillation", name, what) for name in ("momentum 0", "with R1, γ = 1")]
        for what in ("off", "passes")
    )
    some = no_momentum[no_momentum > 1]
    return [
        f"| {between(r1, 0)} heaps: here it is no cure |",
        f"none in {COUNT[sum(no_momentum <= 1)]} seeds, {between(some, 0)} in the other",
        f"| {between(faster, 0)} heaps, seven or more in {COUNT[sum(faster >= 7)]} seeds",
        f"| {between(adam[0], 2)} from the heaps at the end, on {between(adam[1], 0)} of them",
        f"| {between(off[0], 2)} off, as near as with R1; but it passed up to {max(passes[0])}",
        f"| {between(off[1], 2)} off, {between(passes[1], 0)} passes: too weak |",
    ]


def test_the_page_says_what_is_recorded_beside_the_experiments():
    assert [fact for fact in facts_beside() if fact not in page_of_the_lab()] == []
    for name in ("collapse", "knob", "perfect", "oscillation"):
        for run in strip.recorded_runs(name):
            assert run["seed"] in SEEDS


def test_the_page_lists_each_experiment_with_its_answer():
    page = strip.page()
    for about in EXPERIMENTS:
        for part in ("title", "question", "answer", "words"):
            assert page.count(about[part]) == 1
        assert f"**Measured: {about['choices'][about['right']]}.**" in page


# The weights to start from.


def test_the_kept_weights_are_those_of_the_median_seed():
    text = (BENCHMARKS.parent.parent / "data" / "lab" / "pretrained.json").read_text()
    runs = json.loads(text)["runs"]
    for data in DATA:
        scores = {run["js"]: run["kept"] for run in runs if run["data"] == data}
        ranked = sorted(scores)
        assert [scores[js] for js in ranked].index(True) == len(ranked) // 2 == 1
        assert sum(scores.values()) == 1
        assert sorted(run["seed"] for run in runs if run["data"] == data) == [0, 1, 2]


@pytest.mark.parametrize("data", DATA)
def test_the_pretrained_nets_score_what_is_recorded(data, benchmark):
    text = (BENCHMARKS.parent.parent / "data" / "lab" / "pretrained.json").read_text()
    (kept,) = [run for run in json.loads(text)["runs"] if run["data"] == data and run["kept"]]
    lab = Run(f"data={data}&start=pretrained")
    found = benchmark.scores(lab.state.generator, lab.data, batches=20)
    assert found["js"] == pytest.approx(kept["js"], rel=0.02)
    assert found["js"] < (1 if data == "gaussian" else 4) * kept["js_floor"][1]
    if kept.get("of", 1) > 1:
        assert found["covered"] > 0.95 * kept["of"] and found["quality"] > 0.9
