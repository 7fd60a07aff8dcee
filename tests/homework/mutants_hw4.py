"""Plausible wrong answers to homework 4: {task: [(name, code, fragment of the message that names it)]}."""

D_STEP = """def discriminator_step(discriminator, generator, optimizer, real, z):
    fake = generator(z).detach()
    d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()
    optimizer.zero_grad()
    d_loss.backward()
    optimizer.step()
    return d_loss.item()"""
G_STEP = """def generator_step(discriminator, generator, optimizer, z):
    g_loss = F.softplus(-discriminator(generator(z))).mean()
    optimizer.zero_grad()
    g_loss.backward()
    optimizer.step()
    return g_loss.item()"""
LOOP = """def algorithm_1(d_step, g_step, sample_real, sample_noise, steps, k, m, seed):
    rng = torch.Generator().manual_seed(seed)
    history = []
    for _ in range(steps):
        for _ in range(k):
            x = sample_real(m, rng)
            d_loss = d_step(x, sample_noise(m, rng))
        g_loss = g_step(sample_noise(m, rng))
        history.append((d_loss, g_loss))
    return history"""
BATCH = """def minibatch(images, m, rng):
    index = torch.randint(len(images), (m,), generator=rng)
    return images[index].float()[:, None] / 127.5 - 1"""
ENTROPIES = """def two_cross_entropies(discriminator, real, fake):
    a, b = discriminator(real), discriminator(fake)
    bce = F.binary_cross_entropy_with_logits
    return bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))"""
DRAW = """def draw(generator, z):
    was_training = generator.training
    generator.eval()
    with torch.no_grad():
        images = generator(z)
    generator.train(was_training)
    return images"""
WALK = """def walk(generator, z_start, z_end, n):
    t = torch.linspace(0, 1, n, dtype=z_start.dtype)[:, None]
    with torch.no_grad():
        return generator((1 - t) * z_start + t * z_end)"""


def _changed(code, *changes):
    """``code`` with each (old, new) of ``changes`` replaced; an old text that is not there would make no mutant."""
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


def _exchanged(one, other):
    """The right reading of the curves, but for two stories."""
    return f"""reading = {{}}
for name, (steps, before, after) in runs.items():
    calm = "D has won" if steps[-1].d_loss < 1 else "D has learnt nothing"
    story = "a fair game" if abs(after.mean() - before.mean()) > 1 else calm
    reading[name] = {{{one!r}: {other!r}, {other!r}: {one!r}}}.get(story, story)"""


CLEAR, BOTH = "    optimizer.zero_grad()\n", "F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()"
T = "torch.linspace(0, 1, n, dtype=z_start.dtype)"
NEW_RNG = "rng = torch.Generator().manual_seed(seed)"

