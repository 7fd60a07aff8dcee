"""Models of lesson 01 that scikit-learn lacks: CRF, HMM, Bayesian network, Ising model, DBN.

Labels, symbols and binary values are integers from 0; logarithms of probabilities are in nats;
randomness comes from an explicit ``numpy.random.Generator``. An argument of a wrong shape or range
is a ValueError that names it.
"""

from .boltzmann import fit_dbn, ising_energy, ising_sweep, rbm_gibbs, sample_dbn
from .chains import CRF, HMM, chain_log_sum, chain_marginals, fit_crf
from .networks import BayesianNetwork
