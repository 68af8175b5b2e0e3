"""Tiny regions in which every lever can matter, drawn from a seed."""

import random
from typing import Any

from services.matcher.domain.region import Region
from tests.support.regions import ALL_ON, region, settings, site, student, supervisor, workplace

NORMS = [{"route": "*", "phase": "*", "support": one, "wpb": one + 1, "so": 1, "io": one % 2} for one in (1, 2, 3)]


def tiny_lever_region(seed: int, students: int = 3) -> Region:
    """Two schools, a handful of people and some students; each lever is on or off by chance."""
    draw = random.Random(seed)
    made: list[Any] = [
        site(1, role="core", min_students=draw.choice([0, 0, 2])),
        site(2, lat=52.2, role="shell", core="01AA01", min_students=draw.choice([0, 0, 2])),
    ]
    periods = ["2026-S1", "2026-S2"]
    for number in (1, 2):
        seats = {one: draw.randint(2, 3) for one in periods}
        subject = draw.choice(["wiskunde", "wiskunde", "wiskunde", "natuurkunde"])
        made.append(workplace(number, number, seats=seats, subject=subject))
        made.append(supervisor(f"t{number}", number, qh={one: draw.randint(4, 12) for one in periods}))
    made += [_guide(draw, number, periods) for number in range(1, draw.choice([2, 2, 3]) + 1)]
    made.append(supervisor("i1", 1, sites=["*"], qh={one: draw.randint(3, 8) for one in periods}))
    made += [_learner(draw, number, periods) for number in range(1, students + 1)]
    return region(made, _settings(draw))


def _guide(draw: random.Random, number: int, periods: list[str]) -> Any:
    return supervisor(
        f"v{number}",
        sites=draw.choice([["01AA01"], ["01AA01"], ["01AA02"], ["01AA01", "01AA02"], ["*"]]),
        subjects=draw.choice([[], ["wiskunde"], ["wiskunde", "natuurkunde"]]),
        qh={one: draw.choice([1, 2, 3, 3, 4]) for one in periods},
        max_students=draw.choice([None, None, 1, 2]),
        lendable=draw.random() < 0.5,
        starter=draw.random() < 0.2,
        kind=draw.choice(["teacher", "teacher", "retired"]),
    )


def _learner(draw: random.Random, number: int, periods: list[str]) -> Any:
    return student(
        number,
        support=draw.choice([1, 2, 2, 3]),
        phase=draw.choice(["wpl1", "wpl1", "lio"]),
        duo=draw.random() < 0.7,
        wishes=draw.choice([[], ["01AA01"], ["01AA02"]]),
        period_sets=draw.choice([[periods[:1]], [periods[:1]], [periods[:1]], [periods[:1], periods[1:]], [periods]]),
        needs=draw.choice([None, None, None, {"wpb": 0, "so": 1, "io": 0}, {"wpb": 1, "so": 0, "io": 0}]),
    )


def _settings(draw: random.Random) -> Any:
    levers: dict[str, Any] = {name: {"on": draw.random() < 0.75} for name in ALL_ON}
    levers["duo"]["factor"] = draw.choice([0.5, 0.56, 0.75, 1.0])
    levers["team"] |= {"max_members": draw.choice([2, 2, 3]), "min_qh": draw.choice([1, 2])}
    levers["peer"] |= {"min_group": draw.choice([2, 3]), "relief_qh": draw.choice([1, 2])}
    levers["senior"] |= {"per_senior": draw.choice([1, 2]), "relief_qh": draw.choice([1, 2])}
    levers["lending"] |= {"max_min": 40, "overhead_qh": draw.choice([0, 1])}
    related = [{"student": "wiskunde", "place": "natuurkunde", "cost": 40}]
    fairness = {"groups": ["support"], "min_size": 2, "steps": [[0.5, 0], [1.0, 50000]]}
    return settings(norms=NORMS, levers=levers, related=related, fairness=fairness)