MUTANTS = {
    "discriminator_step": [
        (
            "epsilon in the log",
            _changed(
                D_STEP,
                (
                    BOTH,
                    "-(discriminator(real).sigmoid() + 1e-8).log().mean()"
                    " - (1 - discriminator(fake).sigmoid() + 1e-8).log().mean()",
                ),
            ),
            "an epsilon or a clamp",
        ),
        (
            "cleared before the step",
            _changed(D_STEP, (CLEAR, ""), ("    optimizer.step()", CLEAR + "    optimizer.step()")),
            "gradient is 0",
        ),
        ("no step", _changed(D_STEP, ("    optimizer.step()\n", "")), "comes optimizer.step()"),
        ("two numbers back", _changed(D_STEP, ("return d_loss.item()", "return d_loss.item(), 0.0")), "return one number"),
        (
            "a step by hand",
            _changed(
                D_STEP,
                (
                    "    optimizer.step()\n",
                    "    with torch.no_grad():\n        for p in discriminator.parameters():\n"
                    "            p -= optimizer.param_groups[0]['lr'] * p.grad\n",
                ),
            ),
            "the optimizer that was given",
        ),
        ("G left in eval mode", _changed(D_STEP, ("    fake =", "    generator.eval()\n    fake =")), "in eval mode"),
        ("no detach", _changed(D_STEP, (".detach()", "")), "detach the fakes"),
        ("no zero_grad", _changed(D_STEP, (CLEAR, "")), "pile up"),
        ("zero_grad after the step", _changed(D_STEP, (CLEAR, ""), ("    return", CLEAR + "    return")), "after the step"),
        ("ascends", _changed(D_STEP, (BOTH, f"-({BOTH})")), "climb"),
        ("ascends, returns the right loss", _changed(D_STEP, ("d_loss.backward", "(-d_loss).backward")), "climb"),
        ("sum for mean", _changed(D_STEP, (".mean()", ".sum()")), "summed"),
        ("half the sum", _changed(D_STEP, (BOTH, f"({BOTH}) / 2")), "half the loss"),
        ("swapped labels", _changed(D_STEP, ("(-disc", "(disc"), ("(discriminator(fake", "(-discriminator(fake")), "swapped"),
        ("real half only", _changed(D_STEP, (" + F.softplus(discriminator(fake)).mean()", "")), "only the real half"),
        ("fake half only", _changed(D_STEP, ("F.softplus(-discriminator(real)).mean() + ", "")), "only the fake half"),
        ("fakes called real", _changed(D_STEP, ("(discriminator(fake", "(-discriminator(fake")), "both halves"),
        (
            "sigmoid twice",
            _changed(D_STEP, ("discriminator(real)", "discriminator(real).sigmoid()"), ("(fake)", "(fake).sigmoid()")),
            "applied twice",
        ),
        (
            "one optimiser for both",
            _changed(
                D_STEP,
                (".detach()", ""),
                (
                    "    fake",
                    "    optimizer = torch.optim.SGD([*discriminator.parameters(), *generator.parameters()], 0.5)\n    fake",
                ),
            ),
            "moved the weights of G",
        ),
        ("no step", _changed(D_STEP, ("    optimizer.step()\n", "")), "did not move"),
        ("nothing returned", _changed(D_STEP, ("    return d_loss.item()", "")), "missing"),
        ("returns minus the loss", _changed(D_STEP, ("return d_loss", "return -d_loss")), "the number that you return"),
    ],
    "generator_step": [
        (
            "clamped logits",
            _changed(
                G_STEP,
                (
                    "F.softplus(-discriminator(generator(z))).mean()",
                    "F.softplus(-discriminator(generator(z)).clamp(-10, 10)).mean()",
                ),
            ),
            "an epsilon or a clamp",
        ),
        ("detached", _changed(G_STEP, ("generator(z)", "generator(z).detach()")), "the fakes were detached"),
        (
            "no_grad",
            _changed(G_STEP, ("    g_loss = ", "    with torch.no_grad():\n        g_loss = ")),
            "no gradient can reach G",
        ),
        ("saturating", _changed(G_STEP, ("F.softplus(-disc", "-F.softplus(disc")), "saturating loss"),
        ("helps D", _changed(G_STEP, ("(-disc", "(disc")), "learns to be caught"),
        ("ascends", _changed(G_STEP, ("F.softplus", "-F.softplus")), "check the sign"),
        ("no zero_grad", _changed(G_STEP, (CLEAR, "")), "pile up"),
        ("zero_grad after the step", _changed(G_STEP, (CLEAR, ""), ("    return", CLEAR + "    return")), "after the step"),
        ("sum for mean", _changed(G_STEP, (".mean()", ".sum()")), "summed"),
        ("sigmoid twice", _changed(G_STEP, ("(generator(z))", "(generator(z)).sigmoid()")), "applied twice"),
        (
            "no logarithm",
            _changed(G_STEP, ("F.softplus(-discriminator(generator(z)))", "-discriminator(generator(z)).sigmoid()")),
            "logarithm",
        ),
        (
            "a critic's loss",
            _changed(G_STEP, ("F.softplus(-discriminator(generator(z)))", "-discriminator(generator(z))")),
            "critic",
        ),
        (
            "steps D, too",
            _changed(G_STEP, ("    return", "    torch.optim.SGD(discriminator.parameters(), 0.5).step()\n    return")),
            "moved the weights of D",
        ),
        (
            "D left frozen",
            _changed(G_STEP, ("    g_loss =", "    discriminator.requires_grad_(False)\n    g_loss =")),
            "frozen",
        ),
        ("nothing returned", _changed(G_STEP, ("    return g_loss.item()", "")), "missing"),
    ],
    "algorithm_1": [
        ("x from elsewhere", _changed(LOOP, ("sample_real(m, rng)", "sample_real(m, None)")), "two runs with one seed differ"),
        (
            "two generators",
            _changed(
                LOOP,
                ("sample_real(m, rng)", "sample_real(m, other)"),
                ("    history = []", "    other = torch.Generator()\n    history = []"),
            ),
            "more than one random generator",
        ),
        (
            "seeded anew in each turn",
            _changed(LOOP, ("    for _ in range(steps):\n", "    for t in range(steps):\n        rng.manual_seed(seed + t)\n")),
            "set once before the loops",
        ),
        (
            "two lists",
            _changed(LOOP, ("return history", "return [d for d, _ in history], [g for _, g in history]")),
            "return the history",
        ),
        (
            "G k times",
            """def algorithm_1(d_step, g_step, sample_real, sample_noise, steps, k, m, seed):
    rng = torch.Generator().manual_seed(seed)
    history = []
    for _ in range(steps):
        d_loss = d_step(sample_real(m, rng), sample_noise(m, rng))
        for _ in range(k):
            g_loss = g_step(sample_noise(m, rng))
        history.append((d_loss, g_loss))
    return history""",
            "belongs to D",
        ),
        ("k ignored", _changed(LOOP, ("range(k)", "range(1)")), "ignored k"),
        ("G in the inner loop", _changed(LOOP, ("        g_loss =", "            g_loss =")), "inner loop"),
        (
            "re-seeded in the inner loop",
            _changed(LOOP, ("            x =", f"            {NEW_RNG}\n            x =")),
            "same batch",
        ),
        (
            "re-seeded in the outer loop",
            _changed(LOOP, ("        for _ in range(k)", f"        {NEW_RNG}\n        for _ in range(k)")),
            "same batch",
        ),
        (
            "z drawn once",
            _changed(
                LOOP,
                ("    history = []", "    history, z = [], sample_noise(m, rng)"),
                ("(x, sample_noise(m, rng))", "(x, z)"),
                ("g_step(sample_noise(m, rng))", "g_step(z)"),
            ),
            "drawn once",
        ),
        (
            "x drawn once a turn",
            _changed(
                LOOP,
                ("            x = sample_real(m, rng)\n", ""),
                ("        for _ in range(k)", "        x = sample_real(m, rng)\n        for _ in range(k)"),
            ),
            "same x",
        ),
        (
            "z drawn once a turn",
            _changed(
                LOOP,
                ("(x, sample_noise(m, rng))", "(x, z)"),
                ("g_step(sample_noise(m, rng))", "g_step(z)"),
                ("        for _ in range(k)", "        z = sample_noise(m, rng)\n        for _ in range(k)"),
            ),
            "same z",
        ),
        (
            "G's z drawn once",
            _changed(
                LOOP,
                ("    history = []", "    history, z = [], sample_noise(m, rng)"),
                ("g_step(sample_noise(m, rng))", "g_step(z)"),
            ),
            "G gets the same z",
        ),
        ("seed ignored", _changed(LOOP, (".manual_seed(seed)", ".manual_seed(0)")), "must be `seed`"),
        ("global random numbers", _changed(LOOP, (NEW_RNG, "rng = None")), "two runs with one seed"),
        (
            "G first",
            _changed(
                LOOP,
                ("        g_loss = g_step(sample_noise(m, rng))\n", ""),
                ("        for _ in range(k)", "        g_loss = g_step(sample_noise(m, rng))\n        for _ in range(k)"),
            ),
            "D moves first",
        ),
        ("only the last losses", _changed(LOOP, ("return history", "return d_loss, g_loss")), "return the history"),
        ("pairs the wrong way round", _changed(LOOP, ("(d_loss, g_loss)", "(g_loss, d_loss)")), "wrong way round"),
        ("one sample too many", _changed(LOOP, ("sample_real(m, rng)", "sample_real(m + 1, rng)")), "wrong size"),
    ],
    "minibatch": [
        (
            "by the largest pixel",
            _changed(
                BATCH, ("images[index].float()[:, None] / 127.5 - 1", "(x := images[index].float()[:, None]) / x.max() * 2 - 1")
            ),
            "largest pixel that is there",
        ),
        ("float64", _changed(BATCH, (".float()", ".double()")), "compute in float32"),
        ("still in [0, 1]", _changed(BATCH, ("/ 127.5 - 1", "/ 255")), "still in [0, 1]"),
        ("centred only", _changed(BATCH, ("/ 127.5 - 1", "/ 255 - 0.5")), "[-0.5, 0.5]"),
        ("bytes multiplied", _changed(BATCH, (".float()", ""), ("/ 127.5 - 1", "* 2 / 255 - 1")), "wraps round"),
        ("bytes themselves", _changed(BATCH, (" / 127.5 - 1", "")), "must lie in [-1, 1]"),
        ("no channel", _changed(BATCH, ("[:, None]", "")), "channel"),
        (
            "ink and paper exchanged",
            _changed(BATCH, ("return images", "return 1 - images"), ("127.5 - 1", "127.5")),
            "exchanged",
        ),
    ],
    "two_cross_entropies": [
        (
            "D is not asked",
            _changed(ENTROPIES, ("discriminator(real), discriminator(fake)", "real, fake")),
            "never asked the discriminator",
        ),
        (
            "a number back",
            _changed(
                ENTROPIES,
                (
                    "return bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))",
                    "return (bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))).item()",
                ),
            ),
            "return a tensor",
        ),
        (
            "detached",
            _changed(
                ENTROPIES,
                ("discriminator(real), discriminator(fake)", "discriminator(real).detach(), discriminator(fake).detach()"),
            ),
            "no gradient flows",
        ),
        (
            "exp overflows",
            _changed(
                ENTROPIES,
                (
                    "return bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))",
                    "return torch.log1p(torch.exp(-a)).mean() + torch.log1p(torch.exp(b)).mean()",
                ),
            ),
            "an exponential has overflowed",
        ),
        (
            "clamped",
            _changed(
                ENTROPIES,
                (
                    "discriminator(real), discriminator(fake)",
                    "discriminator(real).clamp(-50, 50), discriminator(fake).clamp(-50, 50)",
                ),
            ),
            "a clamp has cut",
        ),
        (
            "both sigmoids",
            _changed(ENTROPIES, ("(real), ", "(real).sigmoid(), "), ("(fake)\n", "(fake).sigmoid()\n")),
            "still applied twice",
        ),
        ("one sigmoid left", _changed(ENTROPIES, ("(fake)\n", "(fake).sigmoid()\n")), "one of the two"),
        ("labels swapped", _changed(ENTROPIES, ("ones", "TEMP"), ("zeros", "ones"), ("TEMP", "zeros")), "swapped"),
        (
            "averaged",
            _changed(ENTROPIES, ("return bce", "return 0.5 * (bce"), ("zeros_like(b))", "zeros_like(b)))")),
            "half of it",
        ),
        (
            "summed",
            _changed(ENTROPIES, ("_like(a))", "_like(a), reduction='sum')"), ("_like(b))", "_like(b), reduction='sum')")),
            "summed",
        ),
        (
            "logarithm of a sigmoid",
            "def two_cross_entropies(discriminator, real, fake):\n"
            "    p, q = discriminator(real).sigmoid(), discriminator(fake).sigmoid()\n"
            "    return -torch.log(p).mean() - torch.log(1 - q).mean()",
            "logits of 40",
        ),
        (
            "cross-entropy of probabilities",
            "def two_cross_entropies(discriminator, real, fake):\n"
            "    p, q = discriminator(real).sigmoid(), discriminator(fake).sigmoid()\n"
            "    bce = F.binary_cross_entropy\n    return bce(p, torch.ones_like(p)) + bce(q, torch.zeros_like(q))",
            "logits of 40",
        ),
    ],
    "draw": [
        (
            "gradients off for good",
            _changed(DRAW, ("    with torch.no_grad():\n        images", "    torch.set_grad_enabled(False)\n    images")),
            "switched gradients off",
        ),
        (
            "weights frozen",
            _changed(DRAW, ("    was_training", "    generator.requires_grad_(False)\n    was_training")),
            "were frozen",
        ),
        ("eval left on", _changed(DRAW, ("    generator.train(was_training)\n", "")), "still in eval mode"),
        ("always back to training", _changed(DRAW, ("train(was_training)", "train()")), "always switch"),
        ("never in eval mode", _changed(DRAW, ("    generator.eval()\n", "    generator.train()\n")), "training mode"),
        ("a gradient tape", _changed(DRAW, ("with torch.no_grad():", "if True:")), "no_grad"),
    ],
    "walk": [
        ("last point missing", _changed(WALK, (T, "(torch.arange(n) / n)")), "last point"),
        ("first point missing", _changed(WALK, (T, "(torch.arange(1, n + 1) / n)")), "first point"),
        ("both ends missing", _changed(WALK, (T, "torch.linspace(0, 1, n + 2, dtype=z_start.dtype)[1:-1]")), "both end points"),
        (
            "images interpolated",
            _changed(WALK, ("generator((1 - t) * z_start + t * z_end)", "(1 - t) * generator(z_start) + t * generator(z_end)")),
            "cross-fade",
        ),
        ("backwards", _changed(WALK, ("(1 - t) * z_start + t * z_end", "t * z_start + (1 - t) * z_end")), "backwards"),
        ("one point too many", _changed(WALK, ("1, n,", "1, n + 1,")), "n counts"),
        ("a gradient tape", _changed(WALK, ("with torch.no_grad():", "if True:")), "no_grad"),
    ],
    "steps_needed": [
        ("no root", "steps_needed = int(np.log(factor) / np.log(1 + eta**2)) + 1", "root is missing"),
        ("1 + eta", "steps_needed = int(np.log(factor) / np.log(1 + eta)) + 1", "Pythagoras"),
        ("rounded down", "steps_needed = int(np.log(factor) / np.log(np.sqrt(1 + eta**2)))", "still below"),
        ("not rounded", "steps_needed = np.log(factor) / np.log(np.sqrt(1 + eta**2))", "whole number"),
        ("added", "steps_needed = int(np.ceil((factor - 1) / eta**2))", "multiplied"),
    ],
    "reading": [
        ("2 log 2 taken for success", _exchanged("a fair game", "D has learnt nothing"), "moved"),
        ("a loss of 0 taken for success", _exchanged("a fair game", "D has won"), "near 0"),
        ("a loss of 0 taken for ignorance", _exchanged("D has won", "D has learnt nothing"), "near 0"),
        ("a story of one's own", "reading = {n: 'it converged' for n in 'ABC'}", "none of the three stories"),
    ],
}

