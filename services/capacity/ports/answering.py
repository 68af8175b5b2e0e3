"""What capacity's pages ask of whoever answers questions about plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LeverWorth:
    """What a lever was found to be worth: points that the plan gets better, students more with a place, and when that was found.

    `trying` is how it was tried: `on` where it is off now, `off` where it is on, `more` of something.
    """

    lever: str
    trying: str
    points: int
    students: int
    is_proven: bool
    found_at: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another site for a student: whether a place can be had there, and how many move or lose theirs for it."""

    site: str
    is_possible: bool
    moved: int
    lost: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a student could go; not complete while the matcher is still looking: ask again in some seconds."""

    found: tuple[Alternative, ...] = ()
    is_complete: bool = True


class PlanAnswers(Protocol):
    """What the matcher answers about plans; None where it does not, for now or at all."""

    async def levers(self, region: str) -> Sequence[LeverWorth] | None:
        """What each lever was last found to be worth."""
        ...

    async def measure_levers(self, region: str) -> bool:
        """Asks to find out again what each lever is worth, which takes minutes; whether that was taken in."""
        ...

    async def alternatives(self, student: str, sites: Sequence[str]) -> Outlook | None:
        """Where a student could go: the wished sites and these."""
        ...
