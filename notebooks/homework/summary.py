"""What came of a homework: one line per student, to read here, and as a table for a spreadsheet.

    python summary.py hw1

prints who has how many points, what is left to read, and what happened on the way. The same, with
one column for each number, goes to class/summary_hw1.csv.
"""

import argparse
import csv
import json
import unicodedata
from pathlib import Path

from nbgrader.api import Gradebook
from reading import fingerprint, grading_of

HERE = Path(__file__).resolve().parent
COURSE = HERE / "class"
COLUMNS = "student", "late", "code", "written", "to read", "what happened"
# What a log says where there is no grade, and what that means; the first that is found.
REASONS = {
    "Stopped after": "took too long altogether",
    "DeadKernelError": "ended Python again and again",
    "CellTimeoutError": "could not be stopped, again and again",
    "JSONDecodeError": "not a notebook, or cut off",
    "UnicodeDecodeError": "not a notebook",
    "database is locked": "the gradebook was busy; grade again",
}


def collected(name):
    """What collecting said: who is late, and what was left out."""
    path = COURSE / "downloaded" / name / "collected.json"
    if not path.exists():
        return {"late": [], "left out": []}
    return json.loads(path.read_text(encoding="utf-8"))


def notebook(step, student, name):
    return COURSE / step / student / name / f"{name}.ipynb"


def state(student, name):
    """(whether this very hand-in has been graded to the end, what grading it noted)."""
    said = grading_of(notebook("autograded", student, name))
    submitted, source = notebook("submitted", student, name), notebook("source", ".", name)
    if not said.get("finished") or not submitted.exists():
        return False, []
    return said["submission"] == fingerprint(submitted, source), said["remarks"]


def no_grade(student, name):
    """Why a student has no grade, as far as the log tells."""
    log, submitted = COURSE / "logs" / name / f"{student}.log", notebook("submitted", student, name)
    if not submitted.exists():
        return f"NO GRADE: handed in no {name}.ipynb"
    if not log.exists() or log.stat().st_mtime < submitted.stat().st_mtime:
        return "not graded yet"
    text = log.read_text(encoding="utf-8", errors="replace")
    why = next((why for sign, why in REASONS.items() if sign in text), "see the log")
    return f"NO GRADE: {why} ({log.relative_to(HERE)})"


def grades_of(submission):
    return [grade for notebook in submission.notebooks for grade in notebook.grades]


def by_hand_before(submission):
    """nbgrader keeps points given by hand when a student hands in again, and asks to look again."""
    kept = [
        f"{grade.manual_score:g} for {grade.name}"
        for grade in grades_of(submission)
        if grade.manual_score is not None and grade.needs_manual_grade
    ]
    return [f"graded anew; points given by hand before still count: {', '.join(kept)}"] * bool(kept)


def left_over(submission):
    """What the gradebook, and so the export, holds of a hand-in that this one has replaced."""
    if all(grade.auto_score is None for grade in grades_of(submission)):
        return []
    return [f"the gradebook still holds {submission.score:g}, of what was handed in before"]


def numbers(submission, finished):
    """The points of a student; what is not finished has none, whatever the gradebook holds."""
    unread = [grade.name for grade in grades_of(submission) if grade.needs_manual_grade]
    return {
        "late, hours": round(submission.total_seconds_late / 3600, 2),
        "code": submission.code_score if finished else None,
        "code, of": submission.max_code_score,
        "written": submission.written_score if finished else None,
        "written, of": submission.max_written_score,
        "to read": ", ".join(unread) if finished else "all of it",
    }


def row_of(student, name, submission, told):
    """All that is known of one student."""
    finished, remarks = state(student, name)
    happened = list(remarks) if finished else []
    row = {"student": student}
    if (COURSE / "submitted" / student / name).exists():
        happened += [] if finished else [no_grade(student, name)]
        if submission is not None:
            row |= numbers(submission, finished)
            happened += by_hand_before(submission) + ([] if finished else left_over(submission))
    happened += ["late, as the platform says"] * (student in told["late"])
    happened += [
        f"{each['file']}: {each['why']}" for each in told["left out"] if each["student"] == student
    ]
    return row | {"what happened": "; ".join(happened)}


def rows(name):
    """A row for each student who handed in something, and one for the files that are nobody's."""
    told = collected(name)
    with Gradebook(f"sqlite:///{COURSE}/gradebook.db", "gan") as gradebook:
        known = {each.student.id: each for each in gradebook.assignment_submissions(name)}
        students = {path.parent.name for path in COURSE.glob(f"submitted/*/{name}")}
        students |= {*known, *(each["student"] for each in told["left out"])}
        return [
            row_of(student, name, known.get(student), told)
            for student in sorted(students, key=lambda student: (student == "", student))
        ]


# On the screen


def spoken(hours):
    """2 d 3 h, 3 h 20 min, or 20 min."""
    minutes = round(60 * hours)
    if minutes >= 24 * 60:
        return f"{minutes // 1440} d {minutes // 60 % 24} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def line_of(row):
    """A row in the columns of the screen."""

    def of(kind):
        points = row.get(kind)
        return "" if points is None else f"{points:g} of {row[f'{kind}, of']:g}"

    late = row.get("late, hours")
    return {
        "student": row["student"] or "(nobody)",
        "late": spoken(late) if late else "",
        "code": of("code"),
        "written": of("written"),
        "to read": row.get("to read", ""),
        "what happened": row["what happened"],
    }


def width(text):
    """How many columns of a terminal a text takes: a Chinese letter takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def as_text(table):
    lines = [dict(zip(COLUMNS, COLUMNS)), *map(line_of, table)]
    widths = {column: max(width(line[column]) for line in lines) for column in COLUMNS}
    return "\n".join(
        "  ".join(
            line[column] + " " * (widths[column] - width(line[column])) for column in COLUMNS
        ).rstrip()
        for line in lines
    )


def show(name):
    """Print the table, and write it for a spreadsheet."""
    table = rows(name)
    path = COURSE / f"summary_{name}.csv"
    columns = ["student", "late, hours", "code", "code, of", "written", "written, of"]
    with open(path, "w", encoding="utf-8-sig", newline="") as file:  # Excel wants the mark
        writer = csv.DictWriter(file, [*columns, "to read", "what happened"])
        writer.writeheader()
        writer.writerows(table)
    print(as_text(table))
    without = sum(row.get("code") is None for row in table)
    print(f"{len(table) - without} graded, {without} not; also in {path.relative_to(HERE)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("homework", metavar="hw", help="for instance hw1")
    show(parser.parse_args().homework)
