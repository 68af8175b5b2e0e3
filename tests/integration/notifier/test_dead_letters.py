"""Killed at every point on the way to the operator, and started again: that a mail was given up is told by every road."""

from pathlib import Path

from services.notifier.domain.delivery import MailState
from shared.contracts.envelope import new_event
from tests.integration.notifier.conftest import telling
from tests.integration.notifier.smtp_server import MailServer
from tests.support.notifier import PEOPLE
from tests.support.notifier_death import Death, Killed, mortal
from tests.support.notifier_events import has_no_place
from tests.support.notifier_story import MONDAY, Story, moment


async def _die_and_live(folder: Path, server: MailServer, operators: MailServer, at: int) -> tuple[Death, int, int]:
    """What happened before death, and how often the operator was told: by a line in a file, and by mail."""
    operators.taken.clear()
    operators.recipients.clear()
    road = folder / "alarms.jsonl"
    ways = {"alarm_file": road, "alarm_smtp_host": "127.0.0.1", "alarm_smtp_port": operators.port,
            "alarm_to": "beheer@leerplek.example"}  # fmt: skip
    async with telling(f"sqlite+aiosqlite:///{folder / 'n.db'}", server, folder) as tell:
        death, first = Death(at), tell(**ways)
        await first.people(PEOPLE.coordinator)
        dying = Story(mortal(first.parts, death), server, first.clock)
        death.is_armed = True
        try:
            await dying.at("9:00", has_no_place("s-1"))
            await dying.at("9:05")
        except Killed:
            death.is_armed = False
            again = tell(**ways)
            again.clock.now = dying.clock.now
            await again.hear(new_event("urn:nld:test", has_no_place("s-1"), again.clock()))
            await again.until(max(again.clock.now + again.delivery.lease * 2, moment("9:10", MONDAY)))
        assert [mail.state for mail in await first.mails()] == [MailState.FAILED]
        async with first.parts.reading() as store:
            assert not await store.dead_letters(10)
    return death, len(road.read_text().splitlines()), len(operators.taken)


async def test_killed_anywhere_the_operator_hears_of_a_mail_that_was_given_up(
    mail_server: MailServer, tmp_path: Path
) -> None:
    operators = MailServer()
    await operators.start()
    mail_server.refusals = {PEOPLE.coordinator.email: "554 5.6.0 not like this"}
    at, was_killed = 1, True
    try:
        while was_killed:
            folder = tmp_path / str(at)
            folder.mkdir()
            death, lines, mails = await _die_and_live(folder, mail_server, operators, at)
            was_killed = len(death.points) == at
            where = death.points[-1] if was_killed else "nowhere"
            is_in = {road: where == f"after the operator was told by {road}" for road in ("file", "mail")}
            marking = death.points[-2:] if was_killed else []
            for road, told in (("file", lines), ("mail", mails)):
                may_double = is_in[road] or marking == [
                    f"after the operator was told by {road}", "before a transaction is committed"]  # fmt: skip
                assert told == 1 + may_double, f"killed {where} (point {at}): {told} by {road}"
            at += 1
    finally:
        await operators.stop()
    assert at > 12
