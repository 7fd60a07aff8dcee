"""Nets that are told what is wanted: G and D as functions of two things, x or z and a condition y.

A condition is a class (B,) or, as numbers, a picture or a part of one (B, ...). How y enters is
what the ways differ in: beside x, as one-hot numbers or as an embedding, or through the last layer.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, one_hot

from ..arguments import checked
from .building import seeded


@checked(classes=1)
class OneHot(nn.Module):
    """Classes as vectors: 1 at the place of the class, 0 elsewhere.

    Shapes: y (B,), whole numbers from 0 to classes - 1 -> (B, classes).
    """

    def __init__(self, classes: int = 10):
        super().__init__()
        self.classes = classes

    def forward(self, y: Tensor) -> Tensor:
        return one_hot(y, self.classes).float()


@checked
class Conditional(nn.Module):
    """A net that is given x, or z, and the condition side by side, as one row of numbers.

    Shapes: x (B, ...) and y (B, ...) -> what ``net`` makes of (B, numbers of x + numbers of y).

    Parameters
    ----------
    net : takes rows that long, such as ``mlp_generator(100 + 10)`` or
        ``mlp_discriminator((784 + 10,))``
    encode : y -> (B, numbers): ``OneHot(10)``, an ``nn.Embedding(10, 50)``, whose vectors are
        learnt, or ``nn.Flatten()`` for a y that is a picture

    References
    ----------
    Mirza and Osindero (2014), Conditional Generative Adversarial Nets, section 3.2.
    """

    def __init__(self, net: nn.Module, encode: nn.Module):
        super().__init__()
        self.net = net
        self.encode = encode

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.net(torch.cat([x.flatten(1), self.encode(y)], dim=1))


@checked(classes=1)
class Projection(nn.Module):
    """D for pairs: a(x, y) = a(x) + v_y . f(x), f(x) being what the last layer of ``net`` is given.

    The vectors v_y (features,) start at 0, so that at first D knows of no label.

    Shapes: x (B, ...) and y (B,) -> logits (B, 1).

    Raises
    ------
    ValueError
        If net does not end in a linear layer with one answer.

    References
    ----------
    Miyato and Koyama (2018), cGANs with Projection Discriminator, equation 3.
    """

    def __init__(self, net: nn.Sequential, classes: int = 10):
        super().__init__()
        self.features, self.last = _split(net)
        self.embedding = nn.Embedding(classes, self.last.in_features)
        nn.init.zeros_(self.embedding.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        f = self.features(x)
        return self.last(f) + (self.embedding(y) * f).sum(1, keepdim=True)


@checked(classes=1)
class AuxiliaryClassifier(nn.Module):
    """D that answers two questions of x: is it real, and how likely is the class y?

    Two linear layers on the same features f(x): the logit of "real", and the logits of the classes.
    For the objective "auxiliary_classifier".

    Shapes: x (B, ...) and y (B,) -> (B, 2): the logit, and log p(y given x) in nats.

    Raises
    ------
    ValueError
        If net does not end in a linear layer with one answer.

    References
    ----------
    Odena, Olah and Shlens (2017), Conditional Image Synthesis with Auxiliary Classifier GANs,
    section 3.
    """

    def __init__(self, net: nn.Sequential, classes: int = 10):
        super().__init__()
        self.features, self.last = _split(net)
        self.classify = nn.Linear(self.last.in_features, classes)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        f = self.features(x)
        log_likelihood = log_softmax(self.classify(f), dim=1).gather(1, y[:, None])
        return torch.cat([self.last(f), log_likelihood], dim=1)


@seeded
def embedding(classes: int = 10, width: int = 50) -> nn.Embedding:
    """A vector of ``width`` numbers for each class, learnt with the net that it is given to.

    Shapes: y (B,) -> (B, width).
    """
    return nn.Embedding(classes, width)


@seeded
def with_auxiliary_classifier(net: nn.Sequential, classes: int = 10) -> AuxiliaryClassifier:
    """``net`` as an :class:`AuxiliaryClassifier`, whose new layer is drawn from ``seed``."""
    return AuxiliaryClassifier(net, classes)


def _split(net: nn.Sequential) -> tuple[nn.Sequential, nn.Linear]:
    """All but the last layer, and the last."""
    *body, last = net
    if not (isinstance(last, nn.Linear) and last.out_features == 1):
        raise ValueError(f"net must end in a linear layer with one answer, not in {last}")
    return nn.Sequential(*body), last
