"""A matcher on a store in memory, and one school for it to plan."""

from dataclasses import replace
from typing import Any

from services.matcher.domain.assembling import assemble
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.plan import Plan
from services.matcher.handlers.matcher import FEW, Matcher
from services.matcher.ports import RegionState
from shared.messaging.inbox import Inbox
from shared.messaging.record import Partition
from tests.support import matcher as told
from tests.support.matcher import Log
from tests.support.planning import DirectPlanner, MemoryStore
from tests.support.regions import region, site, student, supervisor, workplace

HERE = RegionId(told.REGION)
S1, S2 = StudentId("s1"), StudentId("s2")
PEOPLE: list[Any] = [supervisor("v1"), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(), *PEOPLE, student(1), student(2), student(3)])
BEFORE_STUDENTS = told.events_before_students(SCHOOL)
PARTITIONS = [Partition(topic, told.PARTITION) for topic in told.TOPICS]


class Running:
    """A matcher on a store in memory; `restart` makes a new one that goes on from what was kept."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.log = Log()
        self.planner = DirectPlanner()
        self.committed = 0
        self.begin()

    def begin(self) -> None:
        self.matcher = Matcher(self.store, self.planner, Inbox("test"), self._note)

    async def restart(self) -> None:
        self.begin()
        await self.matcher.resume(PARTITIONS)

    def _note(self) -> None:
        self.committed += 1

    async def take(self, *events: object) -> None:
        """A few of them are looked at with their plan, however many came just before."""
        records = self.log.records(events)  # type: ignore[arg-type]
        await self.matcher.answer(records, is_looked_at=len(records) <= FEW)

    def state(self) -> RegionState:
        return self.matcher.memory.regions[HERE]

    async def agrees(self) -> None:
        """What is in memory is what was kept, and what was published folds to it; the plan is allowed."""
        kept = await self.store.load(HERE)
        assert replace(self.state(), unlooked=None) == replace(kept, unlooked=None)
        assert (self.state().unlooked is None) == (kept.unlooked is None)
        erased = {one.student for one in self.store.erased}
        published = {one: known for one, known in told.known_from(self.store.published).items() if one not in erased}
        assert published == told.known_of(kept.places)
        model = assemble(kept.facts, kept.placements(), kept.had())
        if model is not None and HERE in self.store.plans:
            reasons = tuple(place.unplaced for place in kept.places.values() if place.unplaced is not None)
            plan = Plan(model.id, model.today, model.placements, reasons, kept.certificate)
            assert [*check(model, plan)] == []
            assert [*check_reasons(model, plan)] == []
            assert kept.certificate is not None
            assert dict(kept.certificate.parts) == cost_parts(model, plan)
