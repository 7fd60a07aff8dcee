"""Checkpoints: bit for bit there and back, no pickle, and nothing lost or changed where
something goes wrong."""

import errno
import json
import os
import pickle
import random
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from gan_lib import losses, models, training
from gan_lib.checkpoint import checkpointed, format, load, load_generator, load_nets, save, saving
from gan_lib.objectives import Objective

SHAPE = (6,)
DATA = torch.rand(64, *SHAPE, generator=torch.Generator().manual_seed(1)) * 2 - 1
STEPS = 25


pytestmark = pytest.mark.usefixtures("one_thread")


def generator(seed=0, hidden=(8, 8)):
    return models.mlp_generator(4, SHAPE, hidden=hidden, seed=seed)


def discriminator(seed=1, hidden=(8,)):
    return models.mlp_discriminator(SHAPE, hidden=hidden, seed=seed)


def dropout_discriminator(seed=1):
    return models.maxout_discriminator(SHAPE, units=6, pieces=2, layers=1, seed=seed)


def begin(make_d=discriminator, **settings):
    settings = {"steps": STEPS, "batch_size": 8, "noise_dim": 4, "precision": "float32", **settings}
    return training.start(generator(), make_d(), device="cpu", **settings)


def walk(state, steps):
    for step in training.train(state, DATA):
        if step.number == steps:
            break
    return state


def tensors_of(state):
    nets = state.nets | {f"average of {name}": net for name, net in state.averages.items()}
    tensors = {
        f"{net}.{name}": value for net in nets for name, value in nets[net].state_dict().items()
    }
    for name, optimizer in state.optimizers.items():
        for index, entries in optimizer.state_dict()["state"].items():
            tensors |= {f"{name}.{index}.{entry}": value for entry, value in entries.items()}
    return {"rng": state.rng.get_state()} | tensors


def numbers_of(state):
    groups = [
        group
        for optimizer in state.optimizers.values()
        for group in optimizer.state_dict()["param_groups"]
    ]
    kept = [
        {name: value for name, value in group.items() if name != "lr"} for group in groups
    ]  # each step sets its own rate
    return state.step, state.settings, state.data_shape, state.history, kept


def assert_same_tensors(left, right):
    assert left.keys() == right.keys()
    for name in left:
        assert left[name].dtype == right[name].dtype and torch.equal(left[name], right[name]), name


def assert_same_state(left, right):
    assert_same_tensors(tensors_of(left), tensors_of(right))
    assert numbers_of(left) == numbers_of(right)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gan.safetensors"


@pytest.fixture
def saved(path):
    state = walk(begin(), 10)
    save(path, state)
    return state


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


# There and back.

RUNS = {
    "float32": {},
    "bfloat16": {"precision": "bfloat16"},
    "dropout in D": {"make_d": dropout_discriminator},
    "no average": {"average": None},
    "k = 2": {"k": 2},
    "uniform noise": {"noise": "uniform"},
    "learning-rate decay": {"decay_from": 0.3},
    "SGD with momentum": {"optimizer": "sgd"},
    "SGD without": {"optimizer": "sgd", "momentum": 0.0},
    "minimax": {
        "objective": "minimax",
        "betas": (0.9, 0.99),
        "lr_d": 1e-3,
        "lr_g": 2e-3,
        "seed": 7,
    },
}


@pytest.fixture(params=RUNS.values(), ids=RUNS.keys())
def options(request):
    return request.param


def reload(path, make_d=discriminator, **_):
    return load(path, generator(seed=50), make_d(seed=51), device="cpu")


def test_a_run_comes_back_bit_for_bit(path, options):
    state = walk(begin(**options), 10)
    save(path, state)
    assert_same_state(reload(path, **options), state)


def test_a_resumed_run_ends_like_an_uninterrupted_one(path, options):
    whole = walk(begin(**options), STEPS)
    save(path, walk(begin(**options), 10))
    assert_same_state(walk(reload(path, **options), STEPS), whole)


