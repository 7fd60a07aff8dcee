"""The table of games: losses by hand, their levels, and training by name against a plain loop."""

import copy
import dataclasses
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gan_lib import losses, models, objectives, toys, training
from gan_lib.objectives import OBJECTIVES, Objective, named
from gan_lib.penalties import R1, R2, ClipWeights, GradientPenalty, Sum

REAL, FAKE = torch.tensor([[2.0], [-1.0], [0.5]]), torch.tensor([[-3.0], [1.0], [0.25]])
LOG = math.log


pytestmark = pytest.mark.usefixtures("one_thread")


def softplus(a):
    return LOG(1 + math.exp(a))


def mean(values):
    return sum(values) / len(values)


real, fake = REAL.flatten().tolist(), FAKE.flatten().tolist()
D_STANDARD = mean([softplus(-a) for a in real]) + mean([softplus(b) for b in fake])
BY_HAND = {  # (D's loss, G's loss) of the logits above
    "non_saturating": (D_STANDARD, mean([softplus(-b) for b in fake])),
    "minimax": (D_STANDARD, -mean([softplus(b) for b in fake])),
    "maximum_likelihood": (D_STANDARD, -mean([math.exp(b) for b in fake])),
    "least_squares": (
        mean([(a - 1) ** 2 / 2 for a in real]) + mean([b**2 / 2 for b in fake]),
        mean([(b - 1) ** 2 / 2 for b in fake]),
    ),
    "hinge": (
        mean([max(0, 1 - a) for a in real]) + mean([max(0, 1 + b) for b in fake]),
        -mean(fake),
    ),
    "wasserstein": (mean(fake) - mean(real), -mean(fake)),
    "wasserstein_gp": (mean(fake) - mean(real), -mean(fake)),
    "relativistic": (
        mean([softplus(b - a) for a, b in zip(real, fake)]),
        mean([softplus(a - b) for a, b in zip(real, fake)]),
    ),
    "feature_matching": (D_STANDARD, (mean(fake) - mean(real)) ** 2),
    "auxiliary_classifier": (  # each logit stands for the log of the class's probability as well
        D_STANDARD - mean(real) - mean(fake),
        mean([softplus(-b) for b in fake]) - mean(fake),
    ),
}


def losses_of(game, real_logits, fake_logits):
    real_logits, fake_logits = (a.expand(-1, game.answers) for a in (real_logits, fake_logits))
    g_loss = game.g_loss(fake_logits, real_logits) if game.paired else game.g_loss(fake_logits)
    return game.d_loss(real_logits, fake_logits), g_loss


def test_every_game_is_computed_by_hand():
    assert BY_HAND.keys() == OBJECTIVES.keys()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_against_numbers_computed_by_hand(name):
    found = [loss.item() for loss in losses_of(OBJECTIVES[name], REAL, FAKE)]
    assert found == pytest.approx(BY_HAND[name], rel=1e-6)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_levels_are_the_losses_of_an_undecided_d(name):
    game = OBJECTIVES[name]
    undecided = torch.full((7, 1), 0.0 if game.undecided is None else game.undecided)
    d_loss, g_loss = losses_of(game, undecided, undecided)
    d_level, g_level, answer = game.levels
    if game.answers > 1:
        assert game.levels == (None, None, None)
        return
    assert d_level == pytest.approx(d_loss.item())
    assert g_level is None or g_level == pytest.approx(g_loss.item())
    assert answer is None or answer == pytest.approx(game.answer(undecided).mean().item())


def test_levels_of_the_papers_game_and_of_critics():
    assert OBJECTIVES["non_saturating"].levels == pytest.approx((2 * LOG(2), LOG(2), 0.5))
    assert OBJECTIVES["minimax"].levels == pytest.approx((2 * LOG(2), -LOG(2), 0.5))
    assert OBJECTIVES["wasserstein"].levels == (0, None, None)
    assert OBJECTIVES["relativistic"].levels == (pytest.approx(LOG(2)), pytest.approx(LOG(2)), None)
    assert OBJECTIVES["least_squares"].levels == pytest.approx((0.25, 0.125, 0.5))


