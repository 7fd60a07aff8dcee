"""A layer by which D compares the samples of its minibatch."""

import torch
from torch import Tensor, nn

from ..arguments import checked
from .building import seeded


@checked(features=1, kernels=1, width=1)
class MinibatchDiscrimination(nn.Module):
    """Append to each sample's features how near its companions in the minibatch are.

    ``M_i = f_i T``, a matrix of ``kernels`` rows and ``width`` columns; for each row k,
    ``o_k(i)`` is the sum over j other than i of ``exp(-|M_ik - M_jk|_1)``. A batch of copies scores
    B - 1 everywhere.

    Shapes: f (B, features) -> (B, features + kernels).

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.2.
    """

    mixes_batch = True

    def __init__(self, features: int, kernels: int = 8, width: int = 4):
        super().__init__()
        self.kernels = kernels
        self.linear = nn.Linear(features, kernels * width, bias=False)

    def forward(self, f: Tensor) -> Tensor:
        m = self.linear(f).reshape(len(f), self.kernels, -1)  # (B, kernels, width)
        distances = (m[:, None] - m[None]).abs().sum(-1)  # (B, B, kernels)
        near = torch.exp(-distances).sum(1) - 1  # less the sample itself
        return torch.cat([f, near], dim=1)


@seeded
def with_minibatch_discrimination(
    net: nn.Sequential, kernels: int = 8, width: int = 4
) -> nn.Sequential:
    """A D that compares: ``net`` without its last layer, then minibatch discrimination, then a new
    last layer, for features and kernels.

    Shapes: as net. The other layers are net's own; the new ones are drawn from ``seed``.

    Raises
    ------
    ValueError
        If net does not end in a linear layer.
    """
    *body, last = net
    if not isinstance(last, nn.Linear):
        raise ValueError(f"net must end in a linear layer, not in {type(last).__name__}")
    compare = MinibatchDiscrimination(last.in_features, kernels, width)
    return nn.Sequential(*body, compare, nn.Linear(last.in_features + kernels, last.out_features))
