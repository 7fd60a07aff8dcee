"""The models of lesson 01: against the sum over everything that each avoids, or a closed form."""

import dataclasses
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.special import expit, logsumexp
from scipy.stats import chisquare

from gan_lib.classical import (
    CRF,
    HMM,
    BayesianNetwork,
    chain_log_sum,
    chain_marginals,
    fit_crf,
    fit_dbn,
    ising_energy,
    ising_sweep,
    rbm_gibbs,
    sample_dbn,
)

RNG = np.random.default_rng(0)
NODE, EDGE = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 3))
PATHS = list(product(range(3), repeat=5))
CASINO = HMM([0.7, 0.3], [[0.9, 0.1], [0.3, 0.7]], [[0.2, 0.3, 0.5], [0.6, 0.0, 0.4]])
WEATHER = BayesianNetwork(
    {
        "rain": ((), 0.3),
        "roadworks": ((), 0.2),
        "late": (("rain", "roadworks"), [[0.1, 0.5], [0.6, 0.9]]),
    }
)


def score(path, node=NODE, edge=EDGE):
    return sum(node[t, j] for t, j in enumerate(path)) + sum(
        edge[i, j] for i, j in zip(path, path[1:])
    )


def assert_same_frequencies(counts, probabilities):
    """Independent draws: rejected for one seed in a million, and the seeds are fixed."""
    assert chisquare(counts, np.asarray(probabilities) * np.sum(counts)).pvalue > 1e-6


# Chains.


def test_forward_is_the_sum_over_all_paths():
    assert float(chain_log_sum(NODE, EDGE)) == pytest.approx(
        logsumexp([score(path) for path in PATHS]), abs=1e-12
    )


def test_forward_takes_batches_and_a_single_place():
    both = chain_log_sum(np.stack([NODE, 2 * NODE]), EDGE)
    np.testing.assert_allclose(both, [chain_log_sum(NODE, EDGE), chain_log_sum(2 * NODE, EDGE)])
    assert float(chain_log_sum(NODE[:1], EDGE)) == pytest.approx(logsumexp(NODE[0]))


def test_marginals_are_sums_over_all_paths():
    weights = np.exp([score(path) for path in PATHS])
    expected = [
        [weights[[path[t] == j for path in PATHS]].sum() / weights.sum() for j in range(3)]
        for t in range(5)
    ]
    np.testing.assert_allclose(chain_marginals(NODE, EDGE), expected, atol=1e-12)


def with_zeros(seed, share=0.4):
    """Scores of four places and three labels, many of them forbidden, but not all sequences."""
    rng = np.random.default_rng(seed)
    node, edge = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))
    node[rng.random(node.shape) < share] = -np.inf
    edge[rng.random(edge.shape) < share] = -np.inf
    allowed = rng.integers(0, 3, 4)
    node[np.arange(4), allowed] = rng.normal(size=4)
    edge[allowed[:-1], allowed[1:]] = 0.5
    return node, edge


@pytest.mark.parametrize("seed", range(20))
def test_chains_with_zeros_against_enumeration(seed):
    node, edge = with_zeros(seed)
    paths = np.array(list(product(range(3), repeat=4)))
    weights = np.exp([score(path, node, edge) for path in paths])
    assert 0 < (weights > 0).sum() < len(paths)
    expected = [
        [weights[paths[:, t] == j].sum() / weights.sum() for j in range(3)] for t in range(4)
    ]
    np.testing.assert_allclose(chain_marginals(node, edge), expected, atol=1e-12)
    assert float(chain_log_sum(node, edge)) == pytest.approx(np.log(weights.sum()), abs=1e-12)


@pytest.mark.parametrize("length", [1, 2, 3000])
def test_marginals_of_a_chain_that_has_only_one_way(length):
    """From 0 to 1 to 2 to 0: with the first label all others are known."""
    node = np.full((length, 3), -2.0)
    node[0, 1:] = -np.inf
    edge = np.where(np.roll(np.eye(3), 1, axis=1) > 0, -1.0, -np.inf)
    expected = np.eye(3)[np.arange(length) % 3]
    np.testing.assert_array_equal(chain_marginals(node, edge), expected)
    assert float(chain_log_sum(node, edge)) == pytest.approx(-2 * length - (length - 1))


def test_marginals_are_those_of_a_chain_whose_zeros_are_tiny():
    node, edge = with_zeros(3)
    tiny = [np.maximum(scores, -60) for scores in (node, edge)]
    np.testing.assert_allclose(chain_marginals(node, edge), chain_marginals(*tiny), atol=1e-12)


