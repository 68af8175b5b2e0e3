"""A small school with its plan, as the rules on signals look at it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.matcher.domain.facts import Mismatch, RegionFacts, Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.places import Outcome, Place, changes
from services.matcher.domain.plan import Placement, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import ChangedSignal, look
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from services.matcher.domain.switches import Switch
from shared.contracts.signals import Signal as Event
from tests.support.regions import region, settings, site, student, supervisor, workplace

SOON = date(2026, 8, 20)
"""Eleven days before the first period."""
EVERYTHING = Touched(everything=True)


def facts_of(of: Region, mismatches: Iterable[Mismatch] = ()) -> RegionFacts:
    """What was told of a region."""
    return RegionFacts(
        of.id,
        settings=of.settings,
        today=of.today,
        periods=of.periods,
        sites=of.sites,
        workplaces=of.workplaces,
        supervisors=of.supervisors,
        students=of.students,
        mismatches={one.id: one for one in mismatches},
    )


def unplaced(number: int, reason: Reason = Reason.NO_SUPERVISOR_HOURS, **given: Any) -> Unplaced:
    """A student without a place, who could be at the first workplace."""
    return Unplaced(StudentId(f"s{number}"), reason, given.pop("facts", {}), given.pop("workplaces", ("w1",)))


class Watch:
    """A region and its plan over time; `told` has every event, in order."""

    def __init__(self, of: Region, *outcome: Placement | Unplaced, on: date = SOON) -> None:
        self.facts = facts_of(replace(of, today=on))
        self.places: Mapping[StudentId, Place] = {}
        self.signals: dict[str, Signal] = {}
        self.switches: dict[StudentId, Switch] = {}
        self.told: list[Event] = []
        self.plan(*outcome)

    def plan(self, *outcome: Placement | Unplaced, **causes: Any) -> "Watch":
        """The next plan; who is not named stays."""
        placed = {one.student: one for one in outcome if isinstance(one, Placement)}
        waiting = {one.student: one for one in outcome if isinstance(one, Unplaced)}
        found = Outcome(placed, waiting, {StudentId(one): cause for one, cause in causes.items()})
        made = changes(self.places, Scene(self.facts, {}).region, found, self.facts.students, 1)
        before = {one.place.student: self.places.get(one.place.student) for one in made}
        self.places = {**self.places, **{one.place.student: one.place for one in made}}
        return self.look(News(EVERYTHING, before))

    def look(self, news: News | None = None) -> "Watch":
        """One look: at everybody, or at what is news."""
        for one in self.changes(news or News(EVERYTHING)):
            self.signals[one.signal.id] = one.signal
            if isinstance(one.event, Event):
                self.told.append(one.event)
        return self

    def changes(self, news: News) -> list[ChangedSignal]:
        """What a look would change."""
        return look(self.signals, Scene(self.facts, self.places, self.switches), news)

    def on(self, day: date) -> "Watch":
        """Another day begins."""
        self.facts = replace(self.facts, today=day)
        return self.look()

    def hear(self, *things: Any) -> "Watch":
        """Other people, students, workplaces or sites than before, and a look at everybody."""
        for one in things:
            name = {"Supervisor": "supervisors", "Student": "students", "Workplace": "workplaces"}.get(
                type(one).__name__, "sites"
            )
            changed: Any = {name: {**getattr(self.facts, name), one.id: one}}
            self.facts = replace(self.facts, **changed)
        return self.look()

    @property
    def open(self) -> dict[str, Signal]:
        """The open signals."""
        return {name: one for name, one in self.signals.items() if one.is_open}

    def of(self, prefix: str) -> list[tuple[str, str]]:
        """Status and level of everything that was told by this rule."""
        return [(one.status.value, one.level.value) for one in self.told if one.signal.startswith(prefix)]

    def last(self, prefix: str) -> Event:
        """What was told last by this rule."""
        return [one for one in self.told if one.signal.startswith(prefix)][-1]


START, END = date(2026, 8, 31), date(2027, 1, 29)
TRAINERS: list[Any] = [supervisor("t1"), supervisor("i1")]
BACKUP = supervisor("v2")


def school(*things: Any, **given: Any) -> Region:
    """A school with two teachers of everything, trainers, and the first student."""
    people = [supervisor("v1"), BACKUP]
    base = [site(), workplace(), *people, *TRAINERS, student(1)]
    named = {one.id: one for one in (*base, *things)}
    return region(named.values(), settings(**given))
