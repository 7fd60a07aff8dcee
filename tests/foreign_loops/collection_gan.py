"""The plain GAN of a many-starred collection: two MLPs, BCELoss, labels in tensors, noise of numpy.

As shipped it has a famous fault: the second argument of ``BatchNorm1d`` is ``eps``, not the
momentum, and whoever wrote 0.8 there meant the momentum. The rest is healthy.
"""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

LATENT, BATCH, LR, B1, B2, EPOCHS, SAMPLE_INTERVAL = 32, 64, 0.0002, 0.5, 0.999, 200, 10


class Generator(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape

        def stage(width_in, width_out, norm=True):
            parts = [nn.Linear(width_in, width_out)]
            if norm:
                parts.append(nn.BatchNorm1d(width_out, 0.8))
            return parts + [nn.LeakyReLU(0.2, inplace=True)]

        self.net = nn.Sequential(
            *stage(LATENT, 64, norm=False),
            *stage(64, 128),
            *stage(128, 256),
            nn.Linear(256, int(np.prod(shape))),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z).view(z.size(0), *self.shape)


class Discriminator(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(int(np.prod(shape)), 128),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(128, 64),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(64, 1),
            nn.Sigmoid(),
        )

    def forward(self, img):
        return self.net(img.view(img.size(0), -1))


def build(seed, data):
    torch.manual_seed(seed)
    np.random.seed(seed)
    imgs_all, shape = (data - 0.5) / 0.5, data.shape[1:]
    dataloader = DataLoader(TensorDataset(imgs_all), batch_size=BATCH, shuffle=True)
    generator, discriminator = Generator(shape), Discriminator(shape)
    adversarial_loss = nn.BCELoss()
    optim_G = torch.optim.Adam(generator.parameters(), lr=LR, betas=(B1, B2))
    optim_D = torch.optim.Adam(discriminator.parameters(), lr=LR, betas=(B1, B2))
    saved = []

    def run():
        for epoch in range(EPOCHS):
            for i, (imgs,) in enumerate(dataloader):
                valid = torch.ones(imgs.size(0), 1)
                fake = torch.zeros(imgs.size(0), 1)

                optim_G.zero_grad()
                z = torch.tensor(np.random.normal(0, 1, (imgs.size(0), LATENT))).float()
                gen_imgs = generator(z)
                g_loss = adversarial_loss(discriminator(gen_imgs), valid)
                g_loss.backward()
                optim_G.step()

                optim_D.zero_grad()
                real_loss = adversarial_loss(discriminator(imgs), valid)
                fake_loss = adversarial_loss(discriminator(gen_imgs.detach()), fake)
                d_loss = (real_loss + fake_loss) / 2
                d_loss.backward()
                optim_D.step()

                if (epoch * len(dataloader) + i) % SAMPLE_INTERVAL == 0:
                    saved[:] = [gen_imgs.data[:25], d_loss.item(), g_loss.item()]
                yield

    running = run()
    return running.__next__, generator, discriminator, optim_G, optim_D, imgs_all
