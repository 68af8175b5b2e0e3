"""Where the time of an event goes inside the matcher, without Kafka and without other processes: CPU time by stage.

The planner works in this process, on SQLite.
"""

import cProfile
import pstats
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.answers import Asked, fill
from bench.stream.backlog import events_of
from bench.stream.serving import as_events_write
from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import GROUP, READS
from services.matcher.handlers.batch import read_all
from services.matcher.handlers.matcher import Matcher
from services.matcher.ports import Base, Commit, Planned, Step
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition, Record
from shared.persistence.database import Database

STAGES = ("decode", "plan", "check", "commit", "the rest")
"""The check is in the plan as well; the rest is folding, telling, and the work around them."""


@dataclass(frozen=True, slots=True)
class Staged:
    """CPU milliseconds an event, answered so many at a time, and the shares of the stages."""

    together: int
    events: int
    cpu_ms: float
    shares: Mapping[str, float]


class _TimedStore(SqlStore):
    """Notes what commits cost."""

    used = 0.0

    async def commit(self, commit: Commit, now: datetime) -> None:
        began = time.process_time()
        await super().commit(commit, now)
        self.used += time.process_time() - began


class _TimedPlanner(OwnProcess):
    """Notes what plans cost; with a profile also what of it was the check."""

    used = 0.0
    profile: cProfile.Profile | None = None

    async def plan(self, step: Step, base: Base) -> Planned:
        began = time.process_time()
        if self.profile is not None:
            self.profile.enable()
        try:
            return await super().plan(step, base)
        finally:
            if self.profile is not None:
                self.profile.disable()
            self.used += time.process_time() - began


async def stages(folder: Path, students: int, batches: Sequence[int], number: int) -> list[Staged]:
    """So many events, in batches of these sizes, one size after the other: each once to be timed and once to be profiled."""
    url = f"sqlite+aiosqlite:///{folder / 'stages.db'}"
    (made,) = await fill(url, Asked(students, 1, url))
    database, inbox = Database(url), Inbox(GROUP)
    await as_events_write(database, [made])
    store, planner = _TimedStore(database, Outbox("urn:nld:leerplek:bench"), inbox), _TimedPlanner()
    matcher = Matcher(store, planner, inbox, lambda: None)
    try:
        await matcher.resume([Partition(topic, 0) for topic in READS])
        events = events_of(await store.load(made.id), 2 * number * len(batches) + 1, random.Random(1))
        ends: dict[str, int] = {}
        await matcher.handle_batch([_record(next(events), ends)])
        found = []
        for together in batches:
            used = await _used((matcher, store, planner), events, ends, (together, number))
            planner.profile = cProfile.Profile()
            await _used((matcher, store, planner), events, ends, (together, number))
            check, planner.profile = _check_of(planner.profile), None
            total, decode, plan, commit = used
            parts = (decode, plan, check * plan, commit, total - decode - plan - commit)
            shares = {stage: part / total for stage, part in zip(STAGES, parts, strict=True)}
            found.append(Staged(together, number, 1000 * total / number, shares))
    finally:
        await database.close()
    return found


async def _used(
    parts: tuple[Matcher, _TimedStore, _TimedPlanner],
    events: Iterator[Contract],
    ends: dict[str, int],
    sizes: tuple[int, int],
) -> tuple[float, float, float, float]:
    """Seconds in all, and of them to decode, to plan and to commit."""
    (matcher, store, planner), (together, number) = parts, sizes
    records = [_record(next(events), ends) for _ in range(number)]
    began = time.process_time()
    read_all(Inbox(GROUP), records)
    decode = time.process_time() - began
    before, began = (planner.used, store.used), time.process_time()
    for at in range(0, number, together):
        await matcher.handle_batch(records[at : at + together])
    total = time.process_time() - began
    return total, decode, planner.used - before[0], store.used - before[1]


def _check_of(profile: cProfile.Profile) -> float:
    """The share of the checker in the making of plans."""
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    check = sum(
        all_of
        for (file, _, name), (_, _, _, all_of, _) in stats.items()
        if (name, "judge.py" in file) == ("judge", True)
    )
    return float(check / max(total, 1e-9))


def _record(data: Contract, ends: dict[str, int]) -> Record:
    topic, event = event_type_of(data).topic, new_event("urn:nld:leerplek:bench", data, datetime.now(UTC))
    offset = ends[topic] = ends.get(topic, -1) + 1
    headers = {name: text.encode() for name, text in to_headers(event).items()}
    return Record(Partition(topic, 0), offset, event.subject.encode(), data.model_dump_json().encode(), headers)
