"""Real schools from a file: one area of it, or one clear sentence about what is wrong with it."""

import random
from pathlib import Path

import pytest

from shared.contracts.vocabulary import Sector
from simulator.run import Wanted, invent
from simulator.schools import COLUMNS, SchoolsFileError, read_schools

HEADER = ",".join(COLUMNS)


def row(number: int, sector: str, area: str = "Waterland", lat: str = "52.5") -> str:
    return f"{number:02d}AB00,School {number},{sector},Edam,{area},{100 + number},{lat},5.05"


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return path


def both_sectors(area: str = "Waterland", first: int = 0) -> list[str]:
    return [row(first + number, "po" if number % 2 else "vo", area) for number in range(20)]


def test_one_area_is_chosen_with_schools_of_both_sectors(tmp_path: Path) -> None:
    path = table(tmp_path / "scholen.csv", *both_sectors(), *both_sectors("Zaanstreek", 40), row(90, "vo", "Leeg"))

    name, schools = read_schools(path, "zaanstreek", random.Random(1), 14)

    assert name == "Zaanstreek"
    assert {school.sector for school in schools} == {Sector.PRIMARY, Sector.SECONDARY}
    assert all(school.id >= "40" for school in schools)
    assert read_schools(path, None, random.Random(1), 14)[0] in {"Waterland", "Zaanstreek"}


@pytest.mark.parametrize(
    ("lines", "area", "expected"),
    [
        ([row(1, "vo")], None, "geen onderwijsgebied met minstens 5 scholen"),
        (both_sectors(), "Atlantis", "Atlantis is er niet. Kies uit: Waterland"),
        ([*both_sectors(), row(30, "vo", lat="noord")], None, "Regel 22 .* klopt niet"),
        ([*both_sectors(), row(30, "vo").replace("30AB00", "3AB")], None, "Regel 22 .* klopt niet"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_sentence(
    tmp_path: Path, lines: list[str], area: str | None, expected: str
) -> None:
    path = table(tmp_path / "scholen.csv", *lines)

    with pytest.raises(SchoolsFileError, match=expected):
        read_schools(path, area, random.Random(1), 14)


def test_a_missing_file_a_missing_column_and_another_kind_of_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(SchoolsFileError, match="niet te lezen"):
        read_schools(tmp_path / "weg.csv", None, random.Random(1), 14)
    (tmp_path / "half.csv").write_text("vestigingscode,naam\n01AB00,School\n")
    with pytest.raises(SchoolsFileError, match="ontbreken de kolommen: sector"):
        read_schools(tmp_path / "half.csv", None, random.Random(1), 14)
    (tmp_path / "plaatje.csv").write_bytes(b"\xff\xd8\xff\xe0" * 100)
    with pytest.raises(SchoolsFileError, match="geen CSV-bestand in UTF-8"):
        read_schools(tmp_path / "plaatje.csv", None, random.Random(1), 14)


def test_a_region_of_real_schools_can_be_invented(shared_data: Path) -> None:
    world = invent(Wanted(300, 1, shared_data / "schools_nl.csv", "Twente"))

    assert world.name == "Regio Twente"
    assert len(world.institutes) >= 2
    assert all(50.7 < site.lat < 53.6 for site in world.sites)
