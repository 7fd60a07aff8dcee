"""One good call of each public function of gan_lib, from which bad_input.py makes bad ones.

``CALLS`` has for each name a function that returns the arguments, made anew each time; "self" is
the object of a method, and "then" what to do with the result where that is a function. A callable
that the training loop calls in each step with its own tensors is excused from checks of type that
would cost time there: what a net, a penalty, a judge or an answer is *called* with.
"""

import functools
import tempfile
from pathlib import Path

import ipywidgets as ipw
import numpy as np
import torch
from sklearn.mixture import GaussianMixture as Mixture
from sklearn.neural_network import BernoulliRBM
from torch import nn

from gan_lib import (
    checkpoint,
    classical,
    clinic,
    game,
    huffman,
    lab,
    likelihood,
    models,
    objectives,
    penalties,
    plotting,
    toys,
    training,
)
from gan_lib.training.processes import ALONE

FOLDER = tempfile.TemporaryDirectory()
EXCUSED_METHODS = {  # by the rule above
    "forward": "what a net is called with",
    "encode": "what a net is called with",
    "decode": "what a net is called with",
    "d_loss": "a field that holds a function",
    "g_loss": "a field that holds a function",
    "answer": "a field that holds a function",
}
RECORDS = {  # they hold what they are given, and do nothing with it
    "Tree",
    "Frame",
    "Modes",
    "Finding",
    "Report",
    "Cause",
    "Symptom",
    "Step",
    "FitStep",
    "Moment",
    "TrainingState",
    "RunSettings",
}
IN_A_STEP = "called by the loop in each step"
PAGE = "the lab's page alone sends these messages, by receive"
EXCUSED = {
    "arguments.checked": "what checks the others",
    "arguments.check": "what checks the others",
    "arguments.positive": "what checks the others",
    "arguments.not_negative": "what checks the others",
    "arguments.as_array": "what checks the others",
    "files.check_path": "what checks the others",
    "mnist_files.DataUnavailable": "an exception",
    "mnist_files.DamagedFile": "an exception",
    "training.TrainingDiverged": "an exception",
    "mnist_files.download": "it needs a network; tests/test_mnist_files.py",
    "models.seeded": "a decorator of the library's own builders",
    "objectives.probability": "an answer",
    "objectives.probability_of_first": "an answer",
    "objectives.number": "an answer",
    "judges.last_features": "a judge, called by the loop",
    "judges.beside_the_truth": "a judge, called by the loop",
    "losses.in_full": IN_A_STEP,
    "training.descend": IN_A_STEP,
    "training.update_averages": IN_A_STEP,
    "distributed.ProcessGroup": "made by processes; tests/test_distributed.py",
    "lab.Engine": "made by the lab",
    "lab.Engine.receive": "the lab's page alone sends these messages",
    "lab.Lab": "made by lab(), which is tried",
    "lab.Lab.close": "no arguments",
    **{
        f"distributed.ProcessGroup.{what}": IN_A_STEP
        for what in "own_part rows whole_batch mean average_gradients leave".split()
        + ["leaving_together", "next_step"]
    },
    **{
        f"lab.Engine.do_{what}": PAGE
        for what in "hello play pause gone step d g line set reset replay seek layers seen".split()
    },
}
BOUNDS = {  # of every number of a result
    "information.entropy": (0, np.inf),
    "information.js_divergence": (0, 1),
    "information.kl_divergence": (0, np.inf),
    "densities.kl": (0, np.inf),
    "densities.js": (0, 0.7),
    "densities.total_variation": (0, 1),
    "densities.wasserstein1": (0, np.inf),
    "game.optimal_discriminator": (0, 1),
    "classical.chain_marginals": (0, 1),
    "classical.BayesianNetwork.joint": (0, 1),
    "classical.sample_dbn": (0, 1),
    "toys.GaussianMixture.pdf": (0, np.inf),
    "toys.IsotropicMixture.pdf": (0, np.inf),
    "toys.Strokes.pdf": (0, np.inf),
    "data.binarise": (0, 1),
    "evaluation.obedience": (0, 1),
    "evaluation.inception_score": (1, np.inf),
    "evaluation.class_coverage": (0, 1),
    "evaluation.frechet_distance": (0, np.inf),
    "evaluation.precision_and_recall": (0, 1),
    "evaluation.copying_test": (0, 1),
    "evaluation.two_sample_test": (0, 1),
    "evaluation.wasserstein1": (0, np.inf),
    "evaluation.sorted_wasserstein1": (0, np.inf),
    "evaluation.to_pixels": (0, 1),
    "lab.histogram_js": (0, 0.7),
}
INFINITE = {  # where infinity is an answer
    "information.self_information",
    "information.cross_entropy",
    "information.kl_divergence",
    "densities.kl",
    "evaluation.collision_support",
    "game.optimal_logit",
    "game.value",
    "classical.chain_log_sum",
}
ALIASES = {  # what the reader knows an argument by, where it is not its name
    "checkpoint.load_nets": {"nets": "you gave"},
    "lab.read_strokes": {"text": "strokes"},
    "lab.lab": {"given": "text|setting"},
    "lab.Run": {"given": "text|setting"},
    "lab.Run.replay": {"given": "text|setting"},
    "lab.Run.change": {"name": "setting", "value": "k must be"},
}
PICKS = {  # they pass some of what they are given on; nobody's neighbour is the last pixel
    "data.batches",
    "training.record",
    "models.neighbours",
}
IN_PLACE = {  # these change what they are given, and say so
    "training.record",
    "training.snapshots",
    "files.write_atomically",
}
KEPT = {  # arguments that are left as they are
    "clinic.Visit": ["source"],  # a script, whose mistakes Python names
    "training.record": ["steps"],
    "training.snapshots": ["steps"],
    "training.time_limit": ["steps"],
    "widgets.progress": ["steps"],
    "widgets.LivePicture.follow": ["self", "steps"],
    "checkpoint.checkpointed": ["steps"],
    "evaluation.digit_classifier": ["steps"],
    "classical.fit_dbn": ["n_iter"],  # scikit-learn's
}

