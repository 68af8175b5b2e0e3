"""What the checker works out for itself: travel, hours, needs and who serves whom. It shares nothing with the solver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import atan2, ceil, cos, pi, sin, sqrt

from services.matcher.domain.ids import PeriodId, SiteId, StudentId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Needs
from services.matcher.domain.vocabulary import SiteRole

CLOSE = 1e-6
"""So near a whole minute the sum is done in fractions, as the settings were written."""
JOURNEYS = 2**15
"""So many journeys are remembered: plans that follow each other have most of them in common."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a plan breaks, by whom, when, and by how much."""

    rule: str
    message: str
    ids: tuple[str, ...]
    period: PeriodId | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """The rule and the message."""
        return f"{self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Case:
    """One placement with everything it refers to."""

    placement: Placement
    student: Student
    workplace: Workplace
    site: Site
    members: tuple[Supervisor, ...]
    so: Supervisor | None
    io: Supervisor | None
    need: Needs
    held: Placement | None = None
    """What the student has today."""

    @property
    def id(self) -> StudentId:
        """The student's id."""
        return self.student.id


def case_of(region: Region, placement: Placement, held: Mapping[StudentId, Placement]) -> Case | None:
    """The placement with what it refers to, or None when something is not in the region."""
    student = region.students.get(placement.student)
    workplace = region.workplaces.get(placement.workplace)
    site = region.sites.get(workplace.site) if workplace else None
    named = [share.supervisor for share in placement.wpb] + [one for one in (placement.so, placement.io) if one]
    if student is None or workplace is None or site is None or any(one not in region.supervisors for one in named):
        return None
    need = norm_hours(region, student)
    if need is None or any(period not in region.periods for period in placement.periods):
        return None
    return Case(
        placement,
        student,
        workplace,
        site,
        tuple(region.supervisors[share.supervisor] for share in placement.wpb),
        region.supervisors[placement.so] if placement.so else None,
        region.supervisors[placement.io] if placement.io else None,
        need,
        held.get(student.id),
    )


def cases_of(region: Region, plan: Plan) -> list[Case]:
    """Every placement of which all references exist."""
    held = held_today(region)
    return [case for placement in plan.placements if (case := case_of(region, placement, held)) is not None]


def held_today(region: Region) -> dict[StudentId, Placement]:
    """What each student has today; of two for one student the first."""
    return {one.student: one for one in reversed(region.placements)}


def norm_hours(region: Region, student: Student) -> Needs | None:
    """The student's own hours or those of the first norm for route, phase and support."""
    if student.needs is not None:
        return student.needs
    for norm in region.settings.norms:
        alike = norm.route in ("*", student.route) and norm.phase in ("*", student.phase)
        if alike and norm.support == student.support:
            return norm.needs
    return None


def minutes_between(region: Region, a: Student | Site, b: Site) -> int:
    """Travel time: base and minutes per kilometre over the great circle of a sphere of 6,371 km, rounded up."""
    travel = region.settings.travel
    return _minutes((a.lat, a.lon, b.lat, b.lon), travel.base_min, travel.per_km_min)


@lru_cache(maxsize=JOURNEYS)
def _minutes(between: tuple[float, float, float, float], base_min: Decimal, per_km_min: Decimal) -> int:
    lat_a, lat_b = between[0] * pi / 180, between[2] * pi / 180
    d_lon = (between[3] - between[1]) * pi / 180
    h = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(d_lon / 2) ** 2
    km = 6371 * 2 * atan2(sqrt(h), sqrt(max(0.0, 1 - h)))
    quick = float(base_min) + float(per_km_min) * km
    if abs(quick - round(quick)) > CLOSE:
        return ceil(quick)
    return ceil(Fraction(base_min) + Fraction(per_km_min) * Fraction(km))


def hours_in(region: Region, supervisor: Supervisor, period_id: PeriodId) -> int:
    """Hours in a period, none when the days away in what is left of it exceed the grace."""
    promised = supervisor.qh.get(period_id, 0)
    if not supervisor.absences and supervisor.departs is None:
        return promised
    period = region.periods[period_id]
    day, away = max(region.today, period.start), 0
    while day <= period.end:
        away += _is_away(supervisor, day)
        day += timedelta(days=1)
    return 0 if away > region.settings.grace_days else promised


def _is_away(supervisor: Supervisor, day: date) -> bool:
    has_left = supervisor.departs is not None and supervisor.departs <= day
    return has_left or any(absence.covers(day) for absence in supervisor.absences)


def works_at(supervisor: Supervisor, site: SiteId | None) -> bool:
    """Whether the supervisor's list of sites holds this one or every one."""
    return site is not None and ("*" in supervisor.sites or site in supervisor.sites)


def works_at_core(region: Region, supervisor: Supervisor, site: Site) -> bool:
    """With core and shell on: the site is a shell and the supervisor works at its core."""
    return region.settings.levers.core_shell.on and site.role is SiteRole.SHELL and works_at(supervisor, site.core)


def is_lent(region: Region, supervisor: Supervisor, site: Site) -> bool:
    """Guides at a site that is neither theirs nor, with core and shell on, a shell of their core."""
    return not works_at(supervisor, site.id) and not works_at_core(region, supervisor, site)
