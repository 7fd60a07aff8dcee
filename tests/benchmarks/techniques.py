"""The techniques of Salimans et al. (2016) and four later ones, each alone, over seeds.

    rates    how many steps each makes in the time of one plain step, on the digits: in turns
    knobs    each technique's own number, if it has one: tried on three seeds kept for this
    ring     eight heaps in the plane under the slow D of lesson 11, 3000 steps, whatever they cost
    eights   MNIST with the pair of lesson 11 that draws eights only, at equal time
    digits   MNIST with a pair that draws all ten, at equal time
    steps    the same, but 600 steps each, whatever they cost
    longer   the same as digits in five times the time

Equal time: as many steps as fit, by ``rates``, into the time of 600 plain ones. A technique's
number is the best of ``knobs`` in that field. A run's seed is that of its data and noise; its nets
start from the seeds 2 seed and 2 seed + 1.

Run as: python tests/benchmarks/techniques.py [--seeds 10] [--parts rates knobs ...] [--record]
"""

import argparse
import functools
import json
import random
import statistics
import time
from pathlib import Path

import judging
import recording
import torch
from torch import nn

from gan_lib import data, evaluation, models, toys, training
from gan_lib.losses import (
    minimax_generator_loss,
    non_saturating_generator_loss,
    smoothed_discriminator_loss,
)
from gan_lib.objectives import Objective

RECORD = Path(__file__).resolve().parents[2] / "data" / "techniques"
RING = toys.ring()
BETAS = (0.5, 0.999)
PLAIN_STEPS = 600  # on the digits
FIELDS = {
    "ring": {
        "settings": {"steps": 3000, "noise_dim": 2, "lr_g": 1e-3, "lr_d": 1e-4},
        "g_loss": minimax_generator_loss,
    },
    "eights": {
        "settings": {"noise_dim": 64, "lr_g": 4e-4, "lr_d": 4e-4},
        "width": 64,
        "g_loss": non_saturating_generator_loss,
    },
    "digits": {
        "settings": {"noise_dim": 64, "lr_g": 1e-3, "lr_d": 3e-3},
        "width": 128,
        "g_loss": non_saturating_generator_loss,
    },
}
TECHNIQUES = {  # what each changes, given its number, and the numbers tried
    "nothing": (lambda _: {}, [None]),
    "feature matching": (lambda _: {"objective": "feature_matching"}, [None]),
    "historical averaging": (lambda strength: {"history": strength}, [0.001, 0.01, 0.1, 1.0]),
    "minibatch discrimination": (lambda kernels: {"kernels": kernels}, [4, 16]),
    "one-sided smoothing": (lambda alpha: {"targets": (alpha, 0.0)}, [0.75, 0.9]),
    "two-sided smoothing": (lambda alpha: {"targets": (alpha, 1 - alpha)}, [0.75, 0.9]),
    "batch norm": (lambda _: {"norm": True}, [None]),
    "virtual batch norm": (lambda size: {"norm": True, "reference": size}, [16, 64, 256]),
    "spectral norm": (lambda bound: {"spectral": bound}, [1.0, 3.0, 10.0]),  # on D's slopes
    "two time scales": (lambda ratio: {"ratio": ratio}, [2.0, 4.0, 10.0]),
    "averaged weights": (lambda decay: {"average": decay}, [0.9, 0.99, 0.999]),
    "R1": (lambda gamma: {"r1": gamma}, [0.1, 1.0, 10.0, 100.0]),
}
TUNING_SEEDS = (100, 101, 102)


def generator(field, norm, reference, seed):
    """G of the field; G for the plane gets a layer of BatchNorm only if ``norm``."""
    if field == "ring":
        net = models.plane_generator(seed=seed)
        if norm:
            net = nn.Sequential(*net[:3], nn.BatchNorm1d(64), *net[3:])
    else:
        net = models.mlp_generator(64, hidden=(64, 128), seed=seed)
    if not reference:
        return net
    noise_dim = FIELDS[field]["settings"]["noise_dim"]
    rng = torch.Generator().manual_seed(seed)
    return models.Virtual(net, torch.randn(reference, noise_dim, generator=rng))


def discriminator(field, kernels, spectral, seed):
    if field == "ring":
        net = models.plane_discriminator(seed=seed)
    else:
        net = models.mlp_discriminator(hidden=(FIELDS[field]["width"],), seed=seed)
    if kernels:
        net = models.with_minibatch_discrimination(net, kernels, seed=seed)
    if not spectral:
        return net
    return nn.Sequential(models.with_spectral_norm(net, seed=seed), Times(spectral))


