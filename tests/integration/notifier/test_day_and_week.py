"""How much somebody gets on a day, when, and what a region's week tells: also over holidays and in quiet hours."""

from collections import Counter
from datetime import time, timedelta

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Preferences, QuietHours, Wish
from services.notifier.handlers.watching import note_parked
from shared.contracts.signals import AtRiskRule
from shared.dutch import dutch_day
from shared.errors import DomainError
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE, region_changed
from tests.support.notifier_events import CLEARED, at_risk, detected, has_no_place, loses, unfair
from tests.support.notifier_story import LEADER, MONDAY, OPERATOR, Story, calendar

COORDINATOR, TRAINER, MANAGER = PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager


async def test_five_is_the_end_of_a_day_with_a_digest_and_a_week(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(*PEOPLE.all(), LEADER)
    await story.leave(COORDINATOR)
    await story.change(MANAGER, preferences=Preferences(by_kind={AlertKind.AT_RISK: Wish.IMMEDIATE}))
    await story.at("9:00", region_changed(), day=2)
    await story.at("17:00", unfair(), day=5)
    for hour in range(20):
        await story.at(f"{hour}:10", at_risk(f"n-{hour}", AtRiskRule.LONG_TRAVEL), day=8)
    await story.at("23:50", day=8)
    days = Counter((mail.to, dutch_day(mail.at)) for mail in story.seen)
    assert max(days.values()) == 5, story.shown()
    subjects = [mail.subject for mail in story.to(MANAGER) if dutch_day(mail.at) == MONDAY + timedelta(days=7)]
    assert {"Overzicht van Leerplek", "De week in uw regio"} <= set(subjects)


async def test_the_week_before_a_holiday_is_told_after_it(tell_story: TellStory) -> None:
    story = tell_story(calendar((MONDAY + timedelta(days=7), MONDAY + timedelta(days=13))))
    await story.people(*PEOPLE.all(), LEADER)
    await story.at("9:00", region_changed(), loses("s-1"), unfair(), day=2)
    await story.at("9:00", loses("s-1", 2, CLEARED), day=4)
    await story.at("23:00", day=28)
    weeks = [mail.text for mail in story.to(MANAGER) if mail.subject == "De week in uw regio"]
    assert len(weeks) == 2
    assert "van 7 september 2026 tot en met 20 september 2026" in " ".join(weeks[0].split())
    assert "van 21 september 2026 tot en met 27 september 2026" in " ".join(weeks[1].split())


async def test_a_week_that_could_not_be_told_on_monday_is_told_on_tuesday(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(*PEOPLE.all(), LEADER)
    await story.at("9:00", region_changed(), unfair(), day=2)
    await story.at("9:00", day=8)
    await story.at("9:00", day=12)
    story.clock.now += timedelta(days=4)  # the notifier was away on Monday
    await story.step()
    weeks = [mail for mail in story.to(MANAGER) if mail.subject == "De week in uw regio"]
    assert [dutch_day(mail.at) - MONDAY for mail in weeks] == [timedelta(days=7), timedelta(days=15)]


async def test_the_words_of_a_week_are_true(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(*PEOPLE.all(), LEADER)
    await story.at("9:00", region_changed(), detected("s-1"), at_risk("s-2", AtRiskRule.HOURS_BELOW_80), day=2)
    await story.at("0:30", unfair(), day=3)
    await story.at("9:00", day=8)
    week = next(mail.text for mail in story.to(MANAGER) if mail.subject == "De week in uw regio")
    assert "dringende" not in week
    assert "sinds 9 september 2026" in week, "as the clocks of the Netherlands say, not as UTC"
    assert week.index("Student loopt risico: ") < week.index("Eén groep vindt minder vaak een plek: ")


async def test_a_digest_waits_for_the_end_of_quiet_hours(story: Story) -> None:
    await story.change(COORDINATOR, preferences=Preferences(quiet_hours=QuietHours(time(18), time(9, 30))))
    await story.at("17:00", has_no_place("s-0"))
    await story.at("22:00", detected("s-1"))
    await story.at("9:29", day=2)
    assert len(story.to(COORDINATOR)) == 1
    await story.at("9:31", day=2)
    assert "s-1" in story.to(COORDINATOR)[1].text


async def test_quiet_hours_that_end_as_they_start_are_refused(story: Story) -> None:
    with pytest.raises(DomainError, match="stille-uren-leeg"):
        await story.change(COORDINATOR, preferences=Preferences(quiet_hours=QuietHours(time(8), time(8))))


async def test_each_message_more_that_is_put_aside_is_no_mail(story: Story) -> None:
    for parked in range(1, 30):
        async with story.parts.writing() as store:
            await note_parked(store, {"placements": parked}, story.clock())
        await story.until(story.clock.now + timedelta(minutes=5))
    assert len(story.to(OPERATOR)) == 2, "the first, and when it was ten times as much"
    await story.at("9:30", day=2)
    async with story.parts.writing() as store:
        await note_parked(store, {"placements": 45}, story.clock())
    await story.at("9:40")
    assert len(story.to(OPERATOR)) == 3, "four times as much as a day ago"
