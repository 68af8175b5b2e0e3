"""Builds capacity: database, store, sealer, relay; the only module that knows its adapters."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters.answers import build_answers
from services.capacity.adapters.letterbox import MailServer, SmtpLetterbox
from services.capacity.adapters.master_key import check_master_key
from services.capacity.adapters.oidc import Client, OidcProvider, read_private_key
from services.capacity.adapters.people_store import SqlPeople
from services.capacity.adapters.stamp import Stamp
from services.capacity.adapters.store import SqlStore
from services.capacity.config import Settings
from services.capacity.domain.access import SCOPES
from services.capacity.domain.claims import ClaimMapping, read_mapping
from services.capacity.handlers.governing import Told
from services.capacity.ports import Store
from services.capacity.ports.answering import PlanAnswers
from services.capacity.ports.people import Letterbox, People, Provider
from shared.clock import Clock, machine_clock
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS, REGION_SETTINGS, SUPERVISOR_AVAILABILITY
from shared.dutch import dutch_day
from shared.messaging.outbox import Outbox
from shared.messaging.retry import Wakeup
from shared.runtime import Runtime
from shared.security.issuing import prepare_keys, secret_keys
from shared.security.sealing import Sealer, load_master_key
from shared.security.tokens import verifier_of
from shared.settings import read_secret
from shared.web.changes import Changes
from shared.web.limiting import RateLimit
from shared.web.signing_in import SignedIn, signed_in
from shared.webhooks.hooks import Hooks, build_hooks

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (PLACEMENTS, PLACEMENT_SIGNALS)
WRITES = (SUPERVISOR_AVAILABILITY, REGION_SETTINGS)


@dataclass(frozen=True, slots=True)
class Access:
    """What signing in works with: people on a transaction that writes as some actor, one that reads, changes (`governing`: of schools too); where an organisation's
    people sign in and what sends mail, where there are such; what encloses things in cookies; and when there is mail to send.
    """

    people: Callable[[AsyncSession, str], People]
    reading: Callable[[], AbstractAsyncContextManager[People]]
    changes: Changes[People]
    governing: Changes[tuple[Store, People]]
    provider: Provider | None
    mapping: ClaimMapping
    letterbox: Letterbox | None
    sealer: Sealer
    mail_waits: Wakeup


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
    access: Access
    hooks: Hooks

    def told(self, people: People) -> Told:
        """Whom it is told that a school has another board: nobody where there is no mail."""
        return Told(people if self.access.letterbox is not None else None, self.clock())

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
    access = _access(settings, runtime, sealer, (clock, store))
    hooks = build_hooks(runtime.database, sealer, clock, may_be_private=settings.webhook_private_addresses)
    return Parts(settings, runtime, caller, limit, changes, store, reading, clock, answers, access, hooks)


MakeStore = Callable[[AsyncSession, str], Store]


def _access(settings: Settings, runtime: Runtime, sealer: Sealer, given: tuple[Clock, MakeStore]) -> Access:
    """Raises Misconfigured when a secret, key or mapping cannot be read."""
    clock, store = given

    def people(tx: AsyncSession, actor: str) -> People:
        return SqlPeople(tx, sealer, Stamp(clock(), actor))

    @asynccontextmanager
    async def reading() -> AsyncIterator[People]:
        async with runtime.database.reading() as tx:
            yield people(tx, runtime.name)

    if settings.pass_keys_file is not None:
        if settings.mode == "development":
            prepare_keys(settings.pass_keys_file)
        secret_keys(settings.pass_keys_file)
    mail_waits = Wakeup()
    changes = Changes(runtime.database, people, mail_waits.wake, sealer.fingerprint)

    def both(tx: AsyncSession, actor: str) -> tuple[Store, People]:
        return store(tx, actor), people(tx, actor)

    def wake() -> None:
        runtime.relay.wake()
        mail_waits.wake()

    governing = Changes(runtime.database, both, wake, sealer.fingerprint)
    mapping = read_mapping(settings.oidc_claims_file if settings.oidc_issuer else None)
    provider, letterbox = _provider(settings), _letterbox(settings)
    return Access(people, reading, changes, governing, provider, mapping, letterbox, sealer, mail_waits)


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None or settings.public_url is None:
        return None
    secret, key = settings.oidc_client_secret_file, settings.oidc_client_key_file
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        read_secret(secret) if secret else "",
        read_private_key(key) if key else None,
        settings.oidc_scope,
        f"{settings.public_url}/aanmelden/terug",
        f"{settings.public_url}/afgemeld",
    )
    return OidcProvider(client)


def _letterbox(settings: Settings) -> Letterbox | None:
    if settings.smtp_host is None or settings.public_url is None:
        return None
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_timeout_s,
        settings.sender(),
    )
    return SmtpLetterbox(server, settings.public_url)
