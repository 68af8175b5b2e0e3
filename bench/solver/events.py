"""A plan that holds and events that hit it, one after another: repaired, or solved afresh each time."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median
from time import process_time
from typing import Any

from services.matcher.adapters.planning import plan_region
from services.matcher.adapters.solver.portfolio import AnytimeLimits, solve_anytime
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Absence, Region, Supervisor
from services.matcher.domain.vocabulary import Tier
from services.matcher.ports import Effort, Task

REPAIR, FRESH = "repair per event", "fresh solve per event"
FRESH_S = 1.0
"""Seconds of one core for each fresh solve."""
BETWEEN_REST = 10
"""Events between two improvements of the whole region: at five events a second, one every two seconds."""
HOURS = (0.5, 0.75, 1.25)

Answer = Callable[[Region, Touched], Plan]


@dataclass(frozen=True, slots=True)
class Answered:
    """One event: what its plan took and costs, who lost their place to it, and who else had to move."""

    what: str
    seconds: float
    value: int
    unplaced: int
    lost: int
    moved: int


@dataclass(frozen=True, slots=True)
class Chain:
    """All events of one way to answer, and what a fresh solve makes of the last state.

    Values are what a plan costs from here on: promises broken and moves made on the way are not in them.
    """

    answered: Sequence[Answered]
    value: int
    fresh_value: int

    def document(self) -> dict[str, Any]:
        """The figures that are kept."""
        times = sorted(one.seconds for one in self.answered)
        lost, moved = sum(one.lost for one in self.answered), sum(one.moved for one in self.answered)
        return {
            "events": len(times),
            "median_s": median(times),
            "p99_s": times[min(len(times) - 1, int(0.99 * len(times)))],
            "max_s": times[-1],
            "lost": lost,
            "moved": moved,
            "value": self.value,
            "unplaced": self.answered[-1].unplaced,
            "fresh_value": self.fresh_value,
            "drift": (self.value - self.fresh_value) / max(1, self.fresh_value),
        }


def repair(region: Region, touched: Touched) -> Plan:
    """As the running matcher does."""
    return plan_region(Task(region, touched, Effort.REPAIR)).plan


def solve_afresh(region: Region, touched: Touched) -> Plan:  # noqa: ARG001 - it looks at everything
    """The whole region again, starting from what holds."""
    return solve_for(region, FRESH_S)


def solve_for(region: Region, seconds: float) -> Plan:
    """Our solver for so many seconds of one core."""
    end = process_time() + seconds
    return solve_anytime(region, AnytimeLimits(time_s=inf), stop=lambda: process_time() >= end)


ANSWERS: dict[str, Answer] = {REPAIR: repair, FRESH: solve_afresh}


def play(region: Region, number: int, way: str, fresh_s: float) -> Chain:
    """Answer so many events in one way; repairs rest now and then, and the whole region is improved meanwhile."""
    answered = []
    for rank, (what, change) in enumerate(events(region, number), 1):
        changed, touched = change(region)
        lost = len(region.placements) - len(drop_invalid(changed, _plan(changed, changed.placements))[0].placements)
        begun = process_time()
        plan = ANSWERS[way](changed, touched)
        seconds = process_time() - begun
        moved = _moved(changed.placements, plan)
        if way == REPAIR and rank % BETWEEN_REST == 0:
            plan = plan_region(Task(_adopt(changed, plan), Touched(), Effort.IMPROVE)).plan
        region = _adopt(changed, plan)
        value, unplaced = _value(region), len(region.students) - len(region.placements)
        answered.append(Answered(what, seconds, value, unplaced, lost, max(0, moved - lost)))
    return Chain(answered, _value(region), _value_of(region, solve_for(region, fresh_s)))


def _plan(region: Region, placements: tuple[Placement, ...]) -> Plan:
    return Plan(region.id, region.today, placements)


def _adopt(region: Region, plan: Plan) -> Region:
    return replace(region, placements=plan.placements)


def _value(region: Region) -> int:
    return _value_of(region, _plan(region, region.placements))


def _value_of(region: Region, plan: Plan) -> int:
    return sum(cost_parts(region, plan).values())


def _moved(before: Sequence[Placement], plan: Plan) -> int:
    """Who had a place and has another or none."""
    now = plan.by_student()
    return sum(one.student not in now or not one.is_same_place(now[one.student]) for one in before)


Change = Callable[[Region], tuple[Region, Touched]]


def events(region: Region, number: int) -> Iterator[tuple[str, Change]]:
    """The same events for the same region, whatever the plan: absences, returns, hours, withdrawals, registrations."""
    draw = random.Random(f"{region.settings.seed}/events")
    people = sorted(name for name, one in region.supervisors.items() if one.tier is Tier.WPB)
    students = sorted(region.students)
    draw.shuffle(people)
    draw.shuffle(students)
    away: list[SupervisorId] = []
    for rank in range(number):
        match rank % 5:
            case 0 | 1:
                away.append(people[rank % len(people)])
                yield "absence", _person(away[-1], absences=(Absence(region.today),))
            case 2:
                yield "hours changed", _hours(people[rank % len(people)], draw.choice(HOURS))
            case 3:
                yield "withdrawal and registration", _successor(students[rank % len(students)], rank)
            case _:
                yield "return", _person(away.pop(0), absences=())


def _person(name: SupervisorId, *, absences: tuple[Absence, ...]) -> Change:
    return lambda region: _put(region, replace(region.supervisors[name], absences=absences))


def _hours(name: SupervisorId, factor: float) -> Change:
    def change(region: Region) -> tuple[Region, Touched]:
        person = region.supervisors[name]
        return _put(region, replace(person, qh={period: int(qh * factor) for period, qh in person.qh.items()}))

    return change


def _put(region: Region, person: Supervisor) -> tuple[Region, Touched]:
    changed = replace(region, supervisors={**region.supervisors, person.id: person})
    return changed, Touched(supervisors=frozenset({person.id}))


def _successor(name: StudentId, rank: int) -> Change:
    """One withdraws, and another with the same wishes registers."""

    def change(region: Region) -> tuple[Region, Touched]:
        newcomer = replace(region.students[name], id=StudentId(f"new{rank:05}"), together=(), apart=())
        students = {key: one for key, one in region.students.items() if key != name}
        kept = tuple(one for one in region.placements if one.student != name)
        changed = replace(region, students={**students, newcomer.id: newcomer}, placements=kept)
        return changed, Touched(students=frozenset({name, newcomer.id}))

    return change
