"""What is removed because it has outlived its use."""

from datetime import datetime
from typing import Protocol


class OutlivedStore(Protocol):
    """What is old enough to go, a piece in each transaction."""

    async def forget_alerts(self, ended_before: datetime, limit: int) -> int:
        """Removes at most so many closed alerts that ended before then, who was told, and the mails that told of nothing else.

        What still waits to be mailed stays, and so does its alert. How many there were.
        """
        ...

    async def forget_mails(self, written_before: datetime, limit: int) -> int:
        """Removes at most so many mails that were written before then, and by which nobody was told of an alert that is there."""
        ...
