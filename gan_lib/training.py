"""Algorithm 1 of Goodfellow et al. (2014) as an iterator of steps.

``start`` makes a :class:`TrainingState`, ``train`` walks it forward and yields a :class:`Step` after each pass through the
algorithm's outer loop. Whoever wants a progress bar, a history or a checkpoint wraps the iterator; the loop knows none of them::

    state = start(generator, discriminator, steps=3000, seed=0)
    for step in checkpointed(record(train(state, images), history), "gan.safetensors", state):
        ...
"""

import contextlib
import copy
import functools
import math
import time
from dataclasses import asdict, dataclass, field
from typing import Literal

import torch
from torch import nn

from . import losses, optim
from .data import batches

GENERATOR_LOSSES = {
    "non_saturating": losses.non_saturating_generator_loss,
    "minimax": losses.minimax_generator_loss,
}
NOISE_WIDTHS = {"normal": None, "uniform": 1.0, "unit uniform": math.sqrt(3)}  # uniform on (-width, width)
AVERAGE_EVERY = 8  # steps between two updates of the averaged weights


class TrainingDiverged(ArithmeticError):
    """A loss was no longer a finite number. The net whose step it was has not moved; a checkpoint of before is whole."""


@dataclass(frozen=True)
class Settings:
    """Everything that, with the two nets and the data, determines a run; a checkpoint keeps it.

    steps: length of the run. k: D's steps for one of G's (the paper's k). batch_size: the paper's m. optimizer: "adam" with
    lr_d, lr_g and betas, or "sgd", gradient descent whose momentum is the first of betas, as in the paper.
    noise, noise_dim: z is "normal" N(0, 1), "uniform" on (-1, 1), or "unit uniform", of variance 1, on (-sqrt 3, sqrt 3), in
    noise_dim dimensions. generator_loss: "non_saturating"
    or "minimax". decay_from: from this share of the run on, both learning rates fall linearly to 0 (1: never). average: G's
    weights are also averaged, exponentially, over the last tenth of the run so far, but not over more than about
    1 / (1 - average) steps (None: not). precision: "bfloat16" for the products of both passes (autocast), or "float32", where
    wide nets take torch's "medium": true float32 on most processors, while those with AMX round the factors of a product to
    bfloat16, and CUDA to TF32. "auto" takes bfloat16 where the processor computes in it and the nets are wide enough to profit.
    """

    steps: int = 3000
    k: int = 1
    batch_size: int = 256
    lr_d: float = 6e-4
    lr_g: float = 6e-4
    betas: tuple[float, float] = (0.5, 0.999)
    optimizer: Literal["adam", "sgd"] = "adam"
    noise: Literal["normal", "uniform", "unit uniform"] = "normal"
    noise_dim: int = 100
    generator_loss: Literal["non_saturating", "minimax"] = "non_saturating"
    decay_from: float = 1.0
    average: float | None = 0.999
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = 0

    def __post_init__(self):
        def require(names, holds, what):
            for name in names.split():
                given = getattr(self, name)
                try:
                    fits = holds(given)
                except TypeError:  # not even a number
                    fits = False
                if not fits:
                    raise ValueError(f"{name} must be {what}, not {given!r}")

        require("steps k batch_size noise_dim", lambda n: isinstance(n, int) and n > 0, "a positive whole number")
        require("seed", lambda n: isinstance(n, int), "a whole number")
        require("lr_d lr_g", lambda rate: 0 < rate < math.inf, "a positive number")
        require("betas", lambda betas: len(betas) == 2 and all(0 <= b < 1 for b in betas), "two numbers in [0, 1)")
        require("decay_from", lambda share: 0 <= share <= 1, "a share of the run, from 0 to 1")
        require("average", lambda decay: decay is None or 0 <= decay < 1, "None or a number in [0, 1)")
        require("optimizer", lambda kind: kind in ("adam", "sgd"), '"adam" or "sgd"')
        require("noise", lambda kind: kind in NOISE_WIDTHS, '"normal", "uniform" or "unit uniform"')
        require("generator_loss", lambda name: name in GENERATOR_LOSSES, " or ".join(GENERATOR_LOSSES))
        require("precision", lambda kind: kind in ("auto", "float32", "bfloat16"), '"auto", "float32" or "bfloat16"')


@dataclass
class TrainingState:
    """All that changes while a GAN is trained: what a checkpoint saves and ``train`` moves forward."""

    settings: Settings
    generator: nn.Module
    discriminator: nn.Module
    g_optimizer: torch.optim.Optimizer
    d_optimizer: torch.optim.Optimizer
    average: nn.Module | None  # a copy of G that carries the averaged weights
    rng: torch.Generator
    step: int = 0
    data_shape: list = field(default_factory=list)  # of the data that it was trained on; empty before the first step

    @property
    def device(self):
        return self.rng.device


