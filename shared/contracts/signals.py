"""What the matcher signals to people: one open signal per kind and subject, raised, worsened, cleared."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.contracts.placements import MoveCause
from shared.contracts.region import FairnessGroup
from shared.contracts.vocabulary import (
    Contract,
    Day,
    EntityId,
    InstituteId,
    MismatchKind,
    PeriodId,
    PlainText,
    RegionId,
    Sector,
    Sequence,
    SignalLevel,
    SignalStatus,
    SiteId,
    Slug,
    Tier,
)


class Signal(Contract):
    """The whole state of one signal.

    `cause` is a word of a closed list of the kind of signal. `figures` are the numbers that it rests on, as they were when it
    was told. `levers` are those levers of the region that are off and, as things stand, would each help on its own: for
    somebody without a place that there is one beside what others have. `next_date` is the first day on which it matters more.
    """

    region: RegionId
    sequence: Sequence
    signal: EntityId
    status: SignalStatus
    level: SignalLevel
    since: Day
    cause: Slug | None = None
    figures: dict[Slug, int] = Field(default_factory=dict)
    levers: tuple[Slug, ...] = ()
    next_date: Day | None = None


class MismatchDetected(Signal):
    """`nl.leerplek.mismatch.detected.v1`: a placement that fits badly although no rule is broken."""

    student: EntityId
    institute: InstituteId
    site: SiteId
    kind: MismatchKind


class AtRiskRule(StrEnum):
    """The rules by which a student is at risk; no learned score."""

    UNPLACED_30_DAYS = "unplaced-30-days"
    UNPLACED_14_DAYS = "unplaced-14-days"
    HOURS_BELOW_80 = "hours-below-80"
    NO_SUCCESSOR = "no-successor"
    TRAINER_OVERLOADED = "trainer-overloaded"
    SECOND_MOVE = "second-move"
    LONG_TRAVEL = "long-travel"
    NO_BACKUP = "no-backup"
    SUPPORT_BELOW_NORM = "support-below-norm"
    OPEN_MISMATCH = "open-mismatch"
    GUIDED_BY_STARTER = "guided-by-starter"


class StudentAtRisk(Signal):
    """`nl.leerplek.student.at-risk.v1`."""

    student: EntityId
    institute: InstituteId
    site: SiteId | None
    rule: AtRiskRule


class ShortageDetected(Signal):
    """`nl.leerplek.shortage.detected.v1`: demand above supply for a subject in a period, and by how much."""

    sector: Sector
    subject: Slug
    period: PeriodId
    site: SiteId | None
    tier: Tier | None
    students_unplaced: Annotated[int, Field(ge=0)]
    missing_qh: Annotated[int, Field(ge=0)]


class SupervisorOverloaded(Signal):
    """`nl.leerplek.supervisor.overloaded.v1`: more asked of somebody than their hours."""

    supervisor: EntityId
    site: SiteId | None
    period: PeriodId
    asked_qh: Annotated[int, Field(ge=0)]
    available_qh: Annotated[int, Field(ge=0)]


class PlacementLost(Signal):
    """`nl.leerplek.placement.lost.v1`: a student had a place and has none now."""

    student: EntityId
    institute: InstituteId
    lost_site: SiteId
    subject: Slug
    cause: MoveCause
    period_starts: Day


class FairnessGap(Signal):
    """`nl.leerplek.fairness.gap.v1`: the share of unplaced in a group exceeds the overall share by more than five points."""

    attribute: FairnessGroup
    value: Annotated[PlainText, Field(max_length=60)]
    unplaced: Annotated[int, Field(ge=0)]
    students: Annotated[int, Field(ge=0)]
    overall_share: Annotated[float, Field(ge=0, le=1)]


StudentSignal = MismatchDetected | PlacementLost | StudentAtRisk
"""What is signalled about one `student`."""
