"""The probes: silent on healthy loops of ten kinds, exact on loops whose numbers are known."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from healthy_loops import LOOPS, adam, blobs, given, mlp, ring, rng
from torch import nn

from gan_lib import diagnose, models, toys, training
from gan_lib.diagnose import watching

pytestmark = pytest.mark.usefixtures("one_thread")


def examine(loop, **options):
    step, parts = loop
    return diagnose.examine(step, **parts, **options)


def number(report, probe):
    return next(finding.number for finding in report.findings if finding.probe == probe)


# Healthy loops


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", LOOPS)
def test_a_healthy_loop_raises_no_alarm(name, seed):
    step, parts = LOOPS[name](seed)
    for _ in range(2):  # untrained, and somewhat trained
        report = examine((step, parts), steps=25)
        assert not report.wrong, report
        assert str(report).startswith("Nothing was found: ")
        for _ in range(25):
            step()


@pytest.mark.parametrize("objective", ["non_saturating", "minimax", "hinge", "wasserstein"])
def test_the_courses_own_loop_is_healthy(objective):
    g, d = models.plane_generator(seed=0), models.plane_discriminator(seed=1)
    noise_dim = next(g.parameters()).shape[1]
    own = {"objective": objective, "noise_dim": noise_dim, "batch_size": 32, "steps": 100}
    state = training.start(g, d, seed=0, k=2, **own)
    run = training.train(state, toys.ring().sample)
    loop = given(lambda: next(run), g, d, state.g_optimizer, state.d_optimizer, ring(99, rng(9)))
    report = examine(loop)  # its first step tries the nets on two rows of zeros
    assert not report.wrong, report
    assert number(report, "noise") == 0


def test_a_watched_loop_goes_on_as_if_nobody_had_looked():
    step, parts = LOOPS["hinge_on_convolutions"](0)
    for _ in range(12):
        step()
    plain = copy.deepcopy([parts["generator"].state_dict(), parts["discriminator"].state_dict()])
    state = torch.get_rng_state()
    step, parts = LOOPS["hinge_on_convolutions"](0)
    examine((step, parts), steps=12, held_out=parts["data"])
    for net, before in zip((parts["generator"], parts["discriminator"]), plain):
        for name, value in net.state_dict().items():
            assert torch.equal(value, before[name]), name
        assert net.training
    assert torch.equal(torch.get_rng_state(), state)


# Numbers known beforehand


class Linear(nn.Module):
    """The map x -> w x of one number, in float64."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[w]], dtype=torch.float64))

    def forward(self, x):
        return x @ self.w


def still(zero_d=True, detach=True, g_sign=-1.0, last=lambda a: a):
    """A critic's loop on fixed batches that never moves (rates of 0): all gradients repeat."""
    g, d = Linear(2.0), Linear(3.0)
    g_opt, d_opt = (torch.optim.SGD(net.parameters(), 0.0) for net in (g, d))
    x, draw = torch.ones(4, 1, dtype=torch.float64), rng(0)

    def step():
        z = torch.rand(4, 1, generator=draw, dtype=torch.float64) + 1
        g_opt.zero_grad()
        if zero_d:
            d_opt.zero_grad()
        fake = g(z)
        (last(d(fake.detach() if detach else fake)).mean() - last(d(x)).mean()).backward()
        d_opt.step()
        (5 * g_sign * last(d(g(z))).mean()).backward()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, x)


def test_what_d_has_sent_to_g_is_one_part_in_six():
    """The slope of D's loss in G's weight is 3 E[z], that of G's own loss -15 E[z]."""
    report = examine(still(detach=False))
    assert number(report, "leaked gradients") == pytest.approx(1 / 6)
    assert [finding.probe for finding in report.wrong if "gradients" in finding.probe] == [
        "leaked gradients"
    ]
    assert number(examine(still()), "leaked gradients") == 0


def test_gradients_that_are_never_zeroed_add_up():
    x_slope = torch.tensor(0.0)
    step, parts = still(zero_d=False)
    for _ in range(3):
        step()
    d = parts["discriminator"]
    left = d.w.grad.clone()
    d.w.grad = None
    step()
    one = d.w.grad.clone()
    assert left.norm() > 2 * one.norm() > x_slope  # each step leaves its own, and G's loss's
    report = examine((step, parts))
    assert number(report, "stale gradients") > 0.8
    assert report.wrong[-1].words  # in words


