"""The figures, against the data they are meant to show: never against pictures."""

import io
import math
from fractions import Fraction
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from matplotlib.legend import Legend
from PIL import Image
from scipy.stats import norm

from gan_lib import plotting
from gan_lib.game import Frame
from gan_lib.huffman import forests, huffman_code, huffman_tree
from gan_lib.plotting import figure1, picture
from gan_lib.training import Step

X = np.linspace(-5, 5, 201)
P_DATA = norm.pdf(X, 1, 0.8)
Z = np.linspace(-3, 3, 101)
LETTERS = {"a": 2, "b": 3, "c": 10, "d": 2, "e": 2, "f": 1}


def frame(step=7, shift=0.0):
    """G(z) = z / 2 + shift and a D that rises from left to right."""
    return Frame(step, Z, Z / 2 + shift, norm.pdf(X, shift, 0.5), 1 / (1 + np.exp(-X)))


def images(n=3):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(np.uint8)


def history(n=60, g_loss=0.7):
    rng = np.random.default_rng(0)
    return [
        Step(
            10 * i, 1.4 + rng.normal() / 10, g_loss + rng.normal() / 10, rng.random(), rng.random()
        )
        for i in range(1, n + 1)
    ]


def drawn(figure):
    """The shades of grey that a grid shows, from 0, white, to 16, black."""
    (image,) = (image for axis in figure.axes for image in axis.images)
    assert image.get_clim() == (0, 16)
    return image.get_array()


def shades(images):
    """Bytes as the nearest of 17 shades."""
    return np.round(images / 255 * 16)


def tile(pixels, row, column, size=28):
    """The place of one image in a grid, each with a margin of one pixel around it."""
    top, left = row * (size + 2) + 1, column * (size + 2) + 1
    return pixels[top : top + size, left : left + size]


def labelled(axis):
    return {line.get_label(): line for line in axis.lines if not line.get_label().startswith("_")}


def levels(axis):
    """Heights of the horizontal reference lines."""
    return sorted(line.get_ydata()[0] for line in axis.lines if line.get_color() == "grey")


# For all figures.

DECISIONS = [("fever", [("throat", "cold"), ("lungs", "flu")]), ("none", [("blood", "anaemia")])]
FIGURES = {
    "subplots": lambda: plotting.subplots()[0],
    "image_grid": lambda: plotting.image_grid(images()),
    "code_tree": lambda: plotting.code_tree([huffman_tree(LETTERS)]),
    "decision_tree": lambda: plotting.decision_tree(DECISIONS),
    "training_curves": lambda: plotting.training_curves(history()),
    "Figure1": lambda: plotting.Figure1(X, P_DATA).show(frame()),
    "figure1_strip": lambda: plotting.figure1_strip([frame(), frame()], X, P_DATA),
    "distance_curves": lambda: plotting.distance_curves([frame(1), frame(2)], X, P_DATA),
}


@pytest.fixture(params=FIGURES.values(), ids=FIGURES.keys())
def draw(request):
    plt.close("all")
    return request.param


def test_figures_are_closed_for_pyplot_so_that_they_show_once(draw):
    draw()
    assert plt.get_fignums() == []


def test_the_style_does_not_leak(draw):
    before = dict(plt.rcParams)
    draw()
    assert dict(plt.rcParams) == before


def test_every_figure_becomes_a_png_of_its_size(draw):
    figure = draw()
    contents = plotting.png(figure)
    assert contents.startswith(b"\x89PNG\r\n\x1a\n")
    size = [
        int.from_bytes(contents[start : start + 4], "big") for start in (16, 20)
    ]  # from the file's header
    assert size == [round(inches * figure.dpi) for inches in figure.get_size_inches()]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_a_png_shows_what_matplotlib_draws(draw):
    figure = draw()
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    expected = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    assert np.abs(pixels(plotting.png(figure)) - expected).max() <= 48  # 64 colours only


