"""The measures against scikit-learn, SciPy, torchmetrics, closed forms and cases done by hand."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import linalg, stats
from sklearn.neighbors import KernelDensity, NearestNeighbors

from gan_lib import data, files, mnist_files
from gan_lib.evaluation import (
    SIGMAS,
    _samples,
    choose_sigma,
    class_coverage,
    classifier,
    copying_test,
    digit_classifier,
    features_and_probabilities,
    frechet_distance,
    gaussian_frechet_distance,
    inception_score,
    nearest,
    parzen_log_density,
    parzen_log_likelihood,
    precision_and_recall,
    to_pixels,
    two_sample_test,
)

NAN, INF = float("nan"), float("inf")


def normal(*shape, seed=0, scale=1.0, mean=0.0):
    return np.random.default_rng(seed).normal(mean, scale, shape)


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks so small that every sum is gathered from several."""
    monkeypatch.setattr(_samples, "BLOCK_ROWS", 7)


# Parzen windows.


@pytest.mark.parametrize(("n", "m", "dim"), [(1, 1, 1), (3, 40, 2), (40, 3, 5), (50, 30, 784)])
@pytest.mark.parametrize("sigma", [0.1, 0.5, 3.0])
def test_parzen_is_kernel_density(n, m, dim, sigma, small_blocks):
    samples, test = normal(n, dim), normal(m, dim, seed=1)
    expected = KernelDensity(bandwidth=sigma).fit(samples).score_samples(test)
    np.testing.assert_allclose(parzen_log_density(samples, test, sigma), expected, rtol=1e-10)
    mean, error = parzen_log_likelihood(samples, test, sigma)
    assert mean == pytest.approx(expected.mean(), rel=1e-10)
    assert error == pytest.approx(expected.std() / math.sqrt(m), rel=1e-7, abs=1e-9)


def test_parzen_of_many_in_784_dimensions():
    """KernelDensity needs one leaf for all: its small ones go astray in so many dimensions."""
    samples, test = np.random.default_rng(0).random((2, 300, 784))
    expected = KernelDensity(bandwidth=0.2, leaf_size=300).fit(samples).score_samples(test)
    np.testing.assert_allclose(parzen_log_density(samples, test, 0.2), expected, rtol=1e-10)
    mean, error = parzen_log_likelihood(samples.astype(np.float32), test.astype(np.float32), 0.2)
    assert mean == pytest.approx(expected.mean(), rel=5e-7)
    assert error == pytest.approx(expected.std() / math.sqrt(300), rel=1e-4)


@pytest.mark.parametrize("sigma", [1e-2, 1e-3, 1e-6, 1e-21, 1e-170])
def test_narrow_windows(sigma):
    samples = np.random.default_rng(0).random((20, 784)).astype(np.float32)
    at_home, away = (
        parzen_log_density(samples, samples, sigma),
        parzen_log_density(samples, samples + 1, sigma),
    )
    if sigma >= 1e-6:  # below, even float64 does not tell a sample from its neighbourhood
        expected = -math.log(20) - 784 * math.log(sigma * math.sqrt(2 * math.pi))
        np.testing.assert_allclose(at_home, expected, rtol=1e-4)
    assert not at_home.isnan().any() and not away.isnan().any() and (away <= at_home).all()


def test_one_window_is_a_gaussian():
    centre, x = normal(1, 6), normal(20, 6, seed=1)
    expected = stats.multivariate_normal(centre[0], 0.49 * np.eye(6)).logpdf(x)
    np.testing.assert_allclose(parzen_log_density(centre, x, 0.7), expected, rtol=1e-12)


