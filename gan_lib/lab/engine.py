"""The lab's engine in the kernel: it answers messages, and trains between them.

A message is a dictionary with what to ``do``; an answer has a ``kind`` and, where it brings arrays,
buffers of float32. The engine in the browser, ``web/engine.js``, speaks the same.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from ..training import Step, TrainingDiverged
from .history import History
from .recipe import TABLE, Recipe, as_recipe, recipe
from .run import LAST_LINE, Run
from .view import View, as_bytes

EXPERIMENTS = json.loads((Path(__file__).parent / "experiments.json").read_text(encoding="utf-8"))
STEPS = 20  # between two pictures, as long as they do not take longer than
SLICE = 0.04  # seconds: messages wait for the end of a slice
AT_ONCE = 5  # steps between two looks at the clock
NUMBERS_EVERY = 0.5  # seconds
FLOOR_ALONE, FLOOR_BESIDE = 0.002, 0.1  # seconds between two pairs for the noise floor
UNSEEN = 2  # pictures that may be on their way
PATIENCE = 3.0  # seconds without a word of the page, after which nobody looks

Send = Callable[[dict[str, Any], list[bytes]], None]


class Engine:
    """One lab: a run, its history, and who looks at it through ``send(message, buffers)``."""

    def __init__(self, send: Send, given: Recipe, experiment: str | None = None) -> None:
        self._send, self._experiment = send, experiment
        self._show = {"field"}
        self._task, self._playing = None, False
        self._floor_task, self._looked_at = None, False
        self._sent = self._seen = 0  # pictures
        self._heard = 0.0  # of the page, by the clock
        self._asked = 0  # the last question about a setting
        self._view = View()
        self._begin(given)
        self._to_replay = given if given.log else None  # once somebody looks

    def receive(self, message: dict[str, Any]) -> None:
        """Do what a message says; what is refused is answered, by name."""
        do, given = message["do"], {name: value for name, value in message.items() if name != "do"}
        try:
            if not hasattr(self, f"do_{do}"):
                raise ValueError(f"do must be something that the lab can do, not {do!r}")
            getattr(self, f"do_{do}")(**given)
        except ValueError as error:
            self._refuse(given.get("name", do), error)
        except TrainingDiverged as error:
            self._recover(error)

    # What a message can ask for.

    def do_hello(self) -> None:
        self._seen, self._looked_at = self._sent, True
        hello = {"kind": "hello", "by": "torch", "table": TABLE, "experiments": EXPERIMENTS}
        self._send({**hello, "experiment": self._experiment}, [])
        self._tell_all()
        waiting, self._to_replay = self._to_replay, None
        if waiting:
            self.do_replay(waiting)

    def do_play(self) -> None:
        self._branch()
        self._begin_task(self._endless())

    def do_pause(self) -> None:
        was, self._playing = self._playing, False
        self.run.finish_turn()
        if self._future is None:  # else this moment is kept already
            self._history.keep(self.run, now=True)
        if was:
            self._tell_frame()
            self._tell_state()
            self._send(*self._view.numbers())

    def do_gone(self) -> None:
        self._playing = self._looked_at = False

    def do_step(self) -> None:
        self._branch()
        self._trace += self.run.train(1)
        self._tell_step()

    def do_d(self) -> None:
        self._branch()
        self.run.step_alone("d")
        self._tell_step()

    def do_g(self) -> None:
        self._branch()
        self.run.step_alone("g")
        self._tell_step()

    def do_line(self) -> None:
        self._playing = False
        self._branch()
        index, i, *points = self.run.next_line()
        line = {"kind": "line", "index": index, "i": i + 1, "k": self.run.settings["k"]}
        nothing = torch.empty(0, 2)
        self._send(line, [as_bytes(nothing if each is None else each) for each in points])
        self._tell_frame()
        if index == LAST_LINE:
            self._tell_step()

    def do_set(self, name: str, value: Any, asked: int = 0) -> None:
        self._asked = max(self._asked, asked)
        changes = {"strokes": value, "data": "drawn"} if name == "strokes" else {name: value}
        if name in ("seed", "start") or not self.run.recipe.log:
            self._renew(recipe(**{**self.run.settings, **changes}))
            return
        self._branch()
        for each in changes.items():
            self.run.change(*each)
        self._view.look_at(self.run)
        self._tell_all()

    def do_reset(self) -> None:
        self._renew(recipe(**self.run.settings))

    def do_replay(self, text: str | Recipe) -> None:
        given = as_recipe(text)
        self._renew(given)
        if given.log:
            self._begin_task(self._replayed(given))

    def do_seek(self, index: int) -> None:
        if not 0 <= index < len(self._history.moments):
            raise ValueError(f"index must be below {len(self._history.moments)}, not {index}")
        self._playing = False
        if self._future is None:
            self.run.finish_turn()
            self._history.keep(self.run, now=True)
            self._future = str(self.run.recipe)
        self._at = index
        self.run.go_back(self._history.moments[index])
        self._view.look_at(self.run)
        self._tell_all()

    def do_layers(self, show: list[str]) -> None:
        self._show = set(show)
        self._tell_frame()

    def do_seen(self, frame: int) -> None:
        self._seen = max(self._seen, frame)
        self._heard = time.monotonic()

    # Runs: one begins, or leaves a former one behind.

    def _begin(self, given: Recipe) -> None:
        self.run = Run(given)
        self._view.look_at(self.run)
        self._history, self._trace = History(), []
        self._future, self._at = None, None  # the text of what lies after the moment gone back to
        self._history.keep(self.run)

    def _renew(self, given: Recipe) -> None:
        left = self._future or (self.run.recipe.log and str(self.run.recipe))
        self._begin(given)  # which raises before anything of the old run is lost
        self._playing = False
        if left:
            self._send({"kind": "left", "text": left}, [])
        self._tell_all()

    def _branch(self) -> None:
        """After going back: what was done later is left, and said in a message."""
        if self._future is not None and self._at < len(self._history.moments) - 1:
            self._send({"kind": "left", "text": self._future}, [])
            self._history.cut(self._at)
        self._future = self._at = None

    def _recover(self, error: TrainingDiverged) -> None:
        """Back to the last sound moment that was kept: D may have moved where G could not."""
        self._playing = False
        self.run.go_back(self._history.last_sound())
        self._trace = []
        self._view.look_at(self.run)
        self._refuse("run", f"{error} The run is back at step {self.run.state.step}.")
        self._tell_all()

    # Training, while messages may come between two slices.

    def _begin_task(self, steps: Iterator[list[Step]]) -> None:
        if self._task is not None:
            self._task.cancel()
        self._playing, self._heard = True, time.monotonic()
        self._task = asyncio.get_running_loop().create_task(self._play(steps))
        self._tell_state()

    def _endless(self) -> Iterator[list[Step]]:
        while True:
            yield self.run.train(AT_ONCE)

    def _replayed(self, given: Recipe) -> Iterator[list[Step]]:
        for found in self.run.replay(given, AT_ONCE):
            if self._view.look_at(self.run):
                self._tell_data()
            yield found

    async def _play(self, steps: Iterator[list[Step]]) -> None:
        told = time.monotonic()
        try:
            while await self._is_watched() and self._slice(steps):
                self._tell_frame()
                if time.monotonic() - told > NUMBERS_EVERY:
                    self._send(*self._view.numbers())
                    self._tell_state()
                    told = time.monotonic()
                await asyncio.sleep(0.001)  # long enough for all messages that have come
        except ValueError as error:
            self._refuse("run", error)
        except TrainingDiverged as error:
            self._recover(error)
        finally:
            if self._task is asyncio.current_task():
                self.do_pause()

    def _slice(self, steps: Iterator[list[Step]]) -> bool:
        """Train for one picture. Returns: whether there is more to do."""
        began, done = time.perf_counter(), 0
        while done < STEPS and time.perf_counter() - began < SLICE:
            found = next(steps, None)
            if found is None:
                return False
            self._trace += found
            done += len(found)
            self._history.keep(self.run)
        return True

    async def _is_watched(self) -> bool:
        """Wait until the page has seen most pictures; False if it is silent, or has said pause."""
        while self._playing and self._sent - self._seen >= UNSEEN:
            if time.monotonic() - self._heard > PATIENCE:
                return False
            await asyncio.sleep(0.002)
        return self._playing

    async def _measure_floor(self) -> None:
        """Score data against data, a pair at a time, until the floor of these data is known."""
        while self._looked_at and not self._view.floor.complete:
            self._view.floor.collect(1)
            await asyncio.sleep(FLOOR_BESIDE if self._playing else FLOOR_ALONE)
        if self._looked_at and not self._playing:
            self._send(*self._view.numbers())

    # What the page is told.

    def _tell_all(self) -> None:
        self._tell_state()
        self._tell_data()
        self._tell_frame()
        if not self._playing:  # else they come by themselves
            self._send(*self._view.numbers())

    def _tell_data(self) -> None:
        self._send(*self._view.data())
        unknown = self._looked_at and not self._view.floor.complete
        if unknown and (self._floor_task is None or self._floor_task.done()):
            self._floor_task = asyncio.get_running_loop().create_task(self._measure_floor())

    def _tell_step(self) -> None:
        """After a step that was asked for by itself."""
        self._history.keep(self.run)
        self._tell_frame()
        self._tell_state()
        if not self._playing:
            self._send(*self._view.numbers())

    def _tell_state(self) -> None:
        state = {
            "kind": "state",
            "recipe": self.run.settings,
            "text": str(self.run.recipe),
            "step": self.run.state.step,
            "steps": [moment.step for moment in self._history.moments],
            "at": self._at,
            "running": self._playing,
            "asked": self._asked,
        }
        self._send(state, [])

    def _tell_frame(self) -> None:
        self._sent += 1
        frame, buffers = self._view.frame(self._show, self._trace)
        self._trace = []
        self._send({**frame, "number": self._sent}, buffers)

    def _refuse(self, name: str, error: Exception | str) -> None:
        self._send({"kind": "error", "name": name, "text": str(error)}, [])
        self._tell_state()
