"""Homework 3: the game, its value and its losses."""

from .curves import best_step, d_settles, js_at_end, run_to_read, smooth_of
from .game import cost, optimal_discriminator, value
from .losses import (
    discriminator_loss,
    non_saturating_generator_loss,
    smoothed_discriminator_loss,
)
from .score import mended_score
from .slopes import slopes

__all__ = [
    "best_step",
    "cost",
    "d_settles",
    "discriminator_loss",
    "js_at_end",
    "mended_score",
    "non_saturating_generator_loss",
    "optimal_discriminator",
    "run_to_read",
    "slopes",
    "smooth_of",
    "smoothed_discriminator_loss",
    "value",
]
