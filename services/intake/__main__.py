"""Runs intake: `python -m services.intake`."""

import asyncio

from services.intake.bootstrap import build
from services.intake.config import Settings
from services.intake.entrypoints.serve import serve
from shared.starting import misconfiguration_told

if __name__ == "__main__":
    with misconfiguration_told("intake"):
        parts = build(Settings())
    asyncio.run(serve(parts))