def test_a_resumed_run_can_be_saved_and_resumed_again(path):
    save(path, walk(begin(), 5))
    for steps in (9, 10, 17):
        save(path, walk(reload(path), steps))
    assert_same_state(walk(reload(path), STEPS), walk(begin(), STEPS))


@pytest.mark.parametrize("stop", [0, STEPS], ids=["before the first step", "after the last step"])
def test_a_run_can_be_saved_at_its_ends(path, stop):
    state = walk(begin(), stop) if stop else begin()
    save(path, state)
    assert_same_state(walk(reload(path), STEPS), walk(begin(), STEPS))


def test_saving_and_sampling_do_not_disturb_the_run(path):
    state = begin()
    for _ in training.train(state, DATA):
        save(path, state)
        load_generator(path, generator())
    assert_same_state(state, walk(begin(), STEPS))


def test_the_path_may_be_a_string_and_its_folder_new(tmp_path):
    state = begin()
    save(str(tmp_path / "runs" / "today" / "gan.safetensors"), state)
    assert (
        load(
            str(tmp_path / "runs/today/gan.safetensors"), generator(), discriminator(), device="cpu"
        ).step
        == 0
    )


def test_a_run_from_another_device_goes_on_and_says_so(path, saved, capsys):
    rewrite(path, header={"device": "cuda"})
    state = reload(path)
    assert "saved on cuda" in capsys.readouterr().out
    assert walk(state, STEPS).step == STEPS


@pytest.mark.parametrize("average", [0.9, None])
def test_load_generator_is_the_averaged_generator(path, average):
    state = walk(begin(average=average), 20)
    save(path, state)
    net = load_generator(path, generator(seed=50))
    assert_same_tensors(net.state_dict(), training.averaged_generator(state).state_dict())
    assert not net.training
    noise = torch.linspace(-1, 1, 12).reshape(3, 4)
    assert torch.equal(net(noise), training.averaged_generator(state)(noise))


# Files that cannot be loaded leave the nets as they were.


def rewrite(path, change=lambda tensors: None, metadata=None, header=None):
    """The checkpoint again, with its tensors changed in place, other metadata, or other entries
    in its JSON header."""
    with safetensors.safe_open(path, "pt") as file:
        found = file.metadata()
    tensors = safetensors.torch.load_file(path)
    change(tensors)
    found["state"] = json.dumps(json.loads(found["state"]) | (header or {}))
    found["digest"] = format.digest(tensors, found["state"])  # as if it had been saved so
    safetensors.torch.save_file(tensors, path, found | (metadata or {}))


def assert_refused(path, message=None, g=None, d=None, error=ValueError, device="cpu"):
    nets = g or generator(seed=50), d or discriminator(seed=51)
    before = [{name: tensor.clone() for name, tensor in net.state_dict().items()} for net in nets]
    with pytest.raises(error, match=message) as caught:
        load(path, *nets, device=device)
    for net, was in zip(nets, before):
        assert_same_tensors(net.state_dict(), was)
    return str(caught.value)


def test_nets_that_fit_do_change(path, saved):
    """What ``assert_refused`` holds still does move where nothing is wrong."""
    net = generator(seed=50)
    before = net[0].weight.clone()
    load(path, net, discriminator(seed=51), device="cpu")
    assert not torch.equal(net[0].weight, before)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 100, 0.5, -1000, -1])
def test_a_truncated_file_is_refused(path, saved, length):
    contents = path.read_bytes()
    path.write_bytes(
        contents[: int(length * len(contents)) if isinstance(length, float) else length]
    )
    assert str(path) in assert_refused(path, "truncated")


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_refused(path, seed):
    path.write_bytes(random.Random(seed).randbytes(5000))
    assert str(path) in assert_refused(path, "not a checkpoint")


class Trap:
    """Unpickling this creates a file."""

    def __init__(self, bait):
        self.bait = bait

    def __reduce__(self):
        return Path.touch, (Path(self.bait),)


