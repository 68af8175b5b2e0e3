"""The matcher's store in memory, and planners without processes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.planning import Desk
from services.matcher.domain.changes import Change, Suggestion
from services.matcher.domain.erasing import Erased
from services.matcher.domain.facts import Fact, RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import Outcome, Place
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.switches import Switch
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import UNKNOWN_NEWS, Base, Commit, Held, NewPlan, Planned, RegionState, Step
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import Contract
from shared.errors import Conflict, TransientError
from shared.messaging.record import Partition, Record


@dataclass
class MemoryStore:
    """Keeps facts, places, plans and offsets in dictionaries; `away` is how often it is to be away before it answers."""

    facts: dict[str, Fact] = field(default_factory=dict)
    places: dict[StudentId, tuple[RegionId, Place]] = field(default_factory=dict)
    switches: dict[StudentId, tuple[RegionId, Switch]] = field(default_factory=dict)
    plans: dict[RegionId, list[NewPlan]] = field(default_factory=dict)
    offsets: dict[Partition, int] = field(default_factory=dict)
    parked: list[tuple[Record, str]] = field(default_factory=list)
    published: list[Contract] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    waiting: dict[RegionId, Mapping[Missing, Waiting]] = field(default_factory=dict)
    away: int = 0
    signals: dict[str, tuple[RegionId, Signal]] = field(default_factory=dict)
    erased: list[Erased] = field(default_factory=list)
    aside: dict[tuple[Partition, int], bool] = field(default_factory=dict)
    behind: dict[RegionId, bool] = field(default_factory=dict)

    async def load(self, region: RegionId) -> RegionState:
        facts = fold(RegionFacts(region), (fact for fact in self.facts.values() if fact.region == region))
        known = {student: place for student, (where, place) in self.places.items() if where == region}
        if region not in self.plans:
            return RegionState(facts, known, waiting=self.waiting.get(region, {}))
        last = self.plans[region][-1]
        switches = {student: switch for student, (where, switch) in self.switches.items() if where == region}
        signals = {name: signal for name, (where, signal) in self.signals.items() if where == region}
        waiting = self.waiting.get(region, {})
        unlooked = None if last.is_looked_at else UNKNOWN_NEWS
        certificate = last.planned.certificate
        is_behind = self.behind.get(region, False)
        return RegionState(facts, known, switches, signals, last.version, certificate, waiting, unlooked, is_behind)

    async def regions(self) -> Collection[RegionId]:
        return {fact.region for fact in self.facts.values()}

    async def regions_of(self, subjects: Collection[str]) -> Mapping[str, RegionId]:
        return {subject: self.facts[subject].region for subject in subjects if subject in self.facts}

    async def next_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        return {partition: self.offsets[partition] for partition in partitions if partition in self.offsets}

    async def commit(self, commit: Commit, now: datetime) -> None:
        if self.away:
            self.away -= 1
            raise TransientError("the database is away")
        for partition in commit.after:
            if self.offsets.get(partition) != commit.before.get(partition):
                raise Conflict("offset-moved", str(partition))
        for plan in commit.plans:
            if plan.version != len(self.plans.get(plan.region, ())) + 1:
                raise Conflict("plan-replaced", plan.region)
        self.commits.append(commit)
        self.offsets.update(commit.after)
        self.facts.update({fact.subject: fact for fact in commit.facts})
        self.parked += commit.parked
        self.aside |= {(one.partition, one.offset): False for one, _ in commit.parked}
        self.aside |= {(one.partition, one.offset): True for one in commit.unplanned}
        self.behind.update(commit.behind)
        self.waiting.update(commit.waiting)
        for plan in commit.plans:
            self.plans.setdefault(plan.region, []).append(plan)
            self.places.update({change.place.student: (plan.region, change.place) for change in plan.changes})
            self.switches.update({change.switch.student: (plan.region, change.switch) for change in plan.switches})
            self.signals.update({one.signal.id: (plan.region, one.signal) for one in plan.signals})
            self.published += plan.events
        for gone in commit.erased:
            self.erased.append(gone)
            self.places.pop(gone.student, None)
            self.switches.pop(gone.student, None)
            for signal in (*gone.signals, *gone.untold):
                self.signals.pop(signal, None)
            self.places.update({one: (gone.region, place) for one, place in gone.places.items()})
            self.switches.update({one: (gone.region, switch) for one, switch in gone.switches.items()})
            for region, waiting in self.waiting.items():
                self.waiting[region] = {
                    key: one for key, one in waiting.items() if not {key.subject, key.names} & {*gone.subjects}
                }


class DirectPlanner(OwnProcess):
    """Plans in this process; `before` is awaited before every answer, and may raise; `steps` and `looks` were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[Step | int], Any] | None = None
        self.steps: list[Step] = []
        self.looks: list[RegionId] = []

    async def plan(self, step: Step, base: Base) -> Planned:
        self.steps.append(step)
        if self.before is not None:
            await self.before(step)
        return await super().plan(step, base)

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        self.looks.append(region)
        if self.before is not None:
            await self.before(turn)
        return await super().suggest(region, stamp, turn, base)


def outcome_of(plan: Plan, causes: Mapping[StudentId, MoveCause] | None = None) -> Outcome:
    """What a whole plan makes of everybody."""
    return Outcome(plan.by_student(), {one.student: one for one in plan.unplaced}, causes or {})


def planned_anew(region: Region) -> Planned:
    """The plan of a region that is looked at as a whole, as after another day has begun."""
    desk = Desk()
    desk.begin(region.id, 0, Held(region))
    return desk.take(Step(region.id, 0, 1, Change(whole=region)))
