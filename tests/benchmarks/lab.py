"""The lab's guided experiments over seeds, and the weights that it offers to start from.

    experiments  both arms of each, by the lab's own run
    beside       what else one would try, in no button of the lab
    first        the lab as it opens
    pretrained   the lab's default nets on its six data sets, and which seed's weights are kept

The recipes of the experiments were sought on the seeds 100 to 102. ``RULES`` says what each has to
show in nine of ten seeds; they were written down before the first run of the seeds 0 to 9. The
first seed's runs leave a few pictures: 300 fakes, in hundredths, at ``SHOWN`` steps.

Of the pretrained weights those of the median seed by JS are kept, not the best, with four digits.

Run as: python tests/benchmarks/lab.py --parts experiments beside first [--seeds 10] [--record]
and: python tests/benchmarks/lab.py --parts pretrained --seeds 3 [--record]
"""

import json
import math
import time
from pathlib import Path

import numpy as np
import recording
import torch

from gan_lib import evaluation, models, training
from gan_lib.lab import EXPERIMENTS, NoiseFloor, Run, layers, measures, strip
from gan_lib.lab.recipe import ROWS, recipe
from gan_lib.lab.run import distribution
from gan_lib.penalties import gradient_norms

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "data" / "lab"
WEIGHTS = ROOT / "gan_lib" / "lab" / "pretrained.json"
EVERY = 10  # steps between two looks at the middle of the fakes
SIDE = 0.3  # beyond this the middle is on one side of the data's
FLAT, NEAR_ONE = 0.1, (0.5, 1.5)  # slopes of D's answer, for each unit of the plane
SHOWN = {  # the steps that are kept as pictures
    "first": (100, 500, 1500, 3000),
    "collapse": (750, 1500, 2250, 3000),
    "knob": (750, 1500, 2250, 3000),
    "perfect": (10, 50, 200, 600),
    "oscillation": (1700, 1800, 1900, 2000),
    "field": (10, 50, 200, 500),
}
BESIDE = {
    "collapse": {
        "with R1, γ = 5": "lr_g=0.003&momentum=0.9&noise_dim=32&r1=5",
        "momentum 0": "lr_g=0.003&momentum=0&noise_dim=32",
    },
    "knob": {"D ten times faster than G": "objective=minimax&lr_d=0.01"},
    "perfect": {"log(1 − D), Adam": "objective=minimax&k=5"},
    "oscillation": {
        "momentum 0": "data=gaussian&momentum=0",
        "with R1, γ = 1": "data=gaussian&momentum=0.9&r1=1",
    },
}
RULES = {  # of the arms of one seed: what has to hold, in nine of ten
    "collapse": lambda first, second: first["covered"] <= 1 and second["covered"] >= 6,
    "knob": lambda slow, fast: slow["covered"] <= 1 and fast["covered"] >= 7,
    "perfect": lambda stuck, free: (
        stuck["distance_at_first"] - stuck["distance"] < 0.1 * stuck["distance_at_first"]
        and free["distance"] < 0.3
        and 10 * stuck["pull_at_100"] < free["pull_at_100"]
    ),
    "oscillation": lambda free, held: (
        free["off"] >= 0.6 and held["off"] <= 0.3 and free["passes"] >= 5 > 2 >= held["passes"]
    ),
    "field": lambda judge, critic: (
        judge["flat"] >= 0.6 and critic["flat"] <= 0.05 and critic["near_one"] >= 0.9
    ),
}
GOOD = {  # what the data sets are learnt with, but two
    "objective": "non_saturating",
    "steps": 12000,
    "batch_size": 128,
    "noise_dim": 2,
    "betas": (0.0, 0.99),
    "lr_d": 5e-3,
    "lr_g": 5e-3,
    "r1": 0.02,
    "decay_from": 0.5,
    "average": None,
    "precision": "float32",
    "device": "cpu",
}
CALM = {"r1": 0.0, "lr_d": 2e-3, "lr_g": 5e-4, "steps": 4000}
RECIPES = {"line": CALM, "gaussian": CALM}  # these need no more, and on the line R1 flattens D


def experiments(record, seeds):
    for seed in range(seeds):
        for each in EXPERIMENTS:
            texts = {arm["label"]: arm["text"] for arm in each["arms"]}
            yield from runs_of(each, texts, seed, pictures=not seed)


def beside(record, seeds):
    for seed in range(seeds):
        for each in EXPERIMENTS:
            yield from runs_of(each, BESIDE.get(each["id"], {}), seed)


def first(record, seeds):
    for seed in range(seeds):
        texts = {arm["label"]: arm["text"] for arm in strip.FIRST["arms"]}
        yield from runs_of(strip.FIRST, texts, seed, pictures=not seed)


def runs_of(about, texts, seed, pictures=False):
    """One seed of each of these arms."""
    for label, text in texts.items():
        found = one_run(about["id"], f"{text}&seed={seed}", about["steps"], pictures)
        yield {"experiment": about["id"], "arm": label, "seed": seed} | found


def one_run(name, text, steps, pictures=False):
    """Train as the lab does; what is measured on the way, and at the end."""
    began, lab = time.process_time(), Run(recipe(text))
    path, frames, found = [], [], {"distance_at_first": distance(lab)}
    for step in range(EVERY, steps + 1, EVERY):
        trained = lab.train(EVERY)
        path.append(fakes(lab, 500).mean(0))
        if step == 100:
            found |= {"pull_at_100": pull(lab), "right_at_100": right(lab)}
        if pictures and step in SHOWN[name]:
            frames.append({"step": step} | picture(lab, with_field=name == "field"))
    found |= at_the_end(lab) | swings(torch.stack(path)) | {"d_loss": trained[-1].d_loss}
    found = recording.rounded(found) | {"s": round(time.process_time() - began, 1)}
    return found | ({"frames": frames} if frames else {})


