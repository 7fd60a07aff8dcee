"""The classifier two-sample test: can a new discriminator tell them apart?"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ..arguments import checked
from ._samples import two_sets_of_features


@checked(seed=0)
def two_sample_test(
    real_features: ArrayLike, fake_features: ArrayLike, seed: int = 0
) -> tuple[float, float]:
    """Accuracy of a classifier trained to tell real from fake, on held-out halves, and a p-value.

    Accuracy near 1/2: nobody can tell, or not this classifier (standardised features, one hidden
    layer). The p-value is the probability of so many right answers, or more, from tossing a coin.
    As many of each are used as the smaller set has (20 at least), half of them for training
    (Lopez-Paz and Oquab, 2017, Revisiting Classifier Two-Sample Tests, section 3).
    """
    from sklearn.model_selection import train_test_split

    features = two_sets_of_features(real_features, fake_features, least=20)
    rng, size = np.random.default_rng(seed), min(map(len, features))
    x = np.concatenate([rng.permutation(each)[:size] for each in features]).astype(np.float32)
    is_real = np.repeat([1, 0], size)
    x, x_held_out, is_real, truth = train_test_split(
        x, is_real, test_size=0.5, stratify=is_real, random_state=seed
    )
    right = int((_new_discriminator(seed).fit(x, is_real).predict(x_held_out) == truth).sum())
    test = stats.binomtest(right, len(truth), 0.5, alternative="greater")
    return right / len(truth), float(test.pvalue)


def _new_discriminator(seed):
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    net = MLPClassifier((64,), learning_rate_init=3e-3, early_stopping=True, random_state=seed)
    return make_pipeline(StandardScaler(), net)
