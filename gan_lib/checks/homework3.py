"""Checks of homework 3: the game, its value and its losses."""

import functools
import math

import numpy as np
import torch
from scipy.stats import norm
from torch.nn.functional import logsigmoid, softplus

from .. import densities, game, losses
from .verdicts import NotYet, compare, number, outcome, seed_of


def optimal_discriminator(answer, variant=None):
    """optimal_discriminator(p_data, p_g) = D*(x) on densities (n,)."""
    rng = np.random.default_rng(seed_of(variant))
    cases = [
        (np.array([3.0, 1.0, 0.5]), np.array([1.0, 1.0, 2.0])),
        (np.array([0.0, 0.4]), np.array([0.3, 0.0])),
        tuple(rng.uniform(0.05, 2.0, (2, 6))),
    ]
    compare(
        "optimal_discriminator",
        answer,
        game.optimal_discriminator,
        cases,
        {
            "the labels are swapped: this is the share of fakes. D(x) is the probability of *real*, so p_data goes on top.": (
                lambda p, q: q / (p + q)
            ),
            "this is the ratio p_data/p_g, which can be any size. A probability is the share of the real "
            "ones among *all*: divide by the sum p_data + p_g.": lambda p, q: p / q,
            "this is D*'s logit, log(p_data/p_g). Turn it into a probability: p_data/(p_data + p_g).": lambda p, q: np.log(
                p / q
            ),
            "you divided by the mean of the two densities: that is twice too large. Divide by their sum.": lambda p, q: (
                2 * p / (p + q)
            ),
            "you summed over the grid. D* is decided at each x by itself: divide by p_data + p_g at the same x.": (
                lambda p, q: p / (p + q).sum()
            ),
            "you answer 0 or 1. An honest judge says *how* likely: p_data/(p_data + p_g).": lambda p, q: (p > q).astype(float),
            "this is the density p_data itself. Divide it by the sum p_data + p_g: what counts is the share.": lambda p, q: p,
        },
    )


def _games(variant):
    """Cases (d, p_data, p_g, x): on an even grid, on two whose steps differ, and with densities that end with their grid."""
    rng = np.random.default_rng(seed_of(variant))
    even = np.linspace(-12, 12, 4001)
    uneven = 3 * np.sinh(np.linspace(-2.2, 2.2, 6001))  # fine in the middle, coarse outside
    logits = [-even, np.tanh(uneven), rng.uniform(0.3, 0.8) * np.sin(uneven) + rng.uniform(0.2, 0.6)]
    shapes = [(-1.0, 0.6, 1.0, 1.0), (0.0, 1.0, 0.5, 0.8), tuple(rng.uniform([-1, 0.6, 0.5, 0.6], [0, 1.2, 1.5, 1.2]))]
    short = np.linspace(-2, 2, 4001)
    cut = norm.pdf(short) / (norm.cdf(2) - norm.cdf(-2))
    return [
        (1 / (1 + np.exp(-a)), norm.pdf(x, *shape[:2]), norm.pdf(x, *shape[2:]), x)
        for a, shape, x in zip(logits, shapes, (even, uneven, uneven))
    ] + [(1 / (1 + np.exp(-np.sin(short))), cut, np.full_like(short, 1 / 4), short)]


