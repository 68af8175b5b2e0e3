"""Capacity over HTTP: what is answered, what is refused, and that nothing happens twice."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.capacity.bootstrap import build
from services.capacity.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR, Service, settings
from tests.support.capacity import NOW, proposed
from tests.support.databases import locked_by_somebody_else

BSN = "123456782"


def problem_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of an answer, checked for its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["api-version"]
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    return body


async def test_a_region_with_everything_in_it_is_told_in_order(on_any_database: Service) -> None:
    service = on_any_database
    supervisor = await service.settle()
    workplace = {"site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}}
    offered = await service.http.post("/v1/workplaces", json=workplace)
    address = offered.headers["location"]
    assert (await service.http.put(address, json=workplace | {"seats": {"2026-S1": 1}})).json()["sequence"] == 2
    person = f"/v1/supervisors/{supervisor}"
    profile = {name: value for name, value in SUPERVISOR.items() if name not in ("region", "name")}
    for path, body in (
        (f"{person}/absences", {"start": "2026-11-24"}),
        (f"{person}/return", {"on": "2026-11-26"}),
        (f"{person}/departure", {"departs": "2027-02-01"}),
        ("/v1/regions/NL-T01/days", {"day": "2026-11-24"}),
    ):
        assert (await service.http.post(path, json=body)).status_code == 200
    assert (await service.http.put(person, json=profile | {"qh": {"2026-S1": 8}})).json()["sequence"] == 5
    assert await service.kinds() == [
        "region.changed",
        "site.changed",
        "supervisor.registered",
        "workplace.changed",
        "workplace.changed",
        "supervisor.absence-reported",
        "supervisor.returned",
        "supervisor.departed",
        "day.started",
        "supervisor.hours-changed",
    ]
    assert {row.region for row in await service.outbox()} == {"NL-T01"}
    read = (await service.http.get(person)).json()
    assert read["name"] == "Fatima el Amrani"
    assert read["supervisor"]["absences"] == [{"start": "2026-11-24", "end": "2026-11-25"}]


async def test_what_is_made_is_read_again_with_its_version(service: Service) -> None:
    supervisor = await service.settle()
    region = await service.http.get("/v1/regions/NL-T01")
    assert (region.headers["etag"], region.json()["settings"]["grace_days"], region.json()["day"]) == ('"1"', 14, None)
    site = await service.http.get("/v1/sites/01AB00")
    assert (site.json()["name"], site.json()["site"]["role"]) == ("Het Lindecollege", "core")
    [item] = (await service.http.get("/v1/sites/01AB00/supervisors")).json()["items"]
    assert (item["id"], item["name"], item["students"]) == (supervisor, "Fatima el Amrani", 0)


async def test_the_same_key_and_body_get_the_same_answer_and_happen_once(on_any_database: Service) -> None:
    service = on_any_database
    await service.settle()
    key = {"Idempotency-Key": "begeleider-1"}
    first, again = [await service.http.post("/v1/supervisors", json=SUPERVISOR, headers=key) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await service.http.post("/v1/supervisors", json=SUPERVISOR | {"tier": "so"}, headers=key)
    assert problem_of(other, 400)["type"].endswith("idempotency-key-hergebruikt")
    assert (await service.kinds()).count("supervisor.registered") == 2


async def test_the_same_request_twice_at_once_happens_once(on_any_database: Service) -> None:
    service = on_any_database
    supervisor = await service.settle()
    report = [
        service.http.post(
            f"/v1/supervisors/{supervisor}/absences",
            json={"start": "2026-11-24"},
            headers={"Idempotency-Key": "ziek-1"},
        )
        for _ in range(4)
    ]
    answers = await asyncio.gather(*report)
    assert {answer.status_code for answer in answers} == {200}
    assert (await service.kinds()).count("supervisor.absence-reported") == 1


async def test_a_change_based_on_an_older_version_is_refused(service: Service) -> None:
    await service.settle()
    changed = await service.http.put("/v1/regions/NL-T01", json=REGION | {"name": "B"}, headers={"If-Match": '"1"'})
    assert changed.headers["etag"] == '"2"'
    late = await service.http.put("/v1/regions/NL-T01", json=REGION | {"name": "C"}, headers={"If-Match": '"1"'})
    problem_of(late, 412)
    new = await service.http.put("/v1/sites/02CD00", json=SITE, headers={"If-Match": '"1"'})
    problem_of(new, 412)
    assert (await service.kinds()).count("region.changed") == 2


async def test_a_day_starts_once_and_never_goes_back(service: Service) -> None:
    await service.settle()
    days = "/v1/regions/NL-T01/days"
    answers = [await service.http.post(days, json={"day": day}) for day in ("2026-09-01", "2026-09-01", "2026-09-02")]
    assert [answer.json()["sequence"] for answer in answers] == [1, 1, 2]
    assert problem_of(await service.http.post(days, json={"day": "2026-09-01"}), 409)["type"].endswith("dag-terug")
    assert problem_of(await service.http.post(days, json={"day": "2029-09-01"}), 400)["type"].endswith("dag-te-ver")
    problem_of(await service.http.post(days, json={"day": "9999-12-31"}), 400)
    assert (await service.kinds()).count("day.started") == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("PUT", "/v1/regions/NL-T02", REGION | {"kleur": "groen"}, "/kleur"),
        ("PUT", "/v1/regions/NL-T02", REGION | {"settings": {"norms": []}}, "/settings/norms"),
        ("PUT", "/v1/regions/nl", REGION, "region"),
        ("PUT", "/v1/sites/1AB", SITE, "site"),
        ("PUT", "/v1/sites/02CD00", SITE | {"region": "NL-X99"}, "/region"),
        ("PUT", "/v1/sites/02CD00", SITE | {"role": "shell", "core": "09ZZ00"}, "/core"),
        ("PUT", "/v1/sites/02CD00", SITE | {"lat": 152}, "/lat"),
        ("POST", "/v1/workplaces", {"site": "09ZZ00", "subject": "wiskunde"}, "/site"),
        (
            "POST",
            "/v1/workplaces",
            {"site": "01AB00", "subject": "wiskunde", "seats": {"1999-S1": 1}},
            "/seats/1999-S1",
        ),
        ("POST", "/v1/supervisors", SUPERVISOR | {"region": "NL-X99"}, "/region"),
        ("POST", "/v1/supervisors", SUPERVISOR | {"sites": ["09ZZ00"]}, "/sites/0"),
        ("POST", "/v1/supervisors", SUPERVISOR | {"qh": {"1999-S1": 4}}, "/qh/1999-S1"),
        ("POST", "/v1/supervisors", SUPERVISOR | {"name": "  "}, "/name"),
        ("POST", "/v1/supervisors/{id}/absences", {"start": "31-11-2026"}, "/start"),
        ("POST", "/v1/supervisors/{id}/absences", {"start": "2026-11-24", "dagen": 3}, "/dagen"),
        ("POST", "/v1/supervisors/{id}/absences", {"start": "0026-11-24"}, "/start"),
    ],
)
async def test_bad_input_is_refused_with_the_path_of_the_field(
    service: Service, method: str, path: str, body: dict[str, Any], pointer: str
) -> None:
    supervisor = await service.settle()
    before = await service.kinds()
    problem = problem_of(await service.http.request(method, path.replace("{id}", supervisor), json=body), 400)
    assert [error.get("pointer", error.get("parameter")) for error in problem["errors"]] == [pointer]
    assert await service.kinds() == before


async def test_a_shell_names_its_core_and_the_problem_says_so_in_dutch(service: Service) -> None:
    await service.settle()
    problem = problem_of(await service.http.put("/v1/sites/02CD00", json=SITE | {"role": "shell"}), 400)
    assert "schilschool" in problem["detail"]


@pytest.mark.parametrize("path", ["/v1/supervisors/{id}/absences", "/v1/supervisors", "/v1/regions/NL-T01/days"])
async def test_malformed_json_is_refused(service: Service, path: str) -> None:
    supervisor = await service.settle()
    answer = await service.http.post(
        path.replace("{id}", supervisor), content=b'{"start": ', headers={"content-type": "application/json"}
    )
    assert problem_of(answer, 400)["type"].endswith("geen-json")


@pytest.mark.parametrize(
    "field", ["reason", "reden", "diagnose", "ziekte", "note", "opmerking", "toelichting", "Toelichting_", "memo"]
)
@pytest.mark.parametrize("report", ["absences", "return", "departure"])
async def test_a_reason_for_an_absence_is_refused_and_nothing_of_it_is_stored(
    service: Service, report: str, field: str
) -> None:
    supervisor = await service.settle()
    before = await service.kinds()
    body = {"start": "2026-11-24", field: "griep-kanarie"}
    answer = await service.http.post(
        f"/v1/supervisors/{supervisor}/{report}", json=body, headers={"Idempotency-Key": "a"}
    )
    problem = problem_of(answer, 400)
    assert problem["type"].endswith("geweigerd-gezondheidsgegeven")
    assert "reden van afwezigheid" in problem["detail"]
    assert "kanarie" not in answer.text
    assert await service.kinds() == before
    await assert_nowhere_on_disk(service, b"kanarie")


async def test_our_own_closed_reason_is_no_reason_for_an_absence_either(service: Service) -> None:
    supervisor = await service.settle()
    body = {"start": "2026-11-24", "reason": "no-hours"}
    answer = await service.http.post(f"/v1/supervisors/{supervisor}/absences", json=body)
    assert problem_of(answer, 400)["type"].endswith("geweigerd-gezondheidsgegeven")


async def test_a_citizen_service_number_is_refused_and_nothing_of_it_is_stored(service: Service) -> None:
    await service.settle()
    for body in (SUPERVISOR | {"bsn": BSN}, SUPERVISOR | {"name": f"Fatima {BSN}"}):
        answer = await service.http.post("/v1/supervisors", json=body, headers={"Idempotency-Key": "b"})
        assert problem_of(answer, 400)["type"].endswith("geweigerd-burgerservicenummer")
    await assert_nowhere_on_disk(service, BSN.encode())


async def test_a_name_lies_nowhere_on_disk_unsealed(service: Service) -> None:
    supervisor = await service.settle()
    await service.http.post("/v1/supervisors", json=SUPERVISOR, headers={"Idempotency-Key": "c"})
    assert (await service.http.get(f"/v1/supervisors/{supervisor}")).json()["name"] == "Fatima el Amrani"
    await assert_nowhere_on_disk(service, b"Fatima")


async def test_an_erased_name_is_gone_and_who_still_worked_departs_today(on_any_database: Service) -> None:
    service = on_any_database
    supervisor = await service.settle()
    for _ in range(2):
        erased = await service.http.delete(f"/v1/supervisors/{supervisor}")
        assert (erased.status_code, erased.content) == (204, b"")
    read = (await service.http.get(f"/v1/supervisors/{supervisor}")).json()
    assert (read["name"], read["erased"], read["supervisor"]["departs"]) == (None, True, "2026-11-24")
    assert (await service.kinds())[-1] == "supervisor.departed"
    assert (await service.kinds()).count("supervisor.departed") == 1
    profile = {name: value for name, value in SUPERVISOR.items() if name != "region"}
    problem_of(await service.http.put(f"/v1/supervisors/{supervisor}", json=profile), 409)


async def test_a_locked_database_is_told_as_such_and_the_same_request_succeeds_later(
    service: Service, sqlite_url: str
) -> None:
    supervisor = await service.settle()
    report, key = {"start": "2026-11-24"}, {"Idempotency-Key": "later"}
    address = f"/v1/supervisors/{supervisor}/absences"
    with locked_by_somebody_else(sqlite_url):
        away = await service.http.post(address, json=report, headers=key)
        assert problem_of(away, 503)["type"].endswith("even-niet-beschikbaar")
        assert away.headers["retry-after"]
    assert (await service.http.post(address, json=report, headers=key)).status_code == 200
    assert (await service.kinds()).count("supervisor.absence-reported") == 1


async def test_a_decision_is_taken_about_a_student_who_is_placed_here(service: Service) -> None:
    await service.settle()
    decision = "/v1/placements/s1/decision"
    problem_of(await service.http.post(decision, json={"decision": "accept"}), 404)
    async with service.parts.runtime.database.transaction() as tx:
        await fold(service.parts.store(tx, "plan"), [new_event("urn:test", proposed("s1"), NOW)])
    problem_of(await service.http.post(decision, json={"decision": "refuse", "reason": "griep"}), 400)
    accepted = await service.http.post(decision, json={"decision": "accept", "reason": None})
    refused = await service.http.post(decision, json={"decision": "refuse", "reason": "no-hours"})
    assert (accepted.json()["sequence"], refused.json()["reason"]) == (1, "no-hours")
    assert (await service.kinds())[-2:] == ["placement.accepted", "placement.refused"]
    [place] = (await service.http.get("/v1/sites/01AB00/placements")).json()["items"]
    assert (place["student"], place["guides"]) == ("s1", ["v1", "t1", "i1"])


async def test_whatever_is_unknown_is_not_found_in_dutch(service: Service) -> None:
    await service.settle()
    for path in ("regions/NL-X99", "sites/09ZZ00", "workplaces/w9", "supervisors/v9", "sites/09ZZ00/supervisors"):
        assert "kennen we niet" in problem_of(await service.http.get(f"/v1/{path}"), 404)["detail"]


async def test_the_api_describes_itself(service: Service) -> None:
    document = (await service.http.get("/v1/openapi.json")).json()
    assert "/supervisors/{supervisor}/absences" in document["paths"]
    absence = document["components"]["schemas"]["Absence"]
    assert set(absence["properties"]) == {"start", "end"}


def test_in_production_the_key_must_be_there(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'capacity.db'}"
    with pytest.raises(ValueError, match="is not there"):
        build(settings(url, tmp_path, mode="production", jwks_file=tmp_path / "keys"))
    assert not (tmp_path / "master.key").exists()


async def assert_nowhere_on_disk(service: Service, canary: bytes) -> None:
    """No file of the database holds these bytes, the write-ahead log included."""
    database = service.parts.runtime.database
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    path = Path(database.url.database or "")
    files = list(path.parent.glob(path.name + "*"))
    assert files
    for file in files:
        assert canary not in file.read_bytes(), file.name
