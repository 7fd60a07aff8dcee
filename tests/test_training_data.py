"""Data of every kind, labels, packs, and what a Stop leaves behind."""

import copy
import itertools
import signal
import threading

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from gan_lib import models, training
from gan_lib.training import descent, device, nets

SHAPE = (6,)
X = torch.rand(64, *SHAPE, generator=torch.Generator().manual_seed(1)) * 2 - 1
Y = torch.arange(64) % 3


pytestmark = pytest.mark.usefixtures("one_thread")


class LabelledG(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = models.mlp_generator(4 + 3, SHAPE, hidden=(8, 8), seed=0)

    def forward(self, z, y):
        return self.inner(torch.cat([z, F.one_hot(y, 3)], 1))


class LabelledD(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = models.mlp_discriminator((6 + 3,), hidden=(8,), seed=1)
        self.seen = []

    def forward(self, x, y):
        if self.training:
            self.seen.append((x.detach(), y))
        return self.inner(torch.cat([x, F.one_hot(y, 3)], 1))


def plain_g(seed=0):
    return models.mlp_generator(4, SHAPE, hidden=(8, 8), seed=seed)


def plain_d(seed=1):
    return models.mlp_discriminator(SHAPE, hidden=(8,), seed=seed)


def begin(g=None, d=None, **settings):
    settings = {"steps": 6, "batch_size": 8, "noise_dim": 4, "precision": "float32", **settings}
    return training.start(g or plain_g(), d or plain_d(), device="cpu", **settings)


def weights(state):
    tensors = {}
    for name, net in state.nets.items():
        tensors |= {f"{name}.{key}": t.clone() for key, t in net.state_dict().items()}
    return tensors


def same(left, right):
    return all(torch.equal(left[key], right[key]) for key in left)


# Labels.


@pytest.mark.parametrize("kind", ["pair", "function", "loader"])
def test_labels_reach_both_nets_beside_their_samples(kind):
    loader = DataLoader(TensorDataset(X, Y), batch_size=8)

    def sample(n, rng):
        index = torch.randint(len(X), (n,), generator=rng)
        return X[index], Y[index]

    data = {"pair": (X, Y), "function": sample, "loader": loader}[kind]
    state = begin(LabelledG(), LabelledD(), objective="wasserstein_gp", k=2)
    steps = list(training.train(state, data))
    assert len(steps) == 6
    label_of = {tuple(x.tolist()): y.item() for x, y in zip(X, Y)}
    judged = [(x, y) for x, y in state.discriminator.seen if len(x) == 16]
    assert len(judged) == 12  # two of D's steps in each turn; penalties and G's steps see 8
    for x, y in judged:
        assert torch.equal(y[:8], y[8:])  # a fake is asked for the label of the real one beside it
        assert [label_of[tuple(row.tolist())] for row in x[:8]] == y[:8].tolist()


def test_a_net_that_takes_no_labels_gets_none():
    state = begin(plain_g(), LabelledD())
    assert len(list(training.train(state, (X, Y)))) == 6
    state, without = begin(), begin()
    assert list(training.train(state, (X, Y))) == list(training.train(without, X))


def test_labels_that_are_missing_are_missed():
    with pytest.raises(ValueError, match="generator takes labels, but data has none"):
        next(training.train(begin(LabelledG(), plain_d()), X))
    with pytest.raises(ValueError, match="data has 64 samples, but 63 labels"):
        next(training.train(begin(LabelledG(), plain_d()), (X, Y[1:])))


def test_nets_that_take_labels_are_checked_with_the_first_of_them():
    class Wrong(LabelledD):
        def forward(self, x, y):
            return torch.cat([super().forward(x, y)] * 2, 1)

    with pytest.raises(ValueError, match=r"one logit a sample, .* it returned \(2, 2\)"):
        next(training.train(begin(plain_g(), Wrong()), (X, Y)))


class Optional(LabelledG):
    def forward(self, z, y=None):
        return super().forward(z, y)


class Verbose(nn.Linear):
    def forward(self, z, verbose=False, *more, **options):
        return super().forward(z)


def test_what_takes_labels():
    assert training.takes_labels(LabelledG()) and training.takes_labels(Optional())
    assert not training.takes_labels(Verbose(4, 6)) and not training.takes_labels(plain_d())


# Data of other kinds.


def test_arrays_are_tensors():
    left, right = begin(), begin()
    assert list(training.train(left, X.numpy())) == list(training.train(right, X))
    left, right = begin(LabelledG()), begin(LabelledG())
    arrays = X.numpy(), Y.numpy()
    assert list(training.train(left, arrays)) == list(training.train(right, (X, Y)))


def test_a_loader_begins_again_and_its_last_batch_may_be_smaller():
    seen = []
    d = plain_d()
    d.register_forward_pre_hook(lambda net, inputs: seen.append(len(inputs[0])))
    loader = DataLoader(X[:20], batch_size=8)
    state = begin(d=d, steps=4)
    list(training.train(state, loader))
    both = [size for i, size in enumerate(seen[1:]) if i % 2 == 0]  # the first was a look
    assert both == [16, 16, 8, 16]


def test_an_iterator_that_ends_is_said_to_have_run_out():
    state = begin()
    batches = iter([X[:8], X[8:16]])
    steps = training.train(state, batches)
    assert [next(steps).number, next(steps).number] == [1, 2]
    with pytest.raises(ValueError, match="data has run out"):
        next(steps)
    assert state.step == 2


@pytest.mark.parametrize("kind", ["tensor", "function"])
def test_bytes_are_scaled_wherever_they_come_from(kind):
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).repeat(64, 2)
    data = images if kind == "tensor" else lambda n, rng: images[:n]
    state = begin()
    seen = []
    state.discriminator.register_forward_pre_hook(lambda net, inputs: seen.append(inputs[0]))
    next(training.train(state, data))
    (real,) = [x[:8] for x in seen if len(x) == 16]
    assert real[0].tolist() == pytest.approx([-1, -0.6, 1] * 2, abs=1e-6)


@pytest.mark.parametrize("kind", ["tensor", "function", "loader"])
def test_floats_far_out_of_gs_reach_are_refused(kind):
    images = torch.randint(256, (64, 6), generator=torch.Generator().manual_seed(0)).float()
    data = {
        "tensor": images,
        "function": lambda n, rng: images[:n],
        "loader": DataLoader(images, batch_size=8),
    }[kind]
    with pytest.raises(ValueError, match=r"data reaches 2\d\d, but generator ends in tanh"):
        next(training.train(begin(), data))
    unbounded = nn.Sequential(nn.Linear(4, 6))
    assert next(training.train(begin(g=unbounded), data)).number == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X, Y, Y), r"samples, or \(samples, labels\), not 3 things"),
        (7, "data must be a tensor .* not int"),
        ([["a"]], "data must be samples|data must be tensors, not str"),
        (lambda n, rng: "x", "data must be tensors, not str"),
        ([], "data has run out"),
    ],
)
def test_data_that_are_none_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        next(training.train(begin(), data))


