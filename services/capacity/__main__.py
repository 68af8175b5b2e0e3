"""Runs capacity: `python -m services.capacity`."""

from services.capacity.bootstrap import build
from services.capacity.config import Settings
from services.capacity.entrypoints.serve import serve
from shared.process import run
from shared.starting import misconfiguration_told

if __name__ == "__main__":
    with misconfiguration_told("capacity"):
        parts = build(Settings())
    run(serve(parts))
