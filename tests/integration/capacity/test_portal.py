"""The school portal: what a school sees and reports, without a script, and what it refuses."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.capacity.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from tests.integration.capacity.conftest import SITE, SUPERVISOR, Service
from tests.support.capacity import NOW, proposed
from tests.support.databases import locked_by_somebody_else

OWN = {"Origin": "http://leerplek.test"}
PAGE = "/vestigingen/01AB00"


async def send(service: Service, supervisor: str, action: str, headers: Any = OWN, **fields: Any) -> httpx.Response:
    """Submits a form as a browser does."""
    data = {"sleutel": "klik-1", **fields}
    return await service.http.post(f"{PAGE}/begeleiders/{supervisor}/{action}", data=data, headers=headers)


async def page_after(service: Service, answer: httpx.Response) -> str:
    """The page to which a submitted form sends the browser."""
    assert answer.status_code == 303, answer.text
    return words((await service.http.get(answer.headers["location"])).text)


def words(html: str) -> str:
    """The text of a page on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


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
        await fold(service.parts.store(tx, "plan"), new_event("urn:test", student, NOW))
    text = words((await service.http.get(PAGE)).text)
    for expected in (
        "Het Lindecollege",
        "2 begeleiders",
        "1 student geplaatst",
        "Fatima el Amrani Aanwezig",
        "werkplekbegeleider",
        "1 uur 30 per week",
        "1 student",
        "instituutsopleider",
        "alle vestigingen van de regio",
        "45 minuten per week",
        "aangemeld op 24 november 2026 om 10:42, door het systeem van de school",
    ):
        assert expected in text, expected


async def test_a_reported_absence_is_confirmed_after_it_was_saved(service: Service) -> None:
    supervisor = await service.settle()
    text = await page_after(
        service, await send(service, supervisor, "afwezigheid", start="2026-11-24", end="4-12-2026")
    )
    assert "Opgeslagen om 10:42" in text
    assert "De matcher kijkt of plaatsingen moeten wijzigen." in text
    assert "Fatima el Amrani Afwezig" in text
    assert "24 november 2026 tot en met 4 december 2026" in text
    assert "afwezigheid gemeld op 24 november 2026 om 10:42, in dit portaal" in text
    assert (await service.kinds())[-1] == "supervisor.absence-reported"


async def test_the_page_confirms_nothing_that_was_not_saved(service: Service) -> None:
    supervisor = await service.settle()
    for query in (
        {"begeleider": supervisor, "versie": "2"},
        {"begeleider": supervisor, "versie": "²"},
        {"begeleider": "v9", "versie": "1"},
        {"versie": "1"},
    ):
        assert "Opgeslagen" not in (await service.http.get(PAGE, params=query)).text


async def test_an_old_confirmation_says_on_which_day(service: Service) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", start="2026-11-24")
    service.clock.now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # the next day in the Netherlands
    assert "Opgeslagen op 24 november 2026 om 10:42" in await page_after(service, answer)


async def test_a_double_click_reports_once(on_any_database: Service) -> None:
    service = on_any_database
    supervisor = await service.settle()
    clicks = [send(service, supervisor, "afwezigheid", start="2026-11-24") for _ in range(3)]
    answers = await asyncio.gather(*clicks)
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (await service.kinds()).count("supervisor.absence-reported") == 1


async def test_a_form_that_was_sent_before_with_other_data_asks_to_look_again(service: Service) -> None:
    supervisor = await service.settle()
    await send(service, supervisor, "vertrek", departs="2027-02-01")
    again = await send(service, supervisor, "vertrek", departs="2027-03-01")
    assert again.status_code == 409
    assert "al verstuurd" in again.text
    assert 'value="2027-03-01"' in again.text
    assert 'value="klik-1"' not in again.text


async def test_return_and_departure_are_reported_too(service: Service) -> None:
    supervisor = await service.settle()
    await send(service, supervisor, "afwezigheid", start="2026-11-16")
    back = await page_after(service, await send(service, supervisor, "terug", on="2026-11-24"))
    assert "Fatima el Amrani Aanwezig" in back
    leaving = await page_after(service, await send(service, supervisor, "vertrek", departs="2027-02-01"))
    assert "Fatima el Amrani Vertrekt" in leaving
    gone = await page_after(service, await send(service, supervisor, "vertrek", departs="2026-11-24", sleutel="klik-2"))
    assert "Fatima el Amrani Vertrokken" in gone
    assert "Meld afwezigheid" not in gone
    assert "Vertrek gaat niet door" in gone
    stays = await page_after(service, await send(service, supervisor, "blijft", sleutel="klik-3"))
    assert "Fatima el Amrani Aanwezig" in stays
    assert "Vertrek gaat niet door" not in stays


async def test_the_page_shows_the_day_on_which_the_region_is(service: Service) -> None:
    supervisor = await service.settle()
    await send(service, supervisor, "afwezigheid", start="2026-11-25")
    assert "Fatima el Amrani Aanwezig" in words((await service.http.get(PAGE)).text)
    await service.http.post("/v1/regions/NL-T01/days", json={"day": "2026-11-25"})
    page = (await service.http.get(PAGE)).text
    assert "Fatima el Amrani Afwezig" in words(page)
    assert 'value="2026-11-25"' in page


async def test_the_expected_end_of_an_absence_is_corrected(service: Service) -> None:
    supervisor = await service.settle()
    page = await page_after(service, await send(service, supervisor, "afwezigheid", start="2026-11-16"))
    assert "einde nog niet bekend" in page
    assert "Wijzig verwacht einde" in page
    fields = {"sleutel": "klik-2", "start": "2026-11-16", "end": "2026-12-01"}
    assert "16 november 2026 tot en met 1 december 2026" in await page_after(
        service, await send(service, supervisor, "afwezigheid", **fields)
    )


