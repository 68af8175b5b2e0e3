"""The pages for institutes over HTTP: what is shown and saved, once, and in plain Dutch."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.intake.adapters.tables import StudentRow
from services.intake.entrypoints.serve import build_intake_app
from services.intake.ports.explaining import Explained, Obstacle, Remedy
from shared.persistence.statements import insert_rows
from tests.support.intake import NEEDS, REGION
from tests.support.office_http import World, text_of
from tests.support.office_world import (
    INSTITUTE,
    PAGE,
    every_page,
    make_office,
    place,
    serving,
    tell,
    unplaced,
)
from tests.support.portal_words import FIELD_WORDS
from tests.support.spelling import has_dictionary, in_words, unknown

WHY = Explained(
    is_placed=False,
    is_complete=True,
    reason="no-supervisor-hours",
    facts={"places": 3, "short-qh": 4},
    rivals=2,
    remedies=[Remedy("team", True, 31, 1, 0), Remedy("longer-journey", True, 95, 0, 2), Remedy("duo", False)],
)
WHY_HERE = Explained(
    is_placed=True,
    is_complete=True,
    minutes=24,
    obstacles=[Obstacle("02CD00", ("seats-taken",), is_wish=True), Obstacle("02CD00", (), is_wish=False)],
)


class Told:
    """Explains what it was given."""

    def __init__(self, found: Explained | None) -> None:
        self._found = found

    async def explain(self, student: str) -> Explained | None:
        return self._found


async def test_today_shows_what_waits_for_the_institute(world: World) -> None:
    page = text_of(await world.http.get(PAGE))
    for expected in (
        "1 student kan wisselen naar een plek die beter past",
        "naar De Regenboog, Bunnik: 12 in plaats van 24 minuten reizen. Antwoord vóór 4 december 2026.",
        "2 voorstellen wachten op uw antwoord",
        "2 studenten hebben nog geen plek",
        "te weinig uren van werkplekbegeleiders, sinds 17 november 2026",
        "Bij 1 student past de plek niet goed",
        "7 ingeschreven 4 met een plek 2 zonder plek 1 in behandeling",
    ):
        assert expected in page, expected


async def test_a_place_is_confirmed_once_however_often_it_is_sent(world: World) -> None:
    student = world.of("st-101")
    first, second = [await world.post(f"{student}/bevestigen", key="same", plek="w-01AB00") for _ in range(2)]
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    page = text_of(await world.http.get(first.headers["location"]))
    assert "Opgeslagen om 10:42" in page
    assert "Bevestigd, wacht op de school" in page
    assert "Plek bevestigd, op deze pagina’s." in page
    assert (await world.told()).count("placement-confirmed") == 1
    assert "1 voorstel wacht op uw antwoord" in text_of(await world.http.get(PAGE))


async def test_a_place_is_declined_with_a_reason_and_never_without(world: World) -> None:
    student = world.of("st-101")
    wrong = await world.post(f"{student}/afwijzen", plek="w-01AB00")
    assert (wrong.status_code, "Kies een reden." in wrong.text) == (400, True)
    done = await world.post(f"{student}/afwijzen", key="b", plek="w-01AB00", keuze="travel")
    assert done.status_code == 303
    assert "Afgewezen, Leerplek zoekt verder" in text_of(await world.http.get(done.headers["location"]))
    assert (await world.told())[-1] == "placement-declined"
    await tell(world.parts, place(world.students["st-101"], "02CD00", sequence=2))
    page = text_of(await world.http.get(student))
    assert "Voorstel wacht op u" in page, "another place is another question"


async def test_who_saw_an_older_plan_decides_nothing(world: World) -> None:
    await tell(world.parts, place(world.students["st-101"], "02CD00", sequence=2))
    for path in ("bevestigen", "afwijzen", "andere-plek"):
        answer = await world.post(f"{world.of('st-101')}/{path}", key=path, plek="w-01AB00", keuze="travel")
        assert answer.status_code == 409
        assert "Het plan is intussen veranderd" in answer.text
    late = await world.post(f"{world.of('st-404')}/bevestigen", key="o", aanbod="9")
    assert (late.status_code, "Dit aanbod is er niet meer" in late.text) == (409, True)
    assert not {"placement-confirmed", "placement-declined", "switch-requested"} & set(await world.told())


async def test_an_offer_is_taken_and_another_place_is_asked_for(world: World) -> None:
    assert (await world.post(f"{world.of('st-404')}/bevestigen", aanbod="1")).status_code == 303
    asked = await world.post(f"{world.of('st-303')}/andere-plek", plek="w-01AB00", keuze="days")
    assert asked.status_code == 303
    assert "Leerplek zoekt een andere plek" in text_of(await world.http.get(world.of("st-303")))
    assert (await world.told())[-2:] == ["placement-confirmed", "switch-requested"]
    assert "kan wisselen" not in text_of(await world.http.get(PAGE))


async def test_a_mismatch_is_reported_and_closed_again(world: World) -> None:
    student = world.of("st-404")
    assert (await world.post(f"{student}/past-niet")).status_code == 400
    assert (await world.post(f"{student}/past-niet", key="b", keuze="travel")).status_code == 303
    again = await world.post(f"{student}/past-niet", key="c", keuze="travel")
    assert (again.status_code, "al gemeld" in again.text) == (409, True)
    page = await world.http.get(student)
    assert "De reis past niet" in page.text
    assert "De dagen passen niet" in (await world.http.get(world.of("st-303"))).text
    found = re.search(r'name="melding" value="([^"]+)"', page.text)
    assert found
    elsewhere = await world.post(f"{world.of('st-101')}/past-weer", key="d", melding=found[1])
    assert elsewhere.status_code == 404
    assert (await world.post(f"{student}/past-weer", key="e", melding=found[1])).status_code == 303
    assert "De reis past niet" not in (await world.http.get(student)).text


async def test_a_registration_is_withdrawn_after_what_it_does_is_told(world: World) -> None:
    student = world.of("st-101")
    assert "geeft de plek aan een ander" in (await world.http.get(f"{student}/intrekken")).text
    done = await world.post(f"{student}/intrekken")
    page = text_of(await world.http.get(done.headers["location"]))
    assert "Inschrijving ingetrokken" in page
    assert "Deze inschrijving is ingetrokken" in page
    assert (await world.told())[-1] == "withdrawn"


async def test_students_are_found_by_the_institutes_own_number_that_stands_in_no_address(world: World) -> None:
    found = await world.post(f"{PAGE}/studenten/zoek", kenmerk="st-1")
    assert "st-101" in found.text
    assert "st-202" not in found.text
    assert "Geen student gevonden met “%”" in (await world.post(f"{PAGE}/studenten/zoek", kenmerk="%")).text
    withdrawn = await world.post(f"{PAGE}/studenten/zoek", kenmerk="st-808")
    assert "Ingetrokken" in withdrawn.text
    assert (await world.post(f"{PAGE}/studenten/zoek")).status_code == 303
    pages = [found, await world.http.get(PAGE), await world.http.get(f"{PAGE}/studenten")]
    addresses = [each for page in pages for each in re.findall(r'(?:href|action|data-news)="([^"]+)"', page.text)]
    assert not [each for each in addresses if re.search(r"st-\d", each)]


def a_row(number: int, institute: str = INSTITUTE) -> dict[str, Any]:
    identifier = f"z-{number:06d}"
    body = {**NEEDS, "id": identifier, "institute": institute}
    about = {"id": identifier, "region": REGION.id, "institute": institute, "reference": f"r{number}"}
    return {**about, "status": "registered", "sequence": 1, "body": body}


async def test_a_list_goes_on_where_it_ended(world: World) -> None:
    rows = [{**a_row(number), "reference": f"m-{number:03d}"} for number in range(60)]
    async with world.parts.runtime.database.transaction() as tx:
        await insert_rows(tx, StudentRow, rows)
    first = (await world.http.get(f"{PAGE}/studenten?stand=in-behandeling")).text
    following = re.search(r'href="([^"]+)">Volgende studenten', first)
    assert following
    second = (await world.http.get(following[1].replace("&amp;", "&"))).text
    seen = [re.findall(r'">(m-\d+|st-\d+)</a>', page) for page in (first, second)]
    assert [len(each) for each in seen] == [50, 11]
    assert not set(seen[0]) & set(seen[1])


async def test_an_explanation_tells_what_would_help_in_words(world: World) -> None:
    for parts, reference, expected in (
        (replace(world.parts, explaining=Told(WHY)), "st-505", (
            "Er zijn 3 plekken die passen.", "ontbreekt 1 uur per week", "2 andere studenten zoeken hetzelfde",
            "Begeleiding door een team Gevolg: 31 minuten reizen, 1 andere student krijgt een andere plek, niemand raakt een plek kwijt.",
            "2 andere studenten zonder plek", "Dat bepaalt uw opleiding.", "Dit helpt nu niet: twee studenten samen",
        )),
        (replace(world.parts, explaining=Told(WHY_HERE)), "st-101", ("De Regenboog, Bunnik: alle plekken zijn bezet.",)),
        (replace(world.parts, explaining=Told(None)), "st-101", ("De uitleg is er nu niet",)),
    ):  # fmt: skip
        transport = httpx.ASGITransport(build_intake_app(parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
            page = text_of(await http.get(f"{world.of(reference)}/uitleg"))
            part = await http.get(f"{world.of(reference)}/uitleg", headers={"Leerplek-Part": "yes"})
        for each in expected:
            assert each in page, each
        assert part.headers["leerplek-news"] == "complete"
        assert "<html" not in part.text


async def test_what_the_plan_did_is_told_when_it_did(world: World) -> None:
    news = f"{world.of('st-101')}/nieuws?plan=1"
    assert "tot nu toe niet gewijzigd" in (await world.http.get(news)).text
    await tell(world.parts, unplaced(world.students["st-101"], 2))
    assert "er is nu geen plek" in (await world.http.get(news)).text


async def test_a_form_of_another_site_is_refused(world: World) -> None:
    for headers in ({}, {"Origin": "https://elders.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await world.post(f"{world.of('st-101')}/bevestigen", headers=headers, plek="w-01AB00")
        assert answer.status_code == 403
    assert "placement-confirmed" not in await world.told()


async def test_another_institutes_student_is_not_there(world: World) -> None:
    for address in (
        f"{PAGE}/studenten/{world.students['other']}",
        f"/opleidingen/02HU/studenten/{world.students['st-101']}",
    ):
        for path in ("", "/uitleg", "/nieuws", "/afwijzen", "/andere-plek", "/past-niet", "/intrekken"):
            assert (await world.http.get(address + path)).status_code == 404, address + path
        for path in ("/bevestigen", "/afwijzen", "/andere-plek", "/past-niet", "/past-weer", "/intrekken"):
            answer = await world.post(address + path, key=path, plek="w-01AB00", keuze="travel", melding="x")
            assert answer.status_code in (400, 404), address + path
    assert "other" not in (await world.http.get(f"{PAGE}/studenten")).text


@pytest.mark.skipif(
    not has_dictionary(), reason="no hunspell with a Dutch dictionary: install hunspell and hunspell-nl"
)
def test_every_word_on_every_page_is_dutch(tmp_path: Path) -> None:
    students, wrong = make_office(tmp_path), {}
    known = FIELD_WORDS | {"stagecoördinator", "regenboog", "bunnik", "duo", "st", "mb", "voltijd"}
    with serving(tmp_path, students) as office:
        for name, path in every_page(office).items():
            found = {each for each in unknown(in_words(httpx.get(office.url + path).text)) if each.lower() not in known}
            if found:
                wrong[name] = sorted(found)
    assert wrong == {}
