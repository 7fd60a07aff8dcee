"""Homework 4: train a GAN."""

from .algorithm import algorithm_1
from .curves import reading, spiral, three_runs, xy_steps
from .pictures import draw, walk
from .steps import discriminator_step, generator_step
from .stranger import minibatch, two_cross_entropies

__all__ = [
    "algorithm_1",
    "discriminator_step",
    "draw",
    "generator_step",
    "minibatch",
    "reading",
    "spiral",
    "three_runs",
    "two_cross_entropies",
    "walk",
    "xy_steps",
]
