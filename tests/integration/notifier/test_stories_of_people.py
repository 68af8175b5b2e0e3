"""What people wish and when they are away, told in time; and who is told nothing."""

from dataclasses import replace
from datetime import time, timedelta

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Absence, Contact, Preferences, QuietHours, Role, Wish
from shared.messaging.inbox import Tombstone
from tests.integration.notifier.test_stories import INSTITUTE, MORNING, REGION, SCHOOL
from tests.support.notifier_events import (
    detected,
    has_no_place,
    loses,
    overloaded,
    proposed,
    reported,
    shortage,
    unfair,
)
from tests.support.notifier_story import ELSEWHERE, MONDAY, VISITOR, Story


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