def panel(position=0.5):
    figure, (left, right) = plotting.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="black")
    (dot,) = right.plot([position], [0.5], "o", color="black", label="a dot")
    right.fill_between([0, 1], [0, position], color="orange")
    right.set(xlim=(0, 1), ylim=(0, 1), xlabel="x")
    right.legend(loc="upper left")
    return figure, dot


CHANGES = {
    "what is drawn": lambda figure: figure.axes[1].lines[0].set_xdata([0.8]),
    "colour": lambda figure: figure.axes[1].lines[0].set_color("red"),
    "one curve more": lambda figure: figure.axes[0].plot([0, 1], [1, 0], color="grey"),
    "one curve less": lambda figure: figure.axes[1].lines[0].remove(),
    "limits": lambda figure: figure.axes[1].set_ylim(0, 2),
    "data and limits": lambda figure: (
        figure.axes[0].plot([0, 7], [3, 3]),
        figure.axes[0].autoscale(),
    ),
    "ticks": lambda figure: figure.axes[1].set_yticks([0.2]),
    "names of ticks": lambda figure: figure.axes[1].set_yticks([0, 0.2], ["none", "some"]),
    "place": lambda figure: figure.axes[1].set_position([0.6, 0.3, 0.3, 0.5]),
    "scale": lambda figure: figure.axes[0].set_xscale("symlog"),
    "label": lambda figure: figure.axes[1].set_xlabel("another one"),
    "title": lambda figure: figure.axes[1].set_title("a title"),
    "title of all": lambda figure: figure.suptitle("a title"),
    "legend": lambda figure: figure.axes[1].legend(["another name"]),
    "legend of all": lambda figure: figure.legend(
        handles=figure.axes[1].lines, loc="outside lower center"
    ),
    "text": lambda figure: figure.axes[0].text(0.5, 0.2, "here"),
    "no axes": lambda figure: figure.axes[0].axis("off"),
    "dots per inch": lambda figure: figure.set_dpi(80),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_figure_that_was_changed_looks_as_if_made_so(change):
    (moved, _), (fresh, _) = panel(), panel()
    before = plotting.png(moved)
    change(moved)
    change(fresh)
    assert picture._drawn(moved) == picture._drawn(
        fresh
    )  # to the last bit, while all colours are there
    after, expected = pixels(plotting.png(moved)), pixels(plotting.png(fresh))
    assert (
        after.shape == expected.shape and np.abs(after - expected).max() <= 48
    )  # each of 64 colours only
    assert after.shape != pixels(before).shape or np.abs(after - pixels(before)).max() > 96


def test_what_is_moved_comes_without_ticks_and_labels_being_drawn_again(monkeypatch):
    figure, dot = panel()
    draws = []
    for kind in (Axis, Legend):
        monkeypatch.setattr(
            kind,
            "draw",
            lambda self, renderer, draw=kind.draw: (draws.append(self), draw(self, renderer)),
        )
    for position in (0.2, 0.4, 0.6):
        dot.set_xdata([position])
        plotting.png(figure)
    assert len(draws) == len(set(draws)) == 5  # two axes with two each, and a legend: once


def test_limits_that_jump_to_and_fro_are_drawn_once_each(monkeypatch):
    figure, dot = panel()
    draws = []
    draw = FigureCanvasAgg.draw
    monkeypatch.setattr(FigureCanvasAgg, "draw", lambda self: (draws.append(self), draw(self)))
    for position, top in ((0.2, 1), (0.3, 2), (0.4, 1), (0.5, 4), (0.6, 2), (0.7, 1)):
        dot.set_xdata([position])
        figure.axes[1].set_ylim(0, top)
        found = picture._drawn(figure)
    assert len(draws) == 3  # one for each top
    monkeypatch.undo()
    fresh, dot = panel()
    dot.set_xdata([0.7])
    assert found == picture._drawn(fresh)
    for top in range(10, 20):
        figure.axes[1].set_ylim(0, top)
        picture._drawn(figure)
    assert len(figure._grounds) == picture.GROUNDS


def saved(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return pixels(file.getvalue())


def test_a_figure_that_was_moved_is_printed_whole():
    figure, dot = panel()
    plotting.png(figure)
    dot.set_xdata([0.8])
    plotting.png(figure)
    moved, at_first = saved(figure), saved(panel(0.5)[0])
    assert (moved != at_first).any() and (moved.sum() / at_first.sum()) == pytest.approx(
        1, abs=1e-3
    )


def test_colours_are_told_apart():
    assert len(set(plotting.COLORS.values())) == len(plotting.COLORS)
    assert len({style["linestyle"] + style["color"] for style in plotting.LINES.values()}) == len(
        plotting.LINES
    )


# image_grid.

FORMS = {
    "numpy": images(5),
    "tensor": torch.from_numpy(images(5)),
    "with a channel": images(5)[:, None],
    "tensor with a channel": torch.from_numpy(images(5))[:, None],
}


@pytest.mark.parametrize("given", FORMS.values(), ids=FORMS.keys())
def test_the_grid_shows_the_images_in_reading_order(given):
    pixels = drawn(plotting.image_grid(given, columns=2))
    assert pixels.shape == (3 * 30, 2 * 30)
    places = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]
    for place, image in zip(places, images(5)):
        assert np.array_equal(tile(pixels, *place), shades(image))
    assert pixels.sum() == shades(images(5)).sum()  # margins and the empty place are white


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_grid_of_a_generator_needs_no_detaching(dtype):
    fakes = (
        torch.tanh(torch.linspace(-3, 3, 2 * 28 * 28))
        .reshape(2, 1, 28, 28)
        .to(dtype)
        .requires_grad_()
    )
    pixels = drawn(plotting.image_grid(fakes))
    np.testing.assert_allclose(
        tile(pixels, 0, 1), 8 * (fakes[1, 0].detach().double() + 1), atol=0.501
    )
    assert pixels[0, 0] == 0


def shade(given):
    """What a grid shows of an image that has one level only."""
    (level,) = np.unique(tile(drawn(plotting.image_grid(given)), 0, 0))
    return level


def test_shades_are_those_of_the_range_and_not_of_the_batch():
    assert shade(np.full((1, 28, 28), -0.5)) == 4
    assert shade(torch.full((1, 28, 28), 128, dtype=torch.uint8)) == 8


@pytest.mark.parametrize("level", [0, 1])
def test_an_empty_image_of_bytes_is_white_and_not_grey(level):
    assert shade(np.full((1, 28, 28), level, dtype=np.uint8)) == 0


def test_ink_is_dark_on_light():
    (axis,) = plotting.image_grid(images()).axes
    (image,) = axis.images
    assert image.cmap(image.norm(0))[:3] == (1, 1, 1) and image.cmap(image.norm(16))[:3] == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize("row_labels", [None, ["real"]])
@pytest.mark.parametrize("zoom", [1, 2, 3])
def test_each_pixel_is_a_square_of_pixels_and_none_is_blurred(zoom, row_labels):
    given = images(3)
    png = plotting.png(plotting.image_grid(given, columns=3, row_labels=row_labels, zoom=zoom))
    screen = plt.imread(io.BytesIO(png))[:, -3 * 30 * zoom :, 0]  # (rows, columns), 1 is white
    assert screen.shape == (30 * zoom, 90 * zoom)
    for i, image in enumerate(given):
        shown = screen[zoom : 29 * zoom, (30 * i + 1) * zoom : (30 * i + 29) * zoom]
        np.testing.assert_allclose(
            shown, 1 - shades(image).repeat(zoom, 0).repeat(zoom, 1) / 16, atol=0.005
        )


def test_rows_are_labelled_at_their_middles():
    (axis,) = plotting.image_grid(images(4), columns=2, row_labels=["real", "fake"]).axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["real", "fake"]
    assert list(axis.get_yticks()) == pytest.approx([14.5, 44.5], abs=1)
    (axis,) = plotting.image_grid(images(4), columns=2).axes
    assert list(axis.get_yticks()) == []


@pytest.mark.parametrize(
    "shape", [(0, 28, 28), (28, 28), (3, 3, 28, 28), (3, 784), (1, 2, 3, 4, 5)]
)
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(
        ValueError,
        match=r"images must have shape \(n, height, width\).*not \(" + ", ".join(map(str, shape)),
    ):
        plotting.image_grid(np.zeros(shape))


# code_tree.


def is_bit(text):
    return same_color(text.get_color(), "dimgrey")


def leaves(figure):
    """{symbol: (column, weight)} as the texts below say it."""
    (axis,) = figure.axes
    found = [
        (text.get_position()[0], *text.get_text().split("\n"))
        for text in axis.texts
        if "\n" in text.get_text()
    ]
    return {symbol: (column, weight) for column, symbol, weight in found}


def nodes(figure):
    """{place: weight} of where branches meet."""
    (axis,) = figure.axes
    return {
        text.get_position(): text.get_text()
        for text in axis.texts
        if "\n" not in text.get_text() and not is_bit(text)
    }


def words(figure):
    """{symbol: word}: the bits beside the branches, from each tree's root down to each leaf."""
    (axis,) = figure.axes
    bits = [(text.get_position(), text.get_text()) for text in axis.texts if is_bit(text)]
    above = {}  # {lower end: (upper end, the bit that lies on the way)}
    for line in axis.lines:
        top, bottom = map(tuple, line.get_xydata())
        length = math.dist(top, bottom)
        (bit,) = (
            bit
            for place, bit in bits
            if math.dist(top, place) + math.dist(place, bottom) < length + 1e-9
        )
        above[bottom] = top, bit

    def path(place):
        return path(above[place][0]) + above[place][1] if place in above else ""

    return {symbol: path((column, 0)) for symbol, (column, _) in leaves(figure).items()}


def test_the_tree_shows_symbols_and_weights():
    figure = plotting.code_tree([huffman_tree(LETTERS)])
    assert {symbol: weight for symbol, (_, weight) in leaves(figure).items()} == {
        s: str(n) for s, n in LETTERS.items()
    }
    assert sorted(column for column, _ in leaves(figure).values()) == list(range(6))
    assert sorted(map(int, nodes(figure).values())) == [
        3,
        4,
        6,
        10,
        20,
    ]  # f + a, d + e, b + 3, 4 + 6, c + 10


@pytest.mark.parametrize(
    "letters", [LETTERS, {"a": 0.5, "b": 0.25, "c": 0.125, "d": 0.125}, dict.fromkeys("abcde", 1)]
)
def test_the_bits_beside_the_branches_are_the_words_of_the_code(letters):
    assert words(plotting.code_tree([huffman_tree(letters)])) == huffman_code(letters)


def test_each_node_stands_above_its_branches():
    for line in plotting.code_tree([huffman_tree(LETTERS)]).axes[0].lines:
        assert line.get_ydata()[0] > line.get_ydata()[1]


def test_a_growing_tree_keeps_its_leaves_in_their_places():
    grown, finished = forests(LETTERS), huffman_tree(LETTERS)
    figures = [plotting.code_tree(forest, finished) for forest in grown]
    for forest, figure in zip(grown, figures):
        assert leaves(figure) == leaves(figures[-1])
        assert figure.axes[0].axis() == figures[-1].axes[0].axis()
        assert figure.get_size_inches().tolist() == figures[-1].get_size_inches().tolist()
        assert len(figure.axes[0].lines) == 2 * len(nodes(figure)) == 2 * (6 - len(forest))
    assert words(figures[-1]) == huffman_code(LETTERS)


def test_trees_stand_in_the_order_of_the_forest_unless_told_otherwise():
    for forest in (forests(LETTERS)[0], forests(LETTERS)[0][::-1]):
        assert {
            symbol: column for symbol, (column, _) in leaves(plotting.code_tree(forest)).items()
        } == {tree.symbol: i for i, tree in enumerate(forest)}


def test_a_lone_symbol_is_a_leaf_without_branches():
    figure = plotting.code_tree([huffman_tree({"a": 4})])
    assert leaves(figure) == {"a": (0, "4")}
    assert words(figure) == {"a": ""} and nodes(figure) == {}


def test_symbols_that_nobody_can_see_are_shown():
    assert set(leaves(plotting.code_tree([huffman_tree({" ": 1, "\n": 1, "\t": 1, 7: 0.25})]))) == {
        "␣",
        "⏎",
        "⇥",
        "7",
    }


def test_everything_in_the_tree_is_inside_its_picture():
    figure = plotting.code_tree([huffman_tree(LETTERS)])
    figure.canvas.draw()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1


@pytest.mark.parametrize("empty", [[], ()])
def test_no_trees_are_refused(empty):
    with pytest.raises(ValueError, match="forest is empty"):
        plotting.code_tree(empty)


# decision_tree.


def test_the_decisions_stand_in_rows_seen_test_cause():
    (axis,) = plotting.decision_tree(DECISIONS).axes
    rows = {}
    for text in axis.texts:
        rows.setdefault(text.get_position()[1], []).append(text.get_text())
    titles, *rows = (rows[height] for height in sorted(rows))
    assert titles == ["you see", "ask", "if it fails"]
    assert rows == [["fever", "throat", "cold"], ["lungs", "flu"], ["none", "blood", "anaemia"]]


def test_a_line_leads_down_from_a_test_that_passes_and_stops_at_the_last_of_its_symptom():
    lines = plotting.decision_tree(DECISIONS).axes[0].lines
    down = [line.get_ydata() for line in lines if np.ptp(line.get_xdata()) == 0]
    assert [list(rows) for rows in down] == [[0, 1], [2, 2]]


def test_a_long_question_is_broken_in_the_middle():
    question = "is the standard deviation after BatchNorm 1?"
    (axis,) = plotting.decision_tree([("fever", [(question, "flu")])]).axes
    (shown,) = (text.get_text() for text in axis.texts if "BatchNorm" in text.get_text())
    assert shown == "is the standard deviation\nafter BatchNorm 1?"


@pytest.mark.parametrize("symptoms", [[], [("fever", [])]])
def test_no_decisions_are_refused(symptoms):
    with pytest.raises(ValueError, match="symptoms have no tests"):
        plotting.decision_tree(symptoms)


# training_curves.


def test_curves_are_the_history_and_its_running_means():
    steps = history()
    left, right = plotting.training_curves(steps, smooth=20).axes
    for axis, label, name in (
        (left, "$D$'s loss", "d_loss"),
        (left, "$G$'s loss", "g_loss"),
        (right, "$D(x)$, real", "d_real"),
        (right, "$D(G(z))$, fake", "d_fake"),
    ):
        values = [getattr(step, name) for step in steps]
        line = labelled(axis)[label]
        assert line.get_xdata()[0] == steps[19].number and line.get_xdata()[-1] == steps[-1].number
        means = [sum(values[i : i + 20]) / 20 for i in range(len(values) - 19)]
        np.testing.assert_allclose(line.get_ydata(), means)
        assert any(np.array_equal(faint.get_ydata(), values) for faint in axis.lines)


def test_curves_keep_the_colours_of_the_players():
    left, right = (labelled(axis) for axis in plotting.training_curves(history()).axes)
    assert same_color(left["$D$'s loss"].get_color(), plotting.COLORS["D"])
    assert same_color(left["$G$'s loss"].get_color(), plotting.COLORS["p_g"])
    assert same_color(right["$D(x)$, real"].get_color(), plotting.COLORS["p_data"])
    assert same_color(right["$D(G(z))$, fake"].get_color(), plotting.COLORS["p_g"])


def test_grey_lines_stand_where_d_is_undecided():
    left, right = plotting.training_curves(history()).axes
    assert levels(left) == pytest.approx([math.log(2), 2 * math.log(2)])
    assert levels(right) == [0.5]


def objective(**fields):
    """A game of one's own: the paper's, but for these fields."""
    paper = {"levels": (2 * math.log(2), math.log(2), 0.5), "unit": "nats"}
    answers = {"answer_label": "D(x)", "answer_range": (0, 1)}
    return SimpleNamespace(**{**paper, **answers, **fields})


CRITIC = objective(levels=(0.0, None, None), unit="", answer_label="f", answer_range=None)


def test_levels_and_labels_are_those_of_the_objective():
    left, right = plotting.training_curves(history(), CRITIC).axes
    assert levels(left) == [0] and levels(right) == []
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "answer")
    assert set(labelled(right)) == {"$f(x)$, real", "$f(G(z))$, fake"}


