"""A year of school holidays that is missing is told to the operator in time, and every day until it is there."""

from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.notifier.domain.calendar import SchoolCalendar, Vacation
from services.notifier.entrypoints.watch import Watcher, Watching
from shared.dutch import dutch_day
from tests.support.notifier import Clock
from tests.support.notifier_memory import MemoryStore


async def _nothing() -> Mapping[str, int]:
    return {}


@asynccontextmanager
async def _alone(_name: str):  # type: ignore[no-untyped-def]
    yield


def _watcher(clock: Clock, until: date) -> Watcher:
    calendar = SchoolCalendar(vacations={"a": [Vacation(until, until)]})
    return Watcher(Watching(_alone, MemoryStore(clock).writing, _nothing, calendar, clock), lambda: None)


async def test_a_missing_year_is_told_once_a_day_and_can_be_measured() -> None:
    clock = Clock()
    watcher = _watcher(clock, dutch_day(clock()) + timedelta(days=60))
    with capture_logs() as logs:
        await watcher.look_once()
        assert REGISTRY.get_sample_value("leerplek_school_holidays_days_left") == 60
        assert logs == []
        for _ in range(2):
            clock.forward(86_400)
            await watcher.look_once()
            await watcher.look_once()
    assert [(each["log_level"], each["days_left"]) for each in logs] == [("error", 59), ("error", 58)]
