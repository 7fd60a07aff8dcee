"""A script as users write it, for test_distributed.py: one process or several, here or there.

Run as: python shared_script.py CHECKPOINT FATAL: the step at which the last process kills itself
"""

import os
import signal
import sys
from pathlib import Path

import torch

from gan_lib import checkpoint, distributed, models, training

SETTINGS = dict(steps=40, batch_size=64, noise_dim=4, precision="float32")


def players():
    generator = models.mlp_generator(4, (6,), hidden=(16, 16), seed=0)
    return generator, models.mlp_discriminator((6,), hidden=(16,), seed=1)


def step_of(path):
    return checkpoint.load(path, *players(), device="cpu").step


def main(path, fatal):
    with distributed.processes() as group:
        if Path(path).exists():
            state = checkpoint.load(path, *players(), device="cpu")
        else:
            state = training.start(*players(), device="cpu", **SETTINGS)
        distributed.share(state, group)
        begin, rng = state.step, torch.Generator().manual_seed(1)
        images = torch.rand(999, 6, generator=rng) * 2 - 1
        steps = training.record(training.train(state, images), state.history)
        for step in checkpoint.checkpointed(steps, path, state, every=10):
            if step.number == fatal and group.rank == group.size - 1:
                os.kill(os.getpid(), signal.SIGKILL)
        if group.first:
            print(f"{group.size} processes, from step {begin} to {state.step}: {step}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
