"""How a country's solve stands, as a whole and in each part."""

from dataclasses import dataclass

from services.matcher.adapters.solver.board import Progress
from services.matcher.adapters.solver.country.prices import Prices, Pricing, Proven
from services.matcher.adapters.solver.country.state import State


@dataclass(frozen=True, slots=True)
class PartProgress:
    """How one part stands: who is at home there, how many of them have no place, and what is proven about them.

    Value and bound are in the prices at which the bound was proven, so groups count by one price for each more left out.
    They are shares of a sum: only together do the bounds hold, since a part's students may have their place in another.
    """

    name: str
    students: int
    unplaced: int
    unplaced_bound: int
    value: int
    bound: int

    @property
    def gap(self) -> float:
        """As in a certificate, where the part's students cost more than its share of the bound."""
        return max(0, self.value - self.bound) / max(1, self.value)


@dataclass(frozen=True, slots=True)
class CountryProgress(Progress):
    """How the whole stands; at the end of a stage also each part."""

    parts: tuple[PartProgress, ...] = ()
    core_seconds: float = 0.0
    """What the tasks so far have taken of all cores together."""
    megabytes: float = 0.0
    """The most memory that one of the processes has held."""
    stages: int = 0
    """Stages that are over."""


def part_progress(state: State, pricing: Pricing, proven: Proven, prices: Prices | None) -> tuple[PartProgress, ...]:
    """Each part, with what its own students cost wherever they are."""
    slopes = state.groups.slopes(state.left) if prices is None else prices.slopes
    found = []
    for part, name in enumerate(state.division.names):
        own = pricing.own(part)
        without = [one for one in own if one not in state.placed]
        value = state.cost_of(own) + sum(slopes[group] for one in without for group in state.groups.of[one])
        bound, least = proven.of_parts[part], proven.unplaced_of_parts[part]
        found.append(PartProgress(name, len(own), len(without), max(0, least), value, max(0, bound)))
    return tuple(found)
