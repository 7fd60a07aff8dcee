"""Who computes a run: one process or, with :mod:`gan_lib.distributed`, several that share it.

The loops ask these questions of ``state.group``. One process has simple answers to them.
"""

import contextlib
from collections.abc import Iterable
from contextlib import AbstractContextManager

from torch import Tensor, nn


class OneProcess:
    """A run by one process: all of a minibatch is its own, and nobody has to be asked."""

    rank, size = 0, 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.rank == 0

    def own_part(self, *batch: Tensor) -> tuple[Tensor, ...]:
        """Of a minibatch (B, ...), which every process has drawn: the samples that are ours."""
        return batch

    def whole_batch(self) -> AbstractContextManager:
        """In it, what concerns all of a minibatch is computed for all of it."""
        return contextlib.nullcontext()

    def mean(self, numbers: Tensor) -> Tensor:
        """The mean over the processes of numbers that are means over their samples."""
        return numbers

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Let every process have the mean of the gradients of all."""

    def leaving_together(self) -> AbstractContextManager:
        """In it, a loop over steps that no process leaves alone."""
        return contextlib.nullcontext()

    def next_step(self) -> AbstractContextManager[bool]:
        """A context that is a step, and tells whether the processes take it."""
        return contextlib.nullcontext(True)


ALONE = OneProcess()
