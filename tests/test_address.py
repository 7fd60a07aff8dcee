"""The course's address: how it is read, what leads there, and the one command that writes it
down."""

import importlib.util
import shutil
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
WORDS = ["README.md", "CITATION.cff"]
GITHUB, ELSEWHERE = "https://github.com/somebody/course", "https://git.example.org/group/course"
spec = importlib.util.spec_from_file_location("address", ROOT / "docs" / "address.py")
address = importlib.util.module_from_spec(spec)
spec.loader.exec_module(address)


@pytest.mark.parametrize(
    "given",
    [
        GITHUB,
        f"{GITHUB}.git",
        f"{GITHUB}/",
        f"{GITHUB}.git\n",
        "git@github.com:somebody/course.git",
    ],
)
def test_what_git_calls_an_origin_is_an_address(given, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY", given)
    assert address.as_https(given) == address.repository() == GITHUB


@pytest.mark.parametrize(
    "given",
    [
        "",
        "course",
        "/srv/git/course",
        "http://github.com/a/b",
        "https://github.com",
        "https:// a/b",
    ],
)
def test_what_is_none_is_not_written_down(given, tmp_path):
    assert address.as_https(given) == ""
    with pytest.raises(ValueError, match="address must be"):
        address.publish(given, tmp_path)


def test_binder_and_colab():
    notebook = "notebooks/06_a b.ipynb"
    assert address.binder(GITHUB, notebook) == (
        "https://mybinder.org/v2/gh/somebody/course/HEAD?urlpath=lab/tree/notebooks/06_a%20b.ipynb"
    )
    assert address.colab(GITHUB, notebook) == (
        "https://colab.research.google.com/github/somebody/course/blob/HEAD/notebooks/06_a%20b.ipynb"
    )
    assert address.binder(ELSEWHERE).startswith(
        "https://mybinder.org/v2/git/https%3A%2F%2Fgit.example.org%2Fgroup%2Fcourse/HEAD?"
    )
    assert (address.binder(""), address.colab(""), address.colab(ELSEWHERE)) == (
        "https://mybinder.org/",
        "",
        "",
    )


@pytest.fixture
def copy(tmp_path):
    for name in WORDS:
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks" / "homework").mkdir(parents=True)
    for pattern in "notebooks/[0-9][0-9]_*.ipynb", "notebooks/homework/hw*.ipynb":
        for path in ROOT.glob(pattern):
            shutil.copy(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def lines(root):
    return {
        path.name: path.read_text(encoding="utf-8").splitlines()
        for path in [*(root / name for name in WORDS), *root.rglob("*.ipynb")]
    }


def test_publishing_changes_a_line_in_each_file_and_no_other(copy):
    before = lines(copy)
    address.publish(GITHUB, copy)
    for name, now in lines(copy).items():
        changed = [(old, new) for old, new in zip(before[name], now) if old != new]
        assert len(now) == len(before[name]) and len(changed) == 1, name
        ((_, new),) = changed
        if name == "README.md":
            assert address.binder(GITHUB) in new and address.colab(GITHUB) in new
        elif name == "CITATION.cff":
            assert new == f"repository-code: {GITHUB}"
        else:
            assert f"%pip install --quiet git+{GITHUB}" in new
    for path in (copy / "notebooks").rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


def test_the_address_may_change(copy):
    address.publish(GITHUB, copy)
    once = lines(copy)
    address.publish(ELSEWHERE, copy)
    assert address.binder(ELSEWHERE) in "".join(lines(copy)["README.md"]) and GITHUB not in "".join(
        lines(copy)["README.md"]
    )
    address.publish(f"{GITHUB}.git", copy)
    assert lines(copy) == once


def test_a_file_without_a_place_for_the_address_is_named_and_nothing_is_half_done(copy):
    (copy / "notebooks" / "10_evaluation.ipynb").write_text("{}", encoding="utf-8")
    before = lines(copy)
    with pytest.raises(ValueError, match="10_evaluation.ipynb has 0 places"):
        address.publish(GITHUB, copy)
    assert lines(copy) == before
