"""Runs intake: `python -m services.intake`."""

import asyncio

from services.intake.bootstrap import build
from services.intake.config import Settings
from services.intake.entrypoints.serve import serve

if __name__ == "__main__":
    asyncio.run(serve(build(Settings())))
