"""The lab's runs: their texts, what may be changed on the way, and that they repeat."""

import math

import numpy as np
import pytest
import torch
from lab.runs import DRAWN, samples, weights

from gan_lib import toys, training
from gan_lib.lab import (
    Run,
    lab,
    layers,
    recipe,
    run,
)
from gan_lib.lab.recipe import DEFAULTS, ROWS
from gan_lib.lab.strokes import MOST_VERTICES, read_strokes, write_strokes


@pytest.mark.parametrize(
    "text",
    [
        "by=torch",
        "data=moons&lr_g=0.002&by=torch&run=500,k:5,300,d2",
        "seed=7&noise=unit+uniform&by=js&run=1,g,d,lr_d:1e-05",
        f"data=drawn&strokes={DRAWN}&by=torch&run=3",
    ],
)
def test_a_text_says_again_what_it_was_read_from(text):
    assert str(recipe(text)) == text


def test_a_text_holds_what_differs_only_and_like_steps_are_added():
    done = recipe("lr_d=0.001&k=1&by=torch&run=100,20,d,d,g").log
    assert str(recipe("lr_d=0.001&k=1")) == "by=torch"
    made = recipe(k=3)
    for action in done:
        made = made.after(*action)
    assert str(made) == "k=3&by=torch&run=120,d2,g"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nonsense=1", "nonsense is no setting"),
        ("ring", "'ring' is no name=value"),
        ("data=circle", "data must be one of ring, grid"),
        ("k=0", "k must be a whole number from 1 to 20, not '0'"),
        ("k=1.5", "k must be a whole number"),
        ("k=0x3", "k must be a whole number"),
        ("lr_g=nan", "lr_g must be a number"),
        ("lr_g= 1", "lr_g must be a number"),
        ("momentum=1", "momentum must be a number from 0 to 0.999"),
        ("batch_size=63&packing=2", "batch_size must be a multiple of packing = 2"),
        ("data=drawn", "strokes is empty"),
        ("strokes=abc", "strokes must have four characters"),
        ("strokes=ab$d", "strokes must be made of"),
        ("start=pretrained&g_width=16", "start: there are no pretrained weights for g_width = 16"),
        ("by=pencil", "by must be one of torch, js"),
        ("run=0", "run: '0' is no number of steps"),
        ("run=3,x", "run: 'x' is no number of steps"),
        ("k=2&k=4", "k is given twice"),
        ("run=3,seed:1", "run: 'seed' is no setting that can change"),
        ("run=3,k:99", "k must be a whole number from 1 to 20"),
    ],
)
def test_a_text_that_makes_no_sense_is_refused_by_name(text, named):
    with pytest.raises(ValueError, match=named.replace("+", r"\+")):
        recipe(text)


def test_the_table_is_in_order():
    for name, row in ROWS.items():
        assert recipe(**{name: row["default"]}).settings == DEFAULTS
        if row["kind"] in ("whole", "number"):
            assert all(row["least"] <= value <= row["most"] for value in row.get("values", []))
            for beyond in (row["least"] - 1, row["most"] * 2 + 1):
                with pytest.raises(ValueError, match=f"^{name} must be"):
                    recipe(**{name: beyond})


def test_drawings_survive_their_text():
    rng = np.random.default_rng(0)
    strokes = tuple(tuple(map(tuple, rng.uniform(-3, 3, (n, 2)))) for n in (1, 2, 30))
    again = read_strokes(write_strokes(strokes))
    assert [len(stroke) for stroke in again] == [1, 2, 30]
    assert np.abs(np.concatenate(again) - np.concatenate(strokes)).max() <= 3 / 4096 + 1e-12
    assert write_strokes(again) == write_strokes(strokes)
    assert read_strokes(write_strokes([[(-9.0, 9.0)]])) == ((pytest.approx((-3, 3), abs=1e-3),),)
    with pytest.raises(ValueError, match=f"at most {MOST_VERTICES} vertices"):
        read_strokes("AAAA" * (MOST_VERTICES + 1))


