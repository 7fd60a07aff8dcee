"""The checks of the homework: each says that an answer is right, or which mistake it looks like.

A check is given a function, without parentheses::

    import gan_checks as checks

    checks.entropy(entropy)

A check prints one line, or raises :class:`NotYet` with a message that names the mistake: "you used
the natural logarithm: that is nats". Called with a ``variant``, a whole number, it asks for other
inputs, by which homework is graded. The checks are data (see :mod:`gan_checks.engine`), and a
module of them is imported when one of its checks is first named.
"""

import contextlib
import importlib
import io
from collections.abc import Callable

from .outcomes import NotYet
from .questions import number

_CHECKS = {
    "homework1.tables": "conditional posterior",
    "homework1.bits": "entropy extra_bits",
    "homework1.codes": "code_lengths mean_length",
    "homework1.decoding": "decode",
    "homework1.coin": "bent_coin curve",
    "homework2.divergences": "kl js",
    "homework2.bell": "best_bell",
    "homework2.wasserstein": "wasserstein1",
    "homework2.boxes": "boxes apart",
    "homework2.shares": "kl_of_kinds",
    "homework3.game": "optimal_discriminator value cost",
    "homework3.curves": "run_to_read best_step js_at_end smooth_of d_settles",
    "homework3.losses": "discriminator_loss non_saturating_generator_loss "
    "smoothed_discriminator_loss",
    "homework3.slopes": "slopes",
    "homework3.score": "mended_score",
    "homework4.steps": "discriminator_step generator_step",
    "homework4.algorithm": "algorithm_1",
    "homework4.stranger": "minibatch two_cross_entropies",
    "homework4.pictures": "draw walk",
    "homework4.curves": "spiral xy_steps three_runs reading",
    "homework5.parzen": "parzen_log_density parzen_score nearest_kernel_gap",
    "homework5.features": "gaussian_frechet_distance inception_score precision_and_recall",
    "homework5.cheats": "suspects cheats",
    "homework6.answers": "best_answer",
    "homework6.modes": "fair_count heaps worst_fraud",
    "homework6.critics": "best_critic",
    "homework6.clipping": "critic_step",
    "homework6.penalty": "one_sided_penalty",
    "homework6.tricks": "density_ratio batch_spread",
    "homework6.ward": "sick_runs patients",
    "homework6.probe": "hides_data",
    "homework7.orders": "pair_logits blind_logits label_vectors",
    "homework7.kernels": "transposed even_kernel",
    "homework7.bound": "elbo",
    "homework7.masks": "masks",
    "homework7.nets": "four_nets nets",
    "homework7.referee": "submission lead papers",
}
_MODULE_OF = {name: module for module, names in _CHECKS.items() for name in names.split()}

__all__ = ["NotYet", "number", "ready", *_MODULE_OF]


def ready(**answers: Callable) -> bool:
    """Whether each of these functions passes the check of its name; prints which do not.

    For cells that use a learner's functions: ``if checks.ready(entropy=entropy): ...``.
    """
    todo = []
    for name, answer in answers.items():
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                __getattr__(name)(answer)
            except NotYet:
                todo.append(name)
    if todo:
        print("Not yet. First finish:", ", ".join(todo))
    return not todo


def __getattr__(name):
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    listed = ", ".join(_MODULE_OF)
    raise AttributeError(f"module {__name__!r} has no check {name!r}; it has {listed}")


def __dir__():
    return sorted([*globals(), *_MODULE_OF])
