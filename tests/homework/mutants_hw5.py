HILLS = """def parzen_log_density(samples, points, sigma):
    n, dim = samples.shape
    d2 = cdist(points, samples) ** 2
    log_z = dim * np.log(sigma * np.sqrt(2 * np.pi))
    return logsumexp(-d2 / (2 * sigma**2), axis=1) - np.log(n) - log_z
"""
SCORE = """def parzen_score(samples, validation, test, sigmas):
    sigma = max(sigmas, key=lambda sigma: log_density(samples, validation, sigma).mean())
    log_p = log_density(samples, test, sigma)
    return log_p.mean(), log_p.std() / np.sqrt(len(log_p)), sigma
"""
FRECHET = """def gaussian_frechet_distance(mean1, c1, mean2, c2):
    shift = ((mean1 - mean2) ** 2).sum()
    root = np.trace(linalg.sqrtm(c1 @ c2))
    return shift + np.trace(c1) + np.trace(c2) - 2 * root
"""
INCEPTION = """def inception_score(p):
    kl = rel_entr(p, p.mean(0)).sum(1)
    return np.exp(kl.mean())
"""
BALLS = """def precision_and_recall(real, fake, k):
    def share_inside(centres, points):
        radii = np.sort(cdist(centres, centres), axis=1)[:, k]
        return (cdist(centres, points) <= radii[:, None]).any(0).mean()
    return share_inside(real, fake), share_inside(fake, real)
"""
NAMED = """named = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ...}
for letter in named:
    row = suspects[letter]
    if row["copying"] > 0.9:
        named[letter] = "one a class" if row["recall"] < 0.2 else "memoriser"
    elif row["coverage"] < 0.7:
        named[letter] = "only 0 to 4"
    else:
        named[letter] = "blurred" if row["recall"] < 0.75 else "honest"
"""


def changed(code, *changes):
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


def exchanged(one, other):
    return changed(NAMED, (f'"{one}"', '"?"'), (f'"{other}"', f'"{one}"'), ('"?"', f'"{other}"'))


SAMPLES = "def parzen_score(samples, validation, test, sigmas):\n"
RADII = """def precision_and_recall(real, fake, k):
    def share_inside(centres, points):
        radii = np.array([np.sort(row[row > 0])[k - 1] for row in cdist(centres, centres)])
        return (cdist(centres, points) <= radii[:, None]).any(0).mean()

    return share_inside(real, fake), share_inside(fake, real)"""


def _chosen(sigma, back="log_p.mean(), log_p.std() / np.sqrt(len(log_p)), sigma"):
    """parzen_score with another way to choose sigma, or another answer."""
    return f"""{SAMPLES}    sigma = {sigma}
    log_p = log_density(samples, test, sigma)
    return {back}"""


BEST = "max(sigmas, key=lambda s: log_density(samples, validation, s).mean())"

