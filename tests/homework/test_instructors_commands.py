"""The instructor's README, command by command, as written.

Skipped where nbgrader is not installed: students do not need it. It comes with
``pip install -r requirements-instructor.txt``.
"""

import csv
import getpass
import os
import re
import zipfile

import masters
import nbformat
import pytest
from classroom import WRITTEN, course, handed_in, put, released, shell, solutions, succeeds

pytest.importorskip(
    "nbgrader", reason="the round trip needs nbgrader: pip install -r requirements-instructor.txt"
)

FULL = masters.points(masters.read("hw1"))


def readme_commands(heading):
    """The lines of the first block of commands after a heading."""
    text = (masters.HOMEWORK / "README.md").read_text(encoding="utf-8").split(heading, 1)[1]
    return re.search(r"```sh\n(.*?)```", text, re.DOTALL).group(1).splitlines()


def grades(folder):
    with open(folder / "class" / "grades.csv", encoding="utf-8") as file:
        return {
            row["student_id"]: (float(row["score"]), float(row["max_score"]))
            for row in csv.DictReader(file)
        }


def test_the_five_commands(tmp_path):
    from nbgrader.api import Gradebook

    folder = course(tmp_path / "homework")
    first, *others, export = readme_commands("Then five commands")
    assert len(others) == 3
    succeeds(first, folder)
    release, archive = released(folder, "hw1"), folder / "class/downloaded/hw1/archive"
    code, written = (
        sum(masters.points(masters.read("hw1"), kind).values()) for kind in ("tests", "written")
    )
    half = masters.code_tasks("hw1")[:4]
    put(handed_in(release, solutions("hw1"), WRITTEN), archive / "ada_hw1.ipynb")
    with zipfile.ZipFile(
        archive / "hw1.zip", "w"
    ) as moodle:  # one zip file, a folder for each student
        for student, notebook in (
            ("ben", handed_in(release, solutions("hw1", half))),
            ("cem", handed_in(release, {})),
        ):
            moodle.writestr(
                f"{student}_42_assignsubmission_file/hw1.ipynb", nbformat.writes(notebook)
            )
    for command in [*others, export]:
        succeeds(command, folder)
    points = masters.points(masters.read("hw1"))
    part = sum(points[f"test_{task}"] for task in half)
    assert grades(folder) == {
        "ada": (code, code + written),
        "ben": (part, code + written),
        "cem": (0, code + written),
    }
    for student in "ada", "ben", "cem":
        assert (folder / f"class/feedback/{student}/hw1/hw1.html").stat().st_size > 10_000
    with Gradebook(
        f"sqlite:///{folder}/class/gradebook.db", "gan"
    ) as gradebook:  # somebody reads what ada wrote
        (notebook,) = gradebook.find_submission("hw1", "ada").notebooks
        for grade in notebook.grades:
            if grade.cell.cell_type == "markdown":
                grade.manual_score = grade.cell.max_score
        gradebook.db.commit()
    succeeds(export, folder)
    assert grades(folder)["ada"] == (code + written, code + written)
    put(handed_in(release, solutions("hw1")), archive / "cem_hw1.ipynb")  # cem hands in late
    (archive / "hw1.zip").unlink()
    collect, grade, feedback = (command.split("#")[0] for command in others)
    for command in f"{collect} --force", grade, f"{feedback} --student=cem --force":
        succeeds(command, folder)
    succeeds(export, folder)
    assert grades(folder) == {
        "ada": (code + written,) * 2,
        "ben": (part, code + written),
        "cem": (code, code + written),
    }


def test_a_release_is_not_replaced_by_accident(tmp_path):
    folder = course(tmp_path / "homework")
    succeeds("python release.py hw1 --variant 3", folder)
    release = released(folder, "hw1")
    before = release.read_bytes()
    status, log = shell("python release.py hw1 --variant 4", folder)
    assert (
        status == 1
        and "has been released before, with variant 3" in log
        and release.read_bytes() == before
    )
    succeeds("python release.py hw1 --variant 4 --force", folder)
    assert b"VARIANT = 4" in release.read_bytes()


WITHOUT_NBGRADER = (
    "import runpy, sys; sys.modules['nbgrader'] = None; sys.argv = ['release.py', 'hw1']; "
    "runpy.run_path('release.py', run_name='__main__')"
)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("release.py hw9", "invalid choice: 'hw9' (choose from"),
        ("release.py", "the following arguments are required"),
        ("release.py hw1 --variant -1", "--variant: must be a whole number from 0, not '-1'"),
        ("release.py hw1 --variant two", "--variant: must be a whole number from 0, not 'two'"),
        (
            f'-c "{WITHOUT_NBGRADER}"',
            "nbgrader is missing here: pip install -r requirements-instructor.txt",
        ),
    ],
)
def test_bad_requests_are_refused_clearly(command, message, tmp_path):
    folder = course(tmp_path / "homework")
    status, log = shell(f"python {command}", folder)
    assert status != 0 and message in log
    assert not (folder / "class").exists()


@pytest.mark.skipif(os.name != "posix", reason="nbgrader's exchange needs POSIX")
def test_the_commands_with_an_exchange(tmp_path):
    folder, home, exchange = course(tmp_path / "homework"), tmp_path / "home", tmp_path / "exchange"
    home.mkdir(), exchange.mkdir()
    exchange.chmod(0o777)
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    release, hand_out, collect, *others = readme_commands("### With a JupyterHub")

    def press(button):  # Fetch, Submit and Fetch Feedback of the Assignment List run these
        succeeds(f"nbgrader {button} hw1 --course gan --Exchange.root={exchange}", home)

    succeeds(release, folder)
    succeeds(hand_out, folder)
    press("fetch_assignment")
    put(handed_in(home / "hw1" / "hw1.ipynb", solutions("hw1")), home / "hw1" / "hw1.ipynb")
    press("submit")
    for command in [collect, *others]:
        succeeds(command, folder)
    press("fetch_feedback")
    assert grades(folder) == {getpass.getuser(): (sum(FULL.values()), 45)}
    assert list(home.glob("hw1/feedback/*/hw1.html"))
