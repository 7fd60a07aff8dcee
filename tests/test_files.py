"""Caches, runs, recorded results, and files that are whole or not there.

Root may write anywhere, so a folder in which nothing can be written is a file here.
"""

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from gan_lib import files

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def places(monkeypatch, tmp_path):
    """The places of the caches, in the order in which they are tried; a test may spoil some."""
    found = {name: tmp_path / name / "cache" for name in ("checkout", "user", "temporary")}
    monkeypatch.setattr(files, "_data_of_checkout", lambda: found["checkout"])
    monkeypatch.setattr(files, "_user_cache", lambda: found["user"])
    monkeypatch.setattr(files, "_temporary_folder", lambda: found["temporary"])
    files._announce.cache_clear()
    return found


def spoil(*folders):
    """Nothing can be written to any of them from now on."""
    for folder in folders:
        folder.parent.write_text("a file, in which nothing can be kept")


def failing(error):
    def fails(*args, **options):
        raise error

    return fails


def python(code, cwd=ROOT, **environment):
    environment = {**os.environ, "PYTHONPATH": str(cwd), **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def test_without_torch():
    done = python("import gan_lib.files, sys; print({'torch', 'numpy'} & set(sys.modules))")
    assert done.stdout == "set()\n", done.stderr


# What a user gives.


@pytest.mark.parametrize(
    "given, expected",
    [
        ("~", ""),
        ("~/runs/gan.safetensors", "runs/gan.safetensors"),
        (Path("~/runs"), "runs"),
    ],
)
def test_a_home_folder_is_found(monkeypatch, tmp_path, given, expected):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files.user_path(given) == tmp_path / expected


@pytest.mark.parametrize("path", ["runs", "/tmp/~/x", "a~", "runs/~", "~nobody-of-this-name/x"])
def test_other_paths_stay_as_they_are(path):
    assert files.user_path(path) == Path(path)


def test_no_folder_is_named_after_a_home_that_is_not_there(monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as Python does it then
    with pytest.raises(FileNotFoundError, match="no home folder: '~/gan.safetensors'"):
        files.user_path("~/gan.safetensors")


# Caches.


def test_cache_of_a_checkout(places, capsys):
    assert files.cache_folder() == places["checkout"]
    assert files.cache_folders() == [places["checkout"]]
    assert list(places["checkout"].iterdir()) == []
    assert not places["user"].exists() and not places["temporary"].exists()
    assert capsys.readouterr().out == ""


def test_cache_beside_a_checkout_that_can_only_be_read(places, capsys):
    spoil(places["checkout"])
    assert files.cache_folder() == places["user"] and places["user"].is_dir()
    assert files.cache_folders() == [places["checkout"], places["user"]]
    assert capsys.readouterr().out == ""


def test_cache_without_a_home_is_temporary_and_that_is_said_once(places, capsys):
    spoil(places["checkout"], places["user"])
    assert files.cache_folders() == list(places.values())
    assert capsys.readouterr().out == ""  # nothing has been put there yet
    assert files.cache_folder() == places["temporary"] and places["temporary"].is_dir()
    said = capsys.readouterr().out
    assert f"goes to {places['temporary']}, and may be lost" in said
    assert files.cache_folder() == places["temporary"] and capsys.readouterr().out == ""


def test_no_cache_at_all_is_no_error(places, capsys):
    spoil(*places.values())
    assert files.cache_folder() == places["temporary"]
    assert capsys.readouterr().out == ""  # whoever fails to write there says so


def test_neither_checkout_nor_home(places):
    places["checkout"] = places["user"] = None
    assert files.cache_folders() == [places["temporary"]]


def test_writing_is_tried_and_not_asked_for(places, monkeypatch):
    """A full disk and a network's own permissions are not seen in the mode of a folder."""
    written = tempfile.TemporaryFile

    def full(dir):
        if dir == places["checkout"]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert files.cache_folder() == places["user"]


def test_users_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    assert files._user_cache() == tmp_path / "gan_lib"


@pytest.mark.parametrize(
    "answer", [failing(RuntimeError("could not determine the home")), lambda name: Path("~/.cache")]
)
def test_users_cache_without_a_home(monkeypatch, answer):
    """As newer and older versions of platformdirs have it."""
    monkeypatch.setattr("platformdirs.user_cache_path", answer)
    assert files._user_cache() is None


def test_temporary_folder_is_the_same_in_each_process():
    done = python("from gan_lib import files; print(files._temporary_folder())")
    assert done.stdout.strip() == str(files._temporary_folder()), done.stderr


def test_temporary_folder_where_there_is_none(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", failing(FileNotFoundError("no usable folder")))
    assert files._temporary_folder().parent == tmp_path


def test_this_checkout():
    assert files.cache_folders()[0] == ROOT / "data"


def test_a_home_that_is_none_from_end_to_end(tmp_path):
    """As in a container with a user of any number, whose gan_lib pip has installed."""
    shutil.copytree(ROOT / "gan_lib", tmp_path / "site" / "gan_lib")
    (tmp_path / "home").touch()
    (tmp_path / "temporary").mkdir()
    code = (
        "from gan_lib import files; print(files.cache_folder()); files.runs_folder('../home/runs')"
    )
    places = {"HOME": tmp_path / "home", "TMPDIR": tmp_path / "temporary"}
    done = python(code, cwd=tmp_path / "site", XDG_CACHE_HOME="", **places)
    (cache,) = (tmp_path / "temporary").glob("gan_lib*")
    assert done.returncode == 0, done.stderr
    note, folder, runs = done.stdout.splitlines()
    assert folder == str(cache) and folder in note
    assert runs.endswith(f"Runs are kept in {cache / 'runs'}.") and (cache / "runs").is_dir()


# Recorded results.


def test_recorded_results_are_in_the_checkout():
    assert files.recorded("table1") == ROOT / "data" / "table1"
    with pytest.raises(FileNotFoundError, match="no recorded results 'table2'"):
        files.recorded("table2")


def test_or_where_pip_has_put_them(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "_data_of_checkout", lambda: None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="table1"):
        files.recorded("table1")
    (tmp_path / "share" / "gan_lib" / "table1").mkdir(parents=True)
    assert files.recorded("table1") == tmp_path / "share" / "gan_lib" / "table1"


def test_or_at_the_users_home_or_where_a_distribution_puts_packages(monkeypatch, tmp_path):
    """As ``pip install --user`` does, and as Debian's Python and Colab's do without being asked."""
    home, local = tmp_path / "home", tmp_path / "local"
    monkeypatch.setattr(files, "_data_of_checkout", lambda: None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(
        files.sysconfig, "get_path", lambda kind, scheme=None: str(home if scheme else local)
    )
    for root in (home, local):  # the second is looked at first
        (root / "share" / "gan_lib" / "table1").mkdir(parents=True)
        assert files.recorded("table1") == root / "share" / "gan_lib" / "table1"


# Runs.


def test_runs_are_kept_beside_the_notebook(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert files.runs_folder() == Path("runs") and Path("runs").is_dir()
    assert list(Path("runs").iterdir()) == [] and capsys.readouterr().out == ""


def test_runs_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files.runs_folder("~/gan/runs") == tmp_path / "gan" / "runs"


@pytest.mark.parametrize("where", ["notes/runs", "notes"])
def test_or_elsewhere_which_is_said(where, places, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("notes").write_text("a file, in which nothing can be kept")
    folder = files.runs_folder(where)
    assert folder == places["checkout"] / "runs" and folder.is_dir()
    said = f"{tmp_path / where} cannot be written to ("
    assert (out := capsys.readouterr().out).startswith(said) and f"kept in {folder}." in out
    files.write_atomically(folder / "gan.safetensors", b"a run")


def test_runs_without_a_home(places, monkeypatch, capsys):
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert files.runs_folder("~/runs") == places["checkout"] / "runs"
    assert "no home folder" in capsys.readouterr().out


def test_runs_that_are_kept_nowhere(places, tmp_path, capsys):
    spoil(*places.values())
    folder = files.runs_folder(tmp_path / "user" / "runs")
    assert "Runs are not kept." in capsys.readouterr().out
    with pytest.raises(OSError):
        files.write_atomically(folder / "gan.safetensors", b"a run")


# Files that are whole or not there.


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gan [1].safetensors"


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_and_replaced(path):
    for contents in (b"first", b"", b"second" * 100_000):
        files.write_atomically(path, contents)
        assert path.read_bytes() == contents
    assert names_in(path.parent) == [path.name]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space"), KeyboardInterrupt()])
def test_what_was_there_stays_until_the_new_is_whole(path, monkeypatch, call, error):
    path.write_bytes(b"before")
    monkeypatch.setattr(os, call, failing(error))
    with pytest.raises(type(error)):
        files.write_atomically(path, b"after")
    assert path.read_bytes() == b"before" and names_in(path.parent) == [path.name]


def test_flushed_to_the_disk_before_it_gets_its_name(path, monkeypatch):
    """What a power cut may leave depends on this order."""
    events, fsync, replace = [], os.fsync, os.replace

    def note_fsync(descriptor):
        events.append(("fsync", os.fstat(descriptor).st_size))
        fsync(descriptor)

    def note_replace(source, target):
        events.append(("replace", os.path.getsize(source)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    files.write_atomically(path, b"12345")
    assert events == [("fsync", 5), ("replace", 5)]


@pytest.fixture
def umask():
    """Set the umask, which the next test finds as it was."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("mask, expected", [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_a_new_file_has_the_permissions_of_any_new_file(path, umask, mask, expected):
    umask(mask)
    files.write_atomically(path, b"a class shares it")
    assert mode(path) == expected
    assert umask(mask) == mask


@pytest.mark.parametrize("before", [0o600, 0o640, 0o664, 0o666, 0o444])
def test_a_replaced_file_keeps_its_permissions(path, umask, before):
    path.write_bytes(b"before")
    path.chmod(before)
    files.write_atomically(path, b"after")
    assert mode(path) == before and path.read_bytes() == b"after"


def test_a_file_system_without_permissions(path, monkeypatch):
    path.write_bytes(b"before")
    monkeypatch.setattr(Path, "chmod", failing(PermissionError(errno.EPERM, "not permitted")))
    files.write_atomically(path, b"after")
    assert path.read_bytes() == b"after"


def leave(path, name, age):
    """What a process that was killed ``age`` seconds ago has left."""
    leftover = path.with_name(f".{name}.partial")
    leftover.write_bytes(b"half a file")
    os.utime(leftover, (time.time() - age,) * 2)
    return leftover


def test_stale_leftovers_are_removed_and_fresh_ones_and_others_stay(path):
    leave(path, f"{path.name}.abc", age=7200)
    fresh = leave(path, f"{path.name}.def", age=10)
    other = leave(path, "gan 1.safetensors.ghi", age=7200)  # [1] is a pattern for 1
    files.write_atomically(path, b"whole")
    assert names_in(path.parent) == sorted([fresh.name, other.name, path.name])


def test_a_leftover_that_another_process_removes_first(path, monkeypatch):
    for name in "abc", "def":
        leave(path, f"{path.name}.{name}", age=7200)
    find, vanished = Path.glob, []

    def glob(folder, pattern):
        for found in find(folder, pattern):
            if not vanished:
                vanished.append(found)
                found.unlink()
            yield found

    monkeypatch.setattr(Path, "glob", glob)
    files.write_atomically(path, b"whole")
    assert vanished and names_in(path.parent) == [path.name]


def test_a_leftover_that_cannot_be_removed(path, monkeypatch):
    leftover = leave(path, f"{path.name}.abc", age=7200)
    monkeypatch.setattr(Path, "unlink", failing(PermissionError(errno.EPERM, "not permitted")))
    files.write_atomically(path, b"whole")
    assert leftover.exists() and path.read_bytes() == b"whole"
