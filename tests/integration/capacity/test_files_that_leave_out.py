"""A file says only what it has a column for: a column that is not there keeps, an empty cell clears, and what was downloaded changes nothing."""

from typing import Any

import httpx

from tests.integration.capacity.conftest import OWN, PAGE, SUPERVISOR, Service

CSV = {"Content-Type": "text/csv"}
RICH = SUPERVISOR | {
    "tier": "so",
    "kind": "retired",
    "sites": ["01AB00", "01AB01"],
    "subjects": ["wiskunde", "engels"],
    "qh": {"2026-S1": 6, "2026-S2": 8},
    "days": ["mon", "tue"],
    "max_students": 4,
    "starter": True,
    "lendable": True,
    "institutes": ["01VU"],
    "max_support": 2,
}
SECOND = {"region": "NL-T01", "sector": "vo", "lat": 52.1, "lon": 5.1, "name": "Het Beukencollege", "town": "Zeist"}


async def person_with_everything(service: Service) -> str:
    known = await service.settle()
    (await service.http.put("/v1/sites/01AB01", json=SECOND)).raise_for_status()
    body = {name: value for name, value in RICH.items() if name not in ("region", "name")}
    (await service.http.put(f"/v1/supervisors/{known}", json=body)).raise_for_status()
    return known


async def workplace_of_two_phases(service: Service) -> str:
    offer = {
        "site": "01AB00",
        "subject": "wiskunde",
        "phases": ["wpl1", "lio"],
        "seats": {"2026-S1": 2, "2026-S2": 3},
    }
    made: str = (await service.http.post("/v1/workplaces", json=offer)).json()["id"]
    return made


async def of_person(service: Service, known: str) -> dict[str, Any]:
    found: dict[str, Any] = (await service.http.get(f"/v1/supervisors/{known}")).json()["supervisor"]
    return found


async def sent(service: Service, what: str, *lines: str) -> dict[str, Any]:
    answer = await service.http.post(f"/v1/{what}-batches", content="\r\n".join(lines).encode(), headers=CSV)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def uploaded(service: Service, name: str, content: bytes, doe: str = "bewaar") -> httpx.Response:
    return await service.http.post(
        f"{PAGE}/bestanden/{name}",
        data={"sleutel": f"test-{doe}-{len(content)}", "doe": doe},
        files={"bestand": ("bestand.csv", content, "text/csv")},
        headers=OWN,
    )


async def test_a_supervisor_keeps_all_that_a_file_has_no_column_for(on_any_database: Service) -> None:
    service = on_any_database
    known = await person_with_everything(service)
    before = await of_person(service, known)
    told = await sent(service, "supervisor", "nummer;rol;vestigingen;uren 2026-S1", f"{known};so;01AB00, 01AB01;2")
    assert (told["counts"]["changed"], told["cleared"]) == (1, 0)
    assert await of_person(service, known) == before | {"qh": {"2026-S1": 8, "2026-S2": 8}}


async def test_who_is_known_by_name_keeps_the_other_schools_of_a_file_without_them(service: Service) -> None:
    known = await person_with_everything(service)
    before = await of_person(service, known)
    page = await uploaded(service, "begeleiders", f"naam;rol;hoogstens\r\n{SUPERVISOR['name']};so;9\r\n".encode())
    assert "1 gewijzigd" in page.text
    assert "gemaakt" not in page.text
    assert await of_person(service, known) == before | {"max_students": 9}


async def test_an_empty_cell_clears_and_the_page_says_how_many(service: Service) -> None:
    known = await person_with_everything(service)
    header = "nummer;naam;rol;soort;vestigingen;vakken;dagen;hoogstens;starter;uitlenen;uren 2026-S2"
    row = f"{known};;;;01AB00, 01AB01;;;;nee;;"
    before = await of_person(service, known)
    looked = await uploaded(service, "begeleiders", f"{header}\r\n{row}".encode(), "kijk")
    assert "5 ingevulde gegevens worden leeg" in " ".join(looked.text.split())
    assert await of_person(service, known) == before
    page = await uploaded(service, "begeleiders", f"{header}\r\n{row}".encode())
    assert "5 ingevulde gegevens zijn leeggemaakt" in " ".join(page.text.split())
    cleared: dict[str, Any] = {"subjects": [], "days": [], "max_students": None, "starter": False, "lendable": False}
    assert await of_person(service, known) == before | cleared | {"qh": {"2026-S1": 6, "2026-S2": 0}}
    told = await sent(service, "supervisor", header, row)
    assert (told["counts"]["unchanged"], told["cleared"]) == (1, 0), "what is empty already is not cleared once more"


