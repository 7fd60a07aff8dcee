"""A class from release to grades, with nbgrader, by the commands of the instructor's README.

Skipped where nbgrader is not installed: students do not need it. It comes with
``pip install -r requirements-instructor.txt``.
"""

import copy
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import blank
import masters
import nbformat
import pytest
from classroom import (
    VARIANT,
    WRITTEN,
    by_code,
    course,
    handed_in,
    put,
    released,
    scores,
    solutions,
    succeeds,
)

import gan_checks as checks
from gan_checks.questions import LineUp

pytest.importorskip(
    "nbgrader", reason="the round trip needs nbgrader: pip install -r requirements-instructor.txt"
)

# Other tasks call these: they are wrong if these are, or two swaps make a right.
BUILT_UPON = {"hw2": {"kl"}}


# Every assignment: a perfect student, a blank one, and one who makes a mistake in each task.


def graded(name, folder):
    """One class, graded: its folder and its scores."""
    course(folder)
    succeeds(f"{sys.executable} release.py {name} --variant {VARIANT}", folder)
    release = released(folder, name)
    archive = folder / "class" / "downloaded" / name / "archive"
    tasks = set(masters.code_tasks(name)) - BUILT_UPON.get(name, set())
    mistakes = {task: masters.mistaken(name, task) for task in tasks}
    put(handed_in(release, solutions(name), WRITTEN), archive / f"ada_{name}.ipynb")
    put(handed_in(release, {}), archive / "ben" / f"{name}.ipynb")
    put(handed_in(release, solutions(name) | mistakes), archive / f"cem_{name}.ipynb")
    succeeds(f"nbgrader zip_collect {name}", folder)
    succeeds(f"nbgrader autograde {name}", folder)
    return folder, scores(folder, name)


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """{homework: a future of its graded class}; two at a time."""
    folders = {name: tmp_path_factory.mktemp(name) / "homework" for name in masters.NAMES}
    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(graded, name, folder) for name, folder in folders.items()}


@pytest.mark.parametrize("name", masters.NAMES)
def test_perfect_blank_and_wrong(name, classes):
    folder, found = classes[name].result()
    full = masters.points(masters.read(name))
    assert by_code(found["ada"]) == full
    assert by_code(found["ben"]) == dict.fromkeys(full, 0)
    kept = {f"test_{task}" for task in BUILT_UPON.get(name, ())}
    assert by_code(found["cem"]) == {
        cell: points if cell in kept else 0 for cell, points in full.items()
    }
    for cell in masters.points(masters.read(name), "written"):
        assert found["ada"][cell] == (None, None, True)  # somebody must read it
        assert found["ben"][cell] == (0, None, False)  # left as it was


@pytest.mark.parametrize("name", masters.NAMES)
def test_a_mistake_is_named_in_the_graded_notebook(name, classes):
    folder, _ = classes[name].result()
    graded = nbformat.read(
        folder / "class" / "autograded" / "cem" / name / f"{name}.ipynb", as_version=4
    )
    for task, cell in masters.named(graded, "tests").items():
        if task.removeprefix("test_") in BUILT_UPON.get(name, ()):
            continue
        (message,) = [output.evalue for output in cell.outputs if output.output_type == "error"]
        assert any(text in message for text in first_messages(name, task)), message


def first_messages(name, task):
    """What the check of a task says to its first mistake; to a wrong line-up, all that it may."""
    asks = getattr(checks, masters.asked(name, task.removeprefix("test_"))[0])
    if isinstance(asks, LineUp):
        return asks.confusions.values()
    messages = [part.mistakes[0].message for part in masters.parts_of(asks)]
    return [max(message.split("{}"), key=len) for message in messages]


def without_checksums(notebook):
    """The same notebook without what nbgrader alone can compute."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).pop("checksum", None)
    return notebook


@pytest.mark.parametrize("name", masters.NAMES)
def test_the_release_keeps_the_secrets_and_runs_without_nbgrader(name, classes):
    folder, _ = classes[name].result()
    release = nbformat.read(released(folder, name), as_version=4)
    master = masters.read(name)
    assert [cell.cell_type for cell in release.cells] == [cell.cell_type for cell in master.cells]
    text = "\n".join(cell.source for cell in release.cells)
    assert (
        not re.search("SOLUTION|HIDDEN|MARK SCHEME|VARIANT = 0", text)
        and f"VARIANT = {VARIANT}" in text
    )
    assert not any(cell.get("outputs") for cell in release.cells)
    assert without_checksums(release) == blank.blank(name, VARIANT)  # a self-learner's
    for cell in masters.named(release, "solution").values():
        assert cell.source.rstrip().endswith("raise NotImplementedError")
    code = [masters.python(cell.source) for cell in release.cells if cell.cell_type == "code"]
    first_blank = next(i for i, source in enumerate(code) if "raise NotImplementedError" in source)
    lines = [
        "import sys",
        "sys.modules['nbgrader'] = None  # an import of it would fail",
        *code[: first_blank + 1],
    ]
    lines += [
        "try:",
        f"    {code[first_blank + 1]}",
        "except checks.NotYet as error:",
        "    print(error)",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True)
    assert "still blank" in done.stdout, done.stderr
