"""What cannot wait does not: for a mail that failed, for the day's number of mails, or for the morning's digests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from services.notifier.domain.alerts import AlertKind, Channel
from services.notifier.domain.contacts import Contact, Preferences, Wish
from services.notifier.domain.letters import Letter
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.handlers import digesting
from services.notifier.ports import Store
from services.notifier.ports.posting import Composer
from shared.contracts.envelope import new_event
from shared.contracts.signals import AtRiskRule
from shared.dutch import dutch_day
from shared.messaging.retry import Wakeup
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import at_risk, has_no_place
from tests.support.notifier_story import Story

REFUSED = "554 5.6.0 not like this"
INSTITUTE, MANAGER = PEOPLE.coordinator, PEOPLE.manager
COLLEAGUE = replace(INSTITUTE, id="c8", email="collega@vu.example")


async def test_of_what_cannot_wait_the_next_hears_at_once_when_the_mail_fails(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: REFUSED}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:02")
    (mail,) = story.to(MANAGER)
    assert "s-1" in mail.text
    await story.at("23:00")
    assert len(story.to(MANAGER)) == 1


async def test_a_warning_whose_mail_failed_is_escalated_in_its_own_time(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: REFUSED}
    await story.at("9:00", at_risk("s-1", AtRiskRule.LONG_TRAVEL))
    await story.at("23:00", day=2)
    assert story.to(MANAGER) == []


async def test_where_a_colleague_did_hear_nobody_else_is_called(story: Story) -> None:
    await story.people(COLLEAGUE)
    story.server.refusals = {INSTITUTE.email: REFUSED}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("12:00")
    assert [mail.to for mail in story.seen] == [COLLEAGUE.email]


async def test_where_no_colleague_heard_either_the_next_does(story: Story) -> None:
    await story.people(COLLEAGUE)
    story.server.refusals = {each.email: REFUSED for each in (INSTITUTE, COLLEAGUE)}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:02")
    assert [mail.to for mail in story.seen] == [MANAGER.email]


async def test_who_had_all_mails_of_the_day_gets_what_cannot_wait_together_in_few_more(story: Story) -> None:
    for hour in range(9, 14):
        await story.at(f"{hour}:00", has_no_place(f"s-{hour}"))
    await story.at("13:20", has_no_place("s-a"), has_no_place("s-b"))
    await story.at("13:59")
    assert len(story.to(INSTITUTE)) == 5
    await story.at("14:10", has_no_place("s-c"))
    await story.at("15:50", has_no_place("s-d"))
    await story.at("15:59")
    assert len(story.to(INSTITUTE)) == 6, "what comes within two hours goes together"
    await story.at("16:10")
    last = story.to(INSTITUTE)[5:]
    assert [[f"s-{each}" in mail.text for each in "abcd"] for mail in last] == [
        [True, True, False, False],
        [False, False, True, True],
    ]
    assert [mail.channel for mail in await story.mails()][:2] == [Channel.OVERFLOW, Channel.OVERFLOW]


async def test_who_had_all_mails_of_the_day_reads_the_rest_in_the_morning(story: Story) -> None:
    asked_for = Preferences(by_kind={AlertKind.AT_RISK: Wish.IMMEDIATE})
    await story.change(INSTITUTE, preferences=asked_for)
    for hour in range(9, 14):
        await story.at(f"{hour}:00", has_no_place(f"s-{hour}"))
    await story.at("16:00", at_risk("s-16", AtRiskRule.LONG_TRAVEL))
    await story.at("23:00")
    assert len(story.to(INSTITUTE)) == 5


@dataclass(frozen=True)
class Slow:
    """Writing takes a while, in which something happens."""

    composer: Composer
    story: Story
    written: list[str]

    def compose(self, letter: Letter, page: str) -> tuple[str, str]:
        self.story.clock.forward(3)
        self.written.append("urgent" if "s-urgent" in str(letter) else "other")
        return self.composer.compose(letter, page)

    def invite(self, letter: Letter, written_at: object) -> str:
        return self.composer.invite(letter, written_at)  # type: ignore[arg-type]


async def test_what_cannot_wait_is_written_between_the_digests_of_a_morning(
    tell_story: TellStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "AT_A_TIME", 1)
    story = tell_story()
    everybody = [
        Contact(f"k{each:02}", INSTITUTE.organisation, INSTITUTE.role, f"k{each}@vu.example") for each in range(12)
    ]
    await story.people(*everybody)
    await story.at("9:00", at_risk("s-1", AtRiskRule.LONG_TRAVEL))
    await story.at("7:59", day=2)
    story.clock.now += timedelta(minutes=1)
    written: list[str] = []
    how = Dispatching(
        story.parts.runtime.database.exclusive,
        story.parts.writing,
        Slow(story.parts.composer, story, written),
        replace(story.parts.rules, group_wait=timedelta(0)),
        story.clock,
    )
    pieces = 0

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Store]:
        nonlocal pieces
        async with story.parts.writing() as store:
            yield store
        pieces += 1
        if pieces == 5:
            await story.hear(new_event("urn:nld:test", has_no_place("s-urgent"), story.clock()))

    await Dispatcher(replace(how, transaction=transaction), Wakeup()).round_once(story.clock())
    assert "urgent" in written
    assert written.index("urgent") < len(written) - 1 - 12, "the digests that were left came after it"
    mails = [mail for mail in await story.mails() if dutch_day(mail.created_at) == dutch_day(story.clock())]
    digests = [mail.contact for mail in mails if mail.channel is Channel.DIGEST]
    assert sorted(digests) == [each.id for each in everybody]
    assert len([mail for mail in mails if mail.channel is Channel.IMMEDIATE]) == 12