class Times(nn.Module):
    """x -> factor x: with spectral norm before it, D's slopes are at most the factor."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x


def begin(
    field,
    seed,
    steps,
    norm=False,
    reference=None,
    kernels=None,
    spectral=None,
    targets=None,
    history=None,
    ratio=None,
    **changes,
):
    """A run with one technique, ready to start."""
    of_field = FIELDS[field]
    nets = (
        generator(field, norm, reference, 2 * seed),
        discriminator(field, kernels, spectral, 2 * seed + 1),
    )
    settings = {"batch_size": 64, "betas": BETAS, "average": None, **of_field["settings"]}
    settings |= {"steps": steps, "objective": Objective(g_loss=of_field["g_loss"])}
    if ratio:
        settings["lr_d"] = ratio * settings["lr_g"]
    if targets:
        real, fake = targets
        d_loss = functools.partial(smoothed_discriminator_loss, real_target=real, fake_target=fake)
        settings["objective"] = Objective(d_loss, of_field["g_loss"])
    if history:
        rates = settings["lr_g"], settings["lr_d"]
        settings["optimizers"] = dict(
            zip(("generator", "discriminator"), map(drawn_back, nets, rates, 2 * [history]))
        )
    return training.start(*nets, seed=seed, device="cpu", **(settings | changes))


def drawn_back(net, rate, strength):
    adam = torch.optim.Adam(net.parameters(), rate, betas=BETAS, fused=True)
    return training.historical_averaging(adam, strength)


def play(field, seed, steps, images, name, number):
    """G as it is judged after the run, and the seconds of processor time."""
    change, _ = TECHNIQUES[name]
    state = begin(field, seed, steps, **change(number))
    seconds = judging.train_to_end(state, images)
    return training.averaged_generator(state), seconds


@torch.no_grad()
def drawn(net, n, noise_dim):
    return net(torch.randn(n, noise_dim, generator=torch.Generator().manual_seed(7)))


def judge_ring(net):
    found = evaluation.mode_report(drawn(net, 2500, 2), RING.centres, RING.std)
    return {"covered": found.covered, "quality": round(found.quality, 3)}


class JudgeOfDigits(judging.Judge):
    """Class coverage, and the Fréchet distance in the features of the course's classifier."""

    def __init__(self):
        super().__init__(tested=5000)

    def __call__(self, net):
        features, classes = self.seen(drawn(net, 5000, 64))
        return {
            "coverage": round(evaluation.class_coverage(self.probabilities, classes), 3),
            "frechet": round(evaluation.frechet_distance(self.features, features), 1),
        }


class Field:
    """Where a technique is tried: data, length of a run, and what is measured."""

    def __init__(self, name, times=1, equal_time=True):
        self.name = name
        on_plane = name == "ring"
        self.data = RING.sample if on_plane else data.digits("train")[0]
        self.judge = judge_ring if on_plane else JudgeOfDigits()
        self.rates = {
            (each["technique"], each["number"]): each["steps"] if equal_time else 1.0
            for each in read("rates")
        }
        self.plain_steps = PLAIN_STEPS * times

    def run(self, name, number, seed):
        steps = 3000 if self.name == "ring" else round(self.plain_steps * self.rates[name, number])
        net, seconds = play(self.name, seed, steps, self.data, name, number)
        run = {"technique": name, "number": number, "seed": seed, "steps": steps}
        return run | self.judge(net) | {"s": round(seconds, 2)}

    def techniques(self, only):
        """Those that change something here: on the digits G has BatchNorm anyway."""
        return [name for name in only if self.name == "ring" or name != "batch norm"]


def compared(field_name, **options):
    """The part that plays all techniques in a field, each with its best number."""

    def runs(seeds, only):
        field = Field(field_name, **options)
        best = best_numbers(field_name)
        for name in field.techniques(only):
            for seed in range(seeds):
                yield field.run(name, best[name], seed)

    return runs


def knobs(seeds, only):
    for field_name in FIELDS:
        field = Field(field_name)
        for name in field.techniques(only):
            numbers = TECHNIQUES[name][1]
            for number in numbers if len(numbers) > 1 else []:
                for seed in TUNING_SEEDS:
                    yield {"field": field_name, **field.run(name, number, seed)}


def best_numbers(field_name):
    """Of each technique: most modes, then most quality; on the digits the least Fréchet."""
    tried = [run for run in read("knobs") if run["field"] == field_name]

    def merit(name, number):
        own = [run for run in tried if (run["technique"], run["number"]) == (name, number)]
        if field_name == "ring":
            return sum(run["covered"] for run in own), sum(run["quality"] for run in own)
        return -sum(run["frechet"] for run in own), 0

    return {
        name: max(numbers, key=functools.partial(merit, name))
        for name, (_, numbers) in TECHNIQUES.items()
    }


def rates(seeds, only, burst=20, rounds=25):
    """Steps of each technique in the time of a plain step: medians over bursts in mixed order."""
    images, _ = data.digits("train")
    walks = {}
    for name in only:
        change, numbers = TECHNIQUES[name]
        for number in numbers:
            state = begin("digits", 0, 10**6, **change(number))
            walks[name, number] = training.train(state, images)
    times = {key: [] for key in walks}
    order = random.Random(0)
    for _ in range(rounds):
        for key, walk in order.sample(list(walks.items()), len(walks)):
            began = time.process_time()
            for _ in range(burst):
                next(walk)
            times[key].append((time.process_time() - began) / burst)
    plain = statistics.median(times["nothing", None])
    for (name, number), seconds in times.items():
        one = statistics.median(seconds)
        rate = {"ms": round(1000 * one, 3), "steps": round(plain / one, 3)}
        yield {"technique": name, "number": number, **rate}


PARTS = {
    "rates": rates,
    "knobs": knobs,
    "ring": compared("ring"),
    "eights": compared("eights"),
    "digits": compared("digits"),
    "steps": compared("digits", equal_time=False),
    "longer": compared("digits", times=5),
}


def read(part):
    return json.loads((RECORD / f"{part}.json").read_text(encoding="utf-8"))["runs"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--only", nargs="+", choices=TECHNIQUES, default=list(TECHNIQUES))
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}/PART.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for part in options.parts:
        runs = PARTS[part](options.seeds, options.only)
        recording.play_part(part, runs, RECORD if options.record else None)


if __name__ == "__main__":
    main()
