"""Tells of a plan why a student is where they are and not at a wish, and which groups carry more than their share."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from services.matcher.domain.explanation import barriers, explain
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, WorkplaceId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Placement, Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region, Student
from services.matcher.domain.rules import may_be_at, phase_fits, support_fits
from services.matcher.domain.travel import travel_minutes

TOO_MUCH = 0.05
"""A group whose share of unplaced students exceeds the overall share by more than this carries too much."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A wished site where the student is not, and what stands in the way there."""

    site: SiteId
    rank: int
    told: Unplaced


@dataclass(frozen=True, slots=True)
class Cheaper:
    """A place that would cost fewer points than where the student is, load and others apart, and what stands in the way."""

    workplace: WorkplaceId
    site: SiteId
    periods: tuple[PeriodId, ...]
    points: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A student's place, how far it is, which wish it is (counted from 0), and why it is not one before that or a cheaper one."""

    placement: Placement
    site: SiteId
    minutes: int
    wish: int | None
    missed: tuple[Wish, ...]
    cheaper: tuple[Cheaper, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group have no place; `gap` is its share minus the overall share."""

    attribute: str
    group: str
    size: int
    unplaced: int
    gap: float

    @property
    def is_too_much(self) -> bool:
        """More than five points above the overall share."""
        return self.gap > TOO_MUCH


def placed(ledger: Ledger, student: StudentId) -> Placed:
    """Where the student is, and for every wish that comes before that site what stands in the way."""
    region, at = ledger.atlas.region, ledger.placed[student]
    one, site = region.students[student], ledger.site_of[student]
    rank = one.wishes.index(site) if site in one.wishes else None
    minutes = travel_minutes(region.settings.travel, one, region.sites[site])
    before = one.wishes if rank is None else one.wishes[:rank]
    ledger.remove(student)
    missed = tuple(Wish(wish, number, why_not_at(ledger, one, wish)) for number, wish in enumerate(before))
    cheaper = tuple(_cheaper(ledger, one, at))
    ledger.add(at)
    return Placed(at, site, minutes, rank, missed, cheaper)


def _cheaper(ledger: Ledger, student: Student, at: Placement) -> Iterator[Cheaper]:
    """The student's places that cost less than this one, cheapest first."""
    openings = Openings(ledger.atlas)
    here = openings.at(student, at.workplace, at.periods)
    for place in openings.of(student) if here is not None else ():
        if here is None or place.cost >= here.cost:
            return
        reasons = tuple(sorted(barriers(ledger, place)))
        yield Cheaper(place.workplace, place.site, place.periods, here.cost - place.cost, reasons)


def why_not_at(ledger: Ledger, student: Student, wish: SiteId) -> Unplaced:
    """What stands in the way at one site: what the site does not offer, else what others hold there."""
    site = ledger.atlas.region.sites[wish]
    there = [workplace for workplace, at, _ in ledger.atlas.workplaces_for(student) if at.id == wish]
    if not there:
        return Unplaced(student.id, Reason.NO_WORKPLACE_FOR_SUBJECT)
    if not any(phase_fits(workplace, student) for workplace in there):
        return Unplaced(student.id, Reason.NO_WORKPLACE_FOR_PHASE)
    if not support_fits(site, student):
        return Unplaced(student.id, Reason.NO_SITE_FOR_SUPPORT)
    if not may_be_at(student, wish):
        return Unplaced(student.id, Reason.NO_WORKPLACE_IN_REACH, {"excluded-workplaces": len(there)})
    return explain(ledger, replace(student, only_sites=(wish,)))


def shares(region: Region, plan: Plan) -> list[Share]:
    """Every watched group that is large enough, those that carry most first."""
    there = plan.by_student()
    left = [one for one in region.students.values() if one.id not in there]
    overall = len(left) / max(1, len(region.students))
    found = []
    for attribute in region.settings.fairness.groups:
        sizes = Counter(str(getattr(one, attribute)) for one in region.students.values())
        without: Mapping[str, int] = Counter(str(getattr(one, attribute)) for one in left)
        for group, size in sorted(sizes.items()):
            if size >= region.settings.fairness.min_size:
                unplaced = without.get(group, 0)
                found.append(Share(attribute, group, size, unplaced, unplaced / size - overall))
    return sorted(found, key=lambda one: (-one.gap, one.attribute, one.group))
