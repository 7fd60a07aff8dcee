"""Checks of homework 1: information and codes."""

import math

import numpy as np

from .. import huffman, information
from .verdicts import NotYet, compare, number, outcome

# ---- joint and conditional


TABLES = [
    (np.array([[30.0, 10.0], [5.0, 55.0]]),),
    (np.array([[3, 1], [2, 6], [4, 0]]),),  # whole numbers
    (np.array([[0.1, 0.2, 0.1], [0.3, 0.05, 0.25]]),),
]


def conditional(answer, variant=None):
    """conditional(joint) = P(y|x): joint (n_x, n_y), each row divided by its sum."""
    cases = TABLES
    if variant is not None:
        rng = np.random.default_rng(variant)
        cases = [(rng.integers(1, 60, shape).astype(float),) for shape in ((2, 2), (3, 5), (4, 2))]
    compare(
        "conditional",
        answer,
        lambda joint: joint / joint.sum(axis=1, keepdims=True),
        cases,
        {
            "wrong axis: this is P(x|y), where each *column* sums to 1. You saw x, so divide each row by "
            "its sum.": lambda joint: joint / joint.sum(axis=0),
            "you divided by the total: that is the joint P(x, y), one whole for the table. Here each row "
            "makes a whole of its own: divide by the sum of the row.": lambda joint: joint / joint.sum(),
            "you returned the joint table as it came. To condition on x, divide each row by its sum.": lambda joint: joint,
            "this is P(x), the marginal. It is what you divide by: joint / P(x), row by row.": lambda joint: (
                joint.sum(1) / joint.sum()
            ),
            "these are the sums of the rows. They are what you divide by, row by row.": lambda joint: joint.sum(axis=1),
            "you multiplied by P(x). That leads from the conditional to the joint; you go the other way, "
            "so divide.": lambda joint: joint * joint.sum(axis=1, keepdims=True) / joint.sum(),
            "right for floats, but this table holds whole numbers, and np.zeros_like of it can hold nothing else. Make the "
            "array with np.zeros(joint.shape), or divide all at once.": lambda joint: (
                joint / joint.sum(axis=1, keepdims=True)
            ).astype(joint.dtype),
            "numpy divided the columns by the sums of the rows (or could not). Keep the shape (n_x, 1): "
            "keepdims=True.": lambda joint: joint / joint.sum(axis=1),
        },
    )


# ---- naive Bayes


def _naive_bayes(x, prior, theta, with_prior=True, blanks=True, normalise=True, logs=True):
    if not logs:
        weights = np.prod(np.where(x == 1, theta, 1 - theta if blanks else 1.0), axis=1) * (prior if with_prior else 1)
    else:
        weights = (np.log(prior) if with_prior else 0) + np.log(theta) @ x + (np.log(1 - theta) @ (1 - x) if blanks else 0)
        if not normalise:
            return np.exp(weights)
        weights = np.exp(weights - weights.max())
    return weights / weights.sum() if normalise else weights


def _images(rng, shapes, many):
    """Small problems (k, d), then two of ``many`` pixels: in the first no y is hopeless, in the second one is."""
    cases = []
    for k, d in shapes:
        cases.append((rng.integers(0, 2, d), rng.dirichlet(np.full(k, 4.0)), rng.uniform(0.1, 0.9, (k, d))))
    x, prior = rng.integers(0, 2, many), np.array([0.5, 0.3, 0.2])
    cases.append((x, prior, 0.5 + 0.01 * rng.uniform(-1, 1, (3, many))))
    sure = np.where(x == 1, 0.9, 0.1)
    cases.append((x, prior, np.stack([sure, np.where(np.arange(many) < 3, 0.5, sure), 1 - sure])))
    return cases


