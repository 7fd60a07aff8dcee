"""torch's own optimisers without torch's compiler: the same steps, seconds sooner.

The methods of ``torch.optim`` are marked as not to be compiled. To obey the mark, the first
optimiser of a process imports the compiler, and SymPy with it, which takes longer than to import
torch itself. Importing this module takes the marks off, once, for as long as nobody has loaded the
compiler; with it loaded everything is as torch made it. Every module of gan_lib that trains imports
this one, so that ``torch.optim.Adam`` in anybody's code is as quick.
"""

import functools
import sys
from collections.abc import Callable

import torch
from torch.optim import Optimizer

from .arguments import checked

MARKED = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")  # of every optimiser


@checked
def held_by(optimizer: Optimizer) -> list[torch.Tensor]:
    """The weights that ``optimizer`` moves, of all its groups."""
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def _unless_compiling(marked: Callable, bare: Callable) -> Callable:
    """A method that is ``bare``, or ``marked`` once torch's compiler is loaded."""

    @functools.wraps(bare)
    def method(*args, **kwargs):
        chosen = marked if "torch._dynamo" in sys.modules else bare
        return chosen(*args, **kwargs)

    method.unmarked = True
    return method


def _with_grad_mode(step: Callable) -> Callable:
    """``step`` without gradients unless it is differentiable: all else that the mark on it does."""

    @functools.wraps(step)
    def stepped(self, *args, **kwargs):
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return stepped


def take_marks_off() -> None:
    """Do so for every optimiser that torch has; calling it again changes nothing."""
    for name in MARKED:
        method = getattr(Optimizer, name)
        if hasattr(method, "__wrapped__") and not hasattr(method, "unmarked"):
            setattr(Optimizer, name, _unless_compiling(method, method.__wrapped__))
    for kind in Optimizer.__subclasses__():
        step = kind.step
        if step.__code__.co_name == "_use_grad":  # how torch calls the mark on a step
            kind.step = _unless_compiling(step, _with_grad_mode(step.__wrapped__))


if "torch._dynamo" not in sys.modules:
    take_marks_off()
