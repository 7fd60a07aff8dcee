"""Running the lab's JavaScript outside a browser."""

import functools
import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OLDEST = (20, 19)  # takes a .js file for a module without being told


@functools.cache
def missing():
    """Why Node cannot run these tests, or None."""
    node = shutil.which("node")
    if node is None:
        return "node not installed: with Node 20.19 or later the lab's JavaScript is tested, too"
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    if tuple(map(int, version.lstrip("v").split(".")[:2])) < OLDEST:
        return f"node is {version}; the lab's JavaScript is tested with 20.19 or later"
    return None


def skip_without_node():
    """Skip the test, and say why, where Node is missing or too old."""
    if reason := missing():
        pytest.skip(reason)


def run_node(script, given=None):
    """What ``script`` in this folder prints, as JSON, when given this; skips without Node."""
    skip_without_node()
    done = subprocess.run(
        ["node", HERE / script], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
