"""Nothing of health and no citizen service number gets in by a field for something else; people keep their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DomainError
from shared.security.free_text import check_free_text, check_person_name, holds_short_bsn, remarks_on_health
from shared.security.refused import is_bsn


@pytest.mark.parametrize(
    "text",
    [
        "Anna (burn-out)",
        "Anna burnout",
        "Anna Burn Out",
        "Wim (zwangerschapsverlof)",
        "Wim, met zwangerschaps verlof",
        "Bea (ziek)",
        "Bea - ziek",
        "Bea ziek",
        "Bea is Ziek gemeld",
        "Jan: griep",
        "Jan [KANKER]",
        "Kim / hernia",
        "burn-out",
        "ziek",
        "Dépressie",
        "Loes (langdurig ziek sinds mei)",
        "sick leave",
    ],
)
def test_a_remark_on_health_is_noticed(text: str) -> None:
    with pytest.raises(DomainError, match="geweigerd-gezondheidsgegeven") as told:
        check_person_name(text, "/name")
    assert told.value.pointer == "/name"
    assert text not in told.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "Piet Griep",
        "Ans de Zieke",
        "Karel Ziekman",
        "Jan Ziek",
        "Els van Ziekenhoven",
        "Wil de Kanker",
        "Corona Jansen",
        "Rob Hernia-Smit",
        "Bram van den Berg-Verlof",
        "Cees Burn",
        "'t Hart",
        "Anna (wiskunde)",
        "Anna (ma, di en do)",
    ],
)
def test_people_keep_their_names(text: str) -> None:
    check_person_name(text, "/name")


@pytest.mark.parametrize(
    "text",
    [
        "verpleegkunde",
        "zorg-en-welzijn",
        "speciaal-onderwijs",
        "lichamelijke-opvoeding",
        "medische-beeldvorming",
        "autisme",
        "Ziekenhuisschool Utrecht",
        "School voor kinderen in het ziekenhuis",
        "Mytylschool (revalidatie)",
        "De Adelaar",
    ],
)
def test_subjects_and_schools_are_let_through(text: str) -> None:
    check_free_text(text, "/name")


@pytest.mark.parametrize("text", ["burn-out", "wiskunde-burnout", "ziek", "verlof", "De Adelaar (zwangerschapsverlof)"])
def test_a_subject_that_is_none_is_noticed(text: str) -> None:
    with pytest.raises(DomainError, match="geweigerd-gezondheidsgegeven"):
        check_free_text(text, "/subject")


def test_a_citizen_service_number_without_its_zero_in_front_is_noticed() -> None:
    number = next(str(each) for each in range(12345678, 12345778) if is_bsn(f"0{each}"))
    for text in (number, f"Anna {number}", f"Anna ({number[:2]}.{number[2:5]}.{number[5:]})", f"BSN{number}"):
        with pytest.raises(DomainError, match="geweigerd-burgerservicenummer"):
            check_free_text(text, "/name")
    for text in (f"06-{number}", f"06{number}", f"+31 6 {number}", f"+316{number}", f"1{number}9", f"0{number[:2]}-{number[2:]}7"):  # fmt: skip
        assert not holds_short_bsn(text), text


@given(st.dates())
def test_a_day_is_no_number_of_anybody(day: object) -> None:
    year, month, date = str(day).split("-")
    if 1900 <= int(year) <= 2100:
        assert not holds_short_bsn(f"{year}{month}{date}")
        assert not holds_short_bsn(f"{date}{month}{year}")


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert remarks_on_health(text) in (True, False)
