"""Exact W1: closed forms, scipy's own one-dimensional distance, and the two programs' equality."""

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import torch
from scipy.spatial import distance

from gan_lib import densities, evaluation
from gan_lib.evaluation import transport


def heaps(n, m, seed=0, dim=2):
    rng = np.random.default_rng(seed)
    costs = distance.cdist(rng.normal(size=(n, dim)), rng.normal(size=(m, dim)))
    return rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(m)), costs


def test_one_way_to_carry_everything():
    plan = evaluation.transport_plan([0.25, 0.75], [1.0], [[2.0], [4.0]])
    assert plan.tolist() == [[0.25], [0.75]]


@pytest.mark.parametrize("n, m", [(1, 1), (4, 4), (5, 9), (30, 20)])
def test_plan_and_prices_are_feasible_and_cost_the_same(n, m):
    have, want, costs = heaps(n, m)
    plan = evaluation.transport_plan(have, want, costs)
    assert np.allclose(plan.sum(1), have) and np.allclose(plan.sum(0), want)
    assert plan.min() >= 0
    bought, sold = evaluation.transport_prices(have, want, costs)
    assert (sold - bought[:, None] <= costs + 1e-9).all()
    assert bought[0] == 0
    assert want @ sold - have @ bought == pytest.approx((plan * costs).sum(), abs=1e-8)


def test_carts_go_only_where_the_price_pays_for_them():
    have, want, costs = heaps(12, 15, seed=3)
    plan = evaluation.transport_plan(have, want, costs)
    bought, sold = evaluation.transport_prices(have, want, costs)
    loss = costs - (sold - bought[:, None])
    assert loss[plan > 1e-9].max() < 1e-8 and loss[plan < 1e-12].max() > 0.1


@pytest.mark.parametrize("seed", range(3))
def test_on_the_line_all_routes_agree(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, 60), rng.normal(1, 2, 60)
    share = np.full(60, 1 / 60)
    expected = scipy.stats.wasserstein_distance(x, y)
    costs = np.abs(x[:, None] - y)
    plan = evaluation.transport_plan(share, share, costs)
    assert evaluation.sorted_wasserstein1(x, y) == pytest.approx(expected, abs=1e-12)
    assert evaluation.wasserstein1(x, y) == pytest.approx(expected, abs=1e-12)
    assert (plan * costs).sum() == pytest.approx(expected, abs=1e-8)


def test_pairing_is_the_linear_program_in_the_plane():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(25, 2)), rng.normal(size=(25, 2)) + 1
    share, costs = np.full(25, 1 / 25), distance.cdist(x, y)
    plan = evaluation.transport_plan(share, share, costs)
    assert evaluation.wasserstein1(x, y) == pytest.approx((plan * costs).sum(), abs=1e-8)
    assert evaluation.wasserstein1(x, x[::-1].copy()) == pytest.approx(0, abs=1e-12)
    assert evaluation.wasserstein1(x, x + [3, 4]) == pytest.approx(5)


def test_of_many_samples_it_is_that_of_the_densities():
    n = 4000
    quantiles = scipy.stats.norm.ppf((np.arange(n) + 0.5) / n)
    grid = np.linspace(-20, 20, 20_001)
    p, q = scipy.stats.norm.pdf(grid), scipy.stats.norm.pdf(grid, 1, 2)
    expected = densities.wasserstein1(p, q, grid)
    assert evaluation.sorted_wasserstein1(quantiles, 1 + 2 * quantiles) == pytest.approx(
        expected, abs=2e-3
    )


def test_takes_tensors_and_images():
    x = torch.zeros(5, 1, 2, 2)
    assert evaluation.wasserstein1(x, x + 1) == pytest.approx(2)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: evaluation.transport_plan([0.5, 0.6], [1], [[1], [1]]), "have must be weights"),
        (lambda: evaluation.transport_plan([1], [1.5, -0.5], [[1, 1]]), "want must be weights"),
        (lambda: evaluation.transport_plan([1], [np.nan], [[1]]), "want must be weights"),
        (lambda: evaluation.transport_plan([], [1], [[]]), r"have must have shape \(n,\)"),
        (lambda: evaluation.transport_plan([1], [1], [1]), r"costs must have shape \(1, 1\)"),
        (lambda: evaluation.transport_prices([1], [1], [[np.inf]]), "costs must be finite"),
        (lambda: evaluation.sorted_wasserstein1([1, 2], [1]), "as many samples"),
        (lambda: evaluation.sorted_wasserstein1([[1, 2]], [[1, 2]]), "one number a sample"),
        (lambda: evaluation.wasserstein1([[1.0, 2]], [[1.0, 2, 3]]), "of one width"),
        (lambda: evaluation.wasserstein1([], []), "x must hold samples"),
        (lambda: evaluation.wasserstein1([np.nan], [0.0]), "x holds values that are not finite"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_too_many_to_pair_are_refused():
    many = np.zeros((transport.MOST_SAMPLES + 1, 2))
    with pytest.raises(ValueError, match="at most 5000 are paired"):
        evaluation.wasserstein1(many, many)


# The recorded critics and games of notebook 13.


def recorded(**fixed):
    file = Path(__file__).resolve().parents[1] / "data" / "critics" / "results.json"
    return [
        row
        for row in json.loads(file.read_text())
        if all(row[key] == value for key, value in fixed.items())
    ]


def test_the_recorded_results_are_whole():
    for part, seeds in (("exact", 5), ("toys", 5), ("mnist", 4)):
        runs = recorded(part=part)
        kinds = {(run["data"], run.get("hold") or run["game"]) for run in runs}
        assert len(runs) == seeds * len(kinds)
        for data, kind in kinds:
            own = [
                run for run in runs if (run["data"], run.get("hold") or run["game"]) == (data, kind)
            ]
            assert [run["seed"] for run in own] == list(range(seeds))
        assert all(run["machine"] and run["date"] and run["torch"] for run in runs)


def test_the_recorded_penalty_reads_within_5_percent_and_clipping_by_luck():
    for run in recorded(part="exact"):
        off = abs(run["estimate"] / run["exact"] - 1)
        if run["hold"] == "penalty 20":
            assert off < 0.05
        if run["hold"] in ("spectral norm", "clipping .01", "clipping .3"):
            assert off > 0.3
