"""Builds intake: database, store, relay, sign-in; the only module that knows its adapters."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.explaining import build_explaining
from services.intake.adapters.imports import SqlImports
from services.intake.adapters.master_key import check_master_key
from services.intake.adapters.overview import SqlOverview
from services.intake.adapters.store import SqlStore
from services.intake.config import Settings
from services.intake.domain.access import SCOPES, Who
from services.intake.ports import Store
from services.intake.ports.explaining import Explaining
from services.intake.ports.imports import Imports
from services.intake.ports.overview import Overview
from shared.clock import Clock, machine_clock
from shared.contracts.catalogue import (
    PLACEMENT_SIGNALS,
    PLACEMENTS,
    REGION_SETTINGS,
    STUDENT_REGISTRATIONS,
    SUPERVISOR_AVAILABILITY,
)
from shared.messaging.outbox import Outbox
from shared.runtime import Runtime
from shared.security.sealing import Sealer, load_master_key
from shared.security.tokens import verifier_of
from shared.web.changes import Changes
from shared.web.limiting import RateLimit
from shared.web.passing import SignInElsewhere, sign_in_elsewhere
from shared.web.places import Place
from shared.web.signing_in import SignedIn, signed_in
from shared.webhooks.hooks import Hooks, build_hooks

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (REGION_SETTINGS, SUPERVISOR_AVAILABILITY, PLACEMENTS, PLACEMENT_SIGNALS)
WRITES = (STUDENT_REGISTRATIONS,)


@dataclass(frozen=True, slots=True)
class Parts:
    """What intake's entrypoints work with: who asks and how much they may, and for each a store to read and one to change.
    The pages work with what looks over an institute's students, what explains
    the plan, where people sign in (None: nobody does), and the fingerprint that stands for what can be guessed.
    """

    settings: Settings
    runtime: Runtime
    caller: SignedIn
    limit: RateLimit
    changes: Callable[[Who], Changes[Store]]
    store: Callable[[AsyncSession, Who], Store]
    imports: Callable[[AsyncSession, Who], Imports]
    hooks: Hooks
    reading: Callable[[Who], AbstractAsyncContextManager[Store]]
    overview: Callable[[AsyncSession, Who], Overview]
    looking: Callable[[Who], AbstractAsyncContextManager[Overview]]
    explaining: Explaining
    sign_in: SignInElsewhere | None
    fingerprint: Callable[[bytes], str]
    clock: Clock


def build(settings: Settings, clock: Clock = machine_clock) -> Parts:
    """All parts of intake; nothing connects yet. Raises Misconfigured when the keys of tokens cannot be read."""
    runtime = Runtime("intake", settings, MIGRATIONS, topics=(*READS, *WRITES))
    outbox = Outbox(f"{settings.event_source}:intake")
    sealer = Sealer(load_master_key(settings.key_file, may_create=settings.mode == "development"))
    runtime.start_checks.append(lambda: check_master_key(runtime.database, sealer))

    def store(tx: AsyncSession, who: Who) -> Store:
        return SqlStore(tx, outbox, clock(), who)

    def changes(who: Who) -> Changes[Store]:
        return Changes(runtime.database, lambda tx, _: store(tx, who), runtime.relay.wake, sealer.fingerprint)

    @asynccontextmanager
    async def reading(who: Who) -> AsyncIterator[Store]:
        async with runtime.database.reading() as tx:
            yield SqlStore(tx, outbox, clock(), who, locks=False)

    @asynccontextmanager
    async def looking(who: Who) -> AsyncIterator[Overview]:
        async with runtime.database.reading() as tx:
            yield SqlOverview(tx, who)

    hooks = build_hooks(runtime.database, sealer, clock, may_be_private=settings.webhook_private_addresses)
    caller = signed_in(verifier_of(settings), SCOPES)
    limit = RateLimit(settings.requests_per_minute)
    return Parts(
        settings,
        runtime,
        caller,
        limit,
        changes,
        store,
        SqlImports,
        hooks,
        reading,
        SqlOverview,
        looking,
        build_explaining(settings.answers_url, settings.answers_token_file),
        sign_in_elsewhere(
            settings.sign_in_url, settings.sign_in_jwks_file, settings.public_url or "", Place.INSTITUTES
        ),
        sealer.fingerprint,
        clock,
    )
