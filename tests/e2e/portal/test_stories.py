"""The stories of a school trainer, each on a phone and at a desk, with scripts and without."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.portal.conftest import Person
from tests.support.browser import text_of
from tests.support.portal_world import PAGE, Portal


def open_page(person: Person, portal: Portal, path: str = PAGE) -> Page:
    page = person()
    page.goto(portal.url + path)
    return page


def wait_for(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for()


def test_a_sick_colleague_is_reported_from_the_home_page_in_two_taps(person: Person, portal: Portal) -> None:
    page = open_page(person, portal)
    page.get_by_label("Wie", exact=True).select_option(label="Sanne de Groot")
    page.get_by_role("button", name="Is afwezig").click()
    wait_for(page, "Sanne de Groot: afwezigheid gemeld")
    assert "Opgeslagen om 10:4" in text_of(page)
    assert "Klopt de spelling" not in text_of(page), "who reports an absence is asked nothing about subjects"
    assert page.get_by_role("button", name="Terugkeer melden").is_visible()
    page.goto(portal.url + PAGE)
    assert "Sanne de Groot is afwezig, zonder einde" in text_of(page)


def test_whoever_forgets_to_choose_a_name_is_told_at_the_field(person: Person, portal: Portal) -> None:
    page = open_page(person, portal)
    page.get_by_role("button", name="Is afwezig").click()
    page.get_by_role("link", name="Kies eerst wie het is.").click()
    assert page.get_by_label("Wie", exact=True).get_attribute("aria-invalid") == "true"


def test_a_colleague_is_found_in_two_taps_and_gets_an_expected_end(person: Person, portal: Portal) -> None:
    page = open_page(person, portal)
    page.get_by_role("link", name="Begeleiders", exact=True).first.click()
    page.get_by_role("link", name="Joris van den Berg").click()
    page.get_by_label("Verwachte laatste dag afwezig").fill("2026-12-04")
    page.get_by_role("button", name="Einde opslaan").click()
    wait_for(page, "Opgeslagen")
    assert "16 november 2026 tot en met 4 december 2026" in text_of(page)


def test_a_colleague_returns_and_a_mistake_is_undone(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/begeleiders/{portal.people['Joris van den Berg']}")
    page.get_by_role("button", name="Terugkeer melden").click()
    wait_for(page, "terugkeer gemeld")
    page.get_by_role("button", name="Ongedaan maken").click()
    wait_for(page, "Joris van den Berg: afwezigheid gemeld")
    page.goto(f"{portal.url}{PAGE}/begeleiders/{portal.people['Joris van den Berg']}")
    assert "vanaf 16 november 2026, einde nog niet bekend" in text_of(page)


def test_a_colleague_leaves_and_stays_after_all(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/begeleiders/{portal.people['Pieter Jansen']}")
    page.get_by_text("Vertrekt", exact=True).click()
    page.get_by_label("Eerste dag niet meer op school").fill("2027-02-01")
    page.get_by_role("button", name="Vertrek melden").click()
    wait_for(page, "vertrek gemeld")
    page.get_by_text("Vertrek gaat niet door").click()
    page.get_by_role("button", name="Vertrek laten vervallen").click()
    wait_for(page, "terugkeer gemeld")
    assert "Weg vanaf" not in text_of(page)


def test_hours_are_changed_and_a_slip_comes_back_as_it_was_typed(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/begeleiders/{portal.people['Pieter Jansen']}")
    hours = page.get_by_label("2026-S1")
    hours.fill("1,4")
    page.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(page, "Er is nog niets opgeslagen")
    assert page.get_by_label("2026-S1").input_value() == "1,4"
    page.get_by_label("2026-S1").fill("1,75")
    page.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(page, "uren of gegevens gewijzigd")
    assert "1 uur 45 per week" in text_of(page)


def test_somebody_new_is_registered(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/begeleiders/nieuw")
    page.get_by_label("Naam").fill("Noor de Wit")
    page.get_by_label("2026-S1").fill("2")
    page.get_by_label("Vakken").fill("Lichamelijke opvoeding")
    page.get_by_text("dinsdag").click()
    page.get_by_role("button", name="Toevoegen").click()
    wait_for(page, "Noor de Wit: aangemeld")
    assert "lichamelijke opvoeding" in text_of(page)
    assert "dinsdag" in text_of(page)


def test_a_workplace_is_offered_and_gets_more_seats(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/leerwerkplekken/nieuw")
    page.get_by_label("Vak of bouw").fill("Biologie")
    page.get_by_label("2026-S1").fill("2")
    page.get_by_role("button", name="Toevoegen").click()
    wait_for(page, "Leerwerkplek biologie")
    page.get_by_role("link", name="biologie").click()
    page.get_by_label("2026-S1").fill("3")
    page.get_by_role("button", name="Opslaan").click()
    wait_for(page, "0 van 3 bezet")


def test_a_proposal_is_accepted(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/studenten")
    page.get_by_role("button", name="Aannemen van student 0000-0101").click()
    wait_for(page, "voorstel aangenomen")
    assert "Aangenomen, wacht op de opleiding" in text_of(page)


def test_an_offer_of_a_switch_is_accepted(person: Person, portal: Portal) -> None:
    page = open_page(person, portal)
    assert "Student 0000-0606 kan hierheen wisselen" in text_of(page)
    page.goto(f"{portal.url}{PAGE}/studenten")
    page.get_by_role("button", name="Aannemen van student 0000-0606").click()
    wait_for(page, "voorstel aangenomen")
    assert "0000-0606" not in text_of(page)


def test_a_proposal_is_refused_only_after_its_consequences_were_shown_and_with_a_reason(
    person: Person, portal: Portal
) -> None:
    page = open_page(person, portal, f"{PAGE}/studenten")
    page.get_by_role("link", name="Weigeren … van student 0000-0202").click()
    wait_for(page, "Dit gebeurt er als u weigert")
    assert "Dat is niet terug te draaien" in text_of(page)
    page.get_by_role("button", name="Weigeren").click()
    wait_for(page, "Kies waarom het niet kan.")
    page.get_by_text("Geen uren").click()
    page.get_by_role("button", name="Weigeren").click()
    wait_for(page, "voorstel geweigerd")


def test_nothing_changed_is_one_tap(person: Person, portal: Portal) -> None:
    page = open_page(person, portal)
    page.get_by_role("button", name="Er is niets gewijzigd").click()
    wait_for(page, "gegevens nagekeken")
    assert "Klopt alles nog voor 2026-S1" not in text_of(page)


def test_a_file_goes_down_and_comes_back_with_changes_and_a_verdict_for_every_row(
    person: Person, portal: Portal, tmp_path: Path
) -> None:
    page = open_page(person, portal, f"{PAGE}/bestanden")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download begeleiders (CSV)").click()
    text = Path(downloading.value.path()).read_text("utf-8-sig")
    assert "Fatima el Amrani" in text
    wrong_row = ";Noor de Wit;werkplekbegeleider;;;biologie;;;;;;;veel;2"
    lines = [*text.replace(";6;6", ";5,5;6").splitlines(), wrong_row]
    back = tmp_path / "terug.csv"
    back.write_bytes("\r\n".join(lines).encode("cp1252"))
    page.get_by_label("CSV-bestand met begeleiders").set_input_files(back)
    page.get_by_role("button", name="Opslaan").first.click()
    wait_for(page, "Bestand verwerkt")
    assert "0 nieuwe regels, 1 gewijzigd, 5 ongewijzigd, 1 fout" in text_of(page)
    assert "Vul uren in per kwartier" in text_of(page)
    with page.expect_download() as wrong:
        page.get_by_role("link", name="Download de foute regels").click()
    assert "Noor de Wit" in Path(wrong.value.path()).read_text("utf-8-sig")


def test_who_changed_what_is_in_the_logbook(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/wijzigingen")
    assert "Joris van den Berg: afwezigheid gemeld, door de beheerder" in text_of(page)


def test_a_region_puts_a_lever_on_and_finds_it_in_the_logbook(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, "/regios/NL-T01/instellingen")
    page.get_by_role("link", name="Hefbomen").click()
    page.get_by_label("Duo", exact=False).first.check()
    page.get_by_label("Deel van de uren van twee").fill("0,8")
    page.get_by_role("button", name="Opslaan").click()
    wait_for(page, "Leerplek maakt het plan vanaf nu met de nieuwe instellingen")
    page.get_by_role("link", name="Logboek").click()
    assert "Hefboom Duo: was uit, nu aan" in text_of(page)
    assert "Deel van de uren van twee: was 0,75, nu 0,8" in text_of(page)


def test_a_board_sees_its_sites(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, "/besturen/41234")
    assert "Het Lindecollege, locatie Zuid" in text_of(page)
    page.get_by_role("link", name="Het Lindecollege", exact=True).click()
    assert "Dit wacht op u" in text_of(page)


def test_somebody_gets_a_copy_of_what_is_kept_and_is_erased_when_they_ask(person: Person, portal: Portal) -> None:
    page = open_page(person, portal, f"{PAGE}/begeleiders/{portal.people['Fatima el Amrani']}")
    page.get_by_role("link", name="Eigen gegevens").click()
    with page.expect_download() as given:
        page.get_by_role("button", name="Haal het bestand op").click()
    assert "Fatima el Amrani" in Path(given.value.path()).read_text("utf-8")
    page.get_by_role("link", name="Gegevens wissen").click()
    wait_for(page, "begeleidt nu 2 studenten")
    page.get_by_role("button", name="Voorgoed wissen").click()
    wait_for(page, "Zet een vinkje als u het zeker weet.")
    page.get_by_label("Ja, wis de gegevens").check()
    page.get_by_role("button", name="Voorgoed wissen").dblclick()
    wait_for(page, "naam en eerdere gegevens gewist")
    assert "Fatima" not in text_of(page)
    page.goto(f"{portal.url}{PAGE}/begeleiders")
    assert "Fatima" not in text_of(page)
