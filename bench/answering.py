"""Who can answer an event: the incremental engine, as in the running matcher, or a fresh solve of the whole region."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from math import inf
from time import process_time
from typing import Protocol

from bench.changes import Holder
from services.matcher.adapters.solver.engine.answers import Cause
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.adapters.solver.engine.improving import Improvement
from services.matcher.adapters.solver.portfolio import AnytimeLimits, Board, Parts, solve_anytime
from services.matcher.adapters.solver.portfolio_parts import Annealing, SiteRounds
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region

FRESH, ENGINE = "a fresh solve each time", "the engine"
FRESH_S = 1.0
"""Seconds of one core for each fresh solve."""
ENGINE_REST = 8
"""Events between two improvements of the whole, about a second of work for 1,000 students: at five events a second there is time."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who lost their place to an event, withdrawn students left out, and what the plan costs against what held before it."""

    lost: frozenset[StudentId]
    certificate: Certificate


class Answering(Holder, Protocol):
    """Holds a region with its plan, and adopts its own answers."""

    @property
    def rest_every(self) -> int:
        """Events between two improvements; 0 for none."""

    @property
    def value(self) -> int:
        """What the plan costs from here on: promises broken and moves made on the way are not in it."""

    def answer(self, change: Change) -> Told:
        """Plan again after a change."""

    def improve(self, turn: int) -> None:
        """Improve the whole plan while nothing happens."""


@dataclass(slots=True)
class ByFreshSolve:
    """The whole region solved again after each event, starting from what holds."""

    region: Region
    rest_every: int = 0

    @property
    def value(self) -> int:
        return _value(self.region)

    def answer(self, change: Change) -> Told:
        region = applied(self.region, change)
        lost = drop_invalid(region, Plan(region.id, region.today, region.placements))[1]
        plan = solve_for(region, FRESH_S)
        self.region = replace(region, placements=plan.placements)
        students = (one.placement.student for one in lost)
        return Told(frozenset(one for one in students if one in region.students), _certificate(plan))

    def improve(self, turn: int) -> None:
        """Every answer has improved the whole."""


class ByEngine:
    """The incremental engine, which keeps its tables from event to event."""

    def __init__(self, region: Region, rest_every: int = ENGINE_REST) -> None:
        """Warm, so that no event waits for what can be looked up before."""
        self._engine, self.rest_every = Engine(region), rest_every
        self._engine.warm()

    @property
    def region(self) -> Region:
        return self._engine.region

    @property
    def value(self) -> int:
        return self._engine.value

    def answer(self, change: Change) -> Told:
        answer = self._engine.apply(change)
        lost = (one.student for one in answer.moved if one.has_lost and one.cause is not Cause.STUDENT_WITHDRAWN)
        return Told(frozenset(lost), answer.certificate)

    def improve(self, turn: int) -> None:
        self._engine.improve(turn, Improvement())


@contextmanager
def engine(region: Region, rest_every: int = ENGINE_REST) -> Iterator[Answering]:
    """A warm engine, as a server has it that has begun: else every event pays for the collector looking through the tables."""
    answering = ByEngine(region, rest_every)
    gc.collect()
    gc.freeze()
    try:
        yield answering
    finally:
        gc.unfreeze()


Opening = Callable[[Region], AbstractContextManager[Answering]]
WAYS: dict[str, Opening] = {
    FRESH: lambda region: nullcontext(ByFreshSolve(region)),
    ENGINE: engine,
}


def solve_for(region: Region, seconds: float) -> Plan:
    """Our solver for so many seconds of one core, all of them spent on plans."""
    end = process_time() + seconds
    return solve_anytime(region, AnytimeLimits(time_s=inf), stop=lambda: process_time() >= end, parts=_improvers)


def _improvers(_: Board) -> Parts:
    return Parts((Annealing(), SiteRounds()))


def _certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None
    return plan.certificate


def _value(region: Region) -> int:
    return sum(cost_parts(region, Plan(region.id, region.today, region.placements)).values())
