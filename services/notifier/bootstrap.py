"""Builds the notifier: database, store, sealer, composer, sender, relay; the only module that knows its adapters."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.alarms import CountedRoad, FileRoad, MailRoad
from services.notifier.adapters.composer import JinjaComposer
from services.notifier.adapters.master_key import check_master_key
from services.notifier.adapters.message import Letterhead
from services.notifier.adapters.parked import count_parked
from services.notifier.adapters.school_calendar import read_calendar
from services.notifier.adapters.smtp import SmtpSender, SmtpServer
from services.notifier.adapters.store import SqlStore
from services.notifier.config import Settings
from services.notifier.domain.access import SCOPES
from services.notifier.domain.delivery import RetryPolicy
from services.notifier.domain.links import Links
from services.notifier.domain.rules import Rules
from services.notifier.ports import Store
from services.notifier.ports.alarming import Road
from services.notifier.ports.posting import Composer, Sender
from shared.clock import Clock, machine_clock
from shared.contracts.catalogue import (
    PLACEMENT_SIGNALS,
    PLACEMENTS,
    REGION_SETTINGS,
    STUDENT_REGISTRATIONS,
    SUPERVISOR_AVAILABILITY,
)
from shared.messaging.retry import Wakeup
from shared.runtime import Runtime
from shared.security.link_tokens import LinkSigner
from shared.security.sealing import Sealer, load_master_key
from shared.security.tokens import verifier_of
from shared.web.changes import Changes
from shared.web.limiting import RateLimit
from shared.web.passing import SignInElsewhere, sign_in_elsewhere
from shared.web.places import Place
from shared.web.signing_in import SignedIn, signed_in
from shared.webhooks.hooks import Hooks, build_hooks

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (PLACEMENT_SIGNALS, PLACEMENTS, STUDENT_REGISTRATIONS, REGION_SETTINGS, SUPERVISOR_AVAILABILITY)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the notifier's entrypoints work with: changes, stores on a transaction of their own or somebody else's, and mail.

    `committed` wakes who waits for what was written: the relay, and by `alerts_changed` the dispatcher. `caller` and `limit` tell
    who asks the API and how much they may; `sign_in` is where people who look at pages sign in, None where nobody does.
    """

    runtime: Runtime
    settings: Settings
    caller: SignedIn
    limit: RateLimit
    changes: Changes[Store]
    store: Callable[[AsyncSession, str], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]
    writing: Callable[[], AbstractAsyncContextManager[Store]]
    committed: Callable[[], None]
    alerts_changed: Wakeup
    composer: Composer
    sender: Sender
    build_sender: Callable[[], Sender]
    roads: Sequence[Road]
    parked: Callable[[], Awaitable[Mapping[str, int]]]
    rules: Rules
    links: Links
    policy: RetryPolicy
    clock: Clock
    jitter: Callable[[], float]
    sign_in: SignInElsewhere | None
    hooks: Hooks


def build(settings: Settings, clock: Clock = machine_clock) -> Parts:
    """All parts of the notifier; nothing connects yet. In development a missing master key is made, in production it must be there."""
    runtime = Runtime("notifier", settings, MIGRATIONS, topics=READS)
    database, alerts_changed = runtime.database, Wakeup()
    master_key = load_master_key(settings.key_file, may_create=settings.mode == "development")
    sealer, links = Sealer(master_key), Links(settings.public_url.rstrip("/"), LinkSigner(master_key))
    runtime.migration_parts["sealer"] = sealer
    runtime.start_checks.append(lambda: check_master_key(database, sealer))

    def store(tx: AsyncSession, actor: str) -> Store:
        return SqlStore(tx, sealer, clock(), actor)

    @asynccontextmanager
    async def reading() -> AsyncIterator[Store]:
        async with database.reading() as tx:
            yield SqlStore(tx, sealer, clock(), runtime.name, locks=False)

    @asynccontextmanager
    async def writing() -> AsyncIterator[Store]:
        async with database.transaction() as tx:
            yield store(tx, runtime.name)

    hooks = build_hooks(database, sealer, clock, may_be_private=settings.webhook_private_addresses)

    def committed() -> None:
        runtime.relay.wake()
        alerts_changed.wake()

    def build_sender() -> Sender:
        return SmtpSender(_server(settings), Letterhead(settings.sender(), links, settings.return_domain))

    return Parts(
        runtime=runtime,
        settings=settings,
        caller=signed_in(verifier_of(settings), SCOPES),
        limit=RateLimit(settings.requests_per_minute),
        changes=Changes(database, store, committed, sealer.fingerprint),
        store=store,
        reading=reading,
        writing=writing,
        committed=committed,
        alerts_changed=alerts_changed,
        composer=JinjaComposer(
            settings.public_url,
            settings.portal_url or settings.sign_in_url or "",
            has_institutes=settings.has_institute_pages,
        ),
        sender=build_sender(),
        build_sender=build_sender,
        roads=_roads(settings),
        parked=lambda: count_parked(settings.kafka_bootstrap, READS),
        rules=_rules(settings),
        links=links,
        policy=_policy(settings),
        clock=clock,
        jitter=random.random,
        sign_in=sign_in_elsewhere(
            settings.sign_in_url, settings.sign_in_jwks_file, settings.public_url, Place.MESSAGES
        ),
        hooks=hooks,
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        timedelta(seconds=settings.group_wait_s),
        settings.mails_per_day,
        settings.critical_escalates_after_days,
        settings.warning_escalates_after_days,
        read_calendar(settings.school_holidays_file),
    )


def _roads(settings: Settings) -> list[Road]:
    roads: list[Road] = [CountedRoad()]
    if settings.alarm_file is not None:
        roads.append(FileRoad(settings.alarm_file))
    if settings.alarm_smtp_host:
        server = SmtpServer(settings.alarm_smtp_host, settings.alarm_smtp_port, "none", "", "", settings.smtp_timeout_s)
        roads.append(MailRoad(server, settings.sender(), settings.alarm_to))
    return roads


def _policy(settings: Settings) -> RetryPolicy:
    return RetryPolicy(
        timedelta(seconds=settings.retry_first_s),
        timedelta(seconds=settings.retry_cap_s),
        timedelta(seconds=settings.give_up_after_s),
    )


def _server(settings: Settings) -> SmtpServer:
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password(),
        settings.smtp_timeout_s,
    )
