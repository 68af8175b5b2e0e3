"""`python -m bench.solver_events`: one event after another in an invented region, answered by the incremental engine.

Seconds are those of one core (CPU time), so that a busy machine does not show. Told are the time of an event, the students
moved who had not lost their place for each place that was lost, and how far the plan is from a fresh solve of the same state.
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from bench.results import RESULTS
from services.matcher.adapters.solver.engine.answers import Answer, Cause
from services.matcher.adapters.solver.engine.changes import Change, applied
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.adapters.solver.engine.improving import Improvement
from services.matcher.adapters.solver.portfolio import AnytimeLimits, Board, Parts, solve_anytime
from services.matcher.adapters.solver.portfolio_parts import Annealing, SiteRounds
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Absence, Region, Student
from services.matcher.domain.vocabulary import PlacementState
from simulator.report import percentile

WEIGHTS = {
    "register": 20,
    "absence": 25,
    "return": 12,
    "withdraw": 12,
    "hours": 10,
    "move": 10,
    "seats": 6,
    "settle": 5,
    "refuse": 5,
}
"""How often each kind of event comes, in percent or so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured; `drop` is the price of putting a published proposal out, so that a fresh solve does not do so lightly."""

    family: Family = Family.INCREMENTAL
    students: int = 2_000
    events: int = 200
    seed: int = 1
    first_s: float = 20.0
    fresh_s: float = 60.0
    improve_every: int = 4
    drop: int = 300_000
    check: bool = False


@dataclass(slots=True)
class Measured:
    """What came of it."""

    event_ms: list[tuple[str, float]] = field(default_factory=list)
    warm_s: float = 0.0
    improve_s: float = 0.0
    lost: int = 0
    placed_again: int = 0
    moved: int = 0
    moved_by_improving: int = 0
    refused: int = 0
    value: int = 0
    unplaced: int = 0
    fresh_value: int = 0
    fresh_unplaced: int = 0

    @property
    def drift(self) -> float:
        """How much more the plan costs than that of a fresh solve."""
        return (self.value - self.fresh_value) / max(1, self.fresh_value)

    def at(self, share: float) -> float:
        """Milliseconds within which this share of the events was answered."""
        return percentile(sorted(one for _, one in self.event_ms), share)


class Events:
    """Seeded events, each drawn for the region as it is."""

    def __init__(self, region: Region, seed: int) -> None:
        """Those who are away already may return."""
        self._draw, self._number = random.Random(seed), 0
        self._away = sorted(key for key, one in region.supervisors.items() if one.absences)

    def next(self, region: Region) -> tuple[str, Change]:
        """The kind of the event, and what it changes."""
        kind = self._draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        self._number += 1
        if kind == "return" and not self._away:
            kind = "absence"
        change: Change = getattr(self, f"_{kind}")(region)
        return kind, change

    def _register(self, region: Region) -> Change:
        one = region.students[self._draw.choice(sorted(region.students))]
        name = StudentId(f"new{self._number:05}")
        return _student(replace(self._elsewhere(one), id=name, wishes=(), together=(), apart=()))

    def _elsewhere(self, one: Student) -> Student:
        lat, lon = (self._draw.uniform(-0.05, 0.05) for _ in range(2))
        return replace(one, lat=one.lat + lat, lon=one.lon + lon)

    def _move(self, region: Region) -> Change:
        return _student(self._elsewhere(region.students[self._draw.choice(region.placements).student]))

    def _refuse(self, region: Region) -> Change:
        held = self._draw.choice(region.placements)
        one = region.students[held.student]
        return _student(replace(one, not_sites=(*one.not_sites, region.workplaces[held.workplace].site)))

    def _withdraw(self, region: Region) -> Change:
        return Change(students={self._draw.choice(sorted(region.students)): None})

    def _absence(self, region: Region) -> Change:
        one = self._draw.choice(sorted({share.supervisor for held in region.placements for share in held.wpb}))
        self._away.append(one)
        return Change(supervisors={one: replace(region.supervisors[one], absences=(Absence(region.today),))})

    def _return(self, region: Region) -> Change:
        one: SupervisorId = self._away.pop(self._draw.randrange(len(self._away)))
        return Change(supervisors={one: replace(region.supervisors[one], absences=())})

    def _hours(self, region: Region) -> Change:
        one = region.supervisors[self._draw.choice(sorted(region.supervisors))]
        part = self._draw.choice([0.5, 0.75, 1.25, 1.5])
        return Change(supervisors={one.id: replace(one, qh={period: int(qh * part) for period, qh in one.qh.items()})})

    def _seats(self, region: Region) -> Change:
        one, more = region.workplaces[self._draw.choice(sorted(region.workplaces))], self._draw.choice([-1, 1])
        seats = {period: max(0, seats + more) for period, seats in one.seats.items()}
        return Change(workplaces={one.id: replace(one, seats=seats)})

    def _settle(self, region: Region) -> Change:
        proposed = [one.student for one in region.placements if one.state is PlacementState.PROPOSED]
        return Change(states={self._draw.choice(proposed): PlacementState.SETTLED} if proposed else {})


def _student(one: Student) -> Change:
    return Change(students={one.id: one})


def measure(asked: Asked) -> Measured:
    """Solve the region once, answer the events with improving between them, and solve it afresh at the end."""
    found, engine = Measured(), Engine(_planned(asked))
    start = time.process_time()
    engine.warm()
    found.warm_s = time.process_time() - start
    gc.collect()
    gc.freeze()  # as a server does when it has begun: else every event pays for looking through the tables
    try:
        events = Events(engine.region, asked.seed)
        for number in range(1, asked.events + 1):
            _answer(engine, events, found, asked)
            if asked.improve_every and number % asked.improve_every == 0:
                _improve(engine, found, number // asked.improve_every)
    finally:
        gc.unfreeze()
    fresh = _solved(engine.region, asked.fresh_s)
    assert fresh.certificate is not None
    found.value, found.unplaced = engine.value, len(engine.plan().unplaced)
    found.fresh_value, found.fresh_unplaced = fresh.certificate.value, len(fresh.unplaced)
    return found


def _planned(asked: Asked) -> Region:
    region = invent(Wanted(asked.students, asked.family, asked.seed)).region
    costs = replace(region.settings.costs, drop_proposed=asked.drop)
    region = replace(region, settings=replace(region.settings, costs=costs))
    return replace(region, placements=_solved(region, asked.first_s).placements)


def _solved(region: Region, seconds: float) -> Plan:
    return solve_anytime(region, AnytimeLimits(time_s=seconds), parts=_improvers)


def _improvers(_: Board) -> Parts:
    """A fresh solve spends all its time on plans."""
    return Parts((Annealing(), SiteRounds()))


def _answer(engine: Engine, events: Events, found: Measured, asked: Asked) -> None:
    before = engine.region
    kind, change = events.next(before)
    start = time.process_time()
    answer = engine.apply(change)
    found.event_ms.append((kind, 1000 * (time.process_time() - start)))
    lost = [one for one in answer.moved if one.has_lost and one.cause is not Cause.STUDENT_WITHDRAWN]
    found.lost += len(lost)
    found.placed_again += sum(one.after is not None for one in lost)
    found.moved += sum(one.is_moved for one in answer.moved)
    if asked.check:
        _check(applied(before, change), engine, answer)


def _check(region: Region, engine: Engine, answer: Answer) -> None:
    plan = Plan(region.id, region.today, engine.region.placements)
    assert check(region, plan) == []
    assert cost_parts(region, plan) == dict(answer.certificate.parts)


def _improve(engine: Engine, found: Measured, turn: int) -> None:
    start = time.process_time()
    answer = engine.improve(turn, Improvement())
    found.improve_s += time.process_time() - start
    found.moved_by_improving += 0 if answer is None else sum(one.is_moved for one in answer.moved)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    options = argparse.ArgumentParser(prog="python -m bench.solver_events", description=__doc__)
    options.add_argument("--students", type=int, default=2_000)
    options.add_argument("--events", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--fresh", type=float, default=60.0, help="seconds of the fresh solve at the end")
    options.add_argument(
        "--improve-every", type=int, default=4, help="events between two turns of improving; 0 for none"
    )
    options.add_argument("--check", action="store_true", help="judge the whole plan after every event")
    options.add_argument("families", nargs="*", type=Family, default=[Family.INCREMENTAL])
    given = options.parse_args(arguments)
    names = (
        "family",
        "median ms",
        "p90",
        "p99",
        "max",
        "lost",
        "placed again",
        "moved",
        "per lost",
        "with improving",
        "value (k)",
        "unplaced",
        "fresh (k)",
        "unplaced",
        "drift",
    )
    table, kept = Table(*names, title=f"{given.events} events among {given.students:,} students"), {}
    for family in given.families:
        asked = Asked(
            family, given.students, given.events, given.seed, 20.0, given.fresh, given.improve_every, check=given.check
        )
        found = measure(asked)
        table.add_row(*_cells(family, found))
        kept[family.value] = {"asked": asdict(asked), "measured": asdict(found), "drift": found.drift}
    Console(width=170).print(table)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"solver_events-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(kept, indent=1) + "\n")
    print(path)


def _cells(family: Family, found: Measured) -> list[str]:
    times = [f"{found.at(share):.1f}" for share in (0.5, 0.9, 0.99, 1.0)]
    lost = max(1, found.lost)
    ratios = [f"{found.moved / lost:.2f}", f"{(found.moved + found.moved_by_improving) / lost:.2f}"]
    counts = [str(found.lost), str(found.placed_again), str(found.moved), *ratios]
    values = [
        f"{found.value / 1000:,.0f}",
        str(found.unplaced),
        f"{found.fresh_value / 1000:,.0f}",
        str(found.fresh_unplaced),
    ]
    return [family.value, *times, *counts, *values, f"{found.drift:.2%}"]


if __name__ == "__main__":
    main()
