"""Weight matrices held at spectral norm 1: one of the ways to bound the slope of a critic."""

from torch import nn
from torch.nn.utils import parametrizations

from .building import seeded


@seeded
def with_spectral_norm(net: nn.Module) -> nn.Module:
    """``net``, changed in place: each linear or convolutional layer's weight divided by its largest
    singular value.

    A composition's slope is at most the product of its layers' norms, so with activations of slope
    at most 1 (such as LeakyReLU) a perceptron's is at most 1; as a rule far less, since the layers'
    steepest directions do not line up. The singular value is estimated by one step of power
    iteration a forward pass in training, from vectors that ``seed`` draws: until those have settled
    it is too small, and the slope may exceed 1. Of a convolution it is the norm of the weight as a
    matrix (out, in height width), not that of the map. A ValueError if there is no such layer.

    References
    ----------
    Miyato et al. (2018), Spectral Normalization for Generative Adversarial Networks, section 2.1;
    the parametrization is torch's own.
    """
    layers = [each for each in net.modules() if isinstance(each, (nn.Linear, nn.Conv2d))]
    if not layers:
        raise ValueError("net has no linear or convolutional layer to normalise")
    for layer in layers:
        parametrizations.spectral_norm(layer)
    return net
