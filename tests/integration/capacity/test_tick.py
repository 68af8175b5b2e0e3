"""The daily tick on a real database."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.capacity.config import Settings
from services.capacity.entrypoints.tick import LOOK_AGAIN_S, DailyTick
from tests.integration.capacity.conftest import REGION, Service, settings
from tests.support.databases import locked_by_somebody_else
from tests.support.eventually import PATIENCE

URL = "sqlite+aiosqlite:////tmp/nowhere/capacity.db"


async def days(service: Service) -> list[tuple[str, bytes]]:
    return [
        (row.region or "", (row.value or b"").rpartition(b'"day":')[2].strip(b'"}'))
        for row in await service.outbox()
        if row.headers["ce_type"].endswith("day.started.v1")
    ]


async def test_a_day_begins_in_every_region_when_it_begins_in_the_netherlands(on_any_database: Service) -> None:
    service = on_any_database
    for region in ("NL-T01", "NL-T02"):
        await service.http.put(f"/v1/regions/{region}", json=REGION)
    tick = DailyTick(service.parts)
    for moment in (
        datetime(2026, 11, 24, 22, 59, tzinfo=UTC),
        datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 24, 23, 0, tzinfo=UTC),
    ):
        service.clock.now = moment
        await tick.tick()
    first, second = b"2026-11-24", b"2026-11-25"
    assert await days(service) == [("NL-T01", first), ("NL-T02", first), ("NL-T01", second), ("NL-T02", second)]


async def test_a_region_that_was_moved_ahead_is_left_alone(service: Service) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION)
    await service.http.post("/v1/regions/NL-T01/days", json={"day": "2027-01-01"})
    await DailyTick(service.parts).tick()
    assert await days(service) == [("NL-T01", b"2027-01-01")]


async def test_two_processes_that_tick_at_once_start_the_day_once(on_any_database: Service) -> None:
    service = on_any_database
    await service.http.put("/v1/regions/NL-T01", json=REGION)
    await asyncio.gather(*(DailyTick(service.parts).tick() for _ in range(4)))
    assert await days(service) == [("NL-T01", b"2026-11-24")]


async def test_the_tick_goes_on_after_the_database_was_away_and_looks_again_every_minute(
    service: Service, sqlite_url: str
) -> None:
    await service.http.put("/v1/regions/NL-T01", json=REGION)
    pauses: list[float] = []
    ticked = asyncio.Event()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        ticked.set()
        await asyncio.Event().wait()

    with locked_by_somebody_else(sqlite_url):
        running = asyncio.ensure_future(DailyTick(service.parts, sleep).run())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ticked.wait(), 0.5)
    await asyncio.wait_for(ticked.wait(), 10 * PATIENCE)
    running.cancel()
    assert pauses == [LOOK_AGAIN_S]
    assert await days(service) == [("NL-T01", b"2026-11-24")]


@pytest.mark.parametrize(
    ("mode", "tick", "expected"),
    [
        ("production", None, True),
        ("development", None, False),
        ("production", "off", False),
        ("development", "on", True),
    ],
)
def test_the_clock_ticks_in_production_and_elsewhere_when_asked(
    tmp_path: Path, mode: str, tick: str | None, expected: bool
) -> None:
    assert settings(URL, tmp_path, mode=mode, tick=tick, jwks_file=tmp_path / "keys").clock_ticks is expected


def test_the_key_lies_beside_the_database_in_development_and_is_named_in_production() -> None:
    assert Settings(database_url=URL, kafka_bootstrap="x").key_file == Path("/tmp/nowhere/capacity-master.key")
    for url, mode in ((URL, "production"), ("postgresql+asyncpg://a@b/c", "development")):
        with pytest.raises(ValueError, match="MASTER_KEY_FILE"):
            Settings(database_url=url, kafka_bootstrap="x", mode=mode, jwks_file=Path("x"))