ONES, ZEROS = "torch.ones(len(real), 1)", "torch.zeros(len(real), 1)"
ON_LOGITS = "F.softplus(-discriminator(generator(z))).mean()"
LERP = "torch.lerp(z_start[None], z_end[None], torch.linspace(0, 1, n)[:, None])"


def _entropies(on_real, on_fake):
    return f"""def two_cross_entropies(discriminator, real, fake):
    a, b = discriminator(real), discriminator(fake)
    return {on_real} + {on_fake}"""


ALSO_RIGHT = {
    "discriminator_step": [
        (
            "BCELoss on probabilities",
            _changed(
                D_STEP,
                (
                    BOTH,
                    f"F.binary_cross_entropy(discriminator(real).sigmoid(), {ONES})"
                    f" + F.binary_cross_entropy(discriminator(fake).sigmoid(), {ZEROS})",
                ),
            ),
        ),
        (
            "no_grad for the fakes",
            _changed(D_STEP, ("    fake = generator(z).detach()", "    with torch.no_grad():\n        fake = generator(z)")),
        ),
        ("the net's own zero_grad", _changed(D_STEP, ("optimizer.zero_grad()", "discriminator.zero_grad()"))),
        ("a rounded loss", _changed(D_STEP, ("return d_loss.item()", "return round(d_loss.item(), 4)"))),
    ],
    "generator_step": [
        (
            "BCE with logits",
            _changed(
                G_STEP,
                (ON_LOGITS, "F.binary_cross_entropy_with_logits(discriminator(generator(z)), torch.ones(len(z), 1))"),
            ),
        ),
    ],
    "algorithm_1": [
        ("keywords", _changed(LOOP, ("d_step(x, sample_noise(m, rng))", "d_step(x=x, z=sample_noise(m=m, rng=rng))"))),
        (
            "D's last z for G",
            _changed(
                LOOP,
                ("d_loss = d_step(x, sample_noise(m, rng))", "z = sample_noise(m, rng)\n            d_loss = d_step(x, z)"),
                ("g_step(sample_noise(m, rng))", "g_step(z)"),
            ),
        ),
        (
            "the global generator, seeded",
            _changed(LOOP, ("torch.Generator().manual_seed(seed)", "torch.manual_seed(seed)")),
        ),
    ],
    "two_cross_entropies": [
        ("softplus", _entropies("F.softplus(-a).mean()", "F.softplus(b).mean()")),
        ("logsigmoid", _entropies("-F.logsigmoid(a).mean()", "-F.logsigmoid(-b).mean()").replace("+ -", "- ")),
    ],
    "draw": [
        (
            "try and finally",
            """def draw(generator, z):
    mode = generator.training
    try:
        with torch.inference_mode():
            return generator.eval()(z)
    finally:
        generator.train(mode)""",
        ),
        (
            "a copy",
            """import copy


def draw(generator, z):
    with torch.no_grad():
        return copy.deepcopy(generator).eval()(z)""",
        ),
    ],
    "walk": [
        (
            "a loop",
            """def walk(generator, z_start, z_end, n):
    points = torch.zeros(n, len(z_start))
    for i in range(n):
        points[i] = z_start + (z_end - z_start) * i / (n - 1)
    with torch.no_grad():
        return generator(points)""",
        ),
        ("lerp", f"def walk(generator, z_start, z_end, n):\n    with torch.no_grad():\n        return generator({LERP})"),
    ],
}
