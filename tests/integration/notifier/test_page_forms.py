"""What a form offers can be sent: a real browser holds nothing back that the page says one may choose."""

import asyncio
from datetime import timedelta

from tests.integration.notifier.test_page_answers import browser, link_of
from tests.support import browser as browsers
from tests.support.browser import PHONE
from tests.support.notifier import lost, placed
from tests.support.notifier_story import Story

HELD_BACK = "[...document.querySelectorAll('main select')].filter(each => !each.checkValidity()).map(each => each.name)"
MAY_BE_ANY = {"soort", "ernst", "regio", "vervanger"}


def _held_back(pages: list[str]) -> tuple[set[str], list[str]]:
    """Which choices there are, and which a browser will not send as they stand."""
    seen: set[str] = set()
    wrong: list[str] = []
    with browsers.opened() as opened:
        page = browsers.context(opened, PHONE).new_page()
        for html in pages:
            page.set_content(html)
            seen |= set(page.evaluate("[...document.querySelectorAll('main select')].map(each => each.name)"))
            wrong += page.evaluate(HELD_BACK)
    return seen, wrong


async def test_all_of_a_list_and_nobody_as_a_substitute_can_be_sent(story: Story) -> None:
    await story.at("9:00", placed("s-1", 1), lost("s-1"))
    await story.until(story.clock.now + timedelta(minutes=2))
    calmer = await link_of(story, "afmelden")
    async with browser(story) as http:
        pages = [(await http.get(path)).text for path in ("/meldingen", f"{calmer}/afwezig", "/contacten/c2/afwezig")]
    seen, wrong = await asyncio.to_thread(_held_back, pages)
    assert seen == MAY_BE_ANY
    assert wrong == []
