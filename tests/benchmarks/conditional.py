"""Ways to tell G and D what is wanted, on MNIST with the perceptrons of lesson 09, over seeds.

    ways      six ways after equally many steps: who obeys, how well, and how varied
    longer    the projection and the auxiliary classifier in twice the steps
    scarce    one class at a twentieth: its share of a plain G's samples, and what a conditional G
              makes of it
    evenly    the same set with its classes drawn equally often, and all images of the class
    halves    the lower half of a digit from its upper half, with more or less of a supervised loss
    toy       two bells on a line: centre and width of what G makes of them, 10 seeds

A run's seed is that of its data and noise; its nets start from the seeds 2 seed and 2 seed + 1. The
classifier that judges has had no part in any run.

Run as: python tests/benchmarks/conditional.py [--seeds 3] [--parts ways ...] [--record]
"""

import functools
from pathlib import Path

import judging
import recording
import torch
from torch import nn

from gan_lib import data, evaluation, models, training
from gan_lib.judges import beside_the_truth
from gan_lib.losses import supervised_generator_loss
from gan_lib.objectives import Objective

RECORD = Path(__file__).resolve().parents[2] / "data" / "conditional"
SETTINGS = {"batch_size": 128, "lr_d": 1e-3, "lr_g": 4e-4, "betas": (0, 0.99)}  # of lesson 09
STEPS = 1000
SAMPLES = 10_000
SCARCE, SHARE = 8, 20  # the class of which only every twentieth image is left
HALF = 14 * 28  # pixels


def asked_generator(seed):
    return models.Conditional(models.mlp_generator(110, seed=seed), models.OneHot())


def embedded(seed):
    """G and D, each with its own embedding of 50 numbers."""
    generator = models.mlp_generator(150, seed=seed)
    discriminator = models.mlp_discriminator((784 + 50,), seed=seed + 1)
    return (
        models.Conditional(generator, models.embedding(seed=seed)),
        models.Conditional(discriminator, models.embedding(seed=seed + 1)),
    )


def one_hot(seed):
    discriminator = models.mlp_discriminator((784 + 10,), seed=seed + 1)
    return asked_generator(seed), models.Conditional(discriminator, models.OneHot())


def projection(seed):
    return asked_generator(seed), models.Projection(models.mlp_discriminator(seed=seed + 1))


def auxiliary(seed):
    discriminator = models.mlp_discriminator(seed=seed + 1)
    return asked_generator(seed), models.with_auxiliary_classifier(discriminator, seed=seed + 1)


def blind(seed):
    """G is asked, D is not shown what for."""
    return asked_generator(seed), models.mlp_discriminator(seed=seed + 1)


def unconditional(seed):
    return models.mlp_generator(seed=seed), models.mlp_discriminator(seed=seed + 1)


WAYS = {
    "unconditional": unconditional,
    "blind": blind,
    "one-hot": one_hot,
    "embedding": embedded,
    "projection": projection,
    "auxiliary classifier": auxiliary,
}


def trained(nets, seed, samples, asked, **settings):
    """G as it is judged after a run, and the seconds of processor time."""
    settings = SETTINGS | {"steps": STEPS} | settings
    state = training.start(*nets, seed=seed, device="cpu", **settings)
    seconds = judging.train_to_end(state, samples)
    return training.averaged_generator(state, asked), rounded(seconds, 1)


@torch.no_grad()
def drawn(generator, asked, seed=7):
    """An image (n, 1, 28, 28) for each of the labels, which a plain G does not get."""
    z = torch.randn(len(asked), 100, generator=torch.Generator().manual_seed(seed))
    given = (asked,) if training.takes_labels(generator) else ()
    parts = zip(*(each.split(1000) for each in (z, *given)))
    return torch.cat([generator(*part) for part in parts])


def classes_in_turn(n=SAMPLES):
    return torch.arange(n) % 10


def rounded(number, digits):
    """A plain number, also of numpy's."""
    return round(float(number), digits)


class ConditionalJudge(judging.Judge):
    """It knows what was asked for."""

    def by_class(self, features, asked):
        measured = functools.partial(
            evaluation.by_class,
            real=self.features,
            real_labels=self.test_labels,
            fake=features,
            asked=asked,
        )
        precision, recall = measured(evaluation.precision_and_recall).mean(0)
        return {
            "class_frechet": rounded(measured(evaluation.frechet_distance).mean(), 1),
            "class_precision": rounded(precision, 3),
            "class_recall": rounded(recall, 3),
        }

    def conditional(self, images, asked):
        features, probabilities = self.seen(images)
        obeyed = evaluation.obedience(probabilities, asked)
        obedience = {"obedience": rounded(obeyed.mean(), 4), "worst": rounded(obeyed.min(), 3)}
        return obedience | self.by_class(features, asked) | self.marks(features, digits=1)


