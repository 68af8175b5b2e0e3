"""`leerplek region new` and `leerplek region check`."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.matcher.adapters.solver.portfolio import certified
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.documents import plan_to_document, region_to_document
from services.matcher.domain.inventing import Family, GivenSite, Wanted, invent, invent_country
from services.matcher.domain.reading import Problem
from services.matcher.domain.vocabulary import Sector, Tier
from services.matcher.entrypoints import cli_files
from services.matcher.entrypoints.cli_files import FileProblem
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_words import TIERS, number_text

COLUMNS = ("vestigingscode", "sector", "lat", "lon")
AREA = "onderwijsgebied"
SAME = {"vso": "so", "sbo": "po"}
"""What schools files call special schools."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What kind of region is asked for."""

    students: int
    family: Family
    seed: int
    scarcity: float | None
    region: str
    regions: int = 1


def new(asked: Asked, schools: tuple[Path | None, str | None], files: tuple[Path | None, Path | None]) -> None:
    """Invent a region and write it; raises FileProblem."""
    out, planted = files
    for path in files:
        if path is not None:
            cli_files.check_writable(path)
    sites = tuple(read_sites(schools[0], schools[1])) if schools[0] is not None else ()
    wanted = Wanted(asked.students, asked.family, asked.seed, asked.scarcity, sites, asked.region)
    made = invent(wanted) if asked.regions == 1 else invent_country(wanted, asked.regions)
    if planted is not None:
        allowed, _ = drop_invalid(made.region, made.planted)
        cli_files.write_document(planted, plan_to_document(certified(made.region, allowed, 0.0, 0)))
    if out is None:
        print_json(region_to_document(made.region))
        return
    cli_files.write_document(out, region_to_document(made.region))
    numbers = (len(made.region.students), len(made.region.sites), len(made.planted.placements))
    shown = [number_text(number) for number in numbers]
    say(f"{out}: {shown[0]} studenten, {shown[1]} scholen; het uitgangsplan plaatst er {shown[2]}.")


def read_sites(path: Path, area: str | None) -> Iterator[GivenSite]:
    """The sites of a CSV file with DUO's column names, of one area where asked; raises FileProblem with every bad row."""
    rows = list(csv.DictReader(io.StringIO(cli_files.read_text(path))))
    missing = [name for name in (*COLUMNS, *((AREA,) if area else ())) if not rows or name not in rows[0]]
    if missing:
        raise FileProblem(path, [Problem(name, "nothing", "a column of this name") for name in missing])
    problems: list[Problem] = []
    found = [_site(row, number, problems) for number, row in enumerate(rows, 2) if not area or row[AREA] == area]
    if not found and not problems:
        known = ", ".join(sorted({row[AREA] for row in rows if row[AREA]})) if area else ""
        problems.append(Problem(AREA, area or "", f"one of {known}"))
    if problems:
        raise FileProblem(path, problems)
    yield from {site.id: site for site in found if site is not None}.values()


def _site(row: dict[str, str], number: int, problems: list[Problem]) -> GivenSite | None:
    try:
        word = row["sector"].strip().lower()
        sector = Sector(SAME.get(word, word))
        lat, lon = float(row["lat"]), float(row["lon"])
    except (ValueError, AttributeError, TypeError):
        shown = ", ".join(str(row[name]) for name in COLUMNS)
        problems.append(
            Problem(f"rij {number}", shown, "a code, a sector (po, vo, mbo, so), a latitude and a longitude")
        )
        return None
    if not row["vestigingscode"] or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        problems.append(Problem(f"rij {number}", f"{lat}, {lon}", "a code, a latitude and a longitude"))
        return None
    return GivenSite(row["vestigingscode"], sector, lat, lon)


def check(path: Path, *, as_json: bool) -> None:
    """Print how much there is of everything; raises FileProblem with every problem of the file."""
    region = cli_files.read_region(path)
    people = Counter(one.tier for one in region.supervisors.values())
    hours = {
        tier: sum(sum(one.qh.values()) for one in region.supervisors.values() if one.tier is tier) for tier in Tier
    }
    held = [one for one in region.placements if one.student in region.students]
    counts: dict[str, int] = {
        "students": len(region.students),
        "sites": len(region.sites),
        "workplaces": len(region.workplaces),
        "seats": sum(sum(one.seats.values()) for one in region.workplaces.values()),
        "placements": len(held),
    }
    if as_json:
        levers = {name: getattr(region.settings.levers, name).on for name in region.settings.levers.__slots__}
        tiers = {tier.value: {"people": people[tier], "qh": hours[tier]} for tier in Tier}
        print_json({"region": region.id, "today": region.today.isoformat(), **counts, **tiers, "levers": levers})
        return
    rows = [(DUTCH[name], number_text(number)) for name, number in counts.items()]
    rows += [
        (f"{TIERS[tier]} (uren per week)", f"{number_text(people[tier])} ({number_text(hours[tier] / 4)})")
        for tier in Tier
    ]
    print_table(f"{region.id} op {region.today.isoformat()}: het bestand is in orde", ("wat", "hoeveel"), rows, (1,))


DUTCH = {
    "students": "studenten",
    "sites": "scholen",
    "workplaces": "leerwerkplekken",
    "seats": "plaatsen, over alle perioden",
    "placements": "plaatsingen van nu",
}
