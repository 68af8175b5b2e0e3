"""What nobody took on goes on to the next role; where all have heard, it is told again once a week."""

from datetime import timedelta

from services.notifier.domain.alerts import AlertState
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import has_no_place
from tests.support.notifier_story import MONDAY

REGION = PEOPLE.manager


async def test_of_what_everybody_further_on_has_heard_they_are_reminded_every_week(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(REGION)
    await story.at("9:00", has_no_place("s-1"))
    await story.at("23:00", day=7)
    async with story.parts.reading() as store:
        alert = await store.alert("unplaced/s-1")
    assert alert is not None
    assert (alert.state, alert.care.step, alert.escalate_at) == (AlertState.MAILED, 1, None)
    await story.at("23:00", day=15)
    days = [(mail.at.date() - MONDAY) // timedelta(days=1) for mail in story.to(REGION) if "s-1" in mail.text]
    assert days == [0, 7, 14]
