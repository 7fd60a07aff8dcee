"""Transposed convolutions: a copy of the kernel for each number, and a kernel without a pattern."""

from types import SimpleNamespace

import numpy as np
import torch

from ..engine import Sign, Task, mistakes
from ..outcomes import array
from .orders import SHAPE, rng_of, shape_is_not


def small_pictures(variant):
    rng, cases = rng_of(3, variant), []
    for shape, kernel, stride, padding in (
        ((3, 4), (3, 3), 2, 0),
        ((2, 3), (4, 4), 2, 1),
        ((3, 2), (2, 5), 3, 0),  # copies leave a gap in one direction, and overlap in the other
        ((4, 3), (3, 4), 1, 1),
    ):
        cases.append((rng.normal(size=shape), rng.normal(size=kernel), stride, padding))
    return cases


def add(canvas, there, what):
    canvas[there] += what


def put(canvas, there, what):
    canvas[there] = what


def spread(lay=add, turn=lambda w: w, step=lambda s: s, crop=lambda p: (p, p)):
    """A copy of the kernel for each number of the small picture, and a border cut off."""

    def answer(y, kernel, stride, padding):
        kernel, stride = turn(kernel), step(stride)
        (n, m), (k, j) = y.shape, kernel.shape
        canvas = np.zeros(((n - 1) * stride + k, (m - 1) * stride + j))
        for row, column in np.ndindex(n, m):
            top, left = row * stride, column * stride
            there = slice(top, top + k), slice(left, left + j)
            lay(canvas, there, y[row, column] * kernel)
        begin, end = crop(padding)
        return canvas[begin : canvas.shape[0] - end, begin : canvas.shape[1] - end]

    return answer


right_transposed = spread()


def averaged(y, kernel, stride, padding):
    copies = right_transposed(np.ones_like(y), np.ones_like(kernel), stride, padding)
    return right_transposed(y, kernel, stride, padding) / np.maximum(copies, 1)


def by_torch(y, kernel, stride, padding, function=torch.nn.functional.conv_transpose2d):
    y, kernel = (torch.from_numpy(a)[None, None] for a in (y, kernel))
    return function(y, kernel, stride=stride, padding=padding)[0, 0].numpy()


def in_float32(y, kernel, stride, padding):
    return by_torch(np.float32(y), np.float32(kernel), stride, padding)


def forward(*case):
    return by_torch(*case, function=torch.nn.functional.conv2d)


def by_matrix(y, kernel, stride, padding):
    """C, column by column, as the answers of the convolution to single pixels; then C^T y."""
    height, width = right_transposed(y, kernel, stride, padding).shape
    units = np.eye(height * width).reshape(-1, height, width)
    c = np.array([forward(unit, kernel, stride, padding).ravel() for unit in units])
    return (c @ y.ravel()).reshape(height, width)


def by_zeros_between(y, kernel, stride, padding):
    """Zeros between the numbers, then a convolution of the turned kernel."""
    spaced = np.zeros([(n - 1) * stride + 1 for n in y.shape])
    spaced[::stride, ::stride] = y
    spaced = np.pad(spaced, [(side - 1, side - 1) for side in kernel.shape])
    full = forward(spaced, kernel[::-1, ::-1].copy(), 1, 0)
    return full[padding : full.shape[0] - padding, padding : full.shape[1] - padding]


def size_of(y, kernel, stride, padding):
    return tuple((n - 1) * stride + k - 2 * padding for n, k in zip(y.shape, kernel.shape))


transposed = Task(
    "transposed",
    "transposed(small, kernel, stride, padding), a larger picture",
    right_transposed,
    small_pictures,
    mistakes(
        "the padding is not taken off: in a convolution it is a border that is *added* to the "
        "large picture, so in the transpose it is cut off.",
        spread(crop=lambda p: (0, 0)),
        "you added a border of zeros. In a convolution padding makes the large picture larger; "
        "the transpose cuts it off again.",
        lambda y, w, s, p: np.pad(spread(crop=lambda p: (0, 0))(y, w, s, p), p),
        "the padding is cut off at one side only; a border has two.",
        spread(crop=lambda p: (p, 0)),
        spread(crop=lambda p: (0, p)),
        "the padding is cut off twice.",
        lambda y, w, s, p: spread(crop=lambda p: (2 * p, 2 * p))(y, w, s, p),
        "this is the convolution itself: it makes pictures smaller. Its transpose spreads each "
        "number over a copy of the kernel.",
        forward,
        "the copies stand side by side, one pixel apart: the next copy begins `stride` pixels "
        "further on.",
        spread(step=lambda s: 1),
        "with padding 0 your slice is empty: a[0:-0] is a[0:0]. Cut from `padding` to "
        "`rows - padding`.",
        Sign(lambda found, *case: array(found).size == 0),
        lambda y, w, s, p: spread(crop=lambda p: (0, 0))(y, w, s, p)[p:-p, p:-p],
        SHAPE,
        shape_is_not(size_of),
        lambda y, w, s, p: right_transposed(y, w, s, p)[: s * y.shape[0], : s * y.shape[1]],
        "where two copies overlap, the later one has replaced the earlier: they add up (+=).",
        spread(put),
        "where copies overlap you took their mean: they add up.",
        averaged,
        "your kernel is turned round by 180°. Each copy lies there the right way up: number times "
        "kernel. (Only if you put zeros between the numbers and *convolve* must it be turned.)",
        spread(turn=lambda w: w[::-1, ::-1]),
        "your kernel is mirrored: rows are turned, columns are not, or the other way round.",
        spread(turn=lambda w: w[::-1]),
        spread(turn=lambda w: w[:, ::-1]),
        "every copy is the bare kernel; it is to be multiplied by the number that it stands for.",
        lambda y, w, s, p: right_transposed(np.ones_like(y), w, s, p),
    ),
    also_right=(by_torch, in_float32, by_matrix, by_zeros_between),
    tolerance=1e-4,  # float32 is right, too
)


