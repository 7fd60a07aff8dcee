"""Is it any good? Measures of generated samples: the paper's Parzen windows, and later ones.

Samples are tensors or arrays (n, ...), one sample a row. Images may be (n, 28, 28) or
(n, 1, 28, 28); bytes (uint8) are read as pixels in [0, 1]. Features (n, f) and class probabilities
(n, K) come from a small classifier that the course trains. Two sets of them may differ in n only.
All raise ValueError for no samples, shapes that do not fit, or numbers that are not finite.
"""

from .classes import by_class, obedience
from .classifier import digit_classifier, features_and_probabilities
from .dimension import (
    jacobian,
    neighbour_ratios,
    numerical_rank,
    singular_values,
    two_nearest_neighbours,
)
from .features import class_coverage, frechet_distance, gaussian_frechet_distance, inception_score
from .modes import Modes, collision_support, mode_report
from .neighbours import copying_test, nearest, precision_and_recall
from .parzen import SIGMAS, choose_sigma, parzen_log_density, parzen_log_likelihood, to_pixels
from .transport import sorted_wasserstein1, transport_plan, transport_prices, wasserstein1
from .two_sample import two_sample_test
