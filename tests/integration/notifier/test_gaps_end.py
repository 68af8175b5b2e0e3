"""That nobody can be reached for a role is over when somebody can be, and not before."""

from datetime import timedelta

from services.notifier.domain.alerts import AlertKind, alert_id
from services.notifier.domain.contacts import Absence
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import has_no_place
from tests.support.notifier_story import MONDAY, Story

INSTITUTE, REGION = PEOPLE.coordinator, PEOPLE.manager
GAP = alert_id(AlertKind.GAP, f"{INSTITUTE.role}.{INSTITUTE.organisation}.{REGION.organisation}")


async def goes_on(story: Story) -> bool:
    async with story.parts.reading() as store:
        held = await store.alert(GAP)
    assert held is not None
    return held.is_live


async def test_who_is_back_ends_the_gap_and_another_phone_number_does_not(story: Story) -> None:
    away = await story.change(INSTITUTE, absence=Absence(MONDAY, MONDAY + timedelta(days=1), None))
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    assert any("niemand te bereiken" in mail.text for mail in story.to(REGION)), story.shown()
    await story.change(away, phone="030 123 45 67")
    assert await goes_on(story)
    await story.at("8:05", day=2)
    assert await goes_on(story)
    await story.at("8:05", day=3)
    assert not await goes_on(story)


async def test_who_turns_out_to_be_there_ends_it_at_once(story: Story) -> None:
    away = await story.change(INSTITUTE, absence=Absence(MONDAY, MONDAY + timedelta(days=1), None))
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    await story.change(away, absence=None)
    assert not await goes_on(story)
