"""MNIST's four files: how they are found, verified, and fetched.

They are looked for in the folder that the environment variable ``GAN_LIB_DATA`` names (only read);
where it is not set, in the cache; and then they are downloaded into the cache. ``GAN_LIB_MIRROR``
names another server to download from; set to nothing, it forbids downloads.
"""

import gzip
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
import zlib
from http.client import HTTPException
from pathlib import Path
from types import ModuleType

from . import files

SPLITS = {"train": "train", "test": "t10k"}  # what the names of their files begin with
MD5 = {  # of the uncompressed files
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
PLACES = ("MNIST/raw", "", "raw", "MNIST")  # in a folder; downloads go to the first
GZIP = b"\x1f\x8b"  # what a compressed file begins with, whatever its name is
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
DOWNLOAD_SECONDS = 120  # for all four files together
ANSWER_SECONDS = 5  # for a server's next sign of life


class DataUnavailable(OSError):
    """MNIST is not in the cache, and could not be downloaded."""


class DamagedFile(ValueError):
    """A file of MNIST is truncated, corrupted, unreadable, or something else."""


def read(split: str) -> tuple[bytes, bytes]:
    """The images' and the labels' file of "train" or "test", unpacked, headers included.

    They come from the first place that holds all four files whole, so the two splits never come
    from two data sets. Where there is none, DataUnavailable says what was tried.

    A ``GAN_LIB_DATA`` that names no folder with all four files is a ValueError; a file in it whose
    contents are not MNIST's is a DamagedFile. (One in the cache is announced and fetched anew.)
    """
    if split not in list(SPLITS):
        raise ValueError(f"split must be one of {list(SPLITS)}, not {split!r}")
    given = os.environ.get("GAN_LIB_DATA")
    contents = _from_given_folder(given, split) if given else _from_cache(split)
    images, labels = f"{SPLITS[split]}-images-idx3-ubyte", f"{SPLITS[split]}-labels-idx1-ubyte"
    return contents[images], contents[labels]


def download() -> Path:
    """Fetch MNIST into the cache with torchvision, which checks md5 sums and follows redirects.

    torchvision has no time limit, so it runs in a process and a folder of its own. A file gets its
    final name only when it is whole, even if two notebooks download at once. A failure is a
    DataUnavailable that says what each mirror answered.
    """
    mirrors = _mirrors_that_answer()
    folder = files.cache_folder()
    print(f"Downloading MNIST (11 MB) from {mirrors[0]} to {folder} ...")
    try:
        _download_from(mirrors, folder)
    except subprocess.TimeoutExpired:
        late = f"did not deliver within {DOWNLOAD_SECONDS} seconds"
        raise DataUnavailable(f"{' and '.join(mirrors)} {late}") from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or str(error)).splitlines()[-1]
        raise DataUnavailable(f"no download: {reason}") from None
    except OSError as error:
        raise DataUnavailable(f"cannot write to {folder}: {error.strerror}") from None
    return folder


def _from_given_folder(given: str, split: str) -> dict[str, bytes]:
    remedy = "correct this environment variable, or unset it"
    try:
        folder = files.user_path(given)
        held = _listed(folder)
    except OSError as error:
        wrong = f"not a folder that can be read ({error.strerror})"
        raise ValueError(f"GAN_LIB_DATA is {given!r}, which is {wrong}: {remedy}") from None
    contents, damage = _search(folder, split)
    if damage:
        raise DamagedFile("; ".join(map(str, damage)))
    if missing := _missing(contents):
        wrong = f"a folder without {missing} (unpacked or .gz, right there or in {PLACES[0]})"
        raise ValueError(f"GAN_LIB_DATA is {given!r}, which is {wrong}. It holds {held}: {remedy}")
    return contents


def _from_cache(split: str) -> dict[str, bytes]:
    tried = []
    for folder in files.cache_folders():
        contents, damage = _search(folder, split)
        if not _missing(contents):
            return contents
        for error in damage:
            print(f"{error}. It is fetched anew.")
        if contents:
            tried.append(f"{folder} lacks {_missing(contents)}")
    try:
        contents, _ = _search(download(), split)
    except DataUnavailable as error:
        raise DataUnavailable("; ".join([*tried, str(error)])) from None
    if _missing(contents):
        raise DataUnavailable(f"no download: it did not bring {_missing(contents)}")
    return contents


def _listed(folder: Path) -> str:
    """What a folder holds, in words."""
    with os.scandir(folder) as entries:
        names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries)
    more = [f"{len(names) - 8} more"] if len(names) > 8 else []
    return ", ".join(names[:8] + more) or "nothing"


def _missing(contents: dict[str, bytes]) -> str:
    return ", ".join(name for name in MD5 if name not in contents)


