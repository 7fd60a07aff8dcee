"""Data, each set as one tensor in memory: MNIST, the embedded digits, and one-dimensional toy distributions.

MNIST is looked for in the folder that the environment variable ``GAN_LIB_DATA`` names (only read), then in the cache, then it
is downloaded into the cache. ``GAN_LIB_MIRROR`` names another server to download from; set to nothing, it forbids downloads.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import numpy as np
import torch

MNIST_SPLITS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
MNIST_MD5 = {  # of the uncompressed files
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
DOWNLOAD_SECONDS = 120  # for all four files together
ANSWER_SECONDS = 5  # for a server's next sign of life


class DataUnavailable(OSError):
    """MNIST is not in ``GAN_LIB_DATA``, not in the cache, and could not be downloaded."""


class DamagedFile(ValueError):
    """A file of MNIST is truncated, corrupted, or something else."""


def mnist(split="train"):
    """MNIST: images (n, 28, 28) uint8 and labels (n,) int64; 60 000 for "train", 10 000 for "test".

    Raises: ValueError for another split, or where ``GAN_LIB_DATA`` names no folder; DataUnavailable where MNIST cannot be had,
    saying what was tried; DamagedFile for a file in ``GAN_LIB_DATA`` whose contents are not MNIST's (one in the cache that is
    damaged is announced and fetched anew).
    Source: LeCun, Cortes and Burges, The MNIST Database of Handwritten Digits (1998).
    """
    images, labels = (_mnist_contents(name) for name in _of(MNIST_SPLITS, split))
    return _tensor(images[16:]).reshape(-1, 28, 28), _tensor(labels[8:]).long()  # 16 and 8 bytes of header


def embedded_digits(split="train"):
    """scikit-learn's 1 797 handwritten digits in MNIST's format: images (n, 28, 28) uint8, labels (n,) int64.

    8x8 originals, resized (bicubic) to 20x20 and centred in 28x28; the first 1 500 are "train", the last 297 "test". They come
    inside scikit-learn, so that they are there without a network.
    Raises: ValueError for another split. Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits (1998).
    """
    from sklearn.datasets import load_digits

    part = _of({"train": slice(None, 1500), "test": slice(1500, None)}, split)
    bunch = load_digits()
    small = torch.from_numpy(bunch.images[part]).float()[:, None] * (255 / 16)  # (n, 1, 8, 8), from 0..16 to 0..255
    large = torch.nn.functional.interpolate(small, size=20, mode="bicubic").round().clamp(0, 255)
    images = torch.nn.functional.pad(large, (4, 4, 4, 4)).squeeze(1)
    return images.to(torch.uint8), torch.from_numpy(bunch.target[part]).long()


def digits(split="train"):
    """MNIST where it can be had, else the embedded digits; which of them is printed. Same shapes and types for both.

    Raises: as ``mnist``, but for DataUnavailable.
    """
    try:
        images, labels = mnist(split)
        print(f"MNIST, {split}: {len(images)} images")
    except DataUnavailable as reason:
        images, labels = embedded_digits(split)
        print(f"MNIST is not to be had: {reason}\nInstead: the embedded digits, {split}: {len(images)} images")
    return images, labels


def to_tanh_range(images):
    """uint8 images 0..255 as float32 in [-1, 1], the range of tanh; a float tensor is returned as it is. Any shape."""
    return images.float().div_(127.5).sub_(1) if images.dtype == torch.uint8 else images


def batches(data, batch_size, rng):
    """An endless iterator of minibatches (batch_size, ...), each drawn afresh from ``data`` (n, ...) with replacement.

    uint8 images are scaled to [-1, 1]. ``rng`` is a ``torch.Generator`` on the device of ``data``: same seed, same batches.
    """
    while True:
        index = torch.randint(len(data), (batch_size,), generator=rng, device=data.device)
        yield to_tanh_range(data.index_select(0, index))  # four times as fast as data[index]


@dataclass(frozen=True)
class GaussianMixture:
    """A one-dimensional toy distribution: p(x) = sum_i w_i N(x; mean_i, std_i^2). One mean makes it a plain normal.

    Raises: ValueError if the three differ in length, a std is not positive, or weights are negative or do not sum to 1.
    """

    means: tuple[float, ...] = (0.0,)
    stds: tuple[float, ...] = (1.0,)
    weights: tuple[float, ...] = (1.0,)

    def __post_init__(self):
        if not len(self.means) == len(self.stds) == len(self.weights):
            raise ValueError("means, stds and weights must have the same length")
        if not all(0 < std < float("inf") for std in self.stds):
            raise ValueError(f"stds must be positive, not {self.stds}")
        if any(weight < 0 for weight in self.weights) or not abs(sum(self.weights) - 1) <= 1e-9:
            raise ValueError(f"weights must be non-negative and sum to 1, not {self.weights}")

    def pdf(self, x):
        """p(x) for an array x of any shape."""
        x = np.asarray(x, dtype=float)
        hills = (np.exp(-(((x - m) / s) ** 2) / 2) / np.sqrt(2 * np.pi) / s for m, s in zip(self.means, self.stds))
        return sum(w * hill for w, hill in zip(self.weights, hills))

    def sample(self, n, rng):
        """n draws as a float tensor (n, 1), on the device of the ``torch.Generator`` rng."""
        means, stds, weights = (
            torch.tensor(v, dtype=torch.float32, device=rng.device) for v in (self.means, self.stds, self.weights)
        )
        part = torch.multinomial(weights, n, replacement=True, generator=rng)
        return (means[part] + stds[part] * torch.randn(n, generator=rng, device=rng.device))[:, None]


def cache_folder():
    """Where downloads are kept: ``data/`` of the checkout, or the user's cache folder where that cannot be written to."""
    checkout = _data_of_checkout()
    if checkout and os.access(checkout, os.W_OK):
        return checkout
    from platformdirs import user_cache_path

    return user_cache_path("gan_lib", ensure_exists=True)


