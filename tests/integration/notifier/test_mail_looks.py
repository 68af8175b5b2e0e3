"""A mail of every kind can be read by everybody: axe in both themes, nothing wider than a phone, pictures that are there."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.contacts import Language
from services.notifier.domain.links import hide_links
from services.notifier.domain.mentions import fill_html
from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE
from tests.support.notifier_letters import gallery

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SHAPES = {
    Language.DUTCH: {
        "lost",
        "settled",
        "parked",
        "unplaced-many",
        "escalated",
        "stand-in",
        "digest",
        "overflow",
        "weekly",
    },
    Language.ENGLISH: {"lost", "weekly"},
}
"""Mails of the other kinds are laid out as these are."""
LOADED = "[...document.images].every(each => each.complete && each.naturalWidth > 300)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def mails() -> dict[str, str]:
    """The HTML of every mail, by its name."""
    composer, found = JinjaComposer("https://leerplek.example"), {}
    for language in Language:
        for written in (each for each in gallery(language) if each.name in SHAPES[language]):
            html = composer.compose(written.letter, "berichten/een")[1]
            found[f"{written.name} {language}"] = hide_links(fill_html(html, written.letter.mentions))
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, mails: dict[str, str], scheme: str, width: int
) -> None:
    context = browsers.context(browser, width, scheme=scheme)
    page, axe, found = context.new_page(), Axe(), {}
    for name, html in mails.items():
        page.set_content(html)
        result = axe.run(page, options=RULES)
        if result.violations_count:
            found[name] = [
                (each["id"], [node["html"][:120] for node in each["nodes"]]) for each in result.response["violations"]
            ]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(LOADED), name
    context.close()
    assert found == {}


def test_what_is_dark_is_really_dark(browser: Browser, mails: dict[str, str]) -> None:
    """A mail program's own rule would win from a style in the mail without `!important`."""
    background = "getComputedStyle(document.querySelector('.content')).backgroundColor"
    seen = set()
    for scheme in ("light", "dark"):
        context = browsers.context(browser, DESK, scheme=scheme)
        page = context.new_page()
        page.set_content(mails["digest nl"])
        seen.add(page.evaluate(background))
        context.close()
    assert seen == {"rgb(255, 255, 255)", "rgb(26, 34, 32)"}
