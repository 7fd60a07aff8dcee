"""Huffman codes, against all other codes, Shannon's bounds and the text that the course codes."""

import math
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gan_lib.huffman import decode, encode, forests, huffman_code, huffman_tree, mean_length
from gan_lib.information import entropy, kl_divergence

TEXT = "abbcdbcccdccaecfeccc"
COUNTS = Counter(TEXT)
OF_THE_NOTES = {
    "a": "11110",
    "b": "10",
    "c": "0",
    "d": "1110",
    "e": "110",
    "f": "11111",
}  # prefix-free, but not the best
GAPS = {"a": "0", "b": "10", "c": "110"}  # prefix-free, but "111" is no word

always = settings(max_examples=150, deadline=None, derandomize=True, database=None)
weight = st.integers(1, 4) | st.integers(1, 10**6)  # ties, and the very unequal
messages = st.text("abcde é\n", min_size=1) | st.lists(
    st.tuples(st.integers(0, 3), st.booleans()), min_size=1
)


def frequencies(least, most):
    return st.lists(weight, min_size=least, max_size=most).map(
        lambda weights: dict(enumerate(weights))
    )


def lengths(code):
    return [len(word) for word in code.values()]


def kraft(code):
    return sum(Fraction(1, 2**length) for length in lengths(code))


def is_prefix_free(code):
    return not any(second.startswith(first) for first, second in permutations(code.values(), 2))


def cost(frequencies, code):
    return sum(weight * len(code[symbol]) for symbol, weight in frequencies.items())


def paths(tree, word=""):
    """{symbol: word} as the branches say it."""
    if not tree.branches:
        return {tree.symbol: word}
    return {
        symbol: path
        for bit, branch in zip("01", tree.branches)
        for symbol, path in paths(branch, word + bit).items()
    }


def are_words(bits, code):
    """Whether bits are whole words, one after the other."""
    return not bits or any(
        are_words(bits[len(word) :], code) for word in code.values() if bits.startswith(word)
    )


@cache
def lengths_that_kraft_allows(n):
    """All lengths that n words of a prefix code can have, up to n bits, (m, n)."""
    vectors = np.indices((n,) * n).reshape(n, -1).T + 1
    return vectors[(0.5**vectors).sum(1) <= 1]


# The text of the course.


def test_the_text_costs_43_bits():
    code = huffman_code(COUNTS)
    assert len(encode(TEXT, code)) == 43
    assert mean_length(COUNTS, code) == pytest.approx(2.15)
    assert decode(encode(TEXT, code), code) == list(TEXT)


def test_the_entropy_of_the_text_is_just_below():
    p = np.array(list(COUNTS.values())) / 20
    assert entropy(p) == pytest.approx(2.123220, abs=5e-7)
    assert 20 * entropy(p) == pytest.approx(42.4644, abs=5e-5)


def test_the_code_of_the_notes_costs_45_bits():
    assert kraft(OF_THE_NOTES) == 1
    assert len(encode(TEXT, OF_THE_NOTES)) == 45
    assert mean_length(COUNTS, OF_THE_NOTES) == pytest.approx(2.25)


def test_a_tree_made_by_hand():
    frequencies = {
        "a": 2,
        "b": 2,
        "c": 1,
        "d": 1,
        "e": 7,
    }  # c + d = 2', a + b = 4, 2' + 4 = 6, 6 + e
    assert huffman_code(frequencies) == {"a": "010", "b": "011", "c": "000", "d": "001", "e": "1"}
    assert huffman_tree(frequencies).weight == 13


# Every code.


@always
@given(frequencies(2, 40))
def test_a_huffman_code_is_prefix_free_and_wastes_no_bits(frequencies):
    code = huffman_code(frequencies)
    assert is_prefix_free(code)
    assert kraft(code) == 1


@always
@given(frequencies(2, 6))
def test_no_prefix_code_is_better(frequencies):
    code, others = huffman_code(frequencies), lengths_that_kraft_allows(len(frequencies))
    costs = others @ list(frequencies.values())
    assert cost(frequencies, code) == costs.min()
    assert (
        max(lengths(code)) == others[costs == costs.min()].max(1).min()
    )  # nor one as good with a shorter longest word


