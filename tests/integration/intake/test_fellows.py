"""Whom a student is to be together with or apart from: only students of the same institute, and nobody learns of another's."""

from typing import Any

import httpx
import pytest

from shared.contracts.registrations import Student
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