def value(answer, variant=None):
    """value(d, p_data, p_g, x) = V(D, G) in nats, by the trapezoidal rule."""

    def integral(f, x):
        return float(np.trapezoid(f, x))

    def under(d, p, q):
        return p * np.log(d) + q * np.log(1 - d)

    compare(
        "value",
        answer,
        game.value,
        _games(variant),
        {
            "the fakes' term has log D. On a fake, D is right with 1 - D: take log(1 - D) there.": lambda d, p, q, x: integral(
                (p + q) * np.log(d), x
            ),
            "p_data weighs both terms. The fakes are drawn from p_g: weigh log(1 - D) with p_g.": lambda d, p, q, x: integral(
                under(d, p, p), x
            ),
            "the two densities are swapped: log D belongs to p_data, log(1 - D) to p_g.": lambda d, p, q, x: integral(
                under(d, q, p), x
            ),
            "you added up heights without their widths dx, as if all steps were 1. Give it the grid: "
            "np.trapezoid(..., x).": lambda d, p, q, x: float(under(d, p, q).sum()),
            "all steps were 1 in this: give the grid to np.trapezoid, too.": lambda d, p, q, x: float(
                np.trapezoid(under(d, p, q))
            ),
            "you took the mean over the grid; densities are weights already. Integrate: "
            "np.trapezoid(..., x).": lambda d, p, q, x: float(under(d, p, q).mean()),
            "you used one step for the whole grid, and this one is not even. Give the grid x itself to np.trapezoid.": (
                lambda d, p, q, x: float(under(d, p, q).sum() * (x[1] - x[0]))
            ),
            "the arguments of np.trapezoid are swapped: the heights come first, then the grid x.": lambda d, p, q, x: integral(
                x, under(d, p, q)
            ),
            "the sign is turned: this is D's loss, -V. V itself is at most 0.": lambda d, p, q, x: -integral(under(d, p, q), x),
            "you used log2, that is bits. V is in nats: np.log.": lambda d, p, q, x: integral(under(d, p, q), x) / math.log(2),
            "a rectangle at the left end of each piece is too rough here. Take the trapezoidal rule.": lambda d, p, q, x: float(
                (under(d, p, q)[:-1] * np.diff(x)).sum()
            ),
            "a rectangle at the right end of each piece is too rough here. Take the trapezoidal rule.": lambda d, p, q, x: (
                float((under(d, p, q)[1:] * np.diff(x)).sum())
            ),
        },
    )


def cost(answer, variant=None):
    """cost(p_data, p_g, x) = C(G) = -log 4 + 2 JS, in nats."""
    cases = [(p, q, x) for _, p, q, x in _games(variant)]
    same = cases[0][0], cases[0][0].copy(), cases[0][2]
    log_2, js = math.log(2), densities.js

    def through_d(p, q, x):
        d = p / (p + q)
        return float(np.trapezoid(p * np.log(d) + q * np.log(1 - d), x))

    compare(
        "cost",
        answer,
        game.cost,
        [*cases, same],
        {
            "-log 2 is half of it. At p_g = p_data *both* averages are log(1/2), which makes -log 4.": lambda p, q, x: (
                -log_2 + 2 * js(p, q, x)
            ),
            "JS must count twice: it is half the sum of two KLs, and C(G) has the whole sum.": lambda p, q, x: (
                -2 * log_2 + js(p, q, x)
            ),
            "you are in bits, or partly so: log2(4) = 2. In nats it is math.log(4), and densities.js is in nats already.": (
                lambda p, q, x: -2 + 2 * js(p, q, x)
            ),
            "you converted all of it to bits (base 2). The cost is in nats: math.log(4), and "
            "densities.js as it is.": lambda p, q, x: -2 + 2 * js(p, q, x) / log_2,
            "the sign of log 4 is wrong: values of the game are logarithms of probabilities, at most 0.": lambda p, q, x: (
                2 * log_2 + 2 * js(p, q, x)
            ),
            "the sign is turned: this is D's loss at its best, log 4 - 2 JS. The cost is minus that.": lambda p, q, x: (
                -game.cost(p, q, x)
            ),
            "this has KL in place of JS. Both densities are compared with their mixture m: use densities.js.": lambda p, q, x: (
                -2 * log_2 + 2 * densities.kl(p, q, x)
            ),
            "in a tail D* rounds to 0 or 1, and log(1 - D*) is -inf there. The formula with JS has no such trouble.": through_d,
            "the -log 4 is missing: at p_g = p_data the cost is not 0, since D = 1/2 is often wrong.": lambda p, q, x: (
                2 * js(p, q, x)
            ),
        },
    )


