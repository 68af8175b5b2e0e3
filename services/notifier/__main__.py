"""Runs the notifier: `python -m services.notifier`."""

import asyncio

from services.notifier.bootstrap import build
from services.notifier.config import Settings
from services.notifier.entrypoints.serve import serve
from shared.starting import misconfiguration_told

if __name__ == "__main__":
    with misconfiguration_told("notifier"):
        parts = build(Settings())
    asyncio.run(serve(parts))
