"""What people get in their mailbox and when: stories declared in time, over the whole notifier with its database and a mail server."""

from datetime import UTC, date, timedelta

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Preferences, Wish
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import SignalLevel
from shared.dutch import AMSTERDAM
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE, region_changed
from tests.support.notifier_events import (
    CLEARED,
    WORSENED,
    at_risk,
    detected,
    has_no_place,
    loses,
    overloaded,
    proposed,
    unfair,
)
from tests.support.notifier_story import MONDAY, VISITOR, Story, calendar

INSTITUTE, SCHOOL, REGION = PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager
MORNING = ("8:00", "8:01")


async def test_a_lost_place_is_told_within_a_minute_to_institute_and_school(story: Story) -> None:
    await story.at("10:02", loses("s-1"))
    story.want(INSTITUTE, ("10:02", "10:03"), "s-1")
    story.want(SCHOOL, ("10:02", "10:03"), "s-1")
    await story.at("23:59")
    story.told()


async def test_what_is_not_taken_on_reaches_the_next_role_after_two_school_days_and_then_the_region(
    story: Story,
) -> None:
    await story.at("10:02", loses("s-1"))
    story.want(INSTITUTE, ("10:02", "10:03"))
    story.want(SCHOOL, ("10:02", "10:03"))
    await story.at("23:00", day=5)
    story.want(VISITOR, ("8:00", "8:01"), day=3)
    story.want(REGION, ("8:00", "8:01"), day=5)
    story.told()


async def test_what_is_taken_on_is_escalated_no_further(story: Story) -> None:
    await story.at("10:02", loses("s-1"))
    story.want(INSTITUTE, ("10:02", "10:03"))
    story.want(SCHOOL, ("10:02", "10:03"))
    await story.at("11:00")
    await story.acknowledges(SCHOOL, "lost/lost-s-1")
    await story.at("23:00", day=5)
    story.told()


async def test_an_escalation_waits_through_weekend_and_holiday(tell_story: TellStory) -> None:
    friday, tuesday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=8)
    story = tell_story(calendar(holidays=[tuesday]))
    await story.people(INSTITUTE, SCHOOL, VISITOR, REGION)
    await story.at("10:02", loses("s-1"), day=friday)
    story.want(INSTITUTE, ("10:02", "10:03"), day=5)
    story.want(SCHOOL, ("10:02", "10:03"), day=5)
    await story.at("7:59", day=MONDAY + timedelta(days=9))
    story.told()
    await story.at("8:01", day=MONDAY + timedelta(days=9))
    story.want(VISITOR, MORNING, day=10)
    story.told()


