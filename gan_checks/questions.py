"""Questions whose answer is no function: a number, several answers, or who is who."""

import math
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .engine import Mistake, Task
from .outcomes import NotYet, blank


def number(
    name: str,
    answer: Any,
    expected: float,
    mistakes: Mapping[str, Any] | None = None,
    tolerance: float = 0.005,
) -> None:
    """Print a line if a number is within ``tolerance`` of the expected one; else raise NotYet.

    Parameters
    ----------
    mistakes : {message: the number, or the numbers, that this mistake leads to}
    tolerance : relative to the expected number where that is above 1
    """
    if answer is None or answer is Ellipsis:
        raise blank(name)
    if getattr(answer, "shape", None) == ():  # a tensor or an array that is one number
        answer = answer.item()
    if not isinstance(answer, (int, float, np.number)) or isinstance(answer, bool):
        raise NotYet(f"{name} must be a number, not {answer!r}")

    def near(value):
        if answer == value or not math.isfinite(value):
            return answer == value
        return abs(answer - value) <= tolerance * max(1, abs(value))

    if near(expected):
        print(f"✓ {name}")
        return
    for message, mistaken in (mistakes or {}).items():
        if any(near(value) for value in np.ravel(mistaken)):
            raise NotYet(f"{name}: {message}")
    if not math.isfinite(answer):
        raise NotYet(f"{name} must be a number, not {answer!r}")
    raise NotYet(f"{name}: {answer:.4g} is not it")


@dataclass(frozen=True)
class Question:
    """A number to find. Calling the question judges an answer.

    Parameters
    ----------
    right : of what is given, as are the mistaken answers
    given : ``given(variant)``, the numbers of a variant
    """

    name: str
    about: str
    right: Callable[..., float]
    given: Callable[..., tuple]
    mistakes: tuple[Mistake, ...]
    also_right: tuple[Callable, ...] = ()
    tolerance: float = 0.005

    def __call__(self, answer: Any, *variant: Any) -> None:
        given = self.given(*variant)
        wrong = {m.message: [wrong(*given) for wrong in m.answers] for m in self.mistakes}
        number(self.name, answer, self.right(*given), wrong, self.tolerance)


@dataclass(frozen=True)
class Several:
    """A task that asks for several answers, in the order of its parts."""

    about: str
    parts: tuple[Task | Question, ...]

    def __call__(self, *answers: Any) -> None:
        """Judge each answer; a variant may follow the last of them."""
        n = len(self.parts)
        for part, answer in zip(self.parts, answers[:n], strict=True):
            part(answer, *answers[n:])


def dealt(
    names: tuple[str, ...], draws: Callable[[int], np.random.Generator], variant: int
) -> dict[str, str]:
    """{letter: name}, in another order than the public one unless the variant is 0.

    draws : ``draws(variant)``, the random numbers of a variant
    """
    public, rng = draws(0).permutation(names).tolist(), draws(variant)
    order = rng.permutation(names).tolist()
    while variant != 0 and order == public:
        order = rng.permutation(names).tolist()
    return dict(zip(string.ascii_uppercase, order))


@dataclass(frozen=True)
class LineUp:
    """Who is who? The answer is {letter: name}.

    Parameters
    ----------
    truth : ``truth(variant)``, the right answer
    confusions : {(who it is, who it was taken for): why not}; "" stands for anybody else
    telling : the name that, given wrongly, says most about the mistake
    once : whether each name stands in the line-up once
    passed : what to print of a right answer, if not its name
    """

    name: str
    about: str
    names: tuple[str, ...]
    truth: Callable[[int], dict[str, str]]
    confusions: Mapping[tuple[str, str], str]
    telling: str = ""
    once: bool = False
    passed: str = ""

    def __call__(self, answer: Any, variant: int) -> None:
        truth = self.truth(variant)
        self._check_form(answer, truth)
        for letter in sorted(truth, key=lambda letter: answer[letter] != self.telling):
            right, said = truth[letter], answer[letter]
            if said != right:
                why = self.confusions.get((right, said)) or self.confusions[right, ""]
                raise NotYet(f"{self.name}: {letter} is not {said!r}: {why}")
        print(f"✓ {self.passed or self.name}")

    def _check_form(self, answer, truth):
        """Raise NotYet for what is not {letter: one of the names}."""
        if answer is None:
            raise blank(self.name)
        if not isinstance(answer, dict) or set(answer) != set(truth):
            keys = ", ".join(truth)
            raise NotYet(f"{self.name}: the answer must be a dictionary with the keys {keys}")
        if any(said is Ellipsis or said is None for said in answer.values()):
            raise NotYet(f"{self.name}: still blank. Replace each row of dots with a name.")
        for letter, said in answer.items():
            if said not in self.names:
                names = ", ".join(self.names)
                raise NotYet(f"{self.name}: {letter} is called {said!r}; the names are {names}")
        if self.once and len(set(answer.values())) < len(answer):
            raise NotYet(f"{self.name}: you used a name twice; each stands in the line-up once")
