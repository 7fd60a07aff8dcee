KL = "def kl(p, q, x):\n"
JS = "def js(p, q, x):\n    m = (p + q) / 2\n"
W1 = (
    "def wasserstein1(p, q, x):\n"
    "    f_p, f_q = (cumulative_trapezoid(d, x, initial=0) for d in (p, q))\n"
    "    step = x[1] - x[0]\n"
)
SEARCH = """def best_bell(p, x, mus, sigmas, reverse=False):
    best, least = None, math.inf
    for i, mu in enumerate(mus):
        for j, sigma in enumerate(sigmas):
            q = bell(x, mu, sigma)
            cost = {cost}
            if cost < least:
                best, least = {best}, cost
    return best
"""
RIGHT = "kl(q, p, x) if reverse else kl(p, q, x)"
MOMENTS = """def best_bell(p, x, mus, sigmas, reverse=False):
    mean = trapezoid(p * x, x)
    variance = trapezoid(p * (x - mean) ** 2, x)
    return {answer}
"""
SHARES = "def kl_of_kinds(p, q):\n"
SEEN = SHARES + "    s = (p > 0) & (q > 0)\n"
TERMS = "p[s] * np.log(p[s] / q[s])"


def search(cost=RIGHT, best="(mu, sigma)"):
    return SEARCH.format(cost=cost, best=best)


def numbers(overlap="OVERLAP * math.log(2)", near="math.log(2)", far="math.log(2)", w1="FAR"):
    return f"js_overlap, js_near, js_far, w1_far = {overlap}, {near}, {far}, {w1}"


