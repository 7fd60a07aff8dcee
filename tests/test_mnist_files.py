"""MNIST in folders, in caches and on servers: a tiny one, all of them made here."""

import errno
import gzip
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lib import data, files, mnist_files

ROOT = Path(__file__).resolve().parent.parent
TRAIN_IMAGES = "train-images-idx3-ubyte"
NAMES = [
    TRAIN_IMAGES,
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]


def real_mnist():
    """The folder with the real four .gz files that the environment or the cache offers, or None."""
    roots = [Path(root) for root in (os.environ.get("GAN_LIB_DATA"), files.cache_folder()) if root]
    places = [place for root in roots for place in (root, root / "MNIST/raw")]
    return next(
        (place for place in places if all((place / f"{name}.gz").is_file() for name in NAMES)), None
    )


REAL = real_mnist()
needs_mnist = pytest.mark.skipif(
    REAL is None, reason="neither GAN_LIB_DATA nor the cache has the four .gz files of MNIST"
)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache; nothing that the environment offers, and no network."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(files, "cache_folders", lambda: [folder])
    monkeypatch.delenv("GAN_LIB_DATA", raising=False)
    monkeypatch.setenv("GAN_LIB_MIRROR", "")
    monkeypatch.setenv("no_proxy", "*")
    return folder


# A tiny MNIST in folders


def tiny_split(n, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), rng.integers(0, 10, n, dtype=np.uint8)


TINY = {"train": tiny_split(5, 0), "test": tiny_split(3, 1)}
FILES = {}  # the same in MNIST's format: the name of a file, its contents
for (_images, _labels), _names in zip(TINY.values(), (NAMES[:2], NAMES[2:])):
    FILES[_names[0]] = struct.pack(">4I", 2051, len(_images), 28, 28) + _images.tobytes()
    FILES[_names[1]] = struct.pack(">2I", 2049, len(_labels)) + _labels.tobytes()

LAYOUTS = {
    "gz": ("", ".gz"),
    "plain": ("", ""),
    "torchvision": ("MNIST/raw", ""),
    "torchvision gz": ("MNIST/raw", ".gz"),
}
OTHER_LAYOUTS = {  # what becomes of a name
    "Kaggle": lambda name: name.replace("-idx", ".idx"),
    "Kaggle gz": lambda name: name.replace("-idx", ".idx") + ".gz",
    "Kaggle, each file in a folder": lambda name: f"{name}/{name}",
    "Kaggle, each file in a folder, with a dot": lambda name: "{0}/{0}".format(
        name.replace("-idx", ".idx")
    ),
    "Kaggle, a dot in the folder": lambda name: f"{name.replace('-idx', '.idx')}/{name}",
    "Kaggle gz in a folder": lambda name: f"{name}/{name.replace('-idx', '.idx')}.gz",
    "the folder MNIST": lambda name: f"raw/{name}",
    "the folder MNIST, gz": lambda name: f"raw/{name}.gz",
    "without raw": lambda name: f"MNIST/{name}",
    "capitals": lambda name: f"{name.upper()}.GZ",
}


@pytest.fixture
def tiny(monkeypatch):
    """The library takes the tiny files for MNIST."""
    sums = {
        name: hashlib.md5(contents, usedforsecurity=False).hexdigest()
        for name, contents in FILES.items()
    }
    monkeypatch.setattr(mnist_files, "MD5", sums)


@pytest.fixture
def given(monkeypatch, tmp_path):
    """An empty folder that GAN_LIB_DATA names."""
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv("GAN_LIB_DATA", str(folder))
    return folder


def store(folder, subfolder="", suffix=".gz", names=NAMES):
    (folder / subfolder).mkdir(parents=True, exist_ok=True)
    for name in names:
        contents = gzip.compress(FILES[name]) if suffix else FILES[name]
        (folder / subfolder / f"{name}{suffix}").write_bytes(contents)


def put(folder, layout):
    for name, contents in FILES.items():
        path = folder / layout(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(contents) if path.suffix.lower() == ".gz" else contents)


def snapshot(folder):
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_size)
        for path in [folder, *folder.rglob("*")]
    }


