def _posterior(log_joint, finish="w = np.exp(s - s.max())\n    return w / w.sum()"):
    return f"def posterior(x, prior, theta):\n    s = {log_joint}\n    {finish}"


INK, BLANK = "np.log(theta) @ x", "np.log(1 - theta) @ (1 - x)"
ALL = f"np.log(prior) + {INK} + {BLANK}"
PRODUCT = "np.prod(theta**x * (1 - theta) ** (1 - x), axis=1)"


def _lengths(before, inside, weight="n + m", back="forest.append(new)"):
    return f"""def code_lengths(counts):
    if len(counts) == 1:
        return dict.fromkeys(counts, 1)
    lengths = dict.fromkeys(counts, 0)
    forest = [(n, [letter]) for letter, n in counts.items()]
    {before}
    while len(forest) > 1:
        {inside}
        (n, some), (m, others), *forest = forest
        for letter in some + others:
            lengths[letter] += 1
        new = ({weight}, some + others)
        {back}
    return lengths"""


SORT = "forest.sort(key=lambda tree: tree[0])"


def _decode(check="", end="if word:\n        raise ValueError(word)", loop=""):
    return f"""def decode(bits, code):
    {check or "pass"}
    letter_of = {{word: letter for letter, word in code.items()}}
    message, word = "", ""
    for bit in bits:
        word += bit
        if word in letter_of:
            message += letter_of[word]
            word = ""
        {loop}
    {end or "pass"}
    return message"""


def _refuse(condition):
    return f"if {condition}:\n        raise ValueError('code')"


PREFIX = _refuse("any(x != y and code[y].startswith(code[x]) for x in code for y in code)")
KRAFT = "sum(2.0 ** -len(word) for word in code.values())"

