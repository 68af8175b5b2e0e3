"""All of Leerplek with an invented region in it, ready to be measured, on each broker that this machine offers."""

import asyncio
import io
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import LOOKING, used_s
from deploy.demo import addresses_of
from deploy.launcher import Launcher
from deploy.launcher.launcher import Outside
from shared.testing.kafka import start_kafka
from simulator.client import Client
from simulator.play import Cast, push_region, register_students, until_planned
from simulator.progress import Screen
from simulator.run import Wanted, invent
from simulator.watcher import Watcher
from simulator.world import World

EMBEDDED = "embedded"
PLANNED_WITHIN_S = 900.0
REST_S, AT_REST_S = 4.0, 0.2
"""In so long whoever looks for a better plan has used so little of a processor: nobody looks any more."""
FRUITLESS_S, REST_WITHIN_S = 75.0, 900.0
"""So long a renewal of the whole plan takes at most, about; and so long rest is waited for."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker to measure on; without an address the launcher starts an embedded one."""

    name: str
    bootstrap: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A region that is planned and at rest."""

    stack: Launcher
    client: Client
    watcher: Watcher
    cast: Cast


@contextmanager
def brokers() -> Iterator[list[Broker]]:
    """The embedded broker, and Apache Kafka where it can be had."""
    found = [Broker(EMBEDDED, None)]
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as logs:
        best = start_kafka(Path(logs))
        try:
            if best.is_apache:
                found.append(Broker(best.description, best.bootstrap))
            yield found
        finally:
            best.stop()


@asynccontextmanager
async def planned_region(
    broker: Broker, students: int, databases: Mapping[str, str] | None = None
) -> AsyncIterator[Stage]:
    """Starts everything, brings a region in and waits until its plan has come to rest; without databases on SQLite."""
    world = invent(Wanted(students, seed=1, region=f"NL-BENCH-{uuid.uuid4().hex[:6].upper()}"))
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as directory:
        async with Launcher(Path(directory), Outside(broker.bootstrap, databases=databases or {})) as stack:
            addresses = addresses_of(stack)
            async with Client(addresses) as client, Watcher(stack.bootstrap, world.region) as watcher:
                cast = await _bring_in(client, watcher, world)
                yield Stage(stack, client, watcher, cast)


async def _bring_in(client: Client, watcher: Watcher, world: World) -> Cast:
    """As the demo does, but for waiting until nobody looks for a better plan any more."""
    screen = Screen(io.StringIO())
    cast = await push_region(client, world, screen)
    await register_students(client, cast, screen)
    await until_planned(watcher, cast, screen, PLANNED_WITHIN_S)
    await until_at_rest(client, world.region)
    return cast


async def until_at_rest(client: Client, region: str) -> None:
    """Until nobody looks for a better plan any more, or nothing better was found for so long that only bounds are proven."""
    until = time.monotonic() + REST_WITHIN_S
    best, since = -1, time.monotonic()
    while time.monotonic() < until:
        before = used_s().get(LOOKING, 0.0)
        await asyncio.sleep(REST_S)
        plan = await client.get("matcher", f"/regions/{region}/plan")
        if plan is not None and plan["certificate"]["value"] != best:
            best, since = plan["certificate"]["value"], time.monotonic()
        elif time.monotonic() - since > FRUITLESS_S or used_s().get(LOOKING, 0.0) - before < AT_REST_S:
            return
