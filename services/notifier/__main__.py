"""Runs the notifier: `python -m services.notifier`."""

import asyncio

from services.notifier.bootstrap import build
from services.notifier.config import Settings
from services.notifier.entrypoints.serve import serve

if __name__ == "__main__":
    asyncio.run(serve(build(Settings())))
