"""Healthy training loops of odd kinds; each has once been taken for a sick one by some probe."""

import copy

import torch
import torch.nn.functional as F
from healthy_loops import adam, given, mlp, rng
from torch import nn

LOOPS = {}


def loop(make):
    LOOPS[make.__name__] = make
    return make


def d_loss(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def usual(seed, g, d, data, noise=lambda: torch.randn(32, 4), log=lambda step, d, x: None):
    """One step of D and one of G by the same optimiser and logits' losses; then the logging."""
    torch.manual_seed(seed)
    g_opt, d_opt, steps = adam(g, 1e-3), adam(d, 1e-3), iter(range(10**6))

    def step():
        x = data[torch.randperm(len(data))[:32]]
        d_opt.zero_grad()
        d_loss(d(x), d(g(noise()).detach())).backward()
        d_opt.step()
        g_opt.zero_grad()
        F.softplus(-d(g(noise()))).mean().backward()
        g_opt.step()
        log(next(steps), d, x)

    return given(step, g, d, g_opt, d_opt, data)


def points(seed):
    return torch.randn(300, 2, generator=rng(seed))


@loop
def noise_of_sixteen_values(seed):
    data = points(seed)
    noise = lambda: F.one_hot(torch.randint(16, (32,)), 16).float()  # noqa: E731
    return usual(seed, mlp(16, 32, 2), mlp(2, 32, 1), data, noise)


@loop
def a_backward_in_logging(seed):
    def log(step, d, x):
        other = copy.deepcopy(d)
        other.zero_grad()
        other(x).mean().backward()

    return usual(seed, mlp(4, 32, 2), mlp(2, 32, 1), points(seed), log=log)


@loop
def one_white_pixel_in_256(seed):
    data = -torch.ones(300, 256)
    data[torch.arange(300), torch.randint(256, (300,), generator=rng(seed))] = 1
    return usual(seed, mlp(4, 32, 256, last=[nn.Tanh()]), mlp(256, 32, 1), data)


@loop
def small_numbers_for_a_tanh(seed):
    return usual(seed, mlp(4, 32, 2, last=[nn.Tanh()]), mlp(2, 32, 1), points(seed) / 30)


@loop
def dim_images_for_a_sigmoid(seed):
    data = torch.rand(300, 20, generator=rng(seed)) / 2
    return usual(seed, mlp(4, 32, 20, last=[nn.Sigmoid()]), mlp(20, 32, 1), data)


@loop
def images_for_noise(seed):
    """As in translation between images: what G is given comes back in each epoch."""
    data = torch.rand(60, 1, 8, 8, generator=rng(seed)) * 2 - 1
    g = nn.Sequential(nn.Conv2d(1, 4, 3, 1, 1), nn.ReLU(), nn.Conv2d(4, 1, 3, 1, 1), nn.Tanh())
    d = nn.Sequential(nn.Flatten(), *mlp(64, 32, 1))
    return usual(seed, g, d, data, lambda: data[torch.randperm(60)[:32]] / 2)


@loop
def both_players_climb(seed):
    """D's optimiser maximises log D(x) + log(1 - D(G(z))), as the paper writes it."""
    torch.manual_seed(seed)
    g, d, data = mlp(4, 32, 2), mlp(2, 32, 1), points(seed)
    g_opt, d_opt = adam(g, 1e-3), torch.optim.Adam(d.parameters(), 1e-3, maximize=True)

    def step():
        fake = g(torch.randn(32, 4))
        d_opt.zero_grad()
        (-d_loss(d(data[torch.randperm(300)[:32]]), d(fake.detach()))).backward()
        d_opt.step()
        g_opt.zero_grad()
        F.softplus(-d(fake)).mean().backward()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, data)


@loop
def a_step_of_d_left_out_when_d_is_good(seed):
    torch.manual_seed(seed)
    g, d, data = mlp(4, 32, 2), mlp(2, 32, 1), points(seed) + 2
    g_opt, d_opt = adam(g, 1e-3), adam(d, 1e-3)

    def step():
        real, fake = data[torch.randperm(300)[:32]], g(torch.randn(32, 4))
        on_real, on_fake = d(real), d(fake.detach())
        d_opt.zero_grad()
        d_loss(on_real, on_fake).backward()
        if (on_real > 0).float().mean() + (on_fake < 0).float().mean() < 1.5:
            d_opt.step()
        g_opt.zero_grad()
        F.softplus(-d(fake)).mean().backward()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, data)


@loop
def gs_backward_first_on_a_shared_graph(seed):
    torch.manual_seed(seed)
    g, d, data = mlp(4, 32, 2), mlp(2, 32, 1), points(seed)
    g_opt, d_opt = adam(g, 1e-3), adam(d, 1e-3)

    def step():
        fake = g(torch.randn(32, 4))
        g_opt.zero_grad()
        F.softplus(-d(fake)).mean().backward(retain_graph=True)
        d_opt.zero_grad()
        d_loss(d(data[torch.randperm(300)[:32]]), d(fake.detach())).backward()
        d_opt.step()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, data)
