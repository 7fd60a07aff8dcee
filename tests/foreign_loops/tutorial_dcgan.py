"""The DCGAN of a framework's own tutorial, at 16 × 16: two backwards for D, one label tensor.

Healthy as shipped. The fixed noise comes back every few iterations, for the pictures only.
"""

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

nc, nz, ngf, ndf = 1, 16, 8, 8
batch_size, lr, beta1, num_epochs = 32, 0.0002, 0.5, 500
real_label, fake_label = 1.0, 0.0


def weights_init(m):
    name = type(m).__name__
    if "Conv" in name:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif "BatchNorm" in name:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


def make_generator():
    return nn.Sequential(
        nn.ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias=False),
        nn.BatchNorm2d(ngf * 4),
        nn.ReLU(True),
        nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
        nn.BatchNorm2d(ngf * 2),
        nn.ReLU(True),
        nn.ConvTranspose2d(ngf * 2, nc, 4, 2, 1, bias=False),
        nn.Tanh(),
    )


def make_discriminator():
    return nn.Sequential(
        nn.Conv2d(nc, ndf, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
        nn.BatchNorm2d(ndf * 2),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False),
        nn.Sigmoid(),
    )


def training_loop(dataloader, netG, netD, optimizerG, optimizerD):
    criterion = nn.BCELoss()
    fixed_noise = torch.randn(batch_size, nz, 1, 1)
    img_list, losses = [], []
    for _epoch in range(num_epochs):
        for batch in dataloader:
            # (1) D: log D(x) + log(1 - D(G(z)))
            netD.zero_grad()
            real, b_size = batch[0], batch[0].size(0)
            label = torch.full((b_size,), real_label)
            errD_real = criterion(netD(real).view(-1), label)
            errD_real.backward()
            fake = netG(torch.randn(b_size, nz, 1, 1))
            label.fill_(fake_label)
            errD_fake = criterion(netD(fake.detach()).view(-1), label)
            errD_fake.backward()
            optimizerD.step()
            # (2) G: log D(G(z))
            netG.zero_grad()
            label.fill_(real_label)
            errG = criterion(netD(fake).view(-1), label)
            errG.backward()
            optimizerG.step()

            losses.append((errG.item(), (errD_real + errD_fake).item()))
            if len(losses) % 10 == 1:
                with torch.no_grad():
                    img_list[-3:] = [netG(fixed_noise).detach()]
            yield


def build(seed, data):
    torch.manual_seed(seed)
    images = data * 2 - 1
    dataloader = DataLoader(TensorDataset(images), batch_size=batch_size, shuffle=True)
    netG, netD = make_generator(), make_discriminator()
    netG.apply(weights_init)
    netD.apply(weights_init)
    optimizerD = optim.Adam(netD.parameters(), lr=lr, betas=(beta1, 0.999))
    optimizerG = optim.Adam(netG.parameters(), lr=lr, betas=(beta1, 0.999))
    loop = training_loop(dataloader, netG, netD, optimizerG, optimizerD)
    return loop.__next__, netG, netD, optimizerG, optimizerD, images
