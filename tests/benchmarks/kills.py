"""Kill real training a thousand times, and count what was lost.

Runs of 250 steps that save every five are killed by SIGKILL at random moments, two in five of them
inside a write, until they end; then the next run begins. A kill has

    lost        if the checkpoint is gone afterwards, or older than before
    unreadable  if it cannot be loaded
    differing   if the run that it hit ends with other bytes than one that was never killed (such a
                run counts once)

Run as: python tests/benchmarks/kills.py [--kills 1000] [--seed 0]
"""

import argparse
import collections
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from killing import IN_A_WRITE, STEPS, contents, finish, killed_at, launcher, step_of

FAILURES = ("lost", "unreadable", "differing")


def kill_once(path, before, moment, rng, launch, pace, found):
    """One kill; returns the step of the checkpoint that it left."""
    existed = path.exists()
    code = killed_at(moment, rng, path, launch, *pace)
    found["kills" if code == -signal.SIGKILL else "too late"] += 1
    found["inside a write"] += moment in IN_A_WRITE
    if existed and not path.exists():
        found["lost"] += 1
        return 0
    try:
        after = step_of(path)
    except ValueError as error:
        print(f"unreadable after a kill at {moment}: {error}")
        found["unreadable"] += 1
        path.unlink()
        return 0
    found["lost"] += after < before
    return after


def counted(kills, seed):
    """So many kills, and what came of them."""
    rng, found = random.Random(seed), collections.Counter(dict.fromkeys(FAILURES, 0))
    with tempfile.TemporaryDirectory() as folder, launcher() as launch:
        whole, path = Path(folder, "whole.safetensors"), Path(folder, "killed", "gan.safetensors")
        _, *pace = finish(whole, launch)
        expected, step = contents(whole), 0
        while found["kills"] < kills:
            kinds = ["start", "step", IN_A_WRITE[rng.randrange(len(IN_A_WRITE))]]
            moment = rng.choices(kinds, weights=[0.2, 0.4, 0.4])[0]
            if found["kills"] and found["kills"] % 100 == 0:
                print(f"  {found['kills']} of {kills} kills", flush=True)
            step = kill_once(path, step, moment, rng, launch, pace, found)
            if step > STEPS - 30 or found["kills"] == kills:  # near its end: let it come there
                finish(path, launch)
                found["runs"] += 1
                found["differing"] += contents(path) != expected
                path.unlink()
                step = 0
    return found


def main(kills, seed):
    began = time.perf_counter()
    found = counted(kills, seed)
    for name in ("kills", "inside a write", "runs", "too late", "lost", "differing", "unreadable"):
        print(f"{name}: {found[name]}")
    print(f"seconds: {time.perf_counter() - began:.0f}")
    return sum(found[name] for name in FAILURES)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sys.exit(main(options.kills, options.seed) > 0)
