"""Builds capacity: database, store, sealer, relay; the only module that knows its adapters."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters.answers import build_answers
from services.capacity.adapters.master_key import check_master_key
from services.capacity.adapters.stamp import Stamp
from services.capacity.adapters.store import SqlStore
from services.capacity.config import Settings
from services.capacity.domain.access import SCOPES
from services.capacity.ports import Store
from services.capacity.ports.answering import PlanAnswers
from shared.clock import Clock, machine_clock
from shared.contracts.catalogue import PLACEMENTS, REGION_SETTINGS, SUPERVISOR_AVAILABILITY
from shared.dutch import dutch_day
from shared.messaging.outbox import Outbox
from shared.runtime import Runtime
from shared.security.sealing import Sealer, load_master_key
from shared.security.tokens import verifier_of
from shared.web.changes import Changes
from shared.web.limiting import RateLimit
from shared.web.signing_in import SignedIn, signed_in

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (PLACEMENTS,)
WRITES = (SUPERVISOR_AVAILABILITY, REGION_SETTINGS)


@dataclass(frozen=True, slots=True)
class Parts:
    """What capacity's entrypoints work with: who asks and how much they may, changes, a store on a transaction that writes as
    some actor, one that reads.
    """

    settings: Settings
    runtime: Runtime
    caller: SignedIn
    limit: RateLimit
    changes: Changes[Store]
    store: Callable[[AsyncSession, str], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]
    clock: Clock
    answers: PlanAnswers

    def today(self) -> date:
        """The day it is in the Netherlands."""
        return dutch_day(self.clock())


def build(settings: Settings, clock: Clock = machine_clock) -> Parts:
    """All parts of capacity; nothing connects yet. In development a missing master key is made, in production it must be there.

    Raises Misconfigured when the keys of tokens cannot be read.
    """
    runtime = Runtime("capacity", settings, MIGRATIONS, topics=(*READS, *WRITES))
    outbox = Outbox(f"{settings.event_source}:capacity")
    sealer = Sealer(load_master_key(settings.key_file, may_create=settings.mode == "development"))
    runtime.start_checks.append(lambda: check_master_key(runtime.database, sealer))

    def store(tx: AsyncSession, actor: str) -> Store:
        return SqlStore(tx, outbox, sealer, Stamp(clock(), actor))

    @asynccontextmanager
    async def reading() -> AsyncIterator[Store]:
        async with runtime.database.reading() as tx:
            yield SqlStore(tx, outbox, sealer, Stamp(clock(), runtime.name), locks=False)

    changes = Changes(runtime.database, store, runtime.relay.wake, sealer.fingerprint)
    answers = build_answers(settings.answers_url, settings.answers_token_file)
    caller, limit = signed_in(verifier_of(settings), SCOPES), RateLimit(settings.requests_per_minute)
    return Parts(settings, runtime, caller, limit, changes, store, reading, clock, answers)
