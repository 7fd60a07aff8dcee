"""A class held in a test: hand out, hand in, grade with nbgrader, look into the gradebook."""

import os
import shutil
import subprocess
import sysconfig

import masters
import nbformat

VARIANT = 7
WRITTEN = "Because of the *slope*."


def environment():
    """What an activated environment has."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    return os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}


def shell(command, folder):
    """Run a command as in an activated environment; returns its exit status and what it wrote."""
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment(), capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def succeeds(command, folder):
    status, log = shell(command, folder)
    assert status == 0, f"{command}\n{log}"


def handed_in(release, answers, written=None):
    """A release with {task: source} filled in, and, if given, words as all written answers."""
    notebook = nbformat.read(release, as_version=4)
    for task, source in answers.items():
        masters.named(notebook, "solution")[task].source = source
    if written:
        for cell in masters.named(notebook, "written").values():
            cell.source = written
    return notebook


def solutions(name, tasks=None):
    cells = masters.named(masters.read(name), "solution")
    return {task: cells[task].source for task in (cells if tasks is None else tasks)}


def put(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def course(folder):
    """A copy of the homework's folder, in which a class can be held."""
    shutil.copytree(
        masters.HOMEWORK,
        folder,
        ignore=shutil.ignore_patterns("class", ".ipynb_checkpoints", "__pycache__"),
    )
    return folder


def released(folder, name):
    """The path of the notebook that students are given."""
    return folder / "class" / "release" / name / f"{name}.ipynb"


def scores(folder, name):
    """{student: {cell: (points for code, points by hand, whether someone must read it)}}"""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(f"sqlite:///{folder}/class/gradebook.db", "gan") as gradebook:
        for submission in gradebook.assignment_submissions(name):
            (notebook,) = submission.notebooks
            found[submission.student.id] = {
                grade.cell.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in notebook.grades
            }
    return found


def by_code(grades):
    return {cell: score for cell, (score, _, _) in grades.items() if cell.startswith("test_")}
