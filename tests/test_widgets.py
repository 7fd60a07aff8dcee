"""The interactive figures, driven as a reader would: by moving sliders and pressing buttons."""

import io
import math
import subprocess
import sys
from types import SimpleNamespace

import ipywidgets as ipw
import numpy as np
import pytest
from PIL import Image

from gan_lib import plotting, widgets
from gan_lib.training import Step, TrainingDiverged


def all_of(kind, widget):
    """All widgets of a kind in a panel, from top to bottom."""
    found = [widget] if isinstance(widget, kind) else []
    for child in getattr(widget, "children", ()):
        found += all_of(kind, child)
    return found


def only(kind, widget):
    (found,) = all_of(kind, widget)
    return found


class Drawing:
    """Draws anything as a figure whose "PNG" is its text, and counts how often."""

    def __init__(self, monkeypatch):
        self.drawn = []
        monkeypatch.setattr(plotting, "png", lambda figure: figure.encode())

    def __call__(self, frame="picture"):
        self.drawn.append(frame)
        return f"{frame} #{self.drawn.count(frame)}"


@pytest.fixture
def draw(monkeypatch):
    return Drawing(monkeypatch)


@pytest.fixture
def clock(monkeypatch):
    """The time as ``widgets`` sees it; it stands still unless told otherwise."""
    now = SimpleNamespace(seconds=1000.0)
    time = SimpleNamespace(monotonic=lambda: now.seconds, perf_counter=lambda: now.seconds)
    for module in (widgets.exploring, widgets.following):
        monkeypatch.setattr(module, "time", time)
    return now


def steps_up_to(n):
    return [Step(number, 1.25, 0.5, 0.5, 0.5) for number in range(1, n + 1)]


# Panel.


def test_a_panel_is_short_and_the_same_whatever_is_in_it():
    image = ipw.Image(value=b"one picture")
    panel = widgets.Panel("a scrubber", [image])
    before = repr(panel)
    image.value = b"another picture" * 1000
    assert (
        repr(panel)
        == before
        == "<interactive: a scrubber>"
        == repr(widgets.Panel("a scrubber", []))
    )
    assert panel._repr_mimebundle_()["text/plain"] == before  # what a notebook stores


def test_a_panel_is_a_column_of_its_widgets():
    children = [ipw.Label("a"), ipw.Label("b")]
    assert list(widgets.Panel("p", children).children) == children


def test_pictures_and_widgets_do_not_wait_for_torch():
    command = "import sys, gan_lib.plotting, gan_lib.widgets; print('torch' in sys.modules)"
    run = [sys.executable, "-c", command]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False\n"


# Pictures have names, for those who listen.


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        (lambda draw: scrub(draw)[0], "frames: this is a"),
        (
            lambda draw: explored(draw_k(draw), lambda k, rate: f"{k} at {rate}")[0],
            "a game: 1 at 0.5",
        ),
        (lambda draw: explored(draw_k(draw))[0], "a game"),
        (
            lambda draw: retrain(draw, {"k": ipw.IntSlider(2), "rate": ipw.FloatSlider()})[1],
            "k: this is k = 2 at last",
        ),
        (lambda draw: widgets.LivePicture(draw, "digits"), "digits: before the first step"),
        (
            lambda draw: consult(draw)[0],
            "surgery: case 1; no test shown",
        ),
        (
            lambda draw: mapped(draw)[0],
            "codes: first code 0.00, second code 0.00: x + y = 0",
        ),
    ],
    ids=["scrubber", "explore", "explore without text", "retrainer", "LivePicture", "consultation"]
    + ["plane_map"],
)
def test_a_picture_has_a_name_that_says_what_it_shows(draw, panel, expected):
    assert only(ipw.Image, panel(draw)).tooltip == expected


