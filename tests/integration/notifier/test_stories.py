"""What people get in their mailbox and when: stories declared in time, over the whole notifier with its database and a mail server."""

from dataclasses import replace
from datetime import UTC, date, time, timedelta

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Absence, Contact, Preferences, QuietHours, Role, Wish
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import SignalLevel
from shared.messaging.inbox import Tombstone
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE, SITE, region_changed
from tests.support.notifier_events import (
    CLEARED,
    WORSENED,
    agreed,
    at_risk,
    detected,
    has_no_place,
    loses,
    moved,
    overloaded,
    proposed,
    reported,
    shortage,
    stops,
    unfair,
    withdrawn_report,
)
from tests.support.notifier_story import ELSEWHERE, LEADER, MONDAY, VISITOR, Story, calendar

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


async def test_thousands_of_proposals_are_one_mail_a_person(story: Story) -> None:
    await story.at("9:00", *(proposed(f"s-{number}") for number in range(300)))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, MORNING, day=2)
    story.want(SCHOOL, MORNING, day=2)
    await story.at("23:00", day=9)
    story.want(REGION, MORNING, day=8, subject="De week")
    story.told()


async def test_a_place_that_changed_before_anybody_heard_is_told_as_it_is_now(story: Story) -> None:
    other = Contact("p8", "02CD00", Role.SCHOOL_TRAINER, "ander@school.example", "An Bos")
    await story.people(other)
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:30", moved("s-1", 2, site="02CD00"))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, MORNING, "s-1", day=2)
    story.want(other, MORNING, "s-1", day=2)
    story.told()


async def test_a_place_that_was_told_and_changes_is_told_to_both_schools(story: Story) -> None:
    other = Contact("p8", "02CD00", Role.SCHOOL_TRAINER, "ander@school.example", "An Bos")
    await story.people(other)
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", moved("s-1", 2, site="02CD00"), day=2)
    story.want(INSTITUTE, MORNING, day=2)
    story.want(SCHOOL, MORNING, day=2)
    await story.at("9:00", day=3)
    for each in (INSTITUTE, SCHOOL, other):
        story.want(each, MORNING, "s-1", day=3)
    story.told()


async def test_an_agreed_place_is_a_line_in_the_morning(story: Story) -> None:
    await story.at("9:00", proposed("s-1", 1), agreed("s-1", 2))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, MORNING, "s-1", day=2)
    story.want(SCHOOL, MORNING, "s-1", day=2)
    story.told()


async def test_who_withdraws_is_one_line_for_the_school(story: Story) -> None:
    await story.at("9:00", proposed("s-1", 1))
    await story.at("8:30", day=2)
    story.want(INSTITUTE, MORNING, day=2)
    story.want(SCHOOL, MORNING, day=2)
    await story.at("9:00", stops("s-1"))
    await story.at("23:00", day=3)
    story.told()


