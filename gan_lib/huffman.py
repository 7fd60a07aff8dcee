"""Huffman codes: the tree, the table of code words, encoding and decoding.

Bits are strings of "0" and "1", to be looked at. Frequencies are a dictionary {symbol: weight},
weights positive numbers; a code is a dictionary {symbol: word}, prefix-free, words of bits. An
argument that is none of these, is empty, or does not fit the others is a ValueError that names it.
(Huffman, 1952, A Method for the Construction of Minimum-Redundancy Codes.)
"""

import heapq
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Real

Frequencies = Mapping[Hashable, Real]
Code = Mapping[Hashable, str]


@dataclass(frozen=True)
class Tree:
    """A leaf, which has a symbol, or a node with two branches, of bit "0" and of bit "1".

    Trees are equal if they look the same; the lesser of two is the one that the algorithm takes
    first: the lighter, and of two equally light ones the older, which keeps the longest word short.
    """

    weight: Real
    age: int = field(compare=False)
    symbol: Hashable = None
    branches: tuple["Tree", ...] = field(default=(), hash=False)

    def __lt__(self, other: "Tree") -> bool:
        return (self.weight, self.age) < (other.weight, other.age)


def huffman_tree(frequencies: Frequencies) -> Tree:
    """The tree that is left when the two lightest trees have been joined again and again."""
    *_, forest = _joinings(frequencies)
    return forest[0]


def forests(frequencies: Frequencies) -> list[tuple[Tree, ...]]:
    """The steps of the algorithm, from single leaves to one tree; a forest from light to heavy."""
    return [tuple(sorted(forest)) for forest in _joinings(frequencies)]


def huffman_code(frequencies: Frequencies) -> dict[Hashable, str]:
    """{symbol: word}, prefix-free, of the smallest mean length that any such code of bits can have.

    The symbols come in the order of ``frequencies``. A lone symbol gets the word "0": a word must
    have a bit to be counted.
    """
    words = {}
    waiting = [(huffman_tree(frequencies), "")]
    while waiting:  # not a recursion: a tree can be as deep as there are symbols
        tree, word = waiting.pop()
        if tree.branches:
            waiting += [(branch, word + bit) for branch, bit in zip(tree.branches, "01")]
        else:
            words[tree.symbol] = word or "0"
    return {symbol: words[symbol] for symbol in frequencies}


def encode(message: Iterable[Hashable], code: Code) -> str:
    """The bits of a message, a string or other symbols: one code word after the other."""
    _check_code(code)
    if not isinstance(message, Iterable):
        raise ValueError(f"message must be a string or other symbols, not {message!r}")
    message = list(message)
    if not message:
        raise ValueError("message is empty: there is nothing to encode")
    for position, symbol in enumerate(message):
        if symbol not in code:
            where = f"at position {position} of message"
            raise ValueError(f"symbol {symbol!r} {where} has no word in code")
    return "".join(code[symbol] for symbol in message)


def decode(bits: str, code: Code) -> list[Hashable]:
    """The symbols that ``bits`` were made of: a word is known as soon as its last bit has come."""
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
    if word and any(other.startswith(word) for other in symbols):
        raise ValueError(f"bits end inside a code word: {word!r} is left over")
    if word:
        raise ValueError(f"bits end with {word!r}, which begins no word of code")
    return message


def mean_length(frequencies: Frequencies, code: Code) -> float:
    """sum_s f_s len(word_s) / sum_s f_s: the mean length of a code, in bits per symbol.

    Here the code need not be prefix-free.
    """
    frequencies = _checked(frequencies)
    _check_words(code)
    if missing := [symbol for symbol in frequencies if symbol not in code]:
        raise ValueError(f"code has no word for {missing[0]!r}")
    bits = sum(weight * len(code[symbol]) for symbol, weight in frequencies.items())
    return bits / sum(frequencies.values())


def _joinings(frequencies) -> Iterator[list[Tree]]:
    """The forest before and after each joining: always the same heap, which goes on changing."""
    weights = _checked(frequencies).items()
    forest = [Tree(weight, age, symbol) for age, (symbol, weight) in enumerate(weights)]
    heapq.heapify(forest)
    yield forest
    for age in range(len(forest), 2 * len(forest) - 1):
        branches = heapq.heappop(forest), heapq.heappop(forest)
        weight = branches[0].weight + branches[1].weight
        heapq.heappush(forest, Tree(weight, age, branches=branches))
        yield forest


def _checked(frequencies):
    """The weights as numbers of Python's own: numpy's small integers overflow when added."""
    if not isinstance(frequencies, Mapping) or not frequencies:
        raise ValueError("frequencies must be a dictionary {symbol: count}, and not be empty")
    weights = {}
    for symbol, weight in frequencies.items():
        if not isinstance(weight, Real) or not 0 < weight < math.inf:
            wrong = f"must be a positive number, not {weight!r}"
            raise ValueError(f"the frequency of {symbol!r} {wrong}")
        weights[symbol] = weight.item() if hasattr(weight, "item") else weight
    return weights


def _check_words(code):
    if not isinstance(code, Mapping) or not code:
        raise ValueError("code must be a dictionary {symbol: word}, and not be empty")
    for symbol, word in code.items():
        if not isinstance(word, str) or not word or set(word) - {"0", "1"}:
            wrong = f"must be a string of 0 and 1, at least one, not {word!r}"
            raise ValueError(f"the word of {symbol!r} {wrong}")


def _check_code(code):
    _check_words(code)
    words = sorted(code.values())  # so that a prefix stands right before a word that it begins
    for word, following in zip(words, words[1:]):
        if following.startswith(word):
            raise ValueError(f"code is not prefix-free: {word!r} begins {following!r}")
