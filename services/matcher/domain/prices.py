"""What one student's option costs, each part a small function with its price in words."""

from services.matcher.domain.ids import PeriodId, SiteId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Student
from services.matcher.domain.settings import Costs
from services.matcher.domain.vocabulary import PlacementState


def wish_cost(costs: Costs, student: Student, site: SiteId) -> int:
    """The price of the wish's rank, the last price for later ones; no_wish for another site; 0 without wishes."""
    if not student.wishes:
        return 0
    if site not in student.wishes:
        return costs.no_wish
    return costs.wish[min(student.wishes.index(site), len(costs.wish) - 1)]


def break_cost(costs: Costs, held: Placement | None) -> int:
    """What it costs to leave without a place who has one today."""
    if held is None:
        return 0
    if held.state is PlacementState.PROPOSED:
        return costs.drop_proposed
    return costs.break_started if held.state is PlacementState.STARTED else costs.break_settled


def is_kept(held: Placement | None, workplace: WorkplaceId, periods: tuple[PeriodId, ...]) -> bool:
    """Whether workplace and periods are those that hold today."""
    return held is not None and held.workplace == workplace and set(held.periods) == set(periods)


def move_cost(costs: Costs, held: Placement | None) -> int:
    """What another workplace or other periods cost: a broken promise, or the move of a proposal."""
    if held is None:
        return 0
    return costs.move_workplace if held.state is PlacementState.PROPOSED else break_cost(costs, held)


def supervisor_move_cost(costs: Costs, held: Placement | None, supervisor: SupervisorId) -> int:
    """What another workplace supervisor costs at the place that holds."""
    if held is None or {share.supervisor for share in held.wpb} == {supervisor}:
        return 0
    return costs.move_supervisor


def load_cost(costs: Costs, rank: int) -> int:
    """The price of one more student for a workplace supervisor who guides so many already."""
    return costs.load[min(rank, len(costs.load) - 1)]
