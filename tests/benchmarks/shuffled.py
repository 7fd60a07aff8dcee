"""Four nets on one budget, on digits as they are and on digits whose pixels have been shuffled.

The pixels of all digits, training and test, are shuffled in one and the same way, by a permutation
that the seed decides: no picture loses anything, and neighbours are neighbours no more. The nets,
their settings and a quarter of the budget are those of ``families.py``. Of each run, on 3 000
binarised test digits: ``nats``, the mean of log p(x) as the net gives it when it is asked (for the
VAE its bound with one code), and ``again``, by how much a picture's answer differs, on average,
when the net is asked a second time.

Run as: python tests/benchmarks/shuffled.py [--seeds 3] [--record]
"""

import argparse
import time
from pathlib import Path

import families
import recording
import torch

from gan_lib import data, likelihood, models

RECORD = Path(__file__).resolve().parents[2] / "data" / "families"
FAMILIES = ("vae", "made", "context", "pixel_cnn")


def permuted(images, order):
    return images.flatten(1)[:, order].view_as(images)


@torch.no_grad()
def asked(net, x, rng):
    """log p(x) of each picture, or its bound with one code, in nats."""
    if isinstance(net, models.Autoregressive):
        parts = [likelihood.pixel_log_likelihood(net(part), part) for part in x.split(100)]
        return torch.cat(parts)
    return likelihood.elbo(net, x, rng)


def one_run(family, seed, images, x):
    flops = families.flops_of_a_step(family, images)
    steps = round(families.BUDGET / 4 / flops)
    state, run = families.begin(family, images, seed, steps)
    began = time.process_time()
    for _ in run:
        pass
    net, rng = state.nets["net"].eval(), torch.Generator().manual_seed(3)
    first, second = asked(net, x, rng), asked(net, x, rng)
    return {
        "nats": round(float(first.mean()), 2),
        "again": round(float((first - second).abs().mean()), 3),
        "steps": steps,
        "flops": steps * flops,
        "s": round(time.process_time() - began, 1),
    }


def runs(seeds):
    images, test = data.digits("train")[0], data.digits("test")[0]
    some = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))[:3000]
    for seed in range(seeds):
        order = torch.randperm(784, generator=torch.Generator().manual_seed(seed))
        for shuffled in (False, True):
            places = order if shuffled else torch.arange(784)
            x = data.binarise(test[some], torch.Generator().manual_seed(2))
            digits = permuted(images, places)
            for family in FAMILIES:
                about = {"family": family, "seed": seed, "shuffled": shuffled}
                yield about | one_run(family, seed, digits, permuted(x, places))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write families/shuffled.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recording.play_part("shuffled", runs(options.seeds), RECORD if options.record else None)


if __name__ == "__main__":
    main()
