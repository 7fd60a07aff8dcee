"""Numbers to read off a run, or to find by thinking."""

import math

import numpy as np
from scipy.stats import norm

from gan_lib import game

from ..engine import mistakes
from ..questions import Question


def run_to_read(variant: int) -> tuple[list[int], list[float]]:
    """Steps and D's losses of a run in which p_g passes over the data, and D is D* all the time."""
    x = np.linspace(-12, 12, 2401)
    nearest, sigma = 60, 0.6
    if variant != 0:
        rng = np.random.default_rng(variant)
        nearest, sigma = rng.choice([30, 40, 50, 70]), rng.choice([0.65, 0.7, 0.75, 0.8])
    steps, p_data = list(range(0, 101, 10)), norm.pdf(x)
    bells = [norm.pdf(x, (step - nearest) / 20, sigma) for step in steps]
    return steps, [-game.cost(p_data, bell, x) for bell in bells]


best_step = Question(
    "best_step",
    "the step of run_to_read at which JS is smallest",
    lambda steps, d_losses: steps[np.argmax(d_losses)],
    run_to_read,
    mistakes(
        "there D's loss is lowest, so D tells the fakes *best*. Where they are most like the "
        "data, D can hardly tell.",
        lambda steps, d_losses: steps[np.argmin(d_losses)],
        "the last step need not be the best one. Look where D can tell least, and its loss is "
        "highest.",
        lambda steps, d_losses: steps[-1],
        "this is the loss there. The question asks for the number of the step.",
        lambda steps, d_losses: max(d_losses),
        "this is its place in the list, counted from 0. The step itself is steps[...].",
        lambda steps, d_losses: int(np.argmax(d_losses)),
    ),
)
js_at_end = Question(
    "js_at_end",
    "JS at the last step of run_to_read, in nats",
    lambda d_loss: (math.log(4) - d_loss) / 2,
    lambda variant: (run_to_read(variant)[1][-1],),
    mistakes(
        "this is 2 JS. D's loss is log 4 - 2 JS: halve the difference.",
        lambda d_loss: math.log(4) - d_loss,
        "the sign is turned: JS is never negative. D's loss is -V, that is log 4 - 2 JS.",
        lambda d_loss: (d_loss - math.log(4)) / 2,
        "this is in bits. Do not divide by log 2.",
        lambda d_loss: (math.log(4) - d_loss) / 2 / math.log(2),
        "you took V for +D's loss. V is minus it: V = -log 4 + 2 JS, so D's loss is log 4 - 2 JS.",
        lambda d_loss: (math.log(4) + d_loss) / 2,
        "this is D's loss itself. Solve log 4 - 2 JS = D's loss for JS.",
        lambda d_loss: d_loss,
        "you started from log 2. At p_g = p_data D's loss is 2 log 2 = log 4.",
        lambda d_loss: (math.log(2) - d_loss) / 2,
    ),
)


def smooth_of(variant: int) -> float:
    """How much the real labels are smoothed in the question of d_settles."""
    if variant == 0:
        return 0.1
    rng = np.random.default_rng(variant)
    return float(rng.choice([0.14, 0.16, 0.18, 0.2, 0.22, 0.24, 0.26]))


d_settles = Question(
    "d_settles",
    "what D says where p_g = p_data, if it was trained with one-sided label smoothing",
    lambda smooth: (1 - smooth) / 2,
    lambda variant: (smooth_of(variant),),
    mistakes(
        "1/2 is the answer without smoothing, or with both sides smoothed alike. Here only the "
        "real label moves.",
        lambda smooth: 0.5,
        "that is the label of the real samples. Half of the samples here are fakes, with label 0.",
        lambda smooth: 1 - smooth,
        "that is where D settles if the real term is only *scaled* by 1 - smooth. Do not forget "
        "-smooth · log(1 - D).",
        lambda smooth: (1 - smooth) / (2 - smooth),
        "that is with the fakes smoothed, and not the real samples.",
        lambda smooth: (1 + smooth) / 2,
        "that is the logit. Turn it into a probability with sigma.",
        lambda smooth: math.log((1 - smooth) / (1 + smooth)),
    ),
)
