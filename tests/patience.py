"""A call that may take only so long: for bad_input.py and benchmarks/damage.py."""

import contextlib
import signal

TIMERS = ((signal.ITIMER_PROF, signal.SIGPROF, 1), (signal.ITIMER_REAL, signal.SIGALRM, 12))


class Hang(BaseException):
    """A call that does not come back."""


@contextlib.contextmanager
def within(seconds):
    """Raise Hang after so many seconds of work, or twelve times as many of waiting.

    On a machine that is busy with other things a good call waits, but it does not work for longer.
    """

    def ring(*_):
        raise Hang

    before = [signal.signal(sent, ring) for _, sent, _ in TIMERS]
    for timer, _, times in TIMERS:
        signal.setitimer(timer, times * seconds)
    try:
        yield
    finally:
        for (timer, sent, _), handler in zip(TIMERS, before):
            signal.setitimer(timer, 0)
            signal.signal(sent, handler)
