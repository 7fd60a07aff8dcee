"""The configuration files for a JupyterHub: all that they set exists, and the page installs them.

Whether a class can work on such a hub is tried by ``python tests/homework/hub``, in ten minutes.
"""

import re
from pathlib import Path

import masters
import pytest
from traitlets.config import PyFileConfigLoader

FOLDER = masters.HOMEWORK / "jupyterhub"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "README.md")


def settings(name, monkeypatch, home):
    """What a file sets, as its program would read it in somebody's home."""
    monkeypatch.setattr(Path, "home", lambda: home)
    return PyFileConfigLoader(name, path=str(FOLDER)).load_config()


def unknown(config, classes):
    """The settings that none of these classes has, as ["Class.setting"]."""
    known = {kind.__name__: kind.class_traits(config=True) for kind in classes}
    return [
        f"{section}.{name}"
        for section, values in config.items()
        for name in values
        if name not in known.get(section, {})
    ]


def test_nbgrader_knows_what_is_set_for_everybody(monkeypatch, tmp_path):
    pytest.importorskip("nbgrader")
    from jupyter_client import KernelManager
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import Exchange

    config = settings("nbgrader_config.py", monkeypatch, tmp_path)
    assert unknown(config, [CourseDirectory, Exchange, KernelManager]) == []
    assert config.KernelManager.transport == "ipc"
    server = settings("jupyter_server_config.py", monkeypatch, tmp_path)
    assert server == {"KernelManager": {"transport": "ipc"}}


def test_the_teacher_grades_as_the_course_does(monkeypatch, tmp_path):
    pytest.importorskip("nbgrader")
    (tmp_path / "course").symlink_to(masters.HOMEWORK.parents[1], target_is_directory=True)
    config = settings("teacher_nbgrader_config.py", monkeypatch, tmp_path)
    everybody = settings("nbgrader_config.py", monkeypatch, tmp_path)
    assert config.CourseDirectory.course_id == everybody.CourseDirectory.course_id
    assert config.CourseDirectory.root == str(masters.HOMEWORK / "class")


def test_jupyterhub_knows_what_is_set(monkeypatch, tmp_path):
    pytest.importorskip("jupyterhub.app")  # (a folder here is called jupyterhub, too)
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import PAMAuthenticator
    from jupyterhub.spawner import Spawner

    config = settings("jupyterhub_config.py", monkeypatch, tmp_path)
    assert unknown(config, [JupyterHub, PAMAuthenticator, Spawner]) == []


@pytest.mark.parametrize("name", FILES)
def test_the_page_says_what_each_file_is_for(name):
    assert name in PAGE


def test_the_page_names_the_versions_that_are_pinned():
    pins = (FOLDER / "requirements.txt").read_text(encoding="utf-8")
    for path in ("requirements.txt", "requirements-instructor.txt"):
        pins += (masters.HOMEWORK.parents[1] / path).read_text(encoding="utf-8")
    for program, package in {"JupyterHub": "jupyterhub", "JupyterLab": "jupyterlab"}.items():
        (pinned,) = re.findall(rf"^{package}==(.+)$", pins, re.MULTILINE)
        assert f"{program} {pinned}" in PAGE
    (pinned,) = re.findall(r"^nbgrader==(.+)$", pins, re.MULTILINE)
    assert f"nbgrader {pinned}" in PAGE
    (proxy,) = re.findall(r"configurable-http-proxy@([\d.]+)", PAGE)
    assert f"configurable-http-proxy {proxy}" in PAGE
