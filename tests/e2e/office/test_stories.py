"""The stories of an institute's coordinator, each on a phone and at a desk, with scripts and without."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.office.conftest import Person
from tests.support.browser import text_of
from tests.support.office_world import PAGE, Office, place, unplaced

HEADER = "kenmerk;leerroute;fase;ondersteuningsklasse;sector;vak;breedtegraad;lengtegraad;perioden"
GOOD, BAD = "n-1;voltijd;wpl1;1;vo;wiskunde;52,1;5,1;2026-S1", "n-2;voltijd;wpl1;1;vo;wiskunde;ver;5,1;2026-S1"


def open_page(person: Person, office: Office, path: str = PAGE) -> Page:
    page = person()
    page.goto(office.url + path)
    return page


def wait_for(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for()


def test_a_proposal_is_confirmed_from_today(person: Person, office: Office) -> None:
    page = open_page(person, office)
    page.get_by_role("link", name="st-101").click()
    page.get_by_role("button", name="Bevestigen").click()
    wait_for(page, "Opgeslagen om 10:4")
    assert "Bevestigd, wacht op de school" in text_of(page)
    assert not page.get_by_role("button", name="Bevestigen").is_visible()
    page.goto(office.url + PAGE)
    assert "1 voorstel wacht op uw antwoord" in text_of(page)


def test_a_proposal_is_declined_only_with_a_reason_and_what_the_plan_did_is_told(
    person: Person, office: Office
) -> None:
    student = office.students["st-101"]
    page = open_page(person, office, f"{PAGE}/studenten/{student}")
    page.get_by_role("link", name="Afwijzen").click()
    wait_for(page, "Dat is niet terug te draaien")
    page.get_by_role("button", name="Plek afwijzen").click()
    wait_for(page, "Kies een reden.")
    page.get_by_text("De reis is te lang").click()
    page.get_by_role("button", name="Plek afwijzen").click()
    wait_for(page, "Plek afgewezen")
    office.tell(place(student, "02CD00", sequence=2))
    if page.get_by_role("link", name="Bekijk wat er veranderde").is_visible():
        page.get_by_role("link", name="Bekijk wat er veranderde").click()
    wait_for(page, "de student is nu bij De Regenboog, Bunnik")


def test_another_place_is_asked_for_and_the_student_keeps_this_one(person: Person, office: Office) -> None:
    page = open_page(person, office, f"{PAGE}/studenten/{office.students['st-303']}")
    page.get_by_role("link", name="Om een andere plek vragen").click()
    wait_for(page, "De student houdt deze plek.")
    page.get_by_text("De dagen passen niet").click()
    page.get_by_role("button", name="Vraag een andere plek").click()
    wait_for(page, "Om een andere plek gevraagd")
    assert "Leerplek zoekt een andere plek" in text_of(page)


def test_an_offer_is_taken(person: Person, office: Office) -> None:
    page = open_page(person, office)
    page.get_by_role("link", name="st-404").click()
    page.get_by_role("button", name="Wisselen").click()
    wait_for(page, "Plek bevestigd")
    assert not page.get_by_role("button", name="Wisselen").is_visible()


def test_a_mismatch_is_reported_and_fits_again(person: Person, office: Office) -> None:
    page = open_page(person, office, f"{PAGE}/studenten/{office.students['st-404']}")
    page.get_by_role("link", name="Melden dat student en plek niet passen").click()
    page.get_by_text("De reis duurt langer").click()
    page.get_by_role("button", name="Melden").click()
    wait_for(page, "De reis past niet")
    page.get_by_role("button", name="Het past weer").click()
    wait_for(page, "Melding gesloten")


def test_a_registration_is_withdrawn(person: Person, office: Office) -> None:
    page = open_page(person, office, f"{PAGE}/studenten/{office.students['st-505']}")
    page.get_by_role("link", name="Inschrijving intrekken").click()
    page.get_by_role("button", name="Intrekken").click()
    wait_for(page, "Deze inschrijving is ingetrokken")


def test_a_student_is_registered_by_hand_and_a_slip_of_the_pen_is_mended(person: Person, office: Office) -> None:
    page = open_page(person, office)
    page.get_by_role("link", name="Student inschrijven").click()
    page.get_by_label("Uw eigen nummer").fill("st-900")
    page.get_by_label("Vak of bouw").fill("wiskunda")
    page.get_by_label("Sector").select_option("Voortgezet onderwijs")
    page.get_by_label("Leerroute").fill("voltijd")
    page.get_by_label("Fase").fill("WPL 2")
    page.get_by_label("Waar woont de student").fill("Zeist")
    page.get_by_role("button", name="Inschrijven").click()
    wait_for(page, "Kies minstens één periode")
    page.get_by_label("2026-S1").first.check()
    page.get_by_role("button", name="Inschrijven").dblclick()
    wait_for(page, "Opgeslagen om 10:4")
    assert "Bedoelt u wiskunde?" in text_of(page)
    page.get_by_role("link", name="Wijzig de inschrijving").click()
    page.get_by_label("Vak of bouw").fill("wiskunde")
    page.get_by_role("button", name="Wijziging opslaan").click()
    wait_for(page, "Inschrijving gewijzigd")
    assert "Kijk dit nog eens na" not in text_of(page)
    page.goto(f"{office.url}{PAGE}/studenten?stand=in-behandeling")
    assert text_of(page).count("st-900") == 1


def test_a_student_is_found_by_the_own_number(person: Person, office: Office) -> None:
    page = open_page(person, office, f"{PAGE}/studenten")
    page.get_by_label("Zoek op uw eigen nummer").fill("st-50")
    page.get_by_role("button", name="Zoek").click()
    page.get_by_role("link", name="st-505").click()
    wait_for(page, "Waarom is er nog geen plek?")


def test_a_file_with_one_bad_row_keeps_the_good_one_and_gives_the_bad_one_back(
    person: Person, office: Office, tmp_path: Path
) -> None:
    page = open_page(person, office, f"{PAGE}/bestanden")
    sent = tmp_path / "studenten.csv"
    sent.write_bytes("\r\n".join([HEADER, GOOD, BAD]).encode("cp1252"))
    page.get_by_label("CSV-bestand").set_input_files(sent)
    page.get_by_role("button", name="Versturen").click()
    page.get_by_role("heading", name="Inschrijvingen").wait_for()
    for _ in range(20):  # who has no scripts looks again
        if page.get_by_text("1 rij met een fout").first.is_visible():
            break
        page.wait_for_timeout(500)
        if page.get_by_role("link", name="Bekijk hoe ver het is").is_visible():
            page.reload()
    wait_for(page, "1 rij nieuw ingeschreven")
    page.reload()
    wait_for(page, "hier hoort een getal")
    with page.expect_download() as errors:
        page.get_by_role("link", name="Download de rijen met een fout").click()
    back = Path(errors.value.path()).read_text("utf-8-sig")
    assert "n-2" in back
    assert "n-1" not in back
    mended = tmp_path / "beter.csv"
    mended.write_text(back.replace("ver", "52,2"), "utf-8")
    page.goto(f"{office.url}{PAGE}/bestanden")
    page.get_by_label("CSV-bestand").set_input_files(mended)
    page.get_by_role("button", name="Versturen").click()
    page.get_by_role("heading", name="Inschrijvingen").wait_for()


def test_a_double_click_decides_once(person: Person, office: Office) -> None:
    page = open_page(person, office, f"{PAGE}/studenten/{office.students['st-101']}")
    page.get_by_role("button", name="Bevestigen").dblclick()
    wait_for(page, "Opgeslagen")
    page.goto(f"{office.url}{PAGE}/studenten/{office.students['st-101']}")
    assert text_of(page).count("Plek bevestigd") == 1


def test_who_decides_on_an_old_plan_is_told(person: Person, office: Office) -> None:
    student = office.students["st-101"]
    page = open_page(person, office, f"{PAGE}/studenten/{student}")
    office.tell(unplaced(student, 2))
    page.get_by_role("button", name="Bevestigen").click()
    wait_for(page, "Het plan is intussen veranderd")
    assert "Waarom is er nog geen plek?" in text_of(page)
