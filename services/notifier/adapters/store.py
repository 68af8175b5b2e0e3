"""The notifier's store on SQL: contacts, read models, alerts, who was told, rounds and mails in one transaction."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.store_alarming import SqlAlarming
from services.notifier.adapters.store_alerts import SqlAlerts
from services.notifier.adapters.store_contacts import SqlContacts
from services.notifier.adapters.store_erasing import SqlErasing
from services.notifier.adapters.store_handing import SqlHanding
from services.notifier.adapters.store_knowledge import SqlKnowledge
from services.notifier.adapters.store_looking import SqlLooking
from services.notifier.adapters.store_outlived import SqlOutlived
from services.notifier.adapters.store_rounds import SqlRounds
from services.notifier.adapters.store_told import SqlTold
from shared.security.sealing import Sealer


class SqlStore(
    SqlContacts,
    SqlKnowledge,
    SqlAlerts,
    SqlTold,
    SqlRounds,
    SqlLooking,
    SqlErasing,
    SqlAlarming,
    SqlOutlived,
    SqlHanding,
):
    """One transaction's view of everything; `now` stamps what is written, `actor` is who asked; without `locks` it only reads."""

    def __init__(self, tx: AsyncSession, sealer: Sealer, now: datetime, actor: str, *, locks: bool = True) -> None:
        self._tx = tx
        self._sealer, self._seals = sealer, ContactSeals(tx, sealer)
        self._now = now
        self._actor = actor
        self._locks = locks
        self._rows = HeldRows(tx, locks=locks)