def test_the_game_is_taken_from_the_objective_and_not_guessed_from_the_losses():
    for g_loss in (0.7, -0.7):
        left, right = plotting.training_curves(history(g_loss=g_loss)).axes
        assert levels(left) == pytest.approx([math.log(2), 2 * math.log(2)])
        minimax = objective(levels=(2 * math.log(2), -math.log(2), 0.25))
        left, right = plotting.training_curves(history(g_loss=g_loss), minimax).axes
        assert levels(left) == pytest.approx([-math.log(2), 2 * math.log(2)])
        assert levels(right) == [0.25]


def test_a_game_can_be_named():
    left, _ = plotting.training_curves(history(g_loss=-0.7), "minimax").axes
    assert levels(left) == pytest.approx([-math.log(2), 2 * math.log(2)])
    assert left.get_ylabel() == "loss (nats)"


@pytest.mark.parametrize("game", ["non_saturating", CRITIC], ids=["paper", "critic"])
@pytest.mark.parametrize("g_loss", [0.7, -0.7])
def test_every_loss_is_inside_the_picture(game, g_loss):
    left, _ = plotting.training_curves(history(g_loss=g_loss), game).axes
    low, high = left.get_ylim()
    for line in left.lines:
        assert low <= min(line.get_ydata()) and max(line.get_ydata()) <= high