def failing(error):
    def fails(*args, **options):
        raise error

    return fails


def assert_tiny(loaded, split):
    (images, labels), (expected_images, expected_labels) = loaded, TINY[split]
    assert images.dtype == torch.uint8 and labels.dtype == torch.int64
    assert np.array_equal(images.numpy(), expected_images)
    assert labels.tolist() == expected_labels.tolist()


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_given_folder(tiny, given, cache, layout, split):
    store(given, *layout)
    before = snapshot(given)
    assert_tiny(data.mnist(split), split)
    assert snapshot(given) == before
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("layout", OTHER_LAYOUTS.values(), ids=OTHER_LAYOUTS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_given_folder_as_others_lay_it_out(tiny, given, cache, layout, split):
    put(given, layout)
    before = snapshot(given)
    assert_tiny(data.mnist(split), split)
    assert snapshot(given) == before and list(cache.iterdir()) == []


def test_kaggles_archive_as_it_is(tiny, given):
    """It holds each file twice."""
    put(given, OTHER_LAYOUTS["Kaggle"])
    put(given, OTHER_LAYOUTS["Kaggle, each file in a folder"])
    assert_tiny(data.mnist(), "train")


def test_a_home_folder_in_the_variable(tiny, given, monkeypatch):
    store(given)
    monkeypatch.setenv("HOME", str(given.parent))
    monkeypatch.setenv("GAN_LIB_DATA", "~/given")
    assert_tiny(data.mnist(), "train")


def test_folders_may_be_links(tiny, given, tmp_path):
    store(tmp_path / "elsewhere")
    (given / "MNIST").symlink_to(tmp_path / "elsewhere")
    (given / "raw").symlink_to(given)
    assert_tiny(data.mnist(), "train")


def test_unpacked_under_the_name_of_the_packed(tiny, given):
    """As some browsers do, unasked. And the reverse."""
    store(given)
    (given / f"{TRAIN_IMAGES}.gz").write_bytes(FILES[TRAIN_IMAGES])
    assert_tiny(data.mnist(), "train")
    (given / f"{TRAIN_IMAGES}.gz").rename(given / TRAIN_IMAGES).write_bytes(WHOLE)
    assert_tiny(data.mnist(), "train")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_damage_hides_no_good_file(tiny, given, capsys, layout):
    """Whichever of the two is looked at first."""
    subfolder, suffix = layout
    store(given, *layout)
    for other in LAYOUTS.values():
        if other != layout:
            store(given, *other)
            (given / other[0] / f"{TRAIN_IMAGES}{other[1]}").write_bytes(WHOLE[:-20])
    assert_tiny(data.mnist(), "train")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_cache(tiny, cache, layout):
    store(cache, *layout)
    assert_tiny(data.mnist(), "train")


def test_cache_that_can_only_be_read_is_read(tiny, cache, monkeypatch, tmp_path):
    shared = tmp_path / "shared"
    store(shared, *LAYOUTS["torchvision gz"])
    monkeypatch.setattr(files, "cache_folders", lambda: [shared, cache])
    before = snapshot(shared)
    assert_tiny(data.mnist("test"), "test")
    assert snapshot(shared) == before and list(cache.iterdir()) == []


def test_a_whole_given_folder_needs_no_cache(tiny, given, monkeypatch):
    """A cache is made where there is none: there may be no place for it."""
    store(given)
    monkeypatch.setattr(files, "cache_folders", failing(AssertionError("asked for a cache")))
    for split in ("train", "test"):
        assert_tiny(data.digits(split), split)


def test_given_folder_comes_before_the_cache(tiny, given, cache):
    store(given)
    for name in NAMES:
        (cache / name).write_bytes(b"never read")
    assert_tiny(data.mnist("test"), "test")


def test_digits_says_that_it_is_mnist(tiny, given, capsys):
    store(given)
    assert_tiny(data.digits("test"), "test")
    assert capsys.readouterr().out == "MNIST, test: 3 images\n"


# What is not MNIST


@pytest.mark.parametrize("load", [data.mnist, data.digits])
@pytest.mark.parametrize("kind", ["missing", "a file", "~ without a home"])
def test_given_folder_that_is_none(monkeypatch, tmp_path, cache, capsys, kind, load):
    """Somebody's mistake, and not to be glossed over by other digits."""
    path = tmp_path / "nowhere"
    if kind == "a file":
        path.write_text("no folder")
    if kind == "~ without a home":
        path = "~/nowhere"
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setenv("GAN_LIB_DATA", str(path))
    message = r"GAN_LIB_DATA is .*nowhere'.* not a folder that can be read \(.+\): correct"
    with pytest.raises(ValueError, match=message):
        load("test")
    assert capsys.readouterr().out == "" and list(cache.iterdir()) == []


def test_given_folder_that_cannot_be_listed(tiny, given, cache, monkeypatch):
    store(cache)
    monkeypatch.setattr(os, "scandir", failing(PermissionError(errno.EACCES, "Permission denied")))
    with pytest.raises(ValueError, match=r"not a folder that can be read \(Permission denied\)"):
        data.digits("test")


def other_things(folder):
    (folder / "archive").mkdir()
    (folder / "mnist_train.csv").touch()


@pytest.mark.parametrize("load", [data.mnist, data.digits])
@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    "fill, missing, held",
    [
        (lambda folder: None, NAMES, "nothing"),
        (other_things, NAMES, "archive/, mnist_train.csv"),
        (lambda folder: store(folder, names=NAMES[:2]), NAMES[2:], f"{NAMES[0]}.gz, {NAMES[1]}.gz"),
        (
            lambda folder: store(folder, suffix="", names=NAMES[1:]),
            NAMES[:1],
            ", ".join(sorted(NAMES[1:])),
        ),
    ],
    ids=["empty", "other things", "one split only", "three of four"],
)
def test_given_folder_without_the_four_files(
    tiny, given, cache, capsys, load, split, fill, missing, held
):
    """Neither split comes from elsewhere. It is said what is there, what is missing, what to do."""
    fill(given)
    store(cache)
    before = snapshot(given)
    with pytest.raises(ValueError) as mistake:
        load(split)
    assert str(mistake.value) == (
        f"GAN_LIB_DATA is {str(given)!r}, which is a folder without {', '.join(missing)} (unpacked "
        f"or .gz, right there or in MNIST/raw). It holds {held}: correct this environment "
        "variable, or unset it"
    )
    assert capsys.readouterr().out == "" and snapshot(given) == before


