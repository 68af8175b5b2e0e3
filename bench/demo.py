"""The whole demo, from the command to its summary."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench.results import Measured
from bench.stack import EMBEDDED


async def measure() -> list[Measured]:
    """Runs the command as a newcomer does; a demo that fails is an error."""
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as directory:
        started = time.monotonic()
        arguments = (sys.executable, "-m", "deploy", "demo", "--directory", str(Path(directory) / "demo"))
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.DEVNULL)
        code = await process.wait()
        seconds = time.monotonic() - started
    if code:
        raise SystemExit(f"the demo ended with code {code}")
    return [Measured("demo of 300 students", EMBEDDED, [seconds])]