@pytest.mark.parametrize("dim", [1, 2])
def test_parzen_of_a_gaussian_has_its_known_expectation(dim):
    """Windows of width s round draws of N(0, 1) make N(0, 1 + s^2): E[log] of that is known."""
    sigma, n = 0.3, 10_000
    expected = dim * (-0.5 * math.log(2 * math.pi * (1 + sigma**2)) - 0.5 / (1 + sigma**2))
    mean, error = parzen_log_likelihood(normal(n, dim), normal(n, dim, seed=1), sigma)
    assert abs(mean - expected) < 4 * error
    assert error == pytest.approx(math.sqrt(dim / 2) / (1 + sigma**2) / math.sqrt(n), rel=0.05)


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(1, 5), st.floats(0.05, 10), st.integers(0, 1000))
def test_parzen_knows_neither_order_nor_copies_nor_origin(n, dim, sigma, seed):
    samples, points = normal(n, dim, seed=seed), normal(5, dim, seed=seed + 1)
    expected = parzen_log_density(samples, points, sigma)
    for changed, moved in (
        (samples[::-1].copy(), points),
        (np.repeat(samples, 3, 0), points),
        (samples + 100, points + 100),
    ):
        np.testing.assert_allclose(parzen_log_density(changed, moved, sigma), expected, rtol=1e-6)


def test_parzen_far_from_the_origin_in_float32():
    samples, test = normal(50, 10).astype(np.float32), normal(20, 10, seed=1).astype(np.float32)
    near, far = (
        parzen_log_density(samples + shift, test + shift, 0.5)
        for shift in (np.float32(0), np.float32(512))
    )
    np.testing.assert_allclose(near, far, rtol=1e-3)


def test_parzen_of_kernels_out_of_sight():
    """One kernel near each point and 9 999 that add nothing; and points far from every kernel."""
    samples = np.concatenate([[[0.0]], np.full((9_999, 1), 100.0)])
    one = -math.log(10_000) - math.log(0.1 * math.sqrt(2 * math.pi))
    assert parzen_log_density(
        samples, np.array([[0.0], [0.1], [-50.0]]), 0.1
    ).numpy() == pytest.approx([one, one - 0.5, one - 0.5 * 500**2], rel=1e-9)


def test_parzen_of_images_reads_every_shape_alike():
    images = np.random.default_rng(0).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    tensor = torch.from_numpy(images)
    expected = parzen_log_likelihood(to_pixels(tensor[:20]), to_pixels(tensor[20:]), 0.2)
    as_g_makes_them = data.to_tanh_range(tensor)[:, None]
    for given_images in (
        images,
        tensor,
        tensor[:, None],
        to_pixels(as_g_makes_them).reshape(-1, 1, 28, 28),
        to_pixels(tensor),
    ):
        assert parzen_log_likelihood(given_images[:20], given_images[20:], 0.2) == pytest.approx(
            expected, rel=1e-5
        )


def test_parzen_ignores_the_precision_of_training_and_puts_it_back():
    samples, test = (torch.from_numpy(normal(200, 784, seed=seed)).float() for seed in (0, 1))
    before = torch.get_float32_matmul_precision()
    exact = parzen_log_likelihood(samples, test, 0.5)
    try:
        torch.set_float32_matmul_precision("medium")
        assert parzen_log_likelihood(samples, test, 0.5) == exact
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


def test_memory_is_bounded(monkeypatch):
    """No block is larger than BLOCK_ROWS squared, however many samples there are."""
    monkeypatch.setattr(_samples, "BLOCK_ROWS", 16)
    shapes = block_shapes(torch.zeros(100, 3), torch.zeros(70, 3))
    assert max(map(max, shapes)) == 16 and sum(rows * columns for rows, columns in shapes) == 7000
    monkeypatch.setattr(_samples, "BLOCK_NUMBERS", 30)
    assert (
        max(map(max, block_shapes(torch.zeros(5, 10), torch.zeros(7, 10)))) == 3
    )  # of 10 numbers each


def block_shapes(points, samples):
    return [d2.shape for row in _samples.squared_distances(points, samples) for _, d2 in row]


def test_bytes_beside_negative_numbers():
    images = torch.randint(256, (5, 28, 28), generator=torch.Generator().manual_seed(0)).byte()
    for first, second in (
        (images, data.to_tanh_range(images)),
        (data.to_tanh_range(images), images),
    ):
        with pytest.raises(ValueError, match="one is bytes"):
            parzen_log_likelihood(first, second, 0.2)


