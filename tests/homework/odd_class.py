"""What classes send in: one hw1 after another, each odd in its own way.

``HANDED_IN`` says of each student what arrives, which points are lost, and what the instructor's
table must say. All know the answers, so what is lost is lost by the oddity.
"""

import copy
import io
import json
import textwrap
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import masters
import nbformat
from classroom import WRITTEN, handed_in, solutions

RIGHT = solutions("hw1")
FULL = masters.points(masters.read("hw1"))
ALL = frozenset(FULL)

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
FLOOD = "for _ in range(30):\n    print('x' * 1_000_000)\n"
ASKS = "input('How many? ')"
WIPES = """import os, shutil
os.remove('hw1.ipynb')
shutil.rmtree(os.getcwd())
os.chdir('/')
"""


@dataclass
class Odd:
    """What a student hands in: {path in the archive: notebook, text, or bytes}."""

    files: dict
    lost: set = field(default_factory=set)  # checks that earn nothing; None: there is no grade
    said: str = ""  # in the table, of what happened


def body(task, lines, then=""):
    """The answers, but a function starts with these lines, and goes on as it was if told so."""
    head = masters.blank(RIGHT[task]).replace("raise NotImplementedError", "")
    rest = RIGHT[task].split("### BEGIN SOLUTION\n")[1].split("    ### END")[0] if then else ""
    return RIGHT | {task: head.rstrip() + "\n" + textwrap.indent(lines, "    ") + "\n" + rest}


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


def outdated(notebook):
    masters.named(notebook, "tests")["test_entropy"].metadata.nbgrader.schema_version = 1
    masters.named(notebook, "tests")["test_decode"].metadata.nbgrader.schema_version = 99


def other_kernel(notebook):
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    notebook.metadata.language_info = {"name": "R", "version": "4.4"}


def decorated(notebook):
    """An attachment, the state of widgets, a deep nest of metadata, and a megabyte of output."""
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


def without_ids(notebook):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]


def third(notebook):
    """As the third format of notebooks, of IPython 1 and 2."""
    return nbformat.v3.writes_json(nbformat.convert(copy.deepcopy(notebook), 3))


