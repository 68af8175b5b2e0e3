"""Whom a student is to be together with or apart from: only students of the same institute, and nobody learns of another's."""

import json
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from services.intake.adapters.tables import StudentRow
from services.intake.entrypoints.tidy import drop_some
from shared.contracts.registrations import Student
from shared.persistence.tables import AuditRow, OutboxRow
from tests.integration.intake.conftest import Guarded, Service, problem_of
from tests.support.intake import NEEDS, NEW_REGISTRATION

NOBODYS = "0199a2b4-7c11-7def-8a12-0000000000ff"
OURS, THEIRS = "institute/01VU", "institute/02HU"


async def registered(guarded: Guarded, org: str) -> str:
    body = {**NEW_REGISTRATION, "institute": org.removeprefix("institute/")}
    answer = await guarded.http.post("/v1/registrations", json=body, headers=guarded.token(org))
    found: str = answer.raise_for_status().json()["id"]
    return found


def without_ids(answer: httpx.Response) -> Any:
    return {name: value for name, value in answer.json().items() if name not in ("instance", "trace")}


@pytest.mark.parametrize("name", ["together", "apart"])
async def test_another_institutes_student_is_answered_like_one_who_is_not_there(guarded: Guarded, name: str) -> None:
    own, theirs = await registered(guarded, OURS), await registered(guarded, THEIRS)
    sign = guarded.token(OURS)
    for fellow in (theirs, NOBODYS):
        asked = {name: [own, fellow]}
        made = await guarded.http.post("/v1/registrations", json={**NEW_REGISTRATION, **asked}, headers=sign)
        problem = problem_of(made, 400, "onbekende-student")
        assert problem["errors"][0]["pointer"] == f"/{name}/1"
        changed = await guarded.http.put(f"/v1/registrations/{own}", json={**NEEDS, name: [fellow]}, headers=sign)
        problem_of(changed, 400, "onbekende-student")
        told = {"specversion": "1.0", "id": f"{name} {fellow}", "source": "urn:x", "type": "nl.leerplek.student.registered.v1",
                "data": {**NEW_REGISTRATION, "reference": f"{name} {fellow}", name: [fellow]}}  # fmt: skip
        headers = {**sign, "content-type": "application/cloudevents+json"}
        problem_of(await guarded.http.post("/v1/events", json=told, headers=headers), 400, "onbekende-student")
    answers = [
        await guarded.http.put(f"/v1/registrations/{own}", json={**NEEDS, name: [fellow]}, headers=sign)
        for fellow in (theirs, NOBODYS)
    ]
    assert without_ids(answers[0]) == without_ids(answers[1]), "nothing tells the two apart"


async def test_who_runs_leerplek_ties_nobody_to_a_student_of_another_institute_either(service: Service) -> None:
    theirs = (await service.register(institute="02HU")).json()["id"]
    problem_of(await service.register(together=[theirs]), 400, "onbekende-student")


async def test_own_students_are_named_and_one_who_was_erased_since_may_stay_named(guarded: Guarded) -> None:
    sign = guarded.token(OURS)
    friend = await registered(guarded, OURS)
    body = {**NEW_REGISTRATION, "together": [friend]}
    made = await guarded.http.post("/v1/registrations", json=body, headers=sign)
    assert made.status_code == 201
    assert Student.model_validate(made.json()["student"]).together == (friend,)
    await guarded.http.delete(f"/v1/registrations/{friend}", headers=sign)
    erased = await guarded.http.post(f"/v1/registrations/{friend}/erasure", headers=sign)
    assert erased.status_code == 204
    changed = await guarded.http.put(
        made.headers["location"], json={**NEEDS, "together": [friend], "support": 3}, headers=sign
    )
    assert changed.status_code == 200, changed.text


async def test_ties_of_before_the_rule_are_dropped_once_told_and_audited(service: Service) -> None:
    own, theirs, friend = [(await service.register(institute=each)).json()["id"] for each in ("01VU", "02HU", "01VU")]
    gone = (await service.register()).json()["id"]
    await tied(service, own, together=[friend, theirs], apart=[theirs, NOBODYS])
    await tied(service, gone, apart=[theirs])
    await service.http.delete(f"/v1/registrations/{gone}")
    _, before, _ = await service.stored()
    assert await drop_some(service.parts) == 1
    assert await drop_some(service.parts) == 0, "a second time there is nothing to drop"
    held = (await service.http.get(f"/v1/registrations/{own}")).json()
    assert (held["student"]["together"], held["student"]["apart"]) == ([friend], [NOBODYS]), "who was erased stays"
    _, events, _ = await service.stored()
    assert events == [*before, "changed"]
    async with service.parts.runtime.database.reading() as tx:
        told = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id).desc()).limit(1))).one()
        audit = (await tx.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(1))).one()
    assert json.loads(told.value or b"")["student"]["together"] == [friend]
    assert (audit.actor, audit.aggregate, audit.sequence) == ("intake", f"student/{own}", held["sequence"])


async def tied(service: Service, student: str, **fellows: list[str]) -> None:
    """As an older version kept it, which refused nobody."""
    async with service.parts.runtime.database.transaction() as tx:
        row = await tx.get_one(StudentRow, student)
        row.body = {**row.body, **fellows}
        tx.add(row)
