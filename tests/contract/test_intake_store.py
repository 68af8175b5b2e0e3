"""Intake's store keeps the same promises in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from services.intake.adapters.store import SqlStore
from services.intake.bootstrap import MIGRATIONS
from services.intake.domain import KnownRegion, MismatchReport, Registration, RegistrationStatus
from services.intake.ports import Place, Store
from shared.contracts.registrations import StudentRegistered
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow, OutboxRow
from tests.support.intake import REGION, MemoryStore, mismatch, student

Opening = Callable[[], AbstractAsyncContextManager[Store]]
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
REGISTRATION = Registration(REGION.id, student(), RegistrationStatus.REGISTERED, 1)
REPORT = MismatchReport(REGION.id, mismatch(), True, 1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await upgrade(opened, MIGRATIONS)
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> str | None:
    """The URL of a database, or None for memory."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}.get(request.param)
    return request.getfixturevalue(fixture) if fixture else None


@pytest.fixture
async def transaction(where: str | None) -> AsyncIterator[Opening]:
    """Opens the store in a new transaction, which commits."""
    if where is None:
        memory = MemoryStore()

        @asynccontextmanager
        async def kept() -> AsyncIterator[Store]:
            yield memory

        yield kept
        return
    database = Database(where)
    await upgrade(database, MIGRATIONS)
    yield lambda: sql_store(database)
    await database.close()


@asynccontextmanager
async def sql_store(database: Database) -> AsyncIterator[Store]:
    async with database.transaction() as tx:
        yield SqlStore(tx, Outbox("urn:test"), NOW, "test")


async def test_a_region_is_kept_unless_a_newer_one_is_known(transaction: Opening) -> None:
    async with transaction() as store:
        assert await store.region(REGION.id) is None
        await store.save_region(REGION, 2)
    async with transaction() as store:
        await store.save_region(KnownRegion(REGION.id, ("old",), ()), 1)
        await store.save_region(KnownRegion(REGION.id, ("same",), ()), 2)
        assert await store.region(REGION.id) == REGION
    newer = KnownRegion(REGION.id, ("2027-S1",), ())
    async with transaction() as store:
        await store.save_region(newer, 3)
    async with transaction() as store:
        assert await store.region(REGION.id) == newer


async def test_a_registration_comes_back_as_it_was_kept(transaction: Opening) -> None:
    async with transaction() as store:
        assert await store.registration("s1") is None
        await store.save_registration(REGISTRATION, None)
    changed = replace(REGISTRATION, student=student(needs={"wpb": 1, "so": 2, "io": 3}, wishes=["01AB00"]), sequence=2)
    async with transaction() as store:
        assert await store.registration("s1") == REGISTRATION
        await store.save_registration(changed, None)
    withdrawn = replace(changed, status=RegistrationStatus.WITHDRAWN, sequence=3)
    async with transaction() as store:
        assert await store.registration("s1") == changed
        await store.save_registration(withdrawn, None)
    async with transaction() as store:
        assert await store.registration("s1") == withdrawn


async def test_a_student_is_found_by_the_institutes_own_reference_also_after_a_change(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(REGISTRATION, "2026/42")
    async with transaction() as store:
        await store.save_registration(replace(REGISTRATION, student=student(support=2), sequence=2), None)
    async with transaction() as store:
        assert await store.student_with_reference("01VU", "2026/42") == "s1"
        assert await store.student_with_reference("02HU", "2026/42") is None


async def test_a_reference_that_is_taken_is_a_conflict(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(REGISTRATION, "42")
    with pytest.raises(Conflict, match="kenmerk-bestaat"):
        async with transaction() as store:
            await store.save_registration(replace(REGISTRATION, student=student("s2")), "42")
    async with transaction() as store:
        assert await store.registration("s2") is None


async def test_open_mismatches_are_known_by_kind(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(REGISTRATION, None)
        await store.save_mismatch(REPORT)
        await store.save_mismatch(replace(REPORT, mismatch=mismatch("m2", kind="days")))
    async with transaction() as store:
        assert sorted(await store.open_mismatch_kinds("s1")) == ["days", "travel"]
        assert await store.open_mismatch_kinds("s2") == []
        assert await store.mismatch("m1") == REPORT
        assert await store.mismatch("m9") is None
        await store.save_mismatch(replace(REPORT, is_open=False, sequence=2))
    async with transaction() as store:
        assert await store.open_mismatch_kinds("s1") == ["days"]
        assert await store.mismatch("m1") == replace(REPORT, is_open=False, sequence=2)


async def test_a_place_is_kept_unless_a_newer_one_is_known_and_can_be_forgotten(transaction: Opening) -> None:
    newest = Place("s1", 5, "placed", {"site": "01AB00", "periods": ["2026-S1"]})
    async with transaction() as store:
        await store.save_place(newest)
    async with transaction() as store:
        await store.save_place(Place("s1", 4, "unplaced", {}))
        assert await store.place("s1") == newest
        assert await store.place("s2") is None
    async with transaction() as store:
        await store.forget_place("s1")
        await store.forget_place("s2")
    async with transaction() as store:
        assert await store.place("s1") is None


async def test_what_is_published_lies_in_outbox_and_audit_with_the_change(database: Database) -> None:
    async with sql_store(database) as store:
        await store.save_registration(REGISTRATION, None)
        await store.publish(StudentRegistered(region=REGION.id, sequence=1, student=student()))
    async with database.reading() as tx:
        (row,) = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
        (audit,) = (await tx.exec(select(AuditRow))).all()
    assert (row.topic, row.key, row.region) == ("student.registrations", b"student/s1", REGION.id)
    assert (audit.actor, audit.action, audit.at) == ("test", "nl.leerplek.student.registered.v1", NOW)


async def test_a_reader_does_not_wait_for_whoever_changes_the_registration(database: Database) -> None:
    async with sql_store(database) as store:
        await store.save_registration(REGISTRATION, None)
    async with sql_store(database) as writing:
        held = await writing.registration("s1")
        async with asyncio.timeout(2), database.reading() as tx:
            assert await SqlStore(tx, Outbox("urn:test"), NOW, "test", locks=False).registration("s1") == held
