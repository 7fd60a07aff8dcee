"""Modes counted: by hand, for noise, a fraud and real data; and the support found by twins."""

import json
import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy

from gan_lib import files, toys
from gan_lib.evaluation import collision_support, mode_report

CENTRES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def points(counts, strays=0):
    """So many points exactly at each centre, and some far from all of them."""
    good = [np.repeat(centre[None], n, axis=0) for centre, n in zip(CENTRES, counts)]
    return np.concatenate([*good, np.full((strays, 2), 9.0)])


def test_a_report_counted_by_hand():
    report = mode_report(points([10, 5, 2, 0], strays=3), CENTRES, 0.05)
    assert report.touched == 3
    assert report.covered == 3  # a tenth of the due of 20 / 4 is a half
    assert report.quality == pytest.approx(17 / 20)
    np.testing.assert_allclose(report.shares, [0.5, 0.25, 0.1, 0])
    assert report.reverse_kl == pytest.approx(entropy([10, 5, 2, 0], [5, 5, 5, 5]))


def test_bad_samples_cost_coverage():
    assert mode_report(points([2, 2, 2, 2], strays=72), CENTRES, 0.05).covered == 4
    assert mode_report(points([2, 2, 2, 2], strays=73), CENTRES, 0.05).covered == 0


def test_three_stds_are_the_limit():
    near, far = CENTRES + [0.1499, 0], CENTRES + [0.1501, 0]
    assert mode_report(near, CENTRES, 0.05).quality == 1
    assert mode_report(far, CENTRES, 0.05).quality == 0


def test_shares_that_are_due_may_differ():
    samples, due = points([70, 10, 10, 10]), [0.7, 0.1, 0.1, 0.1]
    assert mode_report(samples, CENTRES, 0.05, due).reverse_kl == pytest.approx(0)
    assert mode_report(samples, CENTRES, 0.05).reverse_kl > 0.4


def test_nothing_good_has_no_shares():
    report = mode_report(points([0, 0, 0, 0], strays=4), CENTRES, 0.05)
    assert report[:3] == (0, 0, 0) and math.isnan(report.reverse_kl)


def test_noise_and_the_fraud_pass_the_famous_count_only():
    data, rng = toys.grid(spacing=2.0), torch.Generator().manual_seed(0)
    noise = 10 * torch.rand(2500, 2, generator=rng) - 5
    fraud = toys.IsotropicMixture(data.centres, data.std, (0.99, *[0.01 / 24] * 24))
    of_noise = mode_report(noise, data.centres, data.std)
    of_fraud = mode_report(fraud.sample(25_000, rng), data.centres, data.std)
    of_data = mode_report(data.sample(2500, rng), data.centres, data.std)
    assert of_noise.touched > 15 and of_noise.covered == 0 and of_noise.quality < 0.03
    assert of_fraud.touched == 25 and of_fraud.covered == 1 and of_fraud.reverse_kl > 3
    assert of_data.touched == of_data.covered == 25 and of_data.reverse_kl < 0.02
    assert of_data.quality == pytest.approx(1 - math.exp(-4.5), abs=0.008)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"samples": np.empty((0, 2))}, "samples must hold samples"),
        ({"samples": np.full((3, 2), np.nan)}, "samples holds values that are not finite"),
        ({"samples": np.zeros((3, 3))}, "samples have 3 numbers each, centres have 2"),
        ({"std": 0.0}, "std must be positive"),
        ({"due": [0.5, 0.5]}, "due must hold a share for each of the 4"),
        ({"due": [0.5, 0.5, 0.5, 0.5]}, "sum"),
    ],
)
def test_bad_input_is_named(change, message):
    given = {"samples": points([1, 1, 1, 1]), "centres": CENTRES, "std": 0.05}
    with pytest.raises(ValueError, match=message):
        mode_report(**(given | change))


# Twins.


def twins(draws):
    counts = np.unique(draws, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


@pytest.mark.parametrize("size", [50, 1000])
def test_twins_find_an_even_support(size):
    rng = np.random.default_rng(0)
    draws = rng.integers(size, size=20_000)
    assert collision_support(twins(draws), 20_000) == pytest.approx(size, rel=0.05)


def test_twins_find_less_in_an_uneven_support():
    p = np.array([0.5, *[0.5 / 500] * 500])
    draws = np.random.default_rng(0).choice(501, size=5000, p=p)
    found = collision_support(twins(draws), 5000)
    assert found == pytest.approx(1 / np.square(p).sum(), rel=0.1) and found < 5


def test_no_twins_are_no_bound():
    assert collision_support(0, 10) == math.inf
    assert collision_support(45, 10) == 1


@pytest.mark.parametrize("twin, n, message", [(0, 1, "n must be"), (46, 10, "twins must be")])
def test_impossible_twins_are_named(twin, n, message):
    with pytest.raises(ValueError, match=message):
        collision_support(twin, n)


# The recorded runs.


def recorded(part):
    return json.loads((files.recorded("collapse") / f"{part}.json").read_text(encoding="utf-8"))


def test_the_recorded_knob_takes_the_same_nets_from_collapse_to_eight_modes():
    runs = recorded("knob")["runs"]
    covered = {
        rate: [run["covered"] for run in runs if run["lr_d"] == rate] for rate in (1e-4, 1e-3)
    }
    assert len(covered[1e-4]) == len(covered[1e-3]) == 10
    assert sum(modes <= 1 for modes in covered[1e-4]) >= 9
    assert sum(modes == 8 for modes in covered[1e-3]) >= 9


@pytest.mark.parametrize("part, kinds", [("knob", 8), ("cures", 15), ("games", 4), ("frozen", 2)])
def test_the_recorded_runs_are_whole(part, kinds):
    record = recorded(part)
    assert set(record["made"]) == {"date", "machine", "torch"}
    keys = {"knob": ("lr_d",), "cures": ("cure",), "games": ("game", "lr_d"), "frozen": ("judge",)}
    seeds = {}
    for run in record["runs"]:
        seeds.setdefault(tuple(run[key] for key in keys[part]), []).append(run["seed"])
    assert len(seeds) == kinds
    assert all(found == list(range(10)) for found in seeds.values())