def test_where_every_sequence_is_forbidden_there_is_nothing_to_share_out():
    node = np.stack([NODE, NODE])
    node[1, 2] = -np.inf
    np.testing.assert_array_equal(chain_log_sum(node, EDGE) == -np.inf, [False, True])
    with pytest.raises(ValueError, match="forbid every label sequence"):
        chain_marginals(node, EDGE)


def test_the_slope_of_a_crf_whose_pairs_are_partly_forbidden():
    node, edge = (torch.tensor(scores, requires_grad=True) for scores in with_zeros(5))
    chain_log_sum(node, edge).backward()
    assert node.grad.isfinite().all() and edge.grad.isfinite().all()
    assert edge.grad.sum().item() == pytest.approx(3)  # one pair for each two places in a row


@pytest.mark.parametrize(
    ("node", "edge", "message"),
    [
        (NODE[0], EDGE, "node must"),
        (NODE[:0], EDGE, "node must"),
        (NODE, EDGE[:2], "edge must"),
        (NODE, EDGE[0], "edge must"),
    ],
)
def test_forward_names_what_does_not_fit(node, edge, message):
    with pytest.raises(ValueError, match=message):
        chain_log_sum(node, edge)


# CRF.


def crf(seed=1, labels=2, symbols=3):
    rng = np.random.default_rng(seed)
    return CRF(
        torch.from_numpy(rng.normal(size=(labels, symbols))),
        torch.from_numpy(rng.normal(size=(labels, labels))),
    )


def test_crf_is_a_distribution_over_label_sequences():
    model, x = crf(), np.array([[0, 2, 1, 1]])
    everything = np.array(list(product(range(2), repeat=4)))
    log_p = model.log_likelihood(np.repeat(x, 16, axis=0), everything).numpy()
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-12)
    node = model.node(x)[0].numpy()
    fifth, ninth = (score(everything[i], node, model.transition.numpy()) for i in (5, 9))
    assert log_p[5] - log_p[9] == pytest.approx(fifth - ninth, abs=1e-12)


def test_crf_of_one_place_is_logistic_regression():
    model = crf()
    difference = (model.emission[1, 2] - model.emission[0, 2]).item()
    assert np.exp(model.log_likelihood([[2]], [[1]]).item()) == pytest.approx(expit(difference))


def test_fit_crf_balances_expected_and_observed_counts():
    """The gradient is 0 where, for every score, observed - expected count = penalty * score."""
    x, y = CASINO.sample(8, 12, np.random.default_rng(2))
    model = fit_crf(x, y, 2, 3, penalty=0.5)
    p = chain_marginals(model.node(x), model.transition)
    for label, symbol in product(range(2), range(3)):
        observed, expected = (y == label)[x == symbol].sum(), p[x == symbol, label].sum()
        assert observed - expected == pytest.approx(
            0.5 * model.emission[label, symbol].item(), abs=1e-3
        )


BITS = np.array([[0, 1, 1]])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([0, 1, 1], BITS, "x must"),
        ([[0, 1, 3]], BITS, "x must"),
        ([[0, 1, -1]], BITS, "x must"),
        ([[0.0, 1.0, 1.0]], BITS, "x must"),
        (np.zeros((0, 3), int), BITS, "x must"),
        (BITS, [[0, 1, 2]], "y must"),
        (BITS, [[0, 1]], "y has shape"),
    ],
)
def test_crf_names_bad_sequences(x, y, message):
    with pytest.raises(ValueError, match=message):
        crf().log_likelihood(x, y)
    with pytest.raises(ValueError, match=message):
        fit_crf(x, y, 2, 3)


@pytest.mark.parametrize("penalty", [0, -1, float("nan")])
def test_fit_crf_needs_a_penalty(penalty):
    with pytest.raises(ValueError, match="penalty must"):
        fit_crf(BITS, BITS, 2, 3, penalty)


# HMM.


def test_hmm_likelihood_is_the_sum_over_all_hidden_paths():
    x = np.array([[0, 2, 1, 0], [1, 1, 1, 1]])
    for row, log_p in zip(x, CASINO.log_likelihood(x)):
        total = 0
        for y in product(range(2), repeat=4):
            p = CASINO.initial[y[0]] * np.prod([CASINO.transition[i, j] for i, j in zip(y, y[1:])])
            total += p * np.prod([CASINO.emission[j, symbol] for j, symbol in zip(y, row)])
        assert np.exp(log_p) == pytest.approx(total, rel=1e-12)


