"""The simulator's client is patient, repeats with the same key, and says clearly when it is refused."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from simulator import client as module
from simulator.client import Addresses, Client, Refused, Request, Unreachable

ADDRESSES = Addresses("http://intake", "http://capacity", "http://matcher", "http://notifier", "kafka:9092")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.002)
    monkeypatch.setattr(module, "PATIENCE_S", 0.5)


@asynccontextmanager
async def speaking_to(answer: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[Client]:
    async with Client(ADDRESSES) as client:
        await client._http.aclose()
        client._http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        yield client


async def test_a_change_is_repeated_with_the_same_key_until_the_service_is_there() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) == 1:
            raise httpx.ConnectError("away")
        return httpx.Response(503) if len(seen) == 2 else httpx.Response(201, json={"id": "s1"})

    async with speaking_to(answer) as client:
        accepted = await client.send(Request("intake", "POST", "/registrations", {"region": "NL-X"}))

    assert accepted.body == {"id": "s1"}
    assert [str(each.url) for each in seen] == ["http://intake/v1/registrations"] * 3
    assert len({each.headers["idempotency-key"] for each in seen}) == 1
    assert json.loads(seen[-1].content) == {"region": "NL-X"}


async def test_a_refusal_is_told_with_what_the_service_said_about_it() -> None:
    async with speaking_to(lambda _: httpx.Response(400, json={"detail": "De regio kennen we niet."})) as client:
        with pytest.raises(Refused, match=r"400 .*De regio kennen we niet"):
            await client.send(Request("intake", "POST", "/registrations", {}))


async def test_a_service_that_stays_away_is_named() -> None:
    async with speaking_to(lambda _: httpx.Response(503, text="even niet")) as client:
        with pytest.raises(Unreachable, match="matcher antwoordt niet op GET /regions/NL-X/plan: 503 even niet"):
            await client.get("matcher", "/regions/NL-X/plan")


async def test_what_does_not_exist_is_nothing() -> None:
    async with speaking_to(lambda _: httpx.Response(404)) as client:
        assert await client.get("matcher", "/regions/NL-X/plan") is None


async def test_no_more_than_so_many_requests_are_under_way() -> None:
    under_way, most, release = 0, 0, asyncio.Event()

    async def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if most == module.AT_ONCE:
            release.set()
        await release.wait()
        under_way -= 1
        return httpx.Response(200, json={})

    async with Client(ADDRESSES) as client:
        await client._http.aclose()
        client._http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        await asyncio.gather(*(client.get("matcher", "/x") for _ in range(50)))

    assert most == module.AT_ONCE