def one_way(judge, name, seed, steps):
    nets = WAYS[name](2 * seed)
    game = "auxiliary_classifier" if name == "auxiliary classifier" else "non_saturating"
    samples = judge.images, judge.labels
    generator, seconds = trained(nets, seed, samples, judge.labels, steps=steps, objective=game)
    asked = classes_in_turn()
    images = drawn(generator, asked)
    run = {"way": name, "seed": seed, "steps": steps}
    if name == "unconditional":
        return run | judge.marks(judge.seen(images)[0], digits=1) | {"s": seconds}
    return run | judge.conditional(images, asked) | {"s": seconds}


def ways(judge, seeds):
    """All ways; before them as many training images in place of a G's, which hardly any G beats."""
    n = len(judge.test)
    yield {"way": "real images"} | judge.conditional(judge.images[:n], judge.labels[:n])
    for seed in range(seeds):
        for name in WAYS:
            yield one_way(judge, name, seed, STEPS)


def longer(judge, seeds):
    for seed in range(seeds):
        for name in ("projection", "auxiliary classifier"):
            yield one_way(judge, name, seed, 2 * STEPS)


def scarce_set(judge):
    """The training images and labels with every twentieth image only of one class."""
    ordinary = judge.labels != SCARCE
    kept = ordinary | (torch.cumsum(~ordinary, 0) % SHARE == 0)
    return judge.images[kept], judge.labels[kept]


def marks_of_scarce(judge, generator):
    """Of the scarce class, asked for as often as the others: obedience, distance, variety."""
    asked = classes_in_turn()
    features, probabilities = judge.seen(drawn(generator, asked))
    wanted = asked == SCARCE
    real = judge.features[judge.test_labels == SCARCE]
    precision, recall = evaluation.precision_and_recall(real, features[wanted])
    obedience = evaluation.obedience(probabilities, asked)
    return {
        "obedience": rounded(obedience[SCARCE], 3),
        "frechet": rounded(evaluation.frechet_distance(real, features[wanted]), 1),
        "precision": rounded(precision, 3),
        "recall": rounded(recall, 3),
        "others": rounded(obedience[torch.arange(10) != SCARCE].mean(), 3),
    }


def drawn_evenly(images, labels):
    """A function that draws n images and labels, each class with the same probability."""
    members = [torch.nonzero(labels == k)[:, 0] for k in range(10)]
    sizes = torch.tensor([len(each) for each in members])
    starts, together = sizes.cumsum(0) - sizes, torch.cat(members)

    def sample(n, rng):
        y = torch.randint(10, (n,), generator=rng)
        place = (torch.rand(n, generator=rng) * sizes[y]).long()
        return images[together[starts[y] + place]], y

    return sample


def evenly(judge, seeds):
    """The projection on the scarce set with classes drawn equally often, and on the full set."""
    sets = {
        "drawn evenly": drawn_evenly(*scarce_set(judge)),
        "all images": (judge.images, judge.labels),
    }
    for seed in range(seeds):
        for name, samples in sets.items():
            generator, seconds = trained(projection(2 * seed), seed, samples, torch.arange(10))
            run = {"way": name, "seed": seed, "steps": STEPS}
            yield run | marks_of_scarce(judge, generator) | {"s": seconds}


def two_bells(n, rng):
    """Classes 0 and 1, equally frequent: N(-1, 1) and N(1, 1)."""
    y = torch.randint(2, (n,), generator=rng)
    return torch.randn(n, 1, generator=rng) + (2.0 * y[:, None] - 1), y


TOY = {
    "steps": 1500,
    "batch_size": 256,
    "noise_dim": 1,
    "lr_d": 5e-3,
    "lr_g": 2e-3,
    "betas": (0.5, 0.999),
}


def toy_nets(name, seed):
    generator = models.Conditional(models.toy_generator(1 + 2, seed=seed), models.OneHot(2))
    discriminator = models.toy_discriminator(seed=seed + 1)
    if name == "projection":
        return generator, models.Projection(discriminator, 2)
    return generator, models.with_auxiliary_classifier(discriminator, 2, seed=seed + 1)


