"""Whatever fits intake's OpenAPI document, or just does not, is answered as the document says, and never with a 5xx."""

import asyncio
import os
import sys
from pathlib import Path

from shared.child_process import free_port
from shared.testing.kafka import RunningBroker
from tests.integration.intake.test_process import intake_on, know_region

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "use_after_free",
)
EXAMPLES = 8


async def test_every_operation_answers_as_its_document_says(sqlite_url: str, tmp_path: Path) -> None:
    await know_region(sqlite_url, "NL-R07")
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    async with intake_on(nowhere, sqlite_url, tmp_path) as http:
        base = f"{str(http.base_url).rstrip('/')}/v1"
        words = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json", "--url", base),
            *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
            *("--phases", "examples,coverage,fuzzing,stateful", "--generation-database", "none"),
        ]
        environment = {**os.environ, "HOME": str(tmp_path)}
        run = await asyncio.create_subprocess_exec(
            *words, cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await run.communicate()
        assert run.returncode == 0, output.decode()[-6000:]
