"""The classifier two-sample test: can a new discriminator tell them apart?"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ._samples import two_sets_of_features


def two_sample_test(
    real_features: ArrayLike, fake_features: ArrayLike, seed: int = 0
) -> tuple[float, float]:
    """Accuracy of a classifier trained to tell real from fake, on held-out halves, and a p-value.

    Accuracy near 1/2: nobody can tell, or not this classifier (standardised features, one hidden
    layer). The p-value is the probability of so many right answers, or more, from tossing a coin.
    As many of each are used as the smaller set has (20 at least), half of them for training.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, section 3.
    """
    from sklearn.model_selection import train_test_split

    x, y = _labelled(*two_sets_of_features(real_features, fake_features, least=20), seed)
    x, x_held_out, y, y_held_out = train_test_split(
        x, y, test_size=0.5, stratify=y, random_state=seed
    )
    answers = _new_discriminator(seed).fit(x, y).predict(x_held_out)
    right = int((answers == y_held_out).sum())
    test = stats.binomtest(right, len(y_held_out), 0.5, alternative="greater")
    return right / len(y_held_out), float(test.pvalue)


def _labelled(real, fake, seed):
    """Equally many of both, float32, and their labels: 1 for real, 0 for fake."""
    rng = np.random.default_rng(seed)
    size = min(len(real), len(fake))
    x = np.concatenate([rng.permutation(each)[:size] for each in (real, fake)])
    return x.astype(np.float32), np.repeat([1, 0], size)


def _new_discriminator(seed):
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    net = MLPClassifier((64,), learning_rate_init=3e-3, early_stopping=True, random_state=seed)
    return make_pipeline(StandardScaler(), net)
