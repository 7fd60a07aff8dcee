"""The campaign: kills, damage, bad input, full disks and odd places, in one table.

Each part has a module of its own, where what is counted is said: kills.py, damage.py,
tests/bad_input.py with tests/good_calls.py, disk.py and environments.py. A count that must be 0
and is not makes the command fail.

Run as: python tests/benchmarks/campaign.py [--parts kills damage inputs disk environments]
    [--kills 1000] [--damaged 10000] [--examples 200] [--seed 0] [--lessons 03 17 ...]
    [--without mnist ...]
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PARTS = ("kills", "damage", "inputs", "disk", "environments")


class Table:
    """Rows of part, what is counted, and the count, printed as they come."""

    def __init__(self):
        self.failed = False
        print(f"{'part':<14}{'what':<34}{'count':>8}")

    def add(self, part, what, count, zero=False):
        mark = "" if not zero else "   0 as it must be" if not count else "   MUST BE 0"
        print(f"{part:<14}{what:<34}{count:>8}{mark}", flush=True)
        self.failed |= zero and count > 0


def tell(line):
    """What failed, in full, between the rows."""
    print(f"    {line}", flush=True)


def kills(table, options):
    from kills import FAILURES, counted

    found = counted(options.kills, options.seed)
    for what in ("kills", "inside a write", "runs"):
        table.add("kills", what, found[what])
    for what in FAILURES:
        table.add("kills", what, found[what], zero=True)


def damage(table, options):
    from damage import FAILURES, damaged

    found = damaged(options.damaged, options.seed, tell)
    table.add("damage", "checkpoints", options.damaged)
    for what in ("refused", "harmless"):
        table.add("damage", what, found[what])
    for what in FAILURES:
        table.add("damage", what, found[what], zero=True)


def inputs(table, options):
    from bad_input import FAILURES, survey
    from good_calls import CALLS

    found = survey(options.examples, tell)
    table.add("inputs", "functions, classes, methods", len(CALLS))
    table.add("inputs", "calls with one argument wrong", sum(found.values()))
    for what in ("refused", "harmless"):
        table.add("inputs", what, found[what])
    for what in FAILURES:
        table.add("inputs", what, found[what], zero=True)


def disk(table, options):
    from disk import CASES, tried

    for case in CASES:
        count, wrong = tried(case)
        for text in wrong:
            tell(f"{case}: {text}")
        table.add("disk", f"{case}: times" if count else f"{case}: not to be tried here", count)
        table.add("disk", f"{case}: went wrong", len(wrong), zero=True)


def environments(table, options):
    from environments import NAMES, locale, run

    count, failed = run(options.lessons, options.without, tell)
    odd = [name for name in NAMES if name not in options.without]
    tell(f"at once: {', '.join(odd)}; the locale is {locale()}")
    table.add("environments", "lessons", count)
    table.add("environments", "failed", len(failed), zero=True)


def main(options):
    table = Table()
    memory = resource.getrlimit(resource.RLIMIT_AS)
    for part in options.parts:
        began = time.perf_counter()
        globals()[part](table, options)
        resource.setrlimit(resource.RLIMIT_AS, memory)  # bad input has a limit
        tell(f"{part}: {time.perf_counter() - began:.0f} seconds")
    return table.failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--damaged", type=int, default=10_000)
    parser.add_argument("--examples", type=int, default=200, help="of each public function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lessons", nargs="*", default=[], help="how their names begin")
    parser.add_argument("--without", nargs="*", default=[], help="odd things to leave out")
    sys.exit(main(parser.parse_args()))
