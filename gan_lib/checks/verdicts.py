"""How an answer is judged: held against the right one on fixed inputs, then against the wrong ones that people give.

A check prints one line if the answer is right, and raises :class:`NotYet` if it is not. It draws no random numbers that are
not seeded, so that the same answer always gets the same verdict, and it needs all its cases to agree: one lucky number is no
answer.
"""

import contextlib
import copy
import math
import sys
import textwrap
import warnings

import numpy as np


class NotYet(AssertionError):
    """An answer that is not right yet. Its text says what was expected, or which mistake it looks like."""

    def _render_traceback_(self):
        """What IPython shows: the message alone. Where in the check it was raised teaches nobody anything."""
        return ["\x1b[1;35mNot yet\x1b[0m", *textwrap.wrap(str(self), 100)]


def compare(task, answer, right, cases, mistakes, tolerance=1e-6):
    """Raise NotYet unless the functions ``answer`` and ``right`` agree on all cases (tuples of arguments).

    mistakes: {message: the function of somebody who makes this mistake}. If ``answer`` agrees with one of them on all cases,
    the message says which mistake it is; the first that fits is taken. tolerance: how far numbers may differ, as a share.
    """
    _check_function(task, answer)
    found = [outcome(answer, case) for case in cases]
    if all(isinstance(result, NotImplementedError) for result in found):
        raise blank(task)
    if all(result is None for result in found):
        raise nothing(task)
    expected = [outcome(right, case) for case in cases]
    wrong = [i for i, (a, b) in enumerate(zip(found, expected)) if not _same(a, b, tolerance)]
    if not wrong:
        print(f"✓ {task}: right on {len(cases)} cases")
        return
    for message, mistaken in mistakes.items():
        if all(_same(a, outcome(mistaken, case), tolerance) for a, case in zip(found, cases)):
            raise NotYet(f"{task}: {message}")
    i = wrong[0]
    call = f"{task}({', '.join(map(_brief, cases[i]))})"
    if isinstance(found[i], Exception):
        raise NotYet(f"{call} raised {type(found[i]).__name__}: {found[i]}")
    if all(_same(a, b, 0.005) for a, b in zip(found, expected)):
        off = np.max(np.abs(np.subtract(*map(_array, (found[i], expected[i])))))
        raise NotYet(f"{task}: nearly, but off by {off:.1g}. Is a constant rounded, or something tiny added?")
    raise NotYet(f"{call} should be {_brief(expected[i])}, and yours is {_brief(found[i])}")


def examine(task, answer, fault, cases):
    """Raise NotYet unless ``fault(answer, case)``, which describes a mistake or returns None, finds nothing in all cases.

    For answers that are judged by what they do, such as a step that moves weights, and not by what they return.
    """
    _check_function(task, answer)
    for case in cases:
        found = outcome(fault, (answer, case))
        if isinstance(found, NotImplementedError):
            raise blank(task)
        if isinstance(found, Exception):
            raise NotYet(f"{task} raised {type(found).__name__}: {found}")
        if found:
            raise NotYet(f"{task}: {found}")
    print(f"✓ {task}: right on {len(cases)} cases")


def number(name, answer, expected, mistakes=(), tolerance=0.005):
    """Raise NotYet unless a single number is within ``tolerance`` of the expected one (relative to it, where it is above 1).

    mistakes: {message: the number that this mistake leads to}.
    """
    if answer is None or answer is Ellipsis:
        raise blank(name)
    if getattr(answer, "shape", None) == ():  # a tensor or an array that is one number
        answer = answer.item()
    if not isinstance(answer, (int, float, np.number)) or isinstance(answer, bool) or not math.isfinite(answer):
        raise NotYet(f"{name} must be a number, not {answer!r}")

    def near(value):
        return abs(answer - value) <= tolerance * max(1, abs(value))

    if near(expected):
        print(f"✓ {name}")
        return
    for message, mistaken in dict(mistakes).items():
        if near(mistaken):
            raise NotYet(f"{name}: {message}")
    raise NotYet(f"{name}: {answer:.4g} is not it")


def blank(task):
    """What to raise where nothing has been answered."""
    return NotYet(f"{task}: still blank. Replace `raise NotImplementedError` by your answer.")


def nothing(task):
    """What to raise where a function returns None."""
    return NotYet(f"{task}: your function gives back nothing (None). Is `return` missing? To print is not to return.")


def outcome(function, case):
    """What ``function`` answers to copies of the arguments, or the exception that it raises.

    What it writes to stderr goes to stdout, and its warnings are dropped: nbgrader takes a line on stderr for a failure.
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(), contextlib.redirect_stderr(sys.stdout):
            warnings.simplefilter("ignore")
            found = function(*copy.deepcopy(case))
    except Exception as error:  # whatever a learner's code raises is an answer, too
        return error
    if isinstance(found, Exception):
        raise NotYet(f"you *return* a {type(found).__name__}, as if it were an answer: write `raise`, not `return`.")
    return found


def seed_of(variant):
    """A seed for the inputs of a check: those that a student sees (variant None), or those by which an answer is graded."""
    return 0 if variant is None else 1 + variant


def _check_function(task, answer):
    if not callable(answer):
        raise NotYet(f"{task}: give me the function itself, without parentheses, not {type(answer).__name__}")


def _same(a, b, tolerance):
    if isinstance(a, Exception) or isinstance(b, Exception):
        return isinstance(b, Exception) and isinstance(a, type(b))
    if isinstance(b, (str, dict, list, bool)) or b is None:
        return type(a) is type(b) and a == b
    try:
        a, b = _array(a), _array(b)
    except (TypeError, ValueError, RuntimeError):  # ragged, or no array at all
        return False
    if a.dtype.kind not in "biuf":  # a text such as "2" is no number
        return False
    return a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance / 1000, equal_nan=True)


def _array(value):
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def _brief(value):
    value = value.detach().numpy() if hasattr(value, "detach") else value
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=12)
    else:
        text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else text[:57] + "..."
