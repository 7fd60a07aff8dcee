"""Short runs as the code before ``objectives`` made them (commit b4a939a): the same to the last
bit.

``recorded_runs.json`` holds a digest of each run for the processor that it was recorded on, and its
last losses for every other one, where products are rounded otherwise.
"""

import hashlib
import json
import platform
from pathlib import Path

import pytest
import torch

from gan_lib import data, models, toys, training

RECORDED = json.loads((Path(__file__).parent / "recorded_runs.json").read_text())
X = torch.rand(64, 6, generator=torch.Generator().manual_seed(1)) * 2 - 1
SMALL = {"steps": 50, "batch_size": 8, "noise_dim": 4, "precision": "float32"}
DIGITS = {"steps": 10, "batch_size": 32, "lr_d": 1e-3, "lr_g": 4e-4, "betas": (0, 0.99)}


pytestmark = pytest.mark.usefixtures("one_thread")


def small(make_d=None):
    g = models.mlp_generator(4, (6,), hidden=(8, 8), seed=0)
    return g, make_d() if make_d else models.mlp_discriminator((6,), hidden=(8,), seed=1)


def maxout():
    return models.maxout_discriminator((6,), units=6, pieces=2, layers=1, seed=1)


def bell():
    return toys.GaussianMixture((1.0,), (0.5,)).sample


def toy():
    return models.toy_generator(seed=3), models.toy_discriminator(seed=4)


def wide():
    return models.mlp_generator(seed=0), models.mlp_discriminator(seed=1)


def digits():
    return data.embedded_digits("train")[0]


FIGURE_1 = dict(steps=200, batch_size=64, noise_dim=1, lr_d=4e-2, lr_g=2e-3, betas=(0.0, 0.9))
RUNS = {  # nets, data, settings
    "small nets": (small, lambda: X, SMALL),
    "bfloat16": (small, lambda: X, {**SMALL, "precision": "bfloat16"}),
    "k = 2": (small, lambda: X, {**SMALL, "k": 2, "noise": "uniform", "decay_from": 0.3}),
    "sgd": (small, lambda: X, {**SMALL, "optimizer": "sgd", "objective": "minimax"}),
    "dropout": (lambda: small(maxout), lambda: X, {**SMALL, "average": None}),
    "notebook 06": (toy, bell, {**FIGURE_1, "noise": "uniform", "average": None}),
    "notebook 07": (toy, bell, {**FIGURE_1, "objective": "minimax", "lr_d": 1e-2}),
    "notebook 09, float32": (wide, digits, {**DIGITS, "precision": "float32"}),
    "notebook 09, bfloat16": (wide, digits, {**DIGITS, "precision": "bfloat16"}),
}


def processor():
    """All that decides how a product is rounded: torch, its kernels, and the processor's model."""
    model = platform.machine()
    if Path("/proc/cpuinfo").is_file():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        wanted = ("model name", "model\t", "flags", "cpu family", "stepping")
        model = "".join(sorted({line for line in lines if line.startswith(wanted)}))
    made_of = torch.__version__, torch.backends.cpu.get_cpu_capability(), model
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]


def digest(state, steps):
    found = hashlib.sha256(state.rng.get_state().numpy())
    tensors = [*state.generator.state_dict().values(), *state.discriminator.state_dict().values()]
    tensors += [] if state.average is None else list(state.average.parameters())
    for tensor in tensors:
        found.update(tensor.detach().reshape(-1).view(torch.uint8).numpy())
    found.update(repr([(s.number, s.d_loss, s.g_loss, s.d_real, s.d_fake) for s in steps]).encode())
    return found.hexdigest()[:16]


def run(name):
    nets, source, settings = RUNS[name]
    state = training.start(*nets(), device="cpu", **settings)
    return state, list(training.train(state, source()))


@pytest.mark.parametrize("name", RUNS)
def test_the_run_is_the_recorded_one(name):
    state, steps = run(name)
    losses = [steps[-1].d_loss, steps[-1].g_loss]
    assert losses == pytest.approx(RECORDED["losses"][name], abs=0.02)
    expected = RECORDED["digests"].get(processor(), {}).get(name)
    assert expected is None or digest(state, steps) == expected


def test_a_digest_notices_one_bit():
    state, steps = run("small nets")
    before = digest(state, steps)
    with torch.no_grad():
        weight = state.generator[0].weight
        weight[0, 0] = torch.nextafter(weight[0, 0], torch.tensor(2.0))
    assert digest(state, steps) != before
