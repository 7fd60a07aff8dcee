"""Every notebook as its readers meet it: JupyterLab in a real browser, Run All, hands on the
widgets, dark, and narrow.

A notebook is opened and run once, and all tests of it look at that page. GAN_BROWSER_SLOW=3 allows
three times the time everywhere; GAN_BROWSER_SHOTS names a folder for screenshots.
"""

import functools
import statistics

import jupyterlab_page as lab
import nbformat
import pytest

MOST_MS = 100  # median from a drag to its picture
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"


@pytest.fixture(scope="module", params=lab.NAMES)
def notebook(request, server, browser):
    opened = lab.Notebook(server, browser, request.param)
    opened.run_all()
    yield opened
    opened.close()


@pytest.fixture
def dark(notebook):
    notebook.theme(DARK)
    yield notebook
    notebook.theme(LIGHT)


@pytest.fixture(params=["alone", "beside the files"])
def tablet(notebook, request):
    before = notebook.page.viewport_size
    notebook.page.set_viewport_size({"width": 820, "height": 1180})
    notebook.sidebar(request.param != "alone")
    notebook.page.wait_for_timeout(800)
    yield notebook
    notebook.sidebar(False)
    notebook.page.set_viewport_size(before)
    notebook.page.wait_for_timeout(800)


def controls(notebook, *kinds):
    """(panel, number in it, what it is) of all controls of these kinds; of all kinds by default."""
    found = [
        (panel, i, control)
        for panel, inside in enumerate(notebook.panels())
        for i, control in enumerate(inside)
    ]
    return [
        (panel, i, control) for panel, i, control in found if not kinds or control["kind"] in kinds
    ]


def shots(notebook, what):
    """Keep screenshots of the top of a notebook and of its first panel with a picture."""
    notebook.shot(what)
    shown = [panel for panel in range(len(notebook.panels())) if notebook.ask("pictures", panel)]
    if shown:
        notebook.shot(f"{what}-widgets", shown[0])


# Run All.


def test_run_all_shows_no_error(notebook):
    shots(notebook, "light")
    assert all(notebook.ask("counts")), "a cell did not run"
    assert notebook.ask("failures") == []
    assert notebook.complaints + notebook.ask("errors") == []


