"""A training loop seen from outside: what its nets are given, answer, and learn from."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from ..training.nets import RESHAPING, operation
from .gradients import Ledger

# Operations behind which a sigmoid's answer still is one, up to sign and place.
SAME_VALUES = {
    *RESHAPING,
    *"Expand Neg Slice Select Split Cat Stack Index Alias AsStrided Unbind".split(),
}
SQUASHING = {"BinaryCrossEntropyWithLogits", "Sigmoid", "Softplus", "LogSigmoid"}


class Watch:
    """What is seen of some steps; the probes read it. Hashes of rows stand for the rows."""

    def __init__(self, nets, optimizers, data: Tensor):
        self.nets, self.data = nets, data
        self.ledger = Ledger(nets, optimizers)
        self.noise: list[set[int]] = []  # of each step: what became a fake that teaches somebody
        self.discrete = False  # is the noise drawn from few values?
        self.images = False  # is it images, which come back by right?
        self.outputs: set[str] = set()  # the last operation of G: "Tanh", "Sigmoid", …
        self.fakes: Tensor | None = None  # the latest
        self.mixed: tuple[Tensor, Tensor] | None = None  # a batch of D's, and which rows are fakes
        self.reals: list[Tensor] = []  # what else D was shown, in the last call with any
        self.recognised = False  # has D answered to a fake as G had made it?
        self.alone = True  # was it given nothing besides?
        self.answers = (float("inf"), -float("inf"))  # D's lowest and highest
        self.squashed: list[bool] = []  # of each backward: does it meet a sigmoid of a sigmoid?
        self.spreads: dict[nn.Module, float] = {}  # after each BatchNorm, its channels' median
        self.states: list[int] = []  # torch's random state, at each backward
        self._made: dict[int, int] = {}  # in this step: fake -> noise
        self._older: set[int] = set()  # fakes
        self._inside = False  # a backward

    def run(self, step: Callable[[], object], steps: int) -> None:
        """Watch so many steps; whatever happens, hooks and patch are taken off again."""
        with ExitStack() as stack:
            for handle in [*self._hooks(), *self.ledger.hook()]:
                stack.callback(handle.remove)
            stack.callback(setattr, torch.autograd, "backward", torch.autograd.backward)
            torch.autograd.backward = self._watched(torch.autograd.backward)
            for _ in range(steps):
                self._older |= self._made.keys()
                self._made = {}
                self.noise.append(set())
                step()

    def _hooks(self):
        yield self.nets["G"].register_forward_hook(self._on_g, with_kwargs=True)
        yield self.nets["D"].register_forward_hook(self._on_d, with_kwargs=True)
        for net in self.nets.values():
            for layer in net.modules():
                if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                    yield layer.register_forward_hook(self._on_batch_norm)

    def _watched(self, backward):
        """``torch.autograd.backward``, which ``Tensor.backward`` calls, and what it does."""

        def watched(tensors, *args, **kwargs):
            if self._inside:  # recomputation inside a backward, as torch.utils.checkpoint does
                return backward(tensors, *args, **kwargs)
            self.states.append(random_state())
            self.squashed.append(squashes_twice(tensors))
            self._inside = True
            try:
                with self.ledger.backward():
                    backward(tensors, *args, **kwargs)
            finally:
                self._inside = False

        return watched

    def _on_g(self, net, args, kwargs, output):
        x = next(batches(output), None)
        given = [
            z for z in batches((*args, *kwargs.values())) if x is not None and len(z) == len(x)
        ]
        if not given:
            return
        noise = rows(torch.cat([z.detach().reshape(len(x), -1).float() for z in given], 1))
        self.discrete |= 1 < len(set(noise)) < len(noise)  # copies of one row are a constant
        self.images |= any(z.dim() > 2 and z[0, 0].numel() > 1 for z in given)
        self._made |= zip(rows(x), noise)
        if x.requires_grad:
            self.fakes = x.detach().clone()
            self.outputs |= set(operations_behind(x.grad_fn))
            x.register_hook(lambda _: self._count(noise))  # not of previews, which teach nobody

    def _count(self, noise):
        if len(set(noise)) > 1:  # else it is a constant
            self.noise[-1].update(noise)

    def _on_d(self, net, args, kwargs, output):
        x, answers = next(batches((*args, *kwargs.values())), None), smallest(output)
        if x is None or answers is None or not answers.requires_grad:
            return
        if len(x) != len(answers):  # it is to the batch as a whole
            if answers.numel() == 1 and self._made.keys() >= set(rows(x)):
                answers.register_hook(lambda slope: self._on_slope(slope, [True]))
            return
        low, high = answers.detach().aminmax()
        self.answers = min(self.answers[0], low.item()), max(self.answers[1], high.item())
        made = [(self._made.get(row), row in self._older) for row in rows(x)]
        self._count([z for z, _ in made if z is not None])
        fake = torch.tensor([z is not None or older for z, older in made], device=x.device)
        if not x.requires_grad and not fake.all():  # with a gradient, they may lie between
            self.reals = [x.detach()[~fake].clone()]
        if fake.any():
            self.recognised = True
            self.alone &= len(args) + len(kwargs) == 1
            answers.register_hook(lambda slope: self._on_slope(slope, fake))
        if fake.any() and not fake.all():
            self.mixed = x.detach().clone(), fake

    def _on_slope(self, slope, fake):
        one_number = slope.dim() == 1 or slope.shape[1] == 1  # or one for each patch
        if self._inside and one_number:  # not in a penalty's autograd.grad
            self.ledger.pull(slope.reshape(len(slope), -1).sum(1)[fake].mean().item())

    def _on_batch_norm(self, layer, args, output):
        if layer.training:
            x = args[0].detach().float()
            variance = x.transpose(0, 1).flatten(1).var(1, correction=0)
            spread = (variance / (variance + layer.eps)).sqrt().median().item()
            self.spreads[layer] = max(spread, self.spreads.get(layer, 0.0))


def random_state() -> int:
    """A hash of the state of torch's own random generators."""
    state = torch.get_rng_state().numpy().tobytes()
    if torch.cuda.is_initialized():
        state += torch.cuda.get_rng_state().numpy().tobytes()
    return hash(state)