# What the calls are made of.


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def draws(seed=0):
    return np.random.default_rng(seed)


def line():
    return np.linspace(-6, 6, 61)


def bell(mean=0.0):
    return np.exp(-((line() - mean) ** 2) / 2) / np.sqrt(2 * np.pi)


def points(n=24, d=2, seed=0):
    return torch.randn(n, d, generator=rng(seed))


def shares(n=24, k=3):
    return torch.softmax(3 * points(n, k), 1)


def labels(n=24, k=3):
    return torch.arange(n) % k


def digits(n=24):
    return torch.randint(0, 256, (n, 28, 28), generator=rng()).to(torch.uint8)


def coins(n=4):
    return (torch.rand(n, 1, 4, 4, generator=rng()) < 0.5).float()


def nets(noise_dim=2):
    g = models.plane_generator(noise_dim, (4,))
    return {"generator": g, "discriminator": models.plane_discriminator((4,))}


def state(steps=3):
    made = training.start(**nets(), device="cpu", steps=steps, batch_size=4, noise_dim=2)
    for _ in training.record(training.train(made, points()), made.history):
        if made.step == 2:
            break
    return made


def adam(net):
    return torch.optim.Adam(net.parameters())


def vae():
    return models.vae(2, 8, (1, 4, 4))


def tiny_made():
    return models.made(8, (1, 4, 4))


def steps(n=3):
    return iter([training.Step(i + 1, 1.0, 1.0, 0.5, 0.5) for i in range(n)])


def frame():
    z = np.linspace(-3, 3, 41)
    p_z = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    toy = models.toy_generator(1, (4,)), models.toy_discriminator((4,))
    identity = nn.Sequential(nn.Identity(), nn.Linear(1, 1))
    with torch.no_grad():
        identity[1].weight.fill_(1), identity[1].bias.fill_(0)
    return game.observe(identity, toy[1], line(), p_z / p_z.sum() / (z[1] - z[0]), z)


def a_figure():
    figure, axis = plotting.subplots(width=2, height=2)
    axis.plot([0, 1], [0, 1])
    return figure


FREQUENCIES = {"a": 5, "b": 2, "c": 1}
CODE = {"a": "0", "b": "10", "c": "11"}
NET = {"rain": ((), 0.2), "wet": (("rain",), (0.1, 0.9))}


def hmm():
    return classical.HMM(np.array([0.5, 0.5]), np.full((2, 2), 0.5), np.full((2, 3), 1 / 3))


def crf():
    return classical.CRF(torch.zeros(2, 3).double(), torch.zeros(2, 2).double())


@functools.cache
def machine():
    x = draws().random((20, 4))
    return BernoulliRBM(n_components=3, n_iter=1, random_state=0).fit(x)


@functools.cache
def machines():
    return classical.fit_dbn(draws().random((20, 4)), (3, 2), n_iter=1)


@functools.cache
def codes_mixture():
    return likelihood.CodeMixture(Mixture(2, random_state=0).fit(points(40).double().numpy()))


@functools.cache
def saved():
    path = Path(FOLDER.name, "gan.safetensors")
    checkpoint.save(path, state())
    return path


@functools.cache
def judge():
    return models.digit_classifier(10, 8).eval()


def visit():
    return clinic.HEALTHY.admit(0, digits(70))


def small_lab():
    return lab.Run("g_width=4&d_width=4&g_layers=1&d_layers=1&batch_size=8&noise_dim=2")


CALLS = {}


def calls(module, **entries):
    CALLS.update({f"{module}.{name.replace('__', '.')}": made for name, made in entries.items()})


def both(**more):
    return lambda: {"p": np.array([0.5, 0.5]), "q": np.array([0.25, 0.75]), "base": 2, **more}


