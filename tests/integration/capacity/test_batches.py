"""Many at once: every row its own verdict, good rows kept, the same file twice changes nothing."""

from typing import Any

import httpx
import pytest

from tests.integration.capacity.conftest import SUPERVISOR, Service

HEADER = "nummer;naam;rol;vestigingen;vakken;dagen;uren 2026-S1;uren 2026-S2"
CSV = {"Content-Type": "text/csv"}


async def send(service: Service, rows: list[str], encoding: str = "utf-8", **more: Any) -> httpx.Response:
    content = "\r\n".join([HEADER, *rows]).encode(encoding)
    return await service.http.post(
        "/v1/supervisor-batches", content=content, headers=CSV | more.pop("headers", {}), **more
    )


def outcomes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["outcome"] for each in answer.json()["items"]]


async def test_good_rows_are_kept_and_bad_ones_come_back_with_the_reason(on_any_database: Service) -> None:
    service = on_any_database
    known = await service.settle()
    rows = [
        f"{known};Fatima el Amrani;werkplekbegeleider;01AB00;wiskunde;ma, dinsdag;2,25;1",
        ";Zoë van Rijn;schoolopleider;01AB00;;;0,5;",
        ";Wim;directeur;01AB00;;;1;",
        ";Kees;wpb;09ZZ00;;;1;",
        ";Jan;wpb;01AB00;;;een;",
    ]
    answer = await send(service, rows, "cp1252")
    assert outcomes(answer) == ["changed", "new", "wrong", "wrong", "wrong"]
    assert answer.json()["counts"] == {"new": 1, "changed": 1, "unchanged": 0, "wrong": 3}
    assert [each["field"] for each in answer.json()["items"][2:]] == ["rol", "vestigingen", "uren 2026-S1"]
    held = (await service.http.get(f"/v1/supervisors/{known}")).json()["supervisor"]
    assert (held["qh"], held["days"]) == ({"2026-S1": 9, "2026-S2": 4}, ["mon", "tue"])
    back = await send(service, rows, headers={"Accept": "text/csv"})
    lines = back.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith(";Wim;directeur")
    assert lines[1].endswith("rol: Kies uit: werkplekbegeleider, schoolopleider.")


async def test_what_excel_does_to_a_file_is_understood_and_a_quote_left_open_costs_one_row(service: Service) -> None:
    await service.settle()
    header, good = 'sep=,\r\n"ROL", naam ,vestigingen\xa0,uren 2026-S1\r\n', b'="wpb",\'t Hart,01AB00,"1,5"\r\n'
    open_quote, others = b'wpb,"Kees,01AB00,1\r\n', b"".join(b"wpb,Jan%d,01AB00,1\r\n" % each for each in range(12))
    latin = "wpb,Zo\xeb,01AB00,1\r\n".encode("cp1252")
    content = header.encode() + good + open_quote + others + latin
    answer = await service.http.post("/v1/supervisor-batches", content=content, headers=CSV)
    assert outcomes(answer) == ["new", "wrong", *["new"] * 13]
    assert answer.json()["items"][1]["row"] == 2
    back = await service.http.post("/v1/supervisor-batches", content=content, headers=CSV | {"Accept": "text/csv"})
    assert back.content.decode("utf-8-sig").splitlines()[1].endswith(';"Een aanhalingsteken ("") is niet gesloten."')
    names = (await service.http.get("/v1/sites/01AB00/supervisors")).json()["items"]
    assert {"Zo\xeb", "'t Hart"} <= {each["name"] for each in names}
    file = await service.http.get("/v1/supervisor-files", params={"region": "NL-T01", "site": "01AB00"})
    assert ";'t Hart;" in file.text


async def test_the_same_file_twice_registers_nobody_twice(service: Service) -> None:
    await service.settle()
    rows = [";Zoë van Rijn;wpb;01AB00;engels;;3;", ";Fatima el Amrani;wpb;01AB00;wiskunde;;1,5;"]
    assert outcomes(await send(service, rows)) == ["new", "unchanged"]
    assert outcomes(await send(service, rows)) == ["unchanged", "unchanged"]
    key = {"Idempotency-Key": "k1"}
    first, again = [await send(service, [";Bo;wpb;01AB00;;;1;"], headers=key) for _ in range(2)]
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")


async def test_only_looking_keeps_nothing(service: Service) -> None:
    await service.settle()
    before = await service.kinds()
    assert outcomes(await send(service, [";Zoë;wpb;01AB00;;;3;"], params={"check": "true"})) == ["new"]
    assert await service.kinds() == before


