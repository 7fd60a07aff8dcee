"""What grading a class costs: one student at a time and several, killed halfway, and per homework.

    python tests/benchmarks/grading.py --students 40 --jobs 2

makes classes in a temporary folder and prints Markdown tables. It needs nbgrader. On a machine that
does other work, too, believe the seconds of a core.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "homework"))

import masters
from classroom import (
    VARIANT,
    WRITTEN,
    course,
    environment,
    handed_in,
    put,
    released,
    scores,
    solutions,
    succeeds,
)


def class_of(folder, name, students):
    """A released homework, and perfect submissions of it, not graded."""
    course(folder)
    succeeds(f"{sys.executable} release.py {name} --variant {VARIANT}", folder)
    notebook = handed_in(released(folder, name), solutions(name), WRITTEN)
    for number in range(students):
        put(notebook, folder / f"class/submitted/s{number:03}/{name}/{name}.ipynb")
    return folder


class Watch(threading.Thread):
    """What a process and all it started use, looked at ten times a second: the most memory that
    they hold together, shared pages counted once, and the processor's seconds."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.stopped = psutil.Process(pid), threading.Event()
        self.peak, self.seconds = 0, {}
        self.start()

    def run(self):
        while not self.stopped.wait(0.1):
            try:
                self.look()
            except psutil.Error:  # one of them has just ended
                pass

    def look(self):
        family = [self.process, *self.process.children(recursive=True)]
        for each in family:
            self.seconds[each.pid] = sum(each.cpu_times()[:2])
        self.peak = max(self.peak, sum(each.memory_full_info().pss for each in family))


def timed(command, folder, kill_at=None):
    """(seconds, the processor's seconds, peak memory in MB) of a command; killed when so many
    students are graded."""
    start = time.monotonic()
    process = subprocess.Popen(
        command.split(),
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watch = Watch(process.pid)
    while kill_at is not None and graded(folder) < kill_at and process.poll() is None:
        time.sleep(0.05)
    if kill_at is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    watch.stopped.set()
    return time.monotonic() - start, sum(watch.seconds.values()), watch.peak / 1e6


def graded(folder):
    return len(list(folder.glob("class/autograded/*/*/*.ipynb")))


def what_is_there(folder, name):
    """Students and cells in the gradebook, and how many have all points for code."""
    found, full = scores(folder, name), masters.points(masters.read(name))
    perfect = sum(
        all(cells[cell][0] == points for cell, points in full.items()) for cells in found.values()
    )
    return f"{len(found)} | {sum(map(len, found.values()))} | {perfect}"


def load():
    return f"{os.getloadavg()[0]:.1f}"


def a_class(where, students, jobs):
    """One class, graded in three ways."""
    print(f"\n{students} students of hw1, {os.cpu_count()} cores\n")
    print("| | seconds | of a core | load before | students | cells | with all points |")
    print("|---|---|---|---|---|---|---|", flush=True)
    ways = {
        "nbgrader autograde": ["nbgrader autograde hw1"],
        f"grade.py --jobs {jobs}": [f"{sys.executable} grade.py hw1 --jobs {jobs}"],
        "the same, killed halfway, and again": [f"{sys.executable} grade.py hw1 --jobs {jobs}"] * 2,
    }
    for number, (way, commands) in enumerate(ways.items()):
        folder, before = class_of(where / f"way{number}", "hw1", students), load()
        kills = [students // 2, None] if len(commands) == 2 else [None]
        taken = [timed(command, folder, kill) for command, kill in zip(commands, kills)]
        seconds, work = (" + ".join(f"{each[kind]:.0f}" for each in taken) for kind in (0, 1))
        print(
            f"| {way} | {seconds} | {work} | {before} | {what_is_there(folder, 'hw1')} |",
            flush=True,
        )
        shutil.rmtree(folder)


def one_of_each(where, names):
    """One submission of each homework, alone."""
    print("\n| one submission of | seconds | of a core | peak MB | load before |")
    print("|---|---|---|---|---|", flush=True)
    for name in names:
        folder, before = class_of(where / name, name, 1), load()
        seconds, work, peak = timed(f"nbgrader autograde {name}", folder)
        print(f"| {name} | {seconds:.0f} | {work:.0f} | {peak:.0f} | {before} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=masters.NAMES, metavar="hw")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        one_of_each(Path(where), options.only)
        if options.students:
            a_class(Path(where), options.students, options.jobs)
