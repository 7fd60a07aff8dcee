"""Toy distributions: densities against scipy, and samples against the densities."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import kstest, norm

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
