"""What one event costs the planner: CPU time of a repair, in the region that the demo invents, without broker or HTTP."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bench.results import NO_BROKER, Measured
from services.matcher.adapters.planning import plan_region
from services.matcher.domain import documents
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import PeriodId, RegionId, StudentId, SupervisorId
from services.matcher.domain.region import Absence, Period, Region, Student, Supervisor
from services.matcher.ports import Effort, Planned, Task
from simulator.catalogue import SETTINGS
from simulator.run import Wanted, invent
from simulator.world import World

SIZES = (300, 1_000, 2_000)
EVENTS = 60
TAKES = "2 min"


def measure(sizes: tuple[int, ...] = SIZES) -> list[Measured]:
    """The same seeded events at every size, after the whole region was planned; seconds are those of one core."""
    measured = []
    for students in sizes:
        stream = Stream.of(students)
        seconds = []
        for touched in stream.events(EVENTS):
            start = time.process_time()
            stream.plan(touched)
            seconds.append(time.process_time() - start)
        measured.append(Measured(f"an event among {students:,} students, CPU time of the plan", NO_BROKER, seconds))
    return measured


@dataclass(slots=True)
class Stream:
    """A region that events come in for, one after another; the same seed gives the same events and plans."""

    world: World
    region: Region
    draw: random.Random
    away: list[SupervisorId] = field(default_factory=list)
    arrived: int = 0

    @classmethod
    def of(cls, students: int, seed: int = 1) -> "Stream":
        """The region of the demo, planned and improved once, as while nothing arrives."""
        world = invent(Wanted(students, seed))
        stream = cls(world, region_of(world), random.Random(seed))
        for effort in Effort:
            stream.plan(Touched(everything=True), effort)
        return stream

    def events(self, number: int) -> Iterator[Touched]:
        """So many events, one after another; each is in the region when it is given, and is to be planned then."""
        ways = (self._registration, self._registration, self._change, self._withdrawal, self._absence, self._return)
        for one in range(number):
            yield ways[one % len(ways)]()

    def plan(self, touched: Touched, effort: Effort = Effort.REPAIR) -> Planned:
        """Plan what changed, and adopt it."""
        planned = plan_region(Task(self.region, touched, effort))
        self.region = replace(self.region, placements=planned.plan.placements)
        return planned

    def _registration(self) -> Touched:
        self.arrived += 1
        asked = self.world.another_student()
        return self._put(_student(f"new{self.arrived:04}", asked.model_dump(mode="json")))

    def _change(self) -> Touched:
        """Somebody may no longer be where they are."""
        held = self.draw.choice(self.region.placements)
        student = self.region.students[held.student]
        return self._put(replace(student, not_sites=(self.region.workplaces[held.workplace].site,)))

    def _withdrawal(self) -> Touched:
        gone = self.draw.choice(sorted(self.region.students))
        students = {key: one for key, one in self.region.students.items() if key != gone}
        self.region = replace(self.region, students=students)
        return Touched(students=frozenset({gone}))

    def _absence(self) -> Touched:
        one = self.draw.choice(sorted({share.supervisor for held in self.region.placements for share in held.wpb}))
        self.away.append(one)
        return self._put_person(replace(self.region.supervisors[one], absences=(Absence(self.region.today),)))

    def _return(self) -> Touched:
        return self._put_person(replace(self.region.supervisors[self.away.pop(0)], absences=()))

    def _put(self, student: Student) -> Touched:
        self.region = replace(self.region, students={**self.region.students, student.id: student})
        return Touched(students=frozenset({student.id}))

    def _put_person(self, person: Supervisor) -> Touched:
        self.region = replace(self.region, supervisors={**self.region.supervisors, person.id: person})
        return Touched(supervisors=frozenset({person.id}))


def region_of(world: World) -> Region:
    """An invented region as the matcher sees it, before anybody is placed."""
    sites = [documents.site_from_document(one.model_dump(mode="json")) for one in world.sites]
    offers = [{**one.model_dump(mode="json"), "id": f"w{number:05}"} for number, one in enumerate(world.workplaces)]
    people = [
        _person(f"p{number:05}", one.profile.model_dump(mode="json")) for number, one in enumerate(world.supervisors)
    ]
    students = [_student(f"s{number:05}", one.model_dump(mode="json")) for number, one in enumerate(world.students)]
    workplaces = [documents.workplace_from_document(one) for one in offers]
    return Region(
        RegionId(world.region),
        world.year.first_day,
        documents.settings_from_document(SETTINGS.model_dump(mode="json")),
        {PeriodId(one.id): Period(PeriodId(one.id), one.start, one.end) for one in world.year.periods},
        {one.id: one for one in sites},
        {one.id: one for one in workplaces},
        {one.id: one for one in people},
        {one.id: one for one in students},
    )


def _student(name: str, document: dict[str, object]) -> Student:
    return documents.student_from_document({**document, "id": StudentId(name)})


def _person(name: str, document: dict[str, object]) -> Supervisor:
    return documents.supervisor_from_document({**document, "id": SupervisorId(name)})
