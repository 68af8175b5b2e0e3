"""Tells a log that was replaced from one whose broker has just come back."""

import time

from shared.messaging.record import LogReplaced

SHORTER_LOG_S = 5.0
"""A new leader, or a broker that was killed, may not know the end of the log at once; a log that was replaced never will."""


class ShorterLogs:
    """Remembers since when each log has ended before where it was read up to."""

    def __init__(self) -> None:
        self._since: dict[object, float] = {}

    def check(self, partition: object, end: int | None, position: int) -> None:
        """Raises LogReplaced for a log that has been shorter for some time; `end` is what the last fetch said, if any did."""
        now = time.monotonic()
        if end is None or position <= end:
            self._since.pop(partition, None)
        elif now - self._since.setdefault(partition, now) > SHORTER_LOG_S:
            raise LogReplaced(f"{partition} ends at {end} and was read up to {position}")
