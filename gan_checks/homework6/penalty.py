"""A gradient penalty that charges only slopes above 1, as people write it."""

from math import prod
from types import SimpleNamespace

import numpy as np
import torch

from ..engine import Sign, Task, mistakes, seed_of


def courts(variant):
    """(seed, bias of the hidden units, shape of a sample): images, and points.

    Where the bias is negative the critic is flat at some samples.
    """
    seed, image = 100 * seed_of(variant), (1, 4, 4)
    images = [(seed, 0.0, image), (seed + 1, 0.5, image), (seed + 2, -1.2, image)]
    return [*images, (seed + 3, 0.0, (3,))]


class Court:
    """A small critic, four real samples and four fakes, and a share for each pair."""

    def __init__(self, seed, bias, shape):
        rng = np.random.default_rng([65, seed])
        hidden = torch.nn.Linear(prod(shape), 6, dtype=torch.float64)
        last = torch.nn.Linear(6, 1, dtype=torch.float64)
        for tensor, size in ((hidden.weight, 0.5), (hidden.bias, 0.1), (last.weight, 1.0)):
            tensor.data = torch.from_numpy(rng.normal(0, size, tensor.shape))
        hidden.bias.data += bias
        self.critic = torch.nn.Sequential(torch.nn.Flatten(), hidden, torch.nn.ReLU(), last)
        self.real, self.fake = torch.from_numpy(rng.normal(0, 0.5, (2, 4, *shape)))
        if bias < 0:  # no unit answers to this one
            self.real[0], self.fake[0] = 0.0, 0.01
        self.share, self.weight = torch.from_numpy(rng.uniform(0.1, 0.9, 4)), 7.0

    def charge(self, penalty):
        """The penalty, and its slope with respect to the critic's weights."""
        found = penalty(self.critic, self.real, self.fake, self.share, self.weight)
        seen = SimpleNamespace(found=found, left=self._left(), value=None, flows=False)
        if torch.is_tensor(found) and found.numel() == 1:
            seen.value, seen.flows = found.item(), found.requires_grad
            if seen.flows:
                self.critic.zero_grad()
                found.backward()
            seen.slopes = np.concatenate([self._slope(p) for p in self.critic.parameters()])
        return seen

    def _left(self):
        tensors = *self.critic.parameters(), self.real, self.fake
        return any(t.grad is not None and bool(t.grad.any()) for t in tensors)

    def _slope(self, p):
        return (torch.zeros_like(p) if p.grad is None else p.grad).flatten().numpy()


def charged(penalty, *court):
    seen = Court(*court).charge(penalty)
    seen.right = Court(*court).charge(right).value
    return seen


def column(share, real):
    return share.reshape(-1, *[1] * (real.ndim - 1))


def mixed(real, fake, share):
    share = column(share, real)
    return share * real + (1 - share) * fake


def mixed_images(real, fake, share):
    share = share.view(-1, 1, 1, 1)
    return share * real + (1 - share) * fake


def norms(slope):
    return slope.flatten(1).norm(dim=1)


def excess(slope):
    return (norms(slope) - 1).relu()


def charge(fine=lambda slope: excess(slope).square().mean(), at=mixed, create=True, whole="sum"):
    """A penalty with one's own fine for the slopes, or place where they are taken."""

    def penalty(critic, real, fake, share, weight):
        between = at(real, fake, share).detach().requires_grad_()
        answer = getattr(critic(between), whole)()
        (slope,) = torch.autograd.grad(answer, between, create_graph=create)
        return weight * fine(slope)

    return penalty


right = charge()


def by_backward(critic, real, fake, share, weight):
    between = mixed(real, fake, share).requires_grad_()
    critic(between).sum().backward(create_graph=True)
    return weight * excess(between.grad).square().mean()


def one_by_one(critic, real, fake, share, weight):
    fines = []
    for x, y, t in zip(real, fake, share):
        between = (t * x + (1 - t) * y).requires_grad_()
        (slope,) = torch.autograd.grad(critic(between[None]).sum(), between, create_graph=True)
        length = torch.linalg.vector_norm(slope)
        fines.append(torch.where(length > 1, (length - 1) ** 2, 0 * length))
    return weight * torch.stack(fines).mean()


def kept_from_zero(slope):
    return ((slope.flatten(1).square().sum(1) + 1e-12).sqrt() - 1).clamp(min=0).square().mean()


def rooted(slope):
    return (slope.flatten(1).square().sum(1).sqrt() - 1).relu().square().mean()


def no_scalar(seen, *case):
    if torch.is_tensor(seen.found):
        return seen.found.numel() != 1 and f"a tensor of shape {tuple(seen.found.shape)}"
    return seen.found is None or type(seen.found).__name__


def has_nan(seen, *case):
    return seen.flows and not np.isfinite(seen.slopes).all()


def no_way_back(seen, *case):
    return seen.value is not None and not seen.flows and np.isclose(seen.value, seen.right)


