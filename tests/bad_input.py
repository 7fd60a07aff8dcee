"""Bad input for every public function of gan_lib: for test_bad_input.py and benchmarks/campaign.py.

``good_calls.CALLS`` has one good call of each function. Here one of its arguments at a time is
made wrong, as hypothesis draws it, and what comes of it is judged:

refused
    ValueError or TypeError whose message names the argument (where lengths or shapes do not fit,
    any of the arguments), or the object that a Python call lacks; of a path, also an OSError.
    What diverges may say so with ArithmeticError.
harmless
    A result of the same kind as the good call's, and no nonsense: if the good call's numbers are
    all finite, so are these, unless the wrong argument itself was not; if a nan went in, the
    numbers that come out are not all finite; what ``BOUNDS`` says of the result still holds.
other exception, unnamed, hang, nonsense, changed
    The failures: an error of another type; one that does not name the argument; no answer within
    ten seconds; a result that is nonsense as above; arguments (arrays, tensors, lists and
    dictionaries) that were changed in place.

What is excused stands with its reason in ``good_calls.EXCUSED``.
"""

import collections
import contextlib
import copy
import importlib
import inspect
import io
import math
import numbers
import re
import resource
import traceback
import warnings
from pathlib import Path

import good_calls
import numpy as np
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from patience import Hang, within
from test_package import ORDER
from torch import nn

SECONDS = 10  # after which a call hangs
FAILURES = ("other exception", "unnamed", "hang", "nonsense", "changed", "not covered")
HUGE = 2**70
OVERFLOWS = 1e29  # a number above it may make infinity, as arithmetic does
PYTHON = r"missing \d+ required|unexpected keyword argument"  # as Python refuses a call


# What there is.


def public_names():
    """Each public function, class and method by name, such as "toys.Circle.sample"."""
    found = {}
    for module in ORDER:
        for name, thing in vars(importlib.import_module(f"gan_lib.{module}")).items():
            home = getattr(thing, "__module__", None) or ""
            ours = callable(thing) and home.split(".")[:2] == ["gan_lib", module]
            if ours and not name.startswith("_"):
                found[f"{module}.{name}"] = thing
                found |= {f"{module}.{name}.{each}": method for each, method in methods(thing)}
    return found


def methods(thing):
    """The methods that a class defines itself, by name."""
    if isinstance(thing, type):
        for name, method in vars(thing).items():
            if not name.startswith("_") and inspect.isfunction(method):
                yield name, method


def uncovered():
    """Public names without a good call and without an excuse."""
    known = good_calls.CALLS.keys() | good_calls.EXCUSED.keys()
    return [name for name in public_names() if name not in known and not excused(name)]


def excused(name):
    _, *path = name.split(".")
    return path[-1] in good_calls.EXCUSED_METHODS or path[0] in good_calls.RECORDS


# Wrong arguments.

WRONG_TYPES = [None, "wrong", "", ["a", "b"], object(), True, 1j, {}, (), 3, 2.5, b"bytes", len]
WRONG_NUMBERS = [math.nan, math.inf, -math.inf, -1.0, 0.0, -1, 0, 1e300, -1e300, HUGE, -HUGE, 0.5]
WRONG_TEXTS = ["nonsense", "", "a\0b", "\n", "ä" * 300, "cuda:99"]
DTYPES = [torch.int64, torch.bool, torch.complex64, torch.float16, torch.uint8]


def wrong(good):
    """A strategy for (what is wrong, value) in place of a good value."""
    types = [value for value in WRONG_TYPES if not (callable(value) and callable(good))]
    kinds = [st.sampled_from(types).map(lambda value: (kind_of(value, good), value))]
    if isinstance(good, numbers.Real) and not isinstance(good, bool):
        kinds.append(st.sampled_from(WRONG_NUMBERS).map(lambda value: ("number", value)))
    elif isinstance(good, str):
        texts = st.sampled_from(WRONG_TEXTS) | st.text(max_size=8)
        kinds.append(texts.map(lambda value: ("text", value)))
    elif isinstance(good, Path):
        kinds.append(st.sampled_from(WRONG_TEXTS).map(lambda value: ("path", value)))
    elif isinstance(good, torch.Tensor) or (is_array(good) and good.dtype.kind != "U"):
        kinds += [wrong_array(good)] * 3
    elif isinstance(good, list | tuple) and good:
        kinds += [wrong_sequence(good)] * 2
    elif isinstance(good, dict) and good:
        kinds += [wrong_dictionary(good)] * 2
    return st.one_of(kinds)


def kind_of(value, good):
    """3 in place of 2 is of the right kind, and wrong beside the other arguments at most."""
    return "value" if type(value) is type(good) else "kind"


