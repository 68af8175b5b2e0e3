"""`python -m bench engine`: one event after another in an invented region, answered by the incremental engine alone.

`python -m bench solver` compares it with fresh solves. Here the events are drawn for the
plan as it is then, and putting a published proposal out has a price, so that the fresh solve at the end does not do so lightly.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial

from bench.answering import ENGINE, ENGINE_REST, engine, solve_for
from bench.chain import Chain, play, table
from bench.changes import as_it_goes
from bench.results import RESULTS, console, machine
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.region import Region


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured; `drop` is the price of putting a published proposal out."""

    family: Family = Family.INCREMENTAL
    students: int = 2_000
    events: int = 200
    seed: int = 1
    first_s: float = 20.0
    fresh_s: float = 60.0
    improve_every: int = ENGINE_REST
    drop: int = 300_000
    check: bool = False


def measure(asked: Asked) -> Chain:
    """Solve the region once, answer the events with improving between them, and solve it afresh at the end."""
    return play(
        partial(engine, rest_every=asked.improve_every),
        _planned(asked),
        lambda answering: as_it_goes(answering, asked.events, asked.seed),
        asked.fresh_s,
        is_checked=asked.check,
    )


def _planned(asked: Asked) -> Region:
    region = invent(Wanted(asked.students, asked.family, asked.seed)).region
    costs = replace(region.settings.costs, drop_proposed=asked.drop)
    region = replace(region, settings=replace(region.settings, costs=costs))
    return replace(region, placements=solve_for(region, asked.first_s).placements)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    given = _options().parse_args(arguments)
    families = given.__dict__.pop("families")
    kept = {}
    for family in families:
        asked = Asked(family, **vars(given))
        found = measure(asked)
        console().print(table(f"{family.value}, {asked.students:,} students", {ENGINE: found.document()}))
        events = [asdict(one) for one in found.answered]
        kept[family.value] = {"asked": asdict(asked), "chain": found.document(), "events": events}
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"engine-{now:%Y%m%dT%H%M%SZ}.json"
    document = {"at": now.isoformat(), "machine": machine(), "measured": kept}
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(path)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m bench engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=2_000)
    options.add_argument("--events", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--first", dest="first_s", type=float, default=20.0, help="seconds of the plan that events come upon"
    )
    options.add_argument(
        "--fresh", dest="fresh_s", type=float, default=60.0, help="seconds of the fresh solve at the end"
    )
    options.add_argument(
        "--improve-every", type=int, default=ENGINE_REST, help="events between two turns of improving; 0 for none"
    )
    options.add_argument("--check", action="store_true", help="judge the whole plan after every event")
    options.add_argument("families", nargs="*", type=Family, default=[Family.INCREMENTAL])
    return options
