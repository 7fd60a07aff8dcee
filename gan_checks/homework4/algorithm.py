"""Algorithm 1: who plays when, and on what. Nothing is trained here; what is asked is recorded."""

from collections.abc import Callable

import torch

from ..engine import Sign, Task, mistakes, seed_of


def games(variant):
    seed = seed_of(variant)
    m = 4 + seed % 5
    return [(4, 3, m, seed), (3, 2, m + 1, seed), (3, 1, m, seed + 7)]


class Played:
    """What a loop asks of the two steps, and what it returns. The n-th step has the loss n."""

    def __init__(self, loop, steps, k, m, seed):
        self.calls, self.drawn_with = [], []  # (player, x, z); generators, with their seeds
        samplers = self._sampler(1), self._sampler(2)
        returned = loop(self._d_step, self._g_step, *samplers, steps, k, m, seed)
        self.order = "".join(player for player, *_ in self.calls)
        self.right_order = ("D" * k + "G") * steps
        self.turns = [self.calls[i : i + k + 1] for i in range(0, len(self.calls), k + 1)]
        ends = [float((k + 1) * (i + 1)) for i in range(steps)]
        self.right_history = [(end - 1, end) for end in ends]
        try:
            self.history = [(float(d), float(g)) for d, g in returned]
        except (TypeError, ValueError):
            self.history = None

    def _d_step(self, x, z):
        self.calls.append(("D", x, z))
        return float(len(self.calls))

    def _g_step(self, z):
        self.calls.append(("G", None, z))
        return float(len(self.calls))

    def _sampler(self, size):
        def sample(m, rng):
            self.drawn_with.append((rng, rng and rng.initial_seed()))
            return torch.rand(m, size, generator=rng)

        return sample


def play_twice(loop, *game):
    """One run, and what another with the same seed asks for."""
    run = Played(loop, *game)
    run.again = Played(loop, *game).calls
    return run


def equal(one, other):
    return one is other is None or (one.shape == other.shape and bool((one == other).all()))


def any_equal(tensors):
    return any(equal(a, b) for i, a in enumerate(tensors) for b in tensors[:i])


def in_order(wrong):
    """The sign of a wrong order of play, ``wrong(steps, k)``."""
    return Sign(lambda run, steps, k, *_: run.order == wrong(steps, k) != run.right_order)


def always_the_same(column):
    """The sign that all turns begin with the same x (column 1) or z (column 2)."""
    return Sign(lambda run, *game: any_equal([turn[0][column] for turn in run.turns]))


def same_in_a_turn(column):
    """The sign that D's steps of one turn are all on the same x or z."""
    return Sign(
        lambda run, *game: any(any_equal([c[column] for c in turn[:-1]]) for turn in run.turns)
    )


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def by_turns(turn: Callable, generator: Callable = seeded) -> Callable:
    """An algorithm_1 by ``turn(d, g, x, z, k)``, where x() and z() draw a fresh minibatch."""

    def algorithm_1(d_step, g_step, sample_real, sample_noise, steps, k, m, seed):
        rng = generator(seed)
        x, z = lambda: sample_real(m, rng), lambda: sample_noise(m, rng)
        return [turn(d_step, g_step, x, z, k) for _ in range(steps)]

    return algorithm_1


def right_turn(d, g, x, z, k):
    d_losses = [d(x(), z()) for _ in range(k)]
    return d_losses[-1], g(z())


right = by_turns(right_turn)


def g_in_the_inner_loop(d, g, x, z, k):
    for _ in range(k):
        losses = d(x(), z()), g(z())
    return losses


def one_x_a_turn(d, g, x, z, k):
    batch = x()
    return right_turn(d, g, lambda: batch, z, k)


def one_z_a_turn(d, g, x, z, k):
    noise = z()
    return right_turn(d, g, x, lambda: noise, k)


def z_of(which):
    """A turn in which G gets the z of one of D's steps."""

    def turn(d, g, x, z, k):
        noises = [z() for _ in range(k)]
        return [d(x(), noise) for noise in noises][-1], g(noises[which])

    return turn


