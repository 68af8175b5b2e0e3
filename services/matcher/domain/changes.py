"""What can happen to a region between two plans, one thing or many at once, and what would make its plan better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement, Unplaced
from services.matcher.domain.region import Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.vocabulary import PlacementState

Id = TypeVar("Id", bound=str)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Change:
    """The new state of everything that changed; None for what is there no longer.

    `states` are placements that were agreed upon or have begun. `deals` are placements that were agreed upon instead of what
    holds, of one student or of the two of a swap: each is taken as a whole where it still fits, and else not. `whole` is a
    region whose settings, periods or day are other ones: everything is looked at again, before the deals.
    """

    students: Mapping[StudentId, Student | None] = field(default_factory=dict)
    supervisors: Mapping[SupervisorId, Supervisor | None] = field(default_factory=dict)
    workplaces: Mapping[WorkplaceId, Workplace | None] = field(default_factory=dict)
    sites: Mapping[SiteId, Site | None] = field(default_factory=dict)
    states: Mapping[StudentId, PlacementState] = field(default_factory=dict)
    deals: tuple[Mapping[StudentId, Placement], ...] = ()
    whole: Region | None = None

    def __bool__(self) -> bool:
        named = (self.students, self.supervisors, self.workplaces, self.sites, self.states, self.deals)
        return self.whole is not None or any(named)

    @property
    def size(self) -> int:
        """How many students, people, workplaces and sites are others."""
        return len(self.students) + len(self.supervisors) + len(self.workplaces) + len(self.sites)

    def then(self, later: "Change") -> "Change":
        """Both as one: of what changed twice the later state holds."""
        if later.whole is not None:
            return later
        if self.whole is not None:
            return Change(whole=applied(self.whole, later))
        return Change(
            {**self.students, **later.students},
            {**self.supervisors, **later.supervisors},
            {**self.workplaces, **later.workplaces},
            {**self.sites, **later.sites},
            {**self.states, **later.states},
            (*self.deals, *later.deals),
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would make a plan better than it is, or tell more about it, found beside whoever answers events.

    `before` and `after` are the placements of those who differ, None for no placement. `reasons` tell anew why somebody has
    none. What is proven holds for the very state that it was found for and for no other; it took so many steps of proving.
    A renewal was found by seeking the whole plan anew.
    """

    before: Mapping[StudentId, Placement | None] = field(default_factory=dict)
    after: Mapping[StudentId, Placement | None] = field(default_factory=dict)
    reasons: Sequence[Unplaced] = ()
    bound: float = 0.0
    unplaced_bound: int = 0
    proof_steps: int = 0
    is_renewal: bool = False

    def __bool__(self) -> bool:
        return bool(self.after or self.reasons or self.bound or self.unplaced_bound)


def applied(region: Region, change: Change) -> Region:
    """The region after the change; a state holds for whoever is placed."""
    if change.whole is not None:
        return change.whole
    placements = region.placements
    if change.states:
        placements = tuple(replace(one, state=change.states.get(one.student, one.state)) for one in placements)
    return replace(
        region,
        students=_put(region.students, change.students),
        supervisors=_put(region.supervisors, change.supervisors),
        workplaces=_put(region.workplaces, change.workplaces),
        sites=_put(region.sites, change.sites),
        placements=placements,
    )


def between(before: Region, after: Region) -> Change:
    """What changed from one region to another; `whole` where settings, periods, the day or places held are others."""
    frames = [(one.id, one.today, one.settings, one.periods) for one in (before, after)]
    held = {one.student: one for one in reversed(before.placements)}
    now = {one.student: one for one in reversed(after.placements)}
    others = [one for one in now if one not in held or replace(held[one], state=now[one].state) != now[one]]
    if frames[0] != frames[1] or others or any(one in after.students for one in held.keys() - now.keys()):
        return Change(whole=after)
    return Change(
        _changed(before.students, after.students),
        _changed(before.supervisors, after.supervisors),
        _changed(before.workplaces, after.workplaces),
        _changed(before.sites, after.sites),
        {one: now[one].state for one in now if held[one].state is not now[one].state},
    )


def _put(known: Mapping[Id, Thing], changed: Mapping[Id, Thing | None]) -> Mapping[Id, Thing]:
    if not changed:
        return known
    found = {**known}
    for key, thing in changed.items():
        if thing is None:
            found.pop(key, None)
        else:
            found[key] = thing
    return found


def _changed(before: Mapping[Id, Thing], after: Mapping[Id, Thing]) -> dict[Id, Thing | None]:
    if before is after:
        return {}
    found: dict[Id, Thing | None] = {key: None for key in before if key not in after}
    for key, thing in after.items():
        known = before.get(key)
        if known is not thing and known != thing:
            found[key] = thing
    return found
