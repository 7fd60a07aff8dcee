"""How a submission is read for grading: its cells under the names that this homework gave them.

What was noticed on the way is kept for the instructor in the graded notebook's metadata, under
``grading``; ``summary.py`` shows it.
"""

import ast
import copy
import hashlib
import io
import json
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor

NOT_FOUND = (
    "*This answer's cell is missing from what was handed in. "
    "It may stand elsewhere in the notebook: please read on.*"
)


class SubmittedNotebook(NotebookExporter):
    """Reads a submission in whatever encoding an editor left it."""

    def from_file(self, file_stream, resources=None, **kwargs):
        content = json.loads(file_stream.buffer.read())  # of bytes, which may be UTF-16
        return super().from_file(io.StringIO(json.dumps(content)), resources, **kwargs)


def path_of(preprocessor, resources, step):
    """The notebook of a step, such as submitted, that belongs to what is being graded."""
    course, of = preprocessor.parent.parent.coursedir, resources["nbgrader"]
    student = "." if step in ("source", "release") else of["student"]
    return Path(course.format_path(step, student, of["assignment"]), f"{of['notebook']}.ipynb")


def fingerprint(submitted, source):
    """Changes with what was handed in, and with what it is graded by."""
    return hashlib.sha256(submitted.read_bytes() + source.read_bytes()).hexdigest()


def grading_of(graded):
    """What grading noted in a graded notebook; nothing if there is none, or half of one."""
    try:
        return json.loads(graded.read_text(encoding="utf-8"))["metadata"].get("grading", {})
    except (OSError, ValueError, KeyError):
        return {}


def mark_of(cell):
    """The name that a homework gave to a cell, or None."""
    mark = cell.metadata.get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else None


def marked(notebook):
    """{name: cell}, in their order."""
    return {mark_of(cell): cell for cell in notebook.cells if mark_of(cell)}


def kind(cell):
    """What nbgrader does with a cell: solution, tests, written, or locked."""
    mark = cell.metadata.nbgrader
    if mark.solution:
        return "written" if mark.grade else "solution"
    return "tests" if mark.grade else "locked"


def note(notebook, remark):
    notebook.metadata.grading.remarks.append(remark)


def some(names):
    """The names, or the first of many."""
    names = list(names)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


class Start(NbGraderPreprocessor):
    """Notes which hand-in is graded; nothing else of a notebook's own metadata counts."""

    def preprocess(self, nb, resources):
        submitted, source = (path_of(self, resources, step) for step in ("submitted", "source"))
        which = fingerprint(submitted, source)
        grading = {"submission": which, "remarks": [], "finished": False}
        nb.metadata = nbformat.from_dict({"grading": grading})
        for cell in nb.cells:
            cell.source = cell.source.replace("\r\n", "\n")
        return nb, resources


class Finish(NbGraderPreprocessor):
    """Notes that all is done: what lacks this was stopped halfway, and is graded anew."""

    def preprocess(self, nb, resources):
        nb.metadata.grading.finished = True
        return nb, resources


class WithoutForeignMarks(NbGraderPreprocessor):
    """A cell that this homework does not know, pasted from another, is ordinary."""

    def preprocess(self, nb, resources):
        known = marked(nbformat.read(path_of(self, resources, "release"), as_version=4))
        foreign = []
        for cell in nb.cells:
            name = mark_of(cell)
            if name not in known:
                cell.metadata.pop("nbgrader", None)
                foreign += [name] if name else []
        if foreign:
            note(nb, f"has cells of another homework: {some(foreign)}")
        return nb, resources


class OneOfEach(NbGraderPreprocessor):
    """Of cells with one name, which splitting or copying a cell makes, the last is graded.

    The others run as ordinary code. Of a written answer nothing is left out: the parts are joined.
    """

    def preprocess(self, nb, resources):
        last = {}
        for cell in reversed(nb.cells):
            name = mark_of(cell)
            if name in last:
                student = resources["nbgrader"]["student"]
                self.log.warning("%s has the cell %s more than once", student, name)
                note(nb, f"has the cell {name} more than once")
                del cell.metadata["nbgrader"]
                if cell.cell_type == "markdown":
                    last[name].source = f"{cell.source}\n\n{last[name].source}"
            elif name is not None:
                last[name] = cell
        return nb, resources


def defined(source):
    """The names that a cell defines: functions, classes, variables; none if it is not Python."""
    try:
        lines = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return set()
    names = {line.name for line in lines if isinstance(line, ast.FunctionDef | ast.ClassDef)}
    targets = [line for line in lines if isinstance(line, ast.Assign | ast.AnnAssign)]
    return names | {
        node.id
        for line in targets
        for node in ast.walk(line)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


class Complete(NbGraderPreprocessor):
    """Puts back the cells that are missing, and gives those that lost their marks new ones.

    A notebook typed anew has no marks. A cell of it is taken for an answer if it defines what the
    answer defines; the checks follow it. All metadata of cells is the release's: a tag can keep a
    check from running.
    """

    def preprocess(self, nb, resources):
        self.wanted = marked(nbformat.read(path_of(self, resources, "release"), as_version=4))
        missing = [name for name in self.wanted if name not in marked(nb)]
        adopted = [name for name in missing if self.adopt(nb, name)]
        if adopted:
            note(nb, f"cells without their marks, taken for: {some(adopted)}")
        self.put_back(nb, [name for name in missing if name not in adopted])
        self.compare(nb)
        return nb, resources

    def adopt(self, nb, name):
        """Mark the cell that is this one, if there is one."""
        wanted = self.wanted[name]
        if kind(wanted) == "written":
            return False
        names = defined(wanted.source) if kind(wanted) == "solution" else set()
        for cell in reversed(nb.cells):
            same = cell.source.strip() == wanted.source.strip()
            same = same or names and names <= defined(cell.source)
            if cell.cell_type == "code" and mark_of(cell) is None and same:
                cell.metadata = copy.deepcopy(wanted.metadata)
                return True
        return False

    def put_back(self, nb, missing):
        order = list(self.wanted)
        for name in (name for name in missing if kind(self.wanted[name]) != "solution"):
            cell = copy.deepcopy(self.wanted[name])
            if kind(cell) == "written":
                cell.source = NOT_FOUND
            before = set(order[: order.index(name)])
            places = [i for i, cell in enumerate(nb.cells) if mark_of(cell) in before]
            nb.cells.insert(max(places, default=-1) + 1, cell)
        if missing:
            note(nb, f"missing: {some(missing)}")

    def compare(self, nb):
        """Name the cells that nobody may edit and somebody did; nbgrader puts them back."""
        edited = []
        for name, cell in marked(nb).items():
            wanted = self.wanted[name]
            cell.metadata = copy.deepcopy(wanted.metadata)
            fixed = kind(wanted) in ("locked", "tests")
            if fixed and cell.source.strip() != wanted.source.strip():
                edited.append(name)
        if edited:
            note(nb, f"edited, and put back: {some(edited)}")