MUTANTS = {
    "kl": [
        ("bridges the hole", KL + "    s = p > 0\n    return trapezoid(p[s] * np.log(p[s] / q[s]), x[s])", "bridged the gap"),
        (
            "n steps",
            KL + "    from scipy.special import rel_entr\n\n    return rel_entr(p, q).sum() * (x[-1] - x[0]) / len(x)",
            "n - 1 steps",
        ),
        ("prints", KL + "    print(trapezoid(p * np.log(p / q), x))", "nothing (None)"),
        ("swapped", KL + "    return float(trapezoid(q * np.log(q / p), x))", "swapped"),
        ("sum without dx", KL + "    return float((p * np.log(p / q)).sum())", "without dx"),
        ("mean for integral", KL + "    return float((p * np.log(p / q)).mean())", "mean over the grid"),
        ("absolute value", KL + "    return float(trapezoid(np.abs(p * np.log(p / q)), x))", "absolute value"),
        ("absolute logarithm", KL + "    return float(trapezoid(p * np.abs(np.log(p / q)), x))", "absolute value"),
        ("missing weight", KL + "    return float(trapezoid(np.log(p / q), x))", "forgot the weight"),
        ("weight q", KL + "    return float(trapezoid(q * np.log(p / q), x))", "weight must be p"),
        ("sign", KL + "    return float(trapezoid(p * np.log(q / p), x))", "sign"),
        ("bits", KL + "    return float(trapezoid(p * np.log2(p / q), x))", "log2"),
        ("cross-entropy", KL + "    return float(-trapezoid(p * np.log(q), x))", "extra"),
        ("nan at 0", KL + "    return float(trapezoid(p * np.log(p / q), x))", "0 · log 0"),
    ],
    "best_bell": [
        (
            "lists of its own",
            search("kl(q, p, x) if reverse else kl(p, q, x)").replace("(mus)", "(np.linspace(-3, 3, 25))"),
            "should be",
        ),
        ("swapped", search("kl(p, q, x) if reverse else kl(q, p, x)"), "you swapped"),
        ("forward for reverse", search("kl(p, q, x)"), "forward KL(p‖q) both times"),
        ("reverse for forward", search("kl(q, p, x)"), "reverse KL(q‖p) both times"),
        ("moments for both", MOMENTS.format(answer="mean, math.sqrt(variance)"), "mean and standard deviation"),
        ("variance for sigma", MOMENTS.format(answer="mean, variance"), "variance as sigma"),
        (
            "moments for reverse only",
            search().replace(
                "    best,",
                "    if reverse:\n        m = trapezoid(p * x, x)\n"
                "        return m, trapezoid(p * (x - m) ** 2, x) ** 0.5\n    best,",
                1,
            ),
            "reverse KL does not match",
        ),
        (
            "moments of the grid",
            "def best_bell(p, x, mus, sigmas, reverse=False):\n    return x.mean(), x.std()",
            "moments of the wrong density: x.mean()",
        ),
        (
            "moments of the values",
            "def best_bell(p, x, mus, sigmas, reverse=False):\n    return p.mean(), p.std()",
            "moments of the wrong density: mean and width",
        ),
        ("greatest", search("-(kl(q, p, x) if reverse else kl(p, q, x))"), "greatest"),
        ("indices", search(best="(i, j)"), "indices"),
        ("order", search(best="(sigma, mu)"), "order is (mu, sigma)"),
        ("the value", search(best="cost"), "least divergence itself"),
    ],
    "js": [
        ("half missing", JS + "    return kl(p, m, x) + kl(q, m, x)", "a half is missing"),
        ("mixture not halved", JS.replace(" / 2", "") + "    return (kl(p, m, x) + kl(q, m, x)) / 2", "not halved"),
        ("no half at all", JS.replace(" / 2", "") + "    return kl(p, m, x) + kl(q, m, x)", "two halves"),
        ("average of both KLs", JS + "    return (kl(p, q, x) + kl(q, p, x)) / 2", "average of KL"),
        ("mixture first", JS + "    return (kl(m, p, x) + kl(m, q, x)) / 2", "wrong side"),
        ("p only", JS + "    return kl(p, m, x)", "only p is compared with the mixture. Do"),
        ("p's half only", JS + "    return kl(p, m, x) / 2", "other half"),
        ("bits", JS + "    return (kl(p, m, x) + kl(q, m, x)) / 2 / math.log(2)", "bits"),
        ("root", JS + "    return math.sqrt((kl(p, m, x) + kl(q, m, x)) / 2)", "square root"),
        (
            "nan at 0",
            JS + "    return trapezoid(p * np.log(p / m) + q * np.log(q / m), x) / 2",
            "0 · log 0",
        ),
        (
            "only where both are",
            JS + "    s = (p > 0) & (q > 0)\n    t = np.zeros_like(p)\n"
            "    t[s] = p[s] * np.log(p[s] / m[s]) + q[s] * np.log(q[s] / m[s])\n    return trapezoid(t, x) / 2",
            "still counts",
        ),
    ],
    "wasserstein1": [
        ("squared", W1 + "    return trapezoid((f_p - f_q) ** 2, x)", "squared the difference. Work"),
        ("squared, root", W1 + "    return trapezoid((f_p - f_q) ** 2, x) ** 0.5", "root of the integral"),
        ("no absolute value", W1 + "    return trapezoid(f_p - f_q, x)", "no absolute value: what"),
        ("no absolute value, q - p", W1 + "    return trapezoid(f_q - f_p, x)", "no absolute value: F_q"),
        ("absolute value too late", W1 + "    return abs(trapezoid(f_p - f_q, x))", "too late"),
        ("difference of means", W1 + "    return abs(trapezoid(p * x, x) - trapezoid(q * x, x))", "too late"),
        ("sum without dx", W1 + "    return np.abs(f_p - f_q).sum()", "dx is missing once"),
        ("mean for integral", W1 + "    return np.abs(f_p - f_q).mean()", "mean of"),
        ("cdf without dx", W1 + "    return trapezoid(np.abs(np.cumsum(p) - np.cumsum(q)), x)", "it must end at 1"),
        ("no dx at all", W1 + "    return np.abs(np.cumsum(p) - np.cumsum(q)).sum()", "missing twice"),
        ("densities", W1 + "    return trapezoid(np.abs(p - q), x)", "densities p and q themselves"),
        ("total variation", W1 + "    return trapezoid(np.abs(p - q), x) / 2", "total variation"),
        ("largest gap", W1 + "    return np.abs(f_p - f_q).max()", "largest gap"),
        ("halved", W1 + "    return trapezoid(np.abs(f_p - f_q), x) / 2", "halved"),
    ],
    "apart": [
        ("one half only", "js_overlap, js_near, js_far, w1_far = OVERLAP * math.log(2) / 2, None, None, None", "only one half"),
        ("bits", numbers("OVERLAP", "1.0", "1.0"), "bits"),
        ("bits, apart", numbers(near="1"), "js_near: that is in bits"),
        ("log 2 wherever", numbers("math.log(2)"), "nothing in common. Here"),
        ("the shared part", numbers("(1 - OVERLAP) * math.log(2)"), "part that they share"),
        ("half missing", numbers("2 * OVERLAP * math.log(2)"), "a half is missing"),
        ("grows with distance", numbers(near="NEAR * math.log(2)", far="FAR * math.log(2)"), "go on growing"),
        ("JS as a distance", numbers(far="FAR"), "would be W1"),
        ("JS infinite", numbers(far="math.inf"), "KL is infinite here"),
        ("JS 0", numbers(far="0.0"), "boxes are the same"),
        ("the gap", numbers(w1="FAR - 1"), "gap"),
        ("W1 infinite", numbers(w1="math.inf"), "how far the mass is carried"),
        ("W1 like JS", numbers(w1="math.log(2)"), "that is JS"),
        ("W1 like TV", numbers(w1="1.0"), "total variation"),
        ("squared", numbers(w1="FAR ** 2"), "no square"),
    ],
    "kl_of_kinds": [
        (
            "isclose",
            SHARES + "    s = (p > 0) & ~np.isclose(q, 0)\n    if ((p > 0) & ~s).any():\n        return math.inf\n"
            f"    return float(({TERMS}).sum())",
            "a tiny probability",
        ),
        ("bug kept", SEEN + f"    return float(({TERMS}).sum())", "bug is still there"),
        ("cut off at 0", SEEN + f"    return max(0.0, float(({TERMS}).sum()))", "cut off at 0"),
        ("absolute value", SEEN + f"    return abs(float(({TERMS}).sum()))", "with absolute values"),
        ("absolute terms", SEEN + f"    return float(np.abs({TERMS}).sum())", "each term"),
        (
            "renormalised",
            SEEN + "    p, q = p[s] / p[s].sum(), q[s] / q[s].sum()\n    return float((p * np.log(p / q)).sum())",
            "probabilities again",
        ),
        ("tiny q", SHARES + "    q = q + 1e-12\n    s = p > 0\n" + f"    return float(({TERMS}).sum())", "tiny number"),
        (
            "tiny both",
            SHARES + "    p, q = p + 1e-8, q + 1e-8\n    return float((p * np.log(p / q)).sum())",
            "tiny number",
        ),
        (
            "clipped",
            SHARES + f"    q = np.maximum(q, 1e-6)\n    s = p > 0\n    return float(({TERMS}).sum())",
            "tiny number",
        ),
        (
            "any zero of q",
            SHARES + f"    if (q == 0).any():\n        return math.inf\n    s = p > 0\n    return float(({TERMS}).sum())",
            "harmless where p is 0",
        ),
        (
            "any zero",
            SHARES + "    if (q == 0).any() or (p == 0).any():\n        return math.inf\n"
            "    return float((p * np.log(p / q)).sum())",
            "zero of p costs nothing",
        ),
        ("nan at 0", SHARES + "    return float((p * np.log(p / q)).sum())", "0 · log 0"),
        ("the wrong zeros", SHARES + "    s = q > 0\n" + f"    return float(({TERMS}).sum())", "wrong zeros"),
        (
            "swapped",
            SHARES
            + "    return kl_of_kinds_right(q, p)\n\n\ndef kl_of_kinds_right(p, q):\n    s = p > 0\n"
            + f"    return float(({TERMS}).sum())",
            "swapped",
        ),
        (
            "nan for infinite",
            SHARES + f"    s = p > 0\n    if (q[s] == 0).any():\n        return math.nan\n    return float(({TERMS}).sum())",
            "nan says",
        ),
    ],
}

ALSO_RIGHT = {
    "kl": [
        ("a sum times dx", KL + "    from scipy.special import rel_entr\n\n    return rel_entr(p, q).sum() * (x[1] - x[0])"),
        ("where, with warnings", KL + "    return trapezoid(np.where(p > 0, p * np.log(p / q), 0), x)"),
    ],
    "js": [("in one line", "def js(p, q, x):\n    return kl(p, (p + q) / 2, x) / 2 + kl(q, (p + q) / 2, x) / 2")],
    "wasserstein1": [
        ("cumsum", W1 + "    dx = x[1] - x[0]\n    return np.abs(np.cumsum(p - q)).sum() * dx**2"),
        (
            "scipy's",
            W1 + "    from scipy.stats import wasserstein_distance\n\n    return wasserstein_distance(x, x, p, q)",
        ),
        (
            "a slow loop",
            W1 + "    dx = x[1] - x[0]\n    total = work = 0.0\n    for a, b in zip(p, q):\n        total += (a - b) * dx\n"
            "        work += abs(total) * dx\n    return work",
        ),
    ],
}