async def test_two_people_with_one_name_are_not_taken_for_each_other(service: Service) -> None:
    await service.settle()
    await service.http.post("/v1/supervisors", json=SUPERVISOR)
    answer = await send(service, [";Fatima el Amrani;wpb;01AB00;;;1;"])
    assert outcomes(answer) == ["wrong"]
    assert "meer mensen met deze naam" in answer.text


async def test_a_column_that_is_left_out_changes_nothing(service: Service) -> None:
    known = await service.settle()
    await service.http.put(
        f"/v1/supervisors/{known}", json=SUPERVISOR | {"qh": {"2026-S1": 6, "2026-S2": 8}, "max_support": 2} | {}
    )
    content = f"nummer,rol,vestigingen,vakken,uren 2026-S1\n{known},wpb,01AB00,wiskunde,3"
    answer = await service.http.post("/v1/supervisor-batches", content=content.encode(), headers=CSV)
    assert answer.status_code == 200, answer.text
    held = (await service.http.get(f"/v1/supervisors/{known}")).json()["supervisor"]
    assert held["qh"]["2026-S1"] == 12


async def test_items_as_json_get_verdicts_too(service: Service) -> None:
    await service.settle()
    items = [
        {"site": "01AB00", "subject": "engels", "seats": {"2026-S1": 2}},
        {"site": "01AB00"},
        {"site": "x", "subject": "y"},
    ]
    answer = await service.http.post("/v1/workplace-batches", json={"items": items})
    assert outcomes(answer) == ["new", "wrong", "wrong"]
    assert answer.json()["items"][1]["field"] == "/subject"
    assert outcomes(await service.http.post("/v1/workplace-batches", json={"items": items[:1]})) == ["unchanged"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("naam;rol\nx;wpb;123456782", "burgerservicenummer"),
        ("naam;rol;reden\nx;wpb;griep", "gezondheidsgegeven"),
        ("naam;uren 2026-S1\nx;1", "kolom-ontbreekt"),
        ("naam;rol;uren2026-S1\nx;wpb;1", "onbekende-kolom"),
        ("naam;rol;geboortedatum\nx;wpb;1-1-1980", "onbekende-kolom"),
        ("naam;rol;;uren 2026-S1\nx;wpb;1;2", "onbekende-kolom"),
        ("naam;rol;Rol\nx;wpb;so", "dubbele-kolom"),
        ("", "kolom-ontbreekt"),
        ("rol\0", "geen-csv"),
        ("PK\x03\x04", "geen-csv"),
    ],
)
async def test_a_file_that_is_none_or_holds_what_is_never_stored_is_refused(
    service: Service, content: str, kind: str
) -> None:
    await service.settle()
    answer = await service.http.post("/v1/supervisor-batches", content=content.encode(), headers=CSV)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(kind)
    assert "griep" not in answer.text


async def test_a_column_that_is_not_known_is_named_with_the_one_that_was_meant(service: Service) -> None:
    await service.settle()
    content = b"naam;rol;uren2026-S1;vestiging\nZo;wpb;4;01AB00"
    answer = await service.http.post("/v1/supervisor-batches", content=content, headers=CSV)
    told = answer.json()["detail"]
    assert "uren2026-S1 (bedoelt u uren 2026-S1?)" in told
    assert "vestiging (bedoelt u vestigingen?)" in told
    assert len((await service.http.get("/v1/sites/01AB00/supervisors")).json()["items"]) == 1


async def test_nothing_in_a_row_is_passed_over(service: Service) -> None:
    await service.settle()
    content = "naam;rol;vestigingen;starter;;\nBo;wpb;01AB00;jaa\nAd;wpb;01AB00;ja;;9\nEl;wpb;01AB00;nee;;\n"
    answer = await service.http.post("/v1/supervisor-batches", content=content.encode(), headers=CSV)
    assert outcomes(answer) == ["wrong", "wrong", "new"]
    assert [each["field"] for each in answer.json()["items"]] == ["starter", "", ""]
    assert "meer cellen" in answer.json()["items"][1]["detail"]


