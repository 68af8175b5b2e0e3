"""Mails that will not go: somebody else must hear of their alerts, or the same people otherwise."""

from collections.abc import Sequence

from services.notifier.domain.delivery import Mail, cancel
from services.notifier.ports import Store


async def cancel_mails(store: Store, mails: Sequence[Mail]) -> None:
    """Cancels the mails and opens their alerts anew."""
    for mail in mails:
        await store.save_mail(cancel(mail))
    await store.untell([mail.id for mail in mails])
