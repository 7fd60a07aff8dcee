"""The lab in the kernel: texts of runs, what a run can do, its measures and layers, its engine."""

import asyncio
import collections
import json
import math
import re
import shutil
import subprocess

import numpy as np
import pytest
import torch
from scipy import stats

from gan_lib import evaluation, toys, training
from gan_lib.lab import (
    EXPERIMENTS,
    Engine,
    NoiseFloor,
    Run,
    lab,
    layers,
    measures,
    modules,
    recipe,
    run,
)
from gan_lib.lab.recipe import DEFAULTS, ROWS, TABLE
from gan_lib.lab.strokes import MOST_VERTICES, read_strokes, write_strokes

DRAWN = write_strokes((((-1.0, -1.0), (0.0, 1.0), (1.0, -1.0)), ((2.0, 2.0),)))


def weights(of):
    return torch.cat(
        [p.detach().flatten() for net in of.state.nets.values() for p in net.parameters()]
    )


def samples(of):
    with torch.no_grad():
        return of.state.generator(layers.shown_noise(of))


# Texts.


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


# Measures.


def test_js_of_samples_counts_cells_and_what_is_outside():
    assert measures.histogram_js([[0.1, 0.1]], [[-0.1, 0.1]]) == pytest.approx(math.log(2))
    assert measures.histogram_js([[9, 0.0]], [[0.0, -9]]) == 0  # both outside
    x = np.array([[0.1, 0.1], [1.1, 1.1]])
    assert measures.histogram_js(x, x[:1]) == pytest.approx(
        0.5 * math.log(1 / 0.75) + 0.25 * math.log(0.5 / 0.75) + 0.25 * math.log(2), abs=1e-12
    )
    with pytest.raises(ValueError, match="x must be finite points"):
        measures.histogram_js([[np.nan, 0]], x)


@pytest.mark.parametrize("data", ["ring", "moons", "gaussian"])
def test_real_against_real_lies_in_the_band(data):
    """In at least 95 of 100 new trials: the band holds 99 % of 400 others."""
    source = Run(f"data={data}").data
    floor = NoiseFloor(source)
    assert floor.band("js") == (None, None)
    floor.collect()
    fresh = NoiseFloor(source, seed=1).collect(100)
    for name in ("js", "w1"):
        low, high = floor.band(name)
        inside = sum(low <= score <= high for score in fresh.scores[name])
        print(f"{data} {name}: {low:.4f} to {high:.4f}, {inside} of 100 inside")
        assert 0 < low < high and inside >= 95


def test_numbers_of_a_run_leave_it_as_it_is():
    of = Run()
    of.train(3)
    before = of.state.rng.get_state()
    found = measures.numbers(of, NoiseFloor(of.data), torch.Generator().manual_seed(0))
    assert torch.equal(of.state.rng.get_state(), before)
    assert found["modes"]["of"] == 8 and found["js"]["low"] is None
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        fake = of.state.generator(training.sample_noise(of.state.settings, rng, 1000))
    real = of.data.sample(1000, rng)
    assert found["w1"]["value"] == evaluation.wasserstein1(real[:200], fake[:200])
    report = evaluation.mode_report(fake, toys.ring().centres, 0.05)
    assert found["modes"]["covered"] == report.covered
    assert measures.numbers(Run("data=moons"), floor_of("moons"), rng)["modes"] is None


def floor_of(data):
    return NoiseFloor(Run(f"data={data}").data)


# Layers.


def linear_run(text, matrix):
    """A run whose G is x = matrix z."""
    of = Run(text)
    linear = torch.nn.Linear(len(matrix[0]), 2, bias=False)
    linear.weight.data = torch.tensor(matrix)
    of.state.nets["generator"] = linear
    return of


