"""When something is written, and by whom."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something is written, and by whom: a role or a system, never a person's name."""

    now: datetime
    actor: str