def posterior(answer, variant=None):
    """posterior(x, prior, theta) = p(y|x) of naive Bayes: x (d,) of 0 and 1, prior (k,), theta (k, d)."""
    if variant is None:
        cases = [
            (np.array([1, 0]), np.array([0.8, 0.2]), np.array([[0.5, 0.4], [0.9, 0.3]])),
            (np.array([0, 0, 1]), np.array([0.2, 0.3, 0.5]), np.array([[0.1, 0.2, 0.6], [0.7, 0.5, 0.4], [0.3, 0.8, 0.9]])),
            *_images(np.random.default_rng(2500), [], 2500),
        ]
    else:
        cases = _images(np.random.default_rng(variant), [(2, 6), (4, 9)], 2500)

    def slip(**flags):
        return lambda x, prior, theta: _naive_bayes(x, prior, theta, **flags)

    def shared_logs(x, prior, theta):
        scores = _log_joint(x, prior, theta)
        return scores / scores.sum()

    def shifted(by):
        """Normalised after another number than the largest was subtracted."""

        def mistaken(x, prior, theta):
            scores = _log_joint(x, prior, theta)
            weights = np.exp(scores - by(scores))
            return weights / weights.sum()

        return mistaken

    no_prior = "you forgot the prior p(y): a frequent digit needs less evidence. Multiply by it (or add its logarithm)"
    no_blanks = "you forgot the blank pixels: no ink, x = 0, has probability 1 - theta. Multiply by that, too"
    underflow = "with 2500 pixels a product vanishes as well: add logarithms."
    compare(
        "posterior",
        answer,
        _naive_bayes,
        cases,
        {
            "right for small images, but a product of 2500 probabilities is smaller than any number that the computer "
            "holds: 0/0. Add logarithms, and subtract the largest before you take the exponential.": slip(logs=False),
            "subtract the *largest* of the logarithms (not the least, the mean or the first): then all others are below 0, and "
            "no exponential overflows.": shifted(np.min),
            no_prior + ".": slip(with_prior=False),
            no_prior + "; " + underflow: slip(with_prior=False, logs=False),
            no_blanks + ".": slip(blanks=False),
            no_blanks + "; " + underflow: slip(blanks=False, logs=False),
            "you did not normalise: this is the joint p(x, y). Divide by its sum over y, which is p(x).": slip(normalise=False),
            "this is p(x|y), without the prior and without the division by p(x).": slip(with_prior=False, normalise=False),
            "you normalised the logarithms. Take the exponential first, then divide by the sum.": shared_logs,
            "these are logarithms, log p(y|x). Take the exponential.": lambda x, prior, theta: (
                _log_joint(x, prior, theta) - _log_evidence(x, prior, theta)
            ),
            "this is log p(x, y). Take the exponential, and divide by the sum over y.": _log_joint,
            "you exchanged ink and blank: theta is the probability of *ink*, x = 1.": lambda x, prior, theta: _naive_bayes(
                1 - x, prior, theta
            ),
        },
    )


def _log_joint(x, prior, theta):
    return np.log(prior) + np.log(theta) @ x + np.log(1 - theta) @ (1 - x)


def _log_evidence(x, prior, theta):
    log_joint = _log_joint(x, prior, theta)
    return log_joint.max() + np.log(np.exp(log_joint - log_joint.max()).sum())


# ---- entropy and extra bits


COINS = [
    (np.array([0.5, 0.5]),),
    (np.array([0.9, 0.1]),),
    (np.array([1.0, 0.0]),),
    (np.array([0.1, 0.2, 0.3, 0.4]),),
    (np.array([0.998, 0.002]),),  # rare, but not never
]


def _spread(rng, n):
    """Probabilities (n,), of which none is tiny."""
    weights = rng.uniform(0.1, 1, n)
    return weights / weights.sum()


def entropy(answer, variant=None):
    """entropy(p) in bits."""
    cases = COINS
    if variant is not None:
        rng = np.random.default_rng(variant)
        cases = [(_spread(rng, 3),), (np.insert(_spread(rng, 4), 2, 0.0),), (_spread(rng, 7),)]
    compare(
        "entropy",
        answer,
        information.entropy,
        cases,
        {
            "you used the natural logarithm: that is nats. Divide by log 2, or use log2.": lambda p: information.entropy(
                p, math.e
            ),
            "the sign is wrong: log p is negative, and entropy is not.": lambda p: -information.entropy(p),
            "0 · log 0 gave nan. Its limit is 0: leave those terms out.": lambda p: -(p * np.log2(p)).sum(),
            "you used the natural logarithm: divide by log 2, or use log2. And leave out the terms with p = 0, "
            "which give nan.": lambda p: -(p * np.log(p)).sum(),
            "you used the logarithm of base 10. For bits use log2.": lambda p: information.entropy(p, 10),
            "you took the mean over the symbols; entropy is a sum, weighted by p.": lambda p: information.entropy(p) / len(p),
            "you took the mean over the symbols that occur; entropy is a sum, weighted by p.": lambda p: (
                information.entropy(p) / (p > 0).sum()
            ),
            "you forgot the weights: each -log p counts with its probability p.": lambda p: -np.log2(p).sum(),
            "you forgot the weights; each -log p counts with its probability p.": lambda p: -np.log2(p[p > 0]).sum(),
        },
    )