def test_labels_that_pull_the_same_way():
    assert number(examine(still()), "directions") == pytest.approx(-1)
    assert number(examine(still(g_sign=1.0)), "directions") == pytest.approx(1)
    assert number(examine(still(g_sign=0.0)), "directions") is None


def test_where_nothing_moves_it_counts_whose_weights_are_held():
    step, parts = still()
    assert number(examine((step, parts)), "moved weights") == 1
    parts["d_optimizer"], parts["g_optimizer"] = parts["g_optimizer"], parts["d_optimizer"]
    report = examine((step, parts))
    assert number(report, "moved weights") == 0
    assert "holds 0 of" in report.wrong[0].words


def test_the_share_of_movement_when_an_optimiser_holds_both_nets():
    step, parts = LOOPS["clipped_critic_five_to_one"](0)  # whose fakes are not detached
    parts["d_optimizer"].add_param_group({"params": list(parts["generator"].parameters())})
    report = examine((step, parts))
    assert 0 < number(report, "moved weights") < 1
    assert "moved weights" in [finding.probe for finding in report.wrong]


def test_both_losses_backward_before_both_steps():
    """G's loss sends its gradient to D, whose step uses it; a frozen D is healthy."""

    def loop(frozen):
        torch.manual_seed(0)
        g, d, draw = mlp(2, 16, 2), mlp(2, 16, 1), rng(0)
        g_opt, d_opt = adam(g), adam(d)

        def step():
            g_opt.zero_grad()
            d_opt.zero_grad()
            fake = g(torch.randn(32, 2))
            (F.softplus(-d(ring(32, draw))) + F.softplus(d(fake.detach()))).mean().backward()
            d.requires_grad_(not frozen)
            F.softplus(-d(fake)).mean().backward()
            d.requires_grad_(True)
            d_opt.step()
            g_opt.step()

        return given(step, g, d, g_opt, d_opt, ring(99, rng(9)))

    assert [f.probe for f in examine(loop(frozen=False)).wrong] == ["leaked gradients"]
    assert not examine(loop(frozen=True)).wrong


LEAST = F.softplus(torch.tensor(-1.0)).item() + F.softplus(torch.tensor(0.0)).item()


@pytest.mark.parametrize(
    "last, wrong",
    [
        (F.softplus, False),
        (torch.sigmoid, False),
        (lambda a: F.softplus(-torch.sigmoid(a).view(-1)), True),
        (lambda a: -F.logsigmoid(torch.sigmoid(a)), True),
        (lambda a: torch.log(1 - torch.sigmoid(a)), False),
        (lambda a: F.binary_cross_entropy(torch.sigmoid(a), torch.ones_like(a)), False),
        (lambda a: F.binary_cross_entropy_with_logits(a, torch.ones_like(a)), False),
        (
            lambda a: F.binary_cross_entropy_with_logits(torch.sigmoid(a), torch.ones_like(a)),
            True,
        ),
        (lambda a: torch.sigmoid(3 * torch.sigmoid(a) + 1), False),  # layers lie between
    ],
)
def test_two_sigmoids_in_a_row_and_the_least_loss_behind_them(last, wrong):
    report = examine(still(last=last))
    assert number(report, "sigmoids") == pytest.approx(LEAST if wrong else 0)
    assert ("sigmoids" in [finding.probe for finding in report.wrong]) == wrong


@pytest.mark.parametrize(
    "last, low, high, expected",
    [
        (nn.Tanh(), -1, 1, 0),
        (nn.Tanh(), 0, 1, 0.5),
        (nn.Sigmoid(), 0, 1, 0),
        (nn.Sigmoid(), -1, 1, 1),
        (nn.Sigmoid(), 0, 255, 254),
        (nn.Tanh(), -0.424, 2.821, 1.821 / 2),  # MNIST less its mean, over its deviation
        (nn.Identity(), -1, 1, None),
    ],
)
def test_the_ends_of_two_ranges(last, low, high, expected):
    torch.manual_seed(0)
    data = torch.linspace(low, high, 801).expand(9, 801)
    last = [last, nn.Unflatten(1, (3, 267)), nn.Flatten()]
    g, d = mlp(2, 8, 801, last=last), mlp(801, 8, 1)
    loop = gan(g, d, data)
    # the quantiles lie half a hundredth within the ends
    found = number(examine(loop, steps=3), "ranges")
    wanted = expected if expected is None else pytest.approx(expected, abs=0.006 * (high - low))
    assert found == wanted
    assert [f.probe for f in examine(loop, steps=3).wrong] == ["ranges"] * bool(expected)


