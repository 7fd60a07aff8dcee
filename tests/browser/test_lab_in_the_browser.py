"""The GAN lab as its users meet it, in JupyterLab and on the site: hands on every control, keys,
the pen, the way back in time, links, an experiment; how fast it is, and that it ends."""

import json
import re
import statistics

import jupyterlab_page as lab
import nbformat.v4
import pytest
import site_page
from lab_page import MEASURED, MOVED, Hands

NAME = "a_lab"
CELLS = ["from gan_lib.lab import lab\n\nit = lab()\nit", "print(it.run.state.step)"]
TABLE = json.loads((lab.ROOT / "gan_lib/lab/settings.json").read_text(encoding="utf-8"))
ROWS = [row for row in TABLE["settings"] if row["name"] not in ("data", "strokes")]
DATA = next(row["values"] for row in TABLE["settings"] if row["name"] == "data")
LAB_TEXTS = (
    ".gan-lab :is(p, b, span, small, label, legend, li, button, select, output, summary, code),"
    ".gan-lab input:is([type=text], [type=number])"
)
# Wanted on two cores of one's own: 20 and 50 pictures a second, a pause within 100 ms, a slider
# within 150. What it was is printed; a test that shares its cores only sees that it is not stuck.
LEAST = {"kernel": 4, "site": 10}  # pictures a second
PAUSE_MS, SLIDER_MS = 1000, 1500


@pytest.fixture(scope="module")
def notebook(server, browser):
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    written = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(written, server.folder / "notebooks" / f"{NAME}.ipynb")
    opened = lab.Notebook(server, browser, NAME)
    opened.run_all()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def page(browser, address):
    with site_page.opened(browser, address) as found:
        site_page.visit(found, address, "lab")
        yield found


@pytest.fixture(scope="module", params=["kernel", "site"])
def home(request):
    if request.param == "kernel":
        opened = request.getfixturevalue("notebook")
        return Hands(opened.page, "kernel", opened.complaints)
    opened = request.getfixturevalue("page")
    opened.add_script_tag(content=lab.IN_PAGE)
    return Hands(opened, "site", opened.complaints)


def test_play_goes_on_and_pause_holds(home):
    home.anew()
    home.play(steps=40)
    home.pause()
    held = home.step
    home.page.wait_for_timeout(300)
    assert home.step == held >= 40
    assert home.text == f"by={home.by}&run={held}"
    assert f"Paused at step {held}" in home.says(".status").replace("\u202f", "")


def test_buttons_and_keys_take_single_steps(home):
    home.anew()
    for words in ("Step", "D's step", "G's step"):
        home.click(words)
    home.wait_for_text("run=1,d,g")
    home.find(".plane").focus()
    for key in "sdg":
        home.press(key)
    home.wait_for_text("run=1,d,g,1,d,g")
    home.press("Space")
    home.wait("hands.running() && hands.step() > 2")
    home.press("Space")
    home.wait("!hands.running()")
    home.press("r")
    home.wait("hands.step() === 0")
    if home.home == "kernel":
        assert home.page.evaluate("course.counts().length") == 2, "keys reach JupyterLab's cells"


def test_slow_motion_takes_one_step_in_seven_lines(home):
    home.anew()
    home.click("Slow motion")
    home.wait_for_words(".slow .current", "Sample noise")
    home.find(".slow input").uncheck()
    lines = home.find(".slow li")
    while home.step == 0:
        before = home.says(".slow .current")
        home.click("Next line")
        home.wait(f"document.querySelector('.gan-lab .slow .current').innerText !== {before!r}")
        home.page.wait_for_timeout(60)
    assert home.says(".slow .current") == lines.last.inner_text()
    home.shot("slow")
    home.click("Slow motion")
    assert home.text == f"by={home.by}&run=1"


def another(home, row):
    """Move a control to another value, as a reader would. Returns: (value before, after)."""
    control = home.find(f"[data-name={row['name']}]")
    before = control.evaluate("node => node.value")
    if row["kind"] == "choice":
        after = row["values"][(row["values"].index(before) + 1) % len(row["values"])]
        control.select_option(after)
        return before, after
    control.focus()
    if "values" not in row:
        control.fill(str(int(before) + 1))
        home.press("Enter")
        return before, str(int(before) + 1)
    at = int(before)
    home.press("ArrowRight" if at + 1 < len(row["values"]) else "ArrowLeft")
    values = [str(value) for value in row["values"]]
    return values[at], values[int(control.evaluate("node => node.value"))]


def as_text(value):
    return value.replace("1e-05", "0.00001").replace(" ", "+")


def move(home, row):
    """Move a control while it runs, until the text of the run says so, and the run goes on."""
    before, after = another(home, row)
    said = f'{row["name"]}[=:]{re.escape(as_text(after))}(?=[,&"]|$)'
    home.wait(f"/{said}/.test(hands.shared())")
    if row in ROWS[:2]:  # the weights to start from and the seed begin a new run
        home.wait("!hands.running() && hands.step() === 0")
        home.play()
    step = home.step
    home.wait(f"hands.step() > {step + 2}", 30)
    assert re.search(said, home.text)
    MOVED.append((home.home, row["name"], before, after, home.text[-60:]))


