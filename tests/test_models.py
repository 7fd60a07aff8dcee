"""The players: shapes, ranges, seeds, and every layer against its formula."""

import pytest
import torch
from torch import nn

from gan_lib.models import (
    Maxout,
    MinibatchDiscrimination,
    conv_discriminator,
    conv_generator,
    dcgan_discriminator,
    dcgan_generator,
    digit_classifier,
    embedding,
    maxout_discriminator,
    mlp_discriminator,
    mlp_generator,
    plane_discriminator,
    plane_generator,
    relu_generator,
    residual_discriminator,
    residual_generator,
    toy_discriminator,
    toy_generator,
    with_minibatch_discrimination,
    with_spectral_norm,
)
from gan_lib.training import mixes_batch

IMAGE = (1, 28, 28)
BUILDERS = [
    mlp_generator,
    mlp_discriminator,
    toy_generator,
    toy_discriminator,
    plane_generator,
    plane_discriminator,
    relu_generator,
    maxout_discriminator,
    digit_classifier,
    conv_generator,
    conv_discriminator,
    dcgan_generator,
    dcgan_discriminator,
    residual_generator,
    residual_discriminator,
    embedding,
]


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def weights(net):
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


@pytest.mark.parametrize(
    "net, inputs, outputs",
    [
        (mlp_generator(), (100,), IMAGE),
        (mlp_generator(noise_dim=7, shape=(3, 8, 8), hidden=(16, 32)), (7,), (3, 8, 8)),
        (mlp_generator(noise_dim=7, shape=(5,), hidden=(16,)), (7,), (5,)),
        (mlp_discriminator(), IMAGE, (1,)),
        (mlp_discriminator(shape=(5,), hidden=(16, 8, 4)), (5,), (1,)),
        (toy_generator(), (1,), (1,)),
        (toy_generator(noise_dim=3, hidden=(8,)), (3,), (1,)),
        (toy_discriminator(hidden=(8, 8, 8)), (1,), (1,)),
        (plane_generator(noise_dim=5, hidden=(8,)), (5,), (2,)),
        (plane_discriminator(hidden=(8,), slope=0.2), (2,), (1,)),
        (maxout_discriminator(), IMAGE, (1,)),
        (maxout_discriminator(shape=(5,), units=6, pieces=2, layers=3), (5,), (1,)),
    ],
)
def test_shapes(net, inputs, outputs):
    assert net(normal(4, *inputs)).shape == (4, *outputs)


def test_images_fill_the_range_of_tanh():
    images = mlp_generator()(100 * normal(64, 100))
    assert -1 <= images.min() < -0.5
    assert 0.5 < images.max() <= 1


@pytest.mark.parametrize(
    "build, inputs",
    [(mlp_discriminator, IMAGE), (toy_discriminator, (1,)), (maxout_discriminator, IMAGE)],
)
def test_discriminators_answer_with_logits(build, inputs):
    answers = [build(seed=seed)(100 * normal(64, *inputs)) for seed in range(4)]
    assert torch.cat(answers).min() < 0  # no probability
    assert isinstance(build()[-1], nn.Linear)


@pytest.mark.parametrize("build", BUILDERS)
def test_same_seed_same_weights(build):
    torch.manual_seed(1)
    first = build(seed=3)
    torch.manual_seed(2)
    torch.testing.assert_close(weights(build(seed=3)), weights(first), rtol=0, atol=0)


@pytest.mark.parametrize("build", BUILDERS)
def test_other_seed_other_weights(build):
    kinds = (nn.Linear, nn.Embedding)
    linear = [module for module in build(seed=0).modules() if isinstance(module, kinds)]
    other = [module for module in build(seed=1).modules() if isinstance(module, kinds)]
    assert linear
    assert all((a.weight != b.weight).any() for a, b in zip(linear, other, strict=True))


@pytest.mark.parametrize("build", BUILDERS)
def test_global_random_state_is_left_as_it_was(build):
    before = [torch.get_rng_state(), *torch.cuda.get_rng_state_all()]
    build(seed=5)
    after = [torch.get_rng_state(), *torch.cuda.get_rng_state_all()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_batch_norm_stands_after_every_hidden_layer_but_the_first():
    norms = [
        module
        for module in mlp_generator(hidden=(8, 16, 32)).modules()
        if isinstance(module, nn.BatchNorm1d)
    ]
    assert [norm.num_features for norm in norms] == [16, 32]


def test_batch_norm_keeps_its_default_settings():
    norms = [module for module in mlp_generator().modules() if isinstance(module, nn.BatchNorm1d)]
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-5, 0.1)}


