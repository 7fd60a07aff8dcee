"""Start a script as several processes, on this machine or on several, with torch's ``torchrun``.

On one machine::

    python -m gan_lib.distributed [--processes 2] train.py [arguments of train.py]

On two, the same script and data lying on both, the first of which the second reaches under the
address 10.0.0.1::

    python -m gan_lib.distributed --hosts 2 --host 0 --address 10.0.0.1:29400 train.py
    python -m gan_lib.distributed --hosts 2 --host 1 --address 10.0.0.1:29400 train.py

Where one process fails all are ended, and a line says which it was. Ctrl-C ends all of them after
the same step.
"""

import argparse
import os
import sys

import torch
from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from .. import threads


def main(arguments: list[str] | None = None) -> int:
    """Launch as the arguments say; the exit status: 0, 1 where a process failed, 130 for Ctrl-C."""
    given = _parser().parse_args(arguments)
    processes = given.processes or torch.cuda.device_count() or threads.available()
    share = max(1, threads.available() // processes)
    os.environ.setdefault("OMP_NUM_THREADS", str(share))
    if given.interface:
        os.environ |= {f"{way}_SOCKET_IFNAME": given.interface for way in ("GLOO", "NCCL")}
    launch = ["--nproc-per-node", str(processes), "--max-restarts", "0", *_where(given)]
    try:
        torchrun.run(torchrun.parse_args([*launch, given.script, *given.arguments]))
    except ChildFailedError as error:
        print(_told(error), file=sys.stderr)
        return 1
    except SignalException:
        print("interrupted: all processes were ended", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gan_lib.distributed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--processes", type=_count, help="on this machine; default: a GPU each, or a processor each"
    )
    parser.add_argument("--hosts", type=_count, default=1, help="how many machines (default 1)")
    parser.add_argument("--host", type=int, default=0, help="which of them this is, from 0")
    parser.add_argument("--address", help="of host 0, with a free port: 10.0.0.1:29400")
    parser.add_argument("--interface", help="of the network to the other hosts, such as eth0")
    parser.add_argument("script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a positive whole number, not {text!r}")
    return int(text)


def _where(given: argparse.Namespace) -> list[str]:
    """What ``torchrun`` is told of the machines."""
    if given.hosts == 1:
        return ["--standalone"]
    address, _, port = (given.address or "").rpartition(":")
    if not (address and port.isdigit()):
        raise SystemExit("--address must be host 0's address and a free port, as 10.0.0.1:29400")
    if not 0 <= given.host < given.hosts:
        raise SystemExit(f"--host must be from 0 to {given.hosts - 1}, not {given.host}")
    nodes = ["--nnodes", str(given.hosts), "--node-rank", str(given.host)]
    return [*nodes, "--master-addr", address, "--master-port", port]


def _told(error: ChildFailedError) -> str:
    rank, failure = error.get_first_failure()
    if failure.exitcode < 0:
        what = f"was killed by {failure.signal_name()}"
    else:
        what = f"failed with exit status {failure.exitcode}"
    return (
        f"process {rank} {what}; all processes of this run were ended. "
        "Start it again, and it goes on from its last checkpoint, if it saves any."
    )


if __name__ == "__main__":
    sys.exit(main())