def test_hmm_marginals_are_sums_over_all_hidden_paths_also_with_zeros():
    """CASINO's label 1 never emits symbol 1; in one_way label 1 is never the first, nor left."""
    one_way = HMM([1.0, 0.0], [[0.6, 0.4], [0.0, 1.0]], [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    x = np.array([[0, 1, 2, 2], [1, 1, 1, 1], [0, 0, 1, 2]])
    for model in (CASINO, one_way):
        for row, found in zip(x, chain_marginals(*model.scores(x))):
            joint = {}
            for y in product(range(2), repeat=4):
                p = model.initial[y[0]] * np.prod(
                    [model.transition[i, j] for i, j in zip(y, y[1:])]
                )
                joint[y] = p * np.prod([model.emission[j, symbol] for j, symbol in zip(y, row)])
            ones = [
                sum(p for y, p in joint.items() if y[t]) / sum(joint.values()) for t in range(4)
            ]
            np.testing.assert_allclose(found[:, 1], ones, atol=1e-12)
            np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)


def test_hmm_likelihood_of_what_it_cannot_emit_is_minus_infinity():
    never = HMM([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(never.log_likelihood([[0, 0], [0, 1]]), [0, -np.inf])
    with pytest.raises(ValueError, match="forbid every label sequence"):
        chain_marginals(*never.scores([[0, 1]]))


@pytest.mark.parametrize("model", [CASINO, crf()], ids=["HMM", "CRF"])
def test_a_model_is_equal_to_itself_alone(model):
    """Whether arrays are equal is no yes or no: == of tables would raise."""
    assert model == model and model != dataclasses.replace(model)
    assert len({model, dataclasses.replace(model)}) == 2


def test_hmm_likelihoods_sum_to_one():
    everything = np.array(list(product(range(3), repeat=4)))
    assert np.exp(CASINO.log_likelihood(everything)).sum() == pytest.approx(1, abs=1e-12)


def test_hmm_draws_what_its_likelihood_says():
    x, y = CASINO.sample(20_000, 2, np.random.default_rng(3))
    counts = np.bincount(x[:, 0] * 3 + x[:, 1], minlength=9)
    assert_same_frequencies(
        counts, np.exp(CASINO.log_likelihood(np.array(list(product(range(3), repeat=2)))))
    )
    assert not ((x == 1) & (y == 1)).any()  # label 1 never emits symbol 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": [0.5, 0.6]}, "initial must"),
        ({"transition": [[1.1, -0.1], [0.5, 0.5]]}, "transition must"),
        ({"emission": [[0.5, 0.5], [np.nan, 0.5]]}, "emission must"),
        ({"initial": [1.0]}, "must have the same k"),
        ({"transition": [[1.0]]}, "must have the same k"),
        ({"emission": [[0.5, 0.5]]}, "must have the same k"),
    ],
)
def test_hmm_names_the_table_that_is_none(change, message):
    tables = {
        "initial": CASINO.initial,
        "transition": CASINO.transition,
        "emission": CASINO.emission,
    }
    with pytest.raises(ValueError, match=message):
        HMM(**{**tables, **change})


def test_hmm_names_bad_symbols():
    with pytest.raises(ValueError, match="x must"):
        CASINO.log_likelihood([[0, 3]])


# Bayesian network.

STATES = np.array(list(product((0, 1), repeat=3)))
VALUES = dict(zip(WEATHER.nodes, STATES.T))


def test_joint_by_hand():
    assert WEATHER.joint({"rain": 1, "roadworks": 0, "late": 1}) == pytest.approx(0.3 * 0.8 * 0.6)
    assert WEATHER.joint({"rain": 0, "roadworks": 1, "late": 0}) == pytest.approx(0.7 * 0.2 * 0.5)
    assert WEATHER.joint(VALUES).sum() == pytest.approx(1, abs=1e-12)


def test_ancestral_frequencies_are_the_joint():
    draws = WEATHER.sample(20_000, np.random.default_rng(4))
    code = 4 * draws["rain"] + 2 * draws["roadworks"] + draws["late"]
    assert_same_frequencies(np.bincount(code, minlength=8), WEATHER.joint(VALUES))


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ({"late": (("rain",), [0.1, 0.6]), "rain": ((), 0.3)}, "a parent of 'late'"),
        ({"rain": ((), [0.3, 0.7])}, "table of 'rain'"),
        ({"rain": ((), 1.3)}, "table of 'rain'"),
        ({"rain": ((), float("nan"))}, "table of 'rain'"),
    ],
)
def test_network_names_the_bad_node(nodes, message):
    with pytest.raises(ValueError, match=message):
        BayesianNetwork(nodes)


@pytest.mark.parametrize("values", [{"rain": 1, "late": 1}, {"rain": 1, "roadworks": 2, "late": 1}])
def test_joint_needs_every_value(values):
    with pytest.raises(ValueError, match="values must hold"):
        WEATHER.joint(values)


# Ising model.


