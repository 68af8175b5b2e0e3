"""Bad events on the matcher with its real store and planner: none stalls it, none is lost silently, and every plan is allowed."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlmodel import select

from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import MIGRATIONS
from services.matcher.domain.assembling import assemble
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.ids import RegionId
from services.matcher.domain.places import PlaceStatus
from services.matcher.domain.plan import Plan
from services.matcher.domain.waiting import TOLD_AFTER_DAYS, Missing
from services.matcher.handlers.matcher import Matcher
from services.matcher.ports import RegionState
from shared.contracts.catalogue import EVENT_TYPES, REGION_SETTINGS, STUDENT_REGISTRATIONS
from shared.contracts.vocabulary import Contract
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Record
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import OutboxRow
from tests.support import matcher as told
from tests.support.matcher import Log
from tests.support.regions import TODAY, placement, region, site, student, supervisor, workplace
from tests.support.running_matcher import PARTITIONS

HERE = RegionId(told.REGION)
PEOPLE: list[Any] = [supervisor("v1"), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(), *PEOPLE, student(1), student(2)])
READ = {one.name: one for one in EVENT_TYPES.values() if one.topic in told.TOPICS}


class Live:
    """A matcher on SQLite, with the log that it reads."""

    def __init__(self, database: Database) -> None:
        self.database, self.log = database, Log()
        self.store = SqlStore(database, Outbox("urn:test"), Inbox("test"))
        self.planner = Counting()
        self.matcher = Matcher(self.store, self.planner, Inbox("test"), lambda: None)

    async def take(self, *events: Contract) -> None:
        await self.handle(self.log.records(events))

    async def raw(self, type_name: str, key: str, data: object) -> None:
        """An event with any data that is JSON."""
        await self.handle([self.raw_record(type_name, key, data)])

    def raw_record(self, type_name: str, key: str, data: object) -> Record:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": "1",
            "ce_source": "urn:test",
            "ce_type": type_name,
            "ce_time": "2026-06-01T08:00:00Z",
            "ce_subject": key,
        }
        known = {name: text.encode() for name, text in headers.items()}
        topic = READ[type_name].topic if type_name in READ else STUDENT_REGISTRATIONS
        return self.log.raw(topic, key.encode(), json.dumps(data).encode(), known)

    async def handle(self, records: Sequence[Record]) -> None:
        await self.matcher.handle_batch(records)
        await self.agrees(records)

    async def agrees(self, records: Sequence[Record]) -> None:
        """All was read, and each plan is allowed, in memory and in the database."""
        ends = {record.partition: record.offset + 1 for record in records}
        assert {one: at for one, at in (await self.store.next_offsets(PARTITIONS)).items() if one in ends} == ends
        state = await self.state()
        model = assemble(state.facts, state.placements())
        if model is None or state.certificate is None:
            return
        reasons = tuple(place.unplaced for place in state.places.values() if place.unplaced is not None)
        plan = Plan(model.id, model.today, model.placements, reasons, state.certificate)
        assert [*check(model, plan), *check_reasons(model, plan)] == []
        assert dict(state.certificate.parts) == cost_parts(model, plan)

    async def state(self) -> RegionState:
        return await self.store.load(HERE)

    async def status(self, student_id: str) -> PlaceStatus:
        return {str(one): place for one, place in (await self.state()).places.items()}[student_id].status

    async def parked(self) -> list[str]:
        async with self.database.reading() as tx:
            rows = (await tx.exec(select(OutboxRow))).all()
        return [row.headers["leerplek_reason"] for row in rows if row.topic.endswith(".parked")]


class Counting(OwnProcess):
    """Plans in this process, and counts."""

    plans = 0

    async def plan(self, step: Any, base: Any) -> Any:
        self.plans += 1
        return await super().plan(step, base)


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'matcher.db'}")
    await upgrade(database, MIGRATIONS)
    yield Live(database)
    await database.close()


async def test_what_names_something_unknown_waits_is_told_after_days_and_counts_once_it_is_known(live: Live) -> None:
    elsewhere = workplace(2, at=2)
    waits = student(3, only_sites=["01AA02"], together=["s9"])
    nobody = replace(placement(8), student="s8")  # type: ignore[arg-type]
    await live.take(*told.events_of(SCHOOL))
    await live.take(told.workplace_event(elsewhere), told.student_event(waits), told.accepted(nobody))
    assert await live.status("s3") is PlaceStatus.UNPLACED
    for days in range(1, TOLD_AFTER_DAYS + 2):
        await live.take(told.day_event(TODAY + timedelta(days=days), 1 + days))
    waiting = (await live.state()).waiting
    assert set(waiting) == {
        Missing("workplace/w2", "site/01AA02"),
        Missing("student/s3", "site/01AA02"),
        Missing("student/s3", "student/s9"),
        Missing("school-decision/s8", "student/s8"),
    }
    assert all(one.told for one in waiting.values())

    people = [replace(one, sites=("01AA01", "01AA02")) for one in PEOPLE]
    await live.take(told.site_event(site(2)), *(told.supervisor_event(one, 2) for one in people))
    await live.take(told.student_event(replace(waits, together=()), 2))
    assert await live.status("s3") is PlaceStatus.PLACED
    await live.take(told.day_event(TODAY + timedelta(days=9), 20))
    assert {one.subject for one in (await live.state()).waiting} == {"school-decision/s8"}


async def test_an_absence_that_ends_before_it_starts_is_parked_with_the_reason(live: Live) -> None:
    await live.take(*told.events_of(SCHOOL))
    before = await live.state()
    good = told.supervisor_event(PEOPLE[0], 2).model_dump(mode="json")
    good["supervisor"]["absences"] = [{"start": "2026-09-01", "end": "2026-08-01"}]
    await live.raw("nl.leerplek.supervisor.absence-reported.v1", "supervisor/v1", good)
    (reason,) = await live.parked()
    assert "an absence ends on or after the day it starts" in reason
    assert (await live.state()).facts == before.facts


@pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date(2100, 1, 1), date.max])
async def test_days_far_in_the_past_or_the_future_are_taken_as_they_are(live: Live, day: date) -> None:
    await live.take(*told.events_of(SCHOOL))
    for sequence, absences in enumerate(
        [[{"start": day}], [{"start": date.min, "end": day}], [{"start": day, "end": day}]]
    ):
        away = told.supervisor_event(PEOPLE[0], 2 + sequence).model_dump(mode="json")
        away["supervisor"]["absences"] = json.loads(json.dumps(absences, default=str))
        away["supervisor"]["departs"] = day.isoformat()
        await live.raw("nl.leerplek.supervisor.absence-reported.v1", "supervisor/v1", away)
        assert await live.parked() == []
        await live.take(told.withdrawal("s2", 2 * sequence + 2), told.student_event(student(2), 2 * sequence + 3))
    expected = PlaceStatus.PLACED if day > date(2030, 1, 1) else PlaceStatus.UNPLACED
    assert await live.status("s1") is expected


async def test_a_day_far_ahead_is_parked_and_the_next_days_are_heard(live: Live) -> None:
    await live.take(*told.events_of(SCHOOL))
    await live.take(told.day_event("2100-12-31", 2))
    assert len(await live.parked()) == 1
    await live.take(told.day_event("2001-01-01", 3), told.day_event(TODAY + timedelta(days=1), 4))
    assert (await live.state()).facts.today == TODAY + timedelta(days=1)
    assert len(await live.parked()) == 1


async def test_a_region_without_settings_is_kept_and_planned_when_they_come(live: Live) -> None:
    events = [one for one in told.events_of(SCHOOL) if told.topic_of(one) != REGION_SETTINGS]
    await live.take(*events)
    await live.take(told.day_event(TODAY))
    assert (await live.state()).version == 0
    assert set((await live.state()).waiting) == {Missing(f"region/{HERE}", "settings")}
    await live.take(told.settings_event(SCHOOL))
    assert await live.status("s1") is await live.status("s2") is PlaceStatus.PLACED


async def test_a_site_with_5000_workplaces_is_planned_with(live: Live) -> None:
    await live.take(*told.events_of(SCHOOL))
    await live.take(*(told.workplace_event(workplace(number)) for number in range(10, 5_010)))
    await live.take(told.student_event(student(3)), told.withdrawal("s1"))
    assert await live.status("s3") is PlaceStatus.PLACED


async def test_a_student_with_500_wishes_and_period_sets_is_placed(live: Live) -> None:
    many = tuple(f"{10 + number // 100:02}BB{number % 100:02}" for number in range(500))
    sets = (("2026-S1",), *((f"P{number}",) for number in range(500)))
    friends = tuple(f"x{number}" for number in range(500))
    greedy = replace(student(3), wishes=many, not_sites=many, period_sets=sets, apart=friends)  # type: ignore[arg-type]
    await live.take(*told.events_of(SCHOOL), told.withdrawal("s2"))
    await live.take(told.student_event(greedy))
    assert await live.status("s3") is PlaceStatus.PLACED
    await live.take(told.day_event(TODAY + timedelta(days=1), 2))


async def test_of_a_flood_of_changes_of_one_student_the_newest_wins_in_one_plan(live: Live) -> None:
    await live.take(*told.events_of(SCHOOL))
    plans = live.planner.plans
    changes = [
        told.student_event(replace(student(1), lat=52.1 + (number % 100) / 10_000), 2 + number)
        for number in range(10_000)
    ]
    await live.take(*changes)
    assert live.planner.plans == plans + 1
    assert (await live.state()).facts.students["s1"].lat == changes[-1].student.lat  # type: ignore[index]


TEXTS = st.one_of(
    st.sampled_from(
        [
            "s1",
            "s2",
            "v1",
            "w1",
            "01AA01",
            "01VU",
            "2026-S1",
            "wpb",
            "wiskunde",
            told.REGION,
            "2026-06-01",
            "voltijd",
            "vo",
            "*",
        ]
    ),
    st.text(max_size=8),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(), TEXTS, st.dates().map(str))
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)


def good_events() -> dict[str, Contract]:
    """A good event of each type, to be spoilt."""
    somebody = placement(1)
    made = [
        *told.events_of(SCHOOL),
        told.withdrawal("s2"),
        *(one(somebody) for one in (told.accepted, told.refused, told.confirmed, told.declined, told.switch)),
    ]
    return {type_name: one for one in made for type_name, held in READ.items() if held.model is type(one)}


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """A good document in which something anywhere is anything, is gone or is repeated."""
    if isinstance(document, dict) and document and draw(st.integers(0, 5)):
        name = draw(st.sampled_from(sorted(document)))
        match draw(st.integers(0, 6)):
            case 0:
                return {key: one for key, one in document.items() if key != name}
            case 1:
                return {**document, draw(TEXTS): draw(JSON)}
            case _:
                return {**document, name: draw(spoilt(document[name]))}
    if isinstance(document, list) and document and draw(st.booleans()):
        return [*document, draw(spoilt(document[0]))]
    return draw(JSON)


@given(data=st.data())
@effort(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_any_json_in_any_event_type_is_applied_or_parked(live: Live, data: st.DataObject) -> None:
    """The matcher goes on from example to example: what one leaves behind is there in the next."""
    goods = good_events()
    if not (await live.state()).facts.sequences:
        await live.take(*told.events_of(SCHOOL))
    type_name = data.draw(st.sampled_from(sorted(READ)))
    good = goods.get(type_name, goods["nl.leerplek.supervisor.registered.v1"])
    document = data.draw(spoilt(json.loads(good.model_dump_json())))
    if isinstance(document, dict) and "sequence" in document:
        document = {**document, "sequence": data.draw(st.one_of(st.integers(1, 10**6), st.just(document["sequence"])))}
    key = data.draw(st.sampled_from([told.key_of(good).decode(), "student/s1", "supervisor/v1", "x"]))
    parked = len(await live.parked())
    await live.raw(type_name, key, document)
    assert len(await live.parked()) in (parked, parked + 1)