@pytest.mark.parametrize(
    "dump",
    [torch.save, lambda trap, path: path.write_bytes(pickle.dumps(trap))],
    ids=["torch", "pickle"],
)
def test_a_pickle_is_refused_and_never_executed(path, tmp_path, dump):
    bait = tmp_path / "executed"
    dump({"generator": Trap(bait)}, path)
    assert str(path) in assert_refused(path, "not a checkpoint")
    with pytest.raises(ValueError, match="not a checkpoint"):
        load_generator(path, generator())
    assert not bait.exists()
    other_name = path.rename(tmp_path / "gan.pt")
    torch.load(other_name, weights_only=False) if dump is torch.save else pickle.loads(
        other_name.read_bytes()
    )
    assert bait.exists()  # a loader that unpickles would have been caught


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_a_foreign_safetensors_file_is_refused(path, metadata):
    safetensors.torch.save_file({"weight": torch.zeros(3)}, path, metadata)
    assert str(path) in assert_refused(path, "not a checkpoint")


@pytest.mark.parametrize(
    ("g", "d", "message"),
    [
        (
            generator(hidden=(9, 8)),
            None,
            r"generator: 0\.weight is \(8, 4\) in the file and \(9, 4\) in the net",
        ),
        (
            generator(hidden=(8,)),
            None,
            r"generator: 2\.weight is \(8, 8\) in the file and \(6, 8\) in the net",
        ),
        (
            None,
            discriminator(hidden=(7,)),
            r"discriminator: 1\.weight is \(8, 6\) in the file and \(7, 6\) in the net",
        ),
        (
            None,
            discriminator(hidden=(8, 8)),
            r"discriminator: 3\.weight is \(1, 8\) in the file and \(8, 8\) in the net",
        ),
        (
            None,
            nn.Linear(6, 1),
            r"discriminator: weight is missing in the file and \(1, 6\) in the net",
        ),
        (None, nn.Sequential(*discriminator(), nn.Sigmoid()), "ends in a sigmoid"),
    ],
)
def test_other_nets_are_refused_and_what_differs_is_named(path, saved, g, d, message):
    text = assert_refused(path, message, g, d)
    assert "sigmoid" in text or str(path) in text


