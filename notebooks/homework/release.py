"""Release a homework: its master without solutions and hidden tests, in the numbers of one variant.

    python release.py hw1 --variant 7

writes class/source/hw1/hw1.ipynb, by which nbgrader grades, and class/release/hw1/hw1.ipynb, which
is for the students. It needs nbgrader: pip install -r requirements-instructor.txt
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
COURSE = HERE / "class"
VARIANT = re.compile(r"^VARIANT = (\d+)$", re.MULTILINE)


class Refused(Exception):
    """Why nothing was released."""


def variant_of(notebook):
    """The number in a homework's one line ``VARIANT = 0``."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found = VARIANT.findall(code)
    if len(found) != 1:
        raise Refused(f"a homework has one line 'VARIANT = ...', and this one has {len(found)}")
    return int(found[0])


def with_variant(notebook, variant):
    """The same notebook with another variant."""
    variant_of(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = VARIANT.sub(f"VARIANT = {variant}", cell.source)
    return notebook


def release(name, variant, force=False):
    """Write the source and the release of a homework; returns the path of the release.

    Refuses to replace a release unless forced.
    """
    source, handout = (COURSE / step / name / f"{name}.ipynb" for step in ("source", "release"))
    if handout.exists() and not force:
        before = variant_of(nbformat.read(handout, as_version=4))
        raise Refused(
            f"{name} has been released before, with variant {before}: {handout.relative_to(HERE)}. "
            "What students made of it would be graded by the new release. "
            "If that is what you want, add --force."
        )
    notebook = with_variant(nbformat.read(HERE / f"{name}.ipynb", as_version=4), variant)
    source.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, source)
    nbgrader("generate_assignment", name, "--force")
    archive = COURSE / "downloaded" / name / "archive"  # where nbgrader zip_collect looks
    archive.mkdir(parents=True, exist_ok=True)
    return handout


def nbgrader(*arguments):
    scripts = sysconfig.get_path("scripts")  # nbgrader calls alembic by its name
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=HERE,
        env=os.environ | {"PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise Refused(f"nbgrader failed:\n{done.stdout}{done.stderr}")


def points(notebook):
    """(points for code, points for written answers)"""
    marks = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    code = sum(mark.points for mark in marks if mark.grade and not mark.solution)
    return code, sum(mark.points for mark in marks if mark.grade and mark.solution)


def parser_of(about):
    """A parser that knows the homeworks and their variants."""
    masters = sorted(path.stem for path in HERE.glob("hw*.ipynb"))
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("homework", choices=masters, nargs="+", metavar="hw")
    parser.add_argument(
        "--variant",
        type=whole_number,
        default=0,
        help="a whole number from 0; other numbers, other answers; 0, the default, is public",
    )
    return parser


def whole_number(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, not {text!r}")
    return int(text)


def main(arguments=None):
    parser = parser_of(__doc__.splitlines()[0])
    parser.add_argument(
        "--force", action="store_true", help="replace what has been released before"
    )
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("nbgrader") is None:
        return "nbgrader is missing here: pip install -r requirements-instructor.txt"
    for name in options.homework:
        try:
            handout = release(name, options.variant, options.force)
        except Refused as refused:
            return str(refused)
        code, written = points(nbformat.read(handout, as_version=4))
        print(f"{handout.relative_to(HERE)}: variant {options.variant},", end=" ")
        print(f"{code} points for code, {written} for written answers")
    if options.variant == 0:
        print("Variant 0 is the public one: its answers, numbers included, are in the repository.")


if __name__ == "__main__":
    sys.exit(main())