calls(
    "information",
    self_information=lambda: {"p": np.array([0.5, 0.1]), "base": 2},
    entropy=lambda: {"p": np.array([0.5, 0.5]), "base": 2},
    cross_entropy=both(),
    kl_divergence=both(),
    js_divergence=both(),
)
calls(
    "huffman",
    huffman_tree=lambda: {"frequencies": dict(FREQUENCIES)},
    forests=lambda: {"frequencies": dict(FREQUENCIES)},
    huffman_code=lambda: {"frequencies": dict(FREQUENCIES)},
    encode=lambda: {"message": "abca", "code": dict(CODE)},
    decode=lambda: {"bits": "01011", "code": dict(CODE)},
    mean_length=lambda: {"frequencies": dict(FREQUENCIES), "code": dict(CODE)},
)
DENSITIES = {"p": bell, "q": lambda: bell(1), "x": line}
calls(
    "densities",
    kl=lambda: {"p": bell(), "q": bell(1), "x": line(), "log": False},
    js=lambda: {"p": bell(), "q": bell(1), "x": line(), "log": False},
    total_variation=lambda: {"p": bell(), "q": bell(1), "x": line()},
    wasserstein1=lambda: {"p": bell(), "q": bell(1), "x": line()},
    pushforward=lambda: {"z": line(), "g_of_z": line() / 2, "p_z": bell(), "x": line()},
    is_monotone=lambda: {"values": line()},
)
calls(
    "game",
    optimal_discriminator=lambda: {"p_data": bell(), "p_g": bell(1)},
    optimal_logit=lambda: {"log_p_data": np.log(bell()), "log_p_g": np.log(bell(1))},
    value=lambda: {"d": bell(), "p_data": bell(), "p_g": bell(1), "x": line(), "logits": False},
    cost=lambda: {"p_data": bell(), "p_g": bell(1), "x": line(), "log": False},
    observe=lambda: {
        "generator": models.toy_generator(1, (4,)),
        "discriminator": models.toy_discriminator((4,)),
        "x": line(),
        "p_z": bell(),
        "z": line(),
        "step": 0,
    },
)
SPINS = torch.ones(3, 4).numpy().astype(int)
calls(
    "classical",
    chain_log_sum=lambda: {"node": points(5, 2).numpy(), "edge": points(2, 2).numpy()},
    chain_marginals=lambda: {"node": points(5, 2).numpy(), "edge": points(2, 2).numpy()},
    CRF=lambda: {"emission": torch.zeros(2, 3), "transition": torch.zeros(2, 2)},
    CRF__node=lambda: {"self": crf(), "x": np.zeros((2, 3), int)},
    CRF__log_likelihood=lambda: {
        "self": crf(),
        "x": np.zeros((2, 3), int),
        "y": np.zeros((2, 3), int),
    },
    fit_crf=lambda: {
        "x": np.arange(6).reshape(2, 3) % 3,
        "y": np.arange(6).reshape(2, 3) % 2,
        "labels": 2,
        "symbols": 3,
        "penalty": 0.1,
    },
    HMM=lambda: {
        "initial": np.array([0.5, 0.5]),
        "transition": np.full((2, 2), 0.5),
        "emission": np.full((2, 3), 1 / 3),
    },
    HMM__scores=lambda: {"self": hmm(), "x": np.zeros((2, 3), int)},
    HMM__log_likelihood=lambda: {"self": hmm(), "x": np.zeros((2, 3), int)},
    HMM__sample=lambda: {"self": hmm(), "count": 2, "length": 3, "rng": draws()},
    BayesianNetwork=lambda: {"nodes": dict(NET)},
    BayesianNetwork__joint=lambda: {
        "self": classical.BayesianNetwork(NET),
        "values": {"rain": 1, "wet": 1},
    },
    BayesianNetwork__sample=lambda: {
        "self": classical.BayesianNetwork(NET),
        "n": 3,
        "rng": draws(),
    },
    ising_energy=lambda: {"spins": SPINS.copy(), "coupling": 0.3, "field": 0.1},
    ising_sweep=lambda: {"spins": SPINS.copy(), "coupling": 0.3, "field": 0.1, "rng": draws()},
    rbm_gibbs=lambda: {
        "visible": np.ones((2, 4)),
        "rbm": machine(),
        "sweeps": 1,
        "rng": draws(),
    },
    fit_dbn=lambda: {"x": draws().random((9, 4)), "sizes": (3, 2), "seed": 0, "n_iter": 1},
    sample_dbn=lambda: {
        "rbms": list(machines()),
        "start": np.ones((2, 4)),
        "sweeps": 1,
        "rng": draws(),
    },
)
STROKE = (((0.0, 0.0), (1.0, 1.0)),)
CENTRES = ((0.0, 0.0), (1.0, 0.0))


def sampled(toy):
    return lambda: {"self": toy, "n": 3, "rng": rng()}


