"""Algorithm 1: the two steps against hand-computed gradients, the loop against plain
re-implementations of its promises."""

import copy
import itertools
import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gan_lib import losses, models, training
from gan_lib.objectives import Objective
from gan_lib.training import device, steps

INF, NAN = math.inf, math.nan
SHAPE = (6,)
DATA = torch.rand(64, *SHAPE, generator=torch.Generator().manual_seed(1)) * 2 - 1


pytestmark = pytest.mark.usefixtures("one_thread")


def generator(seed=0, noise_dim=4, shape=SHAPE):
    return models.mlp_generator(noise_dim, shape, hidden=(8, 8), seed=seed)


def discriminator(seed=1, shape=SHAPE):
    return models.mlp_discriminator(shape, hidden=(8,), seed=seed)


def dropout_discriminator():
    return models.maxout_discriminator(SHAPE, units=6, pieces=2, layers=1, seed=1)


def begin(g=None, d=None, **settings):
    settings = {"steps": 12, "batch_size": 8, "noise_dim": 4, "precision": "float32", **settings}
    return training.start(g or generator(), d or discriminator(), device="cpu", **settings)


def finished(data=DATA, **options):
    state = begin(**options)
    return state, list(training.train(state, data))


def weights(net):
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def assert_same(left, right):
    assert left.keys() == right.keys()
    for name in left:
        assert torch.equal(left[name], right[name]), name


def assert_same_run(left, right):
    for net in ("generator", "discriminator", "average"):
        assert_same(weights(getattr(left, net)), weights(getattr(right, net)))
    assert torch.equal(left.rng.get_state(), right.rng.get_state())
    assert left.step == right.step


def differ(left, right):
    return any(not torch.equal(left[name], right[name]) for name in left)


# The two steps.


def sgd(net, lr=0.1):
    return torch.optim.SGD(net.parameters(), lr=lr)


def line(slope, intercept):
    net = nn.Linear(1, 1)
    with torch.no_grad():
        net.weight.fill_(slope), net.bias.fill_(intercept)
    return net


def numbers(net):
    return net.weight.item(), net.bias.item()


def column(values):
    return torch.tensor(values)[:, None]


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def mean(values):
    return sum(values) / len(values)


REAL, FAKE, NOISE = [0.5, -1.0, 2.0], [0.1, 0.4, -0.7], [0.3, -1.2, 0.8]


def test_discriminator_step_descends_the_hand_computed_gradient():
    w, b = 0.7, -0.2
    d = line(w, b)
    training.discriminator_step(d, sgd(d), column(REAL), column(FAKE))
    on_real, on_fake = (
        [sigmoid(w * x + b) - 1 for x in REAL],
        [sigmoid(w * x + b) for x in FAKE],
    )  # dL/da, times n
    dw = mean([e * x for e, x in zip(on_real, REAL)]) + mean([e * x for e, x in zip(on_fake, FAKE)])
    db = mean(on_real) + mean(on_fake)
    assert numbers(d) == pytest.approx((w - 0.1 * dw, b - 0.1 * db), abs=1e-6)


def test_discriminator_step_returns_loss_and_logits_from_before_the_update():
    w, b = 0.7, -0.2
    d = line(w, b)
    loss, real_logits, fake_logits = training.discriminator_step(
        d, sgd(d), column(REAL), column(FAKE[:2])
    )
    by_hand = -mean([math.log(sigmoid(w * x + b)) for x in REAL]) - mean(
        [math.log(1 - sigmoid(w * x + b)) for x in FAKE[:2]]
    )
    assert loss.item() == pytest.approx(by_hand, abs=1e-6)
    assert real_logits.squeeze().tolist() == pytest.approx([w * x + b for x in REAL], abs=1e-6)
    assert fake_logits.squeeze().tolist() == pytest.approx([w * x + b for x in FAKE[:2]], abs=1e-6)
    assert not (loss.requires_grad or real_logits.requires_grad or fake_logits.requires_grad)