def batches(values) -> Iterator[Tensor]:
    """The batches of floats among the values, or the values themselves."""
    values = (values,) if isinstance(values, Tensor) else values
    values = values.values() if isinstance(values, dict) else values
    for value in values if isinstance(values, Iterable) else ():
        if isinstance(value, Tensor) and value.is_floating_point() and value.dim() > 0:
            yield value


def smallest(values) -> Tensor | None:
    """The smallest batch of floats among the values: D's answers, rather than its features."""
    return min(batches(values), key=Tensor.numel, default=None)


def rows(x: Tensor) -> list[int]:
    """A hash of each sample (B, ...)."""
    flat = x.detach().reshape(len(x), -1).float().cpu().contiguous().numpy()
    return [hash(row.tobytes()) for row in flat]


def squashes_twice(tensors) -> bool:
    """Does the loss put a sigmoid's answer through another one, or one hidden in the loss?"""
    tensors = (tensors,) if isinstance(tensors, Tensor) else tensors
    waiting, seen = [tensor.grad_fn for tensor in tensors], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if operation(node) in SQUASHING and "Sigmoid" in operations_behind(node, own=False):
            return True
        waiting += [following for following, _ in node.next_functions]
    return False


def operations_behind(node, own: bool = True) -> Iterator[str]:
    """What made these values: the first operations in the graph that change more than place."""
    waiting = [node] if own else [following for following, _ in node.next_functions]
    while waiting:
        node = waiting.pop()
        if node is not None and operation(node) not in SAME_VALUES:
            yield operation(node)
        elif node is not None:
            waiting += [following for following, _ in node.next_functions]
