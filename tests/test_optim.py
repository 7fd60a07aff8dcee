"""torch.optim without the compiler takes the same steps to the last bit, and loads no compiler."""

import subprocess
import sys

import pytest
import torch
from test_package import ROOT, loaded_after

from gan_lib import optim

SCRIPT = """
import copy
import sys
{first}
import torch
from gan_lib import models, optim

def descend(net, optimizer, steps, schedule=None):
    x = torch.linspace(-1, 1, 64)[:, None]
    for _ in range(steps):
        loss = (net(x) - x.sin()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if schedule:
            schedule.step()

def flat(net):
    return torch.cat([p.detach().flatten() for p in net.parameters()])

for kind, options in {kinds}.items():
    for scheduled in (False, True):
        net = models.toy_discriminator(seed=0)
        make = getattr(torch.optim, kind.split()[-1])
        optimizer = make(net.parameters(), **options)
        fade = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=9)
        descend(net, optimizer, 9, fade if scheduled else None)
        other = copy.deepcopy(net)
        again = make(other.parameters(), **options)
        again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        descend(other, again, 5)
        ends = [flat(each).numpy().tobytes().hex() for each in (net, other)]
        print(kind, scheduled, *ends)
print("compiler:", "torch._dynamo" in sys.modules, "SymPy:", "sympy" in sys.modules)
"""
KINDS = {
    "Adam": dict(lr=1e-2, betas=(0.0, 0.9)),
    "fused Adam": dict(lr=1e-2, betas=(0.5, 0.999), fused=True),
    "SGD": dict(lr=1e-2),
    "fused SGD": dict(lr=1e-2, momentum=0.5, fused=True),
    "RMSprop": dict(lr=1e-3),
    "AdamW": dict(lr=1e-2, amsgrad=True),
}


def said(first):
    script = SCRIPT.format(first=first, kinds=KINDS)
    command = [sys.executable, "-c", script]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return made.stdout.splitlines()


def test_steps_are_those_of_torch_with_its_compiler():
    *without, last = said("import torch")
    *with_compiler, other_last = said("import torch._dynamo")
    assert last == "compiler: False SymPy: False" and other_last.startswith("compiler: True")
    assert without == with_compiler and len(without) == 2 * len(KINDS)
    assert len({line.split()[-1] for line in without}) == 2 * len(KINDS)  # each kind ends elsewhere


def test_training_never_loads_the_compiler():
    loaded = loaded_after(
        "from gan_lib import models, toys, training; "
        "state = training.start(models.toy_generator(), models.toy_discriminator(), noise_dim=1, "
        "steps=10, objective='wasserstein_gp'); "
        "assert len(list(training.train(state, toys.GaussianMixture().sample))) == 10; "
        "training.averaged_generator(state)"
    )
    assert "gan_lib.optim" in loaded and not {"torch._dynamo", "sympy"} & set(loaded)


def test_hooks_of_a_step_are_called():
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.Adam(net.parameters())
    called = []
    optimizer.register_step_pre_hook(lambda *_: called.append("before"))
    optimizer.register_step_post_hook(lambda *_: called.append("after"))
    net(torch.ones(1, 1)).sum().backward()
    optimizer.step()
    assert called == ["before", "after"]


def test_a_step_can_still_be_differentiated():
    x = torch.tensor([2.0], requires_grad=True)
    w = torch.tensor([1.0], requires_grad=True) * 1
    w.retain_grad()
    optimizer = torch.optim.SGD([w.detach().requires_grad_(True)], lr=0.5, differentiable=True)
    assert torch.is_grad_enabled()
    with pytest.raises(RuntimeError):  # a leaf cannot be changed in place with gradients on
        optimizer.param_groups[0]["params"][0].grad = x * 3
        optimizer.step()
    assert torch.is_grad_enabled()


def test_taking_marks_off_twice_changes_nothing():
    before = torch.optim.Adam.step, torch.optim.Optimizer.zero_grad
    optim.take_marks_off()
    assert (torch.optim.Adam.step, torch.optim.Optimizer.zero_grad) == before
