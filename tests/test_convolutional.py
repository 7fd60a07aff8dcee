"""Nets of convolutions: sizes, what stands where, and the same numbers in any order in memory."""

import pytest
import torch
from torch import nn

from gan_lib import models, training

pytestmark = pytest.mark.usefixtures("one_thread")

GENERATORS = [models.conv_generator, models.dcgan_generator, models.residual_generator]
DISCRIMINATORS = [
    models.conv_discriminator,
    models.dcgan_discriminator,
    models.residual_discriminator,
]


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def weights_of(net):
    return sum(weight.numel() for weight in net.parameters())


@pytest.mark.parametrize("build", GENERATORS)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 8, 12)])
def test_generators_make_images_in_the_range_of_tanh(build, shape):
    x = build(noise_dim=7, shape=shape, channels=(6, 4))(10 * normal(5, 7))
    assert x.shape == (5, *shape) and x.abs().max() <= 1


@pytest.mark.parametrize("build", DISCRIMINATORS)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 8, 12)])
def test_discriminators_give_a_logit_a_sample(build, shape):
    a = build(shape=shape, channels=(4, 6))(30 * normal(64, *shape))
    assert a.shape == (64, 1) and a.min() < a.max()


@pytest.mark.parametrize("upsampling", models.convolutional.UPSAMPLING)
def test_each_upsampling_doubles_twice(upsampling):
    net = models.conv_generator(upsampling=upsampling)
    assert net(normal(2, 100)).shape == (2, 1, 28, 28)
    transposed = [layer for layer in net if isinstance(layer, nn.ConvTranspose2d)]
    doubling = [layer for layer in net if isinstance(layer, nn.Upsample)]
    assert (len(transposed), len(doubling)) == ((2, 0) if upsampling == "transposed" else (0, 2))


def test_numbers_of_weights():
    """Counted by hand, layer by layer."""
    dense = 100 * 256 + 2 * 256 + 256 * 1568 + 2 * 1568
    assert weights_of(models.conv_generator()) == dense + 32 * 16 * 9 + 2 * 16 + 16 * 9 + 1
    convolutions = 16 * 16 + 16 + 32 * 16 * 16 + 32
    assert weights_of(models.conv_discriminator()) == convolutions + 1568 * 128 + 128 + 128 + 1


@pytest.mark.parametrize("build", GENERATORS + DISCRIMINATORS)
def test_the_order_in_memory_changes_no_number(build):
    net = build().double().eval()
    x = normal(3, 100) if build in GENERATORS else normal(3, 1, 28, 28)
    found = net(x.double())
    convolutions = [w for w in net.parameters() if w.ndim == 4 and min(w.shape[:2]) > 1]
    assert convolutions
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in convolutions)
    usual = net.to(memory_format=torch.contiguous_format)
    torch.testing.assert_close(found, usual(x.double()), rtol=1e-12, atol=1e-12)


def test_who_mixes_the_batch():
    mixing = {
        build.__name__: training.mixes_batch(build()) for build in GENERATORS + DISCRIMINATORS
    }
    assert [name for name, mixes in mixing.items() if mixes] == [
        "conv_generator",
        "dcgan_generator",
        "dcgan_discriminator",
    ]


@pytest.mark.parametrize("net", [models.dcgan_generator(), models.dcgan_discriminator()])
def test_the_dcgans_weights_start_normal(net):
    for layer in net:
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.2)
            assert abs(layer.weight.mean().item()) < 0.005
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.weight.mean().item() == pytest.approx(1, abs=0.02)
            assert not layer.bias.any()


def test_a_residual_block_starts_as_the_identity_and_learns():
    block, x = models.Residual(8), normal(2, 8, 5, 5)
    torch.testing.assert_close(block(x), x, rtol=0, atol=0)
    block(x).square().sum().backward()
    assert block.branch[-1].weight.grad.abs().max() > 0


@pytest.mark.parametrize("build", GENERATORS + DISCRIMINATORS)
def test_bad_sizes_are_named(build):
    with pytest.raises(ValueError, match=r"shape must be .*multiples of 4, not \(1, 28, 30\)"):
        build(shape=(1, 28, 30))
    with pytest.raises(ValueError, match=r"shape must be .*, not \(28, 28\)"):
        build(shape=(28, 28))
    with pytest.raises(ValueError, match=r"shape\[0\] must be a positive whole number, not 0"):
        build(shape=(0, 28, 28))
    with pytest.raises(ValueError, match=r"channels must be two numbers, not \(4,\)"):
        build(channels=(4,))
    with pytest.raises(ValueError, match=r"channels\[1\] must be a positive whole number"):
        build(channels=(4, -1))


def test_other_bad_arguments_are_named():
    with pytest.raises(ValueError, match="upsampling must be one of nearest, .* not 'cubic'"):
        models.conv_generator(upsampling="cubic")
    with pytest.raises(ValueError, match="hidden must be a positive whole number, not 0"):
        models.conv_discriminator(hidden=0)
    with pytest.raises(ValueError, match="noise_dim must be a positive whole number"):
        models.residual_generator(noise_dim=0)


@pytest.mark.parametrize("objective", ["non_saturating", "relativistic"])
def test_the_loop_trains_them_and_keeps_their_layout(objective):
    nets = models.residual_generator(channels=(6, 4)), models.conv_discriminator(channels=(4, 6))
    settings = {"steps": 3, "batch_size": 8, "r1": 0.1, "penalty_every": 2, "device": "cpu"}
    state = training.start(*nets, objective=objective, precision="float32", **settings)
    *weights, last_bias = [weight for net in nets for weight in net.parameters()]
    before = [weight.detach().clone() for weight in weights]
    bias_before = last_bias.item()
    images = torch.randint(256, (50, 28, 28), dtype=torch.uint8)
    assert len(list(training.train(state, images))) == 3
    assert all((a != b).any() for a, b in zip(before, weights))
    in_pairs = objective == "relativistic"  # there a constant in D cancels
    assert (last_bias.item() == bias_before) is in_pairs
    assert all(
        w.is_contiguous(memory_format=torch.channels_last)
        for w in training.averaged_generator(state).parameters()
        if w.ndim == 4
    )
