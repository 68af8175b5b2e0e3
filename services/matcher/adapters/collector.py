"""Python's garbage collector holds still while a large thing is built of which nothing is garbage: half of the time goes into looking."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Within the block nothing is looked for; within such a block it changes nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
