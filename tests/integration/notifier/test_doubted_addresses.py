"""An address that refuses a mail without saying why is not given up at once; one that was given up can be tried again."""

import pytest

from services.notifier.domain.contacts import Contact
from services.notifier.handlers.contacts import retry_address
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import has_no_place, loses
from tests.support.notifier_story import Story

INSTITUTE, MANAGER = PEOPLE.coordinator, PEOPLE.manager
BARE = "550 not now"


async def held(story: Story) -> Contact:
    async with story.parts.reading() as store:
        found = await store.contact(INSTITUTE.id)
    assert found is not None
    return found


async def test_one_refusal_without_a_reason_does_not_stop_an_address(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: BARE}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("11:00", has_no_place("s-2"))
    await story.at("11:10")
    assert ((await held(story)).stopped, (await held(story)).doubted_at is None) == (None, False)
    assert len(story.to(MANAGER)) == 2, "who comes next hears of what could not wait"
    story.server.refusals = {}
    await story.at("12:00", has_no_place("s-3"))
    await story.at("13:00")
    assert ["s-3" in mail.text for mail in story.to(INSTITUTE)] == [True]


async def test_an_address_that_refuses_on_another_day_too_and_took_nothing_in_between_is_stopped(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: BARE}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:00", has_no_place("s-2"), day=2)
    await story.at("9:10")
    assert (await held(story)).stopped == "550"


@pytest.mark.parametrize("side_by_side", [1, 2])
async def test_an_address_that_refuses_two_mails_each_day_is_stopped(story: Story, side_by_side: int) -> None:
    """The second is under way, or waits for its turn, when the first is refused: nobody took it."""
    story.side_by_side = side_by_side
    story.server.refusals = {INSTITUTE.email: BARE}
    await story.at("9:00", has_no_place("s-1"), loses("s-2"))
    await story.at("9:10")
    assert (await held(story)).stopped is None
    await story.at("9:00", has_no_place("s-3"), loses("s-4"), day=2)
    await story.at("9:10")
    assert (await held(story)).stopped == "550"


async def test_an_address_that_took_a_mail_in_between_is_not_stopped(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: BARE}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:10")
    story.server.refusals = {}
    await story.at("12:00", has_no_place("s-2"))
    await story.at("13:00")
    story.server.refusals = {INSTITUTE.email: BARE}
    await story.at("9:00", has_no_place("s-3"), day=2)
    await story.at("9:30")
    assert (await held(story)).stopped is None


async def test_an_address_that_is_tried_again_hears_what_nobody_took_on(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: "550 5.1.1 unknown"}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:10")
    assert (await held(story)).stopped == "550"
    story.server.refusals = {}
    for _ in range(2):
        async with story.parts.writing() as store:
            after = await retry_address(store, INSTITUTE.id, story.clock())
    await story.step()
    assert (after.stopped, after.version) == (None, INSTITUTE.version + 2)
    await story.at("10:00", has_no_place("s-2"))
    await story.at("11:00")
    assert ["s-2" in mail.text for mail in story.to(INSTITUTE)] == [True]