def run_to_read(variant):
    """(steps, D's losses) of a run in which p_g, a bell curve, passes over the data while D is D* all the time."""
    x = np.linspace(-12, 12, 2401)
    nearest, sigma = 60, 0.6
    if variant != 0:
        rng = np.random.default_rng(variant)
        nearest, sigma = rng.choice([30, 40, 50, 70]), rng.choice([0.65, 0.7, 0.75, 0.8])
    steps = list(range(0, 101, 10))
    p_data = norm.pdf(x, 0.0, 1.0)
    return steps, [-game.cost(p_data, norm.pdf(x, (step - nearest) / 20, sigma), x) for step in steps]


def best_step(answer, variant):
    """The step of run_to_read at which JS is least."""
    steps, d_losses = run_to_read(variant)
    number(
        "best_step",
        answer,
        steps[int(np.argmax(d_losses))],
        {
            "there D's loss is lowest, so that D tells the fakes *best*. Where they are most like the data, D can hardly "
            "tell.": steps[int(np.argmin(d_losses))],
            "the last step need not be the best one. Look where D can tell least, and its loss is highest.": steps[-1],
            "this is the loss there. The question asks for the number of the step.": max(d_losses),
            "this is its place in the list, counted from 0. The step itself is steps[...].": int(np.argmax(d_losses)),
        },
    )


def js_at_end(answer, variant):
    """JS at the last step of run_to_read, in nats."""
    d_loss = run_to_read(variant)[1][-1]
    js = (math.log(4) - d_loss) / 2
    number(
        "js_at_end",
        answer,
        js,
        {
            "this is 2 JS. D's loss is log 4 - 2 JS: halve the difference.": 2 * js,
            "the sign is turned: JS is never negative. D's loss is -V, that is log 4 - 2 JS.": -js,
            "this is in bits. Do not divide by log 2.": js / math.log(2),
            "you took V for +D's loss. V is minus it: V = -log 4 + 2 JS, so D's loss is log 4 - 2 JS.": (math.log(4) + d_loss)
            / 2,
            "this is D's loss itself. Solve log 4 - 2 JS = D's loss for JS.": d_loss,
            "you started from log 2. At p_g = p_data D's loss is 2 log 2 = log 4.": (math.log(2) - d_loss) / 2,
        },
    )


NO_SLOPE = (
    "the value is right, but no slope flows through it: .item(), float(), .detach() or numpy cut it off. Stay with torch."
)


def _logit_pairs(variant):
    """Cases (real_logits, fake_logits) in float32, as in training: of moderate size, more real ones, of three shapes."""
    rng = np.random.default_rng(seed_of(variant))

    def logits(*shape):
        return torch.tensor(rng.uniform(-4, 4, shape), dtype=torch.float32)

    return [
        (torch.tensor([0.5, 1.0, -2.0]), torch.tensor([-1.0, 0.5])),
        (logits(5, 1), logits(3, 1)),
        (logits(4, 3), logits(2, 3)),
    ]


def _slopes_of(loss):
    """The function that gives all slopes of ``loss`` by its first tensors, one after another; nan where none flows."""

    def slopes(*arguments):
        logits = [a.clone().requires_grad_() for a in arguments if torch.is_tensor(a)]
        nowhere = np.full(sum(a.numel() for a in logits), np.nan)
        try:
            result = loss(*logits, *arguments[len(logits) :])
        except RuntimeError as error:
            if "requires grad" in str(error):  # it was to become a numpy array
                return nowhere
            raise
        if not torch.is_tensor(result) or not result.requires_grad:
            return nowhere
        found = torch.autograd.grad(result, logits, allow_unused=True)
        parts = [np.full(a.numel(), np.nan) if g is None else g.numpy().ravel() for a, g in zip(logits, found)]
        return np.concatenate(parts)

    return slopes