@pytest.mark.parametrize(
    ("objective", "slope_at"),  # dL/da of one logit a, times the batch size
    [
        ("non_saturating", lambda a: sigmoid(a) - 1),
        ("minimax", lambda a: -sigmoid(a)),
        ("maximum_likelihood", lambda a: -math.exp(a)),
        ("least_squares", lambda a: a - 1),
        ("wasserstein", lambda a: -1),
        (Objective(g_loss=lambda a: a.square().mean()), lambda a: 2 * a),
    ],
)
def test_generator_step_descends_the_hand_computed_gradient(objective, slope_at):
    (a, c), (w, b) = (1.5, 0.3), (0.7, -0.2)
    g, d = line(a, c), line(w, b)
    training.generator_step(d, sgd(g), g(column(NOISE)), objective)
    slopes = [slope_at(w * (a * z + c) + b) * w for z in NOISE]  # through D to x = G(z)
    da, dc = mean([s * z for s, z in zip(slopes, NOISE)]), mean(slopes)
    assert numbers(g) == pytest.approx((a - 0.1 * da, c - 0.1 * dc), abs=1e-6)


def test_generator_step_uses_the_non_saturating_loss_by_default_and_returns_it():
    g, d = line(1.5, 0.3), line(0.7, -0.2)
    fake = g(column(NOISE))
    expected = losses.non_saturating_generator_loss(d(fake)).item()
    loss = training.generator_step(d, sgd(g), fake)
    assert loss.item() == pytest.approx(expected, abs=1e-7)
    assert not loss.requires_grad


def test_discriminator_step_leaves_the_generator_alone():
    g, d = generator(), discriminator()
    fake = g(torch.ones(8, 4))
    before, d_before = weights(g), weights(d)
    training.discriminator_step(d, sgd(d), DATA[:8], fake)
    assert_same(before, weights(g))
    assert all(p.grad is None for p in g.parameters())
    assert differ(d_before, weights(d))


def test_generator_step_leaves_the_discriminator_alone():
    g, d = generator(), discriminator()
    before, g_before = weights(d), weights(g)
    training.generator_step(
        d, sgd(g), g(torch.randn(8, 4, generator=torch.Generator().manual_seed(0)))
    )
    assert_same(before, weights(d))
    assert all(p.grad is None and p.requires_grad for p in d.parameters())
    assert differ(g_before, weights(g))


def test_generator_step_leaves_earlier_gradients_of_the_discriminator_alone():
    g, d = generator(), discriminator()
    for p in d.parameters():
        p.grad = torch.full_like(p, 3.0)
    training.generator_step(d, sgd(g), g(torch.ones(8, 4)))
    assert all((p.grad == 3).all() for p in d.parameters())


def test_steps_do_not_add_up_gradients():
    once, twice = line(0.7, -0.2), line(0.7, -0.2)
    optimizer = sgd(twice, lr=0.0)
    for _ in range(2):
        training.discriminator_step(twice, optimizer, column(REAL), column(FAKE))
    training.discriminator_step(once, sgd(once, lr=0.0), column(REAL), column(FAKE))
    assert torch.equal(once.weight.grad, twice.weight.grad)


@pytest.mark.parametrize("bad", [INF, NAN])
def test_a_step_that_diverges_updates_nothing(bad):
    g, d = generator(), discriminator()
    d_before = weights(d)
    with pytest.raises(training.TrainingDiverged, match="discriminator's loss is (inf|nan)"):
        training.discriminator_step(d, sgd(d), torch.full((8, *SHAPE), bad), DATA[:8])
    assert_same(d_before, weights(d))
    fake = g(torch.ones(8, 4))
    g_before = weights(g)
    with pytest.raises(training.TrainingDiverged, match="generator's loss is (inf|nan)"):
        training.generator_step(d, sgd(g), fake * bad)
    assert_same(g_before, weights(g))


# The loop.


def log_updates(state):
    updates = []
    for name, optimizer in (("D", state.d_optimizer), ("G", state.g_optimizer)):
        step = optimizer.step
        optimizer.step = lambda name=name, step=step: (updates.append(name), step())
    return updates


@pytest.mark.parametrize(("k", "expected"), [(1, "DGDGDG"), (3, "DDDGDDDGDDDG")])
def test_d_steps_k_times_then_g(k, expected):
    state = begin(steps=3, k=k)
    updates = log_updates(state)
    for done, step in enumerate(training.train(state, DATA), start=1):
        assert step.number == state.step == done
        assert len(updates) == done * (k + 1)
    assert "".join(updates) == expected


