"""A consumer whose effects can be counted; run as a program it is one to be killed: `consuming.py URL BROKER TOPIC GROUP`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Event
from shared.messaging.consumer import Apply, ConsumerSettings, EventConsumer
from shared.messaging.inbox import Tombstone
from shared.messaging.watchdog import Progress
from shared.persistence.database import Database
from tests.support.databases import add_effect

SESSION_MS = 1_000
PAUSE_S = 0.002


def settings(bootstrap: str, group: str, *topics: str, instance: str | None = None) -> ConsumerSettings:
    """A member that the broker misses soon; not a static one, for which the embedded broker takes seconds longer."""
    return ConsumerSettings(bootstrap, group, instance, topics, SESSION_MS)


def leave_effect(applied_by: str = "", before: Callable[[Event | Tombstone], Awaitable[None]] | None = None) -> Apply:
    """Leaves one effect per event, after `before`."""

    async def apply(tx: AsyncSession, events: Sequence[Event | Tombstone]) -> None:
        for event in events:
            if before is not None:
                await before(event)
            sequence = event.sequence if isinstance(event, Event) else 0
            await add_effect(tx, event.subject, sequence, applied_by)

    return apply


def build(read: ConsumerSettings, database: Database, apply: Apply) -> EventConsumer:
    """A consumer that wakes nobody."""
    return EventConsumer(read, database, apply, Progress(read.group))


async def _main(url: str, bootstrap: str, topic: str, group: str) -> None:
    async def slowly(_: Event | Tombstone) -> None:
        await asyncio.sleep(PAUSE_S)  # so that the kill falls in the middle

    await build(settings(bootstrap, group, topic), Database(url), leave_effect(before=slowly)).run()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:5]))
