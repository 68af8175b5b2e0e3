"""Regions, their periods, and the day they are on."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.capacity import handlers
from services.capacity.entrypoints.tick import seconds_to_midnight
from shared.contracts.region import DayStarted, RegionChanged
from shared.dutch import dutch_day
from shared.errors import Conflict, DomainError, NotFound, VersionChanged
from tests.support.capacity import AUTUMN, SPRING, region_terms, supervisor, workplace
from tests.support.capacity_memory import MemoryStore


def any_version(_sequence: int) -> None:
    """No If-Match."""


async def test_a_new_region_is_published_whole(empty: MemoryStore) -> None:
    _, is_new = await handlers.put_region(empty, "NL-T01", region_terms(institutes=("01VU",)), any_version)
    assert is_new
    [event] = empty.published
    assert isinstance(event, RegionChanged)
    assert (event.region, event.sequence, event.institutes, event.periods) == ("NL-T01", 1, ("01VU",), (AUTUMN, SPRING))


async def test_the_same_terms_again_publish_nothing(store: MemoryStore) -> None:
    held, is_new = await handlers.put_region(store, "NL-T01", region_terms(), any_version)
    assert (held.sequence, is_new) == (1, False)
    assert not store.published


async def test_every_change_of_a_region_has_the_next_sequence(store: MemoryStore) -> None:
    for name in ("Een", "Twee"):
        await handlers.put_region(store, "NL-T01", region_terms(name=name), any_version)
    assert [event.sequence for event in store.published if isinstance(event, RegionChanged)] == [2, 3]


async def test_the_version_that_a_change_was_based_on_is_checked(store: MemoryStore) -> None:
    seen: list[int] = []

    def stale(sequence: int) -> None:
        seen.append(sequence)
        raise VersionChanged("versie-gewijzigd", "")

    for region in ("NL-T01", "NL-NEW"):
        with pytest.raises(VersionChanged):
            await handlers.put_region(store, region, region_terms(name="Anders"), stale)
    assert seen == [1, 0]
    assert not store.published


async def test_a_period_named_twice_is_refused(empty: MemoryStore) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.put_region(empty, "NL-T01", region_terms(periods=(AUTUMN, AUTUMN)), any_version)
    assert refused.value.pointer == "/periods/1"


async def test_a_period_that_is_used_cannot_be_taken_away_and_an_unused_one_can(store: MemoryStore) -> None:
    await handlers.put_region(store, "NL-T01", region_terms(periods=(AUTUMN,)), any_version)
    await handlers.register_supervisor(store, "NL-T01", supervisor(), None)
    with pytest.raises(DomainError) as refused:
        await handlers.put_region(store, "NL-T01", region_terms(periods=(SPRING,)), any_version)
    assert refused.value.code == "periode-in-gebruik"


async def test_a_period_with_seats_cannot_be_taken_away(store: MemoryStore) -> None:
    await handlers.offer_workplace(store, workplace(seats={"2026-S1": 0, "2026-S2": 1}))
    await handlers.put_region(store, "NL-T01", region_terms(periods=(SPRING,)), any_version)
    with pytest.raises(DomainError):
        await handlers.put_region(store, "NL-T01", region_terms(periods=(AUTUMN,)), any_version)


async def test_a_day_starts_once_and_never_goes_back(store: MemoryStore) -> None:
    for day in (date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 4)):
        await handlers.start_day(store, "NL-T01", day)
    with pytest.raises(Conflict):
        await handlers.start_day(store, "NL-T01", date(2026, 9, 3))
    days = [(event.day, event.sequence) for event in store.published if isinstance(event, DayStarted)]
    assert days == [(date(2026, 9, 1), 1), (date(2026, 9, 4), 2)]


async def test_a_day_does_not_touch_the_version_of_the_terms(store: MemoryStore) -> None:
    held = await handlers.start_day(store, "NL-T01", date(2026, 9, 1))
    assert held.sequence == 1
    changed, _ = await handlers.put_region(store, "NL-T01", region_terms(name="Anders"), any_version)
    assert (changed.sequence, changed.day, changed.day_sequence) == (2, date(2026, 9, 1), 1)


async def test_a_day_of_an_unknown_region_is_not_found(empty: MemoryStore) -> None:
    with pytest.raises(NotFound):
        await handlers.start_day(empty, "NL-T01", date(2026, 9, 1))


@pytest.mark.parametrize(
    ("moment", "hours_left"),
    [
        ("2026-03-29T00:00", 23),  # the clock goes forward
        ("2026-10-25T00:00", 25),  # the clock goes back
        ("2026-11-24T23:30", 0.5),
    ],
)
def test_midnight_is_reached_after_the_hours_that_really_pass(moment: str, hours_left: float) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Amsterdam"))
    left = seconds_to_midnight(now)
    assert left == hours_left * 3600
    after = datetime.fromtimestamp(now.timestamp() + left, ZoneInfo("UTC"))
    assert dutch_day(after) == dutch_day(now) + timedelta(days=1)
