"""The value of the game, its optimum, the numbers of the theory, and two nets on a grid."""

import dataclasses
import math

import numpy as np
import pytest
import sympy
import torch
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm, triang
from torch import nn

from gan_lib.densities import js, kl
from gan_lib.game import C_STAR, cost, observe, optimal_discriminator, optimal_logit, value

X = np.linspace(-12, 12, 4801)
P_DATA, P_G = norm.pdf(X, -1, 0.6), norm.pdf(X, 1, 1)
LEFT, RIGHT = triang.pdf(X, 0.5, -3, 2), triang.pdf(X, 0.5, 1, 2)  # of no common support
UNSURE = np.full_like(X, 0.5)


def test_c_star():
    assert C_STAR == pytest.approx(-1.386294, abs=5e-7)
    assert cost(P_DATA, P_DATA, X) == pytest.approx(-math.log(4), abs=1e-9)
    assert value(UNSURE, P_DATA, P_G, X) == pytest.approx(-math.log(4), abs=1e-9)


def test_optimal_discriminator_by_hand():
    p_data, p_g = [[0.3, 0.2], [0.5, 0.0]], [[0.1, 0.2], [0.0, 0.7]]
    np.testing.assert_allclose(optimal_discriminator(p_data, p_g), [[0.75, 0.5], [1, 0]])


def test_optimal_discriminator_against_algebra():
    a, b, y = sympy.symbols("a b y", positive=True)
    f = a * sympy.log(y) + b * sympy.log(1 - y)
    (best,) = sympy.solve(sympy.diff(f, y), y)
    for p_data, p_g in ((0.3, 0.9), (2.0, 0.01), (1e-5, 4.0)):
        exact = float(best.subs({a: sympy.Rational(str(p_data)), b: sympy.Rational(str(p_g))}))
        assert optimal_discriminator(np.array([p_data]), np.array([p_g]))[0] == pytest.approx(
            exact, rel=1e-12
        )
    assert (
        sympy.simplify(sympy.diff(f, y, 2) + a / y**2 + b / (1 - y) ** 2) == 0
    )  # concave: it is a maximum


def test_optimal_discriminator_is_nan_where_both_are_zero():
    d = optimal_discriminator([0, 0, 1], [0, 1, 0])
    assert np.isnan(d).tolist() == [True, False, False]


@pytest.mark.parametrize("wrong", [[-0.1, 1], [np.nan, 1], [np.inf, 1]])
def test_optimal_discriminator_names_what_is_no_density(wrong):
    with pytest.raises(ValueError, match="p_data holds"):
        optimal_discriminator(wrong, [0.5, 0.5])
    with pytest.raises(ValueError, match="p_g holds"):
        optimal_discriminator([0.5, 0.5], wrong)


def test_optimal_discriminator_needs_equal_shapes():
    with pytest.raises(ValueError, match="shape"):
        optimal_discriminator([0.5, 0.5], [0.5])


def test_cost_of_two_gaussians():
    assert cost(P_DATA, P_G, X) == pytest.approx(-0.500131, abs=5e-7)
    assert -math.log(4) + 2 * js(P_DATA, P_G, X) == pytest.approx(-0.500131, abs=5e-7)


def test_value_against_adaptive_quadrature():
    def integrand(x):
        return norm.pdf(x, -1, 0.6) * np.log(expit(-x)) + norm.pdf(x, 1, 1) * np.log(expit(x))

    assert value(expit(-X), P_DATA, P_G, X) == pytest.approx(quad(integrand, -12, 12)[0], abs=1e-9)


@pytest.mark.parametrize("mean", [-1, -0.9, 0, 1, 3])
@pytest.mark.parametrize("std", [0.6, 1, 1.5])
def test_cost_is_minus_log_4_and_twice_the_js(mean, std):
    p_g = norm.pdf(X, mean, std)
    assert cost(P_DATA, p_g, X) == pytest.approx(-math.log(4) + 2 * js(P_DATA, p_g, X), abs=1e-7)
    assert cost(P_DATA, p_g, X) > C_STAR - 1e-7


def test_cost_of_disjoint_densities_is_zero():
    assert cost(LEFT, RIGHT, X) == 0


def test_non_saturating_loss_at_the_optimal_discriminator():
    d = optimal_discriminator(P_DATA, P_G)
    loss = -np.trapezoid(P_G * np.log(d), X)
    theory = (
        kl(P_G, P_DATA, X)
        - 2 * js(P_DATA, P_G, X)
        + 2 * math.log(2)
        + np.trapezoid(P_DATA * np.log(d), X)
    )
    assert loss == pytest.approx(6.220224, abs=5e-7)
    assert theory == pytest.approx(6.220224, abs=5e-7)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [0.3, 0.01, -0.01, -0.3])
