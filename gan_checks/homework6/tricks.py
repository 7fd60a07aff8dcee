"""What a smoothed D knows, and a column that shows D its sample's companions."""

from types import SimpleNamespace

import numpy as np
import torch

from ..engine import Sign, Task, mistakes, seed_of


def judges(variant):
    """(D at some places, the label of the real samples, that of the fakes)."""
    rng, cases = np.random.default_rng([66, seed_of(variant)]), []
    for alpha, beta in ((0.9, 0.0), (0.8, 0.0), (0.9, 0.1), (0.85, 0.2), (1.0, 0.0), (1.0, 0.15)):
        ratio = np.exp(rng.normal(0, 1.5, 5))
        cases.append(((alpha * ratio + beta) / (ratio + 1), alpha, beta))
    return cases


density_ratio = Task(
    "density_ratio",
    "density_ratio(d, alpha, beta): p_data/p_g at each place",
    lambda d, alpha, beta: (d - beta) / (alpha - d),
    judges,
    mistakes(
        "these are the odds D/(1 - D): right for labels 1 and 0, and for those only.",
        lambda d, alpha, beta: d / (1 - d),
        "upside down: that is p_g/p_data.",
        lambda d, alpha, beta: (alpha - d) / (d - beta),
        "right where beta is 0. With smoothed fakes something has to be taken from D first.",
        lambda d, alpha, beta: d / (alpha - d),
        "you took beta from D, and forgot alpha: D never reaches 1, only alpha.",
        lambda d, alpha, beta: (d - beta) / (1 - d),
        "that is what D would have said without smoothing, p_data/(p_data + p_g). The ratio is "
        "asked for.",
        lambda d, alpha, beta: (d - beta) / (alpha - beta),
        "a sign is wrong: collect the terms with p_data on one side and those with p_g on the "
        "other.",
        lambda d, alpha, beta: (d + beta) / (alpha - d),
        lambda d, alpha, beta: (d - beta) / (alpha + d),
        lambda d, alpha, beta: (d - beta) / (d - alpha),
        "that is the logarithm of the ratio.",
        lambda d, alpha, beta: np.log((d - beta) / (alpha - d)),
    ),
    also_right=(
        lambda d, alpha, beta: [(a - beta) / (alpha - a) for a in d],
        lambda d, alpha, beta: 1 / ((alpha - beta) / (d - beta) - 1),
    ),
    tolerance=1e-5,
)


def tables(variant):
    """(seed, rows, features, group, copies): in the last two a group is one row, repeated."""
    seed = 100 * seed_of(variant)
    return [(seed, 6, 4, 3, 0), (seed + 1, 8, 3, 2, 0), (seed + 2, 8, 3, 4, 4), (seed, 5, 2, 5, 5)]


def shown(batch_spread, seed, rows, width, group, copies):
    """The features with their new column, and how that one's slope depends on the features."""
    rng = np.random.default_rng([67, seed])
    features = torch.from_numpy(rng.normal(1.0, 1.5, (rows, width)))
    features[:copies] = features[:1].clone()
    weights = torch.from_numpy(rng.normal(size=rows))
    given = features.clone().requires_grad_()
    found = batch_spread(given, group)
    seen = SimpleNamespace(found=found, flows=False, slope=torch.zeros(0), shape=None)
    seen.changed = not torch.equal(given.detach(), features)
    if torch.is_tensor(found):
        seen.shape = tuple(found.shape)
        seen.fits = seen.shape == (rows, width + 1)
        if found.requires_grad and seen.fits:
            (slope,) = torch.autograd.grad(found[:, -1] @ weights, given, allow_unused=True)
            seen.flows = slope is not None and bool(slope.abs().sum() != 0)
            seen.slope = torch.zeros_like(given) if slope is None else slope
    return seen


def root(variance):
    return (variance + 1e-8).sqrt()


def consecutive(features, group):
    return features.reshape(-1, group, features.shape[1])  # (groups, group, F)


def variance(groups, correction=0):
    return groups.var(1, correction=correction)  # (groups, F)


def widened(spread, split=consecutive, back=None):
    """A batch_spread from the spread of each group (groups, group, F) -> (groups,)."""

    def batch_spread(features, group):
        column = spread(split(features, group))
        column = column.repeat_interleave(group) if back is None else back(column, group)
        return torch.cat([features, column[:, None]], 1)

    return batch_spread


def interleaved(features, group):
    return features.reshape(group, -1, features.shape[1]).transpose(0, 1)


def of_all(f, group):
    column = root(f.var(0, correction=0)).mean().expand(len(f), 1)
    return torch.cat([f, column], 1)


def by_loops(features, group):
    rows = []
    for start in range(0, len(features), group):
        some = features[start : start + group]
        spread = (((some - some.mean(0)) ** 2).mean(0) + 1e-8).sqrt().mean()
        rows += [torch.cat([x, spread[None]]) for x in some]
    return torch.stack(rows)


