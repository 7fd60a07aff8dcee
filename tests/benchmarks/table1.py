"""Table 1 of the paper, reproduced: Parzen-window log-likelihoods of three pairs of nets on MNIST,
with fixed seeds.

    tutorial          the perceptrons of ``gan_lib.models``, with BatchNorm in G, by Adam
    paper             as in the configuration that was published with the paper: rectifiers and a
                      sigmoid in G, maxout with dropout in D, noise, first weights, batches of 100,
                      gradient descent with rates and momentum as they begin there. (There the
                      momentum then grows, and both nets move at once, by one mask of dropout.)
    paper, BatchNorm  the same with BatchNorm in G

Each run trains on the first 50 000 images. After every 250 steps it stops for a validation: 10 000
samples of the averaged G, the width of the windows chosen on the first 1 000 of the last 10 000
images. The G that validates best is kept, and only that one counts; it is measured on the 10 000
test images. Seconds are wall time, with validations and without tests.

Run as: python tests/benchmarks/table1.py [--seeds 5] [--runs tutorial paper ...] [--steps N]
[--record]
"""

import argparse
import copy
import functools
import statistics
import time
from pathlib import Path

import numpy as np
import recording
import torch
from PIL import Image

from gan_lib import data, evaluation, models, training

TARGET = 225  # nats: the paper's own
EVERY = 250  # steps between two validations
SAMPLES = 10_000
RECORD = Path(__file__).resolve().parents[2] / "data" / "table1"


def tutorial(images, seed, steps):
    nets = models.mlp_generator(seed=seed), models.mlp_discriminator(seed=100 + seed)
    return training.start(
        *nets, steps=steps, batch_size=128, lr_d=1e-3, lr_g=4e-4, betas=(0, 0.99), seed=seed
    ), images


def paper(images, seed, steps, batch_norm=False):
    pixels = evaluation.to_pixels(images).reshape(-1, 1, 28, 28)
    generator = models.relu_generator(batch_norm=batch_norm, seed=seed)
    with torch.no_grad():  # as published, G starts from the mean image
        generator[-3].bias.copy_(pixels.mean(0).flatten().clamp(1e-7, 1 - 1e-7).logit())
    nets = generator, models.maxout_discriminator(seed=100 + seed)
    # The published rate is 0.1 for both, and D's published objective is half of our loss.
    options = {
        "optimizer": "sgd",
        "lr_d": 0.05,
        "lr_g": 0.1,
        "batch_size": 100,
        "precision": "float32",
    }
    return training.start(*nets, steps=steps, noise="unit uniform", seed=seed, **options), pixels


RUNS = {
    "tutorial": tutorial,
    "paper": paper,
    "paper, BatchNorm": functools.partial(paper, batch_norm=True),
}


@torch.no_grad()
def draw(generator, settings, n=SAMPLES, seed=1):
    """n images as pixels in [0, 1], (n, 784)."""
    rng = torch.Generator(next(generator.parameters()).device).manual_seed(seed)
    parts = [
        generator(training.sample_noise(settings, rng, min(1000, n))).float().cpu()
        for _ in range(0, n, 1000)
    ]
    x = torch.cat(parts).flatten(1)
    return (
        x
        if any(isinstance(module, torch.nn.Sigmoid) for module in generator)
        else evaluation.to_pixels(x)
    )


def validate(generator, settings, validation):
    samples = draw(generator, settings)
    sigma = evaluation.choose_sigma(samples, validation)
    return samples, sigma, evaluation.parzen_log_likelihood(samples, validation, sigma)[0]


