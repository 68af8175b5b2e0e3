"""What intake refuses over HTTP is said in Dutch, and nothing of it is kept."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.intake.conftest import BSN, JSON, NOTHING, Service, problem_of
from tests.support.intake import NEW_REGISTRATION


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
