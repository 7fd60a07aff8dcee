"""The masters of the homework as data: what they ask, what they answer, and what happens if somebody answers otherwise."""

import contextlib
import functools
import importlib
import io
import re
from pathlib import Path

import nbformat

from gan_lib import checks

HOMEWORK = Path(__file__).resolve().parents[2] / "notebooks" / "homework"
NAMES = sorted(path.stem for path in HOMEWORK.glob("hw*.ipynb"))
TABLE = []  # (homework, task, what is wrong, message), filled by the tests
SOLUTION = re.compile(r"( *)### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)


@functools.cache
def read(name):
    """The notebook of a master, for looking at only: all tests share it."""
    return nbformat.read(HOMEWORK / f"{name}.ipynb", as_version=4)


def role(cell):
    """(what nbgrader does with the cell, its name): "solution", "tests", "written", "locked", or None."""
    mark = cell.metadata.get("nbgrader")
    if mark is None:
        return None, None
    kinds = {(False, True): "solution", (True, False): "tests", (True, True): "written", (False, False): "locked"}
    return kinds[mark["grade"], mark["solution"]], mark["grade_id"]


def named(notebook, kind):
    """{name: cell} of all cells of one kind, in their order."""
    return {name: cell for cell in notebook.cells for found, name in [role(cell)] if found == kind}


def points(notebook, kind="tests"):
    """{name: points} of the tests, or of the written answers."""
    return {name: cell.metadata.nbgrader.points for name, cell in named(notebook, kind).items()}


def code_tasks(name):
    """The tasks that are graded by code: their solution cell is called T, their tests test_T."""
    return list(named(read(name), "solution"))


def blank(source):
    return SOLUTION.sub(r"\1raise NotImplementedError", source)


def run(source, namespace):
    """The exception that the cell raises, or None."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(source, "cell", "exec"), namespace)
        except Exception as error:
            return error


@functools.cache
def run_master(name, variant=0, train=True):
    """The namespace after all cells of a master, and {task: the exception that its tests raised, or None}.

    train: also let the cells train that wait for right answers, for some seconds.
    """
    namespace, verdicts = {"__name__": "__main__"}, {}
    was_ready = checks.ready
    if not train:
        checks.ready = lambda **answers: False
    try:
        for cell in read(name).cells:
            if cell.cell_type != "code":
                continue
            kind, label = role(cell)
            source = cell.source.replace("VARIANT = 0", f"VARIANT = {variant}") if label == "setup" else cell.source
            error = run(source, namespace)
            if kind == "tests":
                verdicts[label.removeprefix("test_")] = error
            elif error:
                raise error
    finally:
        checks.ready = was_ready
    return namespace, verdicts


def verdict(name, task, answer):
    """The exception that the tests of a task raise if its answer (the source of a cell) is another one; or None."""
    namespace = dict(run_master(name)[0])
    for function in re.findall(r"^def (\w+)", named(read(name), "solution")[task].source, re.MULTILINE):
        namespace.pop(function)  # an answer that defines nothing must not find the master's
    return run(answer, namespace) or run(named(read(name), "tests")[f"test_{task}"].source, namespace)


def mutants(name):
    """[(task, what is wrong, source, a part of the message that says so)]"""
    listed = importlib.import_module(f"mutants_{name}").MUTANTS
    return [(task, *mutant) for task, wrong in listed.items() for mutant in wrong]


def also_right(name):
    """[(task, in which style, source)]: answers unlike the master's that must pass."""
    listed = importlib.import_module(f"mutants_{name}").ALSO_RIGHT
    return [(task, *answer) for task, right in listed.items() for answer in right]