def stored(name):
    """What each cell of a notebook prints, as the repository has it; None where that may differ
    between machines."""
    cells = nbformat.read(lab.ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    return [
        None
        if "nbval-ignore-output" in cell.metadata.get("tags", [])
        else "".join(
            output.text for output in cell.get("outputs", []) if output.get("name") == "stdout"
        )
        for cell in cells
    ]


def test_what_is_printed_is_what_is_stored(notebook):
    seen, expected = notebook.ask("printed"), stored(notebook.name)
    assert [
        text if there is not None else None for text, there in zip(seen, expected, strict=True)
    ] == expected
    assert sum(map(bool, expected)) > 0


def test_every_figure_can_be_heard(notebook):
    assert notebook.ask("unspoken") == []
    for cell in notebook.ask("withFigures")[:2]:
        assert notebook.ask("unfold", cell), (
            f"the words below the figure of cell {cell} stay folded"
        )


# Labels and the Tab key.


def test_every_control_has_a_label(notebook):
    found = controls(notebook)
    without = [
        f"panel {panel}, {control['kind']} {i}"
        for panel, i, control in found
        if not control["label"]
        and control["kind"] != "play"  # ipywidgets' play buttons show pictures only
    ]
    firsts = {
        control["kind"]: (panel, i) for panel, i, control in reversed(found)
    }  # ipywidgets names a kind, or does not
    unnamed = set()
    for kind, (panel, i) in firsts.items():
        notebook.control(panel, i).focus()
        notebook.page.wait_for_timeout(30)  # what is out of sight has no name yet
        if notebook.ask("spoken", panel, i) == "":
            unnamed.add(kind)
    if unnamed:
        notebook.record.remarks.append(f"no name for a screen reader: {', '.join(sorted(unnamed))}")
    assert without == [] and unnamed <= {"slider"}  # whose handles have none in ipywidgets 8


def tab_through(notebook, panel, count):
    """Press Tab from the first control of a panel until each of ``count`` has had the focus, twice
    as often at most: between two there may be a readout that can be typed into. Returns: which had.
    """
    notebook.control(panel, 0).focus()
    notebook.ask("watchFocus", panel)
    for _ in range(2 * count + 2):
        if len(notebook.ask("reached")) == count:
            break
        notebook.page.keyboard.press("Tab")
    return set(notebook.ask("reached"))


def test_every_control_is_reached_by_the_tab_key(notebook):
    missed = []
    for panel, inside in enumerate(notebook.panels()):
        reached = tab_through(notebook, panel, len(inside))
        missed += [f"panel {panel}: {inside[i]}" for i in set(range(len(inside))) - reached]
    assert missed == []


# Sliders.


def says(readout, value):
    """Whether a readout says ``value``, to its last digit; a logarithmic slider's value is the
    exponent."""
    half = 0.51 * 10.0 ** -len(readout.partition(".")[2])
    number = float(readout.replace("−", "-").replace(",", ""))
    return abs(value - number) <= half or (value < 5 and abs(10.0**value - number) <= half)


def move(notebook, panel, i, target, act, slack=0.0):
    """Move a slider to ``target`` by ``act``; hold value, readout and picture against it.
    Returns: what the labels say."""
    before, slider = notebook.look(panel), notebook.describe(panel, i)
    ms = notebook.after(panel, act, 60 if slider["trains"] else 3)
    notebook.quiet()
    now, (picture, label) = notebook.describe(panel, i), notebook.look(panel)
    where = f"panel {panel}, slider {i} ({now['label']}), from {slider['value']} to {target}"
    assert now["value"] == pytest.approx(target, abs=0.51 * now["step"] + slack), where
    if now["labelled"]:
        assert now["readout"] != slider["readout"], f"{where}: the readout says the same"
    else:
        assert says(now["readout"], now["value"]), f"{where}: the readout says {now['readout']}"
    assert ms is not None, f"{where}: no new picture"
    assert picture != before[0], f"{where}: the same picture"
    if not slider["trains"]:
        notebook.record.milliseconds.append(ms)
    return label


def steps_by_key(slider, count):
    """(key, value after it): upwards by single steps; a slider that stands at its end goes down
    instead."""
    up = slider["value"] + count * slider["step"] <= slider["max"] + 1e-9
    sign, key = (1, "ArrowRight") if up else (-1, "ArrowLeft")
    values = [slider["value"] + sign * k * slider["step"] for k in range(1, count + 1)]
    return [
        (key, value) for value in values if slider["min"] - 1e-9 <= value <= slider["max"] + 1e-9
    ]


def test_sliders_move_by_keyboard(notebook):
    for panel, i, slider in controls(notebook, "slider"):
        slider = notebook.describe(panel, i)  # another slider may have moved it
        notebook.control(panel, i).scroll_into_view_if_needed()
        said = {notebook.ask("says", panel)}
        for key, target in steps_by_key(slider, 1 if slider["trains"] else 4):
            notebook.control(panel, i).focus()
            said.add(
                move(
                    notebook, panel, i, target, functools.partial(notebook.page.keyboard.press, key)
                )
            )
        assert len(said) > 1, (
            f"panel {panel}, slider {i}: the label says the same throughout: {said}"
        )
        notebook.record.moved.add((panel, i))


def targets(slider):
    """Values across a slider's range, on its steps, each more than half a step from the one
    before."""
    last, width = slider["value"], slider["max"] - slider["min"]
    for share in (0.3, 0.5, 0.7, 0.9, 0.1):
        value = slider["min"] + round(share * width / slider["step"]) * slider["step"]
        if abs(value - last) > slider["step"] / 2:
            yield value
            last = value


class Grip:
    """The mouse on a slider's handle, pressed."""

    TRACK = """node => {
        const box = node.closest('.noUi-base').getBoundingClientRect();
        return [box.x, box.width];
    }"""

    def __init__(self, page, handle):
        self.mouse = page.mouse
        handle.evaluate("course.still")
        self.left, self.width = handle.evaluate(self.TRACK)
        box = handle.bounding_box()
        self.y = box["y"] + box["height"] / 2
        self.mouse.move(box["x"] + box["width"] / 2, self.y)
        self.mouse.down()
        assert handle.evaluate("node => node.matches('.noUi-active')"), "the handle is not held"

    def drag(self, share, release):
        self.mouse.move(self.left + share * self.width, self.y)
        if release:
            self.mouse.up()


def test_sliders_move_by_mouse(notebook):
    for panel, i, _ in controls(notebook, "slider"):
        slider = notebook.describe(panel, i)
        grip = Grip(notebook.page, notebook.control(panel, i))
        pixel = (slider["max"] - slider["min"]) / grip.width
        for target in list(targets(slider))[: 1 if slider["trains"] else None]:
            share = (target - slider["min"]) / (slider["max"] - slider["min"])
            drag = functools.partial(grip.drag, share, release=slider["trains"])
            move(notebook, panel, i, target, drag, 2 * pixel)
        notebook.page.mouse.up()
        notebook.record.moved.add((panel, i))


# Maps of a plane.


PLACES = [(0.3, 0.6), (0.7, 0.7), (0.6, 0.4), (0.4, 0.3), (0.5, 0.5)]  # in shares of a map


def walk(notebook, panel, i, act):
    """Choose another point of a map by ``act``; hold picture and text against the ones before."""
    before, where = notebook.look(panel), f"panel {panel}, map {i}"
    ms = notebook.after(panel, act, 3)
    notebook.quiet()
    now, (picture, label) = notebook.describe(panel, i), notebook.look(panel)
    where += f": from {before[1]!r} to {label!r}"
    assert ms is not None and picture != before[0], f"{where}: no new picture"
    assert label != before[1], f"{where}: the same text"
    assert now["value"] == label, f"{where}: who listens hears {now['value']!r}"
    notebook.record.milliseconds.append(ms)
    notebook.record.moved.add((panel, i))


def tour(notebook, panel, i, act):
    """Take the mouse to each place of a map, there ``act``, and see that the marker follows."""
    box = notebook.control(panel, i).bounding_box()
    for across, down in PLACES:
        x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
        walk(notebook, panel, i, functools.partial(act, x, y))
        assert notebook.ask("marker", panel, i) == pytest.approx([x, y], abs=1.5)


def test_maps_are_clicked(notebook):
    for panel, i, _ in controls(notebook, "map"):
        notebook.control(panel, i).evaluate("course.still")
        tour(notebook, panel, i, notebook.page.mouse.click)


def test_maps_are_dragged_on(notebook):
    for panel, i, _ in controls(notebook, "map"):
        node, mouse = notebook.control(panel, i), notebook.page.mouse
        node.evaluate("course.still")
        node.hover()
        mouse.down()
        notebook.quiet()
        tour(notebook, panel, i, mouse.move)
        mouse.up()
        before = notebook.look(panel)
        node.hover(position={"x": 5, "y": 5})  # with no button pressed
        notebook.quiet()
        assert notebook.look(panel) == before


def test_maps_are_walked_by_keyboard(notebook):
    for panel, i, _ in controls(notebook, "map"):
        notebook.control(panel, i).evaluate("course.still")
        notebook.control(panel, i).focus()
        active = notebook.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")
        for key in ["ArrowUp", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowLeft", "ArrowDown"]:
            walk(notebook, panel, i, functools.partial(notebook.page.keyboard.press, key))
            assert notebook.describe(panel, i)["focused"], f"{key} leads away from the map"
        assert active == notebook.page.evaluate(
            "jupyterapp.shell.currentWidget.content.activeCellIndex"
        ), "the arrow keys moved the notebook, too"


def test_a_drag_is_followed_by_its_picture(notebook):
    if not notebook.record.milliseconds:
        pytest.skip("this notebook has no slider and no map")
    assert statistics.median(notebook.record.milliseconds) <= MOST_MS * lab.SLOW, (
        notebook.record.milliseconds
    )


# All other controls.


def changes(notebook, panel, act, seconds):
    """Whether picture or labels of a panel are others after ``act``, and no training goes on."""
    before = notebook.look(panel)
    act()
    for _ in range(int(seconds * lab.SLOW * 10)):
        notebook.page.wait_for_timeout(100)
        now = notebook.look(panel)
        if now != before and "training ..." not in now[1]:
            notebook.quiet()
            return True
    return False


def by_keyboard(page, node, kind):
    """Set a control. A dropdown's list is opened first: while it is shut, JupyterLab takes its
    keys (ipywidgets issue 3912)."""
    node.focus()
    if kind in ("button", "dropdown"):
        for key in ["Space"] if kind == "button" else ["Space", "ArrowDown", "Enter"]:
            page.keyboard.press(key)
            page.wait_for_timeout(100)
    else:
        page.keyboard.press("End")
        page.keyboard.type("7" if kind == "number" else " at")
        page.keyboard.press("Enter")


def by_mouse(page, node, kind):
    if kind == "dropdown":  # its list belongs to the system, out of a test's reach
        values = node.evaluate("node => [...node.options].map(option => option.value)")
        node.select_option(values[0] if node.evaluate("node => node.selectedIndex") else values[-1])
        return
    node.click(click_count=1 if kind == "button" else 3)
    if kind != "button":
        page.keyboard.type("12" if kind == "number" else "mississippi")
        page.keyboard.press("Enter")


@pytest.mark.parametrize("hand", [by_keyboard, by_mouse])
def test_choices_and_boxes_change_what_is_shown(notebook, hand):
    for panel, i, control in controls(notebook, "button", "dropdown", "number", "text"):
        node = notebook.control(panel, i)
        node.scroll_into_view_if_needed()
        if "mod-active" in (node.get_attribute("class") or ""):
            continue  # chosen already; the others lead away from it, and back
        act = functools.partial(hand, notebook.page, node, control["kind"])
        assert changes(notebook, panel, act, 60 if control["trains"] else 3), (
            f"panel {panel}, {i}, {control}: nothing changed"
        )
        notebook.record.moved.add((panel, i))


def test_play_plays_and_pauses(notebook):
    buttons = {
        panel: i for panel, i, _ in reversed(controls(notebook, "play"))
    }  # the first of each panel
    for panel, i in buttons.items():
        slider = next(j for at, j, _ in controls(notebook, "slider") if at == panel and j > i)
        notebook.control(panel, slider).focus()
        notebook.page.keyboard.press("Home")
        notebook.quiet()
        notebook.control(
            panel, i
        ).hover()  # the mouse lies ready to pause: some are over in a second
        notebook.control(panel, i).focus()
        notebook.page.keyboard.press("Space")
        notebook.wait(f"course.describe({panel}, {slider}).value > 0", 5, polling=20)
        notebook.page.mouse.down(), notebook.page.mouse.up()
        notebook.quiet()
        halted = [
            notebook.page.wait_for_timeout(400) or notebook.describe(panel, slider)["value"]
            for _ in range(2)
        ]
        assert halted[0] == halted[1] < notebook.describe(panel, slider)["max"], (
            f"panel {panel} does not pause: {halted}"
        )
        notebook.record.moved.add((panel, i))


# Dark, and narrow.


def test_the_dark_theme_stays_readable(dark):
    shots(dark, "dark")
    dim = [text for text in dark.ask("texts") if text["contrast"] < lab.CONTRAST]
    seen = {(text["cell"], text["text"]): text["contrast"] for text in dim}
    dark.record.remarks += [
        f"dark, cell {cell}, contrast {contrast:.1f}: {text!r}"
        for (cell, text), contrast in seen.items()
    ]
    assert [
        figure for figure in dark.ask("legibility") if figure["contrast"] < lab.CONTRAST
    ] == [], "pictures hard to read on dark"


def test_a_narrow_window_stays_readable(tablet):
    beside = tablet.page.locator("#jp-left-stack:visible").count() > 0
    where = "tablet-files" if beside else "tablet"
    shots(tablet, where)
    wide = tablet.ask("tooWide")
    bad = [found["text"] for found in wide if found["bad"]]
    if len(wide) > len(bad):
        tablet.record.remarks.append(
            f"{where}: {len(wide) - len(bad)} formulas or texts are wider than the page and scroll"
        )
    if beside:  # the list of files takes a third of the window, and the reader can close it
        tablet.record.remarks += [f"{where}: {text}" for text in bad]
    else:
        assert bad == []
