"""The matcher's store on SQL: facts, places and plans of a batch in one transaction with its offsets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import Update, bindparam, delete, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.collector import nothing_collected
from services.matcher.adapters.rows import (
    aside_row,
    certificate_from_row,
    certificate_row,
    fact_row,
    place_from_row,
    place_row,
    signal_from_row,
    signal_row,
    switch_from_row,
    switch_row,
    waiting_row,
)
from services.matcher.adapters.snapshots import keep_snapshot
from services.matcher.adapters.tables import (
    AsideRow,
    FactRow,
    PlaceRow,
    PlanVersionRow,
    RegionPlanRow,
    SignalRow,
    SwitchRow,
    WaitingRow,
)
from services.matcher.domain.erasing import Erased
from services.matcher.domain.facts import Fact, RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.places import PlaceStatus
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import UNKNOWN_NEWS, Commit, NewPlan, RegionState
from shared.contracts import placements as events
from shared.errors import Conflict
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition
from shared.persistence.database import Database
from shared.persistence.statements import changed_rows, insert_rows, put_rows, table_of
from shared.persistence.tables import OutboxRow

ACTOR = "plan"


class SqlStore:
    """Keeps what the matcher knows; `inbox` keeps the offsets of its stream."""

    def __init__(self, database: Database, outbox: Outbox, inbox: Inbox) -> None:
        self._database = database
        self._outbox = outbox
        self._inbox = inbox

    async def load(self, region: RegionId) -> RegionState:
        """A region from its facts and places; empty when unknown."""
        return await load_state(self._database, region)

    async def regions(self) -> Collection[RegionId]:
        """All regions that anything was told of."""
        async with self._database.reading() as tx:
            return [RegionId(one) for one in (await tx.exec(select(FactRow.region).distinct())).all()]

    async def regions_of(self, subjects: Collection[str]) -> Mapping[str, RegionId]:
        """The regions of those of these aggregates that were told of before."""
        told = select(FactRow.subject, FactRow.region).where(col(FactRow.subject).in_(subjects))
        async with self._database.reading() as tx:
            return {subject: RegionId(region) for subject, region in (await tx.exec(told)).all()}

    async def next_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Where the stream goes on."""
        async with self._database.reading() as tx:
            return await self._inbox.next_offsets(tx, partitions)

    async def commit(self, commit: Commit, now: datetime) -> None:
        """Keeps a batch in one transaction; raises Conflict when another worker was first."""
        async with self._database.transaction() as tx:
            await self._inbox.advance(tx, commit.before, commit.after)
            await _keep_facts(tx, commit.facts)
            for record, reason in commit.parked:
                self._inbox.park(tx, record, reason, now)
            await _keep_aside(tx, commit)
            for plan in commit.plans:
                await self.publish(tx, plan, now)
            for behind, is_behind in commit.behind.items():
                held = update(RegionPlanRow).where(col(RegionPlanRow.region) == behind)
                await tx.exec(held.values(behind=is_behind))
            if commit.told:
                heard = update(RegionPlanRow).where(col(RegionPlanRow.region).in_(commit.told))
                await tx.exec(heard.values(told=col(RegionPlanRow.told) + 1))
            for erased in commit.erased:
                await self._erase(tx, erased, now)
            for snapshot in commit.snapshots:
                await keep_snapshot(tx, snapshot)
            for region, waiting in commit.waiting.items():
                await tx.exec(delete(WaitingRow).where(col(WaitingRow.region) == region))
                await insert_rows(tx, WaitingRow, [waiting_row(region, *one) for one in waiting.items()])

    async def publish(self, tx: AsyncSession, plan: NewPlan, now: datetime) -> None:
        """The plan, its places and the events that tell them; raises Conflict when another plan was first."""
        await _fence(tx, plan)
        await _keep_places(tx, plan)
        await _keep_switches(tx, plan)
        await _keep_signals(tx, plan)
        told = plan.events
        await self._outbox.add(tx, told, now, ACTOR)
        certificate = plan.planned.certificate
        tx.add(
            PlanVersionRow(
                region=plan.region,
                version=plan.version,
                published_at=now,
                today=plan.today,
                effort=plan.effort,
                turn=plan.turn,
                seen_version=plan.seen_version,
                proof_steps=plan.proof_steps,
                looked=plan.is_looked_at,
                looks_anew=plan.looks_anew,
                solve_s=plan.planned.seconds,
                proposed=sum(isinstance(event, events.PlacementProposed) for event in told),
                moved=sum(isinstance(event, events.PlacementChanged) for event in told),
                ended=sum(change.place.status is not PlaceStatus.PLACED for change in plan.changes),
                unplaced=plan.planned.without_place,
                covers={f"{one.topic}/{one.number}": offset for one, offset in sorted_covers(plan.covers)},
                certificate=certificate_row(certificate),
            )
        )

    async def _erase(self, tx: AsyncSession, erased: Erased, now: datetime) -> None:
        """Deletes what is kept of a student, and takes back what was published: compaction then forgets it too."""
        for table in (PlaceRow, SwitchRow):
            await tx.exec(delete(table).where(col(table.student) == erased.student))
        await put_rows(tx, PlaceRow, [place_row(erased.region, one) for one in erased.places.values()])
        await put_rows(tx, SwitchRow, [switch_row(erased.region, one) for one in erased.switches.values()])
        await tx.exec(delete(SignalRow).where(col(SignalRow.id).in_([*erased.signals, *erased.untold])))
        names = or_(col(WaitingRow.subject).in_(erased.subjects), col(WaitingRow.names).in_(erased.subjects))
        await tx.exec(delete(WaitingRow).where(names))
        keys = [one.encode() for one in (*erased.subjects, *(name for _, name in erased.aggregates))]
        sent = col(OutboxRow.key).in_(keys) & col(OutboxRow.published_at).is_not(None)
        await tx.exec(delete(OutboxRow).where(sent))
        await self._outbox.take_back(tx, erased.region, erased.aggregates, now, ACTOR)


