"""What is due at eight o'clock is due for the digests of eight o'clock as well."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, repeat

from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from shared.messaging.retry import Wakeup
from tests.support.notifier_events import overloaded
from tests.support.notifier_story import LEADER, MONDAY, Story, moment

TUESDAY = MONDAY + timedelta(days=8)


async def test_who_hears_next_at_eight_is_in_the_digests_also_where_the_look_begins_just_before(story: Story) -> None:
    await story.at("9:00", overloaded())
    await story.at("7:59:50", day=TUESDAY)
    eight = moment("8:00", TUESDAY)
    passing = chain([eight - timedelta(seconds=0.1)], repeat(eight + timedelta(seconds=0.1)))
    written = await _runs_until_written(story, passing)
    assert LEADER.id in written


async def _runs_until_written(story: Story, moments: Iterator[datetime]) -> set[str]:
    """To whom a dispatcher writes first, by these times on its clock."""
    parts, written = story.parts, asyncio.Event()
    before = {each.id for each in await story.mails()}
    how = Dispatching(
        parts.runtime.database.exclusive, parts.writing, parts.composer, parts.rules, lambda: next(moments)
    )
    dispatcher = Dispatcher(how, Wakeup())
    dispatcher.after_write = written.set
    running = asyncio.create_task(dispatcher.run())
    try:
        await asyncio.wait_for(written.wait(), 20)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return {each.contact for each in await story.mails() if each.id not in before}