calls(
    "toys",
    GaussianMixture=lambda: {"means": (0.0, 1.0), "stds": (1.0, 2.0), "weights": (0.5, 0.5)},
    GaussianMixture__pdf=lambda: {"self": toys.GaussianMixture(), "x": line()},
    GaussianMixture__sample=sampled(toys.GaussianMixture()),
    IsotropicMixture=lambda: {"centres": CENTRES, "std": 0.1, "weights": (0.5, 0.5)},
    IsotropicMixture__pdf=lambda: {"self": toys.IsotropicMixture(CENTRES), "x": np.ones((3, 2))},
    IsotropicMixture__sample=sampled(toys.IsotropicMixture(CENTRES)),
    ring=lambda: {"modes": 3, "radius": 1.0, "std": 0.1},
    grid=lambda: {"side": 2, "spacing": 1.0, "std": 0.1},
    Segment=lambda: {"theta": 0.5},
    Segment__sample=sampled(toys.Segment()),
    Circle=lambda: {"radius": 1.0},
    Circle__sample=sampled(toys.Circle()),
    SwissRoll=lambda: {"std": 0.1},
    SwissRoll__sample=sampled(toys.SwissRoll()),
    Strokes=lambda: {"strokes": STROKE, "std": 0.1},
    Strokes__pieces=lambda: {"self": toys.Strokes(STROKE)},
    Strokes__pdf=lambda: {"self": toys.Strokes(STROKE), "x": np.ones((3, 2))},
    Strokes__sample=sampled(toys.Strokes(STROKE)),
)
calls(
    "files",
    user_path=lambda: {"path": "~/runs"},
    cache_folder=dict,
    cache_folders=dict,
    recorded=lambda: {"name": "table1"},
    runs_folder=lambda: {"name": Path(FOLDER.name, "runs")},
    write_atomically=lambda: {"path": Path(FOLDER.name, "file"), "contents": b"all"},
)
calls("mnist_files", read=lambda: {"split": "test"}, import_torchvision=dict)
calls(
    "data",
    mnist=lambda: {"split": "test"},
    embedded_digits=lambda: {"split": "test"},
    digits=lambda: {"split": "test"},
    to_tanh_range=lambda: {"images": digits(2)},
    batches=lambda: {"data": points(), "batch_size": 4, "rng": rng()},
    binarise=lambda: {"images": points(3, 16).tanh().reshape(3, 1, 4, 4), "rng": rng()},
    binarised=lambda: {"images": digits(3), "then": lambda draw: draw(2, rng())},
    stacked=lambda: {"images": digits(3), "then": lambda draw: draw(2, rng())},
)


def logits(*names, **more):
    return lambda: {name: points(6, 1, i) for i, name in enumerate(names)} | more


def answers():
    return torch.stack([points(6, 1)[:, 0], points(6, 1)[:, 0].abs()], 1)


calls(
    "losses",
    discriminator_loss=logits("real_logits", "fake_logits"),
    smoothed_discriminator_loss=logits(
        "real_logits", "fake_logits", real_target=0.9, fake_target=0.0
    ),
    minimax_generator_loss=logits("fake_logits"),
    non_saturating_generator_loss=logits("fake_logits"),
    maximum_likelihood_generator_loss=logits("fake_logits"),
    least_squares_discriminator_loss=logits("real_logits", "fake_logits"),
    least_squares_generator_loss=logits("fake_logits"),
    hinge_discriminator_loss=logits("real_logits", "fake_logits"),
    critic_loss=logits("real_logits", "fake_logits"),
    critic_generator_loss=logits("fake_logits"),
    relativistic_discriminator_loss=logits("real_logits", "fake_logits"),
    relativistic_generator_loss=logits("fake_logits", "real_logits"),
    feature_matching_loss=logits("fake_features", "real_features"),
    auxiliary_discriminator_loss=lambda: {"real_answers": answers(), "fake_answers": answers()},
    auxiliary_generator_loss=lambda: {"fake_answers": answers()},
    supervised_generator_loss=lambda: {"answers": answers(), "weight": 100.0},
)
calls(
    "penalties",
    gradient_norms=lambda: {"discriminator": nets()["discriminator"], "x": points()},
    GradientPenalty=lambda: {"weight": 10.0},
    R1=lambda: {"weight": 1.0},
    R2=lambda: {"weight": 1.0},
    Sum=lambda: {"parts": (penalties.R1(), penalties.R2())},
    ClipWeights=lambda: {"limit": 0.01},
    reweighted=lambda: {"penalty": penalties.R1(), "weight": 2.0},
)
calls(
    "objectives",
    Objective=lambda: {
        "d_loss": len,
        "g_loss": len,
        "paired": False,
        "penalty": penalties.R1(),
        "after_d_step": len,
        "judge": len,
        "answer": len,
        "answers": 1,
        "undecided": 0.0,
        "unit": "nats",
    },
    Objective__with_penalty=lambda: {
        "self": objectives.OBJECTIVES["minimax"],
        "penalty": penalties.R1(),
    },
    named=lambda: {"objective": "minimax"},
    table=dict,
)
calls("optim", held_by=lambda: {"optimizer": adam(vae())}, take_marks_off=dict)
SHAPE = (1, 8, 8)


def drawing(net):
    return lambda: {"self": net(), "n": 2, "rng": rng(), "given": torch.zeros(2, 3)}


