"""A table for people and a JSON file for later comparison."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from simulator.report import percentile

RESULTS = Path(__file__).parent / "results"
NO_BROKER = "none"
WIDE = 200


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds that something took, a number of times, on one broker."""

    what: str
    broker: str
    seconds: Sequence[float]

    def at(self, share: float) -> float:
        """The smallest time within which this share fell."""
        return percentile(sorted(self.seconds), share)


def console() -> Console:
    """Where tables are printed: as wide as they need where nobody looks at a screen."""
    return Console() if Console().is_terminal else Console(width=WIDE)


def show(measured: Sequence[Measured]) -> None:
    """Prints the table."""
    table = Table("what", "broker", "n", "p50", "p99", "max", title=machine())
    for each in measured:
        times = (f"{1000 * each.at(share):,.0f} ms" for share in (0.5, 0.99, 1.0))
        table.add_row(each.what, each.broker, str(len(each.seconds)), *times)
    console().print(table)


def keep(name: str, measured: Sequence[Measured]) -> Path:
    """Writes the figures as JSON and gives the file."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{name}-{now:%Y%m%dT%H%M%SZ}.json"
    document = {"at": now.isoformat(), "machine": machine(), "measured": [asdict(each) for each in measured]}
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def machine() -> str:
    """What this runs on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