PAIRS = [
    (np.array([0.5, 0.5]), np.array([0.9, 0.1])),
    (np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])),
    (np.array([0.0, 1.0]), np.array([0.25, 0.75])),
    (np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.75, 0.0])),  # a letter that nobody uses
    (np.array([0.5, 0.5]), np.array([0.0, 1.0])),  # inf: a letter without a word
]


def _no_division(p, q):
    return sum(a * math.log2(a / b) for a, b in zip(p.tolist(), q.tolist()) if a > 0)


def extra_bits(answer, variant=None):
    """extra_bits(p, q) = KL(p||q) in bits: what the code for q costs too much on samples of p."""
    cases = PAIRS
    if variant is not None:
        rng = np.random.default_rng(variant)
        cases = [
            (_spread(rng, 4), _spread(rng, 4)),
            (np.insert(_spread(rng, 3), 1, 0.0), _spread(rng, 4)),
            (_spread(rng, 3), np.insert(_spread(rng, 2), 0, 0.0)),
            (np.insert(_spread(rng, 3), 1, 0.0), np.insert(_spread(rng, 3), 1, 0.0)),
        ]
    compare(
        "extra_bits",
        answer,
        information.kl_divergence,
        cases,
        {
            "you swapped p and q: this is what the code for p costs on samples of q.": lambda p, q: information.kl_divergence(
                q, p
            ),
            "this is the whole cost H(p, q); the *extra* bits are H(p, q) - H(p).": information.cross_entropy,
            "you used the natural logarithm: divide by log 2.": lambda p, q: information.kl_divergence(p, q, math.e),
            "you subtracted the other way round: H(p) - H(p, q) is negative.": lambda p, q: -information.kl_divergence(p, q),
            "you subtracted H(q). The samples come from p, so that the best code for them costs H(p).": lambda p, q: (
                information.cross_entropy(p, q) - information.entropy(q)
            ),
            "where p = 0 you got nan. Its limit is 0: leave those terms out.": lambda p, q: (p * np.log2(p / q)).sum(),
            "right, except where q = 0 < p: that letter has no word, and the cost is inf. Leave out only "
            "the terms with p = 0.": lambda p, q: (p * np.log2(p / q))[(p > 0) & (q > 0)].sum(),
            "you forgot the weights: each log2(p / q) counts with its probability p.": lambda p, q: np.log2(p / q)[p > 0].sum(),
            "too strict: a zero of q costs nothing where p is 0 as well. The cost is inf only where q is 0 and p is not.": (
                lambda p, q: math.inf if (q == 0).any() else information.kl_divergence(p, q)
            ),
            "right, except where p = q = 0: 0 · log 0 gave nan. Leave out the terms with p = 0.": lambda p, q: (
                (-p * np.log2(q)).sum() - information.entropy(p)
            ),
            "right, except where q = 0 < p: to divide by 0 is an error in plain Python. Say math.inf there.": _no_division,
        },
    )


# ---- codes


def _tied(counts, arrange, weigh=lambda n, m: n + m, lone=1):
    """Lengths by tying trees (weight, letters): ``arrange(forest, new)`` puts the next two to be tied in front."""
    lengths = dict.fromkeys(counts, 0 if len(counts) > 1 else lone)
    forest = arrange([(n, [letter]) for letter, n in counts.items()], None)
    while len(forest) > 1:
        (n, some), (m, others), *forest = forest
        for letter in some + others:
            lengths[letter] += 1
        forest = arrange(forest, (weigh(n, m), some + others))
    return lengths


def _weight(tree):
    return tree[0]


def _lightest(forest, new):
    return sorted(forest + [new] if new else forest, key=_weight)


def _heaviest(forest, new):
    return _lightest(forest, new)[::-1]


