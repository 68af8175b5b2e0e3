"""Runs the notifier: `python -m services.notifier`."""

from services.notifier.bootstrap import build
from services.notifier.config import Settings
from services.notifier.entrypoints.serve import serve
from shared.process import run
from shared.starting import misconfiguration_told

GIVES_WAY = 5
"""Niceness: a mail may take a second more, whoever registers or reports waits for an answer."""

if __name__ == "__main__":
    with misconfiguration_told("notifier"):
        parts = build(Settings())
    run(serve(parts), GIVES_WAY)
