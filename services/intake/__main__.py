"""Runs intake: `python -m services.intake`."""

from services.intake.bootstrap import build
from services.intake.config import Settings
from services.intake.entrypoints.serve import serve
from shared.process import run
from shared.starting import misconfiguration_told

if __name__ == "__main__":
    with misconfiguration_told("intake"):
        parts = build(Settings())
    run(serve(parts))