def grids(rows, columns):
    return np.array(list(product((-1, 1), repeat=rows * columns))).reshape(-1, rows, columns)


def test_energy_by_hand():
    assert ising_energy(np.ones((2, 3), int), 0.5, 0.1) == pytest.approx(-0.5 * 7 - 0.1 * 6)
    assert ising_energy([[1, -1], [-1, 1]], 0.5, 0.1) == pytest.approx(0.5 * 4)


def test_a_chain_of_spins_has_a_known_partition_function():
    chain = grids(1, 6)  # Z = 2 (2 cosh J)^(n - 1) without a field
    assert np.exp(-ising_energy(chain, 0.7)).sum() == pytest.approx(2 * (2 * np.cosh(0.7)) ** 5)


def test_gibbs_sampling_reaches_the_exact_distribution():
    """Chains that start in the exact distribution stay there; from all spins up they get there."""
    states, rng = grids(2, 2), np.random.default_rng(5)
    p = np.exp(-ising_energy(states, 0.4, 0.2))
    p /= p.sum()
    for start in (states[rng.choice(16, size=20_000, p=p)], np.ones((20_000, 2, 2), int)):
        for _ in range(20):
            start = ising_sweep(start, 0.4, 0.2, rng)
        code = ((start.reshape(-1, 4) + 1) // 2) @ [8, 4, 2, 1]
        assert_same_frequencies(np.bincount(code, minlength=16), p)


def test_a_sweep_does_not_change_its_argument():
    spins = np.ones((4, 4), int)
    ising_sweep(spins, 0.0, -9.0, np.random.default_rng(0))
    assert (spins == 1).all()


@pytest.mark.parametrize("spins", [[1, -1], [[0, 1]], [[0.5, 1]]])
def test_spins_are_checked(spins):
    with pytest.raises(ValueError, match="spins must"):
        ising_energy(spins, 1.0)
    with pytest.raises(ValueError, match="spins must"):
        ising_sweep(spins, 1.0, 0.0, np.random.default_rng(0))


# Deep belief network.


def machine(visible, hidden, seed=0):
    rng = np.random.default_rng(seed)
    return SimpleNamespace(
        components_=rng.normal(size=(hidden, visible)),
        intercept_visible_=rng.normal(size=visible),
        intercept_hidden_=rng.normal(size=hidden),
    )


def rbm_distribution(rbm):
    """p(v) of every v, by summing exp(b.v + c.h + h.W v) over every h."""
    hidden, visible = (np.array(list(product((0, 1), repeat=n))) for n in rbm.components_.shape)
    log_p = (
        visible @ rbm.intercept_visible_
        + (hidden @ rbm.intercept_hidden_)[:, None]
        + hidden @ rbm.components_ @ visible.T
    )
    return np.exp(logsumexp(log_p, axis=0) - logsumexp(log_p))


def test_gibbs_sampling_in_a_machine_reaches_its_distribution():
    rbm = machine(3, 2)
    draws = rbm_gibbs(np.zeros((20_000, 3)), rbm, 30, np.random.default_rng(6))
    assert_same_frequencies(
        np.bincount((draws @ [4, 2, 1]).astype(int), minlength=8), rbm_distribution(rbm)
    )


def test_a_network_draws_from_its_top_and_passes_down():
    top, bottom = machine(3, 2), machine(4, 3, seed=1)
    pixels = sample_dbn([bottom, top], np.zeros((20_000, 4)), 30, np.random.default_rng(7))
    layers = np.array(list(product((0, 1), repeat=3)))
    expected = rbm_distribution(top) @ expit(
        layers @ bottom.components_ + bottom.intercept_visible_
    )
    np.testing.assert_allclose(
        pixels.mean(0), expected, atol=0.015
    )  # four standard errors of 20 000 draws


def test_three_layers_have_the_right_shapes():
    x = np.random.default_rng(8).integers(0, 2, (50, 6))
    rbms = fit_dbn(x, (5, 4, 3), n_iter=1)
    assert [rbm.components_.shape for rbm in rbms] == [(5, 6), (4, 5), (3, 4)]
    draws = sample_dbn(rbms, x, 2, np.random.default_rng(9))
    assert draws.shape == x.shape and ((draws > 0) & (draws < 1)).all()


@pytest.mark.parametrize(
    ("x", "sizes", "message"),
    [
        ([[0.0, 2.0]], (2, 2), "x must"),
        ([0.0, 1.0], (2, 2), "x must"),
        ([[0.0, 1.0]], (2,), "sizes"),
    ],
)
def test_fit_dbn_names_what_is_wrong(x, sizes, message):
    with pytest.raises(ValueError, match=message):
        fit_dbn(x, sizes)
