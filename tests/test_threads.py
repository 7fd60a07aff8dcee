"""The number of threads: what we may use, what is fastest, and no bit of a run depends on it."""

import math

import pytest
import torch
from test_recorded_runs import digest
from torch import nn

from gan_lib import data, models, threads, training


@pytest.fixture
def four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def four_cpus(monkeypatch, four_threads):
    monkeypatch.setattr(threads, "available", lambda: 4)


# What we may use.


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return min([math.inf, *threads._quotas(root)])


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({}, math.inf),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, math.inf),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 100000\n"}, 1),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n"}, 1.5),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/cpu.max": "300000 100000\n",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            },
            3,
        ),
        (
            {
                "proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/x\n",
                "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/x/cpu.max": "1 100000\n",
            },
            0.5,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            math.inf,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "nonsense"}, math.inf),
    ],
)
def test_quotas_of_both_versions_and_of_groups_above(tmp_path, files, quota):
    assert tree(tmp_path, files) == quota


@pytest.mark.parametrize(
    ("cores", "limit", "quota", "found"),
    [
        (8, None, math.inf, 8),
        (8, "2.5", math.inf, 2),
        (8, "0.5", math.inf, 1),
        (8, "0", math.inf, 8),
        (8, "many", math.inf, 8),
        (8, None, 1.9, 1),
        (2, "4", 3, 2),
    ],
)
def test_available_is_the_least_of_all(monkeypatch, cores, limit, quota, found):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    monkeypatch.delenv("CPU_LIMIT", raising=False)
    if limit is not None:
        monkeypatch.setenv("CPU_LIMIT", limit)
    monkeypatch.setattr(threads, "_quotas", lambda root: [quota])
    assert threads.available() == found


def test_limited_puts_back_what_was(four_threads, monkeypatch):
    monkeypatch.setattr(threads, "available", lambda: 3)
    with threads.limited():
        assert torch.get_num_threads() == 3
    with pytest.raises(ZeroDivisionError), threads.limited(1):
        assert torch.get_num_threads() == 1
        1 / 0
    with threads.limited(9):
        assert torch.get_num_threads() == 4  # never more than there were
    assert torch.get_num_threads() == 4


def test_candidates_are_halves(four_cpus):
    assert threads.candidates() == [4, 2, 1]


# What is fastest now.


def walk(schedule, seconds, steps):
    """The numbers chosen where a step with n threads takes seconds(n, step)."""
    chosen, n = [], next(schedule)
    for step in range(steps):
        chosen.append(n)
        n = schedule.send(seconds(n, step))
    return chosen


def test_the_fastest_is_taken_after_a_short_trial():
    chosen = walk(threads._schedule([4, 2, 1], 4), lambda n, step: {4: 3, 2: 1, 1: 2}[n], 60)
    assert chosen[:6] == [4, 2, 1, 4, 2, 1]
    assert 4 not in chosen[6:]  # three times as slow: it is not tried again
    assert set(chosen[15:]) == {2}


def test_one_thread_beside_a_neighbour_and_two_when_it_has_gone():
    """Two threads take 1 ms alone, 4 beside the neighbour, who comes at step 100; one takes 1.5."""

    def seconds(n, step):
        two = 4 if 100 <= step < 400 else 1
        return (1.5 if n == 1 else two) / 1000

    chosen = walk(threads._schedule([2, 1], 4), seconds, 900)
    assert set(chosen[20:100]) == {2}
    assert chosen[120:380].count(1) > 240
    assert chosen[700:].count(2) > 180


def test_trials_take_a_hundredth_of_the_time():
    seconds = {2: 1.0, 1: 1.6}
    chosen = walk(threads._schedule([2, 1], 4), lambda n, step: seconds[n] / 1000, 20_000)
    lost = sum(seconds[n] - 1 for n in chosen)
    assert lost < 0.02 * len(chosen)


