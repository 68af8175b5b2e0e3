"""Whatever fits capacity's OpenAPI document, or just does not, is answered as the document says, and never with a 5xx."""

from pathlib import Path

import httpx

from shared.child_process import free_port
from shared.testing.kafka import RunningBroker
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR
from tests.integration.capacity.test_process import capacity_on
from tests.support.schema_check import answers_as_its_document_says


async def test_every_operation_answers_as_its_document_says(sqlite_url: str, tmp_path: Path) -> None:
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    async with (
        capacity_on(nowhere, sqlite_url, tmp_path) as capacity,
        httpx.AsyncClient(base_url=capacity.url, timeout=20) as http,
    ):
        await capacity.until(capacity.is_up, "an answer")
        for path, body in (("/v1/regions/NL-T01", REGION), ("/v1/sites/01AB00", SITE)):
            assert (await http.put(path, json=body)).status_code == 201
        assert (await http.post("/v1/supervisors", json=SUPERVISOR)).status_code == 201
        place = {"site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}}
        assert (await http.post("/v1/workplaces", json=place)).status_code == 201
        # not use_after_free: what is deleted of a supervisor is the name, not the hours of who is still there
        await answers_as_its_document_says(capacity.url, tmp_path)
