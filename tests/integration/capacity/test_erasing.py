"""What is kept about a supervisor can be read in one answer; who was erased is taken back everywhere, also what was decided about a student."""

from datetime import timedelta

import pytest

from services.capacity.entrypoints.stream import fold
from services.capacity.entrypoints.tidy import erase_some
from shared.contracts.envelope import new_event
from shared.messaging.inbox import Tombstone
from tests.integration.capacity.conftest import Guarded, Service
from tests.support.capacity import NOW, proposed


async def test_an_erased_supervisor_is_taken_back_once_and_changes_no_more(on_any_database: Service) -> None:
    service = on_any_database
    supervisor = await service.settle()
    for _ in range(2):
        assert (await service.http.delete(f"/v1/supervisors/{supervisor}")).status_code == 204
    assert await service.taken_back() == [f"supervisor/{supervisor}"]
    for path, body in (("departure", {"departs": "2026-12-24"}), ("absences", {"start": "2026-11-01"})):
        answer = await service.http.post(f"/v1/supervisors/{supervisor}/{path}", json=body)
        assert answer.status_code == 409, answer.text
    assert (await service.kinds())[-1] == "supervisor.departed"


async def test_what_a_school_decided_about_an_erased_student_is_taken_back(on_any_database: Service) -> None:
    service = on_any_database
    await service.settle()
    parts = service.parts
    async with parts.runtime.database.transaction() as tx:
        await fold(parts.store(tx, "test"), [new_event("urn:test", proposed("s1"), NOW)])
    decided = await service.http.post("/v1/placements/s1/decision", json={"decision": "accept"})
    assert decided.status_code == 200, decided.text
    for _ in range(2):
        async with parts.runtime.database.transaction() as tx:
            await fold(parts.store(tx, "test"), [Tombstone("student/s1")])
    assert await service.taken_back() == ["school-decision/s1"]
    assert (await service.http.get("/v1/placements/s1/decision")).status_code == 404


async def test_everything_about_a_supervisor_is_read_in_one_answer(guarded: Guarded) -> None:
    ids = await guarded.settle()
    where = f"/v1/supervisors/{ids['supervisor']}/export"
    told = (await guarded.http.get(where, headers=guarded.token("school/01AB"))).json()
    assert told["supervisor"]["name"] == "Fatima el Amrani"
    assert [one["what"] for one in told["changes"]] == ["nl.leerplek.supervisor.registered.v1"]
    assert [one["sequence"] for one in told["versions"]] == [1]
    assert (await guarded.http.get(where, headers=guarded.token("school/02CD"))).status_code == 404


@pytest.mark.parametrize(("days", "erased"), [(365, 0), (367, 1)])
async def test_the_name_of_who_left_is_kept_as_long_as_the_settings_say(
    on_any_database: Service, days: int, erased: int
) -> None:
    service = on_any_database
    supervisor = await service.settle()
    where = f"/v1/supervisors/{supervisor}"
    assert (await service.http.post(f"{where}/departure", json={"departs": "2026-11-24"})).status_code == 200
    service.clock.now += timedelta(days=days)
    assert await erase_some(service.parts) == erased
    assert await erase_some(service.parts) == 0
    assert (await service.http.get(where)).json()["erased"] is bool(erased)
