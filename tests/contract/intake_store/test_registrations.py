"""Registrations and mismatches, and what is published with them."""

import asyncio
from dataclasses import replace

import pytest
from sqlmodel import col, select

from services.intake.adapters.store import SqlStore
from services.intake.domain.access import Who
from services.intake.domain.registrations import (
    Registration,
    RegistrationStatus,
)
from services.intake.ports import RegistrationFilter
from shared.contracts.registrations import StudentRegistered
from shared.errors import Conflict
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.tables import AuditRow, OutboxRow
from tests.contract.intake_store.conftest import NOW, REGISTRATION, REPORT, Opening, sql_store
from tests.support.eventually import PATIENCE
from tests.support.intake import REGION, mismatch, student


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


async def test_whose_student_somebody_is_is_known_of_everybody(transaction: Opening) -> None:
    async with transaction() as store:
        await store.save_registration(REGISTRATION)
        other = replace(REGISTRATION, student=student("s2", institute="02HU"), status=RegistrationStatus.WITHDRAWN)
        await store.save_registration(other)
    async with transaction() as store:
        assert await store.institutes_of(["s1", "s2", "s3"]) == {"s1": "01VU", "s2": "02HU"}
        assert await store.institutes_of([]) == {}
