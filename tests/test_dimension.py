"""Jacobians of G against closed forms and small differences; dimensions of sets that are known."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_lib import files, models, toys
from gan_lib.evaluation import dimension


def linear_generator(matrix):
    """z -> matrix z, in float32."""
    net = nn.Linear(matrix.shape[1], matrix.shape[0], bias=False)
    net.weight.data = torch.as_tensor(matrix, dtype=torch.float32)
    return net


def noise(n, width, seed=0):
    return torch.randn(n, width, generator=torch.Generator().manual_seed(seed))


class Pen(nn.Module):
    """z -> (2 sin z, sin 2z)."""

    def forward(self, z):
        return torch.cat([2 * z.sin(), (2 * z).sin()], dim=1)


def test_the_jacobian_of_a_linear_map_is_its_matrix():
    matrix = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    found = dimension.jacobian(linear_generator(matrix), noise(4, 3))
    assert found.shape == (4, 5, 3) and found.dtype == torch.float64
    assert np.allclose(found, matrix.astype(float))


def test_the_jacobian_of_the_pen():
    z = noise(6, 1).double()
    expected = torch.cat([2 * z.cos(), 2 * (2 * z).cos()], dim=1)[..., None]
    assert torch.allclose(dimension.jacobian(Pen(), z), expected)


def test_the_jacobian_agrees_with_small_differences_through_batch_norm():
    generator = models.mlp_generator(7, shape=(1, 4, 4), hidden=(8, 9), seed=3)
    generator(noise(50, 7, seed=1))  # so that the running statistics are not 0 and 1
    z = noise(3, 7)
    found = dimension.jacobian(generator, z)
    double = generator.double().eval()
    for j, step in enumerate(1e-6 * torch.eye(7, dtype=torch.float64)):
        moved = (double(z.double() + step) - double(z.double() - step)).flatten(1) / 2e-6
        assert torch.allclose(moved, found[:, :, j], atol=1e-6)


def test_the_generator_is_left_as_it_was():
    generator = models.mlp_generator(4, shape=(1, 3, 3), hidden=(5, 6))
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    dimension.singular_values(generator, noise(2, 4))
    after = generator.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert generator.training and next(generator.parameters()).dtype == torch.float32


def test_singular_values_and_ranks_of_a_known_matrix():
    stretches = np.array([3.0, 0.2, 0.01, 0.0])
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(9, 4)))[0]
    found = dimension.singular_values(linear_generator(turn * stretches), noise(2, 4))
    assert np.allclose(found, stretches, atol=1e-7)
    exact = torch.tensor(np.array([stretches, stretches]))
    assert dimension.numerical_rank(exact).tolist() == [3, 3]
    assert dimension.numerical_rank(exact, 0.01).tolist() == [2, 2]
    assert dimension.numerical_rank(exact, 0.1).tolist() == [1, 1]


@pytest.mark.parametrize(("width", "rank"), [(3, 3), (16, 16), (30, 16)])
def test_the_rank_is_that_of_the_narrowest_place(width, rank):
    generator = models.mlp_generator(width, shape=(1, 4, 4), hidden=(40, 50))
    assert (
        dimension.numerical_rank(dimension.singular_values(generator, noise(5, width)))
        .eq(rank)
        .all()
    )


def test_a_bottleneck_lowers_the_rank():
    net = nn.Sequential(nn.Linear(6, 2), nn.Tanh(), nn.Linear(2, 10))
    assert dimension.numerical_rank(dimension.singular_values(net, noise(5, 6))).eq(2).all()


@pytest.mark.parametrize("z", [torch.empty(0, 3), torch.full((2, 3), math.nan)])
def test_z_is_checked(z):
    with pytest.raises(ValueError, match="z "):
        dimension.jacobian(nn.Linear(3, 2), z)


def test_values_and_share_are_checked():
    with pytest.raises(ValueError, match="values"):
        dimension.numerical_rank([[1.0, -1.0]])
    with pytest.raises(ValueError, match="share"):
        dimension.numerical_rank([[1.0, 0.5]], 1.0)


# Two nearest neighbours.


def test_ratios_of_four_points_by_hand():
    found = dimension.neighbour_ratios([[0.0], [1.0], [3.0], [7.0]])
    assert np.allclose(found, [3 / 1, 2 / 1, 3 / 2, 6 / 4])


def test_ratios_agree_with_all_distances_at_once():
    points = np.random.default_rng(2).normal(size=(300, 6))
    distances = torch.cdist(torch.tensor(points), torch.tensor(points)).fill_diagonal_(math.inf)
    first, second = distances.topk(2, largest=False).values.T
    assert np.allclose(dimension.neighbour_ratios(points), second / first)


def test_more_points_than_a_block(monkeypatch):
    from gan_lib.evaluation import _samples

    points = np.random.default_rng(3).normal(size=(100, 3))
    whole = dimension.neighbour_ratios(points)
    monkeypatch.setattr(_samples, "BLOCK_ROWS", 7)
    assert np.allclose(dimension.neighbour_ratios(points), whole)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_dimension_of_an_even_set_in_many_dimensions(d):
    rng = np.random.default_rng(d)
    turn = np.linalg.qr(rng.normal(size=(50, d)))[0]
    found, error = dimension.two_nearest_neighbours(rng.uniform(size=(4000, d)) @ turn.T)
    assert abs(found - d) < 0.08 * d + 3 * error
    assert math.isclose(error, found / math.sqrt(3998))


def test_scale_and_place_do_not_matter():
    points = np.random.default_rng(4).normal(size=(200, 3))
    found = dimension.two_nearest_neighbours(points)
    assert np.allclose(dimension.two_nearest_neighbours(1000 * points + 7), found)


def test_a_circle_has_one_dimension_and_noise_gives_it_two():
    rng = torch.Generator().manual_seed(5)
    circle = toys.Circle(1.0).sample(3000, rng).double()
    assert abs(dimension.two_nearest_neighbours(circle)[0] - 1) < 0.1
    noisy = circle + 0.05 * torch.randn(circle.shape, generator=rng)
    assert abs(dimension.two_nearest_neighbours(noisy)[0] - 2) < 0.2


def test_the_estimate_has_no_bias_for_independent_ratios():
    """Of n ratios with P(mu > m) = m^-d the estimate (n - 1) / sum(log mu) has mean d."""
    rng = np.random.default_rng(6)
    logs = rng.exponential(1 / 3, size=(20_000, 5))
    assert abs((4 / logs.sum(1)).mean() - 3) < 0.05


def test_twins_are_left_out():
    points = np.random.default_rng(7).normal(size=(50, 4))
    assert len(dimension.neighbour_ratios(np.concatenate([points, points[:10]]))) == 40


def test_bytes_are_pixels():
    images = np.random.default_rng(8).integers(0, 256, (30, 4, 4)).astype(np.uint8)
    as_numbers = images.astype(float) / 255
    assert np.allclose(
        dimension.two_nearest_neighbours(images), dimension.two_nearest_neighbours(as_numbers)
    )


SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # all ratios are 1


@pytest.mark.parametrize(
    "samples", [np.zeros((2, 3)), np.zeros((5, 3)), np.full((4, 2), np.nan), SQUARE]
)
def test_samples_are_checked(samples):
    with pytest.raises(ValueError, match="samples"):
        dimension.two_nearest_neighbours(samples)


# What lesson 12 reads.


def test_the_recorded_results_are_whole():
    record = json.loads((files.recorded("perfect_discriminator") / "results.json").read_text())
    assert {"passes", "lines", "fading", "lesson 09"} <= record.keys()
    assert all(part["machine"] and part["date"] and part["torch"] for part in record.values())
    rows = {name: part["rows"] for name, part in record.items()}
    for name, least in (("passes", 3), ("lines", 10), ("fading", 3), ("lesson 09", 1)):
        seeds = sorted({row["seed"] for row in rows[name]})
        assert seeds == list(range(len(seeds))) and len(seeds) >= least
    for row in rows["passes"]:
        looks = row["fresh D"]
        assert looks[-1]["step"] == 4000 and row["rank"] == [64] * 20
        assert all(look["js"] < math.log(2) + 0.01 for look in looks)
        assert looks[-1]["error"] < 0.01 and looks[-1]["js"] > 0.65 > 0.1 > row["own D"]["js"]
