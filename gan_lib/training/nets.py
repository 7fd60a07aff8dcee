"""What a net is, as the loop must know it: found from its layers, its signature and its answers."""

import inspect
import re

import torch
from torch import Tensor, nn

from ..arguments import checked
from ..models import Packed

# As autograd names what changes no number.
RESHAPING = (
    "View UnsafeView ReshapeAlias Squeeze Unsqueeze ToCopy Clone T Transpose Permute".split()
)


@checked
def mixes_batch(net: nn.Module) -> bool:
    """Whether what ``net`` answers for a sample depends on the others in its batch.

    So it does with any BatchNorm in it. A layer of your own that does so says it with a class
    attribute: ``mixes_batch = True``.
    """
    return any(
        isinstance(module, nn.modules.batchnorm._BatchNorm) or getattr(module, "mixes_batch", False)
        for module in net.modules()
    )


@checked
def takes_labels(net: nn.Module) -> bool:
    """Whether ``net.forward`` takes a second argument: one it needs, or one called labels or y."""
    parameters = inspect.signature(net.forward).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return any(p.default is p.empty or p.name in ("labels", "y") for p in positional[1:])


def labels_for(net: nn.Module, labels: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What of the labels goes to ``net`` beside its samples or noise: all, or nothing."""
    return labels if labels and takes_labels(net) else ()


def pack_size(discriminator: nn.Module) -> int:
    """How many samples D judges at once: 1, but for :class:`~gan_lib.models.Packed`."""
    return discriminator.size if isinstance(discriminator, Packed) else 1


def uses_dropout(nets: list[nn.Module]) -> bool:
    """Whether a layer of these nets is a dropout layer."""
    modules = [module for net in nets for module in net.modules()]
    return any(isinstance(module, nn.modules.dropout._DropoutNd) for module in modules)


def is_wide(net: nn.Module) -> bool:
    """Whether a layer is so wide that the time goes into products, and not into calling them."""
    return max(max(p.shape, default=0) for p in net.parameters()) >= 256


def last_operation(answer: Tensor) -> str:
    """What ``answer`` is the result of, as autograd names it, such as "Sigmoid"; "" if unknown.

    Reshaping is passed over. A gate inside a net is not its end, and a function is as good as a
    layer.
    """
    node, name = answer.grad_fn, ""
    while node is not None:
        name = operation(node)
        if name not in RESHAPING:
            return name
        node = node.next_functions[0][0]
    return ""


def operation(node: torch.autograd.graph.Node) -> str:
    """What a node of the graph does, as autograd names it: "Tanh" for TanhBackward0."""
    return re.sub(r"Backward\d*$", "", node.name())


def probe(net: nn.Module, *inputs: Tensor) -> Tensor:
    """What ``net`` answers in eval mode; its mode and torch's random numbers stay as they were."""
    was_training = net.training
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            return net.eval()(*inputs)
    finally:
        net.train(was_training)


def check_players(
    generator: nn.Module,
    discriminator: nn.Module,
    z: Tensor,
    labels: tuple = (),
    answers: int = 1,
) -> None:
    """Raise ValueError unless G takes noise z, and D what G makes, and answers with logits.

    z holds two samples for each answer; labels, if the data have some, go to the nets that take
    them. answers : numbers in an answer
    """
    try:
        fake = probe(generator, z, *labels_for(generator, labels))
    except RuntimeError as error:
        raise ValueError(
            f"generator does not take noise of shape {tuple(z.shape)}; set noise_dim? ({error})"
        ) from None
    try:
        logits = probe(discriminator, fake.detach(), *labels_for(discriminator, labels))
    except RuntimeError as error:
        raise ValueError(
            f"discriminator does not take what generator makes, {tuple(fake.shape)} ({error})"
        ) from None
    if logits.numel() != 2 * answers:
        what = "one logit" if answers == 1 else f"{answers} numbers"
        raise ValueError(
            f"discriminator must return {what} a sample, (B, {answers}); "
            f"for B = 2 it returned {tuple(logits.shape)}"
        )
    if last_operation(logits) == "Sigmoid":
        raise ValueError(
            "discriminator ends in a sigmoid, but the losses take logits: leave the sigmoid out"
        )
