"""The engine of the checks: what it accepts, what it says, and that nobody breaks it unawares."""

import importlib
import sys
import warnings

import numpy as np
import pytest
import torch
from test_package import ROOT, loaded_after

import gan_checks as checks
from gan_checks import engine
from gan_checks.engine import Sign, Task, mistakes
from gan_checks.questions import LineUp, Question, Several


def double(x):
    return 2 * x


CASES = [(1.0,), (np.array([1.0, -2.0]),)]
MISTAKES = mistakes("you squared it.", lambda x: x**2, "you forgot the 2.", lambda x: x)


def task(cases=CASES, right=double, **more):
    return Task("double", "double(x)", right, lambda variant: cases, MISTAKES, **more)


def judge(answer, cases=CASES, right=double):
    engine.judge(task(cases, right), answer)


def blank(*_):
    raise NotImplementedError


class NoKeyboard(NotImplementedError):
    """What input() raises in a kernel that has none: ipykernel's own error is such a one."""


def asking(*_):
    raise NoKeyboard("this frontend does not support input requests")


# compare


def test_a_right_answer_prints_one_line(capsys):
    judge(lambda x: x + x)
    assert capsys.readouterr().out == "✓ double: right on 2 cases\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: x, "double: you forgot the 2."),
        (lambda x: x * x, "double: you squared it."),
        (lambda x: 3 * x, r"double\(1.0\) should be 2.0, and yours is 3.0"),
        (lambda x: x + 1, r"double\(\[ 1. -2.\]\) should be \[ 2. -4.\], and yours is \[ 2. -1.\]"),
        (lambda x: None, "double: your function gives back nothing"),
        (lambda x: None if np.ndim(x) else 2.0, r"yours is None"),
        (lambda x: 2.0001 * x, "double: nearly, but off by 0.0"),
        (lambda x: ValueError("x"), "you \\*return\\* a ValueError"),
        (lambda x: 1 / 0, r"double\(1.0\) raised ZeroDivisionError: division by zero"),
        (lambda: 2, r"double\(1.0\) raised TypeError"),
        (blank, "double: still blank"),
        (asking, "raised NoKeyboard: this frontend does not support input requests"),
        (2.0, "double: give me the function itself, without parentheses, not float"),
        (None, "double: give me the function itself"),
    ],
)
def test_what_is_wrong_is_said(answer, message):
    with pytest.raises(checks.NotYet, match=message):
        judge(answer)


def test_a_mistake_must_fit_all_cases_to_be_named():
    with pytest.raises(checks.NotYet, match="should be"):
        judge(lambda x: x if np.ndim(x) == 0 else 5 * x)


def test_one_lucky_case_is_not_enough():
    with pytest.raises(checks.NotYet):
        judge(lambda x: 2.0)


def test_an_answer_cannot_spoil_the_arguments_of_the_next():
    def greedy(x):
        x *= 2
        return x

    cases = [(np.array([1.0]),)]
    for _ in range(2):
        judge(greedy, cases)
    assert cases[0][0] == 1


def test_warnings_and_stderr_do_not_reach_stderr(capsys):
    """nbgrader would take them for a failure."""

    def noisy(x):
        warnings.warn("careful", stacklevel=1)
        print("log", file=sys.stderr)
        np.log(np.zeros(1))
        return 2 * x

    judge(noisy)
    written = capsys.readouterr()
    assert written.err == "" and written.out.count("log") == 2


def test_nothing_but_an_exception_is_caught():
    def stop(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(stop)


@pytest.mark.parametrize(
    "answer",
    [2, np.float32(2), np.array(2.0), torch.tensor(2.0), torch.tensor(2.0, requires_grad=True)],
)
def test_a_number_may_come_as_any_kind_of_number(answer):
    judge(lambda x: answer, [(1.0,)])


@pytest.mark.parametrize("answer", [np.array([2.0]), [2.0], "2", np.nan, 2.0001])
def test_but_not_as_anything(answer):
    with pytest.raises(checks.NotYet):
        judge(lambda x: answer, [(1.0,)])


def test_a_promised_exception_is_an_answer():
    def right(x):
        raise ValueError("no")

    class Own(ValueError):
        pass

    def more_exactly(x):
        raise Own("no")

    judge(right, [(1,)], right)
    judge(more_exactly, [(1,)], right)
    with pytest.raises(checks.NotYet, match="should be ValueError"):
        judge(double, [(1,)], right)
    with pytest.raises(checks.NotYet, match="raised KeyError"):
        judge(lambda x: {}[x], [(1,)], right)


# signs, number, several, ready


def halves(sign):
    """A task that is judged by a sign alone."""
    return Task(
        "half",
        "half(x)",
        lambda x: x / 2,
        lambda variant: [(-2,), (2,)],
        mistakes("it is {}.", Sign(sign), abs),
        counts=lambda found, x: True,
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: 5, "half: it is 5."),
        (blank, "half: still blank"),
        (lambda x: {}[x], r"half\(-2\) raised KeyError"),
        (3, "half: give me the function itself, without parentheses"),
    ],
)
def test_a_sign_may_show_in_any_case_and_say_what_it_saw(answer, message, capsys):
    asked = halves(lambda found, x: found > 1 and str(found))
    with pytest.raises(checks.NotYet, match=message):
        asked(answer)
    asked(lambda x: x / 2)
    assert capsys.readouterr().out == "✓ half: right on 2 cases\n"


