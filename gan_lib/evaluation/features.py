"""Measures on a classifier's features and probabilities: quality, variety, and both at once."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from scipy.special import rel_entr

from ..arguments import as_array, checked
from ._samples import rows_of_probabilities, two_sets_of_features


@checked
def inception_score(probabilities: ArrayLike) -> float:
    """exp E_x[KL(p(y given x) || p(y))], from 1 to K, where p(y) is the mean over the samples.

    High where the classifier is sure of each image and the images are of all classes (Salimans et
    al., 2016, section 4).
    """
    p = rows_of_probabilities("probabilities", probabilities)
    return float(np.exp(rel_entr(p, p.mean(0)).sum(1).mean()))


@checked
def frechet_distance(real_features: ArrayLike, fake_features: ArrayLike) -> float:
    """The ``gaussian_frechet_distance`` of Gaussians with the features' means and covariances.

    In squared units of the features. It is biased upwards, the more so the fewer samples there are
    (two at least): compare only values from equally many (Heusel et al., 2017, GANs Trained by a
    Two Time-Scale Update Rule, where the features are Inception's).
    """
    moments = []
    for features in two_sets_of_features(real_features, fake_features, least=2):
        moments += [features.mean(0), np.atleast_2d(np.cov(features, rowvar=False))]
    return gaussian_frechet_distance(*moments)


@checked
def gaussian_frechet_distance(
    mean1: ArrayLike, covariance1: ArrayLike, mean2: ArrayLike, covariance2: ArrayLike
) -> float:
    """``|mean1 - mean2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))``, at least 0, for two Gaussians.

    The squared Wasserstein-2 distance; where the covariances are equal, that of the means. These
    are (f,), the covariances (f, f) (Dowson and Landau, 1982, The Fréchet Distance between
    Multivariate Normal Distributions).
    """
    given = dict(mean1=mean1, covariance1=covariance1, mean2=mean2, covariance2=covariance2)
    mean1, c1, mean2, c2 = arrays = [as_array(name, array) for name, array in given.items()]
    means_fit = mean1.ndim == 1 and mean2.shape == mean1.shape
    if not (means_fit and c1.shape == c2.shape == 2 * mean1.shape):
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(given, arrays))
        raise ValueError(f"means and covariances do not fit one another: {shapes}")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(f"{', '.join(given)} must hold finite numbers")
    # The trace of the root is the sum of the roots of the eigenvalues, which are real and not
    # negative, but for rounding.
    roots = np.sqrt(linalg.eigvals(c1 @ c2).real.clip(min=0))
    distance = ((mean1 - mean2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * roots.sum()
    return max(0.0, float(distance))


@checked
def class_coverage(real_probabilities: ArrayLike, fake_probabilities: ArrayLike) -> float:
    """Sum over the classes of min(real share, fake share), from 0 to 1.

    How much of the real classes' shares the fakes reach: 1 minus the total variation between the
    two. Each sample counts for its likeliest class.
    """
    real = rows_of_probabilities("real_probabilities", real_probabilities)
    fake = rows_of_probabilities("fake_probabilities", fake_probabilities)
    (_, k), (_, fake_k) = real.shape, fake.shape
    if k != fake_k:
        raise ValueError(f"real_probabilities have {k} classes, fake_probabilities {fake_k}")
    shares = [np.bincount(p.argmax(1), minlength=k) / len(p) for p in (real, fake)]
    return float(np.minimum(*shares).sum())
