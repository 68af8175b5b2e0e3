"""People sign in and out in a real browser, on a phone and at a desk, with scripts and without; its pages are for everybody."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from services.capacity.adapters.letterbox import MailServer, SmtpLetterbox
from services.capacity.ports.people import AccessMail, MailKind
from shared.security.roles import PersonRole, Position
from tests.e2e.portal.test_for_everybody import MOST_BYTES, RULES, SMALL_TARGETS, SMALLEST_TARGET, sizes_of
from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE
from tests.support.portal_world import PAGE, REGION, SITE, Portal
from tests.support.signed_in_portal import SIGN_IN_PAGES, SIGNED_IN_PAGES, link, serving_signed_in

ONE_LINE, FIVE_LINES, PAPER = 48, 150, 794
"""In pixels."""
LINES = """each => each.map(one => { const range = document.createRange(); range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map(rect => rect.top)).size; })"""
"""How many lines each is."""
TRAINER, BOARD = Position(PersonRole.SCHOOL_TRAINER, "01AB"), Position(PersonRole.BOARD, "41234")


@pytest.fixture
def signed(browser: Browser, school: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Portal]:
    """The portal with that school, where people sign in."""
    folder, people = school
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with serving_signed_in(tmp_path, people) as served:
        yield served


def signed_in(page: Page, portal: Portal, *positions: Position) -> None:
    """Signs somebody in with the button behind their link."""
    page.goto(link(portal, "els.vos@school.example", "Els Vos", *positions))
    page.get_by_role("button", name="Aanmelden").click()
    page.get_by_role("link", name="Els Vos").wait_for()


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "bare"])
def test_from_link_to_report_to_signing_out(browser: Browser, signed: Portal, width: int, scripts: bool) -> None:
    context = browsers.context(browser, width, scripts=scripts)
    page = context.new_page()
    page.goto(signed.url + PAGE)
    page.get_by_role("heading", name="Aanmelden", exact=True).wait_for()
    signed_in(page, signed, TRAINER)
    page.goto(signed.url + PAGE)
    page.locator("#f-wie").select_option(label="Sanne de Groot")
    page.get_by_role("button", name="Is afwezig").click()
    page.get_by_text("Sanne de Groot: afwezigheid gemeld").wait_for()
    page.goto(f"{signed.url}{PAGE}/wijzigingen")
    page.get_by_text("door Els Vos").first.wait_for()
    page.get_by_role("link", name="Els Vos").click()
    page.get_by_role("button", name="Afmelden", exact=True).click()
    page.get_by_role("heading", name="U bent afgemeld").wait_for()
    page.goto(signed.url + PAGE)
    page.get_by_role("heading", name="Aanmelden", exact=True).wait_for()
    context.close()


def test_a_board_looks_switches_role_and_invites(browser: Browser, signed: Portal) -> None:
    context = browsers.context(browser, PHONE)
    page = context.new_page()
    signed_in(page, signed, BOARD, TRAINER)
    page.goto(signed.url + PAGE)
    page.get_by_text("U kijkt mee.").wait_for()
    assert not page.get_by_role("button", name="Is afwezig").is_visible()
    page.goto(f"{signed.url}/mensen")
    page.get_by_role("textbox", name="E-mailadres", exact=True).fill("geen adres")
    page.get_by_role("button", name="Uitnodigen").click()
    page.get_by_text("Er is nog niets opgeslagen").wait_for()
    assert Axe().run(page, options=RULES).violations_count == 0
    page.get_by_role("textbox", name="E-mailadres", exact=True).fill("nieuw@school.example")
    page.get_by_role("textbox", name="Organisatie", exact=True).fill("01AB")
    page.get_by_role("button", name="Uitnodigen").click()
    page.get_by_text("De uitnodiging is onderweg.").wait_for()
    page.get_by_role("heading", name="nieuw@school.example").wait_for()
    page.goto(f"{signed.url}/toegang")
    page.get_by_role("button", name="Ga verder").click()
    page.get_by_role("heading", name="Kies uw school").wait_for()
    page.goto(signed.url + PAGE)
    assert page.get_by_role("button", name="Is afwezig").is_visible()
    context.close()


def test_long_names_leave_buttons_and_words_whole(browser: Browser, signed: Portal) -> None:
    name = "Interconfessionele Scholengemeenschap Wateringse Veld en Omstreken, locatie Beroepsonderwijs"
    site = {"region": REGION, "sector": "vo", "lat": 52.09, "lon": 5.23, "name": name, "town": "Zeist"}
    httpx.put(f"{signed.url}/v1/sites/{SITE}", json=site).raise_for_status()
    context = browsers.context(browser, PHONE)
    page = context.new_page()
    signed_in(page, signed, BOARD, Position(PersonRole.SCHOOL_TRAINER, SITE))
    page.goto(f"{signed.url}/toegang")
    box = page.get_by_role("button", name="Ga verder").bounding_box()
    assert box is not None
    assert box["height"] < ONE_LINE
    page.get_by_role("button", name="Ga verder").click()
    page.get_by_role("heading", name="Kies uw school").wait_for()
    page.goto(f"{signed.url}{PAGE}/studenten")
    top = page.locator(".top").bounding_box()
    assert top is not None
    assert top["height"] < FIVE_LINES
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    cells = page.locator("tbody td[data-label='Vak of bouw'], tbody th").evaluate_all(LINES)
    assert cells == [1] * len(cells) != []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_and_nothing_is_too_small_or_too_wide(
    browser: Browser, signed: Portal, scheme: str, width: int
) -> None:
    context = browsers.context(browser, width, scheme=scheme)
    page, axe, found = context.new_page(), Axe(), {}

    def look(name: str) -> None:
        result = axe.run(page, options=RULES)
        if result.violations_count:
            found[name] = [each["id"] for each in result.response["violations"]]
        assert page.evaluate(SMALL_TARGETS, SMALLEST_TARGET) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    for name, path in SIGN_IN_PAGES.items():
        page.goto(signed.url + path)
        look(name)
    page.get_by_role("link", name="Aanmelden").click()
    page.get_by_label("Uw e-mailadres").fill("wie@school.example")
    page.get_by_role("button", name="Stuur mij een link").click()
    look("verstuurd")
    page.goto(link(signed, "els.vos@school.example", "Els Vos", BOARD, TRAINER))
    look("link")
    page.get_by_role("button", name="Aanmelden").click()
    page.get_by_role("link", name="Els Vos").wait_for()
    page.goto(f"{signed.url}{PAGE}/begeleiders")
    for name, path in SIGNED_IN_PAGES.items():
        page.goto(signed.url + path)
        look(name)
    context.close()
    assert found == {}


def test_the_page_to_sign_in_is_small(browser: Browser, signed: Portal) -> None:
    assert sum(sizes_of(browser, f"{signed.url}/aanmelden").values()) < MOST_BYTES


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", list(MailKind))
def test_axe_finds_nothing_in_a_mail(browser: Browser, scheme: str, kind: MailKind) -> None:
    server = MailServer("", 25, "none", "", str, 1, Address("Leerplek", addr_spec="leerplek@school.example"))
    mail = AccessMail("id", kind, "els@school.example", "Els Vos", "schoolopleider 01AB", datetime.now(UTC))
    token = "" if kind is MailKind.WITHDRAWN else "s3cret" * 10
    html = SmtpLetterbox(server, "https://leerplek.example").message(mail, token).get_body(("html",))
    assert html is not None
    context = browsers.context(browser, PHONE, scheme=scheme)
    page = context.new_page()
    page.set_content(html.get_content())
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    context.close()
