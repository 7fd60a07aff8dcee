"""Where and how a step is computed: device, precision, random numbers, no Stop in its middle."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager

import torch

from ..arguments import checked


@checked
def pick_device(device: str | torch.device = "auto") -> torch.device:
    """The torch device to train on: "auto" takes CUDA, then MPS, then the CPU.

    Raises
    ------
    ValueError
        For a device that is not there.
    """
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device == "auto":
        device = next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there.get(str(device).split(":")[0], False):
        found = [name for name in there if there[name]]
        raise ValueError(f"device {str(device)!r} is not available here; there is {found}")
    return torch.device(device)


def computes_in_bfloat16(device: torch.device) -> bool:
    """Whether the processor has instructions for products in bfloat16."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager:
    """Products in ``dtype``; for float32 nothing changes."""
    if dtype == torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=dtype)


@checked
@contextlib.contextmanager
def matmul_precision(precision: str) -> Iterator[None]:
    """torch's switch for float32 products in the whole process, put back afterwards.

    precision : "highest", "high" or "medium"
    """
    if precision not in ("highest", "high", "medium"):  # torch crashes on some other texts
        raise ValueError(f'precision must be "highest", "high" or "medium", not {precision!r}')
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def fast_matmul(device: torch.device) -> AbstractContextManager:
    """float32 products through oneDNN on the CPU, up to three times as fast, and in TF32 on CUDA.

    Where the processor has AMX, "medium" lets oneDNN round the factors to bfloat16: the relative
    error grows from 5e-7 to 2e-3.
    """
    return matmul_precision("high" if device.type == "cuda" else "medium")


@contextlib.contextmanager
def global_random_numbers(seed: int, device: torch.device) -> Iterator[None]:
    """Let what knows only torch's global random numbers, such as dropout, begin from ``seed``.

    Afterwards the global numbers are as they were.
    """
    before = torch.default_generator.get_state()
    on_cuda = device.type == "cuda"
    try:
        with torch.random.fork_rng(devices=[device]) if on_cuda else contextlib.nullcontext():
            torch.default_generator.manual_seed(seed)
            if device.type != "cpu":
                torch.manual_seed(seed)
            yield
    finally:
        torch.default_generator.set_state(before)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold a Ctrl-C or Jupyter's Stop back until the block ends; a second one goes through."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield  # no interrupt arrives here
        return
    held = []

    def hold(*arrived):
        if held:
            handler(*arrived)
        held.append(arrived)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            handler(*held[0])