calls(
    "models",
    Autoregressive=lambda: {"shape": SHAPE},
    Autoregressive__draw=drawing(tiny_made),
    MADE=lambda: {"hidden": 4, "shape": SHAPE},
    MADE__draw=drawing(tiny_made),
    ContextNet=lambda: {"reach": 1, "hidden": 4, "shape": SHAPE},
    ContextNet__draw=drawing(lambda: models.context_net(1, 4, (1, 4, 4))),
    MaskedConv2d=lambda: {"kind": "A", "inputs": 1, "outputs": 2, "size": 3},
    MaskedLinear=lambda: {"mask": torch.ones(3, 2)},
    PixelCNN=lambda: {"channels": 2, "blocks": 1, "shape": SHAPE},
    PixelCNN__draw=drawing(lambda: models.pixel_cnn(2, 1, (1, 4, 4))),
    context_net=lambda: {"reach": 1, "hidden": 4, "shape": SHAPE, "seed": 0},
    draw_pixels=lambda: {"net": tiny_made(), "n": 2, "rng": rng(), "given": torch.zeros(2, 3)},
    made=lambda: {"hidden": 4, "shape": SHAPE, "seed": 0},
    made_masks=lambda: {"pixels": 4, "hidden": 3},
    neighbours=lambda: {"x": coins(), "reach": 2},
    pixel_cnn=lambda: {"channels": 2, "blocks": 1, "shape": SHAPE, "seed": 0},
    digit_classifier=lambda: {"classes": 3, "features": 4, "seed": 0},
    AuxiliaryClassifier=lambda: {"net": models.mlp_discriminator((4,), (3,)), "classes": 3},
    Conditional=lambda: {"net": nn.Linear(5, 1), "encode": models.OneHot(3)},
    OneHot=lambda: {"classes": 3},
    Projection=lambda: {"net": models.mlp_discriminator((4,), (3,)), "classes": 3},
    embedding=lambda: {"classes": 3, "width": 2, "seed": 0},
    with_auxiliary_classifier=lambda: {
        "net": models.mlp_discriminator((4,), (3,)),
        "classes": 3,
        "seed": 0,
    },
    conv_discriminator=lambda: {"shape": SHAPE, "channels": (2, 3), "hidden": 4, "seed": 0},
    conv_generator=lambda: {
        "noise_dim": 3,
        "shape": SHAPE,
        "channels": (2, 3),
        "hidden": 4,
        "upsampling": "nearest",
        "seed": 0,
    },
    dcgan_discriminator=lambda: {"shape": SHAPE, "channels": (2, 3), "seed": 0},
    dcgan_generator=lambda: {"noise_dim": 3, "shape": SHAPE, "channels": (2, 3), "seed": 0},
    MinibatchDiscrimination=lambda: {"features": 3, "kernels": 2, "width": 2},
    with_minibatch_discrimination=lambda: {
        "net": models.mlp_discriminator((4,), (3,)),
        "kernels": 2,
        "width": 2,
        "seed": 0,
    },
    Maxout=lambda: {"inputs": 3, "units": 2, "pieces": 2},
    maxout_discriminator=lambda: {
        "shape": SHAPE,
        "units": 3,
        "pieces": 2,
        "layers": 1,
        "dropout": 0.5,
        "input_dropout": 0.2,
        "init": 0.005,
        "seed": 0,
    },
    relu_generator=lambda: {
        "noise_dim": 3,
        "shape": SHAPE,
        "hidden": (4, 4),
        "batch_norm": False,
        "init": 0.05,
        "seed": 0,
    },
    Packed=lambda: {"discriminator": nn.Linear(4, 1), "size": 2},
    mlp_discriminator=lambda: {"shape": SHAPE, "hidden": (4, 3), "seed": 0},
    mlp_generator=lambda: {"noise_dim": 3, "shape": SHAPE, "hidden": (4, 3), "seed": 0},
    plane_discriminator=lambda: {
        "hidden": (4, 3),
        "slope": 0.2,
        "size": 1,
        "activation": nn.ReLU,
        "seed": 0,
    },
    plane_generator=lambda: {"noise_dim": 2, "hidden": (4,), "activation": nn.ReLU, "seed": 0},
    toy_discriminator=lambda: {"hidden": (4, 3), "seed": 0},
    toy_generator=lambda: {"noise_dim": 1, "hidden": (4, 3), "seed": 0},
    Residual=lambda: {"channels": 4},
    residual_discriminator=lambda: {"shape": SHAPE, "channels": (2, 3), "seed": 0},
    residual_generator=lambda: {"noise_dim": 3, "shape": SHAPE, "channels": (2, 3), "seed": 0},
    with_spectral_norm=lambda: {"net": models.mlp_discriminator((4,), (3,)), "seed": 0},
    VAE=lambda: {"code": 2, "hidden": 4, "shape": SHAPE},
    vae=lambda: {"code": 2, "hidden": 4, "shape": SHAPE, "seed": 0},
    Virtual=lambda: {"net": models.mlp_generator(3, (4,), (5, 6)), "reference": points(4, 3)},
    VirtualBatchNorm=lambda: {"norm": nn.BatchNorm1d(3), "size": 2},
)
calls(
    "likelihood",
    pixel_log_likelihood=lambda: {"logits": points(4, 16).reshape(4, 1, 4, 4), "x": coins()},
    bits_per_pixel=lambda: {"nats": -30.0, "pixels": 16},
    autoregressive_loss=lambda: {"net": tiny_made(), "x": coins(), "rng": rng()},
    gaussian_kl=lambda: {"mean": points(4, 2), "log_sigma": points(4, 2, 1)},
    elbo=lambda: {"vae": vae(), "x": coins(), "rng": rng()},
    vae_loss=lambda: {"vae": vae(), "x": coins(), "rng": rng()},
    importance_bound=lambda: {
        "vae": vae(),
        "x": coins(),
        "rng": rng(),
        "samples": 2,
        "prior": codes_mixture(),
    },
    CodeMixture=lambda: {"mixture": codes_mixture().mixture},
    CodeMixture__log_density=lambda: {"self": codes_mixture(), "z": points(3, 2)},
    CodeMixture__sample=lambda: {"self": codes_mixture(), "n": 3, "rng": rng()},
    codes=lambda: {"vae": vae(), "x": coins(), "rng": rng()},
    fit_mixture=lambda: {"codes": points(20), "components": 2, "seed": 0},
)
calls("unrolling", Unrolled=lambda: {"steps": 2, "lr": 0.1, "first_order": False})
calls(
    "threads",
    available=dict,
    limited=lambda: {"most": 1},
    candidates=dict,
    Pace=lambda: {"numbers": [1], "alone": [], "turns": 2},
    training_pace=lambda: {"nets": [nn.Linear(2, 2)], "wide": False},
)
SETTINGS = {
    "steps": 3,
    "batch_size": 4,
    "optimizer": "adam",
    "betas": (0.5, 0.9),
    "momentum": 0.5,
    "decay_from": 0.5,
    "average": 0.9,
    "precision": "float32",
    "seed": 0,
}
GAME = {
    **SETTINGS,
    "k": 1,
    "lr_d": 1e-3,
    "lr_g": 1e-3,
    "objective": "wasserstein_gp",
    "penalty_weight": 1.0,
    "r1": 0.1,
    "penalty_every": 1,
    "noise": "normal",
    "noise_dim": 2,
    "instance_noise": 0.1,
    "instance_noise_until": 0.5,
}


