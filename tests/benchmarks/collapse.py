"""Mode collapse on the ring of eight: one knob, and cures, over seeds.

    knob     the same nets, game and steps under nine learning rates of D
    cures    where D is slow and G collapses: one change at a time
    frozen   a healthy G that goes on against a D that no longer learns
    games    three losses of G, whose divergences against D* differ, under a slow and a fast D

Each run is of 3000 steps, whatever a step costs; seconds are of processor time. A run's seed is
that of its data and noise; its nets start from the seeds 2 seed and 2 seed + 1.

Run as: python tests/benchmarks/collapse.py [--seeds 10] [--parts knob cures ...] [--record]
"""

import argparse
import time
from pathlib import Path

import numpy as np
import recording
import torch
from torch import nn

from gan_lib import evaluation, models, toys, training
from gan_lib.losses import minimax_generator_loss
from gan_lib.objectives import Objective
from gan_lib.unrolling import Unrolled

RECORD = Path(__file__).resolve().parents[2] / "data" / "collapse"
RING = toys.ring()
GAME = {
    "objective": "minimax",
    "steps": 3000,
    "batch_size": 64,
    "noise_dim": 2,
    "betas": (0.5, 0.999),
    "lr_g": 1e-3,
}
RATES = [1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2]
SLOW = 1e-4
POINTS = 60  # of each run of the knob are kept


def minibatch_discriminator(seed):
    """The usual D, which compares the samples of its batch before it answers."""
    return models.with_minibatch_discrimination(models.plane_discriminator(seed=seed), seed=seed)


def smooth_discriminator(seed):
    """The usual D with tanh in place of ReLU."""
    net = models.plane_discriminator(seed=seed)
    return nn.Sequential(*[nn.Tanh() if isinstance(m, nn.ReLU) else m for m in net])


def spectral_discriminator(seed):
    """The usual D, each layer divided by its largest singular value."""
    return models.with_spectral_norm(models.plane_discriminator(seed=seed), seed=seed)


def unrolled(**options):
    return Objective(g_loss=minimax_generator_loss, judge=Unrolled(lr=1.0, **options))


CURES = {
    "none": {},
    "batch 256": {"batch_size": 256},
    "width 128": {"hidden": (128, 128)},
    "tanh in D": {"discriminator": smooth_discriminator},
    "instance noise": {"instance_noise": 0.2},
    "spectral norm": {"discriminator": spectral_discriminator},
    "R1, γ = 3": {"r1": 3.0},
    "R1, γ = 10": {"r1": 10.0},
    "packing 2": {"size": 2},
    "packing 4": {"size": 4},
    "minibatch discrimination": {"discriminator": minibatch_discriminator},
    "unrolled 5, first order": {"objective": unrolled(first_order=True)},
    "unrolled 5": {"objective": unrolled()},
    "5 steps of D": {"k": 5},
    "D as fast as G": {"lr_d": 1e-3},
}
GAMES = ["non_saturating", "maximum_likelihood"]  # minimax is the knob's


def play(seed, hidden=(64, 64), size=1, discriminator=None, **changes):
    """Train on the ring; return the run, and where G's mean was every fifty steps."""
    settings = GAME | {"lr_d": SLOW} | changes
    nets = (
        models.plane_generator(2, hidden, seed=2 * seed),
        discriminator(2 * seed + 1)
        if discriminator
        else models.plane_discriminator(hidden, size=size, seed=2 * seed + 1),
    )
    state = training.start(*nets, seed=seed, device="cpu", **settings)
    centres = []
    for step in training.train(state, RING.sample):
        if step.number % 50 == 0:
            centres.append(draw(state.generator, 200).mean(0))
    return state, torch.stack(centres)


@torch.no_grad()
def draw(generator, n=2500):
    return generator(torch.randn(n, 2, generator=torch.Generator().manual_seed(7)))


def judged(generator):
    """What is recorded of a G."""
    samples = draw(generator)
    report = evaluation.mode_report(samples, RING.centres, RING.std)
    kl = report.reverse_kl
    return {
        "touched": report.touched,
        "covered": report.covered,
        "quality": round(report.quality, 3),
        "reverse_kl": None if np.isnan(kl) else round(kl, 3),
        "spread": round(float((samples - samples.mean(0)).norm(dim=1).mean()), 3),
    }, samples


def one_run(seed, **changes):
    began = time.process_time()
    try:
        state, centres = play(seed, **changes)
    except training.TrainingDiverged as error:
        return {"seed": seed, "diverged": str(error)[:40]}, None
    seconds = time.process_time() - began
    found, samples = judged(state.generator)
    averaged, _ = judged(training.averaged_generator(state))
    nearest = torch.cdist(centres, torch.tensor(RING.centres)).argmin(1)
    hops = int((nearest[20:].diff() != 0).sum())
    return {
        "seed": seed,
        **found,
        "averaged": averaged,
        "hops": hops,
        "s": round(seconds, 1),
    }, samples


def knob(seeds):
    for rate in RATES:
        for seed in range(seeds):
            found, samples = one_run(seed, lr_d=rate)
            points = (100 * samples[:POINTS]).round().int().flatten().tolist()
            yield {"lr_d": rate, **found, "points": points}


def cures(seeds):
    for name, changes in CURES.items():
        for seed in range(seeds):
            yield {"cure": name, **one_run(seed, **changes)[0]}


def games(seeds):
    for name in GAMES:
        for rate in (SLOW, GAME["lr_g"]):
            for seed in range(seeds):
                found, _ = one_run(seed, objective=name, lr_d=rate)
                yield {"game": name, "lr_d": rate, **found}


def frozen(seeds):
    """A healthy G goes on against a D that no longer learns: its own, and that of a slow run."""
    for seed in range(seeds):
        for name in ("its own", "a slow one"):
            state, _ = play(seed, lr_d=GAME["lr_g"])
            judge = state.discriminator if name == "its own" else play(seed)[0].discriminator
            learn_alone(state.generator, judge)
            yield {"judge": name, "seed": seed, **judged(state.generator)[0]}


def learn_alone(generator, judge, steps=1000):
    optimizer = torch.optim.Adam(generator.parameters(), GAME["lr_g"], betas=GAME["betas"])
    rng = torch.Generator().manual_seed(0)
    for _ in range(steps):
        fake = generator(torch.randn(64, 2, generator=rng))
        training.generator_step(judge, optimizer, fake, "minimax")


PARTS = {"knob": knob, "cures": cures, "games": games, "frozen": frozen}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}/PART.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for part in options.parts:
        runs = []
        for run in PARTS[part](options.seeds):
            runs.append(run)
            print({key: value for key, value in run.items() if key != "points"}, flush=True)
        if options.record:
            recording.keep_part(RECORD, part, runs)


if __name__ == "__main__":
    main()
