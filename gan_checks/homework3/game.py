"""The best D, the value of the game, and its cost."""

import math

import numpy as np
import torch
from scipy.integrate import simpson
from scipy.stats import norm

from gan_lib import densities, game
from gan_lib.densities import js, kl

from ..engine import UNNAMED, Task, mistakes, seed_of


def pairs_of_densities(variant):
    rng = np.random.default_rng(seed_of(variant))
    return [
        (np.array([3.0, 1.0, 0.5]), np.array([1.0, 1.0, 2.0])),
        (np.array([0.0, 0.4]), np.array([0.3, 0.0])),
        tuple(rng.uniform(0.05, 2.0, (2, 6))),
    ]


optimal_discriminator = Task(
    "optimal_discriminator",
    "optimal_discriminator(p_data, p_g) = D*(x) on densities (n,)",
    game.optimal_discriminator,
    pairs_of_densities,
    mistakes(
        "the labels are swapped: this is the share of fakes. D(x) is the probability of *real*, "
        "so p_data goes on top.",
        lambda p_data, p_g: p_g / (p_g + p_data),
        "this is the ratio p_data/p_g, which can be any size. A probability is the share of the "
        "real ones among *all*: divide by the sum p_data + p_g.",
        lambda p_data, p_g: p_data / p_g,
        "this is D*'s logit, log(p_data/p_g). Turn it into a probability: p_data/(p_data + p_g).",
        lambda p_data, p_g: np.log(p_data) - np.log(p_g),
        "you divided by the mean of the two densities: that is twice too large. Divide by their "
        "sum.",
        lambda p_data, p_g: p_data / ((p_data + p_g) / 2),
        "you summed over the grid. D* is decided at each x by itself: divide by p_data + p_g at "
        "the same x.",
        lambda p_data, p_g: p_data / (p_data.sum() + p_g.sum()),
        "you answer 0 or 1. An honest judge says *how* likely: p_data/(p_data + p_g).",
        lambda p_data, p_g: np.where(p_data > p_g, 1.0, 0.0),
        "this is the density p_data itself. Divide it by the sum p_data + p_g: what counts is the "
        "share.",
        lambda p_data, p_g: p_data,
    ),
)


def games(variant):
    """Cases (d, p_data, p_g, x): an even grid, two uneven ones, and one that cuts densities off."""
    rng = np.random.default_rng(seed_of(variant))
    even = np.linspace(-12, 12, 4001)
    uneven = 3 * np.sinh(np.linspace(-2.2, 2.2, 6001))  # fine in the middle, coarse outside
    waves = rng.uniform(0.3, 0.8) * np.sin(uneven) + rng.uniform(0.2, 0.6)
    drawn = tuple(rng.uniform([-1, 0.6, 0.5, 0.6], [0, 1.2, 1.5, 1.2]))
    cases = [
        (1 / (1 + np.exp(-logit)), norm.pdf(x, mu, sigma), norm.pdf(x, nu, tau), x)
        for x, logit, (mu, sigma, nu, tau) in (
            (even, -even, (-1.0, 0.6, 1.0, 1.0)),
            (uneven, np.tanh(uneven), (0.0, 1.0, 0.5, 0.8)),
            (uneven, waves, drawn),
        )
    ]
    x = np.linspace(-2, 2, 4001)
    bell = norm.pdf(x) / (norm.cdf(2) - norm.cdf(-2))
    return [*cases, (1 / (1 + np.exp(-np.sin(x))), bell, np.full_like(x, 1 / 4), x)]


def terms(d, p_data, p_g):
    return p_data * np.log(d) + p_g * np.log(1 - d)


def trapezoids(f, x):
    return ((f[1:] + f[:-1]) / 2 * np.diff(x)).sum()


