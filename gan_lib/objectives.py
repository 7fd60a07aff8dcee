"""The table of games: what D descends, what G descends, and what keeps D in bounds.

Algorithm 1 is the same for all of them; ``training.train`` reads from an :class:`Objective` what
differs. ``print(objectives.table())`` shows them side by side.
"""

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .judges import last_features
from .losses import (
    auxiliary_discriminator_loss,
    auxiliary_generator_loss,
    critic_generator_loss,
    critic_loss,
    discriminator_loss,
    feature_matching_loss,
    hinge_discriminator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    maximum_likelihood_generator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    relativistic_discriminator_loss,
    relativistic_generator_loss,
)
from .penalties import R1, R2, ClipWeights, GradientPenalty, Sum


def probability(a: Tensor) -> Tensor:
    """What curves show of a logit: D's answer, sigmoid(a)."""
    return torch.sigmoid(a)


def probability_of_first(a: Tensor) -> Tensor:
    """The same where D answers several numbers a sample: sigmoid of the first of them."""
    return torch.sigmoid(a[:, 0])


def number(a: Tensor) -> Tensor:
    """What curves show of a critic's answer: the number itself."""
    return a


OPTIONAL = ("penalty", "after_d_step", "judge")


@dataclass(frozen=True)
class Objective:
    """One game. The defaults are the paper's D; a game of your own needs only a ``g_loss``.

    Raises
    ------
    TypeError
        For a loss, a penalty or an act that cannot be called.
    ValueError
        For a number of answers that is not a positive whole number.
    """

    d_loss: Callable = discriminator_loss  # (real_logits, fake_logits) -> scalar
    g_loss: Callable = non_saturating_generator_loss  # (fake_logits) -> scalar
    paired: bool = False  # g_loss takes (fake_logits, real_logits)
    penalty: Callable | None = None  # (discriminator, real, fake, rng) -> scalar, added to D's loss
    after_d_step: Callable | None = None  # (discriminator): such as clipping
    judge: Callable | None = None  # what answers G in D's place: a later D, or D's features
    answer: Callable = probability  # what curves show of a logit
    answers: int = 1  # numbers that D answers a sample
    undecided: float | None = 0.0  # the logit of a D that cannot tell; None: any will do
    unit: str = "nats"  # of both losses

    def __post_init__(self):
        for name in ("d_loss", "g_loss", "answer", *OPTIONAL):
            given = getattr(self, name)
            optional = name in OPTIONAL
            if not (callable(given) or (optional and given is None)):
                raise TypeError(f"{name} must be a function, not {given!r}")
        if not (isinstance(self.answers, int) and self.answers > 0):
            raise ValueError(f"answers must be a positive whole number, not {self.answers!r}")

    def with_penalty(self, penalty: Callable) -> "Objective":
        """The same game with one more penalty on D."""
        both = penalty if self.penalty is None else Sum((self.penalty, penalty))
        return dataclasses.replace(self, penalty=both)

    @property
    def levels(self) -> tuple[float | None, float | None, float | None]:
        """D's loss, G's loss and D's answer where D is undecided; None where that may be anything.

        A constant critic is undecided whatever the constant is, and G's loss and the answer with
        it. A D of several answers has no one level.
        """
        if self.answers > 1:
            return None, None, None
        a = torch.tensor([self.undecided or 0.0], dtype=torch.float64)
        d_level = self.d_loss(a, a).item()
        if self.paired:
            g_level = self.g_loss(a, a).item()
        else:
            g_level = None if self.undecided is None else self.g_loss(a).item()
        return d_level, g_level, None if self.undecided is None else self.answer(a).item()

    @property
    def answer_range(self) -> tuple[float, float] | None:
        """(0, 1) where D's answer is a probability; None where it may be any number."""
        return (0.0, 1.0) if self.answer in (probability, probability_of_first) else None

    @property
    def answer_label(self) -> str:
        """D where the answer is a probability, f where it is a critic's number."""
        return "D" if self.answer_range else "f"


Critic = functools.partial(Objective, answer=number, undecided=None, unit="")

OBJECTIVES = {
    "non_saturating": Objective(discriminator_loss, non_saturating_generator_loss),
    "minimax": Objective(discriminator_loss, minimax_generator_loss),
    "maximum_likelihood": Objective(discriminator_loss, maximum_likelihood_generator_loss),
    "least_squares": Critic(
        least_squares_discriminator_loss, least_squares_generator_loss, undecided=0.5
    ),
    "hinge": Critic(hinge_discriminator_loss, critic_generator_loss, undecided=0.0),
    "wasserstein": Critic(critic_loss, critic_generator_loss, after_d_step=ClipWeights(0.01)),
    "wasserstein_gp": Critic(critic_loss, critic_generator_loss, penalty=GradientPenalty(10.0)),
    "relativistic": Critic(
        relativistic_discriminator_loss,
        relativistic_generator_loss,
        paired=True,
        penalty=Sum((R1(1.0), R2(1.0))),
        unit="nats",
    ),
    "feature_matching": Objective(
        discriminator_loss, feature_matching_loss, paired=True, judge=last_features
    ),
    "auxiliary_classifier": Objective(
        auxiliary_discriminator_loss,
        auxiliary_generator_loss,
        answers=2,
        answer=probability_of_first,
    ),
}
"""The games by name; ``Settings.objective`` is one of these names.

:meta hide-value:
"""
OWN = "own"  # the name of an objective that is not in the table


def named(objective: str | Objective) -> Objective:
    """The objective of this name, or the one given.

    Raises
    ------
    ValueError
        For a name that is not in the table.
    """
    if isinstance(objective, Objective):
        return objective
    if objective not in list(OBJECTIVES):
        names = ", ".join(OBJECTIVES)
        raise ValueError(f"objective must be one of {names}, or an Objective, not {objective!r}")
    return OBJECTIVES[objective]


def table() -> str:
    """The games side by side, a line each: name, D's loss, G's loss, what keeps D in bounds."""
    rows = [("objective", "D descends", "G descends", "and on D")]
    for name, game in OBJECTIVES.items():
        bounds = game.penalty or game.after_d_step or ""
        rows.append((name, game.d_loss.__name__, game.g_loss.__name__, str(bounds)))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