@always
@given(frequencies(2, 40))
def test_the_mean_length_is_less_than_1_bit_above_the_entropy(frequencies):
    h = stats.entropy(list(frequencies.values()), base=2)
    assert h - 1e-12 <= mean_length(frequencies, huffman_code(frequencies)) < h + 1


@always
@given(frequencies(2, 40))
def test_the_waste_of_a_code_is_the_kl_divergence_from_what_it_is_made_for(frequencies):
    code = huffman_code(frequencies)
    p = np.array(list(frequencies.values())) / sum(frequencies.values())
    assert mean_length(frequencies, code) == pytest.approx(
        entropy(p) + kl_divergence(p, 0.5 ** np.array(lengths(code)))
    )


@pytest.mark.parametrize(
    "halvings", [[1, 1], [2, 2, 1], [3, 3, 2, 1], [2, 2, 2, 2], [4, 1, 4, 3, 2]]
)
def test_powers_of_a_half_cost_their_information_exactly(halvings):
    frequencies = {i: 0.5**halving for i, halving in enumerate(halvings)}
    assert lengths(huffman_code(frequencies)) == halvings
    assert mean_length(frequencies, huffman_code(frequencies)) == entropy(
        list(frequencies.values())
    )


@always
@given(frequencies(1, 12), st.integers(2, 1000) | st.sampled_from([0.5, 2.0**-20, Fraction(1, 7)]))
def test_only_the_ratios_of_weights_matter(frequencies, scale):
    scaled = {symbol: weight * scale for symbol, weight in frequencies.items()}
    assert huffman_code(scaled) == huffman_code(frequencies)
    assert mean_length(scaled, huffman_code(scaled)) == pytest.approx(
        mean_length(frequencies, huffman_code(frequencies))
    )


def test_equally_likely_symbols_get_words_of_nearly_one_length():
    for n in range(2, 100):
        code = huffman_code(dict.fromkeys(range(n), 0.1))
        assert set(lengths(code)) == {math.floor(math.log2(n)), math.ceil(math.log2(n))}


def test_ties_are_broken_in_the_order_of_the_symbols():
    assert huffman_code(dict.fromkeys("badc", 1)) == {"b": "00", "a": "01", "d": "10", "c": "11"}
    assert huffman_code(dict.fromkeys([None, "a", 1, (2, 3)], 1)) == {
        None: "00",
        "a": "01",
        1: "10",
        (2, 3): "11",
    }


@always
@given(frequencies(1, 12))
def test_the_code_keeps_the_order_of_the_symbols(frequencies):
    assert list(huffman_code(frequencies)) == list(frequencies)


def test_mean_length_by_hand():
    assert mean_length({"a": 1, "b": 3}, {"a": "00", "b": "1", "unused": "01"}) == 1.25


# Encoding and decoding.


@always
@given(messages)
def test_what_was_encoded_is_decoded(message):
    code = huffman_code(Counter(message))
    bits = encode(message, code)
    assert decode(bits, code) == list(message)
    assert (
        len(bits)
        == cost(Counter(message), code)
        == pytest.approx(len(message) * mean_length(Counter(message), code))
    )


@always
@given(frequencies(2, 12), st.text("01", min_size=1))
def test_any_bits_are_a_message_or_end_inside_a_word(frequencies, bits):
    code = huffman_code(frequencies)
    end = max(
        (i for i in range(len(bits) + 1) if are_words(bits[:i], code)), default=0
    )  # where the last whole word ends
    if end == len(bits):
        assert encode(decode(bits, code), code) == bits
    else:
        with pytest.raises(
            ValueError, match=f"bits end inside a code word: '{bits[end:]}' is left over"
        ):
            decode(bits, code)


def test_words_follow_one_another():
    assert encode("cab", GAPS) == "110010"
    assert encode(["c", "a", "b"], GAPS) == "110010"
    assert decode("110010", GAPS) == ["c", "a", "b"]


@pytest.mark.parametrize("message", ["a", "aaaa"])
def test_a_text_of_one_letter_costs_a_bit_a_letter(message):
    code = huffman_code(Counter(message))
    assert code == {"a": "0"}
    assert encode(message, code) == "0" * len(message)
    assert decode(encode(message, code), code) == list(message)
    assert mean_length(Counter(message), code) == 1


# Large alphabets.


