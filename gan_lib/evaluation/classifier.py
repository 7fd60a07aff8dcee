"""The digit classifier whose features and probabilities the other measures look at."""

import hashlib
import os
from pathlib import Path

import safetensors.torch
import torch
from numpy.typing import ArrayLike
from torch import nn

from .. import data, files, models, threads
from ..arguments import checked
from .parzen import to_pixels

VERSION = "digit classifier 1"  # to be counted up when its training changes


@checked(steps=1)
def digit_classifier(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    steps: int = 1000,
    seed: int = 0,
    folder: str | Path | None = None,
) -> nn.Sequential:
    """A small convolutional classifier, trained on the images; in eval mode, on the CPU.

    The images are (n, 28, 28) bytes (uint8), the labels (n,) digits from 0 to 9. On MNIST it takes
    a quarter of a minute and is right on 99 % of the test images. It is kept in ``folder`` (by
    default ``classifiers`` in the data cache) under a name made from its layers, data, steps and
    seed, and read from there next time.
    """
    images, labels = _checked(images, labels)
    net = models.digit_classifier(seed=seed)
    if folder is not None:
        files.check_path("folder", folder)
    path = files.user_path(folder or files.cache_folder() / "classifiers")
    path /= f"{_fingerprint((VERSION, net, steps, seed), images, labels)}.safetensors"
    if not _read(net, path):
        _train(net, images, labels, steps, seed)
        _keep(net, path)
    return net.eval()


def _checked(images, labels):
    """Both as tensors on the CPU, contiguous."""
    images, labels = torch.as_tensor(images), torch.as_tensor(labels)
    if images.dtype != torch.uint8:
        raise ValueError(f"images must be bytes (uint8), not {images.dtype}")
    shape = tuple(images.shape)
    if shape[1:] != (28, 28) or not len(images):
        raise ValueError(f"images must have shape (n, 28, 28) with n > 0, not {shape}")
    if labels.shape != images.shape[:1]:
        raise ValueError(f"labels have shape {tuple(labels.shape)} for {len(images)} images")
    if not ((labels >= 0) & (labels <= 9)).all():
        raise ValueError("labels must be digits, from 0 to 9")
    return images.cpu().contiguous(), labels.cpu().long().contiguous()


def _fingerprint(made_of, *tensors):
    digest = hashlib.sha256(repr(made_of).encode())
    for tensor in tensors:
        digest.update(tensor.numpy())
    return digest.hexdigest()[:16]


def _read(net, path):
    """Give the net the weights kept at ``path``; False where there are none that can be read."""
    if not os.path.isfile(path):  # False, too, where one may not look
        return False
    try:
        net.load_state_dict(safetensors.torch.load_file(path))
    except (OSError, RuntimeError, safetensors.SafetensorError) as error:
        print(f"{path} is damaged ({error}); the classifier is trained anew.")
        return False
    return True


@threads.limited()
def _train(net, images, labels, steps, seed):
    rng = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    for _ in range(steps):
        index = torch.randint(len(images), (128,), generator=rng)
        logits = net(data.to_tanh_range(images[index])[:, None])
        loss = nn.functional.cross_entropy(logits, labels[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def _keep(net, path):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(path, safetensors.torch.save(net.state_dict()))
    except OSError as error:
        why = error.strerror
        print(f"The classifier could not be kept ({why}); it will be trained again next time.")


@checked
@threads.limited()
@torch.no_grad()
def features_and_probabilities(
    classifier: nn.Sequential, images: ArrayLike
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the classifier makes of images: features (n, f) and probabilities (n, K), float32.

    The images are (n, 28, 28) or (n, 1, 28, 28), bytes, or floats in [-1, 1].
    """
    images = torch.as_tensor(images)
    shape = tuple(images.shape)
    if shape[1:] not in ((28, 28), (1, 28, 28)) or not len(images):
        wanted = "(n, 28, 28) or (n, 1, 28, 28) with n > 0"
        raise ValueError(f"images must have shape {wanted}, not {shape}")
    to_features, to_logits = classifier[:-1], classifier[-1]
    blocks = [to_pixels(block).mul_(2).sub_(1) for block in images.split(1000)]
    features = torch.cat([to_features(block.reshape(-1, 1, 28, 28)) for block in blocks])
    return features, to_logits(features).softmax(1)
