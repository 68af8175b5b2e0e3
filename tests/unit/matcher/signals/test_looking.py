"""A look at whom the news concerns sees what a look at everybody sees, in whatever order and however often things are told."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import SupervisorId
from services.matcher.domain.plan import WpbShare
from services.matcher.domain.region import Absence, Region
from services.matcher.domain.signals.looking import look
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from shared.contracts import signals as events
from shared.contracts.vocabulary import Contract
from tests.support import matcher as told
from tests.support.planning import DirectPlanner
from tests.support.regions import invented_region, region, site, student, supervisor, workplace
from tests.support.running_matcher import HERE, SCHOOL, Running
from tests.support.signals import SOON

KINDS = ["student", "withdraw", "away", "departs", "hours", "seats", "mismatch", "solved", "day"]


class Happening:
    """What happens to a small region shortly before and in its first period, one thing after another."""

    def __init__(self, of: Region, seed: int) -> None:
        self.draw, self.of, self.day = random.Random(seed), of, of.today
        self._sequences: dict[str, int] = {}

    def _next(self, of: str) -> int:
        self._sequences[of] = self._sequences.get(of, 1) + 1
        return self._sequences[of]

    def one(self) -> Contract:
        """One more event."""
        return getattr(self, f"_{self.draw.choices(KINDS, [20, 6, 25, 5, 15, 8, 8, 5, 8])[0]}")()  # type: ignore[no-any-return]

    def _any(self, of: Any) -> Any:
        return of[self.draw.choice(sorted(of))]

    def _student(self) -> Contract:
        one = self._any(self.of.students)
        return told.student_event(
            replace(one, lat=one.lat + self.draw.uniform(-0.5, 0.5), max_travel_min=200), self._next(one.id)
        )

    def _withdraw(self) -> Contract:
        one = self._any(self.of.students)
        return told.withdrawal(one.id, self._next(one.id))

    def _away(self) -> Contract:
        one, start = self._any(self.of.supervisors), self.day + timedelta(self.draw.randint(-3, 10))
        end = None if self.draw.random() < 0.2 else start + timedelta(self.draw.randint(0, 13))
        absences = () if self.draw.random() < 0.4 else (Absence(start, end),)
        return told.supervisor_event(replace(one, absences=absences), self._next(one.id))

    def _departs(self) -> Contract:
        one = self._any(self.of.supervisors)
        return told.supervisor_event(
            replace(one, departs=self.day + timedelta(self.draw.randint(-5, 150))), self._next(one.id)
        )

    def _hours(self) -> Contract:
        one = self._any(self.of.supervisors)
        hours = {period: int(qh * self.draw.uniform(0.5, 1.5)) for period, qh in one.qh.items()}
        return told.supervisor_event(replace(one, qh=hours), self._next(one.id))

    def _seats(self) -> Contract:
        one = self._any(self.of.workplaces)
        seats = {period: max(0, held + self.draw.choice([-1, 1])) for period, held in one.seats.items()}
        return told.workplace_event(replace(one, seats=seats), self._next(one.id))

    def _mismatch(self) -> Contract:
        one, kind = self._any(self.of.students), self.draw.choice(["travel", "days", "subject"])
        on = self.day - timedelta(self.draw.randint(0, 30))
        return told.mismatch(one.id, f"m-{one.id}", self._next(f"m-{one.id}"), on, kind)

    def _solved(self) -> Contract:
        one = self._any(self.of.students)
        return told.no_mismatch(one.id, f"m-{one.id}", self._next(f"m-{one.id}"))

    def _day(self) -> Contract:
        self.day += timedelta(self.draw.choice([1, 1, 1, 9]))
        return told.day_event(self.day, self._next("day"))


def happening(seed: int) -> tuple[list[Contract], Iterator[Contract]]:
    """A small region as it is told first, and what then happens without end."""
    of = replace(invented_region(seed, 24, 5, scarcity=1.2), today=SOON)
    story = Happening(of, seed)
    return told.events_of(of), iter(story.one, None)


def missed(running: Running) -> list[events.Signal]:
    """What a look at everybody would tell that was not told."""
    state = running.state()
    news = News(Touched(everything=True))
    found = look(state.signals, Scene(state.facts, state.places, state.switches), news)
    return [one.event for one in found if isinstance(one.event, events.Signal)]


@pytest.mark.parametrize("seed", range(3))
async def test_after_every_event_a_look_at_everybody_tells_nothing_more(seed: int) -> None:
    running, (first, later) = Running(), happening(seed)
    await running.take(*first)
    for _ in range(70):
        await running.take(next(later))
        assert missed(running) == []
    rules = {one.rule for one in running.state().signals.values()}
    assert len(rules) > 8
    await running.agrees()


@settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(st.integers(0, 50), st.randoms(use_true_random=False))
async def test_in_whatever_order_and_however_often_each_signal_is_raised_before_it_is_cleared(
    seed: int, draw: random.Random
) -> None:
    running, (first, later) = Running(), happening(seed)
    told_later = [next(later) for _ in range(40)]
    everything = [*told_later, *draw.sample(told_later, 20)]
    draw.shuffle(everything)
    draw.shuffle(first)
    records = running.log.records([*first, *everything])
    while records:
        size = draw.randint(1, 12)
        await running.matcher.answer(records[:size], is_looked_at=draw.random() < 0.5)
        records = records[size:]
        if draw.random() < 0.3:
            await running.matcher.look(HERE)
        if draw.random() < 0.2:
            await running.restart()
    kept = await running.store.load(HERE)
    assert told.known_from(running.store.published) == told.known_of(kept.places)
    await running.matcher.look(HERE)
    assert signals_of(running)


async def test_a_worker_that_begins_anew_goes_on_with_the_same_signals() -> None:
    (first, later), stores = happening(7), []
    told_later = [next(later) for _ in range(50)]
    for restarts in (False, True):
        running = Running()
        for event in [first, *([one] for one in told_later)]:
            await running.take(*event)
            if restarts:
                await running.restart()
        stores.append(running.store)
    assert stores[0].signals == stores[1].signals
    assert [one.model_dump_json() for one in stores[0].published] == [
        one.model_dump_json() for one in stores[1].published
    ]


def signals_of(running: Running) -> list[tuple[str, str]]:
    """The signals that were told, lost places left out."""
    found = [one for one in running.store.published if isinstance(one, events.Signal)]
    return [(one.signal, one.status.value) for one in found if not isinstance(one, events.PlacementLost)]


async def test_signals_are_told_in_the_commit_of_the_plan_that_they_are_about() -> None:
    running = Running()
    for event in told.events_of(replace(SCHOOL, today=date(2026, 8, 20))):
        await running.take(event)
    plans = [plan for commit in running.store.commits for plan in commit.plans]
    assert all(plan.is_looked_at for plan in plans)
    told_then = [one.event for plan in plans for one in plan.signals if one.event is not None]
    assert [one for one in running.store.published if isinstance(one, events.Signal)] == told_then
    assert any(name.startswith("risk-unplaced") for name, _ in signals_of(running))


async def test_a_reported_mismatch_is_told_and_over_when_it_is_withdrawn() -> None:
    running = Running()
    await running.take(*told.events_of(replace(SCHOOL, today=date(2026, 6, 1))))
    placed = next(name for name, place in running.state().places.items() if place.placement is not None)
    await running.take(told.mismatch(placed))
    assert signals_of(running) == [("mismatch-reported-m-1", "raised")]
    await running.take(told.no_mismatch(placed))
    assert signals_of(running)[1:] == [("mismatch-reported-m-1", "cleared")]
    assert running.state().facts.mismatches == {}
    await running.agrees()


async def test_a_lost_place_is_told_with_its_figures_what_would_help_and_when_it_matters_more() -> None:
    """The only teacher departs; a retired one is there, whom the region does not let guide."""
    retired = supervisor("v2", kind="retired")
    things = [
        one
        for group in (SCHOOL.sites, SCHOOL.workplaces, SCHOOL.supervisors, SCHOOL.students)
        for one in group.values()
    ]
    running = Running()
    await running.take(*told.events_of(replace(region([*things, retired]), today=date(2026, 8, 10))))
    teacher = SCHOOL.supervisors[SupervisorId("v1")]
    await running.take(told.supervisor_event(replace(teacher, departs=date(2026, 8, 11)), 2))
    lost = [one for one in running.store.published if isinstance(one, events.PlacementLost)]
    assert [one.status.value for one in lost] == ["raised", "raised"]
    assert {one.levers for one in lost} == {("extra",)}
    assert {one.next_date for one in lost} == {date(2026, 8, 17)}
    assert {one.figures["days-left"] for one in lost} == {21}
    assert {one.cause.value for one in lost} == {"guidance-ended"}
    await running.agrees()


async def test_an_improvement_tells_what_it_changes() -> None:
    """The only teacher of the first site leaves; the second site, where a place is found, is farther than ninety minutes."""
    far = site(2, lat=53.2)
    people: list[Any] = [supervisor(one, at) for at in (1, 2) for one in (f"v{at}", f"t{at}", f"i{at}")]
    learner = student(1, max_travel_min=300)
    of = region([site(), far, workplace(), workplace(2, 2), *people, learner])
    running = Running()
    running.planner = DirectPlanner()
    running.begin()
    await running.take(*told.events_of(replace(of, today=date(2026, 8, 20))))
    assert ("risk-long-travel-s1", "raised") not in signals_of(running)
    await running.take(told.supervisor_event(replace(people[0], departs=date(2026, 8, 21)), 2))
    placement = running.state().places[learner.id].placement
    assert placement is not None
    assert placement.wpb == (WpbShare(people[3].id, 6),)
    assert ("risk-long-travel-s1", "raised") in signals_of(running)
