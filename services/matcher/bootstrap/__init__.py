"""Builds the matcher: database, planner, handlers; the only module that knows its adapters."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.matcher.adapters.answers import SqlReads
from services.matcher.adapters.fencings import CountingStore
from services.matcher.adapters.metrics import Measuring
from services.matcher.adapters.planner import PoolPlanner
from services.matcher.adapters.trials import SqlTrials, add_trial
from services.matcher.adapters.workroom.rooms import Rooms
from services.matcher.config import AnswersSettings, Settings
from services.matcher.handlers.answering import SCOPES, Answering
from services.matcher.handlers.explaining import Explaining
from services.matcher.handlers.matcher import Matcher
from services.matcher.handlers.trying import Trying
from services.matcher.ports.answering import Trials, Tried, Workshop
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
from shared.persistence.database import Database
from shared.runtime import Runtime
from shared.security.tokens import verifier_of
from shared.web.changes import Changes
from shared.web.limiting import RateLimit
from shared.web.signing_in import SignedIn, signed_in

MIGRATIONS = Path(__file__).parents[1] / "adapters" / "migrations"
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
    progress: Progress
    planning: Progress
    store: CountingStore


def build(settings: Settings) -> Parts:
    """All parts of the matcher; nothing connects yet."""
    runtime = Runtime("matcher", settings, MIGRATIONS, topics=(*READS, *WRITES), needs_stream=True)
    progress = Progress("matcher stream")
    planning = Progress("matcher planning")
    planning.assigned = True
    runtime.progress += [progress, planning]
    inbox = Inbox(GROUP, settings.partitions)
    store = CountingStore(runtime.database, Outbox(f"{settings.event_source}:matcher"), inbox)
    planner = PoolPlanner(settings.stall_limit_s)
    runtime.excuses.append(lambda: planner.is_loading)

    def committed() -> None:
        progress.moved()
        runtime.relay.wake()

    return Parts(
        settings,
        runtime,
        Matcher(store, planner, inbox, committed, Measuring()),
        planner,
        progress,
        planning,
        store,
    )


@dataclass(frozen=True, slots=True)
class AnswersParts:
    """What the entrypoints of the answers work with; `clock` tells the time."""

    settings: AnswersSettings
    database: Database
    workshop: Workshop
    answering: Answering
    explaining: Explaining
    trials: Trials
    trying: Trying
    changes: Changes[Callable[[Tried], None]]
    caller: SignedIn
    limit: RateLimit
    clock: Callable[[], datetime]


def build_answers(settings: AnswersSettings, workshop: Workshop | None = None) -> AnswersParts:
    """All parts of the process that answers; nothing connects yet. Raises Misconfigured when the keys cannot be read.

    The work is done in processes of its own, unless somebody else does it.
    """
    database = Database(settings.database_url, busy_timeout_s=settings.busy_timeout_s)
    reads = SqlReads(database, GROUP)
    workshop = workshop or Rooms(settings.database_url, settings.solvers)
    answering = Answering(reads, workshop, time.monotonic)
    owner = f"answers-{settings.worker_instance}"
    trials = SqlTrials(database, owner)
    at_once, keep = max(1, settings.solvers - 1), timedelta(days=settings.keep_days)  # one is left for explanations
    trying = Trying(trials, workshop, at_once, keep, now)
    return AnswersParts(
        settings,
        database,
        workshop,
        answering,
        Explaining(reads, workshop, answering),
        trials,
        trying,
        Changes(database, lambda tx, _actor: lambda tried: add_trial(tx, tried, owner), trying.wake),
        signed_in(verifier_of(settings), SCOPES),
        RateLimit(settings.requests_per_minute),
        now,
    )


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
