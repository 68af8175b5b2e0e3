"""Seeded events of a region, one after another: the same for everybody who is measured answering them."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Absence, Region, Student
from services.matcher.domain.vocabulary import PlacementState

WEIGHTS = {
    "register": 20,
    "absence": 25,
    "return": 12,
    "withdraw": 12,
    "hours": 10,
    "move": 10,
    "seats": 6,
    "settle": 5,
    "refuse": 5,
}
"""How often each kind of event comes, in percent or so."""

Event = tuple[str, Change]
"""Its kind, and what it changes."""


class Holder(Protocol):
    """Whoever holds a region with its plan."""

    @property
    def region(self) -> Region:
        """As it is now."""


def as_it_goes(holder: Holder, number: int, seed: int) -> Iterator[Event]:
    """So many events, each drawn when it is asked for, for the plan that is held then."""
    changes = Changes(holder.region, seed)
    return (changes.next(holder.region) for _ in range(number))


def ahead(region: Region, number: int, seed: int) -> list[Event]:
    """So many events, drawn as if nobody who loses a place got another: whoever answers them meets the same ones."""
    changes, found = Changes(region, seed), list[Event]()
    for _ in range(number):
        found.append(changes.next(region))
        region = applied(region, found[-1][1])
        held = drop_invalid(region, Plan(region.id, region.today, region.placements))[0]
        region = replace(region, placements=held.placements)
    return found


class Changes:
    """Seeded events, each drawn for the region as it is; the order in which it is told does not matter."""

    def __init__(self, region: Region, seed: int) -> None:
        """Those who are away already may return."""
        self._draw, self._number = random.Random(seed), 0
        self._away = sorted(key for key, one in region.supervisors.items() if one.absences)

    def next(self, region: Region) -> Event:
        """Something that happens now."""
        kind = self._draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        self._number += 1
        if kind == "return" and not self._away:
            kind = "absence"
        change: Change = getattr(self, f"_{kind}")(region)
        return kind, change

    def _register(self, region: Region) -> Change:
        one = region.students[self._draw.choice(sorted(region.students))]
        name = StudentId(f"new{self._number:05}")
        return _student(replace(self._elsewhere(one), id=name, wishes=(), together=(), apart=()))

    def _elsewhere(self, one: Student) -> Student:
        lat, lon = (self._draw.uniform(-0.05, 0.05) for _ in range(2))
        return replace(one, lat=one.lat + lat, lon=one.lon + lon)

    def _move(self, region: Region) -> Change:
        return _student(self._elsewhere(region.students[self._draw.choice(_held(region)).student]))

    def _refuse(self, region: Region) -> Change:
        held = self._draw.choice(_held(region))
        one = region.students[held.student]
        return _student(replace(one, not_sites=(*one.not_sites, region.workplaces[held.workplace].site)))

    def _withdraw(self, region: Region) -> Change:
        return Change(students={self._draw.choice(sorted(region.students)): None})

    def _absence(self, region: Region) -> Change:
        one = self._draw.choice(sorted({share.supervisor for held in region.placements for share in held.wpb}))
        self._away.append(one)
        return Change(supervisors={one: replace(region.supervisors[one], absences=(Absence(region.today),))})

    def _return(self, region: Region) -> Change:
        one: SupervisorId = self._away.pop(self._draw.randrange(len(self._away)))
        return Change(supervisors={one: replace(region.supervisors[one], absences=())})

    def _hours(self, region: Region) -> Change:
        one = region.supervisors[self._draw.choice(sorted(region.supervisors))]
        part = self._draw.choice([0.5, 0.75, 1.25, 1.5])
        return Change(supervisors={one.id: replace(one, qh={period: int(qh * part) for period, qh in one.qh.items()})})

    def _seats(self, region: Region) -> Change:
        one, more = region.workplaces[self._draw.choice(sorted(region.workplaces))], self._draw.choice([-1, 1])
        seats = {period: max(0, seats + more) for period, seats in one.seats.items()}
        return Change(workplaces={one.id: replace(one, seats=seats)})

    def _settle(self, region: Region) -> Change:
        proposed = [one.student for one in _held(region) if one.state is PlacementState.PROPOSED]
        return Change(states={self._draw.choice(proposed): PlacementState.SETTLED} if proposed else {})


def _held(region: Region) -> list[Placement]:
    return sorted(region.placements, key=lambda one: one.student)


def _student(one: Student) -> Change:
    return Change(students={one.id: one})
