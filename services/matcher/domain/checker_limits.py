"""The checker's rules on limits: seats, site minimum, hours, head counts, and who must or must not be together."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from services.matcher.domain.checker_facts import Case, Violation, hours_in, is_lent
from services.matcher.domain.ids import PeriodId, SiteId, SupervisorId
from services.matcher.domain.region import Region


def _seats(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """In every period the placements at a workplace do not exceed its seats."""
    used = Counter((case.workplace.id, period) for case in cases for period in case.placement.periods)
    for (workplace, period), number in sorted(used.items()):
        seats = region.workplaces[workplace].seats.get(period, 0)
        if number > seats:
            message = f"{number} students at workplace {workplace} in {period}, {seats} seats"
            yield Violation("seats", message, (workplace,), period, {"used": number, "limit": seats})


def _site_minimum(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """In every period the placements at a site are none, or at least its minimum."""
    used = Counter((case.site.id, period) for case in cases for period in case.placement.periods)
    for (site, period), number in sorted(used.items()):
        least = region.sites[site].min_students
        if number < least:
            message = f"{number} students at {site} in {period}, at least {least} or none"
            yield Violation("site-minimum", message, (site,), period, {"used": number, "least": least})


def _hours(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """In every period each supervisor's hours hold the shares or needs, and a trainer's fixed hours per site."""
    used: Counter[tuple[SupervisorId, PeriodId]] = Counter()
    overhead, fixed = region.settings.levers.lending.overhead_qh, region.settings.trainer_site_qh
    visited: dict[tuple[SupervisorId, PeriodId], dict[SiteId, int]] = defaultdict(dict)
    for case in cases:
        for period in case.placement.periods:
            for member, share in zip(case.members, case.placement.wpb, strict=True):
                used[member.id, period] += share.qh + overhead * is_lent(region, member, case.site)
            for trainer, need, per_site in ((case.so, case.need.so, fixed.so), (case.io, case.need.io, fixed.io)):
                if trainer is not None:
                    used[trainer.id, period] += need
                    visited[trainer.id, period][case.site.id] = per_site
    for key, sites in visited.items():
        used[key] += sum(sites.values())
    for (supervisor, period), qh in sorted(used.items()):
        limit = hours_in(region, region.supervisors[supervisor], period)
        if qh > limit:
            message = f"{supervisor} guides {qh} qh in {period} and has {limit}"
            yield Violation("hours", message, (supervisor,), period, {"used": qh, "limit": limit})


def _head_count(region: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """In every period nobody guides more students than their maximum."""
    guided: Counter[tuple[SupervisorId, PeriodId]] = Counter()
    for case in cases:
        people = {one.id for one in (*case.members, case.so, case.io) if one is not None}
        guided.update((one, period) for one in people for period in case.placement.periods)
    for (supervisor, period), number in sorted(guided.items()):
        limit = region.supervisors[supervisor].max_students
        if limit is not None and number > limit:
            message = f"{supervisor} guides {number} students in {period}, at most {limit}"
            yield Violation("head-count", message, (supervisor,), period, {"used": number, "limit": limit})


def _together(_: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """Students who belong together are at one site when both are placed."""
    site_of = {case.id: case.site.id for case in cases}
    for case in cases:
        for other in case.student.together:
            if site_of.get(other, case.site.id) != case.site.id:
                yield Violation("together", f"{case.id} and {other} are not at one site", (case.id, other))


def _apart(_: Region, cases: Sequence[Case]) -> Iterator[Violation]:
    """Students who are to be kept apart are not at one site."""
    site_of = {case.id: case.site.id for case in cases}
    for case in cases:
        for other in case.student.apart:
            if site_of.get(other) == case.site.id:
                yield Violation("apart", f"{case.id} and {other} are both at {case.site.id}", (case.id, other))


PLAN_RULES: tuple[Callable[[Region, Sequence[Case]], Iterator[Violation]], ...] = (
    _seats,
    _site_minimum,
    _hours,
    _head_count,
    _together,
    _apart,
)
