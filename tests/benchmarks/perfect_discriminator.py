"""How good is a discriminator that is left alone with a frozen generator? For lesson 12.

    passes      small nets play lesson 09's game for 25 passes over MNIST. After 1, 10 and 25 of
                them G is frozen; its quality and its dimension are measured, and what its own D
                sees in it. Then a fresh D is trained against it for 4000 steps: its error, its
                estimate of JS, and the gradients that it would give G; beside a second fresh D
    lesson 09   the same with the nets and the 4000 steps of lesson 09
    fading      the small nets for five passes, with instance noise that fades to 0 halfway
    lines       nets in the plane: G is to draw a line three units away, and its D has a start of
                400 steps; with and without noise that fades, in two games, by two optimisers

Run as: python tests/benchmarks/perfect_discriminator.py [--runs passes fading ...] [--seeds 5]
[--record]
"""

import argparse
import copy
import functools
import json
import math
import time
from pathlib import Path

import numpy as np
import recording
import torch
from torch.nn.functional import cosine_similarity, softplus

from gan_lib import data, evaluation, models, toys, training
from gan_lib.evaluation import dimension

RECORD = Path(__file__).resolve().parents[2] / "data" / "perfect_discriminator"
GAME = {"batch_size": 128, "lr_d": 1e-3, "lr_g": 4e-4, "betas": (0, 0.99), "device": "cpu"}
SMALL = {"noise_dim": 64, "precision": "float32"}
PASS = 469  # steps of 128 in a pass over 60 000 images
LOOKS = (0, 10, 25, 50, 100, 200, 400, 800, 1500, 2500, 4000)  # at the fresh D, after these steps
SECOND = 400  # so many steps are taken by the second fresh D
NOISES = (0.0, 0.25, 0.5, 1.0)  # standard deviations of fading noise, pixels being in [-1, 1]


def small_players(seed):
    return (
        models.mlp_generator(64, hidden=(128, 256), seed=seed),
        models.mlp_discriminator(hidden=(128,), seed=100 + seed),
    )


def large_players(seed):
    return models.mlp_generator(seed=seed), models.mlp_discriminator(seed=100 + seed)


def fresh(seed):
    """A convolutional D: the net that elsewhere tells digits apart, with one logit."""
    return models.digit_classifier(classes=1, seed=500 + seed)


def frozen(state):
    """A copy of G for drawing: what it is now, not its average."""
    net = training.with_fresh_statistics(copy.deepcopy(state.generator), state.settings)
    return net.eval().requires_grad_(True)


def noise(generator, n, seed):
    width = next(generator.parameters()).shape[1]
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def draw(generator, n, seed):
    return generator(noise(generator, n, seed))


@torch.no_grad()
def verdict(discriminator, real, fake):
    """D's error, the probability that it ranks a pair wrongly, and its estimate of JS in nats."""
    a, b = discriminator(real).flatten(), discriminator(fake).flatten()
    loss = (softplus(-a).mean() + softplus(b).mean()).item()
    ranks = torch.cat([a, b]).argsort().argsort()[: len(a)].double().sum().item() + len(a)
    auc = (ranks - len(a) * (len(a) + 1) / 2) / (len(a) * len(b))
    error = ((a <= 0).double().mean() + (b > 0).double().mean()).item() / 2
    return {"error": error, "ranked wrongly": 1 - auc, "js": math.log(2) - loss / 2}


def gradient(loss, generator):
    parts = torch.autograd.grad(loss, list(generator.parameters()))
    return torch.cat([part.flatten() for part in parts])


def gradients(discriminator, generator):
    """For both of G's losses: the mean gradient over 2048 fakes, and the scatter of batches."""
    found, batches = {}, noise(generator, 2048, 3).split(128)
    for name, loss in (("minimax", lambda a: -softplus(a)), ("nonsat", lambda a: softplus(-a))):
        each = torch.stack(
            [gradient(loss(discriminator(generator(z))).mean(), generator) for z in batches]
        )
        mean = each.mean(0)
        scatter = (each - mean).square().sum(1).sum() / (len(each) - 1)
        found[name] = (mean, scatter.sqrt().item())
    return found


def tail_index(values, share=0.05):
    """Hill's estimate from the largest values: 1 for a Cauchy distribution, more for light ones."""
    ordered = values.sort(descending=True).values
    k = int(share * len(ordered))
    return 1 / (ordered[:k] / ordered[k]).log().mean().item()


