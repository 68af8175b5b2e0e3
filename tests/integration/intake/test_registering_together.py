"""Registrations that arrive at the same time are written together, and each is answered as if it were alone."""

import asyncio
from collections import Counter
from typing import Any

from tests.integration.intake.conftest import Guarded, Service
from tests.support.databases import locked_by_somebody_else
from tests.support.intake import NEW_REGISTRATION


async def test_of_many_at_once_each_has_its_own_answer(service: Service) -> None:
    wrong: dict[str, Any] = {"period_sets": [["2030-S1"]]}
    asked = [
        service.register(None, reference=f"k {number % 30}", **(wrong if number == 7 else {})) for number in range(60)
    ]
    answers = await asyncio.gather(*asked)
    assert Counter(one.status_code for one in answers) == {201: 30, 409: 29, 400: 1}
    made = [one.json()["reference"] for one in answers if one.status_code == 201]
    assert sorted(made) == sorted(f"k {number}" for number in range(30))
    students, events, _ = await service.stored()
    assert (students, events) == (30, ["registered"] * 30)


async def test_the_same_request_many_times_at_once_happens_once(service: Service) -> None:
    answers = await asyncio.gather(*(service.register("key", reference="k") for _ in range(20)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["id"] for one in answers}) == 1
    assert sum("idempotent-replayed" in one.headers for one in answers) == 19
    assert await service.stored() == (1, ["registered"], 1)


async def test_institutes_that_ask_at_once_each_get_their_own(guarded: Guarded) -> None:
    async def register(institute: str, number: int) -> tuple[str, int]:
        body = {**NEW_REGISTRATION, "institute": institute, "reference": f"k {number}"}
        headers = {**guarded.token(f"institute/{institute}"), "Idempotency-Key": str(number)}
        return institute, (await guarded.http.post("/v1/registrations", json=body, headers=headers)).status_code

    answers = await asyncio.gather(*(register(one, number) for number in range(10) for one in ("01VU", "02HU")))
    assert Counter(answers) == {("01VU", 201): 10, ("02HU", 201): 10}
    for one in ("01VU", "02HU"):
        listed = await guarded.http.get("/v1/registrations", headers=guarded.token(f"institute/{one}"))
        assert {each["student"]["institute"] for each in listed.json()["items"]} == {one}


async def test_when_nothing_can_be_written_everybody_hears_so_and_can_come_back(
    service: Service, database_url: str
) -> None:
    if service.parts.runtime.database.is_sqlite:
        with locked_by_somebody_else(database_url):
            answers = await asyncio.gather(*(service.register(str(number)) for number in range(5)))
        assert {one.status_code for one in answers} == {503}
    answers = await asyncio.gather(*(service.register(str(number)) for number in range(5)))
    assert {one.status_code for one in answers} == {201}