@dataclass(frozen=True)
class Step:
    """What one step of training measured on its own minibatches: losses in nats (means), and probabilities (means)."""

    number: int  # 1 for the first
    d_loss: float  # -V(D, G), before the update
    g_loss: float
    d_real: float  # mean of D(x)
    d_fake: float  # mean of D(G(z)), as D's own step saw it


def start(generator, discriminator, *, device="auto", **settings):
    """A new run: optimisers, random numbers and averaged weights for two nets. Returns a :class:`TrainingState`.

    ``settings`` are the fields of :class:`Settings`. The nets themselves are trained, in place, on ``device``: "auto" (a GPU
    where there is one), "cpu", "cuda" or "mps". G maps noise (B, noise_dim) to samples, D maps samples to logits (B, 1).
    Raises: ValueError for a setting out of range, nets that do not fit each other, or a D that ends in a sigmoid.
    """
    settings = Settings(**settings)
    device = pick_device(device)
    generator.to(device), discriminator.to(device)
    _check_nets(generator, discriminator, settings.noise_dim, device)
    if settings.precision == "auto":
        dtype = "bfloat16" if _computes_in_bfloat16(device) and _is_wide(generator) else "float32"
        settings = Settings(**{**asdict(settings), "precision": dtype})
    return TrainingState(
        settings=settings,
        generator=generator,
        discriminator=discriminator,
        g_optimizer=_optimizer(generator, settings.lr_g, settings),
        d_optimizer=_optimizer(discriminator, settings.lr_d, settings),
        average=None if settings.average is None else copy.deepcopy(generator).requires_grad_(False),
        rng=torch.Generator(device).manual_seed(settings.seed),
    )


