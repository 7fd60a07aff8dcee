"""Conditions: nets of two arguments, the auxiliary classifier's game, measures class by class."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, softplus

from gan_lib import checkpoint, data, evaluation, losses, models, training
from gan_lib.judges import beside_the_truth
from gan_lib.objectives import Objective
from gan_lib.penalties import gradient_norms

pytestmark = pytest.mark.usefixtures("one_thread")

Y = torch.tensor([2, 0, 1, 2])


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def small_d(inputs=6, seed=1):
    return models.mlp_discriminator((inputs,), hidden=(5, 4), seed=seed)


def test_one_hot():
    assert models.OneHot(3)(Y).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert models.OneHot(3)(Y).dtype == torch.float32


@pytest.mark.parametrize(
    "encode, width", [(models.OneHot(3), 3), (models.embedding(3, 2, seed=4), 2)]
)
def test_a_condition_stands_beside_the_sample(encode, width):
    inner = small_d(6 + width)
    x = normal(4, 2, 3)
    for i, answer in enumerate(models.Conditional(inner, encode)(x, Y)):
        row = torch.cat([x[i].flatten(), encode(Y[i : i + 1])[0]])
        torch.testing.assert_close(answer, inner(row[None])[0])


def test_a_picture_may_be_the_condition():
    net = models.Conditional(models.mlp_generator(7 + 6, shape=(1, 2, 3)), nn.Flatten()).eval()
    z, y = normal(4, 7), normal(4, 1, 2, 3)
    assert net(z, y).shape == (4, 1, 2, 3)
    torch.testing.assert_close(net(z, y), net.net(torch.cat([z, y.reshape(4, 6)], 1)))


def test_the_projection_against_a_loop_and_blind_at_first():
    inner = small_d()
    net, x = models.Projection(inner, classes=3), normal(4, 6)
    torch.testing.assert_close(net(x, Y), inner(x), rtol=0, atol=0)
    nn.init.normal_(net.embedding.weight, generator=torch.Generator().manual_seed(3))
    f = inner[:-1](x)
    for i, y in enumerate(Y):
        by_hand = inner(x)[i, 0] + sum(f[i, j] * net.embedding.weight[y, j] for j in range(4))
        torch.testing.assert_close(net(x, Y)[i, 0], by_hand)


def test_the_projection_can_be_the_log_ratio_of_pairs():
    """Two bells of each kind: the best logit is linear in x, with a slope for each class."""
    identity = nn.Sequential(nn.Identity(), nn.Linear(1, 1))
    net = models.Projection(identity, classes=2)
    real, made = torch.tensor([-1.0, 2.0]), torch.tensor([0.5, 0.25])  # means, variance 1
    x, y = normal(50, 1), torch.arange(50) % 2
    ratio = ((x[:, 0] - made[y]) ** 2 - (x[:, 0] - real[y]) ** 2) / 2
    # slope real_y - made_y; the constants differ from class to class, so x gets a constant 1
    wide = nn.Sequential(nn.Identity(), nn.Linear(2, 1))
    net = models.Projection(wide, classes=2)
    with torch.no_grad():
        nn.init.zeros_(wide[-1].weight), nn.init.zeros_(wide[-1].bias)
        constants = (made.square() - real.square()) / 2
        net.embedding.weight.copy_(torch.stack([real - made, constants], 1))
    found = net(torch.cat([x, torch.ones(50, 1)], 1), y)[:, 0]
    torch.testing.assert_close(found, ratio, rtol=1e-4, atol=1e-5)


def test_the_auxiliary_classifiers_answers_and_losses():
    net = models.with_auxiliary_classifier(small_d(), classes=3, seed=2)
    real, fake = normal(4, 6), normal(4, 6, seed=1)
    answers = net(real, Y)
    assert answers.shape == (4, 2)
    f = net.features(real)
    torch.testing.assert_close(answers[:, :1], net.last(f))
    torch.testing.assert_close(-answers[:, 1].mean(), cross_entropy(net.classify(f), Y))

    a, b = net(real, Y), net(fake, Y)
    class_loss = sum(cross_entropy(net.classify(net.features(x)), Y) for x in (real, fake))
    expected = softplus(-a[:, 0]).mean() + softplus(b[:, 0]).mean() + class_loss
    torch.testing.assert_close(losses.auxiliary_discriminator_loss(a, b), expected)
    expected = softplus(-b[:, 0]).mean() + cross_entropy(net.classify(net.features(fake)), Y)
    torch.testing.assert_close(losses.auxiliary_generator_loss(b), expected)


def test_same_seed_same_auxiliary_classifier():
    first, second, other = (
        models.with_auxiliary_classifier(small_d(), 3, seed=seed).classify.weight
        for seed in (2, 2, 3)
    )
    assert torch.equal(first, second) and not torch.equal(first, other)


@pytest.mark.parametrize("build", [models.Projection, models.with_auxiliary_classifier])
def test_only_nets_with_one_linear_answer_can_be_split(build):
    with pytest.raises(ValueError, match="net must end in a linear layer with one answer"):
        build(nn.Sequential(nn.Linear(3, 1), nn.Sigmoid()))
    with pytest.raises(ValueError, match="net must end in a linear layer with one answer"):
        build(nn.Sequential(nn.Linear(3, 2)))
    with pytest.raises(ValueError, match="classes must be a positive whole number, not 0"):
        build(small_d(), 0)


def players(auxiliary=False):
    generator = models.mlp_generator(4 + 3, shape=(6,), hidden=(5, 5), seed=0)
    if auxiliary:
        discriminator = models.with_auxiliary_classifier(small_d(), 3, seed=2)
    else:
        discriminator = models.Projection(small_d(), 3)
    return models.Conditional(generator, models.OneHot(3)), discriminator


def begin(*nets, **settings):
    settings = {"steps": 4, "batch_size": 8, "noise_dim": 4, "precision": "float32"} | settings
    return training.start(*nets, device="cpu", **settings)


SAMPLES, LABELS = normal(30, 6).clamp(-1, 1), torch.arange(30) % 3


def test_the_loop_plays_the_auxiliary_classifiers_game():
    state = begin(*players(auxiliary=True), objective="auxiliary_classifier")
    before = state.discriminator.classify.weight.detach().clone()
    steps = list(training.train(state, (SAMPLES, LABELS)))
    assert all(0 < step.d_real < 1 and 0 < step.d_fake < 1 for step in steps)
    assert (before != state.discriminator.classify.weight).any()


def test_a_d_with_too_few_answers_is_refused():
    state = begin(*players(), objective="auxiliary_classifier")
    with pytest.raises(ValueError, match=r"discriminator must return 2 numbers a sample, \(B, 2\)"):
        next(training.train(state, (SAMPLES, LABELS)))
    state = begin(*players(auxiliary=True))
    with pytest.raises(ValueError, match=r"must return one logit a sample, \(B, 1\)"):
        next(training.train(state, (SAMPLES, LABELS)))


def test_r1_looks_at_the_logit_alone():
    net, x = models.with_auxiliary_classifier(small_d(), 3, seed=2), normal(4, 6)
    of_logit = gradient_norms(lambda x: net.last(net.features(x)), x)
    torch.testing.assert_close(gradient_norms(lambda x: net(x, Y), x), of_logit)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, None])
def test_a_wrong_number_of_answers_is_named(wrong):
    with pytest.raises(ValueError, match="answers must be a positive whole number"):
        Objective(answers=wrong)


def test_rows_of_samples_and_labels_are_the_same_game():
    """A conditional GAN is a GAN on pairs: with rows (x, one-hot) the loop takes the same steps."""
    x, y, one_hot = SAMPLES[:8], LABELS[:8], models.OneHot(3)
    conditional = begin(players()[0], models.Conditional(small_d(6 + 3), one_hot))
    of_rows = begin(RowsOf(players()[0], y), small_d(6 + 3))
    by_labels = list(training.train(conditional, [(x, y)]))
    by_rows = list(training.train(of_rows, [torch.cat([x, one_hot(y)], 1)]))
    assert len(by_rows) == 4
    for one, other in zip(by_rows, by_labels, strict=True):
        assert vars(one) == pytest.approx(vars(other), rel=1e-5)


class RowsOf(nn.Module):
    """A G of pairs: it has labels of its own, and returns sample and label as one row."""

    def __init__(self, generator, labels):
        super().__init__()
        self.generator, self.own = generator, labels

    def forward(self, z):
        y = self.own[: len(z)]
        return torch.cat([self.generator(z, y), models.OneHot(3)(y)], 1)


def test_statistics_of_a_g_that_takes_labels_are_those_under_its_labels():
    state = begin(*players())
    for _ in training.train(state, (SAMPLES, LABELS)):
        pass
    with pytest.raises(ValueError, match="labels are missing: the generator takes some"):
        training.averaged_generator(state)
    z, zeros = normal(5, 4), torch.zeros(5, dtype=torch.long)
    of_all = training.averaged_generator(state, LABELS)
    of_zeros = training.averaged_generator(state, torch.zeros(1, dtype=torch.long))
    assert not torch.allclose(of_all(z, zeros), of_zeros(z, zeros), atol=1e-4)
    again = training.averaged_generator(state, LABELS)
    assert torch.equal(of_all(z, zeros), again(z, zeros))


@pytest.mark.parametrize("auxiliary", [False, True])
def test_a_conditional_run_is_resumed_to_the_last_bit(auxiliary, tmp_path):
    game = {"objective": "auxiliary_classifier"} if auxiliary else {}
    whole = begin(*players(auxiliary), **game)
    expected = list(training.train(whole, (SAMPLES, LABELS)))
    broken, path = begin(*players(auxiliary), **game), tmp_path / "gan.safetensors"
    walk = training.train(broken, (SAMPLES, LABELS))
    before = [next(walk), next(walk)]
    checkpoint.save(path, broken)
    resumed = checkpoint.load(path, *players(auxiliary), device="cpu")
    assert before + list(training.train(resumed, (SAMPLES, LABELS))) == expected

    checkpoint.save(path, resumed)
    loaded = checkpoint.load_generator(path, players()[0], labels=LABELS)
    z, y = normal(5, 4), torch.arange(5) % 3
    assert torch.equal(loaded(z, y), training.averaged_generator(whole, LABELS)(z, y))


def test_fresh_statistics_against_one_large_batch():
    generator, _ = players()
    settings = training.Settings(batch_size=8, noise_dim=4)
    ones = torch.ones(8000, dtype=torch.long)
    fresh = training.with_fresh_statistics(generator, settings, batches=1000, labels=ones)
    z = normal(8000, 4, seed=5)
    assert (generator.train()(z, ones) - fresh(z, ones)).abs().max() < 0.05


def test_the_truth_is_judged_beside_the_logit():
    x, real = normal(4, 6), normal(4, 6, seed=2)
    d = models.Projection(small_d(), 3)
    answers = beside_the_truth(d, real, None, (Y,), None)(x)
    torch.testing.assert_close(answers[:, 0], d(x, Y)[:, 0])
    torch.testing.assert_close(answers[:, 1], (x - real).abs().mean(1))
    expected = softplus(-d(x, Y)).mean() + 7 * (x - real).abs().mean()
    torch.testing.assert_close(losses.supervised_generator_loss(answers, 7.0), expected)
    with pytest.raises(ValueError, match="weight must be a number that is at least 0, not -1"):
        losses.supervised_generator_loss(answers, -1)


def test_the_supervised_loss_alone_finds_the_conditional_median():
    """y = 0 or 1; x is y, but at one time in four it is far off: the mean lies elsewhere."""
    labels = torch.arange(80) % 2
    off = (torch.arange(80) // 2) % 4 == 0
    samples = torch.where(off, -1.0, 0.4 * labels)[:, None]
    generator = models.Conditional(models.toy_generator(1 + 2), models.OneHot(2))
    game = Objective(g_loss=lambda answers: answers[:, 1].mean(), judge=beside_the_truth)
    d = models.Projection(models.toy_discriminator(), 2)
    state = begin(generator, d, noise_dim=1, objective=game, steps=600, batch_size=64, lr_g=3e-3)
    for _ in training.train(state, (samples, labels)):
        pass
    drawn = training.averaged_generator(state, labels)(normal(80, 1), labels)[:, 0]
    assert (drawn - 0.4 * labels).abs().max() < 0.1


def test_obedience():
    p = torch.eye(3)[torch.tensor([0, 0, 1, 1, 2])]
    found = evaluation.obedience(p, [0, 1, 1, 1, 1])
    assert found[0] == 1 and found[1] == 0.5 and np.isnan(found[2])
    with pytest.raises(ValueError, match="asked must hold a class, a whole number, for each of 5"):
        evaluation.obedience(p, [0, 1])
    with pytest.raises(ValueError, match="asked must hold classes from 0 to 2"):
        evaluation.obedience(p, [0, 1, 1, 1, 3])
    with pytest.raises(ValueError, match="asked must hold a class, a whole number"):
        evaluation.obedience(p, [0.0, 1, 1, 1, 1])


def test_by_class_measures_each_class_by_itself():
    real, fake = normal(60, 4), normal(90, 4, seed=1) + 1
    real_labels, asked = torch.arange(60) % 3, torch.arange(90) % 3
    found = evaluation.by_class(evaluation.frechet_distance, real, real_labels, fake, asked)
    expected = [evaluation.frechet_distance(real[k::3], fake[k::3]) for k in range(3)]
    assert found == pytest.approx(expected)
    pairs = evaluation.by_class(evaluation.precision_and_recall, real, real_labels, fake, asked)
    assert pairs.shape == (3, 2)
    with pytest.raises(ValueError, match=r"asked has no sample of the classes \[2\]"):
        evaluation.by_class(evaluation.frechet_distance, real, real_labels, fake, asked % 2)
    with pytest.raises(ValueError, match="real_labels must hold a class"):
        evaluation.by_class(evaluation.frechet_distance, real, asked, fake, asked)
    with pytest.raises(ValueError, match="asked must hold classes at least 0"):
        evaluation.by_class(evaluation.frechet_distance, real, real_labels, fake, asked - 1)


def test_stacked_digits_are_three_independent_ones():
    images = torch.arange(10, dtype=torch.uint8)[:, None, None].expand(10, 28, 28)
    sample = data.stacked(images)
    x = sample(4000, torch.Generator().manual_seed(0))
    assert x.shape == (4000, 3, 28, 28) and x.dtype == torch.uint8
    digits = x[:, :, 0, 0].double()
    assert torch.equal(x, x[:, :, :1, :1].expand_as(x))  # each colour is one whole image
    correlation = torch.corrcoef(digits.T)
    assert (correlation - torch.eye(3)).abs().max() < 0.06
    assert len(torch.unique(100 * digits[:, 0] + 10 * digits[:, 1] + digits[:, 2])) > 950
    assert torch.equal(x, sample(4000, torch.Generator().manual_seed(0)))
    with pytest.raises(ValueError, match=r"images must be bytes \(m, height, width\)"):
        data.stacked(images.float())
    with pytest.raises(ValueError, match=r"not torch.uint8 \(10, 1, 28, 28\)"):
        data.stacked(images[:, None])