def inputs_of(net):
    seen = []
    net.register_forward_pre_hook(
        lambda module, args: seen.append(args[0].detach().clone()) if module.training else None
    )
    return seen


def test_each_inner_step_sees_a_new_minibatch_of_data_and_of_fakes():
    state = begin(steps=2, k=2)
    seen = inputs_of(state.discriminator)
    list(training.train(state, DATA))
    d_batches = [
        batch for batch in seen if len(batch) == 16
    ]  # real and fake together; G's own step passes 8
    assert len(d_batches) == 4
    for one, other in itertools.combinations(d_batches, 2):
        assert not torch.equal(one[:8], other[:8]) and not torch.equal(one[8:], other[8:])


def test_minibatches_are_rows_of_the_data():
    state = begin(steps=4)
    seen = inputs_of(state.discriminator)
    list(training.train(state, DATA))
    rows = {tuple(row) for row in DATA.tolist()}
    assert all(
        tuple(row) in rows for batch in seen if len(batch) == 16 for row in batch[:8].tolist()
    )


def test_a_step_reports_losses_and_probabilities_of_its_minibatch():
    state = begin()
    d_before, seen = copy.deepcopy(state.discriminator), inputs_of(state.discriminator)
    step = next(training.train(state, DATA))
    d_of_x, d_of_g = d_before(seen[0]).sigmoid().split(8)
    assert step.d_loss == pytest.approx(
        -(d_of_x.log().mean() + (1 - d_of_g).log().mean()).item(), abs=1e-5
    )
    assert (step.d_real, step.d_fake) == pytest.approx(
        (d_of_x.mean().item(), d_of_g.mean().item()), abs=1e-6
    )
    assert step.g_loss > 0


def test_the_generator_loss_is_the_one_that_is_set():
    _, history = finished(objective="minimax", steps=3)
    assert all(step.g_loss < 0 for step in history)
    _, history = finished(objective="non_saturating", steps=3)
    assert all(step.g_loss > 0 for step in history)


DROPOUT = [
    pytest.param(discriminator, id="plain D"),
    pytest.param(dropout_discriminator, id="dropout in D"),
]


@pytest.mark.parametrize("make_d", DROPOUT)
def test_same_seed_same_run(make_d):
    (left, left_steps), (right, right_steps) = (finished(d=make_d(), seed=3) for _ in range(2))
    assert left_steps == right_steps
    assert_same_run(left, right)


def test_another_seed_another_run():
    (left, left_steps), (right, right_steps) = (finished(seed=seed) for seed in (3, 4))
    assert left_steps != right_steps
    assert differ(weights(left.generator), weights(right.generator))


def dropout_generator():
    return nn.Sequential(generator(), nn.Dropout(0.5))


@pytest.mark.parametrize(
    ("make_g", "make_d"),
    [
        pytest.param(generator, discriminator, id="plain nets"),
        pytest.param(generator, dropout_discriminator, id="dropout in D"),
        pytest.param(dropout_generator, discriminator, id="dropout in G"),
    ],
)
def test_global_random_numbers_are_neither_changed_nor_used(make_g, make_d):
    runs = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        before = torch.get_rng_state()
        runs.append(finished(g=make_g(), d=make_d())[1])
        assert torch.equal(torch.get_rng_state(), before)
    assert runs[0] == runs[1]


def test_dropout_is_drawn_anew_at_each_step():
    state = begin(g=generator(), d=nn.Sequential(nn.Dropout(0.5), discriminator()))
    masks = []
    state.discriminator[1].register_forward_pre_hook(
        lambda net, args: masks.append(args[0] == 0) if net.training else None
    )
    list(itertools.islice(training.train(state, DATA), 3))
    assert not any(
        torch.equal(a, b) for a, b in itertools.combinations(masks, 2) if a.shape == b.shape
    )


@pytest.mark.parametrize("make_d", DROPOUT)
def test_a_loop_that_is_left_goes_on_exactly_where_it_stopped(make_d):
    whole, whole_steps = finished(d=make_d(), k=2)
    parts = begin(d=make_d(), k=2)
    history = list(itertools.islice(training.train(parts, DATA), 5)) + list(
        training.train(parts, DATA)
    )
    assert history == whole_steps
    assert_same_run(parts, whole)


