"""The matcher's work: takes a batch of records, answers it with a plan, and commits both at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date
from math import inf

import structlog

from services.matcher.domain import limits
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.handlers.batch import Batch, Read, read_all, subjects_of
from services.matcher.handlers.going_round import Round
from services.matcher.handlers.memory import Memory, Seen
from services.matcher.handlers.turns import Turn
from services.matcher.handlers.unwatched import Unwatched
from services.matcher.ports import Commit, Handled, NoAllowedPlan, Planner, Store, Watch
from shared.contracts.envelope import UnreadableEvent
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import Partition, Record

FEW = 2
"""More events than this in one batch came faster than they are answered one by one."""
LATER_S = 1.0
"""What people must know of events that came together is looked at so much later, once for all of them."""
QUIET_S, LONGEST_WAIT_S = 1.0, 10.0
"""Looking begins a turn once that has not been so for a while, and in any case when it has waited for so long."""

log = structlog.get_logger(__name__)


class Matcher:
    """Answers what the stream tells, and looks for something better beside that."""

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
        self._looks: Counter[RegionId] = Counter()
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

        Where no plan is allowed with all of it each record is answered alone, and parked where none is allowed with it.
        """
        read = read_all(self._inbox, records)
        async with self.memory.turn:
            try:
                await self._answered(records, read, is_looked_at=is_looked_at)
            except NoAllowedPlan as refusal:
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
        """One record; it is parked, and nothing is planned, where no plan is allowed with it. An erasure is carried out all the same."""
        record, event = one
        try:
            await self._answered([record], [one], is_looked_at=is_looked_at)
        except NoAllowedPlan as refusal:
            where = f"{record.partition.topic}/{record.partition.number}/{record.offset}"
            log.error("no plan is allowed with an event", origin=where, refusal=str(refusal))
            if isinstance(event, Tombstone):
                await self._answered([record], [one], is_looked_at=is_looked_at, is_planned=False)
                return
            refused = UnreadableEvent(f"no plan is allowed with it: {refusal}")
            await self._answered([record], [(record, refused)], is_looked_at=is_looked_at)

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
                memory.begin_anew(turn, now.facts.id)
            memory.forget(turn, now.facts.id, batch.erased.get(now.facts.id, ()))
        known = {partition: memory.positions[partition] for partition in after if partition in memory.positions}
        await memory.keep(turn, Commit(known, after, batch.facts, batch.parked))
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
        except NoAllowedPlan as refusal:
            log.error("planning cannot get ready", region=region, refusal=str(refusal))

    async def plan_anew(self, region: RegionId) -> None:
        """Looks at everything in a region again, and publishes what differs; raises Conflict when fenced off."""
        async with self.memory.turn:
            turn = Turn()
            await self.memory.plan_anew(turn, region)
            await self.memory.keep(turn, Commit(), always=True)
        self._committed()

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
        """Looks at one region after another for something better, until nothing is left to look for; never ends."""
        going_round = Round(limits.REGIONS_AT_HAND)
        while True:
            self.memory.news.clear()
            has_looked = False
            wanting = {one: seen.stamp for one in self.memory.regions if (seen := self._to_look_at(one)) is not None}
            for region in going_round.of(wanting):
                if self._to_look_at(region) is not None:
                    await self._until_quiet()
                if (
                    seen := self._to_look_at(region)
                ) is not None:  # as it is by now: an older state would be built anew
                    has_looked = True
                    await self._look(seen)
            if not has_looked:
                await self.memory.news.wait()

    def _to_look_at(self, region: RegionId) -> Seen | None:
        """A region as it is, unless there is nothing left to look for in it."""
        seen = self.memory.seen(region)
        return None if seen is None or self._done.get(region) == seen.stamp else seen

    async def _until_quiet(self) -> None:
        """Waits while events come together: then whoever answers them needs the processor, and what was found would be old at once."""
        latest = time.monotonic() + LONGEST_WAIT_S
        while (wait_s := min(latest, self._crowded_at + QUIET_S) - time.monotonic()) > 0:  # noqa: ASYNC110 - the moment moves on meanwhile
            await asyncio.sleep(wait_s)

    async def _look(self, seen: Seen) -> None:
        """One turn: publishes what it finds only when that pays for its moves; what is refused is left alone until something changes."""
        region = seen.state.facts.id
        number = self._looks[region]
        self._looks[region] += 1
        try:
            found = await self._planner.suggest(region, seen.stamp, number, seen.held)
            if found is not None:
                await self.adopt(found, seen, number)
                return
        except NoAllowedPlan as refusal:
            log.error("an improvement is dropped", region=region, refusal=str(refusal))
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
