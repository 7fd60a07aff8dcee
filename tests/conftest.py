"""What tests of several folders share."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ["sphinx", "myst_nb", "sphinx_book_theme", "jupyter_server_mathjax"]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, built without a network as that of github.com/somebody/course."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(
            f"{', '.join(missing)} not installed: "
            "pip install -r requirements-docs.txt, and this is tested, too"
        )
    out = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        "-d",
        out / "doctrees",
    ]
    nowhere = {
        name: "http://127.0.0.1:9/"
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    }
    env = {**os.environ, **nowhere, "COURSE_REPOSITORY": "https://github.com/somebody/course"}
    made = subprocess.run(
        [*command, ROOT / "docs", out / "html"], capture_output=True, text=True, env=env
    )
    assert made.returncode == 0, made.stderr
    return out / "html"


@pytest.fixture(scope="module")
def one_thread():
    """Small nets are slower on several threads, much slower beside a process that is busy."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
