"""A curve to read: what a bet on a bent coin costs."""

import numpy as np

from gan_lib.information import cross_entropy, entropy

from ..engine import mistakes
from ..questions import Question, Several


def coin_and_bet(variant):
    """The coin's probability of heads, and a bet that is far from it."""
    if variant == 0:
        return 0.8, 0.1
    rng = np.random.default_rng(variant)
    heads = rng.choice([0.15, 0.18, 0.22, 0.25, 0.28, 0.31, 0.69, 0.72, 0.75, 0.85])
    far = rng.choice([0.85, 0.9, 0.95])
    return float(heads), float(far if heads < 0.5 else round(1 - far, 2))


def bent_coin(variant: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Bets q on heads (97,), what a toss then costs in bits (97,), and one bet that is far off."""
    heads, far = coin_and_bet(variant)
    bets = np.linspace(0.02, 0.98, 97)
    return bets, -heads * np.log2(bets) - (1 - heads) * np.log2(1 - bets), far


def read_off(variant):
    """What one reads off the curve: the cheapest bet, the far one, and the cost of each."""
    heads, far = coin_and_bet(variant)
    p, q = np.array([heads, 1 - heads]), np.array([far, 1 - far])
    return heads, far, entropy(p), cross_entropy(p, q)


COIN = Question(
    "coin",
    "the probability of heads",
    lambda heads, far, lowest, cost: heads,
    read_off,
    mistakes(
        "this is the *height* of the lowest point, the entropy in bits. The coin is where that "
        "point lies on the q axis.",
        lambda heads, far, lowest, cost: lowest,
        "this is the probability of tails. The axis shows the bet on heads.",
        lambda heads, far, lowest, cost: 1 - heads,
        "at 1/2 the cost is 1 bit for every coin, so this point tells you nothing. Look for the "
        "cheapest bet.",
        lambda heads, far, lowest, cost: 0.5,
        "this is the bet at the dotted line. Look for the cheapest bet.",
        lambda heads, far, lowest, cost: far,
    ),
    tolerance=0.031,
)
EXTRA = Question(
    "extra",
    "what the far bet costs above the best one, in bits per toss",
    lambda heads, far, lowest, cost: cost - lowest,
    read_off,
    mistakes(
        "this is the whole cost H(p, q) at that line. Extra is what lies above the lowest point: "
        "subtract H(p).",
        lambda heads, far, lowest, cost: cost,
        "you measured from 1 bit, the price of a fair coin; this one costs only H(p), the lowest "
        "point.",
        lambda heads, far, lowest, cost: cost - 1,
        "the sign is wrong: a wrong bet costs more, so extra = cost - lowest cost.",
        lambda heads, far, lowest, cost: lowest - cost,
        "this is H(p), what the best bet costs. Extra is what the dotted line costs above it.",
        lambda heads, far, lowest, cost: lowest,
    ),
    tolerance=0.031,
)
curve = Several("coin and extra, the two numbers to read off the curve of bent_coin", (COIN, EXTRA))
