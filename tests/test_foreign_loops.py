"""What ``diagnose.examine`` says of five training loops that know nothing of this course.

They are in ``foreign_loops/``, each in the style of a well-known tutorial or repository. As they
are, one has a famous fault and the others have none; with one line changed each has a bug more.
"""

import math
import types
from pathlib import Path

import odd_loops
import pytest
import torch

from gan_lib import data, diagnose

FOLDER = Path(__file__).parent / "foreign_loops"
STEPS = 40
ARGUMENTS = "step generator discriminator g_optimizer d_optimizer data".split()
FAULTS = {  # as they are: file -> what is wrong
    "collection_gan": {"BatchNorm"},
    "tutorial_dcgan": set(),
    "clipped_wgan": set(),
    "trainer_hinge": set(),
    "blog_mnist": set(),
}


@pytest.fixture(autouse=True)
def randomness():
    """Strangers seed the global generator; the other tests shall not notice."""
    with torch.random.fork_rng(devices=[]):
        yield


@pytest.fixture(scope="module")
def images():
    """Digits of 16 × 16 pixels between 0 and 1, with or without MNIST the same."""
    digits, _ = data.embedded_digits()
    padded = torch.nn.functional.pad(digits[:1000, None] / 255, (2, 2, 2, 2))
    return torch.nn.functional.avg_pool2d(padded, 2)  # (1000, 1, 16, 16)


@pytest.fixture(scope="module")
def points():
    """Eight Gaussians on a ring in the plane."""
    generator = torch.Generator().manual_seed(0)
    angle = torch.randint(0, 8, (1000,), generator=generator) * math.pi / 4
    ring = 2 * torch.stack([angle.cos(), angle.sin()], dim=1)
    return ring + 0.05 * torch.randn(1000, 2, generator=generator)  # (1000, 2)


@pytest.fixture
def build(images, points):
    """A foreign loop's parts by examine's names, with one place of its source changed or none."""

    def parts(name, seed, old="", new="", **options):
        source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        if old:
            assert source.count(old) == 1, f"{old!r} is there {source.count(old)} times"
            source = source.replace(old, new)
        module = types.ModuleType(name)
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
        samples = points if name == "clipped_wgan" else images
        return dict(zip(ARGUMENTS, module.build(seed, samples, **options)))

    return parts


def alarms(report):
    return {finding.probe for finding in report.wrong}


@pytest.mark.parametrize("name", FAULTS)
def test_the_loops_know_nothing_of_the_course(name):
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert "gan_lib" not in source and "diagnose" not in source
    assert 40 <= len(source.splitlines()) <= 92


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FAULTS)
def test_as_it_is(build, name, seed):
    report = diagnose.examine(**build(name, seed), steps=STEPS)
    assert alarms(report) == FAULTS[name], report
    assert ("Nothing was found" in str(report)) == (not FAULTS[name])


@pytest.mark.parametrize("seed", range(3))
def test_a_trainer_with_a_gradient_penalty_in_a_step_of_its_own(build, seed):
    report = diagnose.examine(**build("trainer_hinge", seed, adv_loss="wgan-gp"), steps=STEPS)
    assert not report.wrong, report


def test_the_famous_fault_mended(build):
    """0.8 given to the momentum, as it was meant."""
    mended = build("collection_gan", 0, "(width_out, 0.8)", "(width_out, momentum=0.8)")
    report = diagnose.examine(**mended, steps=STEPS)
    assert not report.wrong, report


FOLLOWS = {  # what is wrong -> what else is wrong because of it
    "stale gradients": {"leaked gradients"},  # what G's loss sends to D is not cleared either
    "random state": {"noise"},  # drawn again
}
PLANTED = [  # file, a place of it, what stands there instead, the probe that has to see it
    ("collection_gan", "nn.BCELoss()", "nn.BCEWithLogitsLoss()", "sigmoids"),
    ("collection_gan", "(gen_imgs), valid", "(gen_imgs), fake", "directions"),
    ("collection_gan", "z = torch", "np.random.seed(0); z = torch", "noise"),
    ("tutorial_dcgan", "    label.fill_(real_label)", "    label.fill_(fake_label)", "directions"),
    ("tutorial_dcgan", "images = data * 2 - 1", "images = data", "ranges"),
    (
        "tutorial_dcgan",
        "netG(torch.randn(b_size, nz, 1, 1))",
        "netG(fixed_noise[:b_size])",
        "noise",
    ),
    ("tutorial_dcgan", "(ngf * 4),", "(ngf * 4, 0.8),", "BatchNorm"),
    ("tutorial_dcgan", "netG.zero_grad()", "pass", "stale gradients"),
    ("clipped_wgan", "RMSprop(netD.param", "RMSprop(netG.param", "moved weights"),
    ("clipped_wgan", "netD.zero_grad()", "pass", "stale gradients"),
    ("clipped_wgan", "errG.backward(one)", "errG.backward(mone)", "directions"),
    ("trainer_hinge", "        self.d_optim.zero_grad()\n", "", "stale gradients"),
    ("trainer_hinge", "g_loss = -self.D", "g_loss = self.D", "directions"),
    ("trainer_hinge", "self.samples =", "self.samples, _ = torch.manual_seed(0),", "random state"),
    ("blog_mnist", "_pixels, 128),", "_pixels, 128), nn.BatchNorm1d(128),", "mixed batches"),
    ("blog_mnist", "nn.Linear(64, 1),", "nn.Linear(64, 1), nn.Sigmoid(),", "sigmoids"),
    ("blog_mnist", "generator.eval()", "generator.eval(), torch.manual_seed(42)", "random state"),
    ("blog_mnist", "disc_opt.zero_grad()", "pass", "stale gradients"),
]


@pytest.mark.parametrize("name, old, new, probe", PLANTED, ids=[f"{n}-{p}" for n, *_, p in PLANTED])
def test_with_a_bug_planted(build, name, old, new, probe):
    report = diagnose.examine(**build(name, 0, old, new), steps=STEPS)
    named = [finding.probe for finding in report.wrong if finding.probe not in FAULTS[name]]
    assert named[0] == probe, report
    assert set(named[1:]) <= FOLLOWS.get(probe, set()), report


@pytest.mark.parametrize("name", FAULTS)
def test_a_watched_loop_learns_what_an_unwatched_one_does(build, name):
    """Weights, running statistics and random state are the same bit for bit."""

    def ends(run):
        parts = build(name, 0)
        run(parts)
        nets = parts["generator"].state_dict(), parts["discriminator"].state_dict()
        return [*nets[0].values(), *nets[1].values(), torch.get_rng_state()]

    alone = ends(lambda parts: [parts["step"]() for _ in range(12)])
    watched = ends(lambda parts: diagnose.examine(**parts, steps=12))
    assert all(torch.equal(one, other) for one, other in zip(alone, watched))


@pytest.mark.parametrize("name", odd_loops.LOOPS)
def test_an_odd_but_healthy_loop(name):
    step, parts = odd_loops.LOOPS[name](0)
    report = diagnose.examine(step, **parts)
    assert not report.wrong, report
