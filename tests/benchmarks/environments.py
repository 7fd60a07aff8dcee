"""Each lesson where nobody expected it: executed whole, its outputs compared by nbval.

All odd things hold at once, so that one pass over the lessons meets them all. Where a lesson fails,
``--without`` leaves some of them out, to find which one it was:

    path        a copy of the repository in a folder with spaces and letters of two scripts
    elsewhere   run from another working folder
    read-only   the copy can only be read (mounted so, where root may; else by its permissions)
    time        TZ=Asia/Kathmandu, five hours and three quarters from Greenwich
    locale      tr_TR.UTF-8 or de_DE.UTF-8 if there is one, else POSIX
    core        one core
    home        a home folder that cannot be written to, with Jupyter's own folders elsewhere
    mnist       none: the embedded digits
    network     none (a network of its own, where root may make one; proxies that answer nothing)
    hash        PYTHONHASHSEED=4711

Where a folder is read-only, lesson 09 says in a line of its own where its runs are kept instead;
that line, and nothing else, may differ from what is stored.

Run as: python tests/benchmarks/campaign.py --parts environments [--lessons 03 17] [--without mnist]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = "path elsewhere read-only time locale core home mnist network hash".split()
A_LINE_MORE = {"09_mnist_gan.ipynb": "Unexpected output fields from running code: {'stdout'}"}
PLACE = "köpfe 生成/a b"
NOWHERE = "http://127.0.0.1:9/"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", "runs", "MNIST", "classifiers")


def lessons(chosen=()):
    """The names of the lessons' notebooks, or of those that begin with one of ``chosen``."""
    names = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    return [name for name in names if not chosen or name.startswith(tuple(chosen))]


def locale():
    """The most foreign locale that this machine has."""
    there = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.lower().split()
    for name in ("tr_TR.utf8", "de_DE.utf8"):
        if name.lower() in there:
            return name
    return "POSIX"


def may(*command):
    """Whether this machine lets us do so."""
    return shutil.which(command[0]) and not subprocess.run([*command, "true"]).returncode


def environment(odd, scratch):
    """The variables of the processes; what Jupyter and others must write goes to ``scratch``."""
    home = scratch / "home"
    home.mkdir(exist_ok=True)
    variables = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch),
    }
    if "time" in odd:
        variables["TZ"] = "Asia/Kathmandu"
    if "locale" in odd:
        variables |= {"LC_ALL": locale(), "LANG": locale()}
    if "home" in odd:
        home.chmod(0o555)
        variables["HOME"] = "/proc/nobody"  # root may write to any folder; here nobody can
        for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR"):
            variables[name] = str(scratch / name)
    if "mnist" in odd:
        variables.pop("GAN_LIB_DATA", None)
        variables |= {"GAN_LIB_MIRROR": NOWHERE, "XDG_CACHE_HOME": str(scratch / "cache")}
    if "network" in odd:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            variables[name] = NOWHERE
    if "hash" in odd:
        variables["PYTHONHASHSEED"] = "4711"
    return variables


def copied(odd, scratch):
    """The repository, where the odd things want it."""
    copy = scratch / (PLACE if "path" in odd else "course")
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    if "read-only" in odd:
        for folder, _, _ in os.walk(copy):
            os.chmod(folder, 0o555)
    return copy


def command(odd, copy, name):
    """How one lesson is run; mounts and networks of its own go with the process."""
    notebook = str(copy / "notebooks" / name)
    options = ["-q", "-p", "no:cacheprovider", "-n0", "--nbval", f"--rootdir={copy}"]
    inner = [sys.executable, "-m", "pytest", *options, f"--confcutdir={copy}", notebook]
    if "core" in odd and shutil.which("taskset"):
        inner = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *inner]
    steps, own = [], []
    if "read-only" in odd and may("unshare", "-m"):
        own.append("-m")
        steps += ['mount --bind "$0" "$0"', 'mount -o remount,ro,bind "$0"']
    if "network" in odd and may("unshare", "-n") and shutil.which("ip"):
        own.append("-n")
        steps += ["ip link set lo up"]  # kernels talk to pytest through it
    if not own:
        return inner
    script = " && ".join([*steps, 'exec "$@"'])
    return ["unshare", *own, "sh", "-c", script, str(copy), *inner]


def passed(name, odd, copy, scratch, tell):
    """Whether a lesson ran, and its outputs were those stored."""
    away = scratch / "elsewhere"
    away.mkdir(exist_ok=True)
    variables = environment(odd, scratch) | {"PYTHONPATH": str(copy)}
    folder = away if "elsewhere" in odd else copy
    options = dict(cwd=folder, env=variables, capture_output=True, text=True)
    done = subprocess.run(command(odd, copy, name), **options)
    told = "read-only" in odd and A_LINE_MORE.get(name, "nothing") in done.stdout
    good = not done.returncode or (told and "\n1 failed" in done.stdout)
    if not good:
        tell("\n".join((done.stdout + done.stderr).splitlines()[-40:]))
    return good


def run(chosen=(), without=(), tell=print):
    """(lessons run, names of those that failed), all odd things at once but those left out."""
    odd = [name for name in NAMES if name not in without]
    failed, names = [], lessons(chosen)
    scratch = Path(tempfile.mkdtemp(prefix="odd-"))
    try:
        copy = copied(odd, scratch)
        for name in names:
            good = passed(name, odd, copy, scratch, tell)
            tell(f"  {name}: {'as stored' if good else 'FAILED'}")
            failed += [] if good else [name]
    finally:
        for folder, _, _ in os.walk(scratch):
            os.chmod(folder, 0o755)
        shutil.rmtree(scratch)
    return len(names), failed