def test_bytes_are_no_features():
    images = np.zeros((20, 4), np.uint8)
    for measure in (frechet_distance, precision_and_recall, two_sample_test):
        with pytest.raises(ValueError, match="features are bytes"):
            measure(images, normal(20, 4))


def test_sigma_is_chosen_by_validation():
    samples, validation = normal(60, 3), normal(40, 3, seed=1)
    sigmas = [0.05, 0.2, 0.5, 1.0, 4.0]
    scores = [KernelDensity(bandwidth=sigma).fit(samples).score(validation) for sigma in sigmas]
    assert choose_sigma(samples, validation, sigmas) == sigmas[int(np.argmax(scores))] == 0.5
    assert choose_sigma(samples, validation, np.array(sigmas[::-1])) == 0.5
    np.testing.assert_allclose(SIGMAS, np.logspace(-1, 0, 10))


@pytest.mark.parametrize("sigma", [0, -1, NAN, INF, 0.0, None, "0.2"])
def test_a_width_that_is_none_is_rejected(sigma):
    with pytest.raises(ValueError, match="sigma must be a positive number"):
        parzen_log_likelihood(normal(3, 2), normal(3, 2), sigma)
    with pytest.raises(ValueError, match="sigma must be a positive number"):
        choose_sigma(normal(3, 2), normal(3, 2), [0.5, sigma])


