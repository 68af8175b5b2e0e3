"""Intake over HTTP: what is accepted happens once, what is wrong is said in Dutch, and nothing of it is kept."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from services.intake.entrypoints.http import build_intake_api
from shared.persistence.tables import OutboxRow
from tests.integration.intake.conftest import Service
from tests.support.databases import locked_by_somebody_else
from tests.support.intake import NEEDS, NEW_REGISTRATION, REGION

NOTHING: tuple[int, list[str], int] = (0, [], 0)
BSN = "123456782"
JSON = {"Content-Type": "application/json"}


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, after a look at what every one has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["api-version"]
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["type"]) == (status, f"urn:leerplek:probleem:{code}")
    assert body["title"]
    assert body["detail"]
    return body


async def test_a_registration_is_answered_with_its_place_and_can_be_read(service: Service) -> None:
    answer = await service.register(reference="2026/42")
    assert answer.status_code == 201
    location = answer.headers["location"]
    read = await service.http.get(location)
    assert read.json() == answer.json()
    assert read.headers["etag"] == answer.headers["etag"] == '"1"'
    assert read.json()["reference"] == "2026/42"
    changed = await service.http.put(location, json={**NEEDS, "support": 3})
    withdrawn = await service.http.delete(location)
    assert [each.json()["reference"] for each in (changed, withdrawn)] == ["2026/42", "2026/42"]
    async with service.parts.runtime.database.reading() as tx:
        assert all(b"2026/42" not in row.value for row in await tx.exec(select(OutboxRow)) if row.value)


async def test_a_registration_without_a_reference_says_so(service: Service) -> None:
    answer = await service.register()
    assert answer.json()["reference"] is None
    assert (await service.http.get(answer.headers["location"])).json() == answer.json()
    assert await service.stored() == (1, ["registered"], 0)


async def test_change_and_withdrawal_carry_the_next_version(service: Service) -> None:
    location = (await service.register()).headers["location"]
    changed = await service.http.put(location, json={**NEEDS, "support": 3}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["student"]["support"]) == (200, '"2"', 3)
    for _ in range(2):
        withdrawn = await service.http.delete(location)
        assert (withdrawn.status_code, withdrawn.json()["status"], withdrawn.headers["etag"]) == (
            200,
            "withdrawn",
            '"3"',
        )
    refused = problem_of(await service.http.put(location, json=NEEDS), 409, "ingetrokken")
    assert refused["detail"].endswith("Schrijf de student opnieuw in; hetzelfde kenmerk mag.")
    assert (await service.stored())[1] == ["registered", "changed", "withdrawn"]


async def test_a_change_based_on_an_older_version_is_refused(service: Service) -> None:
    location = (await service.register()).headers["location"]
    await service.http.put(location, json={**NEEDS, "support": 3})
    for stale in ('"1"', '"7"', "1", "*x"):
        answer = await service.http.put(location, json=NEEDS, headers={"If-Match": stale})
        problem_of(answer, 412, "versie-gewijzigd")
        problem_of(await service.http.delete(location, headers={"If-Match": stale}), 412, "versie-gewijzigd")
    assert (await service.http.get(location)).json()["sequence"] == 2


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


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"unknown_field": 1}, "ongeldige-invoer", "/unknown_field"),
        ({"support": 9}, "ongeldige-invoer", "/support"),
        ({"institute": "1VU"}, "ongeldige-invoer", "/institute"),
        ({"wishes": ["01AB"]}, "ongeldige-invoer", "/wishes/0"),
        ({"lat": 91}, "ongeldige-invoer", "/lat"),
        ({"lat": "NaN"}, "ongeldige-invoer", "/lat"),
        ({"sector": "hbo"}, "ongeldige-invoer", "/sector"),
        ({"period_sets": []}, "ongeldige-invoer", "/period_sets"),
        ({"region": "nl r07"}, "ongeldige-invoer", "/region"),
        ({"reference": "drop\ntable"}, "ongeldige-invoer", "/reference"),
        ({"region": "NL-X99"}, "onbekende-regio", "/region"),
        ({"together": ["s1", "s2"], "apart": ["s2"]}, "samen-en-apart", "/apart/0"),
        ({"period_sets": [["2030-S1"]]}, "onbekende-periode", "/period_sets/0"),
        ({"institute": "09XX"}, "onbekende-opleiding", "/institute"),
        ({"bsn": BSN}, "geweigerd-burgerservicenummer", "/bsn"),
        ({"phase": BSN}, "geweigerd-burgerservicenummer", "/phase"),
        ({"support": int(BSN)}, "geweigerd-burgerservicenummer", "/support"),
        ({"lat": float(BSN)}, "geweigerd-burgerservicenummer", "/lat"),
        ({"reference": f"st {BSN}"}, "geweigerd-burgerservicenummer", "/reference"),
        ({BSN: 1}, "geweigerd-burgerservicenummer", f"/{BSN}"),
        ({"diagnose": "x"}, "geweigerd-gezondheidsgegeven", "/diagnose"),
        ({"needs": {"wpb": 1, "so": 1, "io": 1, "ziekte": "x"}}, "geweigerd-gezondheidsgegeven", "/needs/ziekte"),
        ({"reason": ["x"]}, "geweigerd-gezondheidsgegeven", "/reason"),
    ],
    ids=str,
)
async def test_a_field_that_is_wrong_is_named_and_nothing_is_stored(
    service: Service, changes: dict[str, Any], code: str, pointer: str
) -> None:
    body = problem_of(await service.register(key="k", **changes), 400, code)
    assert pointer in {error["pointer"] for error in body["errors"]}
    assert await service.stored() == NOTHING


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ongeldige-invoer"),
        (b"{", "geen-json"),
        (b"[1,", "geen-json"),
        (b"null", "ongeldige-invoer"),
        (b"[]", "ongeldige-invoer"),
        (b'"text"', "ongeldige-invoer"),
        (b'{"region": "\xff\xfe"}', "geen-json"),
        (b"\x00\x01\x02", "geen-json"),
        (b"[" * 100_000, "geen-json"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, "ongeldige-invoer"),
        (b'{"region": ' + b"9" * 5000 + b"}", "geen-json"),
        (b'{"lat": NaN}', "ongeldige-invoer"),
        (b'{"subject": "a\\u0000b"}', "ongeldig-teken"),
        (b'{"subject": "\\ud800"}', "ongeldig-teken"),
        (b'{"\\ud800": 1}', "ongeldig-teken"),
    ],
    ids=lambda value: repr(value)[:24],
)
async def test_a_body_that_is_no_registration_at_all_is_refused_without_a_bug(
    service: Service, content: bytes, code: str
) -> None:
    problem_of(await service.http.post("/v1/registrations", content=content, headers=JSON), 400, code)
    assert await service.stored() == NOTHING


@pytest.mark.parametrize("content_type", ["text/plain", "text/json", "application/xml", ""])
async def test_a_body_of_another_kind_is_refused_without_a_bug(service: Service, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    for content in (json.dumps(NEW_REGISTRATION).encode(), b"{"):
        answer = await service.http.post("/v1/registrations", content=content, headers=headers)
        problem_of(answer, 415, "geen-json-bericht")
    answer = await service.http.post("/v1/registrations", content=b"", headers=headers)
    problem_of(answer, 400, "ongeldige-invoer")
    assert await service.stored() == NOTHING


async def test_a_client_that_always_says_json_may_read_and_withdraw_without_a_body(service: Service) -> None:
    location = (await service.register()).headers["location"]
    assert (await service.http.get(location, headers=JSON)).status_code == 200
    assert (await service.http.delete(location, headers=JSON)).status_code == 200


async def test_a_citizen_service_number_in_address_or_key_is_refused_and_not_stored(service: Service) -> None:
    problem_of(await service.http.get(f"/v1/registrations/{BSN}"), 400, "geweigerd-burgerservicenummer")
    problem_of(await service.register(key=f"st-{BSN}"), 400, "geweigerd-burgerservicenummer")
    assert await service.stored() == NOTHING


async def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(service: Service) -> None:
    large = json.dumps({**NEW_REGISTRATION, "reference": "x" * 1_100_000}).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    for content in (large, in_pieces()):
        answer = await service.http.post("/v1/registrations", content=content, headers=JSON)
        assert "1024 kB" in problem_of(answer, 413, "te-groot")["detail"]
    assert await service.stored() == NOTHING


@pytest.mark.parametrize("path", ["/v1/nope", "/v1/registrations/unknown", "/v1/registrations/", "/nope"])
async def test_what_does_not_exist_is_a_problem_in_dutch(service: Service, path: str) -> None:
    answer = await service.http.get(path)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_same_key_and_body_get_the_same_answer_and_happen_once(service: Service) -> None:
    first, again = await service.register(key="k1"), await service.register(key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert await service.stored() == (1, ["registered"], 1)


async def test_the_same_key_with_another_body_is_refused(service: Service) -> None:
    await service.register(key="k1")
    problem_of(await service.register(key="k1", support=2), 400, "idempotency-key-hergebruikt")
    assert await service.stored() == (1, ["registered"], 1)


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_that_is_none_is_refused(service: Service, key: str) -> None:
    problem_of(await service.register(key=key), 400, "idempotency-key")
    assert await service.stored() == NOTHING


async def test_a_request_that_failed_may_be_tried_again_with_the_same_key(service: Service) -> None:
    problem_of(await service.register(key="k1", region="NL-X99"), 400, "onbekende-regio")
    assert (await service.register(key="k1")).status_code == 201


async def test_twenty_posts_at_once_with_one_key_register_one_student(service: Service) -> None:
    answers = await asyncio.gather(*(service.register(key="k1") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await service.stored() == (1, ["registered"], 1)


async def test_of_ten_institutes_posts_at_once_with_one_reference_one_is_registered(service: Service) -> None:
    answers = await asyncio.gather(*(service.register(reference="42") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    for refused in (each for each in answers if each.status_code == 409):
        problem_of(refused, 409, "kenmerk-bestaat")
    assert await service.stored() == (1, ["registered"], 0)


async def test_a_withdrawal_frees_the_reference_and_of_ten_who_want_it_at_once_one_gets_it(service: Service) -> None:
    first = await service.register(reference="42")
    problem_of(await service.register(reference="42"), 409, "kenmerk-bestaat")
    assert (await service.http.delete(first.headers["location"])).status_code == 200
    answers = await asyncio.gather(*(service.register(reference="42") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    found = await service.http.get("/v1/registrations", params={"institute": "01VU", "reference": "42"})
    assert [each["status"] for each in found.json()["items"]] == ["withdrawn", "registered"]


async def test_a_student_is_found_by_institute_and_reference(service: Service) -> None:
    made = await service.register(reference="a b/1:2")
    await service.register(reference="a b/1:3")
    await service.register(reference="a b/1:2", institute="02HU")
    asked = {"institute": "01VU", "reference": "a b/1:2"}
    found = await service.http.get("/v1/registrations", params=asked)
    assert found.json() == {"items": [made.json()], "next": None}
    assert "link" not in found.headers
    nobody = await service.http.get("/v1/registrations", params={**asked, "status": "withdrawn"})
    assert nobody.json() == {"items": [], "next": None}
    elsewhere = await service.http.get("/v1/registrations", params={"region": "NL-X99"})
    assert elsewhere.json() == {"items": [], "next": None}


async def test_a_list_is_read_to_its_end_by_following_its_links(service: Service) -> None:
    made = [(await service.register(reference=f"r {number}")).json()["id"] for number in range(7)]
    await service.register(institute="02HU")
    page = await service.http.get("/v1/registrations", params={"institute": "01VU", "limit": 3})
    pages = [page]
    while "next" in page.links:
        page = await service.http.get(page.links["next"]["url"])
        pages.append(page)
    assert [[each["id"] for each in one.json()["items"]] for one in pages] == [made[:3], made[3:6], made[6:]]
    assert [one.json()["next"] for one in pages] == [made[2], made[5], None]
    whole = await service.http.get("/v1/registrations", params={"institute": "01VU", "limit": 7})
    assert (len(whole.json()["items"]), whole.json()["next"]) == (7, None)


@pytest.mark.parametrize(
    ("path", "wrong", "parameter"),
    [
        ("registrations", {"limit": 0}, "limit"),
        ("registrations", {"limit": 501}, "limit"),
        ("registrations", {"cursor": "a b"}, "cursor"),
        ("registrations", {"institute": "VU"}, "institute"),
        ("registrations", {"reference": ""}, "reference"),
        ("registrations", {"status": "gone"}, "status"),
        ("registrations", {"kenmerk": "42"}, "kenmerk"),
        ("mismatches", {"student": "a b"}, "student"),
        ("mismatches", {"studnet": "s1"}, "studnet"),
    ],
)
async def test_a_list_refuses_what_it_does_not_know_instead_of_listing_everybody(
    service: Service, path: str, wrong: dict[str, Any], parameter: str
) -> None:
    body = problem_of(await service.http.get(f"/v1/{path}", params=wrong), 400, "ongeldige-invoer")
    assert [each["parameter"] for each in body["errors"]] == [parameter]
    assert "42" not in body["detail"]


async def test_a_citizen_service_number_as_reference_is_not_looked_up(service: Service) -> None:
    asked = await service.http.get("/v1/registrations", params={"reference": BSN})
    assert BSN not in str(problem_of(asked, 400, "geweigerd-burgerservicenummer"))


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


async def test_ten_changes_at_once_each_get_a_version_of_their_own(service: Service) -> None:
    location = (await service.register()).headers["location"]
    bodies = [{**NEEDS, "max_travel_min": 30 + n} for n in range(10)]
    answers = await asyncio.gather(*(service.http.put(location, json=body) for body in bodies))
    assert sorted(answer.json()["sequence"] for answer in answers) == list(range(2, 12))
    assert (await service.stored())[1] == ["registered", *["changed"] * 10]


async def test_a_locked_database_is_told_as_such_and_nothing_is_stored(service: Service, database_url: str) -> None:
    if not service.parts.runtime.database.is_sqlite:
        pytest.skip("PostgreSQL has no lock on the whole database")
    with locked_by_somebody_else(database_url):
        answer = await service.register(key="k1")
        assert "Er is niets opgeslagen" in problem_of(answer, 503, "even-niet-beschikbaar")["detail"]
        assert answer.headers["retry-after"] == "5"
        assert await service.stored() == NOTHING
    assert (await service.register(key="k1")).status_code == 201


async def test_a_service_that_cannot_write_is_not_ready(service: Service, database_url: str) -> None:
    ready = await service.http.get("/readyz")
    assert (ready.status_code, ready.json()["notices"]) == (200, ["kafka does not answer"])
    database = service.parts.runtime.database
    if database.is_sqlite:
        with locked_by_somebody_else(database_url):
            refused = await service.http.get("/readyz")
    else:
        async with database.engine.connect() as connection:
            await connection.execute(
                text(f'ALTER DATABASE "{database.url.database}" SET default_transaction_read_only = on')
            )
            await connection.commit()
        await database.engine.dispose()  # the setting holds for new connections, as after a failover
        refused = await service.http.get("/readyz")
        problem_of(await service.register(), 503, "even-niet-beschikbaar")
    assert (refused.status_code, refused.json()["status"]) == (503, "wait")
    assert re.search("locked|read only", refused.json()["reasons"][0])


async def test_the_api_describes_itself(service: Service) -> None:
    document = (await service.http.get("/v1/openapi.json")).json()
    assert set(document["paths"]) == {
        "/registrations",
        "/registrations/{student}",
        "/mismatches",
        "/mismatches/{mismatch}",
    }
    assert REGION.id not in json.dumps(document)