def test_the_name_of_a_picture_moves_with_it(draw):
    _, controls, image, label = explored(draw_k(draw), refuse_3)
    controls["k"].value = 2
    assert image.tooltip == "a game: k = 2"
    controls["k"].value = 3  # is refused: the last picture stays, and so does its name
    assert (image.tooltip, label.value) == ("a game: k = 2", "k = 3 is refused")


def draw_k(draw):
    return lambda k, rate: draw(f"k {k} rate {rate}")


# predict and reveal.


@pytest.fixture(autouse=True)
def no_earlier_predictions(monkeypatch):
    monkeypatch.setattr(widgets.predicting, "_predictions", {})


def test_nothing_is_chosen_before_the_reader_chooses():
    panel = widgets.predict("who wins?", ["G", "D"])
    assert only(ipw.ToggleButtons, panel).value is None
    assert only(ipw.Label, panel).value == "Choose before you read on."
    assert repr(panel) == "<interactive: prediction, G / D>"


def test_a_choice_is_noted_and_can_be_changed():
    panel = widgets.predict("who wins?", ["G", "D"])
    for choice in ("G", "D"):
        only(ipw.ToggleButtons, panel).value = choice
        assert only(ipw.Label, panel).value == f"Your prediction: {choice}. Read on to see."


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, "Answer: D. You made no prediction.\n"),
        ("D", "Answer: D. You said: D. Right!\n"),
        ("G", "Answer: D. You said: G. Not so.\n"),
    ],
)
def test_the_answer_comes_with_what_the_reader_said(capsys, choice, expected):
    panel = widgets.predict("who wins?", ["G", "D"])
    only(ipw.ToggleButtons, panel).value = choice
    widgets.reveal("who wins?", "D")
    assert capsys.readouterr().out == expected


def test_predictions_are_kept_apart(capsys):
    panels = {name: widgets.predict(name, ["yes", "no"]) for name in ("first", "second")}
    only(ipw.ToggleButtons, panels["first"]).value = "yes"
    only(ipw.ToggleButtons, panels["second"]).value = "no"
    widgets.reveal("first", "yes")
    assert "You said: yes. Right!" in capsys.readouterr().out


# scrubber.


def scrub(draw, frames=("a", "b", "c")):
    panel = widgets.scrubber(list(frames), draw, lambda frame: f"this is {frame}", name="frames")
    return panel, only(ipw.IntSlider, panel), only(ipw.Image, panel), only(ipw.Label, panel)


def test_the_scrubber_opens_on_the_first_frame(draw):
    panel, slider, image, label = scrub(draw)
    assert (slider.min, slider.max, slider.value) == (0, 2, 0)
    assert (image.value, label.value) == (b"a #1", "this is a")
    assert repr(panel) == "<interactive: frames>"


def test_moving_the_slider_changes_picture_and_label(draw):
    _, slider, image, label = scrub(draw)
    for i, frame in ((2, "c"), (1, "b")):
        slider.value = i
        assert (image.value, label.value) == (f"{frame} #1".encode(), f"this is {frame}")


def test_each_frame_is_drawn_once_and_only_when_looked_at(draw):
    _, slider, image, label = scrub(draw)
    assert draw.drawn == ["a"]
    for i in (2, 0, 2, 0):
        slider.value = i
    assert draw.drawn == ["a", "c"]
    assert (image.value, label.value) == (b"a #1", "this is a")


def test_the_player_covers_all_frames(draw):
    panel, slider, *_ = scrub(draw)
    player = only(ipw.Play, panel)
    assert (player.min, player.max) == (slider.min, slider.max)


def test_the_player_moves_the_slider_and_goes_on_where_the_reader_left_it(draw):
    panel, slider, image, _ = scrub(draw)
    player, told = only(ipw.Play, panel), []
    player.observe(lambda change: told.append(image.value), "value")
    player.value = 1
    assert (slider.value, image.value) == (1, b"b #1")
    slider.value = 2
    assert (
        player.value == 2 and told[-1] == b"c #1"
    )  # the picture goes first: the reader waits for it


