"""A class from release to grades, with nbgrader, by the commands of the instructor's README.

Skipped where nbgrader is not installed: students do not need it. It comes with
``pip install -r requirements-instructor.txt``.
"""

import copy
import csv
import getpass
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from concurrent.futures import ThreadPoolExecutor

import masters
import nbformat
import pytest

import gan_checks as checks
from gan_checks.questions import LineUp

pytest.importorskip(
    "nbgrader", reason="the round trip needs nbgrader: pip install -r requirements-instructor.txt"
)

VARIANT = 7
SECONDS = 15  # that a cell may take while it is graded: no test waits two minutes for a loop
WRITTEN = "Because of the *slope*."
# Other tasks call these: they are wrong if these are, or two swaps make a right.
BUILT_UPON = {"hw2": {"kl"}}

LOOP = "while True:\n    pass"
STUBBORN = """while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        pass"""
NOISE = "    import sys\n    np.log(-1.0)\n    print('so far so good', file=sys.stderr)\n"
CRASH = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


def shell(command, folder):
    """Run a command as in an activated environment; returns its exit status and what it wrote."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True
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


UNLIKE = {"unruly": "graded_unruly", "odd": "graded_odd"}


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """{homework: a future of its graded class}, and those of two classes of hw1; two at a time."""
    folders = {
        name: tmp_path_factory.mktemp(name) / "homework" for name in (*UNLIKE, *masters.NAMES)
    }
    with ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(globals()[UNLIKE.get(name, "graded")], name, folders[name])
            for name in folders
        }


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
    for task, cell in masters.named(release, "solution").items():
        assert cell.source == masters.blank(masters.named(master, "solution")[task].source)
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


# What somebody may do on purpose, or by accident.


def graded_unruly(_, folder):
    """A class of hw1 in which all sorts of things went wrong: its scores, and autograde's log."""
    course(folder)
    name, right = "hw1", solutions("hw1")
    succeeds(f"{sys.executable} release.py {name} --variant {VARIANT}", folder)
    release = released(folder, name)
    submitted = folder / "class" / "submitted"

    def hand_in(student, notebook):
        put(notebook, submitted / student / name / f"{name}.ipynb")

    def with_body(task, body):
        head = masters.blank(right[task]).replace(
            "raise NotImplementedError", body.replace("\n", "\n    ")
        )
        return handed_in(release, right | {task: head})

    hand_in("a_loop", with_body("entropy", LOOP))
    hand_in("b_crash", with_body("entropy", CRASH))
    hand_in("c_stubborn", with_body("entropy", STUBBORN))
    deleted = handed_in(release, right | {"entropy": "def entropy(p):\n    return 1.0"})
    deleted.cells = [cell for cell in deleted.cells if masters.role(cell)[1] != "test_entropy"]
    hand_in("d_deleted", deleted)
    edited = handed_in(release, right | {"entropy": "def entropy(p):\n    return 1.0"})
    masters.named(edited, "tests")["test_entropy"].source = "print('all right')"
    masters.named(edited, "tests")["test_decode"].metadata.nbgrader.points = 500
    masters.named(edited, "locked")["setup"].source += "\nchecks.entropy = lambda *answers: None"
    hand_in("e_edited", edited)
    warned = handed_in(
        release, right | {"entropy": right["entropy"].replace("    p = p[", f"{NOISE}    p = p[")}
    )
    hand_in("f_warned", warned)
    hand_in("z_perfect", handed_in(release, right))
    _, log = shell(f"nbgrader autograde {name} --ExecutePreprocessor.timeout={SECONDS}", folder)
    return scores(folder, name), log


@pytest.fixture
def unruly(classes):
    return classes["unruly"].result()


FULL = masters.points(masters.read("hw1"))


@pytest.mark.parametrize("student", ["z_perfect", "f_warned"])
def test_the_others_are_graded(student, unruly):
    assert by_code(unruly[0][student]) == FULL


@pytest.mark.parametrize("student", ["a_loop", "e_edited"])
def test_only_the_one_task_is_lost(student, unruly):
    assert by_code(unruly[0][student]) == FULL | {"test_entropy": 0}


def test_a_deleted_test_wins_nothing(unruly):
    grades = by_code(unruly[0]["d_deleted"])
    assert not grades.pop("test_entropy", 0)
    assert grades == {cell: points for cell, points in FULL.items() if cell != "test_entropy"}


@pytest.mark.parametrize("student", ["b_crash", "c_stubborn"])
def test_what_cannot_be_run_wins_nothing_and_is_reported(student, unruly):
    found, log = unruly
    assert not any(by_code(found[student]).values())
    assert f"error processing assignment 'hw1' for student '{student}'" in log


# What classes really send in.


