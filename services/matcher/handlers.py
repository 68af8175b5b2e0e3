"""The matcher's work: takes a batch of records, answers it with a plan, and commits both at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from services.matcher.domain.causes import told_causes
from services.matcher.domain.facts import Fact, Touched, assemble, fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.places import changes
from services.matcher.domain.plan import Certificate
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.region import Region
from services.matcher.domain.told import fact_of
from services.matcher.ports import Commit, Effort, NewPlan, Planned, Planner, RegionState, Store, Task
from shared.contracts.envelope import Event, UnreadableEvent
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import Partition, Record
from shared.messaging.retry import until_possible

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class _Batch:
    """What one batch has changed so far; `homes` tells to which region each aggregate belongs."""

    homes: dict[str, RegionId] = field(default_factory=dict)
    states: dict[RegionId, RegionState] = field(default_factory=dict)
    touched: dict[RegionId, Touched] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    parked: list[tuple[Record, str]] = field(default_factory=list)
    applied: list[Event | Tombstone] = field(default_factory=list)
    plans: list[NewPlan] = field(default_factory=list)


class Matcher:
    """Holds regions in memory; the database is the truth they are rebuilt from, after a restart and on assignment."""

    def __init__(self, store: Store, planner: Planner, inbox: Inbox, committed: Callable[[], None]) -> None:
        self._store = store
        self._planner = planner
        self._inbox = inbox
        self._committed = committed
        self._states: dict[RegionId, RegionState] = {}
        self._positions: dict[Partition, int] = {}
        self._turn = asyncio.Lock()
        self._improved: dict[RegionId, int] = {}
        self._handled_at = time.monotonic()

    async def resume(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Where to go on reading; forgets what is in memory, since another worker may have been at it."""
        async with self._turn:
            self._states.clear()
            self._improved.clear()
            self._positions = dict(await _persist(lambda: self._store.next_offsets(partitions)))
            return dict(self._positions)

    async def handle_batch(self, records: Sequence[Record]) -> None:
        """Facts, plans, parked records and offsets of a batch in one transaction; raises Conflict when fenced off."""
        async with self._turn:
            batch = _Batch()
            read = [(record, self._read(record)) for record in records]
            batch.homes = await self._homes({one.subject for _, one in read if not isinstance(one, UnreadableEvent)})
            for record, event in read:
                await self._take(batch, record, event)
            after = {record.partition: record.offset + 1 for record in records}
            covers = {**self._positions, **after}
            for region in sorted(batch.touched):
                await self._replan(batch, region, covers)
            before = {partition: self._positions[partition] for partition in after if partition in self._positions}
            commit = Commit(before, after, batch.facts, batch.parked, batch.plans)
            await _persist(lambda: self._store.commit(commit, datetime.now(UTC)))
            self._states.update(batch.states)
            self._positions.update(after)
            self._handled_at = time.monotonic()
        self._inbox.count_applied(batch.applied)
        self._committed()

    async def improve_when_idle(self, idle_s: float) -> None:
        """Improves one region after another while nothing arrives; publishes only what pays for its moves."""
        while True:
            await asyncio.sleep(idle_s)
            for region in list(self._states):
                if not self._turn.locked() and time.monotonic() - self._handled_at >= idle_s:
                    await self._improve(region)

    def _read(self, record: Record) -> Event | Tombstone | UnreadableEvent:
        try:
            return self._inbox.read(record)
        except UnreadableEvent as problem:
            return problem

    async def _homes(self, subjects: Collection[str]) -> dict[str, RegionId]:
        """The regions of those aggregates that were told of before."""
        known = {
            one: state.facts.id for state in self._states.values() for one in subjects & state.facts.sequences.keys()
        }
        unknown = frozenset(subjects) - known.keys()
        return {**known, **await _persist(lambda: self._store.regions_of(unknown))} if unknown else known

    async def _take(self, batch: _Batch, record: Record, event: Event | Tombstone | UnreadableEvent) -> None:
        try:
            if isinstance(event, UnreadableEvent):
                raise event
            fact = await self._erasure(batch, event) if isinstance(event, Tombstone) else fact_of(event)
            if fact is None:
                return
            await self._fold(batch, fact)
        except UnreadableEvent as problem:
            batch.parked.append((record, problem.reason))
        except RegionProblems as problems:
            batch.parked.append((record, f"cannot be planned with: {str(problems)[:300]}"))
        else:
            batch.applied.append(event)

    async def _fold(self, batch: _Batch, fact: Fact) -> None:
        home = batch.homes.get(fact.subject, fact.region)
        if home != fact.region:
            raise UnreadableEvent(f"{fact.subject} belongs to region {home}, not {fact.region}")
        state = await self._state(batch, fact.region)
        facts, touched = fold(state.facts, fact)
        batch.homes[fact.subject] = fact.region
        if facts is not state.facts:
            batch.facts.append(fact)
            batch.states[fact.region] = replace(state, facts=facts)
            batch.touched[fact.region] = batch.touched.get(fact.region, Touched()) | touched

    async def _erasure(self, batch: _Batch, tombstone: Tombstone) -> Fact | None:
        """The end of an aggregate that was erased; one that was never told of needs no erasing."""
        region = batch.homes.get(tombstone.subject)
        if region is None:
            return None
        known = (await self._state(batch, region)).facts.sequences.get(tombstone.subject, 0)
        return Fact(region, tombstone.subject, known + 1, None)

    async def _state(self, batch: _Batch, region: RegionId) -> RegionState:
        state = batch.states.get(region) or self._states.get(region)
        if state is None:
            state = batch.states[region] = await _persist(lambda: self._store.load(region))
        return state

    async def _replan(self, batch: _Batch, region: RegionId, covers: Mapping[Partition, int]) -> None:
        state, touched = batch.states[region], batch.touched[region]
        model = assemble(state.facts, state.placements())
        if model is None or not touched:
            return
        planned = await self._planner.plan(Task(model, touched, Effort.REPAIR))
        held = {one.student: one for one in state.placements()}
        causes = told_causes(state.facts, touched, held, planned.causes, planned.plan)
        planned = replace(planned, causes=causes)
        self._adopt(batch, state, _new_plan(state, model, planned, Effort.REPAIR, covers))

    def _adopt(self, batch: _Batch, state: RegionState, plan: NewPlan) -> None:
        certificate = plan.planned.plan.certificate
        if not plan.changes and certificate == state.certificate:
            return
        batch.plans.append(plan)
        places = {**state.places, **{change.place.student: change.place for change in plan.changes}}
        batch.states[plan.region] = replace(state, places=places, version=plan.version, certificate=certificate)

    async def _improve(self, region: RegionId) -> None:
        state = self._states.get(region)
        if state is None or self._improved.get(region) == state.version:
            return
        model = assemble(state.facts, state.placements())
        if model is None:
            return
        planned = await self._planner.plan(Task(model, Touched(everything=True), Effort.IMPROVE))
        certificate = planned.plan.certificate
        async with self._turn:
            if self._states.get(region) is not state:
                log.info("improvement came too late", region=region, version=state.version)
                return
            self._improved[region] = state.version
            if certificate is None or not _is_better(certificate, planned.value_before, state.certificate):
                return
            batch = _Batch()
            self._adopt(batch, state, _new_plan(state, model, planned, Effort.IMPROVE, self._positions))
            commit = Commit(plans=batch.plans)
            await _persist(lambda: self._store.commit(commit, datetime.now(UTC)))
            self._states.update(batch.states)
        self._committed()


def _is_better(found: Certificate, value_before: int, published: Certificate | None) -> bool:
    """It costs less than what holds, moves included, or proves more about the same."""
    return found.value < value_before or published is None or found.bound > published.bound


def _new_plan(
    state: RegionState, region: Region, planned: Planned, effort: Effort, covers: Mapping[Partition, int]
) -> NewPlan:
    version = state.version + 1
    changed = changes(state.places, region, planned.plan, planned.causes, version)
    return NewPlan(region.id, version, planned, changed, effort, dict(covers))


async def _persist(attempt: Callable[[], Awaitable[T]]) -> T:
    """Tries until the database is there: nothing is read on before it is kept."""
    return await until_possible("database", attempt)
