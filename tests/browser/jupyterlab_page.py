"""JupyterLab as a reader meets it: a server on a copy of the notebooks, and a browser on it."""

import collections
import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
IN_PAGE = Path(__file__).with_name("in_page.js").read_text(encoding="utf-8")
SLOW = float(
    os.environ.get("GAN_BROWSER_SLOW", "1")
)  # how many times slower than two usual cores this machine may be
SHOTS = os.environ.get("GAN_BROWSER_SHOTS")  # a folder for screenshots
CONTRAST = 4.5  # between text and its background, after WCAG 2
RUN_ALL_SECONDS = 900 * SLOW
NOT_OURS = re.compile(
    r"favicon|ResizeObserver loop|net::ERR_(INTERNET_DISCONNECTED|NAME_NOT_RESOLVED)"
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
NO_PLAYWRIGHT = "the browser tests need Playwright for Python: pip install -r requirements-dev.txt"
NO_BROWSER = (
    "the browser tests need Chromium: `playwright install chromium`, "
    "or the package chromium of your system,"
    " or its path in the environment variable CHROMIUM"
)


@dataclass
class Record:
    """What is measured of one notebook, a line of the table at the end."""

    seconds: float | None = None
    moved: set = field(default_factory=set)
    milliseconds: list = field(default_factory=list)
    remarks: list = field(default_factory=list)


RECORDS = collections.defaultdict(Record)


# The server.


def settings(folder):
    """An environment in which JupyterLab knows nobody's settings, asks for no news, and imports
    this tree's gan_lib."""
    news = folder / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (news / "notification.jupyterlab-settings").write_text(json.dumps(quiet), encoding="utf-8")
    places = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "IPYTHONDIR": folder / "ipython",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }
    return {**os.environ, **{name: str(place) for name, place in places.items()}}


def copy_of_notebooks(folder):
    """Copy the notebooks, without what running them leaves behind, into ``folder``/course, and
    return that."""
    leftovers = shutil.ignore_patterns("runs", "mine", "class", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "notebooks", folder / "course" / "notebooks", ignore=leftovers)
    return folder / "course"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass
