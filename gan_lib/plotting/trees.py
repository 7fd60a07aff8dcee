"""Pictures of code trees."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ..huffman import Tree
from .style import subplots

VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


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
