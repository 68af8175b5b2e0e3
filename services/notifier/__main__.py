"""Runs the notifier: `python -m services.notifier`."""

from services.notifier.bootstrap import build
from services.notifier.config import Settings
from services.notifier.entrypoints.serve import serve
from shared.process import run
from shared.starting import misconfiguration_told

if __name__ == "__main__":
    with misconfiguration_told("notifier"):
        parts = build(Settings())
    run(serve(parts))