class Server:
    """A JupyterLab that runs: its address, its token, and the folder that it shows."""

    address: str
    token: str
    folder: Path

    def restore(self, name):
        """Put a notebook back as the repository has it: JupyterLab saves what it shows, widgets
        of ended kernels included. One that a test has written there is left alone."""
        if name in NAMES:
            shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", self.folder / "notebooks")

    def ask(self, path, method="GET"):
        request = urllib.request.Request(
            f"{self.address}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or "null")

    def stop_kernels(self):
        for kernel in self.ask("kernels"):
            self.ask(f"kernels/{kernel['id']}", "DELETE")


def _wait_for(server, process, log, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            return server.ask("status")
        time.sleep(0.2)
    raise RuntimeError(
        f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
    )


@contextlib.contextmanager
def running_server(folder):
    """Start JupyterLab on a copy of the notebooks in ``folder``; it is stopped whatever happens,
    and its kernels with it."""
    port, token, log = free_port(), secrets.token_hex(16), folder / "server.log"
    options = [
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        "--no-browser",
    ]
    options += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    server = Server(f"http://127.0.0.1:{port}", token, copy_of_notebooks(folder))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=server.folder,
            env=settings(folder),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(server, process, log, 60 * SLOW)
            yield server
        finally:
            with contextlib.suppress(OSError):
                server.stop_kernels()
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# The browser.


def chromium(playwright):
    """The path of a Chromium: what CHROMIUM says, else Playwright's own, else the system's; None
    where there is none."""
    own = [playwright.chromium.executable_path, *map(shutil.which, BROWSERS), "/usr/bin/chromium"]
    wanted = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else own
    return next((path for path in wanted if path and Path(path).is_file()), None)


def launch(playwright, path, folder):
    """Start a browser whose profile lies in ``folder``: pages opened one after the other share
    its cache."""
    options = [
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--disable-sync",
    ]
    options.append(
        "--enable-blink-features=ComputedAccessibilityInfo"
    )  # element.computedName: what a screen reader says
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")
    return playwright.chromium.launch_persistent_context(
        folder, executable_path=path, args=options, viewport={"width": 1280, "height": 1000}
    )


def keep(page, name):
    """Keep a screenshot where GAN_BROWSER_SHOTS says, if it does."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


class Notebook:
    """A notebook that is open in JupyterLab. Panels and the controls in them go by number, from
    top to bottom."""

    def __init__(self, server, browser, name):
        self.name, self.server, self.record, self.complaints = name, server, RECORDS[name], []
        server.restore(name)
        self.page = browser.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("console", self._hear)
        self.page.add_init_script(IN_PAGE)
        workspace = f"{server.address}/lab/workspaces/w{secrets.token_hex(4)}"
        self.page.goto(
            f"{workspace}/tree/notebooks/{name}.ipynb?token={server.token}",
            wait_until="domcontentloaded",
        )
        self.wait(
            "window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length "
            "&& course.status() === 'idle'",
            120,
        )
        self.sidebar(False)

    def _hear(self, message):
        if message.type == "error" and not NOT_OURS.search(
            f"{message.text} {message.location.get('url', '')}"
        ):
            self.complaints.append(f"console: {message.text[:300]}")

    def close(self):
        self.page.close()
        self.server.stop_kernels()

    def ask(self, function, *arguments):
        """The value of a function of in_page.js."""
        return self.page.evaluate(
            "([name, values]) => course[name](...values)", [function, list(arguments)]
        )

    def wait(self, condition, seconds, polling=100):
        self.page.wait_for_function(condition, timeout=1000 * seconds * SLOW, polling=polling)

    def sidebar(self, visible):
        self.page.evaluate(f"jupyterapp.shell.{'expandLeft' if visible else 'collapseLeft'}()")

    def run_all(self):
        """Run every cell, and wait until nothing moves. Returns: seconds until the last cell was
        done."""
        self.ask("command", "notebook:run-all-cells")
        self.page.wait_for_function(
            "course.ran() !== null", timeout=1000 * RUN_ALL_SECONDS, polling=200
        )
        self.settle()
        self.record.seconds = self.ask("ran")

    def settle(self):
        """Wait until the kernel is idle, and widgets and pictures are shown."""
        self.wait("course.status() === 'idle' && course.ready()", 60)
        self.page.wait_for_timeout(1500)
        self.wait("course.status() === 'idle' && course.ready()", 60)

    def shot(self, what, panel=None):
        """Keep a screenshot where GAN_BROWSER_SHOTS says, if it does: of the top of the
        notebook, or of one panel."""
        if not SHOTS:
            return
        if panel is None:
            self.ask("top")
        else:
            self.page.evaluate(
                "panel => course.root(panel).scrollIntoView({ block: 'center' })", panel
            )
        self.page.wait_for_timeout(400)
        keep(self.page, f"{self.name}-{what}")

    # Controls.

    def panels(self):
        return self.ask("panels")

    def control(self, panel, index):
        return self.page.evaluate_handle(
            "([p, i]) => course.control(p, i)", [panel, index]
        ).as_element()

    def describe(self, panel, index):
        return self.ask("describe", panel, index)

    def look(self, panel):
        """(the pictures of a panel as a digest, what its labels say)"""
        return self.ask("prints", panel), self.ask("says", panel)

    def after(self, panel, act, seconds=2.0):
        """Do something to a panel. Returns: ms until its next picture, None where none came in
        time."""
        self.ask("arm", panel)
        act()
        return self.ask("drawn", 1000 * seconds * SLOW)

    def quiet(self):
        self.wait("course.status() === 'idle'", 30, polling=20)
        self.page.wait_for_timeout(60)

    def theme(self, name):
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", name
        )
        light = str("Light" in name).lower()
        self.wait(f"document.body.dataset.jpThemeLight === '{light}'", 20)
        self.page.wait_for_timeout(800)
