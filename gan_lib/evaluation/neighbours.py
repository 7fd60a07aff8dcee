"""Nearest neighbours, and the measures made of them."""

import torch
from numpy.typing import ArrayLike
from scipy import stats

from ..arguments import checked
from ._samples import check_same_width, rows, squared_distances, two_sets_of_features


@checked(k=1)
def nearest(points: ArrayLike, others: ArrayLike, k: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Each point's k nearest of ``others``: distances and indices, (m,) or, for k > 1, (m, k)."""
    points, others = rows("points", points), rows("others", others, least=k)
    check_same_width("points", points, "others", others)
    found = [_nearest_of_all(blocks, k) for blocks in squared_distances(points, others)]
    d2, indices = (torch.cat(parts) for parts in zip(*found))
    distances = d2.sqrt_()
    return (distances.squeeze(1), indices.squeeze(1)) if k == 1 else (distances, indices)


def _nearest_of_all(blocks, k):
    """The k smallest squared distances in each row, and their columns, gathered from all blocks."""
    best, places = None, None
    for start, d2 in blocks:
        closest, columns = d2.topk(min(k, d2.shape[1]), largest=False)
        columns += start
        if best is not None:
            closest, columns = torch.cat([best, closest], 1), torch.cat([places, columns], 1)
            closest, order = closest.topk(min(k, closest.shape[1]), largest=False)
            columns = columns.gather(1, order)
        best, places = closest, columns
    return best, places


@checked(k=1)
def precision_and_recall(
    real_features: ArrayLike, fake_features: ArrayLike, k: int = 3
) -> tuple[float, float]:
    """Share of the fakes that lie where real samples do, and of the real ones where fakes do.

    "Where samples do" is the union of balls round them, each as large as the distance to its k-th
    nearest neighbour among its own kind; there must be more than k of each kind (Kynkäänniemi et
    al., 2019, Improved Precision and Recall Metric for Assessing Generative Models, equations 1
    and 2).
    """
    features = two_sets_of_features(real_features, fake_features, least=k + 1)
    real, fake = (torch.from_numpy(array) for array in features)
    return _share_inside(real, fake, k), _share_inside(fake, real, k)


def _share_inside(centres, points, k):
    """Share of the points within some centre's distance to its k-th neighbour."""
    radii = nearest(centres, centres, k + 1)[0][:, k]  # the first of its k + 1 is itself
    inside = torch.cat([_inside_any(d, radii) for d in squared_distances(points, centres)])
    return inside.double().mean().item()


def _inside_any(distances, radii):
    inside = torch.zeros(1, dtype=torch.bool)
    for start, d2 in distances:
        inside = inside | (d2.sqrt_() <= radii[start : start + d2.shape[1]]).any(1)
    return inside


@checked
def copying_test(samples: ArrayLike, train: ArrayLike, held_out: ArrayLike) -> tuple[float, float]:
    """How often a sample is nearer to the training set than a held-out image is: share, p-value.

    The share is about 1/2 for draws from the true distribution, near 1 for copies of training
    images, and near 0 for samples that are farther from them than real ones. The p-value is the
    probability of so large a share, or larger, if both distances were equally distributed
    (Mann-Whitney U). This is the global form of Meehan, Chaudhuri and Dasgupta (2020), A
    Non-Parametric Test to Detect Data-Copying in Generative Models, who take it cell by cell, so
    that copying in one place does not hide behind the others.
    """
    train = rows("train", train)
    distances = []
    for name, given in (("samples", samples), ("held_out", held_out)):
        given = rows(name, given)
        check_same_width(name, given, "train", train)
        distances.append(nearest(given, train)[0])
    test = stats.mannwhitneyu(*distances, alternative="less")
    pairs = len(distances[0]) * len(distances[1])
    return 1 - float(test.statistic) / pairs, float(test.pvalue)