def test_pictures_in_the_scrubber_are_png():
    panel = widgets.scrubber([1], lambda frame: plotting.subplots()[0], str)
    assert bytes(only(ipw.Image, panel).value).startswith(b"\x89PNG")


def test_the_panel_offers_its_slider(draw):
    panel, slider, *_ = scrub(draw)
    assert panel.slider is slider and widgets.predict("p", ["a", "b"]).slider is None


def test_no_frames_are_refused(draw):
    with pytest.raises(ValueError, match="frames is empty"):
        scrub(draw, frames=())


# explore.


def explored(draw, describe=None):
    controls = {"k": ipw.IntSlider(value=1, max=5), "rate": ipw.FloatSlider(value=0.5)}
    panel = widgets.explore(draw, controls, describe, name="a game")
    return panel, controls, only(ipw.Image, panel), only(ipw.Label, panel)


def test_the_picture_is_there_before_a_control_moves(draw):
    panel, controls, image, label = explored(
        lambda k, rate: draw(f"k {k} rate {rate}"), lambda k, rate: f"{k} at {rate}"
    )
    assert (image.value, label.value) == (b"k 1 rate 0.5 #1", "1 at 0.5")
    assert list(panel.children) == [*controls.values(), image, label]


def test_the_picture_and_its_text_change_when_any_control_moves(draw):
    panel, controls, image, label = explored(
        lambda k, rate: draw(f"k {k} rate {rate}"), lambda k, rate: f"{k} at {rate}"
    )
    controls["k"].value = 2
    assert (image.value, label.value) == (b"k 2 rate 0.5 #1", "2 at 0.5")
    controls["rate"].value = 0.25
    assert (image.value, label.value) == (b"k 2 rate 0.25 #1", "2 at 0.25")
    assert draw.drawn == ["k 1 rate 0.5", "k 2 rate 0.5", "k 2 rate 0.25"]
    assert all(control.continuous_update for control in controls.values())  # while they move
    assert repr(panel) == "<interactive: a game>"


def test_every_control_has_a_label(draw):
    controls = {"k": ipw.IntSlider(1, 1, 5), "rate": ipw.FloatSlider(0.5, description="η")}
    widgets.explore(lambda k, rate: draw("a game"), controls)
    assert [control.description for control in controls.values()] == ["k", "η"]


def test_a_picture_needs_no_text(draw):
    _, controls, image, label = explored(lambda k, rate: draw(f"k {k}"))
    controls["k"].value = 3
    assert (image.value, label.value) == (b"k 3 #1", "")


def refuse_3(k, rate):
    if k == 3:
        raise ValueError(f"k = {k} is refused")
    return f"k = {k}"


@pytest.mark.parametrize("failing", ["draw", "describe"])
def test_an_error_is_shown_and_the_last_picture_stays(draw, failing):
    paint = refuse_3 if failing == "draw" else lambda k, rate: f"k = {k}"
    _, controls, image, label = explored(
        paint, refuse_3 if failing == "describe" else lambda k, rate: "fine"
    )
    controls["k"].value = 2
    controls["k"].value = 3
    assert (image.value, label.value) == (b"k = 2", "k = 3 is refused")
    controls["k"].value = 4
    assert image.value == b"k = 4" and label.value == ("fine" if failing == "draw" else "k = 4")


def test_an_error_at_first_is_no_crash(draw):
    controls = {"k": ipw.IntSlider(value=3), "rate": ipw.FloatSlider()}
    panel = widgets.explore(refuse_3, controls)
    note = only(ipw.Label, panel)
    assert (only(ipw.Image, panel).value, note.value) == (b"", "k = 3 is refused")
    controls["k"].value = 1
    assert (only(ipw.Image, panel).value, note.value) == (b"k = 1", "")