def test_of_a_full_folder_some_names_are_told(given):
    for number in range(20):
        (given / f"picture{number:02}.png").touch()
    message = "It holds picture00.png, .*, picture07.png, 12 more: correct"
    with pytest.raises(ValueError, match=message):
        data.mnist()


def assert_unavailable(message, cache, capsys):
    """mnist() refuses, digits() says so and falls back, and nothing is left in the cache."""
    left = snapshot(cache)
    with pytest.raises(data.DataUnavailable, match=message) as refusal:
        data.mnist("test")
    images, _ = data.digits("test")
    assert torch.equal(images, data.embedded_digits("test")[0])
    out = capsys.readouterr().out
    assert str(refusal.value) in out and "embedded digits, test: 297 images" in out
    assert snapshot(cache) == left


@pytest.mark.parametrize("names", [NAMES[:2], NAMES[2:], NAMES[:3]])
def test_cache_with_a_part_is_as_good_as_none(tiny, cache, capsys, names):
    """Never MNIST for one split and the embedded digits for the other."""
    store(cache, names=names)
    missing = ", ".join(name for name in NAMES if name not in names)
    assert_unavailable(
        f"{cache} lacks {missing}; no download: GAN_LIB_MIRROR is empty", cache, capsys
    )
    for split in ("train", "test"):
        assert torch.equal(data.digits(split)[0], data.embedded_digits(split)[0])


def test_damage_in_one_split_counts_for_the_other(tiny, cache, capsys):
    store(cache)
    assert_tiny(data.mnist("test"), "test")  # all four are whole, and known to be so
    (cache / f"{TRAIN_IMAGES}.gz").write_bytes(b"damaged")
    assert_unavailable(f"{cache} lacks {TRAIN_IMAGES}; no download", cache, capsys)


