"""The moments of a run that are kept, to go back to: at most 200, evenly spread over it."""

import torch

from .run import Moment, Run

MOST = 200
FIRST_EVERY = 20  # steps between two moments, at first


class History:
    """Keeps moments of a run as it goes on; once there are too many, every second one is let go."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.every = FIRST_EVERY

    def keep(self, run: Run, now: bool = False) -> None:
        """Keep this moment if the last one is long past, or, with ``now``, if it is past at all."""
        last = self.moments[-1] if self.moments else None
        due = last is None or run.state.step - last.step >= self.every
        if due or (now and run.recipe != last.recipe):
            self.moments.append(run.moment())
        if len(self.moments) > MOST:
            self.moments = [*self.moments[:-1:2], self.moments[-1]]
            self.every *= 2

    def last_sound(self) -> Moment:
        """The last moment whose weights are all finite; those after it go."""
        while not all(torch.isfinite(row).all() for row in self.moments[-1].weights.values()):
            self.cut(len(self.moments) - 2)
        return self.moments[-1]

    def cut(self, index: int) -> None:
        """Let go of all moments after this one: another future begins."""
        del self.moments[index + 1 :]
