"""What is named and was never heard of: it is left out of the plan until it is known, and told about after a while."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.matcher.domain.facts import Decision, RegionFacts
from services.matcher.domain.ids import SiteId, StudentId, WorkplaceId
from services.matcher.domain.region import Student
from services.matcher.domain.vocabulary import EVERY_SITE

TOLD_AFTER_DAYS = 3
"""Systems that push once a night have had their turn by then."""


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """One aggregate names another that was never told of; both are kind/id."""

    subject: str
    names: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since the day that began when it was first missing; `told` once somebody was told."""

    since: date
    told: bool = False


def missing(facts: RegionFacts) -> Iterator[Missing]:
    """All that is named and was never heard of; what has ended was heard of."""
    if facts.settings is None and facts.sequences:
        yield Missing(f"region/{facts.id}", "settings")
    known = facts.sequences
    for subject, named in _named(facts):
        for one in dict.fromkeys(named):
            if one not in known:
                yield Missing(subject, one)
    if facts.settings is not None:
        yield from _missing_periods(facts)


def waiting_on(day: date, before: Mapping[Missing, Waiting], facts: RegionFacts) -> dict[Missing, Waiting]:
    """What waits at the beginning of a day; since when is remembered, and what has waited long is told from now on."""
    found: dict[Missing, Waiting] = {}
    for one in sorted(missing(facts)):
        held = before.get(one, Waiting(day))
        found[one] = replace(held, told=held.told or (day - held.since).days >= TOLD_AFTER_DAYS)
    return found


def _named(facts: RegionFacts) -> Iterator[tuple[str, Iterable[str]]]:
    for site in facts.sites.values():
        if site.core is not None:
            yield f"site/{site.id}", [f"site/{site.core}"]
    for workplace in facts.workplaces.values():
        yield f"workplace/{workplace.id}", [f"site/{workplace.site}"]
    for supervisor in facts.supervisors.values():
        yield f"supervisor/{supervisor.id}", [f"site/{one}" for one in supervisor.sites if one != EVERY_SITE]
    for student in facts.students.values():
        yield f"student/{student.id}", _named_by(student)
    for kind, decisions in (
        ("school-decision", facts.school_decisions),
        ("institute-decision", facts.institute_decisions),
    ):
        for one, decision in decisions.items():
            yield f"{kind}/{one}", _decided_on(one, decision)


def _named_by(student: Student) -> list[str]:
    sites: tuple[SiteId, ...] = (*student.wishes, *student.not_sites, *student.only_sites)
    return [*(f"site/{one}" for one in sites), *(f"student/{one}" for one in (*student.together, *student.apart))]


def _decided_on(student: StudentId, decision: Decision) -> list[str]:
    workplace: WorkplaceId = decision.workplace
    return [f"student/{student}", f"workplace/{workplace}"]


def _missing_periods(facts: RegionFacts) -> Iterator[Missing]:
    """A period is no aggregate: it is missing while the settings do not have it."""
    for student in facts.students.values():
        for one in sorted({period for periods in student.period_sets for period in periods} - facts.periods.keys()):
            yield Missing(f"student/{student.id}", f"period/{one}")
