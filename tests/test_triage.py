"""The clinic's page for the wall: whole, true to the library, and the same wherever it is shown."""

import json
from pathlib import Path

import pytest

from gan_lib import clinic, diagnose, triage

RECORD = Path(__file__).resolve().parents[1] / "data" / "clinic" / "results.json"
CAUSES = [cause for symptom in triage.SYMPTOMS for cause in symptom.causes]


def test_each_probe_and_each_bug_has_its_place_once():
    assert sorted(cause.probe for cause in CAUSES) == sorted(diagnose.PROBES)
    assert sorted(cause.bug for cause in CAUSES) == sorted(clinic.BUGS)
    assert list(triage.QUESTIONS) == list(diagnose.PROBES)


def test_a_probe_stands_beside_the_bug_that_it_finds():
    assert {cause.bug: cause.probe for cause in CAUSES} == {
        patient.bug: patient.probe for patient in clinic.PATIENTS
    }


def test_picture_words_and_page_say_the_same():
    drawn = [(question, bug) for _, tests in triage.tree() for question, bug in tests]
    assert drawn == [(triage.QUESTIONS[cause.probe], cause.bug) for cause in CAUSES]
    for cause in CAUSES:
        for shown in (triage.text(), triage.page()):
            assert shown.count(cause.bug) == 1 and cause.line in shown
            assert triage.QUESTIONS[cause.probe] in shown
    for symptom in triage.SYMPTOMS:
        assert triage.text().count(symptom.seen) == triage.page().count(symptom.seen) == 1


def test_the_page_fits_on_a_page():
    lines = triage.text().splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 128


def symptom_of(row):
    """Which symptom a recorded run shows, by what its log says at the end."""
    d_loss, g_loss, accuracy = row["d_loss"], row["g_loss"], row["accuracy"]
    if d_loss < 0.01 and g_loss < 0.01:
        return "both losses fall to 0"
    if d_loss > 3:
        return "D's loss far above log 4"
    if accuracy > 0.99:
        return "D is always right, and G never gets better"
    flat = max(abs(d_loss - 1.3863), abs(g_loss - 0.6931)) < 0.005
    return "losses dead flat at log 4, log 2" if flat else "calm"


@pytest.mark.parametrize("bug", clinic.BUGS)
def test_the_recorded_runs_show_the_symptom_beside_which_the_page_has_them(bug):
    (seen,) = (s.seen for s in triage.SYMPTOMS if bug in [cause.bug for cause in s.causes])
    rows = [row for row in json.loads(RECORD.read_text()) if row["bug"] == bug and row["sick"]]
    assert len(rows) >= 5
    calm = {
        "losses in bounds, drawings grey or speckled",
        "all looks well, or only a little worse than it should",
    }
    assert {symptom_of(row) for row in rows} == {"calm" if seen in calm else seen}


def test_asked_in_the_pages_order_the_first_probe_that_fails_names_the_bug():
    order = [cause.probe for cause in CAUSES]
    bug_of = {cause.probe: cause.bug for cause in CAUSES}
    for row in json.loads(RECORD.read_text()):
        failed = [probe for probe in order if probe in row["wrong"]]
        assert (bug_of[failed[0]] if failed else None) == (row["bug"] if row["sick"] else None)
