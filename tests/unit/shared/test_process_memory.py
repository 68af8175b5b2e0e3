"""A service does not stop to look through all that it has in memory: what was imported is left alone, the rest is seldom looked at."""

import subprocess
import sys

SERVICE = """
import gc
from shared.process import run

async def main():
    print(gc.get_freeze_count() > 10_000, gc.get_threshold()[0] >= 10_000)

run(main())
"""


def test_what_was_imported_is_never_looked_through_again() -> None:
    told = subprocess.run([sys.executable, "-c", SERVICE], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.split() == ["True", "True"]
