"""Why a student has no place: exactly one reason, with the numbers, workplaces and people behind it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.guides import guides_of, has_room_alone, may_guide, site_hours, trainer_need, trainers_of
from services.matcher.domain.ids import PeriodId, StudentId, SupervisorId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import Place, places_of
from services.matcher.domain.plan import Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region, Site, Student, Workplace
from services.matcher.domain.rules import (
    allowed_period_sets,
    may_be_at,
    phase_fits,
    shares_days,
    support_fits,
    travel_limit,
)
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import Tier

MOST_NAMED = 20
"""So many workplaces or people are named at most."""

NO_HOURS = {Tier.SO: Reason.NO_SCHOOL_TRAINER_HOURS, Tier.IO: Reason.NO_INSTITUTE_TRAINER_HOURS}
NOBODY = {Tier.SO: Reason.NO_SCHOOL_TRAINER, Tier.IO: Reason.NO_INSTITUTE_TRAINER}
FUNNEL = (
    Reason.NO_SUPERVISOR,
    Reason.NO_COMMON_DAYS,
    Reason.NO_SUPERVISOR_HOURS,
    Reason.NO_SCHOOL_TRAINER,
    Reason.NO_SCHOOL_TRAINER_HOURS,
    Reason.NO_INSTITUTE_TRAINER,
    Reason.NO_INSTITUTE_TRAINER_HOURS,
)
"""What a workplace in reach is asked in turn; the last question that some still passed gives the reason."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A workplace in reach with seats in all periods of a set."""

    workplace: Workplace
    site: Site
    periods: tuple[PeriodId, ...]


def explain_unplaced(region: Region, plan: Plan, student: StudentId) -> Unplaced:
    """The one reason why this student has no place in the plan; the same input gives the same answer."""
    return explain(Ledger(Atlas(region), plan.placements), region.students[student])


def explain(ledger: Ledger, student: Student, could: Sequence[Place] | None = None) -> Unplaced:
    """The reason beside what is booked: first what no plan could mend, then what others hold.

    `could` are the student's places if nobody lacked hours or seats, for who knows them already.
    """
    atlas, facts = ledger.atlas, dict[str, int]()
    reason, near = _in_reach(atlas, student, facts)
    if reason is not None:
        return Unplaced(student.id, reason, facts)
    spots = _spots(atlas, student, near)
    facts["places-with-seats"] = len(spots)
    if not spots:
        named = sorted({workplace.id for workplace, _ in near})
        return Unplaced(student.id, Reason.NO_SEAT_IN_PERIOD, facts, tuple(named[:MOST_NAMED]))
    there = None if could is None else (_with_room(atlas, place) for place in could)
    places = places_of(atlas, student) if there is None else [place for place in there if place is not None]
    if places:
        return _held_by_others(ledger, student, places, facts)
    return _never_enough(atlas, student, spots, facts)


def _in_reach(
    atlas: Atlas, student: Student, facts: dict[str, int]
) -> tuple[Reason | None, list[tuple[Workplace, Site]]]:
    """The fitting workplaces within the travel limit, or the reason why there are none."""
    if atlas.needs(student.id) is None:
        return Reason.NO_NORM, []
    if not any(True for _ in allowed_period_sets(atlas.region, student)):
        return Reason.UNKNOWN_PERIOD, []
    offered = _offered(atlas, student)
    facts["workplaces-for-subject"] = offered.for_subject
    if not offered.for_subject:
        return Reason.NO_WORKPLACE_FOR_SUBJECT, []
    if not offered.for_phase:
        return Reason.NO_WORKPLACE_FOR_PHASE, []
    if not offered.for_support:
        return Reason.NO_SITE_FOR_SUPPORT, []
    travel, limit = atlas.region.settings.travel, travel_limit(atlas.region.settings, student)
    chooses = bool(student.not_sites or student.only_sites)
    allowed = sum(may_be_at(student, site.id) for site in offered.for_support) if chooses else len(offered.for_support)
    facts["excluded-workplaces"] = len(offered.for_support) - allowed
    facts["limit-min"] = limit
    around = (
        (workplace, site, travel_minutes(travel, student, site))
        for workplace, site, _ in atlas.workplaces_near(student)
        if phase_fits(workplace, student) and support_fits(site, student) and may_be_at(student, site.id)
    )
    near = [(minutes, workplace, site) for workplace, site, minutes in around if minutes <= limit]
    if near:
        facts["nearest-min"] = min(minutes for minutes, _, _ in near)
    elif allowed:
        facts["nearest-min"] = min(
            travel_minutes(travel, student, site) for site in offered.for_support if may_be_at(student, site.id)
        )
    facts["workplaces-in-reach"] = len(near)
    return (None if near else Reason.NO_WORKPLACE_IN_REACH), [(workplace, site) for _, workplace, site in near]