def gan(g, d, data, noise=lambda: torch.randn(16, 2), together=False, log=None, holds=None):
    """The usual loop, with logits."""
    g_opt, d_opt, draw = adam(holds or g), adam(d), rng(0)

    def step():
        x, fake = data[torch.randint(len(data), (16,), generator=draw)], g(noise())
        d_opt.zero_grad()
        if together:
            on_real, on_fake = d(torch.cat([x, fake.detach()])).chunk(2)
        else:
            on_real, on_fake = d(x), d(fake.detach())
        (F.softplus(-on_real) + F.softplus(on_fake)).mean().backward()
        d_opt.step()
        g_opt.zero_grad()
        F.softplus(-d(fake)).mean().backward()
        g_opt.step()
        if log:
            log()

    return given(step, g, d, g_opt, d_opt, data)


def plane(**options):
    torch.manual_seed(0)
    norm = options.pop("norm", False)
    return gan(mlp(2, 8, 2), mlp(2, 8, 1, norm=norm), ring(99, rng(9)), **options)


def test_what_is_rescaled_on_its_way_to_d_is_not_judged():
    """A tanh in [-1, 1], brought to the data's [0, 1] by the loop itself, is healthy; so is a loop
    that scales its data, of which the learner has passed the raw ones."""
    torch.manual_seed(0)
    g, data = mlp(2, 8, 2, last=[nn.Tanh()]), torch.rand(400, 2, generator=rng(0))
    step, parts = gan(lambda z: (g(z) + 1) / 2, mlp(2, 8, 1), data, holds=g)
    report = examine((step, parts | {"generator": g}))
    assert not report.wrong and number(report, "ranges") is None
    step, parts = gan(g, mlp(2, 8, 1), 2 * data - 1)
    report = examine((step, parts | {"data": data}))
    assert not report.wrong and number(report, "ranges") < 0.1


def test_a_constant_is_no_noise():
    """The Dirac-GAN's G makes one point of a constant."""
    report = examine(plane(noise=lambda: torch.ones(16, 2)))
    assert not report.wrong and number(report, "noise") is None


def test_half_of_the_noise_used_before():
    old = torch.randn(8, 2, generator=rng(1))
    report = examine(plane(noise=lambda: torch.cat([old, torch.randn(8, 2)])))
    assert number(report, "noise") == pytest.approx(0.5)
    assert [finding.probe for finding in report.wrong] == ["noise"]


def test_a_random_state_that_comes_back_every_seventh_step():
    count = iter(range(1, 1000))

    def log():
        if next(count) % 7 == 0:
            torch.manual_seed(0)

    report = examine(plane(log=log), steps=35)
    # 7 states before the first log and 7 after it are new, the other 21 of 35 are not
    assert number(report, "random state") == pytest.approx(21 / 35)
    assert number(report, "noise") == pytest.approx(21 / 34)
    assert [finding.probe for finding in report.wrong] == ["random state", "noise"]


def test_a_preview_whose_seed_is_set_inside_a_fork_is_healthy():
    step, parts = plane()

    def log():
        with torch.random.fork_rng():
            torch.manual_seed(0)
            parts["generator"](torch.randn(200, 2))

    def logged():
        step()
        log()

    assert not examine((logged, parts)).wrong


def test_the_standard_deviation_behind_batch_norm():
    torch.manual_seed(0)
    g = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8, 0.8), nn.ReLU(), nn.Linear(8, 2))
    loop = gan(g, mlp(2, 8, 1), ring(99, rng(9)))
    spreads = []
    hook = g[1].register_forward_hook(lambda layer, x, y: spreads.append(deviation(layer, y)))
    report = examine(loop)
    hook.remove()
    assert number(report, "BatchNorm") == pytest.approx(max(spreads), rel=1e-4)
    assert [finding.probe for finding in report.wrong] == ["BatchNorm"]


def deviation(layer, y):
    """The channels' median of the standard deviation before the layer's own scale."""
    return ((y - layer.bias) / layer.weight).std(0, correction=0).median().item()


def test_reals_judged_beside_fakes_by_a_net_with_batch_norm():
    report = examine(plane(norm=True, together=True))
    assert [finding.probe for finding in report.wrong] == ["mixed batches"]
    assert number(report, "mixed batches") > 0.1
    assert number(examine(plane(norm=True)), "mixed batches") == 0
    assert number(examine(plane(together=True)), "mixed batches") < 1e-5


