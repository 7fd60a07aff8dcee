"""A Linux machine to set a hub up on, without a trace on this one: its users, its /opt and its
installed programs are seen by this process and its children only, and go when they end.

The commands are those of the page for instructors, as written there.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "notebooks" / "homework" / "jupyterhub" / "README.md"
INSIDE = "GAN_HUB_INSIDE"
OWN = ["etc", "home", "opt", "srv", "usr"]  # what the machine has for itself
NEEDED = ["unshare", "useradd", "runuser", "chpasswd", "git", "npm"]
COURSE = "/srv/course.git"  # where the course is cloned from
ADDRESS = "http://127.0.0.1:8000"
NAMES = ["teacher", "ada", "ben", "cleo"]
CLEAN = {  # what root finds after logging in
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}


def enter():
    """Begin again as another machine, whose processes all end with this one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        sys.exit("a hub with users of its own needs Linux and root")
    missing = [name for name in NEEDED if shutil.which(name, path=CLEAN["PATH"]) is None]
    if missing:
        sys.exit(f"a hub needs {', '.join(missing)}")
    namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    again = [sys.executable, *sys.argv]
    os.execvpe("unshare", ["unshare", *namespaces, *again], os.environ | {INSIDE: "yes"})


def have_own_folders(state):
    """Lay folders in ``state`` over the system's: what is written there from now on lands in
    them."""
    for name in OWN:
        upper, work = state / name, state / f".{name}"
        for folder in (upper, work):
            folder.mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir=/{name},upperdir={upper},workdir={work}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, f"/{name}"], check=True)


def commands(heading):
    """The commands below a heading of the page, for a clone of this repository."""
    below = re.split(rf"^#+ {heading}$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    block = re.search(r"^```sh\n(.*?)^```", below, re.MULTILINE | re.DOTALL)
    return block[1].replace("ADDRESS", COURSE)


def quoted(beginning):
    """The commands in the paragraph of the page that begins so."""
    paragraph = PAGE.read_text(encoding="utf-8").split(f"\n{beginning}")[1].split("\n\n")[0]
    return [" ".join(found.split()) for found in re.findall(r"`([^`]+)`", paragraph)]


def shell(script, user=None, check=True):
    """Run commands as root, or as somebody who logs in; returns (exit status, what was said)."""
    command = ["bash", "-e", "-c", script]
    if user:
        command = ["runuser", "--login", user, "--command", f"set -e\n{script}"]
    done = subprocess.run(
        command, cwd="/", env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if check and done.returncode:
        raise RuntimeError(f"{script}\nended with {done.returncode}:\n{done.stdout}")
    return done.returncode, done.stdout


def set_up():
    """Install, configure and open accounts, unless that was done before."""
    if not Path("/opt/gan").exists():
        shell(f"git clone --quiet --bare {ROOT} {COURSE}")
        shell("git config --system safe.directory '*'")  # it is root's, and the teacher clones it
        shell(commands("Install"))
    if not Path("/home/teacher").exists():
        shell(commands("Configure"))
        passwords = "".join(f"{name}:{password(name)}\n" for name in NAMES)
        Path("/srv/passwords.txt").write_text(passwords, encoding="utf-8")
        shell("cd /srv\n" + commands("Accounts"))


def password(name):
    return f"{name}-has-a-password"


def answers():
    with contextlib.suppress(OSError):
        return urllib.request.urlopen(f"{ADDRESS}/hub/health", timeout=5).status == 200
    return False


@contextlib.contextmanager
def hub(log):
    """The hub, started as the page says. One option more lets a test look into JupyterLab."""
    if answers():
        sys.exit(f"another hub is at {ADDRESS}")
    look = """ --Spawner.args='["--LabApp.expose_app_in_browser=True"]'"""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-e", "-c", commands("Start").rstrip() + look],
            env=CLEAN,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 120
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.3)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
