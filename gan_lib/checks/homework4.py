"""Checks of homework 4: train a GAN."""

import math
import types

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from .. import losses, models, optim, toys, training
from .verdicts import NotYet, blank, examine, number, seed_of

# One's own two steps, on nets of a dozen weights, in float32 as in training.


def _duel(seed, doubt=0.0):
    """Two tiny nets, two minibatches of data and two of noise; the same for the same seed. doubt: taken from D's logits."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return torch.tensor(rng.normal(size=shape), dtype=torch.float32)

    def net(*widths):
        layers = []
        for before, after in zip(widths, widths[1:]):
            linear = torch.nn.Linear(before, after)
            linear.weight.data, linear.bias.data = normal(after, before), normal(after)
            layers += [linear, torch.nn.Tanh()]
        return torch.nn.Sequential(*layers[:-1])

    generator, discriminator, real, z = net(2, 3, 2), net(2, 4, 1), normal(2, 6, 2) + 1, normal(2, 6, 2)
    discriminator[-1].bias.data -= doubt
    return generator, discriminator, real, z


def _flat(net, gradient=False):
    parts = [p.grad if gradient else p for p in net.parameters()]
    return np.concatenate(
        [np.zeros(p.numel()) if q is None else q.detach().numpy().ravel() for p, q in zip(net.parameters(), parts)]
    )


def _two_steps(step, player, seed, doubt):
    """Let ``step`` play two steps of "D" or of "G", beginning with old gradients in that player's weights."""
    generator, discriminator, real, z = _duel(seed, doubt)
    own, other = (discriminator, generator) if player == "D" else (generator, discriminator)
    for p in own.parameters():
        p.grad = torch.full_like(p, 0.3)  # as an earlier step has left them
    optimizer = optim.SGD(own.parameters(), lr=0.5, momentum=0.5)
    before, begin, found, places = _flat(other), _flat(own), [], []
    for i in range(2):
        arguments = (real[i], z[i]) if player == "D" else (z[i],)
        found.append(step(discriminator, generator, optimizer, *arguments))
        places.append(_flat(own))
    return types.SimpleNamespace(
        found=found,
        places=np.array(places),
        unmoved=np.array_equal(places[0], begin),
        cleared=not _flat(own, gradient=True).any(),
        other_moved=not np.array_equal(_flat(other), before),
        other_gradient=_flat(other, gradient=True).any(),
        frozen=not all(p.requires_grad for p in [*own.parameters(), *other.parameters()]),
        asleep=not all(module.training for net in (own, other) for module in net.modules()),
    )


def _descend(loss, optimizer, before, after):
    """One step on a loss, with the gradients cleared before it, after it, or never."""
    if before:
        optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if after:
        optimizer.zero_grad()
    return loss.item()


def _d_step(loss=losses.discriminator_loss, before=True, after=False):
    """D's step as it should be, or with somebody's mistake."""

    def step(discriminator, generator, optimizer, real, z):
        return _descend(loss(discriminator(real), discriminator(generator(z).detach())), optimizer, before, after)

    return step


def _g_step(loss=losses.non_saturating_generator_loss, before=True, after=False):
    """G's step as it should be, or with somebody's mistake."""

    def step(discriminator, generator, optimizer, z):
        return _descend(loss(discriminator(generator(z))), optimizer, before, after)

    return step


def _lands(run, step, *game):
    return np.allclose(run.places, _two_steps(step, *game).places, rtol=1e-3, atol=1e-4)


OLD_GRADIENTS = (
    "gradients pile up: backward() adds to what an earlier step has left. Call optimizer.zero_grad() before backward()."
)
CLEARED_TOO_LATE = (
    "you clear the gradients after the step, but the first backward() already met old ones. Call zero_grad() before backward()."
)
EPSILON = (
    "an epsilon or a clamp in the loss: where D is sure and wrong, it takes the slope away, just where it is needed most. "
    "softplus of the logit needs neither."
)


