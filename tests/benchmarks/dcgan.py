"""How fast do convolutional nets train, and how well do they draw? On MNIST, one thread.

Without parts: images a second of the loop in which most DCGANs are published, and of ours, for the
same nets, by turns; the last lines are the medians of the ratios of each round. The published loop:
images one by one through PIL, ToTensor and Normalize in a DataLoader, batches of 64, Adam as torch
makes it, a sigmoid and BCELoss, gradients for all of D in G's step, real and fake apart, three
losses fetched at each step. Parts, recorded for lesson 17:

    speed     the same, and what each of our measures gives
    rates     steps that each net makes in a second of one idle core: its fastest bursts
    rates_avx2  the same in float32; for a processor with AVX2 alone set ATEN_CPU_CAPABILITY=avx2,
              ONEDNN_MAX_CPU_ISA=AVX2 and MKL_ENABLE_INSTRUCTIONS=AVX2
    race      perceptrons, convolutions, DCGAN, a modern pair after 20, 40, 80 and 160 such seconds
    rules     the winner with one thing changed at a time, 400 steps each
    norm_in_d  the best of the rules, BatchNorm in D, for longer and on seeds of its own
    stacked   three digits as colours: how many of the thousand kinds?
    spectrum  the checkerboard while G learns
    latents   walks and arithmetic in z, of the winners of the race
    features  a linear classifier on D's features, of the same runs

A run's seed is that of its data and noise; its nets start from the seeds 2 seed and 2 seed + 1.

Run as: python tests/benchmarks/dcgan.py [--rounds 7] [--seconds 4]
   or:  python tests/benchmarks/dcgan.py --parts rates race ... [--seeds 3] [--record]
"""

import functools
import itertools
import json
import random
import statistics
import time
import warnings
from pathlib import Path

import judging
import numpy as np
import recording
import torch
import training_speed
from PIL import Image
from torch import nn

from gan_lib import data, evaluation, information, models, training

RECORD = Path(__file__).resolve().parents[2] / "data" / "convolutions"
MARKS = (20, 40, 80, 160)  # seconds of one core
WINNER = {
    "batch_size": 64,
    "lr_d": 2e-3,
    "lr_g": 4e-3,
    "betas": (0, 0.99),
    "r1": 0.5,
    "penalty_every": 8,
}
LITERAL = {"batch_size": 128, "lr_d": 2e-4, "lr_g": 2e-4, "betas": (0.5, 0.999)}
SETTINGS = {
    "perceptrons": {"batch_size": 128, "lr_d": 1e-3, "lr_g": 4e-4, "betas": (0, 0.99)},
    "convolutions": WINNER,
    "DCGAN": LITERAL,
    "modern": WINNER | {"objective": "relativistic", "r1": 0.0},  # R1 and R2 of its own
}
BUILDERS = {
    "perceptrons": (models.mlp_generator, models.mlp_discriminator),
    "convolutions": (models.conv_generator, models.conv_discriminator),
    "DCGAN": (models.dcgan_generator, models.dcgan_discriminator),
    "modern": (models.residual_generator, models.residual_discriminator),
}


def begin(name, seed, steps, shape=(1, 28, 28), **changes):
    """A run of this pair."""
    g, d = BUILDERS[name]
    nets = g(shape=shape, seed=2 * seed), d(shape=shape, seed=2 * seed + 1)
    settings = SETTINGS[name] | {"steps": steps, "seed": seed} | changes
    return training.start(*nets, device="cpu", **settings)


@torch.no_grad()
def drawn(generator, n=10_000, seed=7):
    z = torch.randn(n, 100, generator=torch.Generator().manual_seed(seed))
    return torch.cat([generator(part) for part in z.split(500)])


