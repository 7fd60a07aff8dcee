"""What the lab measures and draws: by hand, and against closed forms."""

import math

import numpy as np
import pytest
import torch
from lab.runs import samples
from scipy import stats

from gan_lib import evaluation, toys, training
from gan_lib.lab import (
    NoiseFloor,
    Run,
    layers,
    measures,
)
from gan_lib.lab.recipe import ROWS, TABLE


def test_js_of_samples_counts_cells_and_what_is_outside():
    assert measures.histogram_js([[0.1, 0.1]], [[-0.1, 0.1]]) == pytest.approx(math.log(2))
    assert measures.histogram_js([[9, 0.0]], [[0.0, -9]]) == 0  # both outside
    x = np.array([[0.1, 0.1], [1.1, 1.1]])
    assert measures.histogram_js(x, x[:1]) == pytest.approx(
        0.5 * math.log(1 / 0.75) + 0.25 * math.log(0.5 / 0.75) + 0.25 * math.log(2), abs=1e-12
    )
    with pytest.raises(ValueError, match="x must be finite points"):
        measures.histogram_js([[np.nan, 0]], x)


@pytest.mark.parametrize("data", ["ring", "moons", "gaussian"])
def test_real_against_real_lies_in_the_band(data):
    """In at least 95 of 100 new trials: the band holds 99 % of 400 others."""
    source = Run(f"data={data}").data
    floor = NoiseFloor(source)
    assert floor.band("js") == (None, None)
    floor.collect()
    fresh = NoiseFloor(source, seed=1).collect(100)
    for name in ("js", "w1"):
        low, high = floor.band(name)
        inside = sum(low <= score <= high for score in fresh.scores[name])
        print(f"{data} {name}: {low:.4f} to {high:.4f}, {inside} of 100 inside")
        assert 0 < low < high and inside >= 95


def test_numbers_of_a_run_leave_it_as_it_is():
    of = Run()
    of.train(3)
    before = of.state.rng.get_state()
    found = measures.numbers(of, NoiseFloor(of.data), torch.Generator().manual_seed(0))
    assert torch.equal(of.state.rng.get_state(), before)
    assert found["modes"]["of"] == 8 and found["js"]["low"] is None
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        fake = of.state.generator(training.sample_noise(of.state.settings, rng, 1000))
    real = of.data.sample(1000, rng)
    assert found["w1"]["value"] == evaluation.wasserstein1(real[:200], fake[:200])
    report = evaluation.mode_report(fake, toys.ring().centres, 0.05)
    assert found["modes"]["covered"] == report.covered
    assert measures.numbers(Run("data=moons"), floor_of("moons"), rng)["modes"] is None


def floor_of(data):
    return NoiseFloor(Run(f"data={data}").data)


@pytest.mark.parametrize("data", list(TABLE["floors"]))
def test_the_floors_in_the_table_are_those_of_the_data(data):
    """4000 pairs made the table; the quantiles of 400 others scatter about them."""
    found = NoiseFloor(Run(f"data={data}").data, seed=2).collect()
    for name, (low, high) in TABLE["floors"][data].items():
        inside = np.mean([low <= score <= high for score in found.scores[name]])
        assert 0.97 <= inside <= 1, (name, inside)
        assert found.band(name)[0] == pytest.approx(low, rel=0.35)
        assert found.band(name)[1] == pytest.approx(high, rel=0.2)


# Layers.


def linear_run(text, matrix):
    """A run whose G is x = matrix z."""
    of = Run(text)
    linear = torch.nn.Linear(len(matrix[0]), 2, bias=False)
    linear.weight.data = torch.tensor(matrix)
    of.state.nets["generator"] = linear
    return of


def test_the_sheet_has_the_density_of_what_a_linear_generator_makes():
    matrix = [[1.0, 0.5], [0.0, 2.0]]
    x, density = layers.sheet(linear_run("", matrix))
    covariance = np.array(matrix) @ np.array(matrix).T
    expected = stats.multivariate_normal([0, 0], covariance).pdf(x.numpy())
    np.testing.assert_allclose(density.numpy(), expected, rtol=1e-5)
    x, density = layers.sheet(linear_run("noise_dim=1", [[3.0], [4.0]]))
    along = np.hypot(*x.numpy().T)
    np.testing.assert_allclose(density.numpy(), stats.norm.pdf(along, scale=5), rtol=1e-5)
    x, density = layers.sheet(linear_run("noise=uniform", matrix))
    np.testing.assert_allclose(density.numpy(), 0.25 / 2, rtol=1e-6)
    assert len(x) == layers.SHEET**2
    x, density = layers.sheet(Run("noise_dim=3"))
    assert torch.isnan(density).all() and torch.isfinite(x).all()


def test_the_best_discriminator_of_a_perfect_generator_says_one_half(monkeypatch):
    of = linear_run("data=gaussian", [[0.7, 0.0], [0.0, 0.7]])
    masses = layers.data_masses(of)
    best = layers.best_discriminator(of, masses)
    heavy = masses > 2e-3
    assert heavy.sum() > 100 and np.abs(best[heavy] - 0.5).max() < 0.1
    assert abs(best[heavy] - 0.5).mean() < 0.04
    monkeypatch.setattr(layers, "LATTICE", 2**18)
    assert np.abs(layers.best_discriminator(of, masses)[heavy] - 0.5).mean() < 0.005
    far = linear_run("data=gaussian", [[0.01, 0.0], [0.0, 0.01]])
    best = layers.best_discriminator(far, masses)
    assert (best[heavy] == 1).mean() > 0.9 and np.nanmin(best) < 0.1
    assert np.isnan(best[0])  # a corner where neither is


def test_arrows_follow_the_true_loss_of_each_game():
    """Moving a fake by a small step along its arrow lowers G's loss by |arrow|^2 step / B."""
    for objective in ROWS["objective"]["values"]:
        for packing in (1, 2):
            of = Run(f"objective={objective}&packing={packing}&activation=tanh")
            of.train(20)
            fake, real = samples(of), layers.shown_data(of)
            drawn = layers.arrows(of, fake, real)
            assert torch.equal(drawn[:, :2], fake[: layers.ARROWS])
            game, d = of.state.objective, of.state.discriminator.double()
            step = 1e-4 / drawn[:, 2:].abs().max().item()
            moved = fake.double().clone()
            moved[: layers.ARROWS] += step * drawn[:, 2:].double()
            before, after = (
                training.generator_loss(d, x, game, real=real.double())
                for x in (fake.double(), moved)
            )
            expected = -step * drawn[:, 2:].double().square().sum() / len(fake)
            assert (after - before).item() == pytest.approx(expected.item(), rel=2e-2), objective


def test_the_field_is_d_s_answer_at_the_middles():
    of = Run()
    middles = layers.centres(layers.FIELD)
    assert middles[0].tolist() == pytest.approx([-2.925, -2.925])
    assert middles[1].tolist() == pytest.approx([-2.775, -2.925])
    answer = torch.sigmoid(of.state.discriminator(middles)).flatten()
    assert torch.equal(layers.field(of), answer)
    critic = Run("objective=wasserstein_gp&packing=2")
    pair = torch.cat([middles[:1], middles[:1]])
    assert layers.field(critic)[0].item() == pytest.approx(critic.state.discriminator(pair).item())