def test_every_control_moves_while_it_runs(home):
    for rows in ROWS[:2], ROWS[2:]:
        home.anew()
        home.play(steps=5)
        for row in rows:
            move(home, row)
            assert home.find(".error:not(:empty):visible").count() == 0
        home.pause()


def test_what_is_being_typed_stays_while_it_runs(home):
    home.anew()
    home.play(steps=5)
    seed = home.find("[data-name=seed]")
    seed.fill("7")
    step = home.step
    home.page.wait_for_timeout(1200)  # longer than between two answers of the engine
    assert seed.input_value() == "7" and home.step > step
    seed.press("Enter")
    home.wait_for_text("seed")
    home.wait("!hands.running() && hands.step() === 0")
    assert seed.input_value() == "7"


def test_every_data_set_is_chosen_by_its_picture(home):
    home.anew()
    seen = set()
    for name in [*DATA[1:-1], DATA[0]]:
        home.find(f"[value={name}]").locator("..").click()
        home.wait(f"({str(name == DATA[0]).lower()}) !== hands.shared().includes('data={name}')")
        home.page.wait_for_timeout(150)
        seen.add(home.ask("picture"))
        MOVED.append((home.home, "data", "", name, home.text[:60]))
    assert len(seen) == len(DATA) - 1


def test_what_is_refused_says_why_and_goes_back(home):
    home.anew()
    control = home.find("[data-name=seed]")
    control.fill("-3")
    control.press("Enter")
    home.wait_for_words(".control .error", "seed")
    assert control.input_value() == "0"
    home.find(".pasted").fill("lr_g=-1")
    home.find("form button").click()
    home.wait_for_words("p.error", "lr_g")
    assert home.text == f"by={home.by}"


def test_data_are_drawn_by_mouse_and_trained_on(home):
    home.anew()
    home.find("[value=drawn]").locator("..").click()
    home.draw((-2, -1), (0, 2), (2, -1))
    home.draw((-1, 0.5), (1, 0.5))
    strokes = home.wait_for_strokes(2)
    for drawn, meant in zip(strokes, [[(-2, -1), (2, -1)], [(-1, 0.5), (1, 0.5)]]):
        assert [list(drawn[i]) for i in (0, -1)] == [pytest.approx(end, abs=0.1) for end in meant]
    home.click("Undo last stroke")
    home.wait_for_strokes(1)
    home.click("Done")
    home.shot("drawn")
    home.play(steps=60)
    home.pause()
    home.shot("drawn-trained")


def test_data_are_drawn_by_keyboard(home):
    home.anew()
    home.find("[value=drawn]").locator("..").click()
    for key in ["Space", *5 * ["ArrowRight"], *3 * ["ArrowUp"], "Space", "Escape"]:
        home.press(key)
    (stroke,) = home.wait_for_strokes(1)
    assert list(stroke[0]) == pytest.approx([0, 0], abs=0.01)
    assert list(stroke[-1]) == pytest.approx([0.5, 0.3], abs=0.01)
    assert not home.find(".pen").is_visible()


def test_pointing_at_a_fake_says_its_noise(home):
    home.anew()
    number = r"−?\d+\.\d\d"
    said = rf"z = \({number}, {number}\) ↦ G\(z\) = \({number}, {number}\).*"
    home.page.mouse.move(*home.place(1, 1))
    home.page.wait_for_timeout(100)
    assert re.fullmatch(said, first := home.says(".pointed"))
    home.page.mouse.move(*home.place(-1, -1))
    home.page.wait_for_timeout(100)
    assert re.fullmatch(said, second := home.says(".pointed")) and second != first
    home.page.mouse.move(0, 0)
    home.find(".plane").focus()
    home.press("ArrowRight")
    home.page.wait_for_timeout(100)
    assert re.fullmatch(said, home.says(".pointed"))


def test_layers_are_switched(home):
    home.replay(f"by={home.by}&run=150")
    for words in ("real", "fake", "field", "best", "sheet", "arrows"):
        for _ in range(2):
            before = home.ask("picture")
            home.find(f".layer.{words}").click()
            home.wait_for_another(before, words)


def test_back_in_time_and_another_way(home):
    home.anew()
    home.play(steps=60)
    home.pause()
    long = home.text
    moments = home.find(".timeline input")
    moments.focus()
    home.press("Home")
    home.wait("hands.step() === 0")
    home.press("ArrowRight")
    home.wait("hands.step() > 0")
    assert "to go another way" in home.says(".timeline")
    home.find("[data-name=k]").focus()
    home.press("ArrowRight")
    home.play()
    home.pause()
    assert ",k:2," in home.text
    assert long in home.find(".left code").all_text_contents()


