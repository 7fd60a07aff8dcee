"""Unrolled GANs: G looks some steps ahead, to the D that will answer its move."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .arguments import checked, positive
from .losses import in_full


@checked(steps=1)
@dataclass(frozen=True)
class Unrolled:
    """D as it will be after ``steps`` steps of plain descent on this minibatch: G's opponent.

    psi_0 = psi, psi_{i+1} = psi_i - lr grad_psi d_loss(psi_i); G descends its loss against psi_K.
    That loss depends on G's weights twice: by the fakes that psi_K judges, and by those that psi_K
    was trained on. Its gradient has both terms; with ``first_order`` it lacks the second, which is
    the answer of D to G's move. D's own weights stay as they are.

    Raises
    ------
    ValueError
        If steps is not a positive whole number, or lr is not positive.

    References
    ----------
    Metz, Poole, Pfau and Sohl-Dickstein (2017), Unrolled Generative Adversarial Networks, equations
    6 to 11.
    """

    steps: int = 5
    lr: float = 0.1
    first_order: bool = False

    mixes_batch = True  # G's opponent of a sample is trained on all of them

    def __post_init__(self):
        positive(lr=self.lr)

    def __call__(
        self,
        discriminator: nn.Module,
        real: Tensor,
        fake: Tensor,
        labels: tuple[Tensor, ...],
        d_loss: Callable[[Tensor, Tensor], Tensor],
    ) -> Callable[[Tensor], Tensor]:
        """The function x -> logits of that later D. labels : () or (y,), where D takes some."""
        weights = dict(discriminator.named_parameters())
        learned_from = fake.detach() if self.first_order else fake
        for _ in range(self.steps):
            answer = _with_weights(discriminator, weights, labels)
            loss = d_loss(answer(real), answer(learned_from))
            weights = self._descended(weights, loss)
        return _with_weights(discriminator, weights, labels)

    def _descended(self, weights, loss):
        differentiable = not self.first_order
        slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=differentiable)
        return {name: w - self.lr * slope for (name, w), slope in zip(weights.items(), slopes)}


def _with_weights(net, weights, labels):
    def judge(x):
        logits = functional_call(net, weights, (x, *labels))
        return in_full(logits)

    return judge
