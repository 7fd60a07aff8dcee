"""A few bad calls of each public function; benchmarks/campaign.py makes many more."""

import pytest

pytest.importorskip("torch")

import bad_input
import good_calls

EXAMPLES = 5
MODULES = sorted({name.split(".")[0] for name in good_calls.CALLS})


def test_every_public_name_has_a_good_call():
    assert bad_input.uncovered() == []
    assert good_calls.CALLS.keys() <= bad_input.public_names().keys()


@pytest.mark.parametrize("module", MODULES)
def test_a_wrong_argument_is_named(module):
    failures = []
    names = [name for name in good_calls.CALLS if name.split(".")[0] == module]
    for name in names:
        _, shown = bad_input.tried(name, EXAMPLES)
        failures += [f"{name}({which}): {word}, {text}" for (which, word), text in shown.items()]
    assert failures == []


def careless(n, x):
    """It looks at nothing that it is given."""
    return x.mean() if x.ndim else None


def spoiling(x):
    x += 1
    return float(x.sum())


def test_carelessness_would_be_found(monkeypatch):
    import torch

    monkeypatch.setitem(good_calls.CALLS, "careless", lambda: {"n": 3, "x": torch.ones(3)})
    monkeypatch.setitem(good_calls.CALLS, "spoiling", lambda: {"x": torch.ones(3)})
    functions = {"careless": careless, "spoiling": spoiling}
    monkeypatch.setattr(
        good_calls, "call", lambda name: (functions[name], good_calls.CALLS[name]())
    )
    counts, _ = bad_input.tried("careless", 60)
    assert counts["other exception"] and counts["nonsense"]
    assert bad_input.tried("spoiling", 60)[0]["changed"]
