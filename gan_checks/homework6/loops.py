"""Small training loops that show D all of the data, or not, in the styles of many people."""

from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.nn.functional import softplus

ROWS, MOST_STEPS = 24, 100
HEALTHY, SICK = {}, {}
"""{name: how the loop feeds D}, and why it would be wrong to accuse it, or to let it pass."""
HIDES = WeakKeyDictionary()
"""For each loop, the truth: whether it keeps rows of its data from D."""


def healthy(why):
    return lambda make: HEALTHY.setdefault(words(make), (make, why)) and make


def sick(why):
    return lambda make: SICK.setdefault(words(make), (make, why)) and make


def words(make):
    return make.__name__.replace("_", " ")


class Loop:
    """A loop to be probed: ``step()`` makes one step of training; it has a D and its data."""

    def __init__(self, name: str, seed: int):
        rng = torch.Generator().manual_seed(seed)
        self.data = torch.randn(ROWS, 2, generator=rng)  # (n, 2)
        generator, self.discriminator = nn.Linear(2, 2), nn.Linear(2, 1)
        for net in (generator, self.discriminator):
            net.weight.data.normal_(generator=rng)
            net.bias.data.zero_()
        make, _ = (HEALTHY | SICK)[name]
        self._train = make(self.data, generator, self.discriminator, rng)
        self._left = iter(range(MOST_STEPS))
        HIDES[self] = name in SICK

    def step(self) -> None:
        """One step of training."""
        if next(self._left, None) is None:
            raise RuntimeError(f"{MOST_STEPS} steps are enough: decide")
        self._train()


def descend(net, loss):
    """A step of plain descent for one of the nets."""
    weights = list(net.parameters())
    slopes = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        for weight, slope in zip(weights, slopes):
            weight -= 0.05 * slope


def usual(g, d, draw, rng, rounds=1, joined=False, penalty=None, log=None):
    """One step of both; ``draw()`` gives D's minibatch."""

    def answers(real, fake):
        if joined:
            both = d(torch.cat([fake, real]))
            return both[len(fake) :], both[: len(fake)]
        return d(real), d(fake)

    def step():
        real = draw()
        for _ in range(rounds):
            fake = g(torch.randn(len(real), 2, generator=rng))
            on_real, on_fake = answers(real, fake.detach())
            loss = softplus(-on_real).mean() + softplus(on_fake).mean()
            descend(d, loss + penalty(d, real) if penalty else loss)
        descend(g, softplus(-d(fake)).mean())
        if log:
            log()

    return step


def at_random(data, rng, size=8):
    return lambda: data[torch.randint(len(data), (size,), generator=rng)]


def epochs(data, rng, size=8, shuffle=True):
    """Minibatches of one epoch after another, as a loop over a loader gives them."""

    def batches():
        while True:
            order = torch.randperm(len(data), generator=rng) if shuffle else torch.arange(len(data))
            yield from (data[rows] for rows in order.split(size))

    return batches().__next__


@healthy("it draws its rows at random, with replacement, so a few come late: be patient.")
def rows_at_random(data, g, d, rng):
    return usual(g, d, at_random(data, rng), rng)


@healthy("epochs, shuffled, with a smaller last minibatch: no row is left out.")
def shuffled_epochs(data, g, d, rng):
    return usual(g, d, epochs(data, rng, size=10), rng)


@healthy(
    "it goes through the data in the order in which they are stored. That is no good habit, but D "
    "sees all of them, again and again."
)
def epochs_in_stored_order(data, g, d, rng):
    return usual(g, d, epochs(data, rng, shuffle=False), rng)


@healthy("its minibatches are small (5 rows): watch it for longer.")
def small_minibatches(data, g, d, rng):
    return usual(g, d, at_random(data, rng, size=5), rng)


@healthy("it gives reals and fakes to D in one batch: look at rows, not at batches.")
def reals_and_fakes_in_one_batch(data, g, d, rng):
    return usual(g, d, at_random(data, rng), rng, joined=True)


@healthy("D makes three steps on each minibatch: a repeat is no illness, if new rows come later.")
def three_steps_on_each_minibatch(data, g, d, rng):
    return usual(g, d, at_random(data, rng), rng, rounds=3)


@healthy("an R1 penalty shows D its real rows a second time in the same step.")
def r1_penalty(data, g, d, rng):
    def r1(d, real):
        x = real.clone().requires_grad_()
        (slope,) = torch.autograd.grad(d(x).sum(), x, create_graph=True)
        return 0.1 * slope.square().sum(1).mean()

    return usual(g, d, at_random(data, rng), rng, penalty=r1)


@healthy("it mirrors half of the rows that it draws. The other half it gives to D unchanged.")
def mirrored_rows(data, g, d, rng):
    def draw():
        real = data[torch.randint(len(data), (8,), generator=rng)]
        return torch.where(torch.rand(8, 1, generator=rng) < 0.5, -real, real)

    return usual(g, d, draw, rng)


@healthy("its log shows D the same four rows after each step. They are not all that it learns.")
def a_log_of_four_rows(data, g, d, rng):
    def log():
        with torch.no_grad():
            d(data[:4])

    return usual(g, d, at_random(data, rng), rng, log=log)


@healthy("it leaves out two rows of 24, and that is less than a tenth.")
def two_rows_left_out(data, g, d, rng):
    return usual(g, d, at_random(data[:-2], rng), rng)


@sick("it drew one minibatch before the loop began, and uses that one for ever.")
def one_minibatch_drawn_once(data, g, d, rng):
    real = at_random(data, rng)()
    return usual(g, d, lambda: real.clone(), rng)


@sick("it makes a new iterator in each step, so it always gets the first minibatch of the epoch.")
def next_of_a_new_iterator(data, g, d, rng):
    return usual(g, d, lambda: next(iter(data.split(8))), rng)


@sick("it sets a seed in each step, so it always draws the same rows.")
def a_seed_in_the_step(data, g, d, rng):
    return usual(g, d, lambda: at_random(data, torch.Generator().manual_seed(3))(), rng)


@sick("it draws at random, but from the first half of the rows.")
def half_of_the_rows(data, g, d, rng):
    return usual(g, d, at_random(data[: ROWS // 2], rng), rng)


@sick("it draws every second row only.")
def every_second_row(data, g, d, rng):
    return usual(g, d, at_random(data[::2], rng), rng)


@sick("a `break` was left over from debugging: each epoch ends after two minibatches.")
def two_minibatches_of_each_epoch(data, g, d, rng):
    return usual(g, d, epochs(data[:16], rng, shuffle=False), rng)


@sick(
    "it learns from half of the rows. The others pass through D as well, but in a log, without "
    "gradients: D is shown them, and not taught."
)
def half_of_the_rows_and_a_log_of_all(data, g, d, rng):
    def log():
        with torch.no_grad():
            d(data)

    return usual(g, d, at_random(data[: ROWS // 2], rng), rng, log=log)


@sick("three of the four quarters come in turn, in shuffled minibatches; the last never does.")
def a_quarter_held_back(data, g, d, rng):
    return usual(g, d, epochs(data[: ROWS * 3 // 4], rng, size=6), rng)


@sick("three of 24 rows, more than a tenth, are never drawn.")
def three_rows_left_out(data, g, d, rng):
    return usual(g, d, at_random(data[:-3], rng), rng)