def test_a_mistake_in_the_drawing_is_not_hidden(draw):
    with pytest.raises(KeyError, match="typo"):
        explored(lambda k, rate: {}["typo"])


def test_what_is_explored_is_png():
    _, _, image, _ = explored(lambda k, rate: plotting.subplots()[0])
    assert bytes(image.value).startswith(b"\x89PNG")


# retrainer.


class Run:
    """A run that remembers its arguments, with two frames; it fails where ``k`` is 3."""

    def __init__(self, draw, error):
        self.draw, self.error, self.arguments = draw, error, []

    def __call__(self, k, rate):
        self.arguments.append((k, rate))
        if k == 3:
            raise self.error
        return (
            [f"k = {k} at first", f"k = {k} at last"],
            self.draw,
            lambda frame: f"this is {frame}",
        )


@pytest.fixture
def controls():
    return {"k": ipw.IntSlider(value=1, min=1, max=5), "rate": ipw.FloatSlider(value=0.5)}


def retrain(draw, controls, error=None):
    run = Run(draw, error or TrainingDiverged("step 12: too fast"))
    panel = widgets.retrainer(run, controls, name="k")
    (note, *_) = all_of(ipw.Label, panel)
    return run, panel, note


def test_the_retrainer_trains_at_once_and_stands_at_the_end(draw, controls, clock):
    run, panel, note = retrain(draw, controls)
    assert run.arguments == [(1, 0.5)]
    assert only(ipw.Image, panel).value == b"k = 1 at last #1"
    assert note.value == "trained in 0.0 seconds; the scrubber stands at the end"
    assert repr(panel) == "<interactive: k>"


def test_a_control_that_is_let_go_trains_anew(draw, controls):
    run, panel, _ = retrain(draw, controls)
    controls["k"].value = 2
    controls["rate"].value = 0.25
    assert run.arguments == [(1, 0.5), (2, 0.5), (2, 0.25)]
    assert bytes(only(ipw.Image, panel).value).startswith(b"k = 2 at last")
    assert not any(control.continuous_update for control in controls.values())


def test_the_new_frames_can_be_scrubbed(draw, controls):
    _, panel, _ = retrain(draw, controls)
    controls["k"].value = 2
    frames = next(slider for slider in all_of(ipw.IntSlider, panel) if slider is not controls["k"])
    frames.value = 0
    assert only(ipw.Image, panel).value == b"k = 2 at first #1"


def test_a_run_that_diverges_says_so_and_the_next_one_works(draw, controls):
    run, panel, note = retrain(draw, controls)
    controls["k"].value = 3
    assert note.value == "TrainingDiverged: step 12: too fast"
    controls["k"].value = 4
    assert "trained in" in note.value and only(ipw.Image, panel).value == b"k = 4 at last #1"
    assert [k for k, _ in run.arguments] == [1, 3, 4]


def test_a_first_run_that_diverges_is_no_crash(draw, controls):
    controls["k"].value = 3
    _, panel, note = retrain(draw, controls, ZeroDivisionError("by nothing"))
    assert note.value == "ZeroDivisionError: by nothing"
    assert all_of(ipw.Image, panel) == []


def test_any_other_error_does_not_leave_it_training_for_ever(draw, controls):
    """In a notebook an exception in a callback ends in a log that nobody reads."""
    _, _, note = retrain(draw, controls, ValueError("p_g has mass 0.4"))
    try:
        controls["k"].value = 3
    except ValueError:
        pass
    assert "p_g has mass 0.4" in note.value


def test_the_label_says_that_it_trains(draw, controls):
    seen = []

    def run(**values):
        seen.append(note.value if note else None)
        return ["frame"], draw, str

    note = None
    panel = widgets.retrainer(run, controls)
    (note, *_) = all_of(ipw.Label, panel)
    controls["k"].value = 2
    assert seen == [None, "training ..."]


# plane_map.


PLANE = b"\x89PNG, a plane"