# Packs.


def packed(size, seed=1):
    return models.Packed(models.mlp_discriminator((6 * size,), hidden=(8,), seed=seed), size)


@pytest.mark.parametrize("size", [2, 4])
def test_d_judges_packs_of_one_kind(size):
    d = packed(size)
    seen = []
    d.discriminator.register_forward_pre_hook(lambda net, inputs: seen.append(inputs[0]))
    state = begin(d=d, steps=3)
    list(training.train(state, X))
    rows = {tuple(x.tolist()) for x in X}
    judged = [x for x in seen if len(x) == 16 // size]
    assert len(judged) == 3
    for packs in judged:
        samples = packs.reshape(-1, size, 6)
        real = [[tuple(x.tolist()) in rows for x in pack] for pack in samples]
        assert all(all(pack) for pack in real[: 8 // size])  # all of data
        assert not any(any(pack) for pack in real[8 // size :])  # or all of G


def test_a_pack_of_images_has_a_channel_for_each():
    d = models.Packed(models.mlp_discriminator((2, 4, 4), hidden=(3,)), 2)
    assert d(torch.zeros(6, 1, 4, 4)).shape == (3, 1)
    with pytest.raises(ValueError, match="5 samples cannot be packed by 2"):
        d(torch.zeros(5, 1, 4, 4))


def test_a_minibatch_holds_whole_packs():
    with pytest.raises(ValueError, match="batch_size must be a multiple of 3, .* not 8"):
        begin(d=packed(3))
    assert next(training.train(begin(d=packed(3), batch_size=9), X)).number == 1


# Ends of nets.


class Functional(nn.Module):
    def __init__(self, end):
        super().__init__()
        self.inner, self.end = plain_d(), end

    def forward(self, x):
        return self.end(self.inner(x)).reshape(-1, 1)


class Gated(nn.Module):
    """Ends in a linear layer, though a sigmoid is registered last."""

    def __init__(self):
        super().__init__()
        self.layer, self.head, self.gate = nn.Linear(6, 8), nn.Linear(8, 1), nn.Sigmoid()

    def forward(self, x):
        return self.head(self.gate(self.layer(x)) * self.layer(x))


def test_a_functional_sigmoid_is_found_and_a_gate_is_none():
    for end in (torch.sigmoid, F.sigmoid, nn.Sigmoid(), lambda a: a.sigmoid().squeeze()):
        with pytest.raises(ValueError, match="ends in a sigmoid"):
            begin(d=Functional(end))
    begin(d=Functional(torch.tanh))
    begin(d=Gated())


@pytest.mark.parametrize(
    ("end", "name"),
    [(torch.tanh, "Tanh"), (torch.sigmoid, "Sigmoid"), (lambda a: a, "Addmm"), (F.relu, "Relu")],
)
def test_last_operation(end, name):
    assert nets.last_operation(Functional(end)(X)) == name
    assert nets.last_operation(X) == ""


# Dropout that is no layer.


class FunctionalDropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = plain_d()

    def forward(self, x):
        return self.inner(F.dropout(x, 0.5, self.training))


def test_functional_dropout_follows_the_run():
    runs = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        before = torch.get_rng_state()
        state = begin(d=FunctionalDropout())
        steps = list(itertools.islice(training.train(state, X), 3))
        runs.append(steps + list(training.train(state, X)))
        assert torch.equal(torch.get_rng_state(), before)
    assert runs[0] == runs[1]
    other = list(training.train(begin(d=FunctionalDropout(), seed=1), X))
    assert other != runs[0]


def test_sampling_a_generator_with_dropout_leaves_everything_as_it_was():
    g = nn.Sequential(plain_g(), nn.Dropout(0.5))
    state = begin(g=g)
    list(training.train(state, X))
    before, global_numbers = weights(state), torch.get_rng_state()
    raw = training.with_fresh_statistics(state.generator, state.settings)
    assert raw is not state.generator and not raw.training and state.generator.training
    assert same(weights(state), before)
    assert torch.equal(torch.get_rng_state(), global_numbers)


# Averages.


def test_averages_carry_buffers():
    """With spectral norm the averaged layer has norm 1, since its vectors come along."""
    layer = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(4, 6))
    state = begin(g=nn.Sequential(layer), steps=64, lr_g=0.05, average=0.9)
    list(training.train(state, X))
    averaged = training.averaged_generator(state)[0]
    assert torch.linalg.matrix_norm(averaged.weight, 2).item() == pytest.approx(1, abs=0.1)
    for kept, buffer in zip(state.average.buffers(), state.generator.buffers()):
        assert torch.equal(kept, buffer)


# Stop.


@pytest.fixture
def stoppable():
    """A Stop raises KeyboardInterrupt here even where a shell lets its background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stopped(state, where):
    """Train until ``where`` is called the third time, in which a Stop arrives."""
    calls = itertools.count(1)

    def interrupt(*_):
        if next(calls) == 3:
            signal.raise_signal(signal.SIGINT)

    handle = where.register_forward_pre_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        for _ in training.train(state, X):
            pass
    handle.remove()


@pytest.mark.parametrize("player", ["generator", "discriminator"])
@pytest.mark.parametrize("k", [1, 2])
def test_a_stop_in_the_middle_of_a_step_loses_and_changes_nothing(stoppable, player, k):
    whole, state = begin(k=k), begin(k=k)
    list(training.train(whole, X))
    stopped(state, state.nets[player])
    assert 0 < state.step < 6
    list(training.train(state, X))
    assert same(weights(state), weights(whole))
    assert torch.equal(state.rng.get_state(), whole.rng.get_state())


def test_a_stop_while_data_are_drawn_takes_no_random_numbers():
    whole, state = begin(), begin()
    list(training.train(whole, X))
    calls = itertools.count(1)

    def sample(n, rng):
        index = torch.randint(len(X), (n,), generator=rng)
        if next(calls) == 4:
            raise KeyboardInterrupt
        return X[index]

    with pytest.raises(KeyboardInterrupt):
        list(training.train(state, sample))
    assert state.step == 2
    list(training.train(state, sample))
    assert same(weights(state), weights(whole))


def test_a_second_stop_goes_through(stoppable):
    with pytest.raises(KeyboardInterrupt):
        with device.uninterrupted():
            signal.raise_signal(signal.SIGINT)
            reached = "after the first"
            signal.raise_signal(signal.SIGINT)
            reached = "after the second"
    assert reached == "after the first"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_training_works_in_another_thread():
    state, ends = begin(), []
    thread = threading.Thread(target=lambda: ends.extend(training.train(state, X)))
    thread.start()
    thread.join()
    assert len(ends) == 6


# Late reading, as on a GPU.


@pytest.fixture
def late(monkeypatch):
    monkeypatch.setattr(descent, "AT_ONCE", ())
    monkeypatch.setattr(descent, "READ_EVERY", 4)


def test_numbers_read_late_are_the_same(late, monkeypatch):
    state = begin(steps=9)
    steps = list(training.train(state, X))
    kinds = [type(step).__name__ for step in steps]
    assert kinds == ["Unread"] * 3 + ["Step"] + ["Unread"] * 3 + ["Step"] + ["Unread"]
    monkeypatch.undo()
    twin = begin(steps=9)
    for left, right in zip(steps, training.train(twin, X), strict=True):
        for name in ("number", "d_loss", "g_loss", "d_real", "d_fake"):
            assert getattr(left, name) == getattr(right, name)
    assert same(weights(state), weights(twin))


def test_a_divergence_read_late_has_moved_nothing_of_that_net(late):
    state = begin(steps=20)
    bad = torch.full((8, 6), float("inf"))

    def sample(n, rng):
        return bad if state.step >= 5 else X[:n]

    steps = training.train(state, sample)
    for _ in range(5):
        next(steps)
    before = weights(state)
    with pytest.raises(training.TrainingDiverged, match="step 8: the discriminator's loss is"):
        list(steps)
    after = weights(state)
    for key in before:
        if key.startswith("discriminator"):
            assert torch.equal(before[key], after[key])
    assert all(t.isfinite().all() for t in after.values())


def test_an_unread_step_knows_its_fields_only(late):
    step = next(training.train(begin(), X))
    with pytest.raises(AttributeError):
        step.colour
    assert copy.copy(step).d_loss == step.d_loss
    assert isinstance(step.d_loss, float) and np.isfinite(step.d_loss)
