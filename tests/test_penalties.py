"""Penalties against closed forms: a linear critic, a quadratic one, two points at a distance."""

import copy
import math

import pytest
import torch
from torch import nn

from gan_lib import models, penalties
from gan_lib.penalties import R1, R2, ClipWeights, GradientPenalty, Sum, reweighted

W = torch.tensor([[1.0, -2.0, 2.0]])  # of norm 3


def rng():
    return torch.Generator().manual_seed(0)


def linear():
    net = nn.Linear(3, 1)
    with torch.no_grad():
        net.weight.copy_(W)
    return net


def samples(seed, n=5):
    return torch.randn(n, 3, generator=torch.Generator().manual_seed(seed))


def test_a_linear_critic_has_the_same_gradient_everywhere():
    real, fake = samples(1), samples(2)
    assert GradientPenalty(10)(linear(), real, fake, rng()).item() == pytest.approx(
        10 * (3 - 1) ** 2
    )
    assert R1(2)(linear(), real, fake, rng()).item() == pytest.approx(9)
    assert R2(0.5)(linear(), real, fake, rng()).item() == pytest.approx(0.5 / 2 * 9)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1, 1), (1, 1, 3)])
def test_the_norm_is_over_all_numbers_of_a_sample(shape):
    """Over one dimension only, as in many repositories, a gradient of norm 1 would cost
    something."""
    net = nn.Sequential(nn.Flatten(), linear())
    with torch.no_grad():
        net[1].weight /= 3
    real, fake = samples(1).reshape(5, *shape), samples(2).reshape(5, *shape)
    assert GradientPenalty(10)(net, real, fake, rng()).item() == pytest.approx(0, abs=1e-10)


def half_square(x):
    return x.square().sum(1, keepdim=True) / 2  # its gradient at x is x


def test_r1_is_taken_at_real_samples_and_r2_at_fakes():
    real, fake = samples(1), samples(2)
    assert R1(4)(half_square, real, fake, rng()).item() == pytest.approx(
        2 * real.square().sum(1).mean().item()
    )
    assert R2(4)(half_square, real, fake, rng()).item() == pytest.approx(
        2 * fake.square().sum(1).mean().item()
    )
    both = Sum((R1(4), R2(4)))(half_square, real, fake, rng())
    assert both.item() == pytest.approx(
        2 * (real.square().sum(1).mean() + fake.square().sum(1).mean()).item()
    )


def test_the_gradient_penalty_is_taken_between_the_samples():
    """On the segment from 2 to 5 the norm of x is even on (2, 5): E[(u - 1)^2] = 7."""
    n = 20_000
    real, fake = torch.full((n, 1), 5.0), torch.full((n, 1), 2.0)
    found = GradientPenalty(1)(half_square, real, fake, rng()).item()
    exact = (4**3 - 1**3) / 9  # the integral of (u - 1)^2 from 2 to 5, by its length 3
    assert exact == 7
    assert found == pytest.approx(exact, abs=4 * 4.4 / math.sqrt(n))


def test_each_pair_has_a_point_of_its_own():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.sum(1, keepdim=True)

    GradientPenalty(1)(critic, torch.ones(50, 2), torch.zeros(50, 2), rng())
    (x,) = seen
    assert len(x[:, 0].unique()) == 50 and torch.equal(x[:, 0], x[:, 1])  # on the segment


@pytest.mark.parametrize("kind", [GradientPenalty, R1, R2])
def test_a_penalty_differentiates_to_the_weights(kind):
    """Against a finite difference in float64, through the gradient of the gradient."""
    net = models.mlp_discriminator((3,), hidden=(4,), seed=0)
    real, fake = samples(1), samples(2)
    value = kind(1.0)(net, real, fake, rng())
    value.backward()
    weight = net[1].weight
    slope = weight.grad[0, 1].item()
    assert slope != 0
    step = 1e-2
    values = []
    for sign in (1, -1):
        moved = copy.deepcopy(net)
        with torch.no_grad():
            moved[1].weight[0, 1] += sign * step
        values.append(kind(1.0)(moved, real, fake, rng()).item())
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(slope, rel=0.05, abs=1e-4)


def test_a_constant_critic_has_a_slope_and_no_nan():
    """At a gradient of 0 the root's slope is infinite; 0 times infinity would be nan."""
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        net[0].bias.fill_(-100)  # no unit is ever active
    value = GradientPenalty(10)(net, samples(1), samples(2), rng())
    value.backward()
    assert value.item() == pytest.approx(10)
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)


@pytest.mark.parametrize("weight", [0.1, 1.0, 10.0])
def test_the_penalised_gap_of_two_points(weight):
    """A linear critic w on points theta apart: w theta - weight (w - 1)^2 is largest at 1 + theta /
    2 weight.

    So the estimate w theta is theta (1 + theta / 2 weight), and not theta.
    """
    theta = 1.0
    net = nn.Linear(1, 1)
    with torch.no_grad():
        net.weight.fill_(0.5)  # from a negative one it would end at the other, lesser maximum
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=100, line_search_fn="strong_wolfe")
    real, fake = torch.tensor([[theta]]), torch.tensor([[0.0]])

    def closure():
        optimizer.zero_grad()
        loss = net(fake).mean() - net(real).mean()
        total = loss + GradientPenalty(weight)(net, real, fake, rng())
        total.backward()
        return total

    optimizer.step(closure)
    gap = (net(real) - net(fake)).item()
    assert gap == pytest.approx(theta * (1 + theta / (2 * weight)), rel=1e-3)


def test_clipping_cuts_at_the_limit_and_leaves_the_rest():
    net = linear()
    bias = net.bias.item()
    ClipWeights(1.5)(net)
    assert net.weight.tolist() == [[1.0, -1.5, 1.5]]
    assert net.bias.item() == bias


def test_reweighted_changes_every_part():
    assert reweighted(R1(1), 3) == R1(3)
    assert reweighted(Sum((R1(1), R2(2))), 3) == Sum((R1(3), R2(3)))
    assert GradientPenalty(1) == reweighted(GradientPenalty(10), 1)


def test_gradient_norms_of_a_quadratic():
    x = samples(1)
    found = penalties.gradient_norms(half_square, x)
    torch.testing.assert_close(found, x.norm(dim=1))
