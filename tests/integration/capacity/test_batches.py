"""Many at once: every row its own verdict, good rows kept, the same file twice changes nothing."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.capacity.entrypoints import csv_files
from services.capacity.entrypoints.csv_columns import OF_SUPERVISORS, OF_WORKPLACES, supervisor_rows, workplace_rows
from shared.csv_rows import clean
from shared.errors import DomainError
from tests.integration.capacity.conftest import SUPERVISOR, Service
from tests.support.capacity import site

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
    assert "Kies uit" in lines[1]


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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=300)
    | st.tuples(st.sampled_from(["rol;naam;uren 2026-S1", "vak;fasen;plaatsen 2026-S1"]), st.text(max_size=300)).map(
        lambda file: "\n".join(file).encode("utf-8", "replace")
    )
)
def test_any_bytes_give_rows_or_a_reason(raw: bytes) -> None:
    for columns, read in ((OF_SUPERVISORS, supervisor_rows), (OF_WORKPLACES, workplace_rows)):
        try:
            rows = csv_files.read(raw, columns)
        except DomainError:
            continue
        good, wrong = read(rows, {"01AB00": site()}, "01AB00")
        assert {each.row for each in good} | {each.row for each in wrong} == {each.number for each in rows}


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=5))
def test_what_is_written_is_read_back(cells: list[str]) -> None:
    names = [f"k{number}" for number in range(len(cells))]
    columns = csv_files.Columns(["rol", *names], ["rol"], csv_files.HOURS)
    rows = (
        csv_files.read(csv_files.write(["rol", *names], [["wpb", *cells]]), columns)
        if not any(each.isdigit() for each in cells)
        else []
    )
    for row in rows:
        assert all(row.cells.get(name, "") == clean(cell) for name, cell in zip(names, cells, strict=True))


def test_a_cell_that_a_spreadsheet_would_calculate_is_made_harmless() -> None:
    written = csv_files.write(["rol", "naam"], [["wpb", "=1+1"]]).decode("utf-8-sig")
    assert "'=1+1" in written
    assert csv_files.read(written.encode(), OF_SUPERVISORS)[0].cells["naam"] == "=1+1"


AWAY = "nummer;rol;vestigingen;vakken;uren 2026-S1;afwezig vanaf;afwezig tot en met"


async def send_away(service: Service, rows: list[str], header: str = AWAY) -> httpx.Response:
    content = "\r\n".join([header, *rows]).encode()
    return await service.http.post("/v1/supervisor-batches", content=content, headers=CSV)


async def absences_of(service: Service, supervisor: str) -> list[Any]:
    held: list[Any] = (await service.http.get(f"/v1/supervisors/{supervisor}")).json()["supervisor"]["absences"]
    return held


async def test_absence_goes_down_and_up_with_its_expected_end(on_any_database: Service) -> None:
    service = on_any_database
    known = await service.settle()
    row = f"{known};wpb;01AB00;wiskunde;1,5;16-11-2026;"
    assert outcomes(await send_away(service, [row])) == ["changed"]
    assert await absences_of(service, known) == [{"start": "2026-11-16", "end": None}]
    assert outcomes(await send_away(service, [row])) == ["unchanged"]
    file = await service.http.get("/v1/supervisor-files", params={"region": "NL-T01", "site": "01AB00"})
    header, line = file.text.lstrip("\ufeff").splitlines()
    assert "afwezig vanaf;afwezig tot en met" in header
    assert ";16-11-2026;;" in line
    back = await service.http.post("/v1/supervisor-batches", content=file.content, headers=CSV)
    assert outcomes(back) == ["unchanged"], "what went down changes nothing"
    ends = f"{known};wpb;01AB00;wiskunde;1,5;16 november 2026;4-12-2026"
    assert outcomes(await send_away(service, [ends])) == ["changed"]
    assert await absences_of(service, known) == [{"start": "2026-11-16", "end": "2026-12-04"}]
    without_end = AWAY.removesuffix(";afwezig tot en met")
    assert outcomes(await send_away(service, [f"{known};wpb;01AB00;wiskunde;1,5;16-11-2026"], without_end)) == [
        "unchanged"
    ]
    assert outcomes(await send_away(service, [f"{known};wpb;01AB00;wiskunde;1,5;;"])) == ["unchanged"]
    assert await absences_of(service, known) == [{"start": "2026-11-16", "end": "2026-12-04"}]


async def test_an_absence_that_cannot_be_keeps_nothing_of_its_row_and_says_in_which_column(service: Service) -> None:
    known = await service.settle()
    rows = [
        f"{known};wpb;01AB00;wiskunde;9;griep;",
        f"{known};wpb;01AB00;wiskunde;9;;4-12-2026",
        f"{known};wpb;01AB00;wiskunde;9;4-12-2026;1-12-2026",
        f"{known};wpb;01AB00;wiskunde;9;4-12-2062;",
    ]
    answer = await send_away(service, rows)
    assert outcomes(answer) == ["wrong"] * 4
    columns = [each["field"] for each in answer.json()["items"]]
    assert columns == ["afwezig vanaf", "afwezig vanaf", "afwezig tot en met", "afwezig vanaf"]
    assert "griep" not in answer.text
    held = (await service.http.get(f"/v1/supervisors/{known}")).json()["supervisor"]
    assert (held["qh"]["2026-S1"], held["absences"]) == (6, [])


@pytest.mark.parametrize(
    "column", ["reden", "Reden afwezigheid", "reden_van_afwezigheid", "afwezig: toelichting", "ziek"]
)
async def test_a_column_for_why_somebody_is_away_refuses_the_file(service: Service, column: str) -> None:
    known = await service.settle()
    answer = await send_away(service, [f"{known};wpb;01AB00;wiskunde;9;16-11-2026;;x"], f"{AWAY};{column}")
    assert answer.status_code == 400
    assert "geen reden van afwezigheid" in answer.json()["detail"]
    assert await absences_of(service, known) == []


async def test_somebody_new_can_be_away_from_the_start(service: Service) -> None:
    await service.settle()
    row = "Bo de Wit;wpb;01AB00;engels;1;1-12-2026;15-1-2027"
    answer = await send_away(service, [row], AWAY.replace("nummer", "naam"))
    assert outcomes(answer) == ["new"]
    assert await absences_of(service, answer.json()["items"][0]["id"]) == [{"start": "2026-12-01", "end": "2027-01-15"}]
