"""Homework 1: information and codes."""

from .bits import entropy, extra_bits
from .codes import code_lengths, mean_length
from .coin import bent_coin, curve
from .decoding import decode
from .tables import conditional, posterior

__all__ = [
    "bent_coin",
    "code_lengths",
    "conditional",
    "curve",
    "decode",
    "entropy",
    "extra_bits",
    "mean_length",
    "posterior",
]
