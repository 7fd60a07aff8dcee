"""Huffman's lengths, and the mean length of a word."""

import math

import numpy as np

from gan_lib import huffman

from ..engine import Sign, Task, mistakes


def texts(variant):
    if variant is None:
        return [
            ({"a": 2, "b": 3, "c": 10, "d": 2, "e": 2, "f": 1},),
            ({"a": 5, "b": 5, "c": 5, "d": 5},),
            ({"v": 1, "w": 1, "x": 2, "y": 3, "z": 5, "t": 8},),
            ({"a": 40, "b": 3, "c": 20, "d": 9, "e": 17, "f": 6, "g": 11},),
            ({"p": 14, "q": 8, "r": 17, "s": 3, "t": 11, "u": 14, "v": 17},),
            ({"a": 7},),
        ]
    rng = np.random.default_rng(variant)
    sizes = (2, 5, 7, 9, 10)
    cases = [(dict(zip("abcdefghij", rng.integers(1, 40, n).tolist())),) for n in sizes]
    while bill(shannon_fano(cases[-1][0]), cases[-1][0]) == bill(
        right_lengths(*cases[-1]), cases[-1][0]
    ):
        cases.append((dict(zip("abcdefgh", rng.integers(1, 40, 8).tolist())),))
    return cases


def right_lengths(counts):
    return {letter: len(word) for letter, word in huffman.huffman_code(counts).items()}


def bill(lengths, counts):
    """What makes a Huffman code, whichever of equally light trees were tied."""
    total = sum(n * lengths[letter] for letter, n in counts.items())
    kraft = sum(2.0**-size for size in lengths.values())
    return f"{total:g} bits in all, Kraft's sum {kraft:g}"


def tie(first, put_back, weight=lambda n, m: n + m, lone=1):
    """A code_lengths that ties trees (weight, letters).

    ``first(forest)`` orders the trees before a first tie, ``put_back(forest, tree)`` after each.
    """

    def code_lengths(counts):
        if len(counts) == 1:
            return dict.fromkeys(counts, lone)
        lengths = dict.fromkeys(counts, 0)
        forest = first([(n, [letter]) for letter, n in counts.items()])
        while len(forest) > 1:
            (n, some), (m, others), *forest = forest
            for letter in some + others:
                lengths[letter] += 1
            forest = put_back(forest, (weight(n, m), some + others))
        return lengths

    return code_lengths


def lightest(forest):
    return sorted(forest, key=lambda tree: tree[0])


def heaviest(forest):
    return lightest(forest)[::-1]


def sort_again(forest, tree):
    return lightest([*forest, tree])


def shannon_fano(counts):
    if len(counts) == 1:
        return dict.fromkeys(counts, 1)
    letters = sorted(counts, key=counts.get, reverse=True)
    above = np.cumsum([counts[letter] for letter in letters])
    cut = 1 + int(np.abs(above[-1] - 2 * above[:-1]).argmin())
    lengths = {}
    for half in (letters[:cut], letters[cut:]):
        below = shannon_fano({letter: counts[letter] for letter in half})
        lengths |= {letter: below[letter] + 1 if len(half) > 1 else 1 for letter in half}
    return lengths


def information(counts):
    total = sum(counts.values())
    return {letter: -math.log2(n / total) for letter, n in counts.items()}


def consuming(counts):
    """By merging entries of the dictionary that was given."""
    if len(counts) == 1:
        return dict.fromkeys(counts, 1.0)
    lengths = dict.fromkeys(counts, 0)
    while len(counts) > 1:
        a = min(counts, key=counts.get)
        n = counts.pop(a)
        b = min(counts, key=counts.get)
        counts[a + b] = n + counts.pop(b)
        for letter in a + b:
            lengths[letter] += 1
    return lengths


def not_whole(lengths, counts):
    return any(
        not isinstance(size, (int, float, np.number)) or size % 1 for size in lengths.values()
    )


def too_short(lengths, counts):
    return len(lengths) > 1 and sum(2.0 ** -int(size) for size in lengths.values()) > 1


def other_letters(lengths, counts):
    if set(lengths) != set(counts):
        return f"{sorted(counts)}, and yours are {sorted(map(str, lengths))}"