def _compare_loss(task, answer, right, cases, mistakes):
    """Hold first the value of a loss against the right one, then its slopes."""
    compare(task, answer, right, cases, mistakes, tolerance=1e-4)

    def cut(*case, side):
        slopes, n = _slopes_of(right)(*case), case[0].numel()
        slopes[slice(n) if side == "real" else slice(n, None)] = np.nan
        return slopes

    wrong = {NO_SLOPE: _slopes_of(lambda *_: None)}
    for side in ("real", "fake"):
        message = f"the value is right, but no slope flows to the {side} logits: something cut it off there."
        wrong[message] = functools.partial(cut, side=side)
    compare(f"{task}, its slopes", _slopes_of(answer), _slopes_of(right), cases, wrong, tolerance=1e-4)


def discriminator_loss(answer, variant=None):
    """discriminator_loss(real_logits, fake_logits) in nats."""
    right = losses.discriminator_loss
    _compare_loss(
        "discriminator_loss",
        answer,
        right,
        _logit_pairs(variant),
        {
            "you took the sum over the samples; it would grow with the batch. Take the mean of each side.": lambda r, f: (
                softplus(-r).sum() + softplus(f).sum()
            ),
            "sigmoid is applied twice: the function that you call takes logits and applies it itself. Give it the logits.": (
                lambda r, f: right(r.sigmoid(), f.sigmoid())
            ),
            "the sign is turned: this is V, which D wants large. D *descends* on its loss, so that the loss is -V.": (
                lambda r, f: -right(r, f)
            ),
            "real and fake are swapped: D should say 1 to the real samples and 0 to the fakes.": lambda r, f: right(f, r),
            "the fakes' term has log D. D should say 0 to a fake: take log(1 - D) there.": lambda r, f: (
                softplus(-r).mean() + softplus(-f).mean()
            ),
            "you averaged over real samples and fakes together. Each side has its own mean, and the two are "
            "added.": lambda r, f: torch.cat([softplus(-r), softplus(f)]).mean(),
            "twice the mean over all of them is right only for equally many real samples and fakes. Here each side has its own "
            "mean, and the two are added.": lambda r, f: 2 * torch.cat([softplus(-r), softplus(f)]).mean(),
            "you halved it: V is the sum of the two means, not their average.": lambda r, f: right(r, f) / 2,
            "you divided by the length of the first axis. There may be more axes: take .mean() over all.": lambda r, f: (
                softplus(-r).sum() / len(r) + softplus(f).sum() / len(f)
            ),
            "these are logits, any real numbers, not probabilities: apply sigmoid before you take the log.": lambda r, f: (
                -torch.log(r).mean() - torch.log(1 - f).mean()
            ),
            "only the real samples count in this. The fakes' term, -log(1 - D), is missing.": lambda r, f: softplus(-r).mean(),
            "only the fakes count in this. The real samples' term, -log D, is missing.": lambda r, f: softplus(f).mean(),
        },
    )


def non_saturating_generator_loss(answer, variant=None):
    """non_saturating_generator_loss(fake_logits) in nats."""
    _compare_loss(
        "non_saturating_generator_loss",
        answer,
        losses.non_saturating_generator_loss,
        [(a,) for pair in _logit_pairs(variant) for a in pair],
        {
            "this is the minimax loss, log(1 - D), which saturates where D is sure of a fake. The non-saturating one is "
            "-log D.": (losses.minimax_generator_loss),
            "you took the sum over the fakes; it would grow with the batch. Take the mean.": lambda f: softplus(-f).sum(),
            "sigmoid is applied twice: the function that you call takes logits and applies it itself. Give it the logits.": (
                lambda f: softplus(-f.sigmoid()).mean()
            ),
            "you gave the fakes the label 0, which is D's wish. G wants D to say *real*: label 1, that is -log D.": lambda f: (
                softplus(f).mean()
            ),
            "the sign is turned: whoever descends on log D makes D disbelieve the fakes. G descends on -log D.": lambda f: (
                -softplus(-f).mean()
            ),
            "these are logits, any real numbers, not probabilities: apply sigmoid before you take the log.": lambda f: (
                -torch.log(f).mean()
            ),
            "there is one loss for each fake here. Take their mean, so that the loss is one number.": lambda f: softplus(-f),
            "this is -D, without the logarithm. The loss is -log D.": lambda f: -f.sigmoid().mean(),
        },
    )