def d_then_g(d_step, g_step, sample_real, sample_noise, steps, k, m, seed):
    rng = seeded(seed)
    for _ in range(steps * k):
        d_loss = d_step(sample_real(m, rng), sample_noise(m, rng))
    return [(d_loss, g_step(sample_noise(m, rng))) for _ in range(steps)]


def z_once(d_step, g_step, sample_real, sample_noise, steps, k, m, seed):
    z = sample_noise(m, seeded(seed))
    return right(d_step, g_step, sample_real, lambda m, rng: z, steps, k, m, seed)


def z_once_for_g(d_step, g_step, sample_real, sample_noise, steps, k, m, seed):
    z = sample_noise(m, seeded(seed))
    return right(d_step, lambda _: g_step(z), sample_real, sample_noise, steps, k, m, seed)


def seeded_in_the_turn(*game):
    *functions, steps, k, m, seed = game
    return [pair for _ in range(steps) for pair in right(*functions, 1, k, m, seed)]


def seeded_by_turn(*game):
    *functions, steps, k, m, seed = game
    play = by_turns(right_turn, torch.Generator().manual_seed)
    return [pair for turn in range(steps) for pair in play(*functions, 1, k, m, seed + turn)]


def with_rng(rng_of):
    """Algorithm 1 whose x is drawn with ``rng_of(seed)``."""

    def algorithm_1(d_step, g_step, sample_real, *rest):
        rng = rng_of(rest[-1])
        return right(d_step, g_step, lambda m, _: sample_real(m, rng), *rest)

    return algorithm_1


def shown(show):
    """Algorithm 1 that returns another form of the history."""
    return lambda *game: show(right(*game))