def _search(folder: Path, split: str) -> tuple[dict[str, bytes], list[DamagedFile]]:
    """The contents of the files that a folder holds whole, and what is wrong with the others.

    The contents of the other split may be b"", if it has been verified before.
    """
    contents, damage = {}, []
    for name in MD5:
        failures = []
        for path in _paths(folder, name):
            try:
                contents[name] = _verified(path, name, name.startswith(SPLITS[split]))
                break
            except DamagedFile as error:
                failures.append(error)
        else:
            damage += failures
    return contents, damage


def _paths(folder: Path, name: str) -> list[Path]:
    """Where a folder may hold a file, also as Kaggle has it: in a folder of the same name."""
    entries = [entry for place in PLACES for entry in _called(name, folder / place)]
    entries += [nested for entry in entries for nested in _called(name, entry)]
    return [path for path in entries if os.path.isfile(path)]


def _called(name: str, folder: Path) -> list[Path]:
    """The entries of a folder with one of the file's usual names: name, name.gz, with . for -."""
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return []
    plain = [entry.lower().removesuffix(".gz").replace(".", "-") for entry in entries]
    return [folder / entry for entry, usual in zip(entries, plain) if usual == name]


_whole = set()  # files that have been verified: path, size and time of their last change


def _verified(path: Path, name: str, needed: bool) -> bytes:
    """The unpacked contents; b"" without reading, if not needed and verified before."""
    try:
        status = path.stat()
        stamp = (path, status.st_size, status.st_mtime_ns)
        if stamp in _whole and not needed:
            return b""
        contents = path.read_bytes()
    except OSError as error:
        raise DamagedFile(f"{path} cannot be read ({error.strerror})") from None
    try:
        contents = gzip.decompress(contents) if contents.startswith(GZIP) else contents
    except (EOFError, OSError, zlib.error) as error:
        raise DamagedFile(f"{path} is damaged ({error})") from None
    found = hashlib.md5(contents, usedforsecurity=False).hexdigest()
    if found != MD5[name]:
        wrong = f"md5 {found} of its {len(contents)} bytes, expected {MD5[name]}"
        raise DamagedFile(f"{path} is damaged: {wrong}")
    _whole.add(stamp)
    return contents


def _mirrors_that_answer() -> list[str]:
    """Those that have the first file: a quick question, before torchvision is imported."""
    chosen = os.environ.get("GAN_LIB_MIRROR")
    if chosen == "":
        raise DataUnavailable("no download: GAN_LIB_MIRROR is empty, which forbids it")
    answering, refusals = [], []
    for mirror in [chosen.rstrip("/") + "/"] if chosen else MIRRORS:
        try:
            first = f"{mirror}train-images-idx3-ubyte.gz"
            question = urllib.request.Request(first, method="HEAD")
            urllib.request.urlopen(question, timeout=ANSWER_SECONDS).close()
            answering.append(mirror)
        except (OSError, ValueError, HTTPException) as error:
            refusals.append(f"{mirror} answered {error}")
    if not answering:
        raise DataUnavailable("no download: " + "; ".join(refusals))
    return answering


def _download_from(mirrors: list[str], folder: Path) -> None:
    script = "import sys; from gan_lib.mnist_files import _fetch; _fetch(*sys.argv[1:])"
    here = Path(__file__).parent.parent  # where the new process finds gan_lib
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
        command = [sys.executable, "-c", script, str(Path(temporary).resolve()), *mirrors]
        options = dict(capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, cwd=here)
        subprocess.run(command, check=True, **options)
        (folder / PLACES[0]).mkdir(parents=True, exist_ok=True)
        for file in Path(temporary, PLACES[0]).glob("*.gz"):
            os.replace(file, folder / PLACES[0] / file.name)


def _fetch(folder: str, *mirrors: str) -> None:
    """What ``download`` runs in a process of its own."""
    socket.setdefaulttimeout(ANSWER_SECONDS)
    dataset = import_torchvision().datasets.MNIST
    failures = []
    for mirror in mirrors:
        dataset.mirrors = [mirror]
        try:
            dataset(folder, download=True)
            return
        except (OSError, RuntimeError, HTTPException) as error:
            failures.append(" ".join(str(error).split()) or repr(error))
    sys.exit("; ".join(failures))


_torchvision_operators = None  # a declaration lasts as long as this reference


def import_torchvision() -> ModuleType:
    """torchvision, even beside a torch for which its compiled operators were not built.

    Its usual wheel is built for CUDA; with a CPU-only torch the import fails on two operators
    that nothing here uses. Declaring them is enough.
    """
    global _torchvision_operators
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        import torch

        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]  # what the failed import has left
        _torchvision_operators = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            arguments = "Tensor dets, Tensor scores, float iou_threshold"
            _torchvision_operators.define(f"{name}({arguments}) -> Tensor")
        import torchvision
    return torchvision