def slopes(minimax, non_saturating, variant=None):
    """The slopes by the logit of G's two losses, for one fake: minimax(a) and non_saturating(a) on arrays (n,)."""
    rng = np.random.default_rng(seed_of(variant))
    cases = [(np.array([-6.9, -1.0, 0.0, 2.0]),), (rng.uniform(-5, 5, 5),)]

    def s(a):
        return 1 / (1 + np.exp(-a))

    by_d = "this is the slope by D, the probability. By the logit, multiply with sigma(a) (1 - sigma(a))."
    sign = "the sign is turned: both losses *fall* as the logit grows, since G wants a to be large."
    itself = "this is the loss itself, not its slope by a."
    logit = "a itself stands where sigma(a) should: D = sigma(a) is the probability, a is only its logit."
    of_d = "this is sigma'(a), the slope of D by the logit. The logarithm has a slope, too: multiply the two."
    both = {of_d: lambda a: s(a) * s(-a), f"{of_d} And mind the sign.": lambda a: -s(a) * s(-a)}
    compare(
        "minimax_slope",
        minimax,
        lambda a: -s(a),
        cases,
        {
            "this is the slope of -log sigma(a); did you swap the two? Where D is sure of a fake, a far below 0, it is the "
            "*minimax* slope that vanishes.": lambda a: -s(-a),
            by_d: lambda a: -1 / s(-a),
            sign: s,
            itself: lambda a: np.log(s(-a)),
            logit: lambda a: -a,
            **both,
        },
    )
    compare(
        "non_saturating_slope",
        non_saturating,
        lambda a: -s(-a),
        cases,
        {
            "this is the slope of log(1 - sigma(a)). For -log sigma(a) the other factor of sigma'(a) is left.": lambda a: -s(a),
            by_d: lambda a: -1 / s(a),
            sign: lambda a: s(-a),
            itself: lambda a: -np.log(s(a)),
            logit: lambda a: -(1 - a),
            **both,
        },
    )


