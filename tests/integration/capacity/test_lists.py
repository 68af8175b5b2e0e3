"""Lists over HTTP: filtered, in pages that lead to the next, and as files."""

import httpx
import pytest

from tests.integration.capacity.conftest import SITE, SUPERVISOR, Service


async def settle(service: Service) -> list[str]:
    """Two sites of one board, three supervisors and three workplaces."""
    await service.settle()
    for code, board in (("01AB01", "41234"), ("02CD00", "55555")):
        assert (await service.http.put(f"/v1/sites/{code}", json=SITE | {"board": board})).status_code == 201
    for sites, tier in ((["01AB01"], "so"), (["02CD00"], "wpb")):
        await service.http.post("/v1/supervisors", json=SUPERVISOR | {"sites": sites, "tier": tier})
    for site, subject in (("01AB00", "wiskunde"), ("01AB01", "engels"), ("02CD00", "engels")):
        body = {"site": site, "subject": subject, "seats": {"2026-S1": 1}}
        assert (await service.http.post("/v1/workplaces", json=body)).status_code == 201
    return ["01AB00", "01AB01", "02CD00"]


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("/v1/regions", {}, 1),
        ("/v1/sites", {}, 3),
        ("/v1/sites", {"school": "01AB"}, 2),
        ("/v1/sites", {"board": "55555"}, 1),
        ("/v1/sites", {"region": "NL-T09"}, 0),
        ("/v1/sites", {"sector": "po"}, 0),
        ("/v1/workplaces", {"subject": "engels"}, 2),
        ("/v1/workplaces", {"subject": "engels", "site": "02CD00"}, 1),
        ("/v1/supervisors", {"tier": "wpb"}, 2),
        ("/v1/supervisors", {"site": "01AB01"}, 1),
    ],
)
async def test_a_list_holds_what_was_asked_for(
    on_any_database: Service, path: str, query: dict[str, str], count: int
) -> None:
    await settle(on_any_database)
    assert len(ids(await on_any_database.http.get(path, params=query))) == count


async def test_pages_lead_from_one_to_the_next_without_gap_or_repeat(service: Service) -> None:
    sites = await settle(service)
    seen, address = [], "/v1/sites?limit=1"
    while address:
        answer = await service.http.get(address)
        seen += ids(answer)
        address = answer.headers.get("link", "").partition(">")[0].lstrip("<")
    assert seen == sites


@pytest.mark.parametrize("query", [{"colour": "red"}, {"limit": "0"}, {"site": "x"}, {"cursor": "../x"}])
async def test_what_a_list_does_not_know_is_refused(service: Service, query: dict[str, str]) -> None:
    answer = await service.http.get("/v1/supervisors", params=query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_names_come_only_with_one_site(service: Service) -> None:
    await settle(service)
    assert "Fatima" not in (await service.http.get("/v1/supervisors")).text
    assert "Fatima" in (await service.http.get("/v1/supervisors", params={"site": "01AB00"})).text


async def test_a_decision_is_read_back_and_so_is_who_changed_what(service: Service) -> None:
    supervisor = await service.settle()
    assert (await service.http.get("/v1/placements/s9/decision")).status_code == 404
    changes = (await service.http.get("/v1/sites/01AB00/changes")).json()["items"]
    assert {each["about"] for each in changes} == {"site/01AB00", f"supervisor/{supervisor}"}
    assert {each["by"] for each in changes} == {"operator"}
    assert "Fatima" not in str(changes)


async def test_files_hold_what_there_is(service: Service) -> None:
    await settle(service)
    people = await service.http.get("/v1/supervisor-files", params={"region": "NL-T01", "site": "01AB00"})
    assert people.headers["content-type"].startswith("text/csv")
    lines = people.content.decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "nummer;naam;rol;soort;vestigingen;vakken;dagen;hoogstens;starter;uitlenen;afwezig vanaf;afwezig tot en met;"
        "uren 2026-S1;uren 2026-S2"
    )
    assert lines[1].split(";")[1:6] == ["Fatima el Amrani", "werkplekbegeleider", "leraar", "01AB00", "wiskunde"]
    assert lines[1].split(";")[-2:] == ["1,5", ""]
    places = await service.http.get("/v1/workplace-files", params={"region": "NL-T01"})
    assert len(places.content.decode("utf-8-sig").splitlines()) == 4
