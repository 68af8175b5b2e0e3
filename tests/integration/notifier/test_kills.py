"""Killed at every point between event and accepted mail, and started again: nothing is lost, and only SMTP's own window doubles a mail."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.notifier.ports import MailFilter
from shared.contracts.envelope import new_event
from tests.integration.notifier.conftest import telling
from tests.integration.notifier.smtp_server import MailServer
from tests.support.notifier import PEOPLE
from tests.support.notifier_death import Death, Killed, mortal
from tests.support.notifier_events import loses, overloaded
from tests.support.notifier_story import MONDAY, Story, moment

LOGICAL_MAILS = 3
"""To institute and school at once, and the school's digest."""
SIDE_BY_SIDE = 2
"""So many connections, and so many mails that a kill may double."""


async def _live(story: Story) -> None:
    """A place is lost on Monday; on Tuesday morning there is a digest."""
    await story.at("10:02", loses("s-1"), overloaded())
    await story.at("8:05", day=2)


async def _live_again(story: Story, dead: Story) -> None:
    """Events come again from the last offset that was committed, which may be the first."""
    story.clock.now = dead.clock.now
    story.seen = dead.seen
    for event in (new_event("urn:nld:test", each, story.clock()) for each in (loses("s-1"), overloaded())):
        await story.hear(event)
    await story.until(story.clock.now + story.delivery.lease * 2)
    await story.until(max(story.clock.now, moment("8:10", MONDAY + timedelta(days=1))))


async def _die_and_live(url: str, folder: Path, server: MailServer, at: int) -> tuple[Death, list[str], int]:
    """What happened before death, the identifiers of the mails that arrived, and how many were claimed a second time."""
    server.taken.clear()
    server.recipients.clear()
    async with telling(url, server, folder) as tell:
        death = Death(at)
        first = tell()
        await first.people(*PEOPLE.all())
        dying = Story(mortal(first.parts, death), server, first.clock, side_by_side=SIDE_BY_SIDE)
        death.is_armed = True
        try:
            await _live(dying)
        except Killed:
            death.is_armed = False
            await dying.read_mail()
            await _live_again(tell(), dying)
        async with first.parts.reading() as store:
            attempts = sum(mail.attempts for mail in await store.mails(MailFilter(limit=50)))
    return death, [message["Message-ID"] for message in server.taken], attempts


def _handed_over_and_not_written_down(points: Sequence[str]) -> int:
    """What happened since the last commit; the last point is death itself, so a commit there did not happen."""
    count = 0
    for point in points:
        if point == "after a transaction was committed":
            count = 0
        count += point == "after the mail was handed over"
    return count


@pytest.mark.parametrize("worker", range(4))
async def test_killed_anywhere_nothing_is_lost_and_only_one_window_doubles(
    worker: int, mail_server: MailServer, tmp_path: Path
) -> None:
    """Every fourth point, so that the four runs have them all."""
    at, was_killed, doubles = worker + 1, True, 0
    while was_killed:
        folder = tmp_path / str(at)
        folder.mkdir()
        death, arrived, attempts = await _die_and_live(
            f"sqlite+aiosqlite:///{folder / 'n.db'}", folder, mail_server, at
        )
        was_killed = len(death.points) == at
        where = death.points[-1] if was_killed else "nowhere"
        assert len(set(arrived)) == LOGICAL_MAILS, f"killed {where} (point {at}): {len(set(arrived))} mails"
        in_window = _handed_over_and_not_written_down(death.points) if was_killed else 0
        assert len(arrived) - len(set(arrived)) == in_window, f"killed {where} (point {at})"
        doubles += in_window
        assert attempts - LOGICAL_MAILS <= SIDE_BY_SIDE
        at += 4
    assert doubles or worker
