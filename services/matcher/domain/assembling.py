"""The region that facts add up to, and what changes in it when more is told."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.matcher.domain.asking import Had, asking
from services.matcher.domain.changes import Change
from services.matcher.domain.facts import RegionFacts, Touched
from services.matcher.domain.ids import SiteId, StudentId, WorkplaceId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region, Site, Workplace
from services.matcher.domain.vocabulary import PlacementState

NOBODY: Had = {}


def assemble(facts: RegionFacts, placements: Iterable[Placement], had: Had = NOBODY) -> Region | None:
    """The region to plan for, with what holds today; None until it has settings and a day. `had` are placements that ended."""
    if facts.settings is None or facts.today is None:
        return None
    sites = {key: site for key, site in facts.sites.items() if _has_core(facts, site)}
    workplaces = {key: one for key, one in facts.workplaces.items() if one.site in sites}
    held = {one.student: one for one in placements}
    return Region(
        id=facts.id,
        today=facts.today,
        settings=facts.settings,
        periods=facts.periods,
        sites=sites,
        workplaces=workplaces,
        supervisors=facts.supervisors,
        students={key: one for key in facts.students if (one := asking(facts, key, had)) is not None},
        placements=tuple(with_promise(facts, held[key]) for key in sorted(held)),
    )


def as_told(facts: RegionFacts) -> Region:
    """Everything that was told of a region with settings and a day, whether or not it can be planned with."""
    assert facts.settings is not None
    assert facts.today is not None
    return Region(
        facts.id,
        facts.today,
        facts.settings,
        facts.periods,
        facts.sites,
        facts.workplaces,
        facts.supervisors,
        facts.students,
    )


def change_between(
    before: RegionFacts, after: RegionFacts, touched: Touched, held: Mapping[StudentId, Placement], had: Had = NOBODY
) -> Change:
    """What the touched facts change in the region to plan for; `held` are the placements as they were published.

    Whatever a site or a workplace brings along is in it: what there is at a site, and a refusal of a place that was unknown.
    """
    before_sites, sites = _known_sites(before, touched), _known_sites(after, touched)
    moved = frozenset(sites.keys() | before_sites.keys())
    workplaces = set(touched.workplaces)
    if moved:
        workplaces |= {key for facts in (before, after) for key, one in facts.workplaces.items() if one.site in moved}
    students = set(touched.students)
    if workplaces:
        decisions = (*after.school_decisions.items(), *after.institute_decisions.items())
        students |= {key for key, one in decisions if not workplaces.isdisjoint(one.not_offered)}
    return Change(
        students={key: asking(after, key, had) for key in sorted(students)},
        supervisors={key: after.supervisors.get(key) for key in sorted(touched.supervisors)},
        workplaces={key: _workplace_of(after, key) for key in sorted(workplaces)},
        sites={key: sites.get(key) for key in sorted(moved)},
        states=_states(after, (held[key] for key in sorted(touched.students) if key in held)),
    )


def _known_sites(facts: RegionFacts, touched: Touched) -> dict[SiteId, Site]:
    """Of the touched sites and those that hang on them what the region has."""
    if not touched.sites:
        return {}
    concerned = (one for one in facts.sites.values() if one.id in touched.sites or one.core in touched.sites)
    return {one.id: one for one in concerned if _has_core(facts, one)}


def _has_core(facts: RegionFacts, site: Site) -> bool:
    return site.core is None or site.core in facts.sites


def _workplace_of(facts: RegionFacts, key: WorkplaceId) -> Workplace | None:
    one = facts.workplaces.get(key)
    site = None if one is None else facts.sites.get(one.site)
    return one if site is not None and _has_core(facts, site) else None


def _states(facts: RegionFacts, held: Iterable[Placement]) -> dict[StudentId, PlacementState]:
    """The states that decisions give where these are others."""
    now = ((one, with_promise(facts, one).state) for one in held)
    return {one.student: state for one, state in now if state is not one.state}


def with_promise(facts: RegionFacts, placement: Placement) -> Placement:
    """The placement in the state that decisions and the calendar give it."""
    state = placement.state
    if state is PlacementState.PROPOSED and _is_agreed(facts, placement):
        state = PlacementState.SETTLED
    if state is PlacementState.SETTLED and facts.today is not None and _has_started(facts, placement):
        state = PlacementState.STARTED
    return replace(placement, state=state)


def _is_agreed(facts: RegionFacts, placement: Placement) -> bool:
    """School and institute both said yes to this workplace and these periods."""
    decisions = (facts.school_decisions.get(placement.student), facts.institute_decisions.get(placement.student))
    return all(
        one is not None
        and one.agrees
        and one.workplace == placement.workplace
        and one.periods == frozenset(placement.periods)
        for one in decisions
    )


def _has_started(facts: RegionFacts, placement: Placement) -> bool:
    starts = [facts.periods[period].start for period in placement.periods if period in facts.periods]
    return facts.today is not None and bool(starts) and min(starts) <= facts.today
