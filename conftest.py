"""What makes a bare ``pytest --nbval`` right, from any working directory."""

import collections
import itertools
import os
from pathlib import Path

import pytest
from nbval.kernel import RunningKernel

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread a process, kernels too: see -n
ROOT = Path(__file__).parent

collect_ignore_glob = [
    "tests/benchmarks/*",
    "build/*",
    "notebooks/homework/class/*",
    "notebooks/mine/*",
    "docs/*",
]


def pytest_configure(config):
    if config.option.nbval_sanitize_with is None:
        config.option.nbval_sanitize_with = str(ROOT / "tests" / "nbval_sanitize.cfg")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """With ``-n auto``, as many processes as there are CPUs that may be used, quotas counted."""
    from gan_lib import threads

    return min(4, threads.available())  # notebook 10 takes 1.4 GB


def pytest_terminal_summary(terminalreporter, config):
    """With ``--nbval``, print what each notebook and each test file cost, in seconds."""
    if not config.option.nbval:
        return
    seconds = collections.Counter()
    for report in itertools.chain.from_iterable(terminalreporter.stats.values()):
        if hasattr(report, "duration"):
            seconds[report.nodeid.split("::")[0]] += report.duration
    terminalreporter.section("seconds a file")
    for name, took in seconds.most_common():
        terminalreporter.line(f"{took:7.1f}  {name}")


def _execute_as_jupyter_does(self, cell_input, allow_stdin=None):
    """With ``store_history=True``: without it IPython shows the value of a line that ends in ;."""
    return self.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


RunningKernel.execute_cell_input = _execute_as_jupyter_does
