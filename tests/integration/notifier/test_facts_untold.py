"""A fact is told once, and a mail that failed told it to nobody: it comes in the next digest, or when somebody can be reached again."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.domain.bounces import Bounce
from services.notifier.domain.contacts import Absence, Contact, Role
from services.notifier.domain.delivery import MailState
from services.notifier.handlers.bouncing import Returns, take_bounce
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import moved, proposed
from tests.support.notifier_story import MONDAY, Story

INSTITUTE, SCHOOL, REGION = PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager
MORNING = ("8:00", "8:01")


async def test_a_digest_that_was_refused_comes_again_the_next_morning_for_who_missed_it_alone(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: "554 5.6.0 not like this"}
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", day=2)
    story.want(SCHOOL, MORNING, "s-1", day=2)
    story.told()
    story.server.refusals = {}
    await story.at("23:00", day=3)
    story.want(INSTITUTE, MORNING, "s-1", day=3)
    await story.at("23:00", day=4)
    story.told()


async def test_a_digest_that_came_back_comes_again_the_next_morning(story: Story) -> None:
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", day=2)
    (mail,) = [each for each in await story.mails(MailState.SENT) if each.contact == INSTITUTE.id]
    async with story.parts.writing() as store:
        returns = Returns(story.parts.policy, lambda: 1.0)
        await take_bounce(store, mail.id, Bounce("5.7.1", has_given_up=True), story.clock(), returns)
    await story.at("9:00", day=3)
    assert [each.at.date() for each in story.to(INSTITUTE)] == [MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    assert len(story.to(SCHOOL)) == 1


async def test_of_an_address_that_is_no_good_the_region_hears_and_the_fact_waits_for_another(story: Story) -> None:
    story.server.refusals = {SCHOOL.email: "550 5.1.1 unknown"}
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", day=2)
    story.want(INSTITUTE, MORNING, "s-1", day=2)
    await story.at("9:00", day=4)
    assert any("niemand" in mail.text for mail in story.to(REGION)), story.shown()
    changed = await story.change(SCHOOL, email="nieuw@school.example")
    await story.at("9:00", day=5)
    assert [mail.at.date() for mail in story.to(changed)] == [MONDAY + timedelta(days=4)]
    assert "s-1" in story.to(changed)[0].text
    assert len(story.to(INSTITUTE)) == 1


async def test_who_is_away_without_a_substitute_hears_facts_when_they_are_back(story: Story) -> None:
    away = Absence(MONDAY, MONDAY + timedelta(days=2), None)
    await story.change(SCHOOL, absence=away)
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", day=3)
    assert not story.to(SCHOOL)
    await story.at("9:00", day=4)
    assert ["s-1" in mail.text for mail in story.to(SCHOOL)] == [True]
    assert not story.to(REGION)


async def test_what_is_so_no_longer_is_not_told_anew(story: Story) -> None:
    other = Contact("p8", "02CD00", Role.SCHOOL_TRAINER, "ander@school.example", "An Bos")
    await story.people(other)
    story.server.refusals = {INSTITUTE.email: "451 4.2.0 later"}
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", moved("s-1", 2, site="02CD00"), day=2)
    story.server.refusals = {INSTITUTE.email: "554 5.6.0 not like this"}
    await story.at("7:30", day=3)
    story.server.refusals = {}
    await story.at("9:00", day=3)
    (digest,) = story.to(INSTITUTE)
    assert "Er is 1 ding dat u moet weten." in digest.text, digest.text


async def test_a_fact_in_a_mail_to_a_contact_who_left_reaches_who_has_the_role(story: Story) -> None:
    successor = replace(INSTITUTE, id="c9", email="opvolger@vu.example")
    story.server.refusals = {INSTITUTE.email: "451 4.2.0 later"}
    await story.at("9:00", proposed("s-1", 1))
    await story.at("9:00", day=2)
    await story.people(successor)
    await story.leave(INSTITUTE)
    await story.at("9:00", day=3)
    assert ["s-1" in mail.text for mail in story.to(successor)] == [True]
