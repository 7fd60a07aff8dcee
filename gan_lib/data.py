"""Data sets as tensors in memory, MNIST or the embedded digits, and minibatches of them."""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from . import mnist_files
from .arguments import checked
from .mnist_files import DamagedFile as DamagedFile
from .mnist_files import DataUnavailable as DataUnavailable


def mnist(split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
    """MNIST: images (n, 28, 28) uint8, labels (n,) int64; 60 000 for "train", 10 000 for "test".

    (LeCun, Cortes and Burges, 1998, The MNIST Database of Handwritten Digits.) For where its files
    are looked for, and what is raised, see :func:`gan_lib.mnist_files.read`.
    """
    images, labels = mnist_files.read(split)
    images = np.frombuffer(images, np.uint8, offset=16)  # behind the header
    labels = np.frombuffer(labels, np.uint8, offset=8)
    return torch.tensor(images).reshape(-1, 28, 28), torch.tensor(labels).long()


def embedded_digits(split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
    """scikit-learn's 1 797 handwritten digits as MNIST's: (n, 28, 28) uint8, labels (n,) int64.

    8x8 originals, resized (bicubic) to 20x20 and centred in 28x28; the first 1 500 are "train", the
    last 297 "test". They come with scikit-learn and need no network. (Alpaydin and Kaynak, 1998,
    Optical Recognition of Handwritten Digits.)
    """
    from sklearn.datasets import load_digits

    parts = {"train": slice(None, 1500), "test": slice(1500, None)}
    if split not in list(parts):
        raise ValueError(f"split must be one of {list(parts)}, not {split!r}")
    bunch = load_digits()
    small = torch.from_numpy(bunch.images[parts[split]]).float()[:, None] * (255 / 16)  # 0..255
    large = torch.nn.functional.interpolate(small, size=20, mode="bicubic").round().clamp(0, 255)
    images = torch.nn.functional.pad(large, (4, 4, 4, 4)).squeeze(1)
    return images.to(torch.uint8), torch.from_numpy(bunch.target[parts[split]]).long()


def digits(split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
    """MNIST if available, else the embedded digits, of the same shapes and types; it prints which.

    A mistake in ``GAN_LIB_DATA`` is not glossed over by other digits: it raises as in ``mnist``.
    """
    try:
        images, labels = mnist(split)
    except DataUnavailable as reason:
        print(f"MNIST is not available: {reason}")
        images, labels = embedded_digits(split)
        print(f"Instead: the embedded digits, {split}: {len(images)} images")
    else:
        print(f"MNIST, {split}: {len(images)} images")
    return images, labels


@checked
def to_tanh_range(images: torch.Tensor) -> torch.Tensor:
    """uint8 0..255 as float32 in [-1, 1], the range of tanh; floats as they are. Any shape."""
    return images.float().div_(127.5).sub_(1) if images.dtype == torch.uint8 else images


@checked(batch_size=1)
def batches(
    data: torch.Tensor | tuple[torch.Tensor, ...], batch_size: int, rng: torch.Generator
) -> Iterator[torch.Tensor | tuple[torch.Tensor, ...]]:
    """Endless minibatches (batch_size, ...), each drawn anew from data (n, ...) with replacement.

    Of a tuple of tensors, such as images and labels, they are the same rows of each. uint8 images
    are scaled to [-1, 1]. rng is on the device of data: same seed, same batches.
    """
    if isinstance(data, tuple) and not data:
        raise ValueError("data is empty: it must be a tensor, or a tuple of some")
    several = not isinstance(data, torch.Tensor)
    first, *others = data if several else (data,)
    if not first.ndim or not len(first) or any(len(other) != len(first) for other in others):
        shapes = [tuple(each.shape) for each in (first, *others)]
        raise ValueError(f"data must be as many rows of each, at least one, not {shapes}")
    while True:
        index = torch.randint(len(first), (batch_size,), generator=rng, device=first.device)
        # index_select is four times as fast as data[index]
        x = to_tanh_range(first.index_select(0, index))
        yield (x, *(other.index_select(0, index) for other in others)) if several else x


@checked
def binarise(images: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Each pixel as a coin that shows 1 with the probability of its ink: floats 0 and 1.

    Shapes: bytes (n, 28, 28), ink / 255, or floats (n, 1, 28, 28) in [-1, 1], as G draws them
    -> (n, 1, 28, 28).

    References
    ----------
    Salakhutdinov and Murray (2008), On the Quantitative Analysis of Deep Belief Networks,
    section 5.1.
    """
    drawn = images.dtype != torch.uint8
    if images.ndim != 3 + drawn or (drawn and images.shape[1] != 1):
        shape = tuple(images.shape)
        raise ValueError(f"images must be bytes (n, h, w), or floats (n, 1, h, w), not {shape}")
    in_range = images.is_floating_point() and (images.abs() <= 1 + 1e-3).all()  # nan fails
    if drawn and not in_range:
        raise ValueError("images must be bytes, or floats in [-1, 1]")
    ink = (to_tanh_range(images) + 1) / 2
    coins = torch.rand(ink.shape, generator=rng, device=ink.device)
    return (coins < ink).float().view(len(images), 1, *images.shape[-2:])


@checked
def binarised(images: torch.Tensor) -> Callable[[int, torch.Generator], torch.Tensor]:
    """Binary digits: a function ``sample(n, rng)`` that draws n of ``images``, binarised afresh.

    Shapes: images in bytes (m, 28, 28) -> zeros and ones (n, 1, 28, 28).
    """
    _check_bytes(images)

    def sample(n: int, rng: torch.Generator) -> torch.Tensor:
        index = torch.randint(len(images), (n,), generator=rng, device=images.device)
        return binarise(images.index_select(0, index), rng)

    return sample


@checked
def stacked(images: torch.Tensor) -> Callable[[int, torch.Generator], torch.Tensor]:
    """Stacked MNIST: a function ``sample(n, rng)`` that draws n pictures of three digits each.

    The digits, drawn independently from ``images`` (m, 28, 28) in bytes, are the red, the green and
    the blue of a picture: bytes (n, 3, 28, 28), of 1 000 kinds where there are ten digits.

    Raises
    ------
    ValueError
        If images are not bytes (m, height, width).

    References
    ----------
    Metz et al. (2017), Unrolled Generative Adversarial Networks, section 3.3.1; Srivastava et al.
    (2017), VEEGAN, section 5.
    """
    _check_bytes(images)

    def sample(n: int, rng: torch.Generator) -> torch.Tensor:
        index = torch.randint(len(images), (3 * n,), generator=rng, device=images.device)
        return images[index].unflatten(0, (n, 3))

    return sample


def _check_bytes(images):
    if images.dtype != torch.uint8 or images.ndim != 3 or not len(images):
        shape = tuple(images.shape)
        raise ValueError(f"images must be bytes (m, height, width), not {images.dtype} {shape}")
