"""Steps a second of notebook 09's nets: alone, beside a busy process, on one core, within a quota.

In each situation a run takes the threads that ``gan_lib.threads`` chooses, and others have a fixed
number; they take turns, each in a process of its own. Printed are
the medians, the number chosen most often, and the best fixed number's speed over the chosen one's.
A quota needs a cgroup that may be written to; where there is none, that is said.

Run as: python tests/benchmarks/threads.py [--rounds 6] [--seconds 3]
"""

import argparse
import collections
import contextlib
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

WORKER = """
import sys, time, torch
from gan_lib import models, threads, training
fixed = int(sys.argv[1])
if fixed:
    torch.set_num_threads(fixed)
    threads.candidates = lambda: [fixed]
chosen = []
images = torch.randint(0, 256, (60000, 28, 28), dtype=torch.uint8)
players = models.mlp_generator(), models.mlp_discriminator()
settings = dict(steps=10**9, batch_size=128, lr_d=1e-3, lr_g=4e-4, betas=(0, 0.99))
state = training.start(*players, device="cpu", **settings)
state.generator.register_forward_pre_hook(lambda *_: chosen.append(torch.get_num_threads()))
steps = training.train(state, images)
for line in sys.stdin:
    chosen.clear()
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < float(line):
        next(steps)
        count += 1
    rate = count / (time.perf_counter() - began)
    print(rate, max(set(chosen), key=chosen.count), flush=True)
"""


@contextlib.contextmanager
def neighbour():
    """A process that keeps a core busy all the time, at normal priority."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        busy.kill()


@contextlib.contextmanager
def quota(cpus):
    """What moves a process into a cgroup of so many CPUs; None where none can be made."""
    for root in (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")):
        group = root / f"threads-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if (group / "cpu.max").exists():
                (group / "cpu.max").write_text(f"{int(cpus * 100000)} 100000")
            else:
                (group / "cpu.cfs_quota_us").write_text(str(int(cpus * 100000)))
            yield lambda pid, group=group: (group / "cgroup.procs").write_text(str(pid))
            return
        except OSError:
            continue
        finally:
            with contextlib.suppress(OSError):
                group.rmdir()
    yield None


def measure(name, rounds, seconds, numbers, prefix=(), enter=None):
    """Let workers with these numbers of threads (0: as chosen) take turns, and print what came."""
    shell = 'read go; exec "$@"'  # so that it is in its cgroup before Python starts
    workers = {}
    for number in numbers:
        command = ["sh", "-c", shell, "sh", *prefix, sys.executable, "-c", WORKER, str(number)]
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        workers[number] = subprocess.Popen(command, **pipes)
        if enter:
            enter(workers[number].pid)
        print("go", file=workers[number].stdin, flush=True)
    found = collections.defaultdict(list)
    for turn in range(rounds + 1):
        for number, worker in workers.items():
            print(seconds, file=worker.stdin, flush=True)
            rate, threads = worker.stdout.readline().split()
            if turn:  # the first warms up, and holds the first trial
                found[number].append((float(rate), int(threads)))
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    speeds = {number: statistics.median(rate for rate, _ in each) for number, each in found.items()}
    taken = [threads for _, threads in found[0]]
    best = max((number for number in speeds if number), key=speeds.get)
    listed = ", ".join(f"{number} fixed {speeds[number]:.1f}" for number in numbers if number)
    print(
        f"{name:26} chosen {max(set(taken), key=taken.count)}: {speeds[0]:.1f} steps/s; {listed}; "
        f"best / chosen = {speeds[best] / speeds[0]:.2f}",
        flush=True,
    )


def main(rounds, seconds):
    numbers = [0, *range(1, (os.cpu_count() or 1) + 1)]
    measure("idle", rounds, seconds, numbers)
    with neighbour():
        time.sleep(1)
        measure("beside a busy process", rounds, seconds, numbers)
    measure("on one core (taskset)", rounds, seconds, numbers, prefix=["taskset", "-c", "0"])
    with quota(1) as enter:
        if enter is None:
            print("within a quota of one CPU: no cgroup can be made here")
        else:
            measure("within a quota of one CPU", rounds, seconds, numbers, enter=enter)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each in each round")
    options = parser.parse_args()
    main(options.rounds, options.seconds)