async def test_a_student_without_a_place_is_told_to_the_institute_alone(story: Story) -> None:
    await story.at("9:00", has_no_place("s-1"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    await story.at("20:00")
    story.told()


async def test_what_is_solved_before_the_group_has_waited_is_told_to_nobody(story: Story) -> None:
    await story.at("9:00:00", loses("s-1"))
    await story.at("9:00:05", loses("s-1", 2, CLEARED))
    await story.at("20:00", day=3)
    story.told()


async def test_that_it_is_solved_is_a_line_the_next_morning_for_who_heard(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    story.want(SCHOOL, ("9:00", "9:01"))
    await story.at("9:30", loses("s-1", 2, CLEARED))
    await story.at("20:00", day=4)
    story.want(INSTITUTE, MORNING, day=2)
    story.want(SCHOOL, MORNING, day=2)
    story.told()


async def test_what_comes_back_before_anybody_heard_it_was_solved_is_no_news(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    story.want(SCHOOL, ("9:00", "9:01"))
    await story.at("9:30", loses("s-1", 2, CLEARED))
    await story.at("9:40", loses("s-1", 3))
    await story.at("23:00")
    story.told()


async def test_worse_and_critical_is_told_at_once(story: Story) -> None:
    rule = AtRiskRule.UNPLACED_30_DAYS
    await story.at("9:00", at_risk("s-1", rule, site=None))
    await story.at("8:30", day=2)
    story.want(INSTITUTE, MORNING, day=2)
    await story.at("10:00", at_risk("s-1", rule, 2, WORSENED, level=SignalLevel.CRITICAL, site=None))
    await story.at("20:00")
    story.want(INSTITUTE, ("10:00", "10:01"), day=2)
    story.told()


async def test_a_warning_waits_for_the_next_morning(story: Story) -> None:
    await story.at("9:00", at_risk("s-1", AtRiskRule.HOURS_BELOW_80))
    await story.at("7:59", day=2)
    story.told()
    await story.at("8:01")
    story.want(INSTITUTE, MORNING, day=2)
    story.want(SCHOOL, MORNING, day=2)
    story.told()


async def test_what_comes_on_friday_is_told_on_monday(story: Story) -> None:
    await story.at("17:00", overloaded(), day=5)
    await story.at("23:00", day=7)
    story.told()
    await story.at("9:00", day=8)
    story.want(SCHOOL, MORNING, day=8)
    story.want(REGION, MORNING, day=8, subject="De week")
    story.told()


async def test_in_the_school_holidays_nothing_but_the_critical_comes(tell_story: TellStory) -> None:
    story = tell_story(calendar((date(2026, 10, 17), date(2026, 10, 25))))
    await story.people(INSTITUTE, SCHOOL)
    await story.at("17:00", overloaded(), day=date(2026, 10, 16))
    await story.at("10:00", loses("s-1"), day=date(2026, 10, 20))
    story.want(INSTITUTE, ("10:00", "10:01"))
    story.want(SCHOOL, ("10:00", "10:01"))
    await story.at("23:00", day=date(2026, 10, 25))
    story.told()
    await story.at("9:00", day=date(2026, 10, 26))
    story.want(SCHOOL, MORNING)
    story.told()


@pytest.mark.parametrize(
    ("friday", "monday"), [(date(2026, 10, 23), date(2026, 10, 26)), (date(2027, 3, 26), date(2027, 3, 29))]
)
async def test_eight_o_clock_is_eight_o_clock_when_the_clocks_change(story: Story, friday: date, monday: date) -> None:
    await story.at("17:00", overloaded(), day=friday)
    await story.at("7:59", day=monday)
    assert story.to(SCHOOL) == []
    await story.at("8:01", day=monday)
    assert [f"{mail.at.astimezone(UTC):%H:%M}" for mail in story.to(SCHOOL)] == [
        "07:00" if monday.month == 10 else "06:00"
    ]


async def test_unchanged_it_is_told_again_once_a_week(story: Story) -> None:
    await story.at("9:00", overloaded())
    await story.at("9:00", day=2)
    await story.acknowledges(SCHOOL, "overloaded/overloaded-v1")
    await story.at("23:00", day=23)
    assert [mail.at.date() - MONDAY for mail in story.to(SCHOOL)] == [timedelta(days=each) for each in (1, 8, 15, 22)]


async def test_what_is_only_to_be_known_is_not_repeated(story: Story) -> None:
    await story.at("9:00", detected("s-1"))
    await story.at("23:00", day=20)
    assert len(story.to(SCHOOL)) == 1
    assert len(story.to(INSTITUTE)) == 1


async def test_what_comes_within_the_hour_waits_longer_each_time(story: Story) -> None:
    for minute in range(20):
        await story.at(f"9:{minute:02}", has_no_place(f"s-{minute}"))
    await story.at("23:00")
    gaps = [mail.at for mail in story.to(INSTITUTE)]
    assert len(gaps) <= 5
    assert gaps[1] - gaps[0] < gaps[-1] - gaps[-2]


async def test_nobody_gets_more_than_five_mails_a_day_and_the_rest_comes_in_the_morning(story: Story) -> None:
    await story.change(INSTITUTE, preferences=Preferences(by_kind={AlertKind.AT_RISK: Wish.IMMEDIATE}))
    for hour in range(9, 19):
        await story.at(f"{hour}:00", at_risk(f"s-{hour}", AtRiskRule.LONG_TRAVEL))
    await story.at("23:59")
    assert len(story.to(INSTITUTE)) == 5
    await story.at("8:01", day=2)
    assert len(story.to(INSTITUTE)) == 6
    assert "s-18" in story.to(INSTITUTE)[-1].text


async def test_what_cannot_wait_comes_after_five_mails_in_three_more(story: Story) -> None:
    for hour in range(9, 19):
        await story.at(f"{hour}:00", has_no_place(f"s-{hour}"))
    await story.at("23:59")
    hours = [mail.at.astimezone(AMSTERDAM).hour for mail in story.to(INSTITUTE)]
    assert hours == [9, 10, 11, 12, 13, 14, 16, 20]
    await story.at("8:01", day=2)
    assert len(story.to(INSTITUTE)) == 8


async def test_a_restless_alert_comes_in_the_morning_only(story: Story) -> None:
    for day in range(1, 5):
        await story.at("10:00", has_no_place("s-1", day * 10), day=day)
        await story.at("15:00", proposed("s-1", day * 10 + 5))
    await story.at("10:00", has_no_place("s-1", 90), day=5)
    at_once = [mail for mail in story.to(INSTITUTE) if mail.subject == "Student zonder leerwerkplek"]
    assert [mail.at.date() for mail in at_once] == [MONDAY + timedelta(days=each) for each in range(3)]


async def test_the_week_of_a_region_is_told_on_its_first_school_day(tell_story: TellStory) -> None:
    story = tell_story(calendar(holidays=[MONDAY + timedelta(days=7)]))
    await story.people(*PEOPLE.all())
    await story.at("9:00", region_changed(), loses("s-1"), unfair(), day=2)
    await story.at("23:00", day=8)
    assert not [mail for mail in story.to(REGION) if "eek" in mail.subject]
    await story.at("9:00", day=9)
    assert len([mail for mail in story.to(REGION) if "eek" in mail.subject]) == 1
