"""The losses, against binary cross-entropy, closed forms in float64, and derivatives worked out
by hand."""

import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from gan_lib.losses import discriminator_loss, minimax_generator_loss, non_saturating_generator_loss

LOG_3 = math.log(3)  # the logit of D = 3/4; -LOG_3 is that of D = 1/4
EXTREMES = torch.tensor([-200.0, -30, -3, -0.001, 0, 0.5, 2, 30, 200], dtype=torch.float64)
GENERATOR_LOSSES = [minimax_generator_loss, non_saturating_generator_loss]


def logits(*shape, seed=0):
    return 5 * torch.randn(
        shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )


def test_hand_computed_values():
    real, fake = (
        torch.tensor([LOG_3, 0.0]),
        torch.tensor([-LOG_3]),
    )  # D(x) = 3/4 and 1/2, D(G(z)) = 1/4
    assert discriminator_loss(real, fake).item() == pytest.approx(
        -(math.log(3 / 4) + math.log(1 / 2)) / 2 - math.log(3 / 4)
    )
    assert minimax_generator_loss(fake).item() == pytest.approx(math.log(3 / 4))
    assert non_saturating_generator_loss(fake).item() == pytest.approx(-math.log(1 / 4))


def test_undecided_discriminator():
    half = torch.zeros(8, 1)
    assert discriminator_loss(half, half).item() == pytest.approx(2 * math.log(2))
    assert minimax_generator_loss(half).item() == pytest.approx(-math.log(2))
    assert non_saturating_generator_loss(half).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    "real, fake",
    [(logits(64, 1), logits(64, 1, seed=1)), (logits(3), logits(50)), (EXTREMES, -EXTREMES)],
)
def test_discriminator_loss_is_the_sum_of_two_cross_entropies(real, fake):
    bce = binary_cross_entropy_with_logits
    expected = bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    torch.testing.assert_close(discriminator_loss(real, fake), expected)


@pytest.mark.parametrize("fake", [logits(64, 1), EXTREMES])
def test_generator_losses_are_cross_entropies(fake):
    bce = binary_cross_entropy_with_logits
    torch.testing.assert_close(
        non_saturating_generator_loss(fake), bce(fake, torch.ones_like(fake))
    )
    torch.testing.assert_close(minimax_generator_loss(fake), -bce(fake, torch.zeros_like(fake)))


def test_closed_forms_in_double_precision():
    a = logits(1000).clamp(-15, 15)  # where sigmoid is still exact enough to take its logarithm
    d = 1 / (1 + torch.exp(-a))
    torch.testing.assert_close(
        minimax_generator_loss(a), torch.log(1 - d).mean(), rtol=1e-9, atol=0
    )
    torch.testing.assert_close(
        non_saturating_generator_loss(a), -torch.log(d).mean(), rtol=1e-9, atol=0
    )
    torch.testing.assert_close(
        discriminator_loss(a, a), -(torch.log(d) + torch.log(1 - d)).mean(), rtol=1e-9, atol=0
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_extreme_logits_are_exact(dtype):
    high, low = torch.tensor([200.0], dtype=dtype), torch.tensor([-200.0], dtype=dtype)
    assert discriminator_loss(low, high).item() == 400
    assert minimax_generator_loss(high).item() == -200
    assert non_saturating_generator_loss(low).item() == 200
    for small in (
        discriminator_loss(high, low) / 2,
        -minimax_generator_loss(low),
        non_saturating_generator_loss(high),
    ):
        assert small.item() == pytest.approx(math.exp(-200), rel=1e-6, abs=1e-45)  # 0 in float32


def gradient(loss, a):
    a = a.clone().requires_grad_()
    loss(a).backward()
    return a.grad


@pytest.mark.parametrize("a", [logits(7, 2), EXTREMES])
def test_generator_gradients(a):
    m = a.numel()
    torch.testing.assert_close(
        gradient(minimax_generator_loss, a), -torch.sigmoid(a) / m, rtol=1e-9, atol=0
    )
    torch.testing.assert_close(
        gradient(non_saturating_generator_loss, a), -torch.sigmoid(-a) / m, rtol=1e-9, atol=0
    )


@pytest.mark.parametrize("a", [logits(7, 2), EXTREMES])
def test_discriminator_gradients(a):
    m, other = a.numel(), logits(3)
    on_real = gradient(lambda real: discriminator_loss(real, other), a)
    on_fake = gradient(lambda fake: discriminator_loss(other, fake), a)
    torch.testing.assert_close(on_real, -torch.sigmoid(-a) / m, rtol=1e-9, atol=0)
    torch.testing.assert_close(on_fake, torch.sigmoid(a) / m, rtol=1e-9, atol=0)


def test_only_the_non_saturating_loss_learns_from_a_sure_discriminator():
    sure = torch.tensor([-20.0])  # D(G(z)) = 2e-9
    assert abs(gradient(minimax_generator_loss, sure).item()) < 1e-8
    assert gradient(non_saturating_generator_loss, sure).item() == pytest.approx(-1)


@pytest.mark.parametrize("shape", [(24, 1), (2, 3, 4), (4, 1, 3, 2)])
@pytest.mark.parametrize("loss", [*GENERATOR_LOSSES, lambda a: discriminator_loss(a, -a)])
def test_any_shape_gives_the_same_scalar(loss, shape):
    a = logits(24)
    assert loss(a.reshape(shape)).shape == ()
    torch.testing.assert_close(loss(a.reshape(shape)), loss(a))


@pytest.mark.parametrize("loss", [*GENERATOR_LOSSES, lambda a: discriminator_loss(a, logits(5))])
def test_the_mean_does_not_grow_with_the_batch(loss):
    a = logits(10)
    torch.testing.assert_close(loss(a.repeat(7)), loss(a))


@pytest.mark.parametrize("loss", GENERATOR_LOSSES)
def test_empty_fake_logits(loss):
    with pytest.raises(ValueError, match="fake_logits is empty"):
        loss(torch.empty(0, 1))


@pytest.mark.parametrize("real, fake, name", [(0, 3, "real_logits"), (3, 0, "fake_logits")])
def test_empty_batch_of_the_discriminator(real, fake, name):
    with pytest.raises(ValueError, match=f"{name} is empty"):
        discriminator_loss(torch.zeros(real, 1), torch.zeros(fake, 1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [1e4, -1e4])
@pytest.mark.parametrize("loss", [*GENERATOR_LOSSES, lambda a: discriminator_loss(a, -a)])
def test_logits_of_ten_thousand_give_finite_losses_and_gradients(loss, size, dtype):
    a = torch.full((3, 1), size, dtype=dtype)
    assert torch.isfinite(loss(a)) and torch.isfinite(gradient(loss, a)).all()


@pytest.mark.parametrize("loss", [*GENERATOR_LOSSES, lambda a: discriminator_loss(a, -a)])
def test_gradients_against_finite_differences(loss):
    assert torch.autograd.gradcheck(loss, (logits(6, 1).clamp(-8, 8).requires_grad_(),))
