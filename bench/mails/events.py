"""What the notifier spends on an event: the stream as it is, of which most concerns nobody."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.mails.stage import REGION, institute
from bench.results import Measured
from services.notifier.bootstrap import READS, Parts
from services.notifier.entrypoints.stream import applying
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import Event, new_event, to_headers
from shared.contracts.placements import Placement, PlacementProposed, PlacementSettled, WpbShare
from shared.contracts.registrations import Student, StudentChanged, StudentRegistered
from shared.contracts.signals import AtRiskRule, StudentAtRisk
from shared.contracts.vocabulary import Contract, PlacementState, Sector, SignalLevel, SignalStatus
from shared.messaging.inbox import Tombstone
from shared.messaging.topics import partition_of
from shared.testing.kafka import RunningBroker

PARTITIONS = 6
PERIODS = ("2026-S1",)
OF_ONE_STUDENT = 6
"""Events about each: registered, changed, a place, the place settled, and a signal that comes and goes."""


async def measure_events(parts: Parts, broker: RunningBroker, count: int, at_a_time: int) -> list[Measured]:
    """Seconds of processor time an event; `at_a_time` lie there when the consumer looks, as many as are told between two looks."""
    started = asyncio.Event()
    done = 0
    apply = applying(lambda tx: parts.store(tx, "bench"), parts.clock)

    async def counted(tx: AsyncSession, some: Sequence[Event | Tombstone]) -> None:
        nonlocal done
        await apply(tx, some)
        done += len(some)
        started.set()

    consumer = parts.runtime.consumer(READS, counted, parts.committed)
    events = list(_events(count // OF_ONE_STUDENT + 1))
    await publish(broker, events[:1])
    running = asyncio.ensure_future(consumer.run())
    await started.wait()  # the consumer has joined its group
    spent: list[float] = []
    for first in range(1, count, at_a_time):
        some = events[first : first + at_a_time]
        await publish(broker, some)
        cpu = time.process_time()
        while done < first + len(some):  # noqa: ASYNC110 - the handler counts, no event does
            await asyncio.sleep(0.05)
        spent.append((time.process_time() - cpu) / len(some))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    what = f"an event of the stream, {at_a_time} at a time, CPU of this process"
    return [Measured(what, f"{broker.kind}, {parts.runtime.database.url.get_backend_name()}", spent)]


async def publish(broker: RunningBroker, data: Sequence[Contract]) -> None:
    """Puts these events on Kafka, in order, as their owners do."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        sent = [await producer.send(**message_of(new_event("urn:nld:bench", each, datetime.now(UTC)))) for each in data]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def message_of(event: Event) -> dict[str, Any]:
    """What a producer sends of an event."""
    return {
        "topic": event_type_of(event.data).topic,
        "value": event.data.model_dump_json().encode(),
        "key": event.subject.encode(),
        "headers": [(name, text.encode()) for name, text in to_headers(event).items()],
        "partition": partition_of(event.region, PARTITIONS),
    }


def _events(students: int) -> Iterator[Contract]:
    for number in range(students):
        student, code = f"e{number}", institute(number)
        site = f"{code}00"
        yield StudentRegistered(region=REGION, sequence=1, student=_student(student, code))
        yield PlacementProposed(**_place(student, code, site, 1, PlacementState.PROPOSED))
        yield StudentChanged(region=REGION, sequence=2, student=_student(student, code))
        yield _at_risk(student, code, site, 1, SignalStatus.RAISED)
        yield PlacementSettled(**_place(student, code, site, 2, PlacementState.SETTLED))
        yield _at_risk(student, code, site, 2, SignalStatus.CLEARED)


def _student(student: str, code: str) -> Student:
    return Student(
        id=student,
        institute=code,
        route="voltijd",
        phase="jaar-2",
        support=1,
        sector=Sector.SECONDARY,
        subject="wiskunde",
        lat=52.1,
        lon=5.1,
        period_sets=(PERIODS,),
    )


def _place(student: str, code: str, site: str, sequence: int, state: PlacementState) -> dict[str, Any]:
    share = WpbShare(supervisor="v1", qh=8)
    placed = Placement(
        student=student, periods=PERIODS, workplace=f"w-{site}", wpb=(share,), so=None, io=None, state=state
    )
    own = {"institute": code, "site": site, "subject": "wiskunde", "travel_min": 25, "placement": placed}
    return {"region": REGION, "sequence": sequence, "plan_version": sequence, **own}


def _at_risk(student: str, code: str, site: str, sequence: int, status: SignalStatus) -> StudentAtRisk:
    today = datetime.now(UTC).date()
    return StudentAtRisk(
        region=REGION,
        sequence=sequence,
        signal=f"risk-{student}",
        status=status,
        level=SignalLevel.INFO,
        since=today,
        next_date=today + timedelta(days=30),
        student=student,
        institute=code,
        rule=next(iter(AtRiskRule)),
        site=site,
    )