def test_losses_that_are_all_positive_are_shown_from_0():
    assert plotting.training_curves(history()).axes[0].get_ylim()[0] == 0
    assert plotting.training_curves(history(g_loss=-0.7)).axes[0].get_ylim()[0] < -0.7


def test_every_answer_of_a_critic_is_inside_the_picture():
    steps = [Step(i, 1.0, 1.0, 5.0 * i, -3.0 * i) for i in range(1, 40)]
    low, high = plotting.training_curves(steps, CRITIC).axes[1].get_ylim()
    assert low <= -117 and 195 <= high


def test_axes_say_what_and_in_which_unit():
    left, right = plotting.training_curves(history()).axes
    assert (left.get_xlabel(), left.get_ylabel()) == ("step", "loss (nats)")
    assert (right.get_xlabel(), right.get_ylabel()) == ("step", "probability")


def test_a_history_shorter_than_the_window_is_one_mean():
    left, _ = plotting.training_curves(history(3), smooth=50).axes
    assert labelled(left)["$D$'s loss"].get_ydata() == pytest.approx(
        [np.mean([step.d_loss for step in history(3)])]
    )


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="history is empty"):
        plotting.training_curves([])


# Figure 1.


def curves(panel):
    return {name: line.get_ydata() for name, line in panel.lines.items()}