def train(state, data):
    """Algorithm 1 from ``state.step`` to ``state.settings.steps``; yields a :class:`Step` after each, when ``state`` is whole.

    data: a uint8 tensor of images (n, 28, 28), scaled to [-1, 1] batch by batch; or a float tensor (n, ...), used as it is; or
    a function ``sample(n, rng)`` that draws n new ones. Each minibatch of data is drawn afresh, with replacement. G's step
    takes the fakes of D's last step once more, where the paper draws new ones: it saves a pass through G.
    Leave the loop whenever you like and call ``train(state, data)`` again: it goes on exactly where it stopped.
    Raises: TrainingDiverged with the number of the step; ValueError if data do not fit the nets or the run so far.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    settings, rng = state.settings, state.rng
    draw = _sampler(state, data)
    dtype = getattr(torch, settings.precision)
    generator_loss = GENERATOR_LOSSES[settings.generator_loss]
    fast_matmul = functools.partial(_fast_matmul, state.device) if _is_wide(state.generator) else contextlib.nullcontext
    dropout_from = _dropout_from if _uses_dropout(state) else contextlib.nullcontext
    state.generator.train(), state.discriminator.train()
    while state.step < settings.steps:
        _set_learning_rates(state)
        try:
            with fast_matmul(), dropout_from(rng):
                for i in range(settings.k):
                    with torch.set_grad_enabled(i == settings.k - 1), _autocast(state.device, dtype):
                        fake = state.generator(sample_noise(settings, rng))
                    d_loss, real_logits, fake_logits = discriminator_step(
                        state.discriminator, state.d_optimizer, draw(), fake, dtype=dtype
                    )
                g_loss = generator_step(state.discriminator, state.g_optimizer, fake, generator_loss, dtype=dtype)
        except TrainingDiverged as error:
            raise TrainingDiverged(f"step {state.step + 1}: {error}") from None
        state.step += 1
        _update_average(state)
        yield Step(
            state.step, d_loss.item(), g_loss.item(), real_logits.sigmoid().mean().item(), fake_logits.sigmoid().mean().item()
        )


def discriminator_step(discriminator, optimizer, real, fake, *, dtype=torch.float32):
    """One step of D: descend -V(D, G) on a minibatch. Returns its loss (before the update), the real and the fake logits.

    real, fake: (B, ...) samples of the data and of G. They pass through D as one batch, which is faster, and right as long as D
    has no BatchNorm. The fakes are detached: no gradient reaches G.
    Raises: TrainingDiverged, before anything is updated, if the loss is not finite.
    Source: Goodfellow et al. (2014), Algorithm 1, inner loop.
    """
    with _autocast(real.device, dtype):
        logits = discriminator(torch.cat([real, fake.detach().to(real.dtype)])).float()
    real_logits, fake_logits = logits.split([len(real), len(fake)])
    loss = losses.discriminator_loss(real_logits, fake_logits)
    _descend(loss, optimizer, "discriminator")
    return loss.detach(), real_logits.detach(), fake_logits.detach()


def generator_step(discriminator, optimizer, fake, loss_function=losses.non_saturating_generator_loss, *, dtype=torch.float32):
    """One step of G: descend ``loss_function`` of D's logits for a minibatch of fakes. Returns the loss (before the update).

    fake: (B, ...) = generator(noise), not detached. The gradient passes *through* D to G; none is computed for D's weights.
    Raises: TrainingDiverged, before anything is updated, if the loss is not finite.
    Source: Goodfellow et al. (2014), Algorithm 1, last lines.
    """
    with _autocast(fake.device, dtype):
        fake_logits = discriminator(fake).float()
    loss = loss_function(fake_logits)
    _descend(loss, optimizer, "generator")
    return loss.detach()


def _descend(loss, optimizer, name):
    if not math.isfinite(found := loss.item()):
        raise TrainingDiverged(
            f"the {name}'s loss is {found}. The weights are still finite only if the gradients were: go back to the last "
            "checkpoint, then try a lower learning rate (lr_d, lr_g), a larger batch_size, or precision='float32'."
        )
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=[p for group in optimizer.param_groups for p in group["params"] if p.requires_grad])
    optimizer.step()


def sample_noise(settings, rng, n=None):
    """Noise z (n, noise_dim), by default a minibatch, of the kind that ``settings`` name, on the device of ``rng``."""
    shape = (n or settings.batch_size, settings.noise_dim)
    if width := NOISE_WIDTHS[settings.noise]:
        return torch.rand(shape, generator=rng, device=rng.device) * (2 * width) - width
    return torch.randn(shape, generator=rng, device=rng.device)


def averaged_generator(state):
    """G with its averaged weights (raw ones, with ``average=None``), ready to sample from; a copy, training is not disturbed.

    Source: Yazıcı et al. (2019), The Unusual Effectiveness of Averaging in GAN Training.
    """
    return with_fresh_statistics(copy.deepcopy(state.generator if state.average is None else state.average), state.settings)


def with_fresh_statistics(generator, settings, batches=50):
    """``generator`` in eval mode, its BatchNorm statistics computed afresh from ``batches`` batches of noise of their own seed.

    An average of weights has never seen a batch: the statistics of the weights it was averaged from do not fit it.
    Source: Izmailov et al. (2018), Averaging Weights Leads to Wider Optima, section 3.2.
    """
    rng = torch.Generator(next(generator.parameters()).device).manual_seed(0)
    with torch.no_grad():
        torch.optim.swa_utils.update_bn((sample_noise(settings, rng) for _ in range(batches)), generator)
    return generator.eval()


# Consumers: each takes an iterator of steps and yields the same steps on.


def record(steps, history, every=1):
    """Append every ``every``-th step to the list ``history``, and pass all of them on."""
    for step in steps:
        if step.number % every == 0:
            history.append(step)
        yield step


def snapshots(steps, frames, take, at):
    """Append ``(number, take())`` to the list ``frames`` after the steps whose numbers are in ``at``, and pass all on."""
    at = set(at)
    for step in steps:
        if step.number in at:
            frames.append((step.number, take()))
        yield step


def within(steps, seconds):
    """Pass steps on until ``seconds`` of wall time are over: for a slow machine. The state can be trained on later."""
    deadline = time.monotonic() + seconds
    for step in steps:
        yield step
        if time.monotonic() > deadline:
            return


# What the loop is built from.


def pick_device(device="auto"):
    """The torch device to train on: "auto" takes CUDA, then MPS, then the CPU. Raises ValueError for one that is not there."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        device = next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there.get(str(device).split(":")[0], False):
        raise ValueError(f"device {str(device)!r} is not available here; there is {[name for name in there if there[name]]}")
    return torch.device(device)


def _optimizer(net, lr, settings):
    if settings.optimizer == "sgd":
        return optim.SGD(net.parameters(), lr=lr, momentum=settings.betas[0], fused=True)
    return optim.Adam(net.parameters(), lr=lr, betas=tuple(map(float, settings.betas)), fused=True)


def _autocast(device, dtype):
    return contextlib.nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype=dtype)


def _computes_in_bfloat16(device):
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _uses_dropout(state):
    modules = [*state.generator.modules(), *state.discriminator.modules()]
    return any(isinstance(module, nn.modules.dropout._DropoutNd) for module in modules)


