"""How much memory does each notebook take, and how long, on one core? Binder gives one core and 2
GB.

Each notebook runs from top to bottom in a kernel of its own that may use a single core. Its memory
is the resident memory of the kernel and of all that it starts, looked at twenty times a second, or
the system's own record of the kernel's peak, if that is more. What Jupyter itself takes, about 150
MB, comes on top.

Run as: python tests/benchmarks/memory.py [notebooks/06_one_dimensional_gan.ipynb ...]
"""

import argparse
import statistics
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1500  # MB
PEAK = """
try:
    import resource, sys
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
except ImportError:  # Windows
    import psutil
    print(psutil.Process().memory_info().peak_wset)
"""


def resident():
    """Bytes of resident memory of all processes that this one has started, directly or not."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it has just ended
            pass
    return total


def run(path):
    """(peak in MB, seconds) of one notebook."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    client = NotebookClient(
        notebook, timeout=3600, resources={"metadata": {"path": str(path.parent)}}
    )
    peak, done = 0, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    try:
        client.execute()
    finally:
        done.set()
        watcher.join()
    seconds = time.perf_counter() - start
    recorded = int(notebook.cells[-1].outputs[0].text)
    return max(peak, recorded) / 1e6, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "notebooks", nargs="*", type=Path, help="default: all lessons and all homework"
    )
    notebooks = parser.parse_args().notebooks
    if not notebooks:
        notebooks = [
            *sorted((ROOT / "notebooks").glob("[01]*.ipynb")),
            *sorted((ROOT / "notebooks/homework").glob("hw*.ipynb")),
        ]
    if hasattr(psutil.Process, "cpu_affinity"):  # not on macOS
        psutil.Process().cpu_affinity(psutil.Process().cpu_affinity()[:1])
        print("one core")
    else:
        print(f"all {psutil.cpu_count()} cores: this system cannot give a process one of them")
    print(f"{'notebook':32} {'peak MB':>8} {'seconds':>8}")
    peaks = []
    for path in notebooks:
        peak, seconds = run(path.resolve())
        peaks.append(peak)
        print(f"{path.stem:32} {peak:8.0f} {seconds:8.0f}", flush=True)
    print(f"{'highest, median':32} {max(peaks):8.0f} {statistics.median(peaks):8.0f}")
    if max(peaks) > LIMIT:
        sys.exit(f"more than {LIMIT} MB")


if __name__ == "__main__":
    main()
