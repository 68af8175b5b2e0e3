"""An institute's system tells in CloudEvents, one or many, what is with its students; each event counts once."""

from typing import Any

import httpx
import pytest

from tests.integration.intake.conftest import BSN, Guarded, Service, problem_of
from tests.support.intake import NEW_REGISTRATION

TYPE = "nl.leerplek.student.{}.v1"
STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


def event(identifier: str, what: str = "registered", **data: Any) -> dict[str, Any]:
    content = data or {**NEW_REGISTRATION, "reference": "k 1"}
    return {"specversion": "1.0", "id": identifier, "source": "urn:vu:sis", "type": TYPE.format(what), "data": content}


async def tell(service: Service, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return await service.http.post("/v1/events", json=body, headers=headers or STRUCTURED)


async def test_the_life_of_a_student_is_told_by_the_institutes_own_reference(service: Service) -> None:
    student = (await tell(service, event("1"))).json()["student"]
    named = {"institute": "01VU", "reference": "k 1"}
    changed = {**NEW_REGISTRATION, "reference": "k 1", "subject": "muziek"}
    for each in (
        event("2", "changed", **changed),
        event("3", "mismatch-reported", **named, kind="travel"),
        event("4", "withdrawn", **named),
    ):
        answer = await tell(service, each)
        assert (answer.status_code, answer.json()["student"]) == (200, student), answer.text
    _, events, _ = await service.stored()
    assert events == ["registered", "changed", "mismatch-reported", "withdrawn"]


async def test_an_event_counts_once_for_its_source_and_id_however_it_comes(service: Service) -> None:
    first = await tell(service, event("1"))
    again = await tell(service, [event("1")], BATCH)
    assert again.json()["items"] == [{**first.json(), "status": 200}]
    attributes = {name: value for name, value in event("1").items() if name != "data"}
    headers = {"Content-Type": "application/json", **{f"ce-{name}": value for name, value in attributes.items()}}
    binary = await tell(service, event("1")["data"], headers)
    assert (binary.json(), binary.headers["idempotent-replayed"]) == (first.json(), "true")
    problem_of(await tell(service, event("1", "withdrawn", student="x")), 400, "idempotency-key-hergebruikt")
    elsewhere = {**event("1"), "source": "urn:vu:other"}
    assert (await tell(service, elsewhere)).json()["student"] == first.json()["student"], "known by its reference"
    students, events, _ = await service.stored()
    assert (students, events) == (1, ["registered"])


async def test_of_a_batch_every_event_has_its_own_status_and_what_is_right_goes_on(service: Service) -> None:
    wrong = event("2", **{**NEW_REGISTRATION, "reference": "k 2", "support": 9})
    unknown = event("3", "withdrawn", institute="01VU", reference="k 9")
    items = (await tell(service, [event("1"), wrong, unknown, "x", event("4", "vanished", a=1)], BATCH)).json()["items"]
    assert [one["status"] for one in items] == [200, 400, 404, 400, 400]
    assert items[1]["problem"]["errors"] == [
        {"pointer": "/data/support", "detail": items[1]["problem"]["errors"][0]["detail"]}
    ]
    assert "onbekend-type" in items[4]["problem"]["type"]
    assert [each["pointer"] for each in items[4]["problem"]["errors"]] == ["/type"]


async def test_what_is_refused_in_one_event_of_a_batch_keeps_no_other_out_and_is_not_stored(service: Service) -> None:
    broken = [
        event("2", **{**NEW_REGISTRATION, "reference": BSN}),
        event("3", **{**NEW_REGISTRATION, "reference": "k 3", "ziekte": "griep"}),
        event("4", **{**NEW_REGISTRATION, "reference": "k\0"}),
        event(f"bsn {BSN}"),
    ]
    answer = await tell(service, [event("1"), *broken, event("5", **{**NEW_REGISTRATION, "reference": "k 5"})], BATCH)
    assert [one["status"] for one in answer.json()["items"]] == [200, 400, 400, 400, 400, 200]
    assert BSN not in answer.text
    assert (await service.stored())[0] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("ce-id", BSN), ("ce-source", f"urn:bsn:{BSN}"), ("ce-subject", BSN), ("ce-id", BSN.replace("1", "%31"))],
)
async def test_attributes_in_headers_hold_no_citizen_service_number(service: Service, name: str, value: str) -> None:
    told = event("1")
    headers = {f"ce-{attribute}": of for attribute, of in told.items() if attribute != "data"}
    answer = await tell(service, told["data"], {"Content-Type": "application/json", **headers, name: value})
    problem_of(answer, 400, "geweigerd-burgerservicenummer")
    assert (await service.stored())[0] == 0


async def test_attributes_in_headers_are_percent_encoded(service: Service) -> None:
    told = event("1")
    headers = {f"ce-{attribute}": of for attribute, of in told.items() if attribute != "data"}
    answer = await tell(service, told["data"], {"Content-Type": "application/json", **headers, "ce-id": "caf%C3%A9"})
    assert answer.json()["id"] == "café"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"specversion": "0.3"}, "geen-cloudevent"),
        ({"id": ""}, "geen-cloudevent"),
        ({"source": None}, "geen-cloudevent"),
        ({"time": "gisteren"}, "geen-cloudevent"),
        ({"datacontenttype": "text/xml"}, "geen-cloudevent"),
        ({"data_base64": "AA=="}, "geen-cloudevent"),
        ({"type": "nl.leerplek.site.changed.v1"}, "onbekend-type"),
        ({"data": {"bsn": BSN}}, "geweigerd-burgerservicenummer"),
        ({"data": None}, "ongeldige-invoer"),
    ],
)
async def test_what_is_no_event_for_here_is_refused_and_nothing_stays(
    service: Service, change: dict[str, Any], code: str
) -> None:
    problem_of(await tell(service, {**event("1"), **change}), 400, code)
    assert (await service.stored())[0] == 0


async def test_other_kinds_of_content_and_too_many_events_are_refused(service: Service) -> None:
    problem_of(await tell(service, event("1"), {"Content-Type": "text/plain"}), 415, "geen-cloudevent")
    problem_of(await tell(service, [event(str(number)) for number in range(201)], BATCH), 400, "te-veel-events")
    problem_of(await tell(service, {}, BATCH), 400, "geen-cloudevent")


async def test_events_of_one_institute_are_about_its_own_students(guarded: Guarded) -> None:
    vu, hu = guarded.token("institute/01VU"), guarded.token("institute/02HU", "student:write")
    made = await guarded.http.post("/v1/events", json=event("1"), headers={**STRUCTURED, **vu})
    assert made.status_code == 200, made.text
    student = made.json()["student"]
    for each, status in (
        (event("1"), 403),
        (event("2", "withdrawn", student=student), 404),
        (event("3", "withdrawn", institute="01VU", reference="k 1"), 404),
        (event("4", "placement-confirmed", student=student), 403),
    ):
        answer = await guarded.http.post("/v1/events", json=each, headers={**STRUCTURED, **hu})
        assert answer.status_code == status, answer.text
