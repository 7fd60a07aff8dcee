"""The nets: perceptrons for images and for toys, those of the paper, convolutional and conditional
ones, those of other families that draw, and a classifier that judges.

Discriminators return **logits** (B, 1), never probabilities: the losses apply the sigmoid. Initial
weights come from ``seed`` alone, and torch's global random state is left as it was.
"""

from .. import optim as optim  # torch's optimisers without its compiler, for whoever trains a net
from .autoregressive import (
    MADE,
    Autoregressive,
    ContextNet,
    MaskedConv2d,
    MaskedLinear,
    PixelCNN,
    context_net,
    draw_pixels,
    made,
    made_masks,
    neighbours,
    pixel_cnn,
)
from .building import seeded
from .classifier import digit_classifier
from .conditional import (
    AuxiliaryClassifier,
    Conditional,
    OneHot,
    Projection,
    embedding,
    with_auxiliary_classifier,
)
from .convolutional import (
    conv_discriminator,
    conv_generator,
    dcgan_discriminator,
    dcgan_generator,
)
from .minibatch import MinibatchDiscrimination, with_minibatch_discrimination
from .paper import Maxout, maxout_discriminator, relu_generator
from .players import (
    Packed,
    mlp_discriminator,
    mlp_generator,
    plane_discriminator,
    plane_generator,
    toy_discriminator,
    toy_generator,
)
from .residual import Residual, residual_discriminator, residual_generator
from .spectral import with_spectral_norm
from .variational import VAE, vae
from .virtual import Virtual, VirtualBatchNorm