@dataclass(frozen=True, slots=True)
class Offered:
    """How many workplaces there are for a subject, and of those for a phase, and the sites of those for a support class."""

    for_subject: int
    for_phase: int
    for_support: tuple[Site, ...]


def _offered(atlas: Atlas, student: Student) -> Offered:
    """What the whole region offers to students like this one; looked up once for all of them."""
    key = (student.sector, student.subject, student.phase, student.support)
    if key not in atlas.offered:
        of_subject = [(workplace, site) for workplace, site, _ in atlas.workplaces_for(student)]
        of_phase = [site for workplace, site in of_subject if phase_fits(workplace, student)]
        fitting = tuple(site for site in of_phase if support_fits(site, student))
        atlas.offered[key] = Offered(len(of_subject), len(of_phase), fitting)
    found: Offered = atlas.offered[key]
    return found


def _spots(atlas: Atlas, student: Student, near: Iterable[tuple[Workplace, Site]]) -> list[Spot]:
    sets = [periods for _, periods in allowed_period_sets(atlas.region, student)]
    return [
        Spot(workplace, site, periods)
        for workplace, site in near
        for periods in sets
        if all(workplace.seats.get(period, 0) > 0 for period in periods)
    ]


def _never_enough(atlas: Atlas, student: Student, spots: Sequence[Spot], facts: dict[str, int]) -> Unplaced:
    """No spot would do even in an empty region: the reason that the best of them fail at."""
    barriers = [_static_barrier(atlas, student, spot) for spot in spots]
    reason = max((reason for reason, _ in barriers), key=FUNNEL.index)
    at_it = [(spot, people) for spot, (found, people) in zip(spots, barriers, strict=True) if found is reason]
    supervisors = sorted({one for _, people in at_it for one in people})
    facts["places-without"] = len(at_it)
    needs = atlas.needs(student.id)
    asked = needs.wpb if needs is not None else 0
    if needs is not None and reason in NO_HOURS.values():
        tier = Tier.SO if reason is NO_HOURS[Tier.SO] else Tier.IO
        asked = trainer_need(needs, tier) + site_hours(atlas, tier)
    short = [max(asked - atlas.qh(one, period) for period in spot.periods) for spot, people in at_it for one in people]
    if short and reason in (Reason.NO_SUPERVISOR_HOURS, *NO_HOURS.values()):
        facts["short-qh"] = max(0, min(short))
    workplaces = sorted({spot.workplace.id for spot, _ in at_it})
    return Unplaced(student.id, reason, facts, tuple(workplaces[:MOST_NAMED]), tuple(supervisors[:MOST_NAMED]))


def _static_barrier(atlas: Atlas, student: Student, spot: Spot) -> tuple[Reason, list[SupervisorId]]:
    where, settings = (spot.workplace, spot.site), atlas.region.settings
    people = [one for one, _ in may_guide(atlas, student, where)]
    if not people:
        return Reason.NO_SUPERVISOR, []
    with_days = [one.id for one in people if shares_days(settings, one, student)]
    if not with_days:
        return Reason.NO_COMMON_DAYS, [one.id for one in people]
    if not guides_of(atlas, student, where, spot.periods):
        return Reason.NO_SUPERVISOR_HOURS, with_days
    for tier in (Tier.SO, Tier.IO):
        if not trainers_of(atlas, student, tier, spot.site, spot.periods):
            trainers = [one.id for one in atlas.trainers(tier, spot.site.id, student)]
            return (NO_HOURS if trainers else NOBODY)[tier], trainers
    return Reason.NO_INSTITUTE_TRAINER_HOURS, []