async def test_an_empty_cell_takes_nobody_off_another_school(service: Service) -> None:
    known = await person_with_everything(service)
    before = await of_person(service, known)
    for row in (f"{known};;;9", f";{SUPERVISOR['name']};;9"):
        page = await uploaded(service, "begeleiders", f"nummer;naam;vestigingen;hoogstens;rol\r\n{row};\r\n".encode())
        assert "leeggemaakt" not in page.text
        assert await of_person(service, known) == before | {"max_students": 9}


async def test_an_empty_cell_keeps_the_last_day_of_an_absence_that_is_known(service: Service) -> None:
    known = await person_with_everything(service)
    away = {"start": "2026-11-20", "end": "2026-12-04"}
    (await service.http.post(f"/v1/supervisors/{known}/absences", json=away)).raise_for_status()
    before = await of_person(service, known)
    header = "nummer;rol;vestigingen;afwezig vanaf;afwezig tot en met"
    for start in ("20-11-2026", ""):
        told = await sent(service, "supervisor", header, f"{known};so;01AB00, 01AB01;{start};")
        assert told["counts"]["unchanged"] == 1, told
    assert await of_person(service, known) == before
    told = await sent(service, "supervisor", header, f"{known};so;01AB00, 01AB01;14-12-2026;")
    assert (await of_person(service, known))["absences"] == [away, {"start": "2026-12-14", "end": None}], told


async def test_a_workplace_keeps_its_phases_without_a_column_and_is_found_without_them(service: Service) -> None:
    await service.settle()
    known = await workplace_of_two_phases(service)
    for header, row in (
        ("nummer;vestiging;vak;plaatsen 2026-S1", f"{known};01AB00;wiskunde;5"),
        ("vestiging;vak;plaatsen 2026-S1", "01AB00;wiskunde;6"),
    ):
        told = await sent(service, "workplace", header, row)
        assert (told["counts"]["changed"], told["items"][0]["id"], told["cleared"]) == (1, known, 0)
    held = (await service.http.get(f"/v1/workplaces/{known}")).json()["workplace"]
    assert (held["phases"], held["seats"]) == (["wpl1", "lio"], {"2026-S1": 6, "2026-S2": 3})
    told = await sent(service, "workplace", "nummer;vestiging;vak;fasen;plaatsen 2026-S2", f"{known};01AB00;wiskunde;;")
    assert told["cleared"] == 2
    held = (await service.http.get(f"/v1/workplaces/{known}")).json()["workplace"]
    assert (held["phases"], held["seats"]) == ([], {"2026-S1": 6, "2026-S2": 0})


async def test_of_two_workplaces_that_differ_in_phases_only_a_file_without_them_says_which(service: Service) -> None:
    await service.settle()
    await workplace_of_two_phases(service)
    offer = {"site": "01AB00", "subject": "wiskunde", "phases": ["wpl2"], "seats": {"2026-S1": 1}}
    (await service.http.post("/v1/workplaces", json=offer)).raise_for_status()
    told = await sent(service, "workplace", "vestiging;vak;plaatsen 2026-S1", "01AB00;wiskunde;6")
    assert told["counts"]["wrong"] == 1
    assert "nummer" in told["items"][0]["detail"]


async def test_a_file_that_is_downloaded_and_sent_back_changes_nothing(on_any_database: Service) -> None:
    service = on_any_database
    known = await person_with_everything(service)
    await workplace_of_two_phases(service)
    away = {"start": "2026-11-20"}
    (await service.http.post(f"/v1/supervisors/{known}/absences", json=away)).raise_for_status()
    everywhere = RICH | {"sites": ["*"], "name": "Rondreizend"}
    gone = RICH | {"name": "'t Hart, (=1)"}
    (await service.http.post("/v1/supervisors", json=everywhere)).raise_for_status()
    leaver = (await service.http.post("/v1/supervisors", json=gone)).json()["id"]
    (await service.http.post(f"/v1/supervisors/{leaver}/departure", json={"departs": "2026-11-01"})).raise_for_status()
    before = await service.kinds()
    for name, rows in (("begeleiders", 3), ("leerwerkplekken", 1)):
        file = await service.http.get(f"{PAGE}/bestanden/{name}.csv")
        page = await uploaded(service, name, file.content)
        assert f"0 gewijzigd, {rows} ongewijzigd, 0 fout" in page.text, page.text
        assert "leeggemaakt" not in page.text
    assert await service.kinds() == before
