"""torch's optimizers without torch's compiler: the very same steps, and the first one comes seconds sooner.

``torch.optim`` marks its methods as not to be compiled. To do so the first optimizer of a process imports the compiler, and
SymPy with it, which takes longer than to import torch itself. The course compiles nothing, so the marks are taken off.
"""

import inspect

import torch

MARKED = ("add_param_group", "load_state_dict", "state_dict", "step", "zero_grad")


def _unmarked(optimizer):
    """A subclass of a class of ``torch.optim`` whose methods are those inside the marks."""
    methods = {name: inspect.unwrap(getattr(optimizer, name)) for name in MARKED}
    methods["step"] = torch.no_grad()(methods["step"])  # which is all else that its mark does
    words = f"``torch.optim.{optimizer.__name__}``, with all that it takes."
    return type(optimizer.__name__, (optimizer,), {"__doc__": words, "__module__": __name__, **methods})


Adam = _unmarked(torch.optim.Adam)
SGD = _unmarked(torch.optim.SGD)
