"""The masters of the homework as data: what they ask, and what happens to other answers."""

import contextlib
import functools
import io
import re
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

import gan_checks as checks
from gan_checks.engine import Task
from gan_checks.questions import LineUp, Question, Several

HOMEWORK = Path(__file__).resolve().parents[2] / "notebooks" / "homework"
NAMES = sorted(path.stem for path in HOMEWORK.glob("hw*.ipynb"))


@functools.cache
def read(name):
    """The notebook of a master, for looking at only: all tests share it."""
    return nbformat.read(HOMEWORK / f"{name}.ipynb", as_version=4)


def role(cell):
    """(what nbgrader does with the cell, or None, its name)."""
    mark = cell.metadata.get("nbgrader")
    if mark is None:
        return None, None
    kinds = {
        (False, True): "solution",
        (True, False): "tests",
        (True, True): "written",
        (False, False): "locked",
    }
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


def python(source):
    """The cell as Python, its magics as the calls that they stand for."""
    return TransformerManager().transform_cell(source)


def run(source, namespace):
    """The exception that the cell raises, or None."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(python(source), "cell", "exec"), namespace)
        except Exception as error:
            return error


@functools.cache
def run_master(name, variant=0):
    """The namespace after all cells of a master, and {task: what its tests raised, or None}.

    The cells that wait for right answers, and may train for seconds, wait: nbval runs them.
    """
    namespace, verdicts = {"__name__": "__main__"}, {}
    was_ready = checks.ready
    checks.ready = lambda **answers: False
    try:
        for cell in read(name).cells:
            if cell.cell_type != "code":
                continue
            kind, label = role(cell)
            source = (
                cell.source.replace("VARIANT = 0", f"VARIANT = {variant}")
                if label == "setup"
                else cell.source
            )
            error = run(source, namespace)
            if kind == "tests":
                verdicts[label.removeprefix("test_")] = error
            elif error:
                raise error
    finally:
        checks.ready = was_ready
    return namespace, verdicts


def verdict(name, task, answer):
    """What the tests of a task raise if its answer is this source of a cell; or None."""
    namespace = dict(run_master(name)[0])
    solution, tests = named(read(name), "solution")[task], named(read(name), "tests")
    for function in re.findall(r"^def (\w+)", solution.source, re.MULTILINE):
        namespace.pop(function)  # an answer that defines nothing must not find the master's
    return run(answer, namespace) or run(tests[f"test_{task}"].source, namespace)


def asked(name, task):
    """(the check that the tests of a task ask, the names of its answers, its other arguments)."""
    source = named(read(name), "tests")[f"test_{task}"].source
    check, arguments = re.match(r"checks\.(\w+)\((.*)\)", source).groups()
    arguments = arguments.split(", ")
    n = len(getattr(getattr(checks, check), "parts", "1"))
    return check, arguments[:n], ", ".join(arguments[n:])


def mistaken(name, task):
    """The source of a cell that makes the first mistake of a task."""
    check, answers, given = asked(name, task)
    asks, answers = getattr(checks, check), ", ".join(answers)
    if isinstance(asks, LineUp):
        names = f"names = checks.{check}.truth({given})"
        return f"{names}\n{answers} = dict(zip(names, [*names.values()][1:] + [*names.values()]))"
    parts = f"checks.{check}.parts" if isinstance(asks, Several) else f"[checks.{check}]"
    values = f"(*part.given({given}))" if isinstance(parts_of(asks)[0], Question) else ""
    return f"[{answers}] = [part.mistakes[0].answers[0]{values} for part in {parts}]"


def parts_of(asks):
    """What a check consists of, where each part has an answer of its own."""
    return asks.parts if isinstance(asks, Several) else (asks,)


def with_further(task):
    """A task, and those that the same answer must pass after it."""
    return [task, *(each for then in getattr(task, "then", ()) for each in with_further(then))]


def judged():
    """[(name of the check, what judges the answer, whose mistakes are told)] of all checks."""
    found = []
    for name in checks.__all__:
        asks = getattr(checks, name)
        if isinstance(asks, Task | Question | Several):
            parts = [(part, told) for part in parts_of(asks) for told in with_further(part)]
            found += [(name, *part) for part in parts]
    return found