def wrong_array(good):
    ways = [
        st.sampled_from([math.nan, math.inf, -math.inf, 1e30, -1.0]).flatmap(
            lambda value: st.integers(
                0, max(0, good.size if is_array(good) else good.numel()) - 1
            ).map(lambda at: ("value", with_value(good, at, value)))
        ),
        st.just(("shape", good[:0])),
        st.just(("shape", good[None])),
        st.just(("shape", good.reshape(-1)[:1].reshape(()))),
        st.just(("shape", good.reshape(-1)[:-1])),
        st.just(("shape", good[:-1])),
        st.sampled_from(DTYPES).map(lambda dtype: ("dtype", torch.as_tensor(good).to(dtype))),
        st.just(("gradient", torch.as_tensor(good).double().clone().requires_grad_())),
        st.just(("kind", np.asarray(torch.as_tensor(good).detach(), dtype=object))),
        st.just(("kind", np.full(tuple(good.shape), "a"))),
    ]
    return st.one_of(ways)


def is_array(value):
    return isinstance(value, np.ndarray)


def with_value(good, at, value):
    """A float copy with one number replaced."""
    changed = good.astype(float) if is_array(good) else good.detach().double().clone()
    changed.reshape(-1)[at] = value
    return changed


def wrong_sequence(good):
    """One element wrong, one too few, one too many."""
    kind = tuple if isinstance(good, tuple) else list
    elements = st.integers(0, len(good) - 1).flatmap(
        lambda at: wrong(good[at]).map(
            lambda found: ("element", kind([*good[:at], found[1], *good[at + 1 :]]))
        )
    )
    shorter, longer = kind(good[:-1]), kind([*good, good[-1]])
    return st.one_of(elements, st.sampled_from([("shape", shorter), ("shape", longer)]))


def wrong_dictionary(good):
    """One value wrong, one entry missing, one too many."""
    elements = st.sampled_from(sorted(good, key=str)).flatmap(
        lambda key: wrong(good[key]).map(lambda found: ("element", good | {key: found[1]}))
    )
    first = next(iter(good))
    fewer = {key: value for key, value in good.items() if key != first}
    return st.one_of(elements, st.sampled_from([("shape", fewer), ("shape", good | {"more": 1})]))


# What comes of them.


def called(function, arguments):
    """The result, of an iterator the first two things, with everything printed thrown away."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"), within(SECONDS):
            found = function(**arguments)
            if inspect.isgenerator(found):
                return [each for _, each in zip(range(2), found)]
            if hasattr(found, "__enter__") and not isinstance(found, torch.Tensor):
                with found:
                    pass
            return found


def snapshot(arguments):
    """Copies of the arguments that nobody may change."""
    plain = (torch.Tensor, np.ndarray, list, dict)
    held = {name: value for name, value in arguments.items() if isinstance(value, plain)}
    return held, {name: copied(value) for name, value in held.items()}


def copied(value):
    try:
        return copy.deepcopy(value)
    except Exception:  # such as a tensor in the middle of a graph
        return value


def same(a, b):
    if isinstance(a, torch.Tensor):
        return (
            a.shape == b.shape
            and torch.equal(a.isnan(), b.isnan())
            and bool(((a == b) | a.isnan()).all())
        )
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and bool(((a == b) | (a != a)).all())
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a is b or a == b or a != a or isinstance(a, nn.Module) or not isinstance(a, str)


def figures(found):
    """All numbers of a result, in one array; none for a picture, a net, a text."""
    if isinstance(found, torch.Tensor):
        dense = found.detach().double() if not found.is_complex() else torch.zeros(0)
        return dense.flatten().numpy()
    if isinstance(found, bool | np.bool_):
        return np.zeros(0)
    if isinstance(found, np.ndarray):
        return found.astype(float).ravel() if found.dtype.kind in "biuf" else np.zeros(0)
    if isinstance(found, numbers.Real):
        return np.array([float(found)])
    if isinstance(found, list | tuple):
        return np.concatenate([np.zeros(0), *map(figures, found)])
    if isinstance(found, dict):
        return figures(list(found.values()))
    return np.zeros(0)


def shape_of(found):
    """What kind of result it is: numbers of whatever library are one kind."""
    if isinstance(found, numbers.Real | np.ndarray | torch.Tensor):
        return "numbers"
    if isinstance(found, nn.Module):
        return "net"
    return type(found).__name__


def holds(value, test):
    """Whether a number inside passes the test."""
    try:
        return bool(test(figures(value)).any())
    except (TypeError, ValueError, OverflowError):
        return False


def verdict(name, function, arguments, argument, what):
    """What comes of a call, one of whose arguments is wrong: a word, and what to print."""
    good = good_result(name)
    held, before = snapshot(arguments)
    try:
        found = called(function, arguments)
    except Hang:
        return "hang", ""
    except (ValueError, TypeError, OSError, ArithmeticError) as error:
        return judged(name, error, arguments, argument, what)
    except Exception as error:
        if by_a_net(error):
            return "refused", ""
        return "other exception", f"{type(error).__name__}: {error}"
    if name not in good_calls.IN_PLACE and any(not same(held[n], before[n]) for n in held):
        return "changed", ""
    if found is NotImplemented or (shape_of(found) != shape_of(good) and good is not None):
        return "nonsense", f"{type(found).__name__} instead of {type(good).__name__}"
    return nonsense(name, figures(good), figures(found), arguments[argument])


def nonsense(name, good, found, given):
    finite_input = not holds(given, lambda a: ~np.isfinite(a) | (abs(a) > OVERFLOWS))
    answer = np.isfinite if name not in good_calls.INFINITE else lambda a: ~np.isnan(a)
    if np.isfinite(good).all() and finite_input and not answer(found).all():
        return "nonsense", f"not finite: {found[~answer(found)][:3]}"
    if (
        name not in good_calls.PICKS
        and good.size
        and holds(given, np.isnan)
        and np.isfinite(found).all()
    ):
        return "nonsense", f"finite, {found[:3]}, of a nan"
    low, high = good_calls.BOUNDS.get(name, (-math.inf, math.inf))
    if ((found < low - 1e-9) | (found > high + 1e-9)).any():
        return "nonsense", f"{found.min()} to {found.max()} is outside [{low}, {high}]"
    return "harmless", ""


def by_a_net(error):
    """Whether a net refused: torch's own words inside a layer."""
    frames = traceback.extract_tb(error.__traceback__)
    return any("torch/nn/modules/" in frame.filename for frame in frames)


