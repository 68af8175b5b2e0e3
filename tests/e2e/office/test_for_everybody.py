"""Every page for institutes can be used by everybody: axe in both themes, narrow screens, targets, size, console."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.e2e.portal.test_for_everybody import MOST_BYTES, RULES, SMALL_TARGETS, SMALLEST_TARGET, sizes_of
from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE
from tests.support.office_world import PAGE, Office, every_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_and_nothing_is_too_small_or_too_wide(
    browser: Browser, office: Office, scheme: str, width: int
) -> None:
    context = browsers.context(browser, width, scheme=scheme)
    page, axe, found, told = context.new_page(), Axe(), {}, list[str]()
    page.on("console", lambda message: told.append(message.text))
    for name, path in every_page(office).items():
        page.goto(office.url + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        result = axe.run(page, options=RULES)
        if result.violations_count:
            found[name] = [
                (each["id"], [node["html"][:120] for node in each["nodes"]]) for each in result.response["violations"]
            ]
        assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    context.close()
    assert found == {}
    assert [each for each in told if "404" not in each] == []


def test_nothing_is_wider_than_the_screen_at_400_percent(browser: Browser, office: Office) -> None:
    context = browsers.context(browser, 320)
    page = context.new_page()
    for name, path in every_page(office).items():
        page.goto(office.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    context.close()


def test_errors_are_clean_for_axe_too(browser: Browser, office: Office) -> None:
    context = browsers.context(browser, PHONE)
    page = context.new_page()
    for path, button in (
        (f"studenten/{office.students['st-101']}/afwijzen", "Plek afwijzen"),
        ("studenten/nieuw?regio=NL-R07", "Inschrijven"),
    ):
        page.goto(f"{office.url}{PAGE}/{path}")
        page.get_by_role("button", name=button).click()
        page.get_by_text("Er is nog niets opgeslagen").wait_for()
        assert Axe().run(page, options=RULES).violations_count == 0
        assert page.title().startswith("Fout: ")
    context.close()


def test_a_page_with_all_that_comes_with_it_is_small(browser: Browser, office: Office) -> None:
    for name, path in every_page(office).items():
        sizes = sizes_of(browser, office.url + path)
        assert sum(sizes.values()) < MOST_BYTES, (name, sizes)
