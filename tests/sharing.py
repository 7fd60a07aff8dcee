"""Runs that several processes share, for test_distributed.py.

The processes are real, and talk by gloo over loopback. They are forked from one server that has
imported torch, so that each costs a fraction of a second.
"""

import multiprocessing
import os
import signal
import socket
import time
import traceback

import torch
from torch import nn

from gan_lib import checkpoint, distributed, training
from gan_lib.checkpoint.format import pack

PATIENCE = 60  # seconds until a process that should have ended counts as hanging
STEPS = 20


def together(what, size, *given):
    """What ``what(group, *given)`` returns, or the error that it raises, in each of the processes;
    None for one that was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gan_lib.checkpoint", "gan_lib.distributed", "sharing"])
    ends, started, port = [], [], free_port()
    for rank in range(size):
        ours, theirs = context.Pipe(duplex=False)
        place = {"RANK": rank, "WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        process = context.Process(target=_work, args=(theirs, place, what, given), daemon=True)
        process.start()
        theirs.close()
        ends.append(ours)
        started.append(process)
    try:
        return [_received(end) for end in ends]
    finally:
        for process in started:
            process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _received(end):
    if not end.poll(PATIENCE):
        return TimeoutError("this process hangs")
    try:
        return end.recv()
    except EOFError:
        return None


def _work(end, place, what, given):
    os.environ |= {key: str(value) for key, value in place.items()}
    torch.set_num_threads(1)
    try:
        with distributed.processes() as group:
            answer = what(group, *given)
    except BaseException as error:
        traceback.print_exc()
        answer = error
    end.send(answer)


# What the processes do.


class Double(nn.Module):
    """A net that computes in float64."""

    def __init__(self, net):
        super().__init__()
        self.net = net.double()

    def forward(self, x):
        return self.net(x.double())


def players(kind="plain"):
    torch.manual_seed(0)
    between = [nn.BatchNorm1d(16)] if kind == "norm" else []
    g = nn.Sequential(nn.Linear(4, 16), *between, nn.LeakyReLU(0.2), nn.Linear(16, 6))
    d = nn.Sequential(nn.Linear(6, 16), *between, nn.LeakyReLU(0.2), nn.Linear(16, 1))
    if kind == "convolutions":
        shape, between = nn.Unflatten(1, (1, 2, 3)), [nn.BatchNorm2d(8), nn.Conv2d(8, 8, 2)]
        d = nn.Sequential(shape, nn.Conv2d(1, 8, 2, padding=1), *between, nn.Flatten())
        d = nn.Sequential(d, nn.Linear(48, 1)).to(memory_format=torch.channels_last)
    return Double(g), Double(d)


def data():
    return torch.rand(999, 6, generator=torch.Generator().manual_seed(1))


def begun(group, kind="plain", **settings):
    settings = dict(steps=STEPS, batch_size=132, noise_dim=4, precision="float32") | settings
    state = training.start(*players(kind), device="cpu", **settings)
    return distributed.share(state, group)


def numbers(state):
    """All of a run, as one vector in float64; of numpy, which a pipe carries by value."""
    tensors, _ = pack(state)
    return torch.cat([tensors[name].double().flatten() for name in sorted(tensors)]).numpy()


def played(group, settings):
    state = begun(group, **settings)
    for _ in training.record(training.train(state, data()), state.history):
        pass
    return numbers(state)


def encode_and_decode(encoder, decoder, x, rng):
    """A loss that draws its own noise, as a variational autoencoder's does."""
    code = encoder(x)
    z = code + torch.randn(code.shape, generator=rng)
    return (decoder(z) - x).square().sum(1).mean() + code.square().sum(1).mean()


def fitted(group, kind):
    decoder, _ = players(kind)
    torch.manual_seed(2)
    nets = {"encoder": Double(nn.Linear(6, 4)), "decoder": decoder}
    optimizer = "sgd" if kind == "norm" else "adam"
    settings = dict(steps=STEPS, batch_size=132, precision="float32", optimizer=optimizer)
    state = training.start_fit(nets, device="cpu", **settings)
    distributed.share(state, group)
    for _ in training.record(training.fit(state, encode_and_decode, data()), state.history):
        pass
    return numbers(state)


def resumed(group, folder, upto):
    """Go on with what the first process has in its folder, as far as ``upto``; the others have no
    checkpoint."""
    path = folder / str(group.rank) / "gan.safetensors"
    if path.exists():
        state = distributed.share(checkpoint.load(path, *players(), device="cpu"), group)
    else:
        state = begun(group)
    steps = training.record(training.train(state, data()), state.history)
    for step in steps:
        if step.number == upto:
            break
    steps.close()
    checkpoint.save(path, state)
    return path.exists(), numbers(state)


def left_alone(group):
    """Process 1 leaves its loop at step 5; the step at which each is then, and in the end."""
    state = begun(group)
    for step in training.train(state, data()):
        if step.number == 5 and group.rank == 1:
            break
    left_at = state.step
    for _ in training.train(state, data()):
        pass
    return left_at, state.step


def interrupted(group):
    """Process 1 gets a Ctrl-C in the middle of step 6; the step at which each is interrupted."""
    state = begun(group)

    def sample(n, rng):
        if state.step == 5 and group.rank == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return torch.rand(n, 6, generator=rng)

    try:
        for _ in training.train(state, sample):
            pass
    except KeyboardInterrupt:
        return state.step


def limited(group):
    """Process 0 has a time limit of nothing, process 1 one of an hour."""
    state = begun(group)
    for _ in training.time_limit(training.train(state, data()), 0 if group.first else 3600):
        pass
    return state.step


def diverging(group):
    """The last sample of the seventh minibatch, in the part of the last process, is infinite."""
    state, drawn = begun(group), []

    def sample(n, rng):
        x = torch.rand(n, 6, generator=rng)
        drawn.append(n)
        if drawn.count(132) == 7:
            x[-1] = torch.inf
        return x

    for _ in training.train(state, sample):
        pass


def killed(group):
    """Process 1 is killed at step 5; what the others are told, and after how many seconds."""
    state = begun(group)
    try:
        for step in training.train(state, data()):
            if step.number == 5:
                since = time.monotonic()
                if group.rank == 1:
                    os.kill(os.getpid(), signal.SIGKILL)
    except ConnectionError as error:
        return str(error), time.monotonic() - since


def with_other_data(group):
    state = begun(group)
    next(training.train(state, data() + group.rank))


def with_other_settings(group):
    begun(group, lr_d=1e-3 * (1 + group.rank))