@pytest.mark.parametrize(
    ("action", "fields", "field", "message"),
    [
        ("afwezigheid", {"start": "31-11-2026"}, "start", "Vul een datum in die bestaat"),
        ("afwezigheid", {"start": ""}, "start", "Vul hier een datum in"),
        ("afwezigheid", {"start": "2026-11-24", "end": "2026-11-20"}, "end", "Het einde ligt voor het begin"),
        ("afwezigheid", {"start": "0206-11-24"}, "start", "Klopt het jaar?"),
        ("vertrek", {"departs": "morgen"}, "departs", "Vul een datum in die bestaat"),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(
    service: Service, action: str, fields: dict[str, str], field: str, message: str
) -> None:
    supervisor = await service.settle()
    before = await service.kinds()
    answer = await send(service, supervisor, action, **fields)
    assert answer.status_code == 400
    identifier = f"{action}-{field}-{supervisor}"
    assert re.search(rf'id="{identifier}-error">.*{re.escape(message)}', answer.text)
    entry = re.search(rf'<input id="{identifier}"[^>]*>', answer.text)
    assert entry is not None
    assert f'value="{fields[field]}"' in entry[0]
    assert 'aria-invalid="true"' in entry[0]
    assert f'href="#{identifier}"' in answer.text
    assert "Er is nog niets opgeslagen" in answer.text
    assert await service.kinds() == before


async def test_an_absence_that_overlaps_is_explained(service: Service) -> None:
    supervisor = await service.settle()
    await send(service, supervisor, "afwezigheid", start="2026-12-07", end="2026-12-18")
    answer = await send(service, supervisor, "afwezigheid", sleutel="klik-2", start="2026-12-10")
    assert answer.status_code == 409
    assert "al een afwezigheid gemeld vanaf 7-12-2026" in answer.text


async def test_there_is_no_field_for_a_reason_and_the_page_says_why(service: Service) -> None:
    await service.settle()
    page = (await service.http.get(PAGE)).text
    assert "Waarom vragen we geen reden?" in page
    fields = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page))
    assert fields == {"sleutel", "start", "end", "departs"}


async def test_a_reason_that_is_sent_anyway_is_refused(service: Service) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", start="2026-11-24", reden="griep-kanarie")
    assert answer.status_code == 400
    assert "geen reden van afwezigheid" in answer.text
    assert "kanarie" not in answer.text
    assert (await send(service, supervisor, "afwezigheid", start="2026-11-24", kleur="groen")).status_code == 400
    assert "supervisor.absence-reported" not in await service.kinds()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://kwaad.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://leerplek.test"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_form_from_another_site_is_refused(service: Service, headers: dict[str, str]) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", headers, start="2026-11-24")
    assert answer.status_code == 403
    assert "komt niet van deze site" in answer.text
    assert "supervisor.absence-reported" not in await service.kinds()


async def test_a_browser_that_says_the_form_is_our_own_is_believed(service: Service) -> None:
    supervisor = await service.settle()
    answer = await send(service, supervisor, "afwezigheid", {"Sec-Fetch-Site": "same-origin"}, start="2026-11-24")
    assert answer.status_code == 303


async def test_somebody_of_another_school_is_not_found_here(service: Service) -> None:
    await service.settle()
    await service.http.put("/v1/sites/02CD00", json=SITE)
    other = (await service.http.post("/v1/supervisors", json=SUPERVISOR | {"sites": ["02CD00"]})).json()["id"]
    assert (await send(service, other, "afwezigheid", start="2026-11-24")).status_code == 404
    assert "supervisor.absence-reported" not in await service.kinds()


async def test_a_school_does_not_report_about_a_trainer_of_the_institute(service: Service) -> None:
    await service.settle()
    trainer = {"region": "NL-T01", "tier": "io", "sites": ["*"], "qh": {"2026-S1": 3}}
    made = (await service.http.post("/v1/supervisors", json=trainer)).json()["id"]
    told_before = await service.kinds()
    page = await service.http.get(PAGE)
    assert "De opleiding geeft zelf door wanneer deze begeleider er niet is" in words(page.text)
    assert f"/begeleiders/{made}/" not in page.text
    assert (await send(service, made, "afwezigheid", start="2026-11-24")).status_code == 404
    assert await service.kinds() == told_before


async def test_a_form_without_its_key_is_not_saved(service: Service) -> None:
    supervisor = await service.settle()
    assert (await send(service, supervisor, "afwezigheid", start="2026-11-24", sleutel="")).status_code == 400


async def test_a_locked_database_offers_the_same_form_again(service: Service, sqlite_url: str) -> None:
    supervisor = await service.settle()
    with locked_by_somebody_else(sqlite_url):
        away = await send(service, supervisor, "afwezigheid", start="2026-11-24", end="")
    assert away.status_code == 503
    assert "Er is niets opgeslagen" in away.text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', away.text))
    assert fields == {"sleutel": "klik-1", "start": "2026-11-24", "end": ""}
    assert (await send(service, supervisor, "afwezigheid", **fields)).status_code == 303


async def test_an_erased_name_is_shown_as_removed(service: Service) -> None:
    supervisor = await service.settle()
    await service.http.delete(f"/v1/supervisors/{supervisor}")
    page = (await service.http.get(PAGE)).text
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
    assert "<script" not in page.text
    assert "style=" not in page.text
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
