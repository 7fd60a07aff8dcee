"""The package as a whole: a cheap import, lazy modules, and science that does not need the pictures."""

import subprocess
import sys
from pathlib import Path

import pytest

import gan_lib

ROOT = Path(__file__).resolve().parent.parent
FILES = [*(ROOT / "gan_lib").glob("[!_]*.py"), *(path.parent for path in (ROOT / "gan_lib").glob("*/__init__.py"))]
MODULES = sorted(path.stem for path in FILES)
PICTURES = ["plotting", "widgets"]


def loaded_after(statement):
    """The names of all modules that a new Python has loaded after the statement."""
    command = [sys.executable, "-c", f"{statement}\nimport sys; print(*sys.modules)"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_after("import gan_lib")
    assert "gan_lib" in loaded
    assert not {"torch", "torchvision", "numpy", "scipy", "sklearn", "matplotlib", "IPython"} & set(loaded)


def test_densities_do_not_need_torch():
    loaded = loaded_after("import gan_lib; gan_lib.densities, gan_lib.game")
    assert {"gan_lib.densities", "gan_lib.game"} <= set(loaded)
    assert "torch" not in loaded


def test_science_never_imports_the_pictures():
    science = ", ".join(f"gan_lib.{name}" for name in MODULES if name not in PICTURES)
    loaded = loaded_after(f"import gan_lib; {science}")
    assert not {"matplotlib", "ipywidgets", "torchvision", *(f"gan_lib.{name}" for name in PICTURES)} & set(loaded)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_an_attribute(name):
    assert getattr(gan_lib, name).__name__ == f"gan_lib.{name}"
    assert name in dir(gan_lib)


def test_unknown_attribute_is_told_what_there_is():
    with pytest.raises(AttributeError, match=f"'gan_lib' has no attribute 'nonsense'.*{', '.join(MODULES)}"):
        gan_lib.nonsense
    assert not hasattr(gan_lib, "losess")


def test_unknown_name_cannot_be_imported():
    with pytest.raises(ImportError):
        from gan_lib import nonsense  # noqa: F401


def test_version():
    assert [int(part) for part in gan_lib.__version__.split(".")] >= [0, 1, 0]
