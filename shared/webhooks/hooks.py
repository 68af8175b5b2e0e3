"""What the routes and the sender of webhooks work with; a service builds it once."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.clock import Clock
from shared.messaging.retry import Wakeup
from shared.persistence.database import Database
from shared.security.sealing import Sealer, WrappedKey
from shared.web.changes import Changes
from shared.webhooks.posting import HttpPost
from shared.webhooks.store import SqlWebhooks
from shared.webhooks.tables import WebhookRow


@dataclass(frozen=True, slots=True)
class Hooks:
    """Webhooks as an owner (None: whoever runs Leerplek) sees and changes them; `post` sends, `sending` wakes whoever does.

    Without `may_be_private` messages go to public addresses with https only.
    """

    database: Database
    store: Callable[[AsyncSession, str | None], SqlWebhooks]
    changes: Callable[[str | None], Changes[SqlWebhooks]]
    post: HttpPost
    sending: Wakeup
    may_be_private: bool
    clock: Clock


FindHooks = Callable[[], Hooks]
"""Routes are there before their parts are."""


def build_hooks(database: Database, sealer: Sealer, clock: Clock, *, may_be_private: bool) -> Hooks:
    """The webhooks of a service; nothing connects yet."""
    sending = Wakeup()

    def store(tx: AsyncSession, owner: str | None) -> SqlWebhooks:
        return SqlWebhooks(tx, owner, sealer)

    def changes(owner: str | None) -> Changes[SqlWebhooks]:
        return Changes(database, lambda tx, _: store(tx, owner), sending.wake, sealer.fingerprint)

    return Hooks(database, store, changes, HttpPost(may_be_private=may_be_private), sending, may_be_private, clock)


async def check_webhook_keys(tx: AsyncSession, sealer: Sealer) -> None:
    """Raises Misconfigured when another master key sealed the secrets that the database holds."""
    first = (await tx.exec(select(WebhookRow).order_by(col(WebhookRow.id)).limit(1))).first()
    if first is not None:
        sealer.check(WrappedKey(first.wrapped_key), first.id)
