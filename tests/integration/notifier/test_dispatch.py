"""Two notifiers look at the same alerts: one of them writes, and the other takes over when it is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.ports import MailFilter
from tests.integration.notifier.conftest import BuildParts
from tests.support.eventually import eventually
from tests.support.notifier import PEOPLE, an_alert


@asynccontextmanager
async def _dispatching(parts: Parts) -> AsyncIterator[Dispatcher]:
    exclusive = parts.runtime.database.exclusive
    dispatching = Dispatching(exclusive, parts.writing, parts.composer, parts.rules, parts.clock)
    dispatcher = Dispatcher(dispatching, parts.alerts_changed)
    task = asyncio.ensure_future(dispatcher.run())
    try:
        yield dispatcher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _open(parts: Parts, student: str) -> None:
    async with parts.writing() as store:
        await store.save_alert(an_alert(AlertKind.UNPLACED, student, opened_at=parts.clock()))


async def _are_written(parts: Parts, count: int) -> None:
    async def written() -> bool:
        async with parts.reading() as store:
            return len(await store.mails(MailFilter(limit=500))) == count

    await eventually(written, within_s=15, what=f"{count} mails written")


async def test_one_of_two_writes_each_mail_and_the_other_takes_over(build_parts: BuildParts) -> None:
    one, two = build_parts(), build_parts()
    async with one.writing() as store:
        for contact in PEOPLE.all():
            await store.save_contact(contact)
    async with _dispatching(two):
        async with _dispatching(one):
            for number in range(3):
                await _open(one, f"s-{number}")
                await _are_written(one, number + 1)
        await _open(one, "s-last")
        await _are_written(one, 4)