MUTANTS = {
    "parzen_log_density": [
        (
            "math.log, underflows",
            "import math\n\n\ndef parzen_log_density(samples, points, sigma):\n    n, dim = samples.shape\n"
            "    z = dim * math.log(sigma * math.sqrt(2 * math.pi))\n"
            "    return np.array([math.log(np.exp(-((x - samples) ** 2).sum(1) / (2 * sigma**2)).mean()) - z for x in points])",
            "math.log knows no logarithm",
        ),
        (
            "more digits",
            "def parzen_log_density(samples, points, sigma):\n    n, dim = samples.shape\n"
            "    hills = np.exp(-(cdist(points, samples) ** 2).astype(np.longdouble) / (2 * sigma**2)).mean(1)\n"
            "    return (np.log(hills) - dim * np.log(sigma * np.sqrt(2 * np.pi))).astype(float)",
            "it underflows",
        ),
        (
            "exp before the sum",
            changed(
                HILLS, ("logsumexp(-d2 / (2 * sigma**2), axis=1) - np.log(n)", "np.log(np.exp(-d2 / (2 * sigma**2)).mean(1))")
            ),
            "underflows",
        ),
        (
            "all in densities",
            changed(
                HILLS,
                (
                    "logsumexp(-d2 / (2 * sigma**2), axis=1) - np.log(n) - log_z",
                    "np.log((np.exp(-d2 / (2 * sigma**2)) / np.exp(log_z)).mean(1))",
                ),
            ),
            "underflows",
        ),
        ("no normaliser", changed(HILLS, (" - log_z", "")), "forgot the normaliser"),
        ("normaliser of one dimension", changed(HILLS, ("dim * np.log", "np.log")), "one dimension"),
        ("normaliser without 2 pi", changed(HILLS, (" * np.sqrt(2 * np.pi)", "")), "2π is missing"),
        (
            "normaliser without its root",
            changed(HILLS, ("sigma * np.sqrt(2 * np.pi)", "sigma**2 * 2 * np.pi")),
            "without the root",
        ),
        ("normaliser added", changed(HILLS, ("- log_z", "+ log_z")), "added the normaliser"),
        ("sum for mean", changed(HILLS, (" - np.log(n)", "")), "summed the hills"),
        ("divided by n outside the log", changed(HILLS, (" - np.log(n)", " / n")), "stands inside the log"),
        ("log of the number of points", changed(HILLS, ("np.log(n)", "np.log(len(points))")), "number of points"),
        ("sigma for sigma squared", changed(HILLS, ("sigma**2", "sigma")), "divided by 2σ"),
        ("no 2", changed(HILLS, ("(2 * sigma**2)", "sigma**2")), "2 of 2σ²"),
        ("distances not squared", changed(HILLS, ("samples) ** 2", "samples)")), "took the distances"),
        (
            "mean of the logs",
            changed(HILLS, ("logsumexp(-d2 / (2 * sigma**2), axis=1) - np.log(n)", "(-d2 / (2 * sigma**2)).mean(1)")),
            "log of their average",
        ),
        ("swapped", HILLS.replace("(samples, points, sigma)", "(points, samples, sigma)"), "swapped samples and points"),
        ("sum over the points", changed(HILLS, ("axis=1", "axis=0")), "summed over the points"),
        (
            "mean over the points",
            changed(
                HILLS,
                ("- log_z", "- log_z.mean()"),
                ("return logsumexp", "return np.mean(logsumexp"),
                ("- log_z.mean()", "- log_z)"),
            ),
            "one number for each point",
        ),
        (
            "density",
            changed(HILLS, ("return logsumexp", "return np.exp(logsumexp"), ("- log_z", "- log_z)")),
            "this is the density",
        ),
        ("bits", changed(HILLS, ("return logsumexp", "return (logsumexp"), ("- log_z", "- log_z) / np.log(2)")), "bits"),
    ],
    "parzen_score": [
        (
            "nearest to 0",
            _chosen("min(sigmas, key=lambda s: abs(log_density(samples, validation, s).mean()))"),
            "not the one nearest to 0",
        ),
        (
            "mean of absolute values",
            _chosen("min(sigmas, key=lambda s: np.abs(log_density(samples, validation, s)).mean())"),
            "not always negative",
        ),
        (
            "product of likelihoods",
            _chosen("max(sigmas, key=lambda s: np.exp(log_density(samples, validation, s)).prod())"),
            "product of likelihoods",
        ),
        ("the widest", _chosen("max(sigmas)"), "the widest σ, untried"),
        ("the narrowest", _chosen("min(sigmas)"), "the narrowest, untried"),
        ("sigma first", _chosen(BEST, "sigma, log_p.mean(), log_p.std() / np.sqrt(len(log_p))"), "another order"),
        (
            "no mean",
            _chosen(BEST, "log_p, log_p.std() / np.sqrt(len(log_p)), sigma"),
            "the mean that you give back is an array",
        ),
        ("nothing back", _chosen(BEST, "None"), "nothing (None)"),
        (
            "sigma on the test set",
            changed(SCORE, ("(samples, validation, sigma)", "(samples, test, sigma)")),
            "on the test set",
        ),
        (
            "sigma on the samples",
            changed(SCORE, ("(samples, validation, sigma)", "(samples, samples, sigma)")),
            "samples themselves",
        ),
        ("smallest mean", changed(SCORE, ("max(", "min(")), "smallest mean"),
        (
            "hills on validation",
            changed(SCORE, ("(samples, validation, sigma)", "(validation, samples, sigma)")),
            "they stand on the samples",
        ),
        ("place in the list", changed(SCORE, ("len(log_p)), sigma", "len(log_p)), sigmas.index(sigma)")), "place of σ"),
        (
            "first sigma",
            "def parzen_score(samples, validation, test, sigmas):\n    log_p = log_density(samples, test, sigmas[0])\n"
            "    return log_p.mean(), log_p.std() / np.sqrt(len(log_p)), sigmas[0]",
            "untried",
        ),
        ("scores validation", changed(SCORE, ("(samples, test, sigma)", "(samples, validation, sigma)")), "have chosen σ"),
        (
            "scores the samples",
            changed(SCORE, ("(samples, test, sigma)", "(samples, samples, sigma)")),
            "under their own hills",
        ),
        ("sum over the test points", changed(SCORE, ("return log_p.mean()", "return log_p.sum()")), "take the mean."),
        (
            "log of the mean density",
            changed(SCORE, ("return log_p.mean()", "return np.log(np.exp(log_p).mean())")),
            "mean of the logs",
        ),
        ("standard deviation", changed(SCORE, (" / np.sqrt(len(log_p))", "")), "smaller by √m"),
        ("divided by m", changed(SCORE, ("np.sqrt(len(log_p))", "len(log_p)")), "divided by m"),
        ("root of n for root of m", changed(SCORE, ("len(log_p)", "len(samples)")), "number of samples"),
        ("ddof=1", changed(SCORE, ("std()", "std(ddof=1)")), "ddof=1"),
        ("variance", changed(SCORE, ("std()", "var()")), "took the variance"),
        ("variance of the mean", changed(SCORE, ("std() / np.sqrt(len(log_p))", "var() / len(log_p)")), "variance of the mean"),
        (
            "one number only",
            changed(SCORE, ("return log_p.mean(), log_p.std() / np.sqrt(len(log_p)), sigma", "return log_p.mean()")),
            "give back three numbers",
        ),
    ],
    "gap": [
        ("sign", "gap = (d2_blurs - d2_real) / (2 * sigma**2)", "the sign"),
        ("no 2", "gap = (d2_real - d2_blurs) / sigma**2", "forgot the 2"),
        ("sigma not squared", "gap = (d2_real - d2_blurs) / (2 * sigma)", "divided by 2σ"),
        ("distances", "gap = (d2_real**0.5 - d2_blurs**0.5) / (2 * sigma**2)", "the exponent has their squares"),
        ("squared again", "gap = (d2_real**2 - d2_blurs**2) / (2 * sigma**2)", "squared once more"),
        ("no nats", "gap = d2_real - d2_blurs", "turns it into nats"),
        ("times dim", "gap = 784 * (d2_real - d2_blurs) / (2 * sigma**2)", "number of dimensions"),
        ("plus log n", "gap = (d2_real - d2_blurs) / (2 * sigma**2) + np.log(300)", "drops out"),
    ],
    "gaussian_frechet_distance": [
        ("handed back as it was", "gaussian_frechet_distance = hasty_frechet_distance", "both bugs"),
        ("elementwise root", changed(FRECHET, ("linalg.sqrtm(c1 @ c2)", "np.sqrt(c1 @ c2)")), "root of each entry"),
        (
            "means not squared",
            changed(FRECHET, ("((mean1 - mean2) ** 2).sum()", "linalg.norm(mean1 - mean2)")),
            "is not squared",
        ),
        ("no means", changed(FRECHET, ("return shift +", "return")), "forgot the means"),
        ("mean over the features", changed(FRECHET, (".sum()", ".mean()")), "over the features"),
        (
            "sum before the square",
            changed(FRECHET, ("((mean1 - mean2) ** 2).sum()", "(mean1 - mean2).sum() ** 2")),
            "before the square",
        ),
        (
            "root of the whole",
            changed(FRECHET, ("return shift", "return np.sqrt(shift"), ("2 * root", "2 * root)")),
            "last root",
        ),
        (
            "covariance as deviation",
            "def gaussian_frechet_distance(m1, c1, m2, c2):\n"
            "    return ((m1 - m2) ** 2).sum() + np.trace((c1 - c2) @ (c1 - c2))",
            "standard deviations",
        ),
        (
            "diagonals only",
            "def gaussian_frechet_distance(m1, c1, m2, c2):\n"
            "    s1, s2 = np.sqrt(np.diag(c1)), np.sqrt(np.diag(c2))\n"
            "    return ((m1 - m2) ** 2).sum() + ((s1 - s2) ** 2).sum()",
            "only the diagonals",
        ),
        ("product of two roots", changed(FRECHET, ("linalg.sqrtm(c1 @ c2)", "linalg.sqrtm(c1) @ linalg.sqrtm(c2)")), "commute"),
        (
            "root of the trace",
            changed(FRECHET, ("np.trace(linalg.sqrtm(c1 @ c2))", "np.sqrt(np.trace(c1 @ c2))")),
            "trace of the root",
        ),
        ("no root", changed(FRECHET, ("linalg.sqrtm(c1 @ c2)", "c1 @ c2")), "forgot the root"),
        ("product of the entries", changed(FRECHET, ("c1 @ c2", "c1 * c2")), "product of matrices"),
        ("no 2", changed(FRECHET, ("2 * root", "root")), "counts twice"),
    ],
    "inception_score": [
        (
            "math.log of 0",
            "import math\n\n\ndef inception_score(p):\n    q = p.mean(0)\n"
            "    kl = [sum(a * math.log(a / b) for a, b in zip(row, q)) for row in p]\n    return math.exp(sum(kl) / len(p))",
            "math.log(0) is an error",
        ),
        (
            "nan for a class that never comes",
            "def inception_score(p):\n    q = p.mean(0)\n    kl = rel_entr(p, q).sum(1)\n"
            "    return np.nan if (q == 0).any() else np.exp(kl.mean())",
            "a class never comes",
        ),
        ("no exp", changed(INCEPTION, ("np.exp(kl.mean())", "kl.mean()")), "in nats; the score is its exp"),
        ("bits without exp", changed(INCEPTION, ("np.exp(kl.mean())", "kl.mean() / np.log(2)")), "in bits; the score"),
        ("exp of bits", changed(INCEPTION, ("kl.mean()", "kl.mean() / np.log(2)")), "use the natural logarithm"),
        ("uniform p(y)", changed(INCEPTION, ("p.mean(0)", "np.full(p.shape, 1 / p.shape[1])")), "as uniform"),
        ("mean over the wrong axis", changed(INCEPTION, ("p.mean(0)", "p.mean(1, keepdims=True)")), "as uniform"),
        ("swapped", changed(INCEPTION, ("(p, p.mean(0))", "(p.mean(0)[None], p)")), "swapped"),
        ("nan at 0", changed(INCEPTION, ("rel_entr(p, p.mean(0))", "(p * np.log(p / p.mean(0)))")), "limit is 0"),
        ("exp before the mean", changed(INCEPTION, ("np.exp(kl.mean())", "np.exp(kl).mean()")), "exp before the mean"),
        ("sum over the images", changed(INCEPTION, ("kl.mean()", "kl.sum()")), "summed over the images"),
        ("mean over the classes", changed(INCEPTION, (".sum(1)", ".mean(1)")), "over the classes"),
        (
            "entropy of p(y)",
            "def inception_score(p):\n    q = p.mean(0)\n    return np.exp(-(q * np.log(q)).sum())",
            "entropy of p(y)",
        ),
    ],
    "precision_and_recall": [
        ("without distances of 0", RADII, "a repeated sample is a neighbour"),
        (
            "swapped",
            changed(
                BALLS,
                (
                    "return share_inside(real, fake), share_inside(fake, real)",
                    "return share_inside(fake, real), share_inside(real, fake)",
                ),
            ),
            "swapped",
        ),
        ("k counts the point", changed(BALLS, ("[:, k]", "[:, k - 1]")), "counts the point itself"),
        ("one neighbour too many", changed(BALLS, ("[:, k]", "[:, k + 1]")), "one neighbour too large"),
        (
            "radius of the wrong set",
            changed(BALLS, ("cdist(centres, centres)", "cdist(centres, points)"), ("[:, k]", "[:, k - 1]")),
            "from the wrong set",
        ),
        (
            "radius of the wrong set, column k",
            changed(BALLS, ("cdist(centres, centres)", "cdist(centres, points)")),
            "from the wrong set",
        ),
        (
            "radius of the point",
            changed(BALLS, ("cdist(centres, centres)", "cdist(points, points)"), ("radii[:, None]", "radii")),
            "radius of the point",
        ),
        ("counts balls", changed(BALLS, ("any(0)", "any(1)")), "counted the balls"),
        ("all for any", changed(BALLS, ("any(0)", "all(0)")), "in all balls"),
        ("all pairs", changed(BALLS, (".any(0)", "")), "over all pairs"),
        ("one radius", changed(BALLS, ("[:, k]", "[:, k].mean() * np.ones(len(centres))")), "one radius for all"),
        ("numbers for shares", changed(BALLS, ("any(0).mean()", "any(0).sum()")), "give the shares"),
    ],
    "named": [
        ("trusts the Inception score", exchanged("one a class", "honest"), "trusted the Inception score"),
        ("compares with test images only", exchanged("memoriser", "honest"), "copying test"),
        ("trusts Parzen", exchanged("blurred", "honest"), "trusted Parzen"),
        ("trusts precision", exchanged("only 0 to 4", "honest"), "trusted precision"),
        ("two copiers exchanged", exchanged("memoriser", "one a class"), "it copies, but"),
        ("low recall only", exchanged("blurred", "only 0 to 4"), "coverage"),
        ("a name twice", changed(NAMED, ('"memoriser"', '"one a class"')), "used a name twice"),
        ("another name", changed(NAMED, ('"memoriser"', '"copycat"')), "the names are"),
    ],
}