def mapped(draw, picture=PLANE, extent=(-3, 3, -2, 2), **options):
    panel = widgets.plane_map(
        "codes",
        picture,
        lambda x, y: (draw(f"({x}, {y})"), f"x + y = {x + y:g}"),
        extent,
        **options,
    )
    return panel, panel.plane, only(ipw.Image, panel), only(ipw.Label, panel)


def hear(plane, *point):
    """What a click, a drag or a key in the browser sends."""
    update = {"method": "update", "state": {"point": list(point)}, "buffer_paths": []}
    plane._handle_msg({"content": {"data": update}, "buffers": []})


def test_the_map_opens_on_its_start(draw):
    panel, plane, image, label = mapped(draw, start=(1, -0.5))
    assert (plane.picture, plane.point) == (PLANE, (1, -0.5))
    assert image.value == b"(1.0, -0.5) #1"
    assert label.value == "first code 1.00, second code -0.50: x + y = 0.5"
    assert panel._repr_mimebundle_()["text/plain"] == "<interactive: codes>" == repr(panel)


def test_a_chosen_point_is_drawn_and_said(draw):
    _, plane, image, label = mapped(draw, axes=("width", "slant"))
    for point, drawn, said in [
        ((0.5, 0.25), b"(0.5, 0.25) #1", "width 0.50, slant 0.25: x + y = 0.75"),
        ((-1, 2), b"(-1.0, 2.0) #1", "width -1.00, slant 2.00: x + y = 1"),
    ]:
        hear(plane, *point)
        assert (image.value, label.value, plane.said) == (drawn, said, said)
        assert image.tooltip == f"codes: {said}"


def test_a_program_can_choose_the_point_too(draw):
    _, plane, image, _ = mapped(draw)
    plane.point = (2, 1)
    assert image.value == b"(2.0, 1.0) #1"


@pytest.mark.parametrize(
    ("point", "drawn"), [((9, 0), (3, 0)), ((-9, -9), (-3, -2)), ((1, 2.001), (1, 2))]
)
def test_a_point_outside_is_the_nearest_one_inside(draw, point, drawn):
    _, plane, *_ = mapped(draw)
    hear(plane, *point)
    assert draw.drawn[-1] == f"({float(drawn[0])}, {float(drawn[1])})"


def test_a_point_is_drawn_as_it_is_written(draw):
    _, plane, _, label = mapped(draw)
    hear(plane, 1.23456, -0.001)
    assert draw.drawn[-1] == "(1.23, 0.0)" and "1.23, second code 0.00:" in label.value


def test_no_rounding_leads_outside(draw):
    _, plane, *_ = mapped(draw, extent=(-3.157, 3.157, -2, 2))
    hear(plane, 3.157, 0)
    assert draw.drawn[-1] == "(3.157, 0.0)"


@pytest.mark.parametrize(
    ("extent", "step", "steps", "written"),
    [
        ((-3, 3, -2, 2), None, [0.1, 0.1], "1.00, second code 1.00"),
        ((0, 100, 0, 2.5), None, [1, 0.1], "1.0, second code 1.00"),
        ((0, 1000, 0, 1000), None, [10, 10], "1, second code 1:"),
        ((-3, 3, -2, 2), 0.25, [0.25, 0.25], "1.00, second code 1.00"),
        ((3, -3, 2, -2), None, [0.1, 0.1], "1.00, second code 1.00"),
    ],
)
def test_steps_and_decimals_suit_the_plane(draw, extent, step, steps, written):
    _, plane, _, label = mapped(draw, extent=extent, step=step)
    hear(plane, 1, 1)
    assert plane.steps == steps and written in label.value


