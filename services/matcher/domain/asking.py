"""Who asks for a place today and what they may be offered: what is over is not asked for, what was refused is not offered again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.matcher.domain.facts import RegionFacts
from services.matcher.domain.ids import PeriodId, SiteId, StudentId
from services.matcher.domain.region import Student

Had = Mapping[StudentId, frozenset[PeriodId]]
"""The periods of the placement that a student has, or had until it ended."""


def asking(facts: RegionFacts, key: StudentId, had: Had) -> Student | None:
    """The student as the plan sees them; None for nobody, and for one whose time is over.

    Of several period sets the first counts, or with shifted periods each; one that is over as a whole is left out. Who had
    one of them to its end asks for no other.
    """
    student = facts.students.get(key)
    if student is None:
        return None
    sets = student.period_sets if _may_shift(facts) else student.period_sets[:1]
    open_sets = tuple(one for one in sets if not _is_over(facts, one))
    if not open_sets or (key in had and had[key] in map(frozenset, sets) and _is_over(facts, had[key])):
        return None
    kept = student.period_sets if len(open_sets) == len(sets) else open_sets
    refused = _refused_sites(facts, key)
    if kept == student.period_sets and not refused:
        return student
    return replace(student, period_sets=kept, not_sites=(*student.not_sites, *refused))


def _may_shift(facts: RegionFacts) -> bool:
    return facts.settings is not None and facts.settings.levers.shifted.on


def _is_over(facts: RegionFacts, periods: Iterable[PeriodId]) -> bool:
    """Every one of these periods is known and past."""
    today = facts.today
    return today is not None and all(one in facts.periods and facts.periods[one].end < today for one in periods)


def _refused_sites(facts: RegionFacts, key: StudentId) -> tuple[SiteId, ...]:
    """The sites of the places that a school refused or an institute declined, each once."""
    decisions = (facts.school_decisions.get(key), facts.institute_decisions.get(key))
    refused = [name for one in decisions if one is not None for name in one.not_offered]
    sites = (facts.workplaces[name].site for name in refused if name in facts.workplaces)
    return tuple(dict.fromkeys(sites))
