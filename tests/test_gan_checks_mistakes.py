"""Every mistake, through its own task: it is caught by its own message, and no other steals it."""

import contextlib
import importlib
import io
import pkgutil
import re

import pytest

import gan_checks
from gan_checks.engine import UNNAMED, Task
from gan_checks.outcomes import NotYet
from gan_checks.questions import LineUp, Question

GRADED = 7  # a variant: the inputs of hidden tests
GIVEN = {"gap": (7.89, 6.71, 0.1)}  # what a notebook gives to its question


import sys, os

def data_of_all_homeworks():
    """{where it is defined: the task, question or line-up}."""
    found = {}
    for module in pkgutil.walk_packages(gan_checks.__path__, "gan_checks."):
        if os.environ.get("HW", "") not in module.name: continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, (Task, Question, LineUp)) and value not in found.values():
                found[f"{module.name.removeprefix('gan_checks.')}.{name}"] = value
    return found


DATA = data_of_all_homeworks()


def test_all():
    bad = 0
    n = 0
    r = 0
    roots = {}
    for where, t in DATA.items():
        roots.setdefault(t.name, t)
        for f in getattr(t, "then", ()):
            roots[f.name] = t
    for where, t in DATA.items():
        if isinstance(t, LineUp): continue
        root = roots[t.name]
        for variant in (None,) if isinstance(t, Task) else ((0,), (GRADED,), (3,)):
            given = variant
            args = (variant,) if isinstance(t, Task) else GIVEN.get(t.name, variant)
            for m in t.mistakes:
                for i, a in enumerate(m.answers):
                    n += variant in (None, (0,))
                    ans = a if isinstance(t, Task) else a(*t.given(*args))
                    with contextlib.redirect_stdout(io.StringIO()):
                        try:
                            root(ans, *args)
                            error = "PASSED"
                        except NotYet as e:
                            error = str(e)
                        except Exception as e:
                            error = "BROKE " + repr(e)
                    want = re.escape(f"{t.name}: {m.message}").replace(r"\{\}", ".*")
                    if not (re.fullmatch(want, error, re.DOTALL) if m.message != UNNAMED else error not in ("PASSED",)):
                        bad += 1
                        print(f"{where} v={variant}\n   {m.message} #{i}\n   GOT {error}")
            for i, a in enumerate((t.right, *t.also_right)):
                r += variant in (None, (0,))
                ans = a if isinstance(t, Task) else a(*t.given(*args))
                with contextlib.redirect_stdout(io.StringIO()):
                    try:
                        root(ans, *args) if root is t else None
                    except NotYet as e:
                        print(where, variant, "RIGHT", i, str(e)); bad += 1
    print(n, r)
    assert not bad