MUTANTS = {
    "conditional": [
        (
            "zeros_like of whole numbers",
            "def conditional(joint):\n    p = np.zeros_like(joint)\n    for i, row in enumerate(joint):\n"
            "        p[i] = row / row.sum()\n    return p",
            "np.zeros_like",
        ),
        ("nothing back", "def conditional(joint):\n    print(joint / joint.sum(1, keepdims=True))", "nothing (None)"),
        ("wrong axis", "def conditional(joint):\n    return joint / joint.sum(axis=0)", "wrong axis"),
        ("by the total", "def conditional(joint):\n    return joint / joint.sum()", "divided by the total"),
        ("the joint itself", "def conditional(joint):\n    return joint", "as it came"),
        ("no keepdims", "def conditional(joint):\n    return joint / joint.sum(axis=1)", "keepdims"),
        ("the marginal", "def conditional(joint):\n    return joint.sum(axis=1) / joint.sum()", "the marginal"),
        ("sums of the rows", "def conditional(joint):\n    return joint.sum(axis=1)", "sums of the rows"),
        (
            "times p(x)",
            "def conditional(joint):\n    j = joint / joint.sum()\n    return joint * j.sum(1, keepdims=True)",
            "multiplied by P(x)",
        ),
    ],
    "posterior": [
        ("smallest subtracted", _posterior(ALL, "w = np.exp(s - s.min())\n    return w / w.sum()"), "subtract the *largest*"),
        ("mean subtracted", _posterior(ALL, "w = np.exp(s - s.mean())\n    return w / w.sum()"), "subtract the *largest*"),
        ("no prior", _posterior(f"{INK} + {BLANK}"), "forgot the prior"),
        ("no blank pixels", _posterior(f"np.log(prior) + {INK}"), "forgot the blank pixels"),
        ("not normalised", _posterior(ALL, "return np.exp(s)"), "did not normalise"),
        ("product, not logarithms", _posterior(f"prior * {PRODUCT}", "return s / s.sum()"), "Add logarithms"),
        ("logarithms, no maximum", _posterior(ALL, "return np.exp(s) / np.exp(s).sum()"), "subtract the largest"),
        ("product without prior", _posterior(PRODUCT, "return s / s.sum()"), "forgot the prior"),
        (
            "product without blanks",
            _posterior("prior * np.prod(theta**x, axis=1)", "return s / s.sum()"),
            "forgot the blank pixels",
        ),
        ("product, not normalised", _posterior(f"prior * {PRODUCT}", "return s"), "did not normalise"),
        ("likelihood only", _posterior(PRODUCT, "return s"), "this is p(x|y)"),
        ("normalised logarithms", _posterior(ALL, "return s / s.sum()"), "normalised the logarithms"),
        ("log posterior", _posterior(ALL, "return s - s.max() - np.log(np.exp(s - s.max()).sum())"), "log p(y|x)"),
        ("log joint", _posterior(ALL, "return s"), "this is log p(x, y)"),
        ("ink for blank", _posterior("np.log(prior) + np.log(theta) @ (1 - x) + np.log(1 - theta) @ x"), "exchanged ink"),
    ],
    "entropy": [
        (
            "natural logarithm",
            "def entropy(p):\n    p = p[p > 0]\n    return float(-(p * np.log(p)).sum())",
            "natural logarithm",
        ),
        ("sign", "def entropy(p):\n    p = p[p > 0]\n    return float((p * np.log2(p)).sum())", "sign"),
        ("nan at 0", "def entropy(p):\n    return float(-(p * np.log2(p)).sum())", "limit is 0"),
        ("nats and nan at 0", "def entropy(p):\n    return float(-(p * np.log(p)).sum())", "natural logarithm"),
        ("base 10", "def entropy(p):\n    p = p[p > 0]\n    return float(-(p * np.log10(p)).sum())", "base 10"),
        ("mean for sum", "def entropy(p):\n    p = p[p > 0]\n    return float(-(p * np.log2(p)).mean())", "took the mean"),
        ("no weights", "def entropy(p):\n    return float(-np.log2(p[p > 0]).sum())", "forgot the weights"),
    ],
    "code_lengths": [
        (
            "Shannon-Fano",
            """def code_lengths(counts):
    letters, lengths = sorted(counts, key=lambda c: -counts[c]), dict.fromkeys(counts, 0 if len(counts) > 1 else 1)

    def split(some):
        if len(some) > 1:
            total = sum(counts[c] for c in some)
            above = [sum(counts[c] for c in some[:i]) for i in range(1, len(some))]
            i = 1 + min(range(len(above)), key=lambda i: abs(total - 2 * above[i]))
            for c in some:
                lengths[c] += 1
            split(some[:i]), split(some[i:])

    split(letters)
    return lengths""",
            "split from the top",
        ),
        (
            "fixed length",
            "def code_lengths(counts):\n    return dict.fromkeys(counts, max(1, math.ceil(math.log2(len(counts)))))",
            "the same length",
        ),
        (
            "Shannon's lengths",
            "def code_lengths(counts):\n    total = sum(counts.values())\n"
            "    return {s: max(1, math.ceil(-math.log2(n / total))) for s, n in counts.items()}",
            "Shannon's lengths",
        ),
        (
            "information rounded",
            "def code_lengths(counts):\n    total = sum(counts.values())\n"
            "    return {s: max(1, round(-math.log2(n / total))) for s, n in counts.items()}",
            "Kraft's sum is above 1",
        ),
        (
            "information, not rounded",
            "def code_lengths(counts):\n    total = sum(counts.values())\n    return {s: -math.log2(n / total) "
            "for s, n in counts.items()}",
            "whole number of bits",
        ),
        ("merging the largest", _lengths("pass", SORT + "\n        forest.reverse()"), "heaviest"),
        ("sorted once", _lengths(SORT, "pass"), "sorted only once"),
        ("one vine", _lengths(SORT, "pass", back="forest.insert(0, new)"), "tree so far"),
        ("never sorted", _lengths("pass", "pass"), "in the order in which they stood"),
        ("heavier weight only", _lengths("pass", SORT, "max(n, m)"), "both its parts"),
        ("lighter weight only", _lengths("pass", SORT, "min(n, m)"), "both its parts"),
        ("weights multiplied", _lengths("pass", SORT, "n * m"), "multiplied the weights"),
        ("lone letter without bits", _lengths("pass", SORT).replace("counts, 1", "counts, 0"), "lone letter"),
        (
            "words, not lengths",
            "def code_lengths(counts):\n    from gan_lib import huffman\n    return huffman.huffman_code(counts)",
            "the words themselves",
        ),
    ],
    "mean_length": [
        (
            "both sorted",
            "def mean_length(counts, lengths):\n    pairs = zip(sorted(counts.values())[::-1], sorted(lengths.values()))\n"
            "    return sum(n * size for n, size in pairs) / sum(counts.values())",
            "you sorted counts and lengths",
        ),
        ("unweighted", "def mean_length(counts, lengths):\n    return sum(lengths.values()) / len(lengths)", "plain mean"),
        (
            "counts twice",
            "def mean_length(counts, lengths):\n    total = sum(counts.values())\n"
            "    return sum(n / total * lengths[s] * n for s, n in counts.items())",
            "count twice",
        ),
        ("total", "def mean_length(counts, lengths):\n    return sum(n * lengths[s] for s, n in counts.items())", "whole text"),
        (
            "shares squared",
            "def mean_length(counts, lengths):\n    total = sum(counts.values())\n"
            "    return sum((n / total) ** 2 * lengths[s] for s, n in counts.items())",
            "squared the shares",
        ),
        (
            "per different letter",
            "def mean_length(counts, lengths):\n    return sum(n * lengths[s] for s, n in counts.items()) / len(counts)",
            "different",
        ),
        (
            "weights of the code",
            "def mean_length(counts, lengths):\n    return sum(k * 2.0**-k for k in lengths.values())",
            "bets on",
        ),
        (
            "paired by order",
            "def mean_length(counts, lengths):\n"
            "    return sum(n * k for n, k in zip(counts.values(), lengths.values())) / sum(counts.values())",
            "by their order",
        ),
    ],
    "decode": [
        (
            "compares words, not letters",
            _decode(_refuse("any(a != b and b.startswith(a) for a in code.values() for b in code.values())")),
            "the same word",
        ),
        (
            "strips one bit",
            _decode(_refuse("any(w[:-1] in code.values() for w in code.values())")),
            "strip one bit off",
        ),
        ("returns the error", _decode(PREFIX, end="if word:\n        return ValueError(word)"), "write `raise`"),
        ("careless still", _decode(end=""), "careless_decode"),
        ("code not checked", _decode(), "still not checked"),
        ("left over vanishes", _decode(PREFIX, end=""), "still vanish"),
        ("Kraft's inequality", _decode(_refuse(KRAFT + " > 1")), "check Kraft's inequality"),
        ("complete", _decode(_refuse(KRAFT + " != 1")), "complete"),
        ("prefix-free and complete", _decode(PREFIX + f"\n    {_refuse(KRAFT + ' != 1')}"), "too. A prefix-free"),
        (
            "suffix",
            _decode(_refuse("any(x != y and code[y].endswith(code[x]) for x in code for y in code)")),
            "how words *end*",
        ),
        (
            "compared with itself",
            _decode(_refuse("any(b.startswith(a) for a in code.values() for b in code.values())")),
            "begins with itself",
        ),
        (
            "only later words",
            _decode(_refuse("any(b.startswith(a) for i, a in enumerate(code.values()) for b in list(code.values())[i + 1:])")),
            "both ways",
        ),
        (
            "assert",
            _decode(
                "assert not any(a != b and b.startswith(a) for a in code.values() for b in code.values())", "assert not word"
            ),
            "AssertionError",
        ),
        ("impatient", _decode(PREFIX, loop="else:\n            raise ValueError(word)"), "not over yet"),
    ],
    "extra_bits": [
        (
            "inf at every zero of q",
            "def extra_bits(p, q):\n    return np.inf if (q == 0).any() else (p[p > 0] * np.log2(p[p > 0] / q[p > 0])).sum()",
            "too strict",
        ),
        ("nan where both are 0", "def extra_bits(p, q):\n    return (-p * np.log2(q)).sum() - entropy(p)", "p = q = 0"),
        (
            "plain Python",
            "def extra_bits(p, q):\n    pairs = zip(p.tolist(), q.tolist())\n"
            "    return sum(a * math.log2(a / b) for a, b in pairs if a > 0)",
            "an error in plain Python",
        ),
        ("swapped", "def extra_bits(p, q):\n    return (q[q > 0] * np.log2(q[q > 0] / p[q > 0])).sum()", "swapped"),
        ("whole cost", "def extra_bits(p, q):\n    return -(p[p > 0] * np.log2(q[p > 0])).sum()", "whole cost"),
        (
            "natural logarithm",
            "def extra_bits(p, q):\n    return (p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum()",
            "natural logarithm",
        ),
        ("sign", "def extra_bits(p, q):\n    return (p[p > 0] * np.log2(q[p > 0] / p[p > 0])).sum()", "other way round"),
        (
            "minus H(q)",
            "def extra_bits(p, q):\n    return (q[q > 0] * np.log2(q[q > 0])).sum() - (p[p > 0] * np.log2(q[p > 0])).sum()",
            "subtracted H(q)",
        ),
        ("nan at 0", "def extra_bits(p, q):\n    return (p * np.log2(p / q)).sum()", "leave those terms out"),
        (
            "no word, no cost",
            "def extra_bits(p, q):\n    s = (p > 0) & (q > 0)\n    return (p[s] * np.log2(p[s] / q[s])).sum()",
            "has no word",
        ),
        ("no weights", "def extra_bits(p, q):\n    return np.log2(p[p > 0] / q[p > 0]).sum()", "forgot the weights"),
    ],
    "curve": [
        ("height for place", "coin, extra = cost.min(), 1.0", "height"),
        ("tails", "coin, extra = 1 - bets[np.argmin(cost)], 1.0", "tails"),
        ("one half", "coin, extra = 0.5, 1.0", "every coin"),
        ("the dotted line", "coin, extra = far, 1.0", "dotted line"),
        ("whole cost", "coin, extra = bets[np.argmin(cost)], np.interp(far, bets, cost)", "whole cost"),
        ("from one bit", "coin, extra = bets[np.argmin(cost)], np.interp(far, bets, cost) - 1", "measured from 1 bit"),
        ("sign", "coin, extra = bets[np.argmin(cost)], cost.min() - np.interp(far, bets, cost)", "sign is wrong"),
        ("best for extra", "coin, extra = bets[np.argmin(cost)], cost.min()", "what the best bet costs"),
    ],
}