def test_figure_1_shows_the_frame():
    panel, shown = plotting.Figure1(X, P_DATA), frame(shift=0.4)
    assert panel.show(shown) is panel.figure
    found = curves(panel)
    assert np.array_equal(found["p_data"], P_DATA)
    assert np.array_equal(found["p_g"], shown.p_g)
    assert np.array_equal(found["D"], shown.d)
    answered = P_DATA + shown.p_g > figure1.SEEN
    np.testing.assert_allclose(found["D*"][answered], (P_DATA / (P_DATA + shown.p_g))[answered])
    assert np.isnan(found["D*"][~answered]).all() and 50 < answered.sum() < len(X)
    assert all(np.array_equal(line.get_xdata(), X) for line in panel.lines.values())


def test_figure_1_moves_with_the_frame_and_back():
    panel = plotting.Figure1(X, P_DATA)
    panel.show(frame(shift=0.4))
    first, segments = curves(panel), panel.arrows.get_segments()
    panel.show(frame(shift=-1.0))
    assert not np.array_equal(curves(panel)["p_g"], first["p_g"])
    panel.show(frame(shift=0.4))
    assert all(np.array_equal(curves(panel)[name], first[name], equal_nan=True) for name in first)
    np.testing.assert_array_equal(panel.arrows.get_segments(), segments)


