"""The engine: a task is data, and one function judges every answer to it.

A task has a right answer, cases on which to try answers, and mistakes, each a message with the
answers that earn it, written as a student would write them. An answer is right if it does what the
right one does on all cases. If not, it gets the message of the first mistake that fits: one that
does the same on all cases, or whose sign shows. No random number is drawn without a seed, so the
same answer always gets the same verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .outcomes import NotYet, Returned, array, blank, brief, outcome, same, tried

NOTHING = "your function gives back nothing (None). Is `return` missing? To print is not to return."
RETURNED = "you *return* a {}, as if it were an answer: write `raise`, not `return`."
UNNAMED = ""  # the message of mistakes that are caught without being named


@dataclass(frozen=True)
class Mistake:
    """A message, the answers that earn it, and, where no example is like all others, its sign."""

    message: str
    answers: tuple[Callable, ...] = ()
    sign: Callable | None = None


@dataclass(frozen=True)
class Sign:
    """``fires(seen, *case)`` is true, or text to fill into the message, where a mistake shows."""

    fires: Callable


def mistakes(*listed: str | Sign | Callable) -> tuple[Mistake, ...]:
    """A list of mistakes: each message, then its sign if it has one, then answers that earn it."""
    found = []
    for part in listed:
        if isinstance(part, str):
            found.append(Mistake(part))
        elif isinstance(part, Sign):
            found[-1] = replace(found[-1], sign=part.fires)
        else:
            found[-1] = replace(found[-1], answers=(*found[-1].answers, part))
    return tuple(found)


def call(answer: Callable, *case: Any) -> Any:
    """What is usually seen of an answer: what it returns."""
    return answer(*case)


def itself(seen: Any, *case: Any) -> Any:
    """What usually counts: all that is seen."""
    return seen


@dataclass(frozen=True)
class Task:
    """A function to write. Calling the task judges an answer.

    Parameters
    ----------
    about : one line: what the function takes and returns
    cases : ``cases(variant)`` lists the arguments to try; None stands for those a student sees
    seen : ``seen(answer, *case)`` tries an answer
    counts : ``counts(seen, *case)`` is what must agree with the right answer
    tolerance : how far numbers may differ, as a share
    otherwise : what to say of an answer that no mistake explains
    then : further tasks that the same answer must pass
    """

    name: str
    about: str
    right: Callable
    cases: Callable[[int | None], list[tuple]]
    mistakes: tuple[Mistake, ...]
    also_right: tuple[Callable, ...] = ()
    seen: Callable = call
    counts: Callable = itself
    tolerance: float = 1e-6
    otherwise: str = ""
    then: tuple["Task", ...] = ()

    def __call__(self, answer: Callable, variant: int | None = None) -> None:
        judge(self, answer, variant)


def judge(task: Task, answer: Callable, variant: int | None = None) -> None:
    """Print a line if the answer is right; raise NotYet with what it looks like if it is not."""
    cases = task.cases(variant)
    seen = _try_on(task, answer, cases)
    found = [_counted(task, one, case) for one, case in zip(seen, cases)]
    right = _does_the_same(task, task.right, found, cases)
    for mistake in task.mistakes:
        if mistake.sign:
            text = _sign_of(mistake, seen, cases)
        else:
            text = not right and _is_made(task, mistake, found, cases) and mistake.message
        if text:
            raise NotYet(f"{task.name}: {text}")
    if not right:
        raise _unexplained(task, cases, found)
    print(f"✓ {task.name}: right on {len(cases)} cases")
    for further in task.then:
        judge(further, answer, variant)


def seed_of(variant: int | None) -> int:
    """A seed for the inputs that a student sees (None), or for those that grade an answer."""
    return 0 if variant is None else 1 + variant


def _try_on(task, answer, cases):
    """What is seen of the answer in each case; NotYet if that is nothing."""
    if not callable(answer):
        kind = type(answer).__name__
        raise NotYet(f"{task.name}: give me the function itself, without parentheses, not {kind}")
    seen = [tried(task.seen, answer, case) for case in cases]
    if all(type(one) is NotImplementedError for one in seen):  # not input() without a keyboard
        raise blank(task.name)
    if all(one is None for one in seen):
        raise NotYet(f"{task.name}: {NOTHING}")
    for one in seen:
        if isinstance(one, Returned):
            raise NotYet(f"{task.name}: {RETURNED.format(one)}")
    return seen


def _counted(task, seen, case):
    """What counts of all that is seen; an exception counts as itself."""
    return seen if isinstance(seen, Exception) else outcome(task.counts, seen, *case)


def _sign_of(mistake, seen, cases):
    """The message, if the mistake's sign shows in a case; else None."""
    for one, case in zip(seen, cases):
        if isinstance(one, Exception):
            continue
        shown = outcome(mistake.sign, one, *case)
        if shown and not isinstance(shown, Exception):
            return mistake.message.format(shown) if isinstance(shown, str) else mistake.message


def _is_made(task, mistake, found, cases):
    """Whether one of the mistaken answers does the same on all cases."""
    return any(_does_the_same(task, answer, found, cases) for answer in mistake.answers)


def _does_the_same(task, answer, found, cases):
    return all(
        same(one, _counted(task, tried(task.seen, answer, case), case), task.tolerance)
        for one, case in zip(found, cases)
    )


def _unexplained(task, cases, found):
    """What to raise where no mistake explains the first wrong outcome."""
    expected = [_counted(task, tried(task.seen, task.right, case), case) for case in cases]
    triples = zip(cases, found, expected)
    case, one, right = next(t for t in triples if not same(*t[1:], task.tolerance))
    asked = task.name
    if task.seen is call:
        asked = f"{task.name.split(',')[0]}({', '.join(map(brief, case))})"
    if isinstance(one, Exception):
        return NotYet(f"{asked} raised {type(one).__name__}: {one}")
    if task.otherwise:
        return NotYet(f"{task.name}: {task.otherwise}")
    if all(same(a, b, 0.005) for a, b in zip(found, expected)):
        off = np.max(np.abs(np.subtract(array(one), array(right))))
        return NotYet(
            f"{task.name}: nearly, but off by {off:.1g}. "
            "Is a constant rounded, or something tiny added?"
        )
    return NotYet(f"{asked} should be {brief(right)}, and yours is {brief(one)}")
