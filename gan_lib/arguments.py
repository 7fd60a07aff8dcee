"""What a public function is given, held against its annotations: a mistake is named at the door.

``@checked`` reads what the signature says already, so that no function repeats it. It looks at
kinds and not at every number: an array is asked for its type, never searched. Ranges, and what has
to fit together, each function checks itself.
"""

import builtins
import collections.abc
import functools
import inspect
import math
import os
import types
import typing
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

LARGEST = 2**63  # whole numbers are below it: those of torch and numpy have 64 bits
WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "a text",
    type(None): "None",
    ArrayLike: "numbers",
    Callable: "a function",
    collections.abc.Iterable: "an iterable",
}


def checked(function: Callable | None = None, /, **least: int) -> Callable:
    """A function, or a class, that refuses arguments of another kind than its annotations say.

    ``@checked``, or ``@checked(n=1)`` where the whole number n, or each of a sequence n, is at
    least 1. A ValueError names the argument, what it must be, and what it is.
    """
    if function is None:
        return functools.partial(checked, **least)
    if isinstance(function, type):
        function.__init__ = checked(function.__init__, **least)
        return function
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]

    @functools.cache  # at the first call: what annotations name may not be there before
    def kinds():
        found = {p.name: _kind(p.annotation, function) for p in named}
        return {name: (_test(kind), kind, least.get(name)) for name, kind in found.items()}

    order = [p.name for p in named if p.kind is not p.KEYWORD_ONLY]

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        known = kinds()
        for name, value in (*zip(order, args), *kwargs.items()):
            if name in known:
                fits, kind, smallest = known[name]
                if smallest is not None or not fits(value):
                    check(name, value, kind, smallest)
        return function(*args, **kwargs)

    return wrapper


def check(name: str, value: Any, kind: Any, least: int | None = None) -> None:
    """Raise ValueError unless the argument called ``name`` is of a kind, and at least ``least``."""
    small = least is not None and isinstance(value, Real) and value < least
    if small or not _test(kind)(value):
        _check_each(name, value, kind, least)
        raise ValueError(f"{name} must be {_words(kind, least)}, not {_shown(value)}")
    if least is not None and _is_sequence(value):
        for i, each in enumerate(value):
            check(f"{name}[{i}]", each, int, least)


def _check_each(name, value, kind, least):
    """Name the element of a sequence that is wrong, if it is one."""
    many = typing.get_origin(kind) in (tuple, list, collections.abc.Sequence)
    parts = typing.get_args(kind)
    if many and _is_sequence(value) and (len(parts) == 1 or parts[1:] == (Ellipsis,)):
        for i, each in enumerate(value):
            check(f"{name}[{i}]", each, parts[0], least)


def positive(**numbers: float) -> None:
    """Raise ValueError for a number, given by name, that is not positive and finite."""
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise ValueError(f"{name} must be positive, not {number!r}")


def not_negative(**numbers: float) -> None:
    """Raise ValueError for a number, given by name, that is below 0 or not finite."""
    for name, number in numbers.items():
        if not 0 <= number < math.inf:
            raise ValueError(f"{name} must be a number that is at least 0, not {number!r}")


def as_array(name: str, given: ArrayLike, dtype: Any = float) -> np.ndarray:
    """Numbers as an array; of a tensor without its gradient, which no array has."""
    if not _are_numbers(given, objects=dtype is float):
        raise ValueError(f"{name} must be numbers, not {_shown(given)}")
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given, dtype=dtype)


class _Names(dict):
    """What an annotation in quotes may name, also that which is imported only to check types."""

    def __missing__(self, name):
        if name not in ("torch", "nn", "Tensor"):
            return Any
        import torch

        return {"torch": torch, "nn": torch.nn, "Tensor": torch.Tensor}[name]


def _kind(annotation, function):
    if isinstance(annotation, str):
        names = _Names(vars(builtins) | inspect.unwrap(function).__globals__)
        return eval(annotation, {}, names)
    return annotation


