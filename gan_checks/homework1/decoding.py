"""A decoder that does not lose letters."""

import numpy as np

from gan_lib import huffman

from ..engine import RETURNED, Task, mistakes


def wires(variant):
    full, loose = {"a": "10", "b": "110", "c": "0", "d": "111"}, {"a": "00", "b": "01", "c": "100"}
    if variant is None:
        return [
            ("0100110111", full),
            ("01001101", full),  # the end is cut off
            ("0001100", loose),
            ("000111000100", loose),  # nothing begins with 11
            ("", full),
            ("01", {"a": "0", "b": "01", "c": "1"}),  # b, or ac?
            ("00", {"a": "0", "b": "01"}),  # Kraft's sum is below 1, and yet
            ("110", {"b": "01", "c": "11", "a": "0"}),  # the shorter word comes later
            ("0", {"a": "0", "b": "00", "c": "01"}),  # Kraft's sum is 1, and yet
            ("01", {"a": "0", "b": "0", "c": "1"}),  # two letters share a word
            ("01101", {"a": "0", "b": "011", "c": "1"}),  # bac, or accac?
            ("1", {"a": "0", "b": "01", "c": "1"}),  # the trouble does not show in these bits
        ]
    rng = np.random.default_rng(variant)
    code = huffman.huffman_code(dict(zip("abcdef", rng.integers(1, 40, 6).tolist())))
    rarest = max(code, key=lambda letter: len(code[letter]))
    bits = huffman.encode([*rng.choice(list("abcdef"), 12).tolist(), rarest], code)
    loose = {letter: word for letter, word in code.items() if letter != rarest}
    ambiguous = code | {"z": code[rarest] + "1"}
    return [
        (bits, code),
        (bits[:-1], code),
        (bits, loose),
        (bits, ambiguous),
        (huffman.encode([*loose], code), loose),
        (bits, code | {"z": code[rarest]}),
        (bits, code | {"z": code[rarest] + "101"}),
        ("", ambiguous),
    ]


def pairs(code):
    """The words of each two letters, both ways."""
    return [(code[x], code[y]) for x in code for y in code if x != y]


def kraft(code):
    return sum(2.0 ** -len(word) for word in code.values())


def not_prefix_free(code):
    return any(b.startswith(a) for a, b in pairs(code))


def later_begins(code):
    words = list(code.values())
    return any(b.startswith(a) for i, a in enumerate(words) for b in words[i + 1 :])


def read(refused=not_prefix_free, error=ValueError, at_end=None, impatient=False):
    """A decode that refuses some codes, with some error.

    ``at_end(message)`` is what it returns if bits are left over; None refuses them, too.
    """

    def decode(bits, code):
        if refused(code):
            raise error("the code is not prefix-free")
        letter_of = {word: letter for letter, word in code.items()}
        message, word = "", ""
        for bit in bits:
            word += bit
            if word in letter_of:
                message += letter_of[word]
                word = ""
            elif impatient:
                raise error(f"{word} is no word")
        if word and at_end is None:
            raise error(f"{word} is left over")
        return at_end(message) if word else message

    return decode


def nothing(code):
    return False


def as_it_is(message):
    return message


class Unreadable(ValueError):
    """An error of one's own."""


decode = Task(
    "decode",
    "decode(bits, code): the text, or ValueError where it cannot be known",
    read(),
    wires,
    mistakes(
        RETURNED,
        read(at_end=lambda message: ValueError(message)),
        "this reads just as careless_decode does: bits that are left over vanish, and the code is "
        "not checked. Raise ValueError in both cases.",
        read(nothing, at_end=as_it_is),
        "the code is still not checked: where one word begins another, as 0 and 01, what you read "
        "may not be what was sent. Raise ValueError if the code is not prefix-free.",
        read(nothing),
        "bits that are left over at the end still vanish. Look at `word` after the loop: if "
        "anything is in it, raise ValueError.",
        read(at_end=as_it_is),
        "you check Kraft's inequality. It says that *some* prefix-free code has these lengths, "
        "not that this one is prefix-free: 0 and 01 satisfy it. Compare the words.",
        read(lambda code: kraft(code) > 1),
        "you demand that Kraft's sum is 1. That is a *complete* code. A prefix-free one may leave "
        "strings unused, and a complete one need not be prefix-free: compare the words.",
        read(lambda code: kraft(code) != 1),
        "you demand that Kraft's sum is 1, too. A prefix-free code may leave strings unused: it "
        "can be read all the same.",
        read(lambda code: kraft(code) != 1 or not_prefix_free(code)),
        "two letters may have the same word, and then nobody knows which was meant. Compare the "
        "letters' words, not the different words: each of the two begins the other.",
        read(lambda code: any(a != b and b.startswith(a) for a, b in pairs(code))),
        "you strip one bit off and look whether a word is left. The longer word may have several "
        "bits more, as 0 and 011: startswith.",
        read(lambda code: any(word[:-1] in code.values() for word in code.values())),
        "you look at how words *end*. Bits come from the left, so what matters is how words "
        "begin: startswith.",
        read(lambda code: any(b.endswith(a) for a, b in pairs(code))),
        "every code is refused, for every word begins with itself. Compare each word with the "
        "*other* words.",
        read(lambda code: any(b.startswith(a) for a in code.values() for b in code.values())),
        "you compare each word only with those after it in the dictionary. The shorter word may "
        "come later: compare both ways.",
        read(later_begins),
        "you raise AssertionError. The docstring promises ValueError; besides, python -O switches "
        "assert off.",
        read(error=AssertionError),
        "a word is not wrong because it is not over yet: wait for more bits, and raise only at "
        "the end.",
        read(impatient=True),
    ),
    also_right=(read(error=Unreadable),),
)