def test_arrows_lead_from_z_to_g_of_z():
    panel, shown = plotting.Figure1(X, P_DATA), frame(shift=0.4)
    panel.show(shown)
    segments = np.array(panel.arrows.get_segments())  # (arrows, 2 ends, x and y)
    assert len(segments) == panel.ARROWS
    starts, ends = segments[:, 0, 0], segments[:, 1, 0]
    ratio = starts[0] / starts[-1]
    assert np.all(np.diff(starts) > 0) and ratio == pytest.approx(
        -1
    )  # noise in order, symmetric as its grid is
    scale = starts[-1] / ((ends[-1] - 0.4) * 2)  # G(z) = z / 2 + 0.4, solved for z
    np.testing.assert_allclose(starts, (ends - 0.4) * 2 * scale, atol=1e-9)
    assert np.array_equal(panel.heads.get_xdata(), ends)


def test_arrows_stay_in_the_picture():
    panel = plotting.Figure1(X, P_DATA)
    panel.show(frame(shift=100.0))
    assert panel.heads.get_xdata().max() == X[-1]


@pytest.mark.parametrize(("title", "expected"), [(None, "step 7"), ("(a)", "(a)"), ("", "")])
def test_figure_1_is_titled_with_its_step_unless_told_otherwise(title, expected):
    panel = plotting.Figure1(X, P_DATA)
    panel.show(frame(step=7), title)
    assert panel.upper.get_title() == expected