def test_a_finished_run_takes_no_more_steps():
    state, _ = finished()
    assert list(training.train(state, DATA)) == []


# Settings, nets and data that are wrong.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0), ("steps", 2.5), ("k", 0), ("k", "2"), ("batch_size", -1), ("noise_dim", 0),
        ("noise_dim", None), ("lr_d", 0), ("lr_d", NAN), ("lr_g", -1e-3), ("lr_g", INF),
        ("betas", (0.5,)), ("betas", (0.5, 1.0)), ("betas", (-1, 0.9)), ("decay_from", 1.5),
        ("decay_from", -0.1), ("decay_from", NAN), ("average", 1.0), ("average", -0.1),
        ("noise", "gaussian"), ("objective", "hinges"), ("momentum", 1), ("r1", -1), ("clip", 0),
        ("penalty_every", 0), ("precision", "float16"),
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be .*, not "):
        begin(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", True),
        ("lr_g", True),
        ("seed", True),
        ("lr_d", "fast"),
        ("lr_g", None),
        ("betas", 0.5),
        ("decay_from", None),
        ("average", "yes"),
        ("seed", "x"),
        ("seed", 1.5),
    ],
)
def test_a_setting_of_another_type_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be .*, not "):
        begin(**{name: value})


def wide(seed=0):
    return models.mlp_generator(4, SHAPE, hidden=(256,), seed=seed)


def test_precision_auto_is_settled_at_the_start():
    assert begin(precision="auto").settings.precision == "float32"  # too narrow to profit
    assert begin(g=wide(), precision="auto").settings.precision in ("float32", "bfloat16")


@pytest.mark.parametrize(("capable", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_precision_auto_follows_the_processor(monkeypatch, capable, expected):
    monkeypatch.setattr(device, "computes_in_bfloat16", lambda device: capable)
    assert begin(g=wide(), precision="auto").settings.precision == expected


class Shift(nn.Module):
    """G(z) = z + theta, the smallest generator of all: one weight, and that one a scalar."""

    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(0.0))

    def forward(self, z):
        return z + self.theta


@pytest.mark.parametrize("precision", ["auto", "float32"])
def test_a_generator_with_a_scalar_weight_trains(monkeypatch, precision):
    monkeypatch.setattr(device, "computes_in_bfloat16", lambda device: True)
    state = begin(g=Shift(), d=models.toy_discriminator((8,)), noise_dim=1, precision=precision)
    assert len(list(training.train(state, torch.ones(16, 1)))) == 12
    assert state.generator.theta.item() != 0


@pytest.mark.parametrize(
    ("make_g", "make_d", "message"),
    [
        (lambda: generator(noise_dim=5), discriminator, r"noise of shape \(2, 4\); set noise_dim"),
        (
            generator,
            lambda: discriminator(shape=(7,)),
            r"discriminator does not take what generator makes, \(2, 6\)",
        ),
        (
            generator,
            lambda: nn.Linear(6, 2),
            r"one logit a sample, \(B, 1\); for B = 2 it returned \(2, 2\)",
        ),
        (generator, lambda: nn.Sequential(discriminator(), nn.Sigmoid()), "ends in a sigmoid"),
    ],
)
def test_nets_that_do_not_fit_are_refused(make_g, make_d, message):
    with pytest.raises(ValueError, match=message):
        begin(g=make_g(), d=make_d())


def test_start_leaves_weights_statistics_and_mode_as_they_are():
    g, d = generator().eval(), discriminator()
    before = weights(g), weights(d)
    begin(g=g, d=d)
    assert_same(before[0], weights(g)), assert_same(before[1], weights(d))
    assert not g.training and d.training


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DATA[:, :5], r"samples of shape \(5,\), but generator makes \(6,\)"),
        (lambda n, rng: torch.zeros(n, 5), r"samples of shape \(5,\), but generator makes \(6,\)"),
        (DATA[:0], "data must be a tensor"),
        (DATA[:, 0], "data must be a tensor"),
        (DATA.tolist(), r"data must be samples, or \(samples, labels\), not 6 things"),
        (7, "data must be a tensor .*, not int"),
        (torch.where(DATA > 0.9, NAN, DATA), "not finite"),
        (torch.where(DATA > 0.9, INF, DATA), "not finite"),
    ],
    ids=["shape", "function's shape", "empty", "one-dimensional", "list", "number", "nan", "inf"],
)
def test_data_that_do_not_fit_are_refused(data, message):
    state = begin()
    with pytest.raises(ValueError, match=message):
        next(training.train(state, data))
    assert state.step == 0


