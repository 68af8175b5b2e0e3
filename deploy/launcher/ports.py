"""Chooses ports that nobody uses, outside the range from which the system takes ports for outgoing connections."""

import random
from collections.abc import Collection

from shared.child_process import free_port, is_port_free

RANGE = range(20_000, 32_000)
TRIES = 200
"""Linux hands out 32768-60999: a port taken from there could be gone while its service restarts."""


def pick_port(taken: Collection[int] = ()) -> int:
    """A port of the loopback address that is free now and not among `taken`."""
    for port in random.sample(RANGE, TRIES):
        if port not in taken and is_port_free(port):
            return port
    return free_port()
