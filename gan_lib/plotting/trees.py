"""Pictures of trees: of codes, and of decisions."""

import functools
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ..arguments import checked
from ..huffman import Tree
from .style import subplots

VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}
COLUMNS = {"seen": (0.0, 30), "test": (3.2, 42), "cause": (7.0, 42)}  # left ends; letters a line
BOX = {"boxstyle": "round,pad=0.3", "edgecolor": "grey"}


@checked
def code_tree(forest: Sequence[Tree], finished: Tree | None = None) -> Figure:
    """Huffman trees side by side: symbols and weights at the leaves, bits beside the branches.

    Each leaf stands where the forest has it or, if it is given, where the ``finished`` tree has it
    that the forest grows into.
    """
    if not forest:
        raise ValueError("forest is empty: there is no tree to draw")
    final = [finished] if finished else forest
    symbols = [symbol for tree in final for symbol in _symbols(tree)]
    columns = {symbol: i for i, symbol in enumerate(symbols)}
    figure, axis = subplots(width=np.clip(0.75 * len(columns), 2.5, 12), height=3.6)
    for tree in forest:
        _draw_tree(axis, tree, columns)
    top = max(1, *map(_height, final)) + 0.4
    axis.set(xlim=(-0.6, len(columns) - 0.4), ylim=(-0.9, top))
    axis.axis("off")
    return figure


def _draw_tree(axis, tree, columns):
    """Draw the tree, and return where its root is: (x, y)."""
    weight = f"{float(tree.weight):g}"  # a Fraction knows no :g before Python 3.12
    if not tree.branches:
        x = columns[tree.symbol]
        name = VISIBLE.get(tree.symbol, str(tree.symbol))
        axis.text(x, -0.32, f"{name}\n{weight}", ha="center", va="top", fontsize=10)
        return x, 0
    ends = [_draw_tree(axis, branch, columns) for branch in tree.branches]
    root = np.mean([end[0] for end in ends]), _height(tree)
    box, centred = {"facecolor": "white"}, {"ha": "center", "va": "center"}
    frame, pad = box | {"boxstyle": "round"}, box | {"edgecolor": "none", "pad": 1}
    for bit, (x, y) in zip("01", ends):
        axis.plot([root[0], x], [root[1], y], color="grey", linewidth=1, zorder=1)
        middle = (root[0] + 2 * x) / 3, (root[1] + 2 * y) / 3
        axis.text(*middle, bit, **centred, color="dimgrey", fontsize=10, bbox=pad)
    axis.text(*root, weight, **centred, fontsize=9, bbox=frame)
    return root


def _height(tree):
    return max((_height(branch) + 1 for branch in tree.branches), default=0)


def _symbols(tree):
    """The symbols of a tree's leaves, from left to right."""
    return [symbol for branch in tree.branches for symbol in _symbols(branch)] or [tree.symbol]


@checked
def decision_tree(symptoms: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Figure:
    """What is seen, which tests to make in turn, and what is wrong if one fails, left to right.

    ``symptoms`` are pairs of what is seen and its tests; a test is a pair of its name and the
    cause. From a test that fails a line leads right, from one that passes down to the next.
    """
    count = sum(len(tests) for _, tests in symptoms)
    if not count:
        raise ValueError("symptoms have no tests: there is nothing to decide")
    figure, axis = subplots(width=9.6, height=0.46 * count + 0.5)
    row = 0
    for seen, tests in symptoms:
        _box(axis, "seen", row, seen, facecolor="#444444", color="white")
        axis.plot([0.1, 3.2], [row, row], color="grey", linewidth=1, zorder=0)
        axis.plot([3.1, 3.1], [row, row + len(tests) - 1], color="grey", linewidth=1, zorder=0)
        for i, (test, cause) in enumerate(tests, row):
            axis.plot([3.1, 7.0], [i, i], color="grey", linewidth=1, zorder=0)
            _box(axis, "test", i, test, facecolor="white")
            _box(axis, "cause", i, cause, facecolor="#eeeeee")
        row += len(tests)
    for name, title in (("seen", "you see"), ("test", "ask"), ("cause", "if it fails")):
        axis.text(COLUMNS[name][0], -0.75, title, va="center", style="italic", fontsize=9)
    axis.set(xlim=(-0.2, 11), ylim=(count - 0.4, -1.1))
    axis.axis("off")
    return figure


def _wrapped(text, letters):
    """The text in as few lines as it takes, none much shorter than the others."""
    wrap = functools.partial(textwrap.wrap, text, break_long_words=False)
    fewest = len(wrap(letters))
    narrowest = next(width for width in range(1, letters + 1) if len(wrap(width)) == fewest)
    return "\n".join(wrap(narrowest))


def _box(axis, column, row, text, facecolor, color="black"):
    left, letters = COLUMNS[column]
    axis.text(
        left,
        row,
        _wrapped(text, letters),
        va="center",
        fontsize=9,
        color=color,
        linespacing=1.0,
        bbox=BOX | {"facecolor": facecolor},
    )
