"""What tests of the lab's runs share."""

import torch

from gan_lib.lab import layers, write_strokes

DRAWN = write_strokes((((-1.0, -1.0), (0.0, 1.0), (1.0, -1.0)), ((2.0, 2.0),)))


def weights(of):
    return torch.cat(
        [p.detach().flatten() for net in of.state.nets.values() for p in net.parameters()]
    )


def samples(of):
    with torch.no_grad():
        return of.state.generator(layers.shown_noise(of))
