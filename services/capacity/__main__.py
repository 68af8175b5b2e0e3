"""Runs capacity: `python -m services.capacity`."""

import asyncio

from services.capacity.bootstrap import build
from services.capacity.config import Settings
from services.capacity.entrypoints.serve import serve

if __name__ == "__main__":
    asyncio.run(serve(build(Settings())))
