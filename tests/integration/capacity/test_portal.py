"""The pages of the school portal: what a school sees there, and how a page is made."""

import re

import pytest

from services.capacity.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from shared.short_code import short_code
from tests.integration.capacity.conftest import OWN, PAGE, SITE, SUPERVISOR, Service, page_of, send, words
from tests.support.capacity import NOW, proposed


async def test_a_school_finds_itself_by_name_or_town(service: Service) -> None:
    await service.settle()
    await service.http.put("/v1/sites/02CD00", json=SITE | {"name": "De Regenboog", "town": "Bunnik"})
    everything = (await service.http.get("/")).text
    assert f'href="{PAGE}"' in everything
    assert "Regio Test" in everything
    found = (await service.http.get("/", params={"zoek": "linde zeist"})).text
    assert f'href="{PAGE}"' in found
    assert "De Regenboog" not in found
    nothing = (await service.http.get("/", params={"zoek": "<b>\x00niets"})).text
    assert "Geen vestiging gevonden voor “&lt;b&gt;niets”" in nothing


async def test_a_school_sees_its_supervisors_in_its_own_words(service: Service) -> None:
    supervisor = await service.settle()
    nameless = {"region": "NL-T01", "tier": "io", "sites": ["*"], "qh": {"2026-S1": 3, "2026-S2": 0}}
    await service.http.post("/v1/supervisors", json=nameless)
    student = proposed("s1").model_copy(
        update={"placement": proposed("s1").placement.model_copy(update={"so": supervisor})}
    )
    async with service.parts.runtime.database.transaction() as tx:
        await fold(service.parts.store(tx, "plan"), [new_event("urn:test", student, NOW)])
    listed = words((await service.http.get(f"{PAGE}/begeleiders")).text)
    for expected in (
        "Het Lindecollege",
        f"Fatima el Amrani werkplekbegeleider · wiskunde · 1 uur 30 per week · 1 student · code {short_code(supervisor)} Aanwezig",
        "instituutsopleider · 45 minuten per week",
    ):
        assert expected in listed, expected
    text = words(await page_of(service, supervisor))
    for expected in (
        "Fatima el Amrani Aanwezig",
        "werkplekbegeleider",
        "1 uur 30 per week",
        "1 student",
        "aangemeld op 24 november 2026 om 10:42, door de beheerder",
    ):
        assert expected in text, expected
    assert "2 begeleiders" in words((await service.http.get(PAGE)).text)


async def test_somebody_is_found_by_name_without_the_name_in_an_address(service: Service) -> None:
    await service.settle()
    await service.http.post("/v1/supervisors", json=SUPERVISOR | {"name": "Sanne de Groot"})
    search = f"{PAGE}/begeleiders/zoek"
    found = await service.http.post(search, data={"sleutel": "k", "naam": "groot"}, headers=OWN)
    assert "Sanne de Groot" in found.text
    assert "Fatima" not in found.text
    nobody = await service.http.post(search, data={"sleutel": "k", "naam": "xx"}, headers=OWN)
    assert "Niemand gevonden voor “xx”" in nobody.text
    assert "zoek=" not in found.text


async def test_somebody_is_found_by_the_code_that_mails_name_them_by(service: Service) -> None:
    supervisor = await service.settle()
    await service.http.post("/v1/supervisors", json=SUPERVISOR | {"name": "Sanne de Groot"})
    code = short_code(supervisor)
    assert f"code {code}" in (await service.http.get(f"{PAGE}/begeleiders")).text
    assert code in await page_of(service, supervisor)
    for wanted in (code, code.lower(), supervisor):
        asked = {"sleutel": "k", "naam": f" {wanted} "}
        found = (await service.http.post(f"{PAGE}/begeleiders/zoek", data=asked, headers=OWN)).text
        assert "Fatima" in found
        assert "Sanne" not in found


async def test_there_is_no_field_for_a_reason_and_the_page_says_why(service: Service) -> None:
    supervisor = await service.settle()
    page = (await service.http.get(PAGE)).text
    assert "Waarom vragen we geen reden?" in page
    fields = r'<(?:input|select|textarea)[^>]* name="([\w-]+)"'
    assert set(re.findall(fields, page)) == {"sleutel", "wie", "dag", "periode"}
    reported = (await page_of(service, supervisor)).split('id="gegevens"')[0]
    assert set(re.findall(fields, reported)) == {"sleutel", "versie", "start", "end", "departs"}


async def test_an_erased_name_is_shown_as_removed(service: Service) -> None:
    supervisor = await service.settle()
    await service.http.delete(f"/v1/supervisors/{supervisor}")
    page = (await service.http.get(f"{PAGE}/begeleiders")).text + await page_of(service, supervisor)
    assert "Naam verwijderd" in page
    assert "Fatima" not in page


async def test_a_name_with_markup_stays_text(service: Service) -> None:
    await service.settle()
    await service.http.put("/v1/sites/01AB00", json=SITE | {"name": '<img src=x onerror="alert(1)">'})
    page = (await service.http.get(PAGE)).text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("path", ["/vestigingen/09ZZ00", "/vestigingen/%00", "/nergens", "/vestigingen/01AB00/"])
async def test_a_page_that_does_not_exist_is_a_page_in_dutch(service: Service, path: str) -> None:
    answer = await service.http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Niet gevonden" in answer.text


async def test_pages_carry_their_policy_and_the_style_sheet_is_our_own(service: Service) -> None:
    await service.settle()
    page = await service.http.get(PAGE)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-language"] == "nl"
    assert re.findall(r"<script[^>]*>", page.text) == re.findall(r'<script src="/static/[^"]+" defer>', page.text)
    assert not re.search(r"\sstyle=|\son[a-z]+=", page.text)
    for address in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)):
        static = await service.http.get(address)
        assert static.status_code == 200
        assert "immutable" in static.headers["cache-control"]


async def test_every_label_belongs_to_a_field_and_every_id_is_unique(service: Service) -> None:
    supervisor = await service.settle()
    await service.http.post("/v1/supervisors", json=SUPERVISOR | {"name": "Sanne de Groot"})
    page = (await send(service, supervisor, "afwezigheid", start="x")).text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    referred = re.findall(r'\bfor="([^"]+)"', page) + re.findall(r'href="#([^"]+)"', page)
    referred += " ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page)).split()
    assert set(referred) <= set(ids)
    assert len(re.findall(r"<h1", page)) == 1
