"""What an institute decides about a place, over HTTP."""

from datetime import UTC, datetime

from services.intake.domain.access import Who
from services.intake.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from tests.integration.intake.conftest import Service, opened, problem_of
from tests.unit.intake.test_decisions import OFFERED, proposed


async def test_a_place_and_an_offer_of_another_are_read_and_decided_about(service: Service) -> None:
    student = (await service.register()).json()["id"]
    where = f"/v1/placements/{student}"
    problem_of(await service.http.get("/v1/placements/nobody"), 404, "onbekende-student")
    problem_of(await service.http.post(f"{where}/decision", json={"decision": "confirm"}), 404, "niet-geplaatst")
    placed = proposed().placement.model_copy(update={"student": student})
    async with service.parts.runtime.database.transaction() as tx:
        store = service.parts.store(tx, Who("plan"))
        told = proposed().model_copy(update={"placement": placed})
        for data in (told, OFFERED.model_copy(update={"student": student})):
            await fold(store, [new_event("urn:test", data, datetime(2026, 11, 24, tzinfo=UTC))])
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


async def test_what_became_of_each_student_is_listed_by_state_in_pages(service: Service) -> None:
    students = [(await service.register(reference=f"k {number}")).json()["id"] for number in range(3)]
    placed = proposed().placement.model_copy(update={"student": students[1]})
    async with service.parts.runtime.database.transaction() as tx:
        told = proposed().model_copy(update={"placement": placed})
        await fold(
            service.parts.store(tx, Who("plan")), [new_event("urn:test", told, datetime(2026, 11, 24, tzinfo=UTC))]
        )
    page = await service.http.get("/v1/placements", params={"limit": 2})
    assert [(one["id"], one["state"]) for one in page.json()["items"]] == [
        (students[0], "waiting"),
        (students[1], "placed"),
    ]
    rest = await service.http.get(page.links["next"]["url"])
    assert [one["reference"] for one in rest.json()["items"]] == ["k 2"]
    for state, found in (("placed", students[1:2]), ("waiting", [students[0], students[2]]), ("ended", [])):
        listed = await service.http.get("/v1/placements", params={"state": state})
        assert [one["id"] for one in listed.json()["items"]] == found
    one = (await service.http.get("/v1/placements", params={"reference": "k 1"})).json()["items"]
    assert one == [(await service.http.get(f"/v1/placements/{students[1]}")).json()]


async def test_each_place_leads_to_its_explanation_where_its_address_is_known(sqlite_url: str) -> None:
    async with opened(sqlite_url, answers_url="https://antwoorden.example/") as service:
        student = (await service.register()).json()["id"]
        links = (await service.http.get(f"/v1/placements/{student}")).json()["links"]
        assert links == {"explanation": f"https://antwoorden.example/v1/students/{student}/explanation"}