def one_run(name, seed, sets, classifier, steps):
    """Train, stop by validation, test. Returns what is recorded, and the best G's samples."""
    train, validation, test = sets
    state, images = RUNS[name](train, seed, steps)
    best, curve, reached, untimed = {"validation": -np.inf}, [], None, 0.0
    began = time.perf_counter()
    for step in training.train(state, images):
        if step.number % EVERY and step.number != state.settings.steps:
            continue
        samples, sigma, found = validate(
            training.averaged_generator(state), state.settings, validation
        )
        seconds = time.perf_counter() - began - untimed
        paused = time.perf_counter()
        if found > best["validation"]:
            raw = copy.deepcopy(state.generator)
            best = {
                "validation": found,
                "sigma": sigma,
                "step": step.number,
                "samples": samples,
                "raw": raw,
            }
            if (
                reached is None
                and evaluation.parzen_log_likelihood(samples, test, sigma)[0] >= TARGET
            ):
                reached = seconds
        curve.append([step.number, round(found, 1), round(coverage(classifier, samples), 3)])
        untimed += time.perf_counter() - paused
    seconds = time.perf_counter() - began - untimed
    raw_generator = training.with_fresh_statistics(best.pop("raw"), state.settings)
    raw_samples, raw_sigma, _ = validate(raw_generator, state.settings, validation)
    samples = best.pop("samples")
    for prefix, drawn, sigma in (("", samples, best["sigma"]), ("raw_", raw_samples, raw_sigma)):
        mean, error = evaluation.parzen_log_likelihood(drawn, test, sigma)
        best |= {f"{prefix}test": mean, f"{prefix}standard_error": error}
    best |= {
        "coverage": coverage(classifier, samples),
        "seconds": seconds,
        "seconds_to_225": reached,
        "curve": curve,
    }
    rounded = {
        key: round(value, 3) if isinstance(value, float) else value for key, value in best.items()
    }
    return {"run": name, "seed": seed, **rounded}, samples


def coverage(classifier, pixels):
    """Against equal shares of the ten digits."""
    _, probabilities = evaluation.features_and_probabilities(
        classifier, pixels[:2000].reshape(-1, 28, 28) * 2 - 1
    )
    return evaluation.class_coverage(np.eye(10), probabilities)


def record(results, pictures):
    """Keep the results in data/table1/, in place of earlier ones of the same runs, and twenty
    samples of each as a picture."""
    recording.keep(RECORD, results, key="run")
    for name, samples in pictures.items():
        row = np.concatenate(
            list(samples[:20].reshape(-1, 28, 28).mul(255).round().byte().numpy()), axis=1
        )
        Image.fromarray(row).save(RECORD / f"{name.lower().replace(', ', '_')}.png", optimize=True)


def main(seeds, names, steps, keep):
    images, labels = data.digits("train")
    if keep and len(images) != 60_000:
        raise SystemExit("only results on MNIST are recorded, and MNIST is not available here")
    held_out = len(images) // 6
    test = evaluation.to_pixels(data.digits("test")[0])
    sets = images[:-held_out], evaluation.to_pixels(images[-held_out:][:1000]), test
    classifier = evaluation.digit_classifier(images, labels)
    results, pictures = [], {}
    for name in names:
        for seed in range(seeds):
            result, samples = one_run(name, seed, sets, classifier, steps)
            results.append(result)
            pictures.setdefault(name, samples)
            print(
                f"{name}, seed {seed}: "
                f"test {result['test']:.1f} ± {result['standard_error']:.1f} nats, "
                f"validation {result['validation']:.1f} "
                f"(step {result['step']}, sigma {result['sigma']}); "
                f"raw weights {result['raw_test']:.1f}; coverage {result['coverage']:.2f}; "
                f"{TARGET} reached after {result['seconds_to_225'] or float('nan'):.0f} s "
                f"of {result['seconds']:.0f} s",
                flush=True,
            )
    for name in names:
        tests = [result["test"] for result in results if result["run"] == name]
        times = [result["seconds_to_225"] or np.inf for result in results if result["run"] == name]
        spread = statistics.stdev(tests) if len(tests) > 1 else float("nan")
        print(
            f"{name}: test {statistics.mean(tests):.1f} nats on average "
            f"over {len(tests)} seeds, spread {spread:.1f}, "
            f"least {min(tests):.1f}; median seconds to {TARGET}: {statistics.median(times):.0f}"
        )
    if keep:
        record(results, pictures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=["tutorial"])
    parser.add_argument("--steps", type=int, default=4000, help="of each run")
    parser.add_argument(
        "--record", action="store_true", help="keep the results in data/table1/, for notebook 10"
    )
    options = parser.parse_args()
    main(options.seeds, options.runs, options.steps, options.record)
