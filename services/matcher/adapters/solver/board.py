"""The board of a solve: the best allowed plan and the best bound so far, and who may write on it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from threading import Lock
from typing import Protocol

import structlog

from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.explanation import explain
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region

log = structlog.get_logger(__name__)

NOISE = 1e-6
PRIMARY = ("unplaced", "fairness", "promises")
"""The parts of the primary cost."""
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a part in a solve: how many it had before, and the seed of this one; never a clock."""

    number: int
    seed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known so far: the best allowed plan and what is proven about every plan."""

    seconds: float
    stage: str
    plan: Plan
    value: int
    bound: float
    unplaced: int
    unplaced_bound: int

    @property
    def gap(self) -> float:
        """As in a certificate."""
        return (self.value - self.bound) / max(1, self.value)


class Board:
    """The best plan and bound so far; improvers and bounders read it and write on it, from any thread.

    Plans on the board need no reasons for who is unplaced: `certified` sees to these.
    """

    def __init__(
        self, region: Region, on_progress: Callable[[Progress], None], stop: Stop, begin: Plan | None = None
    ) -> None:
        """Start from a plan that is allowed, or else from what holds today as far as that is."""
        self.region = region
        self.bound, self.unplaced_bound, self.primary_bound = 0.0, 0, 0
        self.best = begin or drop_invalid(region, Plan(region.id, region.today, region.placements))[0]
        self.value = sum(cost_parts(region, self.best).values())
        self.should_stop: Stop = lambda: stop() or self.is_proven
        self._on_progress, self._started, self._lock = on_progress, time.perf_counter(), Lock()
        self.tell("start")

    def offer(self, plan: Plan, stage: str) -> bool:
        """Keep a plan that the checker allows and that costs less; tell whether it was kept."""
        value = sum(cost_parts(self.region, plan).values())
        with self._lock:
            if value >= self.value or not is_allowed(self.region, plan):
                return False
            self.best, self.value = plan, value
            self.tell(stage)
            return True

    def prove(self, bound: float, unplaced_bound: int, stage: str) -> None:
        """Keep a bound on the cost and on the unplaced of every allowed plan; costs are whole points, so round it up."""
        with self._lock:
            rounded = float(ceil(bound - NOISE))
            if rounded <= self.bound and unplaced_bound <= self.unplaced_bound:
                return
            self.bound = max(self.bound, rounded)
            self.unplaced_bound = max(self.unplaced_bound, unplaced_bound)
            self.tell(stage)

    def prove_primary(self, bound: int, stage: str) -> None:
        """Keep a bound on what who is left out, fairness and broken promises cost together; all else costs at least 0."""
        with self._lock:
            self.primary_bound = max(self.primary_bound, bound)
        self.prove(float(bound), 0, stage)

    @property
    def primary(self) -> int:
        """What the best plan costs in who is left out, fairness and broken promises."""
        parts = cost_parts(self.region, self.best)
        return sum(parts[name] for name in PRIMARY)

    @property
    def is_primary_proven(self) -> bool:
        """No allowed plan has a lower primary cost than the best one."""
        return 0 < self.primary <= self.primary_bound

    @cached_property
    def atlas(self) -> Atlas:
        """The region's look-up tables, made once for all parts."""
        return Atlas(self.region)

    @cached_property
    def places(self) -> Mapping[StudentId, Sequence[Place]]:
        """Where each student could be with the help of every lever, found once for all parts."""
        openings = Openings(self.atlas)
        return {one: openings.of(self.region.students[one]) for one in sorted(self.region.students)}

    @property
    def is_proven(self) -> bool:
        """No allowed plan costs less than the best one."""
        return self.bound >= self.value

    def tell(self, stage: str) -> None:
        """How it stands now, for who watches."""
        unplaced = len(self.region.students) - len(self.best.placements)
        seconds = time.perf_counter() - self._started
        self._on_progress(Progress(seconds, stage, self.best, self.value, self.bound, unplaced, self.unplaced_bound))


class Part(Protocol):
    """Looks for better plans, or proves what no plan can do."""

    @property
    def next_work(self) -> float:
        """About how much the next turn takes, where that is known before."""
        ...

    def take(self, board: Board, turn: Turn) -> float | None:
        """Offer better plans than the board's best or prove bounds; end early when the board says stop.

        The work that it took, counted in what are about seconds of one core; None when it has nothing more to say.
        """
        ...


def certified(region: Region, plan: Plan, bound: float, unplaced_bound: int) -> Plan:
    """The plan with a reason for everybody unplaced, and the certificate of the checker's own sum and these bounds."""
    whole = plan if not check_reasons(region, plan) else with_reasons(region, plan)
    parts: Mapping[str, int] = cost_parts(region, whole)
    return replace(whole, certificate=Certificate.of(parts, bound, unplaced_bound))


def with_reasons(region: Region, plan: Plan) -> Plan:
    """The plan with the reason of everybody without a place."""
    ledger = Ledger(Atlas(region), plan.placements)
    without = (one for one in sorted(region.students) if one not in ledger.placed)
    return replace(plan, unplaced=tuple(explain(ledger, region.students[one]) for one in without))


def is_allowed(region: Region, plan: Plan) -> bool:
    """The checker finds nothing; what it finds is a bug, and logged."""
    violations = check(region, plan)
    if violations:
        log.error("plan refused", region=region.id, violations=[one.message for one in violations[:5]])
    return not violations
