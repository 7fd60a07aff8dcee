"""Homework 2: how far apart two distributions are. All logarithms are natural."""

from .bell import best_bell
from .boxes import apart, boxes
from .divergences import js, kl
from .shares import kl_of_kinds
from .wasserstein import wasserstein1

__all__ = ["apart", "best_bell", "boxes", "js", "kl", "kl_of_kinds", "wasserstein1"]