def _step_fault(step, player, seed, doubt, right, mistakes):
    """What is wrong with two steps of ``step``, or None."""
    game = player, seed, doubt
    run = _two_steps(step, *game)
    other = "G" if player == "D" else "D"
    if run.frozen:
        return "you froze weights and left them frozen (requires_grad is False): the next step could not train them."
    if run.asleep:
        return "you left a net in eval mode: the next step would train in it. Put it back with .train()."
    if run.other_moved:
        return f"{player}'s step moved the weights of {other}. Step with the given optimizer only: it holds {player}'s."
    if player == "D" and run.other_gradient:
        return "you let gradients flow into the generator: detach the fakes, generator(z).detach()."
    if run.unmoved and doubt:  # it moved where D was in doubt
        return EPSILON
    if run.unmoved and not run.cleared:
        return f"{player}'s weights did not move: after loss.backward() comes optimizer.step()."
    if run.unmoved and player == "G":
        return (
            "G's weights did not move, since their gradient is 0 when the step comes. Either the fakes were detached (and G's "
            "gradient comes through D), or zero_grad() stands between backward() and step()."
        )
    if run.unmoved:
        return "D's weights did not move, since their gradient is 0 when the step comes: zero_grad() goes before backward()."
    if not _lands(run, right(), *game):
        for message, mistaken in mistakes.items():
            if _lands(run, mistaken, *game):
                return message
        return (
            f"{player}'s weights moved, but not to where descent on its loss leads. Compare, in order: "
            "clear old gradients, the loss as the docstring has it, backward, step (with the optimizer that was given)."
        )
    if run.found[0] is None:
        return "the step is right, and the loss is missing: return it as a number, loss.item()."
    try:
        found = np.array([float(loss.detach() if hasattr(loss, "detach") else loss) for loss in run.found])
    except (TypeError, ValueError, RuntimeError):
        found = None
    if found is None or isinstance(run.found[0], str):
        return f"the step is right; as the loss return one number, loss.item(), and not a {type(run.found[0]).__name__}."
    if not np.allclose(found, _two_steps(right(), *game).found, rtol=1e-3, atol=1e-3):
        return "the step is right, and the number that you return is not: return the loss (nats) before the step."
    return None


def _duels(variant):
    """The games in which a step is tried: an even one, and one in which D takes everything for fake."""
    return [(100 * seed_of(variant), 0.0), (100 * seed_of(variant) + 1, 18.0)]


def discriminator_step(answer, variant=None):
    """discriminator_step(discriminator, generator, optimizer, real, z): its weights afterwards, and G's."""
    mistakes = {
        OLD_GRADIENTS: _d_step(before=False),
        CLEARED_TOO_LATE: _d_step(before=False, after=True),
        "you climb D's loss instead of descending it. The loss is minus V: both logarithms with a minus sign.": _d_step(
            lambda a, b: -losses.discriminator_loss(a, b)
        ),
        "you summed over the minibatch; take the mean, or the step grows with its size.": _d_step(
            lambda a, b: softplus(-a).sum() + softplus(b).sum()
        ),
        "you averaged real and fake terms together, and that is half the loss. It is the sum of two means.": _d_step(
            lambda a, b: losses.discriminator_loss(a, b) / 2
        ),
        "the labels are swapped: D learns to call the fakes real. Real is 1, fake is 0.": _d_step(
            lambda a, b: losses.discriminator_loss(b, a)
        ),
        "only the real half of the loss is there: add the mean of softplus(fake_logits).": _d_step(
            lambda a, b: softplus(-a).mean()
        ),
        "only the fake half of the loss is there: add the mean of softplus(-real_logits).": _d_step(
            lambda a, b: softplus(b).mean()
        ),
        "both halves ask D to say 'real'. For the fakes it is log(1 - D), so softplus(+logits).": _d_step(
            lambda a, b: softplus(-a).mean() + softplus(-b).mean()
        ),
        "the sigmoid is applied twice: D gives logits, and softplus already holds the sigmoid.": _d_step(
            lambda a, b: losses.discriminator_loss(a.sigmoid(), b.sigmoid())
        ),
        **{
            f"{EPSILON} ({size:g})": _d_step(
                lambda a, b, size=size: -(a.sigmoid() + size).log().mean() - (1 - b.sigmoid() + size).log().mean()
            )
            for size in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
        },
        EPSILON: _d_step(lambda a, b: losses.discriminator_loss(a.clamp(-10, 10), b.clamp(-10, 10))),
    }
    examine("discriminator_step", answer, lambda step, game: _step_fault(step, "D", *game, _d_step, mistakes), _duels(variant))