def test_5000_symbols():
    weights = np.random.default_rng(0).zipf(1.3, 5000).clip(max=10**9)
    frequencies = dict(enumerate(weights.tolist()))
    code = huffman_code(frequencies)
    assert kraft(code) == 1
    assert decode(encode(range(5000), code), code) == list(range(5000))
    h = stats.entropy(weights, base=2)
    assert h <= mean_length(frequencies, code) < h + 1


@pytest.mark.parametrize("depth", [300, 2000])
def test_a_tree_deeper_than_python_recurses(depth):
    weights = [1, 1]
    while len(weights) <= depth:
        weights.append(weights[-1] + weights[-2])
    code = huffman_code(dict(enumerate(weights)))
    assert lengths(code) == [depth, *range(depth, 0, -1)]
    message = [0, depth, 1, depth - 1]
    assert decode(encode(message, code), code) == message


# The tree and how it grows.


@always
@given(frequencies(1, 12))
def test_the_words_are_the_paths_through_the_tree(frequencies):
    tree, code = huffman_tree(frequencies), huffman_code(frequencies)
    assert paths(tree) == (code if len(code) > 1 else {0: ""})
    assert tree.weight == sum(frequencies.values())


@always
@given(frequencies(1, 12))
def test_forests_grow_from_single_leaves_to_the_tree(frequencies):
    grown = forests(frequencies)
    assert [len(forest) for forest in grown] == list(range(len(frequencies), 0, -1))
    assert not any(leaf.branches for leaf in grown[0])
    assert {leaf.symbol: leaf.weight for leaf in grown[0]} == frequencies
    assert grown[-1] == (huffman_tree(frequencies),)
    for before, after in zip(grown, grown[1:]):
        (new,) = set(after) - set(before)
        assert new.branches == before[:2] and new.weight == before[0].weight + before[1].weight
        assert set(after) - {new} == set(before[2:])


@always
@given(frequencies(1, 12))
def test_forests_stand_from_light_to_heavy(frequencies):
    for forest in forests(frequencies):
        weights = [tree.weight for tree in forest]
        assert weights == sorted(weights)


@always
@given(frequencies(1, 5), frequencies(1, 5))
def test_trees_are_equal_only_if_they_look_the_same(first, second):
    """What is drawn at the end of each path is a symbol and its weight; a node's is their sum."""
    tree, other = huffman_tree(first), huffman_tree(second)
    assert (tree == other) == ((paths(tree), first) == (paths(other), second))
    assert tree == huffman_tree(first) and hash(tree) == hash(huffman_tree(first))


def test_trees_with_other_symbols_or_branches_differ():
    leaf, other = huffman_tree({"a": 1}), huffman_tree({"b": 1})
    assert leaf != other and not leaf < other and not other < leaf  # weight and age are the same
    assert huffman_tree({"a": 1, "b": 2}) != huffman_tree({"c": 1, "d": 2})
    assert huffman_tree({"a": 1, "b": 2}) == huffman_tree({"b": 2, "a": 1})  # drawn, they are one
    assert huffman_tree({"a": 1, "b": 1}) != huffman_tree({"b": 1, "a": 1})  # "0" is another's
    assert len({leaf, other, huffman_tree({"a": 1})}) == 2


def test_the_lighter_tree_is_the_lesser_and_of_equally_light_ones_the_older():
    (a, b, c), *_ = forests({"b": 2, "c": 2, "a": 1})
    assert (a.symbol, b.symbol, c.symbol) == ("a", "b", "c")
    assert a < b < c and not b < a and not b < b
    assert sorted([c, b, a]) == [a, b, c] and max(a, c, b) == c


def test_symbols_that_cannot_be_ordered_do_not_meet_in_the_heap():
    assert huffman_code({None: 1, "a": 1, 1j: 1, ("b",): 1}) == dict(
        zip((None, "a", 1j, ("b",)), ("00", "01", "10", "11"))
    )


# Bad input.

NOT_FREQUENCIES = {
    "empty": ({}, "frequencies must be a dictionary .*not be empty"),
    "text": ("abc", "frequencies must be a dictionary"),
    "pairs": ([("a", 1)], "frequencies must be a dictionary"),
    "none": (None, "frequencies must be a dictionary"),
    **{
        f"weight {wrong!r}": (
            {"b": 1, "a": wrong},
            f"the frequency of 'a' must be a positive number, not {wrong!r}",
        )
        for wrong in [0, -1, math.nan, math.inf, -math.inf, "3", None]
    },
}


