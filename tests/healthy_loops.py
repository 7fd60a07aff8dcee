"""Healthy training loops of several kinds, on which no probe may raise an alarm.

Each is a function of a seed that returns what ``diagnose.examine`` takes. They are written as
different people write them, and share nothing on purpose but small nets.
"""

import torch
import torch.nn.functional as F
import torch.utils.checkpoint
from torch import nn

LOOPS = {}


def loop(make):
    LOOPS[make.__name__] = make
    return make


def rng(seed):
    return torch.Generator().manual_seed(seed)


def ring(n, draw, radius=2.0):
    angle = torch.randint(8, (n,), generator=draw) * (torch.pi / 4)
    centres = radius * torch.stack([angle.cos(), angle.sin()], 1)
    return centres + 0.05 * torch.randn(n, 2, generator=draw)


def blobs(n, draw, size=16):
    """Grey images (n, 1, size, size) in [0, 1]: a bright square somewhere on black."""
    corner = torch.randint(size - 6, (n, 2), generator=draw)
    line = torch.arange(size)
    inside = (line >= corner[..., None]) & (line < corner[..., None] + 6)
    return (inside[:, 0, :, None] & inside[:, 1, None, :]).float()[:, None]


def mlp(*sizes, last=(), norm=False, drop=0.0, slope=0.2):
    layers = []
    for before, after in zip(sizes, sizes[1:-1]):
        layers.append(nn.Linear(before, after))
        layers += [nn.BatchNorm1d(after)] if norm else []
        layers += [nn.LeakyReLU(slope)]
        layers += [nn.Dropout(drop)] if drop else []
    return nn.Sequential(*layers, nn.Linear(*sizes[-2:]), *last)


def adam(net, lr=2e-4, betas=(0.5, 0.999)):
    return torch.optim.Adam(net.parameters(), lr=lr, betas=betas)


def given(step, g, d, g_opt, d_opt, data):
    names = ("generator", "discriminator", "g_optimizer", "d_optimizer", "data")
    return step, dict(zip(names, (g, d, g_opt, d_opt, data)))


@loop
def plane_with_logits(seed):
    torch.manual_seed(seed)
    g, d, draw = mlp(2, 32, 32, 2), mlp(2, 32, 32, 1), rng(seed)
    g_opt, d_opt = adam(g, 1e-3), adam(d, 1e-3)
    loss = nn.BCEWithLogitsLoss()

    def step():
        x, fake = ring(64, draw), g(torch.randn(64, 2))
        d_opt.zero_grad()
        real_answer, fake_answer = d(x), d(fake.detach())
        (loss(real_answer, torch.ones(64, 1)) + loss(fake_answer, torch.zeros(64, 1))).backward()
        d_opt.step()
        g_opt.zero_grad()
        loss(d(fake), torch.ones(64, 1)).backward()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, ring(500, rng(99)))


@loop
def probabilities_and_two_backwards(seed):
    """D ends in a sigmoid, its two losses go backward apart, labels are smoothed on both sides."""
    torch.manual_seed(seed)
    g = mlp(10, 64, 64, 256, last=[nn.Sigmoid(), nn.Unflatten(1, (1, 16, 16))], norm=True)
    d = nn.Sequential(nn.Flatten(), *mlp(256, 64, 1, last=[nn.Sigmoid()], drop=0.3))
    g_opt, d_opt, bce = adam(g, 1e-3), adam(d, 1e-3), nn.BCELoss()
    data = blobs(500, rng(seed))

    def step():
        d.zero_grad()
        x = data[torch.randperm(500)[:50]]
        bce(d(x).view(-1), torch.full((50,), 0.9)).backward()
        fake = g(torch.rand(50, 10) * 2 - 1)
        bce(d(fake.detach()).view(-1), torch.full((50,), 0.1)).backward()
        d_opt.step()
        g.zero_grad()
        bce(d(fake).view(-1), torch.full((50,), 0.9)).backward()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, data)


