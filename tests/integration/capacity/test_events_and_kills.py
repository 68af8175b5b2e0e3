"""Capacity is killed while a school's system sends events and tries its webhook: what was answered 2xx is there, and once."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from shared.child_process import free_port
from shared.testing.kafka import RunningBroker
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR
from tests.integration.capacity.test_events import BATCH, event
from tests.integration.capacity.test_process import capacity_on
from tests.support.receiver import receiving
from tests.support.service_process import ServiceProcess

BATCHES, IN_EACH, KILLS = 40, 5, 2


async def test_nothing_that_was_answered_is_lost_and_nothing_is_there_twice(sqlite_url: str, tmp_path: Path) -> None:
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    with receiving() as receiver:
        async with capacity_on(nowhere, sqlite_url, tmp_path) as capacity:
            await capacity.until(capacity.is_up, "an answer")
            await put(capacity, "/v1/regions/NL-T01", REGION)
            await put(capacity, "/v1/sites/01AB00", SITE)
            made = await send(capacity, "POST", "/v1/webhooks", {"url": receiver.url.replace("http:", "https:")}, {})
            pings = f"{made.headers['location']}/ping"
            at_work = asyncio.create_task(work(capacity, pings))
            for kill in range(KILLS):
                await asyncio.sleep(1.5 + kill)
                capacity.kill()
                capacity.start()
                await capacity.until(capacity.is_up, "an answer")
            told, pinged = await at_work
            assert len(set(told)) == BATCHES * IN_EACH
            assert set(told) == set(await listed(capacity, "/v1/supervisors?limit=500"))
            assert set(pinged) <= set(await listed(capacity, f"{made.headers['location']}/deliveries?limit=500"))
            assert len(pinged) == BATCHES


async def work(capacity: ServiceProcess, pings: str) -> tuple[list[str], list[str]]:
    """Sends everything, and again what was not answered; the supervisors and messages that were answered."""
    told, pinged = [], []
    for number in range(BATCHES):
        events = [event(f"{number}-{each}", "supervisor.registered", **SUPERVISOR) for each in range(IN_EACH)]
        answer = await send(capacity, "POST", "/v1/events", events, BATCH)
        again = await send(capacity, "POST", "/v1/events", events, BATCH) if number % 10 == 0 else answer
        assert again.json() == answer.json()
        assert {each["status"] for each in answer.json()["items"]} == {200}
        told += [each["supervisor"] for each in answer.json()["items"]]
        pinged.append((await send(capacity, "POST", pings, None, {"Idempotency-Key": f"ping-{number}"})).json()["id"])
    return told, pinged


async def send(capacity: ServiceProcess, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    """Until it is answered with 2xx and every event of it is."""
    while True:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient(base_url=capacity.url, timeout=20) as http:
                answer = await http.request(method, path, json=body, headers=headers)
            if answer.is_success and not (path.endswith("events") and '"status":503' in answer.text):
                return answer
            assert answer.status_code in (200, 503), answer.text
        await asyncio.sleep(0.1)


async def put(capacity: ServiceProcess, path: str, body: Any) -> None:
    assert (await send(capacity, "PUT", path, body, {})).status_code == 201


async def listed(capacity: ServiceProcess, path: str) -> list[str]:
    answer = await capacity.get(path)
    assert answer is not None
    return [each["id"] for each in answer.json()["items"]]
