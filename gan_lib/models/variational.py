"""A variational auto-encoder: a decoder that draws from a code, and an encoder that guesses it."""

import math

from torch import Tensor, nn

from ..arguments import checked
from .building import seeded


@checked(code=1, hidden=1, shape=1)
class VAE(nn.Module):
    """p(x) = the integral of p(x given z) over codes z from N(0, 1), and a guess q(z given x).

    The decoder gives each pixel a probability, independently given z; the encoder gives the mean
    and the standard deviation of each number of the code. Both are perceptrons with one hidden
    layer.

    References
    ----------
    Kingma and Welling (2014), Auto-Encoding Variational Bayes, section 3 and appendix C.
    """

    def __init__(self, code: int = 20, hidden: int = 400, shape: tuple[int, ...] = (1, 28, 28)):
        super().__init__()
        pixels = math.prod(shape)
        self.code = code
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, 2 * code)
        )
        self.decoder = nn.Sequential(
            nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, pixels), nn.Unflatten(1, shape)
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Of q(z given x): means and logarithms of the standard deviations, (B, code) each."""
        mean, log_sigma = self.encoder(x).chunk(2, dim=1)
        return mean, log_sigma

    def decode(self, z: Tensor) -> Tensor:
        """Codes (B, code) -> logits of "this pixel is 1" (B, ``*shape``)."""
        return self.decoder(z)


@seeded
def vae(code: int = 20, hidden: int = 400, shape: tuple[int, ...] = (1, 28, 28)) -> VAE:
    """A :class:`VAE` whose weights come from ``seed``."""
    return VAE(code, hidden, shape)
