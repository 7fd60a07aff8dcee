"""The techniques of Salimans et al. (2016) in the library, each against a slower way."""

import functools
import json

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from gan_lib import checkpoint, files, models, toys, training
from gan_lib.judges import last_features
from gan_lib.losses import (
    discriminator_loss,
    feature_matching_loss,
    smoothed_discriminator_loss,
)
from gan_lib.objectives import Objective

pytestmark = pytest.mark.usefixtures("one_thread")


def drawn(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# Smoothing


def test_smoothing_is_binary_cross_entropy_with_soft_targets():
    real, fake = 5 * drawn(7, 1), 5 * drawn(9, 1, seed=1)
    expected = binary_cross_entropy_with_logits(real, torch.full_like(real, 0.8))
    expected += binary_cross_entropy_with_logits(fake, torch.full_like(fake, 0.3))
    assert smoothed_discriminator_loss(real, fake, 0.8, 0.3) == pytest.approx(expected.item())


def test_targets_of_one_and_zero_are_the_paper_s_loss():
    real, fake = 5 * drawn(7, 1), 5 * drawn(9, 1, seed=1)
    sharp = smoothed_discriminator_loss(real, fake, 1.0, 0.0)
    assert sharp == pytest.approx(discriminator_loss(real, fake).item())


@pytest.mark.parametrize("alpha, beta", [(0.9, 0.0), (0.9, 0.1)])
def test_the_best_answer_of_a_smoothed_d(alpha, beta):
    """At a point that the data visit three times as often as G: (3 alpha + beta) / 4."""
    best = torch.tensor((3 * alpha + beta) / 4, dtype=torch.float64)
    a = torch.logit(best).requires_grad_()
    real, fake = a.expand(1), a.expand(1)
    at_data = smoothed_discriminator_loss(real, fake, alpha, 0.0) - softplus(a)
    at_fakes = smoothed_discriminator_loss(real, fake, 0.0, beta) - softplus(a)
    (3 * at_data + at_fakes).backward()
    assert a.grad.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ["real_target", "fake_target"])
@pytest.mark.parametrize("target", [-0.1, 1.1])
def test_a_target_out_of_range_is_named(name, target):
    with pytest.raises(ValueError, match=name):
        smoothed_discriminator_loss(torch.zeros(2), torch.zeros(2), **{name: target})


def test_smoothing_joins_the_table_s_games():
    game = Objective(functools.partial(smoothed_discriminator_loss, real_target=0.7))
    state = begun(objective=game)
    assert len(list(training.train(state, toys.ring().sample))) == state.settings.steps


# Feature matching


def begun(**settings):
    nets = models.plane_generator(seed=0), models.plane_discriminator(seed=1)
    defaults = {"noise_dim": 2, "steps": 4, "batch_size": 16, "device": "cpu"}
    return training.start(*nets, **(defaults | settings))


@pytest.mark.parametrize("size", [1, 2])
def test_features_are_what_the_last_layer_is_given(size):
    net = models.plane_discriminator(size=size, seed=1)
    x = drawn(6, 2).float()
    f = last_features(net, x, x, (), discriminator_loss)(x)
    last = [each for each in net.modules() if isinstance(each, nn.Linear)][-1]
    assert f.shape == (6 // size, 64)
    assert torch.equal(last(f), net(x))
    assert not last._forward_pre_hooks


def test_features_of_a_d_without_linear_layers_are_refused():
    with pytest.raises(ValueError, match="no linear layer"):
        last_features(nn.Flatten(), None, None, (), discriminator_loss)


def test_feature_matching_loss_by_hand():
    fake = torch.tensor([[1.0, 2.0], [3.0, 2.0]])
    real = torch.tensor([[0.0, 5.0]])
    assert feature_matching_loss(fake, real).item() == (2 - 0) ** 2 + (2 - 5) ** 2
    for empty in ((fake[:0], real), (fake, real[:0])):
        with pytest.raises(ValueError, match="is empty"):
            feature_matching_loss(*empty)


def test_g_s_step_of_feature_matching_against_autograd_by_hand():
    state = begun()
    generator, discriminator = state.generator, state.discriminator
    real, z = toys.ring().sample(16, torch.Generator().manual_seed(0)), drawn(16, 2).float()
    gap = discriminator[:-1](generator(z)).mean(0) - discriminator[:-1](real).mean(0)
    expected = torch.autograd.grad(gap.square().sum(), list(generator.parameters()))
    before = [p.detach().clone() for p in generator.parameters()]
    descent = torch.optim.SGD(generator.parameters(), 1.0)
    training.generator_step(discriminator, descent, generator(z), "feature_matching", real=real)
    for old, new, slope in zip(before, generator.parameters(), expected):
        torch.testing.assert_close(old - new.detach(), slope, atol=1e-6, rtol=1e-4)
    assert all(p.grad is None for p in discriminator.parameters())


def test_the_loop_matches_features():
    state = begun(objective="feature_matching", steps=5)
    steps = list(training.train(state, toys.ring().sample))
    assert all(step.g_loss >= 0 for step in steps)


# Historical averaging


def test_historical_averaging_against_a_list_of_all_weights():
    weight = nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimizer = training.historical_averaging(torch.optim.SGD([weight], 0.1), 0.3)
    expected, past = weight.detach().clone(), []
    for _ in range(20):
        slope = 2 * expected - 1
        if past:
            slope = slope + 2 * 0.3 * (expected - torch.stack(past).mean(0))
        expected = expected - 0.1 * slope
        past.append(expected)
        optimizer.zero_grad()
        (weight.square() - weight).sum().backward()
        optimizer.step()
    torch.testing.assert_close(weight.detach(), expected)


@pytest.mark.parametrize("strength", [0.0, -1.0, float("inf")])
def test_a_strength_that_is_none_is_refused(strength):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 0.1)
    with pytest.raises(ValueError, match="strength"):
        training.historical_averaging(optimizer, strength)


