"""The small regions beside the checkout, whose optima were proven by other means."""

import csv
import json
from pathlib import Path
from typing import Any

from services.matcher.domain.documents import region_from_document
from services.matcher.domain.region import Region

REGIONS = Path(__file__).parents[3] / "shared" / "regions"


def optima(column: str = "value") -> list[tuple[str, str, int]]:
    """Region, the switch that is off, and the figure; empty where the regions are not at hand."""
    if not REGIONS.exists():
        return []
    with (REGIONS / "optima.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = [(row["name"], "", int(row[column])) for row in rows]
    for row in rows if column == "value" else ():
        found += [(row["name"], name, int(value)) for name, value in (one.split("=") for one in row["off"].split())]
    return found


def read(name: str, off: str = "") -> Region:
    """A small region, with this switch off."""
    document: dict[str, Any] = json.loads((REGIONS / f"{name}.json").read_text())
    if off == "trainer_site_qh":
        document["settings"][off] = {"so": 0, "io": 0}
    elif off == "min_students":
        for one in document["sites"]:
            one[off] = 0
    elif off:
        document["settings"]["levers"][off]["on"] = False
    return region_from_document(document)
