"""A class of hw1 that hands in by ways and in shapes that nobody asked for, collected and graded.

Skipped where nbgrader is not installed.
"""

import csv
import sys

import masters
import pytest
from classroom import VARIANT, by_code, course, released, scores, shell, succeeds
from odd_class import FULL, arrive, handed_in_by, on_arrival

pytest.importorskip(
    "nbgrader", reason="grading needs nbgrader: pip install -r requirements-instructor.txt"
)

SECONDS = 15  # that a cell may take: no test waits two minutes for a loop
LIMITS = f"--ExecutePreprocessor.timeout={SECONDS} --ExecutePreprocessor.iopub_timeout=10"
STUDENTS = handed_in_by(masters.HOMEWORK / "hw1.ipynb")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """The folder of the graded class, and what collecting and grading said."""
    folder = course(tmp_path_factory.mktemp("odd") / "homework")
    succeeds(f"{sys.executable} release.py hw1 --variant {VARIANT}", folder)
    archive = folder / "class/downloaded/hw1/archive"
    for each in handed_in_by(released(folder, "hw1")).values():
        arrive(each, archive)
    _, collected = shell("nbgrader zip_collect hw1", folder)
    _, graded = shell(f"python grade.py hw1 --jobs 2 {LIMITS}", folder)
    return folder, collected, graded


@pytest.fixture(scope="module")
def table(odd):
    """{student: row} of the summary."""
    with open(odd[0] / "class/summary_hw1.csv", encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("student", STUDENTS)
def test_each_is_graded_or_named_and_nobody_else_is_harmed(student, odd, table):
    each, row = STUDENTS[student], table[on_arrival(student)]
    assert all(words in row["what happened"] for words in each.said), row["what happened"]
    if each.lost is None:
        assert row["code"] == ""
        return
    grades = scores(odd[0], "hw1")[on_arrival(student)]
    assert by_code(grades) == {name: 0 if name in each.lost else FULL[name] for name in FULL}
    assert float(row["code"]) == sum(by_code(grades).values())
    for answer in masters.points(masters.read("hw1"), "written"):
        assert grades[answer] == (None, None, True) and answer in row["to read"]


def test_the_table_has_a_line_for_each_and_no_other(table, odd):
    assert set(table) == {on_arrival(student) for student in STUDENTS}
    assert all((on_arrival(student) or "(nobody)") in odd[2] for student in STUDENTS)


def test_the_date_beside_a_file_is_collected(odd):
    stamp = odd[0] / "class/submitted/王小明/hw1/timestamp.txt"
    assert stamp.read_text(encoding="utf-8") == "2026-11-03 00:30:00"
