"""Each task accepts the master's solution, and rejects blanks and plausible mistakes with a message that names them."""

import re

import masters
import pytest

from gan_lib import checks

TASKS = [(name, task) for name in masters.NAMES for task in masters.code_tasks(name)]
VARIANTS = [1, 2, 3, 4, 5, 6, 2026]
MUTANTS = [(name, *mutant) for name in masters.NAMES for mutant in masters.mutants(name)]


@pytest.mark.parametrize("name", masters.NAMES)
def test_the_masters_solutions_are_right(name):
    _, verdicts = masters.run_master(name)
    assert verdicts and set(verdicts.values()) == {None}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", masters.NAMES)
def test_they_are_right_in_every_variant(name, variant):
    _, verdicts = masters.run_master(name, variant, train=False)
    assert verdicts and set(verdicts.values()) == {None}


@pytest.mark.parametrize(("name", "task"), TASKS)
def test_a_blank_is_called_a_blank(name, task):
    source = masters.blank(masters.named(masters.read(name), "solution")[task].source)
    assert "raise NotImplementedError" in source
    error = masters.verdict(name, task, source)
    assert isinstance(error, NotImplementedError) or (isinstance(error, checks.NotYet) and "still blank" in str(error))


@pytest.mark.parametrize(("name", "task"), TASKS)
def test_each_task_has_three_mistakes_and_more_than_one_message(name, task):
    fragments = [fragment for t, _, _, fragment in masters.mutants(name) if t == task]
    assert len(fragments) >= 3
    assert len(set(fragments)) >= 2


@pytest.mark.parametrize(
    ("name", "task", "wrong", "source", "fragment"),
    MUTANTS,
    ids=[f"{name}-{task}-{wrong}" for name, task, wrong, *_ in MUTANTS],
)
def test_a_mistake_is_named(name, task, wrong, source, fragment):
    error = masters.verdict(name, task, source)
    assert isinstance(error, checks.NotYet), f"got through, or broke the check: {error!r}"
    assert fragment in str(error)
    masters.TABLE.append((name, task, wrong, str(error)))


RIGHT = [(name, *answer) for name in masters.NAMES for answer in masters.also_right(name)]


@pytest.mark.parametrize(
    ("name", "task", "source"), [(n, t, s) for n, t, _, s in RIGHT], ids=["-".join(answer[:3]) for answer in RIGHT]
)
def test_a_right_answer_may_have_its_own_style(name, task, source):
    assert masters.verdict(name, task, source) is None


# The numbers of a variant: an answer copied from the public version must not do.

NUMBERS = {
    "hw1": ["curve"],
    "hw2": ["apart"],
    "hw3": ["best_step", "js_at_end", "d_settles"],
    "hw4": ["steps_needed", "reading"],
    "hw5": ["gap", "named"],
}


@pytest.mark.parametrize(("name", "task"), [(name, task) for name, tasks in NUMBERS.items() for task in tasks])
def test_answers_of_the_public_version_fail_in_every_other(name, task):
    public = masters.run_master(name)[0]
    answers = re.findall(r"\b(\w+)(?:: [^=\n]+)? = ", masters.blank(masters.named(masters.read(name), "solution")[task].source))
    tests = masters.named(masters.read(name), "tests")[f"test_{task}"].source
    for variant in VARIANTS:
        namespace, _ = masters.run_master(name, variant, train=False)
        assert masters.run(tests, namespace | {answer: public[answer] for answer in answers}) is not None
