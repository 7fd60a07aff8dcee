"""What an answer does when it is tried, and whether two outcomes are the same."""

import contextlib
import copy
import sys
import textwrap
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np


class NotYet(AssertionError):
    """An answer that is not right yet. Its text says what was expected, or which mistake it is."""

    def _render_traceback_(self):
        """What IPython shows: the message alone. Where the check raised it teaches nobody."""
        return ["\x1b[1;35mNot yet\x1b[0m", *textwrap.wrap(str(self), 100)]


def blank(task: str) -> NotYet:
    """What to raise where nothing has been answered."""
    return NotYet(f"{task}: still blank. Replace `raise NotImplementedError` with your answer.")


def outcome(function: Callable, *arguments: Any) -> Any:
    """What ``function`` returns, or the exception that it raises.

    What it writes to stderr goes to stdout, and its warnings are dropped: nbgrader takes a line on
    stderr for a failure.
    """
    try:
        with (
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
            contextlib.redirect_stderr(sys.stdout),
        ):
            warnings.simplefilter("ignore")
            return function(*arguments)
    except Exception as error:  # whatever a learner's code raises is an answer, too
        return error


class Returned(Exception):
    """What is seen of an answer that returns an exception instead of raising it."""


def tried(seen: Callable, answer: Callable, case: tuple) -> Any:
    """What is seen of an answer to copies of the arguments: it cannot spoil them for the next."""

    def returning(*arguments, **named):
        found = answer(*arguments, **named)
        if isinstance(found, Exception):
            raise Returned(type(found).__name__)
        return found

    return outcome(seen, returning, *copy.deepcopy(case))


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Whether the outcome ``a`` is as good as ``b``; ``tolerance`` is relative."""
    if isinstance(a, Exception) or isinstance(b, Exception):
        return isinstance(b, Exception) and isinstance(a, type(b))
    if isinstance(b, (str, dict, list, bool)) or b is None:
        return type(a) is type(b) and a == b
    try:
        a, b = array(a), array(b)
    except (TypeError, ValueError, RuntimeError):  # ragged, or no array at all
        return False
    if a.dtype.kind not in "biuf":  # a text such as "2" is no number
        return False
    close = dict(rtol=tolerance, atol=tolerance / 1000, equal_nan=True)
    return a.shape == b.shape and np.allclose(a, b, **close)


def array(value: Any) -> np.ndarray:
    """A tensor, a list or a number as an array."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def brief(value: Any) -> str:
    """The value in at most 60 characters."""
    value = value.detach().numpy() if hasattr(value, "detach") else value
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=12)
    else:
        text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else text[:57] + "..."
