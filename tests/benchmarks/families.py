"""GAN, VAE and autoregressive nets on one budget of arithmetic, on binarised MNIST, over seeds.

The budget is 4e12 floating-point operations in the products of both passes, as torch's
FlopCounterMode counts them in one step, a multiplication and an addition being two: each net gets
as many steps as that allows. What is judged is binary: test digits, each pixel a coin with the
probability of its ink, and as many samples of each family, G's grey read as ink as well.

    families  six of them: likelihood, Parzen windows, Fréchet distance, precision, recall; and of
              seed 0 the first 20 samples, as a picture
    convolutional  the pair of lesson 17, and a VAE made of nets like them
    narrow    MADE with 500 hidden units, in which a third of the pixels cannot hear their neighbour
    short     three of them on a quarter of the budget
    speed     time on an idle core for a step of training and for a sample: the fastest bursts

The nets of run ``seed`` start from 2 seed and 2 seed + 1. Learning rates and minibatches were
chosen on seed 100, from two to four tries a family; the GAN's are those of lesson 09.

Run as: python tests/benchmarks/families.py [--seeds 3] [--parts families ...] [--record]
"""

import contextlib
import functools
import time
from pathlib import Path

import judging
import numpy as np
import recording
import torch
from PIL import Image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gan_lib import data, evaluation, likelihood, models, training

RECORD = Path(__file__).resolve().parents[2] / "data" / "families"
BUDGET = 4e12
SAMPLES = 5000
GANS = {
    "gan": (models.mlp_generator, models.mlp_discriminator),
    "gan_conv": (models.conv_generator, models.conv_discriminator),
}


def conv_vae(seed):
    """A VAE whose encoder is like lesson 17's D and whose decoder is like its G."""
    net = models.vae(seed=seed)
    encoder, decoder = models.conv_discriminator(seed=seed), models.conv_generator(20, seed=seed)
    *layers, _ = encoder
    net.encoder = nn.Sequential(*layers, nn.Linear(128, 40))
    net.decoder = decoder[:-1]  # without the tanh
    return net


BUILDERS = {
    "vae": models.vae,
    "vae_conv": conv_vae,
    "made": models.made,
    "made_500": functools.partial(models.made, 500),
    "context": models.context_net,
    "pixel_cnn": models.pixel_cnn,
}
SETTINGS = {
    "gan": {"batch_size": 128, "lr_d": 1e-3, "lr_g": 4e-4, "betas": (0, 0.99)},
    "vae": {"batch_size": 100, "lr": 2e-3, "decay_from": 0.5},
    "made": {"batch_size": 100, "lr": 2e-3, "decay_from": 0.5},
    "context": {"batch_size": 16, "lr": 3e-3, "decay_from": 0.5},
    "pixel_cnn": {"batch_size": 16, "lr": 3e-3, "decay_from": 0.5},
}
NARROW = {"made_500": SETTINGS["made"]}
CONVOLUTIONAL = {
    "gan_conv": {
        "batch_size": 64,
        "lr_d": 2e-3,
        "lr_g": 4e-3,
        "betas": (0, 0.99),
        "r1": 0.5,
        "penalty_every": 8,
    },
    "vae_conv": {"batch_size": 100, "lr": 2e-3, "decay_from": 0.5},
}


def begin(family, images, seed, steps):
    """A run that is yet to begin, and an iterator over its steps."""
    settings = (SETTINGS | NARROW | CONVOLUTIONAL)[family] | {
        "steps": steps,
        "seed": seed,
        "device": "cpu",
    }
    if family in GANS:
        g, d = GANS[family]
        state = training.start(g(seed=2 * seed), d(seed=2 * seed + 1), **settings)
        return state, training.train(state, images)
    loss = likelihood.vae_loss if family.startswith("vae") else likelihood.autoregressive_loss
    state = training.start_fit(BUILDERS[family](seed=2 * seed), **settings)
    return state, training.fit(state, loss, data.binarised(images))


class NoModules(contextlib.nullcontext):
    """In place of the counter's record of modules, which fails where a loss holds a gradient."""

    parents = {"Global"}


def flops_of_a_step(family, images):
    """The mean over as many steps as pay one R1 penalty."""
    steps = (SETTINGS | NARROW | CONVOLUTIONAL)[family].get("penalty_every", 1)
    _, run = begin(family, images, 0, steps)
    counter = FlopCounterMode(display=False)
    counter.mod_tracker = NoModules()
    with counter:
        for _ in run:
            pass
    return counter.get_total_flops() // steps


