"""The map of a plane in a notebook of its own: where a click leads, fingers, and a slow picture."""

import re

import jupyterlab_page as lab
import nbformat.v4
import pytest

NAME = "a_map_of_a_plane"
CODE = """
import time
from gan_lib import plotting, widgets

figure, axes = plotting.subplots(width=4, height=4)
axes.set(xlim=(-3, 3), ylim=(-2, 2))
plane, drawn = plotting.png(figure), []

def draw(x, y, seconds=0.0):
    time.sleep(seconds)
    drawn.append((x, y))
    axes.set_title(f"{len(drawn)} drawn")
    return figure, f"{len(drawn)} drawn"

widgets.plane_map("bare", plane, draw, extent=(10, 20, -1, 1), start=(15, 0))
~
widgets.plane_map("axes", figure, draw)
~
widgets.plane_map("slow", plane, lambda x, y: draw(x, y, 0.5), extent=(0, 1, 0, 1))
"""
BARE, AXES, SLOW = range(3)


@pytest.fixture(scope="module")
def asked():
    """The addresses of all that the page has asked for."""
    return []


@pytest.fixture(scope="module")
def notebook(server, browser, asked):
    cells = [nbformat.v4.new_code_cell(code.strip()) for code in CODE.split("~")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    written = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(written, server.folder / "notebooks" / f"{NAME}.ipynb")
    opened = lab.Notebook(server, browser, NAME)
    opened.page.on("request", lambda request: asked.append(request.url))
    opened.run_all()
    yield opened
    opened.close()


@pytest.fixture
def place(notebook):
    """Of a map: its point at these shares of its width and height, in pixels of the page."""

    def find(panel, across, up):
        notebook.control(panel, 0).evaluate("course.still")
        box = notebook.control(panel, 0).bounding_box()
        return box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"]

    return find


def point(notebook, panel):
    """(x, y) as the panel says it, and the number of pictures drawn so far."""
    notebook.quiet()
    said = notebook.ask("says", panel)
    x, y, drawn = re.fullmatch(r"first code (\S+), second code (\S+): (\d+) drawn", said).groups()
    return (float(x), float(y)), int(drawn)


def test_a_click_says_where_it_is(notebook, place):
    for across, up in [(0.25, 0.5), (0.8, 0.9)]:
        notebook.page.mouse.click(*place(BARE, across, up))
        expected = 10 + 10 * across, -1 + 2 * up
        assert point(notebook, BARE)[0] == pytest.approx(expected, abs=0.05)


def test_a_drag_that_leaves_the_map_ends_on_its_edge(notebook, place):
    mouse = notebook.page.mouse
    mouse.move(*place(BARE, 0.5, 0.5))
    mouse.down()
    x, y = place(BARE, 0.5, 1.1)
    mouse.move(x, y)
    assert point(notebook, BARE)[0] == (pytest.approx(15, abs=0.05), 1)
    mouse.move(x + 20, y)
    mouse.up()
    assert point(notebook, BARE)[0][0] > 15.2
    mouse.move(*place(BARE, 0.2, 0.5))
    assert point(notebook, BARE)[0][1] == 1


def test_keys_after_a_click_walk_from_there(notebook, place):
    """Without a touch of the Tab key, and to the edge and no further."""
    notebook.page.mouse.click(*place(BARE, 0.5, 0.5))
    (x, y), _ = point(notebook, BARE)
    for key, dx, dy in [
        ("ArrowRight", 0.1, 0),
        ("ArrowDown", 0, -0.1),
        ("Shift+ArrowLeft", -1, 0),
    ]:
        notebook.page.keyboard.press(key)
        assert point(notebook, BARE)[0] == pytest.approx((x + dx, y + dy), abs=0.02), key
        (x, y), _ = point(notebook, BARE)
    for _ in range(8):
        notebook.page.keyboard.press("Shift+ArrowRight")
    notebook.wait(f"course.says({BARE}).startsWith('first code 20.00')", 20)


def test_other_keys_are_left_to_jupyterlab(notebook, place):
    notebook.page.mouse.click(*place(AXES, 0.5, 0.5))
    notebook.ask("select", AXES)
    notebook.control(AXES, 0).focus()
    before = notebook.ask("counts")[AXES]
    notebook.page.keyboard.press("Control+Enter")
    notebook.wait(f"course.counts()[{AXES}] > {before}", 20)
    notebook.settle()


def test_a_figure_is_clicked_by_its_axes(notebook, place):
    """The marker of the origin, where it opens, is where a click says that the origin is."""
    notebook.control(AXES, 0).evaluate("course.still")
    middle = notebook.ask("marker", AXES, 0)
    notebook.page.mouse.click(*place(AXES, 0.95, 0.1))
    assert point(notebook, AXES)[0] == pytest.approx((3, -2), abs=0.4)
    notebook.page.mouse.click(*middle)
    assert point(notebook, AXES)[0] == pytest.approx((0, 0), abs=0.02)


def test_a_finger_drags_the_point_and_not_the_page(notebook, place):
    hand = notebook.page.context.new_cdp_session(notebook.page)
    (x, y), (across, up) = place(BARE, 0.3, 0.3), place(BARE, 0.6, 0.8)
    at = notebook.page.evaluate("course.control(0, 0).getBoundingClientRect().y")
    for kind, where in [("Start", [(x, y)]), ("Move", [(across, up)]), ("End", [])]:
        touches = [{"x": x, "y": y} for x, y in where]
        hand.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": touches})
        notebook.page.wait_for_timeout(50)
    assert point(notebook, BARE)[0] == pytest.approx((16, 0.6), abs=0.05)
    assert notebook.page.evaluate("course.control(0, 0).getBoundingClientRect().y") == at


def test_while_a_picture_is_drawn_only_the_newest_point_waits(notebook, place):
    (first, y), (last, _), mouse = place(SLOW, 0.1, 0.1), place(SLOW, 0.9, 0.1), notebook.page.mouse
    mouse.move(first, y)
    mouse.down()
    _, before = point(notebook, SLOW)
    for k in range(1, 21):
        mouse.move(first + k / 20 * (last - first), y)
        notebook.page.wait_for_timeout(20)
    mouse.up()
    assert notebook.ask("marker", SLOW, 0) == pytest.approx([last, y], abs=1.5)
    notebook.wait(f"/^first code (0.90|0.89)/.test(course.says({SLOW}))", 20)
    _, after = point(notebook, SLOW)
    assert 2 <= after - before <= 10, "of 20 points"


def test_nothing_is_asked_of_the_network(notebook, asked):
    assert notebook.complaints == []
    elsewhere = [
        url for url in asked if not url.startswith((notebook.server.address, "data:", "blob:"))
    ]
    assert elsewhere == []