@pytest.mark.parametrize("dtype", [torch.float64, torch.int64])
def test_data_of_another_type_train_or_are_refused(dtype):
    state = begin()
    try:
        next(training.train(state, DATA.to(dtype)))
    except ValueError as error:
        assert "data" in str(
            error
        )  # "used as it is" must not end in an error about matrices inside D


@pytest.mark.parametrize(
    "other", [DATA[:32], DATA.reshape(64, 2, 3), lambda n, rng: torch.zeros(n, 6)]
)
def test_other_data_on_going_on_are_refused(other):
    state = begin()
    next(training.train(state, DATA))
    with pytest.raises(ValueError, match=r"trained on data of shape \[64, 6\] so far"):
        next(training.train(state, other))
    assert state.step == 1


# Data of every kind.


def real_parts(data, shape):
    state = begin(g=generator(shape=shape), d=discriminator(shape=shape), steps=2)
    seen = inputs_of(state.discriminator)
    list(training.train(state, data))
    return state, [batch[:8] for batch in seen if len(batch) == 16]


@pytest.mark.parametrize(("grey", "expected"), [(0, -1.0), (255, 1.0), (51, -0.6)])
def test_images_of_bytes_are_scaled_and_shaped_like_the_fakes(grey, expected):
    _, seen = real_parts(torch.full((9, 2, 3), grey, dtype=torch.uint8), shape=(1, 2, 3))
    assert all(batch.shape == (8, 1, 2, 3) for batch in seen)
    assert torch.cat(seen).unique().tolist() == pytest.approx([expected], abs=1e-6)


def test_floats_are_used_as_they_are():
    _, seen = real_parts(torch.full((9, *SHAPE), 1.25), SHAPE)
    assert torch.cat(seen).unique().tolist() == [1.25]


def test_a_function_draws_each_minibatch_from_the_random_numbers_of_the_run():
    calls = []

    def sample(n, rng):
        calls.append((n, rng))
        return torch.rand(n, *SHAPE, generator=rng)

    state, seen = real_parts(sample, SHAPE)
    drawn = [rng for n, rng in calls if n == 8]
    assert len(drawn) == 2 and all(rng is state.rng for rng in drawn)
    assert all(
        rng is not state.rng for n, rng in calls if n != 8
    )  # looking at the shape costs the run no random numbers
    assert not torch.equal(*seen)


# Divergence.


def test_infinite_data_stop_the_run_before_the_update():
    state = begin()
    steps = training.train(
        state, lambda n, rng: torch.full((n, *SHAPE), INF if state.step == 3 else 0.5)
    )
    for _ in range(3):
        next(steps)
    before = weights(state.generator), weights(state.discriminator)
    with pytest.raises(
        training.TrainingDiverged, match="^step 4: the discriminator's loss is (nan|inf)"
    ):
        next(steps)
    assert state.step == 3
    assert_same(before[1], weights(state.discriminator))
    parameters = dict(
        state.generator.named_parameters()
    )  # BatchNorm has counted the batch; the weights have not moved
    assert_same({name: before[0][name] for name in parameters}, parameters)


@pytest.mark.parametrize("rates", [{"lr_d": 1e30}, {"lr_g": 1e38}])
def test_an_absurd_learning_rate_stops_the_run_before_the_step_that_fails(rates):
    state = begin(d=models.mlp_discriminator(SHAPE, hidden=(8, 8), seed=1), **rates)
    with pytest.raises(training.TrainingDiverged) as caught:
        for step in training.train(state, DATA):
            assert math.isfinite(step.d_loss) and math.isfinite(step.g_loss)
    assert str(caught.value).startswith(f"step {state.step + 1}: the ") and state.step < 12
    assert all(word in str(caught.value) for word in ("lr_d", "lr_g", "batch_size"))  # what to try