def test_no_perturbation_of_the_optimal_discriminator_raises_the_value(seed, size):
    direction = np.random.default_rng(seed).normal(size=X.shape)
    d = optimal_discriminator(P_DATA, P_G)
    perturbed = (d + size * d * (1 - d) * direction).clip(0, 1)
    assert value(perturbed, P_DATA, P_G, X) < cost(P_DATA, P_G, X)


@pytest.mark.parametrize("d, p_data, p_g", [(0.0, LEFT, RIGHT), (1.0, LEFT, RIGHT)])
def test_wrong_and_sure_costs_everything(d, p_data, p_g):
    assert value(np.full_like(X, d), p_data, p_g, X) == -math.inf


def test_wrong_and_sure_at_one_point_costs_everything():
    assert value(np.where(X == X[2400], 0.0, UNSURE), P_DATA, P_G, X) == -math.inf
    assert value(np.where(X == X[2400], 1.0, UNSURE), P_DATA, P_G, X) == -math.inf


def test_right_and_sure_costs_nothing():
    assert value(np.where(X < 0, 1.0, 0.0), LEFT, RIGHT, X) == 0


@pytest.mark.parametrize("anything", [0, 0.3, 1, 7, -1, np.nan, np.inf])
def test_where_nothing_is_ever_seen_any_answer_does(anything):
    d = np.where(LEFT + RIGHT > 0, 0.5, anything)
    assert value(d, LEFT, RIGHT, X) == pytest.approx(-math.log(4))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan, np.inf])
def test_what_is_no_probability_is_named(wrong):
    with pytest.raises(ValueError, match="d must hold probabilities"):
        value(np.where(X == X[2400], wrong, UNSURE), P_DATA, P_G, X)


def test_d_of_another_length():
    with pytest.raises(ValueError, match=r"\bd\b.*shape"):
        value(UNSURE[:-1], P_DATA, P_G, X)


@pytest.mark.parametrize("play", [cost, lambda p_data, p_g, x: value(UNSURE, p_data, p_g, x)])
def test_what_is_no_density_is_named(play):
    with pytest.raises(ValueError, match="p_data has mass 2"):
        play(2 * P_DATA, P_G, X)
    with pytest.raises(ValueError, match="p_g holds"):
        play(P_DATA, -P_G, X)
    with pytest.raises(ValueError, match="x must be"):
        play(P_DATA, P_G, X[::-1])


# From logits and logarithms.

WIDE = np.linspace(-30, 30, 6001)  # so wide that both densities underflow, and D* rounds to 0 and 1
NARROW, BROAD = norm(3, 0.5), norm(0, 2)


@pytest.mark.parametrize("seed", range(5))
def test_value_of_logits_is_that_of_their_probabilities(seed):
    logits = np.random.default_rng(seed).normal(scale=3, size=X.shape)
    expected = value(expit(logits), P_DATA, P_G, X)
    assert value(logits, P_DATA, P_G, X, logits=True) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("a", [800.0, 40.0, -40.0, -800.0])
def test_a_d_that_is_sure_and_half_wrong_loses_its_logit(a):
    logits = np.full_like(X, a)
    assert value(logits, P_DATA, P_G, X, logits=True) == pytest.approx(-abs(a), rel=1e-9)
    assert value(logits, LEFT, RIGHT, X, logits=True) == pytest.approx(-abs(a), rel=1e-9)


def test_a_d_of_infinite_logits_is_right_or_loses_everything():
    sure = np.where(X < 0, np.inf, -np.inf)
    assert value(sure, LEFT, RIGHT, X, logits=True) == 0
    assert value(-sure, LEFT, RIGHT, X, logits=True) == -math.inf


def test_value_of_the_best_logits_on_a_wide_grid():
    p_data, p_g = NARROW.pdf(WIDE), BROAD.pdf(WIDE)
    best = optimal_logit(NARROW.logpdf(WIDE), BROAD.logpdf(WIDE))

    def integrand(x):
        total = np.logaddexp(NARROW.logpdf(x), BROAD.logpdf(x))
        first, second = NARROW.logpdf(x) - total, BROAD.logpdf(x) - total
        return NARROW.pdf(x) * first + BROAD.pdf(x) * second

    expected, _ = quad(integrand, -30, 30, points=[1, 3, 5], limit=200)
    assert value(best, p_data, p_g, WIDE, logits=True) == pytest.approx(expected, abs=1e-7)
    assert cost(p_data, p_g, WIDE) == pytest.approx(expected, abs=1e-7)
    log_cost = cost(NARROW.logpdf(WIDE), BROAD.logpdf(WIDE), WIDE, log=True)
    assert log_cost == pytest.approx(expected, abs=1e-7)
    swapped = value(-best, p_g, p_data, WIDE, logits=True)
    assert swapped == pytest.approx(expected, abs=1e-7)


