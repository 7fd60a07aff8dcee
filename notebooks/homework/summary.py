"""What came of a homework: one line per student, to read here, and as a table for a spreadsheet.

    python summary.py hw1

prints who has how many points, what is left to read, and what happened on the way, and writes it to
class/summary_hw1.csv, too.
"""

import csv
import json
import sys
import unicodedata
from pathlib import Path

from nbgrader.api import Gradebook
from reading import grading_of

HERE = Path(__file__).resolve().parent
COURSE = HERE / "class"
COLUMNS = "student", "late", "code", "written", "to read", "what happened"
# What a log says where there is no grade, and what that means.
REASONS = {
    "Stopped after": "took too long altogether",
    "DeadKernelError": "ended Python again and again",
    "CellTimeoutError": "could not be stopped, again and again",
    "NotJSONError": "not a notebook, or cut off",
    "JSONDecodeError": "not a notebook, or cut off",
    "UnicodeDecodeError": "not a notebook",
    "database is locked": "the gradebook was busy: grade again",
}


def spoken(seconds):
    """2 d 3 h, 3 h 20 min, or 20 min."""
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{max(minutes, 1)} min"


def collected(name):
    """What collecting said: who is late, and what was left out."""
    path = COURSE / "downloaded" / name / "collected.json"
    if not path.exists():
        return {"late": [], "left out": []}
    return json.loads(path.read_text(encoding="utf-8"))


def reason(student, name):
    """Why a student has no grade, as far as the log tells."""
    log = COURSE / "logs" / name / f"{student}.log"
    if not log.exists():
        return "not graded yet"
    text = log.read_text(encoding="utf-8", errors="replace")
    why = next((why for sign, why in REASONS.items() if sign in text), "see the log")
    return f"NO GRADE: {why} ({log.relative_to(HERE)})"


def number(value):
    return f"{value:g}"


def row_of(student, name, submission, late, left_out):
    """The line of one student, as {column: text}."""
    said = grading_of(COURSE / "autograded" / student / name / f"{name}.ipynb")
    handed_in = (COURSE / "submitted" / student / name).exists()
    happened = list(said.get("remarks", ()))
    if not said.get("finished"):
        happened = [reason(student, name)] if handed_in else []
    row = dict.fromkeys(COLUMNS, "") | {"student": student}
    if submission is not None and handed_in:
        row |= points(submission, said.get("finished"))
        if submission.total_seconds_late:
            row["late"] = spoken(submission.total_seconds_late)
        happened += by_hand_before(submission)
    if student in late:
        row["late"] = row["late"] or "yes"
    happened += [f"{each['file']}: {each['why']}" for each in left_out]
    return row | {"what happened": "; ".join(happened)}


def points(submission, finished):
    row = {
        "code": f"{number(submission.code_score)} of {number(submission.max_code_score)}",
        "written": f"{number(submission.written_score)} of {number(submission.max_written_score)}",
        "to read": ", ".join(
            grade.name for grade in submission_grades(submission) if grade.needs_manual_grade
        ),
    }
    return row if finished else row | {"code": "–", "written": "–", "to read": "everything"}


def submission_grades(submission):
    return [grade for notebook in submission.notebooks for grade in notebook.grades]


def by_hand_before(submission):
    """nbgrader keeps points given by hand when a student hands in again, and asks to look again."""
    kept = [
        f"{number(grade.manual_score)} for {grade.name}"
        for grade in submission_grades(submission)
        if grade.manual_score is not None and grade.needs_manual_grade
    ]
    return (
        [f"graded again; points given by hand before still count: {', '.join(kept)}"]
        if kept
        else []
    )


def rows(name):
    """The lines of all students, and of files that belong to none."""
    told = collected(name)
    with Gradebook(f"sqlite:///{COURSE}/gradebook.db", "gan") as gradebook:
        known = {each.student.id: each for each in gradebook.assignment_submissions(name)}
        handed_in = {path.parent.name for path in COURSE.glob(f"submitted/*/{name}")}
        students = {*handed_in, *known, *(each["student"] for each in told["left out"])}
        return [
            row_of(
                student,
                name,
                known.get(student),
                told["late"],
                [each for each in told["left out"] if each["student"] == student],
            )
            for student in sorted(students, key=lambda student: (student == "", student))
        ]


def width(text):
    """How many columns of a terminal a text takes: Chinese letters take two, accents none."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def as_text(table):
    lines = [dict(zip(COLUMNS, COLUMNS)), *table]
    widths = {column: max(width(line[column]) for line in lines) for column in COLUMNS[:-1]}
    return "\n".join(
        "  ".join(
            [line[column] + " " * (widths[column] - width(line[column])) for column in widths]
            + [line[COLUMNS[-1]]]
        ).rstrip()
        for line in lines
    )


def show(name):
    """Print the table, and write it for a spreadsheet."""
    table = rows(name)
    path = COURSE / f"summary_{name}.csv"
    with open(path, "w", encoding="utf-8-sig", newline="") as file:  # Excel wants the mark
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(table)
    print(as_text(table))
    print(f"{len(table)} lines, also in {path.relative_to(HERE)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    show(sys.argv[1])