def test_a_device_that_is_not_there_is_refused(path, saved, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert_refused(path, "cuda", device="cuda")


def drop(prefix):
    def change(tensors):
        for name in [name for name in tensors if name.startswith(prefix)]:
            del tensors[name]

    return change


def shorten(name):
    def change(tensors):
        tensors[name] = tensors[name].flatten()[:-1].clone()

    return change


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"change": drop("rng")}, id="no random state"),
        pytest.param({"change": drop("averages.")}, id="no average"),
        pytest.param({"change": drop("optimizers.generator.0.")}, id="no state of a weight"),
        pytest.param(
            {"change": drop("optimizers.discriminator.0.exp_avg_sq")}, id="no second moment"
        ),
        pytest.param({"change": shorten("rng")}, id="short random state"),
        pytest.param({"change": shorten("averages.generator.0.weight")}, id="short average"),
        pytest.param({"change": shorten("optimizers.discriminator.1.exp_avg")}, id="short moment"),
        pytest.param({"metadata": {"state": "{"}}, id="broken header"),
        pytest.param(
            {"header": {"settings": {"steps": 3, "betas": [0.5, 0.9], "colour": "red"}}},
            id="unknown setting",
        ),
        pytest.param(
            {"header": {"settings": asdict(training.Settings(noise_dim=4)) | {"k": 0}}},
            id="bad setting",
        ),
    ],
)
def test_a_file_damaged_inside_is_refused_before_anything_changes(path, saved, damage):
    rewrite(path, **damage)
    assert_refused(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    for absent in (tmp_path / "nothing.safetensors", tmp_path):  # a folder is no checkpoint either
        assert str(absent) in assert_refused(absent, "no checkpoint", error=FileNotFoundError)
        with pytest.raises(FileNotFoundError, match="no checkpoint"):
            load_generator(absent, generator())


def test_load_generator_refuses_another_architecture_and_leaves_it(path, saved):
    net = generator(seed=50, hidden=(9, 8))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(
        ValueError,
        match=r"net given for generator: 0\.weight is \(8, 4\) in the file and \(9, 4\) in the net",
    ):
        load_generator(path, net)
    assert_same_tensors(net.state_dict(), before)


# Writing that fails keeps what was there.


def failing(error):
    def fail(*args, **kwargs):
        raise error

    return fail


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_failed_write_keeps_the_checkpoint_from_before(path, saved, monkeypatch, call, code):
    contents, later = path.read_bytes(), walk(reload(path), 15)
    monkeypatch.setattr(os, call, failing(OSError(code, os.strerror(code))))
    with pytest.raises(OSError, match="the one saved before is untouched") as caught:
        save(path, later)
    assert caught.value.errno == code
    assert str(path) in str(caught.value) and os.strerror(code) in str(caught.value)
    assert names_in(path.parent) == [path.name] and path.read_bytes() == contents
    monkeypatch.undo()
    assert_same_state(reload(path), saved)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_interrupted_write_keeps_the_checkpoint_from_before(path, saved, monkeypatch, call):
    contents = path.read_bytes()
    monkeypatch.setattr(os, call, failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        save(path, saved)
    assert names_in(path.parent) == [path.name] and path.read_bytes() == contents


def test_a_failed_first_write_leaves_nothing(path, monkeypatch):
    monkeypatch.setattr(os, "fsync", failing(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(OSError, match="nothing was written"):
        save(path, begin())
    assert names_in(path.parent) == []


def test_a_folder_that_is_a_file_is_an_error_and_stays_a_file(tmp_path):
    (tmp_path / "runs").write_text("my notes")
    with pytest.raises(OSError, match="could not be saved"):
        save(tmp_path / "runs" / "gan.safetensors", begin())
    assert (tmp_path / "runs").read_text() == "my notes"


def test_a_home_folder_in_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    save("~/runs/gan.safetensors", begin())
    assert names_in(tmp_path) == ["home"]
    assert load("~/runs/gan.safetensors", generator(), discriminator(), device="cpu").step == 0
    load_generator("~/runs/gan.safetensors", generator())


def test_the_file_is_whole_before_it_gets_its_name(path, saved, monkeypatch):
    """Flushed to the disk first, renamed second: what a power cut may leave depends on this
    order."""
    events = []
    fsync, rename = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: (events.append(("fsync", os.fstat(fd).st_size)), fsync(fd))
    )
    monkeypatch.setattr(
        os, "replace", lambda a, b: (events.append(("replace", os.path.getsize(a))), rename(a, b))
    )
    save(path, saved)
    size = path.stat().st_size
    assert events[:2] == [("fsync", size), ("replace", size)]


@pytest.mark.parametrize("name", ["gan.safetensors", "gan [1].safetensors"])
def test_stale_leftovers_are_swept_and_fresh_ones_and_others_stay(tmp_path, name):
    stale, fresh, other = (
        tmp_path / f".{n}.partial"
        for n in (f"{name}.abc", f"{name}.def", "another.safetensors.ghi")
    )
    for file in (stale, fresh, other):
        file.write_bytes(b"half a checkpo")
    for file in (stale, other):
        os.utime(file, (time.time() - 7200,) * 2)
    save(tmp_path / name, begin())
    assert names_in(tmp_path) == sorted([fresh.name, other.name, name])


# checkpointed().


@pytest.fixture
def saves(monkeypatch):
    """The steps at which a checkpoint was written."""
    steps, write = [], saving.save
    monkeypatch.setattr(
        saving, "save", lambda path, state: (steps.append(state.step), write(path, state))
    )
    return steps


@pytest.mark.parametrize(("steps", "expected"), [(7, [3, 6, 7]), (6, [3, 6]), (2, [2])])
def test_checkpointed_saves_every_few_steps_and_at_the_end(path, saves, steps, expected):
    state = begin(steps=steps)
    passed = [
        step.number for step in checkpointed(training.train(state, DATA), path, state, every=3)
    ]
    assert passed == list(range(1, steps + 1))
    assert saves == expected
    assert reload(path).step == steps


def test_the_loop_may_be_left_and_what_was_saved_last_stands(path, saves):
    """Nothing is saved behind the reader's back, at some later moment at which Python happens to
    close the iterator."""
    state = begin()
    for step in checkpointed(training.train(state, DATA), path, state, every=3):
        if step.number == 4:
            break
    assert saves == [3]
    assert_same_state(walk(reload(path), STEPS), walk(begin(), STEPS))


def test_checkpointed_saves_where_the_time_is_over(path, saves):
    state = begin()
    list(checkpointed(training.time_limit(training.train(state, DATA), seconds=0), path, state))
    assert saves == [state.step] == [1]


def test_a_finished_run_is_not_written_again(path, saves):
    state = walk(begin(), STEPS)
    assert list(checkpointed(training.train(state, DATA), path, state)) == []
    assert saves == []


@pytest.mark.parametrize("disaster", [training.TrainingDiverged, KeyboardInterrupt])
def test_a_step_that_fails_does_not_overwrite_the_checkpoint(path, saves, disaster):
    state = begin()

    def sample(n, rng):
        if state.step == 5 and disaster is KeyboardInterrupt:
            raise KeyboardInterrupt
        return torch.full((n, *SHAPE), float("inf") if state.step == 5 else 0.5)

    with pytest.raises(disaster):
        list(checkpointed(training.train(state, sample), path, state, every=2))
    assert saves == [2, 4]
    assert reload(path).step == 4


def test_settings_come_back_equal(path):
    settings = replace(
        training.Settings(),
        betas=(0.1, 0.2),
        noise_dim=4,
        decay_from=0.25,
        average=0.5,
        precision="bfloat16",
    )
    save(path, training.start(generator(), discriminator(), device="cpu", **asdict(settings)))
    assert reload(path).settings == settings


# History, digest, and files that are changed behind one's back.


def test_history_is_kept_and_goes_on(path):
    state = begin()
    for step in training.record(training.train(state, DATA), state.history):
        if step.number == 10:
            break
    save(path, state)
    later = reload(path)
    assert later.history == state.history and len(later.history) == 10
    for run in (state, later):
        list(training.record(training.train(run, DATA), run.history))
    assert later.history == state.history
    assert [step.number for step in later.history] == list(range(1, STEPS + 1))


def test_every_flipped_bit_is_found(path, saved):
    contents = bytearray(path.read_bytes())
    rng = random.Random(0)
    header = 8 + int.from_bytes(contents[:8], "little")
    places = [rng.randrange(size) for size in (len(contents), header) for _ in range(60)]
    for place in places:
        flipped = bytearray(contents)
        flipped[place] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        assert str(path) in assert_refused(path)
    path.write_bytes(contents)
    assert_same_state(reload(path), saved)


@pytest.mark.parametrize(
    "change",
    [lambda file: file.write_bytes(b"0" * 9), lambda file: os.truncate(file, 0), Path.unlink],
)
def test_nothing_stays_mapped_to_the_file(path, saved, change):
    state, twin = reload(path), walk(reload(path), STEPS)
    change(path)
    assert_same_state(walk(state, STEPS), twin)


def test_a_run_may_go_on_after_its_end(path):
    state = walk(begin(decay_from=0.5), STEPS)
    save(path, state)
    longer = training.extend(reload(path), 40)
    assert len(list(training.train(longer, DATA))) == 15
    assert longer.settings.steps == 40
    with pytest.raises(ValueError, match="steps must be at least 40, which are done, not 39"):
        training.extend(longer, 39)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.other, self.head = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 1)
        self.other.weight = self.one.weight

    def forward(self, x):
        return self.head(self.other(self.one(x).relu()).relu())


def test_tied_weights_are_saved(path):
    state = walk(begin(make_d=Tied), 10)
    save(path, state)
    again = load(path, generator(seed=50), Tied(), device="cpu")
    assert again.discriminator.other.weight is again.discriminator.one.weight
    assert_same_state(walk(again, STEPS), walk(state, STEPS))


def test_the_home_folder_is_meant_by_its_sign(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    state = begin()
    save("~/gan.safetensors", state)
    assert (tmp_path / "gan.safetensors").is_file() and not Path("~").exists()
    assert_same_state(reload("~/gan.safetensors"), state)


def test_numbers_of_numpy_and_torch_are_kept_as_plain_ones(path):
    given = dict(
        steps=np.int64(STEPS), batch_size=torch.tensor(8), lr_d=np.float32(0.5),
        lr_g=torch.tensor(0.25), betas=np.array([0.25, 0.5]), average=np.float64(0.5),
        seed=np.uint8(3),
    )  # fmt: skip
    state = walk(begin(**given), 3)
    settings = asdict(state.settings)
    assert {type(settings[name]) for name in ("steps", "batch_size", "seed")} == {int}
    assert {type(settings[name]) for name in ("lr_d", "lr_g", "average")} == {float}
    assert settings["betas"] == (0.25, 0.5) and {type(beta) for beta in settings["betas"]} == {
        float
    }
    save(path, state)
    assert reload(path).settings == state.settings


# Objectives and optimisers of one's own.


def test_an_objective_of_ones_own_is_given_again(path):
    game = Objective(g_loss=losses.least_squares_generator_loss)
    state = walk(begin(objective=game), 10)
    save(path, state)
    with pytest.raises(ValueError, match="objective of your own: give it again"):
        reload(path)
    again = load(path, generator(seed=50), discriminator(seed=51), device="cpu", objective=game)
    assert_same_state(walk(again, STEPS), walk(state, STEPS))


def own_optimizers(g, d):
    layers = [{"params": d[1].parameters()}, {"params": d[3].parameters(), "lr": 1e-2}]
    return {
        "generator": torch.optim.RMSprop(g.parameters(), lr=1e-3, momentum=0.5),
        "discriminator": torch.optim.AdamW(layers, lr=1e-3, amsgrad=True),
    }


def begin_own(g, d, **settings):
    settings = {"steps": STEPS, "batch_size": 8, "noise_dim": 4, "precision": "float32", **settings}
    return training.start(g, d, device="cpu", optimizers=own_optimizers(g, d), **settings)


def test_optimizers_of_ones_own_are_given_again(path):
    state = walk(begin_own(generator(), discriminator(), decay_from=0.5), 10)
    save(path, state)
    with pytest.raises(ValueError, match="optimizers of your own: give them again"):
        reload(path)
    nets = generator(seed=50), discriminator(seed=51)
    again = load(path, *nets, device="cpu", optimizers=own_optimizers(*nets))
    assert_same_state(walk(again, STEPS), walk(state, STEPS))
    rates = [group["lr"] for group in again.d_optimizer.param_groups]
    assert rates == pytest.approx([1e-3 * 2 / STEPS, 1e-2 * 2 / STEPS])  # the last step's share


def test_optimizers_of_the_wrong_net_are_refused():
    g, d = generator(), discriminator()
    given = own_optimizers(g, d)
    for wrong in ({"generator": given["generator"]}, {**given, "critic": given["generator"]}):
        with pytest.raises(ValueError, match="must be given for generator and discriminator"):
            training.start(g, d, device="cpu", noise_dim=4, optimizers=wrong)
    swapped = {"generator": given["discriminator"], "discriminator": given["generator"]}
    with pytest.raises(ValueError, match="holds weights that are not the generator's"):
        training.start(g, d, device="cpu", noise_dim=4, optimizers=swapped)


def test_an_optimizer_that_keeps_more_than_tensors_is_not_saved(path):
    g, d = generator(), discriminator()
    given = {**own_optimizers(g, d), "discriminator": torch.optim.LBFGS(d.parameters())}
    state = training.start(g, d, device="cpu", noise_dim=4, optimizers=given)
    state.d_optimizer.state[d[1].weight]["n_iter"] = 3
    with pytest.raises(TypeError, match="LBFGS keeps n_iter, which is no tensor"):
        save(path, state)
    assert not path.exists()


# Runs of one, two and three nets.

TARGET = torch.rand(64, 6, generator=torch.Generator().manual_seed(2))
SIZES = {1: [(6, 6)], 2: [(6, 4), (4, 6)], 3: [(6, 4), (4, 4), (4, 6)]}


def nets_of(count, seed=0):
    nets = [
        models.mlp_generator(inputs, (outputs,), hidden=(8, 8), seed=seed + i)
        for i, (inputs, outputs) in enumerate(SIZES[count])
    ]
    return dict(zip(("encoder", "middle", "decoder"), nets))


def reconstruction(*given):
    *nets, x, rng = given
    made = x + 0.1 * torch.randn(x.shape, generator=rng)
    for net in nets:
        made = net(made)
    return (made - x).square().mean()


def fit_until(state, last):
    for step in training.record(training.fit(state, reconstruction, TARGET), state.history):
        if step.number == last:
            break
    return state


@pytest.mark.parametrize("average", [None, 0.9])
@pytest.mark.parametrize("count", SIZES)
def test_runs_of_any_nets_are_saved_and_resumed(path, count, average):
    settings = dict(steps=40, batch_size=8, average=average, decay_from=0.5, device="cpu")
    whole = fit_until(training.start_fit(nets_of(count), **settings), 40)
    state = fit_until(training.start_fit(nets_of(count), **settings), 17)
    save(path, state)
    again = load_nets(path, nets_of(count, seed=50), device="cpu")
    assert_same_state(again, state)
    assert_same_state(fit_until(again, 40), whole)
    assert len(again.averages) == (count if average else 0)
    assert again.history[-1].loss < again.history[0].loss


def test_other_names_of_nets_are_refused(path, saved):
    with pytest.raises(ValueError, match="a run of generator, discriminator; you gave net"):
        load_nets(path, {"net": generator()})
    save(path, training.start_fit(nets_of(2), device="cpu"))
    with pytest.raises(ValueError, match="encoder, middle; you gave generator, discriminator"):
        reload(path)


# Files of the format before this one.

OLD = Path(__file__).parent / "format_1"


@pytest.mark.parametrize("kind", ["adam", "sgd"])
def test_old_files_still_load(kind):
    """Written by the code before this format; what that code made of them stands beside them."""
    expected = json.loads((OLD / f"{kind}.json").read_text())
    nets = generator(seed=50), discriminator(seed=51)
    state = load(OLD / f"{kind}.safetensors", *nets, device="cpu")
    assert state.step == expected["step"] == 10
    assert state.settings.objective == expected["generator_loss"]
    assert state.settings.optimizer == kind and state.settings.momentum == expected["betas"][0]
    assert (state.average is None) == (kind == "sgd")
    sums = {
        name: sum(p.double().sum().item() for p in net.parameters())
        for name, net in state.nets.items()
    }
    assert sums == pytest.approx(expected["sums"], abs=1e-12)
    d_losses = [step.d_loss for step in training.train(state, DATA)]
    assert d_losses == pytest.approx(expected["d_losses"], abs=1e-4)  # on any processor


def test_an_old_files_generator_still_loads():
    net = load_generator(OLD / "adam.safetensors", generator(seed=50))
    assert not net.training and not torch.equal(net[0].weight, generator(seed=50)[0].weight)