ALSO_RIGHT = {
    "conditional": [
        ("lists", "def conditional(joint):\n    return [[float(n) / sum(row) for n in row] for row in joint.tolist()]"),
        ("transposed twice", "def conditional(joint):\n    return (joint.T / joint.sum(1)).T"),
    ],
    "posterior": [
        ("logsumexp", "from scipy.special import logsumexp\n\n\n" + _posterior(ALL, "return np.exp(s - logsumexp(s))")),
        ("softmax", "from scipy.special import softmax\n\n\n" + _posterior(ALL, "return softmax(s)")),
    ],
    "entropy": [
        ("a loop", "def entropy(p):\n    return -sum(float(q) * math.log2(q) for q in p if q > 0)"),
        ("nansum, with warnings", "def entropy(p):\n    return -np.nansum(p * np.log2(p))"),
    ],
    "code_lengths": [
        (
            "consumes its own dictionary",
            """def code_lengths(counts):
    if len(counts) == 1:
        return {letter: 1.0 for letter in counts}
    lengths = {letter: 0 for letter in counts}
    while len(counts) > 1:
        a = min(counts, key=counts.get)
        n = counts.pop(a)
        b = min(counts, key=counts.get)
        counts[a + b] = n + counts.pop(b)
        for letter in a + b:
            lengths[letter] += 1
    return lengths""",
        ),
    ],
    "decode": [
        (
            "an error of one's own",
            "class Unreadable(ValueError):\n    pass\n\n\n"
            + _decode(PREFIX.replace("ValueError", "Unreadable"), end="if word:\n        raise Unreadable(word)"),
        ),
    ],
}