def _sorted_once(forest, new):
    return forest + [new] if new else _lightest(forest, None)


def _one_vine(forest, new):
    return [new] + forest if new else _lightest(forest, None)


def _unsorted(forest, new):
    return forest + [new] if new else forest


def _shannon(counts):
    total = sum(counts.values())
    return {letter: max(1, math.ceil(-math.log2(n / total))) for letter, n in counts.items()}


def _fano(counts):
    """Shannon-Fano: split the letters, in the order of their counts, where the halves differ least; then each half again."""
    letters = sorted(counts, key=counts.get, reverse=True)
    if len(letters) == 1:
        return {letters[0]: 1}
    weights = np.cumsum([counts[letter] for letter in letters])
    cut = 1 + int(np.abs(weights[-1] - 2 * weights[:-1]).argmin())
    lengths = {}
    for half in (letters[:cut], letters[cut:]):
        below = _fano({letter: counts[letter] for letter in half}) if len(half) > 1 else {half[0]: 0}
        lengths |= {letter: size + 1 for letter, size in below.items()}
    return lengths


def _is_best(lengths_of, counts):
    best = {letter: len(word) for letter, word in huffman.huffman_code(counts).items()}
    return _bill(lengths_of(counts), counts) == _bill(best, counts)


def _plain(counts):
    return dict.fromkeys(counts, max(1, math.ceil(math.log2(len(counts)))))


def _bill(lengths, counts):
    """What makes a code a Huffman code, whichever of equally light trees were tied: its total, and that it can exist."""
    total = sum(n * lengths[letter] for letter, n in counts.items())
    return f"{total:g} bits in all, Kraft's sum {sum(2.0**-size for size in lengths.values()):g}"


TEXTS = [
    ({"a": 2, "b": 3, "c": 10, "d": 2, "e": 2, "f": 1},),
    ({"a": 5, "b": 5, "c": 5, "d": 5},),
    ({"v": 1, "w": 1, "x": 2, "y": 3, "z": 5, "t": 8},),
    ({"a": 40, "b": 3, "c": 20, "d": 9, "e": 17, "f": 6, "g": 11},),
    ({"p": 14, "q": 8, "r": 17, "s": 3, "t": 11, "u": 14, "v": 17},),
    ({"a": 7},),
]


def code_lengths(answer, variant=None):
    """code_lengths(counts) = {letter: length in bits} of any Huffman code."""
    cases = TEXTS
    if variant is not None:
        rng = np.random.default_rng(variant)
        cases = [(dict(zip("abcdefghij", rng.integers(1, 40, n).tolist())),) for n in (2, 5, 7, 9, 10)]
        while _is_best(_fano, cases[-1][0]):
            cases.append((dict(zip("abcdefgh", rng.integers(1, 40, 8).tolist())),))
    for (counts,) in cases:
        found = outcome(answer, (counts,)) if callable(answer) else None
        if not isinstance(found, Exception) and callable(answer):
            _check_lengths(found, counts)
    heavy = "you tied the two *heaviest* trees: then the frequent letters get the long words. Tie the two lightest."
    compare(
        "code_lengths",
        (lambda counts: _bill(answer(dict(counts)), counts)) if callable(answer) else answer,
        lambda counts: _bill({letter: len(word) for letter, word in huffman.huffman_code(counts).items()}, counts),
        cases,
        {
            message: lambda counts, mistaken=mistaken: _bill(mistaken(counts), counts)
            for message, mistaken in {
                "all words have the same length. That is the plain way; tie the two lightest trees, and frequent letters "
                "get short words.": _plain,
                "these are Shannon's lengths, the information of each letter rounded up. A code with them exists, but a "
                "best one is shorter: tie trees.": _shannon,
                heavy: lambda counts: _tied(counts, _heaviest),
                "you split from the top into halves of about equal weight. That is Shannon's and Fano's code, good but not "
                "always best. Huffman goes from the bottom: tie the two lightest.": _fano,
                "you sorted only once. A tied tree has a new weight: sort again before each step.": lambda counts: _tied(
                    counts, _sorted_once
                ),
                "you always tied the next letter to the tree so far. Two other trees may be lighter: look "
                "at all of them, each time.": lambda counts: _tied(counts, _one_vine),
                "you tied trees in the order in which they stood, without a look at their weights. Tie "
                "the two lightest.": lambda counts: _tied(counts, _unsorted),
                "a tied tree must weigh as much as both its parts together: add the weights.": lambda counts: _tied(
                    counts, _lightest, max
                ),
                "a tied tree must weigh as much as both its parts together; add the weights.": lambda counts: _tied(
                    counts, _lightest, min
                ),
                "you multiplied the weights of two trees. Together they occur as often as the one plus "
                "the other: add.": lambda counts: _tied(counts, _lightest, lambda n, m: n * m),
                "right, except that a lone letter got 0 bits. A word must have a bit to be counted: give "
                "it 1.": lambda counts: _tied(counts, _lightest, lone=0),
            }.items()
        },
    )


