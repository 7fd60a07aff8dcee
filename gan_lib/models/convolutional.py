"""G and D made of convolutions: those that are quick on a processor, and Radford et al.'s.

Images are (B, colours, height, width), and both sides multiples of four: each net halves or doubles
them twice. Weights lie in memory with the channels last, which is how processors multiply them
fastest; the numbers are the same.
"""

from collections.abc import Sequence

from torch import nn

from .building import channels_last, quartered, seeded

UPSAMPLING = ("nearest", "bilinear", "transposed")


@seeded
def conv_generator(
    noise_dim: int = 100,
    shape: Sequence[int] = (1, 28, 28),
    channels: Sequence[int] = (32, 16),
    hidden: int = 256,
    upsampling: str = "nearest",
) -> nn.Sequential:
    """G: noise -> a small picture with many channels -> doubled twice -> an image in [-1, 1].

    A hidden dense layer comes first, and BatchNorm stands before each ReLU; in front of the small
    picture it normalises each of its numbers by itself, over the batch alone. Doubling repeats each
    pixel ("nearest") or blends neighbours ("bilinear"), and a convolution 3 x 3 follows; or one
    transposed convolution 4 x 4 does both ("transposed").

    Shapes: z (B, noise_dim) -> x (B, ``*shape``), through a tanh.

    Raises
    ------
    ValueError
        For sizes that are not positive, sides that are no multiples of 4, or another upsampling.

    References
    ----------
    After Radford, Metz and Chintala (2016), section 3, whose G has no hidden dense layer. To double
    before a convolution: Odena, Dumoulin and Olah (2016), Deconvolution and Checkerboard Artifacts.
    """
    colours, height, width = quartered(shape, channels)
    first, second = channels
    small = first * height * width
    return channels_last(
        nn.Linear(noise_dim, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, small, bias=False),
        nn.BatchNorm1d(small),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, (first, height, width)),
        *_doubled(first, second, upsampling, bias=False),
        nn.BatchNorm2d(second),
        nn.ReLU(inplace=True),
        *_doubled(second, colours, upsampling),
        nn.Tanh(),
    )


@seeded
def conv_discriminator(
    shape: Sequence[int] = (1, 28, 28), channels: Sequence[int] = (16, 32), hidden: int = 128
) -> nn.Sequential:
    """D: an image, halved twice by convolutions 4 x 4 with stride 2, then two dense layers.

    LeakyReLU 0.2 throughout, and nothing that mixes the batch.

    Shapes: x (B, ``*shape``) -> logits (B, 1).

    Raises
    ------
    ValueError
        For sizes that are not positive, or sides that are no multiples of 4.

    References
    ----------
    After Radford, Metz and Chintala (2016), section 3, whose D has BatchNorm and no hidden dense
    layer.
    """
    colours, height, width = quartered(shape, channels)
    first, second = channels
    return channels_last(
        nn.Conv2d(colours, first, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(first, second, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Flatten(),
        nn.Linear(second * height * width, hidden),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Linear(hidden, 1),
    )


@seeded
def dcgan_generator(
    noise_dim: int = 100, shape: Sequence[int] = (1, 28, 28), channels: Sequence[int] = (32, 16)
) -> nn.Sequential:
    """G by the DCGAN paper: transposed convolutions, BatchNorm2d, no hidden dense layer.

    Shapes: z (B, noise_dim) -> x (B, ``*shape``), through a tanh. Weights start normal, with
    standard deviation 0.02.

    Raises
    ------
    ValueError
        For sizes that are not positive, or sides that are no multiples of 4.

    References
    ----------
    Radford, Metz and Chintala (2016), Unsupervised Representation Learning with Deep Convolutional
    Generative Adversarial Networks, sections 3 and 4; fewer and smaller layers than theirs.
    """
    colours, height, width = quartered(shape, channels)
    first, second = channels
    return _normal_weights(
        channels_last(
            nn.Linear(noise_dim, first * height * width, bias=False),
            nn.Unflatten(1, (first, height, width)),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
            *_doubled(first, second, "transposed", bias=False),
            nn.BatchNorm2d(second),
            nn.ReLU(inplace=True),
            *_doubled(second, colours, "transposed"),
            nn.Tanh(),
        )
    )


@seeded
def dcgan_discriminator(
    shape: Sequence[int] = (1, 28, 28), channels: Sequence[int] = (16, 32)
) -> nn.Sequential:
    """D by the DCGAN paper: convolutions with strides, BatchNorm2d after all but the
    first, no hidden dense layer.

    Shapes: x (B, ``*shape``) -> logits (B, 1). Weights start normal, with standard deviation 0.02.

    Raises
    ------
    ValueError
        For sizes that are not positive, or sides that are no multiples of 4.

    References
    ----------
    Radford, Metz and Chintala (2016), sections 3 and 4; fewer and smaller layers than theirs.
    """
    colours, height, width = quartered(shape, channels)
    first, second = channels
    return _normal_weights(
        channels_last(
            nn.Conv2d(colours, first, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(first, second, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(second),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Flatten(),
            nn.Linear(second * height * width, 1),
        )
    )


def _doubled(before: int, after: int, upsampling: str, bias: bool = True) -> list[nn.Module]:
    """Layers that make a picture twice as high and wide, with ``after`` channels."""
    if upsampling not in UPSAMPLING:
        raise ValueError(f"upsampling must be one of {', '.join(UPSAMPLING)}, not {upsampling!r}")
    if upsampling == "transposed":
        return [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=bias)]
    larger = nn.Upsample(scale_factor=2, mode=upsampling)
    return [larger, nn.Conv2d(before, after, 3, padding=1, bias=bias)]


def _normal_weights(net: nn.Sequential) -> nn.Sequential:
    """The initial weights of Radford et al. (2016), section 4; those of BatchNorm lie about 1."""
    for module in net:
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        elif hasattr(module, "weight"):
            nn.init.normal_(module.weight, 0.0, 0.02)
    return net
