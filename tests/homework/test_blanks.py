"""A self-learner's blank homework: no solution in it, and nothing of the learner's is lost.

That it is what nbgrader releases is tested in the round trip.
"""

import blank
import masters
import nbformat
import pytest
import release

KEPT = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"


@pytest.mark.parametrize("name", masters.NAMES)
def test_a_blank_has_everything_but_the_answers(name):
    master, given = masters.read(name), blank.blank(name, 7)
    nbformat.validate(given)
    assert [masters.role(cell) for cell in given.cells] == [masters.role(c) for c in master.cells]
    text = "\n".join(cell.source for cell in given.cells)
    assert not any(word in text for word in KEPT) and "VARIANT = 7" in text
    for cell in masters.named(given, "solution").values():
        assert "raise NotImplementedError" in cell.source and cell.metadata.get("editable", True)
    for cell in masters.named(given, "tests").values():
        assert cell.source.startswith("checks.") and cell.metadata.editable is False
    assert all(not cell.outputs for cell in given.cells if cell.cell_type == "code")


def test_it_is_written_once_and_never_over_somebodys_answers(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(blank, "MINE", tmp_path / "mine")
    assert blank.main(["hw1", "hw2"]) is None
    path = tmp_path / "mine" / "hw2.ipynb"
    assert str(path) in capsys.readouterr().out
    path.write_text("my answers", encoding="utf-8")
    assert "is there already" in blank.main(["hw2", "--variant", "3"])
    assert path.read_text(encoding="utf-8") == "my answers"
    assert release.variant_of(nbformat.read(tmp_path / "mine" / "hw1.ipynb", as_version=4)) == 0


@pytest.mark.parametrize("arguments", [["hw99"], ["hw1", "--variant", "-1"], []])
def test_bad_requests_are_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        blank.main(arguments)
    assert "error: " in capsys.readouterr().err