one_sided_penalty = Task(
    "one_sided_penalty",
    "one_sided_penalty(critic, real, fake, share, weight), and its slope in the critic's weights",
    right,
    courts,
    mistakes(
        "return one number as a tensor, the mean over the minibatch; yours is {}.",
        Sign(no_scalar),
        charge(lambda slope: excess(slope).square()),
        lambda *case: right(*case).item(),
        "you called backward(): it leaves gradients in the critic's weights, which its own step "
        "would then use. torch.autograd.grad(...) gives the slope and leaves nothing behind.",
        Sign(lambda seen, *case: seen.left),
        by_backward,
        "the value is right, and no gradient flows from it to the critic: nobody would be fined. "
        "Say create_graph=True, and detach nothing that comes after the slope.",
        Sign(no_way_back),
        charge(create=False),
        charge(lambda slope: excess(slope.detach()).square().mean()),
        "that is the penalty of notebook 13, with two sides. This one leaves slopes *below* 1 "
        "alone.",
        charge(lambda slope: (norms(slope) - 1).square().mean()),
        "the other side: you fine slopes below 1, and let steep ones go free.",
        charge(lambda slope: (1 - norms(slope)).relu().square().mean()),
        "norm(dim=1) of a slope (B, 1, h, w) is taken over the channel: each *pixel* may have a "
        "slope of 1. flatten(1) first: one norm for each sample, over all its numbers.",
        charge(lambda slope: (slope.norm(dim=1) - 1).relu().square().mean()),
        "you took one norm for the whole minibatch. Each sample has its own: flatten(1), then "
        "norm(dim=1).",
        charge(lambda slope: (slope.norm() - 1).relu().square()),
        "you averaged the norms first, so a flat sample pays for a steep one. Fine each, then take "
        "the mean.",
        charge(lambda slope: (norms(slope).mean() - 1).relu().square()),
        "you differentiated the *mean* of the critic's answers: each slope comes out B times too "
        "small. Take the sum: each answer depends on its own sample only.",
        charge(whole="mean"),
        "this looks at the real samples only. In between, where the best critic has its slope, "
        "nothing holds it.",
        charge(at=lambda real, fake, share: real),
        "this looks at the fakes only. The place to look is between a real sample and a fake.",
        charge(at=lambda real, fake, share: fake),
        "this looks halfway between, always. Each pair has a share of its own.",
        charge(at=lambda real, fake, share: (real + fake) / 2),
        "share is that of the *real* sample; you gave it to the fake.",
        charge(at=lambda real, fake, share: mixed(fake, real, share)),
        "one share for the whole minibatch: here each pair has its own.",
        charge(at=lambda real, fake, share: mixed(real, fake, share[:1].expand(len(real)))),
        charge(at=lambda real, fake, share: mixed(real, fake, share.mean().expand(len(real)))),
        "each *column or row of pixels* got a share, and each sample should. Give share (B,) as "
        "many axes as the samples have: share.reshape(-1, *[1] * (real.ndim - 1)).",
        charge(at=lambda real, fake, share: share * real + (1 - share) * fake),
        charge(at=lambda real, fake, share: share[:, None] * real + (1 - share[:, None]) * fake),
        "right for images only: a share of shape (B, 1, 1, 1) mixes every point with every other, "
        "or fails. Give it as many axes as the samples have: "
        "share.reshape(-1, *[1] * (real.ndim - 1)).",
        charge(at=mixed_images),
        "right for images only: their slopes have the axes 1, 2 and 3, those of points only one. "
        "flatten(1), then norm(dim=1).",
        charge(lambda slope: (slope.norm(dim=(1, 2, 3)) - 1).relu().square().mean()),
        "real and fake were added up, each in full, or weighted by shares that do not sum to 1: it "
        "is share · real + (1 - share) · fake.",
        charge(at=lambda real, fake, share: real + column(share, real) * fake),
        charge(at=lambda real, fake, share: fake + column(share, real) * real),
        charge(at=lambda real, fake, share: real + fake),
        "the square is missing: the fine is (|slope| - 1)², where that is above 1.",
        charge(lambda slope: excess(slope).mean()),
        "you compared the *squared* norm with 1: the root is missing.",
        charge(lambda slope: (norms(slope) ** 2 - 1).relu().square().mean()),
        "you fined each slope in full, as R1 does; only what exceeds 1 is charged.",
        charge(lambda slope: norms(slope).square().mean()),
        "you summed over the minibatch; take the mean.",
        charge(lambda slope: excess(slope).square().sum()),
        "the weight is missing, or stands inside the square.",
        lambda c, real, fake, share, weight: right(c, real, fake, share, 1.0),
        lambda c, real, fake, share, weight: right(c, real, fake, share, weight**2),
        "the wrong sign: this critic would be paid for being steep.",
        lambda *case: -right(*case),
        "the critic's gradient is nan where it is flat: the root has an infinite slope at 0, and "
        "the relu's 0 times that is nan. Use .norm(dim=1), which takes care of that, or add 1e-12 "
        "under the root.",
        Sign(has_nan),
        charge(rooted),
    ),
    also_right=(one_by_one, charge(kept_from_zero)),
    seen=charged,
    counts=lambda seen, *case: np.append(seen.slopes, seen.value),
    tolerance=1e-4,
    otherwise="the penalty, or its gradient for the critic, is not right. In order: the points "
    "between, the slope there, its norm for each sample, what exceeds 1, its square, the mean.",
)