def test_figure_1_keeps_the_meaning_of_lines():
    panel = plotting.Figure1(X, P_DATA)
    for name, line in panel.lines.items():
        assert same_color(line.get_color(), plotting.COLORS[name])
        assert line.get_linestyle() == plotting.LINES[name]["linestyle"]


@pytest.mark.parametrize("n", [1, 3])
def test_the_strip_shows_one_panel_a_frame(n):
    frames = [frame(step, shift=step / 10) for step in range(n)]
    figure = plotting.figure1_strip(frames, X, P_DATA, titles=["(a)", "(b)", "(c)"][:n])
    uppers = figure.axes[:n]
    assert [axis.get_title() for axis in uppers] == ["(a)", "(b)", "(c)"][:n]
    for axis, shown in zip(uppers, frames):
        assert any(np.array_equal(line.get_ydata(), shown.p_g) for line in axis.lines)
    assert len(figure.legends) == 1 and len(figure.legends[0].get_texts()) == 4


# distance_curves.


def test_distances_are_zero_where_nothing_is_left_to_learn():
    done = Frame(2, Z, Z, P_DATA, np.full_like(X, 0.5))
    left, right = plotting.distance_curves([frame(1), done], X, P_DATA).axes
    js, gap = left.lines[0].get_ydata(), right.lines[0].get_ydata()
    assert js[0] > 0.05 and js[1] == pytest.approx(0, abs=1e-12)
    assert gap[0] > 0.05 and gap[1] == pytest.approx(0, abs=1e-12)
    assert list(left.lines[0].get_xdata()) == list(right.lines[0].get_xdata()) == [1, 2]


def test_distances_of_strangers_are_log_2():
    stranger = Frame(1, Z, Z, norm.pdf(X, -3.5, 0.2), np.where(X > -2, 1.0, 0.0))
    left, right = plotting.distance_curves([stranger], X, norm.pdf(X, 2, 0.3)).axes
    assert left.lines[0].get_ydata() == pytest.approx([math.log(2)], abs=1e-6)
    assert right.lines[0].get_ydata() == pytest.approx([0.5], abs=1e-6)
    assert levels(left) == pytest.approx([math.log(2)])


def test_a_tree_of_fractions_is_drawn():
    tree = huffman_tree({"a": Fraction(1, 2), "b": Fraction(1, 4), "c": Fraction(1, 4)})
    texts = [text.get_text() for text in plotting.code_tree([tree]).axes[0].texts]
    assert {"a\n0.5", "b\n0.25", "c\n0.25", "0.5", "1"} <= set(texts)


