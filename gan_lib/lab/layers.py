"""What the lab draws of a run: arrays of points and fields over the window, as they are sent."""

from statistics import NormalDist

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .. import training
from ..training.settings import NOISE_WIDTHS
from .measures import cell_shares
from .recipe import TABLE
from .run import Run

SHOWN = 500  # points of each kind
FIELD = 40  # cells of a side of the field
SHEET = 21  # places of a side of the sheet of noise
LATTICE = 4096  # places of z that stand for all of its distribution
ARROWS = 60
FINE = 5  # places of a side of a cell, where the data's density is summed up
LEAST = 1e-5  # of mass in a cell: where both have less, nobody can tell


def shown_noise(run: Run) -> Tensor:
    """The noise whose samples are shown: the same as long as its kind is, (SHOWN, noise_dim)."""
    return training.sample_noise(run.state.settings, torch.Generator().manual_seed(1), SHOWN)


def shown_data(run: Run) -> Tensor:
    """The data that are shown: (SHOWN, 2)."""
    return run.data.sample(SHOWN, torch.Generator().manual_seed(2))


def centres(cells: int) -> Tensor:
    """The middles of so many cells a side, rows from the bottom to the top: (cells^2, 2)."""
    window = TABLE["window"]
    line = (2 * torch.arange(cells) + 1) * (window / cells) - window
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


@torch.no_grad()
def field(run: Run) -> Tensor:
    """D's answer at the middle of each cell: (FIELD^2,). A D that judges packs sees equal ones."""
    packed = centres(FIELD).repeat_interleave(run.settings["packing"], 0)
    return run.state.objective.answer(run.state.discriminator(packed)).flatten()


def data_masses(run: Run) -> NDArray[np.float64]:
    """The probability of each cell under the data: (FIELD^2,)."""
    fine = run.data.pdf(centres(FIELD * FINE).double().numpy())
    blocks = fine.reshape(FIELD, FINE, FIELD, FINE).sum((1, 3)).ravel()
    return blocks * (2 * TABLE["window"] / FIELD / FINE) ** 2


@torch.no_grad()
def best_discriminator(run: Run, masses: NDArray[np.float64]) -> NDArray[np.float64]:
    """D* of the cells, p_data / (p_data + p_g) by their masses; nan where neither has any.

    The fakes' masses are those of ``LATTICE`` equally likely places of z; beyond two numbers in z,
    of as many fixed draws.
    """
    fakes = cell_shares(run.state.generator(equal_noise(run)), FIELD)[:-1]
    total = masses + fakes
    return np.divide(masses, total, out=np.full(FIELD**2, np.nan), where=total > 2 * LEAST)


def equal_noise(run: Run) -> Tensor:
    """``LATTICE`` places of z of one weight each: (LATTICE, noise_dim)."""
    if run.settings["noise_dim"] > 2:
        rng = torch.Generator().manual_seed(3)
        return training.sample_noise(run.state.settings, rng, LATTICE)
    side = LATTICE if run.settings["noise_dim"] == 1 else int(LATTICE**0.5)
    return _lattice(_quantiles(run.settings["noise"], side), run.settings["noise_dim"])


def sheet(run: Run) -> tuple[Tensor, Tensor]:
    """G on a lattice of noise, (SHEET^2, 2), and the density of its samples there, (SHEET^2,).

    The density is p_z / |det J| for noise of two numbers, J = dG/dz, and per unit of length along
    the curve, p_z / |J|, for one. Of more numbers the plane of the first two is shown, without a
    density.
    """
    dim, noise = run.settings["noise_dim"], run.settings["noise"]
    side = SHEET**2 if dim == 1 else SHEET
    z = _lattice(_quantiles(noise, side), min(dim, 2))
    z = torch.nn.functional.pad(z, (0, max(0, dim - 2))).requires_grad_(True)
    x = run.state.generator(z)
    rows = [torch.autograd.grad(x[:, i].sum(), z, retain_graph=True)[0] for i in range(2)]
    jacobian = torch.stack(rows, dim=1)  # (SHEET^2, 2, dim)
    if dim > 2:
        return x.detach(), torch.full((len(x),), torch.nan)
    volume = jacobian.norm(dim=1)[:, 0] if dim == 1 else torch.linalg.det(jacobian).abs()
    return x.detach(), noise_density(noise, z.detach()) / volume


def noise_density(noise: str, z: Tensor) -> Tensor:
    """p_z at z (n, d): (n,)."""
    if width := NOISE_WIDTHS[noise]:
        return torch.full((len(z),), (2 * width) ** -z.shape[1])
    return torch.exp(-z.square().sum(1) / 2) / (2 * torch.pi) ** (z.shape[1] / 2)


def arrows(run: Run, fake: Tensor, real: Tensor) -> Tensor:
    """The first fakes, and where G's true loss pulls each: -B dloss/dx, (ARROWS, 4)."""
    size = len(fake) - len(fake) % run.settings["packing"]
    fake = fake[:size].detach().requires_grad_(True)
    loss = training.generator_loss(
        run.state.discriminator, fake, run.state.objective, real=real[:size]
    )
    (gradient,) = torch.autograd.grad(loss, fake)
    return torch.cat([fake.detach(), -size * gradient], dim=1)[:ARROWS]


def _quantiles(noise: str, side: int) -> Tensor:
    """The middles of so many equally likely intervals of one coordinate of the noise."""
    shares = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    if width := NOISE_WIDTHS[noise]:
        return (2 * shares - 1).float() * width
    return torch.tensor([NormalDist().inv_cdf(share) for share in shares.tolist()])


def _lattice(line: Tensor, dim: int) -> Tensor:
    """All points with coordinates of ``line``, the first running fastest: (n^dim, dim)."""
    if dim == 1:
        return line[:, None]
    second, first = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([first.flatten(), second.flatten()], dim=1)
