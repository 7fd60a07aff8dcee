"""A homework to work on by yourself: its master without solutions, in notebooks/mine/.

    python notebooks/homework/blank.py hw1

It needs nothing beyond the course's own requirements. What it writes is what nbgrader releases to
a class, in the public variant unless you name another.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from release import HERE, Refused, parser_of, with_variant

MINE = HERE.parent / "mine"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION$.*?^ *### END SOLUTION$", re.DOTALL | re.MULTILINE)
HIDDEN = re.compile(r"\n### BEGIN HIDDEN TESTS$.*?^### END HIDDEN TESTS$", re.DOTALL | re.MULTILINE)
MARKS = re.compile(r"\n\n=== BEGIN MARK SCHEME ===.*", re.DOTALL)


def without_solution(source: str) -> str:
    """The source of a cell with a blank where the solution stands."""
    return SOLUTION.sub(r"\1raise NotImplementedError", source)


def blank(name: str, variant: int = 0) -> NotebookNode:
    """The homework of this name as a student is given it."""
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    for cell in with_variant(notebook, variant).cells:
        cell.source = MARKS.sub("", HIDDEN.sub("", without_solution(cell.source)))
        _protect(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _protect(cell):
    """Marked cells stay, and what is not for answers stays as it is."""
    mark = cell.metadata.get("nbgrader")
    if mark:
        mark.cell_type = cell.cell_type
        cell.metadata.deletable = False
        if mark.locked:
            cell.metadata.editable = False


def write(name: str, variant: int = 0) -> Path:
    """Write a blank homework into notebooks/mine/, unless there is one; returns its path."""
    path = MINE / f"{name}.ipynb"
    if path.exists():
        raise Refused(f"{path} is there already, perhaps with your answers: rename it first.")
    MINE.mkdir(exist_ok=True)
    nbformat.write(blank(name, variant), path)
    return path


def main(arguments: list[str] | None = None) -> str | None:
    options = parser_of(__doc__.splitlines()[0]).parse_args(arguments)
    for name in options.homework:
        try:
            print(f"{write(name, options.variant)}: open it in JupyterLab")
        except Refused as refused:
            return str(refused)


if __name__ == "__main__":
    sys.exit(main())