BAD_SAMPLES = [
    (np.zeros((0, 4)), "must hold samples"),
    (np.zeros((3, 0)), "must hold samples"),
    (np.float64(1.0), "must hold samples"),
    (np.array([[0.0, NAN, 0, 0]]), "not finite"),
    (np.array([[0.0, INF, 0, 0]]), "not finite"),
    (np.zeros((3, 5)), r"numbers each.*\b5|\b5 numbers each"),
    (np.zeros((3, 2, 4)), r"numbers each.*\b8|\b8 numbers each"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_SAMPLES)
def test_bad_samples_are_rejected_by_name(bad, message):
    good = normal(30, 4)
    with pytest.raises(ValueError, match=message):
        parzen_log_likelihood(bad, good, 0.5)
    with pytest.raises(ValueError, match=message):
        parzen_log_likelihood(good, bad, 0.5)
    with pytest.raises(ValueError, match=message):
        choose_sigma(good, bad, [0.5])
    for first, second in ((good, bad), (bad, good)):
        for measure in (frechet_distance, precision_and_recall, two_sample_test, nearest):
            with pytest.raises(ValueError, match=f"{message}|at least"):
                measure(first, second)


def test_no_widths_to_choose_from():
    with pytest.raises(ValueError, match="sigmas is empty"):
        choose_sigma(normal(3, 2), normal(3, 2), [])


def test_to_pixels():
    images = torch.tensor([[[0, 255]], [[51, 102]]], dtype=torch.uint8)
    np.testing.assert_allclose(to_pixels(images), [[0, 1], [0.2, 0.4]])
    np.testing.assert_allclose(
        to_pixels(data.to_tanh_range(images)), [[0, 1], [0.2, 0.4]], atol=1e-6
    )
    for bad in (
        torch.full((2, 3), 1.5),
        torch.full((2, 3), NAN),
        torch.zeros(0, 3),
        torch.zeros(3),
        torch.tensor([[0, 255]]),
    ):
        with pytest.raises(ValueError, match="images must"):
            to_pixels(bad)


# Fréchet distance.


def test_equal_covariances_give_the_squared_distance_of_the_means():
    a = normal(5, 5)
    covariance, shift = a @ a.T, np.arange(5.0)
    assert gaussian_frechet_distance(shift, covariance, np.zeros(5), covariance) == pytest.approx(
        (shift**2).sum(), rel=1e-9
    )
    features = normal(200, 5)
    assert frechet_distance(features, features + shift) == pytest.approx((shift**2).sum(), rel=1e-9)


def test_diagonal_covariances_give_the_squared_distance_of_the_deviations():
    s, t = np.array([1.0, 2, 3]), np.array([3.0, 2, 0])
    assert gaussian_frechet_distance(
        np.zeros(3), np.diag(s**2), np.zeros(3), np.diag(t**2)
    ) == pytest.approx(((s - t) ** 2).sum(), rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_frechet_against_the_matrix_root(seed):
    real, fake = normal(50, 8, seed=seed), normal(40, 8, seed=seed + 100, scale=1.5, mean=0.3)
    c1, c2 = np.cov(real.T), np.cov(fake.T)
    expected = ((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(
        c1 + c2 - 2 * linalg.sqrtm(c1 @ c2).real
    )
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(fake, real) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-6)


def test_frechet_of_features_that_do_not_vary():
    assert frechet_distance(np.ones((4, 3)), np.zeros((5, 3))) == pytest.approx(3)
    assert frechet_distance(normal(3, 10), normal(3, 10)) == pytest.approx(
        0, abs=1e-5
    )  # fewer samples than features


def torchmetrics_classes():
    mnist_files.import_torchvision()  # torchmetrics imports it, too
    from torchmetrics.image import fid, inception

    return fid.FrechetInceptionDistance, inception.InceptionScore


class Columns(torch.nn.Module):
    """A "network" whose features are the pixels: torchmetrics then takes any numbers."""

    def forward(self, images):
        return images.flatten(1)


def test_frechet_and_inception_score_against_torchmetrics():
    fid, score = torchmetrics_classes()
    real, fake = normal(300, 6), normal(200, 6, seed=1, scale=1.3, mean=0.2)
    as_images = [torch.from_numpy(features).reshape(-1, 1, 2, 3) for features in (real, fake)]
    oracle = fid(feature=Columns(), input_img_size=(1, 2, 3)).set_dtype(torch.float64)
    oracle.update(as_images[0], real=True)
    oracle.update(as_images[1], real=False)
    assert frechet_distance(real, fake) == pytest.approx(oracle.compute().item(), rel=1e-5)

    logits = torch.from_numpy(normal(500, 10, scale=3))
    oracle = score(feature=Columns(), splits=1)
    oracle.update(logits.reshape(-1, 1, 2, 5))
    assert inception_score(logits.softmax(1)) == pytest.approx(oracle.compute()[0].item(), rel=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        (np.zeros(2), np.eye(2), np.zeros(3), np.eye(3)),
        (np.zeros(2), np.eye(3), np.zeros(2), np.eye(2)),
        (np.zeros((2, 1)), np.eye(2), np.zeros((2, 1)), np.eye(2)),
    ],
)
def test_moments_that_do_not_fit(arguments):
    with pytest.raises(ValueError, match="do not fit"):
        gaussian_frechet_distance(*arguments)


def test_moments_that_are_not_finite():
    with pytest.raises(ValueError, match="finite"):
        gaussian_frechet_distance([0.0, NAN], np.eye(2), [0.0, 0.0], np.eye(2))


# Inception score and coverage.


@pytest.mark.parametrize("classes", [2, 10])
def test_inception_score_from_one_to_the_number_of_classes(classes):
    assert inception_score(np.eye(classes)) == pytest.approx(
        classes
    )  # one sure image a class scores full marks
    assert inception_score(np.repeat(np.eye(classes)[:1], 5, 0)) == pytest.approx(1)
    assert inception_score(np.full((5, classes), 1 / classes)) == pytest.approx(1)


def test_inception_score_by_hand():
    p = [[0.75, 0.25], [0.25, 0.75]]
    assert inception_score(p) == pytest.approx(
        math.exp(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    )


def test_class_coverage_by_hand():
    real = np.eye(4)[[0, 0, 1, 2]]  # shares 1/2, 1/4, 1/4, 0
    assert class_coverage(real, real) == 1
    assert class_coverage(real, np.eye(4)[[3, 3]]) == 0
    assert class_coverage(real, np.eye(4)[[0]]) == 0.5
    assert class_coverage(real, np.eye(4)[[0, 1, 2, 3]]) == 0.75
    assert (
        class_coverage(real, 0.6 * np.eye(4)[[0, 1, 2, 3]] + 0.1) == 0.75
    )  # the likeliest class counts


@pytest.mark.parametrize(
    "bad", [[[0.5, 0.6]], [[1.5, -0.5]], [[NAN, 1]], np.zeros((0, 2)), [0.5, 0.5], [[0.0, 0.0]]]
)
def test_rows_that_are_no_probabilities(bad):
    with pytest.raises(ValueError, match="probabilities must"):
        inception_score(bad)
    with pytest.raises(ValueError, match="fake_probabilities must"):
        class_coverage(np.eye(2), bad)
    with pytest.raises(ValueError, match="real_probabilities must"):
        class_coverage(bad, np.eye(2))


def test_coverage_of_other_classes():
    with pytest.raises(ValueError, match="2 classes, fake_probabilities 3"):
        class_coverage(np.eye(2), np.eye(3))


# Precision and recall.


def test_precision_and_recall_on_a_line():
    """Radii for k = 1: of the real ones 1, 1, 1, 8, of the fakes 2.5, 2.5, 1, 1."""
    real, fake = np.array([0.0, 1, 2, 10]), np.array([0.5, 3, 30, 31])
    assert precision_and_recall(real, fake, k=1) == (0.5, 0.75)


def brute_force_share(centres, points, k):
    radii = (
        NearestNeighbors(n_neighbors=k + 1, algorithm="brute")
        .fit(centres)
        .kneighbors(centres)[0][:, k]
    )
    distances = np.sqrt(((points[:, None] - centres[None]) ** 2).sum(-1))
    return (distances <= radii).any(1).mean()


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_and_recall_against_brute_force(k, small_blocks):
    real, fake = normal(60, 4), normal(45, 4, seed=1, scale=1.5, mean=1.5)
    expected = brute_force_share(real, fake, k), brute_force_share(fake, real, k)
    assert precision_and_recall(real, fake, k) == pytest.approx(expected)
    assert 0 < expected[0] < 1 and 0 < expected[1] < 1


def test_precision_and_recall_tell_quality_from_variety():
    wide, narrow = normal(500, 2), normal(500, 2, seed=1, scale=0.05)
    assert (
        precision_and_recall(wide, narrow)[0] > 0.95 > 0.3 > precision_and_recall(wide, narrow)[1]
    )
    assert precision_and_recall(narrow, wide)[0] < 0.3
    assert precision_and_recall(wide, wide + 100) == (0, 0)
    assert precision_and_recall(wide, wide) == (1, 1)


@pytest.mark.parametrize("k", [0, -1, 1.5, None, True])
def test_a_wrong_number_of_neighbours(k):
    for measure in (precision_and_recall, nearest):
        with pytest.raises(ValueError, match="k must be a positive whole number"):
            measure(normal(9, 2), normal(9, 2), k)


def test_a_number_of_neighbours_from_numpy():
    real, fake = normal(20, 2), normal(20, 2, seed=1)
    assert precision_and_recall(real, fake, np.int64(2)) == precision_and_recall(real, fake, 2)
    assert nearest(real, fake, np.int64(2))[1].shape == (20, 2)


def test_too_few_for_so_many_neighbours():
    with pytest.raises(ValueError, match="fake_features must hold at least 6 samples"):
        precision_and_recall(normal(9, 2), normal(5, 2), k=5)


# Two-sample tests and neighbours.


def test_nobody_can_tell_equal_distributions():
    accuracy, p_value = two_sample_test(normal(1000, 5), normal(1500, 5, seed=1))
    assert abs(accuracy - 0.5) < 0.05 and p_value > 0.01


def test_anybody_can_tell_these():
    accuracy, p_value = two_sample_test(normal(400, 5), normal(300, 5, seed=1, mean=3.0))
    assert accuracy > 0.99 and p_value < 1e-60
    accuracy, p_value = two_sample_test(
        normal(2000, 2), normal(2000, 2, seed=1, scale=3.0)
    )  # the same means
    assert accuracy > 0.7 and p_value < 1e-30


def test_the_two_sample_test_counts_like_a_coin():
    """Its p-value is the binomial tail, summed by hand from the accuracy."""
    accuracy, p_value = two_sample_test(normal(60, 2), normal(60, 2, seed=1, mean=0.7))
    right = round(accuracy * 60)
    assert p_value == pytest.approx(sum(math.comb(60, i) for i in range(right, 61)) / 2**60)


def test_the_two_sample_test_follows_its_seed():
    real, fake = normal(100, 3), normal(100, 3, seed=1, mean=0.5)
    assert two_sample_test(real, fake, seed=4) == two_sample_test(real, fake, seed=4)


def test_copies_are_found():
    train, held_out = normal(500, 3), normal(300, 3, seed=1)
    share, p_value = copying_test(train[:200], train, held_out)
    assert share == 1 and p_value < 1e-50
    share, p_value = copying_test(normal(300, 3, seed=2), train, held_out)
    assert abs(share - 0.5) < 0.08 and p_value > 0.01


def test_copying_by_hand():
    """Distances from 0: of the four pairs, two and then three have the sample nearer."""
    assert copying_test(np.array([0.5, -3.0]), np.array([0.0]), np.array([1.0, 2.0]))[0] == 0.5
    assert copying_test(np.array([0.5, 1.5]), np.array([0.0]), np.array([1.0, 2.0]))[0] == 0.75


@pytest.mark.parametrize("k", [1, 4])
def test_nearest_against_scikit_learn(k, small_blocks):
    points, others = normal(30, 6), normal(40, 6, seed=1)
    distances, indices = NearestNeighbors(n_neighbors=k).fit(others).kneighbors(points)
    found, places = nearest(points, others, k)
    assert found.shape == ((30,) if k == 1 else (30, k))
    np.testing.assert_allclose(found.reshape(30, k), distances, rtol=1e-9)
    np.testing.assert_array_equal(places.reshape(30, k), indices)


# The recorded Table 1.


def test_the_recorded_results_are_whole():
    folder = Path(__file__).resolve().parents[1] / "data" / "table1"
    results = json.loads((folder / "results.json").read_text())
    by_run = {
        name: [result for result in results if result["run"] == name]
        for name in {r["run"] for r in results}
    }
    assert by_run.keys() == {"tutorial", "paper", "paper, BatchNorm"}
    for name, runs in by_run.items():
        assert [run["seed"] for run in runs] == list(range(len(runs))) and len(runs) >= 3
        assert all(run["machine"] and run["date"] and run["torch"] for run in runs)
        assert all(
            max(validation for _, validation, _ in run["curve"]) == round(run["validation"], 1)
            for run in runs
        )
        assert Image.open(folder / f"{name.lower().replace(', ', '_')}.png").size == (20 * 28, 28)
    assert len(by_run["tutorial"]) == 5
    assert all(run["test"] >= 225 and run["seconds_to_225"] <= 120 for run in by_run["tutorial"])


# The classifier.


@pytest.fixture(scope="module")
def digits():
    return data.embedded_digits("train")


@pytest.fixture
def short(digits, tmp_path):
    """Train for a moment, on a few images."""

    def train(folder=tmp_path, **options):
        return digit_classifier(
            digits[0][:200], digits[1][:200], folder=folder, **{"steps": 20, **options}
        )

    return train


def test_the_classifier_learns(digits, tmp_path):
    net = digit_classifier(*digits, steps=300, folder=tmp_path)
    images, labels = data.embedded_digits("test")
    features, probabilities = features_and_probabilities(net, images)
    assert features.shape == (297, 64) and probabilities.shape == (297, 10)
    assert (probabilities.argmax(1) == labels).float().mean() > 0.9
    assert torch.allclose(probabilities.sum(1), torch.ones(297))
    logits = net(data.to_tanh_range(images)[:, None])
    assert torch.allclose(logits.softmax(1), probabilities, atol=1e-5)
    for other in (images[:, None], data.to_tanh_range(images), data.to_tanh_range(images)[:, None]):
        assert torch.allclose(features_and_probabilities(net, other)[1], probabilities, atol=1e-5)


def test_the_classifier_is_kept_and_read_again(short, tmp_path, digits, monkeypatch):
    first = short()
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr(classifier, "_train", None)  # so that training again would fail
    second = short()
    for a, b in zip(first.parameters(), second.parameters()):
        assert torch.equal(a, b)
    assert not first.training and not second.training


@pytest.mark.parametrize("options", [{"seed": 1}, {"steps": 21}])
def test_what_determines_the_classifier_names_it(short, tmp_path, options):
    short()
    short(**options)
    assert len(list(tmp_path.iterdir())) == 2


def test_other_data_make_another_classifier(digits, tmp_path):
    images, labels = digits[0][:50], digits[1][:50]
    for x, y in ((images, labels), (images.flip(0), labels), (images, labels.flip(0))):
        digit_classifier(x, y, steps=1, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("contents", [b"", b"not a file of tensors", None])
def test_a_damaged_classifier_is_trained_anew(short, tmp_path, contents, capsys):
    first = short()
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-100] if contents is None else contents)
    second = short()
    assert "damaged" in capsys.readouterr().out
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters()))
    short()
    assert capsys.readouterr().out == ""


