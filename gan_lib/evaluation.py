"""Is it any good? Measures of generated samples: the paper's Parzen windows, and those that came after it.

Samples are tensors or arrays (n, ...), one sample a row; images may be (n, 28, 28) or (n, 1, 28, 28), and bytes (uint8) are
read as pixels in [0, 1]. Features (n, f) and class probabilities (n, K) come from a small classifier that the course trains.
"""

import hashlib
import math
import os
from numbers import Real

import numpy as np
import safetensors.torch
import torch
from scipy import linalg, stats
from scipy.special import rel_entr

from . import data, files, models, optim
from .training import matmul_precision

SIGMAS = tuple(np.logspace(-1, 0, 10).tolist())
"""The widths that the paper's published script tries, for pixels in [0, 1]."""
CLASSIFIER = "digit classifier 1"  # to be counted up when its training changes
BLOCK_ROWS, BLOCK_NUMBERS = 2048, 2**22  # at most so many rows, and so many numbers in them, are worked on at once


# Parzen windows: Table 1 of the paper.


def to_pixels(images):
    """Images as pixels in [0, 1], one a row: (n, pixels) float32, from bytes 0..255 or, as G makes them, floats in [-1, 1].

    Floats that are in [0, 1] already would be taken for light ones, and come out in [1/2, 1]: leave those as they are.
    Raises: ValueError for floats outside [-1, 1], or no images.
    """
    images = torch.as_tensor(images).detach()
    if images.ndim < 2 or not len(images):
        raise ValueError(f"images must have shape (n, ...) with n > 0, not {tuple(images.shape)}")
    if images.dtype == torch.uint8:
        return images.flatten(1).float().div_(255)
    if not (images.abs() <= 1 + 1e-3).all():  # nan fails too; bfloat16 may round a little too far
        raise ValueError("images must be bytes (uint8), or floats in [-1, 1] as the generators of the course make them")
    return images.flatten(1).float().add(1).div_(2).clamp_(0, 1)


def parzen_log_likelihood(samples, test, sigma):
    """Mean log-likelihood of ``test`` under Parzen windows round ``samples``, and its standard error: two floats, in nats.

    p(x) = mean over the samples s of N(x; s, sigma^2 I); the mean over ``test`` of log p(x), and its population standard
    deviation over sqrt(m). samples (n, ...), test (m, ...) of the same shape; for the paper's numbers pixels in [0, 1]
    (``to_pixels``), 10 000 samples and all 10 000 test images. Memory does not grow with n times m.
    Raises: ValueError for a sigma that is not positive, for no samples, for other shapes, for numbers that are not finite, or
    for bytes beside negative numbers. Source: Breuleux, Bengio and Vincent (2011), Quickly Generating Representative Samples
    from an RBM-Derived Process; Goodfellow et al. (2014), section 5, with its published script.
    """
    log_p = _parzen(samples, test, [sigma], "test")[0]
    return log_p.mean().item(), log_p.std(correction=0).item() / math.sqrt(len(log_p))


def parzen_log_density(samples, points, sigma):
    """log p(x) at each of ``points`` (m, ...) for Parzen windows of width sigma round ``samples`` (n, ...): (m,) float64, nats.

    Computed in float32, but in float64 where both are float64, or where sigma is below 0.01 and rounding would show.
    Raises: as ``parzen_log_likelihood`` does.
    """
    return _parzen(samples, points, [sigma], "points")[0]


def choose_sigma(samples, validation, sigmas=SIGMAS):
    """The one of ``sigmas`` under which ``validation`` (m, ...) is likeliest, given ``samples`` (n, ...): a float.

    Validation images are neither those that G was trained on nor those that it is tested on; the paper's script takes the first
    1 000 of the last 10 000 training images. All widths share one computation of the distances.
    Raises: ValueError for no sigmas, and as ``parzen_log_likelihood`` does. Source: as there.
    """
    sigmas = list(sigmas)
    if not sigmas:
        raise ValueError("sigmas is empty: there is no width to choose from")
    return float(sigmas[int(_parzen(samples, validation, sigmas, "validation").mean(1).argmax())])


