"""Mail servers that refuse or are away, and a notifier that was, told in time."""

from datetime import timedelta

from tests.integration.notifier.conftest import TellStory
from tests.integration.notifier.test_stories import INSTITUTE, MORNING, REGION, SCHOOL
from tests.support.notifier import PEOPLE, SITE
from tests.support.notifier_events import (
    CLEARED,
    detected,
    has_no_place,
    loses,
    overloaded,
    proposed,
    reported,
    shortage,
)
from tests.support.notifier_story import LEADER, MONDAY, Story, moment


async def test_a_refused_address_is_stopped_and_the_region_hears_at_once(story: Story) -> None:
    story.server.refusals = {INSTITUTE.email: "550 5.1.1 unknown"}
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    story.want(REGION, ("9:00", "9:01"), "s-1")
    story.told()
    await story.change(INSTITUTE, email="nieuw@vu.example")
    await story.at("9:10", has_no_place("s-2"))
    await story.at("9:12")
    assert [mail.to for mail in story.seen if "s-2" in mail.text] == ["nieuw@vu.example"]


async def test_while_the_mail_server_is_away_mails_wait_and_go_within_a_minute_of_its_return(story: Story) -> None:
    await story.server.stop()
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:05")
    story.clock.now = moment("11:59", MONDAY)  # every quarter of a minute it is tried in vain
    await story.at("12:00")
    await story.server.start()
    await story.at("12:05")
    story.want(INSTITUTE, ("12:00", "12:01"), "s-1")
    story.told()


async def test_after_a_day_without_a_mail_server_the_mail_is_dead_and_the_operator_hears_by_another_road(
    tell_story: TellStory, tmp_path: object
) -> None:
    road = tmp_path / "alarms.jsonl"  # type: ignore[operator]
    story = tell_story(alarm_file=road)
    await story.people(INSTITUTE)
    story.server.answers = ["451 4.3.0 later"] * 20
    await story.at("9:00", has_no_place("s-1"))
    await story.at("23:00", day=2)
    (line,) = road.read_text().splitlines()
    assert '"kind": "unplaced"' in line
    assert INSTITUTE.email not in line


async def test_a_digest_that_was_missed_comes_as_soon_as_the_notifier_is_back(tell_story: TellStory) -> None:
    first = tell_story()
    await first.people(SCHOOL)
    await first.at("9:00", overloaded())
    later = tell_story()
    later.clock.now = first.clock.now + timedelta(days=1, hours=2)
    await later.step()
    assert [mail.to for mail in later.seen] == [SCHOOL.email]
    await later.step()
    assert len(later.seen) == 1


async def test_a_replay_of_everything_sends_nothing_again(story: Story) -> None:
    await story.at("9:00", loses("s-1"), has_no_place("s-1", 2, lost_site=SITE), proposed("s-2"), overloaded())
    await story.at("9:00", loses("s-1", 2, CLEARED), detected("s-3"), reported("s-2", "school"), day=2)
    await story.at("9:00", day=4)
    before = len(story.seen)
    for event in story.events:
        await story.hear(event)
    await story.at("7:59", day=5)
    assert len(story.seen) == before, story.shown()


async def test_the_same_story_on_every_database(tell_story_on_any: TellStory) -> None:
    story = tell_story_on_any()
    await story.people(*PEOPLE.all(), LEADER)
    await story.at("9:00", loses("s-1"), proposed("s-2"), shortage(site=SITE))
    story.want(INSTITUTE, ("9:00", "9:01"), "s-1")
    story.want(SCHOOL, ("9:00", "9:01"), "s-1")
    await story.at("9:00", loses("s-1", 2, CLEARED), day=2)
    for each in (INSTITUTE, SCHOOL, LEADER):
        story.want(each, MORNING, day=2)
    await story.at("9:00", day=3)
    story.want(INSTITUTE, MORNING, day=3)
    story.want(SCHOOL, MORNING, day=3)
    story.told()
