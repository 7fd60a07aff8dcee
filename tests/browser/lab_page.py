"""The GAN lab in a page, in JupyterLab or on the site: hands on it, and what it shows."""

import re
from pathlib import Path

import jupyterlab_page as lab

from gan_lib.lab import read_strokes

IN_LAB = Path(__file__).with_name("in_lab.js").read_text(encoding="utf-8")
MOVED = []  # of each control: home, name, before, after, what the run's text says then
MEASURED = []  # lines


class Hands:
    """Hands on the one lab in a page. ``home`` is "kernel" or "site"."""

    def __init__(self, page, home, complaints):
        self.page, self.home, self.complaints = page, home, complaints
        page.evaluate(IN_LAB)
        self.by = {"kernel": "torch", "site": "js"}[home]
        self.wait("hands.step() >= 0", 60)
        for words in ("Guided experiments", "Share or replay"):
            fold = page.locator(f".gan-lab summary:has-text('{words}')")
            fold.evaluate("node => { node.parentElement.open = true; }")

    # What it shows.

    def ask(self, name):
        return self.page.evaluate(f"hands.{name}()")

    @property
    def step(self):
        return self.ask("step")

    @property
    def text(self):
        """This run as a text, without what a link or a call adds to it."""
        return re.search(r'([^#"]*)"?\)?$', self.ask("shared"))[1]

    @property
    def strokes(self):
        return read_strokes(re.findall(r"strokes[=:]([\w.-]+)", self.text)[-1])

    def wait_for_strokes(self, number):
        for _ in range(int(100 * lab.SLOW)):
            if "strokes" in self.text and len(self.strokes) == number:
                return self.strokes
            self.page.wait_for_timeout(30)
        raise AssertionError(f"not {number} strokes: {self.text}")

    def find(self, selector):
        return self.page.locator(f".gan-lab {selector}")

    def says(self, selector):
        return self.find(selector).inner_text()

    def wait(self, condition, seconds=15):
        self.page.wait_for_function(condition, timeout=1000 * seconds * lab.SLOW, polling=20)

    def wait_for_text(self, part):
        self.wait(f"hands.shared().includes({part!r})")

    def wait_for_words(self, selector, part):
        self.find(selector).filter(has_text=part).wait_for(timeout=15_000 * lab.SLOW)

    def wait_for_another(self, picture, what=""):
        for _ in range(int(100 * lab.SLOW)):
            if self.ask("picture") != picture:
                return
            self.page.wait_for_timeout(30)
        raise AssertionError(f"the same picture {what}")

    def shot(self, name):
        lab.keep(self.page, f"lab-{self.home}-{name}")

    # What hands do.

    def click(self, words):
        self.page.locator(".gan-lab button:visible", has_text=re.compile(f"^{words}$")).click()

    def press(self, key):
        self.page.keyboard.press(key)

    def play(self, steps=0):
        """Press play, and wait for so many steps."""
        goal = self.step + steps
        self.click("Play")
        self.wait(f"hands.running() && hands.step() > {goal}", 60)

    def pause(self):
        self.click("Pause")
        self.wait("!hands.running()")

    def replay(self, text):
        """Paste a text, press the button, and wait until the run is what it says."""
        self.find(".pasted").fill(text)
        self.find("form button").click()
        self.wait(f"hands.shared().includes({text!r}) && !hands.running()", 60)

    def anew(self, more=""):
        """A new run with settings that differ from the defaults by ``more``; it rests at step 0."""
        if self.ask("running"):
            self.pause()
        self.replay(f"{more}{'&' if more else ''}by={self.by}")
        self.wait("hands.step() === 0")

    def place(self, x, y):
        """A point of the plane in pixels of the page."""
        self.find(".plane").scroll_into_view_if_needed()
        box = self.find(".plane").bounding_box()
        return box["x"] + (x + 3) / 6 * box["width"], box["y"] + (3 - y) / 6 * box["height"]

    def draw(self, *points):
        """A stroke by mouse."""
        mouse = self.page.mouse
        mouse.move(*self.place(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.place(*point), steps=8)
        mouse.up()

    def milliseconds(self, condition, act):
        """From a touch to the frame in which a condition holds."""
        self.page.evaluate("condition => hands.measure(condition)", condition)
        act()
        self.wait("hands.measured() !== null")
        return self.ask("measured")