def of_d():
    d = nets()["discriminator"]
    return {"discriminator": d, "optimizer": adam(d)}


calls(
    "distributed",
    processes=lambda: {"minutes": 10.0, "then": lambda group: group.__enter__()},
    share=lambda: {"state": state(), "group": ALONE},
)

calls(
    "training",
    averaged_generator=lambda: {"state": state()},
    refresh_statistics=lambda: {
        "generator": nets()["generator"],
        "settings": training.Settings(batch_size=4, noise_dim=2),
        "batches": 2,
    },
    with_fresh_statistics=lambda: {
        "generator": nets()["generator"],
        "settings": training.Settings(batch_size=4, noise_dim=2),
        "batches": 2,
    },
    matmul_precision=lambda: {"precision": "high"},
    pick_device=lambda: {"device": "cpu"},
    fit=lambda: {
        "state": training.start_fit(vae(), device="cpu", steps=2, batch_size=4),
        "loss": likelihood.vae_loss,
        "data": coins(),
    },
    start_fit=lambda: {"net": vae(), "device": "cpu", **SETTINGS, "lr": 1e-3},
    historical_averaging=lambda: {"optimizer": adam(vae()), "strength": 1.0},
    discriminator_step=lambda: {
        **of_d(),
        "real": points(),
        "fake": points(),
        "objective": "wasserstein_gp",
        "rng": rng(),
        "strength": 1.0,
    },
    generator_loss=lambda: {
        "discriminator": nets()["discriminator"],
        "fake": points(),
        "objective": "non_saturating",
    },
    generator_step=lambda: {**g_step(), "objective": "non_saturating"},
    train=lambda: {"state": state(9), "data": points()},
    mixes_batch=lambda: {"net": vae()},
    takes_labels=lambda: {"net": vae()},
    sample_noise=lambda: {
        "settings": training.Settings(batch_size=4, noise_dim=2),
        "rng": rng(),
        "n": 3,
    },
    FitSettings=lambda: {**SETTINGS, "lr": 1e-3},
    FitSettings__learning_rate=lambda: {"self": training.FitSettings(), "net": "net"},
    Settings=lambda: dict(GAME),
    Settings__learning_rate=lambda: {"self": training.Settings(), "net": "generator"},
    begin=lambda: {
        "nets": nets(),
        "settings": training.Settings(batch_size=4, noise_dim=2),
        "device": "cpu",
        "averaged": ["generator"],
        "objective": objectives.OBJECTIVES["minimax"],
    },
    extend=lambda: {"state": state(), "steps": 5},
    start=lambda: {**nets(), "device": "cpu", **GAME},
    record=lambda: {"steps": steps(), "history": [], "every": 1},
    snapshots=lambda: {"steps": steps(), "frames": [], "take": dict, "at": [1, 2]},
    time_limit=lambda: {"steps": steps(), "seconds": 1.0},
)


def g_step():
    made = nets()
    fake = made["generator"](points())
    return {
        "discriminator": made["discriminator"],
        "optimizer": adam(made["generator"]),
        "fake": fake,
    }


calls(
    "checkpoint",
    checkpointed=lambda: {
        "steps": steps(),
        "path": Path(FOLDER.name, "other.safetensors"),
        "state": state(),
        "every": 2,
    },
    load=lambda: {"path": saved(), **nets(), "device": "cpu"},
    load_generator=lambda: {
        "path": saved(),
        "generator": nets()["generator"],
        "device": "cpu",
    },
    load_nets=lambda: {"path": saved(), "nets": nets(), "device": "cpu"},
    save=lambda: {"path": Path(FOLDER.name, "new.safetensors"), "state": state()},
)


