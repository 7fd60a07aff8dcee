"""The lab's JavaScript against what Python computes of the same, and its own tests, run by Node."""

import subprocess

import numpy as np
import pytest
import torch
from lab.node import HERE, run_node, skip_without_node
from scipy import stats

from gan_lib import evaluation
from gan_lib.lab import layers, measures
from gan_lib.lab.recipe import DEFAULTS, ROWS, recipe
from gan_lib.lab.run import Run, distribution
from gan_lib.lab.view import View

DATA = [name for name in ROWS["data"]["values"] if name != "drawn"]
DRAWINGS = ["AAAAgggg", "AAAA", "A_B-yZ01.gggg.AAAABBBBAAAA", "gAAAgAAA", "f_gAgBgBgAgA"]
TOYS = [{**DEFAULTS, "data": name} for name in DATA]
TOYS += [{**DEFAULTS, "data": "drawn", "strokes": strokes} for strokes in DRAWINGS]
rng = np.random.default_rng(0)

pytestmark = pytest.mark.usefixtures("one_thread")


def asked(call, *givens):
    """What JavaScript answers to this call with each of these arguments."""
    return run_node("compare.mjs", [{"call": call, "given": given} for given in givens])


@pytest.mark.parametrize("name", ["run", "engine", "front"])
def test_what_node_tests_by_itself(name):
    skip_without_node()
    script = HERE / f"{name}.test.mjs"
    done = subprocess.run(["node", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "\n# fail 0\n" in done.stdout


@pytest.mark.parametrize(("call", "law"), [("uniform", stats.uniform), ("normal", stats.norm)])
def test_random_numbers_follow_their_law_and_streams_differ(call, law):
    given = {"seed": 0, "stream": 0, "n": 20_000}
    streams = asked(call, given, {**given, "stream": 1}, {**given, "seed": 1}, given)
    assert streams[0] == streams[3]
    for numbers in streams[:3]:
        assert stats.kstest(numbers, law.cdf).pvalue > 0.01
        assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.02
    assert np.abs(np.corrcoef(streams[:3]) - np.eye(3)).max() < 0.02


def test_the_normal_distribution_function_and_its_inverse():
    x = np.linspace(-10, 10, 401)
    (shares,) = asked("normalShareBelow", x.tolist())
    np.testing.assert_allclose(shares, stats.norm.cdf(x), rtol=0, atol=1e-15)
    levels = (np.arange(4096) + 0.5) / 4096
    (places,) = asked("normalQuantile", levels.tolist())
    np.testing.assert_allclose(places, stats.norm.ppf(levels), atol=1e-12)


def test_densities():
    points = np.concatenate([rng.uniform(-3, 3, (400, 2)), rng.normal(0, 0.2, (100, 2))])
    near = [distribution(s).sample(200, torch.Generator().manual_seed(1)).numpy() for s in TOYS]
    points = [np.concatenate([points, each]).astype(float) for each in near]
    given = [{"settings": s, "points": x.tolist()} for s, x in zip(TOYS, points)]
    for settings, x, found in zip(TOYS, points, asked("density", *given)):
        expected = distribution(settings).pdf(x)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * expected.max())


def test_masses_and_samples_follow_the_densities():
    given = [{"settings": settings, "n": 20_000} for settings in TOYS]
    found = zip(TOYS, asked("masses", *given), asked("sample", *given))
    for settings, masses, samples in found:
        expected = layers.data_masses(Run(recipe("", **settings)))
        np.testing.assert_allclose(masses, expected, atol=1e-6)  # Python's points are float32
        due = measured_shares(settings)
        cells = measures.cell_shares(samples)
        likely = due > 5 / 20_000
        rest = [1 - part[likely].sum() for part in (cells, due)]
        observed, wanted = (np.append(part[likely], r) for part, r in zip((cells, due), rest))
        statistic = (
            20_000 * ((observed - wanted) ** 2 / np.maximum(wanted, 1e-12))[wanted > 0].sum()
        )
        assert stats.chi2.sf(statistic, likely.sum()) > 0.001, settings["data"]


def measured_shares(settings):
    """The probability of each of the cells of the measures, and of all outside, finely summed."""
    fine, cells, window = 25, measures.CELLS, 3.0
    line = (2 * np.arange(cells * fine) + 1) * window / cells / fine - window
    points = np.stack(np.meshgrid(line, line), axis=-1)
    density = distribution(settings).pdf(points)
    blocks = density.reshape(cells, fine, cells, fine).sum((1, 3)).ravel()
    shares = blocks * (2 * window / cells / fine) ** 2
    return np.append(shares, max(0.0, 1 - shares.sum()))


def test_js_of_histograms():
    pairs = [rng.normal(0, s, (2, 300, 2)) for s in (0.3, 1, 5)]
    pairs += [np.full((2, 3, 2), 3.0), np.stack([np.zeros((4, 2)), np.full((4, 2), 9.0)])]
    given = [{"x": x.tolist(), "y": y.tolist()} for x, y in pairs]
    expected = [measures.histogram_js(x, y) for x, y in pairs]
    np.testing.assert_allclose(asked("histogram", *given), expected, rtol=1e-9, atol=1e-12)


def test_w1_is_the_cheapest_pairing():
    pairs = [rng.normal(size=(2, n, 2)) for n in (1, 2, 3, 5, 20, 77, 200)]
    pairs += [rng.integers(0, 3, (2, n, 2)).astype(float) for n in (10, 60)]  # with many ties
    pairs += [np.zeros((2, 7, 2)), np.stack([rng.normal(size=(50, 2)), np.ones((50, 2))])]
    given = [{"x": x.tolist(), "y": y.tolist()} for x, y in pairs]
    expected = [evaluation.wasserstein1(x, y) for x, y in pairs]
    np.testing.assert_allclose(asked("wasserstein1", *given), expected, rtol=1e-12, atol=1e-15)


def test_modes_and_quantiles():
    samples = [rng.normal(0, spread, (1000, 2)) for spread in (0.1, 1, 3)]
    samples += [distribution(s).sample(1000, torch.Generator()).numpy() for s in TOYS[:2]]
    for settings in TOYS:
        given = [{"settings": settings, "points": np.asarray(x).tolist()} for x in samples]
        expected = [measures.modes(distribution(settings), torch.as_tensor(x)) for x in samples]
        for found, modes in zip(asked("modes", *given), expected):
            assert found == (modes and pytest.approx(modes))
    numbers = rng.normal(size=400)
    given = [{"numbers": numbers.tolist(), "share": share} for share in (0.005, 0.5, 0.995)]
    assert asked("quantile", *given) == pytest.approx(np.quantile(numbers, [0.005, 0.5, 0.995]))


ACCEPTED = [
    "",
    "#data=moons",
    "by=js",
    "data=moons&lr_g=0.002&by=torch&run=500,k:5,300,d2",
    "lr_d=1e-05&lr_g=.5&momentum=0.0",
    "noise=unit+uniform&noise_dim=1&run=1,noise:unit+uniform,g,g3,d",
    "data=drawn&strokes=AAAAgggg.BBBB",
    "packing=4&batch_size=16&run=10000000",
    "lr_d=1.&r1=2.50&lr_g=1e-2&seed=7.0",
    "start=pretrained&data=grid&run=3,g_width:5",
    "seed=1&&run=1,2,d,d",
    "https://somewhere/lab.html#data=moons&run=1%2Ck%3A5",
    "momentum=1e-7&r1=123.456",
]
REFUSED = {
    "data=cat": "data",
    "seed=1&seed=2": "seed",
    "colour=red": "colour",
    "data": "text",
    "k=0": "k",
    "k=2.5": "k",
    "k=one": "k",
    "lr_d=nan": "lr_d",
    "lr_d=inf": "lr_d",
    "lr_d=0x1": "lr_d",
    "lr_d=1_0": "lr_d",
    "lr_d= 1": "lr_d",
    "lr_d=+1": "lr_d",
    "lr_d=": "lr_d",
    "lr_g=1e400": "lr_g",
    "momentum=1": "momentum",
    "batch_size=6&packing=4": "batch_size",
    "data=drawn": "strokes",
    "strokes=AAA": "strokes",
    "strokes=AAAA.": "strokes",
    "strokes=AA!A": "strokes",
    f"strokes={'AAAA' * 401}": "strokes",
    "start=pretrained&g_width=8": "start",
    "start=pretrained&data=drawn&strokes=AAAA": "start",
    "by=hand": "by",
    "run=": "run",
    "run=0": "run",
    "run=5,,5": "run",
    "run=1.5": "run",
    "run=x3": "run",
    "run=d0": "run",
    "run=dd": "run",
    "run=seed:3": "run",
    "run=start:scratch": "run",
    "run=10000001": "run",
    "run=k:0": "k",
    "run=k:2:3": "k",
}


def random_recipe(number):
    draw = np.random.default_rng(number)
    given = {}
    for row in draw.choice(list(ROWS.values()), 6, replace=False):
        if row["kind"] != "text" and row["name"] not in ("data", "start", "packing"):
            given[row["name"]] = random_value(row, draw)
    entries = [f"{name}={str(value).replace(' ', '+')}" for name, value in given.items()]
    names = [name for name in given if name != "seed"]
    changes = [f"{name}:{str(given[name]).replace(' ', '+')}" for name in names]
    steps = [f"{kind}{draw.integers(1, 99)}" for kind in draw.choice(["", "", "d", "g"], 8)]
    return "&".join([*entries, "run=" + ",".join(draw.permutation([*changes, *steps]))])


def random_value(row, draw):
    if row["kind"] == "choice":
        return str(draw.choice(row["values"]))
    if row["kind"] == "whole":
        return int(draw.integers(row["least"], row["most"], endpoint=True))
    low = np.log(max(row["least"], 1e-7))
    return float(np.exp(draw.uniform(low, np.log(row["most"]))))


def test_texts_are_read_and_written_alike():
    texts = [*ACCEPTED, *map(random_recipe, range(200))]
    for text, found in zip(texts, asked("recipe", *texts)):
        expected = recipe(text)
        assert found["settings"] == expected.settings, text
        assert list(found["settings"]) == list(expected.settings)
        assert [tuple(action) for action in found["log"]] == list(expected.log), text
        assert found["by"] == expected.by
        assert found["text"] == str(expected)
        assert recipe(found["text"]) == expected


def test_texts_are_refused_alike_and_by_name():
    for (text, name), found in zip(REFUSED.items(), asked("recipe", *REFUSED)):
        assert found.get("refused") == name, text
        assert name in found["said"]
        with pytest.raises(ValueError, match=name):
            recipe(text)


LAYERS = [
    "data=ring",
    "data=moons&noise_dim=1&activation=tanh",
    "data=spiral&noise=uniform&objective=relativistic",
    "data=grid&noise=unit+uniform&activation=leaky_relu&packing=2&objective=hinge",
    "data=gaussian&noise=uniform&noise_dim=1&objective=feature_matching&packing=4",
    "data=line&noise_dim=4&objective=wasserstein",
    "data=drawn&strokes=AAAAgggg.BBBB&g_layers=1&d_layers=3&objective=least_squares",
]


def weights(net):
    return torch.nn.utils.parameters_to_vector(net.parameters()).tolist()


@pytest.mark.parametrize("text", LAYERS)
def test_layers_are_those_of_the_kernel(text):
    run = Run(text)
    run.train(30)
    real, fake = layers.shown_data(run), run.state.generator(layers.shown_noise(run)).detach()
    nets = {name: weights(net) for name, net in run.state.nets.items()}
    (found,) = asked("layers", {"text": text, "real": real.tolist(), "fake": fake.tolist(), **nets})
    sheet, density = layers.sheet(run)
    expected = {
        "field": layers.field(run),
        "best": layers.best_discriminator(run, layers.data_masses(run)),
        "sheet": sheet,
        "density": density,
        "arrows": layers.arrows(run, fake, real),
    }
    view = View()
    view.look_at(run)
    frame, _ = view.frame(set(), [])
    for name, value in found["said"].items():
        words = isinstance(value, str) or value is None
        assert value == (frame[name] if words else pytest.approx(frame[name], rel=1e-4, abs=1e-6))
    if run.settings["noise_dim"] > 2:
        del expected["best"]  # each engine has draws of its own
    for name, ours in expected.items():
        theirs = np.array(found[name], dtype=float)
        assert_like(torch.as_tensor(ours).detach().double().numpy(), theirs, name)


def assert_like(ours, theirs, name):
    """Equal but for float32, and for the few numbers at an edge: of a cell, or of a ReLU."""
    scale = np.nanmax(np.abs(ours), initial=0)
    close = np.isclose(theirs, ours, rtol=1e-3, atol=1e-5 * scale, equal_nan=True)
    assert close.mean() > 0.98, f"{name}: {np.abs(ours - theirs)[~close]}"