def generator_step(answer, variant=None):
    """generator_step(discriminator, generator, optimizer, z): its weights afterwards, and D's."""
    mistakes = {
        OLD_GRADIENTS: _g_step(before=False),
        CLEARED_TOO_LATE: _g_step(before=False, after=True),
        "this is the saturating loss, log(1 - D(G(z))). Descend -log D(G(z)): softplus(-logits).": _g_step(
            losses.minimax_generator_loss
        ),
        "you descend D's loss for fakes: so G learns to be caught. It wants D to say 'real': softplus(-logits).": _g_step(
            lambda a: softplus(a).mean()
        ),
        "you climb -log D(G(z)) instead of descending it: check the sign.": _g_step(lambda a: -softplus(-a).mean()),
        "you summed over the minibatch; take the mean, or the step grows with its size.": _g_step(lambda a: softplus(-a).sum()),
        "the sigmoid is applied twice: D gives logits, and softplus already holds the sigmoid.": _g_step(
            lambda a: softplus(-a.sigmoid()).mean()
        ),
        "the logarithm is missing: you descend -D(G(z)), and the loss is -log D(G(z)).": _g_step(lambda a: -a.sigmoid().mean()),
        "you descend minus the logit, a critic's loss as in a Wasserstein GAN. Here it is -log D(G(z)).": _g_step(
            lambda a: -a.mean()
        ),
        **{
            f"{EPSILON} ({size:g})": _g_step(lambda a, size=size: -(a.sigmoid() + size).log().mean())
            for size in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
        },
        EPSILON: _g_step(lambda a: softplus(-a.clamp(-10, 10)).mean()),
    }

    def fault(step, game):
        try:
            return _step_fault(step, "G", *game, _g_step, mistakes)
        except RuntimeError as error:
            if "does not require grad" not in str(error):
                raise
            return "no gradient can reach G: the fakes were made under torch.no_grad(), or everything was detached."

    examine("generator_step", answer, fault, _duels(variant))


# The loop: what it asks of the two steps is recorded, nothing is trained.


def _recorded(loop, steps, k, m, seed):
    """The calls that ``loop`` makes, as (player, x, z); the generators it draws with; and what it returns.

    The n-th call has the loss n.
    """
    calls, generators = [], []

    def d_step(x, z):
        calls.append(("D", x, z))
        return float(len(calls))

    def g_step(z):
        calls.append(("G", None, z))
        return float(len(calls))

    def sample_real(m, rng):
        generators.append((rng, rng and rng.initial_seed()))
        return torch.rand(m, 1, generator=rng)

    def sample_noise(m, rng):
        generators.append((rng, rng and rng.initial_seed()))
        return torch.rand(m, 2, generator=rng)

    return calls, generators, loop(d_step, g_step, sample_real, sample_noise, steps, k, m, seed)


ALWAYS_THE_SAME = {
    "x": "every turn sees the same batch. Make (and seed) the torch.Generator once, before the loops, and draw inside them.",
    "z": "z was drawn once and used for ever. Draw fresh noise in every step.",
}


def _equal(one, other):
    return one is not None and other is not None and one.shape == other.shape and bool((one == other).all())


