"""A plan: who is placed where with whom, who is not and why, and what is proven about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.matcher.domain.ids import PeriodId, RegionId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.reasons import Reason
from services.matcher.domain.vocabulary import PlacementState, Relief


@dataclass(frozen=True, slots=True)
class WpbShare:
    """Quarter hours a week that one workplace supervisor spends on one student."""

    supervisor: SupervisorId
    qh: int


@dataclass(frozen=True, slots=True)
class Placement:
    """One student's place, periods and guidance."""

    student: StudentId
    periods: tuple[PeriodId, ...]
    workplace: WorkplaceId
    wpb: tuple[WpbShare, ...]
    so: SupervisorId | None = None
    io: SupervisorId | None = None
    duo_with: StudentId | None = None
    relief: Relief | None = None
    state: PlacementState = PlacementState.PROPOSED

    def is_same_place(self, other: "Placement") -> bool:
        """The same workplace and the same periods, in whatever order; a promise is kept by it."""
        return self.workplace == other.workplace and set(self.periods) == set(other.periods)

    def has_same_wpb(self, other: "Placement") -> bool:
        """The same workplace supervisors, whatever their shares."""
        return {share.supervisor for share in self.wpb} == {share.supervisor for share in other.wpb}


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A student without a place, exactly one reason, and the numbers and parties behind it."""

    student: StudentId
    reason: Reason
    facts: Mapping[str, int] = field(default_factory=dict)
    workplaces: tuple[WorkplaceId, ...] = ()
    supervisors: tuple[SupervisorId, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The cost of a plan, a proven lower bound on every allowed plan, and the parts of the cost."""

    value: int
    bound: float
    gap: float
    unplaced_bound: int
    parts: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(parts: Mapping[str, int], bound: float, unplaced_bound: int) -> "Certificate":
        """The certificate of a plan with these cost parts; the gap is (value - bound) / max(1, value)."""
        value = sum(parts.values())
        return Certificate(value, bound, (value - bound) / max(1, value), unplaced_bound, dict(parts))


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan for a region on a day."""

    region: RegionId
    today: date
    placements: tuple[Placement, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    certificate: Certificate | None = None

    def by_student(self) -> dict[StudentId, Placement]:
        """The placement of each placed student; of two for one student the first."""
        found: dict[StudentId, Placement] = {}
        for placement in self.placements:
            found.setdefault(placement.student, placement)
        return found