@torch.no_grad()
def fakes(lab, n=2500):
    rng = torch.Generator().manual_seed(7)
    return lab.state.generator(training.sample_noise(lab.state.settings, rng, n))


def distance(lab):
    """Mean distance of the fakes from the nearest heap's centre."""
    return evaluation.nearest(fakes(lab), lab.data.centres)[0].mean().item()


def pull(lab):
    """The median length of the arrows: where G's loss pulls each fake."""
    found = layers.arrows(lab, fakes(lab, layers.SHOWN), layers.shown_data(lab))
    return found[:, 2:].norm(dim=1).median().item()


@torch.no_grad()
def right(lab):
    """The smaller of two shares: of real points that D calls real, of fakes that it calls fake."""
    x, size = [layers.shown_data(lab), fakes(lab, layers.SHOWN)], lab.settings["packing"]
    real, fake = (lab.state.discriminator(each[: len(each) - len(each) % size]) for each in x)
    return min((real > 0).double().mean().item(), (fake < 0).double().mean().item())


def slopes(lab):
    """How steep D's answer is at the middle of each cell of the window."""
    state, size = lab.state, lab.settings["packing"]

    def answer(x):
        return state.objective.answer(state.discriminator(x.repeat_interleave(size, 0)))

    return gradient_norms(answer, layers.centres(layers.FIELD)).detach()


def at_the_end(lab):
    x, steep = fakes(lab), slopes(lab)
    report = evaluation.mode_report(x, lab.data.centres, lab.data.std)
    low, high = NEAR_ONE
    return {
        "covered": report.covered,
        "quality": report.quality,
        "spread": (x - x.mean(0)).norm(dim=1).mean().item(),
        "distance": distance(lab),
        "pull": pull(lab),
        "right": right(lab),
        "flat": (steep < FLAT).double().mean().item(),
        "near_one": ((steep > low) & (steep < high)).double().mean().item(),
    }


def swings(path):
    """Over the second half: how far the middle of the fakes is off, and how often it crosses over.

    Off: the root of the mean square. The data's middle is 0 in all experiments.
    """
    late = path[len(path) // 2 :]
    return {
        "off": late.square().sum(1).mean().sqrt().item(),
        "passes": sum(crossings(coordinate) for coordinate in late.T.tolist()),
    }


def crossings(positions):
    """How often it goes from beyond one side's limit to beyond the other's."""
    sides = [math.copysign(1, x) for x in positions if abs(x) > SIDE]
    return sum(a != b for a, b in zip(sides, sides[1:]))


def picture(lab, with_field):
    """300 fakes, and D's answers, in hundredths."""
    shown = {"fakes": hundredths(fakes(lab, 300))}
    return shown | ({"field": hundredths(layers.field(lab))} if with_field else {})


def hundredths(numbers):
    return (100 * numbers).round().int().flatten().tolist()


def pretrained(record, seeds):
    """Each data set from a few seeds; the weights of the median one are written down."""
    weights = {}
    for source in [each for each in ROWS["data"]["values"] if each != "drawn"]:
        data = distribution(recipe(f"data={source}").settings)
        floor = NoiseFloor(data).collect()
        settings = GOOD | RECIPES.get(source, {})
        runs = [fitted(data, seed, settings) for seed in range(seeds)]
        runs.sort(key=lambda each: each[0]["js"])
        middle = len(runs) // 2
        weights[source] = runs[middle][1]
        for i, (found, _) in enumerate(runs):
            floors = {f"{name}_floor": list(floor.band(name)) for name in ("js", "w1")}
            yield {"data": source, "kept": i == middle} | recording.rounded(found | floors)
    if record:
        WEIGHTS.write_text(json.dumps(weights) + "\n")


def fitted(data, seed, settings):
    """The lab's default nets on these data: what their samples score, and their weights."""
    generator = models.plane_generator(2, (32, 32), seed=2 * seed)
    discriminator = models.plane_discriminator((32, 32), seed=2 * seed + 1)
    state = training.start(generator, discriminator, seed=seed, **settings)
    for _ in training.train(state, data.sample):
        pass
    weights = {name: [round_off(w) for w in net.parameters()] for name, net in state.nets.items()}
    return {"seed": seed} | scores(generator, data), weights


@torch.no_grad()
def round_off(weight):
    """Round a net's weight to four digits, in place; the numbers, row after row."""
    digits = [float(f"{number:.4g}") for number in weight.flatten().tolist()]
    weight.copy_(torch.tensor(digits).reshape(weight.shape))
    return digits


@torch.no_grad()
def scores(generator, data, batches=20):
    """Means over batches of fresh samples, as the lab measures them."""
    rng, found = torch.Generator().manual_seed(1), []
    for _ in range(batches):
        x = generator(torch.randn(measures.JS_SAMPLES, 2, generator=rng))
        report = measures.modes(data, x) or {}
        found.append(measures.distances(data.sample(len(x), rng), x) | report)
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


PARTS = {
    "experiments": experiments,
    "beside": beside,
    "first": first,
    "pretrained": pretrained,
}


def main():
    parser = recording.arguments(__doc__, PARTS, RECORD)
    parser.set_defaults(seeds=10)
    options = parser.parse_args()
    recording.play(PARTS, options, lambda: options.record, RECORD)


if __name__ == "__main__":
    main()