def judged(name, error, arguments, argument, what):
    text = str(error)
    by_python = isinstance(error, TypeError) and re.search(PYTHON, text)
    if isinstance(error, OverflowError | ZeroDivisionError | FloatingPointError):
        return "other exception", f"{type(error).__name__}: {text}"
    if isinstance(error, ArithmeticError):
        return "refused", ""
    if isinstance(error, OSError):
        given = arguments[argument]
        shown = str(given)[:20], repr(str(given))[1:20]
        path = isinstance(given, str | Path) and any(each in text for each in shown)
        return ("refused", "") if path else ("unnamed", f"{type(error).__name__}: {text}")
    if isinstance(arguments[argument], str) and repr(arguments[argument])[:30] in text:
        return "refused", ""  # of a text, what it says
    aliases = good_calls.ALIASES.get(name, {}).get(argument, "").split("|")
    if any(alias and alias in text for alias in aliases):
        return "refused", ""
    accepted = [argument] if what == "kind" else [argument, *arguments]
    if isinstance(arguments[argument], dict) and any(repr(k) in text for k in arguments[argument]):
        return "refused", ""  # of a dictionary, the entry
    if by_a_net(error) or "len() takes" in text:  # a net, or a function, that was given
        return "refused", ""
    stems = [re.escape(each.removesuffix("s")) for each in accepted if each != "self"]
    if by_python or any(re.search(rf"\b{stem}(s|es)?\b|_{stem}|{stem}_", text) for stem in stems):
        return "refused", ""
    return "unnamed", f"{type(error).__name__}: {text}"


GOOD = {}


def good_result(name):
    if name not in GOOD:
        function, arguments = good_calls.call(name)
        GOOD[name] = called(function, arguments)
    return GOOD[name]


def tried(name, examples):
    """Counter of verdicts over so many examples, and the first of each failure by argument."""
    counts, shown = collections.Counter(), {}
    arguments = good_calls.call(name)[1]
    choices = [each for each in arguments if each not in good_calls.KEPT.get(name, ())]
    if not choices:
        return counts, shown

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data):
        argument = data.draw(st.sampled_from(choices))
        function, arguments = good_calls.call(name)
        what, value = data.draw(wrong(arguments[argument]))
        arguments[argument] = value
        word, text = verdict(name, function, arguments, argument, what)
        counts[word] += 1
        if word in FAILURES:
            shown.setdefault((argument, word), f"{what} {value!r:.60}: {text[:150]}")

    with contextlib.chdir(good_calls.FOLDER.name):  # some words are names of folders
        one()
    return counts, shown


def limit_memory(most=8 * 2**30):
    """A call that asks for all memory is to fail by itself, and not to take the machine along."""
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def survey(examples, tell=lambda line: None, names=None):
    """Verdicts over all public functions; ``tell`` gets a line for each failure as it is found."""
    limit_memory()
    total = collections.Counter({word: 0 for word in ("refused", "harmless", *FAILURES)})
    for name in uncovered():
        total["not covered"] += 1
        tell(f"{name}: not covered")
    for name in names or good_calls.CALLS:
        counts, shown = tried(name, examples)
        total.update(counts)
        for (argument, word), text in shown.items():
            tell(f"{name}({argument}): {word}, {text}")
    return total