def _loop_fault(loop, case):
    steps, k, m, seed = case
    calls, generators, history = _recorded(loop, steps, k, m, seed)
    order = "".join(player for player, *_ in calls)
    wrong_orders = {
        ("D" + "G" * k) * steps: f"D made 1 step and G made {k} for it. The inner loop of k steps belongs to D.",
        "DG" * steps: "you ignored k: D makes k steps for each one of G's.",
        "DG" * k * steps: "G's step stands in the inner loop. Move it out, after D's k steps.",
        "D" * k * steps + "G" * steps: "all of D's steps come first, then G's. G's step belongs inside the outer loop.",
        "D" * k * steps: "G never moves: after D's k steps comes g_step(z).",
        ("G" + "D" * k) * steps: "G moves before D. In Algorithm 1 D moves first.",
        ("D" * steps + "G") * k: "you swapped `steps` and `k`.",
    }
    if order != ("D" * k + "G") * steps:
        played = f"the order of play was {order[:24] or 'empty'}, and it should be {(('D' * k + 'G') * steps)[:24]}."
        return wrong_orders.get(order, played)
    if any(len(tensor) != m for call in calls for tensor in call[1:] if tensor is not None):
        return f"a minibatch had the wrong size: each holds m = {m}."
    turns = [calls[i : i + k + 1] for i in range(0, len(calls), k + 1)]
    for column, name in ((1, "x"), (2, "z")):
        for turn in turns:
            drawn = [call[column] for call in turn[:-1]]
            if any(_equal(drawn[i], drawn[j]) for i in range(k) for j in range(i)):
                repeated = len(turns) > 1 and _equal(turns[0][0][column], turns[1][0][column])
                if repeated:
                    return ALWAYS_THE_SAME[name]
                return f"D's {k} steps of one turn saw the same {name}. Draw a fresh minibatch inside the inner loop."
        if any(_equal(a[0][column], b[0][column]) for a, b in zip(turns, turns[1:])):
            return ALWAYS_THE_SAME[name]
    if any(_equal(a[-1][2], b[-1][2]) for a, b in zip(turns, turns[1:])):
        return "G gets the same z at each of its steps. Draw fresh noise for it, or take the z of D's last step."
    again, *_ = _recorded(loop, steps, k, m, seed)
    if not all(_equal(a[2], b[2]) and (a[1] is b[1] is None or _equal(a[1], b[1])) for a, b in zip(calls, again)):
        return "two runs with one seed differ. Make rng = torch.Generator().manual_seed(seed), and pass it to both samplers."
    if len({id(rng) for rng, _ in generators}) > 1:
        return "you drew with more than one random generator. Make one, before the loops, and pass it to both samplers."
    if {start for _, start in generators} != {seed}:
        return "the generator's seed must be `seed`, set once before the loops."
    ends = [(k + 1) * (i + 1) for i in range(steps)]  # the call, and so the loss, of each step of G
    right = [(end - 1.0, float(end)) for end in ends]
    try:
        found = [(float(d), float(g)) for d, g in history]
    except (TypeError, ValueError):
        return "return the history: a list with one pair (d_loss, g_loss) for each of G's steps."
    if found == [(g, d) for d, g in right]:
        return "the pairs of the history are the wrong way round: (d_loss, g_loss)."
    if k > 1 and found == [(end - k, float(end)) for end in ends]:
        return "the history holds the loss of the first of D's k steps; keep the last."
    if found != right:
        return f"the history should hold {steps} pairs (d_loss, g_loss), one a turn, with D's last loss; yours: {found[:3]}"
    return None


def algorithm_1(answer, variant=None):
    """algorithm_1(d_step, g_step, sample_real, sample_noise, steps, k, m, seed): who plays when, on what."""
    seed = seed_of(variant)
    m = 4 + seed % 5
    examine("algorithm_1", answer, _loop_fault, [(4, 3, m, seed), (3, 2, m + 1, seed), (3, 1, m, seed + 7)])


# The stranger's three bugs.


def minibatch(answer, variant=None):
    """minibatch(images, m, rng) -> (m, 1, 28, 28) in [-1, 1]."""
    seed = seed_of(variant)

    def fault(function, case):
        seed, low, high = case
        rng = np.random.default_rng(seed)
        images = torch.from_numpy(rng.integers(low, high + 1, (5, 28, 28)).astype(np.uint8))
        images[:, 0, 0], images[:, 0, 1] = low, high
        kept = images.clone()
        found = function(images, 8, torch.Generator().manual_seed(seed))
        index = torch.randint(5, (8,), generator=torch.Generator().manual_seed(seed))
        bytes_ = kept[index][:, None].double()
        if not isinstance(found, torch.Tensor):
            return f"return a tensor, not {type(found).__name__}."
        if not torch.equal(images, kept):
            return "you changed the images themselves, and the next minibatch would be scaled twice."
        if found.shape == (8, 28, 28):
            return "the channel is missing: shape (m, 1, 28, 28)."
        if found.shape != (8, 1, 28, 28):
            return f"the shape should be (8, 1, 28, 28), and yours is {tuple(found.shape)}."

        def is_(values):
            return torch.allclose(found.double(), values, atol=1e-5)

        if is_(bytes_ / 127.5 - 1) and found.dtype != torch.float32:
            return f"right, but in {found.dtype}: the nets compute in float32. Convert the bytes with .float()."
        if is_(bytes_ / 127.5 - 1):
            return None
        if high < 255 and (abs(found.min() + 1) < 1e-3 or abs(found.max() - 1) < 1e-3):
            return "you scaled by the smallest or largest pixel that is there. The scale is 0 to 255 for every image."
        if is_(bytes_ / 255):
            return "the images are still in [0, 1]. A tanh generator draws in [-1, 1]: paper must be -1."
        if is_(bytes_ / 255 - 0.5):
            return "now they lie in [-0.5, 0.5]. tanh reaches from -1 to 1: the interval has length 2."
        if is_((2 * bytes_) % 256 / 255 - 1):
            return "you multiplied bytes: 2 · 200 does not fit into a uint8 and wraps round. Call .float() first."
        if is_(bytes_ - 127.5) or found.abs().max() > 1.01:
            return f"values reach {found.abs().max():.4g}; they must lie in [-1, 1]."
        if is_(1 - bytes_ / 127.5):
            return "ink and paper are exchanged: byte 0 must become -1 and byte 255 must become 1."
        return "byte 0 must become -1, byte 255 must become 1, and the line with `index` must stay as it was."

    examine("minibatch", answer, fault, [(seed, 0, 255), (seed + 1, 40, 200)])