value = Task(
    "value",
    "value(d, p_data, p_g, x) = V(D, G) in nats, by the trapezoidal rule",
    game.value,
    games,
    mistakes(
        "the fakes' term has log D. On a fake, D is right with 1 - D: take log(1 - D) there.",
        lambda d, p, q, x: float(np.trapezoid(p * np.log(d) + q * np.log(d), x)),
        "p_data weighs both terms. The fakes are drawn from p_g: weigh log(1 - D) with p_g.",
        lambda d, p, q, x: float(np.trapezoid(p * (np.log(d) + np.log(1 - d)), x)),
        "the two densities are swapped: log D belongs to p_data, log(1 - D) to p_g.",
        lambda d, p, q, x: float(np.trapezoid(q * np.log(d) + p * np.log(1 - d), x)),
        "you added up heights without their widths dx, as if all steps were 1. Give it the grid: "
        "np.trapezoid(..., x).",
        lambda d, p, q, x: float(np.sum(terms(d, p, q))),
        "all steps were 1 in this: give the grid to np.trapezoid, too.",
        lambda d, p, q, x: float(np.trapezoid(terms(d, p, q))),
        "you took the mean over the grid; densities are weights already. Integrate: "
        "np.trapezoid(..., x).",
        lambda d, p, q, x: float(np.mean(terms(d, p, q))),
        "you used one step for the whole grid, and this one is not even. Give the grid x itself "
        "to np.trapezoid.",
        lambda d, p, q, x: float(np.sum(terms(d, p, q)) * (x[1] - x[0])),
        "the arguments of np.trapezoid are swapped: the heights come first, then the grid x.",
        lambda d, p, q, x: float(np.trapezoid(x, terms(d, p, q))),
        "the sign is turned: this is D's loss, -V. V itself is at most 0.",
        lambda d, p, q, x: float(-np.trapezoid(terms(d, p, q), x)),
        "you used log2, that is bits. V is in nats: np.log.",
        lambda d, p, q, x: float(np.trapezoid(p * np.log2(d) + q * np.log2(1 - d), x)),
        "a rectangle at the left end of each piece is too rough here. Take the trapezoidal rule.",
        lambda d, p, q, x: float(np.sum(terms(d, p, q)[:-1] * np.diff(x))),
        "a rectangle at the right end of each piece is too rough here. Take the trapezoidal rule.",
        lambda d, p, q, x: float(np.sum(terms(d, p, q)[1:] * np.diff(x))),
        UNNAMED,
        lambda d, p, q, x: float(-np.trapezoid(x, terms(d, p, q))),
    ),
    also_right=(
        lambda d, p, q, x: simpson(terms(d, p, q), x=x),
        lambda d, p, q, x: trapezoids(terms(d, p, q), x),
    ),
)


def costs(variant):
    cases = [(p_data, p_g, x) for _, p_data, p_g, x in games(variant)]
    p_data, _, x = cases[0]
    return [*cases, (p_data, p_data.copy(), x)]


cost = Task(
    "cost",
    "cost(p_data, p_g, x) = C(G) = -log 4 + 2 JS, in nats",
    game.cost,
    costs,
    mistakes(
        "-log 2 is half of it. At p_g = p_data *both* averages are log(1/2), which makes -log 4.",
        lambda p, q, x: -math.log(2) + 2 * js(p, q, x),
        "JS must count twice: it is half the sum of two KLs, and C(G) has the whole sum.",
        lambda p, q, x: -math.log(4) + js(p, q, x),
        "you are in bits, or partly so: log2(4) = 2. In nats it is math.log(4), and densities.js "
        "is in nats already.",
        lambda p, q, x: -math.log2(4) + 2 * js(p, q, x),
        "you converted all of it to bits (base 2). The cost is in nats: math.log(4), and "
        "densities.js as it is.",
        lambda p, q, x: -2 + 2 * js(p, q, x) / math.log(2),
        "the sign of log 4 is wrong: values of the game are logarithms of probabilities, at most "
        "0.",
        lambda p, q, x: math.log(4) + 2 * js(p, q, x),
        "the sign is turned: this is D's loss at its best, log 4 - 2 JS. The cost is minus that.",
        lambda p, q, x: math.log(4) - 2 * js(p, q, x),
        "this has KL where JS should be. Both densities are compared with their mixture m: use "
        "densities.js.",
        lambda p, q, x: -math.log(4) + 2 * kl(p, q, x),
        "in a tail D* rounds to 0 or 1, and log(1 - D*) is -inf there. The formula with JS has no "
        "such trouble.",
        lambda p, q, x: float(np.trapezoid(terms(p / (p + q), p, q), x)),
        "the -log 4 is missing: at p_g = p_data the cost is not 0, since D = 1/2 is often wrong.",
        lambda p, q, x: 2 * js(p, q, x),
    ),
    also_right=(
        lambda p, q, x: (
            2 * densities.js(p, q, x) - 2 * torch.tensor(2.0, dtype=torch.float64).log()
        ),
    ),
)
