"""The wheel: what pip builds of this tree, without a network, and how it works where there is no
tree."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import gan_lib

ROOT = Path(__file__).resolve().parent.parent
BUILT_FROM = ["pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT.md"]
BESIDE = ["conftest.py", "tests/conftest.py", "tests/benchmarks/recording.py", "docs/picture.py"]
USED = """
import json, sys
from pathlib import Path
import gan_checks, gan_lib, torch
from gan_lib import checkpoint, data, files, models, training
from gan_lib.lab import lab, strip
from gan_lib.widgets.plane_map import PlaneMap

images, _ = data.embedded_digits("train")
players = models.mlp_generator(hidden=(8,), seed=0), models.mlp_discriminator(hidden=(8,), seed=1)
state = training.start(*players, steps=2, batch_size=4, device="cpu")
list(checkpoint.checkpointed(training.train(state, images), "gan.safetensors", state))
others = models.mlp_generator(hidden=(8,), seed=2), models.mlp_discriminator(hidden=(8,), seed=3)
loaded = checkpoint.load("gan.safetensors", *others, device="cpu")
equal = zip(players[0].state_dict().values(), others[0].state_dict().values())
print(json.dumps({
    "prefix": sys.prefix,
    "found": [gan_lib.__file__, gan_checks.__file__],
    "version": gan_lib.__version__,
    "step": loaded.step,
    "equal": all(torch.equal(one, other) for one, other in equal),
    "recorded": [str(files.recorded(name)) for name in sys.argv[1:]],
    "runs": len(strip.recorded_runs("first")),
    "lab": len(lab(data="moons", k=5)._repr_mimebundle_()[0]["image/png"]),
    "script": all(len(each._esm) > 1000 for each in (lab(), PlaneMap)),
}))
"""


def version_of(name):
    try:
        return int(importlib.metadata.version(name).split(".")[0])
    except importlib.metadata.PackageNotFoundError:
        return 0


def quietly(command, folder, **more):
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, **more)
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def settings():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, settings):
    """The wheel of a copy of this tree; a build leaves things beside what it builds."""
    if version_of("setuptools") < 77 or not version_of("pip"):
        pytest.skip("needs pip, and setuptools 77 or newer, as torch does")
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("gan_lib", "gan_checks"):
        shutil.copytree(ROOT / name, folder / "tree" / name)
    for pattern in sum(settings["tool"]["setuptools"]["data-files"].values(), []):
        shutil.copytree(ROOT / Path(pattern).parent, folder / "tree" / Path(pattern).parent)
    for name in BUILT_FROM + BESIDE:
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "tree" / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    quietly([*pip, "--wheel-dir", folder, folder / "tree"], folder)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_packages_and_the_recorded_results_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    release = f"gan_lib-{gan_lib.__version__}"
    data = f"{release}.data/data/share/gan_lib/"
    holds = ("gan_lib/", "gan_checks/", f"{release}.dist-info/", data)
    assert wheel.name == f"{release}-py3-none-any.whl"
    assert [name for name in names if not name.startswith(holds)] == []
    kinds = {".py", ".js", ".css", ".json"}
    for package in ("gan_lib", "gan_checks"):
        for path in (ROOT / package).rglob("*"):
            if path.suffix in kinds:
                assert path.relative_to(ROOT).as_posix() in names
    results = {f"{data}{path.parent.name}/{path.name}" for path in ROOT.glob("data/*/results.json")}
    assert results and results <= set(names)
    assert wheel.stat().st_size < 2e6


def test_it_works_where_there_is_no_tree(wheel, tmp_path, settings):
    """In a new environment, from another folder; of the packages that run these tests it sees all
    but an editable gan_lib."""
    venv.create(tmp_path / "new", with_pip=False)
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = tmp_path / "new" / scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    quietly([*pip, wheel], tmp_path)
    folders = settings["tool"]["setuptools"]["data-files"]
    recorded = [Path(folder).name for folder in folders]
    env = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib"), "OMP_NUM_THREADS": "1"}
    said = quietly([python, "-c", USED, *recorded], tmp_path, env=env)
    found = json.loads(said.splitlines()[-1])
    inside = [*found.pop("found"), *found.pop("recorded")]
    assert all(Path(path).is_relative_to(found["prefix"]) for path in inside), inside
    assert Path(found.pop("prefix")) == tmp_path / "new"
    assert found.pop("lab") > 1000
    assert found == {
        "version": gan_lib.__version__, "step": 2, "equal": True, "runs": 10, "script": True
    }  # fmt: skip