def two_cross_entropies(answer, variant=None):
    """two_cross_entropies(discriminator, real, fake) for a D that gives logits."""
    seed = seed_of(variant)

    right = losses.discriminator_loss

    def bce(a, label):
        return binary_cross_entropy_with_logits(a, torch.full_like(a, label))

    def fault(function, logits):
        a, b = torch.tensor(logits)[..., None]
        judge, twin = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)  # a D that is not the identity, twice
        for net in (judge, twin):
            net.weight.data.fill_(1.5), net.bias.data.fill_(-0.3)
        real, fake = (a + 0.3) / 1.5, (b + 0.3) / 1.5
        loss = function(judge, real, fake)
        if loss is None or isinstance(loss, torch.Tensor) and loss.numel() != 1:
            return "return one number: the mean over the real plus the mean over the fakes."
        if not isinstance(loss, torch.Tensor):
            return f"return a tensor, through which gradients flow, and not a {type(loss).__name__}: no .item(), no float()."
        found = float(loss.detach())

        def is_(value):
            return math.isclose(found, float(value), rel_tol=1e-4, abs_tol=1e-6)

        if is_(right(a, b)):
            if not loss.requires_grad:
                return "the value is right, but no gradient flows through it: take .detach() and torch.no_grad() away."
            loss.backward()
            right(twin(real), twin(fake)).backward()
            if judge.weight.grad is None or not torch.allclose(judge.weight.grad, twin.weight.grad, rtol=1e-3, atol=1e-4):
                return "the value is right, and D's gradient is not: nothing may be detached here."
            return None
        p, q = a.sigmoid(), b.sigmoid()
        if is_(bce(p, 1.0) + bce(q, 0.0)):
            return "the sigmoid is still applied twice: binary_cross_entropy_with_logits has one inside. Give it the logits."
        if is_(bce(p, 1.0) + bce(b, 0.0)) or is_(bce(a, 1.0) + bce(q, 0.0)):
            return "one of the two sigmoids is gone, the other one is still there."
        if is_(right(real, fake)):
            return "you never asked the discriminator: real and fake are samples. The logits are discriminator(real) and so on."
        if is_(bce(b, 1.0) + bce(a, 0.0)) or is_(bce(a, 0.0) + bce(b, 1.0)):
            return "the labels are swapped: 1 for real, 0 for fake."
        if is_(right(a, b) / 2):
            return "this is half of it: D's loss is the sum of the two, 2 log 2 for an undecided D."
        if is_(softplus(-a).sum() + softplus(b).sum()):
            return "you summed over the minibatch: take the mean over the real plus the mean over the fakes."
        largest = float(max(a.abs().max(), b.abs().max()))
        if largest > 30:
            return (
                f"right for moderate logits, but for logits of {largest:.0f} you get {found:.4g}, not {right(a, b):.4g}: a "
                "sigmoid has rounded to 0 or 1, an exponential has overflowed, or a clamp has cut something off. Keep the loss "
                "with logits, and take the sigmoid away."
            )
        return f"D's loss should be {right(a, b):.4f}, and yours is {found:.4f}"

    rng = np.random.default_rng(seed)
    cases = [rng.normal(0, 2, (2, 5)).tolist(), [[-40.0, 1.0, 2.0], [40.0, -1.0, 0.5]], [[-1000.0, 1.0], [1000.0, -1.0]]]
    examine("two_cross_entropies", answer, fault, cases)


