"""Who a supervisor is lies in capacity's database sealed only: no answer that is kept to be given again tells it."""

import hashlib

from tests.integration.capacity.conftest import SUPERVISOR, Service, send
from tests.support.scanning import where_stored

NAMES = ("Fatima el Amrani", "Amrani", "Noor Prins")


async def test_no_table_holds_a_name_after_making_changing_replaying_refusing_and_erasing(
    on_any_database: Service,
) -> None:
    service = on_any_database
    await service.settle()
    http, body = service.http, {name: value for name, value in SUPERVISOR.items() if name != "region"}
    key = {"Idempotency-Key": "make-1"}
    made, again = [await http.post("/v1/supervisors", json=SUPERVISOR, headers=key) for _ in range(2)]
    assert (made.status_code, again.content) == (201, made.content)
    where = made.headers["location"]
    key = {"Idempotency-Key": "change-1"}
    changed, again = [await http.put(where, json={**body, "name": "Noor Prins"}, headers=key) for _ in range(2)]
    assert (changed.status_code, again.content) == (200, changed.content)
    assert (await http.get(where)).json()["name"] == "Noor Prins"
    absence = {"start": "2026-09-07", "expected_end": "2026-09-18", "end": "2026-09-18"}
    refused = [
        await http.put(where, json=body, headers={"Idempotency-Key": "stale", "If-Match": '"99"'}),
        await http.put(where, json={**body, "name": "Amrani"}, headers={"Idempotency-Key": "change-1"}),
        await http.post("/v1/supervisors", json={**SUPERVISOR, "tier": "Amrani"}, headers={"Idempotency-Key": "bad"}),
        await http.post(f"{where}/absences", json=absence | {"reason": "Amrani"}, headers={"Idempotency-Key": "why"}),
    ]
    assert [answer.status_code for answer in refused] == [412, 400, 400, 400]
    for _ in range(2):
        form = await send(service, made.json()["id"], "afwezigheid", start="2026-11-24")
        assert form.status_code == 303
    assert "Noor Prins" in (await http.get("/vestigingen/01AB00")).text
    assert await where_stored(service.parts.runtime.database, NAMES) == set()
    assert (await http.delete(where)).status_code == 204
    erased = await http.put(where, json=body, headers={"Idempotency-Key": "erased"})
    assert erased.status_code == 409, erased.text
    assert await where_stored(service.parts.runtime.database, NAMES) == set()


async def test_no_table_holds_what_a_request_with_a_name_can_be_guessed_by(on_any_database: Service) -> None:
    service = on_any_database
    await service.settle()
    key = {"Idempotency-Key": "make-1"}
    made, again = [await service.http.post("/v1/supervisors", json=SUPERVISOR, headers=key) for _ in range(2)]
    assert (made.status_code, again.content) == (201, made.content)
    guessed = hashlib.sha256(made.request.content).hexdigest()
    assert await where_stored(service.parts.runtime.database, (guessed,)) == set()
