"""Tries whatever fits a service's OpenAPI document, or just does not, also in turn along its links."""

import asyncio
import os
import sys
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
EXAMPLES = 8


async def answers_as_its_document_says(address: str, folder: Path, *more: str) -> None:
    """Fails with what was found; `more` are further checks."""
    base = f"{address.rstrip('/')}/v1"
    words = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json", "--url", base),
        *("--checks", ",".join((*CHECKS, *more)), "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
        *("--phases", "examples,coverage,fuzzing,stateful", "--generation-database", "none"),
    ]
    environment = {**os.environ, "HOME": str(folder)}
    run = await asyncio.create_subprocess_exec(
        *words, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await run.communicate()
    assert run.returncode == 0, output.decode()[-6000:]
    assert "Stateful" in output.decode(), output.decode()[-3000:]
