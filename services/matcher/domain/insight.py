"""Tells of a plan who competes with whom, why a student is where they are, and which groups carry more than their share."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from services.matcher.domain.explanation import NO_HOURS, barriers, explain
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, WorkplaceId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place, places_of
from services.matcher.domain.plan import Placement, Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region, Student
from services.matcher.domain.rules import may_be_at, phase_fits, support_fits
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import Tier

TOO_MUCH = 0.05
"""A group whose share of unplaced students exceeds the overall share by more than this carries too much."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A student without a place: the reason, who holds what this one needs, and who of them alone stands in the way.

    `holders` have what is missing at a place of the student, those at most of such places first; if one of `instead_of`
    had no place, this student could have that one at once.
    """

    told: Unplaced
    holders: tuple[StudentId, ...]
    instead_of: tuple[StudentId, ...] = ()


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


class Holders:
    """Who holds the seats and the hours of a plan, looked up by workplace and by person."""

    def __init__(self, ledger: Ledger) -> None:
        """Note everybody who is booked."""
        self._ledger = ledger
        self._at: dict[str, set[StudentId]] = defaultdict(set)
        for student, placement in ledger.placed.items():
            for one in {placement.workplace, *_guided_by(placement)}:
                self._at[one].add(student)

    def of(self, place: Place, reasons: Collection[Reason]) -> set[StudentId]:
        """Who has, in one of the periods, what is missing at a place for one of these reasons."""
        things: set[str] = set()
        if Reason.SEATS_TAKEN in reasons:
            things.add(place.workplace)
        if Reason.NO_SUPERVISOR_HOURS in reasons:
            things |= {guide.supervisor for guide in place.guides}
        for tier, people in ((Tier.SO, place.sos), (Tier.IO, place.ios)):
            if NO_HOURS[tier] in reasons:
                things |= {one for one in people if one is not None}
        periods = set(place.periods)
        found = {one for thing in things for one in self._at.get(thing, ())}
        return {one for one in found if periods & set(self._ledger.placed[one].periods)}


def waiting(ledger: Ledger, student: StudentId, holders: Holders | None = None, *, is_brief: bool = False) -> Waiting:
    """The exact reason beside what is booked, and who competes for it; in brief without `instead_of`, which takes longest."""
    region = ledger.atlas.region
    told = explain(ledger, region.students[student])
    held_up = [(place, barriers(ledger, place)) for place in places_of(ledger.atlas, region.students[student])]
    known, count = holders or Holders(ledger), Counter[StudentId]()
    found: set[StudentId] = set()
    for place, reasons in held_up:
        wanted = reasons if told.reason is Reason.OUTWEIGHED else reasons & {told.reason}
        there = known.of(place, wanted)
        count.update(there)
        found |= set() if is_brief else _in_the_way(ledger, place, known.of(place, reasons))
    order = sorted(count, key=lambda one: (-count[one], one))
    return Waiting(told, tuple(order), tuple(sorted(found)))


def _in_the_way(ledger: Ledger, place: Place, there: Iterable[StudentId]) -> set[StudentId]:
    """Those of these without whom alone nothing would stand in the way of the place."""
    found = set()
    for one in there:
        held = ledger.remove(one)
        if not barriers(ledger, place):
            found.add(one)
        ledger.add(held)
    return {one for one in found if _is_alone(ledger, one)}


def _is_alone(ledger: Ledger, student: StudentId) -> bool:
    """No other student's place hangs on this one's: no duo, no relief, no minimum or juniors that would miss them."""
    held, site = ledger.placed[student], ledger.site_of[student]
    if held.duo_with is not None or held.relief is not None:
        return False
    ledger.remove(student)
    least = ledger.atlas.region.sites[site].min_students
    is_fine = all(
        not 0 < ledger.at_site[site, period] < least and ledger.helped_is_free(site, period) >= 0
        for period in held.periods
    )
    ledger.add(held)
    return is_fine


def _guided_by(placement: Placement) -> set[str]:
    trainers = {one for one in (placement.so, placement.io) if one is not None}
    return {share.supervisor for share in placement.wpb} | trainers


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