def _parzen(samples, points, sigmas, name):
    """log p at each point for each width: (len(sigmas), m) float64. The sum over the samples is gathered block by block."""
    for sigma in sigmas:
        if not (isinstance(sigma, Real) and 0 < sigma < math.inf):
            raise ValueError(f"sigma must be a positive number, not {sigma!r}")
    samples, points = _rows("samples", samples), _rows(name, points)
    _same_width(samples, points, "samples", name)
    for one, other in ((samples, points), (points, samples)):
        if one.dtype == torch.uint8 and (other < 0).any():
            raise ValueError(f"of samples and {name} one is bytes, read as pixels in [0, 1], and the other has values below 0")
    n, dim = samples.shape
    sigmas = [float(sigma) for sigma in sigmas]
    found = []
    for distances in _squared_distances(points, samples, torch.float64 if min(sigmas) < 0.01 else None):
        total = torch.full((len(sigmas), 1), -math.inf, dtype=torch.float64)
        for _, d2 in distances:
            least = d2.amin(1, keepdim=True)
            part = torch.stack([_log_sum_of_hills(d2, least, sigma) for sigma in sigmas])
            total = torch.logaddexp(total, part.cpu().double())
        found.append(total)
    log_z = torch.tensor([dim * math.log(sigma * math.sqrt(2 * math.pi)) for sigma in sigmas], dtype=torch.float64)
    return torch.cat(found, 1) - math.log(n) - log_z[:, None]


def _log_sum_of_hills(d2, least, sigma):
    """log of the sum over each row of exp(-d2 / 2 sigma^2); ``least`` holds the rows' least d2.

    A hill more than e^80 times lower than the row's highest counts as e^80 times lower: neither can be seen in the sum, and
    exponentials that come out as 0, or nearly, take ten times as long.
    """
    scaled = (d2 / sigma).div_(-2 * sigma)
    return torch.logsumexp(scaled.clamp_(min=(least / sigma).div_(-2 * sigma) - 80), 1)


