"""The lab in a notebook: one module of JavaScript, and a picture where nothing answers."""

import collections
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gan_lib.lab import EXPERIMENTS, lab, modules
from gan_lib.lab.widget import Lab

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
WITH_A_LAB = ["00_start_here", "06_one_dimensional_gan", "11_mode_collapse", "13_wasserstein_gan"]
TOP_LEVEL = re.compile(r"^(?:async )?(?:const|let|var|function\*?|class) +(\w+)", re.MULTILINE)


def test_what_is_joined_for_jupyter_is_one_module():
    text = modules.joined("widget.js")
    assert not re.search(r"^import ", text, re.MULTILINE)
    (exported,) = re.findall(r"^export .*", text, re.MULTILINE)
    assert exported.startswith("export default {")
    names = collections.Counter(TOP_LEVEL.findall(text))
    assert len(names) > 50 and [name for name, times in names.items() if times > 1] == []
    node = shutil.which("node")
    if node:
        command = [node, "--input-type=module", "--check"]
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)


def test_every_module_says_its_imports_as_they_are_joined():
    for path in modules.WEB.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        found = len(re.findall(r"^import ", text, re.MULTILINE))
        assert found == len(modules.IMPORT.findall(text)), path.name
        if path.name != "widget.js":
            left = re.findall(r"^export .*", modules.EXPORT.sub("", text), re.MULTILINE)
            assert left == [], path.name


def test_a_lab_says_what_it_is_and_brings_a_picture():
    shown = lab(data="moons", k=5)
    assert repr(shown) == "<interactive: the GAN lab, data=moons&k=5&by=torch>"
    data, _ = shown._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and "text/plain" in data
    assert shown.run.settings["k"] == 5
    shown.close()
    for each in EXPERIMENTS:
        assert repr(lab(experiment=each["id"])) == f"<interactive: the GAN lab, {each['id']}>"
    with pytest.raises(ValueError, match="experiment must be one of .*, not 'luck'"):
        lab(experiment="luck")
    with pytest.raises(ValueError, match="k must be"):
        lab(k=0)


@pytest.mark.parametrize("name", WITH_A_LAB)
def test_a_lab_stored_in_a_notebook_has_the_front_end_of_today(name):
    """After a change of the front end these notebooks are to be run and stored again."""
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    (widgets,) = notebook["metadata"]["widgets"].values()
    stored = [model["state"] for model in widgets["state"].values()]
    labs = [state for state in stored if state.get("_anywidget_id") == "gan_lib.lab.widget.Lab"]
    assert labs
    for state in labs:
        assert (state["_esm"], state["_css"]) == (Lab._esm, Lab._css)
