"""Several students at a time: killed halfway and run again, nothing is lost and nothing doubled.

Skipped where nbgrader is not installed.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import masters
import psutil
import pytest
from classroom import (
    VARIANT,
    WRITTEN,
    by_code,
    course,
    environment,
    handed_in,
    put,
    released,
    scores,
    shell,
    solutions,
    succeeds,
)

pytest.importorskip(
    "nbgrader", reason="grading needs nbgrader: pip install -r requirements-instructor.txt"
)

STUDENTS = "ada", "ben", "cem"
FULL = masters.points(masters.read("hw1"))
GRADE = f"{sys.executable} grade.py hw1 --jobs 2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class of three, all of whom know everything, that nobody has graded."""
    folder = course(tmp_path_factory.mktemp("parallel") / "homework")
    succeeds(f"{sys.executable} release.py hw1 --variant {VARIANT}", folder)
    for student in STUDENTS:
        hand_in(folder, student, solutions("hw1"))
    return folder


def hand_in(folder, student, answers):
    notebook = handed_in(released(folder, "hw1"), answers, WRITTEN)
    put(notebook, folder / "class/submitted" / student / "hw1/hw1.ipynb")


def finished(folder):
    """{student: whether the grading came to its end} of those that it has begun to write."""
    found = {}
    for path in (folder / "class/autograded").glob("*/hw1/hw1.ipynb"):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))["metadata"]["grading"]
            found[path.parts[-3]] = said["finished"]
        except ValueError:  # just being written
            found[path.parts[-3]] = False
    return found


def times(folder):
    """{student: when the graded notebook was written}"""
    graded = (folder / "class/autograded").glob("*/hw1/hw1.ipynb")
    return {path.parts[-3]: path.stat().st_mtime_ns for path in graded}


def rows(folder):
    """How often each student, and each cell of each student, is in the gradebook."""
    from nbgrader.api import Grade, Gradebook, SubmittedAssignment

    with Gradebook(f"sqlite:///{folder}/class/gradebook.db", "gan") as gradebook:
        return (
            Counter(each.student.id for each in gradebook.db.query(SubmittedAssignment)),
            Counter((each.student.id, each.cell.name) for each in gradebook.db.query(Grade)),
        )


@pytest.fixture(scope="module")
def killed(folder):
    """A first run, killed when one student is done and another is half done; what was left then.

    Returns what was graded, the processes that outlived the kill, and what a second run said.
    """
    run = subprocess.Popen(GRADE.split(), cwd=folder, env=environment(), stdout=subprocess.DEVNULL)
    while set(finished(folder).values()) != {True, False}:
        assert run.poll() is None, "graded, and never half done"
        time.sleep(0.02)
    started = psutil.Process(run.pid).children(recursive=True)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    _, alive = psutil.wait_procs(started, timeout=30)
    before = {name: times(folder)[name] for name, done in finished(folder).items() if done}
    status, said = shell(GRADE, folder)
    assert status == 0, said
    return before, alive, said


def test_what_was_killed_leaves_no_process_behind(killed):
    _, alive, _ = killed
    assert not alive


def test_a_second_run_grades_the_rest_and_only_the_rest(killed, folder):
    before, _, said = killed
    assert 1 <= len(before) < len(STUDENTS)
    assert f"3 collected, {3 - len(before)} to grade" in said
    after = times(folder)
    assert set(after) == set(STUDENTS)
    assert {name: after[name] for name in before} == before


def test_every_row_is_there_once(killed, folder):
    written = masters.points(masters.read("hw1"), "written")
    assert rows(folder) == (
        Counter(STUDENTS),
        Counter((student, cell) for student in STUDENTS for cell in FULL | written),
    )
    assert all(by_code(found) == FULL for found in scores(folder, "hw1").values())


def test_a_second_hand_in_is_graded_alone_and_keeps_the_points_given_by_hand(killed, folder):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/class/gradebook.db", "gan") as gradebook:
        grade = gradebook.find_grade("gibbs", "hw1", "hw1", "ben")
        grade.manual_score, grade.needs_manual_grade = 3, False
        gradebook.db.commit()
    before = times(folder)
    hand_in(folder, "ben", {"entropy": solutions("hw1")["entropy"]})
    stamp = folder / "class/submitted/ben/hw1/timestamp.txt"
    stamp.write_text("2026-11-03 02:30 UTC", encoding="utf-8")
    succeeds('nbgrader db assignment add hw1 --duedate="2026-11-02 23:59 UTC"', folder)
    status, said = shell(GRADE, folder)
    assert status == 0 and "3 collected, 1 to grade" in said
    after = times(folder)
    assert {name for name in after if after[name] != before[name]} == {"ben"}
    found = scores(folder, "hw1")["ben"]
    assert by_code(found) == {name: 0 for name in FULL} | {"test_entropy": FULL["test_entropy"]}
    assert found["gibbs"] == (None, 3, True)  # kept, and to be read again
    (line,) = [line for line in said.splitlines() if line.startswith("ben ")]
    assert "2 h 31 min" in line and f"{FULL['test_entropy']} of {sum(FULL.values())}" in line
    assert "graded anew; points given by hand before still count: 3 for gibbs" in line


def test_a_second_hand_in_that_cannot_be_graded_does_not_pass_for_the_first(killed, folder):
    (folder / "class/submitted/cem/hw1/hw1.ipynb").write_text("{", encoding="utf-8")
    status, said = shell("python summary.py hw1", folder)
    (line,) = [line for line in said.splitlines() if line.startswith("cem ")]
    assert status == 0 and "not graded yet" in line and " of " not in line.split("all of it")[0]
    _, said = shell(GRADE, folder)
    (line,) = [line for line in said.splitlines() if line.startswith("cem ")]
    assert "NO GRADE: not a notebook" in line
    assert f"the gradebook still holds {sum(FULL.values())}, of what was handed in before" in line


def test_a_class_is_graded_by_one_run_at_a_time(folder, killed):
    from filelock import FileLock

    with FileLock(folder / "class/grading.lock"):
        status, said = shell(GRADE, folder)
    assert status == 1 and "being graded already" in said


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("grade.py hw2", "hw2 has not been released: python release.py hw2 --variant 7"),
        ("grade.py hw1 --jobs 0", "--jobs: must be 1 or more, not 0"),
        ("grade.py", "the following arguments are required: hw"),
    ],
)
def test_bad_requests_are_refused_clearly(command, message, folder):
    status, said = shell(f"python {command}", folder)
    assert status != 0 and message in said
