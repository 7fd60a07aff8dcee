"""The package as a whole: a cheap import, lazy modules, and science that does not need the
pictures."""

import ast
import fnmatch
import graphlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import gan_lib

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    *(ROOT / "gan_lib").glob("[!_]*.py"),
    *(path.parent for path in (ROOT / "gan_lib").glob("*/__init__.py")),
]
MODULES = sorted(path.stem for path in FILES)
PICTURES = ["plotting", "widgets", "lab"]
ORDER = """
    arguments information huffman densities game classical toys files mnist_files data losses
    penalties judges objectives optim models likelihood unrolling threads training checkpoint
    distributed evaluation diagnose clinic triage plotting widgets lab
""".split()  # each imports only from those before it


def imports_of(path):
    """The modules of gan_lib that a file imports, as dotted names such as "training.loop"."""
    inside = path.relative_to(ROOT / "gan_lib").with_suffix("").parts
    package = inside[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*package[: len(package) + 1 - node.level], *(node.module or "").split(".")]
            for alias in node.names:
                yield ".".join(part for part in [*base, alias.name] if part)


def test_imports_go_downwards_only():
    assert sorted(ORDER) == MODULES
    for path in (ROOT / "gan_lib").rglob("*.py"):
        own = path.relative_to(ROOT / "gan_lib").parts[0].removesuffix(".py")
        for name in imports_of(path) if own != "__init__" else ():
            other = name.split(".")[0]
            assert other in ORDER and ORDER.index(other) <= ORDER.index(own), f"{path}: {name}"


PACKAGES = [path.parent.name for path in (ROOT / "gan_lib").glob("*/__init__.py")]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_circle_inside_a_package(name):
    folder = ROOT / "gan_lib" / name
    parts = {path.stem for path in folder.glob("[!_]*.py")} | {
        path.stem for path in folder.glob("_[!_]*.py")
    }
    uses = {part: set() for part in parts}
    for part in parts:
        for imported in imports_of(folder / f"{part}.py"):
            first, _, rest = imported.partition(".")
            if first == name:
                uses[part] |= {rest.split(".")[0]} & parts
    assert list(graphlib.TopologicalSorter(uses).static_order())  # raises CycleError for a circle


@pytest.mark.parametrize(
    "path",
    [
        path
        for kind in ("py", "js", "css")
        for path in sorted((ROOT / "gan_lib").rglob(f"*.{kind}"))
    ],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_no_file_is_longer_than_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_a_build_holds_every_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = settings["tool"]["setuptools"]["packages"]["find"]["include"]
    for name in ("gan_lib", "gan_checks"):
        for file in (ROOT / name).rglob("__init__.py"):
            package = ".".join(file.parent.relative_to(ROOT).parts)
            assert any(fnmatch.fnmatch(package, pattern) for pattern in included), package
            assert (file.parent.parent / "__init__.py").exists() or package == name


def test_a_build_holds_what_the_browser_runs():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = settings["tool"]["setuptools"]["package-data"]
    others = [
        path
        for path in (ROOT / "gan_lib").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert {path.suffix for path in others} == {".js", ".css", ".json"}
    for path in others:
        parts = path.relative_to(ROOT).parts
        package, inside = ".".join(parts[:2]), "/".join(parts[2:])
        assert any(fnmatch.fnmatch(inside, pattern) for pattern in shipped[package]), path


def loaded_after(statement):
    """The names of all modules that a new Python has loaded after the statement."""
    command = [sys.executable, "-c", f"{statement}\nimport sys; print(*sys.modules)"]
    return subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_after("import gan_lib")
    assert "gan_lib" in loaded
    assert not {"torch", "torchvision", "numpy", "scipy", "sklearn", "matplotlib", "IPython"} & set(
        loaded
    )


def test_densities_do_not_need_torch():
    loaded = loaded_after("import gan_lib; gan_lib.densities, gan_lib.game")
    assert {"gan_lib.densities", "gan_lib.game"} <= set(loaded)
    assert "torch" not in loaded


def test_science_never_imports_the_pictures():
    science = ", ".join(f"gan_lib.{name}" for name in MODULES if name not in PICTURES)
    loaded = loaded_after(f"import gan_lib; {science}")
    assert not {
        "matplotlib",
        "ipywidgets",
        "torchvision",
        *(f"gan_lib.{name}" for name in PICTURES),
    } & set(loaded)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_an_attribute(name):
    assert getattr(gan_lib, name).__name__ == f"gan_lib.{name}"
    assert name in dir(gan_lib)


def test_unknown_attribute_is_told_what_there_is():
    with pytest.raises(
        AttributeError, match=f"'gan_lib' has no attribute 'nonsense'.*{', '.join(MODULES)}"
    ):
        gan_lib.nonsense
    assert not hasattr(gan_lib, "losess")


def test_unknown_name_cannot_be_imported():
    with pytest.raises(ImportError):
        from gan_lib import nonsense  # noqa: F401


# The release.


def test_the_version_is_the_one_that_citation_and_changes_name():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    newest = re.search(
        r"^## \[(.+)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )
    assert newest.groups() == (citation["version"], citation["date-released"])
    assert gan_lib.__version__ == citation["version"]


def test_the_authors_are_those_that_the_licence_names():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    (author,) = citation["authors"]
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(rf"Copyright \(c\) \d+ {author['name']}$", licence, re.M)
    assert citation["license"] == licence.split()[0] == "MIT"
