"""What one event costs the running matcher: CPU time of its answer in the demo's region, without broker or HTTP."""

import time
from dataclasses import replace

from bench.answering import engine, solve_for
from bench.changes import as_it_goes
from bench.results import NO_BROKER, Measured
from services.matcher.domain import documents
from services.matcher.domain.ids import PeriodId, RegionId
from services.matcher.domain.region import Period, Region
from simulator.catalogue import SETTINGS
from simulator.run import Wanted, invent
from simulator.world import World

SIZES = (300, 1_000, 2_000)
EVENTS = 60
SEED = 1
PLANNED_S = 5.0
TAKES = "2 min"


def measure(sizes: tuple[int, ...] = SIZES, number: int = EVENTS) -> list[Measured]:
    """The same seeded events at every size, after the whole region was planned; seconds are those of one core."""
    measured = []
    for students in sizes:
        with engine(planned(students, SEED)) as answering:
            seconds = []
            for _, change in as_it_goes(answering, number, SEED):
                start = time.process_time()
                answering.answer(change)
                seconds.append(time.process_time() - start)
        measured.append(Measured(f"an event among {students:,} students, CPU time of the plan", NO_BROKER, seconds))
    return measured


def planned(students: int, seed: int) -> Region:
    """The region of the demo with a plan, improved for a while."""
    region = region_of(invent(Wanted(students, seed)))
    return replace(region, placements=solve_for(region, PLANNED_S).placements)


def region_of(world: World) -> Region:
    """An invented region as the matcher sees it, before anybody is placed."""
    sites = [documents.site_from_document(one.model_dump(mode="json")) for one in world.sites]
    offers = [one.model_dump(mode="json") for one in world.workplaces]
    people = [one.profile.model_dump(mode="json") for one in world.supervisors]
    asked = [one.model_dump(mode="json") for one in world.students]
    workplaces = [documents.workplace_from_document({**one, "id": f"w{rank:05}"}) for rank, one in enumerate(offers)]
    supervisors = [documents.supervisor_from_document({**one, "id": f"p{rank:05}"}) for rank, one in enumerate(people)]
    students = [documents.student_from_document({**one, "id": f"s{rank:05}"}) for rank, one in enumerate(asked)]
    return Region(
        RegionId(world.region),
        world.year.first_day,
        documents.settings_from_document(SETTINGS.model_dump(mode="json")),
        {PeriodId(one.id): Period(PeriodId(one.id), one.start, one.end) for one in world.year.periods},
        {one.id: one for one in sites},
        {one.id: one for one in workplaces},
        {one.id: one for one in supervisors},
        {one.id: one for one in students},
    )