@pytest.mark.parametrize("name", ["wasserstein", "wasserstein_gp", "relativistic"])
def test_where_any_constant_is_undecided_ds_loss_does_not_know_the_constant(name):
    game = OBJECTIVES[name]
    values = [game.d_loss(torch.full((3, 1), c), torch.full((3, 1), c)).item() for c in (-5.0, 2.0)]
    assert values[0] == pytest.approx(values[1])


def test_the_maximum_likelihood_game_has_the_slope_of_forward_kl():
    """With D*, E_z of d/dtheta -e^a equals d/dtheta KL(p_data || p_theta), for a bell that is
    moved."""
    x = torch.linspace(-12, 12, 4801, dtype=torch.float64)
    theta = 0.7

    def log_bell(mean):
        return -((x - mean) ** 2) / 2 - LOG(math.sqrt(2 * math.pi))

    a = log_bell(0.0) - log_bell(theta)  # D*'s logit
    slope_of_a = torch.gradient(a, spacing=(x,))[0]
    g_slope = torch.trapezoid(log_bell(theta).exp() * -a.exp() * slope_of_a, x)  # dx/dtheta = 1
    assert g_slope.item() == pytest.approx(theta, rel=1e-3)  # KL = theta^2 / 2


def test_the_table_has_a_line_for_each_game():
    lines = objectives.table().splitlines()
    assert len(lines) == 1 + len(OBJECTIVES)
    for name, line in zip(OBJECTIVES, lines[1:]):
        assert line.startswith(name)
        assert OBJECTIVES[name].g_loss.__name__ in line and " at 0x" not in line


def test_named():
    game = Objective(g_loss=losses.critic_generator_loss)
    assert named(game) is game
    assert named("hinge") is OBJECTIVES["hinge"]
    with pytest.raises(ValueError, match="objective must be one of non_saturating, .*not 'hing'"):
        named("hing")
    with pytest.raises(TypeError, match="g_loss must be a function, not 'hinge'"):
        Objective(g_loss="hinge")


def test_a_penalty_joins_those_that_are_there():
    assert OBJECTIVES["hinge"].with_penalty(R1(3)).penalty == R1(3)
    joined = OBJECTIVES["wasserstein_gp"].with_penalty(R1(3)).penalty
    assert joined == Sum((GradientPenalty(10), R1(3)))


# Training by name, against a loop written out.

X = torch.randn(40, 2, generator=torch.Generator().manual_seed(5))


def players():
    g = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
    d = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    for seed, net in enumerate((g, d)):
        generator = torch.Generator().manual_seed(seed)
        for p in net.parameters():
            nn.init.uniform_(p, -0.5, 0.5, generator=generator)
    return g, d


def norm_d(d):
    return nn.Sequential(d[0], nn.BatchNorm1d(8), *d[1:])


class MixingLayer(nn.Module):
    """A layer of a learner's own that mixes its batch, and says so."""

    mixes_batch = True

    def forward(self, x):
        return x - x.mean(0)


def plain_loop(g, d, name, *, k=1, steps=6, apart=False, clip=None, penalty=None):
    """Algorithm 1 as one would write it by hand for a game; nothing of the library's loop is
    used."""
    g_step, d_step = (
        torch.optim.Adam(n.parameters(), 6e-4, (0.5, 0.999), fused=True) for n in (g, d)
    )
    rng = torch.Generator().manual_seed(0)
    g.train()
    d.train()
    for _ in range(steps):
        drawn = []
        for _ in range(k):
            z = torch.randn(16, 3, generator=rng)
            drawn.append((z, X[torch.randint(len(X), (16,), generator=rng)]))
        for z, x in drawn:
            made = g(z)
            if apart:
                a, b = d(x), d(made.detach())
            else:
                a, b = d(torch.cat([x, made.detach()])).split(16)
            if name == "hinge":
                loss = F.relu(1 - a).mean() + F.relu(1 + b).mean()
            elif name.startswith("wasserstein"):
                loss = b.mean() - a.mean()
            else:
                loss = F.softplus(-a).mean() + F.softplus(b).mean()
            if penalty is not None:
                loss = loss + penalty(d, x, made, rng)
            d_step.zero_grad()
            loss.backward()
            d_step.step()
            if clip is not None:
                for p in d.parameters():
                    p.data.clamp_(-clip, clip)
        if name == "hinge" or name.startswith("wasserstein"):
            loss = -d(made).mean()
        else:
            loss = F.softplus(-d(made)).mean()
        g_step.zero_grad()
        loss.backward()
        g_step.step()


