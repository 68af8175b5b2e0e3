"""How long a message to a webhook is on its way, while a receiver that is slow, or does not answer, has many waiting."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import uuid_utils

from bench.results import NO_BROKER, Measured
from services.intake.bootstrap import MIGRATIONS, build
from services.intake.config import Settings
from shared.persistence.migrations import upgrade
from shared.webhooks.hooks import Hooks
from shared.webhooks.messages import Webhook
from shared.webhooks.sender import WebhookSender

TAKES = "1 min"
WAITING, MESSAGES, SLOW_S = 64, 20, 2.0
ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Receiver:
    """Answers each message after so many seconds, or when it is over; `came` is when each was there."""

    after_s: float
    over: asyncio.Event = field(default_factory=asyncio.Event)
    came: "asyncio.Queue[float]" = field(default_factory=asyncio.Queue)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One message."""
        await reader.readuntil(b"\r\n\r\n")
        self.came.put_nowait(time.perf_counter())
        with suppress(TimeoutError):
            async with asyncio.timeout(self.after_s):
                await self.over.wait()
        writer.write(ANSWER)
        writer.close()


def measure() -> list[Measured]:
    """A quick receiver alone, beside a slow one, and beside one that does not answer."""
    return [
        Measured(f"to a quick receiver, {beside}", NO_BROKER, asyncio.run(_times(after_s)))
        for beside, after_s in (
            ("alone", None),
            (f"{WAITING} waiting for one that takes {SLOW_S:.0f} s", SLOW_S),
            (f"{WAITING} waiting for one that does not answer", 3600.0),
        )
    ]


async def _times(slow_s: float | None) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/intake.db"
        key = Path(folder) / "master-key"
        settings = Settings(
            database_url=url, kafka_bootstrap="127.0.0.1:1", master_key_file=key, webhook_private_addresses=True
        )
        parts = build(settings)
        await upgrade(parts.runtime.database, MIGRATIONS)
        quick, slow = Receiver(0.0), Receiver(slow_s or 0.0)
        async with _listening(quick) as to_quick, _listening(slow) as to_slow:
            for_quick, for_slow = await _webhook(parts.hooks, to_quick), await _webhook(parts.hooks, to_slow)
            if slow_s is not None:
                await _tell(parts.hooks, for_slow, WAITING)
            sending = asyncio.create_task(WebhookSender(parts.hooks).run())
            await asyncio.sleep(0.5)
            times = [await _one(parts.hooks, for_quick, quick) for _ in range(MESSAGES)]
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        await parts.hooks.post.close()
        await parts.runtime.database.close()
    return times


async def _one(hooks: Hooks, webhook: str, receiver: Receiver) -> float:
    """Seconds from the commit of a message to its arrival."""
    await _tell(hooks, webhook, 1)
    told = time.perf_counter()
    hooks.sending.wake()
    return await receiver.came.get() - told


async def _tell(hooks: Hooks, webhook: str, count: int) -> None:
    async with hooks.database.transaction() as tx:
        for _ in range(count):
            await hooks.store(tx, None).ping(webhook, hooks.clock())


async def _webhook(hooks: Hooks, url: str) -> str:
    webhook = Webhook(str(uuid_utils.uuid7()), None, url, (), True, 1, hooks.clock())
    async with hooks.database.transaction() as tx:
        await hooks.store(tx, None).add(webhook)
    return webhook.id


@asynccontextmanager
async def _listening(receiver: Receiver) -> AsyncIterator[str]:
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    receiver.over.set()
    server.close()