def _is_wide(net):
    return max(max(p.shape, default=0) for p in net.parameters()) >= 256


@contextlib.contextmanager
def matmul_precision(precision):
    """torch's switch for float32 products, one for the whole process: "highest", "high" or "medium"; put back afterwards."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _fast_matmul(device):
    """float32 products through oneDNN on the CPU, up to three times as fast, and in TF32 on CUDA; put back afterwards.

    Where the processor has AMX, "medium" lets oneDNN round the factors to bfloat16: the relative error grows from 5e-7 to 2e-3.
    """
    return matmul_precision("high" if device.type == "cuda" else "medium")


@contextlib.contextmanager
def _dropout_from(rng):
    """Let dropout, which knows only torch's global random numbers, follow ``rng``; leave the global ones as they were."""
    with torch.random.fork_rng(devices=[rng.device] if rng.device.type == "cuda" else []):
        seed = int(torch.randint(2**62, (), generator=rng, device=rng.device))
        torch.default_generator.manual_seed(seed) if rng.device.type == "cpu" else torch.manual_seed(seed)
        yield


def _set_learning_rates(state):
    settings = state.settings
    done = state.step / settings.steps
    factor = 1.0 if done < settings.decay_from else (1 - done) / (1 - settings.decay_from)
    for optimizer, rate in ((state.d_optimizer, settings.lr_d), (state.g_optimizer, settings.lr_g)):
        for group in optimizer.param_groups:
            group["lr"] = rate * factor


@torch.no_grad()
def _update_average(state):
    """average <- d^8 average + (1 - d^8) weights, every eighth step, which takes an eighth of the time of doing so at each.

    d = t / (t + 10) at step t, until it reaches ``average``: the average reaches back over a tenth of the run so far, and the
    random start is forgotten.
    """
    if state.average is not None and state.step % AVERAGE_EVERY == 0:
        decay = min(state.settings.average, state.step / (state.step + 10)) ** AVERAGE_EVERY
        torch._foreach_lerp_(list(state.average.parameters()), list(state.generator.parameters()), 1 - decay)


def _check_nets(generator, discriminator, noise_dim, device):
    last = [module for module in discriminator.modules() if not list(module.children())][-1]
    if isinstance(last, nn.Sigmoid):
        raise ValueError("discriminator ends in a sigmoid, but the losses take logits: leave the sigmoid out")
    try:
        fake = _probe(generator, torch.zeros(2, noise_dim, device=device))
    except RuntimeError as error:
        raise ValueError(f"generator does not take noise of shape (2, {noise_dim}); set noise_dim? ({error})") from None
    try:
        logits = _probe(discriminator, fake)
    except RuntimeError as error:
        raise ValueError(f"discriminator does not take what generator makes, {tuple(fake.shape)} ({error})") from None
    if logits.numel() != 2:
        raise ValueError(f"discriminator must return one logit a sample, (B, 1); for B = 2 it returned {tuple(logits.shape)}")


@torch.no_grad()
def _probe(net, x):
    was_training = net.training
    try:
        return net.eval()(x)
    finally:
        net.train(was_training)


def _sampler(state, data):
    """A function that draws a minibatch (B, \\*sample shape) from tensor or function ``data`` with the run's random numbers."""
    settings, rng = state.settings, state.rng
    sample_shape = _probe(state.generator, torch.zeros(2, settings.noise_dim, device=state.device)).shape[1:]
    if callable(data):
        shape = list(data(2, torch.Generator(state.device)).shape[1:])
        found = shape
    elif isinstance(data, torch.Tensor) and data.ndim > 1 and len(data):
        shape, found = list(data.shape), list(data.shape[1:])
        if data.dtype != torch.uint8 and not data.is_floating_point():
            raise ValueError(f"data must be bytes (uint8) or floating-point numbers, not {data.dtype}")
        if not torch.isfinite(data).all():
            raise ValueError("data holds values that are not finite")
    else:
        raise ValueError("data must be a tensor (n, ...) with n > 0, or a function sample(n, rng)")
    if math.prod(found) != math.prod(sample_shape):
        raise ValueError(f"data has samples of shape {tuple(found)}, but generator makes {tuple(sample_shape)}")
    if state.data_shape and shape != state.data_shape:
        raise ValueError(f"data has shape {shape}, but this run was trained on data of shape {state.data_shape} so far")
    state.data_shape = shape
    if callable(data):
        return lambda: data(settings.batch_size, rng).float().reshape(-1, *sample_shape)
    data = data.to(state.device)
    stream = batches(data if data.dtype == torch.uint8 else data.float(), settings.batch_size, rng)
    return lambda: next(stream).reshape(-1, *sample_shape)