def _check_lengths(lengths, counts):
    """Raise NotYet for what is not {letter: whole number}, or fits no prefix-free code."""
    if not isinstance(lengths, dict):
        raise NotYet(f"code_lengths: return a dictionary {{letter: length}}, not {type(lengths).__name__}")
    if set(lengths) != set(counts):
        raise NotYet(f"code_lengths: the letters are {sorted(counts)}, and yours are {sorted(map(str, lengths))}")
    if any(isinstance(size, str) for size in lengths.values()):
        raise NotYet("code_lengths: these are the words themselves. We ask for their lengths: len(word).")
    if any(not isinstance(size, (int, float, np.number)) or size % 1 for size in lengths.values()):
        raise NotYet("code_lengths: a word has a whole number of bits. (-log2 p is what a letter is worth, not a length.)")
    if min(lengths.values()) < 0:
        raise NotYet("code_lengths: a length is negative. Start every letter at 0, and add a bit at each tie.")
    if len(lengths) > 1 and sum(2.0 ** -int(size) for size in lengths.values()) > 1:
        raise NotYet(
            "code_lengths: Kraft's sum is above 1, so no prefix-free code has these lengths: some words are too short. Tie "
            "the two lightest trees until one is left; every letter under a tie gets one bit more."
        )


BILLS = [
    ({"a": 2, "b": 3, "c": 10, "d": 2, "e": 2, "f": 1}, {"a": 5, "b": 2, "c": 1, "d": 4, "e": 3, "f": 5}),
    ({"a": 3, "b": 1, "c": 1}, {"c": 2, "a": 1, "b": 2}),
    ({"x": 7, "y": 2, "z": 6}, {"y": 3, "z": 3, "x": 1}),
    ({"a": 5, "b": 1, "c": 1}, {"b": 1, "a": 2, "c": 2}),  # not a good code
]


def mean_length(answer, variant=None):
    """mean_length(counts, lengths) in bits per letter of the text."""
    cases = BILLS
    if variant is not None:
        rng = np.random.default_rng(variant)
        cases = []
        for n in (3, 5, 8):
            counts = dict(zip("abcdefgh", rng.integers(1, 30, n).tolist()))
            code = huffman.huffman_code(counts)
            cases.append((counts, {letter: len(code[letter]) for letter in sorted(code, reverse=True)}))
        cases.append((cases[-1][0], dict(zip("hgfedcba", rng.permutation(range(1, 9)).tolist()))))  # any lengths at all

    def slip(mean):  # of arrays: the counts and the lengths of the same letters
        return lambda counts, lengths: float(
            mean(np.array(list(counts.values())), np.array([lengths[letter] for letter in counts]))
        )

    def by_order(counts, lengths):
        return sum(n * size for n, size in zip(counts.values(), lengths.values())) / sum(counts.values())

    compare(
        "mean_length",
        answer,
        lambda counts, lengths: huffman.mean_length(counts, {letter: "0" * size for letter, size in lengths.items()}),
        cases,
        {
            "you took the plain mean of the lengths, as if all letters were equally frequent. Weigh each length with its "
            "count.": slip(lambda n, size: size.mean()),
            "you multiplied by the count twice. The share n / N already holds it. (That gives the 8.55 of some notes.)": slip(
                lambda n, size: (n * n * size).sum() / n.sum()
            ),
            "you squared the shares: each length is weighed with its share once.": slip(
                lambda n, size: (n * n * size).sum() / n.sum() ** 2
            ),
            "this is the total for the whole text. Divide by the number of letters in it.": slip(
                lambda n, size: (n * size).sum()
            ),
            "you divided by the number of *different* letters. Divide by the length of the text, the sum of the counts.": slip(
                lambda n, size: (n * size).mean()
            ),
            "you weighed each length with 2^-length. That is what the code bets on; the text has shares of its own, "
            "count / total.": slip(lambda n, size: (size * 2.0**-size).sum()),
            "you sorted counts and lengths, so that the frequent letters get the short words. The code may be a bad one: look "
            "each letter up.": lambda counts, lengths: float(
                np.dot(sorted(counts.values(), reverse=True), sorted(lengths.values())) / sum(counts.values())
            ),
            "you paired counts and lengths by their order. The dictionaries may be ordered differently: look each letter "
            "up.": by_order,
        },
    )