# The table, and still pictures.


def test_a_table_shows_each_text_in_its_cell_and_fills_those_named():
    figure = plotting.table(
        [["1", "2"], ["3", "4"], ["5", "6"]], ["a", "b", "c"], ["x", "y"], [[0, 1], [0, 0], [1, 0]]
    )
    (axis,) = figure.axes
    places = [(column + 0.5, row + 0.5) for row in range(3) for column in range(2)]
    assert {text.get_text(): text.get_position() for text in axis.texts} == dict(
        zip("123456", places)
    )
    filled = [
        patch.get_xy() for patch in axis.patches if same_color(patch.get_facecolor(), "#444444")
    ]
    assert filled == [(1, 0), (0, 2)] and len(axis.patches) == 6
    assert [label.get_text() for label in axis.get_xticklabels()] == ["x", "y"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b", "c"]
    assert axis.yaxis_inverted()  # the first row is the top one


@pytest.mark.parametrize("texts, filled", [([["1"]], [[0, 1]]), ([["1", "2"]], [[0]]), ([], [])])
def test_a_table_of_another_size(texts, filled):
    with pytest.raises(ValueError, match="1 rows, 2 columns"):
        plotting.table(texts, ["a"], ["x", "y"], filled)


def test_a_still_picture_is_the_png():
    assert plotting.still(panel()[0]).data == plotting.png(panel()[0])


# Samples in the plane.


def test_a_plane_strip_shows_real_and_fake_in_each_panel():
    real, fakes = np.random.default_rng(0).normal(size=(50, 2)), [np.ones((3, 2)), np.zeros((4, 2))]
    figure = plotting.plane_strip(real, fakes, ["before", "after"], window=2)
    assert [axis.get_title() for axis in figure.axes] == ["before", "after"]
    for axis, fake in zip(figure.axes, fakes):
        black, green = axis.lines
        assert black.get_color() == plotting.COLORS["p_data"]
        assert green.get_color() == plotting.COLORS["p_g"]
        np.testing.assert_array_equal(black.get_xydata(), real)
        np.testing.assert_array_equal(green.get_xydata(), fake)
        assert axis.get_xlim() == axis.get_ylim() == (-2, 2)


def test_a_plane_strip_fills_its_rows():
    fakes = [np.full((1, 2), i) for i in range(6)]
    figure = plotting.plane_strip(np.zeros((5, 2)), fakes, "abcdef", rows=2)
    places = [axis.get_subplotspec() for axis in figure.axes]
    assert [(p.rowspan.start, p.colspan.start) for p in places] == [
        (row, column) for row in range(2) for column in range(3)
    ]
    assert [axis.get_title() for axis in figure.axes] == list("abcdef")


def test_a_plane_moves_its_fakes_only():
    plane = plotting.Plane(np.zeros((5, 2)))
    first, second = plane.draw(np.ones((3, 2)), "one"), plane.draw(np.full((2, 2), 2.0), "two")
    assert first is second
    black, green = first.axes[0].lines
    assert len(black.get_xdata()) == 5 and green.get_xdata().tolist() == [2, 2]
    assert first.axes[0].get_title() == "two"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([[0, 0]], [], []), "0 fakes"),
        (([[0, 0]], [[[0, 0]]], ["a", "b"]), "1 fakes want as many titles"),
        (([[0, 0, 0]], [[[0, 0]]], ["a"]), "real must hold points"),
        (([[0, 0]], [[[0, 0]]] * 3, "abc", 3.0, 2), "rows must divide the 3 panels"),
        (([[0, 0]], [[[0, 0]]], "a", 3.0, 0), "rows must divide"),
        ((np.zeros((1, 2)), [[0, 0]], ["a"]), "fake must hold points"),
        ((np.zeros((1, 2)), [[[0, 0]]], ["a"], 0), "window must be positive"),
    ],
)
def test_what_is_no_plane_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.plane_strip(*arguments)