def _squared_distances(points, samples, dtype=None):
    """For each block of ``points`` an iterator over blocks of ``samples``: where the block starts, and squared distances to it.

    |x - s|^2 = |x|^2 - 2 x.s + |s|^2, measured from the mean of the samples, where the three are smallest and cancel least: one
    large matrix product instead of n m d differences.
    """
    rows = max(1, min(BLOCK_ROWS, BLOCK_NUMBERS // samples.shape[1]))
    dtype = dtype or (torch.float64 if samples.dtype == points.dtype == torch.float64 else torch.float32)
    centre = torch.stack([_numbers(block, dtype).sum(0) for block in samples.split(rows)]).sum(0) / len(samples)

    def against(x):
        x2 = x.square().sum(1, keepdim=True)
        for start in range(0, len(samples), rows):
            s = _numbers(samples[start : start + rows], dtype) - centre
            with matmul_precision("highest"):  # true float32: the large terms cancel
                product = x @ s.T
            yield start, product.mul_(-2).add_(x2).add_(s.square().sum(1)).clamp_(min=0)

    for block in points.split(rows):
        yield against(_numbers(block.to(samples.device), dtype) - centre)


def _numbers(block, dtype):
    return block.to(dtype).div_(255) if block.dtype == torch.uint8 else block.to(dtype)


def _rows(name, given, least=1):
    """``given`` as a tensor (n, numbers), checked. Bytes stay bytes, and are read as pixels in [0, 1] block by block."""
    tensor = torch.as_tensor(given).detach()
    if tensor.ndim == 0 or len(tensor) < least or not tensor.numel():
        shape = tuple(tensor.shape)
        raise ValueError(f"{name} must hold {'samples' if least == 1 else f'at least {least} samples'}, (n, ...), not {shape}")
    if tensor.is_floating_point() and not all(block.isfinite().all() for block in tensor.split(BLOCK_ROWS)):
        raise ValueError(f"{name} holds values that are not finite")
    return tensor.flatten(1) if tensor.ndim > 1 else tensor[:, None]


# The classifier whose features and probabilities the measures below look at.


def digit_classifier(images, labels, *, steps=1000, seed=0, folder=None):
    """A small convolutional classifier, trained on images (n, 28, 28) uint8 and labels (n,); in eval mode, on the CPU.

    On MNIST it takes a quarter of a minute and is right on 99 % of the test images. It is kept in ``folder`` (by default
    ``classifiers`` in the data cache) under a name made from its layers, data, steps and seed, and read from there next time.
    Raises: ValueError for images of another shape or type, or labels that do not fit.
    """
    images, labels = torch.as_tensor(images), torch.as_tensor(labels)
    if images.shape[1:] != (28, 28) or images.dtype != torch.uint8 or not len(images):
        raise ValueError(f"images must be bytes (n, 28, 28), not {images.dtype} {tuple(images.shape)}")
    if labels.shape != images.shape[:1]:
        raise ValueError(f"labels have shape {tuple(labels.shape)} for {len(images)} images")
    if not ((labels >= 0) & (labels <= 9)).all():
        raise ValueError("labels must be digits, from 0 to 9")
    net = models.digit_classifier(seed=seed)
    made_of = hashlib.sha256(repr((CLASSIFIER, net, steps, seed)).encode())
    images, labels = images.cpu().contiguous(), labels.cpu().long().contiguous()
    made_of.update(images.numpy()), made_of.update(labels.numpy())
    path = files.user_path(folder or files.cache_folder() / "classifiers") / f"{made_of.hexdigest()[:16]}.safetensors"
    if os.path.isfile(path):
        try:
            net.load_state_dict(safetensors.torch.load_file(path))
            return net.eval()
        except (OSError, RuntimeError, safetensors.SafetensorError) as error:
            print(f"{path} is damaged ({error}); the classifier is trained anew.")
    _train_classifier(net, images, labels, steps, seed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(path, safetensors.torch.save(net.state_dict()))
    except OSError as error:
        print(f"The classifier could not be kept ({error.strerror}); it will be trained again next time.")
    return net


def _train_classifier(net, images, labels, steps, seed):
    rng = torch.Generator().manual_seed(seed)
    optimizer = optim.Adam(net.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    for _ in range(steps):
        index = torch.randint(len(images), (128,), generator=rng)
        logits = net(data.to_tanh_range(images[index])[:, None])
        loss = torch.nn.functional.cross_entropy(logits, labels[index])
        optimizer.zero_grad(), loss.backward(), optimizer.step(), schedule.step()
    net.eval()


@torch.no_grad()
def features_and_probabilities(classifier, images):
    """What ``classifier`` makes of images (n, 28, 28) or (n, 1, 28, 28): features (n, f) and probabilities (n, K), float32.

    images: bytes, or floats in [-1, 1]. Raises: ValueError for images of another shape or range, or none.
    """
    images = torch.as_tensor(images)
    if images.shape[1:] not in ((28, 28), (1, 28, 28)) or not len(images):
        raise ValueError(f"images must have shape (n, 28, 28) or (n, 1, 28, 28) with n > 0, not {tuple(images.shape)}")
    features = [classifier[:-1](to_pixels(block).mul_(2).sub_(1).reshape(-1, 1, 28, 28)) for block in images.split(1000)]
    features = torch.cat(features)
    return features, classifier[-1](features).softmax(1)


# Measures on features and probabilities.


def inception_score(probabilities):
    """exp E_x[KL(p(y|x) || p(y))], from 1 to K, where p(y) is the mean of p(y|x) over the samples: a float without unit.

    High where the classifier is sure of each image and the images are of all classes. probabilities: (n, K).
    Raises: ValueError for rows that are not probabilities. Source: Salimans et al. (2016), section 4.
    """
    p = _probabilities("probabilities", probabilities)
    return float(np.exp(rel_entr(p, p.mean(0)).sum(1).mean()))


def frechet_distance(real_features, fake_features):
    """The squared Wasserstein-2 distance of two Gaussians that have the means and covariances of the features: a float.

    real_features (n, f), fake_features (m, f); in squared units of the features. It is biased upwards, the more so the fewer
    samples there are: compare only values from equally many. See ``gaussian_frechet_distance``.
    Raises: ValueError for fewer than two samples, other shapes, or numbers that are not finite.
    Source: Heusel et al. (2017), GANs Trained by a Two Time-Scale Update Rule, where the features are Inception's.
    """
    moments = []
    for features in _features(real_features, fake_features, least=2):
        moments += [features.mean(0), np.cov(features, rowvar=False).reshape(features.shape[1], -1)]
    return gaussian_frechet_distance(*moments)


def gaussian_frechet_distance(mean1, covariance1, mean2, covariance2):
    """|mean1 - mean2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) for two Gaussians: means (f,), covariances (f, f). A float, at least 0.

    Where the covariances are equal it is the squared distance of the means.
    Raises: ValueError for shapes that do not fit, or numbers that are not finite.
    Source: Dowson and Landau (1982), The Fréchet Distance between Multivariate Normal Distributions.
    """
    mean1, mean2, c1, c2 = (np.asarray(a, dtype=float) for a in (mean1, mean2, covariance1, covariance2))
    if mean1.ndim != 1 or mean2.shape != mean1.shape or c1.shape != 2 * mean1.shape or c2.shape != c1.shape:
        raise ValueError(f"means {mean1.shape} and {mean2.shape} do not fit covariances {c1.shape} and {c2.shape}")
    if not all(np.isfinite(a).all() for a in (mean1, mean2, c1, c2)):
        raise ValueError("means and covariances must hold finite numbers")
    # The trace of the root is the sum of the roots of the eigenvalues, which are real and not negative, but for rounding.
    roots = np.sqrt(linalg.eigvals(c1 @ c2).real.clip(min=0))
    return max(0.0, float(((mean1 - mean2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * roots.sum()))


def precision_and_recall(real_features, fake_features, k=3):
    """Share of the fakes that lie where real samples do, and share of the real ones that lie where fakes do: two floats.

    "Where samples do" is the union of balls round them, each as large as the distance to its k-th nearest neighbour among its
    own kind. real_features (n, f), fake_features (m, f), with n, m > k.
    Raises: ValueError for too few samples, other shapes, or numbers that are not finite.
    Source: Kynkäänniemi et al. (2019), Improved Precision and Recall Metric for Assessing Generative Models, equations 1 and 2.
    """
    models._positive(k=k)
    real, fake = (torch.from_numpy(a) for a in _features(real_features, fake_features, least=k + 1))
    return _share_inside(real, fake, k), _share_inside(fake, real, k)


def _share_inside(centres, points, k):
    """Share of ``points`` within some centre's distance to its k-th neighbour; the first of its k + 1 nearest is itself."""
    radii = nearest(centres, centres, k + 1)[0][:, k]
    inside = []
    for distances in _squared_distances(points, centres):
        here = torch.zeros(1, dtype=torch.bool)
        for start, d2 in distances:
            here = here | (d2.sqrt_() <= radii[start : start + d2.shape[1]]).any(1)
        inside.append(here)
    return torch.cat(inside).double().mean().item()


def class_coverage(real_probabilities, fake_probabilities):
    """How much of the real classes' shares the fakes reach: sum over the classes of min(real share, fake share), from 0 to 1.

    Each sample counts for its likeliest class. It is 1 minus the total variation between the two shares. real_probabilities
    (n, K), fake_probabilities (m, K). Raises: ValueError for rows that are not probabilities, or different K.
    """
    real = _probabilities("real_probabilities", real_probabilities)
    fake = _probabilities("fake_probabilities", fake_probabilities)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(f"real_probabilities have {real.shape[1]} classes, fake_probabilities {fake.shape[1]}")
    shares = [np.bincount(p.argmax(1), minlength=p.shape[1]) / len(p) for p in (real, fake)]
    return float(np.minimum(*shares).sum())


def two_sample_test(real_features, fake_features, seed=0):
    """Train a classifier to tell real from fake on half of the features, and count on the other half: (accuracy, p-value).

    Accuracy near 1/2: nobody can tell, or not this classifier (standardised features, one hidden layer). The p-value is that of
    so many right answers, or more, if it were tossing a coin. real_features (n, f), fake_features (m, f); as many of each are
    used as the smaller has. Raises: ValueError for fewer than 20 samples, other shapes, or numbers that are not finite.
    Source: Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, section 3.
    """
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    real, fake = _features(real_features, fake_features, least=20)
    rng = np.random.default_rng(seed)
    size = min(len(real), len(fake))
    x = np.concatenate([rng.permutation(each)[:size] for each in (real, fake)]).astype(np.float32)
    y = np.repeat([1, 0], size)
    x, x_held_out, y, y_held_out = train_test_split(x, y, test_size=0.5, stratify=y, random_state=seed)
    net = MLPClassifier((64,), learning_rate_init=3e-3, early_stopping=True, random_state=seed)
    right = int((make_pipeline(StandardScaler(), net).fit(x, y).predict(x_held_out) == y_held_out).sum())
    test = stats.binomtest(right, len(y_held_out), 0.5, alternative="greater")
    return right / len(y_held_out), float(test.pvalue)


def copying_test(samples, train, held_out):
    """How often a sample lies nearer to its nearest training image than a held-out image does to its own: (share, p-value).

    About 1/2 for draws from the true distribution, towards 1 for copies of the training set, towards 0 for samples that are
    farther from it than real ones. The p-value is that of so large a share, or larger, if both distances were equally
    distributed (Mann-Whitney U). All (n, ...), of the same shape.
    Raises: ValueError for no samples, other shapes, or numbers that are not finite.
    Source: Meehan, Chaudhuri and Dasgupta (2020), A Non-Parametric Test to Detect Data-Copying in Generative Models, who take
    it cell by cell, so that copying in one place does not hide behind the others; this is the global form.
    """
    distances = [nearest(each, train)[0] for each in (samples, held_out)]
    test = stats.mannwhitneyu(*distances, alternative="less")
    return 1 - float(test.statistic) / (len(distances[0]) * len(distances[1])), float(test.pvalue)


def nearest(points, others, k=1):
    """Each point's k nearest among ``others`` (n, ...): distances and indices, (m,) or, for k > 1, (m, k). points: (m, ...).

    Raises: ValueError for other shapes, a k that is not positive, fewer than k others, or numbers that are not finite.
    """
    models._positive(k=k)
    points, others = _rows("points", points), _rows("others", others, least=k)
    _same_width(points, others, "points", "others")
    found = []
    for row in _squared_distances(points, others):
        best, places = None, None  # the k nearest so far
        for start, d2 in row:
            closest, columns = d2.topk(min(k, d2.shape[1]), largest=False)
            columns += start
            if best is not None:
                closest, columns = torch.cat([best, closest], 1), torch.cat([places, columns], 1)
                closest, order = closest.topk(min(k, closest.shape[1]), largest=False)
                columns = columns.gather(1, order)
            best, places = closest, columns
        found.append((best.sqrt(), places))
    distances, indices = (torch.cat(parts) for parts in zip(*found))
    return (distances.squeeze(1), indices.squeeze(1)) if k == 1 else (distances, indices)


def _same_width(a, b, name_a, name_b):
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{name_a} have {a.shape[1]} numbers each, {name_b} have {b.shape[1]}")


def _features(real, fake, least=1):
    """Two sets of features as float64 arrays (n, f) and (m, f), checked."""
    real, fake = _rows("real_features", real, least), _rows("fake_features", fake, least)
    _same_width(real, fake, "real_features", "fake_features")
    if torch.uint8 in (real.dtype, fake.dtype):
        raise ValueError("features are bytes: images? Take features_and_probabilities(classifier, images) first")
    return [features.double().cpu().numpy() for features in (real, fake)]


def _probabilities(name, given):
    p = torch.as_tensor(given).detach().double().cpu().numpy()
    if p.ndim != 2 or not p.size:
        raise ValueError(f"{name} must have shape (n, K) with n, K > 0, not {p.shape}")
    if not ((p >= 0).all() and np.abs(p.sum(1) - 1).max() < 1e-4):  # nan fails too
        raise ValueError(f"{name} must hold probabilities: rows that are at least 0 and sum to 1")
    return p