def mended_score(answer, variant=None):
    """mended_score(logits, labels): the mean log-probability of the truth, right for every logit, with its slope."""
    task, rng = "mended_score", np.random.default_rng(seed_of(variant))

    def right(a, t):
        return (t * logsigmoid(a) + (1 - t) * logsigmoid(-a)).mean()

    def with_epsilon(epsilon):
        return lambda a, t: (t * (a.sigmoid() + epsilon).log() + (1 - t) * (1 - a.sigmoid() + epsilon).log()).mean()

    epsilons = {
        f"an epsilon of {epsilon:g} inside the log falsifies every score, and for large logits it cuts the slope off. "
        "Use logsigmoid, which needs none.": with_epsilon(epsilon)
        for epsilon in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
    }

    moderate = [
        (torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64), torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)),
        (torch.tensor(rng.uniform(-4, 4, 5)), torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0], dtype=torch.float64)),
    ]
    compare(
        f"{task}, moderate logits",
        answer,
        right,
        moderate,
        {
            "the sign is turned: this is the cross-entropy, a loss. The score is minus that, at most 0.": lambda a, t: (
                -right(a, t)
            ),
            "you took a mean for each side and added the two. Here it is one mean, over all samples.": lambda a, t: (
                logsigmoid(a[t == 1]).mean() + logsigmoid(-a[t == 0]).mean()
            ),
            "you took the sum. The score is the mean over the samples.": lambda a, t: right(a, t) * a.numel(),
            "sigmoid is applied twice: logsigmoid and the like take the logit itself.": lambda a, t: right(a.sigmoid(), t),
            "the labels are swapped: 1 is real, and a real sample counts log D.": lambda a, t: right(a, 1 - t),
            "only the real samples count in this. A fake counts log(1 - D) = logsigmoid(-a).": lambda a, t: (
                t * logsigmoid(a)
            ).mean(),
            "for the fakes you took -logsigmoid(a). The minus belongs inside: log(1 - sigma(a)) = "
            "logsigmoid(-a).": lambda a, t: (t * logsigmoid(a) + (1 - t) * softplus(-a)).mean(),
            **epsilons,
        },
    )
    far = 200.0 + seed_of(variant) % 50

    def at(logit, label):
        found = outcome(answer, (torch.tensor([logit]), torch.tensor([label])))
        try:
            return float(found)
        except (TypeError, ValueError, RuntimeError):
            raise NotYet(f"{task}: at the logit {logit:.0f} it gave {found!r}, not one number") from None

    real, fake = at(-far, 1.0), at(far, 0.0)
    if not math.isfinite(real):
        raise NotYet(
            f"{task}: at a = -{far:.0f} a real sample still scores {real}. Either sigma(a) has rounded to 0 before "
            "the log sees it, or e^(-a) has overflowed; nothing done afterwards brings it back. Go from the logit in one "
            "step: logsigmoid(a)."
        )
    if not math.isfinite(fake):
        raise NotYet(
            f"{task}: the real side is mended, but at a = {far:.0f} a fake scores {fake}: 1 - "
            f"sigma(a) has rounded to 0 (in float64, too, "
            "only later). Use log(1 - sigma(a)) = logsigmoid(-a)."
        )
    worse = max(real, fake, key=lambda score: abs(score + far))
    if worse < -2 * far:
        raise NotYet(
            f"{task}: you painted over the inf with a huge number ({worse:.3g} at a logit of size {far:.0f}). "
            f"The true score is -{far:.0f}: logsigmoid gives it."
        )
    if abs(worse + far) > 1e-3:
        raise NotYet(
            f"{task}: the score stops at {worse:.4g}, where it should be -{far:.0f}: an epsilon or a clamp has cut it off. "
            "Its slope is 0 there, and D no longer learns from its worst mistake. Use logsigmoid, which needs neither."
        )
    sizes = (20.0, 60.0, 110.0, 1e4)
    for size in sizes:
        for logit, label in ((-size, 1.0), (size, 0.0)):
            if not math.isclose(score := at(logit, label), -size, rel_tol=1e-4):
                raise NotYet(
                    f"{task}: right at a = ±{far:.0f}, but at a = {logit:.0f} a {'real sample' if label else 'fake'} scores "
                    f"{score}, where it should be -{size:.0f}. A threshold, a clamp or more digits only move the trouble to "
                    "another logit. logsigmoid needs none of them."
                )
    extreme = [
        (torch.tensor([-size, size, 0.5]), torch.tensor(labels))
        for size in (far, *sizes)
        for labels in ([1.0, 0.0, 1.0], [0.0, 1.0, 0.0])  # D sure and wrong; D sure and right
    ]
    compare(
        f"{task}, large logits",
        answer,
        right,
        extreme,
        {
            "where D is sure and *right* this is nan, since 0 · log 0 is. Take logsigmoid(a) and "
            "logsigmoid(-a), which are finite, in both terms.": lambda a, t: (
                right(a, t) if ((t > 0.5) == (a < 0)).any() else torch.tensor(math.nan)
            )
        },
    )

    def slopes_by_logits(function):
        return lambda a, t: _slopes_of(lambda logits: function(logits, t))(a)

    nan = (
        "the values are right, but a slope is nan. torch.where does not help: the branch not taken sends 0 · inf back. Use "
        "logsigmoid."
    )

    def with_its_nans(a, t):
        """The right slopes, but nan where the learner's are."""
        found, expected = outcome(slopes_by_logits(answer), (a, t)), slopes_by_logits(right)(a, t)
        return expected if isinstance(found, Exception) else np.where(np.isnan(found), math.nan, expected)

    compare(
        f"{task}, its slopes",
        slopes_by_logits(answer),
        slopes_by_logits(right),
        extreme,
        {
            NO_SLOPE: lambda a, t: np.full(a.numel(), math.nan),
            nan: with_its_nans,
        },
    )