async def test_a_mismatch_reported_by_the_school_is_told_to_the_institute_and_its_end_in_the_morning(
    story: Story,
) -> None:
    await story.at("9:00", reported("s-1", "school"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    await story.at("15:00", withdrawn_report("s-1"))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, MORNING, day=2)
    story.told()


async def test_a_shortage_at_a_site_goes_to_its_leader_and_in_the_region_to_its_manager(story: Story) -> None:
    await story.at("9:00", shortage(site=SITE), shortage(subject="duits"))
    await story.at("9:00", day=2)
    story.want(LEADER, MORNING, day=2)
    story.want(REGION, MORNING, day=2)
    story.told()


async def test_that_nobody_takes_a_student_on_reaches_the_region_although_it_knows_of_the_shortage(
    story: Story,
) -> None:
    await story.at("9:00", shortage(), *(has_no_place(f"s-{number}") for number in range(3)))
    story.want(INSTITUTE, ("9:00", "9:01"), "s-0")
    await story.at("9:00", day=2)
    story.want(REGION, MORNING, day=2)
    await story.at("9:00", day=4)
    story.want(REGION, MORNING, "s-0", "s-1", "s-2", day=3)
    story.told()


async def test_a_shortage_hides_the_single_students_from_who_stands_in_and_hears_of_it(story: Story) -> None:
    await story.at("9:00", shortage())
    await story.leave(INSTITUTE)
    await story.at("9:00", day=2)
    story.want(REGION, MORNING, day=2)
    await story.at("10:00", has_no_place("s-1"))
    await story.at("23:00")
    story.told()


async def test_an_unequal_chance_goes_to_the_region(story: Story) -> None:
    await story.at("9:00", unfair())
    await story.at("9:00", day=2)
    story.want(REGION, MORNING, day=2)
    story.told()


async def test_a_student_who_lost_a_place_is_not_told_three_times(story: Story) -> None:
    events = loses("s-1"), has_no_place("s-1", 2, lost_site=SITE), at_risk("s-1", AtRiskRule.UNPLACED_14_DAYS, site=None,
                                                                         level=SignalLevel.CRITICAL)  # fmt: skip
    await story.at("9:00", *events)
    await story.at("23:00")
    story.want(INSTITUTE, ("9:00", "9:01"))
    story.want(SCHOOL, ("9:00", "9:01"))
    story.told()


async def test_what_comes_within_the_hour_waits_longer_each_time(story: Story) -> None:
    for minute in range(20):
        await story.at(f"9:{minute:02}", has_no_place(f"s-{minute}"))
    await story.at("23:00")
    gaps = [mail.at for mail in story.to(INSTITUTE)]
    assert len(gaps) <= 5
    assert gaps[1] - gaps[0] < gaps[-1] - gaps[-2]


async def test_nobody_gets_more_than_five_mails_a_day_and_the_rest_comes_in_the_morning(story: Story) -> None:
    for hour in range(9, 19):
        await story.at(f"{hour}:00", has_no_place(f"s-{hour}"))
    await story.at("23:59")
    assert len(story.to(INSTITUTE)) == 5
    await story.at("8:01", day=2)
    assert len(story.to(INSTITUTE)) == 6
    assert "s-18" in story.to(INSTITUTE)[-1].text


async def test_who_wants_the_digest_gets_even_the_critical_in_the_morning_and_the_others_at_once(story: Story) -> None:
    await story.change(INSTITUTE, preferences=Preferences(Wish.DIGEST))
    await story.at("9:00", loses("s-1"))
    story.want(SCHOOL, ("9:00", "9:01"))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, MORNING, "s-1", day=2)
    story.told()


async def test_who_asked_for_it_hears_a_warning_at_once(story: Story) -> None:
    await story.change(SCHOOL, preferences=Preferences(by_kind={AlertKind.OVERLOADED: Wish.IMMEDIATE}))
    await story.at("9:00", overloaded())
    await story.at("20:00")
    story.want(SCHOOL, ("9:00", "9:01"))
    story.told()


async def test_who_does_not_want_to_hear_of_proposals_does_not(story: Story) -> None:
    await story.change(INSTITUTE, preferences=Preferences(by_kind={AlertKind.PROPOSED: Wish.NONE}))
    await story.at("9:00", proposed("s-1"))
    await story.at("9:00", day=2)
    story.want(SCHOOL, MORNING, day=2)
    story.told()


async def test_quiet_hours_put_off_and_drop_nothing(story: Story) -> None:
    await story.change(INSTITUTE, preferences=Preferences(quiet_hours=QuietHours(time(18), time(7, 30))))
    await story.at("22:00", loses("s-1"))
    story.want(SCHOOL, ("22:00", "22:01"))
    await story.at("7:29", day=2)
    story.told()
    await story.at("7:31", day=2)
    story.want(INSTITUTE, ("7:30", "7:31"), "s-1", day=2)
    story.told()


async def test_during_an_absence_the_substitute_hears_and_afterwards_not(story: Story) -> None:
    colleague = Contact("p8", INSTITUTE.organisation, Role.INSTITUTE_TRAINER, "collega@vu.example", "An Bos")
    await story.people(colleague)
    away = Absence(MONDAY, MONDAY + timedelta(days=1), colleague.id)
    await story.change(INSTITUTE, absence=away)
    await story.at("9:00", has_no_place("s-1"))
    story.want(colleague, ("9:00", "9:01"), "s-1")
    await story.at("10:00", has_no_place("s-2"), day=3)
    story.want(INSTITUTE, ("10:00", "10:01"), "s-2", day=3)
    await story.at("10:05")
    assert [mail.to for mail in story.seen if "s-1" in mail.text and "8:00" not in str(mail)].count(
        INSTITUTE.email
    ) <= 1
    assert story.to(INSTITUTE)[-1].text.count("s-2")


