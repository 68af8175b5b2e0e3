"""Intake's store keeps the same promises in memory, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.intake.adapters.store import SqlStore
from services.intake.adapters.tables import PlaceRow
from services.intake.adapters.tables_pages import KnownSiteRow
from services.intake.bootstrap import MIGRATIONS
from services.intake.domain.access import Who
from services.intake.domain.decisions import Decision
from services.intake.domain.registrations import (
    KnownRegion,
    KnownSite,
    MismatchReport,
    Registration,
    RegistrationStatus,
)
from services.intake.ports import Place, RegistrationFilter, Store, Switch
from shared.contracts.registrations import PlacementConfirmed, PlacementDeclined, StudentRegistered
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow, ConsumerOffset, OutboxRow
from tests.support.eventually import PATIENCE
from tests.support.intake import REGION, MemoryStore, mismatch, student
from tests.support.notifier import lost

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


@pytest.fixture
async def transaction(where: str) -> AsyncIterator[Opening]:
    """Opens the store in a new transaction, which commits."""
    if not where:
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
        yield SqlStore(tx, Outbox("urn:test"), NOW, Who("test"))


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
        await store.save_registration(REGISTRATION)
    changed = replace(REGISTRATION, student=student(needs={"wpb": 1, "so": 2, "io": 3}, wishes=["01AB00"]), sequence=2)
    async with transaction() as store:
        assert await store.registration("s1") == REGISTRATION
        await store.save_registration(changed)
    withdrawn = replace(changed, status=RegistrationStatus.WITHDRAWN, sequence=3)
    async with transaction() as store:
        assert await store.registration("s1") == changed
        await store.save_registration(withdrawn)
    async with transaction() as store:
        assert await store.registration("s1") == withdrawn


async def test_a_student_is_found_by_the_institutes_own_reference_also_after_a_change(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(replace(REGISTRATION, reference="2026/42"))
    async with transaction() as store:
        held = await store.registration("s1")
        assert held is not None
        await store.save_registration(replace(held, student=student(support=2), sequence=2))
    async with transaction() as store:
        assert await store.student_with_reference("01VU", "2026/42") == "s1"
        assert await store.student_with_reference("02HU", "2026/42") is None
        assert await store.registration("s1") == replace(held, student=student(support=2), sequence=2)


async def test_a_reference_that_is_taken_is_a_conflict(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(replace(REGISTRATION, reference="42"))
    with pytest.raises(Conflict, match="kenmerk-bestaat"):
        async with transaction() as store:
            await store.save_registration(replace(REGISTRATION, student=student("s2"), reference="42"))
    async with transaction() as store:
        assert await store.registration("s2") is None


async def test_a_reference_is_free_again_once_its_registration_is_withdrawn(transaction: Opening) -> None:
    first = replace(REGISTRATION, reference="42")
    second, third = (replace(first, student=student(identifier)) for identifier in ("s2", "s3"))
    async with transaction() as store:
        await store.save_registration(first)
    async with transaction() as store:
        await store.save_registration(replace(first, status=RegistrationStatus.WITHDRAWN, sequence=2))
        assert await store.student_with_reference("01VU", "42") is None
        await store.save_registration(second)
    async with transaction() as store:
        assert await store.student_with_reference("01VU", "42") == "s2"
        await store.save_registration(replace(second, status=RegistrationStatus.WITHDRAWN, sequence=2))
        await store.save_registration(third)
    async with transaction() as store:
        found = await store.registrations(RegistrationFilter("01VU", "42"), None, 10)
    assert [(each.student.id, each.status) for each in found] == [
        ("s1", RegistrationStatus.WITHDRAWN),
        ("s2", RegistrationStatus.WITHDRAWN),
        ("s3", RegistrationStatus.REGISTERED),
    ]


async def test_registrations_are_found_by_what_is_known_of_them_a_page_at_a_time(transaction: Opening) -> None:
    async with transaction() as store:
        for number in (4, 1, 3, 2, 5):
            one = student(f"s{number}", institute="01VU" if number < 5 else "02HU")
            await store.save_registration(replace(REGISTRATION, student=one, reference=f"r{number}"))
        other = Registration("NL-R08", student("s6"), RegistrationStatus.REGISTERED, 1)
        await store.save_registration(other)
        await store.save_registration(replace(other, student=student("s7"), status=RegistrationStatus.WITHDRAWN))
    async with transaction() as store:

        async def found(wanted: RegistrationFilter, after: str | None = None, limit: int = 10) -> list[str]:
            return [each.student.id for each in await store.registrations(wanted, after, limit)]

        assert await found(RegistrationFilter(), limit=3) == ["s1", "s2", "s3"]
        assert await found(RegistrationFilter(), after="s3", limit=3) == ["s4", "s5", "s6"]
        assert await found(RegistrationFilter(), after="s6") == ["s7"]
        assert await found(RegistrationFilter(institute="02HU")) == ["s5"]
        assert await found(RegistrationFilter(reference="r3")) == ["s3"]
        assert await found(RegistrationFilter("02HU", "r3")) == []
        assert await found(RegistrationFilter(region="NL-R08")) == ["s6", "s7"]
        assert await found(RegistrationFilter(region="NL-R08", status=RegistrationStatus.WITHDRAWN)) == ["s7"]
        assert await found(RegistrationFilter(status=RegistrationStatus.WITHDRAWN), after="s7") == []


async def test_mismatches_are_found_by_student_a_page_at_a_time(transaction: Opening) -> None:
    async with transaction() as store:
        for one, two in (("s1", "m2"), ("s2", "m1"), ("s1", "m3")):
            await store.save_registration(replace(REGISTRATION, student=student(one)))
            await store.save_mismatch(replace(REPORT, mismatch=mismatch(two, student=one)))
    async with transaction() as store:

        async def found(wanted: str | None, after: str | None = None, limit: int = 10) -> list[str]:
            return [each.mismatch.id for each in await store.mismatches(wanted, after, limit)]

        assert await found(None) == ["m1", "m2", "m3"]
        assert await found(None, after="m1", limit=1) == ["m2"]
        assert await found("s1") == ["m2", "m3"]
        assert await found("s3") == []


async def test_what_was_kept_before_references_could_be_free_again_is_kept(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0001")
    first = replace(REGISTRATION, reference="42")
    async with sql_store(database) as store:
        await store.save_registration(first)
        await store.save_mismatch(REPORT)
    await upgrade(database, MIGRATIONS)
    async with sql_store(database) as store:
        assert (await store.registration("s1"), await store.mismatch("m1")) == (first, REPORT)
        await store.save_registration(replace(first, status=RegistrationStatus.WITHDRAWN, sequence=2))
        await store.save_registration(replace(first, student=student("s2")))
    with pytest.raises(IntegrityError):
        async with sql_store(database) as store:
            await store.save_mismatch(replace(REPORT, mismatch=mismatch("m2", student="nobody")))
    await database.close()


async def test_the_state_of_places_that_were_kept_before_it_had_a_column_is_kept(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0010")
    async with database.transaction() as tx:
        for name, body in (("s1", '{"placement": {"state": "proposed"}}'), ("s2", '{"reason": "no-workplace"}')):
            about = {"student": name, "body": body}
            kept = "INSERT INTO student_place (student, sequence, status, body) VALUES (:student, 1, 'placed', :body)"
            await (await tx.connection()).execute(text(kept), about)
    await upgrade(database, MIGRATIONS)
    async with database.reading() as tx:
        found = await tx.exec(select(PlaceRow.student, PlaceRow.state).order_by(col(PlaceRow.student)))
        assert [tuple(row) for row in found] == [("s1", "proposed"), ("s2", None)]
    await database.close()


async def test_open_mismatches_are_known_by_kind(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(REGISTRATION)
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


async def test_places_are_kept_together_and_can_be_forgotten(transaction: Opening) -> None:
    newest = Place("s1", 5, "placed", {"site": "01AB00", "periods": ["2026-S1"]})
    async with transaction() as store:
        await store.save_places([Place("s1", 4, "unplaced", {}), Place("s3", 1, "unplaced", {})])
        await store.save_places([newest])
    async with transaction() as store:
        assert await store.place_sequences(["s1", "s2", "s3"]) == {"s1": 5, "s3": 1}
        assert await store.place("s1") == newest
        assert await store.place("s2") is None
    async with transaction() as store:
        await store.forget_place("s1")
        await store.forget_place("s2")
    async with transaction() as store:
        assert await store.place("s1") is None


async def test_a_signal_is_heard_once_for_students_that_are_registered(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(Registration(REGION.id, student("s1"), RegistrationStatus.REGISTERED, 1))
    async with transaction() as store:
        assert await store.hear_signals([]) == []
        one_by_one = [await store.hear_signals([lost("s1", sequence)]) for sequence in (2, 2, 1, 3)]
        assert one_by_one == [[0], [None], [None], [2]]
        together = [lost("s1", 3), lost("s2", 1), lost("s1", 6), lost("s1", 5), lost("s1", 7)]
        assert await store.hear_signals(together) == [None, None, 3, None, 6]
        await store.forget_place("s1")
    async with transaction() as store:
        assert await store.hear_signals([lost("s1", 1)]) == [0]


async def test_what_is_published_lies_in_outbox_and_audit_with_the_change(database: Database) -> None:
    async with sql_store(database) as store:
        await store.save_registration(REGISTRATION)
        await store.publish(StudentRegistered(region=REGION.id, sequence=1, student=student()))
    async with database.reading() as tx:
        (row,) = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
        (audit,) = (await tx.exec(select(AuditRow))).all()
    assert (row.topic, row.key, row.region) == ("student.registrations", b"student/s1", REGION.id)
    assert (audit.actor, audit.action, audit.at) == ("test", "nl.leerplek.student.registered.v1", NOW)


async def test_a_reader_does_not_wait_for_whoever_changes_the_registration(database: Database) -> None:
    async with sql_store(database) as store:
        await store.save_registration(REGISTRATION)
    async with sql_store(database) as writing:
        held = await writing.registration("s1")
        async with asyncio.timeout(2 * PATIENCE), database.reading() as tx:
            assert await SqlStore(tx, Outbox("urn:test"), NOW, Who("test"), locks=False).registration("s1") == held


async def test_a_search_for_another_place_is_kept_unless_something_newer_is_known(transaction: Opening) -> None:
    newer = Switch("s1", 3, "offered", {"workplace": "w2"})
    async with transaction() as store:
        assert await store.switch("s1") is None
        await store.save_switch(newer)
    async with transaction() as store:
        await store.save_switch(Switch("s1", 2, "closed", {}))
        assert await store.switch("s1") == newer


async def test_a_decision_comes_back_as_the_kind_it_is_and_goes_with_the_student(transaction: Opening) -> None:
    fields = {"region": REGION.id, "student": "s1", "institute": "01VU", "workplace": "w1", "periods": ["2026-S1"]}
    first = Decision(PlacementDeclined.model_validate({**fields, "sequence": 1, "reason": "travel"}))
    second = Decision(PlacementConfirmed.model_validate({**fields, "sequence": 2, "refused": ["w1"], "offer": 4}))
    for decision in (first, second):
        async with transaction() as store:
            await store.save_decision(decision)
        async with transaction() as store:
            assert await store.decision("s1") == decision
    async with transaction() as store:
        await store.forget_place("s1")
    async with transaction() as store:
        assert await store.decision("s1") is None


async def test_what_is_new_in_known_regions_and_schools_is_read_from_their_topics_once_more(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0011")
    async with database.transaction() as tx:
        connection = await tx.connection()
        for topic in ("supervisor.availability", "region.settings", "placements"):
            offset = (
                "INSERT INTO consumer_offset (consumer, topic, partition, next_offset) VALUES ('intake', :topic, 0, 7)"
            )
            await connection.execute(text(offset), {"topic": topic})
        await connection.execute(
            text("INSERT INTO known_site (id, sequence, name, town) VALUES ('01AB00', 3, 'De Test', 'Zeist')")
        )
    await upgrade(database, MIGRATIONS)
    async with sql_store(database) as store:
        await store.save_site(KnownSite("01AB00", "De Test", "Zeist", 52.1, 5.2), 3)
    async with database.reading() as tx:
        kept = (await tx.exec(select(ConsumerOffset.topic))).all()
        row = await tx.get_one(KnownSiteRow, "01AB00")
    assert kept == ["placements"]
    assert (row.lat, row.lon, row.sequence) == (52.1, 5.2, 3), "what was read before is taken in again"
    await database.close()


async def test_the_subjects_of_a_region_are_kept_by_workplace_and_by_its_settings(transaction: Opening) -> None:
    async with transaction() as store:
        assert set(await store.subjects(REGION.id)) == set()
        await store.save_region(replace(REGION, related=("latijn",)), 1)
        for workplace, sequence, region, subject in (
            ("w1", 1, REGION.id, "wiskunde"),
            ("w2", 1, REGION.id, "wiskunde"),
            ("w3", 1, "NL-R99", "grieks"),
        ):
            await store.save_workplace(workplace, sequence, region, subject)
    async with transaction() as store:
        assert set(await store.subjects(REGION.id)) == {"latijn", "wiskunde"}
        for sequence, subject in ((3, "frans"), (2, "duits")):
            await store.save_workplace("w1", sequence, REGION.id, subject)
    async with transaction() as store:
        assert set(await store.subjects(REGION.id)) == {"latijn", "wiskunde", "frans"}


async def test_whose_student_somebody_is_is_known_of_everybody(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(REGISTRATION)
        other = replace(REGISTRATION, student=student("s2", institute="02HU"), status=RegistrationStatus.WITHDRAWN)
        await store.save_registration(other)
    async with transaction() as store:
        assert await store.institutes_of(["s1", "s2", "s3"]) == {"s1": "01VU", "s2": "02HU"}
        assert await store.institutes_of([]) == {}
