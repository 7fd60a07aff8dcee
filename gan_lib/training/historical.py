"""Historical averaging: each player is drawn back to where its weights have been so far."""

from torch.optim import Optimizer

from ..arguments import checked, positive
from ..optim import held_by


@checked
def historical_averaging(optimizer: Optimizer, strength: float) -> Optimizer:
    """``optimizer``, changed so that it also descends strength times ``|w - mean of past w|^2``.

    Before each step, 2 strength (w - mean) is added to the gradient; the mean, over the weights
    after each step so far, counts as a constant, and is kept in the optimiser's state. (Its own
    derivative would make the factor 1 - 1/t at step t.)

    Raises
    ------
    ValueError
        If strength is not positive, or the optimiser has made a step already.

    References
    ----------
    Salimans et al. (2016), Improved Techniques for Training GANs, section 3.3.
    """
    positive(strength=strength)
    if optimizer.state:
        raise ValueError("optimizer must be new, but it has made steps already")

    def draw_back(optimizer, args, kwargs):
        for weight in held_by(optimizer):
            past = optimizer.state.get(weight, {}).get("past_mean")
            if past is not None and weight.grad is not None:
                weight.grad.add_(weight.detach() - past, alpha=2 * strength)

    def remember(optimizer, args, kwargs):
        for weight in held_by(optimizer):
            kept = optimizer.state[weight]
            mean = kept.setdefault("past_mean", weight.new_zeros(weight.shape))
            count = kept.setdefault("past_steps", weight.new_zeros(()))
            count += 1
            mean += (weight.detach() - mean) / count

    optimizer.register_step_pre_hook(draw_back)
    optimizer.register_step_post_hook(remember)
    return optimizer
