"""How long a matcher with a whole country in its database takes from its start until it serves, and what the first events take then."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from bench.answers import Asked, fill
from services.matcher.adapters.planner import PoolPlanner
from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import GROUP, READS
from services.matcher.domain.documents import plain
from services.matcher.domain.region import Region
from services.matcher.handlers.matcher import Matcher
from shared.contracts.catalogue import STUDENT_REGISTRATIONS, event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.registrations import StudentChanged
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition, Record
from shared.persistence.database import Database

LATER = 1_000_000
WITHIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Served:
    """Seconds from the start until all regions were loaded (and of the processor by then), until an event of the last of them was answered, and of each first event."""

    students: int
    regions: int
    loaded_s: float
    loaded_cpu_s: float
    first_answer_s: float
    first_events_s: Sequence[float]


async def serving(folder: Path, students: int, regions: int) -> Served:
    """Fill a database, start on it, and answer an event in each region."""
    url = f"sqlite+aiosqlite:///{folder / 'matcher.db'}"
    made = await fill(url, Asked(students, regions, url))
    database, planner = Database(url), PoolPlanner()
    await as_events_write(database, made)
    began, used = time.monotonic(), time.process_time()
    inbox = Inbox(GROUP)
    matcher = Matcher(SqlStore(database, Outbox("urn:nld:leerplek:bench"), inbox), planner, inbox, lambda: None)
    partitions = [Partition(topic, number) for topic in READS for number in range(6)]
    preparing = asyncio.create_task(matcher.prepare(lambda _region: 0))
    try:
        await asyncio.gather(planner.warm_up(), matcher.resume(partitions))
        while not matcher.is_prepared:
            if time.monotonic() - began > WITHIN_S:
                raise TimeoutError(f"not ready after {WITHIN_S:.0f} s")
            await asyncio.sleep(0.05)
        loaded_s, loaded_cpu_s = time.monotonic() - began, time.process_time() - used
        first = await _answered(matcher, made[-1], 0)
        first_s = time.monotonic() - began
        took = [first, *[await _answered(matcher, region, 1 + rank) for rank, region in enumerate(made[:-1])]]
    finally:
        preparing.cancel()
        planner.close()
        await database.close()
    return Served(students, regions, loaded_s, loaded_cpu_s, first_s, sorted(took))


async def as_events_write(database: Database, made: Sequence[Region]) -> None:
    """Subjects as they are written in events: a file may have spaces in them."""
    subjects = {one.subject for region in made for one in region.workplaces.values() if " " in one.subject}
    async with database.transaction() as tx:
        for table, column in (("fact", "document"), ("place", "subject")):
            for subject in sorted(subjects):
                change = text(f"UPDATE {table} SET {column} = replace({column}, :old, :new)")
                await tx.exec(change.bindparams(old=subject, new=subject.replace(" ", "-")))  # type: ignore[call-overload]


async def _answered(matcher: Matcher, region: Region, offset: int) -> float:
    """A student moves house."""
    one = region.students[min(region.students)]
    moved = plain(replace(one, lat=round(one.lat + 0.001, 4), subject=one.subject.replace(" ", "-")))
    data = StudentChanged.model_validate({"region": region.id, "sequence": LATER, "student": moved})
    event, began = new_event("urn:nld:leerplek:bench", data, datetime.now(UTC)), time.monotonic()
    headers = {name: text.encode() for name, text in to_headers(event).items()}
    value = data.model_dump_json().encode()
    assert event_type_of(data).topic == STUDENT_REGISTRATIONS
    record = Record(Partition(STUDENT_REGISTRATIONS, 0), offset, event.subject.encode(), value, headers)
    await matcher.handle_batch([record])
    return time.monotonic() - began
