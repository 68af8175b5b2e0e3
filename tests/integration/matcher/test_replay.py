"""A replay of the log along the recorded versions gives the same plans, byte for byte; other cuts give the same facts."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.planning import Desk
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.domain.assembling import assemble
from services.matcher.domain.checker import check, check_reasons
from services.matcher.domain.ids import RegionId
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Absence, Region
from services.matcher.handlers.matcher import Matcher
from services.matcher.handlers.replaying import Cut, Replay
from services.matcher.ports import Effort, Held, NewPlan, RegionState, Step
from shared.contracts.vocabulary import Contract
from shared.messaging.inbox import Inbox
from shared.messaging.record import Partition, Record
from tests.support import matcher as told
from tests.support.effort import examples
from tests.support.matcher import Log
from tests.support.planning import MemoryStore
from tests.support.regions import invented_region
from tests.support.running_matcher import PARTITIONS

HERE = RegionId(told.REGION)
LOOKS_LATER = 0.3
TURNS = 12
"""Turns of looking in a row: once improving finds nothing more the whole plan is sought anew."""
EVENTS = examples(2_000, 5_000)
"""Five thousand, as it was promised, where time does not matter."""


class Story:
    """A region's events as they could come: registrations, changes, absences and returns, decisions, days."""

    def __init__(self, of: Region, seed: int) -> None:
        self._draw, self._of = random.Random(seed), of
        self._sequences: dict[str, int] = {}
        self._students = dict(of.students)
        self._day = of.today

    def _next(self, of: str) -> int:
        self._sequences[of] = self._sequences.get(of, 1) + 1
        return self._sequences[of]

    def events(self, number: int) -> Iterator[Contract]:
        first = told.events_of(self._of)
        yield from first
        for _ in range(number - len(first)):
            yield self._one()

    def _one(self) -> Contract:
        draw = self._draw
        kind = draw.choices(["student", "withdraw", "away", "hours", "seats", "day"], [35, 10, 25, 15, 10, 1])[0]
        one: Any
        match kind:
            case "student":
                one = self._students[draw.choice(sorted(self._students))]
                return told.student_event(replace(one, lat=one.lat + draw.uniform(-0.1, 0.1)), self._next(one.id))
            case "withdraw":
                name = draw.choice(sorted(self._students))
                return told.withdrawal(name, self._next(name))
            case "away":
                one = self._of.supervisors[draw.choice(sorted(self._of.supervisors))]
                absences = (Absence(self._of.today),) if draw.random() < 0.4 else ()
                return told.supervisor_event(replace(one, absences=absences), self._next(one.id))
            case "hours":
                one = self._of.supervisors[draw.choice(sorted(self._of.supervisors))]
                hours = {period: int(qh * draw.uniform(0.5, 1.5)) for period, qh in one.qh.items()}
                return told.supervisor_event(replace(one, qh=hours), self._next(one.id))
            case "seats":
                one = self._of.workplaces[draw.choice(sorted(self._of.workplaces))]
                seats = {period: max(0, held + draw.choice([-1, 1])) for period, held in one.seats.items()}
                return told.workplace_event(replace(one, seats=seats), self._next(one.id))
            case _:
                self._day = self._day.fromordinal(self._day.toordinal() + 1)
                return told.day_event(self._day, self._next("day"))


def new_matcher() -> tuple[Matcher, MemoryStore, OwnProcess]:
    store, planner = MemoryStore(), OwnProcess()
    return Matcher(store, planner, Inbox("test"), lambda: None), store, planner


async def lived(records: list[Record], seed: int, *, looks: float, deaths: float = 0.0) -> MemoryStore:
    """Batches of any size, with looks between them, some of which are adopted only after the next batch; some workers die of it."""
    matcher, store, planner = new_matcher()
    draw, turn, at = random.Random(seed), 0, 0
    while at < len(records):
        size = draw.choice([1, 1, 2, 5, 20, 80])
        seen = matcher.memory.seen(HERE)
        found = None
        if seen is not None and draw.random() < looks:
            for _ in range(draw.choice([1, 1, 1, 1, 4])):
                found = await planner.suggest(HERE, seen.stamp, turn, seen.held)
                if found:
                    break
                turn += 1
        is_late = draw.random() < 0.5
        if found and seen is not None and not is_late:
            await matcher.adopt(found, seen, turn)
        await matcher.handle_batch(records[at : at + size])
        if found and seen is not None and is_late:
            await matcher.adopt(found, seen, turn)
        if draw.random() < LOOKS_LATER:
            await matcher.look(HERE)
        if deaths and draw.random() < deaths:
            planner = OwnProcess()
            matcher = Matcher(store, planner, Inbox("test"), lambda: None)
            await matcher.resume(PARTITIONS)
            await matcher.memory.state(HERE)
        turn, at = turn + 1, at + size
    return store