def test_a_pace_sets_and_puts_back(four_threads, monkeypatch):
    pace = threads.Pace([2, 1])
    inside = []
    for _ in range(3):
        with pace:
            inside.append(torch.get_num_threads())
        assert torch.get_num_threads() == 4
    assert inside == [2, 1, 2]
    with pytest.raises(ZeroDivisionError), pace:
        1 / 0
    assert torch.get_num_threads() == 4


# No bit depends on it.

X = torch.randint(0, 256, (200, 28, 28), dtype=torch.uint8)


def numbers_in(net):
    """With how many threads its layers compute: {(kind of layer, its weights): numbers}."""
    seen = {}
    for module in net.modules():
        if list(module.parameters(recurse=False)):
            size = module.weight.numel()
            module.register_forward_hook(
                lambda m, i, o, size=size: seen.setdefault(
                    (type(m).__name__, size), set()
                ).add(torch.get_num_threads())
            )  # fmt: skip
    return seen


def begin(**settings):
    settings = {"steps": 12, "batch_size": 32, "precision": "float32", **settings}
    players = models.mlp_generator(seed=0), models.mlp_discriminator(seed=1)
    return training.start(*players, device="cpu", **settings)


def test_layers_whose_sums_would_be_split_compute_on_one_thread(four_cpus):
    state = begin()
    alone = threads.training_pace(state.nets.values(), wide=True)._alone
    kinds = {(type(m).__name__, m.weight.numel()) for m in alone}
    assert {kind for kind, _ in kinds} == {"BatchNorm1d", "Linear"}
    assert all(size < threads.SMALL for kind, size in kinds if kind == "Linear")
    inside = []
    for module in alone:
        module.register_forward_pre_hook(lambda *_: inside.append(torch.get_num_threads()))
    before = [len(module._forward_hooks) for module in alone]
    for _ in training.train(state, X):
        assert torch.get_num_threads() == 4
    assert [len(module._forward_hooks) for module in alone] == before  # nothing is left behind


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_runs_on_one_and_on_two_threads_have_the_same_bits(four_threads, monkeypatch, precision):
    found = []
    for numbers in ([1], [2], [2, 1]):
        monkeypatch.setattr(threads, "candidates", lambda numbers=numbers: numbers)
        monkeypatch.setattr(threads, "available", lambda: 2)
        state = begin(precision=precision)
        found.append(digest(state, list(training.train(state, X))))
    assert len(set(found)) == 1


def test_narrow_nets_get_one_thread_and_unknown_layers_all(four_cpus):
    narrow = [models.toy_generator(), models.toy_discriminator()]
    assert threads.training_pace(narrow, wide=False)._threads == 1
    convolutional = [models.digit_classifier(), models.mlp_discriminator()]
    pace = threads.training_pace(convolutional, wide=True)
    for _ in range(20):
        with pace:
            assert torch.get_num_threads() == 4
    assert pace._alone == []


def test_a_layer_alone_computes_both_passes_on_one_thread(four_threads):
    seen = []

    class Watch(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            seen.append(("forward", torch.get_num_threads()))
            return x * 1

        @staticmethod
        def backward(ctx, gradient):
            seen.append(("backward", torch.get_num_threads()))
            return gradient

    class Layer(nn.Module):
        def forward(self, x):
            return Watch.apply(x)

    layer = Layer()
    hooks = threads._on_one_thread(layer)
    layer(torch.ones(3, requires_grad=True)).sum().backward()
    assert seen == [("forward", 1), ("backward", 1)] and torch.get_num_threads() == 4
    for hook in hooks:
        hook.remove()
    layer(torch.ones(3, requires_grad=True))
    assert seen[-1] == ("forward", 4)


def test_evaluation_leaves_the_number_as_it_was(four_threads):
    from gan_lib import evaluation

    images = data.embedded_digits("test")[0]
    evaluation.parzen_log_likelihood(images[:100], images[100:], 0.2)
    evaluation.nearest(images[:50], images)
    assert torch.get_num_threads() == 4