def measure(a, b):
    return float(np.mean(a) - np.mean(b))


calls(
    "evaluation",
    by_class=lambda: {
        "measure": measure,
        "real": points(),
        "real_labels": labels(),
        "fake": points(24, 2, 1),
        "asked": labels(),
    },
    obedience=lambda: {"probabilities": shares(), "asked": labels()},
    digit_classifier=lambda: {
        "images": digits(),
        "labels": labels(),
        "steps": 1,
        "seed": 0,
        "folder": Path(FOLDER.name, "classifiers"),
    },
    features_and_probabilities=lambda: {"classifier": judge(), "images": digits(2)},
    jacobian=lambda: {"generator": nets()["generator"], "z": points(3)},
    neighbour_ratios=lambda: {"samples": points()},
    numerical_rank=lambda: {"values": points().abs().double(), "share": 1e-9},
    singular_values=lambda: {"generator": nets()["generator"], "z": points(3)},
    two_nearest_neighbours=lambda: {"samples": points()},
    class_coverage=lambda: {"real_probabilities": shares(), "fake_probabilities": shares(9)},
    frechet_distance=lambda: {"real_features": points(), "fake_features": points(24, 2, 1)},
    gaussian_frechet_distance=lambda: {
        "mean1": np.zeros(2),
        "covariance1": np.eye(2),
        "mean2": np.ones(2),
        "covariance2": 2 * np.eye(2),
    },
    inception_score=lambda: {"probabilities": shares()},
    collision_support=lambda: {"twins": 2, "n": 9},
    mode_report=lambda: {
        "samples": points(),
        "centres": np.array(CENTRES),
        "std": 0.5,
        "due": np.array([0.5, 0.5]),
    },
    copying_test=lambda: {"samples": points(), "train": points(24, 2, 1), "held_out": points(9)},
    nearest=lambda: {"points": points(3), "others": points(), "k": 2},
    precision_and_recall=lambda: {
        "real_features": points(),
        "fake_features": points(24, 2, 1),
        "k": 3,
    },
    choose_sigma=lambda: {
        "samples": points(),
        "validation": points(9, 2, 1),
        "sigmas": (0.5, 1.0),
    },
    parzen_log_density=lambda: {"samples": points(), "points": points(9, 2, 1), "sigma": 0.5},
    parzen_log_likelihood=lambda: {"samples": points(), "test": points(9, 2, 1), "sigma": 0.5},
    to_pixels=lambda: {"images": digits(2)},
    sorted_wasserstein1=lambda: {"x": points(9, 1)[:, 0], "y": points(9, 1, 1)[:, 0]},
    transport_plan=lambda: {
        "have": np.array([0.5, 0.5]),
        "want": np.array([0.25, 0.75]),
        "costs": np.eye(2),
    },
    transport_prices=lambda: {
        "have": np.array([0.5, 0.5]),
        "want": np.array([0.25, 0.75]),
        "costs": np.eye(2),
    },
    wasserstein1=lambda: {"x": points(9), "y": points(9, 2, 1)},
    two_sample_test=lambda: {
        "real_features": points(22),
        "fake_features": points(22, 2, 1),
        "seed": 0,
    },
)


def patient():
    now = visit()
    return {"step": now.step, **now.parts, "data": now.data(50), "steps": 2}


calls("diagnose", examine=patient)
calls(
    "clinic",
    Patient=lambda: {"number": 1, "bug": "none", "well": "", "ill": "", "probe": "", "base": ()},
    Patient__source=lambda: {"self": clinic.HEALTHY, "sick": True},
    Patient__admit=lambda: {"self": clinic.HEALTHY, "seed": 0, "images": digits(70), "sick": True},
    Visit=lambda: {"source": clinic.SCRIPT, "seed": 0, "images": digits(70)},
    Visit__step=lambda: {"self": visit()},
    Visit__run=lambda: {"self": visit(), "steps": 1},
    Visit__data=lambda: {"self": visit(), "n": 3},
    Visit__accuracy=lambda: {"self": visit(), "images": digits(3), "seed": 0},
    Visit__samples=lambda: {"self": visit(), "n": 2, "seed": 0},
)
calls("triage", tree=dict, text=dict, page=dict)
calls(
    "plotting",
    distance_curves=lambda: {"frames": [frame()], "x": line(), "p_data": bell()},
    training_curves=lambda: {"history": list(steps()), "objective": "minimax", "smooth": 2},
    Figure1=lambda: {
        "x": line(),
        "p_data": bell(),
        "axes": None,
        "legend": True,
        "top": 1.25,
        "discriminator": True,
    },
    Figure1__show=lambda: {
        "self": plotting.Figure1(line(), bell()),
        "frame": frame(),
        "title": "now",
    },
    figure1_strip=lambda: {
        "frames": [frame()],
        "x": line(),
        "p_data": bell(),
        "titles": ["now"],
        "discriminator": True,
    },
    image_grid=lambda: {
        "images": points(4, 16).tanh().reshape(4, 4, 4),
        "columns": 2,
        "row_labels": ["one", "two"],
        "zoom": 2,
    },
    table=lambda: {
        "texts": np.array([["a", "b"]]),
        "rows": ["one"],
        "columns": ["x", "y"],
        "filled": np.array([[True, False]]),
    },
    png=lambda: {"figure": a_figure()},
    still=lambda: {"figure": a_figure()},
    Plane=lambda: {"real": points(), "window": 3.0, "size": 3.2},
    Plane__draw=lambda: {"self": plotting.Plane(points()), "fake": points(), "title": "now"},
    plane_strip=lambda: {
        "real": points(),
        "fakes": [points()],
        "titles": ["now"],
        "window": 3.0,
        "rows": 1,
    },
    subplots=lambda: {"rows": 1, "columns": 1, "width": 7.0, "height": 3.0},
    code_tree=lambda: {
        "forest": list(huffman.forests(FREQUENCIES)[1]),
        "finished": huffman.huffman_tree(FREQUENCIES),
    },
    decision_tree=lambda: {"symptoms": [("seen", [("test", "cause")])]},
)
SLIDER = {"at": ipw.IntSlider}


