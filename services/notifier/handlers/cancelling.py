"""Mails that will not go: somebody else must hear of their alerts, or the same people otherwise."""

from collections.abc import Sequence
from datetime import datetime

from services.notifier.domain.delivery import Mail, cancel
from services.notifier.handlers.untelling import untell
from services.notifier.ports import Store


async def cancel_mails(store: Store, mails: Sequence[Mail], now: datetime) -> None:
    """Cancels the mails and opens their alerts anew."""
    for mail in mails:
        await store.save_mail(cancel(mail))
    await untell(store, [mail.id for mail in mails], now)
