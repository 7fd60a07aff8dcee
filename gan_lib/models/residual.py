"""A modern pair: residual blocks, and no normalisation that would mix the batch."""

from collections.abc import Sequence

from torch import Tensor, nn

from ..arguments import checked
from .building import channels_last, quartered, seeded


@checked(channels=1)
class Residual(nn.Module):
    """x + b(x): b narrows x to half its channels 1 x 1, looks round 3 x 3, and widens again 1 x 1.

    The last layer of b starts at 0, so that at first the block changes nothing, however many follow
    one another. LeakyReLU 0.2 between.

    Shapes: x (B, channels, height, width) -> the same.

    References
    ----------
    He et al. (2016), Deep Residual Learning for Image Recognition, section 4.1; the start at 0:
    Zhang, Dauphin and Ma (2019), Fixup Initialization, section 3.
    """

    def __init__(self, channels: int):
        super().__init__()
        inner = max(1, channels // 2)
        last = nn.Conv2d(inner, channels, 1, bias=False)
        nn.init.zeros_(last.weight)
        self.branch = nn.Sequential(
            nn.Conv2d(channels, inner, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(inner, inner, 3, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            last,
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


@seeded
def residual_generator(
    noise_dim: int = 100, shape: Sequence[int] = (1, 28, 28), channels: Sequence[int] = (32, 16)
) -> nn.Sequential:
    """G: noise -> a small picture, a residual block; twice: doubled by repeating pixels.

    Shapes: z (B, noise_dim) -> x (B, ``*shape``), through a tanh. No BatchNorm: an image depends on
    its own z alone, in training as after it.

    Raises
    ------
    ValueError
        For sizes that are not positive, or sides that are no multiples of 4.

    References
    ----------
    After Huang et al. (2024), The GAN Is Dead; Long Live the GAN!, section 4, whose nets have more
    blocks, convolutions in groups, and no tanh.
    """
    colours, height, width = quartered(shape, channels)
    first, second = channels
    return channels_last(
        nn.Linear(noise_dim, first * height * width),
        nn.Unflatten(1, (first, height, width)),
        Residual(first),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(first, second, 1),
        Residual(second),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(second, colours, 3, padding=1),
        nn.Tanh(),
    )


@seeded
def residual_discriminator(
    shape: Sequence[int] = (1, 28, 28), channels: Sequence[int] = (16, 32)
) -> nn.Sequential:
    """D, the mirror image: residual blocks, halved twice by convolutions with stride 2.

    Shapes: x (B, ``*shape``) -> logits (B, 1).

    Raises
    ------
    ValueError
        For sizes that are not positive, or sides that are no multiples of 4.

    References
    ----------
    As for ``residual_generator``.
    """
    colours, height, width = quartered(shape, channels)
    first, second = channels
    return channels_last(
        nn.Conv2d(colours, first, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
        Residual(first),
        nn.Conv2d(first, second, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
        Residual(second),
        nn.Flatten(),
        nn.Linear(second * height * width, 1),
    )
