"""Runs intake: `python -m services.intake`."""

import asyncio

from services.intake.bootstrap import run
from services.intake.config import Settings

if __name__ == "__main__":
    asyncio.run(run(Settings()))
