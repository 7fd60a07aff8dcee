"""The processes that share a run, and what they tell each other in a step."""

import contextlib
import datetime
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn
from torch import distributed as torch_distributed

from ..arguments import checked, positive
from ..training.device import uninterrupted
from ..training.processes import ALONE, OneProcess
from .whole_batch import WholeBatch

GO_ON, LEAVE, INTERRUPTED = range(3)  # what a process says before each step; the highest counts


@checked
@contextlib.contextmanager
def processes(minutes: float = 10.0) -> Iterator[OneProcess]:
    """Join the processes that were launched together, as one of them, until the block ends.

    Yields the group: its ``size``, our ``rank`` in it, and whether we are its ``first``. A process
    that was started by itself is a group of its own. They talk by gloo; by nccl where each has a
    GPU, which is then torch's current one.

    Parameters
    ----------
    minutes : how long a process waits for the others, such as for one that is judging samples

    Raises
    ------
    ConnectionError
        If another process is gone or cannot be reached.
    ValueError
        If minutes is not positive.
    """
    positive(minutes=minutes)
    if "WORLD_SIZE" not in os.environ:
        yield ALONE
        return
    local = int(os.environ.get("LOCAL_RANK", 0))
    own_gpu = torch.cuda.device_count() >= int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    if own_gpu:
        torch.cuda.set_device(local)
    with _naming_the_loss("to begin with"):
        torch_distributed.init_process_group(
            "nccl" if own_gpu else "gloo", timeout=datetime.timedelta(minutes=minutes)
        )
    group = ProcessGroup(torch.device("cuda", local) if own_gpu else torch.device("cpu"))
    try:
        yield group
        group.leave(LEAVE)
    except KeyboardInterrupt:
        group.leave(INTERRUPTED)
        raise
    finally:
        torch_distributed.destroy_process_group()


class ProcessGroup(OneProcess):
    """Several processes with one run; ``processes`` makes it, and ``share`` gives it to a run."""

    def __init__(self, device: torch.device):
        self.rank = torch_distributed.get_rank()
        self.size = torch_distributed.get_world_size()
        self.device = device
        self._in_a_run = False
        self._part = 0  # samples of the minibatch that are ours

    def own_part(self, *batch: Tensor) -> tuple[Tensor, ...]:
        """Our samples: the first of B / size for the first process, and so on.

        Raises
        ------
        ValueError
            If B is not a multiple of the number of processes, or the processes drew, to begin with,
            different minibatches.
        """
        whole = len(batch[0])
        if whole % self.size:
            raise ValueError(
                f"a minibatch of {whole} samples cannot be shared evenly by {self.size} processes"
            )
        if not self._part:
            self._check_equal(batch)
        self._part = whole // self.size
        return tuple(self.rows(tensor) for tensor in batch)

    def rows(self, whole: Tensor) -> Tensor:
        """Ours of the rows of ``whole``, of which every process has as many."""
        count = len(whole) // self.size
        return whole[self.rank * count : (self.rank + 1) * count]

    def _check_equal(self, batch: tuple[Tensor, ...]) -> None:
        found = hashlib.sha256()
        for tensor in batch:
            found.update(tensor.cpu().contiguous().numpy().tobytes())
        number = int.from_bytes(found.digest()[:6], "little")
        highest = self._all_reduce(torch.tensor([number, -number]), torch_distributed.ReduceOp.MAX)
        if highest.tolist() != [number, -number]:
            raise ValueError(
                "data differ between the processes: each must draw the same minibatches, "
                "from the same samples in the same order"
            )

    def whole_batch(self) -> AbstractContextManager:
        """In it, random numbers and BatchNorm are those of the whole minibatch."""
        return WholeBatch(self, self._part)

    def mean(self, numbers: Tensor) -> Tensor:
        """The mean over the processes of numbers that are means over their samples."""
        return self._all_reduce(numbers.clone()) / self.size

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Let every process have the mean of the gradients of all; in one message for each dtype.

        Raises
        ------
        ConnectionError
            If another process is gone or cannot be reached.
        """
        gradients = [p.grad for p in parameters if p.grad is not None]
        for dtype in dict.fromkeys(gradient.dtype for gradient in gradients):
            alike = [gradient for gradient in gradients if gradient.dtype == dtype]
            means = self.mean(torch.cat([gradient.flatten() for gradient in alike]))
            for gradient, mean in zip(alike, means.split([each.numel() for each in alike])):
                gradient.copy_(mean.view(gradient.shape))

    @contextlib.contextmanager
    def leaving_together(self) -> Iterator[None]:
        """In it, a loop over steps that no process leaves alone.

        One that leaves it, at a time limit, by ``break`` or by Ctrl-C, says so, and the others do
        not take the next step: their loop ends, by KeyboardInterrupt where it was interrupted.
        """
        self.leave(LEAVE)  # a loop before, that was left and is still referred to
        self._part, self._in_a_run = 0, True
        try:
            yield
        except KeyboardInterrupt:
            self.leave(INTERRUPTED)
            raise
        except Exception:  # in all processes, or the others find this one gone
            self._in_a_run = False
            raise
        finally:
            self.leave(LEAVE)

    @contextlib.contextmanager
    def next_step(self) -> Iterator[bool]:
        """A context that is a step, and tells whether the processes take it: all, or none.

        A Ctrl-C waits for its end.
        """
        with uninterrupted():
            answer = self._say(GO_ON)
            self._in_a_run = answer == GO_ON
            if answer == INTERRUPTED:
                raise KeyboardInterrupt("another process of the run was interrupted")
            yield self._in_a_run

    def leave(self, word: int) -> None:
        """Say, if we are in a run, that we take no further step of it."""
        if self._in_a_run:
            self._in_a_run = False
            self._say(word)

    def _say(self, word: int) -> int:
        words = torch.tensor([word])
        return int(self._all_reduce(words, torch_distributed.ReduceOp.MAX))

    def _all_reduce(self, numbers: Tensor, op=torch_distributed.ReduceOp.SUM) -> Tensor:
        there = numbers.to(self.device)
        with _naming_the_loss("in the middle of a run"):
            torch_distributed.all_reduce(there, op)
        return there.to(numbers.device)


@contextlib.contextmanager
def _naming_the_loss(when: str) -> Iterator[None]:
    """What torch says of a connection that is lost, said so that one knows what to do."""
    try:
        yield
    except RuntimeError as error:
        raise ConnectionError(
            f"another process is gone or cannot be reached, {when}; what was saved last is whole, "
            f"and the run can go on from it ({str(error).splitlines()[0]})"
        ) from None
