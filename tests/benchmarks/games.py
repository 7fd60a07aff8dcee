"""Every game by its name on the two humps of notebook 06, over ten seeds; and a D with BatchNorm.

The call is notebook 06's, and differs from game to game in one word; settings that a game needs are
in the table below. Printed for each game: W1 between 10 000 samples of the averaged G and of the
data (two sets of the data themselves: 0.02), seed by seed, and in how many it lies below 0.15.

With --batch-norm a small convolutional GAN whose D has BatchNorm learns the embedded digits in 700
steps, as the loop does it, real and fake apart, and as one batch; printed are D(G(z)) over the last
fifty steps and the Fréchet distance.

Run as: python tests/benchmarks/games.py [--seeds 10] [--only hinge] [--batch-norm]
"""

import argparse
import statistics

import torch
from torch import nn

from gan_lib import data, evaluation, models, toys, training
from gan_lib.objectives import OBJECTIVES

HUMPS = toys.GaussianMixture((-1.0, 1.0), (0.35, 0.35), (0.5, 0.5))
NOTEBOOK_06 = dict(
    steps=2000, batch_size=512, lr_d=4e-2, lr_g=2e-3, betas=(0.0, 0.9), decay_from=0.5,
    noise="uniform", noise_dim=1, average=None, device="cpu",
)  # fmt: skip
A_CRITIC = dict(steps=1500, batch_size=256, k=3, lr_d=5e-3, average=0.99)
SETTINGS = {
    "wasserstein": {**A_CRITIC, "clip": 0.3},
    "wasserstein_gp": {**A_CRITIC, "lr_d": 1e-2, "penalty_weight": 0.3},
    "relativistic": {"penalty_weight": 0.1},
    "non_saturating + R1": {"r1": 0.1},
}


def wasserstein1(a, b):
    return (a.sort(0)[0] - b.sort(0)[0]).abs().mean().item()


def play(name, seed):
    """W1 at the end of a run of this game."""
    players = models.toy_generator(seed=seed), models.toy_discriminator(seed=100 + seed)
    settings = {**NOTEBOOK_06, **SETTINGS.get(name, {})}
    state = training.start(*players, objective=name.split()[0], seed=seed, **settings)
    for _ in training.train(state, HUMPS.sample):
        pass
    rng = torch.Generator().manual_seed(9)
    with torch.no_grad():
        z = training.sample_noise(state.settings, rng, 10_000)
        return wasserstein1(training.averaged_generator(state)(z), HUMPS.sample(10_000, rng))


def convolutional():
    """G and D as the usual DCGAN of a tutorial has them, made small; D has a BatchNorm."""
    g = nn.Sequential(
        nn.Linear(100, 64 * 7 * 7), nn.Unflatten(1, (64, 7, 7)), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    d = nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 1),
    )  # fmt: skip
    return g, d


def with_batch_norm(seed, apart):
    """D(G(z)) at the end, and the Fréchet distance to the embedded digits."""
    images, labels = data.embedded_digits("train")
    judge = evaluation.digit_classifier(images, labels)
    players = models.seeded(convolutional)(seed=seed)
    settings = dict(steps=700, batch_size=128, lr_d=1e-4, lr_g=4e-4, seed=seed)
    state = training.start(*players, device="cpu", **settings)
    if not apart:  # as a loop that does not ask would do it
        training.loop.mixes_batch = lambda net: False
    steps = list(training.train(state, images))
    training.loop.mixes_batch = training.mixes_batch
    z = torch.randn(1500, 100, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        drawn = training.averaged_generator(state)(z)
    features = [evaluation.features_and_probabilities(judge, x)[0] for x in (images, drawn)]
    d_fake = statistics.fmean(step.d_fake for step in steps[-50:])
    return d_fake, evaluation.frechet_distance(*features)


def main(seeds, only, batch_norm):
    torch.set_num_threads(1)
    if batch_norm:
        for apart in (True, False):
            for seed in range(seeds):
                d_fake, frechet = with_batch_norm(seed, apart)
                how = "apart" if apart else "one batch"
                print(
                    f"{how:9} seed {seed}: D(G(z)) {d_fake:.4f}, Fréchet {frechet:.0f}", flush=True
                )
        return
    for name in [*OBJECTIVES, "non_saturating + R1"]:
        if only in (None, name):
            found = [play(name, seed) for seed in range(seeds)]
            good = sum(w1 < 0.15 for w1 in found)
            listed = " ".join(f"{w1:.3f}" for w1 in found)
            print(f"{name:20} {listed}   below 0.15: {good} of {seeds}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", choices=[*OBJECTIVES, "non_saturating + R1"])
    parser.add_argument("--batch-norm", action="store_true")
    options = parser.parse_args()
    main(options.seeds, options.only, options.batch_norm)
