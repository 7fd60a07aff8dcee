"""The masters as documents: each task has its stub, hint, check and points, counted right."""

import ast
import re

import masters
import pytest
from blank import without_solution

MASTERS = [pytest.param(masters.read(name), id=name) for name in masters.NAMES]


def test_they_are_all_there():
    assert masters.NAMES == ["hw1", "hw2", "hw3", "hw4", "hw5", "hw6", "hw7"]


@pytest.mark.parametrize("master", MASTERS)
def test_names_are_used_once(master):
    names = [name for cell in master.cells for _, name in [masters.role(cell)] if name]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("master", MASTERS)
def test_a_check_with_points_follows_each_task(master):
    roles = [masters.role(cell) for cell in master.cells]
    for i, (kind, name) in enumerate(roles):
        if kind == "solution":
            assert roles[i + 1] == ("tests", f"test_{name}")
            assert "### BEGIN SOLUTION" in master.cells[i].source
            assert master.cells[i + 1].metadata.nbgrader.points >= 1
            assert master.cells[i + 1].source.startswith("checks.")
    assert [kind for kind, _ in roles].count("tests") == [kind for kind, _ in roles].count(
        "solution"
    )


@pytest.mark.parametrize("master", MASTERS)
def test_a_hint_stands_before_each_task(master):
    hint = False
    for cell in master.cells:
        hint = hint or "<details><summary>A hint</summary>" in cell.source
        if masters.role(cell)[0] == "solution":
            assert hint
            hint = False


@pytest.mark.parametrize("master", MASTERS)
def test_stubs_are_typed_and_say_what_they_take(master):
    for cell in masters.named(master, "solution").values():
        for function in ast.parse(without_solution(cell.source)).body:
            if isinstance(function, ast.FunctionDef):
                assert function.returns is not None
                assert all(argument.annotation for argument in function.args.args)
                assert ast.get_docstring(function)
                assert ast.unparse(function.body[-1]) == "raise NotImplementedError"


@pytest.mark.parametrize("master", MASTERS)
def test_functions_are_graded_on_hidden_inputs(master):
    tests = masters.named(master, "tests")
    for name, cell in masters.named(master, "solution").items():
        if "def " in without_solution(cell.source):
            assert re.search(
                r"### BEGIN HIDDEN TESTS\n.*VARIANT\)\n### END HIDDEN TESTS",
                tests[f"test_{name}"].source,
            )


@pytest.mark.parametrize("master", MASTERS)
def test_written_answers_have_a_mark_scheme(master):
    for cell in masters.named(master, "written").values():
        assert cell.source.startswith("*Write your answer here, in place of this line.*")
        assert (
            "=== BEGIN MARK SCHEME ===" in cell.source and "=== END MARK SCHEME ===" in cell.source
        )


@pytest.mark.parametrize("name", masters.NAMES)
def test_points_are_counted_right(name):
    master = masters.read(name)
    code, written = (sum(masters.points(master, kind).values()) for kind in ("tests", "written"))
    readme = (masters.HOMEWORK / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| \[{name}\].*\| {code} \+ {written} \|", readme, re.MULTILINE)
    assert f"{code + written} points" in master.cells[0].source.replace("\n", " ")
