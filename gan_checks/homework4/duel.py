"""Two tiny nets that play two steps: what is seen of a step of one's own."""

import numpy as np
import torch

import gan_lib.optim  # noqa: F401  (torch.optim without torch's compiler)


def duel(seed: int, doubt: float = 0.0) -> tuple:
    """Two nets of a dozen weights, two minibatches of data and two of noise.

    ``doubt`` is taken from D's logits. The same seed makes the same duel.
    """
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return torch.tensor(rng.normal(size=shape), dtype=torch.float32)

    def net(*widths):
        layers = []
        for before, after in zip(widths, widths[1:]):
            linear = torch.nn.Linear(before, after)
            linear.weight.data, linear.bias.data = normal(after, before), normal(after)
            layers += [linear, torch.nn.Tanh()]
        return torch.nn.Sequential(*layers[:-1])

    generator, discriminator = net(2, 3, 2), net(2, 4, 1)
    discriminator[-1].bias.data -= doubt
    return generator, discriminator, normal(2, 6, 2) + 1, normal(2, 6, 2)


def flat(net: torch.nn.Module) -> np.ndarray:
    """All weights of a net."""
    return torch.cat([p.detach().flatten() for p in net.parameters()]).numpy()


def gradients(net: torch.nn.Module) -> list[torch.Tensor]:
    """The gradients that a net holds."""
    return [p.grad for p in net.parameters() if p.grad is not None]


class Run:
    """What two steps of "D" or of "G" do, beginning with old gradients in that player's weights.

    With a doubt, D takes everything for fake in the first step, and for real in the second.
    """

    def __init__(self, step, player, seed, doubt):
        generator, discriminator, real, z = duel(seed, doubt)
        nets = discriminator, generator
        own, other = nets if player == "D" else nets[::-1]
        self.doubt, self.cut, self.returned, self.places = doubt, False, [], []
        modes = self._watch(nets)
        for p in own.parameters():
            p.grad = torch.full_like(p, 0.3)  # as an earlier step has left them
        optimizer = torch.optim.SGD(own.parameters(), lr=0.5, momentum=0.5)
        start, self.other_moved = flat(own), False
        for i, shift in enumerate((0.0, 2 * doubt)):
            discriminator[-1].bias.data += shift
            before = flat(other)
            self._play(step, *nets, optimizer, *((real[i], z[i]) if player == "D" else (z[i],)))
            self.other_moved |= not np.array_equal(flat(other), before)
            self.places.append(flat(own))
        self.places = np.array(self.places)  # the weights after each step
        self.unmoved = np.array_equal(self.places[0], start)
        self.cleared = not any(gradient.any() for gradient in gradients(own))
        self.other_gradient = any(gradient.any() for gradient in gradients(other))
        self.frozen = not all(p.requires_grad for net in nets for p in net.parameters())
        self.asleep = not all(module.training for net in nets for module in net.modules())
        self.dozed = not all(modes)

    def _watch(self, nets):
        """A list that notes whether a net is in training mode, whenever one is asked."""
        modes = []
        for net in nets:
            net.register_forward_pre_hook(lambda net, arguments: modes.append(net.training))
        return modes

    def _play(self, step, *arguments):
        try:
            self.returned.append(step(*arguments))
        except RuntimeError as error:
            if "does not require grad" not in str(error):
                raise
            self.cut = True
