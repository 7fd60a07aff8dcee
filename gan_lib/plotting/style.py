"""Colours, lines and sizes that all figures share."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ..arguments import checked

COLORS = {  # after Okabe and Ito (2008): told apart also by colour-blind readers
    "p_data": "black",
    "p_g": "#009E73",
    "D": "#0072B2",
    "D*": "#56B4E9",
    "forward KL": "#E69F00",
    "reverse KL": "#CC79A7",
    "JS": "#D55E00",
    "Wasserstein": "#888888",
    "total variation": "#882255",
}
LINES = {  # keyword arguments for plot(): colour and line style together
    "p_data": {"color": COLORS["p_data"], "linestyle": ":", "linewidth": 2.2},
    "p_g": {"color": COLORS["p_g"], "linestyle": "-", "linewidth": 2},
    "D": {"color": COLORS["D"], "linestyle": "--", "linewidth": 2},
    "D*": {"color": COLORS["D*"], "linestyle": "-", "linewidth": 4, "alpha": 0.6},
}
STYLE = {
    "figure.dpi": 100,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "savefig.bbox": None,
}


@checked(rows=1, columns=1)
def subplots(
    rows: int = 1, columns: int = 1, width: float = 7, height: float = 3, **options: Any
) -> tuple[Figure, Any]:
    """``plt.subplots`` in our style, sizes in inches: the figure, closed for pyplot, its axes."""
    for name, inches in (("width", width), ("height", height)):
        if not 0 < inches < 1000:
            raise ValueError(f"{name} must be positive, and below 1000 inches, not {inches!r}")
    options |= {"figsize": (width, height), "layout": "constrained"}
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, **options)
    plt.close(figure)
    return figure, axes
