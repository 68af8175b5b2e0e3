"""The compiled search also runs where its code cannot be kept."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = "/proc/nobody/writes/here"
CODE = """
import tempfile
from services.matcher.adapters.solver.compiled.loading import cache_folder, compiled
tempfile.tempdir = "/proc/nobody/writes/here"
assert cache_folder() is None
print(compiled().run.signatures)
"""


def test_without_a_place_for_its_code_the_search_is_compiled_at_every_start() -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": NOWHERE, "NUMBA_CACHE_DIR": NOWHERE}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() not in ("", "[]")