def sliders():
    return {"at": ipw.IntSlider()}


def on_case(*_):
    return "said"


calls(
    "widgets",
    consultation=lambda: {
        "cases": ["one", "two"],
        "draw": lambda case: a_figure(),
        "read": on_case,
        "tests": ["test"],
        "test": on_case,
        "diagnoses": ["flu"],
        "score": lambda answers: (a_figure(), "1 of 2"),
        "name": "ward",
    },
    explore=lambda: {
        "draw": lambda at: a_figure(),
        "controls": sliders(),
        "describe": lambda at: "said",
        "name": "tried",
    },
    retrainer=lambda: {
        "run": lambda at: ([1], lambda frame: a_figure(), on_case),
        "controls": sliders(),
        "name": "tried",
    },
    scrubber=lambda: {
        "frames": [1, 2],
        "draw": lambda frame: a_figure(),
        "describe": on_case,
        "name": "tried",
    },
    LivePicture=lambda: {"draw": a_figure, "name": "tried"},
    progress=lambda: {"steps": steps(), "total": 3, "seconds": 0.5},
    Panel=lambda: {"name": "tried", "children": [ipw.Label()]},
    Picture=lambda: {"name": "tried"},
    Picture__show=lambda: {"self": picture(), "picture": b"\x89PNG", "text": "said"},
    LivePicture__follow=lambda: {"self": live(), "steps": steps(), "seconds": 3.0},
    plane_map=lambda: {
        "name": "map",
        "picture": a_figure(),
        "draw": lambda x, y: (a_figure(), "said"),
        "extent": [0.0, 1.0, 0.0, 1.0],
        "start": (0.5, 0.5),
        "axes": ("x", "y"),
        "step": 0.1,
    },
    predict=lambda: {"name": "guess", "choices": ["yes", "no"]},
    reveal=lambda: {"name": "guess", "answer": "yes"},
)


def picture():
    from gan_lib.widgets import Picture

    return Picture("tried")


def live():
    from gan_lib.widgets import LivePicture

    return LivePicture(a_figure)


def floor():
    return lab.NoiseFloor(toys.ring())


calls(
    "lab",
    recipe=lambda: {"text": "k=2&run=3", "data": "ring", "lr_g": 0.001},
    NoiseFloor=lambda: {"data": toys.ring(), "seed": 0, "known": None},
    NoiseFloor__collect=lambda: {"self": floor(), "pairs": 1},
    NoiseFloor__band=lambda: {"self": floor(), "measure": "js"},
    histogram_js=lambda: {"x": points(), "y": points(24, 2, 1)},
    numbers=lambda: {"run": small_lab(), "floor": floor(), "rng": rng()},
    Recipe=lambda: {"settings": lab.recipe().settings, "log": (("run", 3),), "by": "torch"},
    Recipe__after=lambda: {"self": lab.recipe(), "what": "run", "amount": 3},
    Run=lambda: {"given": "k=2"},
    Run__train=lambda: {"self": small_lab(), "steps": 1},
    Run__step_alone=lambda: {"self": small_lab(), "player": "d"},
    Run__lines=lambda: {"self": small_lab()},
    Run__next_line=lambda: {"self": small_lab()},
    Run__finish_turn=lambda: {"self": small_lab()},
    Run__change=lambda: {"self": small_lab(), "name": "k", "value": 2},
    Run__moment=lambda: {"self": small_lab()},
    Run__go_back=lambda: {"self": small_lab(), "moment": small_lab().moment()},
    Run__replay=lambda: {"self": small_lab(), "given": "k=2&run=2", "slice_": 1},
    read_strokes=lambda: {"text": "AAAABBBB"},
    write_strokes=lambda: {"strokes": STROKE},
    lab=lambda: {"given": "", "experiment": None, "picture": a_figure(), "k": 2},
)


def call(name):
    """The function of this name and the arguments of a good call of it."""
    import importlib

    module, *path = name.split(".")
    function = functools.reduce(getattr, path, importlib.import_module(f"gan_lib.{module}"))
    arguments = CALLS[name]()
    then = arguments.pop("then", None)
    owner = arguments.pop("self", None)
    if owner is not None:
        function = functools.partial(function, owner)
    if then is not None:
        made = function
        function = lambda **given: then(made(**given))  # noqa: E731
    return function, arguments