def test_generator_against_its_formula():
    net, z = mlp_generator(noise_dim=3, shape=(2, 2), hidden=(4, 5)), normal(6, 3)
    first, second, last = (module for module in net if isinstance(module, nn.Linear))
    h = nn.functional.leaky_relu(first(z), 0.2)
    h = second(h)
    h = (h - h.mean(0)) / (h.var(0, correction=0) + 1e-5).sqrt()  # BatchNorm of a new net
    expected = last(nn.functional.leaky_relu(h, 0.2)).tanh().reshape(6, 2, 2)
    torch.testing.assert_close(net(z), expected)


def test_discriminator_against_its_formula():
    net, x = mlp_discriminator(shape=(2, 3), hidden=(4, 5)), normal(6, 2, 3)
    first, second, last = (module for module in net if isinstance(module, nn.Linear))
    h = nn.functional.leaky_relu(first(x.reshape(6, 6)), 0.2)
    torch.testing.assert_close(net(x), last(nn.functional.leaky_relu(second(h), 0.2)))


@pytest.mark.parametrize("build", [toy_generator, toy_discriminator])
def test_toy_nets_against_their_formula(build):
    net, x = build(), normal(6, 1)
    first, second, last = (module for module in net if isinstance(module, nn.Linear))
    torch.testing.assert_close(net(x), last(second(first(x).tanh()).tanh()))


def test_maxout_takes_the_largest_of_its_pieces():
    layer, x = Maxout(inputs=3, units=4, pieces=5), normal(6, 3)
    w, b = layer.linear.weight.reshape(4, 5, 3), layer.linear.bias.reshape(4, 5)
    torch.testing.assert_close(layer(x), (torch.einsum("uji,bi->buj", w, x) + b).max(dim=2).values)


def test_maxout_of_two_pieces_can_be_the_absolute_value():
    layer = Maxout(inputs=1, units=1, pieces=2)
    layer.load_state_dict(
        {"linear.weight": torch.tensor([[1.0], [-1.0]]), "linear.bias": torch.zeros(2)}
    )
    x = torch.tensor([[-2.0], [0.0], [3.0]])
    assert torch.equal(layer(x), x.abs())


@pytest.mark.parametrize("active", ["dropout", "input_dropout"])
def test_dropout_is_active_in_training_only(active):
    x, rates = normal(8, 5), {"dropout": 0.0, "input_dropout": 0.0}
    with_dropout, without = (
        maxout_discriminator(shape=(5,), init=0.5, **rates | extra) for extra in ({active: 0.5}, {})
    )
    assert not torch.equal(with_dropout(x), without(x))
    assert torch.equal(with_dropout.eval()(x), without(x))


def test_dropout_stands_on_the_pixels_and_after_every_maxout_layer():
    net = maxout_discriminator(layers=3, dropout=0.3, input_dropout=0.1)
    assert [type(module).__name__ for module in net] == [
        "Flatten",
        "Dropout",
        *["Maxout", "Dropout"] * 3,
        "Linear",
    ]
    assert [module.p for module in net if isinstance(module, nn.Dropout)] == [0.1, 0.3, 0.3, 0.3]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_papers_generator_makes_pixels_in_the_unit_interval(batch_norm):
    net = relu_generator(noise_dim=7, hidden=(30, 20), batch_norm=batch_norm, init=2.0)
    x = net(normal(64, 7))
    assert x.shape == (64, 1, 28, 28) and 0 <= x.min() < 0.1 and 0.9 < x.max() <= 1
    norms = [module for module in net if isinstance(module, nn.BatchNorm1d)]
    assert [norm.num_features for norm in norms] == ([30, 20] if batch_norm else [])
    assert len(set(map(id, norms))) == len(norms)


@pytest.mark.parametrize(
    ("net", "init"), [(relu_generator(init=0.05), 0.05), (maxout_discriminator(init=0.005), 0.005)]
)
def test_the_papers_nets_start_uniform(net, init):
    for name, parameter in net.named_parameters():
        if parameter.ndim == 1:
            assert not parameter.any(), name
        else:
            assert (
                parameter.abs().max() <= init and abs(parameter.std() / (init / 3**0.5) - 1) < 0.2
            ), name


def test_the_classifier_reads_images_of_digits():
    net = digit_classifier(classes=7, features=11)
    assert net(normal(3, 1, 28, 28)).shape == (3, 7)
    features = net[:-1](normal(3, 1, 28, 28))
    assert features.shape == (3, 11) and (features >= 0).all()


@pytest.mark.parametrize("wrong", [0, -1, 1.5, None])
@pytest.mark.parametrize(
    "build, name",
    [
        (mlp_generator, "noise_dim"),
        (toy_generator, "noise_dim"),
        (maxout_discriminator, "units"),
        (maxout_discriminator, "pieces"),
        (maxout_discriminator, "layers"),
        (relu_generator, "noise_dim"),
        (digit_classifier, "classes"),
        (digit_classifier, "features"),
    ],
)
def test_wrong_sizes_are_named(build, name, wrong):
    with pytest.raises(ValueError, match=f"{name} must be"):
        build(**{name: wrong})


