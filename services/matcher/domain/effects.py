"""What another plan changes for a region: what it costs more, and whom it concerns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState


@dataclass(frozen=True, slots=True)
class Effect:
    """The points that the whole plan costs more (below 0: it saves), by part where there is a difference, and who it concerns.

    `placed` and `lost` got or lost a place, `moved` have another workplace or other periods, `reguided` only somebody
    else who guides them in class.
    """

    points: int
    parts: Mapping[str, int]
    placed: tuple[StudentId, ...]
    lost: tuple[StudentId, ...]
    moved: tuple[StudentId, ...]
    reguided: tuple[StudentId, ...]


def effect(region: Region, before: Plan, after: Plan) -> Effect:
    """From one plan of a region to another, as the checker sums them."""
    cost, costs = cost_parts(region, before), cost_parts(region, after)
    was, now = before.by_student(), after.by_student()
    kept = sorted(was.keys() & now.keys())
    moved = tuple(one for one in kept if not was[one].is_same_place(now[one]))
    return Effect(
        sum(costs.values()) - sum(cost.values()),
        {part: points - cost[part] for part, points in costs.items() if points != cost[part]},
        tuple(sorted(now.keys() - was.keys())),
        tuple(sorted(was.keys() - now.keys())),
        moved,
        tuple(one for one in kept if one not in moved and not was[one].has_same_wpb(now[one])),
    )


def as_it_holds(region: Region, held: Iterable[Placement]) -> Region:
    """The region in which this plan is what holds today, and to lose a place costs no less than to move.

    Who looks for the least change decides here: nobody moves or loses a place for another's who gains as much by it. A
    promise that the plan breaks still holds: whatever lets it be kept again is worth what it costs.
    """
    costs = region.settings.costs
    firm = replace(costs, drop_proposed=max(costs.drop_proposed, costs.move_workplace))
    kept = {one.student: one for one in held}
    for one in region.placements:
        now = kept.get(one.student)
        if one.state is not PlacementState.PROPOSED and (now is None or not one.is_same_place(now)):
            kept[one.student] = one
    return replace(region, settings=replace(region.settings, costs=firm), placements=tuple(kept.values()))
