"""A run of the lab as a short text: what it was set to, and what was done, in order.

``data=moons&lr_g=0.002&run=500,k:5,300,d2`` is 500 steps of Algorithm 1 on two moons, then 300 with
five of D's steps for each of G's, then two of D's alone. What is not named has its default. The
settings stand in one table, ``settings.json``, from which the controls are made as well.
"""

import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .strokes import read_strokes

TABLE = json.loads((Path(__file__).parent / "settings.json").read_text(encoding="utf-8"))
ROWS = {row["name"]: row for row in TABLE["settings"]}
DEFAULTS = {name: row["default"] for name, row in ROWS.items()}
NETS = ("noise_dim", "g_width", "g_layers", "d_width", "d_layers", "activation", "packing")
ENGINES = ("torch", "js")
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
PLAYERS = ("d", "g")  # whose step may be taken alone

Action = tuple[str, Any]  # ("run", steps), ("d", steps), ("g", steps) or (a setting's name, value)


@dataclass(frozen=True)
class Recipe:
    """All settings of a run by name, and its log: the actions that were taken, in order.

    by : the engine that made it, in which alone it is repeated bit for bit
    """

    settings: dict[str, Any]
    log: tuple[Action, ...] = ()
    by: str = "torch"

    def __str__(self) -> str:
        given = {name: value for name, value in self.settings.items() if value != DEFAULTS[name]}
        entries = [f"{name}={_word(value)}" for name, value in given.items()]
        entries.append(f"by={self.by}")
        if self.log:
            entries.append(f"run={','.join(map(_item, self.log))}")
        return "&".join(entries)

    def after(self, what: str, amount: Any) -> "Recipe":
        """The recipe with one more action; steps of one kind that follow each other are added."""
        *before, last = self.log or [None]
        if last and last[0] == what and what in ("run", *PLAYERS):
            return replace(self, log=(*before, (what, last[1] + amount)))
        return replace(self, log=(*self.log, (what, amount)))


def recipe(text: str = "", **settings: Any) -> Recipe:
    """The recipe that a text stands for, with these settings in place of the text's.

    text : also the address of a page that ends in it, behind a "#"

    Raises
    ------
    ValueError
        For a setting that there is not, or whose value is out of range, by name; for two that do
        not fit each other; for a log that cannot be read.
    """
    if not isinstance(text, str):
        raise ValueError(f"text must be the text of a run, such as 'data=moons&k=5', not {text!r}")
    given, log, by, names = {}, (), "torch", set()
    for entry in filter(None, unquote(text.strip()).rpartition("#")[2].split("&")):
        name, equals, word = entry.partition("=")
        if not equals:
            raise ValueError(f"text: {entry[:60]!r} is no name=value")
        if name in names:
            raise ValueError(f"{name} is given twice")
        names.add(name)
        if name == "run":
            log = tuple(_action(item) for item in word.split(","))
        elif name == "by":
            by = word
        else:
            given[name] = word.replace("+", " ")
    if by not in ENGINES:
        raise ValueError(f"by must be one of {', '.join(ENGINES)}, not {by!r}")
    return Recipe(checked({**DEFAULTS, **given, **settings}), log, by)


def as_recipe(given: str | Recipe) -> Recipe:
    """A recipe, given as one or as its text; a ValueError for anything else."""
    return given if isinstance(given, Recipe) else recipe(given)


def checked(settings: dict[str, Any], begun: bool = False) -> dict[str, Any]:
    """The settings as plain values, in the table's order, each in range and all fitting together.

    begun : whether they are those of a run that goes on, which no longer asks where it started

    Raises ValueError as ``recipe`` does.
    """
    unknown = [name for name in settings if name not in ROWS]
    if unknown:
        raise ValueError(f"{unknown[0]} is no setting; there are {', '.join(ROWS)}")
    plain = {name: value_of(name, settings[name]) for name in ROWS}
    if plain["batch_size"] % plain["packing"]:
        raise ValueError(
            f"batch_size must be a multiple of packing = {plain['packing']}, "
            f"not {plain['batch_size']}"
        )
    if plain["data"] == "drawn" and not plain["strokes"]:
        raise ValueError("strokes is empty: draw something first")
    if plain["start"] == "pretrained" and not begun:
        changed = [name for name in NETS if plain[name] != DEFAULTS[name]]
        if changed or plain["data"] == "drawn":
            what = f"{changed[0]} = {plain[changed[0]]}" if changed else "drawn data"
            raise ValueError(f"start: there are no pretrained weights for {what}")
    return plain


def value_of(name: str, given: Any) -> Any:
    """A setting's value, from a word or a number; ValueError, by name, for one out of range."""
    row = ROWS[name]
    if row["kind"] == "text":
        read_strokes(given)
        return given
    if row["kind"] == "choice":
        if not isinstance(given, str) or given not in row["values"]:
            raise ValueError(f"{name} must be one of {', '.join(row['values'])}, not {given!r}")
        return given
    number = _number(given, whole=row["kind"] == "whole")
    if number is None or not row["least"] <= number <= row["most"]:
        kind = "a whole number" if row["kind"] == "whole" else "a number"
        raise ValueError(
            f"{name} must be {kind} from {row['least']} to {row['most']}, not {given!r}"
        )
    return number


def _number(given, whole):
    """An int, or a float; None for what is no finite number of that kind."""
    if isinstance(given, bool) or (isinstance(given, str) and not DECIMAL.fullmatch(given)):
        return None
    try:
        number = float(given)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number) or (whole and number != int(number)):
        return None
    return int(number) if whole else number


def _action(item):
    """What an item of a log says: 120, d3, or lr_g:0.002."""
    name, colon, word = item.partition(":")
    if colon:
        if name not in ROWS or name in ("seed", "start"):
            raise ValueError(f"run: {name!r} is no setting that can change while it runs")
        return name, value_of(name, word.replace("+", " "))
    what, count = (item[0], item[1:] or "1") if item[:1] in PLAYERS else ("run", item)
    steps = _number(count, whole=True)
    if steps is None or not 0 < steps <= 10**7:
        raise ValueError(f"run: {item!r} is no number of steps, step of d or g, or setting:value")
    return what, steps


def _item(action):
    what, amount = action
    if what == "run":
        return str(amount)
    if what in PLAYERS:
        return what if amount == 1 else f"{what}{amount}"
    return f"{what}:{_word(amount)}"


def _word(value):
    """A value as text that reads back as the same: 0.1, 3, unit+uniform."""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value).replace(" ", "+")