code_lengths = Task(
    "code_lengths",
    "code_lengths(counts) = {letter: length in bits} of any Huffman code",
    right_lengths,
    texts,
    mistakes(
        "return a dictionary that gives each letter its length, not a {}",
        Sign(lambda found, counts: not isinstance(found, dict) and type(found).__name__),
        lambda counts: list(right_lengths(counts).values()),
        "the letters are {}",
        Sign(other_letters),
        lambda counts: {size: letter for letter, size in right_lengths(counts).items()},
        "these are the words themselves. We ask for their lengths: len(word).",
        Sign(lambda lengths, counts: any(isinstance(size, str) for size in lengths.values())),
        lambda counts: huffman.huffman_code(counts),
        "a word has a whole number of bits. (-log2 p is what a letter is worth, not a length.)",
        Sign(not_whole),
        information,
        "a length is negative. Start every letter at 0, and add a bit at each tie.",
        Sign(lambda lengths, counts: min(lengths.values()) < 0),
        lambda counts: {letter: -size for letter, size in right_lengths(counts).items()},
        "Kraft's sum is above 1, so no prefix-free code has these lengths: some words are too "
        "short. Tie the two lightest trees until one is left; every letter under a tie gets one "
        "bit more.",
        Sign(too_short),
        lambda counts: {letter: max(1, round(h)) for letter, h in information(counts).items()},
        "all words have the same length. That is the plain way; tie the two lightest trees, and "
        "frequent letters get short words.",
        lambda counts: dict.fromkeys(counts, max(1, math.ceil(math.log2(len(counts))))),
        "these are Shannon's lengths, the information of each letter rounded up. A code with them "
        "exists, but a best one is shorter: tie trees.",
        lambda counts: {letter: max(1, math.ceil(h)) for letter, h in information(counts).items()},
        "you tied the two *heaviest* trees: then the frequent letters get the long words. Tie the "
        "two lightest.",
        tie(heaviest, lambda forest, tree: heaviest([*forest, tree])),
        "you split from the top into halves of about equal weight. That is Shannon's and Fano's "
        "code, good but not always best. Huffman goes from the bottom: tie the two lightest.",
        shannon_fano,
        "you sorted only once. A tied tree has a new weight: sort again before each step.",
        tie(lightest, lambda forest, tree: [*forest, tree]),
        "you always tied the next letter to the tree so far. Two other trees may be lighter: look "
        "at all of them, each time.",
        tie(lightest, lambda forest, tree: [tree, *forest]),
        "you tied trees in the order in which they stood, without a look at their weights. Tie "
        "the two lightest.",
        tie(list, lambda forest, tree: [*forest, tree]),
        "a tied tree must weigh as much as both its parts together: add the weights.",
        tie(lightest, sort_again, weight=max),
        tie(lightest, sort_again, weight=min),
        "you multiplied the weights of two trees. Together they occur as often as the one plus "
        "the other: add.",
        tie(lightest, sort_again, weight=lambda n, m: n * m),
        "right, except that a lone letter got 0 bits. A word must have a bit to be counted: give "
        "it 1.",
        tie(lightest, sort_again, lone=0),
    ),
    also_right=(tie(lightest, sort_again), consuming),
    counts=bill,
)


def bills(variant):
    if variant is None:
        counts = {"a": 2, "b": 3, "c": 10, "d": 2, "e": 2, "f": 1}
        return [
            (counts, {"a": 5, "b": 2, "c": 1, "d": 4, "e": 3, "f": 5}),
            ({"a": 3, "b": 1, "c": 1}, {"c": 2, "a": 1, "b": 2}),
            ({"x": 7, "y": 2, "z": 6}, {"y": 3, "z": 3, "x": 1}),
            ({"a": 5, "b": 1, "c": 1}, {"b": 1, "a": 2, "c": 2}),  # not a good code
        ]
    rng, cases = np.random.default_rng(variant), []
    for n in (3, 5, 8):
        counts = dict(zip("abcdefgh", rng.integers(1, 30, n).tolist()))
        lengths = right_lengths(counts)
        cases.append((counts, {letter: lengths[letter] for letter in sorted(lengths)[::-1]}))
    any_lengths = dict(zip("hgfedcba", rng.permutation(range(1, 9)).tolist()))
    return [*cases, (counts, any_lengths)]


def of_sorted(counts, lengths):
    pairs = zip(sorted(counts.values(), reverse=True), sorted(lengths.values()))
    return sum(n * size for n, size in pairs) / sum(counts.values())


def of_shares(counts, lengths, power=1):
    total = sum(counts.values())
    return sum((n / total) ** power * lengths[letter] for letter, n in counts.items())


def all_bits(counts, lengths):
    return sum(n * lengths[letter] for letter, n in counts.items())


mean_length = Task(
    "mean_length",
    "mean_length(counts, lengths) in bits per letter of the text",
    lambda counts, lengths: all_bits(counts, lengths) / sum(counts.values()),
    bills,
    mistakes(
        "you took the plain mean of the lengths, as if all letters were equally frequent. Weigh "
        "each length with its count.",
        lambda counts, lengths: sum(lengths.values()) / len(lengths),
        "you multiplied by the count twice. The share n / N already holds it. (That gives the "
        "8.55 of some notes.)",
        lambda counts, lengths: (
            sum(n * lengths[s] * n for s, n in counts.items()) / sum(counts.values())
        ),
        "you squared the shares: each length is weighed with its share once.",
        lambda counts, lengths: of_shares(counts, lengths, power=2),
        "this is the total for the whole text. Divide by the number of letters in it.",
        all_bits,
        "you divided by the number of *different* letters. Divide by the length of the text, the "
        "sum of the counts.",
        lambda counts, lengths: all_bits(counts, lengths) / len(counts),
        "you weighed each length with 2^-length. That is what the code bets on; the text has "
        "shares of its own, count / total.",
        lambda counts, lengths: sum(size * 2.0**-size for size in lengths.values()),
        "you sorted counts and lengths, so the frequent letters get the short words. The code may "
        "be a bad one: look each letter up.",
        of_sorted,
        "you paired counts and lengths by their order. The dictionaries may be ordered "
        "differently: look each letter up.",
        lambda counts, lengths: (
            sum(n * size for n, size in zip(counts.values(), lengths.values()))
            / sum(counts.values())
        ),
    ),
    also_right=(of_shares,),
)
