"""Reads what the matcher publishes, straight from Kafka, and notes when it arrived."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.contracts.catalogue import PLACEMENTS
from shared.contracts.envelope import Event, UnreadableEvent, from_message
from shared.contracts.placements import PlaceEvent, PlacementEvent, StudentUnplaced

FETCH_WAIT_MS: Final = 50
PAUSE_S: Final = 0.5
METADATA_AGE_MS: Final = 5_000
STEP_S: Final = 1.0


class TooLate(Exception):
    """What was waited for did not come."""


class Watcher:
    """The last word about every student of one region, and when each word arrived."""

    def __init__(self, bootstrap: str, region: str) -> None:
        self._bootstrap = bootstrap
        self._region = region
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.last: dict[str, PlaceEvent] = {}
        self.arrivals: dict[str, dict[int, float]] = defaultdict(dict)
        self.losses: list[str] = []
        """Who lost their place and got no other at once, in order; somebody may be in it more than once."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def until(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        """Waits until the condition holds, looking again with everything that arrives; raises TooLate."""
        deadline = time.monotonic() + within_s
        async with self._news:
            while not condition():
                if self._task is not None and self._task.done():
                    self._task.result()
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TooLate(f"Na {within_s:.0f} seconden nog steeds niet: {what}.")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), min(left, STEP_S))

    def first_after(self, student: str, sequence: int) -> float | None:
        """When the first word about this student after that one arrived (monotonic seconds)."""
        later = [at for number, at in self.arrivals[student].items() if number > sequence]
        return min(later, default=None)

    def sequence(self, student: str) -> int:
        """The number of the last word about a student; 0 when there was none."""
        return self.last[student].sequence if student in self.last else 0

    def guided_by(self, supervisor: str) -> list[str]:
        """Students whom this person guides now, in any role."""
        return sorted(
            student
            for student, data in self.last.items()
            if isinstance(data, PlacementEvent)
            and supervisor in {data.placement.so, data.placement.io, *(each.supervisor for each in data.placement.wpb)}
        )

    @property
    def placed(self) -> list[PlacementEvent]:
        """Who has a place now."""
        return [data for data in self.last.values() if isinstance(data, PlacementEvent)]

    @property
    def unplaced(self) -> list[StudentUnplaced]:
        """Who asks for a place and has none now."""
        return [data for data in self.last.values() if isinstance(data, StudentUnplaced)]

    async def _read(self) -> None:
        while True:
            try:
                await self._read_while_connected()
            except (KafkaError, OSError):
                await asyncio.sleep(PAUSE_S)

    async def _read_while_connected(self) -> None:
        consumer = AIOKafkaConsumer(  # without a group: every partition, from its beginning
            PLACEMENTS,
            bootstrap_servers=self._bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        await consumer.start()
        try:
            while True:
                for messages in (await consumer.getmany(timeout_ms=FETCH_WAIT_MS)).values():
                    now = time.monotonic()
                    for message in messages:
                        if message.value is not None:
                            self._note(dict(message.headers), message.value, now)
                    async with self._news:
                        self._news.notify_all()
        finally:
            await consumer.stop()

    def _note(self, headers: dict[str, bytes], value: bytes, now: float) -> None:
        try:
            event: Event = from_message(headers, value)
        except UnreadableEvent:
            return
        data = event.data
        if event.region != self._region or not isinstance(data, PlaceEvent):
            return
        student = data.student
        if data.sequence > self.sequence(student):
            if isinstance(data, StudentUnplaced) and isinstance(self.last.get(student), PlacementEvent):
                self.losses.append(student)
            self.last[student] = data
            self.arrivals[student][data.sequence] = now