def recorded(name):
    """The folder of results that belong to the course, such as "table1": in ``data/``, or where pip has put it.

    Raises: FileNotFoundError where there is none of this name.
    """
    checkout = _data_of_checkout()
    folder = (checkout or Path(sys.prefix) / "share" / "gan_lib") / name
    if not folder.is_dir():
        raise FileNotFoundError(f"there are no recorded results {name!r}: no folder {folder}")
    return folder


def _data_of_checkout():
    root = Path(__file__).resolve().parent.parent
    return root / "data" if (root / "pyproject.toml").is_file() else None


def _caches():
    """Where downloads may lie: in the cache, and before it in a checkout that can only be read, as a class may share one."""
    checkout = _data_of_checkout()
    only_read = checkout and not os.access(checkout, os.W_OK)
    return [checkout, cache_folder()] if only_read else [cache_folder()]


def _of(table, split):
    if split not in table:
        raise ValueError(f"split must be one of {list(table)}, not {split!r}")
    return table[split]


def _tensor(contents):
    return torch.from_numpy(np.frombuffer(contents, np.uint8).copy())


def _mnist_contents(name):
    """The verified bytes of one of the four files, from the first place that has it."""
    given = os.environ.get("GAN_LIB_DATA")
    if given and not Path(given).is_dir():
        raise ValueError(f"GAN_LIB_DATA is {given!r}, which is not a folder: correct this environment variable, or unset it")
    if given and (path := _locate(Path(given), name)):
        return _verified(path, name)
    for folder in _caches():
        if path := _locate(folder, name):
            try:
                return _verified(path, name)
            except DamagedFile as damage:
                print(f"{damage}. It is fetched anew.")
    cache = cache_folder()
    download_mnist(cache)
    return _verified(_locate(cache, name), name)


