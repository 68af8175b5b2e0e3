"""Who is erased is named by no row of the notifier but its audit; whoever stood beside them in a mail still does."""

from datetime import timedelta

from services.notifier.domain.delivery import MailState
from shared.messaging.inbox import Tombstone
from shared.short_code import short_code
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE, lost, mismatch, placed, region_changed, site_changed, unplaced
from tests.support.notifier_story import LEADER, OPERATOR, VISITOR, Story
from tests.support.scanning import where_stored

GONE = "01999999-0000-7000-8000-0000aaaa4471"
STAYS = "01999999-0000-7000-8000-0000bbbb5582"
ALONE = "01999999-0000-7000-8000-0000cccc6693"


async def tables_with(story: Story, student: str) -> set[str]:
    found = await where_stored(story.parts.runtime.database, [student, short_code(student)])
    return {each for each in found if ".db" not in each}


async def test_no_row_names_whoever_is_erased(tell_story_on_any: TellStory) -> None:
    story = tell_story_on_any()
    await story.people(*PEOPLE.all(), LEADER, VISITOR, OPERATOR)
    await story.at("8:01", region_changed(), site_changed())
    await story.at("9:00", placed(GONE, 1), placed(STAYS, 1), lost(GONE), lost(STAYS), unplaced(ALONE))
    await story.until(story.clock.now + timedelta(minutes=5))
    report = mismatch()
    own = report.mismatch.model_copy(update={"student": GONE})
    await story.at("9:30", report.model_copy(update={"mismatch": own}))
    await story.at("8:05", day=2)
    await story.at("8:05", day=8)
    before = {each.id: each for each in await story.mails()}
    assert {"alert", "notice", "mail"} <= await tables_with(story, GONE)
    assert any(each.channel == "weekly" and short_code(GONE) in each.text for each in before.values())

    await story.at("9:00", Tombstone(f"student/{GONE}"), day=8)
    assert await tables_with(story, GONE) <= {"audit"}
    assert await tables_with(story, STAYS) >= {"alert", "notice", "mail"}

    after = {each.id: each for each in await story.mails()}
    shared = [each for each in before.values() if GONE in each.text and STAYS in each.text]
    assert shared
    for mail in shared:
        assert after[mail.id].state is MailState.SENT
        assert STAYS in after[mail.id].text
        assert STAYS in after[mail.id].html
        assert len(after[mail.id].html) < len(mail.html)
    only = [each for each in before.values() if GONE in each.text and STAYS not in each.text and each.students == 1]
    assert only
    assert not {each.id for each in only} & set(after)


async def test_what_waits_goes_without_them(story: Story) -> None:
    await story.at("9:00", placed(GONE, 1), placed(STAYS, 1), lost(GONE), lost(STAYS))
    await story.at("9:00", Tombstone(f"student/{GONE}"))
    await story.until(story.clock.now + timedelta(minutes=5))
    assert story.seen
    assert all(GONE not in mail.text and STAYS in mail.text for mail in story.seen)
    assert await tables_with(story, GONE) <= {"audit"}