class RaceJudge(judging.Judge):
    """It gives the marks of lesson 10."""

    def of_images(self, images):
        """All that need no Parzen windows."""
        features, probabilities = self.seen(images)
        coverage = evaluation.class_coverage(self.probabilities, probabilities)
        return self.marks(features, digits=2) | {"coverage": round(coverage, 3)}

    def parzen(self, images):
        """In nats, as in the paper's Table 1."""
        pixels, test = evaluation.to_pixels(images), evaluation.to_pixels(self.test)
        sigma = evaluation.choose_sigma(pixels, evaluation.to_pixels(self.images[-1000:]))
        return {"parzen": round(evaluation.parzen_log_likelihood(pixels, test, sigma)[0], 1)}


# Speed.


def published_loop(loader, channels):
    """Yields the number of images after each step."""
    generator, discriminator = timed_nets(channels, torch.contiguous_format)
    discriminator.append(nn.Sigmoid())
    loss = nn.BCELoss()
    g_optimizer, d_optimizer = (
        torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))
        for net in (generator, discriminator)
    )
    for real, _ in itertools.chain.from_iterable(itertools.repeat(loader)):
        valid, fake = torch.ones(len(real), 1), torch.zeros(len(real), 1)

        discriminator.zero_grad()
        real_loss = loss(discriminator(real), valid)
        real_loss.backward()
        made = generator(torch.randn(len(real), 100))
        fake_loss = loss(discriminator(made.detach()), fake)
        fake_loss.backward()
        d_optimizer.step()

        generator.zero_grad()
        g_loss = loss(discriminator(made), valid)
        g_loss.backward()
        g_optimizer.step()

        real_loss.item(), fake_loss.item(), g_loss.item()
        yield len(real)


def timed_nets(channels, order=torch.channels_last):
    """G and D with so many channels, G's first, and their weights in this order in memory."""
    generator = models.dcgan_generator(channels=channels)
    discriminator = models.dcgan_discriminator(channels=channels[::-1])
    return generator.to(memory_format=order), discriminator.to(memory_format=order)


def our_loop(images, nets, **settings):
    """Yields the number of images after each step."""
    state = training.start(*nets, steps=10**9, batch_size=64, device="cpu", **settings)
    for _ in training.train(state, images):
        yield state.settings.batch_size


SMALL, USUAL = (32, 16), (128, 64)  # channels


def loops(images, labels, channels):
    """What is timed: the published loop, and ours with one measure more each time."""
    channels_first = timed_nets(channels, torch.contiguous_format)
    return {
        "published": published_loop(training_speed.published_loader(images, labels), channels),
        "channels first": our_loop(images, channels_first, precision="float32"),
        "channels last": our_loop(images, timed_nets(channels), precision="float32"),
        "default": our_loop(images, timed_nets(channels)),
    }


def in_turns(timed, rounds, seconds):
    """Yields, for each round, images a second of all loops, each time begun with another."""
    for loop in timed.values():
        training_speed.rate(loop, min(seconds, 1))  # warm-up
    names = list(timed)
    for number in range(rounds):
        turn = number % len(names)
        order = names[turn:] + names[:turn]
        found = {name: training_speed.rate(timed[name], seconds) for name in order}
        yield {name: found[name] for name in names}


def speed(judge, seeds, rounds=5, seconds=3):
    for channels in (SMALL, USUAL):
        timed = loops(judge.images, judge.labels, channels)
        for number, found in enumerate(in_turns(timed, rounds, seconds)):
            for name, rate in found.items():
                of = {"channels": list(channels), "variant": name, "round": number}
                yield of | {"images_s": round(rate)}


def print_speed(rounds, seconds):
    images, labels = data.digits("train")
    for label, channels in (("ratio_small", SMALL), ("ratio_default", USUAL)):
        found = list(in_turns(loops(images, labels, channels), rounds, seconds))
        for name in found[0]:
            rate = statistics.median(each[name] for each in found)
            print(f"{channels} channels, {name}: {rate:,.0f} images/s")
        ratio = statistics.median(each["default"] / each["published"] for each in found)
        print(f"{label}: {ratio:.2f}")


# The race.


