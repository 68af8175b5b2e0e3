"""What a school reports in the portal: without a script, once, and confirmed after it was saved."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.integration.capacity.conftest import OWN, PAGE, REGION_ID, Service, page_after, page_of, send, words


async def test_a_reported_absence_is_confirmed_after_it_was_saved(service: Service) -> None:
    supervisor = await service.settle()
    text = await page_after(
        service, await send(service, supervisor, "afwezigheid", start="2026-11-24", end="4-12-2026")
    )
    assert "Opgeslagen om 10:42" in text
    assert "Leerplek kijkt of plaatsingen moeten wijzigen." in text
    assert "Fatima el Amrani Afwezig" in text
    assert "24 november 2026 tot en met 4 december 2026" in text
    assert "afwezigheid gemeld op 24 november 2026 om 10:42, in dit portaal" in text
    assert (await service.kinds())[-1] == "supervisor.absence-reported"


async def test_the_page_confirms_nothing_that_was_not_saved(service: Service) -> None:
    supervisor = await service.settle()
    for query in (
        {"wat": f"supervisor/{supervisor}", "versie": "2"},
        {"wat": f"supervisor/{supervisor}", "versie": "²"},
        {"wat": "supervisor/v9", "versie": "1"},
        {"wat": f"region/{REGION_ID}", "versie": "1"},
        {"versie": "1"},
    ):
        assert "Opgeslagen" not in (await service.http.get(PAGE, params=query)).text


async def test_the_logbook_tells_how_it_was_and_a_name_is_put_back(service: Service) -> None:
    supervisor = await service.settle()
    fields = {"naam": "Fatima Amrani", "rol": "wpb", "soort": "teacher", "vakken": "wiskunde"}
    await send(service, supervisor, "gegevens", **fields, **{"uren-2026-S1": "2,25"})
    service.clock.now += timedelta(minutes=1)
    await send(service, supervisor, "afwezigheid", sleutel="k2", start="2026-11-24", end="2026-12-04")
    page = await service.http.get(f"{PAGE}/wijzigingen")
    text = words(page.text)
    assert "Uren 2026-S1: was 1 uur 30, nu 2 uur 15" in text
    assert "Afwezig: was niets, nu 24-11-2026 tot en met 4-12-2026" in text
    assert "Naam: was Fatima el Amrani, nu Fatima Amrani" in text
    about = {"wat": f"name/{supervisor}", "nummer": "2", "sleutel": "k3"}
    assert 'value="name/' in page.text
    undone = await service.http.post(f"{PAGE}/ongedaan", data=about, headers=OWN)
    assert undone.status_code == 303, undone.text
    assert (await service.http.get(f"/v1/supervisors/{supervisor}")).json()["name"] == "Fatima el Amrani"
    assert "Opgeslagen" in words((await service.http.get(undone.headers["location"])).text)


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
    assert "Fatima el Amrani Aanwezig" in words(await page_of(service, supervisor))
    await service.http.post("/v1/regions/NL-T01/days", json={"day": "2026-11-25"})
    page = await page_of(service, supervisor)
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