def test_where_d_jumps_away_g_stays_where_it_was():
    state = begin(d=models.mlp_discriminator(SHAPE, hidden=(8, 8), seed=1), lr_d=1e30)
    with pytest.raises(
        training.TrainingDiverged, match="^step 1: the generator's loss is (nan|inf)"
    ):
        next(training.train(state, DATA))
    assert_same(dict(generator().named_parameters()), dict(state.generator.named_parameters()))


# Learning rates, averages, precision.


@pytest.mark.parametrize(
    ("decay_from", "factors"),
    [
        (1.0, [1] * 10),
        (0.5, [1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]),
        (0.0, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]),
    ],
)
def test_learning_rates_fall_linearly_from_their_share_of_the_run_on(decay_from, factors):
    state = begin(steps=10, lr_d=0.01, lr_g=0.02, decay_from=decay_from)
    rates = [
        (state.d_optimizer.param_groups[0]["lr"], state.g_optimizer.param_groups[0]["lr"])
        for _ in training.train(state, DATA)
    ]
    assert [d for d, _ in rates] == pytest.approx([0.01 * factor for factor in factors])
    assert [g for _, g in rates] == pytest.approx([0.02 * factor for factor in factors])


def flat(net):
    return [value for p in net.parameters() for value in p.flatten().tolist()]


@pytest.mark.parametrize("decay", [0.0, 0.7, 0.999])
def test_averaged_weights_against_plain_python(decay):
    state = begin(steps=43, average=decay)
    average = flat(state.generator)
    for step in training.train(state, DATA):
        if step.number % 8 == 0:
            keep = min(decay, step.number / (step.number + 10)) ** 8
            average = [keep * a + (1 - keep) * w for a, w in zip(average, flat(state.generator))]
        assert flat(state.average) == pytest.approx(average, abs=1e-5)
    assert flat(state.average) != pytest.approx(flat(state.generator), abs=1e-5)


def test_no_average_where_none_is_asked_for():
    state, _ = finished(average=None)
    assert state.average is None
    averaged = training.averaged_generator(state)
    assert averaged is not state.generator
    assert flat(averaged) == flat(state.generator)


def batch_norms(net):
    return [module for module in net.modules() if isinstance(module, nn.BatchNorm1d)]


def test_the_averaged_generator_has_fresh_statistics():
    state, _ = finished(steps=40, batch_size=32, average=0.9)
    seen = []
    for layer in batch_norms(state.average):
        layer.register_forward_pre_hook(
            lambda module, args: seen.append(args[0].clone())
        )  # a copy keeps its hooks
    (layer,) = batch_norms(training.averaged_generator(state))
    assert len(seen) >= 20
    by_hand = (
        torch.stack([x.mean(0) for x in seen]).mean(0),
        torch.stack([x.var(0, correction=1) for x in seen]).mean(0),
    )
    torch.testing.assert_close(
        (layer.running_mean, layer.running_var), by_hand, rtol=1e-4, atol=1e-5
    )
    (stale,) = batch_norms(state.generator)
    assert not torch.allclose(layer.running_mean, stale.running_mean, atol=1e-3)


def test_the_averaged_generator_is_deterministic_and_ready_to_sample():
    state, _ = finished(steps=16)
    torch.manual_seed(5)
    one = training.averaged_generator(state)
    torch.manual_seed(6)
    other = training.averaged_generator(state)
    assert_same(weights(one), weights(other))
    assert not any(module.training for module in one.modules())
    assert flat(one) == flat(state.average)


def test_sampling_from_the_averaged_generator_does_not_disturb_training():
    undisturbed, _ = finished(steps=20)
    state = begin(steps=20)
    for _ in training.train(state, DATA):
        training.averaged_generator(state)(torch.ones(3, 4))
    assert_same_run(state, undisturbed)


@pytest.fixture
def highest_precision():
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize(("width", "precision"), [(256, "medium"), (255, "highest")])
def test_only_wide_nets_take_fast_products_and_put_the_precision_back(
    highest_precision, width, precision
):
    state, inside = begin(models.mlp_generator(4, SHAPE, hidden=(width,)), steps=3), set()
    state.discriminator.register_forward_pre_hook(
        lambda *_: inside.add(torch.get_float32_matmul_precision())
    )
    for _ in training.train(state, DATA):
        assert torch.get_float32_matmul_precision() == "highest"
    assert inside == {precision}
    assert torch.get_float32_matmul_precision() == "highest"


