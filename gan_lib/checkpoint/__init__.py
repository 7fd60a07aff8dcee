"""Checkpoints: save a training run and go on from it, bit for bit on the same machine."""

from .saving import checkpointed, load, load_generator, load_nets, save