@pytest.mark.parametrize(
    ("act", "named"),
    [
        (lambda: lab(3), "text"),
        (lambda: Run(3), "text"),
        (lambda: next(Run().replay(3)), "text"),
        (lambda: lab(picture=3), "picture"),
        (lambda: recipe(k=10**400), "k"),
        (lambda: recipe(data=np.array(["ring"])), "data"),
        (lambda: read_strokes(None), "strokes"),
        (lambda: write_strokes([[]]), "strokes"),
        (lambda: write_strokes([[(0, math.nan)]]), "strokes"),
        (lambda: write_strokes([[(0, 0, 1)]]), "strokes"),
        (lambda: write_strokes([[(0, 0)] * (MOST_VERTICES + 1)]), "strokes"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(act, named):
    with pytest.raises(ValueError, match=f"^{named} "):
        act()


# Runs.


def test_a_run_is_the_course_s_own_training():
    own = Run("seed=3&lr_g=0.002")
    nets = run.build_nets(own.settings)
    state = training.start(
        *nets.values(), steps=40, batch_size=64, betas=(0.5, 0.99), noise_dim=2, seed=3,
        lr_d=1e-3, lr_g=2e-3, average=None, precision="float32", device="cpu",
    )  # fmt: skip
    expected = list(training.train(state, toys.ring().sample))
    assert own.train(15) + own.train(25) == expected
    assert str(own.recipe) == "seed=3&lr_g=0.002&by=torch&run=40"


CHANGES = [
    ("objective", "wasserstein_gp"), ("k", 2), ("batch_size", 32), ("lr_d", 0.01), ("r1", 0.5),
    ("noise", "uniform"), ("noise_dim", 3), ("g_width", 8), ("d_layers", 1), ("packing", 2),
    ("activation", "tanh"), ("momentum", 0.9), ("data", "moons"), ("strokes", DRAWN),
    ("data", "drawn"), ("optimizer", "sgd"), ("objective", "feature_matching"),
]  # fmt: skip


def test_a_run_with_every_kind_of_change_is_repeated_bit_for_bit():
    first = Run("seed=5")
    for name, value in CHANGES:
        first.train(3)
        first.step_alone("d")
        first.change(name, value)
        first.step_alone("g")
        for _ in range(3):  # a turn that is left open
            first.next_line()
    first.finish_turn()
    text = str(first.recipe)
    for _ in range(2):
        again = Run(text)
        for _ in again.replay(text):
            pass
        assert str(again.recipe) == text
        assert torch.equal(weights(again), weights(first))
        assert torch.equal(samples(again), samples(first))


@pytest.mark.parametrize(
    "text", ["", "k=3&objective=wasserstein_gp", "objective=relativistic&packing=2"]
)
def test_a_turn_line_by_line_is_a_step_of_train(text):
    whole, lined = Run(text), Run(text)
    whole.train(5)
    lined.train(3)
    k = lined.settings["k"]
    for _ in range(2):
        seen = [lined.next_line()[:2] for _ in range(4 * k + 3)]
        assert seen == [(line, i) for i in range(k) for line in range(4)] + [
            (line, k - 1) for line in (4, 5, 6)
        ]
    assert torch.equal(weights(whole), weights(lined))
    assert whole.recipe == lined.recipe
    whole.train(2)
    lined.train(2)
    assert torch.equal(weights(whole), weights(lined))


def test_a_step_alone_moves_one_player():
    of = Run()
    of.train(2)
    for player, moved in (("d", "discriminator"), ("g", "generator")):
        before = {
            name: [p.clone() for p in net.parameters()] for name, net in of.state.nets.items()
        }
        of.step_alone(player)
        for name, net in of.state.nets.items():
            same = all(torch.equal(a, b) for a, b in zip(before[name], net.parameters()))
            assert same == (name != moved)
    assert of.state.step == 2


def test_a_change_keeps_what_fits():
    of = Run()
    of.train(5)
    g, d = of.state.generator, of.state.discriminator
    moments = of.state.d_optimizer.state_dict()["state"]
    of.change("g_width", 8)
    assert of.state.discriminator is d and of.state.generator is not g
    assert of.state.step == 5
    kept = of.state.d_optimizer.state_dict()["state"]
    assert all(torch.equal(kept[i]["exp_avg"], moments[i]["exp_avg"]) for i in moments)
    assert not of.state.g_optimizer.state_dict()["state"]
    of.change("momentum", 0.9)
    assert of.state.d_optimizer.param_groups[0]["betas"] == (0.9, 0.99)
    assert of.state.d_optimizer.state_dict()["state"]
    of.change("optimizer", "sgd")
    assert not of.state.d_optimizer.state_dict()["state"]
    for name in ("seed", "start"):
        with pytest.raises(ValueError, match=f"{name} is a matter of the beginning"):
            of.change(name, 1)
    before = weights(of)
    with pytest.raises(ValueError, match="k must be"):
        of.change("k", 0)
    assert torch.equal(weights(of), before) and of.settings["k"] == 1


def test_a_run_that_diverges_says_so_and_can_go_back():
    of = Run("objective=maximum_likelihood&optimizer=sgd&lr_d=10&lr_g=10&momentum=0")
    kept = of.moment()
    with pytest.raises(training.TrainingDiverged, match="step"):
        of.train(500)
    assert of.state.step > 0 and of.recipe.log[-1] == ("run", of.state.step)
    of.go_back(kept)
    assert not of.recipe.log and torch.isfinite(weights(of)).all()


def test_going_back_goes_on_as_it_went():
    of = Run("packing=2")
    of.train(4)
    kept = of.moment()
    of.train(6)
    of.change("noise_dim", 1)
    of.train(3)
    there = weights(of)
    of.go_back(kept)
    assert of.settings["noise_dim"] == 2 and of.state.step == 4
    of.train(6)
    of.change("noise_dim", 1)
    of.train(3)
    assert torch.equal(weights(of), there)


@pytest.mark.parametrize("data", ["ring", "grid", "moons", "line", "gaussian", "spiral"])
def test_data_have_the_density_of_their_samples(data):
    of = Run(f"data={data}")
    masses = layers.data_masses(of)
    assert masses.sum() == pytest.approx(1, abs=2e-3)
    x = of.data.sample(40_000, torch.Generator().manual_seed(0)).numpy()
    edges = np.linspace(-3, 3, layers.FIELD + 1)
    counts, *_ = np.histogram2d(x[:, 1], x[:, 0], bins=[edges, edges])
    assert np.abs(counts.ravel() / len(x) - masses).sum() < 0.1