def test_value_of_a_rounded_d_that_its_logits_save():
    """D* = σ(6 x) rounds to 1 where p_g has not underflowed, and that would cost everything."""
    p_data, p_g = norm.pdf(WIDE, 3, 1), norm.pdf(WIDE, -3, 1)
    best = optimal_logit(norm.logpdf(WIDE, 3, 1), norm.logpdf(WIDE, -3, 1))
    np.testing.assert_allclose(best, 6 * WIDE, atol=1e-10)
    assert value(expit(best), p_data, p_g, WIDE) == -math.inf
    expected = C_STAR + 2 * js(p_data, p_g, WIDE)
    assert value(best, p_data, p_g, WIDE, logits=True) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("anything", [np.nan, np.inf, -np.inf])
def test_where_nothing_is_ever_seen_any_logit_does(anything):
    logits = np.where(LEFT + RIGHT > 0, 0.0, anything)
    assert value(logits, LEFT, RIGHT, X, logits=True) == pytest.approx(-math.log(4))


def test_what_is_no_logit_is_named():
    with pytest.raises(ValueError, match="d must hold logits, not nan"):
        value(np.where(X == X[2400], np.nan, UNSURE), P_DATA, P_G, X, logits=True)
    with pytest.raises(ValueError, match="d must hold probabilities.*logits=True"):
        value(3 * X, P_DATA, P_G, X)


def test_optimal_logit_is_the_logit_of_the_optimal_discriminator():
    a = optimal_logit(norm.logpdf(X, -1, 0.6), norm.logpdf(X, 1, 1))
    np.testing.assert_allclose(expit(a), optimal_discriminator(P_DATA, P_G), atol=1e-14)
    np.testing.assert_allclose(optimal_logit([[0.0, -900.0]], [[2.0, 100.0]]), [[-2, -1000]])


def test_optimal_logit_where_a_density_is_0():
    a = optimal_logit([-np.inf, -np.inf, 0], [-np.inf, 0, -np.inf])
    np.testing.assert_array_equal(a, [np.nan, -np.inf, np.inf])


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_optimal_logit_names_what_is_no_logarithm(wrong):
    with pytest.raises(ValueError, match="log_p_data holds"):
        optimal_logit([wrong, 0], [0, 0])
    with pytest.raises(ValueError, match="log_p_g holds"):
        optimal_logit([0, 0], [wrong, 0])
    with pytest.raises(ValueError, match="log_p_data has shape"):
        optimal_logit([0, 0], [0])


def test_cost_from_logs_names_what_is_no_density():
    with pytest.raises(ValueError, match="p_g has mass"):
        cost(norm.logpdf(X), norm.logpdf(X) + 1, X, log=True)


# Two nets on a grid.


def linear(slope, offset):
    net = nn.Linear(1, 1)
    net.load_state_dict({"weight": torch.tensor([[slope]]), "bias": torch.tensor([offset])})
    return net


@pytest.fixture
def frame():
    z = np.linspace(-6, 6, 12001)
    return observe(linear(-2.0, 1.0), linear(3.0, -0.5), X, norm.pdf(z), z, step=42)


def test_observed_generator(frame):
    np.testing.assert_allclose(frame.g_of_z, 1 - 2 * frame.z, atol=1e-5)
    np.testing.assert_allclose(frame.p_g, norm.pdf(X, 1, 2), atol=1e-4)


def test_observed_discriminator(frame):
    np.testing.assert_allclose(frame.d, expit(3 * X - 0.5), atol=1e-6)


def test_observed_discriminator_is_not_rounded_to_certainty(frame):
    assert (0 < frame.d).all() and (frame.d < 1).all()  # its logits lie between -36.5 and 35.5


def test_observed_frame(frame):
    assert frame.step == 42
    assert frame.z.shape == frame.g_of_z.shape == (12001,)
    assert frame.d.shape == frame.p_g.shape == X.shape
    assert frame.d.dtype == frame.p_g.dtype == frame.g_of_z.dtype == np.float64


def test_a_frame_is_equal_to_itself_alone(frame):
    assert frame == frame and frame != dataclasses.replace(frame) and len({frame, frame}) == 1


def test_observing_leaves_no_gradients():
    generator, z = linear(1.0, 0.0), np.linspace(-6, 6, 121)
    observe(generator, linear(1.0, 0.0), X, norm.pdf(z), z)
    assert generator.weight.grad is None


def test_observing_a_generator_that_diverged():
    z = np.linspace(-6, 6, 121)
    with pytest.raises(ValueError, match="g_of_z must be finite"):
        observe(linear(math.nan, 0.0), linear(1.0, 0.0), X, norm.pdf(z), z)


def test_observing_noise_without_a_density():
    z = np.linspace(-6, 6, 121)
    with pytest.raises(ValueError, match="p_z has mass"):
        observe(linear(1.0, 0.0), linear(1.0, 0.0), X, 3 * norm.pdf(z), z)
