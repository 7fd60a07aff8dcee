"""What a disk may refuse, and what two processes do to one file: each case counts what went wrong.

A checkpoint that was there before must be untouched, and the message must name the path. Cases that
need it run in a process of their own: as nobody, under a limit, or on a small file system in memory
where root may mount one (elsewhere the limit on a file's size stands for a full disk).

Run as: python tests/benchmarks/campaign.py --parts disk
"""

import contextlib
import functools
import http.server
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from damage import nets, run

from gan_lib import files
from gan_lib.checkpoint import load, save

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = 65534
SAVES = 100


def refused(path, state):
    """Why a save was not refused as it must be; "" where it was."""
    before = path.read_bytes() if path.exists() else None
    try:
        save(path, state)
    except OSError as error:
        after = path.read_bytes() if path.exists() else None
        left = [file.name for file in path.parent.glob(".*.partial")] if before else []
        if str(path) not in str(error):
            return f"the message does not name the path: {error}"
        return "the checkpoint before was touched" if after != before or left else ""
    return "it was not refused"


def full_disk(folder):
    disk = Path(folder, "disk")
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]
    if subprocess.run(command, capture_output=True).returncode:
        return None  # nobody but root may
    try:
        path = disk / "gan.safetensors"
        save(path, run())
        with contextlib.suppress(OSError), open(disk / "rest", "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        return [refused(path, run(steps=9)) for _ in range(20)]
    finally:
        subprocess.run(["umount", disk], check=True)


def file_too_large(folder):
    path = Path(folder, "gan.safetensors")
    save(path, run())
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    return [refused(path, run(steps=9)) for _ in range(20)]


def read_only_folder(folder):
    path = Path(folder, "shut", "gan.safetensors")
    save(path, run())
    path.parent.chmod(0o555)
    become_nobody()
    return [refused(path, run(steps=9)), refused(path.parent / "new" / "a.safetensors", run())]


def read_only_file(folder):
    """Whoever may write to the folder may replace it; it stays read-only."""
    path, state = Path(folder, "gan.safetensors"), run(steps=9)
    save(path, run())
    path.chmod(0o444)
    save(path, state)
    kept = path.stat().st_mode & 0o777 == 0o444
    return ["" if kept and step_of(path) == 9 else "it was not replaced as it was"]


def no_home(folder):
    """Neither a home nor a checkout that can be written to: all goes on, in a temporary folder."""
    os.environ.pop("HOME", None)
    become_nobody()
    files._data_of_checkout = lambda: Path(folder, "shut")
    Path.chmod(Path(folder), 0o555) if os.getuid() == 0 else None
    failures = []
    for use in (files.cache_folder, functools.partial(files.runs_folder, Path(folder, "runs"))):
        with contextlib.redirect_stdout(None):
            folder_found = use()
        writable = os.access(folder_found if folder_found.exists() else "/tmp", os.W_OK)
        failures.append("" if writable else f"{folder_found} cannot be written to")
    try:
        files.user_path("~/runs")
    except OSError as error:
        failures.append("" if "~/runs" in str(error) else f"the path is not named: {error}")
    return failures


def unwritable_home(folder):
    home = Path(folder, "home")
    home.mkdir(mode=0o555)
    os.environ["HOME"] = str(home)
    become_nobody()
    return [refused(Path("~/gan.safetensors").expanduser(), run())]


def folder_vanishes(folder):
    """Between two saves it is made anew; in the middle of a save the error names the path."""
    path = Path(folder, "runs", "gan.safetensors")
    save(path, run())
    shutil.rmtree(path.parent)
    save(path, run())
    failures = ["" if step_of(path) == 12 else "not saved anew"]
    replace = os.replace

    def vanish(source, target):
        shutil.rmtree(path.parent)
        replace(source, target)

    os.replace = vanish
    try:
        save(path, run())
        failures.append("it was not refused")
    except OSError as error:
        failures.append("" if str(path) in str(error) else f"the path is not named: {error}")
    finally:
        os.replace = replace
    return failures


def two_save_at_once(folder):
    """Two processes save to one path, and it is read all the while."""
    path = Path(folder, "gan.safetensors")
    save(path, run())
    savers = [started("saver", folder) for _ in range(2)]
    failures = []
    while any(saver.poll() is None for saver in savers):
        try:
            failures.append("" if step_of(path) in (3, 12) else "another run was read")
        except (OSError, ValueError) as error:
            failures.append(f"not readable: {error}")
    failures += ["" if saver.wait() == 0 else "a save failed" for saver in savers]
    left = list(path.parent.glob(".*.partial"))
    return [*failures, f"left behind: {left}" if left else ""]


def saver(folder):
    states = run(steps=3), run()
    for i in range(SAVES):
        save(Path(folder, "gan.safetensors"), states[i % 2])
    return []


def two_cache_at_once(folder):
    """Two processes train and keep the same classifier."""
    processes = [started("classifier", folder) for _ in range(2)]
    failures = ["" if process.wait() == 0 else "a process failed" for process in processes]
    kept = list(Path(folder, "classifiers").iterdir())
    return [*failures, "" if len(kept) == 1 else f"{len(kept)} files were kept"]


def classifier(folder):
    from gan_lib import data, evaluation  # here alone: no other case waits for scikit-learn

    images, labels = data.embedded_digits("test")
    folder = Path(folder, "classifiers")
    torch.manual_seed(0)
    net = evaluation.digit_classifier(images, labels, steps=3, folder=folder)
    again = evaluation.digit_classifier(images, labels, steps=3, folder=folder)
    same = all(map(torch.equal, net.state_dict().values(), again.state_dict().values()))
    return ["" if same else "the classifier read is another one"]


def two_download_at_once(folder):
    """Two processes fetch MNIST from one server into one cache."""
    given = os.environ.get("GAN_LIB_DATA")
    if not given:
        return None
    handler = functools.partial(Quiet, directory=given)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shutil.copytree(ROOT / "gan_lib", Path(folder, "gan_lib"))  # no checkout: the cache is another
    environment = os.environ | {
        "GAN_LIB_DATA": "",
        "GAN_LIB_MIRROR": f"http://127.0.0.1:{server.server_port}/",
        "XDG_CACHE_HOME": str(Path(folder, "cache")),
        "PYTHONPATH": str(folder),
    }
    code = "from gan_lib import data; images, _ = data.mnist('test'); assert len(images) == 10_000"
    command = [sys.executable, "-c", code]
    options = dict(cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    processes = [subprocess.Popen(command, **options) for _ in range(2)]
    failures = ["" if process.wait() == 0 else "a process failed" for process in processes]
    server.shutdown()
    left = [file for file in Path(folder, "cache").rglob(".download-*")]
    return [*failures, f"left behind: {left}" if left else ""]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def step_of(path):
    return load(path, *nets(), device="cpu").step


def become_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


CASES = {
    "full disk": full_disk,
    "file too large": file_too_large,
    "read-only folder": read_only_folder,
    "read-only file": read_only_file,
    "no home": no_home,
    "unwritable home": unwritable_home,
    "folder vanishes": folder_vanishes,
    "two save at once": two_save_at_once,
    "two cache at once": two_cache_at_once,
    "two download at once": two_download_at_once,
}


def started(name, folder):
    command = [sys.executable, __file__, name, str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def tried(case):
    """How often a case was tried, and what went wrong; (0, ...) where it cannot be tried here."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        process = started(CASES[case].__name__, folder)
        said = process.communicate()[0].splitlines()
        if process.returncode or not said:
            return 1, ["it ended with an error of its own"]
        count = int(said[0].split()[-1])
        return count, said[1:]


if __name__ == "__main__":  # one case, in a process of its own
    found = globals()[sys.argv[1]](Path(sys.argv[2]))
    if sys.argv[1] not in ("saver",):
        wrong = [text.splitlines()[0] for text in found or () if text]
        print("tried", len(found or ()), *[f"\n{text}" for text in wrong], sep=" ")
        sys.stdout.flush()
