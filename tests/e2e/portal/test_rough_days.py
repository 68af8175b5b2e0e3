"""What happens on a rough day: double clicks, a lost connection, two people at one line, a plan that changed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.portal.conftest import Person
from tests.e2e.portal.test_stories import open_page, wait_for
from tests.support import browser as browsers
from tests.support.browser import PHONE, text_of
from tests.support.portal_world import PAGE, Portal, place, student


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
    wait_for(other, "Dit is veranderd terwijl u bezig was: uren of gegevens gewijzigd, op 24 november 2026 om 10:4")
    assert "in dit portaal. Uren 2026-S1: was 2 uur, nu 5 uur. Wat u invulde staat er nog." in text_of(other)
    assert other.get_by_label("2026-S1").input_value() == "3"
    assert "5 uur per week" in text_of(other)
    other.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(other, "Pieter Jansen: uren of gegevens gewijzigd")
    assert "3 uur per week" in text_of(other)


def test_what_somebody_else_changed_stays_where_one_did_not_touch_it(
    phone: Page, person: Person, portal: Portal
) -> None:
    address = f"{PAGE}/begeleiders/{portal.people['Pieter Jansen']}"
    other = open_page(person, portal, address)
    phone.goto(portal.url + address)
    phone.get_by_label("Naam").fill("Piet Jansen")
    phone.get_by_label("Vakken").fill("biologie, wiskunde")
    phone.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(phone, "Opgeslagen om")
    other.get_by_label("2026-S1").fill("te veel")
    other.get_by_role(
        "button", name="Wijziging opslaan"
    ).click()  # wrong first: the form comes back on what holds by then
    wait_for(other, "Vakken: was biologie, nu biologie, wiskunde")
    other.get_by_label("2026-S1").fill("3")
    other.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(other, "Opgeslagen om")
    told = text_of(other)
    assert "3 uur per week" in told
    assert "Vakken biologie, wiskunde" in told
    assert other.get_by_role("heading", name="Piet Jansen", exact=True).is_visible()


def test_two_people_who_give_somebody_another_name_read_of_each_other(person: Person, portal: Portal) -> None:
    address = f"{PAGE}/begeleiders/{portal.people['Pieter Jansen']}"
    one, other = open_page(person, portal, address), open_page(person, portal, address)
    for page, name in ((one, "Piet Jansen"), (other, "Petra Jansen")):
        page.get_by_label("Naam").fill(name)
        page.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(other, "Iemand anders maakte hier intussen van: Piet Jansen.")
    other.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(other, "Petra Jansen: naam gewijzigd")


def test_a_report_from_the_home_page_leaves_the_end_that_a_colleague_filled_in(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.url}{PAGE}/begeleiders/{portal.people['Sanne de Groot']}")
    phone.get_by_label("Verwachte laatste dag afwezig").fill("2026-12-04")
    phone.get_by_role("button", name="Afwezigheid melden").click()
    wait_for(phone, "afwezigheid gemeld")
    phone.goto(portal.url + PAGE)
    phone.get_by_label("Wie", exact=True).select_option(portal.people["Sanne de Groot"])
    phone.get_by_role("button", name="Is afwezig").click()
    wait_for(phone, "Opgeslagen om")
    assert "24 november 2026 tot en met 4 december 2026" in text_of(phone)


def test_a_day_that_cannot_be_is_told_at_the_day_on_the_home_page(phone: Page, portal: Portal) -> None:
    phone.goto(portal.url + PAGE)
    phone.get_by_label("Wie", exact=True).select_option(portal.people["Joris van den Berg"])
    phone.get_by_role("button", name="Is afwezig").click()
    phone.get_by_role("link", name="Er is al een afwezigheid gemeld vanaf 16-11-2026").click()
    assert phone.get_by_label("Vanaf", exact=True).get_attribute("aria-invalid") == "true"


def test_who_would_refuse_what_a_colleague_accepted_reads_so_first(person: Person, portal: Portal) -> None:
    one, other = open_page(person, portal, f"{PAGE}/studenten"), open_page(person, portal, f"{PAGE}/studenten")
    other.get_by_role("link", name="Weigeren … van student 0000-0202").click()
    wait_for(other, "Dit gebeurt er als u weigert")
    one.get_by_role("button", name="Aannemen van student 0000-0202").click()
    wait_for(one, "voorstel aangenomen")
    other.get_by_text("Geen uren").click()
    other.get_by_role("button", name="Weigeren").click()
    wait_for(other, "Dit is veranderd terwijl u bezig was: voorstel aangenomen, op 24 november 2026 om 10:4")
    one.reload()
    assert "Aangenomen, wacht op de opleiding" in text_of(one)
    other.get_by_role("button", name="Weigeren").click()
    wait_for(other, "voorstel geweigerd")


def test_what_comes_by_itself_comes_also_after_a_mistake_and_takes_no_focus_away(phone: Page, portal: Portal) -> None:
    phone.goto(f"{portal.url}{PAGE}/studenten/{student(101)}/weigeren")
    phone.get_by_role("button", name="Weigeren").click()
    wait_for(phone, "Kies waarom het niet kan.")
    phone.get_by_role("link", name="Bekijk de uitkomst").focus()
    wait_for(phone, "Of er een andere plek is, weet Leerplek nu niet.")
    assert phone.evaluate("document.activeElement.innerText").startswith("Of er een andere plek is")


def test_the_address_of_a_form_says_how_to_go_on_and_the_logbook_shows_changes_as_a_list(
    phone: Page, portal: Portal
) -> None:
    phone.goto(f"{portal.url}{PAGE}/snel")
    assert "Deze pagina is er alleen na het versturen van een formulier." in text_of(phone)
    phone.goto(f"{portal.url}{PAGE}/wijzigingen")
    change = phone.get_by_role("listitem").filter(has_text="nu vanaf 16-11-2026").last
    assert change.evaluate("each => getComputedStyle(each).display") == "list-item"


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