def test_the_sheet_has_the_density_of_what_a_linear_generator_makes():
    matrix = [[1.0, 0.5], [0.0, 2.0]]
    x, density = layers.sheet(linear_run("", matrix))
    covariance = np.array(matrix) @ np.array(matrix).T
    expected = stats.multivariate_normal([0, 0], covariance).pdf(x.numpy())
    np.testing.assert_allclose(density.numpy(), expected, rtol=1e-5)
    x, density = layers.sheet(linear_run("noise_dim=1", [[3.0], [4.0]]))
    along = np.hypot(*x.numpy().T)
    np.testing.assert_allclose(density.numpy(), stats.norm.pdf(along, scale=5), rtol=1e-5)
    x, density = layers.sheet(linear_run("noise=uniform", matrix))
    np.testing.assert_allclose(density.numpy(), 0.25 / 2, rtol=1e-6)
    assert len(x) == layers.SHEET**2
    x, density = layers.sheet(Run("noise_dim=3"))
    assert torch.isnan(density).all() and torch.isfinite(x).all()


def test_the_best_discriminator_of_a_perfect_generator_says_one_half(monkeypatch):
    of = linear_run("data=gaussian", [[0.7, 0.0], [0.0, 0.7]])
    masses = layers.data_masses(of)
    best = layers.best_discriminator(of, masses)
    heavy = masses > 2e-3
    assert heavy.sum() > 100 and np.abs(best[heavy] - 0.5).max() < 0.1
    assert abs(best[heavy] - 0.5).mean() < 0.04
    monkeypatch.setattr(layers, "LATTICE", 2**18)
    assert np.abs(layers.best_discriminator(of, masses)[heavy] - 0.5).mean() < 0.005
    far = linear_run("data=gaussian", [[0.01, 0.0], [0.0, 0.01]])
    best = layers.best_discriminator(far, masses)
    assert (best[heavy] == 1).mean() > 0.9 and np.nanmin(best) < 0.1
    assert np.isnan(best[0])  # a corner where neither is


def test_arrows_follow_the_true_loss_of_each_game():
    """Moving a fake by a small step along its arrow lowers G's loss by |arrow|^2 step / B."""
    for objective in ROWS["objective"]["values"]:
        for packing in (1, 2):
            of = Run(f"objective={objective}&packing={packing}&activation=tanh")
            of.train(20)
            fake, real = samples(of), layers.shown_data(of)
            drawn = layers.arrows(of, fake, real)
            assert torch.equal(drawn[:, :2], fake[: layers.ARROWS])
            game, d = of.state.objective, of.state.discriminator.double()
            step = 1e-4 / drawn[:, 2:].abs().max().item()
            moved = fake.double().clone()
            moved[: layers.ARROWS] += step * drawn[:, 2:].double()
            before, after = (
                training.generator_loss(d, x, game, real=real.double())
                for x in (fake.double(), moved)
            )
            expected = -step * drawn[:, 2:].double().square().sum() / len(fake)
            assert (after - before).item() == pytest.approx(expected.item(), rel=2e-2), objective


def test_the_field_is_d_s_answer_at_the_middles():
    of = Run()
    middles = layers.centres(layers.FIELD)
    assert middles[0].tolist() == pytest.approx([-2.925, -2.925])
    assert middles[1].tolist() == pytest.approx([-2.775, -2.925])
    answer = torch.sigmoid(of.state.discriminator(middles)).flatten()
    assert torch.equal(layers.field(of), answer)
    critic = Run("objective=wasserstein_gp&packing=2")
    pair = torch.cat([middles[:1], middles[:1]])
    assert layers.field(critic)[0].item() == pytest.approx(critic.state.discriminator(pair).item())


# The engine.


class Page:
    """What a page hears; it has seen each picture at once."""

    def __init__(self, text="", **options):
        self.heard = []
        self.engine = Engine(self.hear, recipe(text), **options)

    def hear(self, message, buffers):
        json.dumps(message)  # what a message can be
        self.heard.append((message, buffers))
        if message["kind"] == "frame":
            self.engine.do_seen(message["number"])

    def say(self, do, **given):
        del self.heard[:]
        self.engine.receive({"do": do, **given})
        return self.kinds()

    def kinds(self):
        return [message["kind"] for message, _ in self.heard]

    def last(self, kind):
        return next(message for message, _ in reversed(self.heard) if message["kind"] == kind)

    def watch(self, seconds=20.0):
        """Let the engine train until it has paused."""

        async def wait():
            for _ in range(int(seconds / 0.01)):
                await asyncio.sleep(0.01)
                if self.engine._task is None or self.engine._task.done():
                    return
            raise AssertionError("it did not end")

        return wait()


