"""Files on the pages of institutes: sent, judged, their wrong rows given back."""

import pytest

from services.intake.entrypoints.import_worker import ImportWorker
from tests.support.intake import REGION
from tests.support.office_http import OWN, World, text_of
from tests.support.office_world import (
    INSTITUTE,
    PAGE,
)


async def test_a_file_is_sent_judged_and_its_wrong_rows_come_back(world: World) -> None:
    header = "kenmerk;leerroute;fase;ondersteuningsklasse;sector;vak;breedtegraad;lengtegraad;perioden"
    rows = ["n-1;voltijd;wpl1;1;vo;wiskunda;52,1;5,1;2026-S1", "n-2;voltijd;wpl1;9;vo;wiskunde;ver;5,1;2026-S1"]
    content = "\r\n".join([header, *rows]).encode("cp1252")
    fields = {"sleutel": "f", "opleiding": INSTITUTE, "soort": "registrations", "regio": REGION.id}
    sent = [
        await world.http.post("/inlezen", data=fields, files={"bestand": ("x.csv", content)}, headers=OWN) for _ in "ab"
    ]
    assert [each.status_code for each in sent] == [303, 303]
    where = sent[0].headers["location"]
    assert sent[1].headers["location"] == where, "the same form is one file"
    worker = ImportWorker(world.parts)
    while await worker.work_off_one():
        pass
    page = text_of(await world.http.get(where))
    assert "1 rij nieuw ingeschreven" in page
    assert "1 rij met een fout" in page
    assert "Regel 3 breedtegraad hier hoort een getal" in page
    assert "Regel 2: Het vak wiskunda kennen we nog niet in deze regio. Bedoelt u wiskunde?" in page
    errors = (await world.http.get(f"{where}/fouten.csv")).content.decode("utf-8-sig")
    assert "n-2" in errors
    assert "n-1" not in errors
    assert (await world.http.get(where.replace(INSTITUTE, "02HU"))).status_code == 404
    other = await world.http.post("/inlezen", data=fields, files={"bestand": ("x.csv", content + b"\r\n")}, headers=OWN)
    assert other.status_code == 400
    assert "was al verstuurd, met andere gegevens" in other.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Kies eerst een CSV-bestand."),
        (b"PK\x03\x04", "Excel-bestand"),
        (b"kenmerk;bsn\r\n1;2", "Stuur geen burgerservicenummer"),
        (b"kenmerk;naam\r\n1;2", "Deze kolommen kennen we niet: naam"),
    ],
)
async def test_a_file_that_is_none_is_told_what_is_wrong_and_nothing_is_kept(
    world: World, content: bytes, told: str
) -> None:
    fields = {"sleutel": "f", "opleiding": INSTITUTE, "soort": "registrations", "regio": REGION.id}
    answer = await world.http.post("/inlezen", data=fields, files={"bestand": ("x.csv", content)}, headers=OWN)
    assert answer.status_code == 400
    assert told in text_of(answer)
    assert "U stuurde nog niets" in (await world.http.get(f"{PAGE}/bestanden")).text


async def test_an_example_is_a_file_that_is_taken(world: World) -> None:
    for kind, column in (("registrations", "kenmerk;leerroute"), ("mismatches", "kenmerk;soort")):
        example = (await world.http.get(f"{PAGE}/bestanden/voorbeeld/{kind}.csv")).content
        assert example.decode("utf-8-sig").startswith(column)
        fields = {"sleutel": kind, "opleiding": INSTITUTE, "soort": kind, "regio": REGION.id}
        sent = await world.http.post("/inlezen", data=fields, files={"bestand": ("x.csv", example)}, headers=OWN)
        worker = ImportWorker(world.parts)
        while await worker.work_off_one():
            pass
        assert "0 " not in text_of(await world.http.get(sent.headers["location"]))
        assert "met een fout" not in text_of(await world.http.get(sent.headers["location"]))
