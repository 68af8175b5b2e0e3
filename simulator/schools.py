"""School sites: real ones from a file of open data, or invented ones on a map that looks Dutch."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from shared.contracts.vocabulary import Sector, SiteId

SECTORS = (Sector.PRIMARY, Sector.SECONDARY)
COLUMNS = ("vestigingscode", "naam", "sector", "plaats", "onderwijsgebied", "leerlingen", "lat", "lon")
FEWEST = 5
FIRST_BOARD, SITES_OF_A_BOARD = 99_000, 6
KM_PER_DEGREE = 111.2
CENTRE = (52.02, 5.42)
TOWNS = {
    "Nieuw-Veldkerk": (0.0, 0.0),
    "Oosterbroek": (6.5, 9.0),
    "Westerloo": (-4.0, -8.5),
    "Holtmeer": (9.5, -3.0),
    "Zandwijk": (-8.0, 4.5),
    "Ravensdonk": (-11.5, -6.0),
    "Achterbeek": (3.0, 16.0),
    "Molenhoven": (-2.5, 11.5),
    "Heidezoom": (12.0, 6.5),
    "Lage Waard": (-9.5, 13.0),
    "Berkendam": (5.0, -14.0),
    "Sluiskerke": (-14.0, 1.5),
}
"""Invented towns, in kilometres north and east of the centre."""
FIRST_WORDS = {
    Sector.PRIMARY: ("Basisschool De", "Kindcentrum De", "Openbare basisschool De"),
    Sector.SECONDARY: ("Lyceum De", "Scholengemeenschap De", "College De"),
}
LAST_WORDS = (
    "Wissel", "Bron", "Linde", "Kameleon", "Horizon", "Vlonder", "Zevensprong", "Morgenster", "Kiekendief", "Regenboog",
    "Werf", "Beemd", "Klinker", "Heuvel", "Waterlelie", "Korenbloem", "Sterrenwacht", "Brug", "Essenburg", "Zonnewijzer",
)  # fmt: skip


class SchoolsFileError(Exception):
    """The file with schools cannot be used; the text is Dutch and says why."""


@dataclass(frozen=True, slots=True)
class School:
    """One school site; `pupils` says how large it is, `board` who governs it where that is known."""

    id: str
    name: str
    town: str
    sector: Sector
    lat: float
    lon: float
    pupils: int
    board: str | None = None


def invent_schools(rng: random.Random, count: int) -> list[School]:
    """So many schools in invented towns, six in ten for primary education; their numbers (from 90AA00) belong to nobody."""
    schools = []
    for number in range(count):
        sector = Sector.PRIMARY if number % 10 in {0, 2, 3, 5, 7, 8} else Sector.SECONDARY
        town = rng.choice(list(TOWNS))
        north, east = (km + rng.gauss(0, 1.4) for km in TOWNS[town])
        lat = CENTRE[0] + north / KM_PER_DEGREE
        lon = CENTRE[1] + east / (KM_PER_DEGREE * 0.615)
        name = f"{rng.choice(FIRST_WORDS[sector])} {LAST_WORDS[number % len(LAST_WORDS)]}"
        pupils = rng.randint(120, 480) if sector is Sector.PRIMARY else rng.randint(500, 1600)
        board = f"{FIRST_BOARD + number // SITES_OF_A_BOARD}"
        schools.append(School(_invented_id(number), name, town, sector, round(lat, 5), round(lon, 5), pupils, board))
    return schools


def _invented_id(number: int) -> str:
    brin, location = divmod(number, 3)
    letters = chr(ord("A") + brin // 26 % 26) + chr(ord("A") + brin % 26)
    return f"{90 + brin // 676:02d}{letters}{location:02d}"


def read_schools(path: Path, area: str | None, rng: random.Random, count: int) -> tuple[str, list[School]]:
    """The name of one area of a file and so many of its schools, the larger ones sooner; raises SchoolsFileError."""
    areas: dict[str, list[School]] = defaultdict(list)
    for name, school in _rows(path):
        areas[name].append(school)
    chosen = _choose_area(areas, area, rng)
    return chosen, sorted(_sample(areas[chosen], rng, count), key=lambda school: school.id)


def _rows(path: Path) -> Iterator[tuple[str, School]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise SchoolsFileError(f"In {path} ontbreken de kolommen: {', '.join(missing)}.")
            for row in reader:
                if row["sector"] in SECTORS:
                    yield row["onderwijsgebied"], _school(path, reader.line_num, row)
    except OSError as problem:
        raise SchoolsFileError(f"Het bestand {path} is niet te lezen: {problem.strerror}.") from problem
    except (UnicodeDecodeError, csv.Error) as problem:
        raise SchoolsFileError(f"Het bestand {path} is geen CSV-bestand in UTF-8.") from problem


def _school(path: Path, line: int, row: dict[str, str]) -> School:
    try:
        code = TypeAdapter(SiteId).validate_python(row["vestigingscode"])
        lat, lon, pupils = float(row["lat"]), float(row["lon"]), int(row["leerlingen"] or 0)
    except (ValidationError, ValueError) as problem:
        text = f"Regel {line} van {path} klopt niet: een vestigingscode (zoals 01AB00), lat, lon of leerlingen is geen goede waarde."
        raise SchoolsFileError(text) from problem
    return School(code, row["naam"][:200], row["plaats"][:120], Sector(row["sector"]), lat, lon, max(1, pupils))


def _choose_area(areas: dict[str, list[School]], wanted: str | None, rng: random.Random) -> str:
    usable = sorted(name for name, schools in areas.items() if all(_of(schools, sector) for sector in SECTORS))
    if not usable:
        raise SchoolsFileError(f"Het bestand heeft geen onderwijsgebied met minstens {FEWEST} scholen in po en in vo.")
    if wanted is None:
        return rng.choice(usable)
    for name in usable:
        if name.casefold() == wanted.casefold():
            return name
    raise SchoolsFileError(f"Het onderwijsgebied {wanted} is er niet. Kies uit: {', '.join(usable)}.")


def _of(schools: Iterable[School], sector: Sector) -> bool:
    return sum(school.sector is sector for school in schools) >= FEWEST


def _sample(schools: Sequence[School], rng: random.Random, count: int) -> Iterator[School]:
    """Six in ten primary, the larger schools sooner."""
    for sector, share in ((Sector.PRIMARY, 0.6), (Sector.SECONDARY, 0.4)):
        of_sector = sorted((each for each in schools if each.sector is sector), key=lambda school: school.id)
        drawn = sorted(of_sector, key=lambda school: rng.random() ** (1 / school.pupils), reverse=True)
        yield from drawn[: max(FEWEST, round(count * share))]
