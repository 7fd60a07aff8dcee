"""Makes docs/pictures/, what the README and the site's first page show: the course's own figures.

    python docs/picture.py           # the still ones, from what the notebooks store
    python docs/picture.py --moving  # the moving one: plays the games of 06 and 09, for minutes

Still pictures are cut from stored outputs. The moving one is trained anew by the notebooks' own
cells, with their settings and seeds, so that the digits of its last frame are those that notebook
09 stores (if it was run on such a machine). It needs MNIST.
"""

import argparse
import ast
import base64
import io
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from gan_lib import data, plotting, training

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"

# ---- still pictures

GAME = ("06_one_dimensional_gan", "figure1_strip([panel_a, panel_b, panel_c, panel_d]")
DIGITS = ("09_mnist_gan", "image_grid(through_time, row_labels=moments)")
LOOKS = {  # one at each part: the notebook, and what stands in the cell that stores the figure
    "distributions": ("03_kl_and_js_divergence", 'title=f"lowest {name}"'),
    "game": ("05_optimal_discriminator", 'label="$D$, learnt from samples"'),
    "mnist": ("09_mnist_gan", 'rows = ["by G", "nearest", "difference"]'),
    "wrong": ("11_mode_collapse", '"equal": equal}'),
    "beyond": ("16_conditional_gan", "plotting.image_grid(hundred.flatten(0, 1))"),
    "lab": ("00_start_here", "from gan_lib.lab import lab, strip"),
}
HANDS = 4  # of the ten rows of notebook 16's figure


def cell_with(notebook, marker):
    """The only code cell of a notebook whose source contains ``marker``."""
    path = HERE.parent / "notebooks" / f"{notebook}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    found = [cell for cell in cells if cell.cell_type == "code" and marker in cell.source]
    if len(found) != 1:
        raise ValueError(f"{path.name} has {len(found)} cells with {marker!r}, not one")
    return found[0]


def stored(notebook, marker):
    """The picture that this cell stores, on white."""
    outputs = cell_with(notebook, marker).outputs
    png = next(each.data["image/png"] for each in outputs if "image/png" in each.get("data", {}))
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def above(upper, lower, gap=20):
    """Two pictures as one, the narrower in the middle."""
    width = max(upper.width, lower.width)
    both = Image.new("RGB", (width, upper.height + gap + lower.height), "white")
    both.paste(upper, ((width - upper.width) // 2, 0))
    both.paste(lower, ((width - lower.width) // 2, upper.height + gap))
    return both


def still_pictures():
    """{name: picture}: the still twin of the moving one, and a look at each part."""
    pictures = {name: stored(*place) for name, place in LOOKS.items()}
    rows = pictures["beyond"]
    pictures["beyond"] = rows.crop((0, 0, rows.width, rows.height * HANDS // 10))
    return {"still": above(stored(*GAME), stored(*DIGITS)), **pictures}


# ---- the moving picture

WIDTH, HEIGHT, GAP, TITLE = 420, 330, 20, 30  # pixels, of each half
COLUMNS, ROWS = 7, 5
MILLISECONDS, REST = 130, 2600  # of a frame, and of the last
COLORS = 64
ON_A_LINE = [  # what stands in the cells of notebook 06 that are run
    "import functools",
    "bell = toys.GaussianMixture(means=(1.0,)",
    "z = np.linspace(-1, 1, 2001)",
    "slowly = {**settings",
    "def play(settings, p",
    "def shade(axis, frame):",
]
ON_MNIST = [
    "import copy",
    "def new_players(seed=0):",
    "state = training.start(*new_players(), seed=0",
]


def defined(notebook, markers, **given):
    """What cells of a notebook define, run as they stand, without their loops and displays."""
    kept = (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef)
    names = dict(given)
    for marker in markers:
        cell = ast.parse(cell_with(notebook, marker).source)
        cell.body = [statement for statement in cell.body if isinstance(statement, kept)]
        exec(compile(cell, notebook, "exec"), names)
    return names


def line_frames(names):
    """Notebook 06's second run, drawn frame by frame: its frames are those of the scrubber."""
    options = {"width": WIDTH / 100, "height": HEIGHT / 100, "height_ratios": [3, 1]}
    figure, axes = plotting.subplots(2, 1, sharex=True, **options)
    panel = plotting.Figure1(names["x"], names["p_data"], axes, legend=False)
    panel.upper.set_ylabel(panel.ylabel)
    lines = list(panel.lines.values())
    figure.legend(
        handles=lines,
        loc="outside lower center",
        ncols=4,
        fontsize=9,
        columnspacing=1,
        frameon=False,
    )
    show = names["shaded"](panel)
    for frame in names["frames"]:
        show(frame)
        panel.upper.set_title(f"numbers, step {frame.step}")
        yield opened(figure)


def digit_frames(names, count):
    """Notebook 09's full run, as drawn by the average at ``count`` moments, the first untrained."""
    state, shown = names["state"], COLUMNS * ROWS
    first = 8  # where the average first moves
    moments = np.geomspace(first, state.settings.steps, count - 1).round().astype(int)
    drawn = [(0, names["draw"](shown))]
    run = training.train(state, names["images"])
    for _ in training.snapshots(run, drawn, lambda: names["draw"](shown), at=moments):
        pass
    for number, digits in drawn:
        grid = opened(plotting.image_grid(digits, columns=COLUMNS))
        yield titled(grid, f"digits, step {number}")


def opened(figure):
    return Image.open(io.BytesIO(plotting.png(figure))).convert("RGB")


def titled(picture, title):
    """A picture under a title like matplotlib's."""
    whole = Image.new("RGB", (WIDTH, HEIGHT), "white")
    whole.paste(picture, (0, TITLE))
    font = ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf"), 16)
    ImageDraw.Draw(whole).text((WIDTH / 2, TITLE / 2), title, "black", font, anchor="mm")
    return whole


def beside(left, right):
    both = Image.new("RGB", (left.width + GAP + right.width, HEIGHT), "white")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + GAP, 0))
    return both


def moving_frames():
    """Both games side by side, each from its first step to its last."""
    images, _ = data.mnist("train")
    torch.set_num_threads(1)
    line = list(line_frames(defined("06_one_dimensional_gan", ON_A_LINE)))
    digits = digit_frames(defined("09_mnist_gan", ON_MNIST, images=images), len(line))
    return [beside(*halves) for halves in zip(line, digits, strict=True)]


def write_moving(frames, path):
    """Frames as a GIF that begins anew after a rest, with one palette for all."""
    sample = Image.new("RGB", (frames[0].width, 3 * HEIGHT))
    for i, frame in enumerate((frames[0], frames[len(frames) // 2], frames[-1])):
        sample.paste(frame, (0, i * HEIGHT))
    palette = sample.quantize(COLORS, dither=Image.Dither.NONE)
    first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    lasting = [MILLISECONDS] * len(others) + [REST]
    first.save(path, save_all=True, append_images=others, duration=lasting, loop=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moving", action="store_true", help="train and draw the moving picture")
    PICTURES.mkdir(exist_ok=True)
    if parser.parse_args().moving:
        write_moving(moving_frames(), PICTURES / "moving.gif")
    else:
        for name, picture in still_pictures().items():
            picture.save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
