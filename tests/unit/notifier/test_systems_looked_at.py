"""How often is looked what became of what systems were given."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

from services.notifier.domain.delivery import Mail
from services.notifier.domain.handing import Took
from services.notifier.domain.rules import Rules
from services.notifier.entrypoints.dispatch import SYSTEMS_EVERY, Dispatcher, Dispatching
from shared.messaging.retry import Wakeup
from tests.support.notifier import NOW, Clock
from tests.support.notifier_memory import MemoryStore
from tests.unit.notifier.test_unwritten import FailsFor


class Counting(MemoryStore):
    """Counts how often is looked."""

    looks = 0

    async def handed_mails(self, now: datetime, limit: int) -> Sequence[tuple[Mail, Took]]:
        self.looks += 1
        return await super().handed_mails(now, limit)


async def test_what_waits_for_systems_is_not_counted_at_every_look() -> None:
    store, clock = Counting(), Clock()
    how = Dispatching(lambda _name: nullcontext(), store.writing, FailsFor(""), Rules(timedelta(0)), clock)
    dispatcher, counts = Dispatcher(how, Wakeup()), []
    for seconds in (0, 1, 4, 5, 6, 10):
        await dispatcher.pass_once(NOW + timedelta(seconds=seconds))
        counts.append(store.looks)
    assert timedelta(seconds=5) == SYSTEMS_EVERY
    assert counts == [1, 1, 1, 2, 2, 3]
