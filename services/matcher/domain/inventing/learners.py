"""Invents students: who they study with, what they need, where they live, when they can and what they wish."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from services.matcher.domain.ids import InstituteId, PeriodId, SiteId, StudentId
from services.matcher.domain.inventing import land, mixes
from services.matcher.domain.inventing.wanted import Family, Wanted
from services.matcher.domain.region import Site, Student
from services.matcher.domain.vocabulary import WEEKDAYS, Sector

S1, S2, S3 = (period.id for period in mixes.PERIODS)
Sets = tuple[tuple[PeriodId, ...], ...]
T = TypeVar("T")

ONE_PERIOD: dict[Sets, int] = {((S1,),): 100}
TWO_PERIODS: dict[Sets, int] = {((S1,),): 55, ((S2,),): 25, ((S1, S2),): 20}
SETS: dict[Family, dict[Sets, int]] = {
    Family.HOURS: ONE_PERIOD,
    Family.SEATS: ONE_PERIOD,
    Family.TRAINERS: ONE_PERIOD,
    Family.INCREMENTAL: TWO_PERIODS,
    Family.PERIODS: {
        ((S1,),): 20,
        ((S2,), (S1,)): 20,
        ((S1,), (S2,), (S3,)): 20,
        ((S1, S2),): 15,
        ((S1, S2), (S2, S3)): 15,
        ((S2, S3), (S1,)): 10,
    },
    Family.LEVERS: {((S1,),): 40, ((S1,), (S2,)): 30, ((S2,), (S1,)): 15, ((S1, S2),): 15},
}


def pick(draw: random.Random, shares: Mapping[T, int]) -> T:
    """One of these, as often as its share says."""
    return draw.choices(list(shares), list(shares.values()))[0]


def make_students(
    draw: random.Random, wanted: Wanted, sites: Sequence[Site], offered: Mapping[Sector, set[str]]
) -> list[Student]:
    """As many students as wanted, for subjects that some site offers."""
    mix = land.sector_mix(wanted)
    by_sector = {sector: [site for site in sites if site.sector is sector] for sector in mix}
    near = {sector: land.Near(there) for sector, there in by_sector.items()}
    width = len(str(wanted.students))
    students = []
    for number in range(1, wanted.students + 1):
        sector = pick(draw, mix)
        subjects = {name: share for name, share in mixes.SUBJECTS[sector].items() if name in offered[sector]}
        home = land.home_near(draw, by_sector[sector])
        name = StudentId(f"s{wanted.mark}{number:0{width}}")
        student = _student(draw, wanted, name, (sector, home), pick(draw, subjects))
        students.append(replace(student, wishes=_wishes(draw, near[sector], home)))
    return students


def _student(
    draw: random.Random, wanted: Wanted, name: StudentId, where: tuple[Sector, land.Point], subject: str
) -> Student:
    sector, home = where
    return Student(
        id=name,
        institute=InstituteId(pick(draw, mixes.INSTITUTES[sector])),
        route=pick(draw, mixes.ROUTES[sector]),
        phase=pick(draw, mixes.PHASES[sector]),
        support=pick(draw, mixes.SUPPORT),
        sector=sector,
        subject=subject,
        lat=home[0],
        lon=home[1],
        period_sets=pick(draw, SETS[wanted.family]),
        duo=wanted.has_levers and draw.random() < 0.4,
        days=tuple(day for day in WEEKDAYS[:5] if draw.random() < 0.7) if draw.random() < 0.25 else (),
        max_travel_min=draw.choices([None, 60, 120], [85, 10, 5])[0],
    )


def moved(draw: random.Random, student: Student, near: Sequence[Site], all_near: land.Near) -> Student:
    """The same student living near one of these sites."""
    home = land.home_near(draw, near)
    return replace(student, lat=home[0], lon=home[1], wishes=_wishes(draw, all_near, home))


def _wishes(draw: random.Random, near: land.Near, home: land.Point) -> tuple[SiteId, ...]:
    if draw.random() < 0.4:
        return ()
    sites = near.within(home, 12)
    return tuple(site.id for site in draw.sample(sites, min(len(sites), draw.randint(1, 3))))
