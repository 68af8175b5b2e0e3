"""Every page can be used by everybody: axe in both themes, keyboard only, zoomed in, on paper; and is small."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE
from tests.support.portal_pages import every_page
from tests.support.portal_world import PAGE, Portal

MOST_BYTES = 60_000
SMALLEST_TARGET = 24
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OUTLINE = """() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
  return {tag: e.tagName, outline: parseFloat(s.outlineWidth) || 0, style: s.outlineStyle, top: r.top, bottom: r.bottom, width: r.width,
          name: (['INPUT', 'SELECT'].includes(e.tagName) ? e.name : e.innerText).trim()}; }"""
SMALL_TARGETS = """least => [...document.querySelectorAll('a, button, select, input:not([type=hidden]), summary')]
  .filter(e => e.offsetParent && !(e.tagName === 'A' && getComputedStyle(e).display === 'inline') && !e.classList.contains('skip'))
  .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
  .filter(([, r]) => r.width < least || r.height < least).map(([html]) => html)"""


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    context = browsers.context(browser, PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_on_any_page(browser: Browser, portal: Portal, scheme: str, width: int) -> None:
    context = browsers.context(browser, width, scheme=scheme)
    page, axe, found = context.new_page(), Axe(), {}
    for name, path in every_page(portal).items():
        page.goto(portal.url + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        result = axe.run(page, options=RULES)
        if result.violations_count:
            found[name] = [
                (each["id"], [node["html"][:120] for node in each["nodes"]]) for each in result.response["violations"]
            ]
    context.close()
    assert found == {}


def test_errors_are_clean_for_axe_too(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}{PAGE}/begeleiders/nieuw")
    page.get_by_role("button", name="Toevoegen").click()
    page.get_by_text("Er is nog niets opgeslagen").wait_for()
    assert Axe().run(page, options=RULES).violations_count == 0
    assert page.title().startswith("Fout: ")


def test_nothing_is_wider_than_the_screen_also_at_400_percent(browser: Browser, portal: Portal) -> None:
    """At 1,280 pixels wide, 400 % is 320 pixels and 200 % is 640."""
    for width in (320, PHONE, 640):
        context = browsers.context(browser, width)
        page = context.new_page()
        for name, path in every_page(portal).items():
            page.goto(portal.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        context.close()


def test_everything_on_the_home_page_is_reached_with_the_tab_key_and_the_focus_is_seen(
    page: Page, portal: Portal
) -> None:
    page.goto(portal.url + PAGE)
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(OUTLINE)
        if focus["tag"] == "BODY":
            break
        assert focus["outline"] >= 2, focus
        assert focus["style"] != "none", focus
        assert focus["bottom"] > 0, focus
        assert focus["top"] < 800, focus
        reached.append(focus["name"].split("\n")[0])
    assert reached[0] == "Naar de inhoud"
    for expected in ("Begeleiders", "wie", "dag", "Is afwezig", "Is terug", "Er is niets gewijzigd"):
        assert expected in reached, reached


def test_absence_is_reported_with_the_keyboard_only(page: Page, portal: Portal) -> None:
    page.goto(portal.url + PAGE)
    page.locator("#f-wie").focus()
    page.keyboard.type("Sanne")
    while page.evaluate("document.activeElement.innerText") != "Is afwezig":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Sanne de Groot: afwezigheid gemeld").wait_for()


def test_what_is_tapped_is_large_enough(page: Page, portal: Portal) -> None:
    for name, path in every_page(portal).items():
        page.goto(portal.url + path)
        assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET) == [], name


def test_a_page_with_all_that_comes_with_it_is_small(browser: Browser, portal: Portal) -> None:
    for name, path in every_page(portal).items():
        sizes = sizes_of(browser, portal.url + path)
        assert len(sizes) <= 6, name
        assert sum(sizes.values()) < MOST_BYTES, (name, sizes)


def sizes_of(browser: Browser, address: str) -> dict[str, int]:
    """How many bytes come, with nothing kept from before, by address."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    context = browsers.context(browser, PHONE)
    page = context.new_page()
    page.on("response", keep)
    page.goto(address, wait_until="networkidle")
    sizes = {answer.url: len(answer.body()) for answer in answers}
    context.close()
    return sizes


def test_on_paper_there_is_what_one_reads_and_nothing_that_one_taps(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}{PAGE}/studenten")
    page.emulate_media(media="print")
    assert not page.locator(".tabs").is_visible()
    assert not page.get_by_role("button").first.is_visible()
    assert page.get_by_text("0000-0303").is_visible()


def test_a_page_says_nothing_in_the_console(page: Page, portal: Portal) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    for name, path in every_page(portal).items():
        if name != "bestaat niet":
            page.goto(portal.url + path)
    assert told == []
