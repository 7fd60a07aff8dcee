"""Joint and conditional probabilities, and naive Bayes."""

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

from ..engine import NOTHING, Task, mistakes


def tables(variant):
    if variant is None:
        return [
            (np.array([[30.0, 10.0], [5.0, 55.0]]),),
            (np.array([[3, 1], [2, 6], [4, 0]]),),  # whole numbers
            (np.array([[0.1, 0.2, 0.1], [0.3, 0.05, 0.25]]),),
        ]
    rng = np.random.default_rng(variant)
    return [(rng.integers(1, 60, shape).astype(float),) for shape in ((2, 2), (3, 5), (4, 2))]


def into_zeros_like(joint):
    p = np.zeros_like(joint)
    for i, row in enumerate(joint):
        p[i] = row / row.sum()
    return p


conditional = Task(
    "conditional",
    "conditional(joint) = P(y|x): joint (n_x, n_y), each row divided by its sum",
    lambda joint: joint / joint.sum(axis=1, keepdims=True),
    tables,
    mistakes(
        NOTHING,
        lambda joint: print(joint / joint.sum(axis=1, keepdims=True)),
        "wrong axis: this is P(x|y), where each *column* sums to 1. You saw x, so divide each row "
        "by its sum.",
        lambda joint: joint / joint.sum(axis=0),
        "you divided by the total: that is the joint P(x, y), one whole for the table. Here each "
        "row makes a whole of its own: divide by the sum of the row.",
        lambda joint: joint / joint.sum(),
        "you returned the joint table as it came. To condition on x, divide each row by its sum.",
        lambda joint: joint,
        "this is P(x), the marginal. It is what you divide by: joint / P(x), row by row.",
        lambda joint: joint.sum(axis=1) / joint.sum(),
        "these are the sums of the rows. They are what you divide by, row by row.",
        lambda joint: joint.sum(axis=1),
        "you multiplied by P(x). That leads from the conditional to the joint; you go the other "
        "way, so divide.",
        lambda joint: joint * (joint / joint.sum()).sum(axis=1, keepdims=True),
        "right for floats, but this table holds whole numbers, and np.zeros_like of it can hold "
        "nothing else. Make the array with np.zeros(joint.shape), or divide all at once.",
        into_zeros_like,
        "numpy divided the columns by the sums of the rows (or could not). Keep the shape "
        "(n_x, 1): keepdims=True.",
        lambda joint: joint / joint.sum(axis=1),
    ),
    also_right=(
        lambda joint: [[float(n) / sum(row) for n in row] for row in joint.tolist()],
        lambda joint: (joint.T / joint.sum(1)).T,
    ),
)


def images(variant):
    """Small problems, then two of 2500 pixels: in the first no y is hopeless, in the second is."""
    rng, cases = np.random.default_rng(2500 if variant is None else variant), []
    if variant is None:
        theta = np.array([[0.1, 0.2, 0.6], [0.7, 0.5, 0.4], [0.3, 0.8, 0.9]])
        cases = [
            (np.array([1, 0]), np.array([0.8, 0.2]), np.array([[0.5, 0.4], [0.9, 0.3]])),
            (np.array([0, 0, 1]), np.array([0.2, 0.3, 0.5]), theta),
        ]
    for k, d in () if variant is None else ((2, 6), (4, 9)):
        x, prior = rng.integers(0, 2, d), rng.dirichlet(np.full(k, 4.0))
        cases.append((x, prior, rng.uniform(0.1, 0.9, (k, d))))
    x, prior = rng.integers(0, 2, 2500), np.array([0.5, 0.3, 0.2])
    sure = np.where(x == 1, 0.9, 0.1)
    nearly = np.where(np.arange(2500) < 3, 0.5, sure)
    alike = 0.5 + 0.01 * rng.uniform(-1, 1, (3, 2500))
    return [*cases, (x, prior, alike), (x, prior, np.stack([sure, nearly, 1 - sure]))]


def log_ink(x, theta):
    return np.log(theta) @ x


def log_likelihood(x, theta):
    return np.log(theta) @ x + np.log(1 - theta) @ (1 - x)


def log_joint(x, prior, theta):
    return np.log(prior) + log_likelihood(x, theta)


def product(x, theta):
    return np.prod(theta**x * (1 - theta) ** (1 - x), axis=1)


def shares(weights):
    return weights / weights.sum()


NO_PRIOR = (
    "you forgot the prior p(y): a frequent digit needs less evidence. Multiply by it (or add its "
    "logarithm)"
)
NO_BLANKS = (
    "you forgot the blank pixels: no ink, x = 0, has probability 1 - theta. Multiply by that, too"
)
UNDERFLOW = "with 2500 pixels a product vanishes as well: add logarithms."

posterior = Task(
    "posterior",
    "posterior(x, prior, theta) = p(y|x) of naive Bayes: x (d,) of 0 and 1, prior (k,), "
    "theta (k, d)",
    lambda x, prior, theta: softmax(log_joint(x, prior, theta)),
    images,
    mistakes(
        "right for small images, but a product of 2500 probabilities is smaller than any number "
        "that the computer holds: 0/0. Add logarithms, and subtract the largest before you take "
        "the exponential.",
        lambda x, prior, theta: shares(prior * product(x, theta)),
        lambda x, prior, theta: shares(np.exp(log_joint(x, prior, theta))),
        "subtract the *largest* of the logarithms (not the smallest, the mean or the first): then "
        "all others are below 0, and no exponential overflows.",
        lambda x, prior, theta: shares(
            np.exp(log_joint(x, prior, theta) - log_joint(x, prior, theta).min())
        ),
        lambda x, prior, theta: shares(
            np.exp(log_joint(x, prior, theta) - log_joint(x, prior, theta).mean())
        ),
        NO_PRIOR + ".",
        lambda x, prior, theta: softmax(log_likelihood(x, theta)),
        NO_PRIOR + "; " + UNDERFLOW,
        lambda x, prior, theta: shares(product(x, theta)),
        NO_BLANKS + ".",
        lambda x, prior, theta: softmax(np.log(prior) + log_ink(x, theta)),
        NO_BLANKS + "; " + UNDERFLOW,
        lambda x, prior, theta: shares(prior * np.prod(theta**x, axis=1)),
        "you did not normalise: this is the joint p(x, y). Divide by its sum over y, which is "
        "p(x).",
        lambda x, prior, theta: np.exp(log_joint(x, prior, theta)),
        lambda x, prior, theta: prior * product(x, theta),
        "this is p(x|y), without the prior and without the division by p(x).",
        lambda x, prior, theta: product(x, theta),
        "you normalised the logarithms. Take the exponential first, then divide by the sum.",
        lambda x, prior, theta: shares(log_joint(x, prior, theta)),
        "these are logarithms, log p(y|x). Take the exponential.",
        lambda x, prior, theta: log_softmax(log_joint(x, prior, theta)),
        "this is log p(x, y). Take the exponential, and divide by the sum over y.",
        log_joint,
        "you exchanged ink and blank: theta is the probability of *ink*, x = 1.",
        lambda x, prior, theta: softmax(log_joint(1 - x, prior, theta)),
    ),
    also_right=(
        lambda x, prior, theta: np.exp(
            log_joint(x, prior, theta) - logsumexp(log_joint(x, prior, theta))
        ),
        lambda x, prior, theta: shares(
            np.exp(log_joint(x, prior, theta) - log_joint(x, prior, theta).max())
        ),
    ),
)
