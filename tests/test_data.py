"""Data from every place it may come from, on a tiny MNIST made here and from servers that run here; toy distributions."""

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
from scipy.stats import kstest, norm
from sklearn.datasets import load_digits

from gan_lib import data

ROOT = Path(__file__).resolve().parent.parent
CACHE_FOLDER = data.cache_folder
TRAIN_IMAGES = "train-images-idx3-ubyte"
NAMES = [TRAIN_IMAGES, "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


def real_mnist():
    """The folder with the real four .gz files that the environment or the cache offers, or None."""
    roots = [Path(root) for root in (os.environ.get("GAN_LIB_DATA"), data.cache_folder()) if root]
    places = [place for root in roots for place in (root, root / "MNIST/raw")]
    return next((place for place in places if all((place / f"{name}.gz").is_file() for name in NAMES)), None)


REAL = real_mnist()
needs_mnist = pytest.mark.skipif(REAL is None, reason="neither GAN_LIB_DATA nor the cache has the four .gz files of MNIST")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache; nothing that the environment offers, and no network."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(data, "cache_folder", lambda: folder)
    monkeypatch.delenv("GAN_LIB_DATA", raising=False)
    monkeypatch.setenv("GAN_LIB_MIRROR", "")
    monkeypatch.setenv("no_proxy", "*")
    return folder


# The embedded digits


@pytest.mark.parametrize("split, n", [("train", 1500), ("test", 297)])
def test_embedded_digits(split, n):
    images, labels = data.embedded_digits(split)
    assert images.shape == (n, 28, 28) and images.dtype == torch.uint8
    assert labels.shape == (n,) and labels.dtype == torch.int64
    assert (images.amin(), images.amax()) == (0, 255)
    assert labels.unique().tolist() == list(range(10))


@pytest.mark.parametrize("split", ["train", "test"])
def test_embedded_digits_have_the_margins_of_mnist(split):
    images, _ = data.embedded_digits(split)
    assert images.long().sum() == images[:, 4:-4, 4:-4].long().sum() > 0


def test_embedded_digits_are_the_same_each_time():
    for first, second in zip(data.embedded_digits(), data.embedded_digits("train"), strict=True):
        assert torch.equal(first, second)


def bicubic_matrix(small, large):
    """Cubic convolution (Keys, 1981) with a = -0.75 as a linear map (large, small); pixel centres aligned, edges repeated."""
    t, matrix = (np.arange(large) + 0.5) * small / large - 0.5, np.zeros((large, small))
    for i in range(-2, small + 2):
        d = np.abs(t - i)
        near, far = 1.25 * d**3 - 2.25 * d**2 + 1, -0.75 * (d**3 - 5 * d**2 + 8 * d - 4)
        matrix[:, min(max(i, 0), small - 1)] += np.where(d <= 1, near, np.where(d < 2, far, 0))
    return matrix


def test_embedded_digits_are_the_resized_originals():
    bunch, resize = load_digits(), bicubic_matrix(8, 20)
    images, labels = (torch.cat(parts).numpy() for parts in zip(data.embedded_digits("train"), data.embedded_digits("test")))
    expected = (resize @ bunch.images @ resize.T * 255 / 16).clip(0, 255)
    np.testing.assert_allclose(images[:, 4:-4, 4:-4], expected, atol=0.51)
    assert np.array_equal(labels, bunch.target)


@pytest.mark.parametrize("load", [data.mnist, data.embedded_digits, data.digits])
@pytest.mark.parametrize("split", ["valid", "", None])
def test_unknown_split_is_named(load, split):
    with pytest.raises(ValueError, match=f"split must be one of .*train.*test.*not {split!r}"):
        load(split)


# A tiny MNIST in folders


def tiny_split(n, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), rng.integers(0, 10, n, dtype=np.uint8)


TINY = {"train": tiny_split(5, 0), "test": tiny_split(3, 1)}
FILES = {}  # the same in MNIST's format: the name of a file, its contents
for (_images, _labels), _names in zip(TINY.values(), (NAMES[:2], NAMES[2:])):
    FILES[_names[0]] = struct.pack(">4I", 2051, len(_images), 28, 28) + _images.tobytes()
    FILES[_names[1]] = struct.pack(">2I", 2049, len(_labels)) + _labels.tobytes()

LAYOUTS = {"gz": ("", ".gz"), "plain": ("", ""), "torchvision": ("MNIST/raw", ""), "torchvision gz": ("MNIST/raw", ".gz")}


@pytest.fixture
def tiny(monkeypatch):
    """The library takes the tiny files for MNIST."""
    sums = {name: hashlib.md5(contents, usedforsecurity=False).hexdigest() for name, contents in FILES.items()}
    monkeypatch.setattr(data, "MNIST_MD5", sums)


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


def snapshot(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in [folder, *folder.rglob("*")]}


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


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_cache(tiny, cache, layout):
    store(cache, *layout)
    assert_tiny(data.mnist(), "train")


def test_checkout_that_can_only_be_read_is_read(tiny, cache, monkeypatch, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    store(shared, *LAYOUTS["torchvision gz"])
    before = snapshot(shared)
    monkeypatch.setattr(data, "_data_of_checkout", lambda: shared)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != shared)
    assert_tiny(data.mnist("test"), "test")
    assert snapshot(shared) == before and list(cache.iterdir()) == []


def test_given_folder_comes_before_the_cache(tiny, given, cache):
    store(given)
    for name in NAMES:
        (cache / name).write_bytes(b"never read")
    assert_tiny(data.mnist("test"), "test")


def test_empty_given_folder_leads_to_the_cache(tiny, given, cache):
    store(cache)
    assert_tiny(data.mnist("test"), "test")


def test_images_can_be_written_to(tiny, given):
    store(given)
    images, _ = data.mnist()
    images.zero_()
    assert_tiny(data.mnist(), "train")


def test_digits_says_that_it_is_mnist(tiny, given, capsys):
    store(given)
    assert_tiny(data.digits("test"), "test")
    assert capsys.readouterr().out == "MNIST, test: 3 images\n"


def assert_unavailable(message, cache, capsys):
    """mnist() refuses, digits() says so and falls back, and nothing is left in the cache."""
    with pytest.raises(data.DataUnavailable, match=message) as refusal:
        data.mnist("test")
    images, _ = data.digits("test")
    assert torch.equal(images, data.embedded_digits("test")[0])
    out = capsys.readouterr().out
    assert str(refusal.value) in out and "embedded digits, test: 297 images" in out
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("load", [data.mnist, data.digits])
@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_given_folder_that_is_none(monkeypatch, tmp_path, cache, capsys, kind, load):
    """Somebody's mistake, and not to be glossed over by other digits."""
    path = tmp_path / "nowhere"
    if kind == "a file":
        path.write_text("no folder")
    monkeypatch.setenv("GAN_LIB_DATA", str(path))
    with pytest.raises(ValueError, match="GAN_LIB_DATA is .*nowhere'.* not a folder: correct"):
        load("test")
    assert capsys.readouterr().out == "" and list(cache.iterdir()) == []


def test_given_folder_without_the_files(given, cache, capsys):
    assert_unavailable("GAN_LIB_MIRROR is empty", cache, capsys)
    assert list(given.iterdir()) == []


def test_given_folder_with_one_split_only(tiny, given, cache, capsys):
    store(given, names=NAMES[:2])
    before = snapshot(given)
    assert_tiny(data.mnist("train"), "train")
    assert_unavailable("GAN_LIB_MIRROR is empty", cache, capsys)
    assert snapshot(given) == before


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


@pytest.mark.parametrize("contents", [b"", FILES[TRAIN_IMAGES][:-1], WHOLE], ids=["empty", "truncated", "compressed"])
def test_damaged_uncompressed_file_is_named(tiny, given, contents):
    store(given, suffix="")
    (given / TRAIN_IMAGES).write_bytes(contents)
    with pytest.raises(data.DamagedFile, match=TRAIN_IMAGES):
        data.mnist("train")


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_damaged_file_in_the_cache_is_announced_and_fetched_anew(tiny, cache, monkeypatch, capsys, layout):
    subfolder, suffix = layout
    store(cache, *layout)
    damaged = cache / subfolder / f"{TRAIN_IMAGES}{suffix}"
    damaged.write_bytes(b"damaged")
    monkeypatch.setattr(data, "download_mnist", lambda folder: store(folder, "MNIST/raw"))
    assert_tiny(data.mnist("train"), "train")
    announcement = capsys.readouterr().out
    assert str(damaged) in announcement and "fetched anew" in announcement
    assert_tiny(data.mnist("train"), "train")
    assert "damaged" not in capsys.readouterr().out


def test_damaged_file_in_the_cache_and_no_network(tiny, cache, capsys):
    store(cache)
    (cache / f"{TRAIN_IMAGES}.gz").write_bytes(b"damaged")
    with pytest.raises(data.DataUnavailable, match="GAN_LIB_MIRROR is empty"):
        data.mnist("train")
    assert TRAIN_IMAGES in capsys.readouterr().out


@needs_mnist
@pytest.mark.parametrize("split, n, first", [("train", 60000, [5, 0, 4, 1, 9]), ("test", 10000, [7, 2, 1, 0, 4])])
def test_real_mnist(monkeypatch, split, n, first):
    monkeypatch.setenv("GAN_LIB_DATA", str(REAL))
    before = snapshot(REAL)
    images, labels = data.mnist(split)
    assert images.shape == (n, 28, 28) and labels.shape == (n,)
    assert labels[:5].tolist() == first
    assert images.float().mean() / 255 == pytest.approx(0.1307 if split == "train" else 0.1325, abs=1e-4)
    assert snapshot(REAL) == before


# Downloads, from servers on this machine


@pytest.fixture
def serve(monkeypatch):
    """Start a server whose GET and HEAD are answered by functions of the handler; GAN_LIB_MIRROR and the list of requests."""
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
    """A byte every tenth of a second, so that the connection never times out; for a minute, so that a test can fail."""
    send(handler, b"", length=len(WHOLE))
    for byte in WHOLE[:600]:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/"


def python(code):
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=200)


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
        from gan_lib import data
        data.ANSWER_SECONDS, data.cache_folder = 100, lambda: Path({str(cache)!r})
        print(data.mnist("test")[0].shape)"""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(python, code)
        monkeypatch.setattr(data, "ANSWER_SECONDS", 100)
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
    monkeypatch.setattr(data, "DOWNLOAD_SECONDS", 6)  # of which the import of torchvision takes some
    url, _ = serve(drip)
    with pytest.raises(data.DataUnavailable, match=f"{url} did not deliver within 6 seconds"):
        data.mnist("test")
    assert list(cache.iterdir()) == []


def test_process_that_dies_without_a_word(serve, cache, monkeypatch):
    serve(missing)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))  # as if it were killed for its memory
    with pytest.raises(data.DataUnavailable, match="no download"):
        data.mnist("test")
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_written_to(serve, monkeypatch, tmp_path):
    serve(missing)
    (tmp_path / "file").touch()
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "file/cache")
    with pytest.raises(data.DataUnavailable):
        data.mnist("test")


def test_mirror_without_the_files(serve, cache, capsys):
    url, requests = serve(missing, missing)
    assert_unavailable(f"{url} answered .*404", cache, capsys)
    assert {line.split()[0] for line in requests} == {"HEAD"}


def test_mirror_where_nobody_listens(cache, capsys, monkeypatch):
    monkeypatch.setenv("GAN_LIB_MIRROR", url := closed_port())
    assert_unavailable(f"{url} answered", cache, capsys)


def test_mirror_that_says_nothing(serve, cache, capsys, monkeypatch):
    monkeypatch.setattr(data, "ANSWER_SECONDS", 0.2)
    url, _ = serve(missing, lambda handler: time.sleep(2))
    assert_unavailable(f"{url} answered .*timed out", cache, capsys)


def test_mirror_that_does_not_speak_http(serve, cache, capsys):
    url, _ = serve(missing, lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n"))
    assert_unavailable(f"{url} answered", cache, capsys)


@pytest.mark.parametrize("mirror", ["nonsense", "http://[", "http://127.0.0.1:port/", "http://127.0.0.1/a b/", "gopher://x/"])
def test_mirror_that_is_no_address(cache, capsys, monkeypatch, mirror):
    monkeypatch.setenv("GAN_LIB_MIRROR", mirror)
    assert_unavailable("no download", cache, capsys)


def test_every_default_mirror_is_asked(serve, cache, capsys, monkeypatch):
    mirrors = (closed_port(), serve(missing, missing)[0])
    monkeypatch.delenv("GAN_LIB_MIRROR")
    monkeypatch.setattr(data, "MIRRORS", mirrors)
    assert_unavailable(f"{mirrors[0]} answered .*{mirrors[1]} answered .*404", cache, capsys)


def test_empty_mirror_forbids_downloads(serve, cache, capsys, monkeypatch):
    url, requests = serve(missing)
    monkeypatch.setattr(data, "MIRRORS", (url,))
    monkeypatch.setenv("GAN_LIB_MIRROR", "")
    assert_unavailable("GAN_LIB_MIRROR is empty", cache, capsys)
    assert requests == []


def test_recorded_results_are_in_the_checkout():
    assert data.recorded("table1") == Path(__file__).resolve().parents[1] / "data" / "table1"
    with pytest.raises(FileNotFoundError, match="no recorded results 'table2'"):
        data.recorded("table2")


def test_or_where_pip_has_put_them(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "_data_of_checkout", lambda: None)
    monkeypatch.setattr(data.sys, "prefix", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="table1"):
        data.recorded("table1")
    (tmp_path / "share" / "gan_lib" / "table1").mkdir(parents=True)
    assert data.recorded("table1") == tmp_path / "share" / "gan_lib" / "table1"


def test_cache_folder_is_that_of_the_checkout():
    assert not os.access(ROOT / "data", os.W_OK) or CACHE_FOLDER() == ROOT / "data"


def test_cache_folder_where_the_checkout_cannot_be_written_to(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, ensure_exists: tmp_path / name)
    assert CACHE_FOLDER() == tmp_path / "gan_lib"


def test_torchvision_can_be_imported_beside_any_torch():
    process = python("from gan_lib.data import import_torchvision as load; print(load() is load(), load().datasets.MNIST)")
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("True <class 'torchvision.datasets.mnist.MNIST'>")


def test_other_failures_of_torchvision_are_passed_on(monkeypatch, tmp_path):
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('another failure')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    with pytest.raises(RuntimeError, match="another failure"):
        data.import_torchvision()


# Batches


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def take(n, batches):
    return torch.stack([batch for batch, _ in zip(batches, range(n))])


def test_scaling_is_exact():
    assert data.to_unit_range(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]
    every = torch.arange(256, dtype=torch.uint8).reshape(4, 64)
    expected = torch.linspace(-1, 1, 256, dtype=torch.float64).reshape(4, 64).float()
    torch.testing.assert_close(data.to_unit_range(every), expected, rtol=0, atol=1e-6)
    assert every.dtype == torch.uint8 and every[-1, -1] == 255


def test_floats_are_not_scaled():
    x = torch.tensor([-3.0, 0.0, 200.0])
    assert data.to_unit_range(x) is x


def test_batches_of_images():
    images, _ = data.embedded_digits("test")
    batch = next(data.batches(images, 16, generator()))
    assert batch.shape == (16, 28, 28) and batch.dtype == torch.float32
    flat = data.to_unit_range(images).flatten(1)
    assert all((flat == image).all(1).any() for image in batch.flatten(1))


def test_same_seed_same_batches():
    x = torch.arange(1000.0)
    first, second, other = (take(5, data.batches(x, 8, generator(seed))) for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert len({tuple(batch) for batch in first.tolist()}) == 5  # each drawn afresh


def test_batches_reach_all_of_the_data_and_repeat_some():
    drawn = take(1, data.batches(torch.arange(10.0), 1000, generator()))
    assert drawn.unique().tolist() == list(range(10))


# The toy distributions

MIXTURES = [
    data.GaussianMixture(),
    data.GaussianMixture((-1.0,), (0.6,), (1.0,)),
    data.GaussianMixture((-2.0, 2.0), (0.5, 0.5), (0.5, 0.5)),
    data.GaussianMixture((-3.0, 0.0, 4.0), (0.2, 1.0, 2.0), (0.2, 0.3, 0.5)),
]


def mixture_of(function, mixture, x):
    return sum(w * function(x, m, s) for m, s, w in zip(mixture.means, mixture.stds, mixture.weights))


@pytest.mark.parametrize("mixture", MIXTURES)
def test_density_against_scipy(mixture):
    x = np.linspace(-12, 14, 501).reshape(3, 167)
    np.testing.assert_allclose(mixture.pdf(x), mixture_of(norm.pdf, mixture, x))


@pytest.mark.parametrize("mixture", MIXTURES)
def test_samples_follow_the_density(mixture):
    samples = mixture.sample(5000, generator())
    assert samples.shape == (5000, 1) and samples.dtype == torch.float32
    assert kstest(samples[:, 0].numpy(), lambda x: mixture_of(norm.cdf, mixture, x)).pvalue > 0.01


def test_same_seed_same_samples():
    mixture, rng = MIXTURES[3], generator()
    first, next_ones = mixture.sample(10, rng), mixture.sample(10, rng)
    assert torch.equal(mixture.sample(10, generator()), first)
    assert not torch.equal(next_ones, first)


def test_whole_numbers_will_do():
    whole, floats = data.GaussianMixture((0,), (1,), (1,)), data.GaussianMixture((0.0,), (1.0,), (1.0,))
    assert torch.equal(whole.sample(10, generator()), floats.sample(10, generator()))


@pytest.mark.parametrize(
    "means, stds, weights, message",
    [
        ((0.0, 1.0), (1.0,), (1.0,), "same length"),
        ((0.0,), (1.0,), (0.5, 0.5), "same length"),
        ((), (), (), "weights"),
        ((0.0,), (0.0,), (1.0,), "stds must be positive"),
        ((0.0, 0.0), (1.0, -1.0), (0.5, 0.5), "stds must be positive"),
        ((0.0,), (np.nan,), (1.0,), "stds must be positive"),
        ((0.0,), (np.inf,), (1.0,), "stds must be positive"),
        ((0.0, 1.0), (1.0, 1.0), (1.5, -0.5), "weights must be non-negative"),
        ((0.0, 1.0), (1.0, 1.0), (0.5, 0.4), "weights must .* sum to 1"),
        ((0.0,), (1.0,), (np.nan,), "weights must .* sum to 1"),
    ],
)
def test_what_is_no_mixture_is_named(means, stds, weights, message):
    with pytest.raises(ValueError, match=message):
        data.GaussianMixture(means, stds, weights)