@functools.cache
def _test(kind) -> Callable[[Any], bool]:
    """Whether a value is of a kind, as a function; of kinds that nobody can tell apart, it is."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        tests = [_test(part) for part in _alternatives(parts)]
        return lambda value: any(test(value) for test in tests)
    if origin is tuple and parts and Ellipsis not in parts:
        tests = [_test(part) for part in parts]
        return lambda value: (
            _is_sequence(value)
            and len(value) == len(tests)
            and all(test(each) for test, each in zip(tests, value))
        )
    if origin in (tuple, list, collections.abc.Sequence):
        inner = _test(parts[0])
        return lambda value: (
            (_is_sequence(value) and all(map(inner, value)))
            or (parts[0] is str and isinstance(value, str))  # a sequence of its letters
        )
    if origin in (dict, Mapping):
        inner = _test(parts[1])
        return lambda value: isinstance(value, Mapping) and all(map(inner, value.values()))
    if origin is collections.abc.Iterable:
        return lambda value: isinstance(value, origin) and not isinstance(value, (str, bytes))
    if origin is Callable:
        return callable
    kind = origin or kind
    return (lambda value: isinstance(value, kind)) if isinstance(kind, type) else SIMPLE[Any]


def _alternatives(parts):
    """The kinds of a union, in which ``ArrayLike``, itself a union of many, is one."""
    many = typing.get_args(ArrayLike)
    if set(many) <= set(parts):
        return [ArrayLike, *(part for part in parts if part not in many)]
    return parts


def _is_sequence(value):
    return isinstance(value, collections.abc.Collection) and not _is_text(value)


def _is_text(value):
    return isinstance(value, (str, bytes, Mapping))


def _is_whole(value):
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return whole and -LARGEST <= value < LARGEST


def _is_number(value):
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()  # of numpy or torch
    if isinstance(value, Integral):
        return _is_whole(value)
    return isinstance(value, Real)


def _are_numbers(value, objects=False):
    """objects : such as fractions, or tensors side by side, of which ``as_array`` makes floats."""
    if hasattr(value, "is_complex"):  # a tensor
        return not value.is_complex()
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # rows of several lengths, or no array at all
        return False
    if array.dtype.kind == "O":
        return objects and all(_is_number(each) for each in array.flat)
    return array.dtype.kind in "biuf"


SIMPLE = {
    Any: lambda value: True,
    inspect.Parameter.empty: lambda value: True,
    object: lambda value: True,
    type(None): lambda value: value is None,
    None: lambda value: value is None,
    bool: lambda value: isinstance(value, (bool, np.bool_)),
    int: _is_whole,
    float: _is_number,
    ArrayLike: _are_numbers,
    Callable: callable,
    os.PathLike[str]: lambda value: isinstance(value, os.PathLike),
}


def _words(kind, least=None):
    """A kind as one says it."""
    if least is not None and kind in (int, int | None):
        return "a positive whole number" if least == 1 else f"a whole number of at least {least}"
    if kind in WORDS:
        return WORDS[kind]
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(part) for part in _alternatives(parts))
    if origin is Callable:
        return WORDS[Callable]
    if origin in (dict, Mapping):
        return f"a dictionary whose values are each {_words(parts[1])}"
    if origin is tuple and Ellipsis not in parts:
        return f"({', '.join(map(_words, parts))})"
    if origin in (tuple, list, collections.abc.Sequence):
        return "a sequence of " + (_words(parts[0]).removeprefix("a ") + "s" if parts else "things")
    kind = origin or kind
    if kind in WORDS:
        return WORDS[kind]
    library = getattr(kind, "__module__", "").split(".")[0]
    if library == "builtins":
        return f"a {kind.__name__}"
    return f"a {library}.{getattr(kind, '__name__', kind)}".replace("gan_lib.", "")


def _shown(value):
    """A value in at most 60 characters; of an array its type and shape."""
    if hasattr(value, "shape") and value.shape != ():
        return f"{type(value).__name__} {tuple(value.shape)} of {getattr(value, 'dtype', '?')}"
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else type(value).__name__
