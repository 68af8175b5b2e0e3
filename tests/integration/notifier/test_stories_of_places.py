"""What becomes of students and places, told in time: who hears it, once, with what goes together."""

from services.notifier.domain.contacts import Contact, Role
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import SignalLevel
from tests.integration.notifier.test_stories import INSTITUTE, MORNING, REGION, SCHOOL
from tests.support.notifier import SITE
from tests.support.notifier_events import (
    agreed,
    at_risk,
    has_no_place,
    loses,
    moved,
    proposed,
    reported,
    shortage,
    stops,
    unfair,
    withdrawn_report,
)
from tests.support.notifier_story import LEADER, Story


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
    story.want(INSTITUTE, ("9:00", "9:01"), "bent u daar uit gehaald")
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
