"""Whatever fits intake's OpenAPI document, or just does not, is answered as the document says, and never with a 5xx."""

from pathlib import Path

from shared.child_process import free_port
from shared.testing.kafka import RunningBroker
from tests.integration.intake.test_process import intake_on, know_region
from tests.support.intake import NEW_REGISTRATION
from tests.support.schema_check import answers_as_its_document_says


async def test_every_operation_answers_as_its_document_says(sqlite_url: str, tmp_path: Path) -> None:
    await know_region(sqlite_url, "NL-R07")
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    async with intake_on(nowhere, sqlite_url, tmp_path) as http:
        made = await http.post("/v1/registrations", json=NEW_REGISTRATION)
        assert made.status_code == 201, made.text
        report = {"student": made.json()["id"], "kind": "travel"}
        assert (await http.post("/v1/mismatches", json=report)).status_code == 201
        await answers_as_its_document_says(str(http.base_url), tmp_path, "use_after_free")
