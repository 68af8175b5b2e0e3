"""Absences in a file of supervisors: with their expected end, never with a reason."""

from typing import Any

import httpx
import pytest

from tests.integration.capacity.conftest import Service
from tests.integration.capacity.test_batches import CSV, outcomes

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
