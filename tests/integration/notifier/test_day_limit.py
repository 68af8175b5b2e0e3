"""Five mails a day are five that went, or will."""

from tests.support.notifier import PEOPLE
from tests.support.notifier_events import has_no_place
from tests.support.notifier_story import Story

INSTITUTE = PEOPLE.coordinator


async def test_mails_that_nobody_got_use_up_nothing_of_the_day(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: "554 5.6.0 not like this"}
    for hour in range(9, 14):
        await story.at(f"{hour}:00", has_no_place(f"s-{hour}"))
    await story.at("13:59")
    story.server.refusals = {}
    await story.at("16:00", has_no_place("s-16"))
    await story.at("23:00")
    assert ["s-16" in mail.text for mail in story.to(INSTITUTE)] == [True]
