"""Each task accepts right answers, and rejects blanks and mistakes: each by its own message."""

import contextlib
import io
import itertools
import re

import masters
import pytest
from blank import without_solution

import gan_checks as checks
from gan_checks.engine import UNNAMED, Task

TASKS = [(name, task) for name in masters.NAMES for task in masters.code_tasks(name)]
VARIANTS = [1, 2, 3, 4, 5, 6, 2026]
GIVEN = {"gap": [(7.89, 6.71, 0.1)]}  # what the notebook gives to its question


def verdict(asks, answer, *arguments):
    """What a check says to an answer: the line that it prints, or NotYet's text."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        try:
            asks(answer, *arguments)
        except checks.NotYet as error:
            return str(error)
    return said.getvalue()


def tries(told, answer):
    """[(the answer, further arguments of the check)]: a question is asked in several variants."""
    if isinstance(told, Task):
        return [(answer, ())]
    return [
        (answer(*told.given(*given)), given)
        for given in GIVEN.get(told.name, [(variant,) for variant in (0, *VARIANTS)])
    ]


def listed(kind):
    """Parameters of a test: (what judges, whose mistake it is, ..., the answer)."""
    found = []
    for name, asks, told in masters.judged():
        for i, (text, answer) in enumerate(kind(told)):
            found.append(pytest.param(asks, told, text, answer, id=f"{name}-{told.name}-{i}"))
    return found


def mistakes_of(told):
    return [(mistake.message, answer) for mistake in told.mistakes for answer in mistake.answers]


def right_answers_of(told):
    return [("✓", answer) for answer in (told.right, *told.also_right)]


@pytest.mark.parametrize(("asks", "told", "message", "answer"), listed(mistakes_of))
def test_a_mistake_is_caught_by_its_own_message(asks, told, message, answer):
    """In the public version. In another two mistakes may lead to one number: either is named."""
    (wrong, arguments), *in_variants = tries(told, answer)
    said = verdict(asks, wrong, *arguments)
    own = {m.message for m in told.mistakes if said_by(told, m.message).fullmatch(said)}
    assert own == {message} - {UNNAMED} and not said.startswith("✓"), said
    for wrong, arguments in in_variants:
        said = verdict(asks, wrong, *arguments)
        assert any(said_by(told, mistake.message).fullmatch(said) for mistake in told.mistakes)


def said_by(told, message):
    """The pattern of what is printed with a message, in whose braces something is filled in."""
    text = re.escape(f"{told.name}: {message}").replace(r"\{\}", ".+")
    return re.compile(text, re.DOTALL)


@pytest.mark.parametrize(("asks", "told", "mark", "answer"), listed(right_answers_of))
def test_a_right_answer_may_have_its_own_style(asks, told, mark, answer):
    for right, arguments in tries(told, answer):
        assert verdict(asks, right, *arguments).startswith(mark)


@pytest.mark.parametrize("variant", [None, *VARIANTS])
def test_right_answers_are_right_in_every_variant(variant):
    for _, asks, told in masters.judged():
        for answer in (told.right, *told.also_right) if isinstance(told, Task) else ():
            assert verdict(asks, answer, variant).startswith("✓"), told.name


LINE_UPS = [checks.reading, checks.cheats, checks.patients, checks.nets, checks.papers]


def why_not(line_up, right, said):
    return line_up.confusions.get((right, said)) or line_up.confusions[right, ""]


@pytest.mark.parametrize("line_up", LINE_UPS, ids=lambda line_up: line_up.name)
def test_two_that_are_taken_for_one_another_are_told_why_not(line_up):
    said = set()
    for variant in (0, *VARIANTS):
        truth = line_up.truth(variant)
        for a, b in itertools.combinations(truth, 2):
            text = verdict(line_up, truth | {a: truth[b], b: truth[a]}, variant)
            own = {why_not(line_up, truth[a], truth[b]), why_not(line_up, truth[b], truth[a])}
            assert text.endswith(tuple(own))
            said |= {why for why in own if text.endswith(why)}
    assert said >= {why for (_, taken_for), why in line_up.confusions.items() if taken_for}


@pytest.mark.parametrize(
    ("line_up", "answer", "message"),
    [
        (checks.reading, None, "still blank"),
        (checks.reading, dict.fromkeys("ABC", ...), "still blank"),
        (checks.reading, ["a fair game"], "a dictionary with the keys A, B, C"),
        (checks.reading, dict.fromkeys("ABC", "it converged"), "the names are a fair game"),
        (checks.cheats, dict.fromkeys("ABCDE", "copycat"), "the names are memoriser"),
        (checks.cheats, dict.fromkeys("ABCDE", "honest"), "used a name twice"),
        (checks.patients, dict.fromkeys("ABCDE", "a cold"), "the names are healthy"),
    ],
)
def test_a_line_up_says_what_it_wants(line_up, answer, message):
    assert message in verdict(line_up, answer, 0)


@pytest.mark.parametrize("name", sorted({name for name, *_ in masters.judged()}))
def test_each_check_knows_three_mistakes_and_more_than_one_message(name):
    found = [
        mistake for check, _, told in masters.judged() if check == name for mistake in told.mistakes
    ]
    assert sum(len(mistake.answers) for mistake in found) >= 3
    assert len({mistake.message for mistake in found}) >= 2
    assert all(mistake.answers for mistake in found)


# The notebooks.


@pytest.mark.parametrize("name", masters.NAMES)
def test_the_masters_solutions_are_right(name):
    _, verdicts = masters.run_master(name)
    assert verdicts and set(verdicts.values()) == {None}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", masters.NAMES)
def test_they_are_right_in_every_variant(name, variant):
    _, verdicts = masters.run_master(name, variant)
    assert verdicts and set(verdicts.values()) == {None}


@pytest.mark.parametrize(("name", "task"), TASKS)
def test_a_blank_is_called_a_blank(name, task):
    source = without_solution(masters.named(masters.read(name), "solution")[task].source)
    assert "raise NotImplementedError" in source
    error = masters.verdict(name, task, source)
    if not isinstance(error, NotImplementedError):
        assert isinstance(error, checks.NotYet) and "still blank" in str(error)


@pytest.mark.parametrize(("name", "task"), TASKS)
def test_a_mistake_in_the_notebook_is_caught(name, task):
    assert isinstance(masters.verdict(name, task, masters.mistaken(name, task)), checks.NotYet)


# The numbers of a variant: an answer copied from the public version must not do.

NUMBERS = {
    "hw1": ["curve"],
    "hw2": ["apart"],
    "hw3": ["best_step", "js_at_end", "d_settles"],
    "hw4": ["steps_needed", "reading"],
    "hw5": ["gap", "named"],
    "hw6": ["worst", "diagnosis"],
    "hw7": ["named_nets", "lead", "flaws"],
}


@pytest.mark.parametrize(
    ("name", "task"), [(name, task) for name, tasks in NUMBERS.items() for task in tasks]
)
def test_answers_of_the_public_version_fail_in_every_other(name, task):
    public = masters.run_master(name)[0]
    _, answers, _ = masters.asked(name, task)
    tests = masters.named(masters.read(name), "tests")[f"test_{task}"].source
    for variant in VARIANTS:
        namespace, _ = masters.run_master(name, variant)
        copied = namespace | {answer: public[answer] for answer in answers}
        assert isinstance(masters.run(tests, copied), checks.NotYet)
