"""The page behind the link of a mail on which somebody says that they are away, and who stands in."""

from datetime import date, timedelta

import pytest

from services.notifier.domain.contacts import Preferences
from tests.integration.notifier.test_page_answers import browser, link_of
from tests.support.notifier import PEOPLE, lost, placed
from tests.support.notifier_story import LEADER, Story

COORDINATOR, TRAINER = PEOPLE.coordinator, PEOPLE.trainer


@pytest.fixture
async def told(story: Story) -> Story:
    """The coordinator was told of a lost place."""
    await story.at("9:00", placed("s-1", 1), lost("s-1"))
    await story.until(story.clock.now + timedelta(minutes=2))
    return story


async def test_somebody_says_by_the_link_of_a_mail_that_they_are_away_and_who_stands_in(told: Story) -> None:
    link = f"{await link_of(told, 'afmelden')}"
    today = told.clock.now.date()
    async with browser(told) as http:
        assert f'href="{link}/afwezig"' in (await http.get(link)).text
        page = (await http.get(f"{link}/afwezig")).text
        assert "Tom Blok, instituutsopleider" in page
        assert str(TRAINER.name) not in page
        wrong = await http.post(f"{link}/afwezig", data={"van": "2026-12-24", "tot": "2026-12-01", "actie": "weg"})
        assert (wrong.status_code, "ligt vóór de eerste" in wrong.text) == (400, True)
        assert 'value="2026-12-24"' in wrong.text
        for substitute in (TRAINER.id, COORDINATOR.id, "niemand"):
            days = {"van": today.isoformat(), "tot": today.isoformat(), "actie": "weg", "vervanger": substitute}
            assert (await http.post(f"{link}/afwezig", data=days)).status_code == 400
        for last in (today + timedelta(61), date(9999, 12, 31)):
            days = {"van": today.isoformat(), "tot": last.isoformat(), "actie": "weg"}
            far = await http.post(f"{link}/afwezig", data=days)
            assert (far.status_code, "hooguit 60 dagen vooruit" in far.text) == (400, True)
        days = {"van": today.isoformat(), "tot": (today + timedelta(3)).isoformat(), "actie": "weg", "vervanger": "p5"}
        done = await http.post(f"{link}/afwezig", data=days)
        assert "U staat als afwezig van 7 september 2026 tot en met 10 september 2026" in done.text
    before = len(told.to(COORDINATOR))
    await told.at("11:00", lost("s-2"))
    await told.at("12:00")
    assert len(told.to(COORDINATOR)) == before
    async with browser(told) as http:
        await http.post(f"{link}/afwezig", data={"actie": "terug"})
    async with told.parts.reading() as store:
        held = await store.contact(COORDINATOR.id)
    assert held is not None
    assert held.absence is None


async def test_by_the_link_the_last_day_may_be_sixty_days_ahead(told: Story) -> None:
    link, today = await link_of(told, "afmelden"), told.clock.now.date()
    async with browser(told) as http:
        days = {"van": today.isoformat(), "tot": (today + timedelta(60)).isoformat(), "actie": "weg"}
        assert (await http.post(f"{link}/afwezig", data=days)).status_code == 200


async def test_the_page_is_in_the_language_of_its_reader(told: Story) -> None:
    link = await link_of(told, "afmelden")
    english = Preferences(language=Preferences().language.__class__("en"))
    await told.change(COORDINATOR, preferences=english)
    async with browser(told) as http:
        page = await http.get(f"{link}/afwezig")
        far = await http.post(f"{link}/afwezig", data={"van": "2026-09-07", "tot": "9999-12-31", "actie": "weg"})
    assert "at most 60 days ahead" in far.text
    assert "I am away" in page.text
    assert page.headers["content-language"] == "en"
    assert str(LEADER.name) not in page.text
