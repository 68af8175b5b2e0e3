"""Which alerts reach nobody, kept between looks: each look sees only what is due."""

from datetime import datetime

from services.notifier.domain.life import PENDING
from services.notifier.domain.stages import LOOK_AGAIN
from services.notifier.handlers.dispatching import Dispatched
from services.notifier.ports import Store


class Unreached:
    """The alerts that were found to reach nobody, until a later look finds somebody or they need nobody any more."""

    def __init__(self) -> None:
        self._alerts: set[str] = set()
        self._checked_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._alerts)

    def saw(self, done: Dispatched) -> None:
        """What a look, or a round, found."""
        self._alerts -= done.looked_at
        self._alerts |= {alert.id for alert, _ in done.plan.unreachable if not alert.is_fact}

    async def leave_out_settled(self, store: Store, now: datetime) -> None:
        """Forgets what is over or taken on, of which no look will tell; reads the alerts once in so many looks."""
        if self._checked_at is not None and now - self._checked_at < LOOK_AGAIN:
            return
        self._checked_at = now
        if self._alerts:
            self._alerts = {each.id for each in await store.alerts_in(self._alerts) if each.state in PENDING}
