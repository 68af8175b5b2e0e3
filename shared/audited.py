"""What the audit says of a change, as people read it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed which version of what, and when it was saved; `action` is the type of the event that told it."""

    at: datetime
    actor: str
    action: str
    aggregate: str
    sequence: int
