"""Works off files in the background: a chunk of rows with its verdicts in one transaction, so that a crash costs nothing."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from services.intake.handlers.importing import import_rows
from shared.dutch import dutch_day
from shared.errors import TransientError
from shared.messaging.retry import Backoff, Wakeup

log = structlog.get_logger(__name__)

POLL_S = 5.0
ARRIVING = timedelta(hours=1)
"""An upload that has not ended by then was broken off."""
KEEP = timedelta(days=30)


class ImportWorker:
    """Takes one chunk after another; several processes can run one each."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._woken = parts, Wakeup()

    @property
    def wake(self) -> Callable[[], None]:
        """Says that a file has arrived."""
        return self._woken.wake

    async def run(self) -> None:
        """Works until cancelled; waits while the database is away."""
        backoff = Backoff()
        while True:
            try:
                while await self.work_off_one():
                    backoff.reset()
                await self._forget()
                await self._woken.wait(POLL_S)
            except TransientError as away:
                log.warning("imports wait", problem=str(away)[:300])
                await backoff.pause()

    async def work_off_one(self) -> bool:
        """One chunk, or the end of a file; False when nothing waits."""
        parts = self._parts
        async with parts.runtime.database.transaction() as tx:
            imports = parts.imports(tx, Who(parts.runtime.name))
            taken = await imports.take()
            if taken is None:
                return False
            file, number, rows = taken
            if not rows:
                await imports.finish(file.id, parts.clock())
                log.info("import done", file=file.id, rows=file.rows, **file.counts)
                return True
            verdicts = await import_rows(parts.store(tx, file.who), file, rows, dutch_day(file.created_at))
            await imports.judge(file.id, number, rows, verdicts)
        parts.runtime.relay.wake()
        return True

    async def _forget(self) -> None:
        async with self._parts.runtime.database.transaction() as tx:
            await self._parts.imports(tx, Who(self._parts.runtime.name)).forget(self._parts.clock(), ARRIVING, KEEP)