def test_a_refused_point_says_why_and_the_last_picture_stays():
    def right_half(x, y):
        if x < 0:
            raise ValueError("nothing is known here")
        return PLANE, "known"

    panel = widgets.plane_map("codes", PLANE, right_half, (-3, 3, -2, 2))
    image, label = only(ipw.Image, panel), only(ipw.Label, panel)
    hear(panel.plane, -1, 0)
    assert label.value == "first code -1.00, second code 0.00: nothing is known here"
    assert panel.plane.said == label.value
    assert (image.value, image.tooltip) == (
        PLANE,
        "codes: first code 0.00, second code 0.00: known",
    )


@pytest.mark.parametrize("upside_down", [False, True])
def test_a_figure_shows_its_plane_where_the_map_says(upside_down):
    """A dot in the figure, looked up among the pixels of the PNG, lies where its code does."""
    figure, axes = plotting.subplots(width=4, height=3)
    axes.plot(1, -1.5, ".", color="red", markersize=12)
    axes.set(xlim=(-2, 4), ylim=(-3, 2), xlabel="first code", aspect="equal")
    if upside_down:
        axes.invert_yaxis()
    panel = widgets.plane_map("codes", figure, lambda x, y: (PLANE, "here"))
    plane, pixels = (
        panel.plane,
        np.array(Image.open(io.BytesIO(panel.plane.picture)).convert("RGB")),
    )
    assert plane.extent == ([-2, 4, 2, -3] if upside_down else [-2, 4, -3, 2])
    rows, columns = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 60))
    u, v = (columns.mean() + 0.5) / pixels.shape[1], 1 - (rows.mean() + 0.5) / pixels.shape[0]
    (left, right, bottom, top), (x0, x1, y0, y1) = plane.box, plane.extent
    assert x0 + (u - left) / (right - left) * (x1 - x0) == pytest.approx(1, abs=0.02)
    assert y0 + (v - bottom) / (top - bottom) * (y1 - y0) == pytest.approx(-1.5, abs=0.02)
    assert 0 < left < right <= 1 and 0 < bottom < top <= 1


def test_the_limits_of_a_figure_may_be_called_otherwise():
    """As for a grid of pictures, whose axes count pixels."""
    grid = plotting.image_grid(np.zeros((4, 8, 8)), columns=2)
    panel = widgets.plane_map("codes", grid, lambda x, y: (grid, "here"), (-1, 1, -1, 1))
    assert panel.plane.extent == [-1, 1, -1, 1] and panel.plane.box == pytest.approx([0, 1, 0, 1])
    assert bytes(only(ipw.Image, panel).value).startswith(b"\x89PNG")


def figure_with(count=1, **settings):
    figure, axes = plotting.subplots(1, count)
    for axis in np.ravel(axes):
        axis.set(**settings)
    return figure


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"picture": "plane.png"}, "picture must be a figure or a PNG, not 'plane.png'"),
        ({"picture": b"GIF89a"}, "picture must be a figure or a PNG"),
        ({"picture": figure_with(count=2)}, "picture must have one pair of axes, not 2"),
        ({"picture": figure_with(xscale="log")}, "picture must have linear axes"),
        ({"extent": None}, "extent is missing"),
        ({"extent": (0, 1)}, "extent must be four numbers"),
        ({"extent": (0, 1, 0, math.nan)}, "extent must be four numbers"),
        ({"extent": (1, 1, 0, 1)}, "extent = .* no width or no height"),
        ({"start": (4, 0)}, r"start = \(4, 0\) lies outside extent"),
        ({"start": (0, math.nan)}, "start = .* lies outside extent"),
        ({"start": (0, 0, 0)}, "start must be a pair"),
        ({"axes": ("code",)}, "axes must be a pair"),
        ({"step": 0}, "step must be positive, not 0"),
        ({"step": math.nan}, "step must be positive, not nan"),
    ],
)
def test_what_is_no_map_is_refused(wrong, message):
    options = {"picture": PLANE, "extent": (-3, 3, -2, 2), **wrong}
    with pytest.raises(ValueError, match=message):
        widgets.plane_map("codes", draw=lambda x, y: (PLANE, "here"), **options)


