"""A subject that nobody in the region offers is kept, and whoever sent it is asked to look once more."""

import pytest

from services.intake.domain.access import Who
from services.intake.entrypoints.import_worker import ImportWorker
from tests.integration.intake.conftest import Service
from tests.support.import_files import file_of, row
from tests.support.intake import NEEDS, REGION

STRANGE = "Het vak wiskunda kennen we nog niet in deze regio. Bedoelt u wiskunde?"


@pytest.fixture
async def knowing(service: Service) -> Service:
    """Intake that knows which subjects the schools of the region offer."""
    async with service.parts.runtime.database.transaction() as tx:
        store = service.parts.store(tx, Who("test"))
        for number, subject in enumerate(("wiskunde", "frans")):
            await store.save_workplace(f"w{number}", 1, REGION.id, subject)
        await store.save_workplace("w9", 1, "NL-R99", "wiskunda")
    return service


async def test_a_new_and_a_changed_registration_say_which_subject_is_strange(knowing: Service) -> None:
    told = [{"pointer": "/subject", "detail": STRANGE}]
    strange = await knowing.register("key", subject="wiskunda")
    assert (strange.status_code, strange.json()["warnings"]) == (201, told)
    assert (await knowing.register("key", subject="wiskunda")).json() == strange.json()
    assert (await knowing.register(subject="frans")).json()["warnings"] == []
    where = strange.headers["location"]
    for subject, warnings in (("wiskunda", told), ("wiskunde", [])):
        changed = await knowing.http.put(where, json={**NEEDS, "subject": subject})
        assert (changed.status_code, changed.json()["warnings"]) == (200, warnings)
    assert (await knowing.register(subject="klingon")).json()["warnings"][0]["detail"].endswith("Klopt de spelling?")


async def test_where_the_region_knows_no_subject_yet_none_is_strange(service: Service) -> None:
    assert (await service.register(subject="wiskunda")).json()["warnings"] == []


async def test_a_row_of_a_file_that_was_kept_says_so_too(knowing: Service) -> None:
    content, headers = file_of(row("k 1", "wiskunda"), row("k 2"), row("k 3", "")), {"Content-Type": "text/csv"}
    expected = [[{"column": "vak", "detail": STRANGE}], [], []]
    for verdicts in (["registered", "registered", "refused"], ["unchanged", "unchanged", "refused"]):
        sent = await knowing.http.post("/v1/imports", content=content, params={"region": REGION.id}, headers=headers)
        worker = ImportWorker(knowing.parts)
        while await worker.work_off_one():
            pass
        done = (await knowing.http.get(sent.headers["location"])).json()
        assert (done["done"], done["warnings"]) == (3, len(expected[0]))
        rows = (await knowing.http.get(f"{sent.headers['location']}/rows")).json()["items"]
        assert [each["verdict"] for each in rows] == verdicts
        assert [each["warnings"] for each in rows] == expected
        expected = [[], [], []]  # of what was there already nothing is said
