"""Does it pay to share a run? Steps a second of one process and of several, on this machine.

The processors are divided among the processes: one process has all of them as threads, several
have fewer each. The ways take turns, each in processes of their own; printed are the medians, and
how many times as fast several are. What a step of several costs beside arithmetic, messages and the
waiting for them, shows at small minibatches.

Run as: python tests/benchmarks/processes.py [--processes 2] [--rounds 3] [--seconds 5]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

import torch

from gan_lib import distributed, models, threads, training

NETS = {
    "09's perceptrons": (models.mlp_generator, models.mlp_discriminator),
    "17's convolutions": (models.conv_generator, models.conv_discriminator),
}
SIZES = [128, 512, 2048]


def work(nets, batch_size, seconds):
    """One of the processes; the first prints how many steps a second were taken together."""
    with distributed.processes() as group:
        players = (make(seed=i) for i, make in enumerate(NETS[nets]))
        state = training.start(*players, steps=10**9, batch_size=batch_size)
        distributed.share(state, group)
        images = torch.randint(0, 256, (10_000, 28, 28), dtype=torch.uint8)
        if group.size > 1:  # all draw from the same images
            torch.distributed.broadcast(images, 0)
        steps = training.train(state, images)
        for _ in range(10):  # the first are spent on finding the number of threads
            next(steps)
        count, began = 0, time.perf_counter()
        for _ in training.time_limit(steps, seconds):
            count += 1
        if group.first:
            print(count / (time.perf_counter() - began))


def rate(nets, batch_size, seconds, processes):
    launcher = ["-m", "gan_lib.distributed", "--processes", str(processes)] if processes > 1 else []
    worker = [__file__, "--work", nets, str(batch_size), str(seconds)]
    share = max(1, threads.available() // processes)
    env = os.environ | {"OMP_NUM_THREADS": str(share)}
    made = subprocess.run(
        [sys.executable, *launcher, *worker], env=env, check=True, capture_output=True, text=True
    )
    return float(made.stdout)


def main(options):
    several = options.processes
    print(f"{threads.available()} processors")
    print(f"{'nets':18} {'batch':>6} {'1 process':>10} {f'{several} processes':>12} {'ratio':>6}")
    for nets in NETS:
        for size in SIZES:
            rates = {1: [], several: []}
            for _ in range(options.rounds):
                for processes, found in rates.items():
                    found.append(rate(nets, size, options.seconds, processes))
            one, shared = map(statistics.median, rates.values())
            print(f"{nets:18} {size:6} {one:10.1f} {shared:12.1f} {shared / one:6.2f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--work", nargs=3, metavar=("NETS", "BATCH", "SECONDS"))
    options = parser.parse_args()
    if options.work:
        nets, batch_size, seconds = options.work
        work(nets, int(batch_size), float(seconds))
    else:
        main(options)
