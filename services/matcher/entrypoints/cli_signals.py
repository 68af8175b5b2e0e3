"""Keeps Ctrl-C for who watches a solve, whatever handlers and threads the libraries below put in."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

CAN_HOLD = hasattr(signal, "pthread_sigmask")
"""Windows cannot; there a handler notes the signal between two steps of the interpreter."""
WANTED = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deaf_threads() -> Iterator[None]:
    """Threads that libraries start while they are imported here never get the signals."""
    if not CAN_HOLD:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WANTED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def held() -> Iterator[Callable[[], bool]]:
    """Keep Ctrl-C and the request to end pending; the function tells whether one came.

    A solver's library puts in handlers of its own during its work, which would swallow the signal.
    """
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    def interrupted() -> bool:
        came.extend(_taken())
        return bool(came)

    is_main = threading.current_thread() is threading.main_thread()
    handlers = {one: signal.signal(one, note) for one in WANTED} if is_main else {}
    try:
        with deaf_threads():
            yield interrupted
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)


def _taken() -> Iterator[int]:
    """The signals that are pending, which then are no longer. One that a thread of a library takes meanwhile is not waited for."""
    if hasattr(signal, "sigtimedwait"):
        while (one := signal.sigtimedwait(WANTED, 0)) is not None:
            yield one.si_signo
    elif CAN_HOLD:  # macOS
        for pending in signal.sigpending() & set(WANTED):
            yield signal.sigwait({pending})
