"""What is proven about every allowed plan, and how much of it still holds after a change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.changes import Change
from services.matcher.domain.ids import StudentId
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.plan import Certificate, Placement
from services.matcher.domain.prices import move_cost
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Costs


@dataclass(frozen=True, slots=True)
class Proof:
    """No allowed plan costs less than `bound`, or leaves fewer than `unplaced_bound` without a place."""

    bound: float = 0.0
    unplaced_bound: int = 0

    def certificate(self, parts: dict[str, int]) -> Certificate:
        """The certificate of a plan with these cost parts."""
        return Certificate.of(parts, self.bound, self.unplaced_bound)

    def after(
        self, before: Region, held: Mapping[StudentId, Placement], change: Change, *, gives_room: bool
    ) -> "Proof":
        """What still holds for the changed region.

        A change that only takes away leaves fewer plans, so the bound stays, less what promises that became looser
        cost before. More room may make any plan cheaper.
        Of students who come, go or change only their number is known: each who goes or changes may have been one of
        the unplaced, and who comes takes room from others, but may be the one who opens a site or a group.
        """
        if gives_room or change.sites or change.whole is not None:
            return Proof()
        if not change.students:
            costs, states = before.settings.costs, change.states
            looser = [
                _price(costs, held[one])
                for one, state in states.items()
                if one in held and _price(costs, replace(held[one], state=state)) < _price(costs, held[one])
            ]
            return Proof(max(0.0, self.bound - sum(looser)), self.unplaced_bound)
        news = [one for one in change.students if one not in before.students]
        opens = shares_guidance(before.settings) or any(one.min_students > 1 for one in before.sites.values())
        if news and opens:
            return Proof()
        return Proof(0.0, max(0, self.unplaced_bound - (len(change.students) - len(news))))

    def without_promises(self, atlas: Atlas, changed: Collection[StudentId]) -> "Proof":
        """What still holds when these students hold something else than before: their old promises cost nothing more."""
        costs = atlas.region.settings.costs
        paid = sum(_price(costs, atlas.held[one]) for one in changed if one in atlas.held)
        return Proof(max(0.0, self.bound - paid), self.unplaced_bound)


def _price(costs: Costs, held: Placement) -> int:
    """The most that not keeping to what somebody holds can cost."""
    return max(move_cost(costs, held), costs.move_supervisor, costs.drop_proposed)