def tails(discriminator, generator):
    """Tail indices, over 2000 fakes, of how strongly each of them pulls, under both losses."""
    x = draw(generator, 2000, 4).requires_grad_(True)
    logits = discriminator(x)
    (slopes,) = torch.autograd.grad(logits.sum(), x)
    steep, answers = slopes.flatten(1).norm(dim=1), logits.detach().flatten().sigmoid()
    pulls = {"minimax": steep * answers, "nonsat": steep * (1 - answers)}
    heaviest = pulls["minimax"].sort(descending=True).values
    found = {f"tail {name}": tail_index(pull) for name, pull in pulls.items()}
    found |= {f"median {name}": pull.median().item() for name, pull in pulls.items()}
    return found | {"top 1% of minimax": (heaviest[:20].sum() / heaviest.sum()).item()}


def alone(generator, images, test, seed):
    """A fresh D against a frozen G, and for its first steps a second one; what each look shows."""
    first, second = (learner(generator, images, 10 * seed + i) for i in range(2))
    fakes, seen = draw(generator, len(test), 9), []
    for step in range(LOOKS[-1] + 1):
        one, another = next(first), next(second) if step <= SECOND else None
        if step in LOOKS:
            seen.append({"step": step} | look(one, another, generator, test, fakes))
    return seen


def learner(generator, images, seed):
    """The same D again and again, with one step more each time."""
    net, rng = fresh(seed), torch.Generator().manual_seed(seed)
    optimizer, drawn = torch.optim.Adam(net.parameters(), lr=1e-3), data.batches(images, 64, rng)
    width = next(generator.parameters()).shape[1]
    while True:
        yield net
        with torch.no_grad():
            fake = generator(torch.randn(64, width, generator=rng))
        training.discriminator_step(net, optimizer, next(drawn)[:, None], fake)


def look(one, another, generator, test, fakes):
    found = verdict(one, test, fakes) | tails(one, generator)
    mine = gradients(one, generator)
    other = gradients(another, generator) if another else {}
    for name, (mean, scatter) in mine.items():
        found |= {f"{name} norm": mean.norm().item(), f"{name} scatter": scatter}
        if other:
            found[f"{name} cosine"] = cosine_similarity(mean, other[name][0], dim=0).item()
    return found


def quality(generator, test, classifier):
    """Frechet distance, and W1 between a thousand drawings and a thousand test images."""
    fakes = draw(generator, 5000, 8)
    features = [
        evaluation.features_and_probabilities(classifier, x)[0] for x in (test[:5000], fakes)
    ]
    a, b, c = test[:1000].flatten(1), test[1000:2000].flatten(1), fakes[:1000].flatten(1)
    values = dimension.singular_values(generator, noise(generator, 20, 5))
    return {
        "frechet": evaluation.frechet_distance(*features),
        "w1": evaluation.wasserstein1(a, c),
        "w1 of real": evaluation.wasserstein1(a, b),
        "rank": dimension.numerical_rank(values).tolist(),
        "above 1%": dimension.numerical_rank(values, 0.01).tolist(),
        "above 10%": dimension.numerical_rank(values, 0.1).tolist(),
        "neighbours": dimension.two_nearest_neighbours(fakes[:4000])[0],
    }


def caught(generator, images):
    """The shares of 2000 drawings that three lines of code tell from every image."""
    x, never = draw(generator, 2000, 7).flatten(1), (images.amax(0) == 0).flatten()
    values = data.to_tanh_range(torch.arange(256).byte())
    off = ~torch.isin(x, values).all(1)
    few_zeros = (x == -1).double().mean(1) < 0.25
    ink = (x[:, never] > values[1]).any(1)
    return {
        "off the lattice": off.double().mean().item(),
        "few zeros": few_zeros.double().mean().item(),
        "never inked": ink.double().mean().item(),
    }


def stages(seed, sets, players, stops, settings):
    """Train; at each stop freeze G and look at it. D has learnt from the G of one step before."""
    images, test, classifier = sets
    state = training.start(*players(seed), steps=stops[-1], seed=seed, **GAME, **settings)
    rows, losses, before = [], [], None
    for step in training.train(state, images):
        losses.append(step.d_loss)
        if step.number + 1 in stops:
            before = frozen(state)
        if step.number in stops:
            own, now = state.discriminator, frozen(state)
            row = {"seed": seed, "step": step.number} | quality(now, test, classifier)
            row["caught"] = caught(now, images)
            row["own D, the G before"] = verdict(own, test, draw(before, len(test), 9))
            row["own D"] = verdict(own, test, draw(now, len(test), 9))
            rows.append(row | {"fresh D": alone(now, images, test, seed)})
            print(seed, step.number, rows[-1]["frechet"], rows[-1]["own D"], flush=True)
            print(rows[-1]["fresh D"][-1], flush=True)
            state.discriminator.train()
    width = len(losses) // 25
    means = np.reshape(losses[: 25 * width], (25, width)).mean(1)
    rows[-1]["js in play"] = (math.log(2) - means / 2).tolist()
    return rows