def test_a_shared_run_replays_to_the_last_digit(home):
    home.anew("data=moons&lr_g=0.002")
    home.play(steps=30)
    home.pause()
    home.click("D's step")
    home.wait_for_text(",d")
    text, step, seen = home.text, home.step, set()
    for _ in range(2):
        home.anew()
        home.replay(text)
        home.wait(f"hands.step() === {step}")
        home.page.wait_for_timeout(400)
        digits = home.says(".tile.v b")
        seen.add((home.ask("picture"), digits))
    assert len(seen) == 1
    MEASURED.append(f"{home.home}: {text} replayed twice: the same picture, V = {digits}")


def test_an_experiment_asks_first_and_answers_last(home):
    home.anew()
    home.find("[id^=gan-lab-experiment]").select_option("field")
    arms, answer = home.find(".arm"), home.find(".answer")
    assert arms.count() == 2 and not arms.first.is_visible() and not answer.is_visible()
    home.find(".predictions input").first.check()
    for number, arm in enumerate([arms.first, arms.last], 1):
        assert not answer.is_visible()
        arm.click()
        home.wait(f"document.querySelectorAll('.gan-lab .results li').length === {number}", 120)
    assert "Your prediction" in answer.inner_text()
    assert home.step >= 500 and not home.ask("running")
    home.shot("experiment")


def test_it_answers_while_it_trains_fast(home):
    home.anew()
    home.play(steps=10)
    home.page.wait_for_timeout(3500)
    pictures, steps = map(int, re.findall(r"\d+", home.says(".rates").replace("\u202f", "")))
    slider = [slide(home, i) for i in range(7)]
    pause = []
    for _ in range(5):
        pause.append(home.milliseconds("!hands.running()", lambda: home.click("Pause")))
        home.play()
    home.pause()
    pause, slider = statistics.median(pause), statistics.median(slider)
    MEASURED.append(
        f"{home.home}: {pictures} pictures and {steps} steps a second; "
        f"median ms until pause {pause:.0f}, until a slider's value is taken {slider:.0f}"
    )
    assert pictures * lab.SLOW >= LEAST[home.home]
    assert pause <= PAUSE_MS * lab.SLOW and slider <= SLIDER_MS * lab.SLOW


def slide(home, i):
    """Move G's learning rate to and fro. Returns: ms until the run has it."""
    home.find("[data-name=lr_g]").focus()
    key, value = [("ArrowRight", "0.002"), ("ArrowLeft", "0.001")][i % 2]
    taken = f"[...hands.shared().matchAll(/lr_g:([^,\"]*)/g)].at(-1)?.[1] === '{value}'"
    return home.milliseconds(taken, lambda: home.press(key))


def test_every_control_has_a_name_and_the_picture_words(home):
    home.anew()
    heard = home.find(".inside").aria_snapshot()
    controls = re.findall(
        r"- (?:button|checkbox|radio|slider|combobox|textbox|spinbutton|img)\b.*", heard
    )
    assert [each for each in controls if '"' not in each] == [] and len(controls) > 40
    home.wait("/500 fakes; D's loss/.test(document.querySelector('.gan-lab .plane').ariaLabel)")


def test_dark_and_light_are_readable(home):
    for dark in (True, False):
        if home.home == "site":
            home.page.emulate_media(color_scheme="dark" if dark else "light")
        else:
            theme = f"JupyterLab {'Dark' if dark else 'Light'}"
            home.page.evaluate(
                "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
            )
        home.page.wait_for_timeout(800)
        home.shot("dark" if dark else "light")
        texts = home.page.evaluate("parts => course.contrasts(parts)", LAB_TEXTS)
        assert [text for text in texts if text["contrast"] < lab.CONTRAST] == []
        assert len(texts) > 60


def test_a_phone_needs_no_sideways_scrolling(home):
    before = home.page.viewport_size
    home.page.set_viewport_size({"width": 390 if home.home == "site" else 600, "height": 1000})
    home.page.wait_for_timeout(500)
    home.shot("narrow")
    assert home.ask("wide") == []
    home.page.set_viewport_size(before)
    home.page.wait_for_timeout(300)


def test_nothing_went_wrong_on_the_way(home):
    assert home.complaints == []


def test_a_lab_whose_output_is_cleared_trains_no_more(notebook):
    home = Hands(notebook.page, "kernel", notebook.complaints)
    home.anew()
    home.play(steps=20)
    notebook.ask("select", 0)
    notebook.ask("command", "notebook:clear-cell-output")
    notebook.wait("!document.querySelector('.gan-lab')", 10)
    said = []
    for _ in range(2):
        notebook.page.wait_for_timeout(500)
        notebook.ask("select", 1)
        notebook.ask("command", "notebook:run-cell")
        notebook.wait("course.ran() !== null && course.status() === 'idle'", 20)
        said.append(notebook.ask("outputText", 1).strip())
    assert said[0] == said[1] != ""
