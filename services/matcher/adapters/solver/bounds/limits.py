"""How much a bound may compute, how far it is, and what it found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.matcher.domain.ids import PeriodId, SupervisorId, WorkplaceId


@dataclass(frozen=True, slots=True)
class BoundLimits:
    """Rounds of cuts, interior point iterations, nodes of a search and steps of prices: no clock among them."""

    rounds: int = 8
    iterations: int = 400
    nodes: int = 2_000
    steps: int = 12


@dataclass(frozen=True, slots=True)
class Prices:
    """By how much one more quarter hour of a supervisor, or one more seat at a workplace, lowers the bound at most, per period.

    The cheapest plan may fall by that and the gap.
    """

    hours: Mapping[tuple[SupervisorId, PeriodId], float] = field(default_factory=dict)
    seats: Mapping[tuple[WorkplaceId, PeriodId], float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundResult:
    """No allowed plan costs less than `bound` or leaves fewer than `unplaced_bound` without a place.

    `is_exact` says that the incumbent reaches the bound, so that no plan is cheaper.
    """

    bound: float
    unplaced_bound: int
    prices: Prices
    seconds: float
    is_exact: bool


OnProgress = Callable[[BoundResult], None]
