"""What gives the time: the machine's clock in a service, one that stands still in a test."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the moment it is, in UTC."""


def machine_clock() -> datetime:
    """The time on this machine."""
    return datetime.now(UTC)
