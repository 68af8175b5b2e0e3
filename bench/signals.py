"""`python -m bench signals`: what a look at an invented region costs, after one event and at the beginning of a day.

The engine answers each event; what is timed is only the look at its answer: CPU time of one core.
"""

import argparse
import gc
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from time import process_time
from typing import TypeVar

from rich.table import Table

from bench.answering import solve_for
from bench.changes import Changes
from bench.results import RESULTS, console, machine
from services.matcher.adapters.planning import Desk
from services.matcher.domain.changes import Change
from services.matcher.domain.facts import RegionFacts, Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.places import Outcome, Place, changes
from services.matcher.domain.region import Region
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import look
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from services.matcher.ports import Held, Step

Id = TypeVar("Id", bound=str)
Thing = TypeVar("Thing")
DAYS_BEFORE = 20
"""The first period begins in so many days: most rules have something to look at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured."""

    family: Family = Family.INCREMENTAL
    students: int = 2_000
    events: int = 200
    seed: int = 1
    first_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """CPU milliseconds of each look, the signals that are open by rule, and the events told by each event."""

    whole_ms: list[float]
    event_ms: list[float]
    by_kind: Mapping[str, list[float]]
    open_by_rule: Mapping[str, int]
    told_at_first: int
    told: list[int]


class Told:
    """What was told of a region so far: facts, places and signals, and the engine that plans for it."""

    def __init__(self, region: Region) -> None:
        """The plan that the region holds is published."""
        self.desk, self.stamp, self.region = Desk(), 0, region
        self.desk.begin(region.id, 0, Held(region))
        self.signals: dict[str, Signal] = {}
        self.places: dict[StudentId, Place] = {}
        self.facts = _facts_of(region)
        self.take(Change(whole=region), Touched(everything=True))

    def take(self, change: Change, touched: Touched) -> tuple[float, int]:
        """Answer a change; the CPU milliseconds of the look, and how many events it told."""
        self.stamp += 1
        planned = self.desk.take(Step(self.region.id, self.stamp - 1, self.stamp, change))
        return self.publish(planned.outcome, touched)

    def publish(self, outcome: Outcome, touched: Touched) -> tuple[float, int]:
        """Look at what an answer changes."""
        asked = touched.students if not touched.everything else self.facts.students
        made = changes(self.places, _region_of(self.facts), outcome, asked, self.stamp)
        before = {one.place.student: self.places.get(one.place.student) for one in made}
        self.places = {**self.places, **{one.place.student: one.place for one in made}}
        started = process_time()
        told = look(self.signals, Scene(self.facts, self.places), News(touched, before))
        spent = (process_time() - started) * 1000
        self.signals.update({one.signal.id: one.signal for one in told})
        return spent, sum(one.event is not None for one in told)

    def hear(self, change: Change) -> Touched:
        """The facts after a change, and what it touches."""
        facts = self.facts
        self.facts = replace(
            facts,
            students=_put(facts.students, change.students),
            supervisors=_put(facts.supervisors, change.supervisors),
            workplaces=_put(facts.workplaces, change.workplaces),
            sites=_put(facts.sites, change.sites),
        )
        students = frozenset({*change.students, *change.states})
        return Touched(students, frozenset(change.sites), frozenset(change.workplaces), frozenset(change.supervisors))


def measure(asked: Asked) -> Found:
    """Looks at a planned region, at each of so many events, and at some days."""
    told = Told(_planned(asked))
    draw = Changes(told.region, asked.seed)
    gc.collect()
    gc.freeze()
    told_at_first = len(told.signals)
    by_kind: dict[str, list[float]] = {}
    event_ms, numbers, whole_ms = [], [], []
    for _ in range(asked.events):
        engine = told.desk._kept[told.region.id].engine  # the region as the engine has it
        kind, change = draw.next(engine.region)
        spent, number = told.take(change, told.hear(change))
        event_ms.append(spent)
        numbers.append(number)
        by_kind.setdefault(kind, []).append(spent)
    for _ in range(5):
        assert told.facts.today is not None
        told.facts = replace(told.facts, today=told.facts.today + timedelta(1))
        whole_ms.append(told.publish(Outcome(), Touched(everything=True))[0])
    gc.unfreeze()
    rules = Counter(one.rule.value for one in told.signals.values() if one.is_open)
    return Found(whole_ms, event_ms, by_kind, dict(sorted(rules.items())), told_at_first, numbers)


def _planned(asked: Asked) -> Region:
    region = _with_slugs(invent(Wanted(asked.students, asked.family, asked.seed)).region)
    first = min(one.start for one in region.periods.values())
    region = replace(region, today=first - timedelta(DAYS_BEFORE))
    return replace(region, placements=solve_for(region, asked.first_s).placements)


def _with_slugs(region: Region) -> Region:
    """The subjects as events name them."""
    settings = region.settings
    related = tuple(replace(one, student=_slug(one.student), place=_slug(one.place)) for one in settings.related)
    workplaces = {key: replace(one, subject=_slug(one.subject)) for key, one in region.workplaces.items()}
    students = {key: replace(one, subject=_slug(one.subject)) for key, one in region.students.items()}
    people = {key: replace(one, subjects=tuple(map(_slug, one.subjects))) for key, one in region.supervisors.items()}
    settings = replace(settings, related=related)
    return replace(region, settings=settings, workplaces=workplaces, students=students, supervisors=people)


def _slug(subject: str) -> str:
    return subject.replace(" ", "-")


def _facts_of(region: Region) -> RegionFacts:
    return RegionFacts(
        region.id,
        settings=region.settings,
        today=region.today,
        periods=region.periods,
        sites=region.sites,
        workplaces=region.workplaces,
        supervisors=region.supervisors,
        students=region.students,
    )


def _region_of(facts: RegionFacts) -> Region:
    return Scene(facts, {}).region


def _put(known: Mapping[Id, Thing], changed: Mapping[Id, Thing | None]) -> dict[Id, Thing]:
    return {key: one for key, one in {**known, **changed}.items() if one is not None}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    given = _options().parse_args(arguments)
    asked = Asked(given.family, given.students, given.events, given.seed, given.first_s)
    found = measure(asked)
    console().print(_table(asked, found))
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"signals-{now:%Y%m%dT%H%M%SZ}.json"
    document = {"at": now.isoformat(), "machine": machine(), "asked": asdict(asked), "measured": asdict(found)}
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(path)


def _table(asked: Asked, found: Found) -> Table:
    table = Table("look", "median ms", "p99 ms", "most ms", title=f"{asked.family.value}, {asked.students:,} students")
    rows = {"after an event": found.event_ms, **found.by_kind, "at everybody": found.whole_ms}
    for name, spent in rows.items():
        p99 = quantiles(spent, n=100)[-1] if len(spent) > 1 else spent[0]
        table.add_row(name, f"{median(spent):.2f}", f"{min(p99, max(spent)):.2f}", f"{max(spent):.2f}")
    table.caption = (
        f"told at first {found.told_at_first}, by an event {sum(found.told) / len(found.told):.2f}; "
        f"open: {', '.join(f'{rule} {number}' for rule, number in found.open_by_rule.items())}"
    )
    return table


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m bench signals", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=2_000)
    options.add_argument("--events", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--first", dest="first_s", type=float, default=10.0, help="seconds of the plan that is looked at"
    )
    options.add_argument("family", nargs="?", type=Family, default=Family.INCREMENTAL)
    return options
