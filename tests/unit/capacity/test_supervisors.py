"""Supervisors: what they offer, absence, return, departure, erasure."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.capacity import handlers
from services.capacity.domain import supervisors as domain
from services.capacity.domain.supervisors import SupervisorRecord
from shared.contracts.availability import (
    Absence,
    SupervisorAbsenceReported,
    SupervisorDeparted,
    SupervisorEvent,
    SupervisorHoursChanged,
    SupervisorRegistered,
    SupervisorReturned,
)
from shared.errors import Conflict, DomainError, NotFound
from tests.support.capacity import TODAY, region_terms, site, supervisor
from tests.support.capacity_memory import MemoryStore


def any_version(_sequence: int) -> None:
    """No If-Match."""


def on(month: int, day: int) -> date:
    return date(2026, month, day)


@pytest.fixture
async def registered(store: MemoryStore) -> MemoryStore:
    """The store with supervisor v1."""
    await handlers.register_supervisor(store, "NL-T01", supervisor(), "Fatima el Amrani")
    store.published.clear()
    return store


async def absent(store: MemoryStore, start: date, end: date | None = None) -> tuple[Absence, ...]:
    record = await handlers.report_absence(store, "v1", Absence(start=start, end=end), TODAY, any_version)
    return record.supervisor.absences


async def test_who_is_registered_is_published_without_their_name(store: MemoryStore) -> None:
    await handlers.register_supervisor(store, "NL-T01", supervisor(), "Fatima el Amrani")
    [event] = store.published
    assert isinstance(event, SupervisorRegistered)
    assert event.supervisor == supervisor()
    assert "Fatima" not in event.model_dump_json()
    assert await store.names(["v1"]) == {"v1": "Fatima el Amrani"}


@pytest.mark.parametrize(
    ("profile", "pointer"),
    [
        ({"sites": ("01AB00", "09ZZ00")}, "/sites/1"),
        ({"sites": ("02CD00",)}, "/sites/0"),
        ({"qh": {"2026-S1": 4, "1999-S1": 4}}, "/qh/1999-S1"),
    ],
)
async def test_sites_and_periods_of_a_supervisor_are_those_of_one_region(
    store: MemoryStore, profile: dict[str, Any], pointer: str
) -> None:
    await handlers.put_region(store, "NL-T02", region_terms(), any_version)
    await handlers.put_site(store, site("02CD00", "NL-T02"), any_version)
    with pytest.raises(DomainError) as refused:
        await handlers.register_supervisor(store, "NL-T01", supervisor(**profile), None)
    assert refused.value.pointer == pointer
    assert "v1" not in store.held_supervisors


async def test_a_trainer_may_serve_every_site(store: MemoryStore) -> None:
    record = await handlers.register_supervisor(store, "NL-T01", supervisor(sites=("*",)), None)
    assert record.supervisor.sites == ("*",)


async def test_a_supervisor_in_an_unknown_region_is_refused(store: MemoryStore) -> None:
    with pytest.raises(DomainError) as refused:
        await handlers.register_supervisor(store, "NL-X99", supervisor(), None)
    assert refused.value.pointer == "/region"


async def test_changed_hours_keep_the_absences(registered: MemoryStore) -> None:
    await absent(registered, on(11, 24))
    record = await handlers.change_supervisor(registered, "v1", supervisor(qh={"2026-S1": 8}), TODAY, any_version)
    assert record.supervisor.qh == {"2026-S1": 8}
    assert record.supervisor.absences == (Absence(start=on(11, 24)),)
    assert isinstance(registered.published[-1], SupervisorHoursChanged)


async def test_the_same_hours_publish_nothing(registered: MemoryStore) -> None:
    await handlers.change_supervisor(registered, "v1", supervisor(), TODAY, any_version)
    assert not registered.published


async def test_an_absence_is_published_with_dates_only(registered: MemoryStore) -> None:
    await absent(registered, on(11, 24), on(12, 4))
    [event] = registered.published
    assert isinstance(event, SupervisorAbsenceReported)
    assert event.model_dump(mode="json")["supervisor"]["absences"] == [{"start": "2026-11-24", "end": "2026-12-04"}]


async def test_the_same_absence_twice_is_published_once(registered: MemoryStore) -> None:
    await absent(registered, on(11, 24))
    await absent(registered, on(11, 24))
    assert len(registered.published) == 1


async def test_the_same_start_corrects_the_expected_end(registered: MemoryStore) -> None:
    await absent(registered, on(11, 24))
    assert await absent(registered, on(11, 24), on(12, 4)) == (Absence(start=on(11, 24), end=on(12, 4)),)
    assert await absent(registered, on(11, 24)) == (Absence(start=on(11, 24)),)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (on(11, 30), None),
        (on(11, 20), None),
        (on(11, 20), on(11, 24)),
        (on(12, 4), on(12, 10)),
        (on(11, 25), on(11, 26)),
    ],
)
async def test_another_overlap_is_refused_and_nothing_changes(
    registered: MemoryStore, start: date, end: date | None
) -> None:
    await absent(registered, on(11, 24), on(12, 4))
    with pytest.raises(Conflict) as refused:
        await absent(registered, start, end)
    assert (refused.value.code, refused.value.pointer) == ("afwezigheid-overlapt", "/start")
    assert "24-11-2026" in refused.value.detail
    assert len(registered.published) == 1


async def test_a_correction_may_not_run_into_the_next_absence(registered: MemoryStore) -> None:
    await absent(registered, on(11, 24), on(11, 30))
    await absent(registered, on(12, 7), on(12, 11))
    with pytest.raises(Conflict):
        await absent(registered, on(11, 24))


async def test_absences_next_to_each_other_are_kept_apart_and_in_order(registered: MemoryStore) -> None:
    await absent(registered, on(12, 1), on(12, 4))
    assert [each.start for each in await absent(registered, on(11, 24), on(11, 30))] == [on(11, 24), on(12, 1)]


async def test_a_return_ends_an_open_absence_the_day_before(registered: MemoryStore) -> None:
    await absent(registered, on(11, 16))
    record = await handlers.report_return(registered, "v1", on(11, 24), TODAY, any_version)
    assert record.supervisor.absences == (Absence(start=on(11, 16), end=on(11, 23)),)
    assert isinstance(registered.published[-1], SupervisorReturned)


async def test_a_return_before_the_expected_end_shortens_the_absence(registered: MemoryStore) -> None:
    await absent(registered, on(11, 16), on(12, 31))
    record = await handlers.report_return(registered, "v1", on(11, 24), TODAY, any_version)
    assert record.supervisor.absences == (Absence(start=on(11, 16), end=on(11, 23)),)


async def test_a_return_on_the_first_day_takes_the_absence_away(registered: MemoryStore) -> None:
    await absent(registered, on(12, 1))
    record = await handlers.report_return(registered, "v1", on(12, 1), TODAY, any_version)
    assert record.supervisor.absences == ()


async def test_the_same_return_twice_is_published_once(registered: MemoryStore) -> None:
    await absent(registered, on(11, 16))
    for _ in range(2):
        await handlers.report_return(registered, "v1", on(11, 24), TODAY, any_version)
    assert [type(event) for event in registered.published] == [SupervisorAbsenceReported, SupervisorReturned]


async def test_who_is_not_away_cannot_return(registered: MemoryStore) -> None:
    await absent(registered, on(12, 1))
    with pytest.raises(Conflict) as refused:
        await handlers.report_return(registered, "v1", on(11, 24), TODAY, any_version)
    assert refused.value.code == "niet-afwezig"


async def test_a_departure_is_corrected_by_a_later_report(registered: MemoryStore) -> None:
    for day in (on(12, 1), on(12, 1), on(12, 31)):
        record = await handlers.report_departure(registered, "v1", day, TODAY, any_version)
    assert record.supervisor.departs == on(12, 31)
    assert [type(event) for event in registered.published] == [SupervisorDeparted] * 2


async def test_who_was_to_leave_or_has_left_by_mistake_stays_after_all(registered: MemoryStore) -> None:
    for day in (on(11, 20), on(12, 31)):
        await handlers.report_departure(registered, "v1", day, TODAY, any_version)
        for _ in range(2):
            record = await handlers.report_departure(registered, "v1", None, TODAY, any_version)
        assert record.supervisor.departs is None
    assert [type(event) for event in registered.published] == [SupervisorDeparted, SupervisorReturned] * 2


async def test_who_was_erased_does_not_come_back(registered: MemoryStore) -> None:
    await handlers.erase_supervisor(registered, "v1", TODAY)
    with pytest.raises(Conflict) as refused:
        await handlers.report_departure(registered, "v1", None, TODAY, any_version)
    assert refused.value.code == "naam-verwijderd"


async def test_who_has_left_reports_no_absence_and_no_hours(registered: MemoryStore) -> None:
    await handlers.report_departure(registered, "v1", on(11, 20), TODAY, any_version)
    with pytest.raises(Conflict):
        await absent(registered, on(11, 24))
    with pytest.raises(Conflict):
        await handlers.change_supervisor(registered, "v1", supervisor(qh={}), TODAY, any_version)


async def test_who_leaves_later_may_still_be_away_before(registered: MemoryStore) -> None:
    await handlers.report_departure(registered, "v1", on(12, 31), TODAY, any_version)
    assert await absent(registered, on(11, 24), on(11, 27))


@pytest.mark.parametrize("year", [26, 2006, 2062])
async def test_a_year_that_was_mistyped_is_refused(registered: MemoryStore, year: int) -> None:
    with pytest.raises(DomainError) as refused:
        await absent(registered, date(year, 11, 24))
    assert refused.value.code == "onwaarschijnlijke-datum"


async def test_whoever_is_unknown_is_not_found(store: MemoryStore) -> None:
    with pytest.raises(NotFound):
        await absent(store, on(11, 24))


async def test_erasing_takes_the_name_and_ends_the_work_today(registered: MemoryStore) -> None:
    record = await handlers.erase_supervisor(registered, "v1", TODAY)
    assert record.is_erased
    assert record.supervisor.departs == TODAY
    assert await registered.names(["v1"]) == {}
    assert [type(event) for event in registered.published] == [SupervisorDeparted]


async def test_erasing_twice_or_after_a_departure_publishes_nothing_more(registered: MemoryStore) -> None:
    await handlers.report_departure(registered, "v1", on(11, 20), TODAY, any_version)
    for _ in range(2):
        record = await handlers.erase_supervisor(registered, "v1", TODAY)
    assert record.supervisor.departs == on(11, 20)
    assert len(registered.published) == 1


async def test_an_erased_name_does_not_come_back(registered: MemoryStore) -> None:
    record = await handlers.erase_supervisor(registered, "v1", TODAY)
    with pytest.raises(Conflict):
        await handlers.rename_supervisor(registered, record, "Fatima")


DAYS = st.integers(0, 60).map(lambda days: on(11, 1) + timedelta(days=days))
REPORTS = st.lists(
    st.one_of(
        st.tuples(DAYS, st.none() | st.integers(0, 20)).map(lambda each: ("absence", *each)),
        DAYS.map(lambda day: ("return", day, None)),
    ),
    max_size=12,
)


@given(REPORTS)
def test_whatever_is_reported_absences_never_overlap_and_versions_count_the_events(
    reports: list[tuple[str, date, int | None]],
) -> None:
    record = SupervisorRecord("NL-T01", supervisor(), 1)
    events: list[SupervisorEvent] = []
    for kind, day, days in reports:
        event: SupervisorEvent | None
        try:
            if kind == "return":
                record, event = domain.report_return(record, day, TODAY)
            else:
                end = None if days is None else day + timedelta(days=days)
                record, event = domain.report_absence(record, Absence(start=day, end=end), TODAY)
        except Conflict:
            continue
        events += [event] if event else []
    absences = record.supervisor.absences
    for earlier, later in pairwise(absences):
        assert earlier.end is not None
        assert earlier.end < later.start
    assert [event.sequence for event in events] == list(range(2, record.sequence + 1))