async def lived_with_renewals(records: list[Record]) -> MemoryStore:
    """After each of some batches all that looking finds is adopted, a whole plan that was sought anew only after one more event."""
    matcher, store, planner = new_matcher()
    turn, at = 0, 0
    for end in (len(records) - 60, len(records) - 30, len(records) - 1):
        await matcher.handle_batch(records[at:end])
        at = end
        for _ in range(TURNS):
            seen = matcher.memory.seen(HERE)
            assert seen is not None
            found = await planner.suggest(HERE, seen.stamp, turn, seen.held)
            assert found is not None
            if found.is_renewal:
                await matcher.handle_batch(records[at : at + 1])
                at += 1
            await matcher.adopt(found, seen, turn)
            turn += 1
            if found.is_renewal:
                break
    return store


async def check_replayed(store: MemoryStore, records: list[Record]) -> None:
    """Made again along the records, everything is the same, byte for byte."""
    log: dict[Partition, list[Record]] = {partition: [] for partition in PARTITIONS}
    for record in records:
        log[record.partition].append(record)
    matcher, again, planner = new_matcher()
    await Replay(matcher, planner, HERE, log, store.aside).run([cut_of(one) for one in store.plans[HERE]])
    assert [one.version for one in again.plans[HERE]] == [one.version for one in store.plans[HERE]]
    assert [one.model_dump_json() for one in again.published] == [one.model_dump_json() for one in store.published]
    assert [one.looks_anew for one in again.plans[HERE]] == [one.looks_anew for one in store.plans[HERE]]
    assert again.facts == store.facts
    assert again.places == store.places
    assert store.signals
    assert await again.load(HERE) == await store.load(HERE), "with signals, searches and what waits"
    assert [one.planned.certificate for one in again.plans[HERE]] == [
        one.planned.certificate for one in store.plans[HERE]
    ]


def cut_of(plan: NewPlan) -> Cut:
    found = (plan.turn or 0, plan.seen_version or 0, plan.proof_steps or 0)
    return Cut(plan.version, plan.covers, plan.effort, *found, plan.is_looked_at, plan.looks_anew)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return Log().records(Story(invented_region(5, 60, 8, scarcity=1.2), 1).events(EVENTS))


async def test_a_replay_along_the_records_gives_the_same_plans_byte_for_byte(records: list[Record]) -> None:
    store = await lived(records, 1, looks=0.24)
    efforts = [one.effort for one in store.plans[HERE]]
    assert efforts.count(Effort.IMPROVE) > 5
    assert efforts.count(Effort.SIGNALS) > 5
    await check_replayed(store, records)


async def test_a_replay_over_workers_that_died_gives_the_same_plans_and_signals() -> None:
    records = Log().records(Story(invented_region(5, 60, 8, scarcity=1.2), 3).events(700))
    store = await lived(records, 4, looks=0.1, deaths=0.3)
    assert [one.looks_anew for one in store.plans[HERE]].count(True) > 5
    assert [one.looks_anew for one in store.plans[HERE]].count(False) > 5
    await check_replayed(store, records)


async def test_a_whole_plan_that_was_sought_anew_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "suggest", lambda *_: None)  # no turn makes it better
    of = invented_region(2, 80, 8, scarcity=1.4)
    records = Log().records(Story(of, 1).events(len(told.events_of(of)) + 60))
    store = await lived_with_renewals(records)
    assert Effort.RENEW in [one.effort for one in store.plans[HERE]]
    assert any(one.effort is Effort.RENEW and one.seen_version != one.version - 1 for one in store.plans[HERE])
    await check_replayed(store, records)


async def test_cut_into_other_batches_the_facts_are_the_same_and_every_plan_is_allowed() -> None:
    """Without fairness: whom it keeps waiting depends on who came first, since nobody is put out of a place for it."""
    of = invented_region(6, 150, 20, scarcity=1.05)
    of = replace(of, settings=replace(of.settings, fairness=replace(of.settings.fairness, groups=())))
    records = Log().records(Story(of, 1).events(1_500))
    states = []
    for seed in (2, 3, 4):
        store = await lived(records, seed, looks=0.0)
        states.append(await store.load(HERE))
    assert states[0].facts == states[1].facts == states[2].facts
    values = [_after_looking(state) for state in states]
    assert max(values) <= 1.01 * min(values)


def _after_looking(state: RegionState) -> int:
    """What the plan costs when nothing is left to look for; it is allowed before and after."""
    model = assemble(state.facts, state.placements(), state.had())
    assert model is not None
    reasons = tuple(place.unplaced for place in state.places.values() if place.unplaced is not None)
    plan = Plan(model.id, model.today, model.placements, reasons)
    assert [*check(model, plan), *check_reasons(model, plan)] == []
    desk = Desk()
    desk.begin(model.id, 0, Held(model))
    value, turn = 0, 0
    while (found := desk.suggest(model.id, turn)) is not None and turn < 400:
        value = desk.take(Step(model.id, turn, turn + 1, found)).certificate.value
        turn += 1
    return value