def test_a_part_in_each_of_two_caches_is_not_mixed(tiny, cache, monkeypatch, tmp_path):
    shared = tmp_path / "shared"
    store(shared, names=NAMES[:2])
    store(cache, names=NAMES[2:])
    monkeypatch.setattr(files, "cache_folders", lambda: [shared, cache])
    with pytest.raises(data.DataUnavailable, match=f"{shared} lacks .*; {cache} lacks "):
        data.mnist()


@pytest.mark.parametrize("split, other", [("train", "test"), ("test", "train")])
def test_the_other_split_is_unpacked_only_once(tiny, given, monkeypatch, split, other):
    store(given)
    data.mnist(split)
    unpacked, decompress = [], gzip.decompress

    def counted(contents):
        unpacked.append(contents)
        return decompress(contents)

    monkeypatch.setattr(gzip, "decompress", counted)
    assert_tiny(data.mnist(other), other)
    assert len(unpacked) == 2


WHOLE = gzip.compress(FILES[TRAIN_IMAGES])
DAMAGED = {
    "truncated": WHOLE[:-20],
    "cut off in the header": WHOLE[:5],
    "no deflate stream": WHOLE[:10] + b"\xff" * 20 + WHOLE[30:],
    "one bit flipped": WHOLE[:2000] + bytes([WHOLE[2000] ^ 1]) + WHOLE[2001:],
    "one bit of the checksum flipped": WHOLE[:-8] + bytes([WHOLE[-8] ^ 1]) + WHOLE[-7:],
    "followed by other bytes": WHOLE + b"other bytes",
    "not gzip": b"<html>404 not found</html>",
    "empty": b"",
    "something else": gzip.compress(FILES["t10k-images-idx3-ubyte"]),
}


@pytest.mark.parametrize("load", [data.mnist, data.digits])
@pytest.mark.parametrize("contents", DAMAGED.values(), ids=DAMAGED)
def test_damaged_file_in_the_given_folder_is_named(tiny, given, cache, load, contents):
    store(given)
    path = given / f"{TRAIN_IMAGES}.gz"
    path.write_bytes(contents)
    before = snapshot(given)
    with pytest.raises(data.DamagedFile) as error:
        load("train")
    assert str(path) in str(error.value)
    assert snapshot(given) == before
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("load", [data.mnist, data.digits])
def test_file_that_cannot_be_read(tiny, given, monkeypatch, load):
    store(given)
    monkeypatch.setattr(
        Path, "read_bytes", failing(PermissionError(errno.EACCES, "Permission denied"))
    )
    with pytest.raises(
        data.DamagedFile, match=rf"{TRAIN_IMAGES}.gz cannot be read \(Permission denied\)"
    ):
        load("train")


@pytest.mark.parametrize(
    "contents",
    [b"", FILES[TRAIN_IMAGES][:-1], WHOLE[:-1]],
    ids=["empty", "truncated", "compressed"],
)
def test_damaged_uncompressed_file_is_named(tiny, given, contents):
    store(given, suffix="")
    (given / TRAIN_IMAGES).write_bytes(contents)
    with pytest.raises(data.DamagedFile, match=TRAIN_IMAGES):
        data.mnist("train")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_damaged_file_in_the_cache_is_announced_and_fetched_anew(
    tiny, cache, monkeypatch, capsys, layout
):
    subfolder, suffix = layout
    store(cache, *layout)
    damaged = cache / subfolder / f"{TRAIN_IMAGES}{suffix}"
    damaged.write_bytes(b"damaged")
    monkeypatch.setattr(mnist_files, "download", lambda: (store(cache, "MNIST/raw"), cache)[1])
    assert_tiny(data.mnist("train"), "train")
    announcement = capsys.readouterr().out
    assert str(damaged) in announcement and "fetched anew" in announcement
    assert_tiny(data.mnist("train"), "train")
    assert "damaged" not in capsys.readouterr().out