@pytest.mark.parametrize("wrong, message", NOT_FREQUENCIES.values(), ids=NOT_FREQUENCIES)
def test_what_are_no_frequencies_is_named(wrong, message):
    for call in (
        huffman_tree,
        forests,
        huffman_code,
        lambda wrong: mean_length(wrong, {"a": "0", "b": "1"}),
    ):
        with pytest.raises(ValueError, match=message):
            call(wrong)


NOT_CODES = {
    "empty": ({}, "code must be a dictionary .*not be empty"),
    "words only": (["0", "1"], "code must be a dictionary"),
    "none": (None, "code must be a dictionary"),
    "no bits": ({"a": "0", "b": "2"}, "the word of 'b' must be a string of 0 and 1.*not '2'"),
    "an empty word": (
        {"a": ""},
        "the word of 'a' must be a string of 0 and 1, at least one, not ''",
    ),
    "a number": ({"a": "1", "b": 0}, "the word of 'b' must be a string of 0 and 1.*not 0"),
    "a beginning": (
        {"a": "0", "b": "10", "c": "100"},
        "code is not prefix-free: '10' begins '100'",
    ),
    "one word twice": ({"a": "0", "b": "1", "c": "1"}, "code is not prefix-free: '1' begins '1'"),
}


@pytest.mark.parametrize("wrong, message", NOT_CODES.values(), ids=NOT_CODES)
def test_what_is_no_code_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        encode("a", wrong)
    with pytest.raises(ValueError, match=message):
        decode("0", wrong)


@always
@given(
    st.dictionaries(
        st.integers(0, 9), st.text("01", min_size=1, max_size=5), min_size=1, max_size=6
    )
)
def test_prefixes_are_found_wherever_they_stand(code):
    message = list(code)
    if is_prefix_free(code):
        assert decode(encode(message, code), code) == message
    else:
        with pytest.raises(ValueError, match="code is not prefix-free: '[01]+' begins '[01]+'"):
            encode(message, code)


@pytest.mark.parametrize("message", ["", [], ()])
def test_an_empty_message_is_named(message):
    with pytest.raises(ValueError, match="message is empty"):
        encode(message, GAPS)


def test_a_symbol_without_a_word_is_named():
    with pytest.raises(ValueError, match="symbol 'x' at position 2 of message has no word in code"):
        encode("abxay", GAPS)
    with pytest.raises(ValueError, match="code has no word for 'x'"):
        mean_length({"a": 1, "x": 2}, GAPS)


def test_small_integers_of_numpy_do_not_overflow():
    weights = dict(enumerate(np.array([200, 200, 200, 100, 100], np.uint8)))
    code = huffman_code(weights)
    assert mean_length(weights, code) == pytest.approx(1800 / 800)


def test_mean_length_checks_the_words():
    with pytest.raises(ValueError, match="the word of 'a' must be a string of 0 and 1"):
        mean_length({"a": 1}, {"a": 3})
    with pytest.raises(ValueError, match="code must be a dictionary"):
        mean_length({"a": 1}, {})


def test_bits_that_begin_no_word_are_named_at_the_end():
    with pytest.raises(ValueError, match="bits end with '111', which begins no word of code"):
        decode("111", {"a": "0", "b": "1100"})


@pytest.mark.parametrize("bits", ["", "012", "0 10", "0b10", [0, 1], ["0", "1"], b"010", 10, None])
def test_what_are_no_bits_is_named(bits):
    with pytest.raises(ValueError, match="bits must be a string of 0 and 1, at least one"):
        decode(bits, GAPS)


@pytest.mark.parametrize("bits, left", [("1", "1"), ("01011", "11"), ("110010" + "1", "1")])
def test_bits_that_end_inside_a_word_are_named(bits, left):
    with pytest.raises(ValueError, match=f"bits end inside a code word: '{left}' is left over"):
        decode(bits, GAPS)


def test_bits_that_fit_no_word_are_named():
    with pytest.raises(ValueError, match="bits '111', up to position 5, are no word of code"):
        decode("0101110", GAPS)
    with pytest.raises(ValueError, match="bits '1', up to position 1, are no word of code"):
        decode("01", {"a": "0"})