def test_hello_tells_all_there_is():
    page = Page("data=moons")

    async def look():
        assert page.say("hello") == ["hello", "state", "data", "frame", "numbers"]

    asyncio.run(look())
    hello = page.last("hello")
    assert hello["by"] == "torch" and hello["table"] == TABLE
    frame, buffers = page.heard[3]
    assert frame["arrays"] == ["fake", "field"]
    assert [len(each) for each in buffers] == [4 * 2 * 500, 4 * 1600]
    page.say("layers", show=["field", "best", "sheet", "arrows"])
    frame, buffers = page.heard[0]
    assert frame["arrays"] == ["fake", "field", "best", "sheet", "density", "arrows"]
    assert [len(each) // 4 for each in buffers] == [1000, 1600, 1600, 882, 441, 240]


def test_the_noise_floor_is_found_while_somebody_looks():
    page = Page(f"data=drawn&strokes={DRAWN}")

    async def look():
        page.say("hello")
        assert page.last("numbers")["js"]["low"] is None
        await page.engine._floor_task
        low, high = (page.last("numbers")["js"][name] for name in ("low", "high"))
        assert 0 < low < high and page.last("numbers")["floor_pairs"] == measures.PAIRS
        page.say("set", name="data", value="moons")
        assert page.last("numbers")["js"]["low"] == TABLE["floors"]["moons"]["js"][0]
        page.say("set", name="strokes", value=DRAWN[:8])
        await asyncio.sleep(0.05)
        page.say("gone")
        await page.engine._floor_task
        assert page.engine._view.floor.pairs < measures.PAIRS

    asyncio.run(look())


def test_steps_by_hand():
    page = Page()
    for do in ("step", "d", "g"):
        assert page.say(do)[-3:] == ["frame", "state", "numbers"]
    assert page.last("state")["text"] == "by=torch&run=1,d,g"
    kinds = [tuple(page.say("line")) for _ in range(7)]
    assert all(each[:2] == ("line", "frame") for each in kinds)
    assert page.last("state")["text"] == "by=torch&run=1,d,g,1"


def test_play_pause_and_a_change_on_the_way():
    page = Page()

    async def play():
        page.say("play")
        await asyncio.sleep(0.5)
        page.engine.receive({"do": "set", "name": "lr_g", "value": 0.002})
        await asyncio.sleep(0.2)
        page.engine.receive({"do": "pause"})
        here = page.engine.run.state.step
        await asyncio.sleep(0.1)
        assert page.engine.run.state.step == here > 0
        assert page.last("state")["running"] is False
        assert page.engine._task.done()

    asyncio.run(play())
    assert ",lr_g:0.002," in page.last("state")["text"]
    frames = [message for message, _ in page.heard if message["kind"] == "frame"]
    traced = [row for frame in frames for row in frame["trace"]]
    assert [row[0] for row in traced] == sorted({row[0] for row in traced})
    assert traced[-1][0] == page.engine.run.state.step


def test_nobody_looks_so_it_stops(monkeypatch):
    monkeypatch.setattr("gan_lib.lab.engine.PATIENCE", 0.05)
    page = Page()
    page.engine.do_seen = lambda frame: None

    async def play():
        page.engine.receive({"do": "play"})
        await page.watch()

    asyncio.run(play())
    assert page.last("state")["running"] is False
    assert page.engine.run.state.step <= 3 * 20


def test_going_back_and_another_way():
    page = Page()
    for _ in range(50):
        page.say("step")
    here = weights(page.engine.run)
    page.say("pause")
    steps = page.engine._history.moments
    assert [moment.step for moment in steps] == [0, 20, 40, 50]
    page.say("seek", index=1)
    assert page.last("state")["at"] == 1 and page.last("frame")["step"] == 20
    page.say("seek", index=3)
    assert torch.equal(weights(page.engine.run), here)
    page.say("seek", index=1)
    assert page.say("step")[0] == "left"
    assert page.last("left")["text"] == "by=torch&run=50"
    assert page.last("state")["text"] == "by=torch&run=21"
    assert page.last("state")["steps"] == [0, 20]
    assert page.say("seek", index=9) == ["error", "state"]


def test_the_history_stays_small():
    page = Page("batch_size=8&g_width=2&d_width=2&g_layers=1&d_layers=1")
    history = page.engine._history
    history.every = 1
    for _ in range(450):
        page.engine._trace = []
        page.engine.run.train(1)
        history.keep(page.engine.run)
    steps = [moment.step for moment in history.moments]
    assert len(steps) <= 200 and steps[0] == 0 and steps == sorted(set(steps))
    assert history.every in (2, 4) and steps[-1] > 440


def test_a_run_that_is_left_is_told_and_a_text_is_carried_out():
    page = Page()
    page.say("step")
    assert page.say("reset")[0] == "left"
    page.say("step")
    assert page.say("set", name="seed", value=4)[0] == "left"
    assert page.last("state")["text"] == "seed=4&by=torch"
    assert page.say("set", name="lr_g", value=0.01)[0] == "state"  # nothing was done: nothing left
    assert page.last("state")["text"] == "seed=4&lr_g=0.01&by=torch"

    async def replay():
        page.say("replay", text="k=2&run=30,k:1,25,d")
        await page.watch()

    asyncio.run(replay())
    state = page.last("state")
    assert state["text"] == "k=2&by=torch&run=30,k:1,25,d" and not state["running"]
    assert state["recipe"]["k"] == 1 and state["step"] == 55
    once = page.engine.run
    asyncio.run(replay())
    assert torch.equal(samples(once), samples(page.engine.run))


def test_a_text_given_at_first_is_carried_out_when_somebody_looks():
    page = Page("seed=2&run=40", experiment="collapse")

    async def look():
        page.say("hello")
        await page.watch()

    asyncio.run(look())
    assert page.last("hello")["experiment"] == "collapse"
    assert page.last("state")["text"] == "seed=2&by=torch&run=40"


def test_a_replay_shows_the_data_and_the_noise_that_it_comes_to():
    text = f"run=3,data:moons,3,noise_dim:3,3,noise:uniform,3,strokes:{DRAWN},data:drawn,2"
    page, fresh = Page(), Page(f"data=drawn&strokes={DRAWN}&noise=uniform&noise_dim=3")

    async def replay():
        page.say("hello")
        page.say("layers", show=["best"])
        page.engine.receive({"do": "replay", "text": text})
        await page.watch()
        return page.last("data"), [buffers for m, buffers in page.heard if m["kind"] == "data"][-1]

    data, points = asyncio.run(replay())
    message, buffers = fresh.engine._view.data()
    assert (data, points) == (message, buffers)
    assert page.engine._view.floor.data == fresh.engine.run.data
    best = [b[1] for m, b in page.heard if m["kind"] == "frame"][-1]
    due = layers.best_discriminator(page.engine.run, layers.data_masses(fresh.engine.run))
    assert best == torch.from_numpy(due).float().numpy().tobytes()


def test_a_pause_acts_while_single_steps_are_replayed():
    page = Page()

    async def replay():
        page.engine.receive({"do": "replay", "text": "run=d5000"})
        await asyncio.sleep(0.2)
        page.engine.receive({"do": "pause"})
        await page.watch(1.0)

    asyncio.run(replay())
    ((what, steps),) = page.engine.run.recipe.log
    assert what == "d" and 0 < steps < 5000


def test_an_unforeseen_error_is_not_silent_and_nothing_runs_on(monkeypatch):
    page = Page()
    monkeypatch.setattr(page.engine._view, "numbers", lambda: 1 / 0)
    monkeypatch.setattr("gan_lib.lab.engine.NUMBERS_EVERY", 0.0)

    async def play():
        page.engine.receive({"do": "play"})
        await page.engine._task

    with pytest.raises(ZeroDivisionError):
        asyncio.run(play())
    assert not page.engine._playing


def test_v_and_modes_are_told_only_where_they_mean_something():
    page = Page("data=gaussian&objective=wasserstein_gp")
    page.say("step")
    assert page.last("frame")["v"] is None and page.last("numbers")["modes"] is None
    page = Page()
    page.say("step")
    assert page.last("frame")["v"] == pytest.approx(-page.last("frame")["d_loss"])
    assert page.last("numbers")["modes"]["of"] == 8


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


@pytest.mark.parametrize("data", list(TABLE["floors"]))
def test_the_floors_in_the_table_are_those_of_the_data(data):
    """4000 pairs made the table; the quantiles of 400 others scatter about them."""
    found = NoiseFloor(Run(f"data={data}").data, seed=2).collect()
    for name, (low, high) in TABLE["floors"][data].items():
        inside = np.mean([low <= score <= high for score in found.scores[name]])
        assert 0.97 <= inside <= 1, (name, inside)
        assert found.band(name)[0] == pytest.approx(low, rel=0.35)
        assert found.band(name)[1] == pytest.approx(high, rel=0.2)


def test_what_is_refused_is_said_by_name():
    page = Page()
    page.say("step")
    for name, value in (("k", 0), ("packing", 3), ("data", "drawn"), ("strokes", "?")):
        assert page.say("set", name=name, value=value) == ["error", "state"]
        assert page.last("error")["name"] == name
    assert page.say("replay", text="nothing") == ["error", "state"]
    assert page.last("state")["text"] == "by=torch&run=1"
    assert page.say("set", name="strokes", value=DRAWN)[-1] == "numbers"
    assert page.last("state")["recipe"]["data"] == "drawn"


def test_a_run_that_diverges_is_back_at_the_last_moment_kept():
    page = Page("objective=maximum_likelihood&optimizer=sgd&lr_d=10&lr_g=10&momentum=0")

    async def play():
        page.say("play")
        await page.watch()

    asyncio.run(play())
    said = page.last("error")
    assert said["name"] == "run" and "loss is" in said["text"]
    state = page.last("state")
    assert said["text"].endswith(f"The run is back at step {state['step']}.")
    assert state["step"] == state["steps"][-1] and not state["running"]
    again = Run(state["text"])
    for _ in again.replay(state["text"]):
        pass
    assert torch.equal(weights(again), weights(page.engine.run))


def test_a_message_that_means_nothing_is_answered():
    page = Page()
    assert page.say("dance") == ["error", "state"]
    assert "not 'dance'" in page.last("error")["text"]


# The widget.

TOP_LEVEL = re.compile(r"^(?:async )?(?:const|let|var|function\*?|class) +(\w+)", re.MULTILINE)


def test_what_is_joined_for_jupyter_is_one_module():
    text = modules.joined("widget.js")
    assert not re.search(r"^import ", text, re.MULTILINE)
    (exported,) = re.findall(r"^export .*", text, re.MULTILINE)
    assert exported.startswith("export default {")
    names = collections.Counter(TOP_LEVEL.findall(text))
    assert len(names) > 50 and [name for name, times in names.items() if times > 1] == []
    node = shutil.which("node")
    if node:
        command = [node, "--input-type=module", "--check"]
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)


def test_every_module_says_its_imports_as_they_are_joined():
    for path in modules.WEB.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        found = len(re.findall(r"^import ", text, re.MULTILINE))
        assert found == len(modules.IMPORT.findall(text)), path.name
        if path.name != "widget.js":
            left = re.findall(r"^export .*", modules.EXPORT.sub("", text), re.MULTILINE)
            assert left == [], path.name


def test_a_lab_says_what_it_is_and_brings_a_picture():
    shown = lab(data="moons", k=5)
    assert repr(shown) == "<interactive: the GAN lab, data=moons&k=5&by=torch>"
    data, _ = shown._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and "text/plain" in data
    assert shown.run.settings["k"] == 5
    shown.close()
    for each in EXPERIMENTS:
        assert repr(lab(experiment=each["id"])) == f"<interactive: the GAN lab, {each['id']}>"
    with pytest.raises(ValueError, match="experiment must be one of .*, not 'luck'"):
        lab(experiment="luck")
    with pytest.raises(ValueError, match="k must be"):
        lab(k=0)