@loop
def clipped_critic_five_to_one(seed):
    """WGAN: five steps of the critic, no detach but zeroed, G's fakes drawn anew, RMSprop."""
    torch.manual_seed(seed)
    g, f = mlp(2, 32, 2), mlp(2, 32, 1)
    g_opt = torch.optim.RMSprop(g.parameters(), 5e-4)
    f_opt = torch.optim.RMSprop(f.parameters(), 5e-4)
    draw = rng(seed)

    def step():
        for _ in range(5):
            f_opt.zero_grad()
            (f(g(torch.randn(32, 2))).mean() - f(ring(32, draw)).mean()).backward()
            f_opt.step()
            for p in f.parameters():
                p.data.clamp_(-0.05, 0.05)
        g_opt.zero_grad()
        (-f(g(torch.randn(32, 2))).mean()).backward()
        g_opt.step()

    return given(step, g, f, g_opt, f_opt, ring(500, rng(99)))


@loop
def hinge_on_convolutions(seed):
    """A small DCGAN: BatchNorm in both nets, D's real and fake batches apart, hinge, N(0, .02)."""
    torch.manual_seed(seed)
    g = nn.Sequential(
        nn.ConvTranspose2d(16, 32, 4, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(True),
        nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(True),
        nn.ConvTranspose2d(16, 1, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    d = nn.Sequential(
        nn.Conv2d(1, 16, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(16, 32, 4, 2, 1, bias=False),
        nn.BatchNorm2d(32),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(32, 1, 4, 1, 0, bias=False),
    )
    for p in [*g.parameters(), *d.parameters()]:
        if p.dim() > 1:
            nn.init.normal_(p, 0.0, 0.02)
    g_opt, d_opt, data = adam(g), adam(d), blobs(500, rng(seed)) * 2 - 1

    def step():
        x, z = data[torch.randint(500, (32,))], torch.randn(32, 16, 1, 1)
        fake = g(z)
        loss = F.relu(1 - d(x)).mean() + F.relu(1 + d(fake.detach())).mean()
        d_opt.zero_grad(set_to_none=False)
        loss.backward()
        d_opt.step()
        g_opt.zero_grad(set_to_none=False)
        loss = -d(fake).mean()
        loss.backward()
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, data)


@loop
def closures(seed):
    """Optimisers that are given a closure, which zeroes and computes the gradient."""
    torch.manual_seed(seed)
    g, d, draw = mlp(2, 32, 2), mlp(2, 32, 1), rng(seed)
    g_opt, d_opt = torch.optim.SGD(g.parameters(), 0.02), torch.optim.SGD(d.parameters(), 0.02)

    def step():
        x, z = ring(64, draw), torch.randn(64, 2)

        def d_loss():
            d_opt.zero_grad()
            loss = F.softplus(-d(x)).mean() + F.softplus(d(g(z).detach())).mean()
            loss.backward()
            return loss

        def g_loss():
            g_opt.zero_grad()
            loss = F.softplus(-d(g(z))).mean()
            loss.backward()
            return loss

        d_opt.step(d_loss)
        g_opt.step(g_loss)

    return given(step, g, d, g_opt, d_opt, ring(500, rng(99)))


@loop
def gradient_penalty_and_accumulation(seed):
    """WGAN-GP with a penalty that goes backward by itself; two micro-batches a step of G."""
    torch.manual_seed(seed)
    g, f, draw = mlp(2, 32, 2), mlp(2, 32, 1), rng(seed)
    g_opt, f_opt = adam(g, 1e-3, (0.0, 0.9)), adam(f, 1e-3, (0.0, 0.9))

    def step():
        for _ in range(2):
            x, fake = ring(32, draw), g(torch.randn(32, 2)).detach()
            f_opt.zero_grad()
            (f(fake).mean() - f(x).mean()).backward()
            between = torch.lerp(x, fake, torch.rand(32, 1)).requires_grad_()
            (slope,) = torch.autograd.grad(f(between).sum(), between, create_graph=True)
            (10 * (slope.norm(dim=1) - 1).square().mean()).backward()
            f_opt.step()
        g_opt.zero_grad()
        for _ in range(2):
            (-f(g(torch.randn(32, 2))).mean() / 2).backward()
        g_opt.step()

    return given(step, g, f, g_opt, f_opt, ring(500, rng(99)))


@loop
def relativistic_with_fixed_previews(seed):
    """Fakes and reals in both losses, D without BatchNorm answers to them in one batch; a preview
    of the same noise each step; labels 0 for real, 1 for fake would change nothing."""
    torch.manual_seed(seed)
    g, d, draw = mlp(4, 32, 2, norm=True), mlp(2, 32, 1), rng(seed)
    g_opt, d_opt, fixed = torch.optim.AdamW(g.parameters()), adam(d, 1e-3), torch.randn(64, 4)

    def step():
        x = ring(64, draw)
        fake = g(torch.randn(64, 4))
        d_opt.zero_grad()
        on_fake, on_real = d(torch.cat([fake.detach(), x])).chunk(2)
        F.softplus(on_fake - on_real).mean().backward()
        d_opt.step()
        g_opt.zero_grad()
        on_fake, on_real = d(torch.cat([fake, x])).chunk(2)
        F.softplus(on_real - on_fake).mean().backward()
        g_opt.step()
        with torch.no_grad():
            g(fixed)

    return given(step, g, d, g_opt, d_opt, ring(500, rng(99)))


@loop
def turned_labels_and_saturating(seed):
    """Real is 0 and fake is 1, for both players; G's loss is the minimax one; G steps first; noise
    of one number; D's answers are a patch of nine."""
    torch.manual_seed(seed)
    g = mlp(1, 32, 256, last=[nn.Tanh(), nn.Unflatten(1, (1, 16, 16))])
    d = nn.Sequential(nn.Conv2d(1, 8, 4, 2), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 3, 2))
    g_opt, d_opt, data = adam(g), adam(d), blobs(500, rng(seed)) * 2 - 1
    bce = F.binary_cross_entropy_with_logits

    def step():
        fake = g(torch.rand(32, 1))
        answers = d(fake)
        loss = -bce(answers, torch.ones_like(answers))
        g_opt.zero_grad()
        loss.backward()
        g_opt.step()
        d_opt.zero_grad()
        on_real, on_fake = d(data[torch.randint(500, (32,))]), d(fake.detach())
        loss = bce(on_real, torch.zeros_like(on_real)) + bce(on_fake, torch.ones_like(on_fake))
        loss.backward()
        d_opt.step()

    return given(step, g, d, g_opt, d_opt, data)


@loop
def least_squares_with_instance_noise(seed):
    """LSGAN; both kinds of D's inputs are blurred by noise, all randomness has its own generator;
    gradients are clipped; rates follow a schedule that begins at 0."""
    draw = rng(seed)
    torch.manual_seed(seed)
    g, d = mlp(3, 32, 2), mlp(2, 32, 1)
    g_opt, d_opt = adam(g, 1e-3), adam(d, 1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(g_opt, lambda n: min(1.0, n / 10))

    def blurred(x):
        return x + 0.1 * torch.randn(x.shape, generator=draw)

    def step():
        x, fake = ring(64, draw), g(torch.randn(64, 3, generator=draw))
        loss = (d(blurred(x)) - 1).square().mean() + d(blurred(fake.detach())).square().mean()
        d_opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(d.parameters(), 0.5)
        d_opt.step()
        g_opt.zero_grad()
        (d(blurred(fake)) - 1).square().mean().backward()
        nn.utils.clip_grad_norm_(g.parameters(), 0.5)
        g_opt.step()
        schedule.step()

    return given(step, g, d, g_opt, d_opt, ring(500, rng(99)))


@loop
def both_zeroed_at_the_top_with_frozen_discriminator(seed):
    """D is frozen for G's step, fakes are made without a graph for D's; images in [0, 1]."""
    torch.manual_seed(seed)
    g = mlp(8, 64, 256, last=[nn.Sigmoid()], norm=True)
    d = mlp(256, 64, 32, 1, norm=True)
    g_opt, d_opt, data = adam(g, 1e-3), adam(d, 1e-3), blobs(500, rng(seed)).flatten(1)

    def step():
        g_opt.zero_grad()
        d_opt.zero_grad()
        with torch.no_grad():
            fake = g(torch.randn(40, 8))
        x = data[torch.randint(500, (40,))]
        (F.softplus(-d(x)) + F.softplus(d(fake))).mean().backward()
        d_opt.step()
        d.requires_grad_(False)
        F.softplus(-d(g(torch.randn(40, 8)))).mean().backward()
        d.requires_grad_(True)
        g_opt.step()

    return given(step, g, d, g_opt, d_opt, data)


class Conditional(nn.Module):
    """A net of samples and labels that returns its answer and its features."""

    def __init__(self, size, answers):
        super().__init__()
        self.first = nn.utils.parametrizations.spectral_norm(nn.Linear(size + 8, 32))
        self.last = nn.Linear(32, answers)

    def forward(self, x, y):
        features = F.relu(self.first(torch.cat([x, F.one_hot(y, 8).float()], 1)), inplace=True)
        return self.last(features), features


@loop
def conditional_with_a_memory_of_fakes(seed):
    """Labels beside samples, two answers of each net, spectral norm, a loader that ends, scaled
    losses, the same loss for a real and a remembered fake."""
    torch.manual_seed(seed)
    g, d, x = Conditional(4, 2), Conditional(2, 1), ring(320, rng(seed))
    loader = torch.utils.data.DataLoader(x, batch_size=32, shuffle=True)
    g_opt, d_opt = adam(g, 1e-3), adam(d, 1e-3)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    pool, epoch = [], iter(())

    def batch():
        nonlocal epoch
        try:
            return next(epoch)
        except StopIteration:
            epoch = iter(loader)
            return next(epoch)

    def step():
        x, y = batch(), torch.randint(8, (32,))
        fake, _ = g(torch.randn(32, 4), y)
        pool.append((fake.detach(), y))
        d_opt.zero_grad()
        loss = F.softplus(-d(x, y)[0]).mean()
        for old, its in pool[-3:]:
            loss = loss + F.softplus(d(old, its)[0]).mean() / 3
        scaler.scale(loss).backward()
        scaler.step(d_opt)
        g_opt.zero_grad()
        scaler.scale(F.softplus(-d(fake, y)[0]).mean()).backward()
        scaler.step(g_opt)
        scaler.update()

    return given(step, g, d, g_opt, d_opt, x)


@loop
def recomputed_layers_and_averaged_losses(seed):
    """Activations recomputed in backward, which sets torch's random state back for a while; the
    relativistic average loss; a scheduler; dropout in both nets, plain SGD with momentum for D."""
    torch.manual_seed(seed)
    g, d, draw = mlp(4, 32, 32, 2, drop=0.1), mlp(2, 32, 32, 1, drop=0.2), rng(seed)
    g_opt, d_opt = adam(g, 1e-3), torch.optim.SGD(d.parameters(), 0.01, momentum=0.9)
    schedules = [torch.optim.lr_scheduler.ExponentialLR(opt, 0.999) for opt in (g_opt, d_opt)]
    bce, outer = nn.BCEWithLogitsLoss(), g[0:3]
    run = torch.utils.checkpoint.checkpoint

    class Recomputed(nn.Module):
        def __init__(self):
            super().__init__()
            self.outer, self.inner = outer, g[3:]

        def forward(self, z):
            return self.inner(run(self.outer, z, use_reentrant=True))

    net = Recomputed()

    def step():
        z = torch.randn(32, 4).requires_grad_()
        on_real, on_fake = d(ring(32, draw)), d(net(z).detach())
        loss = bce(on_real - on_fake.mean(), torch.ones(32, 1))
        loss = loss + bce(on_fake - on_real.mean(), torch.zeros(32, 1))
        d_opt.zero_grad()
        loss.backward()
        d_opt.step()
        g_opt.zero_grad()
        bce(d(net(z)), torch.ones(32, 1)).backward()
        g_opt.step()
        for schedule in schedules:
            schedule.step()

    return given(step, net, d, g_opt, d_opt, ring(500, rng(99)))
