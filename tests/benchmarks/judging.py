"""The course's classifier as a judge of digits, as lessons 14, 16 and 17 record it."""

import time

from gan_lib import data, evaluation, training


def train_to_end(state, samples):
    """Train until the run's steps are over: seconds of processor time."""
    began = time.process_time()
    for _ in training.train(state, samples):
        pass
    return time.process_time() - began


class Judge:
    """The digits, their classifier, and what it makes of the first ``tested`` test images."""

    def __init__(self, tested=10_000):
        self.images, self.labels = data.digits("train")
        self.test, self.test_labels = (each[:tested] for each in data.digits("test"))
        self.classifier = evaluation.digit_classifier(self.images, self.labels)
        self.features, self.probabilities = self.seen(self.test)

    def seen(self, images):
        """Features and probabilities."""
        return evaluation.features_and_probabilities(self.classifier, images)

    def marks(self, features, digits):
        """Of samples with these features: Fréchet, to so many digits, precision and recall."""
        precision, recall = evaluation.precision_and_recall(self.features, features)
        return {
            "frechet": round(evaluation.frechet_distance(self.features, features), digits),
            "precision": round(precision, 3),
            "recall": round(recall, 3),
        }
