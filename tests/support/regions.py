"""Factories of regions: one of each with defaults, and invented regions of any size."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from services.matcher.domain.documents import (
    settings_from_document,
    site_from_document,
    student_from_document,
    supervisor_from_document,
    workplace_from_document,
)
from services.matcher.domain.ids import PeriodId, RegionId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement, Plan, WpbShare
from services.matcher.domain.region import Period, Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Settings

TODAY = date(2026, 6, 1)
PERIODS = {
    "2026-S1": (date(2026, 8, 31), date(2027, 1, 29)),
    "2026-S2": (date(2027, 2, 1), date(2027, 7, 9)),
    "2027-S1": (date(2027, 8, 30), date(2028, 1, 28)),
}
LEVERS = [
    "duo",
    "team",
    "peer",
    "senior",
    "extra",
    "lending",
    "core_shell",
    "related",
    "shifted",
    "shared_io",
    "starters",
]
ALL_ON = {lever: {"on": True} for lever in LEVERS}
NORMS = [{"support": support, "wpb": wpb, "so": 2, "io": 1} for support, wpb in ((1, 6), (2, 9), (3, 12))]


def settings(**given: Any) -> Settings:
    """Settings with simple norms; anything else as in a document."""
    return settings_from_document({"norms": NORMS, **given})


def site(number: int = 1, **given: Any) -> Site:
    """A secondary school in the middle of the country."""
    return site_from_document({"id": f"01AA{number:02}", "sector": "vo", "lat": 52.1, "lon": 5.1, **given})


def workplace(number: int = 1, at: int = 1, **given: Any) -> Workplace:
    """A workplace for mathematics with two seats in the first period."""
    fields = {"id": f"w{number}", "site": f"01AA{at:02}", "subject": "wiskunde", "seats": {"2026-S1": 2}}
    return workplace_from_document({**fields, **given})


def supervisor(name: str = "v1", at: int = 1, **given: Any) -> Supervisor:
    """A teacher (v…), school trainer (t…) or institute trainer (i…) with ample hours at one site."""
    tier = {"v": "wpb", "t": "so", "i": "io"}[name[0]]
    fields = {"id": name, "tier": tier, "sites": [f"01AA{at:02}"], "qh": {"2026-S1": 40}, "institutes": ["01VU"]}
    return supervisor_from_document({**fields, **given})


def student(number: int = 1, **given: Any) -> Student:
    """A student of mathematics who lives near the first school."""
    fields = {
        "id": f"s{number}",
        "institute": "01VU",
        "route": "voltijd",
        "phase": "wpl1",
        "support": 1,
        "sector": "vo",
        "subject": "wiskunde",
        "lat": 52.1,
        "lon": 5.1,
        "period_sets": [["2026-S1"]],
    }
    return student_from_document({**fields, **given})


def placement(number: int = 1, at: int = 1, by: str = "v1", **given: Any) -> Placement:
    """A proposed placement for the first period with all three tiers."""
    made = Placement(
        StudentId(f"s{number}"),
        (PeriodId("2026-S1"),),
        WorkplaceId(f"w{at}"),
        (WpbShare(SupervisorId(by), given.pop("qh", 6)),),
        SupervisorId("t1"),
        SupervisorId("i1"),
    )
    return replace(made, **given)


def region(
    things: Iterable[Site | Workplace | Supervisor | Student | Placement] = (), base: Settings | None = None
) -> Region:
    """A region of these things; without any, one school with a workplace, three people and a student."""
    given = list(things) or [site(), workplace(), supervisor("v1"), supervisor("t1"), supervisor("i1"), student()]
    return Region(
        RegionId("NL-R07"),
        TODAY,
        base or settings(),
        {PeriodId(name): Period(PeriodId(name), start, end) for name, (start, end) in PERIODS.items()},
        {one.id: one for one in given if isinstance(one, Site)},
        {one.id: one for one in given if isinstance(one, Workplace)},
        {one.id: one for one in given if isinstance(one, Supervisor)},
        {one.id: one for one in given if isinstance(one, Student)},
        tuple(one for one in given if isinstance(one, Placement)),
    )


def plan(of: Region, *placements: Placement) -> Plan:
    """A plan with these placements and nothing proven."""
    return Plan(of.id, of.today, placements)


def invented_region(seed: int, students: int, sites: int, scarcity: float = 1.0) -> Region:
    """A region with several subjects, needs, institutes and trainers; hours shrink with scarcity."""
    draw = random.Random(seed)
    subjects = ["wiskunde", "engels", "nederlands", "geschiedenis", "natuurkunde"][: max(1, min(5, sites))]
    institutes = ["01VU", "30GB", "25KB"]
    periods = ["2026-S1", "2026-S2"]
    made: list[Any] = []
    for number in range(1, sites + 1):
        made += _school(draw, number, subjects, (students / sites, scarcity))
    for number in range(1, max(1, sites // 4) * len(institutes) + 1):
        served = [f"01AA{one:02}" for one in range(1, sites + 1) if (one + number) % max(1, sites // 4) == 0]
        qh = {one: round(students / sites * 6 / scarcity) for one in periods}
        institute = institutes[number % len(institutes)]
        made.append(supervisor(f"i{number}", sites=served, institutes=[institute], qh=qh))
    for number in range(1, students + 1):
        made.append(_learner(draw, number, (subjects, institutes, sites)))
    return region(made, settings(levers={"shifted": {"on": True}}))


def _school(draw: random.Random, number: int, subjects: list[str], load: tuple[float, float]) -> list[Any]:
    per_site, scarcity = load
    periods = ["2026-S1", "2026-S2"]
    made: list[Any] = [site(number, lat=52 + draw.random() / 2, lon=5 + draw.random() / 2)]
    for index, subject in enumerate(draw.sample(subjects, min(len(subjects), 3))):
        seats = {one: draw.randint(1, max(2, round(per_site * 0.7))) for one in periods}
        made.append(workplace(10 * number + index, number, subject=subject, seats=seats))
        for teacher in range(max(1, round(per_site / 4))):
            qh = {one: round(draw.choice([8, 12, 16, 24]) / scarcity) for one in periods}
            most = draw.choice([None, None, 2, 3])
            name = f"v{100 * number + 10 * index + teacher}"
            made.append(supervisor(name, number, subjects=[subject], qh=qh, max_students=most))
    made.append(supervisor(f"t{number}", number, qh={one: round(per_site * 3.2 / scarcity) for one in periods}))
    return made


def _learner(draw: random.Random, number: int, lists: tuple[list[str], list[str], int]) -> Student:
    subjects, institutes, sites = lists
    return student(
        number,
        lat=52 + draw.random() / 2,
        lon=5 + draw.random() / 2,
        support=draw.choices([1, 2, 3], [7, 2, 1])[0],
        subject=draw.choice(subjects),
        institute=draw.choice(institutes),
        route=draw.choice(["voltijd", "deeltijd"]),
        wishes=[f"01AA{draw.randint(1, sites):02}"] if draw.random() < 0.5 else [],
        period_sets=draw.choice([[["2026-S1"]], [["2026-S1"], ["2026-S2"]], [["2026-S1", "2026-S2"]]]),
    )