def draw(answer, variant=None):
    """draw(generator, z): pictures in eval mode, and the generator as it was."""
    seed = seed_of(variant)

    def fault(function, training):
        core, _, _, z = _duel(seed)
        norm = torch.nn.BatchNorm1d(3)
        norm.running_mean += 0.7
        generator = torch.nn.Sequential(core[0], norm, *core[1:])
        with torch.no_grad():
            expected = generator.eval()(z[0])
            by_batch = torch.nn.Sequential(core[0], torch.nn.BatchNorm1d(3), *core[1:])(z[0])
        generator.train(training)
        kept = _flat(generator), norm.running_mean.clone()
        with torch.enable_grad():
            found = function(generator, z[0])
            switched_off = not torch.is_grad_enabled()
        if switched_off:
            return "you switched gradients off for good: nothing could train any more. `with torch.no_grad():` ends by itself."
        if not all(p.requires_grad for p in generator.parameters()):
            return "the generator's weights were frozen (requires_grad is False), and stay so. Use `with torch.no_grad():`."
        if not isinstance(found, torch.Tensor):
            return f"return a tensor of images, not {type(found).__name__}."
        if found.shape == by_batch.shape and torch.allclose(found, by_batch, atol=1e-5):
            return "you drew in training mode: BatchNorm takes the mean of these few z. Call generator.eval() first."
        if found.shape != expected.shape or not torch.allclose(found, expected, atol=1e-5):
            return "the pictures should be generator(z) in eval mode, and they are not."
        if not np.array_equal(_flat(generator), kept[0]) or not torch.equal(norm.running_mean, kept[1]):
            return "drawing changed the generator (weights, or BatchNorm's running mean). In eval mode it only looks."
        modes = {module.training for module in generator.modules()}
        if training and modes != {True}:
            return "the generator is still in eval mode afterwards, and is trained on in it. Put back the mode that you found."
        if not training and modes != {False}:
            return "you always switch to training mode. This generator came in eval mode: put back the mode that you found."
        if found.requires_grad:
            return "the pictures carry a gradient tape that nobody needs: draw under torch.no_grad()."
        return None

    examine("draw", answer, fault, [True, False])


def walk(answer, variant=None):
    """walk(generator, z_start, z_end, n) -> the images at n points of the line, both ends included."""
    seed = seed_of(variant)

    def fault(function, n):
        generator, _, _, z = _duel(seed)
        start, end = z[0, 0], z[1, 0]
        found = function(generator, start, end, n)
        if not isinstance(found, torch.Tensor):
            return f"return a tensor of images, not {type(found).__name__}."

        def line(t, from_=start, to=end):
            t = torch.as_tensor(t, dtype=torch.float32)[:, None]
            with torch.no_grad():
                return generator((1 - t) * from_ + t * to)

        def is_(values):
            return found.shape == values.shape and torch.allclose(found.float(), values, atol=1e-5)

        t = torch.linspace(0, 1, n)
        ends = line([0.0, 1.0])
        if is_(line(t)):
            return "right, but it carries a gradient tape: draw under torch.no_grad()." if found.requires_grad else None
        if is_((1 - t)[:, None] * ends[0] + t[:, None] * ends[1]):
            return "you interpolated the images: that is a cross-fade. Walk in z, and let G draw each point."
        if is_(line(1 - t)):
            return "the walk goes backwards: at t = 0 it stands at z_start."
        if is_(line(np.arange(n) / n)):
            return "the last point is missing: with t = i/n it stops before z_end. n points have n - 1 gaps between them."
        if is_(line(np.arange(1, n + 1) / n)):
            return "the first point, z_start itself, is missing. n points have n - 1 gaps between them."
        if is_(line(np.arange(1, n + 1) / (n + 1))) or is_(line(np.linspace(0, 1, n)[1:-1])):
            return "both end points are missing: t runs from 0 to 1, and these two belong to the walk."
        if is_(line(np.linspace(0, 1, n + 1))):
            return f"these are n + 1 = {n + 1} points. n counts the points, both ends included."
        if is_(line(np.linspace(0, 1, n + 2))):
            return "n counts all points, both ends included, not only those between."
        if found.shape[0] != n:
            return f"there should be n = {n} images, and the shape is {tuple(found.shape)}."
        return "the images should be G((1 - t) z_start + t z_end) for n evenly spaced t from 0 to 1."

    examine("walk", answer, fault, [5, 8])


# Numbers, and curves.


