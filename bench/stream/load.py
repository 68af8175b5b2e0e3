"""Sends events at a steady rate, whatever the answers take, and measures from accepted over HTTP to placement on Kafka."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.stack import Stage
from bench.stream.mix import Mix
from simulator.watcher import TooLate

ANSWERED_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that was accepted: who is to hear of it, and the number of the last word before it."""

    kind: str
    student: str | None
    before: int
    accepted_at: float


@dataclass(slots=True)
class Loaded:
    """All events of one load, and when they were sent."""

    sent: list[Sent] = field(default_factory=list)
    began_at: float = 0.0
    sent_by: float = 0.0
    answered_by: float = 0.0

    @property
    def per_second(self) -> float:
        """Events accepted a second."""
        return len(self.sent) / max(0.001, self.sent_by - self.began_at)

    def told(self) -> list[Sent]:
        """Those that have a certain answer: registrations, and withdrawals."""
        return [one for one in self.sent if one.kind in ("register", "withdraw")]


async def load(
    stage: Stage, mix: Mix, rate: float, seconds: float, at_half: Callable[[], None] | None = None
) -> Loaded:
    """Send for so long, and wait until everything is answered; something may happen at half time."""
    loaded, number = Loaded(began_at=time.monotonic()), round(rate * seconds)
    tasks: list[asyncio.Task[None]] = []
    for rank in range(number):
        await asyncio.sleep(max(0.0, loaded.began_at + rank / rate - time.monotonic()))
        if at_half is not None and rank == number // 2:
            at_half()
        tasks.append(asyncio.create_task(_send(stage, mix, loaded)))
    await asyncio.gather(*tasks)
    loaded.sent_by = time.monotonic()
    await _until_answered(stage, loaded)
    loaded.answered_by = time.monotonic()
    return loaded


async def _send(stage: Stage, mix: Mix, loaded: Loaded) -> None:
    wanted = mix.next()
    before = 0 if wanted.student is None else stage.watcher.sequence(wanted.student)
    accepted = await stage.client.send(wanted.request)
    student = wanted.student
    if wanted.kind == "register":
        student = str(accepted.body["id"])
        assert wanted.needs is not None
        mix.registered(student, wanted.needs)
    loaded.sent.append(Sent(wanted.kind, student, before, accepted.at))


async def _until_answered(stage: Stage, loaded: Loaded) -> None:
    """Whatever has not come by then is lost; the audit counts it."""
    with contextlib.suppress(TooLate):
        await stage.watcher.until(
            lambda: all(seconds(stage, one) is not None for one in loaded.told()), ANSWERED_WITHIN_S, "all answers"
        )


def seconds(stage: Stage, sent: Sent) -> float | None:
    """From accepted to the first word about it on Kafka."""
    assert sent.student is not None
    at = stage.watcher.first_after(sent.student, sent.before)
    return None if at is None else max(0.0, at - sent.accepted_at)
