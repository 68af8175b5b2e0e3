"""What the matcher tells about the plan: each student's place, or the reason why there is none."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.contracts.registrations import PeriodSet
from shared.contracts.vocabulary import (
    Contract,
    Day,
    EntityId,
    InstituteId,
    Minutes,
    PlacementState,
    QuarterHours,
    RegionId,
    Relief,
    Sequence,
    SiteId,
    Slug,
)


class MoveCause(StrEnum):
    """Why a placement changed or ended; nothing in it tells about a person's health."""

    STUDENT_CHANGED = "student-changed"
    STUDENT_WITHDRAWN = "student-withdrawn"
    GUIDANCE_ENDED = "guidance-ended"
    WORKPLACE_ENDED = "workplace-ended"
    NO_LONGER_FITS = "no-longer-fits"
    DECLINED = "declined"
    REFUSED = "refused"
    MADE_ROOM = "made-room"
    SWITCHED = "switched"


class WpbShare(Contract):
    """Hours of one workplace supervisor for one student."""

    supervisor: EntityId
    qh: QuarterHours


class Placement(Contract):
    """Where a student is placed and who guides them; the fields of a plan file."""

    student: EntityId
    periods: PeriodSet
    workplace: EntityId
    wpb: Annotated[tuple[WpbShare, ...], Field(min_length=1)]
    so: EntityId | None
    io: EntityId | None
    duo_with: EntityId | None = None
    relief: Relief | None = None
    state: PlacementState = PlacementState.PROPOSED


class PlacementEvent(Contract):
    """The whole state of one student's place in the plan, and the plan version that says so."""

    region: RegionId
    sequence: Sequence
    plan_version: Sequence
    institute: InstituteId
    site: SiteId
    subject: Slug
    travel_min: Minutes
    placement: Placement

    @property
    def student(self) -> EntityId:
        """Whose place it is."""
        return self.placement.student


class PlacementProposed(PlacementEvent):
    """`nl.leerplek.placement.proposed.v1`: a place for a student who had none."""


class PlacementChanged(PlacementEvent):
    """`nl.leerplek.placement.changed.v1`: another workplace, other periods or other supervisors."""

    cause: MoveCause
    previous_site: SiteId


class PlacementSettled(PlacementEvent):
    """`nl.leerplek.placement.settled.v1`: agreed by the people, or started."""


class PlacementWithdrawn(Contract):
    """`nl.leerplek.placement.withdrawn.v1`: the student has no place in the plan any more and asks for none."""

    region: RegionId
    sequence: Sequence
    plan_version: Sequence
    student: EntityId
    institute: InstituteId
    site: SiteId | None
    cause: MoveCause


class PlacementEnded(Contract):
    """`nl.leerplek.placement.ended.v1`: the last day of what was asked for is past; without a site there never was a place."""

    region: RegionId
    sequence: Sequence
    plan_version: Sequence
    student: EntityId
    institute: InstituteId
    subject: Slug
    site: SiteId | None
    periods: PeriodSet


class UnplacedReason(StrEnum):
    """Why there is no place: the closed list of plan files, events and e-mails."""

    NO_WORKPLACE_FOR_SUBJECT = "no-workplace-for-subject"
    NO_WORKPLACE_FOR_PHASE = "no-workplace-for-phase"
    NO_WORKPLACE_IN_REACH = "no-workplace-in-reach"
    NO_SITE_FOR_SUPPORT = "no-site-for-support"
    NO_SEAT_IN_PERIOD = "no-seat-in-period"
    NO_SUPERVISOR = "no-supervisor"
    NO_SUPERVISOR_HOURS = "no-supervisor-hours"
    NO_SCHOOL_TRAINER = "no-school-trainer"
    NO_SCHOOL_TRAINER_HOURS = "no-school-trainer-hours"
    NO_INSTITUTE_TRAINER = "no-institute-trainer"
    NO_INSTITUTE_TRAINER_HOURS = "no-institute-trainer-hours"
    NO_COMMON_DAYS = "no-common-days"
    SEATS_TAKEN = "seats-taken"
    MINIMUM_NOT_MET = "minimum-not-met"
    TOGETHER_OR_APART = "together-or-apart"
    NO_NORM = "no-norm"
    UNKNOWN_PERIOD = "unknown-period"
    OUTWEIGHED = "outweighed"


class SwitchWish(StrEnum):
    """What another place must be better in."""

    SHORTER_TRAVEL = "shorter-travel"
    OWN_SUBJECT = "own-subject"
    MORE_COMMON_DAYS = "more-common-days"
    OTHER_GUIDES = "other-guides"
    OTHER_PLACE = "other-place"


class SwitchKind(StrEnum):
    """How another place can be had without harm to anybody."""

    FREE_PLACE = "free-place"
    OTHER_GUIDES = "other-guides"
    SWAP = "swap"


class SwitchOutcome(StrEnum):
    """How an offer ended."""

    TAKEN = "taken"
    REFUSED = "refused"
    EXPIRED = "expired"
    NO_LONGER_POSSIBLE = "no-longer-possible"
    NO_LONGER_WANTED = "no-longer-wanted"


class SwitchEvent(Contract):
    """The whole state of the search for another place for one student; the place that they have stays theirs meanwhile.

    `wishes` are empty for who asked nothing and could swap with somebody who did.
    """

    region: RegionId
    sequence: Sequence
    plan_version: Sequence
    student: EntityId
    institute: InstituteId
    wishes: tuple[SwitchWish, ...]


class SwitchOffered(SwitchEvent):
    """`nl.leerplek.switch.offered.v1`: another place that harms nobody; taken when institute and school both agree in time."""

    kind: SwitchKind
    site: SiteId
    workplace: EntityId
    subject: Slug
    periods: PeriodSet
    travel_min: Minutes
    site_now: SiteId
    travel_now_min: Minutes
    answer_by: Day


class SwitchImpossible(SwitchEvent):
    """`nl.leerplek.switch.impossible.v1`: why there is no other place: what stands in the way of any, or that none is better.

    `free_places` could be had but do not give what is asked; `swaps` were looked at. Where what stands in the way is not the
    same everywhere the obstacle is `outweighed`, and `facts` counts the places by it.
    """

    obstacle: UnplacedReason | None
    free_places: Annotated[int, Field(ge=0)]
    swaps: Annotated[int, Field(ge=0)]
    facts: dict[Slug, int] = Field(default_factory=dict)


class SwitchClosed(SwitchEvent):
    """`nl.leerplek.switch.closed.v1`: an offer is open no longer."""

    offer: Sequence
    outcome: SwitchOutcome


class StudentUnplaced(Contract):
    """`nl.leerplek.student.unplaced.v1`: exactly one open reason, with the numbers behind it."""

    region: RegionId
    sequence: Sequence
    plan_version: Sequence
    student: EntityId
    institute: InstituteId
    subject: Slug
    periods: PeriodSet
    since: Day
    reason: UnplacedReason
    lost_site: SiteId | None = None
    facts: dict[Slug, int] = Field(default_factory=dict)


PlaceEvent = PlacementEvent | PlacementEnded | PlacementWithdrawn | StudentUnplaced
"""What the plan says about one `student`: a place, none any more, or none yet."""
