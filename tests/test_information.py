"""Information, entropy, divergences: against closed forms, scipy, and what always holds."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from gan_lib.information import (
    cross_entropy,
    entropy,
    js_divergence,
    kl_divergence,
    self_information,
)

INF, NAN = math.inf, math.nan
OF_TWO = [cross_entropy, kl_divergence, js_divergence]
always = settings(max_examples=150, deadline=None, derandomize=True, database=None)
bases = st.sampled_from([2, math.e, 10]) | st.floats(1.01, 1000)


def distributions(count, least=0):
    """Some distributions, (count, n), often equal, and with zeros unless ``least`` is above 0."""
    row = st.tuples(*[st.integers(least, 12)] * count)
    counts = (
        st.lists(row, min_size=1, max_size=8)
        .map(lambda rows: np.array(rows).T)
        .filter(lambda rows: rows.sum(1).all())
    )
    return counts.map(lambda rows: rows / rows.sum(1, keepdims=True))


# self_information.


@pytest.mark.parametrize(
    "p, bits", [(1, 0), (0.5, 1), (0.125, 3), (1 / 6, 2.584963), (0, INF), (5e-324, 1074)]
)
def test_bits_of_what_happens(p, bits):
    assert self_information(p) == pytest.approx(bits, abs=1e-6)


@pytest.mark.parametrize("base, expected", [(math.e, 2 * math.log(2)), (4, 1), (10, math.log10(4))])
def test_the_base_is_the_unit_of_information(base, expected):
    assert self_information(0.25, base=base) == pytest.approx(expected)


def test_what_is_certain_tells_nothing_and_not_minus_nothing():
    assert str(self_information(1)) == str(self_information(np.ones(1))[0]) == "0.0"


@always
@given(st.floats(1e-150, 1), st.floats(1e-150, 1), bases)
def test_information_of_independent_events_adds_up(p, q, base):
    expected = self_information(p, base) + self_information(q, base)
    assert self_information(p * q, base) == pytest.approx(
        expected, rel=1e-12, abs=1e-12 / math.log(base)
    )


@pytest.mark.parametrize("shape", [(0,), (1,), (4,), (2, 2), (1, 4, 1)])
def test_an_array_of_probabilities_keeps_its_shape(shape):
    p = np.array([1, 0.5, 0.25, 0])[: math.prod(shape)].reshape(shape)
    information = self_information(p)
    assert information.shape == shape
    assert information.ravel().tolist() == [0, 1, 2, INF][: math.prod(shape)]


@pytest.mark.parametrize("p", [0.5, 1, np.float32(0.5), np.array(0.5)])
def test_one_probability_gives_a_plain_number(p):
    assert type(self_information(p)) is float


@pytest.mark.parametrize("p", [-0.1, 1.1, NAN, INF, -INF, [0.5, 2], [[0.5], [-1e-9]]])
def test_what_is_no_probability_is_named(p):
    with pytest.raises(ValueError, match="p must be a probability, from 0 to 1, not "):
        self_information(p)


# entropy.


@pytest.mark.parametrize(
    "p, bits",
    [
        ([1], 0),
        ([0.5, 0.5], 1),
        ([0.5, 0.25, 0.125, 0.125], 1.75),
        ([0.25, 0.75], 0.811278),
        (np.full(20, 0.05), math.log2(20)),
    ],
)
def test_bits_of_a_draw(p, bits):
    assert entropy(p) == pytest.approx(bits, abs=1e-6)


def test_entropy_of_the_text_that_the_course_codes():
    assert entropy(np.array([2, 3, 10, 2, 2, 1]) / 20) == pytest.approx(2.123220, abs=5e-7)


@always
@given(distributions(1), bases)
def test_entropy_is_that_of_scipy(p, base):
    assert entropy(p[0], base) == pytest.approx(
        stats.entropy(p[0], base=base), abs=1e-12 / math.log(base)
    )


@always
@given(distributions(1))
def test_entropy_is_largest_where_all_is_equally_likely(p):
    (p,) = p
    slack = math.log2(len(p)) - entropy(p)
    assert entropy(p) >= 0 and slack >= -1e-14
    assert (slack > 1e-9) == (len(set(p)) > 1)


@always
@given(distributions(1))
def test_entropy_is_the_mean_information(p):
    (p,) = p
    assert entropy(p) == pytest.approx(p[p > 0] @ self_information(p[p > 0]), abs=1e-12)


# Two distributions.


def test_hand_computed_costs_of_the_wrong_code():
    p, q = [0.5, 0.5], [0.25, 0.75]
    assert kl_divergence(p, q) == pytest.approx(math.log2(4 / 3) / 2)
    assert kl_divergence(q, p) == pytest.approx(math.log2(27 / 16) / 4)
    assert cross_entropy(p, q) == pytest.approx((2 + math.log2(4 / 3)) / 2)
    assert cross_entropy(q, p) == pytest.approx(1)


def test_js_by_hand():
    assert js_divergence([1, 0], [0.5, 0.5]) == pytest.approx(0.311278, abs=5e-7)  # h(1/4) - 1/2


@pytest.mark.parametrize("base, expected", [(2, 1), (math.e, 0.693147), (10, 0.301030)])
def test_strangers_have_a_js_of_1_bit_and_infinite_kl(base, expected):
    p, q = [0.25, 0.75, 0, 0], [0, 0, 0.5, 0.5]
    assert js_divergence(p, q, base) == pytest.approx(expected, abs=5e-7)
    assert (
        kl_divergence(p, q, base) == kl_divergence(q, p, base) == cross_entropy(p, q, base) == INF
    )


def test_only_a_q_that_forbids_what_p_does_costs_infinitely_much():
    p, q = [0.5, 0.5, 0], [0.25, 0.25, 0.5]
    assert kl_divergence(p, q) == cross_entropy(p, q) - 1 == 1
    assert kl_divergence(q, p) == cross_entropy(q, p) == INF
    assert kl_divergence([0.5, 0.5, 0], [0.25, 0.75, 0]) == pytest.approx(
        math.log2(4 / 3) / 2
    )  # both 0: no term


def test_the_smallest_probabilities_do_not_overflow():
    p, q = [1, 0], [5e-324, 1]
    assert kl_divergence(p, q) == cross_entropy(p, q) == 1074
    assert js_divergence(p, q) == pytest.approx(1)


@always
@given(distributions(2), bases)
def test_kl_and_js_are_those_of_scipy(pq, base):
    p, q = pq
    near = 1e-12 / math.log(base)
    assert kl_divergence(p, q, base) == pytest.approx(stats.entropy(p, q, base), abs=near)
    assert js_divergence(p, q, base) == pytest.approx(jensenshannon(p, q, base) ** 2, abs=near)


@always
@given(distributions(2))
def test_kl_and_js_are_never_negative_and_0_for_equals_only(pq):
    p, q = pq
    assert kl_divergence(p, q) >= 0 and js_divergence(p, q) >= 0
    assert (kl_divergence(p, q) == 0) == (js_divergence(p, q) == 0) == np.array_equal(p, q)


@always
@given(distributions(2, least=1))
def test_cross_entropy_is_entropy_and_what_the_wrong_code_costs(pq):
    p, q = pq
    assert cross_entropy(p, q) == pytest.approx(entropy(p) + kl_divergence(p, q), abs=1e-12)
    assert cross_entropy(p, q) == pytest.approx(p @ self_information(q), abs=1e-12)


@always
@given(distributions(1))
def test_cross_entropy_with_itself_is_entropy(p):
    assert cross_entropy(p[0], p[0]) == pytest.approx(entropy(p[0]), abs=1e-12)


@always
@given(distributions(2))
def test_js_is_symmetric_and_at_most_1_bit(pq):
    p, q = pq
    assert js_divergence(p, q) == pytest.approx(js_divergence(q, p), abs=1e-15)
    assert js_divergence(p, q) <= 1 + 1e-15
    assert (js_divergence(p, q) > 1 - 1e-9) == (not (p * q).any())


@always
@given(distributions(2))
def test_js_is_two_halves_of_kl_to_the_middle_and_the_entropy_that_mixing_adds(pq):
    p, q = pq
    m = (p + q) / 2
    assert js_divergence(p, q) == pytest.approx(
        (kl_divergence(p, m) + kl_divergence(q, m)) / 2, abs=1e-12
    )
    assert js_divergence(p, q) == pytest.approx(
        entropy(m) - (entropy(p) + entropy(q)) / 2, abs=1e-12
    )


@always
@given(distributions(3))
def test_the_root_of_js_is_a_distance(pqr):
    pq, qr, pr = (math.sqrt(js_divergence(pqr[i], pqr[j])) for i, j in [(0, 1), (1, 2), (0, 2)])
    assert pr <= pq + qr + 1e-7


@always
@given(distributions(2), bases)
def test_another_base_is_another_unit(pq, base):
    p, q = pq
    assert entropy(p, base) * math.log2(base) == pytest.approx(entropy(p), abs=1e-12)
    for measure in OF_TWO:
        assert measure(p, q, base) * math.log2(base) == pytest.approx(measure(p, q), abs=1e-12)


@always
@given(distributions(2), distributions(2))
def test_what_is_independent_adds_up(first, second):
    p, q = (np.outer(a, b).ravel() for a, b in zip(first, second))
    assert entropy(p) == pytest.approx(entropy(first[0]) + entropy(second[0]), abs=1e-12)
    assert kl_divergence(p, q) == pytest.approx(
        kl_divergence(*first) + kl_divergence(*second), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(10))
def test_rounding_does_not_make_a_divergence_negative(seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(5))
    q = p * (1 + 1e-16 * rng.normal(size=5))
    for nearly_p in (q, q * (1 + 1e-9)):
        assert 0 <= kl_divergence(p, nearly_p) < 1e-8 and 0 <= js_divergence(p, nearly_p) < 1e-8


def test_nothing_is_0_and_not_minus_0():
    for zero in (entropy([1]), entropy([1, 0]), *(measure([1.0], [1.0]) for measure in OF_TWO)):
        assert str(zero) == "0.0"


# Any iterable of numbers.

SAME = {
    "a tuple": tuple,
    "an iterator": iter,
    "a generator": lambda p: (each for each in p),
    "the values of a dictionary": lambda p: dict(enumerate(p)).values(),
    "an array": np.array,
}


@pytest.mark.parametrize("same", SAME.values(), ids=SAME)
def test_any_iterable_of_numbers_is_a_distribution(same):
    p, q = [0.5, 0.25, 0.25], [0.2, 0.3, 0.5]
    assert self_information(same(p)).tolist() == [1, 2, 2]
    assert entropy(same(p)) == 1.5
    for measure in OF_TWO:
        assert measure(same(p), same(q)) == measure(p, q)


def test_entropy_of_the_shares_that_a_counter_has_counted():
    counts = Counter("aab")
    assert entropy(count / counts.total() for count in counts.values()) == entropy([2 / 3, 1 / 3])
    with pytest.raises(ValueError, match="p sums to 3, not to 1; divide counts by their sum"):
        entropy(counts.values())


@pytest.mark.parametrize("wrong", [{0: 0.5, 1: 0.5}, {0.25, 0.75}, {0: 1, 1: 1}.keys()])
def test_what_has_no_order_or_would_give_its_keys_is_named(wrong):
    for call in (self_information, entropy, *(lambda p, f=f: f(p, [0.5, 0.5]) for f in OF_TWO)):
        with pytest.raises(TypeError, match=f"^p must be numbers.*not a {type(wrong).__name__}"):
            call(wrong)


# Bad input.

NOT_DISTRIBUTIONS = {
    "negative": ([1.5, -0.5], r"negative or not finite: \[-0.5\]"),
    "nan": ([0.5, NAN], r"negative or not finite: \[nan\]"),
    "infinite": ([0.5, INF], r"negative or not finite: \[inf\]"),
    "minus infinite": ([0.5, -INF], r"negative or not finite: \[-inf\]"),
    "too little": ([0.4, 0.5], "sums to 0.9, not to 1"),
    "counts": ([2, 3], "sums to 5, not to 1"),
    "just off": ([0.5, 0.50001], "sums to 1.00001, not to 1"),
    "empty": ([], r"shape is \(0,\)"),
    "a table": ([[0.5, 0.5]], r"shape is \(1, 2\)"),
    "a number": (1.0, r"shape is \(\)"),
}


@pytest.mark.parametrize("wrong, message", NOT_DISTRIBUTIONS.values(), ids=NOT_DISTRIBUTIONS)
def test_what_is_no_distribution_is_named(wrong, message):
    with pytest.raises(ValueError, match=f"^p .*{message}"):
        entropy(wrong)
    for measure in OF_TWO:
        with pytest.raises(ValueError, match=f"^p .*{message}"):
            measure(wrong, [0.5, 0.5])
        with pytest.raises(ValueError, match=f"^q .*{message}"):
            measure([0.5, 0.5], wrong)


@pytest.mark.parametrize("measure", OF_TWO)
def test_distributions_of_other_lengths_are_named(measure):
    with pytest.raises(ValueError, match="same length, but p has 2 and q has 3"):
        measure([0.5, 0.5], [0.5, 0.5, 0])


@pytest.mark.parametrize("base", [1, 0, 0.5, -2, INF, NAN, "2", None])
def test_a_base_without_a_unit_is_named(base):
    two = ([0.5, 0.5], [0.5, 0.5])
    for measure, given_p in [
        (self_information, (0.5,)),
        (entropy, two[:1]),
        *((measure, two) for measure in OF_TWO),
    ]:
        with pytest.raises(ValueError, match=f"base must be a number above 1 .*not {base!r}"):
            measure(*given_p, base=base)


def test_rounding_to_float32_is_forgiven():
    p = np.random.default_rng(0).dirichlet(np.ones(1000)).astype(np.float32)
    assert p.sum(dtype=float) != 1
    assert entropy(p) == pytest.approx(stats.entropy(p.astype(float), base=2), abs=1e-5)
