"""Class by class: does a conditional G make what it is asked for, and how well, and how varied?"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arguments import as_array, checked
from ._samples import rows_of_probabilities


@checked
def obedience(probabilities: ArrayLike, asked: ArrayLike) -> NDArray[np.float64]:
    """Of the samples asked for as class k, the share that a classifier takes for k: (K,).

    Each sample counts for its likeliest class; nan for a class that was not asked for. The
    classifier must have had no part in the training, or it is the judge of its own cause.

    Parameters
    ----------
    probabilities : (n, K) of the classes, of each sample
    asked : (n,) the class that it was to be

    Raises
    ------
    ValueError
        If asked does not hold a class for each sample.
    """
    p = rows_of_probabilities("probabilities", probabilities)
    classes = p.shape[1]
    asked = _classes("asked", asked, len(p), classes)
    counts = np.bincount(asked, minlength=classes)
    right = np.bincount(asked[p.argmax(1) == asked], minlength=classes)
    return np.divide(right, counts, out=np.full(classes, np.nan), where=counts > 0)


@checked
def by_class(
    measure: Callable,
    real: ArrayLike,
    real_labels: ArrayLike,
    fake: ArrayLike,
    asked: ArrayLike,
) -> NDArray[np.float64]:
    """``measure(real, fake)`` of each class by itself, in the order of the classes: (K, ...).

    Fakes are those *asked for* as the class, whatever they look like. Of ``frechet_distance`` it is
    the distance between the real and the made p(x given y), for each y.

    Parameters
    ----------
    measure : of two sets of rows, such as ``frechet_distance`` or ``precision_and_recall``
    real, fake : (n, ...) and (m, ...) rows, such as features
    real_labels, asked : (n,) and (m,) whole numbers; the classes are those of real_labels

    Raises
    ------
    ValueError
        If labels do not fit their rows, or a class was not asked for.
    """
    real, fake = (as_array(n, g, dtype=None) for n, g in (("real", real), ("fake", fake)))
    if not (real.ndim and fake.ndim and len(real) and len(fake)):
        raise ValueError("real and fake must be rows (n, ...), n > 0")
    real_labels = _classes("real_labels", real_labels, len(real))
    asked = _classes("asked", asked, len(fake))
    classes = np.unique(real_labels)
    missing = np.setdiff1d(classes, asked)
    if len(missing):
        raise ValueError(f"asked has no sample of the classes {missing.tolist()}")
    return np.array([measure(real[real_labels == k], fake[asked == k]) for k in classes])


def _classes(name: str, given: ArrayLike, n: int, classes: int | None = None) -> NDArray:
    """Labels as whole numbers (n,), checked: at least 0 and, if that is known, below classes."""
    labels = as_array(name, given, dtype=None)
    if labels.shape != (n,) or labels.dtype.kind not in "iu":
        what = f"{labels.dtype} {labels.shape}"
        raise ValueError(
            f"{name} must hold a class, a whole number, for each of {n} samples, not {what}"
        )
    if (labels < 0).any() or (classes is not None and (labels >= classes).any()):
        bound = "at least 0" if classes is None else f"from 0 to {classes - 1}"
        raise ValueError(f"{name} must hold classes {bound}")
    return labels
