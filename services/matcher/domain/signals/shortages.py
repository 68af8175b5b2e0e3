"""Of what there is too little: for each subject and period what those lack who have no place, in the region and site by site."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.matcher.domain.ids import PeriodId, SiteId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.places import Place
from services.matcher.domain.plan import Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Student
from services.matcher.domain.signals.findings import Finding, Lack
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.table import NEAR_DAYS, RULES, RuleName
from services.matcher.domain.vocabulary import Tier

SEATS = "seats"
LACKING: Mapping[Reason, str] = {
    Reason.NO_WORKPLACE_FOR_SUBJECT: SEATS,
    Reason.NO_WORKPLACE_FOR_PHASE: SEATS,
    Reason.NO_SITE_FOR_SUPPORT: SEATS,
    Reason.NO_WORKPLACE_IN_REACH: SEATS,
    Reason.NO_SEAT_IN_PERIOD: SEATS,
    Reason.SEATS_TAKEN: SEATS,
    Reason.NO_SUPERVISOR: Tier.WPB,
    Reason.NO_COMMON_DAYS: Tier.WPB,
    Reason.NO_SUPERVISOR_HOURS: Tier.WPB,
    Reason.NO_SCHOOL_TRAINER: Tier.SO,
    Reason.NO_SCHOOL_TRAINER_HOURS: Tier.SO,
    Reason.NO_INSTITUTE_TRAINER: Tier.IO,
    Reason.NO_INSTITUTE_TRAINER_HOURS: Tier.IO,
}
"""What there is too little of by each reason; the others are no shortage of anything."""
MOST_HELPED = 5
"""The levers of a shortage are those of so many of its students at most."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A subject in a period, at a site or in the whole region, and what is lacking there."""

    sector: str
    subject: str
    period: PeriodId
    site: SiteId | None
    lacking: str


def shortages(scene: Scene, subjects: Collection[str] | None = None) -> Iterator[Finding]:
    """For these subjects, or all, every spot at which students lack something."""
    found: dict[Spot, list[Student]] = defaultdict(list)
    for place in scene.unplaced:
        student = scene.facts.students.get(place.student)
        if student is not None and (subjects is None or student.subject in subjects):
            for spot in spots_of(scene, student, place):
                found[spot].append(student)
    for spot, students in found.items():
        yield _shortage(scene, spot, students)


def spots_of(scene: Scene, student: Student, place: Place) -> Iterator[Spot]:
    """Where a student without a place lacks something: in the region, and at the sites that the reason names."""
    lacking = None if place.unplaced is None else what_is_lacking(place.unplaced)
    if lacking is None or place.unplaced is None:
        return
    workplaces = (scene.facts.workplaces.get(one) for one in place.unplaced.workplaces)
    sites = {one.site for one in workplaces if one is not None}
    if place.lost is not None:
        sites.add(place.lost.site)
    for name in student.period_sets[0]:
        period = scene.facts.periods.get(name)
        if period is not None and period.end >= scene.today:
            for site in (None, *sites):
                yield Spot(student.sector, student.subject, name, site, lacking)


def what_is_lacking(unplaced: Unplaced) -> str | None:
    """Seats or the hours of a tier; of somebody who is outweighed what stands in the way at most places."""
    if unplaced.reason is not Reason.OUTWEIGHED:
        return LACKING.get(unplaced.reason)
    counts = [(unplaced.facts.get(f"places-{reason}", 0), reason) for reason in LACKING]
    most, reason = max(counts, key=lambda one: one[0])
    return LACKING[reason] if most else None


def _shortage(scene: Scene, spot: Spot, students: list[Student]) -> Finding:
    rule = RuleName.SHORTAGE if spot.site is None else RuleName.SHORTAGE_AT_SITE
    needs = [needs_of(scene.region.settings, one) for one in students]
    tier = None if spot.lacking == SEATS else Tier(spot.lacking)
    missing = 0 if tier is None else sum(getattr(one, tier.value) for one in needs if one is not None)
    period = scene.facts.periods[spot.period]
    about = {"sector": spot.sector, "subject": spot.subject, "period": spot.period, "site": spot.site, "tier": tier}
    names = sorted(one.id for one in students)
    return Finding(
        rule,
        (scene.facts.id, spot.sector, spot.subject, spot.period, spot.site or "", spot.lacking),
        len(students),
        RULES[rule].level,
        about,
        {"students_unplaced": len(students), "missing_qh": missing},
        spot.lacking if tier is None else f"{tier}-hours",
        {"students": len(students), "missing-qh": missing},
        scene.next_of(period.start - timedelta(NEAR_DAYS), period.start, period.end),
        Lack(tuple(names[:MOST_HELPED])),
    )
