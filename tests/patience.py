"""A call that may take only so long: for bad_input.py and benchmarks/damage.py."""

import contextlib
import signal


class Hang(BaseException):
    """A call that does not come back."""


@contextlib.contextmanager
def within(seconds):
    def ring(*_):
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