def graded_odd(_, folder):
    """A class of hw1 that hands in by ways and in shapes that nobody asked for: its scores, and
    what collecting and grading said.
    """
    course(folder)
    name, right = "hw1", solutions("hw1")
    succeeds(f"{sys.executable} release.py {name} --variant {VARIANT}", folder)
    release = released(folder, name)
    archive = folder / "class" / "downloaded" / name / "archive"
    perfect, blank = handed_in(release, right, WRITTEN), handed_in(release, {})
    whole = nbformat.writes(perfect)
    put(split(perfect), archive / "a split_hw1.ipynb")
    put(copied(perfect), archive / "b copied_hw1.ipynb")
    with zipfile.ZipFile(archive / "c mac.zip", "w") as mac:
        mac.writestr("hw1/hw1.ipynb", whole)
        mac.writestr("__MACOSX/hw1/._hw1.ipynb", b"\0\5\x16\7\0\2")
    put(blank, archive / "d twice_hw1.ipynb")
    put(perfect, archive / "d twice_hw1 (1).ipynb")
    (archive / "e mark_hw1.ipynb").write_text(whole, encoding="utf-8-sig")
    put(pasted(perfect), archive / "f folders" / "hw1" / "hw1.ipynb")
    put(blank, archive / "g spare_hw1-Copy1.ipynb")
    put(perfect, archive / "g spare_hw1.ipynb")
    put(perfect, archive / "h only_hw1-Copy1.ipynb")
    put(outdated(perfect), archive / "i outdated_hw1.ipynb")
    (archive / "j broken.zip").write_bytes(b"Rar!")
    (archive / "k cut off_hw1.ipynb").write_text(whole[: len(whole) // 2], encoding="utf-8")
    put(perfect, archive / "z last_hw1.ipynb")
    _, collected = shell(f"nbgrader zip_collect {name}", folder)
    _, log = shell(f"nbgrader autograde {name}", folder)
    return scores(folder, name), collected, log


def split(notebook):
    """JupyterLab's Split Cell, in a solution and in a written answer: both halves have the same
    marks."""
    notebook = copy.deepcopy(notebook)
    for cell in masters.named(notebook, "solution")["entropy"], *written_answers(notebook)[:1]:
        half = copy.deepcopy(cell)
        half.id = "second-half"
        half.source = "1 + 1" if cell.cell_type == "code" else "And so it bends upwards."
        notebook.cells.insert(notebook.cells.index(cell) + 1, half)
    return notebook


def copied(notebook):
    """A test copied above its task, where it fails, and its answer copied below."""
    notebook = copy.deepcopy(notebook)
    tests = masters.named(notebook, "tests")["test_entropy"]
    solution = masters.named(notebook, "solution")["entropy"]
    notebook.cells.insert(notebook.cells.index(solution), copy.deepcopy(tests))
    notebook.cells.insert(notebook.cells.index(tests) + 1, copy.deepcopy(solution))
    return notebook


def pasted(notebook):
    """A task of another homework pasted in, and a mark that says nothing."""
    notebook = copy.deepcopy(notebook)
    foreign = copy.deepcopy(masters.named(masters.read("hw2"), "solution")["kl"])
    empty = nbformat.v4.new_code_cell("1 + 1", metadata={"nbgrader": {}})
    notebook.cells += [foreign, empty]
    return notebook


def outdated(notebook):
    notebook = copy.deepcopy(notebook)
    masters.named(notebook, "tests")["test_entropy"].metadata.nbgrader.schema_version = 1
    return notebook


def written_answers(notebook):
    return list(masters.named(notebook, "written").values())


@pytest.fixture
def odd(classes):
    return classes["odd"].result()


@pytest.mark.parametrize(
    "student",
    [
        "a split",
        "b copied",
        "c mac",
        "d twice",
        "e mark",
        "f folders",
        "g spare",
        "h only",
        "z last",
    ],
)
def test_a_class_is_graded_whatever_its_files_look_like(student, odd):
    found, _, _ = odd
    assert by_code(found[student]) == FULL
    for answer in masters.points(masters.read("hw1"), "written"):
        assert found[student][answer] == (None, None, True)  # somebody must read it


def test_what_cannot_be_graded_is_named(odd):
    found, collected, log = odd
    assert "Cannot be unpacked, so nothing in it is collected" in collected
    assert "j broken.zip" in collected and "j broken" not in found
    for student in "i outdated", "k cut off":
        assert f"error processing assignment 'hw1' for student '{student}'" in log
        assert not any(by_code(found[student]).values())
    assert set(found) == {
        "a split", "b copied", "c mac", "d twice", "e mark", "f folders",
        "g spare", "h only", "i outdated", "k cut off", "z last",
    }  # fmt: skip


def test_what_was_left_out_is_named(odd):
    _, collected, log = odd
    assert re.search(r"d twice handed in more than once: .*hw1 \(1\)\.ipynb, not ", collected)
    assert re.search(r"g spare handed in more than once: .*, not .*-Copy1\.ipynb", collected)
    assert "a split has the cell entropy more than once" in log
    assert "b copied has the cell test_entropy more than once" in log


# The instructor's README, command by command, as written.


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
    collect, autograde, feedback = others
    for command in (
        f"{collect.split('#')[0]} --force",
        *(f"{c.split('#')[0]} --student=cem --force" for c in (autograde, feedback)),
    ):
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
        ("release.py hw1 --variant -1", "--variant: must be 0 or more, not -1"),
        ("release.py hw1 --variant two", "--variant: invalid int value: 'two'"),
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
    student = [
        re.search(r"nbgrader \w+ hw1 --course gan", line).group() for line in (hand_out, collect)
    ]
    fetch, submit = (f"{command} --Exchange.root={exchange}" for command in student)
    succeeds(release, folder)
    succeeds(hand_out, folder)
    succeeds(fetch, home)
    put(handed_in(home / "hw1" / "hw1.ipynb", solutions("hw1")), home / "hw1" / "hw1.ipynb")
    succeeds(submit, home)
    for command in [collect, *others]:
        succeeds(command, folder)
    succeeds(f"nbgrader fetch_feedback hw1 --course gan --Exchange.root={exchange}", home)
    assert grades(folder) == {getpass.getuser(): (sum(FULL.values()), 45)}
    assert list(home.glob("hw1/feedback/*/hw1.html"))