def gradient_penalty_by_hand(d, x, made, rng):
    share = torch.rand((16, 1), generator=rng)
    between = torch.lerp(made.detach(), x, share).requires_grad_(True)
    slope = torch.autograd.grad(d(between).sum(), between, create_graph=True)[0]
    return 10 * (slope.flatten(1).square().sum(1).sqrt() - 1).square().mean()


GAMES = {
    "non_saturating": {},
    "hinge": {},
    "wasserstein": {"clip": 0.01},
    "wasserstein_gp": {"penalty": gradient_penalty_by_hand},
}
MIXES = {
    "plain D": lambda d: d,
    "BatchNorm in D": norm_d,
    "own layer": lambda d: nn.Sequential(d[0], MixingLayer(), *d[1:]),
}


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("name", GAMES)
def test_training_by_name_is_the_plain_loop_bit_for_bit(name, mix, k):
    nets = []
    for _ in range(2):
        g, d = players()
        nets.append((g, MIXES[mix](d)))
    apart = mix != "plain D"
    plain_loop(*nets[0], name, k=k, apart=apart, **GAMES[name])
    settings = dict(steps=6, k=k, batch_size=16, noise_dim=3, average=None, precision="float32")
    state = training.start(*nets[1], objective=name, device="cpu", **settings)
    assert len(list(training.train(state, X))) == 6
    for mine, theirs in zip(nets[1], nets[0]):
        for (key, a), b in zip(mine.state_dict().items(), theirs.state_dict().values()):
            assert torch.equal(a, b), key


def test_batch_norm_in_one_pass_would_be_another_game():
    (g, d), (g2, d2) = players(), players()
    for net, apart in (((g, norm_d(d)), True), ((g2, norm_d(d2)), False)):
        plain_loop(*net, "non_saturating", apart=apart)
    assert not torch.equal(d[0].weight, d2[0].weight)


@pytest.mark.parametrize(
    ("net", "mixes"),
    [
        (nn.BatchNorm1d(3), True),
        (nn.Sequential(nn.Sequential(nn.BatchNorm2d(3))), True),
        (nn.SyncBatchNorm(3), True),
        (MixingLayer(), True),
        (nn.LayerNorm(3), False),
        (nn.GroupNorm(1, 3), False),
        (nn.InstanceNorm1d(3), False),
        (models.maxout_discriminator((3,), 4), False),
    ],
)
def test_what_mixes_its_batch_is_found(net, mixes):
    assert training.mixes_batch(net) is mixes


def begin(objective="non_saturating", **settings):
    settings = {"steps": 9, "batch_size": 16, "noise_dim": 3, "precision": "float32", **settings}
    return training.start(*players(), objective=objective, device="cpu", **settings)


def test_an_objective_of_ones_own_gets_the_same_loop():
    state, by_name = begin(dataclasses.replace(OBJECTIVES["hinge"])), begin("hinge")
    assert state.settings.objective == "own" and by_name.settings.objective == "hinge"
    assert list(training.train(state, X)) == list(training.train(by_name, X))


def test_r1_joins_any_game_and_weights_replace_the_tables():
    assert begin("hinge", r1=3).objective.penalty == R1(3)
    assert begin("relativistic", penalty_weight=0.1).objective.penalty == Sum((R1(0.1), R2(0.1)))
    assert begin("wasserstein", clip=0.3).objective.after_d_step == ClipWeights(0.3)
    assert OBJECTIVES["wasserstein"].after_d_step == ClipWeights(0.01)
    with pytest.raises(ValueError, match="penalty_weight is set, but hinge has no penalty"):
        begin("hinge", penalty_weight=1)
    with pytest.raises(ValueError, match="clip is set, but hinge does not clip"):
        begin("hinge", clip=1)


