"""Registering one student by hand and changing it: once however often it is sent, with what is wrong beside each field."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from services.intake.adapters.tables import StudentRow
from services.intake.domain.access import Who
from services.intake.domain.registrations import KnownSite
from services.intake.entrypoints.pages.registration_form import home_of
from tests.support.intake import NEEDS, REGION
from tests.support.office_http import OWN, World, text_of
from tests.support.office_world import INSTITUTE, PAGE

NEW = f"{PAGE}/studenten/nieuw"
FIELDS: dict[str, Any] = {
    "regio": REGION.id,
    "kenmerk": "st-900",
    "vak": "Wiskunde",
    "sector": "vo",
    "leerroute": "Zij-instroom",
    "fase": "jaar 3",
    "ondersteuningsklasse": "2",
    "woont": "52,09 5,11",
    "periode-1-2026-S1": "ja",
}


async def send(
    world: World, path: str, key: str = "k", headers: Mapping[str, str] = OWN, **fields: Any
) -> httpx.Response:
    """Sends a form."""
    return await world.http.post(path, data={"sleutel": key, **fields}, headers=headers)


async def student_called(world: World, reference: str, institute: str = INSTITUTE) -> dict[str, Any]:
    """What is kept of the one student with this reference."""
    async with world.parts.runtime.database.reading() as tx:
        found = select(StudentRow).where(StudentRow.reference == reference, StudentRow.institute == institute)
        row = (await tx.exec(found)).one()
    return {**row.body, "sequence": row.sequence}


def wrong_beside(page: httpx.Response) -> dict[str, str]:
    """What is wrong, by the field that it stands beside."""
    found = re.findall(r'id="f-([\w-]+)-error"><span class="visually-hidden">Fout: </span>([^<]+)<', page.text)
    return dict(found)


async def test_a_student_is_registered_once_however_often_the_form_is_sent(world: World) -> None:
    answers = await asyncio.gather(*(send(world, NEW, key="same", **FIELDS) for _ in range(4)))
    answers.append(await send(world, NEW, key="same", **FIELDS))
    assert {each.status_code for each in answers} == {303}
    assert len({each.headers["location"] for each in answers}) == 1
    page = text_of(await world.http.get(answers[0].headers["location"]))
    for words in ("Student st-900", "Opgeslagen om 10:42", "Ingeschreven.", "zij instroom", "jaar 3", "klasse 2"):
        assert words in page, words
    assert "Kijk dit nog eens na" not in page
    kept = await student_called(world, "st-900")
    expected = {
        **NEEDS, "route": "zij-instroom", "phase": "year3", "support": 2, "lat": 52.09, "lon": 5.11, "sequence": 1,
        "wishes": [], "not_sites": [], "only_sites": [], "together": [], "apart": [], "duo": False, "days": [],
        "max_travel_min": None, "needs": None,
    }  # fmt: skip
    assert {name: value for name, value in kept.items() if name != "id"} == expected
    assert (await world.told()).count("registered") == 10, "nine were there"
    other = await send(world, NEW, key="same", **{**FIELDS, "vak": "frans"})
    assert (other.status_code, "was al verstuurd, met andere gegevens" in other.text) == (409, True)


async def test_what_is_empty_is_told_beside_each_field_in_the_order_of_the_page(world: World) -> None:
    answer = await send(world, NEW, regio=REGION.id, reistijd_max="veel", wensen="1AB00")
    assert answer.status_code == 400
    assert wrong_beside(answer) == {
        "kenmerk": "Vul uw eigen nummer van de student in.",
        "vak": "Vul het vak of de bouw in.",
        "sector": "Kies een sector.",
        "leerroute": "Vul de leerroute in, bijvoorbeeld voltijd.",
        "fase": "Vul de fase in, bijvoorbeeld WPL 1 of jaar 3.",
        "ondersteuningsklasse": "Kies hoeveel begeleiding nodig is.",
        "woont": "Vul een plaats in, of twee getallen van een kaart, bijvoorbeeld 52,09 5,11.",
        "periode": "Kies minstens één periode bij de eerste keuze.",
        "reistijd_max": "Hier hoort een getal.",
        "wensen": "Er ontbreekt een nul vooraan (01AB00?); maak de kolom op als tekst.",
    }
    links = re.findall(r'<li><a href="#f-([\w-]+)">', answer.text)
    assert links == list(wrong_beside(answer)), "the list above the form goes as the form does"
    assert (await world.told()).count("registered") == 9


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"kenmerk": "st-101"}, "kenmerk", "Met dit kenmerk is al een student ingeschreven."),
        ({"kenmerk": "<b>"}, "kenmerk", "Deze waarde heeft niet de goede vorm"),
        ({"vak": "burn-out"}, "vak", "Hier staat iets over gezondheid"),
        ({"kenmerk": "123456782"}, "kenmerk", "Stuur geen burgerservicenummer."),
        ({"woont": "5,11 52,09"}, "woont", "Dit ligt niet in of bij Nederland."),
        ({"woont": "Verweg"}, "woont", "In deze plaats kennen we geen school."),
        ({"periode-1-2030-S1": "ja"}, "periode", "De periode 2030-S1 bestaat niet in regio NL-R07"),
        ({"samen": "st-101, wie"}, "samen", "Met nummer wie is bij u niemand ingeschreven."),
        ({"apart": "other"}, "apart", "Met nummer other is bij u niemand ingeschreven."),
        ({"samen": "st-101", "apart": "st-101"}, "apart", "Deze student staat bij samen (together) en bij apart."),
        ({"reistijd_max": "9999"}, "reistijd_max", "Te hoog (hoogstens 1440)."),
        ({"sector": "hbo"}, "sector", "Deze waarde kennen we niet"),
        ({"ondersteuningsklasse": "4"}, "ondersteuningsklasse", "Te hoog (hoogstens 3)."),
    ],
    ids=str,
)
async def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(
    world: World, changes: dict[str, str], field: str, message: str
) -> None:
    answer = await send(world, NEW, **{**FIELDS, **changes})
    assert answer.status_code in (400, 409)
    assert wrong_beside(answer)[field].startswith(message), wrong_beside(answer)
    assert list(wrong_beside(answer)) == [field]
    assert 'name="leerroute" type="text" value="Zij-instroom"' in answer.text
    assert "123456782" not in answer.text
    assert (await world.told()).count("registered") == 9


async def test_another_institutes_student_is_no_fellow_by_number_or_id(world: World) -> None:
    for each in ("other", world.students["other"]):
        answer = await send(world, NEW, key=each, **{**FIELDS, "samen": each})
        assert wrong_beside(answer) == {"samen": f"Met nummer {each} is bij u niemand ingeschreven."}


async def test_an_unknown_subject_is_kept_and_doubted(world: World) -> None:
    answer = await send(world, NEW, **{**FIELDS, "vak": "wiskunda"})
    assert answer.status_code == 303
    page = text_of(await world.http.get(answer.headers["location"]))
    assert "Kijk dit nog eens na. Het vak wiskunda kennen we nog niet in deze regio. Bedoelt u wiskunde?" in page
    later = await world.http.get(answer.headers["location"].partition("?")[0])
    assert "Kijk dit nog eens na" not in later.text


async def test_a_town_stands_for_the_middle_of_its_schools(world: World) -> None:
    async with world.parts.runtime.database.transaction() as tx:
        store = world.parts.store(tx, Who("test"))
        places = {"20AA00": ("Utrecht", 52.0, 5.0), "20AB00": ("Utrecht", 52.1, 5.2)}
        places |= {"20AC00": ("Bergen", 51.6, 6.0), "20AD00": ("Bergen", 52.7, 4.7)}
        for code, (town, lat, lon) in places.items():
            await store.save_site(KnownSite(code, "", town, lat, lon), 1)
    assert (await send(world, NEW, **{**FIELDS, "woont": "utrecht"})).status_code == 303
    kept = await student_called(world, "st-900")
    assert (kept["lat"], kept["lon"]) == (52.05, 5.1)
    twice = await send(world, NEW, key="b", **{**FIELDS, "kenmerk": "st-901", "woont": "Bergen"})
    assert wrong_beside(twice)["woont"].startswith("Er zijn meer plaatsen die zo heten.")


async def test_everything_a_student_may_ask_is_kept_shown_and_changed(world: World) -> None:
    asked = {
        **FIELDS, "periode-2-2026-S1": "ja", "periode-2-2026-S2": "ja", "dag-mon": "ja", "dag-thu": "ja",
        "reistijd_max": "45", "wensen": "01ab00, 02CD00", "niet_vestigingen": "01AC00", "duo": "ja",
        "samen": "st-101, st-202", "apart": "st-303",
    }  # fmt: skip
    done = await send(world, NEW, **asked)
    student = done.headers["location"].partition("?")[0]
    kept = await student_called(world, "st-900")
    assert kept["together"] == [world.students["st-101"], world.students["st-202"]]
    assert kept["period_sets"] == [["2026-S1"], ["2026-S1", "2026-S2"]]
    form = await world.http.get(f"{student}/wijzigen")
    values = dict(re.findall(r'<input id="f-\w+" name="(\w+)" type="\w+" value="([^"]*)"', form.text))
    checked = set(re.findall(r'type="(?:checkbox|radio)" name="([\w-]+)" value="\w+" checked', form.text))
    assert values["samen"] == "st-101, st-202"
    assert checked == {name for name in asked if name.startswith(("periode", "dag"))} | {"duo", "ondersteuningsklasse"}
    held = {**values, **{name: asked.get(name, "ja") for name in checked}, "sector": "vo", "versie": "1"}
    unchanged = await send(world, f"{student}/wijzigen", key="b", **held)
    assert unchanged.status_code == 303
    assert await student_called(world, "st-900") == kept, "a form that was not touched changes nothing"
    changed = await send(world, f"{student}/wijzigen", key="c", **{**held, "vak": "frans", "samen": ""})
    assert "Inschrijving gewijzigd." in text_of(await world.http.get(changed.headers["location"]))
    now = await student_called(world, "st-900")
    assert now == {**kept, "subject": "frans", "together": [], "sequence": 2}
    assert (await world.told())[-1] == "changed"


async def test_who_filled_in_an_older_version_is_told_and_overwrites_nothing(world: World) -> None:
    student = world.of("st-707")
    typed = {**FIELDS, "versie": "1"}
    del typed["regio"], typed["kenmerk"]
    assert (await send(world, f"{student}/wijzigen", key="a", **typed)).status_code == 303
    late = await send(world, f"{student}/wijzigen", key="b", **{**typed, "vak": "frans"})
    assert late.status_code == 409
    assert "Dit is veranderd terwijl u bezig was: inschrijving gewijzigd, op 24 november 2026 om 10:42, " in late.text
    assert 'name="versie" value="2"' in late.text
    assert (await student_called(world, "st-707"))["subject"] == "wiskunde"


async def test_what_a_colleague_changed_stays_also_where_the_form_came_back_for_a_mistake(world: World) -> None:
    change = f"{world.of('st-707')}/wijzigen"
    form = (await world.http.get(change)).text
    held = dict(re.findall(r'type="hidden" name="([\w.-]+)" value="([^"]*)"', form))
    typed = {**held, **{name.removeprefix("was-"): value for name, value in held.items() if name.startswith("was-")}}
    assert typed["versie"] == "1"
    assert (await send(world, change, key="a", **{**typed, "vak": "frans"})).status_code == 303
    wrong = await send(world, change, key="b", **{**typed, "reistijd_max": "lang"})
    assert (wrong.status_code, "Dit is veranderd terwijl u bezig was" in wrong.text) == (400, True)
    assert re.search(r'id="f-vak" name="vak" type="text" value="frans"', wrong.text)
    assert re.search(r'name="reistijd_max" type="text" value="lang"', wrong.text)
    assert 'name="was-vak" value="frans"' in wrong.text


async def test_what_the_form_has_no_field_for_stays_as_it_was(world: World) -> None:
    needs = {"wpb": 6, "so": 2, "io": 1}
    sets = [["2026-S1"], ["2026-S2"], ["2026-S1", "2026-S2"], ["2026-S2", "2026-S1"]]
    identifier = world.students["st-707"]
    sent = {**NEEDS, "needs": needs, "period_sets": sets}
    (await world.http.put(f"/v1/registrations/{identifier}", json=sent)).raise_for_status()
    chosen = {"periode-1-2026-S1": "ja", "periode-2-2026-S2": "ja"}
    typed = {**{name: FIELDS[name] for name in FIELDS if name not in ("regio", "kenmerk")}, **chosen, "versie": "2"}
    assert (await send(world, f"{world.of('st-707')}/wijzigen", **typed)).status_code == 303
    kept = await student_called(world, "st-707")
    assert (kept["needs"], kept["period_sets"]) == (needs, [["2026-S1"], ["2026-S2"], sets[3]])


async def test_who_is_withdrawn_or_of_another_institute_is_not_changed(world: World) -> None:
    typed = {name: FIELDS[name] for name in FIELDS if name not in ("regio", "kenmerk")}
    withdrawn = await send(world, f"{world.of('st-808')}/wijzigen", **typed)
    assert (withdrawn.status_code, "Deze inschrijving is ingetrokken" in withdrawn.text) == (409, True)
    page = await world.http.get(f"{world.of('st-808')}/wijzigen")
    assert ("Dit kan niet meer" in page.text, "<form" in page.text) == (True, False)
    other = f"{PAGE}/studenten/{world.students['other']}/wijzigen"
    assert (await world.http.get(other)).status_code == 404
    assert (await send(world, other, **typed)).status_code == 404


async def test_the_region_is_asked_only_where_there_are_more(world: World) -> None:
    assert (await world.http.get(NEW)).headers["location"] == f"{NEW}?regio=NL-R07"
    async with world.parts.runtime.database.transaction() as tx:
        await world.parts.store(tx, Who("test")).save_region(replace(REGION, id="NL-R08"), 1)
    page = await world.http.get(NEW)
    assert re.findall(r'href="[^"]+regio=([^"]+)"', page.text) == ["NL-R07", "NL-R08"]
    unknown = await send(world, NEW, **{**FIELDS, "regio": "NL-X99"})
    assert (unknown.status_code, "De regio NL-X99 kennen we niet." in unknown.text) == (400, True)


async def test_a_form_of_another_site_registers_nobody(world: World) -> None:
    answer = await send(world, NEW, headers={"Origin": "https://elders.example"}, **FIELDS)
    assert answer.status_code == 403
    assert (await world.told()).count("registered") == 9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("52,09 5,11", (52.09, 5.11)),
        ("52.0907, 5.1214", (52.0907, 5.1214)),
        ("52,09; 5,11", (52.09, 5.11)),
        ("52.09,5.11", (52.09, 5.11)),
        ("52,09, 5,11", (52.09, 5.11)),
        (" 52 5 ", (52.0, 5.0)),
        ("52,09", None),
        ("52.09", None),
        ("Zeist", None),
        ("52,09 5,11 6", None),
    ],
)
def test_a_place_on_a_map_is_read_as_people_write_it(text: str, expected: tuple[float, float] | None) -> None:
    assert home_of(text) == expected


async def with_periods(world: World, **ends: date) -> None:
    """The region as it is told now, with periods that end on these days."""
    async with world.parts.runtime.database.transaction() as tx:
        store = world.parts.store(tx, Who("test"))
        periods = tuple(name.lstrip("_").replace("_", "-") for name in ends)
        told = dict(zip(periods, ends.values(), strict=True))
        await store.save_region(replace(REGION, periods=periods, name="Regio Rijn en Vecht", ends=told), 9)


async def test_a_period_that_has_ended_is_offered_to_nobody_new_and_kept_by_who_has_it(world: World) -> None:
    last = date(2026, 11, 23)
    await with_periods(world, _2026_S1=last, _2026_S2=last + timedelta(days=1), _2027_S1=date(2028, 1, 31))
    page = (await world.http.get(f"{NEW}?regio={REGION.id}")).text
    assert 'name="periode-1-2026-S1"' not in page
    for period in ("2026-S2", "2027-S1"):
        assert f'name="periode-1-{period}"' in page
    assert "Regio Rijn en Vecht" in page
    assert "Regio Rijn en Vecht" in (await world.http.get(world.of("st-707"))).text
    change = (await world.http.get(f"{world.of('st-707')}/wijzigen")).text
    assert 'name="periode-1-2026-S1" value="ja" checked' in change
    assert 'name="periode-2-2026-S1"' not in change


async def test_where_no_period_is_left_the_page_says_so(world: World) -> None:
    await with_periods(world, _2026_S1=date(2026, 1, 31))
    page = text_of(await world.http.get(f"{NEW}?regio={REGION.id}"))
    assert "Deze regio heeft nu geen periode die loopt of komt" in page
