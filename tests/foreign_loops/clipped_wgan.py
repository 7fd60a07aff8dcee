"""A WGAN in the plane, in the style of the first public one: old PyTorch, nothing thrown away.

Healthy as shipped, and odd: the critic returns one number a batch, signs come in as the gradient
of ``backward``, real points get the *low* answers, the noise is one buffer that is filled anew,
the weights are clipped before each step, and an epoch may end in the middle of the critic's five.
"""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

NZ, HIDDEN, BATCH, N_CRITIC, CLIP, LR = 8, 64, 64, 5, 0.01, 0.00005


def mlp(n_in, n_out):
    return nn.Sequential(
        nn.Linear(n_in, HIDDEN),
        nn.ReLU(True),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(True),
        nn.Linear(HIDDEN, n_out),
    )


class MLP_G(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = mlp(NZ, 2)

    def forward(self, noise):
        return self.main(noise)


class MLP_D(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = mlp(2, 1)

    def forward(self, points):
        return self.main(points).mean(0).view(1)


def build(seed, data):
    torch.manual_seed(seed)
    dataloader = DataLoader(TensorDataset(data), batch_size=BATCH, shuffle=True)
    netG, netD = MLP_G(), MLP_D()
    optimizerD = optim.RMSprop(netD.parameters(), lr=LR)
    optimizerG = optim.RMSprop(netG.parameters(), lr=LR)
    noise = torch.empty(BATCH, NZ)
    one, mone = torch.tensor([1.0]), torch.tensor([-1.0])
    log = []

    def train():
        while True:
            data_iter = iter(dataloader)
            i = 0
            while i < len(dataloader):
                for p in netD.parameters():
                    p.requires_grad = True
                j = 0
                while j < N_CRITIC and i < len(dataloader):
                    j += 1
                    for p in netD.parameters():
                        p.data.clamp_(-CLIP, CLIP)
                    (real,) = next(data_iter)
                    i += 1
                    netD.zero_grad()
                    errD_real = netD(real)
                    errD_real.backward(one)
                    noise.resize_(real.size(0), NZ).normal_(0, 1)
                    with torch.no_grad():
                        fake = netG(noise)
                    errD_fake = netD(fake)
                    errD_fake.backward(mone)
                    errD = errD_real - errD_fake
                    optimizerD.step()

                for p in netD.parameters():
                    p.requires_grad = False
                netG.zero_grad()
                noise.resize_(BATCH, NZ).normal_(0, 1)
                errG = netD(netG(noise))
                errG.backward(one)
                optimizerG.step()
                log.append((errD.item(), errG.item()))
                yield

    iterations = train()
    return iterations.__next__, netG, netD, optimizerG, optimizerD, data