async def test_without_a_substitute_an_absent_coordinator_is_nobody_and_the_region_stands_in(story: Story) -> None:
    await story.change(INSTITUTE, absence=Absence(MONDAY, MONDAY))
    await story.at("9:00", has_no_place("s-1"))
    story.want(REGION, ("9:00", "9:01"), "s-1")
    await story.at("20:00")
    story.told()


async def test_a_gap_in_responsibility_is_told_to_the_region_once(story: Story) -> None:
    await story.leave(SCHOOL)
    await story.at("9:00", overloaded(), loses("s-1"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    story.want(VISITOR, ("9:00", "9:01"))
    await story.at("9:00", day=2)
    assert len([mail for mail in story.to(REGION) if "Niemand" in mail.text or "niemand" in mail.text]) == 1


async def test_not_mine_goes_to_the_other_alone(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    story.want(SCHOOL, ("9:00", "9:01"))
    await story.at("9:30")
    await story.gives(INSTITUTE, "lost/lost-s-1", VISITOR)
    await story.at("20:00")
    story.want(VISITOR, ("9:30", "9:31"), "s-1")
    story.told()


async def test_put_off_it_sleeps_until_the_day_and_is_then_told_at_once(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    story.want(INSTITUTE, ("9:00", "9:01"))
    story.want(SCHOOL, ("9:00", "9:01"))
    await story.at("9:30")
    await story.snoozes(SCHOOL, "lost/lost-s-1", MONDAY + timedelta(days=9))
    await story.at("7:59", day=10)
    assert len(story.to(INSTITUTE)) == len(story.to(SCHOOL)) == 1
    await story.at("8:01")
    assert len(story.to(INSTITUTE)) == len(story.to(SCHOOL)) == 2


async def test_an_erased_student_is_told_to_nobody_whatever_comes_later(story: Story) -> None:
    await story.at("9:00", loses("s-1"), Tombstone("student/s-1"))
    await story.at("9:05", has_no_place("s-1", 9), loses("s-1", 9), reported("s-1", "school"), proposed("s-1", 10))
    await story.at("23:00", day=3)
    story.told()


async def test_a_mail_that_waits_is_written_anew_without_who_was_erased(story: Story) -> None:
    await story.server.stop()
    await story.at("9:00", has_no_place("s-1"), has_no_place("s-2"))
    await story.at("9:01", Tombstone("student/s-1"))
    await story.server.start()
    await story.at("10:00")
    (mail,) = story.to(INSTITUTE)
    assert "s-2" in mail.text
    assert "s-1" not in mail.text


async def test_nobody_of_another_region_or_organisation_hears(story: Story) -> None:
    stranger = Contact("p9", "99ZZ00", Role.SCHOOL_TRAINER, "vreemd@school.example")
    await story.people(ELSEWHERE, stranger)
    await story.at("9:00", loses("s-1"), shortage(), overloaded(), unfair())
    await story.at("23:00", day=10)
    assert story.to(ELSEWHERE) == story.to(stranger) == []


async def test_somebody_with_two_roles_gets_one_mail_and_one_digest(story: Story) -> None:
    both = replace(SCHOOL, email=INSTITUTE.email)
    await story.people(both)
    await story.at("9:00", loses("s-1"), detected("s-2"))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, ("9:00", "9:01"), "s-1", day=1)
    story.want(INSTITUTE, MORNING, "s-2", day=2)
    story.told()


async def test_a_refused_address_is_stopped_and_the_region_hears_at_once(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: "550 5.1.1 unknown"}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    story.want(REGION, ("9:00", "9:01"), "s-1")
    story.told()
    await story.change(INSTITUTE, email="nieuw@vu.example")
    await story.at("9:10", has_no_place("s-2"))
    await story.at("9:12")
    assert [mail.to for mail in story.seen if "s-2" in mail.text] == ["nieuw@vu.example"]


async def test_while_the_mail_server_is_away_mails_wait_and_go_within_a_minute_of_its_return(story: Story) -> None:
    await story.server.stop()
    await story.at("9:00", has_no_place("s-1"))
    await story.at("12:00")
    await story.server.start()
    await story.at("12:05")
    story.want(INSTITUTE, ("12:00", "12:01"), "s-1")
    story.told()


async def test_after_a_day_without_a_mail_server_the_mail_is_dead_and_the_operator_hears_by_another_road(
    tell_story: TellStory, tmp_path: object
) -> None:
    road = tmp_path / "alarms.jsonl"  # type: ignore[operator]
    story = tell_story(alarm_file=road)
    await story.people(INSTITUTE)
    story.server.answers = ["451 4.3.0 later"] * 20
    await story.at("9:00", has_no_place("s-1"))
    await story.at("23:00", day=2)
    (line,) = road.read_text().splitlines()
    assert '"kind": "unplaced"' in line
    assert INSTITUTE.email not in line


async def test_a_restless_alert_comes_in_the_morning_only(story: Story) -> None:
    for day in range(1, 5):
        await story.at("10:00", has_no_place("s-1", day * 10), day=day)
        await story.at("15:00", proposed("s-1", day * 10 + 5))
    await story.at("10:00", has_no_place("s-1", 90), day=5)
    at_once = [mail for mail in story.to(INSTITUTE) if mail.subject == "Student zonder leerwerkplek"]
    assert [mail.at.date() for mail in at_once] == [MONDAY + timedelta(days=each) for each in range(3)]


async def test_a_digest_that_was_missed_comes_as_soon_as_the_notifier_is_back(tell_story: TellStory) -> None:
    first = tell_story()
    await first.people(SCHOOL)
    await first.at("9:00", overloaded())
    later = tell_story()
    later.clock.now = first.clock.now + timedelta(days=1, hours=2)
    await later.step()
    assert [mail.to for mail in later.seen] == [SCHOOL.email]
    await later.step()
    assert len(later.seen) == 1


async def test_a_replay_of_everything_sends_nothing_again(story: Story) -> None:
    await story.at("9:00", loses("s-1"), has_no_place("s-1", 2, lost_site=SITE), proposed("s-2"), overloaded())
    await story.at("9:00", loses("s-1", 2, CLEARED), detected("s-3"), reported("s-2", "school"), day=2)
    await story.at("9:00", day=4)
    before = len(story.seen)
    for event in story.events:
        await story.hear(event)
    await story.at("7:59", day=5)
    assert len(story.seen) == before, story.shown()


async def test_the_week_of_a_region_is_told_on_its_first_school_day(tell_story: TellStory) -> None:
    story = tell_story(calendar(holidays=[MONDAY + timedelta(days=7)]))
    await story.people(*PEOPLE.all())
    await story.at("9:00", region_changed(), loses("s-1"), unfair(), day=2)
    await story.at("23:00", day=8)
    assert not [mail for mail in story.to(REGION) if "eek" in mail.subject]
    await story.at("9:00", day=9)
    assert len([mail for mail in story.to(REGION) if "eek" in mail.subject]) == 1


async def test_the_same_story_on_every_database(tell_story_on_any: TellStory) -> None:
    story = tell_story_on_any()
    await story.people(*PEOPLE.all(), LEADER)
    await story.at("9:00", loses("s-1"), proposed("s-2"), shortage(site=SITE))
    story.want(INSTITUTE, ("9:00", "9:01"), "s-1")
    story.want(SCHOOL, ("9:00", "9:01"), "s-1")
    await story.at("9:00", loses("s-1", 2, CLEARED), day=2)
    for each in (INSTITUTE, SCHOOL, LEADER):
        story.want(each, MORNING, day=2)
    await story.at("9:00", day=3)
    story.want(INSTITUTE, MORNING, day=3)
    story.want(SCHOOL, MORNING, day=3)
    story.told()
