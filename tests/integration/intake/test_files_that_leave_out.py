"""A file of students says only what it has a column for: a column that is not there keeps, an empty cell clears, and the page says so."""

from typing import Any

from services.intake.entrypoints.import_worker import ImportWorker
from tests.integration.intake.conftest import Service
from tests.integration.intake.test_imports import nonzero, worked_off
from tests.support.import_files import HEADER, file_of, row
from tests.support.intake import REGION
from tests.support.office_http import OWN, World, text_of
from tests.support.office_world import INSTITUTE

OPTIONAL = ";wensen;niet_vestigingen;alleen_vestigingen;duo;dagen;reistijd_max"
FILLED = ";01AB00;01AC01;01AB00 01AC00;ja;ma di;45"
KEPT = {
    "wishes": ["01AB00"], "not_sites": ["01AC01"], "only_sites": ["01AB00", "01AC00"], "duo": True,
    "days": ["mon", "tue"], "max_travel_min": 45,
}  # fmt: skip


async def student(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = (await service.http.get("/v1/registrations")).json()["items"][0]["student"]
    return found


async def registered(service: Service) -> dict[str, Any]:
    await worked_off(service, file_of(row("k 1") + FILLED, header=HEADER + OPTIONAL))
    found = await student(service)
    assert {name: found[name] for name in KEPT} == KEPT
    return found


async def test_a_student_keeps_all_that_a_file_has_no_column_for(service: Service) -> None:
    before = await registered(service)
    done = await worked_off(service, file_of(row("k 1")))
    assert (nonzero(done), done["cleared"]) == ({"unchanged": 1}, 0)
    done = await worked_off(service, file_of(row("k 1", "muziek") + ";60", header=HEADER + ";reistijd_max"))
    assert (nonzero(done), done["cleared"]) == ({"changed": 1}, 0)
    assert await student(service) == before | {"subject": "muziek", "max_travel_min": 60}


async def test_an_empty_cell_clears_and_the_page_tells_how_many(service: Service) -> None:
    before = await registered(service)
    content = file_of(row("k 1") + ";;nee;", header=HEADER + ";wensen;duo;dagen")
    done = await worked_off(service, content)
    assert (nonzero(done), done["cleared"]) == ({"changed": 1}, 2)
    assert await student(service) == before | {"wishes": [], "duo": False, "days": []}
    again = await worked_off(service, content)
    assert (nonzero(again), again["cleared"]) == ({"unchanged": 1}, 0)


async def test_the_page_of_a_file_says_how_many_cells_it_made_empty(world: World) -> None:
    header = HEADER.replace("opleiding;", "") + ";wensen;dagen"
    sent = []
    for cells in (";01AB00;ma", ";;"):
        content = file_of(row("k 1").replace("01VU;", "") + cells, header=header)
        fields = {"sleutel": cells, "opleiding": INSTITUTE, "soort": "registrations", "regio": REGION.id}
        answer = await world.http.post("/inlezen", data=fields, files={"bestand": ("x.csv", content)}, headers=OWN)
        worker = ImportWorker(world.parts)
        while await worker.work_off_one():
            pass
        sent.append(text_of(await world.http.get(answer.headers["location"])))
    assert "leeggemaakt" not in sent[0]
    assert "2 ingevulde gegevens zijn leeggemaakt" in sent[1]


async def test_a_row_that_ends_early_clears_what_it_leaves_empty(service: Service) -> None:
    before = await registered(service)
    done = await worked_off(service, file_of(row("k 1"), header=HEADER + ";dagen"))
    assert (nonzero(done), done["cleared"]) == ({"changed": 1}, 1)
    assert await student(service) == before | {"days": []}
    worker = ImportWorker(service.parts)
    assert not await worker.work_off_one()
