"""All that is kept about a student can be read in one answer, and be erased for good: no table, answer, file or message keeps it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.stream import applying
from services.intake.entrypoints.tidy import erase_some
from shared.contracts.envelope import new_event
from shared.persistence.tables import AuditRow, OutboxRow
from tests.integration.intake.conftest import Guarded, Service, problem_of
from tests.support.import_files import file_of, row
from tests.support.intake import NEW_REGISTRATION
from tests.support.scanning import where_stored
from tests.unit.intake.test_decisions import proposed

REFERENCE = "KENMERK-7731"


async def with_a_past(service: Service) -> str:
    """A student of whom everything is kept that can be: place, decision, mismatch, import, webhook, answers."""
    http, parts = service.http, service.parts
    await http.post("/v1/webhooks", json={"url": "https://opleiding.example/hier"})
    made = await service.register("key-1", reference=REFERENCE)
    student = str(made.json()["id"])
    placed = proposed()
    placed = placed.model_copy(update={"student": student})
    data = placed.model_copy(update={"placement": placed.placement.model_copy(update={"student": student})})
    async with parts.runtime.database.transaction() as tx:
        await applying(parts)(tx, [new_event("urn:plan", data, parts.clock())])
    decided = await http.post(f"/v1/placements/{student}/decision", json={"decision": "confirm"})
    assert decided.status_code in (200, 201), decided.text
    reported = await http.post(
        "/v1/mismatches", json={"student": student, "kind": "travel"}, headers={"Idempotency-Key": "k"}
    )
    assert reported.status_code == 201, reported.text
    content = file_of(row(REFERENCE).replace("52,1", "52,2"))
    sent = await http.post(
        "/v1/imports", content=content, params={"region": "NL-R07"}, headers={"Content-Type": "text/csv"}
    )
    assert sent.status_code == 202, sent.text
    while await ImportWorker(parts).work_off_one():
        pass
    return student


async def test_everything_about_a_student_is_read_in_one_answer(service: Service) -> None:
    student = await with_a_past(service)
    answer = await service.http.get(f"/v1/registrations/{student}/export")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    assert told["registration"]["reference"] == REFERENCE
    assert {name: len(held) for name, held in told.items() if isinstance(held, list) and name != "changes"} == {
        "student_place": 1,
        "student_switch": 0,
        "institute_decision": 1,
        "mismatch": 1,
        "imports": 1,
        "webhooks": 1,
    }
    done = [one["what"].split(".")[3] for one in told["changes"]]
    assert sorted(done) == ["changed", "mismatch-reported", "placement-confirmed", "registered"]


async def test_after_erasing_nothing_names_the_student_and_everybody_is_told(service: Service) -> None:
    student = await with_a_past(service)
    where, database = f"/v1/registrations/{student}", service.parts.runtime.database
    problem_of(await service.http.post(f"{where}/erasure"), 409, "nog-ingeschreven")
    assert (await service.http.delete(where)).status_code == 200
    assert await where_stored(database, [REFERENCE]) != set()
    erased = [await service.http.post(f"{where}/erasure", headers={"Idempotency-Key": "e"}) for _ in range(2)]
    assert [(one.status_code, one.content) for one in erased] == [(204, b""), (204, b"")]
    assert await where_stored(database, [REFERENCE]) == set()
    async with database.reading() as tx:
        rows = (
            await tx.exec(select(OutboxRow).where(col(OutboxRow.value).is_(None)).order_by(col(OutboxRow.id)))
        ).all()
    told = [(str(one.topic), (one.key or b"").decode(), one.headers) for one in rows]
    assert [key.partition("/")[0] for _, key, _ in told] == ["mismatch", "institute-decision", "student"]
    assert {(topic, headers["ce_region"]) for topic, _, headers in told} == {("student.registrations", "NL-R07")}
    problem_of(await service.http.get(where), 404, "onbekende-student")
    problem_of(await service.http.post(f"{where}/erasure"), 404, "onbekende-student")
    assert (await service.http.get("/v1/registrations", params={"reference": REFERENCE})).json()["items"] == []


async def test_a_request_that_is_repeated_does_not_bring_an_erased_student_back(service: Service) -> None:
    student = await with_a_past(service)
    await service.http.delete(f"/v1/registrations/{student}")
    assert (await service.http.post(f"/v1/registrations/{student}/erasure")).status_code == 204
    problem_of(await service.register("key-1", reference=REFERENCE), 410, "gewist")
    again = await service.register("key-2", reference=REFERENCE)
    assert (again.status_code, again.json()["id"] == student) == (201, False)


async def test_what_was_published_is_deleted_and_what_waits_goes_before_the_word_that_takes_it_back(
    service: Service,
) -> None:
    student = await with_a_past(service)
    database = service.parts.runtime.database
    async with database.transaction() as tx:
        await tx.exec(update(OutboxRow).values(published_at=service.parts.clock()))
    await service.http.delete(f"/v1/registrations/{student}")
    await service.http.post(f"/v1/registrations/{student}/erasure")
    async with database.reading() as tx:
        rows = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    about = [(row.value is None, row.published_at is None) for row in rows if row.key == f"student/{student}".encode()]
    assert about == [(False, True), (True, True)]


async def test_another_institute_can_neither_read_nor_erase(guarded: Guarded) -> None:
    mine, other = guarded.token("institute/01VU"), guarded.token("institute/02HU")
    made = await guarded.http.post("/v1/registrations", json=NEW_REGISTRATION, headers=mine)
    where = f"/v1/registrations/{made.json()['id']}"
    await guarded.http.delete(where, headers=mine)
    problem_of(await guarded.http.post(f"{where}/erasure", headers=other), 404, "onbekende-student")
    problem_of(await guarded.http.get(f"{where}/export", headers=other), 404, "onbekende-student")
    assert (await guarded.http.post(f"{where}/erasure", headers=mine)).status_code == 204


@pytest.mark.parametrize(("days", "stays"), [(729, True), (731, False)])
async def test_a_student_who_asks_for_nothing_is_kept_as_long_as_the_settings_say(
    service: Service, days: int, *, stays: bool
) -> None:
    gone = (await service.register()).json()["id"]
    still = (await service.register()).json()["id"]
    await service.http.delete(f"/v1/registrations/{gone}")
    long_ago = service.parts.clock() - timedelta(days=days)
    async with service.parts.runtime.database.transaction() as tx:
        await tx.exec(update(AuditRow).values(at=long_ago))
    assert await erase_some(service.parts) == (0 if stays else 1)
    assert await erase_some(service.parts) == 0
    assert (await service.http.get(f"/v1/registrations/{gone}")).status_code == (200 if stays else 404)
    assert (await service.http.get(f"/v1/registrations/{still}")).status_code == 200
