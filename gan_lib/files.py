"""Where downloads, runs and recorded results are kept; how to write a file whole or not at all."""

import contextlib
import errno
import functools
import glob
import os
import stat
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

STALE_SECONDS = 3600


def user_path(path: str | os.PathLike[str]) -> Path:
    """A path as a user gives it, with a leading ``~`` replaced by the home folder.

    Where there is no home folder, that is a FileNotFoundError.
    """
    check_path("path", path)
    expanded = Path(os.path.expanduser(path))
    if expanded.parts[:1] == ("~",):
        raise FileNotFoundError(errno.ENOENT, "there is no home folder", str(path))
    return expanded


def cache_folder() -> Path:
    """Where downloads are kept: the first of the caches that can be written to.

    These are ``data/`` of the checkout, the user's cache folder, and a temporary folder, which is
    announced. Where none can be written to, this is the last, and writing to it fails.
    """
    folder = cache_folders()[-1]
    if folder == _temporary_folder() and _is_writable(folder):
        _announce(folder)
    return folder


def cache_folders() -> list[Path]:
    """Where downloads may already lie: ``cache_folder()``, after those that can only be read."""
    folders = []
    for find in (_data_of_checkout, _user_cache, _temporary_folder):
        if folder := find():
            folders.append(folder)
            if _is_writable(folder):
                break
    return folders


def recorded(name: str) -> Path:
    """The folder of results that belong to the course, such as "table1"; or FileNotFoundError.

    It lies in ``data/`` of the checkout, or where pip has put it.
    """
    check_path("name", name)
    checkout = _data_of_checkout()
    places = [place / name for place in ([checkout] if checkout else _installed())]
    for folder in places:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"there are no recorded results {name!r}: no folder {places[0]}")


def _installed():
    """Where pip may have put what comes with gan_lib: in an environment, where a distribution has
    its own place for packages, as on Colab, or at the user's home."""
    user = sysconfig.get_path("data", sysconfig.get_preferred_scheme("user"))
    roots = dict.fromkeys([sys.prefix, sysconfig.get_path("data"), user])
    return [Path(root) / "share" / "gan_lib" for root in roots]


def runs_folder(name: str | os.PathLike[str] = "runs") -> Path:
    """Where a notebook keeps its runs: the folder ``name`` beside it, made if need be.

    Where nothing can be written there (a read-only checkout, a full disk), it is a folder in the
    cache, and that is printed.
    """
    check_path("name", name)
    try:
        folder = user_path(name)
        _try_to_write(folder)
        return folder
    except OSError as error:
        wanted, reason = Path(os.path.expanduser(name)).absolute(), error.strerror
    elsewhere = cache_folder() / "runs"
    kept = f"kept in {elsewhere}" if _is_writable(elsewhere) else "not kept"
    print(f"{wanted} cannot be written to ({reason}). Runs are {kept}.")
    return elsewhere


def write_atomically(path: Path, contents: bytes) -> None:
    """Write bytes to another name, flush them to the disk, then rename: never half a file.

    The file gets the permissions of the one that it replaces, or those of any new file.
    """
    check_path("path", path)
    if not isinstance(contents, bytes):
        raise ValueError(f"contents must be bytes, not {type(contents).__name__}")
    path = Path(path)
    if not path.name:
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    _remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.partial")
    try:
        with open(temporary, "xb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):  # nothing is replaced, or nothing has permissions here
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_path(name: str, path: object) -> None:
    """Raise ValueError for what is no path, where Python speaks of a null byte or of an object."""
    if not isinstance(path, (str, os.PathLike)) or "\0" in str(path):
        raise ValueError(f"{name} must be a path, a text or a Path, not {path!r}")


def _data_of_checkout() -> Path | None:
    root = Path(__file__).resolve().parent.parent
    return root / "data" if (root / "pyproject.toml").is_file() else None


def _user_cache() -> Path | None:
    from platformdirs import user_cache_path

    try:
        folder = user_cache_path("gan_lib")
    except RuntimeError:  # there is no home folder; older versions return "~/.cache" as it is
        return None
    return folder if folder.is_absolute() else None


def _temporary_folder() -> Path:
    """One for each user, and the same in each process."""
    try:
        root = Path(tempfile.gettempdir())
    except FileNotFoundError:  # none can be written to
        root = Path.cwd()
    return root / (f"gan_lib-{os.getuid()}" if hasattr(os, "getuid") else "gan_lib")


@functools.cache  # once in each process
def _announce(folder: Path) -> None:
    print(
        "Neither the course's folder nor your cache folder can be written to. What is downloaded "
        f"or trained goes to {folder}, and may be lost at the next restart."
    )


def _try_to_write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()


def _is_writable(folder: Path) -> bool:
    try:
        _try_to_write(folder)
    except OSError:
        return False
    return True


def _remove_leftovers(path: Path) -> None:
    """Of processes that were killed while they wrote; another process may be removing them, too."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.partial"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > STALE_SECONDS:
                leftover.unlink()
