"""Parzen windows: how fast, and how exact, against scikit-learn's KernelDensity on the same images?

Windows of width 0.2 round 10 000 training images, at the 10 000 test images, by turns.
KernelDensity runs with one leaf that holds all samples: in so many dimensions its default, small
leaves are slower, and the bounds by which it skips leaves are wrong (scikit-learn issue 7492);
``--default-tree`` shows by how much. The last two lines are the relative error of our mean
log-likelihood, computed in float32 on all cores, against KernelDensity's, which computes in float64
on one core, and the median ratio of the two times.

Run as: python tests/benchmarks/parzen.py [--samples 10000] [--points 10000] [--rounds 1]
        [--default-tree]
"""

import argparse
import statistics
import time

from sklearn.neighbors import KernelDensity

from gan_lib import data, evaluation

SIGMA = 0.2


def kernel_density(samples, points, leaf_size):
    density = KernelDensity(bandwidth=SIGMA, leaf_size=leaf_size).fit(samples.double().numpy())
    return density.score_samples(points.double().numpy()).mean()


def ours(samples, points):
    return evaluation.parzen_log_likelihood(samples, points, SIGMA)[0]


def timed(measure, *arguments):
    began = time.perf_counter()
    return measure(*arguments), time.perf_counter() - began


def main(samples, points, rounds, default_tree):
    samples = evaluation.to_pixels(data.digits("train")[0][:samples])
    points = evaluation.to_pixels(data.digits("test")[0][:points])
    print(f"{len(samples)} windows, {len(points)} points, {samples.shape[1]} numbers each")
    ours(samples[:100], points[:100])  # warm-up
    ratios, errors = [], []
    for number in range(1, rounds + 1):
        found, our_time = timed(ours, samples, points)
        exact, their_time = timed(kernel_density, samples, points, len(samples))
        print(f"round {number}: ours {found:.5f} nats in {our_time:.2f} s")
        print(f"         KernelDensity {exact:.5f} nats in {their_time:.2f} s")
        errors.append(abs(found / exact - 1))
        ratios.append(their_time / our_time)
    if default_tree:
        found, seconds = timed(kernel_density, samples, points, 40)
        print(f"KernelDensity with its default leaves: {found:.5f} nats in {seconds:.2f} s")
    print(f"agreement: {max(errors):.1e}")
    print(f"speedup: {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--default-tree", action="store_true", help="also time KernelDensity with its defaults"
    )
    options = parser.parse_args()
    main(options.samples, options.points, options.rounds, options.default_tree)
