"""The patients: one sick line each, which its own probe finds with five of five seeds."""

import difflib
import json

import pytest
import torch

from gan_lib import clinic, data, diagnose, files

pytestmark = pytest.mark.usefixtures("one_thread")
EVERYBODY = (clinic.HEALTHY, *clinic.PATIENTS)
NAMES = {patient.bug: patient for patient in clinic.PATIENTS}


@pytest.fixture(scope="module")
def images():
    return data.embedded_digits("train")[0]


def changed_lines(before, after):
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [[line[2:] for line in lines if line[:2] == sign] for sign in ("- ", "+ ")]


@pytest.mark.parametrize("patient", clinic.PATIENTS, ids=lambda patient: patient.probe)
def test_sick_and_cured_differ_in_one_line(patient):
    old, new = changed_lines(patient.source(sick=False), patient.source())
    assert [line.strip() for line in old] == [patient.well]
    assert [line.strip() for line in new] == [patient.ill]


def test_ten_patients_ten_bugs_ten_probes():
    assert [patient.number for patient in clinic.PATIENTS] == list(range(1, 11))
    assert sorted(NAMES) == list(clinic.BUGS)
    assert {patient.probe for patient in clinic.PATIENTS} == set(diagnose.PROBES)
    assert clinic.HEALTHY.source() == clinic.HEALTHY.source(sick=False) == clinic.SCRIPT


def examine(patient, seed, images, sick=True):
    visit = patient.admit(seed, images, sick).run(3)
    return diagnose.examine(visit.step, **visit.parts, steps=15)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("patient", clinic.PATIENTS, ids=lambda patient: patient.probe)
def test_the_sick_run_fails_its_own_probe(patient, seed, images):
    report = examine(patient, seed, images)
    assert patient.probe in [finding.probe for finding in report.wrong], report


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("source", sorted({patient.source(False) for patient in EVERYBODY}))
def test_no_cured_run_fails_any_probe(source, seed, images):
    """Most cured scripts are one and the same."""
    visit = clinic.Visit(source, seed, images).run(3)
    report = diagnose.examine(visit.step, **visit.parts, steps=15)
    assert not report.wrong, report


def test_a_visit_is_the_same_whatever_torch_has_drawn_and_leaves_no_trace(images):
    first = clinic.HEALTHY.admit(0, images).run(6)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    second = clinic.HEALTHY.admit(0, images)
    for _ in range(6):
        second.step()
    assert torch.equal(torch.get_rng_state(), state)
    assert first.history == second.history
    assert first.history != clinic.HEALTHY.admit(1, images).run(6).history
    assert torch.equal(first.samples(4), second.samples(4))


def test_samples_and_accuracy(images):
    visit = clinic.HEALTHY.admit(0, images).run(2)
    samples = visit.samples(5)
    assert samples.shape == (5, 1, 28, 28)
    assert samples.min() >= -1 and samples.max() <= 1
    g = visit.names["G"]
    z = torch.randn(5, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain = g.eval()(z).reshape(5, 1, 28, 28)
    torch.testing.assert_close(samples, plain)
    with torch.no_grad():
        visit.names["D"][-1].weight.zero_()
        visit.names["D"][-1].bias.fill_(1.0)
    assert visit.accuracy(images[:50]) == 0.5  # "real" to everything


def test_samples_of_data_from_0_to_1_are_read_in_that_range(images):
    patient = NAMES["data in [0, 1] for a tanh"]
    visit = patient.admit(0, images)
    assert visit.data().min() == 0 and visit.data().max() == 1
    z = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        x = visit.names["G"].eval()(z)
    torch.testing.assert_close(visit.samples(3).reshape(3, -1), 2 * x.clamp(0, 1) - 1)


def test_images_of_another_kind_are_refused():
    with pytest.raises(ValueError, match=r"images must be bytes \(n, 28, 28\)"):
        clinic.HEALTHY.admit(0, torch.rand(5, 28, 28))


def test_a_line_that_is_not_there_once_cannot_be_replaced():
    patient = clinic.Patient(99, "none such", "return 5", "return 6")
    with pytest.raises(ValueError, match="0 lines 'return 5', not one"):
        patient.source()
    twice = clinic.Patient(99, "twice", "nn.LeakyReLU(0.2),", "nn.ReLU(),")
    with pytest.raises(ValueError, match="3 lines"):
        twice.source()


# What the five recorded seeds show, on MNIST (tests/benchmarks/clinic.py)


@pytest.fixture(scope="module")
def recorded():
    """Bug, sick or not -> its runs, by seed."""
    lines = json.loads((files.recorded("clinic") / "results.json").read_text())
    runs = {}
    for line in sorted(lines, key=lambda line: line["seed"]):
        runs.setdefault((line["bug"], line["sick"]), []).append(line)
    return runs


def cured(patient, recorded):
    """The runs of a patient's cured script, which is that of the healthy one but for its base."""
    return recorded[patient.bug if patient.base else "none", False]


def test_the_matrix_five_seeds_each(recorded):
    assert len(recorded) == 12
    assert all([run["seed"] for run in runs] == list(range(5)) for runs in recorded.values())
    for patient in clinic.PATIENTS:
        for sick, well in zip(recorded[patient.bug, True], cured(patient, recorded)):
            assert patient.probe in sick["wrong"]
            assert not well["wrong"]
            assert len(sick["numbers"]) == len(well["numbers"]) == len(diagnose.PROBES)


@pytest.mark.parametrize("patient", clinic.PATIENTS, ids=lambda patient: patient.probe)
def test_every_bug_harms_in_every_seed(patient, recorded):
    """Fréchet distances after 900 steps or, of the seed that is set again, after 2400."""
    for sick, well in zip(recorded[patient.bug, True], cured(patient, recorded)):
        if patient.probe == "random state":
            assert sick["seen"] < 700 and well["seen"] > 35_000
            assert sick["long"]["frechet"] > 1.5 * well["long"]["frechet"]
        else:
            assert sick["frechet"][-1] > HARM.get(patient.probe, 1.4) * well["frechet"][-1]


HARM = {"BatchNorm": 1.05, "noise": 1.3}  # sick over cured, in each seed


def test_what_is_recorded_is_small():
    assert (files.recorded("clinic") / "results.json").stat().st_size < 100_000


def test_the_first_steps_of_a_recorded_run_again(recorded):
    """The same script on the same images: losses agree as far as rounding lets them."""
    images = mnist_or_skip()
    for patient, sick in ((clinic.HEALTHY, False), (NAMES["sigmoid twice"], True)):
        stored = recorded[patient.bug, sick][0]["curve"][0]
        found = torch.tensor(patient.admit(0, images, sick).run(30).history).mean(0)
        torch.testing.assert_close(found, torch.tensor(stored), rtol=0.03, atol=0.01)


def mnist_or_skip():
    try:
        return data.mnist("train")[0]
    except data.DataUnavailable:
        pytest.skip("the recorded runs are of MNIST, which is not available here")