def test_matmul_precision_is_put_back_after_an_exception(highest_precision):
    wide = models.mlp_generator(4, SHAPE, hidden=(256,))
    with pytest.raises(training.TrainingDiverged):
        list(training.train(begin(wide), lambda n, rng: torch.full((n, *SHAPE), NAN)))
    assert torch.get_float32_matmul_precision() == "highest"


def test_bfloat16_stays_close_to_float32():
    (low, low_steps), (_, steps) = (
        finished(steps=20, precision=precision) for precision in ("bfloat16", "float32")
    )
    for name in ("d_loss", "g_loss", "d_real", "d_fake"):
        values = [getattr(step, name) for step in low_steps]
        assert values == pytest.approx([getattr(step, name) for step in steps], abs=0.03)
        assert values != [
            getattr(step, name) for step in steps
        ]  # it did compute in another precision
    assert all(
        p.dtype == torch.float32
        for p in [*low.generator.parameters(), *low.discriminator.parameters()]
    )


# Noise.


def test_noise_is_of_the_kind_that_is_set():
    rng = torch.Generator().manual_seed(0)
    normal = training.sample_noise(training.Settings(noise_dim=5), rng, 4000)
    uniform = training.sample_noise(training.Settings(noise_dim=5, noise="uniform"), rng, 4000)
    assert normal.shape == uniform.shape == (4000, 5)
    assert normal.mean().item() == pytest.approx(
        0, abs=0.05
    ) and normal.std().item() == pytest.approx(1, abs=0.05)
    assert -1 <= uniform.min() < -0.99 and 0.99 < uniform.max() <= 1
    assert uniform.std().item() == pytest.approx(1 / math.sqrt(3), abs=0.02)
    unit = training.sample_noise(training.Settings(noise_dim=5, noise="unit uniform"), rng, 4000)
    assert -math.sqrt(3) <= unit.min() < -1.72 and 1.72 < unit.max() <= math.sqrt(3)
    assert unit.std().item() == pytest.approx(1, abs=0.02)
    assert training.sample_noise(training.Settings(batch_size=7), rng).shape == (7, 100)


# Consumers.


def steps_up_to(n):
    return [training.Step(number, 1.0, 1.0, 0.5, 0.5) for number in range(1, n + 1)]


@pytest.mark.parametrize(("every", "kept"), [(1, [1, 2, 3, 4, 5, 6, 7]), (3, [3, 6])])
def test_record_keeps_every_nth_and_passes_all_on(every, kept):
    history, steps = [], steps_up_to(7)
    assert list(training.record(steps, history, every)) == steps
    assert [step.number for step in history] == kept


def test_snapshots_are_taken_where_asked_and_all_steps_passed_on():
    frames, steps, counter = [], steps_up_to(7), itertools.count()
    assert (
        list(training.snapshots(steps, frames, lambda: next(counter), at=iter([2, 5, 99]))) == steps
    )
    assert frames == [(2, 0), (5, 1)]


def test_time_limit_stops_after_its_time_and_the_run_goes_on_later(monkeypatch):
    clock = itertools.count()  # one second each time it is looked at
    monkeypatch.setattr(steps, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    state = begin(steps=9)
    early = [step.number for step in training.time_limit(training.train(state, DATA), seconds=3)]
    assert early == [1, 2, 3, 4] and state.step == 4
    late = [step.number for step in training.time_limit(training.train(state, DATA), seconds=100)]
    assert early + late == list(range(1, 10))


# Devices.


def only_there(monkeypatch, *names):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in names)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in names)


@pytest.mark.parametrize(
    ("there", "picked"), [(["cuda", "mps"], "cuda"), (["mps"], "mps"), ([], "cpu")]
)
def test_auto_takes_the_fastest_device_there_is(monkeypatch, there, picked):
    only_there(monkeypatch, *there)
    assert training.pick_device().type == picked
    assert training.pick_device("cpu").type == "cpu"


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "meta", "toaster"])
def test_a_device_that_is_not_there_is_refused(monkeypatch, device):
    only_there(monkeypatch)
    with pytest.raises(ValueError, match=device):
        training.pick_device(device)
