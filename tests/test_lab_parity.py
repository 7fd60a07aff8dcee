"""The lab's JavaScript against torch: steps of both players under a thousand random settings.

Both compute in float64, from the same weights, noise and data. Compared are each loss, all of the
gradient, penalties included, and the weights after two turns of the algorithm.
"""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from lab.node import run_node
from torch import nn

import gan_lib
from gan_lib import training
from gan_lib.models import plane_discriminator, plane_generator
from gan_lib.objectives import named

TABLE = json.loads((Path(gan_lib.__file__).parent / "lab" / "settings.json").read_text())
OBJECTIVES = next(row["values"] for row in TABLE["settings"] if row["name"] == "objective")
SETTINGS = 1000
BOUND = 1e-6
SMALL = 1e-4  # of the largest number in an array: what is smaller is compared with this
NOTHING = 1e-9  # or with this: the gradient of a critic's last bias is a sum of +-1/n, 0 or 1e-17
ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "tanh": nn.Tanh}
STEPS = ("D, step 1", "G, step 1", "D, step 2", "G, step 2")

pytestmark = pytest.mark.usefixtures("one_thread")


def drawn_settings(number):
    """Settings number so-and-so; every objective has its turn."""
    rng = random.Random(number)
    packing = rng.choice([1, 2, 4])
    return {
        "seed": number,
        "objective": OBJECTIVES[number % len(OBJECTIVES)],
        "r1": rng.choice([0, 0, rng.uniform(0.01, 10)]),
        "hidden_g": [rng.randint(1, 12) for _ in range(rng.randint(1, 3))],
        "hidden_d": [rng.randint(1, 12) for _ in range(rng.randint(1, 3))],
        "activation": rng.choice(list(ACTIVATIONS)),
        "packing": packing,
        "batch_size": packing * rng.randint(1, 6),
        "noise_dim": rng.randint(1, 5),
        "optimizer": rng.choice(["adam", "sgd"]),
        "momentum": rng.choice([0, rng.uniform(0, 0.95)]),
        "lr_d": 10 ** rng.uniform(-5, -0.5),
        "lr_g": 10 ** rng.uniform(-5, -0.5),
        "clip": rng.choice([0.01, 0.1, 0.5]),
    }


def begun(settings):
    """A run of torch's with nets in float64."""
    activation = ACTIVATIONS[settings["activation"]]
    generator = plane_generator(
        settings["noise_dim"], settings["hidden_g"], activation, seed=2 * settings["seed"]
    )
    discriminator = plane_discriminator(
        settings["hidden_d"],
        size=settings["packing"],
        activation=activation,
        seed=2 * settings["seed"] + 1,
    )
    names = "seed objective r1 batch_size noise_dim optimizer momentum lr_d lr_g".split()
    clips = {"clip": settings["clip"]} if named(settings["objective"]).after_d_step else {}
    state = training.start(
        generator,
        discriminator,
        device="cpu",
        precision="float32",
        average=None,
        betas=(settings["momentum"], 0.99),
        **{name: settings[name] for name in names},
        **clips,
    )
    for net in state.nets.values():
        net.double()
    return state


def flat(numbers):
    return torch.cat([each.flatten() for each in numbers]).tolist()


def net_as_sent(net):
    linear = [layer for layer in net.modules() if isinstance(layer, nn.Linear)]
    widths = [linear[0].in_features, *(layer.out_features for layer in linear)]
    return {"widths": widths, "weights": flat(net.parameters())}


def draw_turn(state):
    """Noise, data, and the shares that a gradient penalty will draw."""
    settings, rng = state.settings, state.rng
    z = torch.randn(settings.batch_size, settings.noise_dim, generator=rng).double()
    real = 1.5 * torch.randn(settings.batch_size, 2, generator=rng).double()
    before = rng.get_state()
    shares = torch.rand(settings.batch_size, generator=rng)
    rng.set_state(before)
    return z, real, shares


def outcome(loss, net):
    gradient = flat(parameter.grad for parameter in net.parameters())
    return {"loss": float(loss), "gradient": gradient, "weights": flat(net.parameters())}


def torch_turn(state, z, real):
    """One turn of the algorithm, by the course's own two steps."""
    generator, discriminator = state.generator, state.discriminator
    fake = generator(z)
    d_loss, *_ = training.discriminator_step(
        discriminator, state.d_optimizer, real, fake, state.objective, rng=state.rng
    )
    judged = outcome(d_loss, discriminator)
    g_loss = training.generator_step(
        discriminator, state.g_optimizer, fake, state.objective, real=real
    )
    return [judged, outcome(g_loss, generator)]


def both_sides(settings):
    """What is sent to JavaScript, and what torch makes of it."""
    state = begun(settings)
    sent = {"settings": settings, "turns": []}
    sent |= {name: net_as_sent(net) for name, net in state.nets.items()}
    outcomes = []
    for _ in range(2):
        z, real, shares = draw_turn(state)
        turn = {"z": flat([z]), "real": flat([real]), "shares": shares.tolist()}
        sent["turns"].append(turn)
        outcomes += torch_turn(state, z, real)
    return sent, outcomes


def relative_difference(ours, theirs):
    ours, theirs = np.atleast_1d(ours), np.atleast_1d(theirs)
    least = max(SMALL * np.abs(theirs).max(), NOTHING)
    return float((np.abs(ours - theirs) / np.maximum(np.abs(theirs), least)).max())


def differences(settings, ours, theirs):
    """(difference, where) of every loss, gradient and set of weights."""
    for step, a, b in zip(STEPS, ours, theirs):
        for what in ("loss", "gradient", "weights"):
            yield relative_difference(a[what], b[what]), f"{step}, {what}, {settings}"


def test_steps_are_those_of_torch():
    settings = [drawn_settings(number) for number in range(SETTINGS)]
    sent, theirs = zip(*map(both_sides, settings))
    ours = run_node("parity.mjs", sent)
    assert len(ours) == SETTINGS
    found = [d for parts in zip(settings, ours, theirs) for d in differences(*parts)]
    worst, where = max(found)
    print(f"\nlargest relative difference of {len(found)}: {worst:.1e} ({where})")
    assert worst <= BOUND, where
