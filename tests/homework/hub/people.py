"""A teacher and students at their browsers: what they click and type, and what they then see."""

import time
from pathlib import Path

from machine import ADDRESS, password

MINUTE = 60_000  # ms
IN_PAGE = Path(__file__).with_name("in_hub.js").read_text(encoding="utf-8")
READY = "window.jupyterapp?.shell?.currentWidget && window.jupyterapp.restored"
IDLE = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


class Person:
    """Somebody with a browser of their own, logged in to the hub."""

    def __init__(self, browser, name, shots):
        self.name, self.shots, self.shot_number = name, shots, 0
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.set_default_timeout(2 * MINUTE)
        self.page = self.context.new_page()
        self.page.add_init_script(IN_PAGE)
        self.log_in()

    def log_in(self):
        self.page.goto(f"{ADDRESS}/hub/login")
        self.page.fill("#username_input", self.name)
        self.page.fill("#password_input", password(self.name))
        self.page.click("#login_submit")
        self.page.wait_for_function(READY, timeout=3 * MINUTE)
        self.page.wait_for_timeout(1000)
        for button in self.page.get_by_role("button", name="No", exact=True).all():
            button.click()  # no news, please

    def see(self, what):
        """Keep a screenshot, if a folder for them was named."""
        if self.shots:
            self.shot_number += 1
            self.shots.mkdir(parents=True, exist_ok=True)
            path = self.shots / f"{self.name}-{self.shot_number:02}-{what}.png"
            self.page.screenshot(path=path)

    def wait_until(self, condition, what, seconds=120):
        """Let the browser go on until something is so on the machine."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come"
            self.page.wait_for_timeout(300)

    def url(self, path):
        return f"{ADDRESS}/user/{self.name}/{path}"

    def status(self, path):
        """What the hub answers this person at an address."""
        return self.context.request.get(f"{ADDRESS}{path}", max_redirects=3).status

    def menu(self, *names):
        for name in names:
            self.page.get_by_role("menuitem", name=name, exact=True).first.click()

    def command(self, name, **arguments):
        return self.page.evaluate(
            "([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def type_in_terminal(self, lines):
        """Type commands into a new terminal."""
        self.command("terminal:create-new")
        self.page.locator(".jp-Terminal .xterm-helper-textarea").last.focus()
        self.page.wait_for_timeout(2000)
        for line in lines.splitlines():
            self.page.keyboard.type(line)
            self.page.keyboard.press("Enter")


class Student(Person):
    """Fetches, works, validates, hands in, and reads what came back."""

    def list(self, kind):
        return self.page.locator(f"#{kind}_assignments_list")

    def open_list(self):
        self.menu("Nbgrader", "Assignment List")
        self.page.locator("#refresh_assignments_list").click()
        self.page.wait_for_timeout(1500)

    def fetch(self, homework):
        self.open_list()
        row = self.list("released").locator(".list_item", has_text=homework)
        row.get_by_role("button", name="Fetch").click()
        self.list("fetched").get_by_role("button", name="Submit").wait_for()
        self.see("fetched")

    def open(self, homework):
        """Open the notebook from the list, and wait for its kernel."""
        self.open_list()
        fetched = self.list("fetched")
        if not fetched.locator(".nested_list_item").first.is_visible():
            fetched.locator(".assignment-notebooks-link").click()
        fetched.locator(".nested_list_item .item_name a").first.click()
        self.page.wait_for_function(f"{READY} && {IDLE}", timeout=3 * MINUTE)

    def answer(self, cell, text):
        """Type an answer over what stands there."""
        self.page.evaluate("name => hands.enter(name)", cell)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def run(self, cell):
        """Run one cell; returns what it printed."""
        return self.page.evaluate("name => hands.run(name)", cell)

    def run_all(self):
        """Run each cell of code in turn, as a student does who left a task out: {cell: output}."""
        names = self.page.evaluate("hands.names()")
        return {name: self.run(name) for name in names if name}

    def work(self, answers):
        """Fill in, save, and run the whole; returns {cell: output}."""
        for cell, text in answers.items():
            self.answer(cell, text)
        said = self.run_all()
        self.command("docmanager:save")
        self.see("worked")
        return said

    def validate(self):
        """Press the notebook's button Validate; returns what the dialog says."""
        self.page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate").click()
        dialog = self.page.locator(".jp-Dialog")
        dialog.wait_for(timeout=3 * MINUTE)
        said = dialog.inner_text()
        self.see("validated")
        dialog.locator("button").last.click()
        return said

    def submit(self, times):
        """Press Submit, and wait until the list shows this many submissions."""
        self.open_list()
        self.list("fetched").get_by_role("button", name="Submit").click()
        self.list("submitted").locator(".nested_list_item").nth(times - 1).wait_for()
        self.see("submitted")

    def feedback(self, homework, nth):
        """Fetch feedback, and open the page about the nth submission; returns its text."""
        self.open_list()
        submitted = self.list("submitted")
        submitted.get_by_role("button", name="Fetch Feedback").click()
        row = submitted.locator(".nested_list_item").nth(nth - 1)
        row.get_by_text("(view feedback)").wait_for()
        self.see("feedback-came")
        handed_in = row.locator(".item_name").inner_text().removesuffix(" (view feedback)")
        row.get_by_text("(view feedback)").click()
        self.page.locator(".jp-BreadCrumbs", has_text=handed_in.strip()).wait_for()
        self.page.wait_for_timeout(1000)  # the list of files follows
        self.page.locator(".jp-DirListing-item", has_text=f"{homework}.html").dblclick()
        page = self.page.frame_locator(".jp-HTMLViewer iframe").locator("body")
        page.get_by_text("(Score:").first.wait_for()
        self.see("feedback")
        text = page.inner_text()
        self.command("application:close")
        return text


class Teacher(Person):
    """Releases in a terminal; collects, grades and returns in the Formgrader."""

    def formgrader(self, page):
        self.page.goto(self.url(f"formgrader/{page}"))

    def row(self, name):
        return self.page.locator("tbody tr").filter(has_text=name)

    def press(self, row, column):
        """Press a button of a table, and close the dialog that says how it went."""
        self.row(row).locator(f".{column} a").click()
        dialog = self.page.locator(".modal-dialog")
        dialog.wait_for(timeout=5 * MINUTE)
        title = dialog.locator(".modal-title").inner_text()
        assert title == "Success", dialog.inner_text()
        dialog.locator(".modal-footer button").click()
        dialog.wait_for(state="detached")

    def score(self, name):
        return float(self.row(name).locator(".score").inner_text().split("/")[0])

    def mark(self, name, homework, cell, points, comment):
        """Give points and a comment to an answer in words."""
        self.formgrader(f"manage_students/{name}/{homework}")
        self.row(homework).locator("a").first.click()
        self.page.wait_for_load_state("networkidle")  # the page fetches the points it shows
        self.page.locator(f"#{cell}.score").fill(str(points))
        self.page.locator(f"#{cell}-comment").fill(comment)
        self.page.locator(f"#{cell}-comment").press("Tab")
        self.page.wait_for_load_state("networkidle")
        self.see("marked")