def test_damaged_file_in_the_cache_and_no_network(tiny, cache, capsys):
    store(cache)
    (cache / f"{TRAIN_IMAGES}.gz").write_bytes(b"damaged")
    for split in ("train", "test"):
        with pytest.raises(
            data.DataUnavailable, match=f"{cache} lacks {TRAIN_IMAGES}; .*GAN_LIB_MIRROR is empty"
        ):
            data.mnist(split)
        assert f"{TRAIN_IMAGES}.gz is damaged" in capsys.readouterr().out


def test_download_that_brings_something_else(tiny, cache, monkeypatch):
    monkeypatch.setattr(mnist_files, "download", lambda: (store(cache, names=NAMES[1:]), cache)[1])
    with pytest.raises(data.DataUnavailable, match=f"did not bring {TRAIN_IMAGES}$"):
        data.mnist("test")


@needs_mnist
@pytest.mark.parametrize(
    "split, n, first", [("train", 60000, [5, 0, 4, 1, 9]), ("test", 10000, [7, 2, 1, 0, 4])]
)
def test_real_mnist(monkeypatch, split, n, first):
    monkeypatch.setenv("GAN_LIB_DATA", str(REAL))
    before = snapshot(REAL)
    images, labels = data.mnist(split)
    assert images.shape == (n, 28, 28) and labels.shape == (n,)
    assert labels[:5].tolist() == first
    assert images.float().mean() / 255 == pytest.approx(
        0.1307 if split == "train" else 0.1325, abs=1e-4
    )
    assert snapshot(REAL) == before


# Downloads, from servers on this machine


