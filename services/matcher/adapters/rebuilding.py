"""A region in the database, replaced as a whole: facts, places, signals, searches and plan, or nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Self

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.rows import fact_row, place_row, signal_row, switch_row
from services.matcher.adapters.store import ACTOR, SqlStore, load_state
from services.matcher.adapters.tables import FactRow, PlaceRow, PlanVersionRow, RegionPlanRow, SignalRow, SwitchRow
from services.matcher.domain.facts import Fact
from services.matcher.domain.ids import RegionId
from services.matcher.handlers.rebuilding import Known, Rebuilt
from services.matcher.ports import Commit, RegionState
from shared.errors import Conflict
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition
from shared.persistence.database import Database
from shared.persistence.statements import changed_rows, insert_rows
from shared.persistence.tables import ConsumerOffset, OutboxRow


async def load_known(database: Database, inbox: Inbox, region: RegionId, partitions: Collection[Partition]) -> Known:
    """What the database has of a region."""
    async with database.reading() as tx:
        rows = (await tx.exec(select(FactRow).where(col(FactRow.region) == region))).all()
        newest = select(func.max(PlanVersionRow.version)).where(col(PlanVersionRow.region) == region)
        version = (await tx.exec(newest)).one() or 0
        positions = await inbox.next_offsets(tx, partitions)
    state = await load_state(database, region)
    facts = {row.subject: Fact(region, row.subject, row.sequence, row.document) for row in rows}
    return Known(facts, state, positions, max(version, state.version))


async def unpublished(database: Database) -> int:
    """How many messages wait to be published: what they say is not in the log yet."""
    async with database.reading() as tx:
        waiting = select(func.count()).select_from(OutboxRow).where(col(OutboxRow.published_at).is_(None))
        return int((await tx.exec(waiting)).one())


async def is_lost(database: Database, inbox: Inbox) -> bool:
    """Whether nothing was ever told to this database: it is new."""
    async with database.reading() as tx:
        read = select(ConsumerOffset.topic).where(col(ConsumerOffset.consumer) == inbox.consumer).limit(1)
        told = (await tx.exec(select(FactRow.subject).limit(1))).first()
        return told is None and (await tx.exec(read)).first() is None


class RebuildingStore(SqlStore):
    """Loads the region as it was rebuilt, and keeps it with its new plan; raises Conflict when a worker was first."""

    def of(self, known: Known, made: Rebuilt) -> Self:
        """What is to be kept, in the place of what was known."""
        self._known, self._made = known, made
        return self

    async def load(self, region: RegionId) -> RegionState:
        """The region as it was rebuilt."""
        assert region == self._made.state.facts.id
        return self._made.state

    async def next_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Where the stream was when the region was looked at."""
        return {one: self._known.positions[one] for one in partitions if one in self._known.positions}

    async def commit(self, commit: Commit, now: datetime) -> None:
        """Replaces the region and publishes its plan, in one transaction."""
        async with self._database.transaction() as tx:
            await self._inbox.advance(tx, self._known.positions, self._known.positions)
            await self._write(tx, commit, now)

    async def _write(self, tx: AsyncSession, commit: Commit, now: datetime) -> None:
        region = self._made.state.facts.id
        await self._renumber(tx, region)
        await tx.exec(delete(FactRow).where(col(FactRow.region) == region))
        await insert_rows(tx, FactRow, [fact_row(one) for one in self._made.facts])
        await tx.exec(delete(PlaceRow).where(col(PlaceRow.region) == region))
        await insert_rows(tx, PlaceRow, [place_row(region, one) for one in self._made.state.places.values()])
        await tx.exec(delete(SignalRow).where(col(SignalRow.region) == region))
        await insert_rows(tx, SignalRow, [signal_row(region, one) for one in self._made.state.signals.values()])
        await tx.exec(delete(SwitchRow).where(col(SwitchRow.region) == region))
        await insert_rows(tx, SwitchRow, [switch_row(region, one) for one in self._made.state.switches.values()])
        await self._outbox.add(tx, [event for one in self._made.closed for event in one.events], now, ACTOR)
        for plan in commit.plans:
            await self.publish(tx, plan, now)

    async def _renumber(self, tx: AsyncSession, region: RegionId) -> None:
        """The plan that is replaced has the newest number that anybody knows of."""
        before, now = self._known.state.version, self._made.state.version
        if not before:
            if now:
                tx.add(RegionPlanRow(region=region, version=now, certificate={}))
                await tx.flush()
            return
        held = update(RegionPlanRow).where(col(RegionPlanRow.region) == region, col(RegionPlanRow.version) == before)
        if await changed_rows(tx, held.values(version=now, behind=False)) != 1:
            raise Conflict("plan-replaced", f"{region} is no longer at version {before}")


class LostStore(RebuildingStore):
    """Keeps regions as they were rebuilt for a database that was lost, once all of them are: else a matcher would begin the others
    at 1."""

    def __init__(self, database: Database, outbox: Outbox, inbox: Inbox) -> None:
        """No region is rebuilt yet."""
        super().__init__(database, outbox, inbox)
        self._pending: list[tuple[Known, Rebuilt, Commit, datetime]] = []

    async def commit(self, commit: Commit, now: datetime) -> None:
        """Nothing yet."""
        self._pending.append((self._known, self._made, commit, now))

    async def finish(self, positions: Mapping[Partition, int]) -> None:
        """All of them, and where the stream goes on, in one transaction; raises Conflict when a worker was first."""
        async with self._database.transaction() as tx:
            await self._inbox.advance(tx, {}, positions)
            for known, made, commit, now in self._pending:
                self.of(known, made)
                await self._write(tx, commit, now)