# What is said, and to whom


def test_probes_and_findings_have_the_same_names_in_the_same_order():
    report = examine(plane())
    assert [finding.probe for finding in report.findings] == list(diagnose.PROBES)
    assert len(diagnose.PROBES) == 10
    assert report.steps == 50


def test_a_report_of_an_error_names_number_healthy_number_and_place():
    text = str(examine(still(detach=False), steps=10))
    assert "leaked gradients: 0.167 (healthy: 0). " in text
    assert "detach" in text
    assert text.startswith("Found by ")


def test_the_note_on_held_out_samples():
    step, parts = plane()
    far = torch.full((10, 2), 1e3)
    with torch.no_grad():
        side = parts["discriminator"](far).mean() > parts["discriminator"](parts["data"]).mean()
    report = examine((step, parts), held_out=far, steps=2)
    assert report.notes[-1].endswith(f"a held-out one in {float(side):.2f}.")


def test_weights_that_are_not_finite_are_noted():
    step, parts = plane()
    with torch.no_grad():
        next(parts["generator"].parameters()).fill_(math.nan)
    assert "not finite" in str(examine((step, parts), steps=3))


def test_an_optimiser_that_makes_no_step_is_noted():
    step, parts = plane()
    parts["g_optimizer"] = adam(parts["generator"])  # not the one that the loop uses
    report = examine((step, parts), steps=3)
    assert report.notes == ("G's optimiser made no step.",)


def test_nets_that_are_not_called_as_functions_cannot_be_judged():
    step, parts = plane()
    g = parts["generator"]
    parts["generator"] = copy.deepcopy(g)
    report = examine((step, parts))
    assert number(report, "noise") is None
    assert "Not judged: noise" in str(report)


def test_whatever_a_step_raises_no_hook_is_left():
    step, parts = plane()
    backward = torch.autograd.backward

    def fails():
        step()
        raise RuntimeError("no more data")

    with pytest.raises(RuntimeError, match="no more data"):
        examine((fails, parts))
    assert torch.autograd.backward is backward
    for net in (parts["generator"], parts["discriminator"]):
        assert not any(layer._forward_hooks for layer in net.modules())
    for optimizer in (parts["g_optimizer"], parts["d_optimizer"]):
        assert not optimizer._optimizer_step_pre_hooks
        assert not optimizer._optimizer_step_post_hooks


@pytest.mark.parametrize(
    "name, value, error, words",
    [
        ("generator", "G", TypeError, "generator must be a Module, not str"),
        ("discriminator", None, TypeError, "discriminator must be a Module"),
        ("g_optimizer", 0.1, TypeError, "g_optimizer must be a Optimizer, not float"),
        ("d_optimizer", None, TypeError, "d_optimizer must be a Optimizer"),
        ("data", [1.0], TypeError, "data must be a Tensor, not list"),
        ("data", torch.zeros(0, 2), ValueError, "data must hold samples"),
        ("data", torch.full((3, 2), math.nan), ValueError, "data must hold .* finite"),
        ("held_out", torch.tensor(1.0), ValueError, "held_out must hold samples"),
        ("steps", 1, ValueError, "steps must be a whole number of at least 2, not 1"),
        ("steps", 2.5, ValueError, "steps must be a whole number of at least 2, not 2.5"),
    ],
)
def test_a_bad_argument_is_named(name, value, error, words):
    step, parts = plane()
    with pytest.raises(error, match=words):
        diagnose.examine(step, **{**parts, name: value})


def test_a_step_that_is_no_function_and_an_optimiser_for_both():
    step, parts = plane()
    with pytest.raises(TypeError, match="step must be a function without arguments, not int"):
        diagnose.examine(3, **parts)
    with pytest.raises(ValueError, match="one and the same"):
        diagnose.examine(step, **{**parts, "d_optimizer": parts["g_optimizer"]})


def test_operations_seen_through_changes_of_place():
    x = torch.rand(2, 3, requires_grad=True)
    for value in (x.tanh().view(-1), x.tanh()[None].squeeze(0), x.T.tanh().T, -x.tanh()):
        assert list(watching.operations_behind(value.grad_fn)) == ["Tanh"]
    assert list(watching.operations_behind((x.tanh() + 1).grad_fn)) == ["Add"]


def test_blobs_are_images_of_one_bright_square():
    assert torch.equal(blobs(5, rng(0)).sum((1, 2, 3)), torch.full((5,), 36.0))
