"""A beginner's blog: one function train_step, images left in [0, 1], a G that ends in a sigmoid.

Healthy as shipped: real and generated images go through D as one batch, as in the Keras examples
that it follows, but this D has dropout and no batch normalisation.
"""

import torch
import torch.nn as nn

BATCH_SIZE = 64
NOISE = 20


def build(seed, data):
    torch.manual_seed(seed)
    x_train = data.reshape(len(data), -1)
    n_pixels = x_train.shape[1]

    # the artist
    generator = nn.Sequential(
        nn.Linear(NOISE, 64),
        nn.ReLU(),
        nn.Linear(64, 128),
        nn.ReLU(),
        nn.Linear(128, n_pixels),
        nn.Sigmoid(),  # pixels between 0 and 1
    )

    # the critic
    discriminator = nn.Sequential(
        nn.Linear(n_pixels, 128),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(128, 64),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.3),
        nn.Linear(64, 1),  # a logit
    )

    loss_fn = nn.BCEWithLogitsLoss()
    gen_opt = torch.optim.Adam(generator.parameters(), lr=0.0005)
    disc_opt = torch.optim.Adam(discriminator.parameters(), lr=0.0005)
    history = {"gen": [], "disc": []}

    def train_step(real_images):
        n = len(real_images)

        # 1. train the critic
        noise = torch.randn(n, NOISE)
        with torch.no_grad():
            fake_images = generator(noise)
        images = torch.cat([fake_images, real_images])
        labels = torch.cat([torch.zeros(n, 1), 0.9 * torch.ones(n, 1)])  # smooth labels
        disc_opt.zero_grad()
        disc_loss = loss_fn(discriminator(images), labels)
        disc_loss.backward()
        disc_opt.step()

        # 2. train the artist: fool the critic
        noise = torch.randn(2 * n, NOISE)
        gen_opt.zero_grad()
        gen_loss = loss_fn(discriminator(generator(noise)), torch.ones(2 * n, 1))
        gen_loss.backward()
        gen_opt.step()
        return gen_loss.item(), disc_loss.item()

    def show_progress():
        generator.eval()
        with torch.no_grad():
            history["picture"] = generator(torch.randn(4, NOISE))
        generator.train()

    def one_step():
        batch = x_train[torch.randint(0, len(x_train), (BATCH_SIZE,))]
        gen_loss, disc_loss = train_step(batch)
        history["gen"].append(gen_loss)
        history["disc"].append(disc_loss)
        if len(history["gen"]) % 10 == 0:
            show_progress()

    return one_step, generator, discriminator, gen_opt, disc_opt, x_train
