"""Events on a plan that holds, one after another, and what answering them came to.

Seconds are those of one core (CPU time), so that a busy machine does not show.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from time import process_time
from typing import Any

from rich.table import Table

from bench.answering import Answering, Opening, Told, solve_for
from bench.changes import Event
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from simulator.report import percentile

FIGURES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "events": lambda one: str(one["events"]),
    "an event, median ms": lambda one: f"{1000 * one['median_s']:,.1f}",
    "p90 ms": lambda one: f"{1000 * one['p90_s']:,.1f}",
    "p99 ms": lambda one: f"{1000 * one['p99_s']:,.1f}",
    "max ms": lambda one: f"{1000 * one['max_s']:,.1f}",
    "places lost": lambda one: str(one["lost"]),
    "of whom placed again": lambda one: str(one["placed_again"]),
    "others moved": lambda one: str(one["moved"]),
    "others moved, per place lost": lambda one: f"{one['moved'] / max(1, one['lost']):.2f}",
    "with those that improving moved": lambda one: (
        f"{(one['moved'] + one['moved_by_improving']) / max(1, one['lost']):.2f}"
    ),
    "value (k) in the end": lambda one: f"{one['value'] / 1000:,.1f}",
    "unplaced": lambda one: str(one["unplaced"]),
    "value (k) of a fresh solve": lambda one: f"{one['fresh_value'] / 1000:,.1f}",
    "unplaced in it": lambda one: str(one["fresh_unplaced"]),
    "above it (drift)": lambda one: f"{one['drift']:.2%}",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One event: what its answer took, who lost their place to it and has one again, who else had to move, and the plan then."""

    what: str
    seconds: float
    lost: int
    placed_again: int
    moved: int
    value: int
    unplaced: int


@dataclass(slots=True)
class Chain:
    """All events that somebody answered, and what a fresh solve makes of the last state."""

    answered: list[Answered] = field(default_factory=list)
    warm_s: float = 0.0
    improve_s: float = 0.0
    moved_by_improving: int = 0
    value: int = 0
    unplaced: int = 0
    fresh_value: int = 0
    fresh_unplaced: int = 0

    @property
    def drift(self) -> float:
        """How much more the plan costs than that of a fresh solve."""
        return (self.value - self.fresh_value) / max(1, self.fresh_value)

    def document(self) -> dict[str, Any]:
        """The figures that are kept."""
        times = sorted(one.seconds for one in self.answered)
        shares = {"median_s": 0.5, "p90_s": 0.9, "p99_s": 0.99, "max_s": 1.0}
        return {
            "events": len(times),
            **{name: percentile(times, share) for name, share in shares.items()},
            **{name: sum(getattr(one, name) for one in self.answered) for name in ("lost", "placed_again", "moved")},
            "moved_by_improving": self.moved_by_improving,
            "warm_s": self.warm_s,
            "improve_s": self.improve_s,
            "value": self.value,
            "unplaced": self.unplaced,
            "fresh_value": self.fresh_value,
            "fresh_unplaced": self.fresh_unplaced,
            "drift": self.drift,
        }


def play(
    way: Opening,
    region: Region,
    events: Callable[[Answering], Iterable[Event]],
    fresh_s: float,
    *,
    is_checked: bool = False,
) -> Chain:
    """Answer the events in one way, resting now and then while the whole is improved; a fresh solve at the end."""
    chain, begun = Chain(), process_time()
    with way(region) as answering:
        chain.warm_s = process_time() - begun
        for rank, (what, change) in enumerate(events(answering), 1):
            before, begun = answering.region, process_time()
            told = answering.answer(change)
            seconds, after = process_time() - begun, answering.region
            if is_checked:
                _check(before, change, after, told)
            if answering.rest_every and rank % answering.rest_every == 0:
                _improve(answering, chain, rank // answering.rest_every)
            again = len(told.lost & {one.student for one in after.placements})
            moved = _moved(before, after, told.lost)
            state = answering.value, _unplaced(answering.region)
            chain.answered.append(Answered(what, seconds, len(told.lost), again, moved, *state))
        region, chain.value = answering.region, answering.value
    fresh = solve_for(region, fresh_s)
    chain.unplaced, chain.fresh_unplaced = _unplaced(region), len(region.students) - len(fresh.placements)
    chain.fresh_value = sum(cost_parts(region, fresh).values())
    return chain


def _improve(answering: Answering, chain: Chain, turn: int) -> None:
    before, begun = answering.region, process_time()
    answering.improve(turn)
    chain.improve_s += process_time() - begun
    chain.moved_by_improving += _moved(before, answering.region, ())


def _check(before: Region, change: Change, after: Region, told: Told) -> None:
    """The checker finds nothing in the whole plan, and the same cost."""
    region = applied(before, change)
    plan = Plan(region.id, region.today, after.placements)
    assert check(region, plan) == []
    assert cost_parts(region, plan) == dict(told.certificate.parts)


def _moved(before: Region, after: Region, lost: Collection[StudentId]) -> int:
    """Who lost nothing, and yet has another workplace, other periods, another guide, or none; a new trainer is no move."""
    now = {one.student: one for one in after.placements}
    stayed = (one for one in before.placements if one.student in after.students and one.student not in lost)
    return sum(not _is_same(one, now.get(one.student)) for one in stayed)


def _is_same(one: Placement, other: Placement | None) -> bool:
    return other is not None and one.is_same_place(other) and one.has_same_wpb(other)


def _unplaced(region: Region) -> int:
    return len(region.students) - len(region.placements)


def table(of: str, chains: Mapping[str, Mapping[str, Any]]) -> Table:
    """The figures of one region, a column for each way to answer."""
    found = Table(of, *(f"by {name}" for name in chains), title="events on a plan that holds")
    for name, figure in FIGURES.items():
        found.add_row(name, *(figure(one) for one in chains.values()))
    return found