def spiral(variant):
    """(eta, factor) of the question how many steps in the game xy it takes to be more than ``factor`` times as far out."""
    if variant == 0:
        return 0.29, 5
    rng = np.random.default_rng(variant)
    return float(rng.choice([0.15, 0.17, 0.19, 0.21, 0.23, 0.25])), int(rng.choice([5, 6, 7, 8]))


def xy_steps(answer, variant):
    """The least number of simultaneous steps after which the distance is more than ``factor`` times as large."""
    eta, factor = spiral(variant)

    def steps(growth):
        return math.log(factor) / math.log(growth)

    exact = steps(math.sqrt(1 + eta**2))
    expected = math.floor(exact) + 1
    mistakes = {
        "not quite: after so many steps the distance is still below. Round up.": expected - 1,
        "round up to a whole number of steps.": exact,
        "the root is missing: it is the *square* of the distance that grows by 1 + η² a step.": math.floor(exact / 2) + 1,
        "not 1 + η a step: the step is at a right angle to the way out. Use Pythagoras.": math.floor(steps(1 + eta)) + 1,
        "you added η² a step; the distance is multiplied, so that the logarithm is needed.": math.ceil((factor - 1) / eta**2),
    }
    number("steps_needed", answer, expected, mistakes, tolerance=1e-4)


STORIES = ("a fair game", "D has won", "D has learnt nothing")


def _order(variant):
    if variant == 0:
        return dict(zip("ABC", ("D has learnt nothing", "a fair game", "D has won")))
    orders = [
        ("a fair game", "D has won", "D has learnt nothing"),
        ("a fair game", "D has learnt nothing", "D has won"),
        ("D has won", "D has learnt nothing", "a fair game"),
        ("D has won", "a fair game", "D has learnt nothing"),
        ("D has learnt nothing", "D has won", "a fair game"),
    ]
    return dict(zip("ABC", orders[np.random.default_rng(variant).integers(5)]))


def three_runs(variant):
    """Three toy runs under the names A, B and C: {name: (history of steps, G's samples before, and after)}."""
    bell = toys.GaussianMixture((2.0,), (0.4,), (1.0,))
    settings = dict(
        steps=300, batch_size=128, lr_d=4e-2, lr_g=4e-3, betas=(0.0, 0.9), decay_from=0.5, noise="uniform", noise_dim=1
    )
    special = {"D has won": dict(lr_g=1e-4, generator_loss="minimax"), "D has learnt nothing": dict(lr_d=1e-30)}
    z = torch.linspace(-1, 1, 512)[:, None]
    runs = {}
    for name, story in _order(variant).items():
        generator, discriminator = models.toy_generator(seed=0), models.toy_discriminator(seed=100)
        if story == "D has learnt nothing":
            for p in discriminator[-1].parameters():
                torch.nn.init.zeros_(p)
        chosen = {**settings, **special.get(story, {})}
        state = training.start(generator, discriminator, device="cpu", average=None, **chosen)
        before = generator(z).detach().numpy().ravel()
        history = list(training.train(state, bell.sample))
        runs[name] = history, before, generator(z).detach().numpy().ravel()
    return runs


def reading(answer, variant):
    """{run: story} for the runs A, B, C of :func:`three_runs`."""
    if answer is None:
        raise blank("reading")
    if not isinstance(answer, dict) or set(answer) != set("ABC"):
        raise NotYet('reading: a dictionary with the three keys "A", "B" and "C", please')
    for name, story in answer.items():
        if story not in STORIES:
            raise NotYet(f"reading: {story!r} for run {name} is none of the three stories {STORIES}")
    confusions = {
        ("D has learnt nothing", "a fair game"): "2 log 2 alone is no success, and here G has not moved at all.",
        ("a fair game", "D has learnt nothing"): "here the loss is 2 log 2 since G has arrived: look how far it moved.",
        ("D has won", "a fair game"): "a loss near 0 is no success: D knows every fake, G learns nothing.",
        ("a fair game", "D has won"): "a D that has won has a loss near 0. This one ends near 2 log 2.",
        ("D has won", "D has learnt nothing"): "an ignorant D has the loss 2 log 2. A loss near 0: D is always right.",
        ("D has learnt nothing", "D has won"): "a D that has won has a loss near 0. This one says ½ to everything.",
    }
    for name, story in _order(variant).items():
        if answer[name] != story:
            raise NotYet(f"reading, run {name}: {confusions[story, answer[name]]}")
    print("✓ reading")