def toy(judge, seeds):
    """Distance of the classes' centres from 0, and their widths: both 1 in the data."""
    games = {"auxiliary classifier": "auxiliary_classifier", "projection": "non_saturating"}
    z = torch.randn(4000, 1, generator=torch.Generator().manual_seed(7))
    for seed in range(10):
        for name, game in games.items():
            nets = toy_nets(name, 2 * seed)
            generator, _ = trained(nets, seed, two_bells, torch.arange(2), objective=game, **TOY)
            with torch.no_grad():
                classes = [generator(z, torch.full((4000,), k)) for k in (0, 1)]
            centre = sum(abs(x.mean()) for x in classes) / 2
            width = sum(x.std() for x in classes) / 2
            run = {"way": name, "seed": seed, "steps": TOY["steps"]}
            yield run | {"centre": rounded(centre, 3), "width": rounded(width, 3)}


def scarce(judge, seeds):
    """Shares of the scarce class, as the classifier sees it, and how well it is drawn."""
    images, labels = scarce_set(judge)
    share = rounded((labels == SCARCE).double().mean(), 4)
    for seed in range(seeds):
        for name in ("unconditional", "projection"):
            generator, seconds = trained(WAYS[name](2 * seed), seed, (images, labels), labels)
            run = {"way": name, "seed": seed, "steps": STEPS, "in_data": share}
            _, probabilities = judge.seen(drawn(generator, classes_in_turn()))
            run["drawn"] = rounded((probabilities.argmax(1) == SCARCE).double().mean(), 4)
            if name == "projection":
                run |= marks_of_scarce(judge, generator)
            yield run | {"s": seconds}


def halved(images):
    """The lower halves (n, 1, 14, 28) and, as the condition, the upper ones, in [-1, 1]."""
    upper, lower = data.to_tanh_range(images)[:, None].split(14, dim=2)
    return lower.contiguous(), upper.contiguous()


def half_nets(seed):
    generator = models.mlp_generator(100 + HALF, shape=(1, 14, 28), seed=seed)
    discriminator = models.mlp_discriminator((2 * HALF,), seed=seed + 1)
    return tuple(models.Conditional(net, nn.Flatten()) for net in (generator, discriminator))


def distance_alone(answers):
    return answers[:, 1].mean()


def half_games():
    """D alone, three mixtures, and the supervised loss alone."""
    losses = {
        str(weight): functools.partial(supervised_generator_loss, weight=weight)
        for weight in (0, 1, 10, 100)
    }
    losses["alone"] = distance_alone
    return {
        name: Objective(g_loss=g_loss, judge=beside_the_truth) for name, g_loss in losses.items()
    }


def halves(judge, seeds):
    """Right: near the true half. Sharp: little grey, high contrast. Varied: over z."""
    lower, upper = halved(judge.images)
    test_lower, test_upper = halved(judge.test)
    yield {"weight": "true halves", "seed": None} | marks_of_halves(
        judge, test_lower, test_lower, test_lower, test_upper
    )
    for seed in range(seeds):
        for weight, game in half_games().items():
            nets = half_nets(2 * seed)
            generator, seconds = trained(nets, seed, (lower, upper), upper, objective=game)
            first, second = (drawn(generator, test_upper, seed) for seed in (7, 8))
            run = {"weight": weight, "seed": seed, "steps": STEPS}
            yield (
                run | marks_of_halves(judge, first, second, test_lower, test_upper) | {"s": seconds}
            )


def energy(x):
    """Mean squared difference of neighbouring pixels."""
    return x.diff(dim=-1).square().mean() + x.diff(dim=-2).square().mean()


def marks_of_halves(judge, first, second, truth, upper):
    """Error and difference between two z in pixels from 0 to 1; looks; then as a digit."""
    features, probabilities = judge.seen(torch.cat([upper, first], dim=2))
    grey = (first.abs() < 0.8).double().mean()
    right = evaluation.obedience(probabilities, judge.test_labels).mean()
    return {
        "error": rounded((first - truth).abs().mean() / 2, 4),
        "between": rounded((first - second).abs().mean() / 2, 4),
        "grey": rounded(grey, 4),
        "sharpness": rounded(energy(first) / energy(truth), 4),
        "frechet": rounded(evaluation.frechet_distance(judge.features, features), 1),
        "same_digit": rounded(right, 4),
    }


PARTS = {
    "ways": ways,
    "longer": longer,
    "scarce": scarce,
    "evenly": evenly,
    "halves": halves,
    "toy": toy,
}


def main():
    options = recording.arguments(__doc__, PARTS, RECORD).parse_args()
    recording.play(PARTS, options, ConditionalJudge, RECORD)


if __name__ == "__main__":
    main()
