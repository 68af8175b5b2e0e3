"""What the engine answers: who moved and why, what the plan costs now, and what is proven."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Certificate, Placement, Unplaced


class Cause(StrEnum):
    """Why a student has another placement than before, or none."""

    STUDENT_WITHDRAWN = "student-withdrawn"
    WORKPLACE_ENDED = "workplace-ended"
    GUIDANCE_ENDED = "guidance-ended"
    NO_LONGER_FITS = "no-longer-fits"
    ROOM_FOUND = "room-found"
    """Had no place before."""
    MADE_ROOM = "made-room"
    """Lost nothing, and gave way to others or moved to what suits better."""
    SWITCHED = "switched"
    """Moved to what was offered instead, as everybody concerned agreed."""
    AGREED = "agreed"
    """The same placement in another state."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A student whose placement differs from the one before, and why; None for no placement."""

    student: StudentId
    before: Placement | None
    after: Placement | None
    cause: Cause

    @property
    def has_lost(self) -> bool:
        """What the student had could not stay."""
        return self.cause in LOSSES

    @property
    def is_moved(self) -> bool:
        """Lost nothing, and yet has another workplace, other periods or another guide; a new trainer is no move."""
        if self.before is None or self.cause is not Cause.MADE_ROOM:
            return False
        return (
            self.after is None or not self.before.is_same_place(self.after) or not self.before.has_same_wpb(self.after)
        )


LOSSES = {Cause.STUDENT_WITHDRAWN, Cause.WORKPLACE_ENDED, Cause.GUIDANCE_ENDED, Cause.NO_LONGER_FITS}


@dataclass(frozen=True, slots=True)
class Answer:
    """The repaired plan, told as what differs from the plan before.

    `certificate` is that of the plan against what held before the change: broken promises and moves are in its value.
    `value_change` is how much more the plan costs as it stands than the one before did, as it stood. `unplaced` are the
    reasons of those who have no place since this change. With `asks_for_whole` a neighbourhood was not enough.
    """

    moved: Sequence[Moved]
    certificate: Certificate
    value_before: int
    value_change: int
    unplaced: Sequence[Unplaced] = ()
    asks_for_whole: bool = False
    spent: Mapping[str, int] = field(default_factory=dict)
    """What was done, counted: students freed, steps, exact models."""

    def then(self, later: "Answer") -> "Answer":
        """Both as one: the later one holds, and who moved in either is told from first to last."""
        first = {one.student: one for one in self.moved}
        last = {one.student: one for one in later.moved}
        both = {one: replace(last[one], before=first[one].before) for one in first.keys() & last.keys()}
        why = {one.student: one for one in (*self.unplaced, *later.unplaced)}
        return replace(
            later,
            moved=list({**first, **last, **both}.values()),
            value_before=self.value_before,
            value_change=self.value_change + later.value_change,
            unplaced=list(why.values()),
            asks_for_whole=self.asks_for_whole or later.asks_for_whole,
        )
