"""The optimizers are torch's own to the last bit, and leave its compiler where it is."""

import copy

import pytest
import torch
from test_package import loaded_after

from gan_lib import models, optim

KINDS = {
    "Adam": dict(lr=1e-2, betas=(0.0, 0.9)),
    "fused Adam": dict(lr=1e-2, betas=(0.5, 0.999), fused=True),
    "SGD": dict(lr=1e-2),
    "fused SGD": dict(lr=1e-2, momentum=0.5, fused=True),
}


def descend(net, optimizer, steps, schedule=None):
    x = torch.linspace(-1, 1, 64)[:, None]
    for _ in range(steps):
        loss = (net(x) - x.sin()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if schedule:
            schedule.step()


def made(module, kind, net):
    return getattr(module, kind.split()[-1])(net.parameters(), **KINDS[kind])


@pytest.mark.parametrize("scheduled", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_torch(kind, scheduled):
    ours, theirs = models.toy_discriminator(seed=0), models.toy_discriminator(seed=0)
    for module, net in ((optim, ours), (torch.optim, theirs)):
        optimizer = made(module, kind, net)
        fade = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=20) if scheduled else None
        descend(net, optimizer, 20, fade)
    begin = models.toy_discriminator(seed=0).parameters()
    for own, their, before in zip(ours.parameters(), theirs.parameters(), begin, strict=True):
        assert torch.equal(own, their) and not torch.equal(own, before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_continued_by_torch_and_by_us(kind):
    first = models.toy_discriminator(seed=0)
    optimizer = made(optim, kind, first)
    descend(first, optimizer, 5)
    ends = []
    for module in (optim, torch.optim):
        net = copy.deepcopy(first)
        other = made(module, kind, net)
        other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        descend(net, other, 5)
        ends.append(torch.cat([p.flatten() for p in net.parameters()]))
    descend(first, optimizer, 5)
    expected = torch.cat([p.flatten() for p in first.parameters()])
    assert torch.equal(ends[0], expected) and torch.equal(ends[1], expected)


def test_training_never_loads_the_compiler():
    loaded = loaded_after(
        "from gan_lib import models, toys, training; "
        "state = training.start(models.toy_generator(), models.toy_discriminator(), noise_dim=1, steps=10); "
        "assert len(list(training.train(state, toys.GaussianMixture().sample))) == 10; training.averaged_generator(state)"
    )
    assert "gan_lib.optim" in loaded and not {"torch._dynamo", "sympy"} & set(loaded)
