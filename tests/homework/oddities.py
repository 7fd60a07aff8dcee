"""What can happen to a hw1: its cells, metadata, encoding, archive; and code that misbehaves."""

import copy
import io
import json
import textwrap
import zipfile

import masters
import nbformat
from blank import without_solution
from classroom import solutions

RIGHT = solutions("hw1")
FULL = masters.points(masters.read("hw1"))
LOST = frozenset({"test_entropy"})

LOOP = "while True:\n    pass"
STUBBORN = """while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass"""
NOISE = """import sys
np.log(-1.0)
print('so far so good', file=sys.stderr)
"""
CRASH = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
FLOOD = "while not hasattr(entropy, 'told'):\n    entropy.told = print(('x' * 999 + '\\n') * 3_000)"
ASKS = "input('How many? ')"
WIPES = """import os
if os.path.exists('hw1.ipynb'):
    for name in os.listdir():
        os.remove(name)
    os.rmdir(os.getcwd())
    os.chdir('/')
"""


def body(task, lines, then=False):
    """A function that starts with these lines, and goes on with the right answer if told so."""
    head = without_solution(RIGHT[task]).replace("raise NotImplementedError", "").rstrip()
    rest = RIGHT[task].split("### BEGIN SOLUTION\n")[1].split("    ### END")[0] if then else ""
    return head + "\n" + textwrap.indent(lines, "    ") + "\n" + rest


def changed(notebook, change):
    notebook = copy.deepcopy(notebook)
    change(notebook)
    return notebook


def split(notebook):
    """JupyterLab's Split Cell, in a solution and in a written answer: both halves have its mark."""
    for cell in masters.named(notebook, "solution")["entropy"], written(notebook)[0]:
        half = copy.deepcopy(cell)
        half.id = "second-half"
        half.source = "1 + 1" if cell.cell_type == "code" else "And so it bends upwards."
        notebook.cells.insert(notebook.cells.index(cell) + 1, half)


def written(notebook):
    return list(masters.named(notebook, "written").values())


def copied(notebook):
    """A test copied above its task, where it fails, and its answer copied below."""
    tests = masters.named(notebook, "tests")["test_entropy"]
    solution = masters.named(notebook, "solution")["entropy"]
    notebook.cells.insert(notebook.cells.index(solution), copy.deepcopy(tests))
    notebook.cells.insert(notebook.cells.index(tests) + 1, copy.deepcopy(solution))


def pasted(notebook):
    """A task of another homework pasted in, and marks that say nothing."""
    foreign = copy.deepcopy(masters.named(masters.read("hw2"), "solution")["kl"])
    notebook.cells += [foreign]
    for mark in {}, None, "yes", {"grade_id": ["entropy"]}, {"grade_id": 5, "points": "many"}:
        notebook.cells += [nbformat.v4.new_code_cell("1 + 1", metadata={"nbgrader": mark})]


def without_checks(notebook):
    """Two checks deleted, and a wrong answer to one of them."""
    gone = "test_entropy", "test_decode"
    notebook.cells = [cell for cell in notebook.cells if masters.role(cell)[1] not in gone]
    masters.named(notebook, "solution")["entropy"].source = "def entropy(p):\n    return 1.0"


def typed_anew(notebook):
    """The code alone, in a fresh notebook, without what the course had put around it."""
    cells = masters.named(notebook, "solution").values()
    notebook.cells = [nbformat.v4.new_code_cell(cell.source) for cell in cells]
    notebook.metadata.clear()


def unmarked(notebook):
    """All cells, as another program saves them: without metadata."""
    for cell in notebook.cells:
        cell.metadata.clear()


def cheated(notebook):
    """A wrong answer, and all that could hide it: an edited check, points, a replaced judge, and
    a tag that keeps cells from running."""
    masters.named(notebook, "solution")["entropy"].source = "def entropy(p):\n    return 1.0"
    masters.named(notebook, "tests")["test_entropy"].source = "print('all right')"
    masters.named(notebook, "tests")["test_entropy"].metadata.tags = ["skip-execution"]
    masters.named(notebook, "tests")["test_decode"].metadata.nbgrader.points = 500
    masters.named(notebook, "locked")["setup"].source += "\nchecks.entropy = lambda *answers: None"


def decorated(notebook):
    """R's kernel, marks of other versions of nbgrader, an attachment, the state of widgets, a deep
    nest of metadata, and a megabyte of output."""
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    notebook.metadata.language_info = {"name": "R", "version": "4.4"}
    masters.named(notebook, "tests")["test_entropy"].metadata.nbgrader.schema_version = 1
    masters.named(notebook, "tests")["test_decode"].metadata.nbgrader.schema_version = 99
    pixel = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"
    )
    written(notebook)[0].attachments = {"a.png": {"image/png": pixel}}
    state = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    notebook.metadata.widgets = state
    nest = {}
    for _ in range(200):
        nest = {"nest": nest}
    notebook.metadata.nest = nest
    notebook.metadata.grading = {"finished": True, "remarks": "none", "submission": 1}
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="x" * 1_000_000)]


def from_windows(notebook):
    """CRLF in all cells, and no ids, as before notebook format 4.5."""
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
        del cell["id"]


def third(notebook):
    """As the third format of notebooks, of IPython 1 and 2."""
    return nbformat.v3.writes_json(nbformat.convert(copy.deepcopy(notebook), 3))


def text(notebook):
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def mac(content):
    """The zip file that a Mac makes."""
    return zipped({"hw1/hw1.ipynb": content, "__MACOSX/hw1/._hw1.ipynb": b"\0\5\x16\7\0\2"})


def zipped(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()
