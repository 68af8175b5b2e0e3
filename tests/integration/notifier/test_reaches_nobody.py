"""How many alerts reach nobody is known all the time, also between two looks at them: only so a warning can come of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.notifier.domain.contacts import Absence
from tests.integration.notifier.conftest import TellStory
from tests.support.notifier import PEOPLE
from tests.support.notifier_events import CLEARED, has_no_place, overloaded, shortage
from tests.support.notifier_story import MONDAY, OPERATOR, Story, moment


def counted() -> float | None:
    """As Prometheus reads it."""
    return REGISTRY.get_sample_value("leerplek_alerts_without_recipient")


async def looks(story: Story, seconds: int) -> set[float | None]:
    """What is counted in this time, at two looks a second."""
    seen: set[float | None] = set()
    for _ in range(2 * seconds):
        story.clock.now += timedelta(seconds=0.5)
        await story.dispatcher.pass_once(story.clock())
        seen.add(counted())
    return seen


async def test_it_is_counted_until_it_is_over(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(OPERATOR)
    await story.at("9:00", shortage())
    assert await looks(story, 70) == {1.0}
    await story.at("9:10", shortage(2, CLEARED))
    await looks(story, 31)
    assert counted() == 0.0


async def test_it_is_counted_until_somebody_is_reached(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(OPERATOR)
    await story.at("9:00", has_no_place("s-1"), shortage())
    assert await looks(story, 40) == {3.0}  # the third: that nobody has the role of the first
    await story.people(PEOPLE.manager)
    assert await looks(story, 40) == {0.0}


async def test_what_only_the_morning_looks_at_is_counted_as_well(tell_story: TellStory) -> None:
    story = tell_story()
    await story.people(OPERATOR, PEOPLE.trainer)
    await story.at("9:00", overloaded())
    await story.at("9:00", day=2)
    await story.leave(PEOPLE.trainer)
    assert counted() == 0.0
    story.clock.now = moment("8:00", MONDAY + timedelta(days=8))
    await story.step()
    assert await looks(story, 40) == {2.0}  # the reminder, and that nobody has the role


async def test_a_story_in_which_nobody_is_reached_for_weeks_takes_few_steps_and_still_tells_who_comes(
    tell_story: TellStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, steps = tell_story(), 0
    step = story.step

    async def counted_step() -> None:
        nonlocal steps
        steps += 1
        await step()

    monkeypatch.setattr(story, "step", counted_step)
    away = Absence(MONDAY, MONDAY + timedelta(days=20), None)
    await story.people(replace(PEOPLE.manager, absence=away))
    await story.at("9:00", has_no_place("s-1"))
    await story.at("23:00", day=21)
    assert not story.seen
    assert steps < 60
    await story.at("0:05", day=22)
    assert ["s-1" in mail.text for mail in story.to(PEOPLE.manager)] == [True]
