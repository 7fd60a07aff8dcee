"""The clinic's matrix: ten bugs, each sick and cured, times ten probes, and what the bugs do.

Each run watches 50 steps with every probe, from step 20 on, and goes on to step 900. Of each:
every probe's number and verdict; the Fréchet distance of 2000 samples from the first 2000 test
images of MNIST, at steps 300, 600 and 900; D's accuracy on its own batches (mean of the last 100
steps), on 2000 training images that the script was given, and on 2000 held-out ones, beside new
fakes; how many different training images D has seen; the curves of D's loss, G's loss and D's
accuracy, in 30 stretches; and, of two seeds, four samples in 16 greys. The healthy visitor and the
patient whose seed is set again go on to step 2400, where the harm is seen: "long". A cured
patient's script is that of the healthy visitor (with BatchNorm in D, where the patient came with
it), so it is run once.

Run as: python tests/benchmarks/clinic.py [--seeds 5] [--record]
"""

import argparse
import time
from pathlib import Path

import recording
import torch

from gan_lib import clinic, data, diagnose, evaluation

RECORD = Path(__file__).resolve().parents[2] / "data" / "clinic"
FIRST = 20  # the first watched step
MARKS = (300, 600, 900)  # steps at which the samples are judged
LONG = 2400


class Judge:
    """The Fréchet distance to MNIST's test images."""

    def __init__(self):
        self.images, labels = data.digits("train")
        if len(self.images) != 60_000:
            raise SystemExit("these results are of MNIST, and MNIST is not available here")
        self.held_out = data.digits("test")[0][:2000]
        self.classifier = evaluation.digit_classifier(self.images, labels)
        self.features = self.look(self.held_out)

    def look(self, images):
        return evaluation.features_and_probabilities(self.classifier, images)[0]

    def frechet(self, visit):
        return evaluation.frechet_distance(self.features, self.look(visit.samples(2000, seed=1)))


def thinned(history, points=30):
    """Means over equal stretches: (points, 3)."""
    blocks = torch.tensor(history).reshape(points, -1, 3).mean(1)
    return [[float(f"{value:.3g}") for value in row] for row in blocks.tolist()]


def thumbnails(visit):
    """Four samples of 14 x 14 pixels: a hexadecimal digit a pixel, 0 for black."""
    small = torch.nn.functional.avg_pool2d(visit.samples(4, seed=2), 2)
    grey = ((small + 1) * 7.5).round().long().flatten(1)
    return ["".join(f"{pixel:x}" for pixel in row) for row in grey.tolist()]


class Seen:
    """Which training images have been drawn: counted by listening to the script's indexing."""

    def __init__(self, visit):
        self.indices, self.images = set(), visit.names["images"]
        visit.names["images"] = self

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        if isinstance(index, torch.Tensor):  # not the slice of Visit.data
            self.indices |= set(index.tolist())
        return self.images[index]


def run(patient, sick, seed, judge):
    began = time.process_time()
    visit = patient.admit(seed, judge.images, sick)
    parts, seen = visit.parts, Seen(visit)
    visit.run(FIRST)
    report = diagnose.examine(visit.step, **parts)
    frechet = []
    for mark in MARKS:
        visit.run(mark - len(visit.history))
        frechet.append(judge.frechet(visit))
    last = torch.tensor(visit.history[-100:]).mean(0).tolist()
    found = {
        "numbers": [finding.number for finding in report.findings],
        "wrong": [finding.probe for finding in report.wrong],
        "d_loss": last[0],
        "g_loss": last[1],
        "accuracy": last[2],
        "seen": len(seen.indices),
        "frechet": frechet,
        **accuracies(visit, seen, judge),
        "curve": thinned(visit.history),
        "seconds": time.process_time() - began,
    }
    if seed < 2:
        found["samples"] = thumbnails(visit)
    if patient.probe in ("", "random state"):
        visit.run(LONG - len(visit.history))
        found["long"] = {"frechet": judge.frechet(visit), **accuracies(visit, seen, judge)}
    return found


def accuracies(visit, seen, judge):
    """D's, on images that it has learnt from and on others."""
    drawn = torch.tensor(sorted(seen.indices))[:2000]
    return {
        "accuracy_seen": visit.accuracy(judge.images[drawn]),
        "accuracy_held_out": visit.accuracy(judge.held_out),
    }


def results(seeds):
    judge = Judge()
    runs = [(clinic.HEALTHY, False), *((patient, True) for patient in clinic.PATIENTS)]
    runs += [(patient, False) for patient in clinic.PATIENTS if patient.base]
    for patient, sick in runs:
        for seed in range(seeds):
            found = recording.rounded(run(patient, sick, seed, judge))
            name = f"{patient.bug}, {'sick' if sick else 'cured'}, {seed}"
            yield {"run": name, "bug": patient.bug, "sick": sick, "seed": seed, **found}


def main(seeds, keep):
    torch.set_num_threads(1)
    found = []
    for result in results(seeds):
        found.append(result)
        shown = {
            key: value
            for key, value in result.items()
            if key not in ("curve", "samples", "numbers")
        }
        print(*shown.values(), flush=True)
        if keep:
            recording.keep(RECORD, [result], key="run")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--record", action="store_true", help="keep the results in data/clinic/, for notebook 15"
    )
    options = parser.parse_args()
    main(options.seeds, options.record)
