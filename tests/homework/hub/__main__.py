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
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "browser"), str(HERE.parent), str(HERE)]

import machine

if machine.INSIDE not in os.environ:
    machine.enter()

import a_class
from jupyterlab_page import NO_BROWSER, chromium
from playwright.sync_api import sync_playwright


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
    began = time.monotonic()
    machine.set_up()
    a_class.tell("set up, from a fresh clone", time.monotonic() - began)
    with machine.hub(folder / "hub.log"), sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            sys.exit(NO_BROWSER)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        a_class.held(browser, shots)
        browser.close()


def main():
    options = parse()
    if options.machine:
        trial(options.machine.resolve(), options.shots)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        trial(Path(folder), options.shots)


main()