def right_spread(groups):
    return root(variance(groups)).mean(1)


def alone(features, group):
    return widened(right_spread)(features, group)[:, -1:]


def prepended(features, group):
    return widened(right_spread)(features, group).roll(1, dims=1)


def twice(features, group):
    return torch.cat([features, root(variance(consecutive(features, group))).repeat(group, 1)], 1)


def in_place(features, group):
    found = widened(right_spread)(features, group)
    features.data -= features.data.mean(0)
    return found


def nan_at_collapse(seen, *case):
    return bool(seen.slope.isnan().any())


batch_spread = Task(
    "batch_spread",
    "batch_spread(features, group): the features and one more column",
    widened(right_spread),
    tables,
    mistakes(
        "return a tensor, and not {}.",
        Sign(lambda seen, *case: not torch.is_tensor(seen.found) and type(seen.found).__name__),
        lambda features, group: by_loops(features, group).detach().numpy(),
        "you changed the features themselves. D still needs them: make a new tensor.",
        Sign(lambda seen, *case: seen.changed),
        in_place,
        "the features are missing: put them first, and the new column last.",
        Sign(lambda seen, seed, rows, *case: seen.shape in ((rows, 1), (rows,))),
        alone,
        lambda features, group: alone(features, group)[:, 0],
        "the shape should be (B, F + 1), and yours is {}: one number for each group, the same for "
        "all its rows.",
        Sign(lambda seen, *case: not seen.fits and str(seen.shape)),
        twice,
        "the new column belongs last.",
        prepended,
        "the spread is right, and G could not learn from it: no gradient flows back to the "
        "features.",
        lambda f, group: widened(right_spread)(f.detach(), group) + 0 * f.sum(),
        lambda f, group: torch.cat([f, widened(right_spread)(f, group)[:, -1:].detach()], 1),
        "you took the spread *within* a row, over its features. That knows nothing of the "
        "companions: go along the axis of the samples.",
        widened(lambda g: root(g.var(2, correction=0)).mean(1)),
        lambda f, group: torch.cat([f, root(f.var(1, correction=0))[:, None]], 1),
        "all rows of the batch were compared, so one group sees into another. Split it into groups "
        "first.",
        of_all,
        "you put samples and features into one heap. Take the spread of *each* feature over the "
        "group, then the mean of these spreads.",
        widened(lambda g: root(g.flatten(1).var(1, correction=0))),
        "your groups are interleaved: with reshape(group, -1, F) rows 0, n, 2n, … stand together. "
        "Consecutive rows do in reshape(-1, group, F).",
        widened(right_spread, interleaved),
        "the spreads are right, and their order is not: `repeat` lays the whole list down again, "
        "`repeat_interleave` repeats each number.",
        widened(right_spread, back=lambda column, group: column.repeat(group)),
        "your variance divides by n - 1; here it is the mean square, correction=0.",
        widened(lambda g: root(variance(g, 1)).mean(1)),
        "you divided by `group` twice: the variance is a mean already.",
        widened(lambda g: root(variance(g) / g.shape[1]).mean(1)),
        "that is the variance; take the root of each before the mean.",
        widened(lambda g: variance(g).mean(1)),
        widened(lambda g: (variance(g) + 1e-8).mean(1)),
        "first the root of each feature's variance, then the mean over the features: not the root "
        "of the mean.",
        widened(lambda g: root(variance(g).mean(1))),
        "you summed over the features; take the mean.",
        widened(lambda g: root(variance(g)).sum(1)),
        "that is the mean of the group, and not its spread: copies of one row have a mean, too.",
        widened(lambda g: g.mean((1, 2))),
        "that is the spread of the rows' means. Take the spread of each feature, then the mean of "
        "these spreads.",
        widened(lambda g: root(g.mean(2).var(1, correction=0))),
        "at a collapse, where all rows of a group are the same, your gradient is nan: the root of "
        "0 has an infinite slope. The 1e-8 belongs *under* the root.",
        Sign(nan_at_collapse),
        widened(lambda g: variance(g).sqrt().mean(1)),
        widened(lambda g: (variance(g).sqrt() + 1e-8).mean(1)),
        "right, except at a collapse: the 1e-8 under the root is missing there.",
        widened(lambda g: g.std(1, correction=0).mean(1)),
    ),
    also_right=(by_loops,),
    seen=shown,
    counts=lambda seen, *case: np.concatenate(
        [seen.found.detach().flatten().numpy(), seen.slope.flatten().numpy()]
    ),
    otherwise="the new column is not right. For each group of consecutive rows: the variance of "
    "each feature over the rows, plus 1e-8, its root, and the mean of these roots.",
)
