"""Whatever fits the notifier's OpenAPI document, or just does not, is answered as the document says, and never with a 5xx."""

from pathlib import Path

from services.notifier.entrypoints.http import build_notifier_api
from shared.child_process import free_port
from shared.testing.kafka import RunningBroker
from tests.integration.notifier.conftest import BuildParts
from tests.integration.notifier.process import NotifierProcess
from tests.support.notifier import PEOPLE
from tests.support.schema_check import answers_as_its_document_says


async def test_every_operation_answers_as_its_document_says(sqlite_url: str, tmp_path: Path) -> None:
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    notifier = NotifierProcess(nowhere, sqlite_url, free_port(), tmp_path)
    try:
        notifier.start()
        await notifier.until(notifier.is_up, "an answer")
        await notifier.register(*PEOPLE.all())
        await answers_as_its_document_says(notifier.url, tmp_path, "use_after_free")
    finally:
        await notifier.close()


async def test_every_answer_has_a_form(build_parts: BuildParts) -> None:
    document = build_notifier_api(build_parts()).openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if status.startswith("2") and status != "204":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema.get("$ref", "").startswith("#/components/schemas/"), f"{method} {path} {status}"
