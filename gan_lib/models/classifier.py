"""The net whose features and probabilities the measures of lesson 10 look at."""

from torch import nn

from .building import seeded


@seeded
def digit_classifier(classes: int = 10, features: int = 64) -> nn.Sequential:
    """A small convolutional net that tells digits apart.

    Shapes: x (B, 1, 28, 28) in [-1, 1] -> logits (B, classes). All but its last layer,
    ``net[:-1]``, map an image to its features (B, features), which are at least 0.

    References
    ----------
    After LeCun et al. (1998), Gradient-Based Learning Applied to Document Recognition, with strides
    for its pooling.
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, features),
        nn.ReLU(),
        nn.Linear(features, classes),
    )
