"""Nets that have a density: what a pixel may see, what a sampler draws, what a bound bounds."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch.distributions import Bernoulli, Normal, kl_divergence

from gan_lib import data, likelihood, models, training

SMALL = (1, 6, 5)
NETS = {
    "made": lambda **size: models.made(200, **size),
    "context_net": lambda **size: models.context_net(2, 16, **size),
    "pixel_cnn": lambda **size: models.pixel_cnn(4, 2, **size),
}
each_net = pytest.mark.parametrize("build", NETS.values(), ids=NETS)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def influence(net):
    """(pixels, pixels): the slope of logit i in pixel j, summed over ten random pictures."""
    x = torch.rand(10, *net.shape, generator=seeded(3), dtype=torch.float64)
    slopes = torch.autograd.functional.jacobian(lambda x: net(x).flatten(1).sum(0), x)
    return slopes.abs().sum(1).flatten(1)


@each_net
def test_no_pixel_sees_itself_or_a_later_one(build):
    net = build(shape=SMALL, seed=1).double()
    slopes = influence(net)
    assert (slopes.triu() == 0).all()
    below = torch.diagonal(slopes, -1)
    row_starts = torch.arange(1, net.pixels) % SMALL[2] == 0
    assert (below[~row_starts] > 0).all()  # the neighbour to the left is seen


def test_made_sees_all_before_it_and_the_context_net_its_window():
    made = influence(models.made(500, shape=SMALL, seed=1).double())
    assert (made[torch.tril(torch.ones(30, 30), -1) == 1] > 0).all()
    net = models.context_net(2, 64, shape=SMALL, seed=1)
    seen = (influence(net.double()) > 0).nonzero()
    rows, columns = seen // 5, seen % 5
    expected = {
        (i, j)
        for i, j in itertools.product(range(30), repeat=2)
        if j < i and i // 5 - j // 5 <= 2 and abs(i % 5 - j % 5) <= 2
    }
    assert {(int(i), int(j)) for i, j in seen} == expected
    assert len(rows) == len(columns)


def test_the_blind_spot_of_masked_convolutions():
    """One row up it sees 3 columns to the right, one more for each further row, by the blocks."""
    blocks = 2
    net = models.pixel_cnn(8, blocks, shape=(1, 13, 15), seed=2).double()
    seen = influence(net)[9 * 15 + 6].view(13, 15) > 0
    expected = torch.zeros(13, 15, dtype=torch.bool)
    for up in range(net.reach + 1):
        right = 3 + min(up - 1, blocks) if up else -1
        expected[9 - up, 6 - net.reach : 6 + right + 1] = True
    assert torch.equal(seen, expected)


@each_net
def test_the_quick_sampler_draws_the_same_bits(build):
    net = build(shape=SMALL, seed=5).double()
    slow = models.draw_pixels(net, 50, seeded(7))
    assert torch.equal(net.draw(50, seeded(7)), slow)
    assert slow.shape == (50, *SMALL) and set(slow.unique().tolist()) == {0, 1}
    given = slow[:, 0].flatten(1)[:, :13].flip(0)
    completed = net.draw(50, seeded(8), given)
    assert torch.equal(completed.flatten(1)[:, :13], given)
    assert torch.equal(completed, models.draw_pixels(net, 50, seeded(8), given))


@each_net
def test_probabilities_of_all_pictures_sum_to_one_and_samples_follow_them(build):
    net = build(shape=(1, 2, 3), seed=4).double()
    everything = torch.tensor(list(itertools.product((0.0, 1.0), repeat=6)), dtype=torch.float64)
    p = likelihood.pixel_log_likelihood(
        net(everything.view(-1, 1, 2, 3)), everything.view(-1, 1, 2, 3)
    )
    p = p.exp().detach()
    assert float(p.sum()) == pytest.approx(1, abs=1e-12)
    drawn = net.draw(20_000, seeded(1)).flatten(1)
    index = (drawn * 2.0 ** torch.arange(5, -1, -1)).sum(1).long()
    counts = torch.bincount(index, minlength=64)
    assert stats.chisquare(counts, 20_000 * p).pvalue > 1e-4


def test_pixel_log_likelihood_is_that_of_bernoulli():
    logits = torch.randn(3, 1, 4, 5, generator=seeded(0))
    x = (torch.rand(3, 1, 4, 5, generator=seeded(1)) < 0.5).float()
    expected = Bernoulli(logits=logits).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(likelihood.pixel_log_likelihood(logits, x), expected)
    assert likelihood.bits_per_pixel(-math.log(2) * 784) == pytest.approx(1)


def test_gaussian_kl_is_that_of_torch_and_of_sampling():
    mean = torch.tensor([[0.5, -1.0]], dtype=torch.float64)
    log_sigma = torch.tensor([[-0.7, 0.3]], dtype=torch.float64)
    q, p = Normal(mean, log_sigma.exp()), Normal(0.0, 1.0)
    found = likelihood.gaussian_kl(mean, log_sigma)
    torch.testing.assert_close(found, kl_divergence(q, p).sum(1))
    z = mean + log_sigma.exp() * torch.randn(400_000, 2, generator=seeded(0), dtype=torch.float64)
    assert float((q.log_prob(z) - p.log_prob(z)).sum(1).mean()) == pytest.approx(
        float(found), abs=0.01
    )


class OneNumber(torch.nn.Module):
    """z of one number, x of three pixels: so small that p(x) can be integrated."""

    slope, offset = torch.tensor([1.5, -0.8, 0.3]), torch.tensor([0.2, 0.1, -1.0])

    def encode(self, x):
        near = (x - 0.5).sum(1, keepdim=True)
        return 0.3 * near, 0.1 + 0.1 * near

    def decode(self, z):
        return z * self.slope.to(z.dtype) + self.offset.to(z.dtype)

    def log_p(self, x, density=stats.norm.pdf):
        def joint(z):
            logits = self.decode(torch.tensor([[z]], dtype=torch.float64))
            return float(likelihood.pixel_log_likelihood(logits, x[None]).exp()) * density(z)

        return math.log(integrate.quad(joint, -9, 9, epsabs=1e-12)[0])


def test_bounds_lie_below_the_integral_and_close_with_samples():
    net, x = OneNumber(), torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)
    exact, many = net.log_p(x), x.repeat(4_000, 1)
    once = [
        likelihood.importance_bound(net, many, seeded(k), samples).mean()
        for k, samples in enumerate((1, 5, 500))
    ]
    assert once[0] < once[1] < once[2] < exact + 1e-3
    assert float(once[2]) == pytest.approx(exact, abs=2e-3)
    assert float(likelihood.elbo(net, many, seeded(9)).mean()) == pytest.approx(
        float(once[0]), abs=0.05
    )


def test_the_bound_with_a_mixture_in_place_of_the_normal():
    fitted = torch.cat([torch.randn(500, 1, generator=seeded(k)) * 0.3 + k / 2 for k in (-1, 1)])
    prior = likelihood.fit_mixture(fitted, components=2)
    net, x = OneNumber(), torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)

    def density(z):
        return float(prior.log_density(torch.tensor([[z]], dtype=torch.float64)).exp())

    bound = likelihood.importance_bound(net, x.repeat(2_000, 1), seeded(3), 200, prior).mean()
    assert float(bound) == pytest.approx(net.log_p(x, density), abs=0.01)


def test_a_mixture_draws_what_its_density_says():
    fitted = torch.randn(4_000, 2, generator=seeded(0)) @ torch.tensor([[1.0, 0.6], [0.0, 0.5]])
    fitted[::4] += 4
    prior = likelihood.fit_mixture(fitted, components=2)
    drawn = prior.sample(50_000, seeded(1))
    torch.testing.assert_close(drawn.mean(0), fitted.mean(0), atol=0.05, rtol=0)
    torch.testing.assert_close(drawn.T.cov(), fitted.T.cov(), atol=0.15, rtol=0)
    first_numbers = np.linspace(-6, 9, 76)
    x, y = np.meshgrid(first_numbers, first_numbers)
    points = torch.from_numpy(np.stack([x.ravel(), y.ravel()], axis=1))
    assert float(prior.log_density(points).exp().sum() * 0.04) == pytest.approx(1, abs=1e-3)


def test_a_vae_and_an_autoregressive_net_learn_by_the_one_loop():
    stripes = torch.zeros(2, 28, 28, dtype=torch.uint8)
    stripes[0, ::2], stripes[1, :, ::2] = 255, 255
    for net, loss in (
        (models.vae(2, 32), likelihood.vae_loss),
        (models.made(64), likelihood.autoregressive_loss),
    ):
        state = training.start_fit(net, steps=150, batch_size=16, lr=1e-2, device="cpu")
        losses = [step.loss for step in training.fit(state, loss, data.binarised(stripes))]
        assert losses[-1] < 20 < 500 < losses[0]  # nats: log 2 = 0.69 would do


def test_binarised_digits_are_coins_with_the_ink_s_probability():
    images = torch.arange(256, dtype=torch.uint8).repeat(1, 28 * 28 // 256 + 1)[:, :784]
    many = data.binarised(images.view(1, 28, 28))(4_000, seeded(0))
    assert many.shape == (4_000, 1, 28, 28) and set(many.unique().tolist()) == {0, 1}
    expected = images.view(1, 28, 28) / 255
    assert float((many.mean(0) - expected).abs().max()) < 0.04
    assert (many.mean(0)[expected == 0] == 0).all() and (many.mean(0)[expected == 1] == 1).all()
    in_tanh_range = data.binarise(data.to_tanh_range(images.view(1, 1, 28, 28)), seeded(4))
    assert torch.equal(in_tanh_range, data.binarise(images.view(1, 28, 28), seeded(4)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: models.made(0), "hidden must be a positive"),
        (lambda: models.made(shape=(3, 28, 28)), r"shape must be \(1, height, width\)"),
        (lambda: models.context_net(reach=-1), "reach must be"),
        (lambda: models.pixel_cnn(blocks=0), "blocks must be"),
        (lambda: models.MaskedConv2d("C", 1, 1, 3), 'kind must be "A" or "B"'),
        (lambda: models.vae(code=0), "code must be"),
        (lambda: likelihood.importance_bound(models.vae(), None, None, 0), "samples must be"),
        (lambda: models.vae(shape=(1, 0, 28)), r"shape\[1\] must be"),
        (lambda: models.made(shape=SMALL).draw(0, seeded(0)), "n must be"),
        (lambda: models.made(shape=SMALL).draw(2, seeded(0), torch.ones(3, 1)), "given must have"),
        (lambda: models.made(shape=SMALL).draw(1, seeded(0), torch.ones(1, 31)), "given must have"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
