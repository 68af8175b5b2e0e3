"""Anything that can happen to a small region, one thing at a time."""

import random
from dataclasses import replace
from datetime import date

from services.matcher.domain.changes import Change
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.region import Absence, Region, Student, Supervisor
from services.matcher.domain.vocabulary import PlacementState

KINDS = (
    "register",
    "register",
    "student",
    "withdraw",
    "hours",
    "away",
    "back",
    "person",
    "gone",
    "seats",
    "workplace",
    "site",
    "agree",
)


def wild_change(draw: random.Random, region: Region, number: int) -> Change:
    """One change of the region; `number` names who or what is new."""
    return _CHANGES[draw.choice(KINDS)](draw, region, number)


def _register(draw: random.Random, region: Region, number: int) -> Change:
    if not region.students:
        return Change()
    one = region.students[draw.choice(sorted(region.students))]
    return _student(replace(_moved(draw, one), id=StudentId(f"new{number}"), together=(), apart=_some(draw, region)))


def _student_changed(draw: random.Random, region: Region, _: int) -> Change:
    if not region.students:
        return Change()
    one = _moved(draw, region.students[draw.choice(sorted(region.students))])
    others = tuple(other for other in _some(draw, region) if other != one.id)
    sites = tuple(site for site in sorted(region.sites) if draw.random() < 0.2)
    return _student(replace(one, not_sites=sites, together=others if draw.random() < 0.3 else ()))


def _moved(draw: random.Random, one: Student) -> Student:
    return replace(one, lat=52 + draw.random() / 3, lon=5 + draw.random() / 3, support=draw.choice([1, 1, 2]))


def _some(draw: random.Random, region: Region) -> tuple[StudentId, ...]:
    return (draw.choice(sorted(region.students)),) if draw.random() < 0.3 else ()


def _student(one: Student) -> Change:
    return Change(students={one.id: one})


def _withdraw(draw: random.Random, region: Region, _: int) -> Change:
    return Change(students={draw.choice(sorted(region.students)): None}) if len(region.students) > 1 else Change()


def _person(one: Supervisor) -> Change:
    return Change(supervisors={one.id: one})


def _anybody(draw: random.Random, region: Region) -> Supervisor:
    return region.supervisors[draw.choice(sorted(region.supervisors))]


def _hours(draw: random.Random, region: Region, _: int) -> Change:
    one = _anybody(draw, region)
    most = draw.choice([one.max_students, None, 1, 2])
    return _person(
        replace(one, qh={period: draw.choice([0, 4, 8, 16]) for period in region.periods}, max_students=most)
    )


def _away(draw: random.Random, region: Region, _: int) -> Change:
    one = _anybody(draw, region)
    end = draw.choice([None, date(2027, 1, 1)])
    return _person(replace(one, absences=(Absence(region.today, end),), departs=draw.choice([None, region.today])))


def _back(draw: random.Random, region: Region, _: int) -> Change:
    return _person(replace(_anybody(draw, region), absences=(), departs=None))


def _person_changed(draw: random.Random, region: Region, number: int) -> Change:
    one = _anybody(draw, region)
    sites = tuple(site for site in sorted(region.sites) if draw.random() < 0.6)
    changed = replace(one, sites=sites, subjects=draw.choice([(), one.subjects]), starter=draw.random() < 0.3)
    return _person(replace(changed, id=SupervisorId(f"new{number}")) if draw.random() < 0.5 else changed)


def _gone(draw: random.Random, region: Region, _: int) -> Change:
    if draw.random() < 0.5 and len(region.supervisors) > 1:
        return Change(supervisors={draw.choice(sorted(region.supervisors)): None})
    return Change(workplaces={draw.choice(sorted(region.workplaces)): None}) if len(region.workplaces) > 1 else Change()


def _seats(draw: random.Random, region: Region, _: int) -> Change:
    one = region.workplaces[draw.choice(sorted(region.workplaces))]
    return Change(
        workplaces={one.id: replace(one, seats={period: draw.choice([0, 1, 2]) for period in region.periods})}
    )


def _workplace(draw: random.Random, region: Region, number: int) -> Change:
    one = region.workplaces[draw.choice(sorted(region.workplaces))]
    changed = replace(one, site=SiteId(draw.choice(sorted(region.sites))), phases=draw.choice([(), ("wpl1",)]))
    changed = replace(changed, id=WorkplaceId(f"new{number}")) if draw.random() < 0.5 else changed
    return Change(workplaces={changed.id: changed})


def _site(draw: random.Random, region: Region, _: int) -> Change:
    one = region.sites[draw.choice(sorted(region.sites))]
    least, most = draw.choice([0, 0, 2]), draw.choice([1, 3])
    return Change(sites={one.id: replace(one, lat=one.lat + draw.random() / 10, min_students=least, max_support=most)})


def _agree(draw: random.Random, region: Region, _: int) -> Change:
    known = [one.student for one in region.placements]
    if not known:
        return Change()
    return Change(states={draw.choice(known): draw.choice([PlacementState.SETTLED, PlacementState.STARTED])})


_CHANGES = {
    "register": _register,
    "student": _student_changed,
    "withdraw": _withdraw,
    "hours": _hours,
    "away": _away,
    "back": _back,
    "person": _person_changed,
    "gone": _gone,
    "seats": _seats,
    "workplace": _workplace,
    "site": _site,
    "agree": _agree,
}