def smoothed_discriminator_loss(answer, variant=None):
    """smoothed_discriminator_loss(real_logits, fake_logits, smooth): the real samples have label 1 - smooth, the fakes 0."""

    def labelled(a, label):
        return (label * softplus(-a) + (1 - label) * softplus(a)).mean()

    def with_labels(real, fake):
        return lambda r, f, s: labelled(r, real(s)) + labelled(f, fake(s))

    def less(s):
        return 1 - s

    def one(s):
        return 1.0

    def itself(s):
        return s

    def none(s):
        return 0.0

    def more(s):
        return 1 + s

    right = with_labels(less, none)
    sizes = (0.1, 0.15 + 0.01 * (seed_of(variant) % 10))
    _compare_loss(
        "smoothed_discriminator_loss",
        answer,
        right,
        [(*pair, smooth) for pair, smooth in zip(_logit_pairs(variant), sizes)],
        {
            "you smoothed both sides. Keep the fakes at label 0: else bad samples are called a little real.": with_labels(
                less, itself
            ),
            "you smoothed the fakes. It is the *real* samples whose label becomes 1 - smooth; fakes keep 0.": with_labels(
                one, itself
            ),
            "you smoothed the wrong way: the label 1 + smooth makes D surer still. It is 1 - smooth.": with_labels(more, none),
            "the label of the real samples is 1 - smooth, not smooth: a real sample is mostly real.": with_labels(itself, none),
            "there is no smoothing in this: the real samples' label is still 1.": with_labels(one, none),
            "you only scaled the real term by 1 - smooth. The rest of the label counts, too: -smooth · log(1 - D) on "
            "real samples.": (lambda r, f, s: (1 - s) * softplus(-r).mean() + softplus(f).mean()),
            "real and fake are swapped: the label 1 - smooth is for the real samples.": lambda r, f, s: right(f, r, s),
            "sigmoid is applied twice: the function that you call takes logits and applies it itself. Give it the logits.": (
                lambda r, f, s: right(r.sigmoid(), f.sigmoid(), s)
            ),
            "you took the sum over the samples; it would grow with the batch. Take the mean of each side.": lambda r, f, s: (
                labelled(r, 1 - s) * r.numel() + labelled(f, 0.0) * f.numel()
            ),
            "you averaged over real samples and fakes together. Each side has its own mean, and the two "
            "are added.": lambda r, f, s: (
                (labelled(r, 1 - s) * r.numel() + labelled(f, 0.0) * f.numel()) / torch.cat([r, f]).numel()
            ),
            "the sign is turned: D descends on its loss, which is at least 0.": lambda r, f, s: -right(r, f, s),
            "twice the mean over all of them is right only for equally many real samples and fakes. Here each side has its own "
            "mean, and the two are added.": lambda r, f, s: (
                2 * (labelled(r, 1 - s) * r.numel() + labelled(f, 0.0) * f.numel()) / torch.cat([r, f]).numel()
            ),
        },
    )


def smooth_of(variant):
    """How much the real labels are smoothed in the question of d_settles."""
    return 0.1 if variant == 0 else float(np.random.default_rng(variant).choice([0.14, 0.16, 0.18, 0.2, 0.22, 0.24, 0.26]))


def d_settles(answer, variant):
    """What D says where p_g = p_data, if it was trained with one-sided label smoothing."""
    s = smooth_of(variant)
    number(
        "d_settles",
        answer,
        (1 - s) / 2,
        {
            "1/2 is the answer without smoothing, or with both sides smoothed alike. Here only the real label moves.": 0.5,
            "that is the label of the real samples. Half of the samples here are fakes, with label 0.": 1 - s,
            "that is where D settles if the real term is only *scaled* by 1 - smooth. Do not forget -smooth · log(1 - D).": (
                1 - s
            )
            / (2 - s),
            "that is with the fakes smoothed, and not the real samples.": (1 + s) / 2,
            "that is the logit. Turn it into a probability with sigma.": math.log((1 - s) / (1 + s)),
        },
    )
