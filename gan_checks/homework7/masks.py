"""Masks of a deep MADE whose pixels are drawn in any order."""

import numpy as np

from ..engine import Sign, Task, mistakes
from ..outcomes import array
from .orders import rng_of


def orders(variant):
    """The pixels in the order in which they are drawn, and the units' numbers, layer by layer."""
    rng, cases = rng_of(6, variant), []
    for pixels, widths in ((5, (7,)), (6, (8, 9)), (4, (5, 6, 7))):
        order = rng.permutation(pixels)
        while (np.argsort(order) == order).all():  # or the order and the places are the same
            order = rng.permutation(pixels)
        cases.append((order, [some_numbers(rng, pixels, width) for width in widths]))
    return cases


def some_numbers(rng, pixels, width):
    """All numbers from 0 to pixels - 2 occur, in any order."""
    more = rng.integers(0, pixels - 1, width - (pixels - 1))
    return rng.permutation(np.concatenate([np.arange(pixels - 1), more]))


def le(a, b):
    return a <= b


def lt(a, b):
    return a < b


def made(
    places=lambda order: np.argsort(order),
    first=le,
    middle=le,
    last=lt,
    last_places=None,
    turned=False,
):
    """Masks (to, from): ``compare(number of the sender, number of the receiver)``."""

    def answer(order, numbers):
        place, at_end = places(order), (last_places or places)(order)
        levels = [place, *numbers, at_end]
        rules = [first, *[middle] * (len(numbers) - 1), last]
        found = [
            rule(sender[None, :], receiver[:, None]).astype(float)
            for rule, sender, receiver in zip(rules, levels, levels[1:])
        ]
        return [mask.T for mask in found] if turned else found

    return answer


right = made()


def shapes_of(order, numbers):
    sizes = [len(order), *map(len, numbers), len(order)]
    return [(after, before) for before, after in zip(sizes, sizes[1:])]


def wrong_shapes(seen, order, numbers):
    found, wanted = [np.shape(array(mask)) for mask in seen], shapes_of(order, numbers)
    return found != wanted and f"{found}, and should be {wanted}"


def laid_flat(seen, *case):
    """All masks, with their shapes, as one row of numbers."""
    parts = [array(mask).astype(float) for mask in seen]
    return np.concatenate([np.concatenate([part.shape, part.ravel()]) for part in parts])


def by_loops(order, numbers):
    place = {int(pixel): t for t, pixel in enumerate(order)}
    levels = [[place[j] for j in range(len(order))], *map(list, numbers)]
    masks = []
    for sender, receiver in zip(levels, levels[1:]):
        masks.append([[float(s <= r) for s in sender] for r in receiver])
    masks.append([[float(m < t) for m in levels[-1]] for t in levels[0]])
    return masks


def natural(order):
    return np.arange(len(order))


def everything(a, b):
    return np.ones(np.broadcast_shapes(a.shape, b.shape))


masks = Task(
    "masks",
    "masks(order, numbers): a list of masks (units that hear, units that speak)",
    right,
    orders,
    mistakes(
        "these are the transposes: a row for each unit that *hears*, a column for each that "
        "speaks, like the weights of nn.Linear.",
        Sign(
            lambda seen, *case: (
                [np.shape(array(m))[::-1] for m in seen] == shapes_of(*case)
                and bool(wrong_shapes(seen, *case))
            )
        ),
        made(turned=True),
        "the masks' shapes are {}.",
        Sign(wrong_shapes),
        lambda order, numbers: right(order, numbers)[:-1],
        "a leak: your last mask lets logit i hear units whose number is its own place, and these "
        "know pixel i itself. It must be smaller.",
        made(last=le),
        "a pixel is lost: a unit with number m is given the pixels at places 0 to m, m included.",
        made(first=lt),
        "one layer too cautious and one too bold: a unit with number m knows places 0 to m, and "
        "the logit at place t hears units below t. You have it the other way round.",
        made(first=lt, last=le),
        "you took `order` for the places. order[t] is the pixel that is drawn at time t; a mask "
        "needs the time at which pixel j is drawn: the inverse, np.argsort(order).",
        made(places=lambda order: order),
        "you left `order` out: these are the masks for pixels drawn as they are numbered.",
        made(places=natural),
        "the first mask follows the order, the last one does not: logit i belongs to pixel i, "
        "whose place counts there, too.",
        made(last_places=natural),
        "the last mask follows the order, the first one does not.",
        made(places=natural, last_places=lambda order: np.argsort(order)),
        "between hidden layers a unit may also hear those with its *own* number: they know "
        "nothing that it must not know. Strictly smaller loses wires, a layer after the other.",
        made(middle=lt),
        "between hidden layers the comparison is turned: hear those whose number is at most your "
        "own, or what is late leaks into what is early.",
        made(middle=lambda a, b: a >= b),
        "no mask between the hidden layers: a unit with number 0 would hear units that have seen "
        "nearly everything.",
        made(middle=everything),
        "the comparisons are all turned: this net guesses each pixel from the *later* ones.",
        made(first=lambda a, b: a > b, middle=lambda a, b: a >= b, last=lambda a, b: a >= b),
        made(first=lambda a, b: a >= b, middle=lambda a, b: a >= b, last=lambda a, b: a > b),
    ),
    also_right=(
        by_loops,
        lambda order, numbers: tuple(mask.astype(bool) for mask in right(order, numbers)),
    ),
    counts=laid_flat,
    otherwise="the number of ways from pixel j to logit i is the product of your masks. It must "
    "be 0 unless j is drawn before i, and each wire that the rules allow must be there.",
)
