"""The whole demo, from the command to its summary."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench.results import Measured
from bench.stack import EMBEDDED

TAKES = "1 min"


def measure() -> list[Measured]:
    """Runs the command as a newcomer does; a demo that fails is an error."""
    return asyncio.run(_measure())


async def _measure() -> list[Measured]:
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as directory:
        started = time.monotonic()
        arguments = (sys.executable, "-m", "deploy", "demo", "--directory", str(Path(directory) / "demo"))
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.DEVNULL)
        code = await process.wait()
        seconds = time.monotonic() - started
    if code:
        raise SystemExit(f"the demo ended with code {code}")
    return [Measured("demo of 300 students", EMBEDDED, [seconds])]