def test_a_sign_that_cannot_look_sees_nothing(capsys):
    halves(lambda found, x: found.shape == (1,))(lambda x: x / 2)
    assert "✓" in capsys.readouterr().out


def test_a_mistake_is_the_first_that_fits():
    """At 0 and 1 the two mistakes of ``double`` are one."""
    with pytest.raises(checks.NotYet, match="you squared it"):
        judge(lambda x: x, [(0.0,), (1.0,)])


def test_a_further_task_is_judged_after_the_first(capsys):
    then = Task("double, at 3", "", double, lambda variant: [(3,)], mistakes("no.", lambda x: 0))
    asked = task(then=(then,))
    asked(double)
    assert capsys.readouterr().out.endswith("✓ double, at 3: right on 1 cases\n")
    with pytest.raises(checks.NotYet, match="double, at 3: no."):
        asked(lambda x: 0 if np.ndim(x) == 0 and x == 3 else 2 * x)


def test_several_answers_go_to_their_parts_and_the_variant_to_all(capsys):
    seen = []
    parts = [lambda *asked: seen.append(asked), lambda *asked: seen.append(asked)]
    Several("", tuple(parts))("a", "b", 7)
    Several("", tuple(parts))("a", "b")
    assert seen == [("a", 7), ("b", 7), ("a",), ("b",)]
    with pytest.raises(ValueError):
        Several("", tuple(parts))("a")


@pytest.mark.parametrize(
    "answer", [2, 2.004, np.float64(1.996), np.int64(2), torch.tensor(2.0), np.array(2.0)]
)
def test_a_number_within_the_tolerance(answer, capsys):
    checks.number("two", answer, 2.0)
    assert capsys.readouterr().out == "✓ two\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "two: still blank"),
        (..., "two: still blank"),
        (True, "two must be a number, not True"),
        ("2", "two must be a number, not '2'"),
        (float("nan"), "two must be a number, not nan"),
        (np.array([2.0]), "two must be a number"),
        (-2, "two: the sign."),
        (2.5, "two: 2.5 is not it"),
    ],
)
def test_a_number_that_is_not_it(answer, message):
    with pytest.raises(checks.NotYet, match=message):
        checks.number("two", answer, 2.0, {"the sign.": -2.0})


def test_ready_says_what_to_finish_first(capsys):
    assert not checks.ready(entropy=blank, extra_bits=blank)
    assert capsys.readouterr().out == "Not yet. First finish: entropy, extra_bits\n"

    def entropy(p):
        return -sum(q * np.log2(q) for q in p if q > 0)

    assert checks.ready(entropy=entropy)
    assert capsys.readouterr().out == ""


def test_what_jupyter_shows_is_the_message_alone():
    with pytest.raises(checks.NotYet) as error:
        judge(lambda x: x)
    shown = error.value._render_traceback_()
    assert "Not yet" in shown[0] and shown[1:] == ["double: you forgot the 2."]


# The package


def test_checks_load_only_what_they_need():
    loaded = set(loaded_after("import gan_checks as checks; checks.entropy; checks.kl"))
    assert {"gan_checks.homework1.bits", "gan_checks.homework2.divergences"} <= loaded
    assert not {"torch", "matplotlib", "gan_checks.homework1.codes"} & loaded


def test_the_science_does_not_know_its_checks():
    for path in (ROOT / "gan_lib").rglob("*.py"):
        assert "gan_checks" not in path.read_text(encoding="utf-8")


def test_every_listed_check_is_there_and_every_task_is_in_a_check():
    for module, names in checks._CHECKS.items():
        found = vars(importlib.import_module(f"gan_checks.{module}"))
        listed = [found[name] for name in names.split()]
        parts = [part for asks in listed for part in getattr(asks, "parts", [asks])]
        judged = parts + [further for part in parts for further in getattr(part, "then", ())]
        for value in found.values():
            if isinstance(value, (Task, Question, LineUp)):
                assert any(value is one for one in judged)
        assert all(asks.__doc__ for asks in listed)
    assert set(checks._MODULE_OF) <= set(dir(checks))


def test_an_unknown_check_is_told_what_there_is():
    with pytest.raises(
        AttributeError, match="has no check 'nonsense'; it has conditional, posterior"
    ):
        checks.nonsense
