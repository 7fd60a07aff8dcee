"""What the benchmarks that record share: when and where a run was made, and files of results."""

import argparse
import datetime
import json
import platform
from pathlib import Path

import torch


def made():
    """The date, the processor with its threads, and torch's version."""
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "torch": torch.__version__.split("+")[0],
    }


def machine():
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {torch.get_num_threads()} threads"


def rounded(value):
    """Four digits of each number."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def keep(folder, results, key):
    """Keep the results in ``results.json``, a line each, in place of earlier ones of the same
    ``key``, such as "run"."""
    folder.mkdir(exist_ok=True)
    file = folder / "results.json"
    again = {result[key] for result in results}
    kept = json.loads(file.read_text()) if file.exists() else []
    kept = [result for result in kept if result[key] not in again]
    stamp = made()
    lines = [json.dumps(result) for result in [*kept, *(result | stamp for result in results)]]
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def keep_part(folder, part, runs):
    """Write ``part.json``: when and where the runs were made, and the runs, a line each."""
    folder.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(run, ensure_ascii=False) for run in runs)
    text = f'{{"made": {json.dumps(made())},\n"runs": [\n{lines}\n]}}\n'
    (folder / f"{part}.json").write_text(text, encoding="utf-8")


def play_part(part, runs, folder=None):
    """Print each run as it comes; with a folder, keep those so far, whatever happens next."""
    so_far = []
    for run in runs:
        so_far.append(run)
        print(part, run, flush=True)
        if folder:
            keep_part(folder, part, so_far)


def arguments(about, parts, folder):
    """What a benchmark of several parts is asked on the command line."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--record", action="store_true", help=f"write {folder.name}/PART.json")
    return parser


def play(parts, options, make_judge, folder):
    """The parts that were asked for, on one thread; each is ``part(judge, seeds)``."""
    torch.set_num_threads(1)
    judge = make_judge()
    for part in options.parts:
        play_part(part, parts[part](judge, options.seeds), folder if options.record else None)
