"""Lists over HTTP: what is asked is found, to the end, and what is not known is refused."""

from typing import Any

import pytest

from tests.integration.intake.conftest import BSN, Service, problem_of


async def test_a_student_is_found_by_institute_and_reference(service: Service) -> None:
    made = await service.register(reference="a b/1:2")
    await service.register(reference="a b/1:3")
    await service.register(reference="a b/1:2", institute="02HU")
    asked = {"institute": "01VU", "reference": "a b/1:2"}
    found = await service.http.get("/v1/registrations", params=asked)
    expected = {name: value for name, value in made.json().items() if name != "warnings"}
    assert found.json() == {"items": [expected], "next": None}
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
