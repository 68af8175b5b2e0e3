"""Where events come together it is looked at later what people must know of them, once for all: nothing of it is lost, or told twice."""

import asyncio

import pytest

from services.matcher.domain.signals.table import RuleName
from services.matcher.handlers import matcher as handlers
from services.matcher.ports import Effort
from shared.contracts import signals as events
from shared.contracts.vocabulary import Contract
from tests.support.eventually import eventually
from tests.support.running_matcher import HERE, PARTITIONS, Running
from tests.unit.matcher.signals.test_looking import happening, missed

BATCH, BATCHES = 5, 12


def lived(seed: int) -> list[list[Contract]]:
    first, later = happening(seed)
    return [first, *([next(later) for _ in range(BATCH)] for _ in range(BATCHES))]


def words(running: Running) -> list[str]:
    return [one.model_dump_json() for one in running.store.published if isinstance(one, events.Signal)]


@pytest.mark.parametrize("seed", range(4))
async def test_a_look_right_after_a_batch_tells_what_a_look_with_it_would(seed: int) -> None:
    later, at_once = Running(), Running()
    for batch in lived(seed):
        await later.take(*batch)
        await later.matcher.look(HERE)
        await at_once.matcher.answer(at_once.log.records(batch), is_looked_at=True)
    assert later.state().signals == at_once.state().signals
    assert sorted(words(later)) == sorted(words(at_once))
    assert {one: place.placement for one, (_, place) in later.store.places.items()} == {
        one: place.placement for one, (_, place) in at_once.store.places.items()
    }
    await later.agrees()


@pytest.mark.parametrize("seed", range(4))
async def test_one_look_sees_what_came_in_several_batches(seed: int) -> None:
    running = Running()
    for number, batch in enumerate(lived(seed)):
        await running.take(*batch)
        if number % 3 == 2:
            await running.matcher.look(HERE)
            assert missed(running) == []
    await running.agrees()


@pytest.mark.parametrize("seed", range(4))
async def test_every_move_is_counted_once(seed: int) -> None:
    seldom, often = Running(), Running()
    for batch in lived(seed):
        await seldom.take(*batch)
        await often.matcher.answer(often.log.records(batch), is_looked_at=True)
    await seldom.matcher.look(HERE)
    moves = [
        {name: one.memo for name, one in each.state().signals.items() if one.rule is RuleName.SECOND_MOVE and one.memo}
        for each in (seldom, often)
    ]
    assert moves[0] == moves[1] != {}


@pytest.mark.parametrize("seed", range(4))
async def test_a_worker_that_dies_in_between_looks_at_everybody(seed: int) -> None:
    running = Running()
    for number, batch in enumerate(lived(seed)):
        await running.take(*batch)
        if number % 4 == 3:
            await running.restart()
            await running.matcher.memory.state(HERE)
            assert running.state().unlooked is not None
            await running.matcher.look(HERE)
            assert missed(running) == []
    await running.agrees()


async def test_the_plan_comes_first_and_its_signals_in_a_version_of_their_own() -> None:
    running = Running()
    await running.take(*lived(1)[0])
    (plan,) = running.store.plans[HERE]
    assert not plan.is_looked_at
    assert not words(running)
    await running.matcher.look(HERE)
    await running.matcher.look(HERE)
    _, looked = running.store.plans[HERE]
    assert (looked.version, looked.effort, looked.covers) == (2, Effort.SIGNALS, plan.covers)
    assert looked.planned.without_place == plan.planned.without_place
    assert not looked.changes
    assert words(running)
    await running.agrees()


async def test_nobody_has_to_ask_for_the_later_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "LATER_S", 0.01)
    running = Running()
    looking = asyncio.ensure_future(running.matcher.look_later())
    await running.take(*lived(1)[0])
    await eventually(lambda: bool(words(running)))
    looking.cancel()


async def test_a_region_that_nobody_has_looked_at_is_when_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "LATER_S", 0.01)
    running = Running()
    await running.take(*lived(1)[0])
    await running.restart()
    looking = asyncio.ensure_future(running.matcher.look_later())
    preparing = asyncio.ensure_future(running.matcher.prepare(lambda _region: PARTITIONS[0].number))
    await eventually(lambda: bool(words(running)))
    for task in (looking, preparing):
        task.cancel()


async def test_while_events_come_together_even_one_alone_is_looked_at_later(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running()
    crowd, few = lived(1)[0], lived(1)[1]
    await running.matcher.handle_batch(running.log.records(crowd))
    await running.matcher.handle_batch(running.log.records(few[:1]))
    monkeypatch.setattr(handlers, "QUIET_S", 0.0)
    await running.matcher.handle_batch(running.log.records(few[1:2]))
    assert [plan.is_looked_at for plan in running.store.plans[HERE]] == [False, False, True]
