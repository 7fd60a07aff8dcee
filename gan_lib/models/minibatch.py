"""A layer by which D compares the samples of its minibatch."""

import torch
from torch import Tensor, nn

from .building import check_positive


class MinibatchDiscrimination(nn.Module):
    """Append to each sample's features how near its companions in the minibatch are.

    M_i = f_i T, a matrix of ``kernels`` rows and ``width`` columns; for each row k,
    o_k(i) = sum over j other than i of exp(-|M_ik - M_jk|_1). A batch of copies scores B - 1
    everywhere.

    Shapes: f (B, features) -> (B, features + kernels).

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.2.
    """

    mixes_batch = True

    def __init__(self, features: int, kernels: int = 8, width: int = 4):
        super().__init__()
        check_positive(features=features, kernels=kernels, width=width)
        self.kernels = kernels
        self.linear = nn.Linear(features, kernels * width, bias=False)

    def forward(self, f: Tensor) -> Tensor:
        m = self.linear(f).reshape(len(f), self.kernels, -1)  # (B, kernels, width)
        distances = (m[:, None] - m[None]).abs().sum(-1)  # (B, B, kernels)
        near = torch.exp(-distances).sum(1) - 1  # less the sample itself
        return torch.cat([f, near], dim=1)
