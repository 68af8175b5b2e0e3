"""A year and some weeks later nothing is left of what is over, and nobody hears again of what goes on."""

from datetime import timedelta

from services.notifier.domain.contacts import Preferences
from services.notifier.entrypoints.tidy import tidy_once
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import CLEARED, loses, overloaded, proposed
from tests.support.notifier_story import LEADER, OPERATOR, VISITOR, Story

INSTITUTE, SCHOOL, REGION = PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager


async def test_after_a_school_year_what_is_over_is_gone_and_a_replay_still_sends_nothing(story: Story) -> None:
    for each in (REGION, LEADER, VISITOR, OPERATOR):
        await story.change(each, preferences=Preferences(weekly=False))
    await story.at("9:00", proposed("s-1", 1), overloaded())
    await story.at("9:00", loses("s-2"))
    await story.at("9:00", loses("s-2", sequence=2, status=CLEARED), day=2)
    await story.at("9:00", day=3)
    sent = len(await story.mails())
    assert await tidy_once(story.parts) == (0, 0)
    story.clock.now += timedelta(days=401)
    alerts, _ = await tidy_once(story.parts)
    assert alerts == 2
    left = await story.mails()
    assert 0 < len(left) < sent
    async with story.parts.reading() as store:
        told_still = {
            each.mail for each in await store.told({alert.id for alert in await store.unchanged_since(story.clock())})
        }
    assert told_still == {each.id for each in left}
    for event in story.events:
        await story.hear(event)
    before = len(story.seen)
    await story.step()
    assert [mail for mail in story.seen[before:] if "s-1" in mail.text or "s-2" in mail.text] == []
