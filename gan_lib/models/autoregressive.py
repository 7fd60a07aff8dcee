"""Nets that guess each pixel from those before it, row by row from the top and left to right.

By the chain rule p(x) is the product of p(pixel i given pixels 0 to i - 1). The three differ in how
a pixel is kept from seeing itself and what comes after it: by masks on dense layers, by cutting out
the pixels above and to the left, by masks on convolutions. Pictures are zeros and ones.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..arguments import checked
from .building import seeded

SHAPE = (1, 28, 28)  # of a picture, unless another is given


@checked(shape=1)
class Autoregressive(nn.Module):
    """A net whose answer at a pixel depends on the pixels before it alone.

    Shapes: zeros and ones x (B, 1, height, width) -> logits of "this pixel is 1", as many.

    Raises
    ------
    ValueError
        For a shape that is not (1, height, width).
    """

    def __init__(self, shape: tuple[int, int, int] = SHAPE):
        super().__init__()
        colours, height, width = shape
        if colours != 1:
            raise ValueError(f"shape must be (1, height, width), not {tuple(shape)}")
        self.shape = tuple(shape)
        self.pixels = height * width

    @checked(n=1)
    def draw(self, n: int, rng: torch.Generator, given: Tensor | None = None) -> Tensor:
        """n pictures (n, 1, height, width), a pixel after the other.

        given : (n, m), the first m pixels of each, to be completed
        """
        return draw_pixels(self, n, rng, given)


@checked(n=1)
@torch.no_grad()
def draw_pixels(
    net: nn.Module, n: int, rng: torch.Generator, given: Tensor | None = None
) -> Tensor:
    """Pictures (n, 1, height, width) of any such net the plain way: all of it once for each pixel.

    given : (n, m), the first m pixels of each, to be completed

    Raises
    ------
    ValueError
        If n is not positive, or given is not (n, m) with m at most the number of pixels.
    """
    x, u, first = _blank(net, n, rng, given)
    for i in range(first, net.pixels):
        logits = net(x.view(n, *net.shape)).flatten(1)
        x[:, i] = u[:, i] < torch.sigmoid(logits[:, i])
    return x.view(n, *net.shape)


@checked
class MaskedLinear(nn.Linear):
    """A linear layer some of whose weights are held at zero: those where ``mask`` is 0.

    Shapes: (B, in) -> (B, out); mask (out, in).
    """

    def __init__(self, mask: Tensor):
        if mask.ndim != 2:
            raise ValueError(f"mask must have shape (out, in), not {tuple(mask.shape)}")
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float())

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight * self.mask, self.bias)


@checked(pixels=1, hidden=1)
def made_masks(pixels: int, hidden: int) -> tuple[Tensor, Tensor]:
    """What MADE's two layers are multiplied by: zeros and ones (hidden, pixels), (pixels, hidden).

    Hidden unit k has the number m = k (pixels - 1) / hidden, rounded down: it is given pixels 0 to
    m, and passes on to pixels after m.
    """
    place = torch.arange(pixels)
    m = torch.arange(hidden) * (pixels - 1) // hidden
    return (place[None, :] <= m[:, None]).float(), (m[None, :] < place[:, None]).float()


@checked(hidden=1, shape=1)
class MADE(Autoregressive):
    """A perceptron with masks: each hidden unit has a number m and sees pixels 0 to m alone.

    Logit i is given the hidden units with m < i, so that it depends on pixels 0 to i - 1. For the
    masks see :func:`made_masks`. With fewer hidden units than pixels some logits are not given the
    pixel just before them.

    References
    ----------
    Germain, Gregor, Murray and Larochelle (2015), MADE: Masked Autoencoder for Distribution
    Estimation, section 3.
    """

    def __init__(self, hidden: int = 1000, shape: tuple[int, int, int] = SHAPE):
        super().__init__(shape)
        first, second = made_masks(self.pixels, hidden)
        self.first, self.second = MaskedLinear(first), MaskedLinear(second)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(x.flatten(1)))).view(x.shape)

    @torch.no_grad()
    @checked(n=1)
    def draw(self, n: int, rng: torch.Generator, given: Tensor | None = None) -> Tensor:
        """As for the others, but a new pixel is *added* to what the hidden units have summed."""
        x, u, start = _blank(self, n, rng, given)
        columns = (self.first.weight * self.first.mask).T.contiguous()
        rows = self.second.weight * self.second.mask
        sums = self.first.bias + x @ columns
        for i in range(start, self.pixels):
            logits = torch.relu(sums) @ rows[i] + self.second.bias[i]
            x[:, i] = u[:, i] < torch.sigmoid(logits)
            sums += torch.outer(x[:, i], columns[i])
        return x.view(n, *self.shape)


@checked(reach=1)
def neighbours(x: Tensor, reach: int = 7) -> Tensor:
    """The window above and to the left of each pixel, in reading order, zeros outside the picture.

    ``reach`` rows above, 2 reach + 1 pixels wide, then the ``reach`` pixels to the left.

    Shapes: (B, 1, height, width) -> (B, height * width, 2 reach (reach + 1)).
    """
    if x.ndim != 4 or not x.is_floating_point():
        shape = f"{x.dtype} {tuple(x.shape)}"
        raise ValueError(f"x must be floating-point numbers (B, 1, height, width), not {shape}")
    window = functional.unfold(_margin(x, reach), (reach + 1, 2 * reach + 1))
    return window[:, : 2 * reach * (reach + 1)].transpose(1, 2)


@checked(reach=1, hidden=1, shape=1)
class ContextNet(Autoregressive):
    """A small perceptron, the same at every pixel, that is shown a window above and to the left.

    For the window see :func:`neighbours`. Which pixel it is enters as a vector for each place.
    """

    def __init__(self, reach: int = 7, hidden: int = 128, shape: tuple[int, int, int] = SHAPE):
        super().__init__(shape)
        self.reach = reach
        self.window = nn.Linear(2 * reach * (reach + 1), hidden)
        self.place = nn.Parameter(torch.zeros(self.pixels, hidden))
        self.answer = nn.Sequential(
            nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.window(neighbours(x, self.reach)) + self.place).view(x.shape)

    @torch.no_grad()
    @checked(n=1)
    def draw(self, n: int, rng: torch.Generator, given: Tensor | None = None) -> Tensor:
        """As for the others, but only the window of the next pixel goes through the net."""
        x, u, start = _blank(self, n, rng, given)
        canvas = _margin(x.view(n, *self.shape), self.reach)[:, 0]
        width = self.shape[2]
        for i in range(start, self.pixels):
            row, column = divmod(i, width)
            window = canvas[:, row : row + self.reach + 1, column : column + 2 * self.reach + 1]
            seen = window.flatten(1)[:, : self.window.in_features]
            logits = self.answer(self.window(seen) + self.place[i])[:, 0]
            canvas[:, row + self.reach, column + self.reach] = u[:, i] < torch.sigmoid(logits)
        return canvas[:, None, self.reach :, self.reach : -self.reach].contiguous()


@checked(inputs=1, outputs=1, size=1)
class MaskedConv2d(nn.Conv2d):
    """A convolution that keeps the size, with the weights at later pixels held at zero.

    kind : "A" also hides the pixel itself, for the first layer; "B" shows it, for those after

    References
    ----------
    Van den Oord, Kalchbrenner and Kavukcuoglu (2016), Pixel Recurrent Neural Networks, section 3.4.
    """

    def __init__(self, kind: str, inputs: int, outputs: int, size: int):
        if kind not in ("A", "B"):
            raise ValueError(f'kind must be "A" or "B", not {kind!r}')
        super().__init__(inputs, outputs, size, padding=size // 2)
        place = torch.arange(size * size).view(size, size)
        self.register_buffer("mask", (place < size * size // 2 + (kind == "B")).float())

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


@checked(channels=1, blocks=1, shape=1)
class PixelCNN(Autoregressive):
    """Masked convolutions: one 7 x 7 that hides the pixel itself, then residual ones 3 x 3.

    References
    ----------
    Van den Oord, Kalchbrenner and Kavukcuoglu (2016), Pixel Recurrent Neural Networks, section 3.4,
    with plain residual blocks. Its blind spot: van den Oord et al. (2016), Conditional Image
    Generation with PixelCNN Decoders, section 2.2.
    """

    def __init__(self, channels: int = 32, blocks: int = 3, shape: tuple[int, int, int] = SHAPE):
        super().__init__(shape)
        self.reach = 3 + blocks  # rows above and columns to each side on which an answer depends
        self.first = MaskedConv2d("A", 1, channels, 7)
        self.blocks = nn.ModuleList(MaskedConv2d("B", channels, channels, 3) for _ in range(blocks))
        self.answer = nn.Sequential(
            nn.ReLU(), nn.Conv2d(channels, channels, 1), nn.ReLU(), nn.Conv2d(channels, 1, 1)
        )
        self.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        for block in self.blocks:
            h = h + block(torch.relu(h))
        return self.answer(h)

    @torch.no_grad()
    @checked(n=1)
    def draw(self, n: int, rng: torch.Generator, given: Tensor | None = None) -> Tensor:
        """As for the others, but only what the next pixel depends on goes through the net."""
        x, u, start = _blank(self, n, rng, given)
        picture = x.view(n, *self.shape)
        width = self.shape[2]
        for i in range(start, self.pixels):
            row, column = divmod(i, width)
            top, left = max(row - self.reach, 0), max(column - self.reach, 0)
            seen = picture[:, :, top : row + 1, left : column + self.reach + 1]
            logits = self(seen)[:, 0, row - top, column - left]
            picture[:, 0, row, column] = (u[:, i] < torch.sigmoid(logits)).to(x.dtype)
        return picture


@seeded
def made(hidden: int = 1000, shape: tuple[int, int, int] = SHAPE) -> MADE:
    """A :class:`MADE` whose weights come from ``seed``."""
    return MADE(hidden, shape)


@seeded
def context_net(
    reach: int = 7, hidden: int = 128, shape: tuple[int, int, int] = SHAPE
) -> ContextNet:
    """A :class:`ContextNet` whose weights come from ``seed``."""
    return ContextNet(reach, hidden, shape)


@seeded
def pixel_cnn(channels: int = 32, blocks: int = 3, shape: tuple[int, int, int] = SHAPE) -> PixelCNN:
    """A :class:`PixelCNN` whose weights come from ``seed``."""
    return PixelCNN(channels, blocks, shape)


def _blank(net, n, rng, given):
    """Pixels (n, pixels) of which those given are set, a uniform number for each, and where to
    begin."""
    weight = next(net.parameters())
    x = torch.zeros(n, net.pixels, dtype=weight.dtype, device=weight.device)
    u = torch.rand(n, net.pixels, generator=rng, dtype=weight.dtype, device=rng.device)
    if given is None:
        return x, u, 0
    if given.ndim != 2 or len(given) != n or given.shape[1] > net.pixels:
        what = f"({n}, at most {net.pixels})"
        raise ValueError(f"given must have the shape {what}, not {tuple(given.shape)}")
    x[:, : given.shape[1]] = given
    return x, u.to(x.device), given.shape[1]


def _margin(x, reach):
    """Zeros above, to the left and to the right."""
    return functional.pad(x, (reach, reach, reach, 0))
