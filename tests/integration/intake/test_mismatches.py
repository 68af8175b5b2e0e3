"""A mismatch over HTTP: reported once, withdrawn, and found by its student."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx

from services.intake.entrypoints.http import build_intake_api
from tests.integration.intake.conftest import Service, problem_of


async def test_a_mismatch_is_reported_once_and_withdrawn(service: Service) -> None:
    student = (await service.register()).json()["id"]
    report = {"student": student, "kind": "travel", "reported_by": "school", "reported_on": "2026-10-07"}
    answer = await service.http.post("/v1/mismatches", json=report)
    assert (answer.status_code, answer.json()["status"]) == (201, "open")
    problem_of(await service.http.post("/v1/mismatches", json=report), 409, "mismatch-al-gemeld")
    assert (await service.http.get(answer.headers["location"])).json() == answer.json()
    problem_of(await service.http.get("/v1/mismatches/nothing"), 404, "onbekende-mismatch")
    closed = await service.http.delete(answer.headers["location"])
    assert (closed.status_code, closed.json()["status"]) == (200, "withdrawn")
    problem_of(
        await service.http.post("/v1/mismatches", json={**report, "student": "no-one"}), 404, "onbekende-student"
    )


async def test_a_mismatch_without_a_day_is_of_the_day_it_is_in_the_netherlands(service: Service) -> None:
    student = (await service.register()).json()["id"]
    late = replace(service.parts, clock=lambda: datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    transport = httpx.ASGITransport(build_intake_api(late))
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
        answer = await http.post("/mismatches", json={"student": student, "kind": "travel"})
    assert answer.json()["reported_on"] == "2026-11-25"


async def test_mismatches_are_listed_by_student(service: Service) -> None:
    one, two = [(await service.register()).json()["id"] for _ in range(2)]
    reported = [
        (await service.http.post("/v1/mismatches", json={"student": student, "kind": kind})).json()
        for student, kind in ((one, "travel"), (two, "travel"), (one, "days"))
    ]
    found = await service.http.get("/v1/mismatches", params={"student": one})
    assert found.json() == {"items": [reported[0], reported[2]], "next": None}
    page = await service.http.get("/v1/mismatches", params={"student": one, "limit": 1})
    assert page.json()["next"] == reported[0]["id"]
    assert (await service.http.get(page.links["next"]["url"])).json() == {"items": [reported[2]], "next": None}
