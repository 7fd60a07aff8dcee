"""The lab's engine in the kernel: what each message does, and what the page is told."""

import asyncio
import json

import pytest
import torch
from lab.runs import DRAWN, samples, weights

from gan_lib.lab import (
    Engine,
    Run,
    layers,
    measures,
    recipe,
)
from gan_lib.lab.recipe import TABLE


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
    page.say("pause")
    assert [moment.step for moment in steps] == [0, 20, 40, 50]  # a moment is kept once
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


def test_a_settings_answer_names_the_question():
    page = Page()
    page.say("set", name="k", value=2, asked=7)
    assert page.last("state")["asked"] == 7
    assert page.say("set", name="k", value=-1, asked=8) == ["error", "state"]
    assert page.last("state")["asked"] == 8


def test_a_moment_whose_weights_are_no_longer_finite_is_not_gone_back_to():
    page = Page()
    page.say("step")
    history, run = page.engine._history, page.engine.run
    with torch.no_grad():
        next(run.state.generator.parameters()).fill_(float("nan"))
    history.keep(run, now=True)
    assert page.say("step")[-1] == "numbers" and "error" in [m["kind"] for m, _ in page.heard]
    assert page.last("state")["step"] == 0
    assert all(torch.isfinite(each).all() for each in samples(page.engine.run))


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