# consultation.


def consult(draw, score=None):
    panel = widgets.consultation(
        ["case 1", "case 2"],
        draw,
        lambda case: f"{case}: if a < b & c",
        ["blood", "X-ray"],
        lambda case, test: f"{test} of {case} < 1",
        ["cold", "flu"],
        score or (lambda answers: (f"score of {sorted(answers)}", f"{len(answers)} named")),
        name="surgery",
    )
    lists = {each.description: each for each in all_of(ipw.Dropdown, panel)}
    return panel, lists, only(ipw.ToggleButton, panel), only(ipw.Image, panel)


def said(panel):
    return [label.value for label in all_of(ipw.Label, panel)]


def test_the_consultation_opens_on_the_first_case(draw):
    panel, lists, turn, image = consult(draw)
    assert repr(panel) == "<interactive: surgery>" and image.value == b"case 1 #1"
    assert list(lists) == ["case", "test", "diagnosis"] and not turn.value
    assert [each.value for each in lists.values()] == ["case 1", "none", "not yet"]
    assert panel.answers == {}
    assert said(panel) == ["case 1; no test shown", "case 1; diagnosis: not yet"]


def test_the_code_of_a_case_is_text_to_unfold(draw):
    panel, lists, *_ = consult(draw)
    code, _ = all_of(ipw.HTML, panel)
    assert "<pre>case 1: if a &lt; b &amp; c</pre>" in code.value
    lists["case"].value = "case 2"
    assert "<summary>case 2: the code" in code.value and "case 1" not in code.value


def test_a_test_is_ordered_and_its_reading_stays_with_its_case(draw):
    panel, lists, *_ = consult(draw)
    _, results = all_of(ipw.HTML, panel)
    lists["test"].value = "X-ray"
    assert said(panel)[0] == "case 1; X-ray: X-ray of case 1 < 1"
    lists["case"].value = "case 2"
    assert (lists["test"].index, results.value) == (0, "")
    lists["test"].value = "blood"
    lists["case"].value = "case 1"
    assert results.value == "<li>X-ray: X-ray of case 1 &lt; 1</li>"
    assert said(panel)[0] == "case 1; no test shown"


def test_a_list_never_stands_empty(draw):
    """To ipywidgets a value None is no choice: the list would show nothing, and skip its first."""
    _, lists, *_ = consult(draw)
    for _ in range(2):
        lists["diagnosis"].index, lists["test"].index = 1, 1
        for place in (1, 0):
            lists["case"].index = place
            assert None not in [each.index for each in lists.values()]


def test_only_ordered_tests_are_made(draw):
    made = []
    panel = widgets.consultation(
        ["a"],
        draw,
        str,
        ["x", "y"],
        lambda *args: made.append(args) or "",
        ["c"],
        lambda a: (a, ""),
    )
    assert made == []
    next(each for each in all_of(ipw.Dropdown, panel) if each.description == "test").value = "y"
    assert made == [("a", "y")]


def test_a_diagnosis_can_be_changed_and_withdrawn(draw):
    panel, lists, *_ = consult(draw)
    for choice, kept in (("cold", {"case 1": "cold"}), ("flu", {"case 1": "flu"}), ("not yet", {})):
        lists["diagnosis"].value = choice
        assert panel.answers == kept
        assert said(panel)[1] == f"case 1; diagnosis: {choice}"


def test_diagnoses_belong_to_their_cases(draw):
    panel, lists, *_ = consult(draw)
    lists["diagnosis"].value = "flu"
    lists["case"].value = "case 2"
    assert lists["diagnosis"].index == 0 and panel.answers == {"case 1": "flu"}
    lists["diagnosis"].value = "cold"
    lists["case"].value = "case 1"
    assert lists["diagnosis"].value == "flu"
    assert panel.answers == {"case 1": "flu", "case 2": "cold"}


