"""The regions in memory: one turn at a time changes them, and what is in memory is in the database too."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from services.matcher.domain.assembling import as_told, assemble, change_between
from services.matcher.domain.causes import told_causes
from services.matcher.domain.changes import Change, Suggestion
from services.matcher.domain.erasing import erased
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import Outcome
from services.matcher.domain.switching import Switching
from services.matcher.domain.waiting import waiting_on
from services.matcher.handlers.turns import Turn, plan_of, publish, snapshot_of
from services.matcher.ports import (
    UNKNOWN_NEWS,
    Commit,
    Effort,
    Held,
    NewPlan,
    Planned,
    Planner,
    RegionState,
    Step,
    Store,
    Watch,
)
from shared.messaging.record import Partition
from shared.messaging.retry import until_possible

T = TypeVar("T")
NEVER = 0
"""The stamp of a state that no step has led to."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A region at one moment, with the stamp of its state."""

    state: RegionState
    stamp: int

    def held(self) -> Held | None:
        """What planning begins with; None when there was nothing to plan for."""
        certificate = self.state.certificate
        region = assemble(self.state.facts, self.state.placements(), self.state.had())
        if region is None or certificate is None:
            return None
        return Held(region, certificate.bound, certificate.unplaced_bound)


class Memory:
    """What is known of each region, where the stream is, and the steps that lead from one plan to the next.

    Whoever changes anything holds `turn`. `news` is set when something changed, `unlooked` when it is to be looked at what people
    must know.
    """

    def __init__(self, store: Store, planner: Planner, watch: Watch) -> None:
        """Nothing is known yet."""
        self._store, self._planner, self._watch = store, planner, watch
        self.turn, self.news, self.unlooked = asyncio.Lock(), asyncio.Event(), asyncio.Event()
        self.positions: dict[Partition, int] = {}
        self._states: dict[RegionId, RegionState] = {}
        self._stamps: dict[RegionId, int] = {}
        self._next_stamp = itertools.count(NEVER + 1)
        self._left: dict[RegionId, tuple[RegionState, int]] = {}
        self.assigned: frozenset[int] = frozenset()

    @property
    def regions(self) -> Mapping[RegionId, RegionState]:
        """Those that are in memory."""
        return self._states

    def seen(self, region: RegionId) -> Seen | None:
        """A region as it is, once it was planned for since it came into memory."""
        stamp = self._stamps.get(region)
        return None if stamp is None else Seen(self._states[region], stamp)

    async def resume(self, partitions: Collection[Partition]) -> None:
        """Forget everything, since another worker may have been at it; the database tells where the stream goes on."""
        self._left = {region: (self._states[region], stamp) for region, stamp in self._stamps.items()}
        self._states.clear()
        self._stamps.clear()
        self.assigned = frozenset(one.number for one in partitions)
        self.positions = dict(await _persist(lambda: self._store.next_offsets(partitions)))

    async def state(self, region: RegionId) -> RegionState:
        """What is known of a region."""
        known = self._states.get(region)
        if known is not None:
            return known
        loaded = await _persist(lambda: self._store.load(region))
        before, stamp = self._left.pop(region, (None, NEVER))
        is_as_left = before is not None and replace(before, unlooked=loaded.unlooked) == loaded
        if before is not None and is_as_left:  # it knows better than the database what is still to be looked at
            loaded = before
        if loaded.facts.sequences:
            self._states[region] = loaded
        if loaded.unlooked is not None:
            self.unlooked.set()
        if loaded.version:  # where nobody else was at it meanwhile, planning goes on from what it has kept
            self._stamps[region] = stamp if is_as_left else next(self._next_stamp)
        return loaded

    async def all_regions(self) -> Collection[RegionId]:
        """Those that the database knows of."""
        return await _persist(self._store.regions)

    async def only(self, regions: Collection[RegionId]) -> None:
        """These are ours; of the others nothing is kept."""
        self._left.clear()
        self._watch.only([*self._states.values()])
        await self._planner.only({*regions, *self._states})

    async def homes(self, subjects: Collection[str]) -> dict[str, RegionId]:
        """The regions of those aggregates that were told of before."""
        known = {
            one: state.facts.id for state in self._states.values() for one in subjects & state.facts.sequences.keys()
        }
        unknown = frozenset(subjects) - known.keys()
        return {**known, **await _persist(lambda: self._store.regions_of(unknown))} if unknown else known

    async def repair(
        self, turn: Turn, before: RegionState, now: RegionState, touched: Touched, covers: Mapping[Partition, int]
    ) -> None:
        """Answer what was told since: `now` has the new facts, and still the plan of `before`."""
        region = now.facts.id
        is_whole = touched.everything or not before.facts.can_be_planned or before.is_behind
        switching = Switching(now.facts, now.places, now.switches, replace(touched, everything=is_whole))
        held, had = before.held(), before.had()
        if is_whole:
            work = Change(whole=assemble(now.facts, held.values(), had))
        else:
            work = change_between(before.facts, now.facts, touched, held, had)
        step = self._step(region, replace(work, deals=switching.deals))
        step = replace(step, wanted=switching.wanted)
        planned = await self._planner.plan(step, Seen(before, step.after).held)
        causes = told_causes(now.facts, touched, held, planned.outcome)
        planned = replace(planned, outcome=replace(planned.outcome, causes=causes))
        plan = plan_of(now, planned, {*touched.students, *(before.places if is_whole else ())}, had)
        switches = switching.told(as_told(now.facts), planned.outcome, planned.switches, plan.version)
        news = replace(touched, everything=is_whole)
        publish(turn, now, replace(plan, covers=dict(covers), switches=switches), news)
        turn.states[region] = replace(turn.states[region], is_behind=False)
        turn.stamps[region] = step.stamp
        if now.facts.today != before.facts.today:
            turn.snapshots.append(snapshot_of(turn.states[region]))

    def owe(self, turn: Turn, region: RegionId) -> None:
        """Planning has not followed what the turn makes of a region with a plan: the next one looks at the whole of it."""
        if region in self._stamps:
            turn.stamps[region] = next(self._next_stamp)
            turn.states[region] = replace(turn.states[region], is_behind=True)

    def look_anew(self, region: RegionId) -> None:
        """Of what nobody has looked at yet no more is known than that there is something, as when a worker begins."""
        self._states[region] = replace(self._states[region], unlooked=UNKNOWN_NEWS)

    def forget(self, turn: Turn, region: RegionId, students: Collection[StudentId]) -> None:
        """Take back all that was told about students who were erased; what counted them stays as it was."""
        for student in students:
            state = turn.states[region]
            gone = erased(region, student, state.places, state.switches, state.signals)
            turn.erased.append(gone)
            signals, subjects = {*gone.signals, *gone.untold}, gone.subjects
            turn.states[region] = replace(
                state,
                places={key: one for key, one in {**state.places, **gone.places}.items() if key != student},
                switches={key: one for key, one in {**state.switches, **gone.switches}.items() if key != student},
                signals={key: one for key, one in state.signals.items() if key not in signals},
                waiting={key: one for key, one in state.waiting.items() if not {key.subject, key.names} & {*subjects}},
            )

    def await_known(self, turn: Turn, before: RegionState, now: RegionState) -> RegionState:
        """The region with what waits in it for something unknown, which is looked at when a day begins; where none ever began, at
        first and by `tell_waiting`."""
        day = now.facts.today
        if day is None and not before.waiting:
            day = datetime.now(UTC).date()
        elif day == before.facts.today:
            return now
        assert day is not None, "a day that began is not taken back"
        turn.waiting[now.facts.id] = waiting_on(day, before.waiting, now.facts)
        return replace(now, waiting=turn.waiting[now.facts.id])

    async def tell_waiting(self, today: date) -> None:
        """What waits in regions in which no day begins, since they have no settings."""
        turn = Turn()
        for region, state in self._states.items():
            if state.facts.today is None:
                found = waiting_on(today, state.waiting, state.facts)
                if found != state.waiting:
                    turn.waiting[region], turn.states[region] = found, replace(state, waiting=found)
        if turn.waiting:
            await self.keep(turn, Commit(), always=True)

    async def adopt(self, turn: Turn, suggestion: Suggestion, seen: Seen, number: int) -> None:
        """Take over what still pays of a suggestion for what was seen; a plan only where that changes or proves something."""
        now = self.seen(seen.state.facts.id)
        if now is None or now.state.is_behind:
            return
        if now.stamp != seen.stamp:  # the same plan may have a later number, by which only signals were told
            suggestion = replace(suggestion, bound=0.0, unplaced_bound=0)
        step = self._step(now.state.facts.id, suggestion)
        planned = await self._planner.plan(step, now.held)
        turn.stamps[step.region] = step.stamp
        plan = plan_of(now.state, planned)
        if plan.changes or planned.certificate != now.state.certificate:
            effort = Effort.RENEW if suggestion.is_renewal else Effort.IMPROVE
            plan = replace(plan, effort=effort, turn=number, seen_version=seen.state.version)
            plan = replace(plan, proof_steps=suggestion.proof_steps)
            publish(turn, now.state, replace(plan, covers=dict(self.positions)), Touched())

    def look(self, turn: Turn, region: RegionId) -> None:
        """What people must know of a region, where nobody has looked at that yet: the plan stays as it is."""
        state = self._states.get(region)
        if state is None or state.unlooked is None or state.certificate is None:
            return
        without_place = sum(one.unplaced is not None for one in state.places.values())
        planned = Planned(Outcome(), state.certificate, without_place, 0.0)
        plan = NewPlan(region, state.version + 1, as_told(state.facts).today, planned, (), effort=Effort.SIGNALS)
        publish(turn, state, replace(plan, covers=dict(self.positions)), Touched())

    async def plan_anew(self, turn: Turn, region: RegionId) -> None:
        """Look at everything in a region again, whatever was kept of it; nothing where there is nothing to plan for."""
        state = await self.state(region)
        turn.states[region] = state
        if not state.facts.can_be_planned:
            return
        await self.repair(turn, state, state, Touched(everything=True), self.positions)
        turn.plans[-1] = replace(turn.plans[-1], effort=Effort.REBUILD)

    def _step(self, region: RegionId, work: Change | Suggestion) -> Step:
        """Each step leads to a stamp that was never used: what could not be kept is not taken for what was."""
        return Step(region, self._stamps.get(region, NEVER), next(self._next_stamp), work)

    async def keep(self, turn: Turn, commit: Commit, *, always: bool = False) -> None:
        """The turn in the database, then in memory; raises Conflict when another worker was first."""
        commit = replace(commit, plans=turn.plans, snapshots=tuple(turn.snapshots), waiting=turn.waiting)
        commit = replace(commit, erased=turn.erased, behind=self._behind(turn))
        if commit.after or commit.plans or always:
            await _persist(lambda: self._store.commit(commit, datetime.now(UTC)))
        self._states.update(turn.states)
        if any(one.unlooked is not None for one in turn.states.values()):
            self.unlooked.set()
        self._stamps.update(turn.stamps)
        self.positions.update(commit.after)
        self.news.set()
        self._watch.kept(commit, turn.states)

    def _behind(self, turn: Turn) -> dict[RegionId, bool]:
        """Which regions fall behind, or no longer are."""
        before = {one: one in self._states and self._states[one].is_behind for one in turn.states}
        return {one: state.is_behind for one, state in turn.states.items() if state.is_behind != before[one]}


async def _persist(attempt: Callable[[], Awaitable[T]]) -> T:
    """Tries until the database is there: nothing is read on before it is kept."""
    return await until_possible("database", attempt)
