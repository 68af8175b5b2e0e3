"""A school's system tells in CloudEvents, one or many, how it is with its sites, workplaces and supervisors; each event counts once."""

from typing import Any

import httpx
import pytest

from services.capacity.entrypoints.stream import fold
from services.capacity.entrypoints.telling import KINDS
from shared.contracts.envelope import new_event
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR, Guarded, Service
from tests.support.capacity import NOW, proposed

STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
BSN = "123456782"


def event(identifier: str, what: str, **data: Any) -> dict[str, Any]:
    told = {"specversion": "1.0", "id": identifier, "source": "urn:school:rooster"}
    return {**told, "type": f"nl.leerplek.{what}.v1", "data": data}


async def tell(service: Service, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return await service.http.post("/v1/events", json=body, headers=headers or STRUCTURED)


async def told(service: Service, identifier: str, what: str, **data: Any) -> dict[str, Any]:
    answer = await tell(service, event(identifier, what, **data))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
async def region(service: Service) -> Service:
    assert (await service.http.put("/v1/regions/NL-T01", json=REGION)).status_code == 201
    return service


async def with_site(service: Service) -> None:
    await told(service, "site", "site.changed", id="01AB00", **SITE)


async def test_everything_that_a_school_tells_over_http_it_can_tell_in_events(region: Service) -> None:
    service = region
    await with_site(service)
    place = {"site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}}
    workplace = (await told(service, "2", "workplace.changed", **place))["workplace"]
    again = await told(service, "3", "workplace.changed", **{**place, "seats": {"2026-S1": 3}})
    assert again["workplace"] == workplace, "known by its site, subject and phases"
    by_number = await told(service, "4", "workplace.changed", workplace=workplace, **{**place, "subject": "muziek"})
    assert by_number["workplace"] == workplace
    supervisor = (await told(service, "5", "supervisor.registered", **SUPERVISOR))["supervisor"]
    profile = {name: value for name, value in SUPERVISOR.items() if name != "region"}
    reports: tuple[tuple[str, dict[str, Any]], ...] = (
        ("supervisor.hours-changed", {**profile, "qh": {"2026-S1": 4}}),
        ("supervisor.absence-reported", {"start": "2026-11-24"}),
        ("supervisor.returned", {"on": "2026-11-26"}),
        ("supervisor.departed", {"departs": "2027-02-01"}),
    )
    for number, (what, data) in enumerate(reports):
        assert (await told(service, f"report-{number}", what, supervisor=supervisor, **data))[
            "supervisor"
        ] == supervisor
    await place_student(service)
    await told(service, "6", "placement.accepted", student="s1")
    assert (await told(service, "7", "placement.refused", student="s1", reason="no-hours"))["student"] == "s1"
    kinds = await service.kinds()
    assert kinds == [
        "region.changed", "site.changed", "workplace.changed", "workplace.changed", "workplace.changed", "supervisor.registered",
        *(what for what, _ in reports), "placement.accepted", "placement.refused",
    ]  # fmt: skip
    assert {f"nl.leerplek.{each}.v1" for each in kinds if each != "region.changed"} == set(KINDS)


async def place_student(service: Service) -> None:
    async with service.parts.runtime.database.transaction() as tx:
        await fold(service.parts.store(tx, "test"), [new_event("urn:test", proposed("s1"), NOW)])


async def test_an_event_counts_once_for_its_source_and_id_however_it_comes(region: Service) -> None:
    service = region
    await with_site(service)
    first = await tell(service, event("1", "supervisor.registered", **SUPERVISOR))
    again = await tell(service, [event("1", "supervisor.registered", **SUPERVISOR)], BATCH)
    assert again.json()["items"] == [{**first.json(), "status": 200}]
    attributes = {name: value for name, value in event("1", "supervisor.registered").items() if name != "data"}
    headers = {"Content-Type": "application/json", **{f"ce-{name}": value for name, value in attributes.items()}}
    binary = await tell(service, SUPERVISOR, headers)
    assert (binary.json(), binary.headers["idempotent-replayed"]) == (first.json(), "true")
    other = await tell(service, event("1", "supervisor.registered", **{**SUPERVISOR, "starter": True}))
    assert (other.status_code, other.json()["type"].split(":")[-1]) == (400, "idempotency-key-hergebruikt")
    assert (await service.kinds()).count("supervisor.registered") == 1


async def test_of_a_batch_every_event_has_its_own_status_and_what_is_right_goes_on(region: Service) -> None:
    service = region
    await with_site(service)
    batch = [
        event("1", "supervisor.registered", **SUPERVISOR),
        event("2", "supervisor.registered", **{**SUPERVISOR, "tier": "x"}),
        event("3", "supervisor.departed", supervisor="nobody", departs="2027-02-01"),
        "x",
        event("4", "region.changed", **REGION),
        event("5", "supervisor.absence-reported", supervisor="v1", start="2026-11-24", toelichting="griep"),
        event("6", "supervisor.registered", **{**SUPERVISOR, "name": f"Jan {BSN}"}),
        event(f"bsn {BSN}", "supervisor.registered", **SUPERVISOR),
        event("7", "supervisor.registered", **{**SUPERVISOR, "name": "Bo\0"}),
        event("8", "supervisor.registered", **{**SUPERVISOR, "name": "Bo de Wit"}),
    ]
    answer = await tell(service, batch, BATCH)
    items = answer.json()["items"]
    assert [one["status"] for one in items] == [200, 400, 404, 400, 400, 400, 400, 400, 400, 200]
    assert items[5]["problem"]["type"].endswith("geweigerd-gezondheidsgegeven")
    assert BSN not in answer.text
    assert (await service.kinds()).count("supervisor.registered") == 2


@pytest.mark.parametrize(
    ("name", "value"), [("ce-id", BSN), ("ce-source", f"urn:bsn:{BSN}"), ("ce-id", "%31" + BSN[1:])]
)
async def test_attributes_in_headers_hold_no_citizen_service_number(region: Service, name: str, value: str) -> None:
    told = event("1", "site.changed")
    headers = {f"ce-{attribute}": of for attribute, of in told.items() if attribute != "data"}
    sent = {"Content-Type": "application/json", **headers, name: value}
    answer = await tell(region, {"id": "01AB00", **SITE}, sent)
    assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (400, "geweigerd-burgerservicenummer")
    assert await region.kinds() == ["region.changed"]


async def test_each_school_tells_of_its_own_only_and_each_event_needs_its_scope(guarded: Guarded) -> None:
    ids = await guarded.settle()
    absent = event("1", "supervisor.absence-reported", supervisor=ids["supervisor"], start="2026-11-24")
    site = event("2", "site.changed", id="01AB00", **{**SITE, "min_students": 3})
    place = event("3", "workplace.changed", site="01AB00", subject="muziek")
    new = event("4", "supervisor.registered", **SUPERVISOR)
    decision = event("5", "placement.accepted", student="s1")
    everything = [absent, site, place, new, decision]

    async def statuses(org: str, *scopes: str) -> list[int]:
        headers = {**BATCH, **guarded.token(org, *scopes)}
        answer = await guarded.http.post("/v1/events", json=everything, headers=headers)
        assert answer.status_code == 200, answer.text
        return [each["status"] for each in answer.json()["items"]]

    before = await guarded.service.kinds()
    assert await statuses("school/02CD") == [404, 404, 400, 400, 404]
    assert await statuses("school/01AB", "placement:decide") == [403, 403, 403, 403, 200]
    assert await guarded.service.kinds() == before
    assert await statuses("school/01AB") == [200, 200, 200, 200, 200]
    region = await guarded.http.post("/v1/events", json=site, headers={**STRUCTURED, **guarded.token("region/NL-T01")})
    assert region.status_code == 403