def _held_by_others(ledger: Ledger, student: Student, places: Sequence[Place], facts: dict[str, int]) -> Unplaced:
    """Some spots would do in an empty region: what stands in the way at all of them, else that they are outweighed."""
    held_up = [barriers(ledger, place) for place in places]
    counts = Counter(reason for found in held_up for reason in found)
    facts["places"] = len(places)
    facts["places-free"] = sum(not found for found in held_up)
    facts.update({f"places-{reason}": number for reason, number in sorted(counts.items())})
    everywhere = [reason for reason in Reason if counts[reason] == len(places)]
    reason = everywhere[0] if everywhere else Reason.OUTWEIGHED
    workplaces = sorted({place.workplace for place in places})[:MOST_NAMED]
    people = sorted({one for place in places for one in _binding(place, reason)})[:MOST_NAMED]
    short = _shortest(ledger, places, reason)
    if short is not None:
        facts["short-qh"] = short
    return Unplaced(student.id, reason, facts, tuple(workplaces), tuple(people))


def _with_room(atlas: Atlas, place: Place) -> Place | None:
    """What is left of a place of a region where nobody lacks hours or seats: with those who have them alone; None for nothing."""
    seats, needs = atlas.region.workplaces[place.workplace].seats, atlas.needs(place.student)
    if needs is None or any(seats.get(period, 0) < 1 for period in place.periods):
        return None
    people, when = atlas.region.supervisors, place.periods
    guides = tuple(one for one in place.guides if has_room_alone(atlas, people[one.supervisor], one.taken_qh, when))
    if not guides:
        return None
    asked = [(place.sos, needs.so + site_hours(atlas, Tier.SO)), (place.ios, needs.io + site_hours(atlas, Tier.IO))]
    sos, ios = (
        tuple(one for one in those if one is None or has_room_alone(atlas, people[one], qh, when))
        for those, qh in asked
    )
    return replace(place, guides=guides, sos=sos, ios=ios) if sos and ios else None


def barriers(ledger: Ledger, place: Place) -> set[Reason]:
    """Everything that stands in the way of one guide at a place, beside what is booked."""
    found = set()
    if not ledger.seat_is_free(place):
        found.add(Reason.SEATS_TAKEN)
    if not any(ledger.guide_is_free(place, guide) for guide in place.guides):
        found.add(Reason.NO_SUPERVISOR_HOURS)
    for tier, people in ((Tier.SO, place.sos), (Tier.IO, place.ios)):
        if not any(ledger.trainer_is_free(place, tier, one) for one in people):
            found.add(NO_HOURS[tier])
    if not ledger.minimum_is_met(place):
        found.add(Reason.MINIMUM_NOT_MET)
    if not ledger.company_fits(place):
        found.add(Reason.TOGETHER_OR_APART)
    return found


def _binding(place: Place, reason: Reason) -> list[SupervisorId]:
    if reason is Reason.NO_SUPERVISOR_HOURS:
        return [guide.supervisor for guide in place.guides]
    people = place.sos if reason is NO_HOURS[Tier.SO] else place.ios if reason is NO_HOURS[Tier.IO] else ()
    return [one for one in people if one is not None]


def _shortest(ledger: Ledger, places: Sequence[Place], reason: Reason) -> int | None:
    """The fewest hours that somebody would need more; 0 when only their head count is full."""
    needs = ledger.atlas.needs(places[0].student)
    if needs is None:
        return None
    short: list[int] = []
    for place in places:
        if reason is Reason.NO_SUPERVISOR_HOURS:
            short += [ledger.short_qh(one.supervisor, one.taken_qh, place.periods) for one in place.guides]
        elif reason in NO_HOURS.values():
            tier = Tier.SO if reason is NO_HOURS[Tier.SO] else Tier.IO
            short += [ledger.short_trainer_qh(place, tier, one) for one in _binding(place, reason)]
    return max(0, min(short)) if short else None
