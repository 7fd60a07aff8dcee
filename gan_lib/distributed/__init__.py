"""One run by several processes, on one machine or on several: the same run, computed in parts.

Every process draws the whole minibatch from the same random numbers, and takes its part of it;
losses, gradients and the statistics of BatchNorm are means over all. So any number of processes
goes through the same steps, but for rounding, and any number resumes any checkpoint::

    with distributed.processes() as group:
        state = distributed.share(training.start(g, d, steps=3000), group)
        steps = training.train(state, images)
        for step in checkpoint.checkpointed(steps, "gan.safetensors", state):
            if group.first:
                print(step)

``python train.py`` is one process; ``python -m gan_lib.distributed train.py`` starts as many as
there are processors (:mod:`gan_lib.distributed.__main__`), and torch's own ``torchrun`` does, too.
"""

from .group import ProcessGroup, processes
from .sharing import share
