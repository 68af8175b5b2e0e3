"""The matcher's work: takes a batch of records, answers it with a plan, and commits both at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import inf

import structlog

from services.matcher.domain import limits
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.handlers.batch import Batch, Read, read_all, subjects_of
from services.matcher.handlers.blaming import Blame, Fault
from services.matcher.handlers.going_round import Round
from services.matcher.handlers.memory import Memory, Seen
from services.matcher.handlers.turns import Turn
from services.matcher.handlers.unwatched import Unwatched
from services.matcher.ports import CannotPlanNow, Commit, Handled, NoAllowedPlan, Planner, Store, Watch
from shared.contracts.envelope import UnreadableEvent
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import Partition, Record

FEW = 2
"""More events than this in one batch came faster than they are answered one by one."""
LATER_S = 1.0
"""What people must know of events that came together is looked at so much later, once for all of them."""
CATCH_UP_S = 30.0
"""So often it is tried whether a region whose plan is owed can be planned for."""
QUIET_S, LONGEST_WAIT_S = 1.0, 10.0
"""Events come together until for so long no batch held more than a few of them: improving waits for that, and at most so long for one
turn."""

log = structlog.get_logger(__name__)


class Matcher:
    """Answers what the stream tells, and improves the plans beside that."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        inbox: Inbox,
        committed: Callable[[], None],
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch or Unwatched()
        self.memory = Memory(store, planner, self._watch)
        self._planner = planner
        self._inbox = inbox
        self._committed = committed
        self._turns: Counter[RegionId] = Counter()
        self._done: dict[RegionId, int] = {}
        self._resumed = asyncio.Event()
        self._crowded_at = -inf
        self.is_prepared = False

    async def resume(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Where to go on reading."""
        async with self.memory.turn:
            await self.memory.resume(partitions)
            self.is_prepared = False
            self._resumed.set()
            return dict(self.memory.positions)

    async def handle_batch(self, records: Sequence[Record]) -> None:
        """Answers a batch; while events come together it is looked at later what people must know of them. Raises Conflict when fenced off."""
        now = time.monotonic()
        if len(records) > FEW:
            self._crowded_at = now
        await self.answer(records, is_looked_at=now - self._crowded_at >= QUIET_S)

    async def answer(self, records: Sequence[Record], *, is_looked_at: bool) -> None:
        """Facts, plans, parked records and offsets of a batch in one transaction; raises Conflict when fenced off.

        Where planning fails with all of it each record is answered alone. It is parked where that is its own fault, and tried again
        where it is the machine's; where it is that of its region only its facts are kept, and the plan is owed.
        """
        read = read_all(self._inbox, records)
        async with self.memory.turn:
            try:
                await self._answered(records, read, is_looked_at=is_looked_at)
            except (NoAllowedPlan, CannotPlanNow) as refusal:
                log.warning("a batch is answered record by record", records=len(records), refusal=str(refusal))
                for one in read:
                    await self._answered_alone(one, is_looked_at=is_looked_at)

    async def _answered(
        self,
        records: Sequence[Record],
        read: Sequence[tuple[Record, Read]],
        *,
        is_looked_at: bool,
        is_planned: bool = True,
    ) -> None:
        with self._watch.working():
            batch = await self._answer(records, read, Turn(is_looked_at=is_looked_at, is_planned=is_planned))
        self._inbox.count_applied(batch.applied)
        self._watch.handled(Handled(len(records), batch.outcomes))
        self._committed()

    async def _answered_alone(self, one: tuple[Record, Read], *, is_looked_at: bool) -> None:
        """One record, as often as it takes. An erasure is carried out whatever is planned with it."""
        record, event = one
        origin = f"{record.partition.topic}/{record.partition.number}/{record.offset}"
        blame = Blame(self._planner, self._watch, origin)
        while True:
            try:
                await self._answered([record], [one], is_looked_at=is_looked_at)
                return
            except (NoAllowedPlan, CannotPlanNow) as problem:
                fault, refusal = await blame.of(problem, await self._planned_before(event)), str(problem)
            if fault is not Fault.OF_MACHINE:
                break
        if fault is Fault.OF_REGION or isinstance(event, Tombstone):
            log.error("an event is kept without a plan", origin=origin, refusal=refusal)
            await self._answered([record], [one], is_looked_at=is_looked_at, is_planned=False)
            return
        log.error("no plan is allowed with an event", origin=origin, refusal=refusal)
        refused = UnreadableEvent(f"no plan is allowed with it: {refusal}")
        await self._answered([record], [(record, refused)], is_looked_at=is_looked_at)

    async def _planned_before(self, event: Read) -> Seen | None:
        """The region of an event as it is without it; None where it has no plan."""
        assert not isinstance(event, UnreadableEvent), "what cannot be read is planned for by nobody"
        homes = await self.memory.homes({event.subject})
        region = homes.get(event.subject) if isinstance(event, Tombstone) else RegionId(event.region)
        return None if region is None else self.memory.seen(region)

    async def keep_only(self, record: Record) -> None:
        """The facts of a record without a plan, as they were kept when planning failed with it."""
        async with self.memory.turn:
            await self._answered([record], read_all(self._inbox, [record]), is_looked_at=False, is_planned=False)

    async def _answer(self, records: Sequence[Record], read: Sequence[tuple[Record, Read]], turn: Turn) -> Batch:
        memory = self.memory
        batch = Batch(await memory.homes(subjects_of(read)), memory.state, self._inbox.must_lie_here)
        for record, event in read:
            await batch.take(record, event)
        after = {record.partition: record.offset + 1 for record in records}
        for before, now, touched in batch.regions():
            now = memory.await_known(turn, before, now)
            turn.states[now.facts.id] = now
            if touched and now.facts.can_be_planned and turn.is_planned:
                await memory.repair(turn, before, now, touched, {**memory.positions, **after})
            elif touched and not turn.is_planned:
                memory.owe(turn, now.facts.id)
            memory.forget(turn, now.facts.id, batch.erased.get(now.facts.id, ()))
        known = {partition: memory.positions[partition] for partition in after if partition in memory.positions}
        commit = Commit(known, after, batch.facts, batch.parked, told=batch.told - {one.region for one in turn.plans})
        await memory.keep(turn, commit if turn.is_planned else replace(commit, unplanned=records))
        return batch

    async def prepare(self, number_of: Callable[[RegionId], int]) -> None:
        """Loads every region of the partitions that were assigned, then has planning get ready for each; never ends.

        Once all are loaded every event is answered: of a region for which planning is not ready yet, a second later.
        """
        while True:
            await self._resumed.wait()
            self._resumed.clear()
            assigned = self.memory.assigned
            mine = [one for one in await self.memory.all_regions() if number_of(one) in assigned]
            if await self._for_each(mine, self._load):
                await self.memory.only(mine)
                self.is_prepared = True
                await self._for_each(mine, self._get_ready)
                self.memory.news.set()

    async def _for_each(self, regions: Sequence[RegionId], do: Callable[[RegionId], Awaitable[None]]) -> bool:
        """False when partitions were assigned anew meanwhile, so that all of it begins again."""
        for region in sorted(regions):
            if self._resumed.is_set():
                return False
            await do(region)
        return not self._resumed.is_set()

    async def _load(self, region: RegionId) -> None:
        async with self.memory.turn:
            await self.memory.state(region)

    async def _get_ready(self, region: RegionId) -> None:
        seen = self.memory.seen(region)
        if seen is None:
            return
        try:
            await self._planner.begin(region, seen.stamp, seen.held)
        except (NoAllowedPlan, CannotPlanNow) as refusal:
            log.error("planning cannot get ready", region=region, refusal=str(refusal))

    async def plan_anew(self, region: RegionId) -> None:
        """Looks at everything in a region again, and publishes what differs; raises Conflict when fenced off."""
        async with self.memory.turn:
            turn = Turn()
            await self.memory.plan_anew(turn, region)
            await self.memory.keep(turn, Commit(), always=True)
        self._committed()

    async def catch_up(self) -> None:
        """Plans now and then for regions whose plan is owed, where no event comes that has it done; never ends."""
        while True:
            await asyncio.sleep(CATCH_UP_S)
            for region in [one for one, state in self.memory.regions.items() if state.is_behind]:
                try:
                    await self.plan_anew(region)
                except (NoAllowedPlan, CannotPlanNow) as problem:
                    log.error("the plan of a region is owed", region=region, problem=str(problem))

    async def look_later(self) -> None:
        """Looks at what people must know of events that came together, a moment later and once for all of them; never ends."""
        while True:
            await self.memory.unlooked.wait()
            self.memory.unlooked.clear()
            await asyncio.sleep(LATER_S)
            for region in [one for one, state in self.memory.regions.items() if state.unlooked is not None]:
                await self.look(region)

    async def look(self, region: RegionId) -> None:
        """Tells what people must know and nobody has looked at yet; raises Conflict when fenced off."""
        async with self.memory.turn:
            turn = Turn()
            self.memory.look(turn, region)
            if not turn.plans:
                return
            await self.memory.keep(turn, Commit())
        self._committed()

    async def tell_waiting(self, today: date) -> None:
        """Tells what has waited long in regions without settings: no day begins there."""
        async with self.memory.turn:
            await self.memory.tell_waiting(today)

    async def improve(self) -> None:
        """Improves one region after another, until nothing better is found; never ends."""
        going_round = Round(limits.REGIONS_AT_HAND)
        while True:
            self.memory.news.clear()
            has_improved = False
            wanting = {one: seen.stamp for one in self.memory.regions if (seen := self._to_improve(one)) is not None}
            for region in going_round.of(wanting):
                if self._to_improve(region) is not None:
                    await self._until_quiet()
                if (
                    seen := self._to_improve(region)
                ) is not None:  # as it is by now: an older state would be built anew
                    has_improved = True
                    await self._improve(seen)
            if not has_improved:
                await self.memory.news.wait()

    def _to_improve(self, region: RegionId) -> Seen | None:
        """A region as it is, unless there is nothing left to improve in it, or its plan is owed."""
        seen = self.memory.seen(region)
        is_at_rest = seen is None or seen.state.is_behind or self._done.get(region) == seen.stamp
        return None if is_at_rest else seen

    async def _until_quiet(self) -> None:
        """Waits while events come together: then whoever answers them needs the processor, and what was found would be old at once."""
        latest = time.monotonic() + LONGEST_WAIT_S
        while (wait_s := min(latest, self._crowded_at + QUIET_S) - time.monotonic()) > 0:  # noqa: ASYNC110 - the moment moves on meanwhile
            await asyncio.sleep(wait_s)

    async def _improve(self, seen: Seen) -> None:
        """One turn: publishes what it finds only when that pays for its moves; what is refused is left alone until something changes."""
        region = seen.state.facts.id
        number = self._turns[region]
        self._turns[region] += 1
        try:
            found = await self._planner.suggest(region, seen.stamp, number, seen.held)
            if found is not None:
                await self.adopt(found, seen, number)
                return
        except NoAllowedPlan as refusal:
            log.error("an improvement is dropped", region=region, refusal=str(refusal))
        except CannotPlanNow as trouble:  # the next turn finds it again
            log.warning("an improvement waits for the machine", region=region, problem=str(trouble))
            await asyncio.sleep(LATER_S)
            return
        self._done[region] = seen.stamp

    async def adopt(self, suggestion: Suggestion, seen: Seen, number: int) -> None:
        """Take over what is news of a suggestion and still pays, and keep it; raises Conflict when fenced off."""
        news = seen.state.without_known(suggestion)
        if not news:
            return
        async with self.memory.turn:
            turn = Turn()
            await self.memory.adopt(turn, news, seen, number)
            await self.memory.keep(turn, Commit())
        self._committed()
