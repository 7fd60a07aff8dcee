"""Two of a stranger's three bugs: pixels in [0, 1], and a sigmoid too many."""

from types import SimpleNamespace

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy, logsigmoid, softplus
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan_lib import losses

from ..engine import Sign, Task, mistakes, seed_of


def byte_images(variant):
    seed = seed_of(variant)
    return [(seed, 0, 255), (seed + 1, 40, 200)]


def eight_of_five(minibatch, seed, low, high):
    """A minibatch of 8 from 5 images whose bytes reach from ``low`` to ``high``."""
    rng = np.random.default_rng(seed)
    images = torch.from_numpy(rng.integers(low, high + 1, (5, 28, 28)).astype(np.uint8))
    images[:, 0, 0], images[:, 0, 1] = low, high
    kept = images.clone()
    found = minibatch(images, 8, torch.Generator().manual_seed(seed))
    return SimpleNamespace(found=found, changed=not torch.equal(images, kept))


def pixels(images, m, rng):
    """m of the images with a channel, as floats."""
    index = torch.randint(len(images), (m,), generator=rng)
    return images[index].float()[:, None]


def bytes_multiplied(images, m, rng):
    index = torch.randint(len(images), (m,), generator=rng)
    return images[index][:, None] * 2 / 255 - 1


def scaled_in_place(images, m, rng):
    index = torch.randint(len(images), (m,), generator=rng)
    found = images[index].float()[:, None] / 127.5 - 1
    images //= 2
    return found


def up_to_the_largest(images, m, rng):
    x = pixels(images, m, rng)
    return x / x.max() * 2 - 1


def from_smallest_to_largest(images, m, rng):
    x = pixels(images, m, rng)
    return (x - x.min()) / (x.max() - x.min()) * 2 - 1


def by_what_is_there(seen, seed, low, high):
    ends = abs(seen.found.min() + 1), abs(seen.found.max() - 1)
    return high < 255 and min(ends) < 1e-3


def wrong_shape(seen, *case):
    shape = tuple(seen.found.shape)
    return shape != (8, 1, 28, 28) and str(shape)


minibatch = Task(
    "minibatch",
    "minibatch(images, m, rng): m of the images, (m, 1, 28, 28) in [-1, 1]",
    lambda images, m, rng: pixels(images, m, rng) / 127.5 - 1,
    byte_images,
    mistakes(
        "return a tensor, not {}.",
        Sign(lambda seen, *case: not torch.is_tensor(seen.found) and type(seen.found).__name__),
        lambda images, m, rng: (pixels(images, m, rng) / 127.5 - 1).numpy(),
        "you changed the images themselves, and the next minibatch would be scaled twice.",
        Sign(lambda seen, *case: seen.changed),
        scaled_in_place,
        "the channel is missing: shape (m, 1, 28, 28).",
        Sign(lambda seen, *case: seen.found.shape == (8, 28, 28)),
        lambda images, m, rng: pixels(images, m, rng)[:, 0] / 127.5 - 1,
        "the shape should be (8, 1, 28, 28), and yours is {}.",
        Sign(wrong_shape),
        lambda images, m, rng: pixels(images, m, rng)[0] / 127.5 - 1,
        "the nets compute in float32, and this is {}. Convert the bytes with .float().",
        Sign(lambda seen, *case: seen.found.dtype != torch.float32 and str(seen.found.dtype)),
        lambda images, m, rng: pixels(images, m, rng).double() / 127.5 - 1,
        "the images are still in [0, 1]. A tanh generator draws in [-1, 1]: paper must be -1.",
        lambda images, m, rng: pixels(images, m, rng) / 255,
        "now they lie in [-0.5, 0.5]. tanh reaches from -1 to 1: the interval has length 2.",
        lambda images, m, rng: pixels(images, m, rng) / 255 - 0.5,
        "you multiplied bytes: 2 · 200 does not fit into a uint8 and wraps round. Call .float() "
        "first.",
        bytes_multiplied,
        "ink and paper are exchanged: byte 0 must become -1 and byte 255 must become 1.",
        lambda images, m, rng: 1 - pixels(images, m, rng) / 127.5,
        "values reach {}; they must lie in [-1, 1].",
        Sign(lambda seen, *case: seen.found.abs().max() > 1.01 and f"{seen.found.abs().max():.4g}"),
        lambda images, m, rng: pixels(images, m, rng),
        lambda images, m, rng: pixels(images, m, rng) - 127.5,
        "you scaled by the smallest or largest pixel that is there. The scale is 0 to 255 for "
        "every image.",
        Sign(by_what_is_there),
        up_to_the_largest,
        from_smallest_to_largest,
    ),
    seen=eight_of_five,
    counts=lambda seen, *case: seen.found,
    tolerance=1e-4,
    otherwise="byte 0 must become -1, byte 255 must become 1, and the line with `index` must stay "
    "as it was.",
)


def logit_pairs(variant):
    rng = np.random.default_rng(seed_of(variant))
    return [
        (rng.normal(0, 2, (2, 5)).tolist(),),
        ([[-40.0, 1.0, 2.0], [40.0, -1.0, 0.5]],),
        ([[-1000.0, 1.0], [1000.0, -1.0]],),
    ]


def a_judge():
    """A D that is not the identity."""
    judge = torch.nn.Linear(1, 1)
    judge.weight.data.fill_(1.5)
    judge.bias.data.fill_(-0.3)
    return judge