SAME_BATCH = (
    "every turn sees the same batch. Make (and seed) the torch.Generator once, before the loops, "
    "and draw inside them."
)
SAME_IN_A_TURN = (
    "D's steps of one turn saw the same {}. Draw a fresh minibatch inside the inner loop."
)
algorithm_1 = Task(
    "algorithm_1",
    "algorithm_1(d_step, g_step, sample_real, sample_noise, steps, k, m, seed): the history "
    "[(d_loss, g_loss)]",
    right,
    games,
    mistakes(
        "D made 1 step and G made k for it. The inner loop of k steps belongs to D.",
        in_order(lambda steps, k: ("D" + "G" * k) * steps),
        by_turns(lambda d, g, x, z, k: (d(x(), z()), [g(z()) for _ in range(k)][-1])),
        "you ignored k: D makes k steps for each one of G's.",
        in_order(lambda steps, k: "DG" * steps),
        by_turns(lambda d, g, x, z, k: (d(x(), z()), g(z()))),
        "G's step stands in the inner loop. Move it out, after D's k steps.",
        in_order(lambda steps, k: "DG" * k * steps),
        by_turns(g_in_the_inner_loop),
        "all of D's steps come first, then G's. G's step belongs inside the outer loop.",
        in_order(lambda steps, k: "D" * k * steps + "G" * steps),
        d_then_g,
        "G never moves: after D's k steps comes g_step(z).",
        in_order(lambda steps, k: "D" * k * steps),
        by_turns(lambda d, g, x, z, k: [d(x(), z()) for _ in range(k)]),
        "G moves before D. In Algorithm 1 D moves first.",
        in_order(lambda steps, k: ("G" + "D" * k) * steps),
        by_turns(lambda d, g, x, z, k: (g(z()), [d(x(), z()) for _ in range(k)][-1])[::-1]),
        "you swapped `steps` and `k`.",
        in_order(lambda steps, k: ("D" * steps + "G") * k),
        lambda d, g, x, z, steps, k, m, seed: right(d, g, x, z, k, steps, m, seed),
        "the order of play was {}.",
        Sign(
            lambda run, *game: (
                run.order != run.right_order
                and f"{run.order[:24] or 'empty'}, and it should be {run.right_order[:24]}"
            )
        ),
        lambda d, g, x, z, steps, k, m, seed: right(d, g, x, z, steps, k + 1, m, seed),
        "a minibatch had the wrong size: each holds m samples.",
        Sign(
            lambda run, steps, k, m, seed: any(
                len(t) != m for _, *tensors in run.calls for t in tensors if t is not None
            )
        ),
        lambda d, g, x, z, steps, k, m, seed: right(d, g, x, z, steps, k, m + 1, seed),
        SAME_BATCH,
        always_the_same(1),
        seeded_in_the_turn,
        lambda d, g, x, z, *rest: right(
            d, g, lambda m, _: x(m, seeded(rest[-1])), lambda m, _: z(m, seeded(rest[-1])), *rest
        ),
        SAME_IN_A_TURN.format("x"),
        same_in_a_turn(1),
        by_turns(one_x_a_turn),
        "z was drawn once and used for ever. Draw fresh noise in every step.",
        always_the_same(2),
        z_once,
        SAME_IN_A_TURN.format("z"),
        same_in_a_turn(2),
        by_turns(one_z_a_turn),
        "G gets the same z at each of its steps. Draw fresh noise for it, or take the z of D's "
        "last step.",
        Sign(lambda run, *game: any_equal([turn[-1][2] for turn in run.turns])),
        z_once_for_g,
        "G gets the z of an earlier step of D. Draw fresh noise for it, or take the z of D's "
        "*last* step.",
        Sign(lambda run, *game: any(equal(t[-1][2], c[2]) for t in run.turns for c in t[:-2])),
        by_turns(z_of(0)),
        "two runs with one seed differ. Make rng = torch.Generator().manual_seed(seed), and pass "
        "it to both samplers.",
        Sign(
            lambda run, *game: (
                not all(
                    equal(a[1], b[1]) and equal(a[2], b[2]) for a, b in zip(run.calls, run.again)
                )
            )
        ),
        with_rng(lambda seed: None),
        by_turns(right_turn, lambda seed: None),
        "you drew with more than one random generator. Make one, before the loops, and pass it to "
        "both samplers.",
        Sign(lambda run, *game: len({id(rng) for rng, _ in run.drawn_with}) > 1),
        with_rng(lambda seed: torch.Generator()),
        "the generator's seed must be `seed`, set once before the loops.",
        Sign(lambda run, *game: {start for _, start in run.drawn_with} != {game[-1]}),
        lambda *game: right(*game[:-1], 0),
        seeded_by_turn,
        "return the history: a list with one pair (d_loss, g_loss) for each of G's steps.",
        Sign(lambda run, *game: run.history is None),
        shown(lambda history: history[-1]),
        shown(lambda history: tuple(map(list, zip(*history)))),
        "the pairs of the history are the wrong way round: (d_loss, g_loss).",
        Sign(lambda run, *game: run.history == [(g, d) for d, g in run.right_history]),
        shown(lambda history: [(g, d) for d, g in history]),
        "the history holds the loss of the first of D's k steps; keep the last.",
        Sign(
            lambda run, steps, k, *_: (
                k > 1 and run.history == [(g - k, g) for _, g in run.right_history]
            )
        ),
        by_turns(lambda d, g, x, z, k: ([d(x(), z()) for _ in range(k)][0], g(z()))),
        "the history should hold a pair (d_loss, g_loss) for each turn, with D's last loss; yours "
        "begins with {}",
        Sign(lambda run, *game: run.history != run.right_history and str(run.history[:3])),
        shown(lambda history: history[:-1]),
    ),
    also_right=(
        by_turns(z_of(-1)),
        by_turns(right_turn, torch.manual_seed),
        by_turns(lambda d, g, x, z, k: ([d(x=x(), z=z()) for _ in range(k)][-1], g(z=z()))),
        lambda *game: right(*game[:2], lambda m, rng: game[2](m=m, rng=rng), *game[3:]),
    ),
    seen=play_twice,
    counts=lambda run, *game: True,  # whatever is wrong has a sign
)
