"""Looking goes round: with more regions than planning keeps at hand each gets its turns, and none is built anew for ever."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from services.matcher.domain import limits
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.handlers.going_round import MOST_TURNS, Round
from services.matcher.ports import Base
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.planning import DirectPlanner
from tests.support.regions import student
from tests.support.running_matcher import SCHOOL, Running

REGIONS = [RegionId(f"NL-R{number}") for number in range(10, 16)]


class Noting(DirectPlanner):
    """Notes how often looking had to be told of a region."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Counter[RegionId] = Counter()

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        def asked():  # type: ignore[no-untyped-def]
            self.told[region] += 1
            return base()

        return await super().suggest(region, stamp, turn, asked)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(limits, "REGIONS_AT_HAND", 2)
    made = Running()
    made.planner = Noting()
    made.begin()
    return made


async def test_with_more_regions_than_are_kept_each_gets_its_turns_and_the_looking_rests(running: Running) -> None:
    for number, one in enumerate(REGIONS):
        of = replace(SCHOOL, id=one, sites={}, workplaces={}, supervisors={}, students={})
        await running.take(
            told.settings_event(of),
            told.day_event(of.today, region=one),
            told.student_event(student(10 * number), region=one),
        )
    memory, done = running.matcher.memory, running.matcher._done
    looking = asyncio.ensure_future(running.matcher.improve())
    try:

        def is_at_rest() -> bool:
            return all((seen := memory.seen(one)) is not None and done.get(one) == seen.stamp for one in REGIONS)

        await eventually(is_at_rest, within_s=30, what="rest")
        assert not looking.done()
    finally:
        looking.cancel()
        await asyncio.wait([looking])
    planner = running.planner
    assert isinstance(planner, Noting)
    assert set(planner.looks) == set(REGIONS)
    states = {one: len(running.store.plans[one]) for one in REGIONS}
    assert planner.told == states, (
        "each state was built once: this planner does not follow, so every version is another"
    )


def test_who_is_at_rest_makes_room_for_who_waits() -> None:
    going, a, b, c, d = Round(2), *REGIONS[:4]
    wanting = {a: 1, b: 1, c: 1, d: 1}
    assert going.of(wanting) == [a, b]
    assert going.of(wanting) == [a, b]
    del wanting[a]
    assert going.of(wanting) == [b, c]
    del wanting[b], wanting[c]
    wanting[a] = 2
    assert going.of(wanting) == [d, a]


def test_one_in_which_something_happens_all_the_time_does_not_keep_the_others_waiting() -> None:
    going, (a, b, c) = Round(1), REGIONS[:3]
    had = Counter[RegionId]()
    for stamp in range(9 * MOST_TURNS):
        (one,) = going.of({a: stamp, b: stamp, c: stamp})
        had[one] += 1
    assert had == {a: 3 * MOST_TURNS, b: 3 * MOST_TURNS, c: 3 * MOST_TURNS}


def test_one_in_which_nothing_happens_is_looked_at_to_the_end_however_long_that_takes() -> None:
    going, (a, b, _) = Round(1), REGIONS[:3]
    assert {tuple(going.of({a: 1, b: stamp})) for stamp in range(5 * MOST_TURNS)} == {(a,)}


def test_where_all_are_at_hand_nobody_makes_room() -> None:
    going, (a, b, _) = Round(2), REGIONS[:3]
    assert {tuple(going.of({a: stamp, b: stamp})) for stamp in range(5 * MOST_TURNS)} == {(a, b)}