def test_it_does_not_join_late():
    state = averaged()
    list(training.train(state, toys.ring().sample))
    with pytest.raises(ValueError, match="must be new"):
        training.historical_averaging(state.g_optimizer, 1.0)


def averaged(steps=4):
    nets = models.plane_generator(seed=0), models.plane_discriminator(seed=1)
    optimizers = {
        name: training.historical_averaging(torch.optim.Adam(net.parameters(), 1e-3), 1.0)
        for name, net in zip(("generator", "discriminator"), nets)
    }
    settings = {"noise_dim": 2, "steps": steps, "batch_size": 16, "device": "cpu"}
    return training.start(*nets, optimizers=optimizers, **settings)


def test_a_run_with_historical_averaging_goes_on_where_its_checkpoint_left_it(tmp_path):
    whole = averaged(steps=6)
    list(training.train(whole, toys.ring().sample))
    half = averaged(steps=3)
    list(training.train(half, toys.ring().sample))
    checkpoint.save(tmp_path / "run.safetensors", half)
    new = averaged(steps=3)
    again = checkpoint.load(
        tmp_path / "run.safetensors",
        new.generator,
        new.discriminator,
        device="cpu",
        optimizers={"generator": new.g_optimizer, "discriminator": new.d_optimizer},
    )
    list(training.train(training.extend(again, 6), toys.ring().sample))
    for p, q in zip(whole.generator.parameters(), again.generator.parameters()):
        assert torch.equal(p, q)


# Virtual batch normalisation


def net(features=3):
    layers = lambda: nn.Sequential(  # noqa: E731
        nn.Linear(2, features), nn.BatchNorm1d(features), nn.ReLU(), nn.Linear(features, 2)
    )
    return models.seeded(layers)(seed=3)


def test_a_row_s_answer_does_not_depend_on_its_companions():
    virtual = models.Virtual(net(), drawn(8, 2).float())
    x = drawn(5, 2, seed=1).float()
    alone = torch.cat([virtual(row[None]) for row in x])
    torch.testing.assert_close(virtual(x), alone)
    usual = net()
    torch.testing.assert_close(usual(x)[:2], usual(x[:2]), atol=10, rtol=10)
    assert (usual(x)[:2] - usual(x[:2])).abs().max() > 0.01
    assert not training.mixes_batch(virtual) and training.mixes_batch(usual)


def test_virtual_statistics_are_those_of_the_reference_and_the_row():
    norm = nn.BatchNorm1d(3).double()
    reference, row = drawn(8, 3), drawn(1, 3, seed=1)
    found = models.VirtualBatchNorm(norm, 8)(torch.cat([reference, row]))
    torch.testing.assert_close(found[:8], norm(reference))
    torch.testing.assert_close(found[8:], norm(torch.cat([reference, row]))[8:])


def test_virtual_keeps_the_weights_and_what_cannot_be_is_named():
    usual = net()
    virtual = models.Virtual(usual, drawn(4, 2).float())
    assert len(list(virtual.parameters())) == 6 and "reference" in dict(virtual.named_buffers())
    with pytest.raises(ValueError, match="reference"):
        models.Virtual(net(), drawn(1, 2).float())
    with pytest.raises(ValueError, match="no BatchNorm1d"):
        models.Virtual(nn.Linear(2, 2), drawn(4, 2).float())


# The recorded trial of notebook 14


def recorded(part, technique, measure="frechet"):
    """A measure of a technique's runs, by seed."""
    path = files.recorded("techniques") / f"{part}.json"
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return {run["seed"]: run[measure] for run in runs if run["technique"] == technique}


@pytest.mark.parametrize("part, seeds", [("eights", 10), ("digits", 10), ("steps", 10)])
@pytest.mark.parametrize("technique", ["R1", "two time scales", "minibatch discrimination"])
def test_what_helps_on_mnist_helps_in_every_seed(part, seeds, technique):
    helped, plain = recorded(part, technique), recorded(part, "nothing")
    assert helped.keys() == plain.keys() == set(range(seeds))
    assert sum(helped[seed] < plain[seed] for seed in plain) >= (9 if part == "eights" else 10)


def test_in_the_long_run_r1_alone_helps():
    plain = recorded("longer", "nothing")
    assert len(plain) == 5
    better = {
        name: sum(recorded("longer", name)[seed] < plain[seed] for seed in plain)
        for name in ("R1", "feature matching", "minibatch discrimination", "two time scales")
    }
    assert better["R1"] == 5 and max(n for name, n in better.items() if name != "R1") < 5


def test_the_ring_over_ten_seeds():
    plain, matched = (recorded("ring", t, "covered") for t in ("nothing", "feature matching"))
    assert max(plain.values()) <= 1 and min(matched.values()) >= 3 and len(plain) == 10
