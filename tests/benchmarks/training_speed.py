"""How fast is the training loop, against a plain one with a DataLoader? Same nets, same images,
same machine, by turns.

Three loops train the perceptrons of ``gan_lib.models`` (G 100-128-256-512-1024-784, D
784-512-256-1) on MNIST:

    published   images one by one through PIL, ToTensor and Normalize in a DataLoader, batches of
                64, Adam as torch makes it, G's step, then D's in two passes, both losses fetched
                at each step
    batch 64    gan_lib.training with the same batch size and precision (float32)
    default     gan_lib.training with its defaults

They take turns within each round, so that whatever else the machine does meets all three. Before
the ratios stands how exact a float32 product is in our loop, since torch's "medium" precision is
true float32 on some processors and not on others. The last two lines are the medians of the ratios
of each round.

Run as: python tests/benchmarks/training_speed.py [--rounds 7] [--seconds 4]
"""

import argparse
import itertools
import statistics
import time

import torch
from torch import nn
from torch.utils.data import DataLoader

from gan_lib import data, mnist_files, models, training

NOISE_DIM, PIXELS = 100, 28 * 28


def published_generator():
    def block(inputs, outputs, normalize=True):
        norm = [nn.BatchNorm1d(outputs, 0.8)] if normalize else []
        return [nn.Linear(inputs, outputs), *norm, nn.LeakyReLU(0.2, inplace=True)]

    hidden = (
        block(NOISE_DIM, 128, normalize=False)
        + block(128, 256)
        + block(256, 512)
        + block(512, 1024)
    )
    return nn.Sequential(*hidden, nn.Linear(1024, PIXELS), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))


def published_discriminator():
    first, second = nn.LeakyReLU(0.2, inplace=True), nn.LeakyReLU(0.2, inplace=True)
    layers = [
        nn.Flatten(),
        nn.Linear(PIXELS, 512),
        first,
        nn.Linear(512, 256),
        second,
        nn.Linear(256, 1),
        nn.Sigmoid(),
    ]
    return nn.Sequential(*layers)


def published_loader(images, labels):
    """torchvision's MNIST and its __getitem__, over images that have been read already."""
    torchvision = mnist_files.import_torchvision()
    from torchvision import transforms

    class MNIST(torchvision.datasets.MNIST):
        def __init__(self, images, labels, transform):
            super(torchvision.datasets.MNIST, self).__init__(root=None, transform=transform)
            self.data, self.targets = images, labels

    pipeline = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])
    return DataLoader(MNIST(images, labels, pipeline), batch_size=64, shuffle=True, num_workers=0)


def published_loop(loader):
    """Yields the number of images after each step."""
    generator, discriminator, loss = published_generator(), published_discriminator(), nn.BCELoss()
    g_optimizer, d_optimizer = (
        torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))
        for net in (generator, discriminator)
    )
    for real, _ in itertools.chain.from_iterable(itertools.repeat(loader)):
        valid, fake = torch.ones(len(real), 1), torch.zeros(len(real), 1)

        g_optimizer.zero_grad()
        made = generator(torch.randn(len(real), NOISE_DIM))
        g_loss = loss(discriminator(made), valid)
        g_loss.backward()
        g_optimizer.step()

        d_optimizer.zero_grad()
        d_loss = (loss(discriminator(real), valid) + loss(discriminator(made.detach()), fake)) / 2
        d_loss.backward()
        d_optimizer.step()

        g_loss.item(), d_loss.item()
        yield len(real)


def our_loop(images, **settings):
    """Yields the number of images after each step."""
    nets = models.mlp_generator(NOISE_DIM), models.mlp_discriminator()
    state = training.start(*nets, steps=10**9, device="cpu", **settings)
    for _ in training.train(state, images):
        yield state.settings.batch_size


def rate(loop, seconds):
    """Images a second, over at least so many seconds."""
    images, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        images += next(loop)
    return images / elapsed


def product_error():
    """The relative error of a float32 matrix product as the training loop computes it, against
    float64."""
    a, b = torch.randn(2, 512, 512, generator=torch.Generator().manual_seed(0))
    with training.device.fast_matmul(torch.device("cpu")):
        product = a @ b
    exact = a.double() @ b.double()
    return ((product - exact).norm() / exact.norm()).item()


def main(rounds, seconds):
    torch.manual_seed(0)
    images, labels = data.digits("train")
    loops = {
        "published": published_loop(published_loader(images, labels)),
        "batch 64": our_loop(images, batch_size=64, precision="float32"),
        "default": our_loop(images),
    }
    for loop in loops.values():
        rate(loop, min(seconds, 1))  # warm-up
    found = {name: [] for name in loops}
    for number in range(1, rounds + 1):
        for name in itertools.islice(
            itertools.cycle(loops), number % 3, number % 3 + 3
        ):  # each begins in its turn
            found[name].append(rate(loops[name], seconds))
        print(
            f"round {number}: "
            + ", ".join(f"{name} {rates[-1]:,.0f}" for name, rates in found.items())
            + " images/s"
        )
    print(
        "medians: "
        + ", ".join(f"{name} {statistics.median(rates):,.0f}" for name, rates in found.items())
        + " images/s"
    )
    print(f"relative error of a float32 product in our loop: {product_error():.0e}")
    for label, name in (("ratio_same_batch_fp32", "batch 64"), ("ratio_default", "default")):
        ratio = statistics.median(
            ours / theirs for ours, theirs in zip(found[name], found["published"])
        )
        print(f"{label}: {ratio:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each loop in each round")
    options = parser.parse_args()
    main(options.rounds, options.seconds)
