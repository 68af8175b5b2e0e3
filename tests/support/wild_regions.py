"""Small invented regions in which everything happens: any lever, every restriction, placements that hold in any state."""

import random
from dataclasses import replace
from typing import Any

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.options import options_of
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region, Student
from services.matcher.domain.vocabulary import PlacementState
from tests.support.regions import region, settings, site, student, supervisor, workplace

SUBJECTS = ["wiskunde", "engels", "natuurkunde"]
INSTITUTES = ["01VU", "30GB"]
PHASES = ["wpl1", "wpl2", "lio"]
DAYS = ["mon", "tue", "wed", "thu", "fri"]
PERIODS = ["2026-S1", "2026-S2"]
SETS = [[["2026-S1"]], [["2026-S1"], ["2026-S2"]], [["2026-S2", "2026-S1"], ["2026-S1"], ["2026-S1", "2026-S2"]]]
LEVERS = ("extra", "lending", "core_shell", "related", "shifted", "shared_io", "starters")


def wild_region(seed: int, students: int = 6, sites: int = 3) -> Region:
    """A region with every lever that one option can use on or off by chance; half of the students have a placement."""
    draw = random.Random(seed)
    made: list[Any] = []
    for number in range(1, sites + 1):
        made += _school(draw, number, sites)
    for number in range(1, 4):
        served = draw.choice([["*"], [f"01AA{one:02}" for one in range(1, sites + 1) if draw.random() < 0.7]])
        institutes = draw.choice([INSTITUTES, INSTITUTES[:1], INSTITUTES[1:]])
        qh = {one: draw.choice([2, 4, 8, 20]) for one in PERIODS}
        made.append(supervisor(f"i{number}", sites=served, institutes=institutes, qh=qh, max_students=_most(draw)))
    made += [_student(draw, number, sites, students) for number in range(1, students + 1)]
    levers = {name: {"on": draw.random() < 0.6} for name in LEVERS}
    related = [
        {"student": "wiskunde", "place": "natuurkunde", "cost": 40},
        {"student": "engels", "place": "wiskunde", "cost": 7},
    ]
    fairness = {"min_size": draw.choice([2, 3, 10])}
    given: dict[str, Any] = {"levers": levers, "related": related, "fairness": fairness}
    empty = region(made, settings(seed=seed, min_common_days=draw.choice([1, 2]), **given))
    return replace(empty, placements=_held(draw, empty))


def _most(draw: random.Random) -> int | None:
    return draw.choice([None, None, 0, 1, 2, 3])


def _school(draw: random.Random, number: int, sites: int) -> list[Any]:
    where = {"lat": 52 + draw.random() / 3, "lon": 5 + draw.random() / 3}
    role = draw.choice(["core", "shell", "none"])
    core = f"01AA{draw.randint(1, sites):02}" if role == "shell" else None
    least, sector = draw.choice([0, 0, 0, 2]), draw.choices(["vo", "mbo"], [4, 1])[0]
    made: list[Any] = [
        site(number, **where, role=role, core=core, min_students=least, max_support=draw.choice([1, 3]), sector=sector)
    ]
    for index in range(2):
        seats = {one: draw.choice([0, 1, 2, 2]) for one in PERIODS}
        phases = draw.choice([[], [], ["wpl1", "lio"]])
        subject = draw.choice(SUBJECTS)
        made.append(workplace(10 * number + index, number, subject=subject, seats=seats, phases=phases))
        names = [f"v{100 * number + 10 * index + teacher}" for teacher in range(draw.choice([1, 2]))]
        made += [_teacher(draw, name, number, sites) for name in names]
    qh = {one: draw.choice([4, 8, 20]) for one in PERIODS}
    made.append(supervisor(f"t{number}", number, qh=qh, max_students=_most(draw)))
    return made


def _teacher(draw: random.Random, name: str, at: int, sites: int) -> Any:
    served = draw.choice([[f"01AA{at:02}"], [f"01AA{at:02}", f"01AA{draw.randint(1, sites):02}"], ["*"]])
    return supervisor(
        name,
        sites=served,
        subjects=draw.choice([[], draw.sample(SUBJECTS, 1), draw.sample(SUBJECTS, 2)]),
        qh={one: draw.choice([0, 6, 12, 24]) for one in PERIODS},
        max_students=_most(draw),
        max_support=draw.choice([1, 2, 3]),
        kind=draw.choice(["teacher", "teacher", "retired"]),
        starter=draw.random() < 0.2,
        lendable=draw.random() < 0.5,
        days=draw.choice([[], draw.sample(DAYS, 2), draw.sample(DAYS, 3)]),
        absences=[{"start": "2026-10-01", "end": "2026-12-01"}] if draw.random() < 0.1 else [],
    )


def _student(draw: random.Random, number: int, sites: int, students: int) -> Student:
    names = [f"01AA{one:02}" for one in range(1, sites + 1)]
    others = [f"s{one}" for one in range(1, students + 1) if one != number]
    return student(
        number,
        lat=52 + draw.random() / 3,
        lon=5 + draw.random() / 3,
        support=draw.choices([1, 2, 3], [7, 2, 1])[0],
        subject=draw.choice(SUBJECTS),
        institute=draw.choice(INSTITUTES),
        phase=draw.choice(PHASES),
        route=draw.choice(["voltijd", "deeltijd"]),
        wishes=draw.sample(names, draw.randint(0, 2)),
        not_sites=draw.sample(names, 1) if draw.random() < 0.2 else [],
        only_sites=draw.sample(names, 2) if draw.random() < 0.1 else [],
        together=draw.sample(others, 1) if others and draw.random() < 0.1 else [],
        apart=draw.sample(others, 1) if others and draw.random() < 0.1 else [],
        days=draw.choice([[], [], draw.sample(DAYS, 2)]),
        max_travel_min=draw.choice([None, None, 20, 120]),
        needs=draw.choice([None, None, {"wpb": 5, "so": 0, "io": 1}, {"wpb": 0, "so": 2, "io": 0}]),
        period_sets=draw.choice(SETS),
    )


def _held(draw: random.Random, empty: Region) -> tuple[Placement, ...]:
    """Half of the students have one of their options, some of them a promise."""
    held = []
    for one in empty.students.values():
        options = list(options_of(Atlas(empty), one))
        if options and draw.random() < 0.5:
            held.append(replace(draw.choice(options).placement(), state=draw.choice(list(PlacementState))))
    return tuple(held)
