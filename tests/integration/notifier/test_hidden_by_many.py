"""Who knows of a shortage is not told of each student; whether somebody takes such a student on, is still asked."""

from dataclasses import replace
from datetime import timedelta

from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.contacts import Absence, Role
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import SignalLevel
from tests.support.notifier import PEOPLE, SITE
from tests.support.notifier_events import CLEARED, at_risk, loses, shortage
from tests.support.notifier_story import LEADER, MONDAY, VISITOR, Story

RISK = f"at-risk/{AtRiskRule.TRAINER_OVERLOADED}-s-1"


async def held(story: Story) -> Alert:
    async with story.parts.reading() as store:
        found = await store.alert(RISK)
    assert found is not None
    return found


async def hidden(story: Story) -> None:
    """The trainer is away, and the leader in whose place they are told knows of the shortage at the school already."""
    away = Absence(MONDAY, MONDAY + timedelta(days=30), LEADER.id)
    await story.change(PEOPLE.trainer, absence=away)
    await story.at("9:00", shortage(site=SITE))
    await story.at("9:00", at_risk("s-1", AtRiskRule.TRAINER_OVERLOADED), day=2)
    await story.at("9:00", day=3)
    assert "s-1" not in "".join(mail.text for mail in story.to(LEADER))


async def test_a_stand_in_who_knows_of_many_is_kept_as_told_and_the_next_role_hears_in_time(story: Story) -> None:
    await hidden(story)
    async with story.parts.reading() as store:
        (told,) = await store.told([RISK])
    assert (told.contact, told.role, told.mail) == (LEADER.id, Role.SCHOOL_TRAINER, None)
    assert (await held(story)).state is AlertState.INHIBITED
    await story.at("7:59", day=10)
    assert story.to(VISITOR) == []
    await story.at("8:01", day=10)
    assert "s-1" in story.to(VISITOR)[-1].text


async def test_what_was_hidden_by_a_shortage_that_is_over_is_told_the_next_morning(story: Story) -> None:
    await hidden(story)
    await story.at("10:00", shortage(2, CLEARED, site=SITE))
    await story.at("8:01", day=4)
    assert "s-1" in story.to(LEADER)[-1].text
    assert (await held(story)).state is AlertState.MAILED


async def test_what_an_older_version_left_hidden_for_ever_is_told_in_the_morning(story: Story) -> None:
    await hidden(story)
    async with story.parts.writing() as store:
        left = replace(await held(story), look_at=None, escalate_at=None)
        await store.save_alert(left)
        shortage_alert = await store.alert(f"shortage/shortage-wiskunde-{SITE}")
        assert shortage_alert is not None
        await store.save_alert(replace(shortage_alert, state=AlertState.CLOSED))
    await story.at("8:01", day=4)
    assert "s-1" in story.to(LEADER)[-1].text


async def test_what_was_told_before_it_was_hidden_is_told_again_once_nothing_hides_it(story: Story) -> None:
    """It got worse while its readers knew of many of whom this is one: when that is over, this is not."""
    await story.at("9:00", at_risk("s-1", AtRiskRule.TRAINER_OVERLOADED))
    away = Absence(MONDAY + timedelta(days=1), MONDAY + timedelta(days=30), LEADER.id)
    await story.at("8:01", day=2)
    assert "s-1" in story.to(PEOPLE.trainer)[-1].text
    await story.change(PEOPLE.trainer, absence=away)
    await story.at("9:00", shortage(site=SITE), day=2)
    await story.at("9:00", day=3)
    worse = at_risk("s-1", AtRiskRule.TRAINER_OVERLOADED, 2, level=SignalLevel.CRITICAL)
    await story.at("9:01", worse, day=3)
    await story.at("9:30", day=3)
    assert (await held(story)).state is AlertState.INHIBITED
    assert "s-1" not in "".join(mail.text for mail in story.to(LEADER))
    await story.at("10:00", shortage(2, CLEARED, site=SITE), day=3)
    await story.at("8:01", day=4)
    last = story.to(LEADER)[-1].text
    assert "s-1" in last
    assert "Dit is erger geworden." in last


async def test_what_a_loss_hid_after_it_was_told_is_told_once_the_student_has_a_place_again(story: Story) -> None:
    """Nobody escalates it, so without this it would be told to nobody any more."""
    risk = at_risk("s-1", AtRiskRule.LONG_TRAVEL)
    await story.at("9:00", risk)
    await story.at("8:01", day=2)
    assert "s-1" in story.to(PEOPLE.coordinator)[-1].text
    await story.at("9:00", loses("s-1"), day=2)
    await story.at("9:01", at_risk("s-1", AtRiskRule.LONG_TRAVEL, 2, level=SignalLevel.CRITICAL), day=2)
    await story.at("9:05", loses("s-1", 2, CLEARED), day=2)
    await story.at("8:01", day=3)
    assert "Dit is erger geworden." in story.to(PEOPLE.coordinator)[-1].text