@pytest.mark.parametrize("wrong", [0, -1, 1.5, None])
@pytest.mark.parametrize(
    "build", [mlp_generator, mlp_discriminator, toy_generator, toy_discriminator]
)
def test_wrong_widths_are_named(build, wrong):
    with pytest.raises(ValueError, match=r"hidden\[1\] must be"):
        build(hidden=(4, wrong, 4))


def test_generator_needs_a_hidden_layer():
    with pytest.raises(ValueError, match="hidden"):
        mlp_generator(hidden=())


@pytest.mark.parametrize("name", ["inputs", "units", "pieces"])
def test_wrong_maxout_sizes_are_named(name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Maxout(**{"inputs": 1, "units": 1, "pieces": 1, name: 0})


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_wrong_dropout_is_named(wrong):
    with pytest.raises(ValueError, match="dropout"):
        maxout_discriminator(dropout=wrong)


def spectral_perceptron(seed=0):
    return with_spectral_norm(mlp_discriminator((1, 4, 4), (20, 10)), seed=seed)


def test_spectral_norm_makes_each_matrix_one_of_norm_1():
    net = spectral_perceptron()
    for _ in range(200):  # power iteration settles
        net(normal(2, 1, 4, 4))
    for layer in net.eval():
        if isinstance(layer, nn.Linear):
            assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=1e-3)


def test_spectral_norm_draws_from_its_seed_alone():
    before = torch.random.get_rng_state()
    first, again, other = (spectral_perceptron(seed)(normal(3, 1, 4, 4)) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_spectral_norm_needs_a_layer():
    with pytest.raises(ValueError, match="no linear or convolutional layer"):
        with_spectral_norm(nn.Sequential(nn.ReLU()))


# Minibatch discrimination.


def test_a_d_that_compares_is_the_old_one_with_new_ends():
    net = plane_discriminator(seed=1)
    comparing = with_minibatch_discrimination(net, kernels=3, width=2, seed=4)
    assert comparing[:-2][0] is net[0] and comparing(normal(7, 2)).shape == (7, 1)
    assert comparing[-2].linear.weight.shape == (6, 64) and comparing[-1].in_features == 67
    again = with_minibatch_discrimination(net, kernels=3, width=2, seed=4)
    other = with_minibatch_discrimination(net, kernels=3, width=2, seed=5)
    assert torch.equal(comparing[-1].weight, again[-1].weight)
    assert not torch.equal(comparing[-1].weight, other[-1].weight)
    with pytest.raises(ValueError, match="must end in a linear layer, not in ReLU"):
        with_minibatch_discrimination(net[:-1])


def test_minibatch_features_against_the_naive_loop():
    layer, f = MinibatchDiscrimination(5, 3, 2), normal(7, 5)
    m = (f @ layer.linear.weight.T).reshape(7, 3, 2)
    expected = torch.zeros(7, 3)
    for i in range(7):
        for j in range(7):
            if i != j:
                expected[i] += torch.exp(-(m[i] - m[j]).abs().sum(1))
    out = layer(f)
    assert torch.equal(out[:, :5], f)
    torch.testing.assert_close(out[:, 5:], expected, atol=1e-6, rtol=1e-6)


def test_copies_are_as_near_as_can_be():
    layer = MinibatchDiscrimination(5)
    near = layer(torch.ones(9, 5))[:, 5:]
    torch.testing.assert_close(near, torch.full((9, 8), 8.0))


def test_the_loop_judges_real_and_fake_apart():
    assert mixes_batch(nn.Sequential(nn.Linear(2, 5), MinibatchDiscrimination(5), nn.Linear(13, 1)))


def test_sizes_must_be_positive():
    with pytest.raises(ValueError, match="kernels must be a positive whole number"):
        MinibatchDiscrimination(5, kernels=0)


# Players in the plane.


def test_the_plane_judge_leaks_by_its_slope():
    bends = [
        module for module in plane_discriminator(slope=0.3) if hasattr(module, "negative_slope")
    ]
    assert [bend.negative_slope for bend in bends] == [0.3, 0.3]
    assert any(isinstance(module, nn.ReLU) for module in plane_discriminator())


def test_the_plane_judge_may_take_packs():
    packed = plane_discriminator(size=3, seed=1)
    x = normal(6, 2)
    assert packed(x).shape == (2, 1)
    torch.testing.assert_close(packed(x), packed.discriminator(x.reshape(2, 6)))
    with pytest.raises(ValueError, match="size must be a positive whole number"):
        plane_discriminator(size=0)
