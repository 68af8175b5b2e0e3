"""What did not arrive is told anew: the same alert, to the same person, by another mail."""

from services.notifier.domain.bounces import Bounce
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import MailState
from services.notifier.handlers.bouncing import Returns, take_bounce
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import has_no_place
from tests.support.notifier_story import Story

INSTITUTE = PEOPLE.coordinator


async def comes_back(story: Story, contact: Contact) -> None:
    """The only mail that this contact was sent is returned: there is no such address."""
    (mail,) = [each for each in await story.mails(MailState.SENT) if each.contact == contact.id]
    async with story.parts.writing() as store:
        returns = Returns(story.parts.policy, lambda: 1.0)
        await take_bounce(store, mail.id, Bounce("5.1.1", has_given_up=True), story.clock(), returns)


async def test_a_mail_that_comes_back_after_the_address_was_mended_goes_to_the_new_one(story: Story) -> None:
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    changed = await story.change(INSTITUTE, email="nieuw@vu.example")
    await comes_back(story, INSTITUTE)
    await story.at("9:10")
    assert ["s-1" in mail.text for mail in story.to(changed)] == [True]


async def test_what_nobody_else_could_hear_goes_to_the_address_that_is_given_then(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(INSTITUTE)
    story.server.refusals = {INSTITUTE.email: "550 5.1.1 unknown"}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    assert not story.seen
    changed = await story.change(INSTITUTE, email="nieuw@vu.example")
    await story.at("9:10")
    assert ["s-1" in mail.text for mail in story.to(changed)] == [True]


async def test_a_mail_that_was_refused_as_such_is_not_written_again_and_again(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: "554 5.6.0 not like this"}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("12:00")
    assert len([each for each in await story.mails(MailState.FAILED) if each.contact == INSTITUTE.id]) == 1