def rates(judge, seeds, burst=10, rounds=30, **changes):
    """Steps a second of processor time in the fastest tenth of the bursts."""
    walks = {
        name: training.train(begin(name, 0, 10**6, **changes), judge.images) for name in BUILDERS
    }
    took = {name: [] for name in walks}
    order = random.Random(0)
    for _ in range(rounds):
        for name, walk in order.sample(list(walks.items()), len(walks)):
            began = time.process_time()
            for _ in range(burst):
                next(walk)
            took[name].append((time.process_time() - began) / burst)
    for name, seconds in took.items():
        fastest = sorted(seconds)[: rounds // 10]
        yield {"net": name, "steps_s": round(1 / statistics.mean(fastest), 2)}


def steps_after(seconds):
    """Of each net, by ``rates``."""
    return {each["net"]: round(each["steps_s"] * seconds) for each in read("rates")}


def race(judge, seeds, names=tuple(BUILDERS)):
    real = {"net": "real images"} | judge.of_images(judge.images[:10_000])
    yield real | judge.parzen(judge.images[:10_000])
    for seed, name in itertools.product(range(seeds), names):
        marks = {steps_after(seconds)[name]: seconds for seconds in MARKS}
        state = begin(name, seed, max(marks))
        for step in training.train(state, judge.images):
            if step.number in marks:
                generator = training.averaged_generator(state)
                images = drawn(generator)
                run = {"net": name, "seed": seed, "s": marks[step.number], "steps": step.number}
                yield run | judge.of_images(images) | judge.parzen(images)
        keep_nets(name, seed, state, generator)


def nets_file(name, seed):
    return RECORD.parent / "runs" / f"race-{name}-{seed}.pt"


def keep_nets(name, seed, state, generator):
    """For ``latents`` and ``features``, and the picture of a hundred."""
    file = nets_file(name, seed)
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save([generator.state_dict(), state.discriminator.state_dict()], file)
    if seed == 0:
        RECORD.mkdir(exist_ok=True)
        hundred = drawn(generator, 100).reshape(10, 10, 28, 28).transpose(1, 2).reshape(280, 280)
        pixels = hundred.mul(-127.5).add(127.5).round().byte()  # ink is black, as in the course
        Image.fromarray(pixels.numpy()).save(RECORD / f"{name}.png", optimize=True)


def read(part):
    return json.loads((RECORD / f"{part}.json").read_text(encoding="utf-8"))["runs"]


# The rules, one at a time.


NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def winner(seed, **g_options):
    generator = models.conv_generator(seed=2 * seed, **g_options)
    return generator, models.conv_discriminator(seed=2 * seed + 1)


def rebuilt(net, change):
    """The layers of ``net``, each replaced by the list that ``change`` makes of it."""
    layers = itertools.chain.from_iterable(change(layer) for layer in net)
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def replaced(net, kind, other):
    return rebuilt(net, lambda layer: [other()] if isinstance(layer, kind) else [layer])


def with_bias(layer):
    """The same weights, and a bias of 0 where there was none."""
    if getattr(layer, "bias", True) is None:
        layer.bias = nn.Parameter(torch.zeros(layer.weight.shape[0]))
    return [layer]


def without_batch_norm(seed):
    g, d = winner(seed)
    bare = rebuilt(g, lambda layer: [] if isinstance(layer, NORMS) else with_bias(layer))
    return bare, d


def norm_after_reshape(seed):
    g, d = winner(seed)

    def change(layer):
        if isinstance(layer, nn.BatchNorm1d) and layer.num_features == 1568:
            return [nn.Unflatten(1, (32, 7, 7)), nn.BatchNorm2d(32)]
        return [] if isinstance(layer, nn.Unflatten) else [layer]

    return rebuilt(g, change), d


def norm_in_discriminator(seed):
    g, d = winner(seed)

    def change(layer):
        if isinstance(layer, nn.Conv2d) and layer.in_channels > 1:
            return [layer, nn.BatchNorm2d(layer.out_channels)]
        if isinstance(layer, nn.Linear) and layer.out_features > 1:
            return [layer, nn.BatchNorm1d(layer.out_features)]
        return [layer]

    return g, rebuilt(d, change)


@models.seeded
def pooled(d):
    """Convolutions 3 x 3 and the mean of each 2 x 2, in place of those with stride 2."""

    def change(layer):
        if not isinstance(layer, nn.Conv2d):
            return [layer]
        return [nn.Conv2d(layer.in_channels, layer.out_channels, 3, padding=1), nn.AvgPool2d(2)]

    return rebuilt(d, change)


def pooling(seed):
    g, d = winner(seed)
    return g, pooled(d, seed=2 * seed + 1)


@models.seeded
def straight(g, d):
    """The picture straight from z, and the logit straight from the picture."""
    g = nn.Sequential(nn.Linear(100, 1568, bias=False), *g[4:])
    return g, nn.Sequential(*d[:5], nn.Linear(1568, 1))


def no_hidden_dense(seed):
    return straight(*winner(seed), seed=2 * seed)


def normal_start(seed):
    nets = winner(seed)
    rng = torch.Generator().manual_seed(seed)
    for net in nets:
        for layer in net:
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                nn.init.normal_(layer.weight, 0, 0.02, generator=rng)
    return nets


def relu_in_discriminator(seed):
    g, d = winner(seed)
    return g, replaced(d, nn.LeakyReLU, nn.ReLU)


def leaky_relu_in_generator(seed):
    g, d = winner(seed)
    return replaced(g, nn.ReLU, lambda: nn.LeakyReLU(0.2)), d


def literal(seed):
    return models.dcgan_generator(seed=2 * seed), models.dcgan_discriminator(seed=2 * seed + 1)


RULES = {  # the nets of a seed, and the settings that change
    "none": (winner, {}),
    "transposed convolutions": (functools.partial(winner, upsampling="transposed"), {}),
    "bilinear": (functools.partial(winner, upsampling="bilinear"), {}),
    "pooling": (pooling, {}),
    "no BatchNorm in G": (without_batch_norm, {}),
    "BatchNorm2d after the reshape": (norm_after_reshape, {}),
    "BatchNorm in D": (norm_in_discriminator, {}),
    "no hidden dense layers": (no_hidden_dense, {}),
    "ReLU in D": (relu_in_discriminator, {}),
    "LeakyReLU in G": (leaky_relu_in_generator, {}),
    "N(0, .02)": (normal_start, {}),
    "betas (.5, .999)": (winner, {"betas": (0.5, 0.999)}),
    "lr_g = lr_d": (winner, {"lr_g": 2e-3}),
    "no R1": (winner, {"r1": 0.0}),
    "no average": (winner, {"average": None}),
    "relativistic, R1 and R2": (winner, {"objective": "relativistic", "r1": 0.0}),
    "all of them": (literal, LITERAL | {"batch_size": 64, "r1": 0.0, "penalty_every": 1}),
}


def begin_changed(name, seed, steps):
    """A run of the winner with this rule."""
    build, changes = RULES[name]
    settings = WINNER | {"steps": steps, "seed": seed} | changes
    return training.start(*build(seed), device="cpu", **settings)


def rules(judge, seeds, steps=400):
    for seed, name in itertools.product(range(seeds), RULES):
        state = begin_changed(name, seed, steps)
        ms = 1000 * judging.train_to_end(state, judge.images) / steps
        marks = judge.of_images(drawn(training.averaged_generator(state)))
        yield {"rule": name, "seed": seed, "steps": steps} | marks | {"ms": round(ms, 1)}


def norm_in_d(judge, seeds):
    """The best of the rules beside the recipe, on seeds that had no part in finding it."""
    marks = [steps_after(seconds)["convolutions"] for seconds in MARKS[:3]]
    for seed, name in itertools.product(range(10, 10 + seeds), ["none", "BatchNorm in D"]):
        state = begin_changed(name, seed, max(marks))
        for step in training.train(state, judge.images):
            if step.number in marks:
                found = judge.of_images(drawn(training.averaged_generator(state)))
                yield {"rule": name, "seed": seed, "steps": step.number} | found


# What else lesson 17 asks.


def stacked(judge, seeds, seconds=60, n=26_000):
    """The classical count, with the course's classifier, and the same of real pictures."""
    sample = data.stacked(judge.images)
    real = sample(n, torch.Generator().manual_seed(7))
    yield {"net": "real images"} | kinds(judge, real)
    names = ["perceptrons", "convolutions", "modern"]
    for seed, name in itertools.product(range(seeds), names):
        state = begin(name, seed, steps_after(seconds)[name], shape=(3, 28, 28))
        took = judging.train_to_end(state, sample)
        found = kinds(judge, drawn(training.averaged_generator(state), n))
        run = {"net": name, "seed": seed, "steps": state.step}
        yield run | found | {"s": round(took, 1)}


def kinds(judge, images):
    """How many of the thousand appear, and KL(made || even) in nats."""
    _, classes = judge.seen(images.flatten(0, 1))
    hundreds, tens, ones = classes.argmax(1).reshape(-1, 3).unbind(1)
    counts = torch.bincount(100 * hundreds + 10 * tens + ones, minlength=1000).numpy()
    even = np.full(1000, 1e-3)
    kl = information.kl_divergence(counts / counts.sum(), even, np.e)
    return {"modes": int((counts > 0).sum()), "kl": round(float(kl), 4)}


def spectrum(judge, seeds, at=(0, 10, 30, 100, 300)):
    for seed, upsampling in itertools.product(range(seeds), models.convolutional.UPSAMPLING):
        nets = winner(seed, upsampling=upsampling)
        settings = WINNER | {"average": None, "seed": seed, "steps": max(at)}
        state = training.start(*nets, device="cpu", **settings)
        of = {"upsampling": upsampling, "seed": seed}
        yield of | {"step": 0, "db": checkerboard(state)}
        for step in training.train(state, judge.images):
            if step.number in at:
                yield of | {"step": step.number, "db": checkerboard(state)}


def checkerboard(state):
    """Power of G's images at the period of two pixels over that at its neighbours, in dB."""
    images = drawn(training.averaged_generator(state), 500)
    x = images.reshape(-1, 28, 28)[:, 2:26, 2:26]
    lines = torch.cat([x, x.mT]).flatten(0, 1)
    power = torch.fft.rfft(lines).abs().square().mean(0)
    return round((10 * torch.log10(power[12] / power[10:12].mean())).item(), 2)


def raced(name, seed):
    """G and D as they were after the race."""
    generator, discriminator = (
        build(seed=0).requires_grad_(False).eval() for build in BUILDERS[name]
    )
    of_g, of_d = torch.load(nets_file(name, seed), weights_only=True)
    generator.load_state_dict(of_g)
    discriminator.load_state_dict(of_d)
    return generator, discriminator


def latents(judge, seeds):
    for seed in range(seeds):
        generator, _ = raced("convolutions", seed)
        yield {"seed": seed} | walks(judge, generator) | arithmetic(judge, generator)


def made_of(judge, generator, z):
    return judge.seen(torch.cat([generator(part) for part in z.split(500)]))


def walks(judge, generator, n=5000):
    """Fréchet of what lies halfway between two z, by three ways, and of the z themselves."""
    a, b = torch.randn(2, n, 100, generator=torch.Generator().manual_seed(7))
    middles = {
        "ends": a,
        "linear": (a + b) / 2,
        "scaled": (a + b) / 2**0.5,
        "slerp": slerp(a, b),
    }
    return {
        way: round(evaluation.frechet_distance(judge.features, made_of(judge, generator, z)[0]), 2)
        for way, z in middles.items()
    }


def slerp(a, b):
    """Halfway along the great circle."""
    cosine = torch.nn.functional.cosine_similarity(a, b, dim=1)[:, None]
    angle = cosine.acos()
    return torch.sin(angle / 2) / torch.sin(angle) * (a + b)


def arithmetic(judge, generator, n=10_000, factors=(1, 2, 4, 8)):
    """z of a digit, minus that digit's mean z, plus f times another's: is it the other digit?"""
    rng = torch.Generator().manual_seed(8)
    z = torch.randn(n, 100, generator=rng)
    digit = made_of(judge, generator, z)[1].argmax(1)
    means = torch.stack([z[digit == k].mean(0) for k in range(10)])
    far = 10 * means / means.norm(dim=1, keepdim=True)
    shown = {"class_mean": means, "class_mean_10": far}
    found = {
        name: int((made_of(judge, generator, z)[1].argmax(1) == torch.arange(10)).sum())
        for name, z in shown.items()
    }
    z = torch.randn(n, 100, generator=rng)
    digit = made_of(judge, generator, z)[1].argmax(1)
    wanted = (digit + torch.randint(1, 10, (n,), generator=rng)) % 10
    for f in factors:
        moved = z + f * (means[wanted] - means[digit])
        right = made_of(judge, generator, moved)[1].argmax(1) == wanted
        found[f"f{f}"] = round(right.double().mean().item(), 3)
    return found | {"mean_norm": round(means.norm(dim=1).mean().item(), 2)}


def views(seed):
    """What a linear classifier is given, by name: a function of images in [-1, 1]."""
    _, trained = raced("convolutions", seed)
    untrained = models.conv_discriminator(seed=100 + seed)
    return {
        "pixels": nn.Flatten(),
        "untrained, convolutions": untrained[:5],
        "trained, convolutions": trained[:5],
        "untrained, last hidden": untrained[:-1],
        "trained, last hidden": trained[:-1],
    }


@torch.no_grad()
def features(judge, seeds, draws=5, sizes=(10, 100, 1000)):
    """Share of the test images that logistic regression gets right, of n labels, class by class."""
    from sklearn.linear_model import LogisticRegression

    test = data.to_tanh_range(judge.test[:5000])[:, None]
    truth = judge.test_labels[:5000]
    for seed in range(seeds):
        for view, look in views(seed).items():
            seen = look(test)
            for n, draw in itertools.product(sizes, range(draws)):
                chosen = evenly(judge.labels, n, draw)
                x = look(data.to_tanh_range(judge.images[chosen])[:, None])
                mean, scale = x.mean(0), x.std(0).mean()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # it may stop before it has converged
                    fit = LogisticRegression(C=0.1, max_iter=200)
                    fit.fit((x - mean) / scale, judge.labels[chosen])
                    right = fit.score((seen - mean) / scale, truth)
                of = {"seed": seed, "view": view, "labels": n, "draw": draw}
                yield of | {"right": round(float(right), 4)}


def evenly(labels, n, draw):
    """Indices of n images, equally many of each class."""
    rng = np.random.default_rng(draw)
    of_class = [np.flatnonzero(labels.numpy() == k) for k in range(10)]
    return np.concatenate([rng.choice(each, n // 10, replace=False) for each in of_class])


PARTS = {
    "speed": speed,
    "rates": rates,
    "rates_avx2": functools.partial(rates, precision="float32"),
    "race": race,
    "rules": rules,
    "norm_in_d": norm_in_d,
    "stacked": stacked,
    "spectrum": spectrum,
    "latents": latents,
    "features": features,
}


def main():
    parser = recording.arguments(__doc__, PARTS, RECORD)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each loop in each round")
    parser.set_defaults(parts=[])
    options = parser.parse_args()
    if options.parts:
        recording.play(PARTS, options, RaceJudge, RECORD)
    else:
        torch.set_num_threads(1)
        print_speed(options.rounds, options.seconds)


if __name__ == "__main__":
    main()
