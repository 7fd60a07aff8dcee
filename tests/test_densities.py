"""Divergences of densities on a grid and the density of G(z), against closed forms and scipy."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, trapezoid
from scipy.stats import lognorm, norm, triang, wasserstein_distance

from gan_lib.densities import is_monotone, js, kl, pushforward, total_variation, wasserstein1

X = np.linspace(-20, 20, 8001)
BIMODAL = norm.pdf(X, -2, 0.5) / 2 + norm.pdf(X, 2, 0.5) / 2
NORMAL = norm.pdf(X)


def gaussian_kl(m_p, s_p, m_q, s_q):
    return math.log(s_q / s_p) + (s_p**2 + (m_p - m_q) ** 2) / (2 * s_q**2) - 0.5


def random_density(rng):
    return sum(
        w * norm.pdf(X, rng.normal(scale=3), rng.uniform(0.5, 2)) for w in rng.dirichlet(np.ones(3))
    )


@pytest.mark.parametrize(
    "m_p, s_p, m_q, s_q",
    [(0, 1, 0, 2), (0, 2, 0, 1), (-1, 0.6, 1, 1), (1, 1, -1, 0.6), (3, 1.5, -2, 1.2)],
)
def test_kl_of_two_gaussians(m_p, s_p, m_q, s_q):
    expected = gaussian_kl(m_p, s_p, m_q, s_q)
    assert kl(norm.pdf(X, m_p, s_p), norm.pdf(X, m_q, s_q), X) == pytest.approx(expected, abs=1e-9)
    log_p, log_q = norm.logpdf(X, m_p, s_p), norm.logpdf(X, m_q, s_q)
    assert kl(log_p, log_q, X, log=True) == pytest.approx(expected, abs=1e-9)


def test_kl_on_an_uneven_grid():
    x = np.sinh(np.linspace(-3.5, 3.5, 4001))
    assert kl(norm.pdf(x), norm.pdf(x, 1), x) == pytest.approx(0.5, abs=1e-4)


def test_forward_kl_covers_both_modes():
    assert kl(BIMODAL, norm.pdf(X, 0, math.sqrt(4.25)), X) == pytest.approx(0.7236, abs=5e-5)


@pytest.mark.parametrize("mode", [-2, 2])
def test_reverse_kl_is_content_with_one_mode(mode):
    assert kl(norm.pdf(X, mode, 0.5), BIMODAL, X) == pytest.approx(0.6931, abs=5e-5)


def test_js_of_the_best_single_gaussian():
    assert js(BIMODAL, norm.pdf(X, 0, 2.042), X) == pytest.approx(0.2010, abs=5e-5)


@pytest.mark.parametrize("p", [NORMAL, BIMODAL, triang.pdf(X, 0.5, -1, 2)])
def test_no_divergence_from_itself(p):
    assert kl(p, p, X) == js(p, p, X) == total_variation(p, p, X) == wasserstein1(p, p, X) == 0


def test_kl_is_infinite_where_q_vanishes_and_p_does_not():
    q = triang.pdf(X, 0.5, -1, 2)
    assert kl(NORMAL, q, X) == math.inf
    assert math.isfinite(kl(q, NORMAL, X))


@pytest.mark.parametrize("distance", [2, 5, 15])
def test_js_of_disjoint_densities_is_log_2_at_any_distance(distance):
    p, q = triang.pdf(X, 0.5, -1, 2), triang.pdf(X, 0.5, distance - 1, 2)
    assert js(p, q, X) == pytest.approx(math.log(2), abs=1e-12)


def test_js_of_distant_gaussians_is_log_2():
    x = np.linspace(
        -60, 160, 22001
    )  # so wide that p passes through the smallest numbers there are before it is 0
    assert js(norm.pdf(x), norm.pdf(x, 100), x) == pytest.approx(math.log(2), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_js_is_symmetric_and_bounded(seed):
    rng = np.random.default_rng(seed)
    p, q = random_density(rng), random_density(rng)
    assert js(p, q, X) == pytest.approx(js(q, p, X), rel=1e-14)
    assert 0 < js(p, q, X) < math.log(2)


@pytest.mark.parametrize("seed", range(5))
def test_js_is_the_mean_of_two_kl(seed):
    rng = np.random.default_rng(seed)
    p, q = random_density(rng), random_density(rng)
    m = (p + q) / 2
    assert js(p, q, X) == pytest.approx((kl(p, m, X) + kl(q, m, X)) / 2)


@pytest.mark.parametrize("m, s", [(0.5, 1), (-1, 1), (3, 2), (-4, 0.7)])
def test_total_variation_of_shifted_gaussians(m, s):
    expected = 2 * norm.cdf(abs(m) / (2 * s)) - 1
    assert total_variation(norm.pdf(X, 0, s), norm.pdf(X, m, s), X) == pytest.approx(
        expected, abs=1e-5
    )


@pytest.mark.parametrize("s", [0.5, 1.5, 3])
def test_total_variation_of_a_wider_gaussian(s):
    c = math.sqrt(
        2 * math.log(s) / (1 - s**-2)
    )  # where the two densities cross: the event they differ on most is |x| < c
    expected = 2 * abs(norm.cdf(c) - norm.cdf(c / s))
    assert total_variation(NORMAL, norm.pdf(X, 0, s), X) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("m, s", [(0.5, 1), (-1, 1), (3, 2), (-4, 0.7)])
def test_wasserstein_of_shifted_gaussians_is_the_shift(m, s):
    assert wasserstein1(norm.pdf(X, 0, s), norm.pdf(X, m, s), X) == pytest.approx(abs(m), abs=1e-5)


@pytest.mark.parametrize("s_p, s_q", [(1, 2), (3, 0.5), (1, 1.1)])
def test_wasserstein_of_gaussians_of_other_widths(s_p, s_q):
    expected = abs(s_p - s_q) * math.sqrt(2 / math.pi)
    assert wasserstein1(norm.pdf(X, 0, s_p), norm.pdf(X, 0, s_q), X) == pytest.approx(
        expected, abs=1e-4
    )


@pytest.mark.parametrize("distance", [2, 5, 15])
def test_of_disjoint_densities_only_wasserstein_knows_the_distance(distance):
    p, q = triang.pdf(X, 0.5, -1, 2), triang.pdf(X, 0.5, distance - 1, 2)
    assert total_variation(p, q, X) == pytest.approx(1, abs=1e-12)
    assert wasserstein1(p, q, X) == pytest.approx(distance, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("x", [X, 20 * np.linspace(-1, 1, 4001) ** 3], ids=["even", "uneven"])
def test_wasserstein_and_total_variation_of_weighted_points(x, seed):
    rng = np.random.default_rng(seed)
    p, q = (np.interp(x, X, random_density(rng)) for _ in range(2))
    widths = (
        np.diff(x, prepend=x[0]) / 2 + np.diff(x, append=x[-1]) / 2
    )  # of the cell around each point
    p, q = p / (p @ widths), q / (q @ widths)
    assert wasserstein1(p, q, x) == pytest.approx(
        wasserstein_distance(x, x, p * widths, q * widths), rel=1e-3
    )
    assert total_variation(p, q, x) == pytest.approx(
        (p - q).clip(min=0) @ widths
    )  # what p has more of, q has less of


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("distance", [total_variation, wasserstein1])
def test_total_variation_and_wasserstein_are_distances(distance, seed):
    rng = np.random.default_rng(seed)
    p, q, r = (random_density(rng) for _ in range(3))
    assert distance(p, q, X) == pytest.approx(distance(q, p, X), rel=1e-14)
    assert 0 < distance(p, r, X) < distance(p, q, X) + distance(q, r, X)


@pytest.mark.parametrize("seed", range(5))
def test_kl_and_js_bound_total_variation(seed):
    rng = np.random.default_rng(seed)
    p, q = random_density(rng), random_density(rng)
    tv = total_variation(p, q, X)
    assert 2 * tv**2 < kl(p, q, X)  # Pinsker
    assert tv**2 / 2 < js(p, q, X) < tv * math.log(2)


def test_the_unit_of_wasserstein_is_that_of_x():
    p, q = norm.pdf(X), norm.pdf(X, 1, 2)
    assert wasserstein1(p / 100, q / 100, X * 100) == pytest.approx(100 * wasserstein1(p, q, X))
    assert total_variation(p / 100, q / 100, X * 100) == pytest.approx(total_variation(p, q, X))


def test_wasserstein_forgives_mass_that_is_missing_from_the_grid():
    p, q = triang.pdf(X, 0.5, -1, 2), triang.pdf(X, 0.5, 4, 2)
    assert wasserstein1(0.99 * p, 1.01 * q, X) == pytest.approx(
        5, abs=1e-9
    )  # else 2 % of it would travel to the far end


# Densities by their logarithms.


def test_kl_from_logs_where_q_underflows():
    x = np.linspace(-30, 30, 6001)
    p, q = norm(0, 2), norm(3, 0.5)
    assert kl(p.pdf(x), q.pdf(x), x) == math.inf
    assert kl(p.logpdf(x), q.logpdf(x), x, log=True) == pytest.approx(24.1137, abs=5e-5)
    assert gaussian_kl(0, 2, 3, 0.5) == pytest.approx(24.1137, abs=5e-5)


@pytest.mark.parametrize("width", [10, 40, 300, 5000])
def test_no_grid_is_too_wide_for_logs(width):
    x = np.linspace(-width, width, 50 * width + 1)
    log_p, log_q = norm.logpdf(x, 0, 1), norm.logpdf(x, 1, 1)  # both underflow from 39 on
    assert kl(log_p, log_q, x, log=True) == pytest.approx(0.5, abs=1e-9)
    assert js(log_p, log_q, x, log=True) == js(np.exp(log_p), np.exp(log_q), x)


def test_kl_from_logs_knows_0_from_what_underflows():
    x = np.linspace(-60, 60, 12001)
    log_box = np.where(np.abs(x) < 1, -math.log(2), -np.inf)
    log_box[np.abs(np.abs(x) - 1) < 1e-9] = -math.log(4)  # so that its mass on the grid is 1
    log_p = norm.logpdf(x)
    in_the_box = np.abs(x) < 1.005
    expected = -math.log(2) - trapezoid(
        np.exp(log_box[in_the_box]) * log_p[in_the_box], x[in_the_box]
    )
    assert kl(log_box, log_p, x, log=True) == pytest.approx(expected, abs=1e-2)
    assert kl(log_p, log_box, x, log=True) == math.inf
    tail = np.where(x < 50, norm.logpdf(x), -np.inf)  # 0 only where p has long underflowed
    assert kl(log_p, tail, x, log=True) == math.inf
    assert kl(tail, log_p, x, log=True) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("divergence", [kl, js])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_logarithm_of_a_density_is_named(divergence, wrong):
    log_p = norm.logpdf(X)
    with pytest.raises(ValueError, match="q holds values that are negative or not finite"):
        divergence(log_p, np.where(X == 0, wrong, log_p), X, log=True)
    with pytest.raises(ValueError, match="p has mass"):
        divergence(NORMAL, log_p, X, log=True)  # a density for a logarithm
    with pytest.raises(ValueError, match="p has shape"):
        divergence(log_p[:-1], log_p, X, log=True)


# Rounding, and grids that cut off mass.


@pytest.mark.parametrize("shift", [1e-15, 1e-12, 1e-9, 1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("s", [0.3, 1, 2.5])
def test_nearly_equal_bells_are_never_less_than_equal(shift, s):
    for n in (401, 1201, 2400, 4801):
        x = np.linspace(-12, 12, n)
        p, q = norm.pdf(x, 0, s), norm.pdf(x, shift, s)
        for a, b in ((p, q), (q, p)):
            assert 0 <= math.sqrt(js(a, b, x)) == pytest.approx(shift / s / math.sqrt(8), abs=1e-7)
            assert 0 <= math.sqrt(kl(a, b, x)) == pytest.approx(shift / s / math.sqrt(2), abs=1e-7)
        assert 0 <= kl(norm.logpdf(x, 0, s), norm.logpdf(x, shift, s), x, log=True) < 1e-5


@pytest.mark.parametrize("end", [2.4, 2.65, 3, 3.5, 5])
@pytest.mark.parametrize("shift", [0.01, -0.01, 0.1, -0.1])
def test_kl_on_a_grid_that_cuts_off_mass_is_what_the_grid_sees_of_it(end, shift):
    """KL = integral of p log(p/q) - p + q: what is cut off is missing, and it is at least 0."""
    x = np.linspace(-end, end, 2401)
    p, q = norm(0, 1), norm(shift, 1)
    found, true = kl(p.pdf(x), q.pdf(x), x), shift**2 / 2
    assert 0 < found < true
    beyond, _ = quad(
        lambda t: p.pdf(t) * (p.logpdf(t) - q.logpdf(t)) - p.pdf(t) + q.pdf(t), end, 12
    )
    before, _ = quad(
        lambda t: p.pdf(t) * (p.logpdf(t) - q.logpdf(t)) - p.pdf(t) + q.pdf(t), -12, -end
    )
    assert found + beyond + before == pytest.approx(true, abs=1e-8)
    assert kl(p.logpdf(x), q.logpdf(x), x, log=True) == pytest.approx(found, abs=1e-14)


@pytest.mark.parametrize("seed", range(20))
def test_no_two_masses_that_are_taken_for_densities_have_a_divergence_below_0(seed):
    rng = np.random.default_rng(seed)
    noisy = NORMAL * (1 + 1e-3 * rng.normal(size=X.shape))
    for p, q in (
        (0.981 * NORMAL, 1.019 * NORMAL),
        (1.019 * NORMAL, 0.981 * NORMAL),
        (NORMAL, noisy),
    ):
        assert 0 < kl(p, q, X) < 1e-3 and 0 < js(p, q, X) < 1e-3


NOT_DENSITIES = {
    "negative": (np.where(X == 0, -1, NORMAL), "negative or not finite"),
    "nan": (np.where(X == 0, np.nan, NORMAL), "negative or not finite"),
    "infinite": (np.where(X == 0, np.inf, NORMAL), "negative or not finite"),
    "too short": (NORMAL[:-1], "shape"),
    "a column": (NORMAL[:, None], "shape"),
    "half the mass": (NORMAL / 2, "mass 0.5000"),
    "zero": (np.zeros_like(X), "mass 0.0000"),
}


@pytest.mark.parametrize("wrong, message", NOT_DENSITIES.values(), ids=NOT_DENSITIES)
@pytest.mark.parametrize("divergence", [kl, js, total_variation, wasserstein1])
def test_what_is_no_density_is_named(divergence, wrong, message):
    with pytest.raises(ValueError, match=f"p .*{message}"):
        divergence(wrong, NORMAL, X)
    with pytest.raises(ValueError, match=f"q .*{message}"):
        divergence(NORMAL, wrong, X)


def test_mass_outside_the_grid_is_named():
    narrow = np.linspace(-1, 1, 101)
    with pytest.raises(ValueError, match="q has mass 0.68.*wide"):
        kl(triang.pdf(narrow, 0.5, -1, 2), norm.pdf(narrow), narrow)


NOT_GRIDS = {
    "decreasing": X[::-1],
    "repeated": np.zeros(8001),
    "one point": X[:1],
    "a column": X[:, None],
    "nan": X * np.nan,
}


@pytest.mark.parametrize("wrong", NOT_GRIDS.values(), ids=NOT_GRIDS)
def test_what_is_no_grid_is_named(wrong):
    for divergence in (kl, js, total_variation, wasserstein1):
        with pytest.raises(ValueError, match="x must be a strictly increasing grid"):
            divergence(NORMAL, NORMAL, wrong)
    with pytest.raises(ValueError, match="x must be a strictly increasing grid"):
        pushforward(X, X, NORMAL, wrong)
    with pytest.raises(ValueError, match="z must be a strictly increasing grid"):
        pushforward(wrong, X, NORMAL, X)


def cell_means(cdf, x):
    """A density known by its CDF, averaged over the cell of each point of an even grid x."""
    h = x[1] - x[0]
    return (cdf(x + h / 2) - cdf(x - h / 2)) / h


@pytest.mark.parametrize(
    "g, cdf",
    [
        (lambda z: 2 * z + 1, norm(1, 2).cdf),
        (lambda z: -0.5 * z - 2, norm(-2, 0.5).cdf),
        (np.exp, lognorm(1).cdf),
        (lambda z: np.exp(-z / 2), lognorm(0.5).cdf),
        (lambda z: 4 - np.exp(z), lambda x: lognorm(1).sf(4 - x)),
    ],
    ids=[
        "rising line",
        "falling line",
        "rising exponential",
        "falling exponential",
        "falling without a lower end",
    ],
)
def test_monotone_g_of_normal_noise(g, cdf):
    z, x = np.linspace(-8, 8, 16001), np.linspace(-15, 20, 3501)
    np.testing.assert_allclose(pushforward(z, g(z), norm.pdf(z), x), cell_means(cdf, x), atol=2e-4)


def test_change_of_variables_on_a_fine_grid():
    z, x = np.linspace(-8, 8, 160001), np.linspace(0.05, 10, 3001)
    np.testing.assert_allclose(
        pushforward(z, np.exp(z), norm.pdf(z), x), norm.pdf(np.log(x)) / x, atol=2e-4
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_monotone_g_of_uniform_noise(sign):
    z, x = (
        np.linspace(1e-4, 1 - 1e-4, 99981),
        np.linspace(-15, 15, 1001),
    )  # clipped at 3.7 standard deviations
    p_g = pushforward(z, sign * 3 * norm.ppf(z) + 1, np.ones_like(z), x)
    ends = norm(1, 3).ppf([1e-4, 1 - 1e-4])
    np.testing.assert_allclose(
        p_g, cell_means(lambda v: norm(1, 3).cdf(v.clip(*ends)), x), atol=1e-5
    )


def test_square_of_uniform_noise():
    z, x = (
        np.linspace(-1, 1, 20001),
        np.linspace(0, 1.2, 121),
    )  # not monotone; p_g(x) = 1 / (2 sqrt(x)), and its CDF is sqrt(x)
    p_g = pushforward(z, z**2, np.full_like(z, 0.5), x)
    np.testing.assert_allclose(np.cumsum(p_g) * 0.01, np.sqrt((x + 0.005).clip(max=1)), atol=2e-4)
    smooth = (x > 0.3) & (x < 0.99)
    np.testing.assert_allclose(p_g[smooth], 1 / (2 * np.sqrt(x[smooth])), rtol=2e-3)
    assert (p_g[x > 1.01] == 0).all()


def test_folded_normal_noise():
    z, x = np.linspace(-8, 8, 2001), np.linspace(-2, 6, 801)
    p_g = pushforward(z, np.abs(z), norm.pdf(z), x)
    np.testing.assert_allclose(
        p_g, cell_means(lambda v: (2 * norm.cdf(v) - 1).clip(min=0), x), atol=1e-2
    )


@pytest.mark.parametrize(
    "g",
    [
        lambda z: 1e-3 * z + 0.2,
        lambda z: 0.2 - 1e-3 * z,
        lambda z: np.tanh(50 * z) / 2,
        lambda z: np.sin(3 * z) / 2,
    ],
    ids=["narrow and rising", "narrow and falling", "saturated", "waves"],
)
def test_no_mass_is_lost(g):
    z, x = np.linspace(-8, 8, 2001), np.linspace(-1, 1, 101)
    assert pushforward(z, g(z), norm.pdf(z), x).sum() * 0.02 == pytest.approx(1, abs=1e-9)


def test_mass_outside_the_grid_is_dropped():
    z, x = np.linspace(-8, 8, 2001), np.linspace(0.005, 12.005, 1201)  # its first cell begins at 0
    assert pushforward(z, z, norm.pdf(z), x).sum() * 0.01 == pytest.approx(0.5, abs=1e-9)


def test_collapsed_g_puts_all_its_mass_into_one_place():
    z, x = np.linspace(-8, 8, 2001), np.linspace(-1, 1, 201)
    p_g = pushforward(z, np.full_like(z, 0.252), norm.pdf(z), x)
    assert x[np.flatnonzero(p_g)] == pytest.approx([0.25])
    assert trapezoid(p_g, x) == pytest.approx(1)


@pytest.mark.parametrize(
    "values, expected",
    [
        ([1, 2, 4], True),
        ([4, 2, 1], True),
        ([1, 1, 2], False),
        ([2, 1, 1], False),
        ([1, 3, 2], False),
    ],
)
def test_is_monotone(values, expected):
    assert is_monotone(np.array(values)) is expected


@pytest.mark.parametrize(
    "wrong", [X[:-1], X[:, None], np.where(X == 0, np.nan, X), np.where(X == 0, np.inf, X), 1.0]
)
def test_g_that_does_not_fit_z_is_named(wrong):
    with pytest.raises(ValueError, match="g_of_z must be finite"):
        pushforward(X, wrong, NORMAL, X)


@pytest.mark.parametrize("wrong, message", NOT_DENSITIES.values(), ids=NOT_DENSITIES)
def test_noise_without_a_density_is_named(wrong, message):
    with pytest.raises(ValueError, match=f"p_z .*{message}"):
        pushforward(X, X, wrong, X)