def _read(bits, code, check="prefix", leftover=ValueError):
    """The text of ``bits``. check and leftover say how careful the reader is; as they stand, it is the right one."""
    words = list(code.values())
    pairs = [(a, b) for i, a in enumerate(words) for j, b in enumerate(words) if i != j]
    kraft = sum(2.0 ** -len(word) for word in words)
    trouble = {
        "prefix": any(b.startswith(a) for a, b in pairs),
        "suffix": any(b.endswith(a) for a, b in pairs),
        "kraft": kraft > 1,
        "complete": kraft != 1,
        "complete prefix": kraft != 1 or any(b.startswith(a) for a, b in pairs),
        "itself": True,
        "words": any(a != b and b.startswith(a) for a, b in pairs),
        "last bit": any(word[:-1] in words for word in words),
        "read": any(a in bits and b.startswith(a) for a, b in pairs) and bits != "",
        "earlier": any(b.startswith(a) for i, a in enumerate(words) for b in words[i + 1 :]),
        "nothing": False,
    }
    if trouble[check]:
        raise (leftover or ValueError)("the code is not prefix-free")
    letter_of = {word: letter for letter, word in code.items()}
    message, word = "", ""
    for bit in bits:
        word += bit
        if word in letter_of:
            message, word = message + letter_of[word], ""
    if word and leftover:
        raise leftover("the bits end inside a word")
    return message


def _impatient(bits, code):
    """Raises as soon as what has come is no word yet."""
    _read("", code)
    if any(len(word) > 1 for word in code.values() if word in bits) or (bits and bits[0] not in code.values()):
        raise ValueError("no word")
    return _read(bits, code)


FULL, LOOSE = {"a": "10", "b": "110", "c": "0", "d": "111"}, {"a": "00", "b": "01", "c": "100"}
WIRES = [
    ("0100110111", FULL),
    ("01001101", FULL),  # the end is cut off
    ("0001100", LOOSE),
    ("000111000100", LOOSE),  # nothing begins with 11
    ("", FULL),
    ("01", {"a": "0", "b": "01", "c": "1"}),  # b, or ac?
    ("00", {"a": "0", "b": "01"}),  # Kraft's sum is below 1, and yet
    ("110", {"b": "01", "c": "11", "a": "0"}),  # the shorter word comes later
    ("0", {"a": "0", "b": "00", "c": "01"}),  # Kraft's sum is 1, and yet
    ("01", {"a": "0", "b": "0", "c": "1"}),  # two letters share a word
    ("01101", {"a": "0", "b": "011", "c": "1"}),  # bac, or accac?
    ("1", {"a": "0", "b": "01", "c": "1"}),  # the trouble does not show in these bits
]


