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
plane = plotting.png(figure)

def drawing(seconds=0.0):
    drawn = []
    def draw(x, y):
        time.sleep(seconds)
        drawn.append((x, y))
        axes.set_title(f"{len(drawn)} drawn")
        return figure, f"{len(drawn)} drawn"
    return draw

widgets.plane_map("bare", plane, drawing(), extent=(10, 20, -1, 1), start=(15, 0))
~
widgets.plane_map("axes", figure, drawing())
~
widgets.plane_map("slow", plane, drawing(seconds=0.5), extent=(0, 1, 0, 1))
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


def said(notebook, panel):
    """(x, y) as the panel says it, and the number of pictures drawn for it so far."""
    text = notebook.ask("says", panel)
    x, y, drawn = re.fullmatch(r"first code (\S+), second code (\S+): (\d+) drawn", text).groups()
    return (float(x), float(y)), int(drawn)


def arrives(notebook, panel, x, y, slack=(0.05, 0.05)):
    """Wait until a panel says that it is at (x, y). Returns: that point to the digit."""
    for _ in range(int(200 * lab.SLOW)):
        (at_x, at_y), _ = found = said(notebook, panel)
        if abs(at_x - x) <= slack[0] and abs(at_y - y) <= slack[1]:
            return at_x, at_y
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"map {panel} says {found}, not {x, y}")


def test_a_click_says_where_it_is(notebook, place):
    for across, up in [(0.25, 0.5), (0.8, 0.9)]:
        notebook.page.mouse.click(*place(BARE, across, up))
        arrives(notebook, BARE, 10 + 10 * across, -1 + 2 * up)


def test_a_drag_that_leaves_the_map_goes_along_its_edge(notebook, place):
    mouse = notebook.page.mouse
    mouse.move(*place(BARE, 0.5, 0.5))
    mouse.down()
    for across in (0.5, 0.55):
        box = notebook.control(BARE, 0).bounding_box()
        mouse.move(box["x"] + across * box["width"], box["y"] - 20)
        arrives(notebook, BARE, 10 + 10 * across, 1, (0.05, 0))
    mouse.up()
    mouse.move(*place(BARE, 0.2, 0.5))
    notebook.settle()
    arrives(notebook, BARE, 15.5, 1)


def test_keys_after_a_click_walk_from_there(notebook, place):
    """Without a touch of the Tab key, and to the edge and no further."""
    notebook.page.mouse.click(*place(BARE, 0.5, 0.5))
    x, y = arrives(notebook, BARE, 15, 0)
    for key, dx, dy in [("ArrowRight", 0.1, 0), ("ArrowDown", 0, -0.1), ("Shift+ArrowLeft", -1, 0)]:
        notebook.page.keyboard.press(key)
        x, y = arrives(notebook, BARE, x + dx, y + dy, (0.02, 0.02))
    for _ in range(8):
        notebook.page.keyboard.press("Shift+ArrowRight")
    arrives(notebook, BARE, 20, y, (0, 0.02))


def test_other_keys_are_left_to_jupyterlab(notebook, place):
    notebook.page.mouse.click(*place(AXES, 0.5, 0.5))
    before = notebook.ask("counts")[AXES]
    notebook.page.keyboard.press("Control+Enter")
    notebook.wait(f"course.counts()[{AXES}] > {before}", 20)
    notebook.settle()


def test_a_figure_is_clicked_by_its_axes(notebook, place):
    """The marker of the origin, where it opens, is where a click says that the origin is."""
    notebook.control(AXES, 0).evaluate("course.still")
    middle = notebook.ask("marker", AXES, 0)
    notebook.page.mouse.click(*place(AXES, 0.99, 0.01))
    arrives(notebook, AXES, 3, -2, (0, 0))
    notebook.page.mouse.click(*middle)
    arrives(notebook, AXES, 0, 0, (0.02, 0.02))


def test_a_finger_drags_the_point_and_not_the_page(notebook, place):
    hand = notebook.page.context.new_cdp_session(notebook.page)
    begin, end = place(BARE, 0.3, 0.3), place(BARE, 0.6, 0.8)
    at = notebook.control(BARE, 0).bounding_box()
    for kind, touched in [("Start", [begin]), ("Move", [end]), ("End", [])]:
        points = [{"x": x, "y": y} for x, y in touched]
        hand.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    arrives(notebook, BARE, 16, 0.6)
    assert notebook.control(BARE, 0).bounding_box() == at


def test_while_a_picture_is_drawn_only_the_newest_point_waits(notebook, place):
    (first, y), (last, _), mouse = place(SLOW, 0.1, 0.1), place(SLOW, 0.9, 0.1), notebook.page.mouse
    mouse.move(first, y)
    mouse.down()
    for k in range(1, 21):
        mouse.move(first + k / 20 * (last - first), y)
        notebook.page.wait_for_timeout(20)
    mouse.up()
    assert notebook.ask("marker", SLOW, 0) == pytest.approx([last, y], abs=1.5)
    arrives(notebook, SLOW, 0.9, 0.1, (0.01, 0.01))
    notebook.settle()
    assert 3 <= said(notebook, SLOW)[1] <= 12, "of 22 points"


def test_nothing_is_asked_of_the_network(notebook, asked):
    assert notebook.complaints == []
    elsewhere = [
        url for url in asked if not url.startswith((notebook.server.address, "data:", "blob:"))
    ]
    assert elsewhere == []
