"""Several processes are the same run, and end together, whatever ends them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

if sys.platform == "win32":
    pytest.skip("Windows has neither fork nor SIGKILL", allow_module_level=True)

import sharing
from shared_script import step_of
from sharing import STEPS, begun, together

from gan_lib import distributed, models, training
from gan_lib.objectives import Objective
from gan_lib.training.processes import ALONE, OneProcess
from gan_lib.unrolling import Unrolled

SCRIPT = Path(__file__).with_name("shared_script.py")
GAMES = {
    "the paper's, two steps of D": dict(k=2),
    "a penalty at random points": dict(objective="wasserstein_gp", optimizer="sgd"),
    "pairs, with penalties": dict(objective="relativistic", optimizer="sgd"),
    "instance noise": dict(instance_noise=0.5, noise="uniform"),
    "BatchNorm in both": dict(kind="norm", optimizer="sgd", lr_d=0.05, lr_g=0.05),
    "BatchNorm and a penalty": dict(kind="norm", optimizer="sgd", objective="wasserstein_gp"),
    "convolutions, channels last": dict(kind="convolutions", optimizer="sgd"),
}


@pytest.fixture(autouse=True)
def one_thread_here(one_thread):
    """As in the processes."""


@pytest.mark.parametrize("settings", GAMES.values(), ids=GAMES)
def test_two_processes_are_the_same_run_as_one(settings):
    expected = sharing.played(ALONE, settings)
    first, second = together(sharing.played, 2, settings)
    assert np.array_equal(first, second)
    assert np.abs(first - expected).max() <= 1e-12
    untrained = sharing.numbers(begun(ALONE, **settings))
    assert len(expected) > len(untrained)  # it has a history, and moments


def test_three_processes_are_too():
    for found in together(sharing.played, 3, {}):
        assert np.abs(found - sharing.played(ALONE, {})).max() <= 1e-12


@pytest.mark.parametrize("kind", ["plain", "norm"])
def test_nets_that_descend_one_loss_share_it_too(kind):
    expected = sharing.fitted(ALONE, kind)
    for found in together(sharing.fitted, 2, kind):
        assert np.abs(found - expected).max() <= 1e-12


def test_any_number_of_processes_resumes_any_checkpoint(tmp_path):
    for size, upto in ((2, 6), (1, 13), (2, STEPS)):
        (first, found), *others = together(sharing.resumed, size, tmp_path, upto)
        assert first and not any(wrote for wrote, _ in others)
        assert all(np.array_equal(found, its) for _, its in others)
    assert np.abs(found - sharing.played(ALONE, {})).max() <= 1e-12


def test_a_process_that_leaves_takes_the_others_with_it():
    assert together(sharing.left_alone, 2) == [(5, STEPS)] * 2


def test_a_process_that_is_interrupted_does_too():
    assert together(sharing.interrupted, 2) == [6, 6]


def test_a_time_limit_is_everybody_s():
    assert together(sharing.limited, 2) == [1, 1]


def test_where_one_diverges_all_do_at_the_same_step():
    first, second = together(sharing.diverging, 2)
    assert isinstance(first, training.TrainingDiverged) and str(first) == str(second)
    assert str(first).startswith("step 7: the discriminator's loss is")


def test_where_one_is_killed_the_others_are_told_at_once():
    (told, seconds), nothing = together(sharing.killed, 2)
    assert nothing is None and told.startswith("another process is gone") and seconds < 10


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (sharing.with_other_data, "data differ between the processes"),
        (sharing.with_other_settings, "lr_d is 0.001 in process 0, but 0.002 in process 1"),
    ],
)
def test_what_must_be_the_same_is_looked_at(what, message):
    for error in together(what, 2):
        assert isinstance(error, ValueError) and message in str(error)


class Two(OneProcess):
    size = 2
    rows = distributed.ProcessGroup.rows


def nets(*layers):
    return models.mlp_generator(4, (6,), (8,)), torch.nn.Sequential(
        torch.nn.Linear(6, 8), *layers, torch.nn.LazyLinear(1)
    )


@pytest.mark.parametrize(
    ("layers", "settings", "message"),
    [
        ([torch.nn.Dropout(0.5)], {}, "discriminator has Dropout"),
        (
            [models.MinibatchDiscrimination(8, 4, 2)],
            {},
            "discriminator mixes its batch in MinibatchDiscrimination",
        ),
        ([], dict(objective="feature_matching"), "g_loss feature_matching_loss is no mean"),
        ([], dict(objective=Objective(judge=Unrolled(3))), "judge Unrolled mixes its batch"),
        (
            [],
            dict(objective=Objective(g_loss=lambda a: -a.sum())),
            "g_loss <lambda> is no mean over samples",
        ),
        ([], dict(batch_size=17), "batch_size 17 cannot be shared evenly by 2 processes"),
    ],
)
def test_what_cannot_be_computed_in_parts_is_refused_by_name(layers, settings, message):
    settings = dict(noise_dim=4, device="cpu", precision="float32") | settings
    state = training.start(*nets(*layers), **settings)
    with pytest.raises(ValueError, match=re.escape(message)):
        distributed.share(state, Two())
    assert state.group is ALONE


def test_random_numbers_whose_rows_are_unknown_are_refused_by_name():
    with distributed.group.WholeBatch(Two(), part=3):
        assert torch.rand(3, 2).shape == torch.randn(size=(3, 2)).shape == (3, 2)
        with pytest.raises(ValueError, match=r"rand of shape \(4, 2\) draws random numbers"):
            torch.rand((4, 2))
        for draw in (
            lambda: torch.randperm(3),
            lambda: torch.zeros(3).normal_(),
            lambda: torch.nn.functional.dropout(torch.ones(3)),
        ):
            with pytest.raises(ValueError, match="draws random numbers in a step that several"):
                draw()
        assert torch.nn.functional.dropout(torch.ones(3), training=False).sum() == 3


def test_a_process_started_by_itself_is_alone():
    with distributed.processes() as group:
        assert group is ALONE and group.first and group.size == 1
        state = begun(group)
    assert state.group is ALONE
    with pytest.raises(ValueError, match="minutes must be positive, not 0"):
        with distributed.processes(minutes=0):
            pass


# The launcher.


def launched(*arguments, inside=(), folder=None):
    command = [*inside, sys.executable, "-m", "gan_lib.distributed", *map(str, arguments)]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def ended(process):
    """Exit status, standard output and standard error."""
    printed, errors = process.communicate(timeout=300)
    return process.returncode, printed, errors


def last_line(text):
    return text.strip().splitlines()[-1]


def test_a_script_alone_shared_killed_and_resumed(tmp_path):
    alone, shared = tmp_path / "alone.safetensors", tmp_path / "shared.safetensors"
    subprocess.run([sys.executable, SCRIPT, alone, "0"], check=True, timeout=300)
    status, printed, errors = ended(launched("--processes", 2, SCRIPT, shared, 25))
    assert (status, printed) == (1, "")
    assert last_line(errors).startswith("process 1 was killed by SIGKILL; all processes of this")
    assert step_of(shared) == 20
    status, printed, _ = ended(launched("--processes", 2, SCRIPT, shared, 0))
    assert status == 0 and printed.startswith("2 processes, from step 20 to 40")
    expected, found = (safetensors.torch.load_file(path)["history"] for path in (alone, shared))
    assert expected.shape == (40, 5)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)  # in float32


def test_the_script_of_the_page(tmp_path):
    page = (SCRIPT.parents[1] / "docs" / "several_processes.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert script.count("steps=4000") == script.count("% 100 == 0") == 1
    script = script.replace("steps=4000", "steps=3").replace("% 100 == 0", "== 3")
    (tmp_path / "train.py").write_text(script, encoding="utf-8")
    status, printed, errors = ended(launched("--processes", 2, "train.py", folder=tmp_path))
    assert status == 0 and printed.count("Step(number=3, d_loss=") == 1, errors
    assert (tmp_path / "gan.safetensors").exists()


@pytest.fixture
def two_hosts():
    """How to run a command on each of two hosts, and what the second calls the first: two network
    namespaces with a cable between them where we may make some, else this machine twice."""
    names = [f"gan{os.getpid()}{end}" for end in "ab"]
    cable = f"link add {names[0]} netns {names[0]} type veth peer name {names[1]} netns {names[1]}"
    wanted = [*(f"netns add {name}" for name in names), cable]
    for i, name in enumerate(names):
        wanted += [f"-n {name} address add 10.77.0.{i + 1}/24 dev {name}"]
        wanted += [f"-n {name} link set {device} up" for device in ("lo", name)]
    try:
        if shutil.which("ip") and all(ip(command) for command in wanted):
            inside = [["ip", "netns", "exec", name] for name in names]
            yield list(zip(inside, names)), "10.77.0.1"
        else:
            yield [([], "lo")] * 2, "127.0.0.1"
    finally:
        for name in names if shutil.which("ip") else ():
            ip(f"netns delete {name}")


def ip(command):
    return not subprocess.run(["ip", *command.split()], stderr=subprocess.DEVNULL).returncode


def test_two_hosts(two_hosts, tmp_path):
    hosts, address = two_hosts
    print(address)
    path, where = tmp_path / "gan.safetensors", f"{address}:{sharing.free_port()}"
    started = [
        launched(
            *("--processes", 1, "--hosts", 2, "--host", i, "--address", where),
            *("--interface", interface, SCRIPT, path, 0),
            inside=inside,
        )
        for i, (inside, interface) in enumerate(hosts)
    ]
    (first, printed, errors), (second, nothing, _) = map(ended, started)
    assert (first, second, nothing) == (0, 0, ""), errors
    assert printed.startswith("2 processes, from step 0 to 40")
    assert step_of(path) == 40


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hosts", 2, "x.py"], "--address must be host 0's address and a free port"),
        (["--hosts", 2, "--address", "here", "x.py"], "--address must be host 0's address and a"),
        (
            ["--hosts", 2, "--host", 2, "--address", "a:1", "x.py"],
            "--host must be from 0 to 1, not",
        ),
        (["--processes", 0, "x.py"], "--processes: must be a positive whole number, not '0'"),
        (["--hosts", "two", "x.py"], "--hosts: must be a positive whole number, not 'two'"),
        ([], "the following arguments are required: script"),
    ],
)
def test_bad_requests_are_refused_clearly(arguments, message, capsys):
    from gan_lib.distributed.__main__ import main

    with pytest.raises(SystemExit) as refused:
        main([str(each) for each in arguments])
    assert message in f"{refused.value} {capsys.readouterr().err}"