def patterned(variant):
    rng = rng_of(4, variant)
    return [(rng.normal(1, 1, size=(k, k)), s) for k, s in ((4, 2), (3, 2), (5, 2), (5, 3), (6, 3))]


def by_part(change, target=lambda w, s: w.sum() / s**2):
    """A kernel each of whose parts (every s-th row and column) is changed in place."""

    def answer(kernel, stride):
        found = kernel.copy()
        for a, b in np.ndindex(stride, stride):
            change(found[a::stride, b::stride], target(kernel, stride))
        return found

    return answer


def shift(part, target):
    part += (target - part.sum()) / part.size


def seen_and_kept(answer, kernel, stride):
    """The mended kernel, and whether the kernel that was given has changed."""
    kept = kernel.copy()
    found = answer(kernel, stride)
    if found is not None:
        return SimpleNamespace(found=found, changed=not np.array_equal(kept, kernel))


def in_place(kernel, stride):
    kernel[...] = by_part(shift)(kernel, stride)
    return kernel


def scale(part, target):
    part *= target / part.sum()


def shift_by_all(part, target):
    part += target - part.sum()


def to_the_mean(part, target):
    part += target - part.mean()


def in_blocks(kernel, stride):
    found = kernel.copy()
    ends = np.linspace(0, len(kernel), stride + 1).astype(int)
    for a, b in np.ndindex(stride, stride):
        shift(found[ends[a] : ends[a + 1], ends[b] : ends[b + 1]], kernel.sum() / stride**2)
    return found


def wrong_shape(seen, kernel, stride):
    return shape_is_not(lambda w, s: w.shape).fires(seen.found, kernel, stride)


def rows_only(kernel, stride):
    found = kernel.copy()
    for a in range(stride):
        shift(found[a::stride], kernel.sum() / stride)
    return found


def with_a_mask(kernel, stride):
    index = np.arange(len(kernel)) % stride
    part = index[:, None] * stride + index[None, :]
    sums = np.bincount(part.ravel(), kernel.ravel())
    counts = np.bincount(part.ravel())
    return kernel + ((kernel.sum() / stride**2 - sums) / counts)[part]


even_kernel = Task(
    "even_kernel",
    "even_kernel(kernel, stride): (k, k)",
    by_part(shift),
    patterned,
    mistakes(
        "right or wrong, you have changed the kernel that you were given: begin with a copy.",
        Sign(lambda seen, *case: seen.changed),
        in_place,
        SHAPE,
        Sign(wrong_shape),
        lambda w, s: w[:s, :s],
        "you multiplied each part; all numbers of a part are to change by the same *amount*.",
        by_part(scale),
        "you added the whole difference to every number of the part: divide it by how many "
        "they are.",
        by_part(shift_by_all),
        "now all parts have the same *mean*. Their *sums* must agree: that is what a pixel of "
        "the large picture collects, and parts may have different numbers of entries.",
        by_part(to_the_mean, lambda w, s: w.mean()),
        "each part has the sum of the whole kernel now. The whole must stay what it was, so each "
        "of the s² parts gets 1/s² of it.",
        by_part(shift, lambda w, s: w.sum()),
        "you divided the kernel's sum by s: in the plane there are s² parts.",
        by_part(shift, lambda w, s: w.sum() / s),
        "your parts are blocks of neighbours. A pixel of the large picture meets every s-th number "
        "of the kernel: kernel[a::s, b::s].",
        in_blocks,
        "you made the rows even, and not the columns: a part is kernel[a::s, b::s].",
        rows_only,
        "a kernel of equal numbers: even only if s divides k, and nothing is left of the kernel.",
        lambda w, s: np.full_like(w, w.mean()),
        "each part is constant now: shift its numbers, all by the same amount, and keep their "
        "differences.",
        lambda w, s: by_part(lambda part, t: part.__setitem__(..., t / part.size))(w, s),
        "all sums are 0 now: each part must keep its share of the whole, 1/s² of the kernel's sum.",
        by_part(shift, lambda w, s: 0.0),
    ),
    also_right=(with_a_mask, lambda w, s: with_a_mask(np.float32(w), s)),
    seen=seen_and_kept,
    counts=lambda seen, *case: seen.found,
    tolerance=1e-4,
    otherwise="two things must hold: the sums of all parts kernel[a::s, b::s] agree, and within a "
    "part all numbers have changed by the same amount, the whole sum being what it was.",
)
