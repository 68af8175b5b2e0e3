"""What a process beside the one that answers does: one job after another, until its line is closed or its parent is gone."""

import os
import traceback
from multiprocessing.connection import Connection

from services.matcher.domain.facts import Document
from services.matcher.domain.reading import RegionProblems
from shared.errors import DomainError
from shared.process import end_with_parent


def work(line: Connection, database_url: str, niceness: int) -> None:
    """Takes names of jobs with what they are about, and tells steps, and at the end what came of it."""
    from services.matcher.adapters.workroom.jobs import JOBS  # what a job needs is loaded where it is done
    from services.matcher.adapters.workroom.library import Library

    os.nice(niceness)
    end_with_parent()
    library = Library(database_url)

    def step(body: Document) -> None:
        line.send(("step", dict(body)))

    while True:
        try:
            name, about = line.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            done = JOBS[name](library, about, step)
            found: tuple[str, object] = ("last" if library.is_tired else "done", done)
        except (DomainError, RegionProblems) as refusal:
            found = ("refused", refusal)
        except Exception:  # noqa: BLE001 - told to the parent, who logs it and ends this process
            found = ("failed", traceback.format_exc())
        line.send(found)
