"""Unrolled GANs: the gradient against finite differences, and what the first order leaves out."""

import copy

import pytest
import torch
from torch import nn

from gan_lib import toys
from gan_lib.losses import discriminator_loss, non_saturating_generator_loss
from gan_lib.models import plane_discriminator, plane_generator
from gan_lib.objectives import Objective
from gan_lib.training import generator_step, start, train
from gan_lib.unrolling import Unrolled


class SmoothD(nn.Module):
    """A D in float64 without kinks, for differences."""

    def __init__(self):
        super().__init__()
        rng = torch.Generator().manual_seed(1)
        self.a = nn.Parameter(torch.randn(3, 2, generator=rng, dtype=torch.float64))
        self.b = nn.Parameter(torch.randn(3, 1, generator=rng, dtype=torch.float64))

    def forward(self, x):
        return torch.tanh(x @ self.a.T) @ self.b


def by_hand(net, real, fake, learned_from, steps, lr):
    """G's loss against a copy of D that an optimiser of torch has moved."""
    later = copy.deepcopy(net)
    optimizer = torch.optim.SGD(later.parameters(), lr)
    for _ in range(steps):
        optimizer.zero_grad()
        discriminator_loss(later(real), later(learned_from)).backward()
        optimizer.step()
    return non_saturating_generator_loss(later(fake)).item()


def points():
    rng = torch.Generator().manual_seed(0)
    return torch.randn(2, 6, 2, generator=rng, dtype=torch.float64)


def loss_and_gradient(**options):
    net, (real, fake) = SmoothD(), points()
    fake.requires_grad_(True)
    judge = Unrolled(3, 0.2, **options)(net, real, fake, (), discriminator_loss)
    loss = non_saturating_generator_loss(judge(fake))
    return net, real, fake.detach(), loss.item(), torch.autograd.grad(loss, fake)[0]


def differences(net, real, fake, both, h=1e-3):
    """By central differences; ``both``: D's lessons move with the fakes."""
    slopes = torch.zeros_like(fake)
    for i in range(len(fake)):
        for j in range(2):
            ends = []
            for sign in (1, -1):
                moved = fake.clone()
                moved[i, j] += sign * h
                ends.append(by_hand(net, real, moved, moved if both else fake, 3, 0.2))
            slopes[i, j] = (ends[0] - ends[1]) / (2 * h)
    return slopes


@pytest.mark.parametrize("first_order", [False, True])
def test_the_gradient_against_finite_differences(first_order):
    net, real, fake, loss, gradient = loss_and_gradient(first_order=first_order)
    assert loss == pytest.approx(by_hand(net, real, fake, fake, 3, 0.2), abs=1e-12)
    expected = differences(net, real, fake, both=not first_order)
    torch.testing.assert_close(gradient, expected, rtol=1e-5, atol=1e-7)


def test_the_first_order_leaves_ds_answer_out():
    full, first = (loss_and_gradient(first_order=order)[-1] for order in (False, True))
    assert (full - first).norm() > 0.05 * full.norm()


def test_d_itself_stays_as_it_is():
    generator, discriminator = plane_generator(seed=0), plane_discriminator(seed=1)
    before = copy.deepcopy(discriminator.state_dict())
    real, z = torch.randn(2, 8, 2, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.SGD(generator.parameters(), 0.1)
    weights = copy.deepcopy(generator.state_dict())
    game = Objective(judge=Unrolled(2))
    generator_step(discriminator, optimizer, generator(z), game, real=real)
    for name, kept in before.items():
        assert torch.equal(discriminator.state_dict()[name], kept)
    assert not torch.equal(generator.state_dict()["0.weight"], weights["0.weight"])
    assert all(p.grad is None for p in discriminator.parameters())


def test_a_game_with_foresight_needs_real_samples():
    generator, discriminator = plane_generator(seed=0), plane_discriminator(seed=1)
    optimizer = torch.optim.SGD(generator.parameters(), 0.1)
    with pytest.raises(ValueError, match="real is missing"):
        game = Objective(judge=Unrolled(2))
        generator_step(discriminator, optimizer, generator(torch.zeros(4, 2)), game)


@pytest.mark.parametrize("size", [1, 2])
def test_the_loop_plays_it(size):
    generator, discriminator = plane_generator(), plane_discriminator(size=size, seed=1)
    game = Objective(judge=Unrolled(2))
    state = start(generator, discriminator, objective=game, noise_dim=2, steps=3, batch_size=8)
    assert [step.number for step in train(state, toys.ring().sample)] == [1, 2, 3]


@pytest.mark.parametrize(
    "options, message", [({"steps": 0}, "steps must be"), ({"lr": 0.0}, "lr must be")]
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        Unrolled(**options)
