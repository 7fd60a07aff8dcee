"""The class: what each does, in which order, and what must then be so."""

import contextlib
import csv
import re
import time
from pathlib import Path

import machine
import masters
from people import Student, Teacher
from walls import listen, no_way_through

HOMEWORK = "hw1"
RELEASED = Path(f"/usr/local/share/nbgrader/exchange/gan/outbound/{HOMEWORK}/{HOMEWORK}.ipynb")
COURSE = Path("/home/teacher/course/notebooks/homework/class")
CODE, WRITTEN = (masters.points(masters.read(HOMEWORK), kind) for kind in ("tests", "written"))
NATS = "def entropy(p):\n    p = p[p > 0]\n    return float(-(p * np.log(p)).sum())"
WORDS = "The bet that is true is the cheapest, by Gibbs' inequality."
COMMENT = "And why?"


@contextlib.contextmanager
def told(what):
    """A line about a step: how long it took, and what was found."""
    began, found = time.monotonic(), []
    yield found
    print(f"{time.monotonic() - began:6.1f} s  {what:34} {' '.join(map(str, found))}", flush=True)


def solutions(*tasks):
    """{task: the master's answer, as somebody would type it}, of all tasks by default."""
    cells = masters.named(masters.read(HOMEWORK), "solution")
    marks = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
    return {task: marks.sub("", cells[task].source) for task in tasks or cells}


# Who solves what at first: all of it; some of it, one task wrongly; one task.
ANSWERS = {
    "ada": solutions() | dict.fromkeys(WRITTEN, WORDS),
    "ben": solutions("conditional", "posterior") | {"entropy": NATS, "gibbs": WORDS},
    "cleo": solutions("conditional"),
}
LATER = solutions("entropy", "mean_length")  # what ben adds


def points(answers):
    """What code is worth that many points; for a wrong answer there are none."""
    right = [task for task, text in answers.items() if text != NATS]
    return sum(CODE.get(f"test_{task}", 0) for task in right)


# ---- the steps


def release(teacher):
    teacher.see("logged-in")
    teacher.type_in_terminal(machine.commands("Release"))
    teacher.wait_until(RELEASED.exists, "the release")
    teacher.see("released")
    text = RELEASED.read_text(encoding="utf-8")
    assert "VARIANT = 7" in text and "HIDDEN" not in text and "SOLUTION" not in text


def work(student):
    """Fetch, fill in, run, validate, hand in; returns what the validation said."""
    answers = ANSWERS[student.name]
    student.see("logged-in")
    student.fetch(HOMEWORK)
    student.open(HOMEWORK)
    said = student.work(answers)
    for test, worth in CODE.items():
        right = answers.get(test.removeprefix("test_"), NATS) != NATS
        assert ("✓" in said[test]) == right, (test, worth, said[test])
    verdict = student.validate()
    assert ("Success!" in verdict) == (points(answers) == sum(CODE.values())), verdict
    student.submit(1)
    return "passes" if "Success!" in verdict else f"{verdict.count('failed:')} cells fail"


def grade(teacher, *names):
    """Collect, and run these students' submissions against the hidden tests."""
    teacher.formgrader("manage_assignments")
    teacher.press(HOMEWORK, "collect")
    for name in names:
        teacher.formgrader(f"manage_submissions/{HOMEWORK}")
        teacher.press(name, "autograde")
    teacher.see("graded")


def scores(teacher):
    """{student: points}, as the Formgrader shows them."""
    teacher.formgrader(f"manage_submissions/{HOMEWORK}")
    return {name: teacher.score(name) for name in ANSWERS}


def give_back(teacher):
    """Make pages of feedback, and put them where the students fetch them."""
    teacher.formgrader("manage_assignments")
    teacher.press(HOMEWORK, "generate-feedback")
    teacher.press(HOMEWORK, "release-feedback")


def read_feedback(student, total, nth=1):
    """Fetch and open what came back; returns what it says of the score."""
    page = student.feedback(HOMEWORK, nth)
    found = re.search(r"\(Score: ([\d.]+) / ([\d.]+)\)", page)
    assert float(found[1]) == total, page[:300]
    assert float(found[2]) == sum(CODE.values()) + sum(WRITTEN.values())
    return page


def typed():
    """The same in terminals: cleo takes a blank homework and hands that in; returns the grades."""
    fetch, validate, submit, fetch_feedback = machine.quoted("In a terminal: ")
    machine.shell(f"mv gan/{HOMEWORK} gan/before; {fetch}; {validate}; {submit}", "cleo")
    machine.shell(machine.commands("Collect, grade, give back"), "teacher")
    machine.shell(fetch_feedback, "cleo")
    pages = list(Path(f"/home/cleo/gan/{HOMEWORK}/feedback").glob("*/*.html"))
    assert len(pages) == 2, pages
    with (COURSE / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def held(browser, shots):
    """The whole class, in the order of a term."""
    expected = {name: points(answers) for name, answers in ANSWERS.items()}
    with told("teacher logs in and releases"):
        teacher = Teacher(browser, "teacher", shots)
        release(teacher)
    students = {}
    for name in ANSWERS:
        with told(f"{name} fetches, works, hands in") as found:
            students[name] = Student(browser, name, shots)
            found.append(work(students[name]))
    with told("nobody reads what is not theirs") as found:
        found.append(no_way_through(students["ben"]))
    with told("or overhears what others run") as found:
        students["ada"].open(HOMEWORK)
        found.append(listen(students["ben"], students["ada"]))
    with told("teacher collects and grades") as found:
        grade(teacher, *ANSWERS)
        assert scores(teacher) == expected
        found.append(expected)
    with told("teacher reads a written answer"):
        teacher.mark("ben", HOMEWORK, "gibbs", 4, COMMENT)
        expected["ben"] += 4
        assert scores(teacher) == expected
    with told("teacher gives back, students read"):
        give_back(teacher)
        pages = {name: read_feedback(student, expected[name]) for name, student in students.items()}
        assert COMMENT in pages["ben"] and COMMENT not in pages["ada"]
        assert "you used the natural logarithm" in pages["ben"]
    with told("ben hands in a second time"):
        students["ben"].open(HOMEWORK)
        students["ben"].work(LATER)
        students["ben"].submit(2)
    with told("and is graded a second time") as found:
        grade(teacher, "ben")
        expected["ben"] += points(LATER)
        assert scores(teacher) == expected, scores(teacher)
        give_back(teacher)
        read_feedback(students["ben"], expected["ben"], 2)
        found.append(expected)
    with told("cleo and the teacher, in terminals") as found:
        expected["cleo"] = 0
        assert typed() == expected
        found.append(expected)
