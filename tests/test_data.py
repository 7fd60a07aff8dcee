"""Data sets as tensors, and minibatches of them. Where MNIST comes from: test_mnist_files.py."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from gan_lib import data

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
    """Cubic convolution (Keys, 1981) with a = -0.75 as a linear map (large, small).

    Pixel centres are aligned, and edges repeated.
    """
    t, matrix = (np.arange(large) + 0.5) * small / large - 0.5, np.zeros((large, small))
    for i in range(-2, small + 2):
        d = np.abs(t - i)
        near, far = 1.25 * d**3 - 2.25 * d**2 + 1, -0.75 * (d**3 - 5 * d**2 + 8 * d - 4)
        matrix[:, min(max(i, 0), small - 1)] += np.where(d <= 1, near, np.where(d < 2, far, 0))
    return matrix


def test_embedded_digits_are_the_resized_originals():
    bunch, resize = load_digits(), bicubic_matrix(8, 20)
    images, labels = (
        torch.cat(parts).numpy()
        for parts in zip(data.embedded_digits("train"), data.embedded_digits("test"))
    )
    expected = (resize @ bunch.images @ resize.T * 255 / 16).clip(0, 255)
    np.testing.assert_allclose(images[:, 4:-4, 4:-4], expected, atol=0.51)
    assert np.array_equal(labels, bunch.target)


@pytest.mark.parametrize("load", [data.mnist, data.embedded_digits, data.digits])
@pytest.mark.parametrize("split", ["valid", "", None])
def test_unknown_split_is_named(load, split):
    with pytest.raises(ValueError, match=f"split must be one of .*train.*test.*not {split!r}"):
        load(split)


# MNIST, or the embedded digits


@pytest.fixture
def files(monkeypatch):
    """The files of an MNIST with two images a split, by split; to be taken away."""
    images = bytes(16) + bytes(range(196)) * 8
    contents = {
        "train": (images, bytes(8) + b"\3\7"),
        "test": (images[:-1] + b"!", bytes(8) + b"\1\2"),
    }

    def read(split):
        if not contents:
            raise data.DataUnavailable("it rains")
        return contents[split]

    monkeypatch.setattr("gan_lib.mnist_files.read", read)
    return contents


@pytest.mark.parametrize("load", [data.mnist, data.digits])
def test_headers_are_left_out(files, load):
    images, labels = load("train")
    assert images.dtype == torch.uint8 and labels.dtype == torch.int64
    assert torch.equal(images, (torch.arange(2 * 28 * 28) % 196).to(torch.uint8).reshape(2, 28, 28))
    assert labels.tolist() == [3, 7]
    images, labels = load("test")
    assert images[-1, -1, -1] == ord("!") and labels.tolist() == [1, 2]


def test_train_is_the_default(files):
    for load in (data.mnist, data.digits):
        assert load()[1].tolist() == [3, 7]


def test_images_can_be_written_to(files):
    data.mnist()[0].zero_()
    assert data.mnist()[0].any()


def test_digits_says_that_it_is_mnist(files, capsys):
    data.digits("test")
    assert capsys.readouterr().out == "MNIST, test: 2 images\n"


@pytest.mark.parametrize("split, n", [("train", 1500), ("test", 297)])
def test_digits_says_why_it_is_not(files, capsys, split, n):
    files.clear()
    with pytest.raises(data.DataUnavailable):
        data.mnist(split)
    for found, expected in zip(data.digits(split), data.embedded_digits(split), strict=True):
        assert torch.equal(found, expected)
    said = f"MNIST is not available: it rains\nInstead: the embedded digits, {split}: {n} images\n"
    assert capsys.readouterr().out == said


# Batches


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def take(n, batches):
    return torch.stack([batch for batch, _ in zip(batches, range(n))])


def test_scaling_is_exact():
    assert data.to_tanh_range(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1, 1]
    every = torch.arange(256, dtype=torch.uint8).reshape(4, 64)
    expected = torch.linspace(-1, 1, 256, dtype=torch.float64).reshape(4, 64).float()
    torch.testing.assert_close(data.to_tanh_range(every), expected, rtol=0, atol=1e-6)
    assert every.dtype == torch.uint8 and every[-1, -1] == 255


def test_floats_are_not_scaled():
    x = torch.tensor([-3.0, 0.0, 200.0])
    assert data.to_tanh_range(x) is x


def test_batches_of_images():
    images, _ = data.embedded_digits("test")
    batch = next(data.batches(images, 16, generator()))
    assert batch.shape == (16, 28, 28) and batch.dtype == torch.float32
    flat = data.to_tanh_range(images).flatten(1)
    assert all((flat == image).all(1).any() for image in batch.flatten(1))


def test_same_seed_same_batches():
    x = torch.arange(1000.0)
    first, second, other = (take(5, data.batches(x, 8, generator(seed))) for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert len({tuple(batch) for batch in first.tolist()}) == 5  # each drawn afresh


def test_batches_are_drawn_by_one_call_of_randint():
    """In this order, and by nothing else: every stored output of a training run hangs on it."""
    images, rng = torch.arange(256, dtype=torch.uint8).repeat(3).reshape(-1, 2), generator()
    for batch in take(3, batches := data.batches(images, 5, generator())):
        index = torch.randint(len(images), (5,), generator=rng)
        assert torch.equal(batch, images[index].float() / 127.5 - 1)
    assert iter(batches) is batches


def test_batches_reach_all_of_the_data_and_repeat_some():
    drawn = take(1, data.batches(torch.arange(10.0), 1000, generator()))
    assert drawn.unique().tolist() == list(range(10))
