"""The lab's JavaScript against torch: steps of both players under a thousand random settings.

Both compute in float64. Each step starts from the same weights, optimiser's moments, noise and data
in both; compared are its loss, all of the gradient, penalties included, and the weights after it.
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
# The scale for arrays that are 0 but for rounding, being sums of terms of size 1 that cancel.
NOTHING = 1e-6
ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "tanh": nn.Tanh}
STEPS = ("D", "G", "D", "G")

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
        "scale": rng.choice([1, 1, 5]),  # of D's last layer at first: a D that is sure
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
    list(discriminator.parameters())[-2].data *= settings["scale"]
    return state


def in_a_row(tensors):
    return torch.cat([each.detach().flatten() for each in tensors]).numpy().copy()


def widths(net):
    linear = [layer for layer in net.modules() if isinstance(layer, nn.Linear)]
    return [linear[0].in_features, *(layer.out_features for layer in linear)]


def moments(optimizer):
    """How many steps an optimiser has taken, and what it keeps of them: two numbers a weight."""
    parameters = optimizer.param_groups[0]["params"]
    kept = [optimizer.state[parameter] for parameter in parameters]
    rows = []
    for names in (("exp_avg", "momentum_buffer"), ("exp_avg_sq",)):
        found = [next((k[n] for n in names if k.get(n) is not None), None) for k in kept]
        nothing = [torch.zeros_like(parameter) for parameter in parameters]
        rows.append(in_a_row(n if f is None else f for f, n in zip(found, nothing)))
    return int(kept[0].get("step", 0)), *rows


def draw_minibatch(state):
    """Noise, data, and the shares that a gradient penalty will draw."""
    settings, rng = state.settings, state.rng
    z = torch.randn(settings.batch_size, settings.noise_dim, generator=rng).double()
    real = 1.5 * torch.randn(settings.batch_size, 2, generator=rng).double()
    before = rng.get_state()
    shares = torch.rand(settings.batch_size, generator=rng).double()
    rng.set_state(before)
    return {"z": z, "real": real, "shares": shares}


def before_step(state, optimizer, drawn):
    """All that a step depends on: (steps done, arrays by name)."""
    steps, first, second = moments(optimizer)
    arrays = {name: in_a_row(net.parameters()) for name, net in state.nets.items()}
    arrays |= {"first": first, "second": second}
    return steps, arrays | {name: in_a_row([x]) for name, x in drawn.items()}


def torch_step(state, who, fake, real):
    """A step of D, or of G, by the course's own functions: its loss, gradient and new weights."""
    if who == "D":
        loss, *_ = training.discriminator_step(
            state.discriminator, state.d_optimizer, real, fake, state.objective, rng=state.rng
        )
    else:
        loss = training.generator_step(
            state.discriminator, state.g_optimizer, fake, state.objective, real=real
        )
    net = state.discriminator if who == "D" else state.generator
    gradient = in_a_row(parameter.grad for parameter in net.parameters())
    return {"loss": np.array([loss]), "gradient": gradient, "weights": in_a_row(net.parameters())}


def steps_of(settings):
    """Two steps of D and two of G in turn: what each starts from, and what torch makes of it."""
    state = begun(settings)
    described = {name: widths(net) for name, net in state.nets.items()}
    for i, who in enumerate(STEPS):
        if who == "D":
            drawn = draw_minibatch(state)
            fake = state.generator(drawn["z"])
        optimizer = state.d_optimizer if who == "D" else state.g_optimizer
        steps, arrays = before_step(state, optimizer, drawn)
        lengths = {name: len(array) for name, array in arrays.items()}
        step = {"settings": settings, "who": who, "widths": described}
        step |= {"steps": steps, "lengths": lengths}
        yield f"{who}, step {i // 2 + 1}", step, arrays, torch_step(state, who, fake, drawn["real"])


def steps_in_javascript(steps, arrays, folder):
    """All that JavaScript found, in a row. The numbers pass through files: they are millions."""
    files = {name: str(folder / name) for name in ("numbers", "results")}
    np.concatenate([x for given in arrays for x in given.values()]).tofile(files["numbers"])
    assert run_node("parity.mjs", {"steps": steps, **files}) > 0
    return np.fromfile(files["results"])


def relative_difference(ours, theirs):
    """The largest difference between two arrays, on the scale of the largest number in them.

    Not number by number: a gradient that is 0 but for rounding may be 0 in one and 1e-17 in the
    other, and Adam divides it by itself.
    """
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), NOTHING))


def test_steps_are_those_of_torch(tmp_path):
    settings = [drawn_settings(number) for number in range(SETTINGS)]
    names, steps, arrays, expected = zip(*(step for each in settings for step in steps_of(each)))
    ours = steps_in_javascript(steps, arrays, tmp_path)
    worst = {}
    for name, step, outcome in zip(names, steps, expected):
        for what, theirs in outcome.items():
            found, ours = np.split(ours, [len(theirs)])
            difference = relative_difference(found, theirs)
            worst[what] = max(
                worst.get(what, (0.0, "")), (difference, f"{name}, {step['settings']}")
            )
    assert not len(ours)
    for what, (difference, where) in worst.items():
        print(f"\n{what}: largest relative difference {difference:.1e}, in {where}", end="")
    assert max(worst.values())[0] <= BOUND, worst