async def load_state(database: Database, region: RegionId) -> RegionState:
    """A region from its facts and places; empty when unknown."""
    async with database.reading() as tx:
        facts_of = select(FactRow.subject, FactRow.sequence, FactRow.document).where(col(FactRow.region) == region)
        rows = (await tx.exec(facts_of)).all()
        places = (await tx.exec(select(PlaceRow).where(col(PlaceRow.region) == region))).all()
        searches = (await tx.exec(select(SwitchRow).where(col(SwitchRow.region) == region))).all()
        signals = (await tx.exec(select(SignalRow).where(col(SignalRow.region) == region))).all()
        plan = await tx.get(RegionPlanRow, region)
        was_looked_at = True if plan is None else await _was_looked_at(tx, plan)
        waits = (await tx.exec(select(WaitingRow).where(col(WaitingRow.region) == region))).all()
    waiting = {Missing(row.subject, row.names): Waiting(row.since, row.told) for row in waits}
    with nothing_collected():
        facts = fold(RegionFacts(region), (Fact(region, *row) for row in rows))
        known = {place.student: place for place in map(place_from_row, places)}
    switches = {one.student: one for one in map(switch_from_row, searches)}
    open_or_over = {signal.id: signal for signal in map(signal_from_row, signals)}
    if plan is None:  # none yet, or its row is lost: what was told of signals and searches keeps its numbers
        return RegionState(facts, known, switches, open_or_over, waiting=waiting)
    certificate = certificate_from_row(plan.certificate)
    unlooked = None if was_looked_at else UNKNOWN_NEWS
    made = RegionState(facts, known, switches, open_or_over, plan.version, certificate, waiting, unlooked)
    return replace(made, is_behind=plan.behind)


async def _was_looked_at(tx: AsyncSession, plan: RegionPlanRow) -> bool:
    """Whether nothing is left to be looked at; versions of workers that do not say so (before migration 0011) looked at their own
    news alone, and are passed over."""
    of_region = (col(PlanVersionRow.region) == plan.region, col(PlanVersionRow.version) <= plan.version)
    said = select(PlanVersionRow.looked).where(*of_region, col(PlanVersionRow.looked).is_not(None))
    return (await tx.exec(said.order_by(col(PlanVersionRow.version).desc()).limit(1))).first() is not False


def sorted_covers(covers: Mapping[Partition, int]) -> list[tuple[Partition, int]]:
    """Offsets by topic and partition, so that equal plans have equal rows."""
    return sorted(covers.items(), key=lambda item: (item[0].topic, item[0].number))


async def _keep_aside(tx: AsyncSession, commit: Commit) -> None:
    """Which records no plan was made with: whoever makes the plans again passes over them too."""
    parked = [(record, False) for record, _ in commit.parked]
    kept = [(record, True) for record in commit.unplanned]
    await put_rows(tx, AsideRow, [aside_row(*one) for one in (*parked, *kept)])


async def _keep_facts(tx: AsyncSession, facts: Sequence[Fact]) -> None:
    """Of two facts about one aggregate the last counts."""
    last = {fact.subject: fact for fact in facts}
    await put_rows(tx, FactRow, [fact_row(fact) for fact in last.values()])


async def _keep_places(tx: AsyncSession, plan: NewPlan) -> None:
    await put_rows(tx, PlaceRow, [place_row(plan.region, change.place) for change in plan.changes])


async def _keep_switches(tx: AsyncSession, plan: NewPlan) -> None:
    await put_rows(tx, SwitchRow, [switch_row(plan.region, change.switch) for change in plan.switches])


async def _keep_signals(tx: AsyncSession, plan: NewPlan) -> None:
    """Of a signal that is told twice, the end of one case and the beginning of another, the last state counts."""
    last = {one.signal.id: one.signal for one in plan.signals}
    await put_rows(tx, SignalRow, [signal_row(plan.region, one) for one in last.values()])


async def _fence(tx: AsyncSession, plan: NewPlan) -> None:
    """A plan replaces the version that it was made from, and no other."""
    certificate = certificate_row(plan.planned.certificate)
    if plan.version == 1:
        if await tx.get(RegionPlanRow, plan.region) is not None:
            raise Conflict("plan-replaced", f"{plan.region} has a plan already")
        tx.add(RegionPlanRow(region=plan.region, version=1, certificate=certificate))
        return
    values = {"of": plan.region, "before": plan.version - 1, "version": plan.version, "certificate": certificate}
    if await changed_rows(tx, _replaced(), values) != 1:
        raise Conflict("plan-replaced", f"{plan.region} is no longer at version {plan.version - 1}")


@cache
def _replaced() -> Update:
    """The statement is made once."""
    table = table_of(RegionPlanRow)
    held = update(table).where(table.c.region == bindparam("of"), table.c.version == bindparam("before"))
    return held.values(version=bindparam("version"), certificate=bindparam("certificate"))