def fading(seed, sets):
    """The Frechet distance of the averaged G, with noise that fades."""
    images, test, classifier = sets
    rows, real = [], evaluation.features_and_probabilities(classifier, test[:5000])[0]
    for sigma in NOISES:
        settings = GAME | SMALL | {"instance_noise": sigma, "instance_noise_until": 0.5}
        state = training.start(*small_players(seed), steps=5 * PASS, seed=seed, **settings)
        for _ in training.train(state, images):
            pass
        fakes = draw(training.averaged_generator(state).eval(), 5000, 8)
        features = evaluation.features_and_probabilities(classifier, fakes)[0]
        rows.append(
            {
                "seed": seed,
                "sigma": sigma,
                "frechet": evaluation.frechet_distance(real, features),
            }
        )
        print(rows[-1], flush=True)
    return rows


LINE = toys.Segment(3.0)
RATES = {"sgd": {"lr_g": 0.02, "lr_d": 0.05}, "adam": {"lr_g": 1e-3, "lr_d": 2e-3}}
PLAYED = [
    *(("sgd", "minimax", sigma) for sigma in (0.0, 0.5, 1.0, 2.0)),
    *(
        (*how, sigma)
        for how in (("sgd", "non_saturating"), ("adam", "minimax"))
        for sigma in (0.0, 1.0)
    ),
]
PLANE = {"steps": 600, "k": 5, "batch_size": 64, "betas": (0.5, 0.99), "noise_dim": 1}


def lines(seed, sets):
    """W1 between the line and what G draws in the end; None where the run diverged."""
    rows = []
    for optimizer, objective, sigma in PLAYED:
        row = {"seed": seed, "optimizer": optimizer, "objective": objective, "sigma": sigma}
        rows.append(row | {"w1": on_lines(seed, optimizer, objective, sigma)})
        print(rows[-1], flush=True)
    return rows


def on_lines(seed, optimizer, objective, sigma):
    generator = models.plane_generator(noise_dim=1, seed=seed)
    nets = generator, models.plane_discriminator(slope=0.2, seed=100 + seed)
    settings = PLANE | RATES[optimizer] | {"instance_noise": sigma, "average": None}
    games = {"optimizer": optimizer, "objective": objective, "seed": seed, "device": "cpu"}
    state = training.start(*nets, **settings, **games)
    for _ in range(400):
        real, fake = LINE.sample(64, state.rng), draw_line(generator, 64, state.rng)
        real, fake = (x + sigma * torch.randn(x.shape, generator=state.rng) for x in (real, fake))
        training.discriminator_step(state.discriminator, state.d_optimizer, real, fake)
    try:
        for _ in training.train(state, LINE.sample):
            pass
    except training.TrainingDiverged:
        return None  # JSON knows no infinity
    rng = torch.Generator().manual_seed(77)
    return evaluation.wasserstein1(draw_line(generator, 500, rng), LINE.sample(500, rng))


@torch.no_grad()
def draw_line(generator, n, rng):
    return generator(torch.randn(n, 1, generator=rng))


small = {"players": small_players, "settings": SMALL}
large = {"players": large_players, "settings": {}}
RUNS = {
    "passes": functools.partial(stages, stops=(PASS, 10 * PASS, 25 * PASS), **small),
    "lesson 09": functools.partial(stages, stops=(500, 4000), **large),
    "fading": fading,
    "lines": lines,
}


def record(name, rows, seconds):
    """Keep the rows in data/perfect_discriminator/, in place of earlier ones of the same run."""
    RECORD.mkdir(exist_ok=True)
    file = RECORD / "results.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    kept[name] = recording.made() | {"seconds": round(seconds), "rows": recording.rounded(rows)}
    lines = [
        f'"{key}": ' + json.dumps(value).replace('{"seed"', '\n{"seed"')
        for key, value in kept.items()
    ]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main(names, seeds, keep):
    images, labels = data.digits("train")
    if keep and len(images) != 60_000:
        raise SystemExit("only results on MNIST are recorded, and MNIST is not available here")
    test = data.to_tanh_range(data.digits("test")[0])[:, None]
    shuffled = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))
    sets = images, test[shuffled], evaluation.digit_classifier(images, labels)
    for name in names:
        began, rows = time.process_time(), []
        for seed in range(seeds):
            rows += RUNS[name](seed, sets)
            if keep:
                record(name, rows, time.process_time() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=["passes"])
    parser.add_argument(
        "--record", action="store_true", help="keep the results in data/, for lesson 12"
    )
    options = parser.parse_args()
    main(options.runs, options.seeds, options.record)