def test_the_button_turns_to_the_score_and_back(draw):
    panel, lists, turn, image = consult(draw)
    lists["diagnosis"].value = "flu"
    turn.value = True
    assert (image.value, said(panel)[0]) == (b"score of ['case 1']", "1 named")
    turn.value = False
    assert image.value == b"case 1 #1" and draw.drawn == ["case 1"]  # kept, not drawn again


@pytest.mark.parametrize(
    ("which", "value"), [("case", "case 2"), ("test", "blood"), ("diagnosis", "cold")]
)
def test_any_choice_turns_back_from_the_score(draw, which, value):
    _, lists, turn, image = consult(draw)
    turn.value = True
    lists[which].value = value
    assert not turn.value and bytes(image.value).startswith(b"case")


def test_a_score_that_is_refused_says_why(draw):
    def refuse(answers):
        raise ValueError("name one first")

    panel, _, turn, image = consult(draw, refuse)
    turn.value = True
    assert (said(panel)[0], image.value) == ("name one first", b"case 1 #1")


def test_nobody_to_look_at_is_refused(draw):
    with pytest.raises(ValueError, match="cases is empty"):
        widgets.consultation([], draw, str, [], str, [], str)


# progress.


class Bar:
    """Stands for tqdm's bar and writes down what it is told."""

    last = None

    def __init__(self, total, mininterval):
        self.total, self.n, self.texts, self.closed = total, 0, [], False
        Bar.last = self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True

    def update(self, n):
        self.n += n

    def set_postfix_str(self, text, refresh):
        self.texts.append(text)


@pytest.fixture
def bar(monkeypatch):
    monkeypatch.setattr(widgets.following, "tqdm", Bar)


def test_progress_passes_all_steps_on_and_counts_them(bar, clock):
    steps = steps_up_to(5)
    assert list(widgets.progress(steps, total=9)) == steps
    assert (Bar.last.n, Bar.last.total, Bar.last.closed) == (5, 9, True)


def test_progress_goes_on_where_a_resumed_run_does(bar, clock):
    list(widgets.progress(steps_up_to(8)[4:], total=8))
    assert Bar.last.n == 8


def test_progress_shows_the_losses_now_and_then(bar, clock):
    for _ in widgets.progress(steps_up_to(10), total=10, seconds=2):
        clock.seconds += 1
    assert Bar.last.texts == ["D's loss 1.25, G's loss 0.50"] * 4  # steps 1, 4, 7 and 10


def test_progress_is_closed_where_the_loop_is_left(bar, clock):
    for step in widgets.progress(steps_up_to(5), total=5):
        if step.number == 2:
            break
    assert Bar.last.closed and Bar.last.n == 2


def test_progress_with_the_real_bar():
    assert len(list(widgets.progress(steps_up_to(3), total=3))) == 3


# LivePicture.


def test_a_live_picture_is_there_before_the_first_step(draw, clock):
    picture = widgets.LivePicture(draw, name="digits")
    assert only(ipw.Image, picture).value == b"picture #1"
    assert only(ipw.Label, picture).value == "before the first step"
    assert repr(picture) == "<interactive: digits>"


def test_a_live_picture_follows_the_run_and_ends_on_its_last_step(draw, clock):
    picture, labels = widgets.LivePicture(draw), []
    steps = steps_up_to(8)
    passed = []
    for step in picture.follow(steps, seconds=2):
        passed.append(step)
        labels.append(only(ipw.Label, picture).value)
        clock.seconds += 1
    assert passed == steps
    assert labels == ["before the first step"] * 3 + ["step 4"] * 3 + ["step 7"] * 2
    assert only(ipw.Label, picture).value == "step 8"
    assert only(ipw.Image, picture).value == b"picture #4"


def test_a_live_picture_of_no_steps_stays(draw, clock):
    picture = widgets.LivePicture(draw)
    assert list(picture.follow([])) == []
    assert len(draw.drawn) == 1
