"""A clinic of broken GANs: one training script as tutorials have it, and ten that differ by a line.

The scripts are text, to be read; ``admit`` runs one. Which patient has which bug, its file says:
diagnose first, then read it.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from .arguments import checked

SCRIPT = """\
import torch
from torch import nn

torch.manual_seed(seed)


def prepare(images):  # (n, 28, 28) bytes
    return images.reshape(-1, 784).float() / 127.5 - 1


G = nn.Sequential(
    nn.Linear(64, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 256),
    nn.BatchNorm1d(256),
    nn.LeakyReLU(0.2),
    nn.Linear(256, 784),
    nn.Tanh(),
)
D = nn.Sequential(
    nn.Linear(784, 128),
    nn.LeakyReLU(0.2),
    nn.Linear(128, 1),
)
bce = nn.BCEWithLogitsLoss()
opt_G = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.0, 0.99))
opt_D = torch.optim.Adam(D.parameters(), lr=3e-3, betas=(0.0, 0.99))
ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)
history, pictures = [], []


def noise():
    return torch.randn(64, 64)


@torch.no_grad()
def log(d_loss, g_loss, accuracy):
    history.append((d_loss.item(), g_loss.item(), accuracy.item()))
    if len(history) % 5 == 0:
        G.eval()
        sampler = torch.Generator().manual_seed(0)  # the same digits in each picture
        pictures.append(G(torch.randn(16, 64, generator=sampler)))
        G.train()


def step():
    real = prepare(images[torch.randint(len(images), (64,))])
    opt_G.zero_grad()
    opt_D.zero_grad()

    # D: real or fake?
    fake = G(noise())
    on_real, on_fake = D(real), D(fake.detach())
    d_loss = bce(on_real, ones) + bce(on_fake, zeros)
    d_loss.backward()
    opt_D.step()

    # G: take D in
    g_loss = bce(D(G(noise())), ones)
    g_loss.backward()
    opt_G.step()
    log(d_loss, g_loss, ((on_real > 0).float().mean() + (on_fake < 0).float().mean()) / 2)
"""


@checked
@dataclass(frozen=True)
class Patient:
    """A training script with at most one bug, which is one line.

    number : on the patient's door. bug : one of BUGS, or "none". well, ill : the healthy line and
    the sick one. probe : the name in ``diagnose.PROBES`` that has to find it. base : changes of the
    script, (old line, new line) each, that the patient comes with, sick or cured.
    """

    number: int
    bug: str
    well: str = ""
    ill: str = ""
    probe: str = ""
    base: tuple[tuple[str, str], ...] = ()

    def source(self, sick: bool = True) -> str:
        """The script, as the patient brought it or, with sick=False, as it is when cured."""
        text = SCRIPT
        for old, new in self.base:
            text = _with_line(text, old, new)
        return _with_line(text, self.well, self.ill) if sick and self.ill else text

    @checked
    def admit(self, seed: int, images: Tensor, sick: bool = True) -> "Visit":
        """The script run: nets, optimisers and data made, no step done. images : (n, 28, 28)."""
        return Visit(self.source(sick), seed, images)


def _with_line(text, old, new):
    """The text with one line replaced; the line must be there, once."""
    lines = text.splitlines()
    places = [i for i, line in enumerate(lines) if line.strip() == old]
    if len(places) != 1:
        raise ValueError(f"the script has {len(places)} lines {old!r}, not one")
    indent = lines[places[0]].removesuffix(old)
    lines[places[0]] = indent + new
    return "\n".join(lines) + "\n"


@checked
class Visit:
    """A script at work, with random numbers of its own: it does not touch torch's."""

    def __init__(self, source: str, seed: int, images: Tensor):
        _check_images(images)
        self.names = {"seed": seed, "images": images}
        self._state = None
        with self._own_random_numbers():
            exec(compile(source, "<patient>", "exec"), self.names)

    @contextmanager
    def _own_random_numbers(self):
        with torch.random.fork_rng(devices=[]):
            if self._state is not None:
                torch.set_rng_state(self._state)
            yield
            self._state = torch.get_rng_state()

    def step(self) -> None:
        """One step of the script."""
        with self._own_random_numbers():
            self.names["step"]()

    @checked(steps=0)
    def run(self, steps: int) -> "Visit":
        """So many steps; returns the visit itself."""
        for _ in range(steps):
            self.step()
        return self

    @property
    def history(self) -> list[tuple[float, float, float]]:
        """D's loss, G's loss and D's accuracy on the batch, of each step so far."""
        return self.names["history"]

    @property
    def parts(self) -> dict:
        """What ``diagnose.examine(visit.step, **visit.parts)`` wants to know besides the step."""
        return {
            "generator": self.names["G"],
            "discriminator": self.names["D"],
            "g_optimizer": self.names["opt_G"],
            "d_optimizer": self.names["opt_D"],
            "data": self.data(),
        }

    @checked(n=1)
    def data(self, n: int = 2000) -> Tensor:
        """The first training images as D sees them: (n, 784)."""
        return self.names["prepare"](self.names["images"][:n])

    @torch.no_grad()
    @checked
    def accuracy(self, images: Tensor, seed: int = 0) -> float:
        """D's share of right answers on these images (n, 28, 28) and on as many new fakes, all
        nets in eval mode."""
        _check_images(images)
        d, real = self.names["D"].eval(), self.names["prepare"](images)
        right = (d(real) > 0).float().mean() + (d(self._draw(len(real), seed)) < 0).float().mean()
        d.train()
        return right.item() / 2

    def _draw(self, n, seed):
        g = self.names["G"].eval()
        z = torch.randn(n, 64, generator=torch.Generator().manual_seed(seed))
        x = g(z)
        g.train()
        return x

    @torch.no_grad()
    @checked(n=1)
    def samples(self, n: int = 16, seed: int = 0) -> Tensor:
        """Images (n, 1, 28, 28) in [-1, 1], read in the range of the script's own data."""
        x, (low, high) = self._draw(n, seed), self.data().aminmax()
        return ((x - low) / (high - low)).clamp(0, 1).mul(2).sub(1).reshape(-1, 1, 28, 28)