async def test_one_name_on_two_lines_of_a_file_is_one_person(on_any_database: Service) -> None:
    service = on_any_database
    await service.settle()
    twice = ";Zoë van Rijn;wpb;01AB00;engels;;3;"
    assert outcomes(await send(service, [twice, twice])) == ["new", "unchanged"]
    assert len((await service.http.get("/v1/sites/01AB00/supervisors")).json()["items"]) == 2
    other = [";Bo;wpb;01AB00;;;1;", ";BO;wpb;01AB00;;;2;", ";Bo;wpb;01AB00;;;1;"]
    answer = await send(service, other)
    assert outcomes(answer) == ["new", "wrong", "unchanged"]
    assert (answer.json()["items"][1]["field"], "regel 1" in answer.text) == ("naam", True)
    people = (await service.http.get("/v1/sites/01AB00/supervisors")).json()["items"]
    assert [each["supervisor"]["qh"] for each in people if each["name"] == "Bo"] == [{"2026-S1": 4}]


async def test_a_subject_that_nobody_has_is_kept_and_doubted(service: Service) -> None:
    await service.settle()
    first = {"site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}}
    answer = await service.http.post("/v1/workplace-batches", json={"items": [first]})
    assert [each["detail"] for each in answer.json()["items"]] == [""], "a region's first subject is no slip"
    items = [{**first, "subject": each} for each in ("wiskunde", "wiskune", "frans")]
    told = (await service.http.post("/v1/workplace-batches", json={"items": items})).json()["items"]
    assert [each["outcome"] for each in told] == ["unchanged", "new", "new"]
    assert [each["field"] for each in told] == ["", "/subject", "/subject"]
    assert "Bedoelt u wiskunde?" in told[1]["detail"]
    assert "Klopt de spelling?" in told[2]["detail"]
    answer = await send(service, [";Bo;wpb;01AB00;Wiskunde;;1;", ";Ad;wpb;01AB00;frans, dutis;;1;"])
    assert [each["field"] for each in answer.json()["items"]] == ["", "vakken"]


async def test_one_workplace_on_two_lines_is_told_too(service: Service) -> None:
    await service.settle()
    content = "vak;vestiging;plaatsen 2026-S1\nengels;01AB00;2\nengels;01AB00;3\nengels;01AB00;2\n"
    answer = await service.http.post("/v1/workplace-batches", content=content.encode(), headers=CSV)
    assert outcomes(answer) == ["new", "wrong", "unchanged"]


async def test_somebody_without_a_name_and_a_number_is_nobody(service: Service) -> None:
    known = await service.settle()
    answer = await send(service, [";;wpb;01AB00;;;1;", f"{known};;wpb;01AB00;wiskunde;;3;"])
    assert outcomes(answer) == ["wrong", "changed"]
    assert answer.json()["items"][0]["field"] == "naam"
    items = [{"region": "NL-T01", "tier": "wpb", "sites": ["01AB00"]}]
    assert outcomes(await service.http.post("/v1/supervisor-batches", json={"items": items})) == ["wrong"]


async def test_health_in_a_name_or_subject_is_refused_by_every_door(service: Service) -> None:
    known = await service.settle()
    rows = [";Anna (burn-out);wpb;01AB00;;;1;", f"{known};Wim (ziek);wpb;01AB00;;;9;", ";Bo;wpb;01AB00;burn-out;;1;"]
    answer = await send(service, rows)
    assert outcomes(answer) == ["wrong"] * 3
    assert [each["field"] for each in answer.json()["items"]] == ["naam", "naam", "vakken"]
    for path, body, pointer in (
        ("/v1/supervisors", SUPERVISOR | {"name": "Anna (burn-out)"}, "/name"),
        ("/v1/supervisors", SUPERVISOR | {"subjects": ["wiskunde", "burn-out"]}, "/subjects/1"),
        ("/v1/workplaces", {"site": "01AB00", "subject": "burn-out"}, "/subject"),
        ("/v1/workplaces", {"site": "01AB00", "subject": "engels", "phases": ["ziek"]}, "/phases/0"),
    ):
        refused = await service.http.post(path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer), refused.text
        assert "burn" not in refused.text
    held = (await service.http.get(f"/v1/supervisors/{known}")).json()
    assert (held["name"], held["supervisor"]["qh"]) == ("Fatima el Amrani", {"2026-S1": 6})
    assert len((await service.http.get("/v1/sites/01AB00/supervisors")).json()["items"]) == 1


async def test_what_is_no_json_and_no_csv_is_refused(service: Service) -> None:
    for content, kind in (
        (b"<x/>", "text/xml"),
        (b"{", "application/json"),
        (b"{}", "application/json"),
        (b"\xff", "application/json"),
    ):
        answer = await service.http.post("/v1/supervisor-batches", content=content, headers={"Content-Type": kind})
        assert answer.status_code in (400, 415)
        assert answer.headers["content-type"] == "application/problem+json"