def text(notebook):
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def mac(notebook):
    """The zip file that a Mac makes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hw1/hw1.ipynb", text(notebook))
        archive.writestr("__MACOSX/hw1/._hw1.ipynb", b"\0\5\x16\7\0\2")
    return file.getvalue()


def platform(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def handed_in_by(release):
    """{student: what arrives}, for a release of hw1."""
    perfect, blank = handed_in(release, RIGHT, WRITTEN), handed_in(release, {})

    def with_answers(answers):
        return handed_in(release, answers, WRITTEN)

    whole = text(perfect)
    crlf = changed(
        perfect,
        lambda nb: [each.update(source=each.source.replace("\n", "\r\n")) for each in nb.cells],
    )
    nfc = unicodedata.normalize("NFC", "José Müller")
    nfd = unicodedata.normalize("NFD", nfc)
    everywhere = {task: body(task, CRASH)[task] for task in RIGHT if task != "curve"}
    return {
        "split": Odd({"split_hw1.ipynb": changed(perfect, split)}, said="entropy more than once"),
        "copied": Odd(
            {"copied_hw1.ipynb": changed(perfect, copied)}, said="test_entropy more than once"
        ),
        "pasted": Odd(
            {"pasted/hw1/hw1.ipynb": changed(perfect, pasted)}, said="another homework: kl"
        ),
        "unchecked": Odd(
            {"unchecked_hw1.ipynb": changed(perfect, without_checks)},
            {"test_entropy"},
            "missing: test_entropy, test_decode",
        ),
        "typed": Odd(
            {"typed_hw1.ipynb": changed(perfect, typed_anew)}, said="taken for: conditional"
        ),
        "unmarked": Odd(
            {"unmarked_hw1.ipynb": changed(perfect, unmarked)}, said="taken for: setup"
        ),
        "cheat": Odd(
            {"cheat_hw1.ipynb": changed(perfect, cheated)},
            {"test_entropy"},
            "edited, and put back: setup, test_entropy",
        ),
        "outdated": Odd({"outdated_hw1.ipynb": changed(perfect, outdated)}),
        "R": Odd({"R_hw1.ipynb": changed(perfect, other_kernel)}),
        "bom": Odd({"bom_hw1.ipynb": whole.encode("utf-8-sig")}),
        "utf16": Odd({"utf16_hw1.ipynb": whole.encode("utf-16")}),
        "crlf": Odd({"crlf_hw1.ipynb": text(crlf).replace("\n", "\r\n").encode()}),
        "4.4": Odd({"4.4_hw1.ipynb": changed(perfect, without_ids)}),
        "v3": Odd({"v3_hw1.ipynb": third(perfect)}),
        "decorated": Odd({"decorated_hw1.ipynb": changed(perfect, decorated)}),
        "warned": Odd({"warned_hw1.ipynb": with_answers(body("entropy", NOISE, "then"))}),
        "flood": Odd(
            {"flood_hw1.ipynb": with_answers(body("entropy", FLOOD, "then"))},
            said="printed too much, cut: test_entropy",
        ),
        "asks": Odd(
            {"asks_hw1.ipynb": with_answers(body("entropy", ASKS))},
            {"test_entropy"},
            "asked for input: test_entropy",
        ),
        "loop": Odd(
            {"loop_hw1.ipynb": with_answers(body("entropy", LOOP))},
            {"test_entropy"},
            "s: test_entropy",
        ),
        "stubborn": Odd(
            {"stubborn_hw1.ipynb": with_answers(body("entropy", STUBBORN))},
            {"test_entropy"},
            "ended Python, or could not be stopped: test_entropy",
        ),
        "crash": Odd(
            {"crash_hw1.ipynb": with_answers(body("entropy", CRASH))},
            {"test_entropy"},
            "ended Python, or could not be stopped: test_entropy",
        ),
        "crashes": Odd(
            {"crashes_hw1.ipynb": with_answers(RIGHT | everywhere)},
            None,
            "NO GRADE: ended Python again and again",
        ),
        "wipes": Odd({"wipes_hw1.ipynb": with_answers(body("entropy", WIPES, "then"))}, ),
        "mac": Odd({"mac.zip": mac(perfect)}),
        "moodle": Odd(
            {"moodle.zip": platform({"moodle_42_assignsubmission_file/hw1.ipynb": whole})}
        ),
        "canvas": Odd({"canvas.zip": platform({"canvas_LATE_42_77_hw1-1.ipynb": whole})}),
        "twice": Odd(
            {"twice_hw1.ipynb": blank, "twice_hw1 (1).ipynb": perfect},
            said="twice_hw1.ipynb: handed in more than once; twice_hw1 (1).ipynb was taken",
        ),
        "spare": Odd(
            {"spare_hw1-Copy1.ipynb": blank, "spare_hw1.ipynb": perfect},
            said="spare_hw1-Copy1.ipynb: handed in more than once; spare_hw1.ipynb was taken",
        ),
        "only a copy": Odd({"only a copy_hw1-Copy1.ipynb": perfect}),
        nfc: Odd(
            {f"{nfd}_hw1.ipynb": blank, f"{nfc}_hw1 (1).ipynb": perfect}, said="more than once"
        ),
        "王小明": Odd({"王小明/hw1.ipynb": perfect}),
        "O'Brien [x] *": Odd({"O'Brien [x] *_hw1.ipynb": perfect}),
        "ada_b": Odd({"ada_b_hw1.ipynb": perfect}),
        "ada_c": Odd({"ada_c_hw1.ipynb": perfect}),
        "12345": Odd({"12345_hw1.ipynb": perfect}),
        "renamed": Odd({"renamed/Homework 1 final.ipynb": perfect,
                        "renamed/.ipynb_checkpoints/hw1-checkpoint.ipynb": blank}),
        "other": Odd({"other_hw1.ipynb": masters.read("hw2")}, ALL, "cells of another homework: "),
        "empty": Odd({"empty_hw1.ipynb": b""}, None, "NO GRADE: not a notebook"),
        "cut off": Odd(
            {"cut off_hw1.ipynb": whole[: len(whole) // 2]}, None, "NO GRADE: not a notebook"
        ),
        "paper": Odd({"paper_hw1.pdf": b"%PDF-1.7"}, None, "paper_hw1.pdf: not a notebook"),
        "broken": Odd({"broken.zip": b"Rar!"}, None, "broken.zip: cannot be unpacked"),
        "": Odd({"Homework 1.ipynb": perfect}, None, "Homework 1.ipynb: does not say whose it is"),
    }  # fmt: skip


def on_arrival(student):
    """The name under which a student is graded: nbgrader cannot work with brackets and stars."""
    return student.translate(str.maketrans("[]*", "()-"))


def arrive(odd, archive):
    """Put a student's files where the platform's downloads are put."""
    for name, content in odd.files.items():
        path = Path(archive, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content = content if isinstance(content, str) else text(content)
            path.write_text(content, encoding="utf-8")
