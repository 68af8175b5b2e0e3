"""Builds the matcher: database, planner, handlers; the only module that knows its adapters."""

from dataclasses import dataclass
from pathlib import Path

from services.matcher.adapters.answers import SqlAnswers
from services.matcher.adapters.planner import PoolPlanner
from services.matcher.adapters.store import SqlStore
from services.matcher.config import Settings
from services.matcher.handlers.matcher import Matcher
from services.matcher.ports import Answers
from shared.contracts.catalogue import (
    PLACEMENT_SIGNALS,
    PLACEMENTS,
    REGION_SETTINGS,
    STUDENT_REGISTRATIONS,
    SUPERVISOR_AVAILABILITY,
)
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.watchdog import Progress
from shared.runtime import Runtime

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (REGION_SETTINGS, SUPERVISOR_AVAILABILITY, STUDENT_REGISTRATIONS)
WRITES = (PLACEMENTS, PLACEMENT_SIGNALS)
GROUP = "leerplek-matcher"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the matcher's entrypoints work with."""

    settings: Settings
    runtime: Runtime
    matcher: Matcher
    planner: PoolPlanner
    answers: Answers
    progress: Progress


def build(settings: Settings) -> Parts:
    """All parts of the matcher; nothing connects yet."""
    runtime = Runtime("matcher", settings, MIGRATIONS, topics=(*READS, *WRITES), needs_stream=True)
    progress = Progress("matcher stream")
    runtime.progress.append(progress)
    inbox = Inbox(GROUP)
    store = SqlStore(runtime.database, Outbox(f"{settings.event_source}:matcher"), inbox)
    planner = PoolPlanner()

    def committed() -> None:
        progress.moved()
        runtime.relay.wake()

    return Parts(
        settings,
        runtime,
        Matcher(store, planner, inbox, committed),
        planner,
        SqlAnswers(runtime.database, GROUP),
        progress,
    )