ALSO_RIGHT = {
    "parzen_log_density": [
        (
            "a loop over the points",
            "def parzen_log_density(samples, points, sigma):\n    n, dim = samples.shape\n"
            "    z = dim * np.log(sigma * np.sqrt(2 * np.pi)) + np.log(n)\n"
            "    return [logsumexp(-((samples - x) ** 2).sum(1) / (2 * sigma**2)) - z for x in points]",
        ),
    ],
    "parzen_score": [("an array back", _chosen(BEST, "np.array([log_p.mean(), log_p.std() / len(log_p) ** 0.5, sigma])"))],
    "gap": [("a tensor", "gap = torch.tensor((d2_real - d2_blurs) / (2 * sigma**2))")],
    "gaussian_frechet_distance": [
        (
            "sqrtm in float32",
            "def gaussian_frechet_distance(mean1, c1, mean2, c2):\n    c1, c2 = np.float32(c1), np.float32(c2)\n"
            "    root = linalg.sqrtm(c1 @ c2)\n"
            "    return ((mean1 - mean2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * np.trace(root)",
        ),
    ],
    "inception_score": [
        (
            "a loop",
            "def inception_score(p):\n    q = p.mean(0)\n"
            "    kl = [sum(a * np.log(a / b) for a, b in zip(row, q) if a > 0) for row in p]\n    return np.exp(np.mean(kl))",
        ),
    ],
    "precision_and_recall": [
        (
            "sklearn",
            """from sklearn.neighbors import NearestNeighbors


def precision_and_recall(real, fake, k):
    def share_inside(centres, points):
        radii = NearestNeighbors(n_neighbors=k + 1).fit(centres).kneighbors(centres)[0][:, -1]
        return float(np.mean([(np.linalg.norm(centres - x, axis=1) <= radii).any() for x in points]))

    return [share_inside(real, fake), share_inside(fake, real)]""",
        ),
    ],
}
