"""What a region has and what is asked of it: seats and hours per subject, sector, site and period, and who waits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.matcher.domain.availability import available_qh
from services.matcher.domain.ids import PeriodId, SiteId, SupervisorId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region, Supervisor
from services.matcher.domain.rules import guides_in_general
from services.matcher.domain.vocabulary import EVERY_SITE, Tier

WHOLE_REGION = SiteId("")
"""Stands for all sites together."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A subject in a sector at a site, or at all of them together, in a period."""

    sector: str
    subject: str
    site: SiteId
    period: PeriodId


@dataclass(frozen=True, slots=True)
class Figures:
    """Seats and how many are taken, quarter hours a week of who could guide and how many are used, students and who waits.

    At a site `students` are those placed there; of the whole region those who ask for the subject, at their first choice of
    periods while they wait. Somebody's hours count at every site and for every subject where they may guide, once each.
    """

    seats: int = 0
    taken: int = 0
    qh: int = 0
    qh_used: int = 0
    students: int = 0
    unplaced: int = 0


@dataclass(frozen=True, slots=True)
class TierFigures:
    """Hours of one tier in one period, each person's once."""

    tier: Tier
    period: PeriodId
    qh: int
    qh_used: int


@dataclass(slots=True)
class _Counts:
    seats: Counter[Spot] = field(default_factory=Counter)
    taken: Counter[Spot] = field(default_factory=Counter)
    used: Counter[Spot] = field(default_factory=Counter)
    students: Counter[Spot] = field(default_factory=Counter)
    unplaced: Counter[Spot] = field(default_factory=Counter)


def capacity(region: Region) -> dict[Spot, Figures]:
    """Every spot with a seat, a student or a placement, in order; the placements are those that hold."""
    counts = _Counts()
    _count_seats(region, counts)
    _count_students(region, counts)
    placed = {one.student: one for one in region.placements}
    for placement in placed.values():
        _count_placement(region, placement, counts)
    guides = Guides(region)
    spots = sorted({*counts.seats, *counts.taken, *counts.students, *counts.unplaced})
    return {
        spot: Figures(
            counts.seats[spot],
            counts.taken[spot],
            sum(qh for _, qh in guides.at(spot)),
            counts.used[spot],
            counts.students[spot],
            counts.unplaced[spot],
        )
        for spot in spots
    }


def _both(spot: Spot) -> tuple[Spot, Spot]:
    """The spot, and that of the whole region."""
    return spot, Spot(spot.sector, spot.subject, WHOLE_REGION, spot.period)


def _count_seats(region: Region, counts: _Counts) -> None:
    for workplace in region.workplaces.values():
        site = region.sites.get(workplace.site)
        for period, seats in workplace.seats.items() if site is not None else ():
            if site is not None and seats and period in region.periods:
                for spot in _both(Spot(site.sector, workplace.subject, site.id, period)):
                    counts.seats[spot] += seats


def _count_students(region: Region, counts: _Counts) -> None:
    placed = {one.student: one for one in region.placements}
    for student in region.students.values():
        held = placed.get(student.id)
        periods = student.period_sets[0] if held is None else held.periods
        for period in periods:
            spot = Spot(student.sector, student.subject, WHOLE_REGION, period)
            counts.students[spot] += 1
            counts.unplaced[spot] += held is None


def _count_placement(region: Region, placement: Placement, counts: _Counts) -> None:
    workplace = region.workplaces.get(placement.workplace)
    site = None if workplace is None else region.sites.get(workplace.site)
    if workplace is None or site is None:
        return
    given = sum(share.qh for share in placement.wpb)
    for period in placement.periods:
        here, everywhere = _both(Spot(site.sector, workplace.subject, site.id, period))
        counts.students[here] += 1
        for spot in (here, everywhere):
            counts.taken[spot] += 1
            counts.used[spot] += given


class Guides:
    """Who could guide where: workplace supervisors by the sites that they serve, with their hours per period."""

    def __init__(self, region: Region) -> None:
        """Look up everybody's hours once."""
        self._hours: dict[SupervisorId, dict[PeriodId, int]] = {}
        self._at: dict[str, list[Supervisor]] = {}
        self._sector: dict[str, list[Supervisor]] = {}
        for one in region.supervisors.values():
            if not guides_in_general(region.settings, one):
                continue
            self._hours[one.id] = {name: available_qh(region, one, region.periods[name]) for name in region.periods}
            for site in one.sites:
                self._at.setdefault(site, []).append(one)
            for sector in _sectors(region, one):
                self._sector.setdefault(sector, []).append(one)

    def at(self, spot: Spot) -> Iterator[tuple[SupervisorId, int]]:
        """Whoever guides this subject at this site, or anywhere in the sector, and their quarter hours in the period."""
        if spot.site == WHOLE_REGION:
            people: Iterable[Supervisor] = self._sector.get(spot.sector, ())
        else:
            people = (*self._at.get(spot.site, ()), *self._at.get(EVERY_SITE, ()))
        for one in people:
            qh = self._hours[one.id].get(spot.period, 0)
            if qh and (not one.subjects or spot.subject in one.subjects):
                yield one.id, qh


def _sectors(region: Region, one: Supervisor) -> set[str]:
    if EVERY_SITE in one.sites:
        return {site.sector for site in region.sites.values()}
    return {region.sites[SiteId(name)].sector for name in one.sites if name in region.sites}


def tiers(region: Region) -> list[TierFigures]:
    """The hours of each tier, and how many the plan uses; what trainers spend on a site as such is not in it."""
    used: Counter[tuple[Tier, PeriodId]] = Counter()
    for placement in region.placements:
        needs = _needs(region, placement)
        for period in placement.periods:
            used[Tier.WPB, period] += sum(share.qh for share in placement.wpb)
            used[Tier.SO, period] += needs[0] if placement.so else 0
            used[Tier.IO, period] += needs[1] if placement.io else 0
    return [
        TierFigures(tier, period.id, _hours_of(region, tier, period.id), used[tier, period.id])
        for tier in Tier
        for period in region.periods.values()
    ]


def _needs(region: Region, placement: Placement) -> tuple[int, int]:
    student = region.students.get(placement.student)
    needs = None if student is None else needs_of(region.settings, student)
    return (0, 0) if needs is None else (needs.so, needs.io)


def _hours_of(region: Region, tier: Tier, period: PeriodId) -> int:
    there = (one for one in region.supervisors.values() if one.tier is tier)
    return sum(available_qh(region, one, region.periods[period]) for one in there)