def test_arrays_make_the_same_classifier_as_tensors(digits, tmp_path):
    images, labels = digits[0][:50], digits[1][:50]
    of_tensors = digit_classifier(images, labels, steps=2, folder=tmp_path / "tensors")
    for number in (np.uint8, np.int64):
        given = images.numpy(), labels.numpy().astype(number)
        of_arrays = digit_classifier(*given, steps=2, folder=tmp_path / "arrays")
        for a, b in zip(of_tensors.parameters(), of_arrays.parameters()):
            assert torch.equal(a, b)
    (one,), (other,) = (os.listdir(tmp_path / name) for name in ("tensors", "arrays"))
    assert one == other


def test_a_classifier_that_cannot_be_kept_is_still_trained(short, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert short(folder=tmp_path / "file" / "classifiers") is not None
    assert "could not be kept" in capsys.readouterr().out


def test_the_classifier_is_kept_in_the_cache(short, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "cache_folder", lambda: tmp_path)
    short(folder=None)
    assert len(os.listdir(tmp_path / "classifiers")) == 1


def test_training_the_classifier_leaves_torchs_random_numbers(short):
    before = torch.get_rng_state()
    short()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (torch.zeros(3, 28, 28), torch.zeros(3), "images must be bytes"),
        (np.zeros((3, 28, 28)), np.zeros(3), r"images must be bytes \(uint8\), not torch.float64"),
        (torch.zeros(3, 784, dtype=torch.uint8), torch.zeros(3), "images must have shape"),
        (torch.zeros(0, 28, 28, dtype=torch.uint8), torch.zeros(0), "images must have shape"),
        (torch.zeros(3, 27, 27, dtype=torch.uint8), torch.zeros(3), "images must have shape"),
        (torch.zeros(3, 28, 28, dtype=torch.uint8), torch.zeros(4), "labels have shape"),
        (
            torch.zeros(3, 28, 28, dtype=torch.uint8),
            torch.tensor([0, 11, 1]),
            "labels must be digits",
        ),
        (
            torch.zeros(3, 28, 28, dtype=torch.uint8),
            torch.tensor([0, -1, 1]),
            "labels must be digits",
        ),
    ],
)
def test_what_cannot_be_learnt_from(images, labels, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        digit_classifier(images, labels, folder=tmp_path)


@pytest.mark.parametrize("shape", [(3, 784), (3, 3, 28, 28), (3, 14, 14), (28, 28)])
def test_images_that_the_classifier_does_not_read(short, shape):
    with pytest.raises(ValueError, match="images must have shape"):
        features_and_probabilities(short(), torch.zeros(shape))


def test_no_images_for_the_classifier(short):
    with pytest.raises(ValueError, match="n > 0|must have shape"):
        features_and_probabilities(short(), torch.zeros(0, 28, 28))