def asked(loss, logits):
    """The loss of a D that gives these logits, and its slope by D's weight; and the right ones."""
    real, fake = (torch.tensor(logits)[..., None] + 0.3) / 1.5
    judge, twin = a_judge(), a_judge()
    seen = SimpleNamespace(found=loss(judge, real, fake), right=right_loss(twin, real, fake))
    if torch.is_tensor(seen.found) and seen.found.numel() == 1:
        seen.value = seen.found.item()
        seen.same = bool(torch.isclose(seen.found, seen.right, rtol=1e-4))
        if seen.found.requires_grad:
            seen.found.backward()
        seen.right.backward()
        seen.slopes = judge.weight.grad, twin.weight.grad
    return seen


def right_loss(discriminator, real, fake):
    return losses.discriminator_loss(discriminator(real), discriminator(fake))


def with_sigmoids(on_real, on_fake):
    """Two cross-entropies of what D says as probabilities."""
    return lambda d, real, fake: on_real(d(real).sigmoid()) + on_fake(d(fake).sigmoid())


def of_logits(on_real, on_fake):
    """Two cross-entropies of what D says."""
    return lambda d, real, fake: on_real(d(real)) + on_fake(d(fake))


def as_real(a):
    return bce(a, torch.ones_like(a))


def as_fake(a):
    return bce(a, torch.zeros_like(a))


def wrong_slope(seen, logits):
    found, right = seen.slopes
    return seen.same and not torch.allclose(found, right, rtol=1e-3, atol=1e-4)


def off(large):
    """The sign of a wrong value at moderate or at large logits."""

    def shows(seen, logits):
        largest = np.abs(logits).max()
        if seen.same or (largest > 30) != large:
            return None
        values = f"{seen.right.item():.4f}, and yours is {seen.value:.4f}"
        return f"for logits of {largest:.0f} it should be {values}" if large else values

    return Sign(shows)


two_cross_entropies = Task(
    "two_cross_entropies",
    "two_cross_entropies(discriminator, real, fake), for a D that gives logits, in nats",
    right_loss,
    logit_pairs,
    mistakes(
        "return one number: the mean over the real plus the mean over the fakes.",
        Sign(
            lambda seen, _: (
                seen.found is None or torch.is_tensor(seen.found) and not hasattr(seen, "value")
            )
        ),
        lambda d, real, fake: softplus(-d(real)) + softplus(d(fake)),
        lambda d, real, fake: print(right_loss(d, real, fake)),
        "return a tensor, through which gradients flow, and not a {}: no .item(), no float().",
        Sign(lambda seen, _: not torch.is_tensor(seen.found) and type(seen.found).__name__),
        lambda d, real, fake: right_loss(d, real, fake).item(),
        "the value is right, but no gradient flows through it: take .detach() and "
        "torch.no_grad() away.",
        Sign(lambda seen, _: seen.same and not seen.found.requires_grad),
        of_logits(lambda a: as_real(a.detach()), lambda b: as_fake(b.detach())),
        "the value is right, and D's gradient is not: nothing may be detached here.",
        Sign(wrong_slope),
        of_logits(as_real, lambda b: as_fake(b.detach())),
        "the sigmoid is still applied twice: binary_cross_entropy_with_logits has one inside. "
        "Give it the logits.",
        with_sigmoids(as_real, as_fake),
        "one of the two sigmoids is gone, the other one is still there.",
        of_logits(as_real, lambda b: as_fake(b.sigmoid())),
        of_logits(lambda a: as_real(a.sigmoid()), as_fake),
        "you never asked the discriminator: real and fake are samples. The logits are "
        "discriminator(real) and so on.",
        lambda d, real, fake: as_real(real) + as_fake(fake),
        "the labels are swapped: 1 for real, 0 for fake.",
        of_logits(as_fake, as_real),
        "this is half of it: D's loss is the sum of the two, 2 log 2 for an undecided D.",
        lambda d, real, fake: 0.5 * right_loss(d, real, fake),
        "you summed over the minibatch: take the mean over the real plus the mean over the fakes.",
        of_logits(lambda a: softplus(-a).sum(), lambda b: softplus(b).sum()),
        "D's loss should be {}.",
        off(large=False),
        of_logits(as_real, as_real),
        "right for moderate logits, but {}: a sigmoid has rounded to 0 or 1, an exponential has "
        "overflowed, or a clamp has cut something off. Keep the loss with logits, and take the "
        "sigmoid away.",
        off(large=True),
        with_sigmoids(lambda p: -torch.log(p).mean(), lambda q: -torch.log(1 - q).mean()),
        with_sigmoids(
            lambda p: binary_cross_entropy(p, torch.ones_like(p)),
            lambda q: binary_cross_entropy(q, torch.zeros_like(q)),
        ),
        of_logits(lambda a: (1 + torch.exp(-a)).log().mean(), lambda b: (1 + b.exp()).log().mean()),
        of_logits(lambda a: as_real(a.clamp(-50, 50)), lambda b: as_fake(b.clamp(-50, 50))),
    ),
    also_right=(
        of_logits(as_real, as_fake),
        of_logits(lambda a: softplus(-a).mean(), lambda b: softplus(b).mean()),
        of_logits(lambda a: -logsigmoid(a).mean(), lambda b: -logsigmoid(-b).mean()),
    ),
    seen=asked,
    counts=lambda seen, _: seen.value,
    tolerance=1e-4,
)
