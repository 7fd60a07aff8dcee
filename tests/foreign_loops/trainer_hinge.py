"""A class-based Trainer: spectral norm, hinge loss or WGAN-GP, two learning rates, averaged G.

Healthy as shipped. With ``adv_loss="wgan-gp"`` D takes a second step, for its penalty alone.
"""

import copy

import torch
from torch import nn
from torch.nn.utils import spectral_norm
from torch.utils.data import DataLoader, TensorDataset


class G(nn.Module):
    def __init__(self, z_dim=16, ch=8):
        super().__init__()
        self.l1 = nn.Linear(z_dim, ch * 2 * 4 * 4)
        self.bn1, self.up1 = nn.BatchNorm2d(ch * 2), nn.ConvTranspose2d(ch * 2, ch, 4, 2, 1)
        self.bn2, self.up2 = nn.BatchNorm2d(ch), nn.ConvTranspose2d(ch, 1, 4, 2, 1)

    def forward(self, z):
        h = self.l1(z).view(len(z), -1, 4, 4)
        h = self.up1(torch.relu(self.bn1(h)))
        return torch.tanh(self.up2(torch.relu(self.bn2(h))))


class D(nn.Module):
    def __init__(self, ch=8):
        super().__init__()
        self.conv1 = spectral_norm(nn.Conv2d(1, ch, 4, 2, 1))
        self.conv2 = spectral_norm(nn.Conv2d(ch, ch * 2, 4, 2, 1))
        self.last = spectral_norm(nn.Linear(ch * 2 * 16, 1))

    def forward(self, x):
        h = torch.relu(self.conv2(torch.relu(self.conv1(x))))
        return self.last(h.flatten(1)).squeeze(1)


class Trainer:
    def __init__(self, images, adv_loss="hinge", batch_size=32, z_dim=16, lambda_gp=10):
        self.loader = DataLoader(TensorDataset(images), batch_size, shuffle=True, drop_last=True)
        self.batches = (batch for _ in range(10**6) for batch in self.loader)
        self.adv_loss, self.lambda_gp, self.shape_z = adv_loss, lambda_gp, (batch_size, z_dim)
        self.G, self.D = G(z_dim), D()
        self.G_ema = copy.deepcopy(self.G).requires_grad_(False)
        self.g_optim = torch.optim.Adam(self.G.parameters(), 1e-4, (0.0, 0.9))
        self.d_optim = torch.optim.Adam(self.D.parameters(), 4e-4, (0.0, 0.9))
        self.history = {"d_loss": [], "g_loss": []}

    def update(self, optimizer, loss):
        self.d_optim.zero_grad()
        self.g_optim.zero_grad()
        loss.backward()
        optimizer.step()

    def gradient_penalty(self, real, fake):
        alpha = torch.rand(len(real), 1, 1, 1).expand_as(real)
        mixed = (alpha * real + (1 - alpha) * fake.detach()).requires_grad_(True)
        grad = torch.autograd.grad(self.D(mixed).sum(), mixed, create_graph=True)[0]
        return ((grad.flatten(1).norm(dim=1) - 1) ** 2).mean()

    def train_d(self, real):
        fake = self.G(torch.randn(self.shape_z))
        d_real, d_fake = self.D(real), self.D(fake.detach())
        if self.adv_loss == "hinge":
            d_loss = torch.relu(1.0 - d_real).mean() + torch.relu(1.0 + d_fake).mean()
        else:
            d_loss = d_fake.mean() - d_real.mean()
        self.update(self.d_optim, d_loss)
        if self.adv_loss == "wgan-gp":
            self.update(self.d_optim, self.lambda_gp * self.gradient_penalty(real, fake))
        self.history["d_loss"].append(d_loss.item())

    def train_g(self):
        g_loss = -self.D(self.G(torch.randn(self.shape_z))).mean()
        self.update(self.g_optim, g_loss)
        self.history["g_loss"].append(g_loss.item())

    def step(self):
        self.train_d(*next(self.batches))
        self.train_g()
        for slow, fast in zip(self.G_ema.parameters(), self.G.parameters()):
            slow.lerp_(fast.detach(), 0.01)
        if len(self.history["d_loss"]) % 10 == 0:
            self.samples = self.G_ema(torch.randn(self.shape_z))


def build(seed, data, adv_loss="hinge"):
    torch.manual_seed(seed)
    t = Trainer(data * 2 - 1, adv_loss)
    return t.step, t.G, t.D, t.g_optim, t.d_optim, data * 2 - 1