def decode(answer, variant=None):
    """decode(bits, code): the text, or ValueError where it cannot be known."""
    cases = WIRES
    if variant is not None:
        rng = np.random.default_rng(variant)
        code = huffman.huffman_code(dict(zip("abcdef", rng.integers(1, 40, 6).tolist())))
        rarest = max(code, key=lambda letter: len(code[letter]))
        bits = huffman.encode([*rng.choice(list("abcdef"), 12).tolist(), rarest], code)
        loose = {letter: word for letter, word in code.items() if letter != rarest}
        ambiguous = code | {"z": code[rarest] + "1"}
        cases = [(bits, code), (bits[:-1], code), (bits, loose), (bits, ambiguous), (huffman.encode([*loose], code), loose)]
        cases += [(bits, code | {"z": code[rarest]}), (bits, code | {"z": code[rarest] + "101"}), ("", ambiguous)]

    def reader(**how):
        return lambda bits, code: _read(bits, code, **how)

    compare(
        "decode",
        answer,
        _read,
        cases,
        {
            "this reads just as careless_decode does: bits that are left over vanish, and the code is not checked. Raise "
            "ValueError in both cases.": reader(check="nothing", leftover=None),
            "the code is still not checked: where one word begins another, as 0 and 01, what you read may not be what "
            "was sent. Raise ValueError if the code is not prefix-free.": reader(check="nothing"),
            "bits that are left over at the end still vanish. Look at `word` after the loop: if anything is in it, raise "
            "ValueError.": reader(leftover=None),
            "you check Kraft's inequality. It says that *some* prefix-free code has these lengths, not that this one is "
            "prefix-free: 0 and 01 satisfy it. Compare the words.": reader(check="kraft"),
            "you demand that Kraft's sum is 1. That is a *complete* code. A prefix-free one may leave strings unused, "
            "and a complete one need not be prefix-free: compare the words.": reader(check="complete"),
            "you demand that Kraft's sum is 1, too. A prefix-free code may leave strings unused: it can be read all the "
            "same.": reader(check="complete prefix"),
            "two letters may have the same word, and then nobody knows which was meant. Compare the letters' words, not the "
            "different words: each of the two begins the other.": reader(check="words"),
            "you strip one bit off and look whether a word is left. The longer word may have several bits more, as 0 and 011: "
            "startswith.": reader(check="last bit"),
            "you look at how words *end*. Bits come from the left, so what matters is how words begin: startswith.": reader(
                check="suffix"
            ),
            "every code is refused, for every word begins with itself. Compare each word with the *other* words.": reader(
                check="itself"
            ),
            "you compare each word only with those after it in the dictionary. The shorter word may come later: compare "
            "both ways.": reader(check="earlier"),
            "you raise AssertionError. The docstring promises ValueError; besides, python -O switches assert off.": reader(
                leftover=AssertionError
            ),
            "a word is not wrong because it is not over yet: wait for more bits, and raise only at the end.": _impatient,
        },
    )


# ---- a curve to read


def _bent(variant):
    """The coin's probability of heads, and a bet that is far from it."""
    if variant == 0:
        return 0.8, 0.1
    rng = np.random.default_rng(variant)
    heads = rng.choice([0.15, 0.18, 0.22, 0.25, 0.28, 0.31, 0.69, 0.72, 0.75, 0.85])
    far = rng.choice([0.85, 0.9, 0.95])
    return float(heads), float(far if heads < 0.5 else round(1 - far, 2))


def bent_coin(variant):
    """Bets q on heads (97,), what a toss then costs in bits (97,), and one bet that is far off. The coin is not told."""
    heads, far = _bent(variant)
    bets = np.linspace(0.02, 0.98, 97)
    return bets, -heads * np.log2(bets) - (1 - heads) * np.log2(1 - bets), far


def curve(coin, extra, variant):
    """The two numbers that are to be read from the curve of ``bent_coin``."""
    heads, far = _bent(variant)
    p, q = np.array([heads, 1 - heads]), np.array([far, 1 - far])
    least, whole = information.entropy(p), information.cross_entropy(p, q)
    number(
        "coin",
        coin,
        heads,
        {
            "this is the *height* of the lowest point, the entropy in bits. The coin is where that point lies on the q "
            "axis.": least,
            "this is the probability of tails. The axis shows the bet on heads.": 1 - heads,
            "at 1/2 the cost is 1 bit for every coin, so that this point tells you nothing. Look for the cheapest bet.": 0.5,
            "this is the bet at the dotted line. Look for the cheapest bet.": far,
        },
        tolerance=0.031,
    )
    number(
        "extra",
        extra,
        whole - least,
        {
            "this is the whole cost H(p, q) at that line. Extra is what lies above the lowest point: subtract H(p).": whole,
            "you measured from 1 bit, the price of a fair coin; this one can be had for H(p), the lowest point.": whole - 1,
            "the sign is wrong: a wrong bet costs more, so extra = cost - least cost.": least - whole,
            "this is H(p), what the best bet costs. Extra is what the dotted line costs above it.": least,
        },
        tolerance=0.031,
    )
