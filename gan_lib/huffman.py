"""Huffman codes: the tree, the table of code words, encoding and decoding. Bits are strings of "0" and "1", to be looked at.

Source: Huffman (1952), A Method for the Construction of Minimum-Redundancy Codes.
"""

import heapq
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from numbers import Real


@dataclass(frozen=True, order=True)
class Tree:
    """A leaf, which has a symbol, or a node with two branches: bit "0" leads to the first, "1" to the second."""

    weight: float
    age: int  # of two equally light trees the older one is taken first, which keeps the longest word short
    symbol: Hashable = field(default=None, compare=False)
    branches: tuple = field(default=(), compare=False)


def huffman_tree(frequencies):
    """The :class:`Tree` that repeatedly joining the two lightest trees leaves over. frequencies: {symbol: count or weight}.

    Raises: ValueError for no symbols, or a frequency that is not a positive number.
    """
    *_, forest = _joinings(frequencies)
    return forest[0]


def forests(frequencies):
    """The steps of Huffman's algorithm: forests, from single leaves to one tree, each a tuple of trees from light to heavy.

    Raises: ValueError as ``huffman_tree`` does.
    """
    return [tuple(sorted(forest)) for forest in _joinings(frequencies)]


def huffman_code(frequencies):
    """{symbol: code word}, prefix-free, with the least mean length that any such code of bits can have.

    The symbols come in the order of ``frequencies``. A lone symbol gets the word "0": a word must have a bit to be counted.
    Raises: ValueError as ``huffman_tree`` does.
    """
    words, waiting = {}, [(huffman_tree(frequencies), "")]
    while waiting:  # not a recursion: a tree can be as deep as there are symbols
        tree, word = waiting.pop()
        if tree.branches:
            waiting += [(branch, word + bit) for branch, bit in zip(tree.branches, "01")]
        else:
            words[tree.symbol] = word or "0"
    return {symbol: words[symbol] for symbol in frequencies}


def encode(message, code):
    """The bits of a message, one code word after the other. message: a string, or a sequence of symbols; code: {symbol: word}.

    Raises: ValueError for an empty message, a symbol without a word (saying which), or a code that is not prefix-free.
    """
    _check_code(code)
    message = list(message)
    if not message:
        raise ValueError("message is empty: there is nothing to encode")
    for position, symbol in enumerate(message):
        if symbol not in code:
            raise ValueError(f"symbol {symbol!r} at position {position} of message has no word in code")
    return "".join(code[symbol] for symbol in message)


def decode(bits, code):
    """The list of symbols that ``encode`` made ``bits`` of. Reading bit by bit, a word is known when its last bit has come.

    Raises: ValueError for no bits, other characters, bits that end inside a word or fit none, or a code not prefix-free.
    """
    _check_code(code)
    if not isinstance(bits, str) or not bits or set(bits) - {"0", "1"}:
        raise ValueError("bits must be a string of 0 and 1, at least one")
    symbols = {word: symbol for symbol, word in code.items()}
    longest = max(map(len, symbols))
    message, word = [], ""
    for position, bit in enumerate(bits):
        word += bit
        if word in symbols:
            message.append(symbols[word])
            word = ""
        elif len(word) >= longest:
            raise ValueError(f"bits {word!r}, up to position {position}, are no word of code")
    if any(whole.startswith(word) for whole in symbols if word):
        raise ValueError(f"bits end inside a code word: {word!r} is left over")
    if word:
        raise ValueError(f"bits end with {word!r}, which begins no word of code")
    return message


def mean_length(frequencies, code):
    """The mean length of a code, in bits per symbol: sum_s f_s len(word_s) / sum_s f_s.

    Raises: ValueError for bad frequencies, a symbol without a word, or a word that is not of bits.
    """
    frequencies = _checked(frequencies)
    _check_words(code)
    if missing := [symbol for symbol in frequencies if symbol not in code]:
        raise ValueError(f"code has no word for {missing[0]!r}")
    return sum(f * len(code[symbol]) for symbol, f in frequencies.items()) / sum(frequencies.values())


def _joinings(frequencies):
    """The forest before and after each joining: a heap, always the same list, which changes as the iteration goes on."""
    forest = [Tree(weight, age, symbol) for age, (symbol, weight) in enumerate(_checked(frequencies).items())]
    heapq.heapify(forest)
    yield forest
    for age in range(len(forest), 2 * len(forest) - 1):
        lightest, next_lightest = heapq.heappop(forest), heapq.heappop(forest)
        weight = lightest.weight + next_lightest.weight
        heapq.heappush(forest, Tree(weight, age, branches=(lightest, next_lightest)))
        yield forest


def _checked(frequencies):
    """The frequencies as numbers of Python's own, since numpy's small integers overflow when they are added."""
    if not isinstance(frequencies, Mapping) or not frequencies:
        raise ValueError("frequencies must be a dictionary {symbol: count}, and not be empty")
    for symbol, weight in frequencies.items():
        if not isinstance(weight, Real) or not 0 < weight < math.inf:
            raise ValueError(f"the frequency of {symbol!r} must be a positive number, not {weight!r}")
    return {symbol: weight.item() if hasattr(weight, "item") else weight for symbol, weight in frequencies.items()}


def _check_words(code):
    if not isinstance(code, Mapping) or not code:
        raise ValueError("code must be a dictionary {symbol: word}, and not be empty")
    for symbol, word in code.items():
        if not isinstance(word, str) or not word or set(word) - {"0", "1"}:
            raise ValueError(f"the word of {symbol!r} must be a string of 0 and 1, at least one, not {word!r}")


def _check_code(code):
    _check_words(code)
    words = sorted(code.values())
    for word, following in zip(words, words[1:]):  # in this order a prefix stands right before a word that it begins
        if following.startswith(word):
            raise ValueError(f"code is not prefix-free: {word!r} begins {following!r}")
