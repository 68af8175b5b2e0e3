"""Runs the matcher: `python -m services.matcher`."""

import asyncio

from services.matcher.bootstrap import build
from services.matcher.config import Settings
from services.matcher.entrypoints.serve import serve

if __name__ == "__main__":
    asyncio.run(serve(build(Settings())))
