"""The matcher's store in memory, on SQLite and on PostgreSQL, and a small region to keep in it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlmodel import col, select

from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import MIGRATIONS
from services.matcher.domain.assembling import assemble
from services.matcher.domain.facts import Fact, RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.places import changes
from services.matcher.ports import Commit, NewPlan, RegionState, Store
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition, Record
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import OutboxRow
from tests.support import matcher as told
from tests.support.matcher import NOW
from tests.support.planning import MemoryStore, planned_anew
from tests.support.regions import region, site, student, supervisor, workplace

HERE, THERE = RegionId(told.REGION), RegionId("NL-R08")
PEOPLE: list[Any] = [supervisor("v1"), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(), *PEOPLE, student(1), student(2), student(3)])
FACTS = told.facts_of(told.events_of(SCHOOL))
STUDENTS, SETTINGS = Partition("student.registrations", 3), Partition("region.settings", 3)
POISON = Record(STUDENTS, 41, b"student/s9", b"{\x00", {"ce_type": b"x\xff", "ce_id": b"1"})
Published = Callable[[], Awaitable[Sequence[tuple[str, bytes | None]]]]


@dataclass
class Opened:
    """A store, what it has put in the outbox (topic and key), and its database where it has one."""

    store: Store
    published: Published
    database: Database | None = None


@pytest.fixture
async def opened(where: str) -> AsyncIterator[Opened]:
    if not where:
        memory = MemoryStore()

        async def told_from_memory() -> list[tuple[str, bytes | None]]:
            topics = [(record.partition.topic + ".parked", record.key) for record, _ in memory.parked]
            taken_back = [pair for one in memory.erased for pair in one.aggregates]
            plans = [(told.topic_of(one), told.key_of(one)) for one in memory.published]
            return [*topics, *plans, *((topic, key.encode()) for topic, key in taken_back)]

        yield Opened(memory, told_from_memory)
        return
    database = Database(where)
    await upgrade(database, MIGRATIONS)

    async def told_from_outbox() -> list[tuple[str, bytes | None]]:
        async with database.reading() as tx:
            rows = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
        return [(row.topic, row.key) for row in rows]

    yield Opened(SqlStore(database, Outbox("urn:test"), Inbox("test")), told_from_outbox, database)
    await database.close()


def folded(facts: Sequence[Fact], of: RegionId = HERE) -> RegionFacts:
    return fold(RegionFacts(of), facts)


def planned(state: RegionState) -> NewPlan:
    """The next plan of a region."""
    model = assemble(state.facts, state.placements(), state.had())
    assert model is not None
    found, version = planned_anew(model), state.version + 1
    made = changes(state.places, model, found.outcome, state.places, version)
    return NewPlan(state.facts.id, version, model.today, found, made, covers={STUDENTS: 42, SETTINGS: 2})


async def with_a_loss(opened: Opened) -> RegionState:
    """What comes back after the school's only workplace has ended."""
    first = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    state = await opened.store.load(HERE)
    ended = [Fact(HERE, "workplace/w1", 2, None)]
    second = planned(replace(state, facts=folded([*FACTS, *ended])))
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, ended, (), [second]), NOW)
    return await opened.store.load(HERE)
