"""What happens on a rough day: double clicks, a lost connection, two people at one line, a plan that changed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.portal.conftest import Person
from tests.e2e.portal.test_stories import open_page, wait_for
from tests.support import browser as browsers
from tests.support.browser import PHONE, text_of
from tests.support.portal_world import PAGE, Portal, place


@pytest.fixture
def phone(browser: Browser, portal: Portal) -> Iterator[Page]:
    """A phone with scripts."""
    context = browsers.context(browser, PHONE)
    yield context.new_page()
    context.close()


def test_a_double_click_saves_once(person: Person, portal: Portal) -> None:
    page = open_page(person, portal)
    page.get_by_label("Wie", exact=True).select_option(label="Sanne de Groot")
    page.get_by_role("button", name="Is afwezig").dblclick()
    wait_for(page, "Sanne de Groot: afwezigheid gemeld")
    page.goto(f"{portal.url}{PAGE}/wijzigingen")
    assert text_of(page).count("Sanne de Groot: afwezigheid gemeld") == 1


def test_a_lost_connection_loses_nothing(phone: Page, portal: Portal) -> None:
    phone.goto(portal.url + PAGE)
    phone.get_by_label("Wie", exact=True).select_option(label="Sanne de Groot")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Geen verbinding. Er is niets kwijt")
    assert phone.get_by_label("Wie", exact=True).input_value() == portal.people["Sanne de Groot"]
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Sanne de Groot: afwezigheid gemeld")


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "Er kwam geen antwoord dat we kennen"),
        (401, "<main>Eerst aanmelden</main>", "U bent intussen afgemeld"),
    ],
)
def test_an_answer_that_is_no_page_of_ours_or_asks_to_sign_in_leaves_the_form(
    phone: Page, portal: Portal, status: int, body: str, says: str
) -> None:
    phone.goto(portal.url + PAGE)
    phone.get_by_label("Wie", exact=True).select_option(label="Sanne de Groot")
    phone.route("**/snel", lambda route: route.fulfill(status=status, content_type="text/html", body=body))
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, says)
    assert phone.get_by_label("Wie", exact=True).input_value() == portal.people["Sanne de Groot"]
    phone.unroute("**/snel")
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Sanne de Groot: afwezigheid gemeld")


def test_an_answer_that_got_lost_is_given_again_and_not_saved_twice(phone: Page, portal: Portal) -> None:
    phone.goto(portal.url + PAGE)
    phone.get_by_label("Wie", exact=True).select_option(label="Sanne de Groot")
    phone.route("**/snel", lambda route: (route.fetch(max_redirects=0), route.abort()))
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Geen verbinding")
    phone.unroute("**/snel")
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Sanne de Groot: afwezigheid gemeld")
    phone.goto(f"{portal.url}{PAGE}/wijzigingen")
    assert text_of(phone).count("Sanne de Groot: afwezigheid gemeld") == 1


def test_two_people_at_one_line_do_not_overwrite_each_other(person: Person, portal: Portal) -> None:
    address = f"{PAGE}/begeleiders/{portal.people['Pieter Jansen']}"
    one, other = open_page(person, portal, address), open_page(person, portal, address)
    one.get_by_label("2026-S1").fill("5")
    other.get_by_label("2026-S1").fill("3")
    one.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(one, "Pieter Jansen: uren of gegevens gewijzigd")
    other.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(other, "Iemand anders wijzigde dit terwijl u bezig was")
    assert other.get_by_label("2026-S1").input_value() == "3"
    assert "5 uur per week" in text_of(other)
    other.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(other, "Pieter Jansen: uren of gegevens gewijzigd")
    assert "3 uur per week" in text_of(other)


def test_two_people_who_report_the_same_are_both_right(person: Person, portal: Portal) -> None:
    address = f"{PAGE}/begeleiders/{portal.people['Sanne de Groot']}"
    one, other = open_page(person, portal, address), open_page(person, portal, address)
    for page in (one, other):
        page.get_by_role("button", name="Afwezigheid melden").click()
        wait_for(page, "afwezigheid gemeld")


def test_what_the_plan_did_comes_by_itself(phone: Page, portal: Portal) -> None:
    phone.goto(portal.url + PAGE)
    phone.get_by_label("Wie", exact=True).select_option(label="Fatima el Amrani")
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Opgeslagen")
    moved = place(303, "w9", portal.people["Aylin Yilmaz"], portal.people["Marieke Smit"]).model_copy(
        update={"sequence": 2}
    )
    portal.tell(moved)
    wait_for(phone, "1 student is hier nieuw voorgesteld")
