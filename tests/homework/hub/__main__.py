"""A class on a real JupyterHub, by the commands of the instructors' page: a teacher and three
students, in a browser, from release to feedback and a second attempt.

Needs Linux, root, npm, Chromium, and what requirements-dev.txt installs; runs ten minutes, most of
them for installing. The hub is set up on a machine of its own, which is gone afterwards: the
system, its users and what is installed stay as they are. What is cloned is the last commit.

Run as: python tests/homework/hub [--shots FOLDER] [--machine FOLDER]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "browser"), str(HERE.parent), str(HERE)]

import a_class  # noqa: E402
import machine  # noqa: E402
from jupyterlab_page import NO_BROWSER, chromium  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402  (what stands here is found now)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=Path, help="a folder for screenshots")
    parser.add_argument(
        "--machine", type=Path, help="a folder that keeps the machine; used again, it saves minutes"
    )
    return parser.parse_args()


def trial(folder, shots):
    """Set a hub up, and hold a class on it."""
    machine.have_own_folders(folder)
    with a_class.told("set up, as the page says"):
        machine.set_up()
    with machine.hub(folder / "hub.log"), sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            sys.exit(NO_BROWSER)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        a_class.held(browser, shots)
        browser.close()


def main():
    options = parse()
    if machine.INSIDE not in os.environ:
        machine.enter()
    if options.machine:
        trial(options.machine.resolve(), options.shots)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        trial(Path(folder), options.shots)


main()