@pytest.fixture
def serve(monkeypatch):
    """Start a server for GAN_LIB_MIRROR: its address, and the list of requests.

    GET and HEAD are answered by functions of the handler.
    """
    servers = []

    def start(get, head=lambda handler: send(handler, b"")):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                requests.append(self.requestline)
                try:
                    (get if self.command == "GET" else head)(self)
                except ConnectionError:  # the client has had enough
                    self.close_connection = True

            do_HEAD = do_GET

            def log_message(self, *args):
                pass

        requests = []
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("GAN_LIB_MIRROR", url := f"http://127.0.0.1:{servers[-1].server_port}/")
        return url, requests

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send(handler, body, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def real_file(handler):
    send(handler, (REAL / Path(handler.path).name).read_bytes())


def missing(handler):
    handler.send_error(404)


def drip(handler):
    """A byte every tenth of a second, so it never times out; for a minute, so a test can fail."""
    send(handler, b"", length=len(WHOLE))
    for byte in WHOLE[:600]:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/"


def python(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=200
    )


@needs_mnist
def test_two_processes_download_at_once(serve, cache, monkeypatch, capsys):
    both = threading.Barrier(2, timeout=100)  # each asks before either downloads

    def wait_for_the_other(handler):
        both.wait()
        send(handler, b"")

    url, requests = serve(real_file, wait_for_the_other)
    store(cache, "MNIST/raw", names=NAMES[2:3])  # not the real one
    code = f"""if True:
        from pathlib import Path
        from gan_lib import data, files, mnist_files
        mnist_files.ANSWER_SECONDS, files.cache_folders = 100, lambda: [Path({str(cache)!r})]
        print(data.mnist("test")[0].shape)"""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(python, code)
        monkeypatch.setattr(mnist_files, "ANSWER_SECONDS", 100)
        images, labels = data.mnist("test")
        assert "[10000, 28, 28]" in other.result().stdout, other.result().stderr
    assert images.shape == (10000, 28, 28) and labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert f"{NAMES[2]}.gz is damaged" in (out := capsys.readouterr().out) and url in out
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(cache / f"MNIST/raw/{name}.gz" for name in NAMES)
    assert list(cache.glob(".download-*")) == []
    requests.clear()
    data.mnist("test")
    assert requests == []  # from now on it is there


@pytest.mark.parametrize(
    "get, message",
    [
        (lambda handler: send(handler, WHOLE[: len(WHOLE) // 2], length=len(WHOLE)), "corrupted"),
        (lambda handler: send(handler, WHOLE[:2000] + bytes(len(WHOLE) - 2000)), "corrupted"),
    ],
    ids=["truncated", "corrupted"],
)
def test_bad_download_leaves_nothing(serve, cache, get, message):
    serve(get)
    with pytest.raises(data.DataUnavailable, match=message):
        data.mnist("test")
    assert list(cache.iterdir()) == []


def test_slow_download_ends(serve, cache, monkeypatch):
    monkeypatch.setattr(
        mnist_files, "DOWNLOAD_SECONDS", 6
    )  # of which the import of torchvision takes some
    url, _ = serve(drip)
    with pytest.raises(data.DataUnavailable, match=f"{url} did not deliver within 6 seconds"):
        data.mnist("test")
    assert list(cache.iterdir()) == []


def test_process_that_dies_without_a_word(serve, cache, monkeypatch):
    serve(missing)
    monkeypatch.setattr(
        sys, "executable", shutil.which("false")
    )  # as if it were killed for its memory
    with pytest.raises(data.DataUnavailable, match="no download"):
        data.mnist("test")
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_written_to(serve, cache, monkeypatch, tmp_path, capsys):
    serve(missing)
    (tmp_path / "file").touch()
    monkeypatch.setattr(files, "cache_folders", lambda: [tmp_path / "file/cache"])
    assert_unavailable("cannot write to .*file/cache", cache, capsys)


def test_mirror_without_the_files(serve, cache, capsys):
    url, requests = serve(missing, missing)
    assert_unavailable(f"{url} answered .*404", cache, capsys)
    assert {line.split()[0] for line in requests} == {"HEAD"}


def test_mirror_where_nobody_listens(cache, capsys, monkeypatch):
    monkeypatch.setenv("GAN_LIB_MIRROR", url := closed_port())
    assert_unavailable(f"{url} answered", cache, capsys)


def test_mirror_that_says_nothing(serve, cache, capsys, monkeypatch):
    monkeypatch.setattr(mnist_files, "ANSWER_SECONDS", 0.2)
    url, _ = serve(missing, lambda handler: time.sleep(2))
    assert_unavailable(f"{url} answered .*timed out", cache, capsys)


def test_mirror_that_does_not_speak_http(serve, cache, capsys):
    url, _ = serve(missing, lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n"))
    assert_unavailable(f"{url} answered", cache, capsys)


@pytest.mark.parametrize(
    "mirror",
    ["nonsense", "http://[", "http://127.0.0.1:port/", "http://127.0.0.1/a b/", "gopher://x/"],
)
def test_mirror_that_is_no_address(cache, capsys, monkeypatch, mirror):
    monkeypatch.setenv("GAN_LIB_MIRROR", mirror)
    assert_unavailable("no download", cache, capsys)


def test_every_default_mirror_is_asked(serve, cache, capsys, monkeypatch):
    mirrors = (closed_port(), serve(missing, missing)[0])
    monkeypatch.delenv("GAN_LIB_MIRROR")
    monkeypatch.setattr(mnist_files, "MIRRORS", mirrors)
    assert_unavailable(f"{mirrors[0]} answered .*{mirrors[1]} answered .*404", cache, capsys)


def test_empty_mirror_forbids_downloads(serve, cache, capsys, monkeypatch):
    url, requests = serve(missing)
    monkeypatch.setattr(mnist_files, "MIRRORS", (url,))
    monkeypatch.setenv("GAN_LIB_MIRROR", "")
    assert_unavailable("GAN_LIB_MIRROR is empty", cache, capsys)
    assert requests == []


def test_torchvision_can_be_imported_beside_any_torch():
    code = "from gan_lib.mnist_files import import_torchvision as load"
    process = python(f"{code}; print(load() is load(), load().datasets.MNIST)")
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("True <class 'torchvision.datasets.mnist.MNIST'>")


def test_other_failures_of_torchvision_are_passed_on(monkeypatch, tmp_path):
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('another failure')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    with pytest.raises(RuntimeError, match="another failure"):
        mnist_files.import_torchvision()


def test_without_torch_until_it_is_needed():
    code = "import sys, gan_lib.mnist_files"
    process = python(f"{code}; print({{'torch', 'torchvision'}} & set(sys.modules))")
    assert process.stdout == "set()\n", process.stderr