def sampler(family, state, prior=None):
    """A function ``sample(n, rng)`` that draws zeros and ones (n, 1, 28, 28)."""
    if family in GANS:
        generator = training.averaged_generator(state)
        return lambda n, rng: data.binarise(generator(torch.randn(n, 100, generator=rng)), rng)
    net = state.nets["net"].eval()
    if isinstance(net, models.Autoregressive):
        return net.draw

    def of_codes(n, rng):
        z = prior.sample(n, rng) if prior else torch.randn(n, net.code, generator=rng)
        ink = torch.sigmoid(net.decode(z))
        return data.binarise(2 * ink - 1, rng)

    return of_codes


@torch.no_grad()
def drawn(sample, n=SAMPLES, seed=7):
    rng = torch.Generator().manual_seed(seed)
    return torch.cat([sample(500, rng) for _ in range(n // 500)])


class BinaryJudge(judging.Judge):
    """The course's classifier, which sees binarised digits as bytes, 0 and 255."""

    def __init__(self):
        super().__init__()
        self.validation = data.binarise(self.images[-1000:], torch.Generator().manual_seed(1))
        self.binary_test = data.binarise(self.test, torch.Generator().manual_seed(2))
        self.grey_features = self.features
        self.features, probabilities = self.seen(as_bytes(self.binary_test))
        self.right = float((probabilities.argmax(1) == self.test_labels).double().mean())

    def of_samples(self, x):
        """Of zeros and ones (n, 1, 28, 28): the marks, each with its bootstrap."""
        features, _ = self.seen(as_bytes(x))
        found = self.marks(features, digits=2)
        sigma = evaluation.choose_sigma(x.flatten(1), self.validation.flatten(1))
        densities = evaluation.parzen_log_density(x.flatten(1), self.binary_test.flatten(1), sigma)
        return found | {
            "frechet_sd": spread_of_frechet(self.features, features),
            "parzen": round(float(densities.mean()), 1),
            "parzen_interval": interval(densities),
            "sigma": round(sigma, 3),
        }

    def of_greys(self, pictures):
        """Of pictures in [-1, 1], beside the grey test digits, as other lessons judge G's."""
        features, _ = self.seen(pictures)
        precision, recall = evaluation.precision_and_recall(self.grey_features, features)
        return {
            "grey_frechet": round(evaluation.frechet_distance(self.grey_features, features), 2),
            "grey_precision": round(precision, 3),
            "grey_recall": round(recall, 3),
        }


def as_bytes(x):
    return (255 * x).to(torch.uint8)


def interval(values, resamples=1000):
    """From the 2.5th to the 97.5th percentile of the mean, by bootstrap."""
    rng = torch.Generator().manual_seed(0)
    n = len(values)
    means = torch.stack(
        [values[torch.randint(n, (n,), generator=rng)].mean() for _ in range(resamples)]
    ).double()
    low, high = torch.quantile(means, torch.tensor([0.025, 0.975], dtype=torch.float64))
    return [round(float(low), 2), round(float(high), 2)]


def spread_of_frechet(real, fake, resamples=30):
    """The standard deviation of the distance over resampled samples: its mean would be biased."""
    rng = torch.Generator().manual_seed(0)
    n = len(fake)
    found = [
        evaluation.frechet_distance(real, fake[torch.randint(n, (n,), generator=rng)])
        for _ in range(resamples)
    ]
    return round(float(torch.tensor(found).std()), 2)


def keep_in_a_row(x, path):
    row = np.concatenate(list(as_bytes(x[:, 0]).numpy()), axis=1)
    Image.fromarray(row).convert("1").save(path, optimize=True)


@torch.no_grad()
def likelihoods(net, x, prior=None, closing=False):
    """Nats for each test picture, or a bound; ``closing``: with more and more samples, too."""
    rng = torch.Generator().manual_seed(3)
    if isinstance(net, models.Autoregressive):
        parts = x.split(100)
        nats = torch.cat([likelihood.pixel_log_likelihood(net(part), part) for part in parts])
        return {"nats": mean(nats), "nats_interval": interval(nats)}
    nats = importance(net, x, rng, 100, prior)
    found = {"bound_100": mean(nats), "nats": mean(nats), "nats_interval": interval(nats)}
    if closing:
        first = {k: mean(importance(net, x[:1000], rng, k)) for k in (1, 10, 100, 1000)}
        found["closing_on_first_1000"] = first
    return found if prior else found | {"elbo": mean(likelihood.elbo(net, x, rng))}


def importance(net, x, rng, samples, prior=None):
    parts = x.split(500)
    return torch.cat(
        [likelihood.importance_bound(net, part, rng, samples, prior) for part in parts]
    )


def mean(values):
    return round(float(values.mean()), 2)


@torch.no_grad()
def grey_pictures(family, state, prior=None, n=SAMPLES):
    """What is usually shown: G's grey, or the decoder's probabilities as ink."""
    rng = torch.Generator().manual_seed(7)
    if family in GANS:
        generator = training.averaged_generator(state)
        z = torch.randn(n, 100, generator=rng)
        return torch.cat([generator(part) for part in z.split(500)])
    net = state.nets["net"].eval()
    z = prior.sample(n, rng) if prior else torch.randn(n, net.code, generator=rng)
    return 2 * torch.sigmoid(net.decode(z)) - 1


def mixture_of(vae, images):
    """The prior fitted to the codes of 5 000 digits, and its seconds."""
    rng = torch.Generator().manual_seed(4)
    began = time.process_time()
    z = likelihood.codes(vae, data.binarise(images[:5000], rng), rng)
    return likelihood.fit_mixture(z), time.process_time() - began


def families(judge, seeds):
    """Every family; before them, training digits in place of samples."""
    real = data.binarise(judge.images[:SAMPLES], torch.Generator().manual_seed(9))
    yield {"family": "real digits", "right": judge.right} | judge.of_samples(real)
    for seed in range(seeds):
        for family in SETTINGS:
            yield from one_family(judge, family, seed, BUDGET, pictures=seed == 0)


def convolutional(judge, seeds):
    for seed in range(seeds):
        for family in CONVOLUTIONAL:
            yield from one_family(judge, family, seed, BUDGET, pictures=seed == 0)


def narrow(judge, seeds):
    for seed in range(seeds):
        yield from one_family(judge, "made_500", seed, BUDGET)


def short(judge, seeds):
    for seed in range(seeds):
        for family in ("vae", "context"):
            yield from one_family(judge, family, seed, BUDGET / 4)


def one_family(judge, family, seed, budget, pictures=False):
    """A run on this budget; for a VAE, another with the mixture as its prior."""
    flops = flops_of_a_step(family, judge.images)
    steps = round(budget / flops)
    state, run = begin(family, judge.images, seed, steps)
    began = time.process_time()
    for _ in run:
        pass
    seconds = time.process_time() - began
    about = {"seed": seed, "steps": steps, "flops": steps * flops, "s": round(seconds, 1)}
    yield {"family": family} | about | judged(judge, family, state, pictures=pictures)
    if family.startswith("vae"):
        prior, more = mixture_of(state.nets["net"], judge.images)
        about |= {"family": f"{family}_mixture", "s": round(seconds + more, 1)}
        yield about | judged(judge, f"{family}_mixture", state, prior, pictures)


def judged(judge, family, state, prior=None, pictures=False):
    found = {"nats": None}
    if family not in GANS:
        net = state.nets["net"].eval()
        tested = 2000 if family.startswith("vae_conv") else 10_000  # its decoder is slow
        found = likelihoods(net, judge.binary_test[:tested], prior, closing=family == "vae")
    if family.startswith(("gan", "vae")):
        found |= judge.of_greys(grey_pictures(family, state, prior))
    samples = drawn(sampler(family, state, prior))
    if pictures:
        keep_in_a_row(samples[:20], RECORD / f"{family}.png")
    return found | judge.of_samples(samples)


def speed(judge, seeds):
    """On an idle core: the quickest of the bursts, which nothing else has slowed down."""
    for family in SETTINGS | CONVOLUTIONAL:
        flops = flops_of_a_step(family, judge.images)
        state, run = begin(family, judge.images, 0, 10**6)
        next(run)
        step = quickest(
            functools.partial(next, run), 15 if family in ("context", "pixel_cnn") else 60
        )
        costs = {
            "step_ms": round(1000 * step, 3),
            "gflops": round(flops / step / 1e9, 1),
            "budget_s": round(BUDGET / flops * step, 1),
        }
        yield {"family": family} | costs | speed_of(sampler(family, state))
        if family.startswith("vae"):
            prior, _ = mixture_of(state.nets["net"], judge.images)
            yield {"family": f"{family}_mixture"} | costs | speed_of(sampler(family, state, prior))


@torch.no_grad()
def speed_of(sample, batch=100):
    seconds = quickest(functools.partial(sample, batch, torch.Generator()), 5)
    return {"sample_ms": round(1000 * seconds / batch, 4), "threads": torch.get_num_threads()}


def quickest(what, times):
    """Seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        found.append(time.perf_counter() - began)
    return min(found)


PARTS = {
    "families": families,
    "convolutional": convolutional,
    "narrow": narrow,
    "short": short,
    "speed": speed,
}


def main():
    options = recording.arguments(__doc__, PARTS, RECORD).parse_args()
    recording.play(PARTS, options, BinaryJudge, RECORD)


if __name__ == "__main__":
    main()
