"""Critics measured: against the exact W1, and WGANs against other games at equal cost.

    exact   critics held in three ways, on frozen samples of two toys, beside the exact W1
    toys    four games on the ring and on the grid, about five seconds of processor time each; and
            three on the ring with the uneven rates at which the plain GAN collapses, four seconds,
            the GAN and WGAN-GP each with one and with five steps of D
    mnist   four games on MNIST, about sixteen seconds each; along the way each game's own losses,
            Fréchet distance and Parzen windows; and, at snapshots of the plain GAN, a fresh
            critic and a fresh D

Each game's rates, k and weights are the best of two to six tries by hand, the games with a penalty
having had the most: on the toys on seed 100, on MNIST on seed 0, which is among those recorded.
Steps are chosen for about equal processor time on the machine that is recorded; seconds are
processor time on one thread, without the measuring.

Run as: python tests/benchmarks/critics.py [--parts exact toys mnist] [--seeds 5] [--record]
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import recording
import torch
from torch import nn

from gan_lib import data, evaluation, models, toys, training
from gan_lib.objectives import Critic, critic_generator_loss, critic_loss, named
from gan_lib.penalties import ClipWeights, GradientPenalty, gradient_norms

RECORD = Path(__file__).resolve().parents[2] / "data" / "critics"
HOLDS = {  # what keeps a critic in bounds
    "penalty 10": {"penalty": GradientPenalty(10.0)},
    "penalty 20": {"penalty": GradientPenalty(20.0)},
    "spectral norm": {},
    "clipping .01": {"after_d_step": ClipWeights(0.01)},
    "clipping .1": {"after_d_step": ClipWeights(0.1)},
    "clipping .3": {"after_d_step": ClipWeights(0.3)},
}
PLANE = {"batch_size": 128, "noise_dim": 2, "decay_from": 0.5, "lr_g": 2e-3, "lr_d": 2e-3}
UNEVEN = {"batch_size": 64, "noise_dim": 32, "lr_g": 3e-3, "lr_d": 1e-3, "betas": [0.9, 0.999]}
GAN = {"objective": "non_saturating"}
WGAN_GP = {"objective": "wasserstein_gp"}
RELATIVISTIC = {"objective": "relativistic"}
CLIPPED = {"objective": "wasserstein"}
TOYS = {
    "GAN": GAN | {"steps": 3700, "betas": [0.0, 0.99]},
    "WGAN-GP": WGAN_GP | {"steps": 1500, "k": 2, "penalty_weight": 1.0, "betas": [0.0, 0.9]},
    "relativistic": RELATIVISTIC | {"steps": 2000, "penalty_weight": 0.1, "betas": [0.0, 0.99]},
    "clipping": CLIPPED | {"steps": 1150, "k": 5, "clip": 0.1, "betas": [0.0, 0.9]},
}
UNEVEN_TOYS = {
    "GAN": GAN | {"steps": 3000},
    "GAN, k 5": GAN | {"steps": 800, "k": 5},
    "WGAN-GP": WGAN_GP | {"steps": 600, "k": 5, "penalty_weight": 1.0},
    "WGAN-GP, k 1": WGAN_GP | {"steps": 1900, "k": 1, "penalty_weight": 1.0},
    "relativistic": RELATIVISTIC | {"steps": 1700, "penalty_weight": 0.1},
}
IMAGES = {"batch_size": 64, "noise_dim": 64, "lr_g": 2e-3, "lr_d": 2e-3}
MNIST = {
    "GAN": GAN | {"steps": 3040, "betas": [0.5, 0.99]},
    "WGAN-GP": WGAN_GP | {"steps": 800, "k": 3, "penalty_weight": 10.0, "betas": [0.5, 0.9]},
    "relativistic": RELATIVISTIC | {"steps": 1480, "penalty_weight": 5.0, "betas": [0.0, 0.99]},
    "clipping": CLIPPED
    | {"steps": 1030, "k": 5, "clip": 0.05, "betas": [0.0, 0.9], "lr_g": 1e-3, "lr_d": 1e-3},
}
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 1)  # of a run: measured
JUDGED = (1 / 32, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1)  # by fresh judges, too


def rng(seed):
    return torch.Generator().manual_seed(seed)


# Critics of frozen samples.


def held_critic(hold, seed):
    critic = models.plane_discriminator((64, 64), slope=0.2, seed=seed)
    if hold == "spectral norm":
        critic = models.with_spectral_norm(critic, seed=seed)
    return critic, Critic(critic_loss, critic_generator_loss, **HOLDS[hold])


def fit_critic(critic, game, real, fake, seed, steps=600, lr=5e-3):
    """Adam on minibatches of 128, its rate falling to 0."""
    draw = rng(100 + seed)
    optimizer = torch.optim.Adam(critic.parameters(), lr=lr, betas=(0.5, 0.9))
    fade = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(steps):
        x, y = (s[torch.randint(len(s), (128,), generator=draw)] for s in (real, fake))
        training.discriminator_step(critic, optimizer, x, y, game, rng=draw, apart=False)
        fade.step()
    return critic.eval()


@torch.no_grad()
def gap(critic, real, fake):
    return (critic(real).mean() - critic(fake).mean()).item()


def steepest(critic, width=2.3, points=93):
    """The largest slope on a grid over the square [-width, width]^2."""
    line = torch.linspace(-width, width, points)
    return gradient_norms(critic, torch.cartesian_prod(line, line)).max().item()


def at_limit(critic, hold):
    clip = HOLDS[hold].get("after_d_step")
    if clip is None:
        return None
    weights = nn.utils.parameters_to_vector(critic.parameters())
    return (weights.abs() > 0.999 * clip.limit).float().mean().item()


def exact_part(seeds):
    for name, toy in (("ring", toys.ring()), ("Swiss roll", toys.SwissRoll())):
        real, fake = toy.sample(512, rng(1)), 0.5 * torch.randn(512, 2, generator=rng(2))
        exact = evaluation.wasserstein1(real, fake)
        for hold in HOLDS:
            for seed in range(seeds):
                began = time.process_time()
                critic = fit_critic(*held_critic(hold, seed), real, fake, seed)
                yield {
                    "data": name,
                    "hold": hold,
                    "seed": seed,
                    "exact": exact,
                    "estimate": gap(critic, real, fake),
                    "steepest": steepest(critic),
                    "at_limit": at_limit(critic, hold),
                    "seconds": time.process_time() - began,
                }


# Games.


def run(state, source, measure):
    """Train, and measure at SHARES; returns the curve and the seconds without the measuring.

    A row of the curve: step, -(D's loss) and G's loss, both means over a fortieth of the run, and
    what ``measure(state, step)`` returns.
    """
    steps = state.settings.steps
    at, window = {round(share * steps): share for share in SHARES}, max(steps // 40, 1)
    losses, curve, idle, began = [], [], 0.0, time.process_time()
    for step in training.train(state, source):
        losses.append((-step.d_loss, step.g_loss))
        if step.number in at:
            paused = time.process_time()
            found = measure(state, at[step.number])
            curve.append([step.number, *np.mean(losses[-window:], 0).tolist(), *found])
            idle += time.process_time() - paused
    return curve, time.process_time() - began - idle


@torch.no_grad()
def draw(generator, settings, n, seed=7):
    z = training.sample_noise(settings, rng(seed), n)
    return generator.eval()(z)


def plane_state(settings, seed, slope=0.2):
    nets = (
        models.plane_generator(settings["noise_dim"], seed=seed),
        models.plane_discriminator(slope=slope, seed=100 + seed),
    )
    return training.start(*nets, seed=seed, **settings)


def distance_to(real, state, share):
    fake = draw(state.generator, state.settings, 600)
    state.generator.train()
    return [evaluation.wasserstein1(real[:600], fake)]


def toys_part(seeds):
    ring, grid = toys.ring(), toys.grid()
    for name, toy, games, shared, slope in (
        ("ring", ring, TOYS, PLANE, 0.2),
        ("grid", grid, TOYS, PLANE, 0.2),
        ("ring, uneven rates", ring, UNEVEN_TOYS, UNEVEN, 0.0),
    ):
        real = toy.sample(1000, rng(8))
        floor = evaluation.wasserstein1(real, toy.sample(1000, rng(9)))
        for game, own in games.items():
            settings = {**shared, **own}
            for seed in range(seeds):
                state = plane_state(settings, seed, slope)
                curve, seconds = run(state, toy.sample, partial(distance_to, real))
                fake = draw(training.averaged_generator(state), state.settings, 2500)
                report = evaluation.mode_report(fake, np.array(toy.centres), toy.std)
                yield {
                    "data": name,
                    "game": game,
                    "seed": seed,
                    "settings": settings,
                    "slope": slope,
                    "touched": report.touched,
                    "covered": report.covered,
                    "quality": report.quality,
                    "W1": evaluation.wasserstein1(real, fake[:1000]),
                    "floor": floor,
                    "seconds": seconds,
                    "curve": curve,
                }


def fresh(kind, generator, settings, images, held, seed):
    """A new judge of a frozen G: a critic's W1, or a D's JS in nats, on samples it has not seen."""
    game = named("wasserstein_gp" if kind == "critic" else "non_saturating")
    steps, betas = (300, (0.5, 0.9)) if kind == "critic" else (200, (0.5, 0.999))
    judge = models.mlp_discriminator(hidden=(256, 128), seed=200 + seed)
    optimizer = torch.optim.Adam(judge.parameters(), lr=1e-3, betas=betas)
    source = rng(300 + seed)
    for _ in range(steps):
        real = images[torch.randint(len(images), (64,), generator=source)]
        with torch.no_grad():
            fake = generator(training.sample_noise(settings, source, 64))
        training.discriminator_step(judge, optimizer, real, fake, game, rng=source, apart=False)
    with torch.no_grad():
        answers = judge(held), judge(draw(generator, settings, len(held), seed=11))
        loss = game.d_loss(*answers).item()
    return -loss if kind == "critic" else float(np.log(2) - loss / 2)


class Judges:
    """What measures images: a classifier, and judges that are trained anew."""

    def __init__(self):
        self.images, labels = data.digits("train")
        if len(self.images) != 60_000:
            raise SystemExit("these results are of MNIST, and MNIST is not available here")
        test = data.digits("test")[0][:2000]
        self.classifier = evaluation.digit_classifier(self.images, labels)
        self.features = evaluation.features_and_probabilities(self.classifier, test)[0]
        self.floats, self.held = (x[:, None].float() / 127.5 - 1 for x in (self.images, test))
        self.pixels = evaluation.to_pixels(test[:1000])

    def frechet(self, generator, settings):
        """2000 samples, their Fréchet distance to the test images, and their probabilities."""
        fake = draw(generator, settings, 2000)
        found, p = evaluation.features_and_probabilities(self.classifier, fake)
        return fake, evaluation.frechet_distance(self.features, found), p

    def parzen(self, fake):
        pixels = evaluation.to_pixels(fake)
        sigma = evaluation.choose_sigma(pixels, evaluation.to_pixels(self.images[-500:]))
        return evaluation.parzen_log_likelihood(pixels, self.pixels, sigma)[0]

    def measure(self, judged, seed, state, share):
        raw, distance, _ = self.frechet(state.generator, state.settings)
        state.generator.train()
        average = training.averaged_generator(state)
        far = self.frechet(average, state.settings)[1]
        if judged is not None and share in JUDGED:
            given = average, state.settings, self.floats, self.held, seed
            judged.append([state.step, far, fresh("critic", *given), fresh("D", *given)])
        return [distance, self.parzen(raw), far]


def mnist_part(seeds):
    judges = Judges()
    for game, own in MNIST.items():
        settings = {**IMAGES, **own}
        for seed in range(seeds):
            judged = [] if game == "GAN" else None
            state = training.start(
                models.mlp_generator(64, hidden=(128, 256), seed=seed),
                models.mlp_discriminator(hidden=(256, 128), seed=100 + seed),
                seed=seed,
                **settings,
            )
            curve, seconds = run(state, judges.images, partial(judges.measure, judged, seed))
            _, far, p = judges.frechet(training.averaged_generator(state), state.settings)
            yield {
                "data": "MNIST",
                "game": game,
                "seed": seed,
                "settings": settings,
                "frechet": far,
                "coverage": evaluation.class_coverage(np.eye(10), p),
                "seconds": seconds,
                "curve": curve,
                "judged": judged,
            }


PARTS = {"exact": exact_part, "toys": toys_part, "mnist": mnist_part}


def main(parts, seeds, keep):
    torch.set_num_threads(1)
    results = []
    for part in parts:
        for result in PARTS[part](seeds):
            result = recording.rounded(result)
            results.append({"part": part, **result})
            long = ("settings", "curve", "judged")
            print(part, *(value for key, value in result.items() if key not in long), flush=True)
    if keep:
        recording.keep(RECORD, results, key="part")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--record", action="store_true", help="keep the results in data/critics/, for notebook 13"
    )
    options = parser.parse_args()
    main(options.parts, options.seeds, options.record)
