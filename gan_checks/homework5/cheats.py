"""Catch the cheat: five sets of small digits, in an order that the variant decides."""

import numpy as np
from scipy.ndimage import gaussian_filter

from gan_lib import evaluation

from ..questions import LineUp, dealt
from .parzen import rng_of

MEMORISER, ONE_PER_CLASS, BLURRED, HALF, HONEST = CHEATS = (
    "memoriser",
    "one per class",
    "blurred",
    "only 0 to 4",
    "honest",
)


def line_up(variant):
    """{letter: who it is}."""
    return dealt(CHEATS, lambda variant: rng_of(7, variant), variant)


def typical(images, labels):
    """For each digit, the image that is nearest to the mean of all."""
    of_each = [images[labels == digit] for digit in range(10)]
    return np.array([m[((m - m.mean(0)) ** 2).sum(1).argmin()] for m in of_each])


def suspects(variant: int) -> dict[str, dict[str, float]]:
    """{name: {measure: score}} of an honest set, "reference", and of five anonymous ones."""
    from sklearn.datasets import load_digits
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    digits = load_digits()
    mixed = rng_of(8, variant).permutation(len(digits.target))
    pixels, labels = digits.images.reshape(-1, 64)[mixed] / 16, digits.target[mixed]
    judge, train, new, test, validation = np.split(np.arange(len(mixed)), [400, 800, 1300, 1600])
    classifier = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1)
    classifier.fit(pixels[judge], labels[judge])

    def measured(images):
        sigma = evaluation.choose_sigma(images, pixels[validation])
        features, probabilities = classifier.transform(images), classifier.predict_proba(images)
        precision, recall = evaluation.precision_and_recall(test_features, features)
        scores = {
            "Parzen": evaluation.parzen_log_likelihood(images, pixels[test], sigma)[0],
            "Inception": evaluation.inception_score(probabilities),
            "Fréchet": evaluation.frechet_distance(test_features, features),
            "precision": precision,
            "recall": recall,
            "coverage": evaluation.class_coverage(test_probabilities, probabilities),
            "copying": evaluation.copying_test(images, pixels[train], pixels[test])[0],
        }
        return {measure: round(float(score), 2) for measure, score in scores.items()}

    test_features = classifier.transform(pixels[test])
    test_probabilities = classifier.predict_proba(pixels[test])
    size, honest = 200, pixels[new]
    small = honest[:size].reshape(-1, 8, 8)
    sets = {
        MEMORISER: pixels[train][:size],
        ONE_PER_CLASS: np.tile(typical(pixels[train], labels[train]), (size // 10, 1)),
        BLURRED: gaussian_filter(small, (0, 0.5, 0.5)).reshape(size, 64),
        HALF: honest[labels[new] < 5][:size],
        HONEST: honest[:size],
    }
    rows = {letter: measured(sets[who]) for letter, who in line_up(variant).items()}
    return {"reference": measured(honest[-size:])} | rows


cheats = LineUp(
    "catch the cheat",
    "{letter: who it is}, for the five anonymous sets of suspects",
    CHEATS,
    line_up,
    {
        (MEMORISER, HONEST): "you compared it with test images only, and of those it has "
        "everything. Look at the copying test.",
        (ONE_PER_CLASS, HONEST): "you trusted the Inception score: one sure image per class scores "
        "full marks. Look at recall.",
        (BLURRED, HONEST): "you trusted Parzen and precision: blurs stand near everybody's digit. "
        "Look at recall and Fréchet.",
        (HALF, HONEST): "you trusted precision: each image may be perfect, and half of the digits "
        "missing. Look at coverage.",
        (MEMORISER, ONE_PER_CLASS): "it copies, but not ten images only: its recall is that of "
        "honest images.",
        (ONE_PER_CLASS, MEMORISER): "it copies, but only a few images: look at its recall.",
        (BLURRED, HALF): "low recall is not enough: its coverage is that of honest images, so no "
        "digit is missing.",
        (HALF, BLURRED): "blurs of all digits lose recall, but no classes: look at its coverage.",
        (MEMORISER, ""): "its copying test says that it lies on the training images, and yet it "
        "has the recall of honest ones.",
        (ONE_PER_CLASS, ""): "its recall is next to nothing, and its Inception score full marks.",
        (BLURRED, ""): "it is no copy and misses no class, and yet half of the real images lie "
        "out of its reach.",
        (HALF, ""): "its coverage is about one half, and so is its Inception score.",
        (HONEST, ""): "you accused the innocent. Compare it with the first line: two honest sets "
        "differ by as much.",
    },
    telling=HONEST,
    once=True,
    passed="catch the cheat: all five",
)
