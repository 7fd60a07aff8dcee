"""The bell that is closest to a density, by forward or by reverse KL."""

import math
from itertools import product

import numpy as np
from scipy.integrate import trapezoid
from scipy.stats import norm

from ..engine import UNNAMED, Task, mistakes
from .grids import right_kl as kl


def bell_cases(variant):
    x = np.linspace(-10, 10, 1001)
    mus, sigmas = np.linspace(-3, 3, 25), np.linspace(0.4, 2.8, 25)
    humps = [(0.7, -2.0, 0.5, 2.0, 0.5), (0.35, -1.5, 0.4, 2.5, 0.6)]
    if variant is not None:
        rng = np.random.default_rng(variant)
        heavy, side = rng.choice([0.57, 0.62, 0.68, 0.71, 0.75]), rng.choice([-2.0, 2.0])
        humps = [(heavy, side, rng.choice([0.4, 0.5, 0.6]), -side, 0.5)]
    cases = []
    for share, *bells in humps:
        p = two_humps(x, share, *bells)
        cases += [(p, x, mus, sigmas, False), (p, x, mus, sigmas, True)]
    # another grid, lists of unlike lengths, and no good fit among them
    x, mus, sigmas = np.linspace(-9, 11, 801), np.linspace(3, 6, 7), np.linspace(0.5, 1.5, 5)
    p = two_humps(x, 0.6, -2.0, 0.5, 2.0, 0.5)
    return [*cases, (p, x, mus, sigmas, False), (p, x, mus, sigmas, True)]


def two_humps(x, share, mu, sigma, other_mu, other_sigma):
    return share * norm.pdf(x, mu, sigma) + (1 - share) * norm.pdf(x, other_mu, other_sigma)


def search(cost, best=lambda mu, sigma, i, j, cost: (mu, sigma)):
    """A best_bell that tries all pairs, keeps the one of smallest ``cost(p, q, x, reverse)``."""

    def best_bell(p, x, mus, sigmas, reverse=False):
        tries = []
        for (i, mu), (j, sigma) in product(enumerate(mus), enumerate(sigmas)):
            found = cost(p, norm.pdf(x, mu, sigma), x, reverse)
            tries.append((found, best(mu, sigma, i, j, found)))
        return min(tries, key=lambda one: one[0])[1]

    return best_bell


def right_cost(p, q, x, reverse):
    return kl(q, p, x) if reverse else kl(p, q, x)


right_bell = search(right_cost)


def moments(p, x):
    mean = trapezoid(p * x, x)
    return mean, trapezoid(p * (x - mean) ** 2, x)


def mean_and_deviation(p, x, mus, sigmas, reverse=False):
    mean, variance = moments(p, x)
    return mean, math.sqrt(variance)


def deviation_for_reverse(p, x, mus, sigmas, reverse=False):
    answer = mean_and_deviation if reverse else right_bell
    return answer(p, x, mus, sigmas, reverse)


def highest_point(p, x, mus, sigmas, reverse=False):
    _, sigma = mean_and_deviation(p, x, mus, sigmas)
    middle, width = np.abs(mus - x[p.argmax()]).argmin(), np.abs(sigmas - sigma).argmin()
    return mus[middle], sigmas[width]


best_bell = Task(
    "best_bell",
    "best_bell(p, x, mus, sigmas, reverse): the (mu, sigma) of smallest forward or reverse KL",
    right_bell,
    bell_cases,
    mistakes(
        "you swapped them: with reverse=False the answer is that of reverse KL(q‖p), and the "
        "other way round. Forward has the data p first.",
        search(lambda p, q, x, reverse: kl(p, q, x) if reverse else kl(q, p, x)),
        "this is forward KL(p‖q) both times. With reverse=True the arguments change places: "
        "kl(q, p, x).",
        search(lambda p, q, x, reverse: kl(p, q, x)),
        "this is reverse KL(q‖p) both times. With reverse=False the data come first: kl(p, q, x).",
        search(lambda p, q, x, reverse: kl(q, p, x)),
        "these are mean and standard deviation of p. Forward KL leads there, reverse KL has no "
        "such formula: try the pairs of mus and sigmas, and return one of them.",
        mean_and_deviation,
        "reverse KL does not match the mean and standard deviation of p; only forward KL does. "
        "For reverse, try all pairs with kl(q, p, x).",
        deviation_for_reverse,
        "you gave the variance as sigma. The bell wants its square root.",
        lambda p, x, mus, sigmas, reverse=False: moments(p, x),
        "these are moments of the wrong density: x.mean() and x.std() treat every grid point "
        "alike. Weigh with p, or rather let kl decide.",
        lambda p, x, mus, sigmas, reverse=False: (x.mean(), x.std()),
        "these are moments of the wrong density: mean and width of the list of values p. They "
        "must be those of x, weighed with p; or rather let kl decide.",
        lambda p, x, mus, sigmas, reverse=False: (p.mean(), p.std()),
        "your middle is the highest point of p, and your width that of the whole of p: neither "
        "divergence asks for that. Let kl decide about both.",
        highest_point,
        "you kept the *greatest* divergence; the best bell has the smallest.",
        search(lambda p, q, x, reverse: -right_cost(p, q, x, reverse)),
        "you returned the indices of the best pair: return mus[i] and sigmas[j].",
        search(right_cost, best=lambda mu, sigma, i, j, cost: (i, j)),
        "you returned (sigma, mu): the order is (mu, sigma).",
        search(right_cost, best=lambda mu, sigma, i, j, cost: (sigma, mu)),
        "you returned the smallest divergence itself; asked for is the pair (mu, sigma) where it "
        "is smallest.",
        search(right_cost, best=lambda mu, sigma, i, j, cost: cost),
        UNNAMED,
        lambda p, x, mus, sigmas, reverse=False: right_bell(
            p, x, np.linspace(-3, 3, 25), sigmas, reverse
        ),  # values of one's own
    ),
)