def test_a_lazy_penalty_is_paid_at_every_nth_step_n_times():
    paid = []

    def penalty(discriminator, real, fake, rng):
        paid.append(len(seen))
        return sum(p.sum() for p in state.discriminator.parameters())

    state = begin(Objective(penalty=penalty), k=2, penalty_every=3, steps=6)
    seen = []
    before = {name: p.clone() for name, p in state.discriminator.named_parameters()}
    for step in training.train(state, X):
        seen.append(step)
    assert paid == [0, 1, 3, 4]  # D's steps 0, 3, 6 and 9 of 12, two in each turn
    assert before.keys() == dict(state.discriminator.named_parameters()).keys()


def test_a_lazy_penalty_is_as_strong_in_all():
    """With plain gradient descent and no loss, n times at every n-th step moves as far."""

    def nothing(*logits):
        return 0 * sum(a.sum() for a in logits)

    def penalty(discriminator, real, fake, rng):
        return state.discriminator[0].bias.sum()

    ends = []
    for every in (1, 4):
        game = Objective(d_loss=nothing, g_loss=nothing, penalty=penalty)
        state = begin(game, penalty_every=every, steps=8, optimizer="sgd", momentum=0.0, lr_d=0.1)
        start = state.discriminator[0].bias.detach().clone()
        list(training.train(state, X))
        ends.append(state.discriminator[0].bias.detach() - start)
    torch.testing.assert_close(ends[0], torch.full((8,), -0.8))
    torch.testing.assert_close(ends[1], ends[0])


def test_instance_noise_falls_to_zero():
    state = begin(instance_noise=2.0, instance_noise_until=0.5, steps=8)
    seen = []
    state.discriminator.register_forward_pre_hook(lambda net, inputs: seen.append(inputs[0]))
    only = torch.zeros(1, 2)  # whatever D sees of these data is noise
    sizes = []
    for _ in training.train(state, only):
        sizes.append(seen[0][:16].std().item() if len(seen[0]) == 32 else None)
        seen.clear()
    assert sizes[0] == pytest.approx(2, rel=0.4)
    assert sizes[2] == pytest.approx(1, rel=0.4)
    assert sizes[4:] == [0, 0, 0, 0]


def test_a_paired_game_asks_for_real_samples():
    g, d = players()
    optimizer = torch.optim.SGD(g.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="real is missing"):
        training.generator_step(d, optimizer, g(torch.zeros(4, 3)), "relativistic")
    training.generator_step(d, optimizer, g(torch.zeros(4, 3)), "relativistic", real=X[:4])


def test_the_reported_loss_leaves_the_penalty_out():
    (with_penalty, *_), (without, *_) = (
        list(training.train(begin("hinge", steps=1, r1=r1), X)) for r1 in (50.0, 0.0)
    )
    assert with_penalty.d_loss == without.d_loss


def test_curves_show_a_critics_own_number():
    step = next(training.train(begin("wasserstein", clip=5.0, lr_d=0.1, steps=1), X))
    assert step.d_loss == pytest.approx(step.d_fake - step.d_real, abs=1e-6)


# Each game trains the toy of notebook 06, by its name.

HUMPS = toys.GaussianMixture((-1.0, 1.0), (0.35, 0.35), (0.5, 0.5))


def wasserstein1(a, b):
    return (a.sort(0)[0] - b.sort(0)[0]).abs().mean().item()


def test_a_game_learns_two_humps_by_name():
    """Slowly is what ten seeds of every game take: tests/benchmarks/games.py does that."""
    settings = dict(steps=600, batch_size=256, lr_d=2e-2, lr_g=4e-3, betas=(0, 0.9), decay_from=0.3)
    nets = models.toy_generator(seed=0), models.toy_discriminator(seed=100)
    state = training.start(
        *nets, objective="hinge", r1=0.1, noise="uniform", noise_dim=1, device="cpu", **settings
    )
    rng = torch.Generator().manual_seed(9)
    truth = HUMPS.sample(5000, rng)

    def drawn():
        with torch.no_grad():
            return training.averaged_generator(state)(
                training.sample_noise(state.settings, rng, 5000)
            )

    before = wasserstein1(drawn(), truth)
    for _ in training.train(state, HUMPS.sample):
        pass
    assert before > 0.5
    assert wasserstein1(drawn(), truth) < 0.15


def test_objectives_survive_a_copy():
    assert copy.deepcopy(OBJECTIVES) == OBJECTIVES