def _check_images(images):
    if images.dtype != torch.uint8 or images.shape[1:] != (28, 28) or not len(images):
        found = f"{images.dtype} {tuple(images.shape)}"
        raise ValueError(f"images must be bytes (n, 28, 28) with n > 0, not {found}")


BATCH_NORM_IN_D = (("nn.Linear(784, 128),", "nn.Linear(784, 128), nn.BatchNorm1d(128),"),)
PATIENTS = (
    Patient(
        1,
        "G's noise is the same in each step",
        "return torch.randn(64, 64)",
        "return torch.randn(64, 64, generator=torch.Generator().manual_seed(seed))",
        "noise",
    ),
    Patient(
        2,
        "zero_grad of D is missing",
        "opt_D.zero_grad()",
        "opt_G.zero_grad()",
        "stale gradients",
    ),
    Patient(
        3,
        "BatchNorm1d's second number is eps",
        "nn.BatchNorm1d(256),",
        "nn.BatchNorm1d(256, 0.8),",
        "BatchNorm",
    ),
    Patient(
        4,
        "D's optimiser holds G's weights",
        "opt_D = torch.optim.Adam(D.parameters(), lr=3e-3, betas=(0.0, 0.99))",
        "opt_D = torch.optim.Adam(G.parameters(), lr=3e-3, betas=(0.0, 0.99))",
        "moved weights",
    ),
    Patient(
        5,
        "a seed is set inside logging",
        "sampler = torch.Generator().manual_seed(0)  # the same digits in each picture",
        "sampler = torch.manual_seed(0)  # the same digits in each picture",
        "random state",
    ),
    Patient(
        6,
        "labels are turned for G",
        "g_loss = bce(D(G(noise())), ones)",
        "g_loss = bce(D(G(noise())), zeros)",
        "directions",
    ),
    Patient(
        7,
        "sigmoid twice",
        "nn.Linear(128, 1),",
        "nn.Linear(128, 1), nn.Sigmoid(),",
        "sigmoids",
    ),
    Patient(
        8,
        "no detach in D's loss",
        "on_real, on_fake = D(real), D(fake.detach())",
        "on_real, on_fake = D(real), D(fake)",
        "leaked gradients",
    ),
    Patient(
        9,
        "reals and fakes in one batch of a D with BatchNorm",
        "on_real, on_fake = D(real), D(fake.detach())",
        "on_real, on_fake = D(torch.cat([real, fake.detach()])).chunk(2)",
        "mixed batches",
        BATCH_NORM_IN_D,
    ),
    Patient(
        10,
        "data in [0, 1] for a tanh",
        "return images.reshape(-1, 784).float() / 127.5 - 1",
        "return images.reshape(-1, 784).float() / 255",
        "ranges",
    ),
)
"""The ten patients, by the numbers on their doors.

:meta hide-value:
"""
HEALTHY = Patient(0, "none")
"""A visitor with no bug.

:meta hide-value:
"""
BUGS = tuple(sorted(patient.bug for patient in PATIENTS))
"""The ten bugs by name, in alphabetical order."""
