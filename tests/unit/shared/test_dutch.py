"""Numbers of things, names of regions and codes, as people read them."""

import pytest

from shared.dutch import called_region, counted
from shared.short_code import short_code


@pytest.mark.parametrize(
    ("count", "phrase"), [(0, "0 studenten"), (1, "1 student"), (2, "2 studenten"), (21, "21 studenten")]
)
def test_one_is_one_and_all_else_is_several(count: int, phrase: str) -> None:
    assert counted(count, "student", "studenten") == phrase


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("Rijn en Vecht", "regio Rijn en Vecht"),
        ("NL-R07", "regio NL-R07"),
        ("Regio Middenveld", "Regio Middenveld"),
        ("regio middenveld", "regio middenveld"),
        ("Onderwijsregio Zuid", "Onderwijsregio Zuid"),
        ("Regionaal Overleg", "regio Regionaal Overleg"),
        ("", "regio "),
    ],
)
def test_a_region_is_not_called_region_twice(name: str, phrase: str) -> None:
    assert called_region(name) == phrase


@pytest.mark.parametrize(
    ("identifier", "code"),
    [
        ("0199a2b4-7c11-7def-8a12-4b6c3f2a91bc", "3F2A-91BC"),
        ("s-1", "s-1"),
        ("12345678", "12345678"),
        ("123456789", "2345-6789"),
    ],
)
def test_a_code_is_short_and_can_be_found_at_the_end_of_the_number(identifier: str, code: str) -> None:
    assert short_code(identifier) == code
    assert identifier.replace("-", "").upper().endswith(code.replace("-", "").upper())