def _locate(folder, name):
    raw = folder / "MNIST/raw"  # first, since downloads go there
    places = [raw / f"{name}.gz", raw / name, folder / f"{name}.gz", folder / name]
    return next((place for place in places if place.is_file()), None)


def _verified(path, name):
    try:
        contents = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, OSError, gzip.zlib.error) as error:
        raise DamagedFile(f"{path} is damaged ({error})") from None
    found = hashlib.md5(contents, usedforsecurity=False).hexdigest()
    if found != MNIST_MD5[name]:
        raise DamagedFile(f"{path} is damaged: md5 {found} of its {len(contents)} bytes, expected {MNIST_MD5[name]}")
    return contents


def download_mnist(folder):
    """Fetch MNIST into ``folder``/MNIST/raw with torchvision, which checks md5 sums and knows about redirects.

    torchvision has no time limit, so that it works in a process of its own, in a folder of its own; a file appears under its
    final name only when it is whole, also when two notebooks download at once.
    Raises: DataUnavailable, saying what each mirror answered.
    """
    mirrors, refusals = _mirrors_that_answer()
    if not mirrors:
        raise DataUnavailable("no download: " + "; ".join(refusals))
    print(f"Downloading MNIST (11 MB) from {mirrors[0]} to {folder} ...")
    script = "import sys; from gan_lib.data import _fetch; _fetch(*sys.argv[1:])"
    here = Path(__file__).parent.parent  # where the new process finds gan_lib
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
            command = [sys.executable, "-c", script, str(Path(temporary).resolve()), *mirrors]
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, cwd=here)
            raw = Path(folder) / "MNIST/raw"
            raw.mkdir(parents=True, exist_ok=True)
            for file in (Path(temporary) / "MNIST/raw").glob("*.gz"):
                os.replace(file, raw / file.name)
    except subprocess.TimeoutExpired:
        raise DataUnavailable(f"{' and '.join(mirrors)} did not deliver within {DOWNLOAD_SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        raise DataUnavailable(f"no download: {(error.stderr.strip() or str(error)).splitlines()[-1]}") from None
    except OSError as error:
        raise DataUnavailable(f"cannot write to {folder}: {error}") from None


def _mirrors_that_answer():
    """The mirrors that have the first file, and what the others said: a quick question, before torchvision is imported."""
    chosen = os.environ.get("GAN_LIB_MIRROR")
    if chosen == "":
        return [], ["GAN_LIB_MIRROR is empty, which forbids it"]
    answering, refusals = [], []
    for mirror in [chosen.rstrip("/") + "/"] if chosen else MIRRORS:
        try:
            question = urllib.request.Request(mirror + "train-images-idx3-ubyte.gz", method="HEAD")
            urllib.request.urlopen(question, timeout=ANSWER_SECONDS).close()
            answering.append(mirror)
        except (OSError, ValueError, HTTPException) as error:
            refusals.append(f"{mirror} answered {error}")
    return answering, refusals


def _fetch(folder, *mirrors):
    """What ``download_mnist`` runs in a process of its own."""
    import socket

    socket.setdefaulttimeout(ANSWER_SECONDS)
    dataset = import_torchvision().datasets.MNIST
    failures = []
    for mirror in mirrors:
        dataset.mirrors = [mirror]
        try:
            return dataset(folder, download=True)
        except (OSError, RuntimeError, HTTPException) as error:
            failures.append(" ".join(str(error).split()) or repr(error))
    sys.exit("; ".join(failures))


_torchvision_operators = None  # a declaration lasts as long as this reference


def import_torchvision():
    """torchvision, also beside a torch for which its compiled operators were not built.

    The wheel on PyPI is built for CUDA; with a CPU-only torch its import fails on two operators that nothing here uses.
    Declaring them is enough.
    """
    global _torchvision_operators
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        _torchvision_operators = torch.library.Library("torchvision", "DEF")
        _torchvision_operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _torchvision_operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision
