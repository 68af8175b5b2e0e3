"""What an institute decides about a place, over HTTP."""

from datetime import UTC, datetime

from services.intake.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from tests.integration.intake.conftest import Service, problem_of
from tests.unit.intake.test_decisions import OFFERED, proposed


async def test_a_place_and_an_offer_of_another_are_read_and_decided_about(service: Service) -> None:
    student = (await service.register()).json()["id"]
    where = f"/v1/placements/{student}"
    problem_of(await service.http.get("/v1/placements/nobody"), 404, "onbekende-student")
    problem_of(await service.http.post(f"{where}/decision", json={"decision": "confirm"}), 404, "niet-geplaatst")
    placed = proposed().placement.model_copy(update={"student": student})
    async with service.parts.runtime.database.transaction() as tx:
        store = service.parts.store(tx, "plan")
        told = proposed().model_copy(update={"placement": placed})
        for data in (told, OFFERED.model_copy(update={"student": student})):
            await fold(store, new_event("urn:test", data, datetime(2026, 11, 24, tzinfo=UTC)))
    read = (await service.http.get(where)).json()
    assert (read["place"]["status"], read["switch"]["status"], read["decision"]) == ("placed", "offered", None)
    wrong = {"decision": "decline", "reason": "griep"}
    problem_of(await service.http.post(f"{where}/decision", json=wrong), 400, "geweigerd-gezondheidsgegeven")
    for body in ({"decision": "switch", "reason": "travel"}, {"decision": "confirm", "offer": 3}):
        answer = await service.http.post(f"{where}/decision", json=body)
        assert answer.status_code == 200, answer.text
    assert (await service.http.get(where)).json()["decision"]["offer"] == 3
    _, events, _ = await service.stored()
    assert events[-2:] == ["switch-requested", "placement-confirmed"]
