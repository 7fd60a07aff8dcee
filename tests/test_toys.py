"""Toy distributions: densities against scipy, and samples against the densities."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import chi2, chisquare, kstest, multivariate_normal, norm, uniform

from gan_lib import toys

ROOT = Path(__file__).resolve().parent.parent


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_densities_do_not_wait_for_torch():
    code = "from gan_lib import toys; toys.GaussianMixture().pdf(0.0)"
    code += "; import sys; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


MIXTURES = [
    toys.GaussianMixture(),
    toys.GaussianMixture((-1.0,), (0.6,), (1.0,)),
    toys.GaussianMixture((-2.0, 2.0), (0.5, 0.5), (0.5, 0.5)),
    toys.GaussianMixture((-3.0, 0.0, 4.0), (0.2, 1.0, 2.0), (0.2, 0.3, 0.5)),
]


def mixture_of(function, mixture, x):
    return sum(
        w * function(x, m, s) for m, s, w in zip(mixture.means, mixture.stds, mixture.weights)
    )


@pytest.mark.parametrize("mixture", MIXTURES)
def test_density_against_scipy(mixture):
    x = np.linspace(-12, 14, 501).reshape(3, 167)
    np.testing.assert_allclose(mixture.pdf(x), mixture_of(norm.pdf, mixture, x))


@pytest.mark.parametrize("mixture", MIXTURES)
def test_samples_follow_the_density(mixture):
    samples = mixture.sample(5000, generator())
    assert samples.shape == (5000, 1) and samples.dtype == torch.float32
    assert kstest(samples[:, 0].numpy(), lambda x: mixture_of(norm.cdf, mixture, x)).pvalue > 0.01


def test_same_seed_same_samples():
    mixture, rng = MIXTURES[3], generator()
    first, next_ones = mixture.sample(10, rng), mixture.sample(10, rng)
    assert torch.equal(mixture.sample(10, generator()), first)
    assert not torch.equal(next_ones, first)


def test_samples_are_drawn_by_multinomial_and_randn():
    """In this order, and by nothing else: every stored output of a toy run hangs on it."""
    mixture, rng = MIXTURES[3], generator()
    component = torch.multinomial(
        torch.tensor([0.2, 0.3, 0.5]), 50, replacement=True, generator=rng
    )
    z = torch.randn(50, generator=rng)
    expected = torch.tensor([-3.0, 0, 4])[component] + torch.tensor([0.2, 1, 2])[component] * z
    assert torch.equal(mixture.sample(50, generator()), expected[:, None])


def test_whole_numbers_will_do():
    whole, floats = (
        toys.GaussianMixture((0,), (1,), (1,)),
        toys.GaussianMixture((0.0,), (1.0,), (1.0,)),
    )
    assert torch.equal(whole.sample(10, generator()), floats.sample(10, generator()))


@pytest.mark.parametrize(
    "means, stds, weights, message",
    [
        ((0.0, 1.0), (1.0,), (1.0,), "same length"),
        ((0.0,), (1.0,), (0.5, 0.5), "same length"),
        ((), (), (), "weights"),
        ((np.nan,), (1.0,), (1.0,), "means must be finite"),
        ((0.0, -np.inf), (1.0, 1.0), (0.5, 0.5), "means must be finite"),
        ((0.0,), (0.0,), (1.0,), "stds must be positive"),
        ((0.0, 0.0), (1.0, -1.0), (0.5, 0.5), "stds must be positive"),
        ((0.0,), (np.nan,), (1.0,), "stds must be positive"),
        ((0.0,), (np.inf,), (1.0,), "stds must be positive"),
        ((0.0, 1.0), (1.0, 1.0), (1.5, -0.5), "weights must be non-negative"),
        ((0.0, 1.0), (1.0, 1.0), (0.5, 0.4), "weights must .* sum to 1"),
        ((0.0,), (1.0,), (np.nan,), "weights must .* sum to 1"),
    ],
)
def test_what_is_no_mixture_is_named(means, stds, weights, message):
    with pytest.raises(ValueError, match=message):
        toys.GaussianMixture(means, stds, weights)


# In the plane.

UNEVEN = toys.IsotropicMixture(((-1.0, 0.0), (2.0, 1.0), (0.0, -3.0)), 0.4, (0.2, 0.5, 0.3))


@pytest.mark.parametrize("mixture", [toys.ring(), toys.grid(), UNEVEN])
def test_density_in_the_plane_against_scipy(mixture):
    x = np.random.default_rng(0).normal(0, 1.5, (3, 40, 2))
    expected = sum(
        share * multivariate_normal.pdf(x, centre, mixture.std**2)
        for share, centre in zip(mixture.shares, mixture.centres)
    )
    assert mixture.pdf(x).shape == (3, 40)
    np.testing.assert_allclose(mixture.pdf(x), expected, rtol=1e-9, atol=1e-300)


def test_samples_in_the_plane_follow_shares_and_std():
    samples = UNEVEN.sample(20_000, generator())
    assert samples.shape == (20_000, 2) and samples.dtype == torch.float32
    distances = torch.cdist(samples, torch.tensor(UNEVEN.centres))
    counts = torch.bincount(distances.argmin(1), minlength=3)
    assert chisquare(counts.numpy(), 20_000 * UNEVEN.shares).pvalue > 0.001
    squares = distances.min(1).values.square() / UNEVEN.std**2
    assert kstest(squares[:5000].numpy(), chi2(2).cdf).pvalue > 0.001


def test_the_ring_has_no_doubled_mode():
    centres = np.array(toys.ring(8, 2.0).centres)
    np.testing.assert_allclose(np.hypot(*centres.T), 2)
    gaps = np.hypot(*(centres - np.roll(centres, 1, axis=0)).T)
    np.testing.assert_allclose(gaps, 4 * np.sin(np.pi / 8))
    np.testing.assert_allclose(centres.sum(0), 0, atol=1e-12)


def test_the_grid_is_a_lattice_about_the_origin():
    centres = np.array(toys.grid(5, 2.0).centres)
    assert len(np.unique(centres, axis=0)) == 25
    assert set(centres.ravel()) == {-4.0, -2.0, 0.0, 2.0, 4.0}


def test_the_segment_stands_where_it_is_told():
    samples = toys.Segment(0.7).sample(5000, generator()).numpy()
    assert (samples[:, 0] == np.float32(0.7)).all()
    assert kstest(samples[:, 1], uniform.cdf).pvalue > 0.001


def test_the_circle_is_even():
    samples = toys.Circle(1.5).sample(5000, generator()).numpy()
    np.testing.assert_allclose(np.hypot(*samples.T), 1.5, rtol=1e-5)
    turns = np.arctan2(*samples.T) / (2 * np.pi) + 0.5
    assert kstest(turns, uniform.cdf).pvalue > 0.001


def test_the_swiss_roll_winds_one_and_a_half_times():
    samples = toys.SwissRoll(1e-6).sample(5000, generator()).numpy()
    radius = np.hypot(*samples.T)
    assert kstest(radius, uniform(0.5, 1.5).cdf).pvalue > 0.001
    angle = 3 * np.pi * (0.5 + (radius - 0.5) / 1.5)
    np.testing.assert_allclose(samples[:, 0], radius * np.cos(angle), atol=1e-4)


@pytest.mark.parametrize("data", [UNEVEN, toys.Segment(), toys.Circle(), toys.SwissRoll()])
def test_same_seed_same_points(data):
    assert torch.equal(data.sample(9, generator(3)), data.sample(9, generator(3)))
    assert not torch.equal(data.sample(9, generator(3)), data.sample(9, generator(4)))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: toys.IsotropicMixture(()), "centres is empty"),
        (lambda: toys.IsotropicMixture(((0.0,), (0.0, 1.0))), "one dimension"),
        (lambda: toys.IsotropicMixture(((np.nan, 0.0),)), "centres must be finite"),
        (lambda: toys.IsotropicMixture(((0.0, 0.0),), 0.0), "std must be positive"),
        (lambda: toys.IsotropicMixture(((0.0, 0.0),), weights=(0.5, 0.5)), "same length"),
        (lambda: toys.IsotropicMixture(((0.0, 0.0),), weights=(0.5,)), "sum to 1"),
        (lambda: toys.ring(0), "modes must be a positive whole number"),
        (lambda: toys.ring(8, -1.0), "radius must be positive"),
        (lambda: toys.grid(2.5), "side must be a positive whole number"),
        (lambda: toys.grid(5, np.inf), "spacing must be positive"),
        (lambda: toys.Segment(np.nan), "theta must be finite"),
        (lambda: toys.Circle(0), "radius must be positive"),
        (lambda: toys.SwissRoll(-0.1), "std must be positive"),
    ],
)
def test_what_is_no_toy_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


STROKES = toys.Strokes((((-2.0, -1.0), (0.0, 1.0), (1.0, 1.0)), ((1.5, -1.5),)), std=0.2)


def test_strokes_have_the_density_that_their_samples_follow():
    middles = np.linspace(-3.99, 3.99, 400)  # of cells .02 wide
    p = STROKES.pdf(np.stack(np.meshgrid(middles, middles), axis=-1))
    assert p.sum() * 0.02**2 == pytest.approx(1, abs=1e-6)
    x = STROKES.sample(200_000, generator()).numpy()
    counts, *_ = np.histogram2d(x[:, 1], x[:, 0], bins=[np.linspace(-4, 4, 41)] * 2)
    due = p.reshape(40, 10, 40, 10).sum((1, 3)) * 0.02**2 * len(x)
    fair = due > 20
    assert ((counts - due)[fair] ** 2 / due[fair]).mean() < 1.5  # chi square a cell


def test_a_dot_is_a_round_heap_and_a_long_thin_line_is_one_across():
    dot = toys.Strokes((((0.5, -0.5),),), std=0.1)
    heap = toys.IsotropicMixture(((0.5, -0.5),), std=0.1)
    x = np.random.default_rng(0).normal(size=(50, 2))
    np.testing.assert_allclose(dot.pdf(x), heap.pdf(x), rtol=1e-12)
    line = toys.Strokes((((-5.0, 0.0), (5.0, 0.0)),), std=0.1)
    assert line.pdf([0.0, 0.1]) == pytest.approx(norm.pdf(0.1, 0, 0.1) / 10)
    starts, ends, shares = STROKES.pieces()
    assert shares @ np.hypot(*(ends - starts).T) > 1 and shares.sum() == pytest.approx(1)
    assert shares[-1] / shares[1] == pytest.approx(toys.DOT / 1.0)


@pytest.mark.parametrize(
    ("strokes", "named"), [((), "strokes"), (((),), "strokes"), ((((0.0, np.nan),),), "strokes")]
)
def test_strokes_refuse_what_is_no_drawing(strokes, named):
    with pytest.raises(ValueError, match=named):
        toys.Strokes(strokes)
    with pytest.raises(ValueError, match="std"):
        toys.Strokes((((0.0, 0.0),),), std=0.0)
