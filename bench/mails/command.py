"""`python -m bench mails`: a morning's digests for many people, one critical signal until its mail is accepted, and an event's cost."""

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from aiokafka import AIOKafkaProducer

from bench.mails.events import PARTITIONS, measure_events, message_of
from bench.mails.listing import measure_listing
from bench.mails.stage import REGION, Place, coordinator, institute, notifier, place, register, trainer
from bench.results import Measured, keep, show
from services.notifier.bootstrap import READS, Parts
from services.notifier.domain.alerts import AlertKind, Case, Level
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.delivery import MailState
from services.notifier.domain.life import new_alert
from services.notifier.entrypoints.deliver import Deliverer
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.entrypoints.stream import applying
from services.notifier.handlers.delivering import Delivery
from services.notifier.handlers.dispatching import ROUND
from services.notifier.ports import MailFilter
from shared.contracts.envelope import new_event
from shared.contracts.placements import MoveCause
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import SignalLevel, SignalStatus
from shared.messaging.topics import TopicPlan, ensure_topics
from shared.testing.kafka import RunningBroker, start_kafka

MORNING = digest_time(datetime(2026, 9, 8, tzinfo=UTC).date())
LINES = 3
"""So many things each person has to hear."""
BETWEEN_S = 0.2
WITHIN_S = 60.0
AT_A_TIME = (10, 200)
"""Events that the consumer finds when it looks: as many as come at fifty a second, and as many as it takes at once."""
WARM_UP = 60_000
"""The number of somebody about whom nothing is measured."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured."""

    people: int
    signals: int
    events: int
    alerts: int
    database: str


class Watch:
    """Seconds on the wall and seconds of CPU since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Both."""
        return time.monotonic() - self._wall, time.process_time() - self._cpu


def main(arguments: Sequence[str]) -> None:
    """Reads the options, measures, prints and keeps."""
    options = argparse.ArgumentParser(prog="python -m bench mails", description=__doc__)
    options.add_argument("--people", type=int, default=10_000, help="who get a digest; 0 leaves it out")
    options.add_argument("--signals", type=int, default=200, help="critical signals, one by one; 0 leaves it out")
    options.add_argument(
        "--events", type=int, default=2_000, help="events of which most concern nobody; 0 leaves it out"
    )
    options.add_argument("--alerts", type=int, default=60_000, help="alerts that pages choose from; 0 leaves it out")
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    given = options.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asked = Asked(given.people, given.signals, given.events, given.alerts, given.database)
    measured = asyncio.run(_measure(asked))
    show(measured)
    print(keep("mails", measured))


async def _measure(asked: Asked) -> list[Measured]:
    measured: list[Measured] = []
    if asked.people:
        async with place(asked.database) as where:
            measured += await _digests(where, asked)
    if asked.alerts:
        async with place(asked.database) as where, notifier(where) as parts:
            measured += await measure_listing(parts, asked.alerts)
    if asked.signals:
        async with _on_kafka(asked) as (where, broker):
            measured += await _signals(where, asked, broker)
    for at_a_time in AT_A_TIME if asked.events else ():
        async with _on_kafka(asked) as (where, broker):
            await ensure_topics(broker.bootstrap, READS, TopicPlan(PARTITIONS, 1))
            async with notifier(where, kafka=broker.bootstrap, is_apache=broker.is_apache) as parts:
                measured += await measure_events(parts, broker, asked.events, at_a_time)
    return measured


@asynccontextmanager
async def _on_kafka(asked: Asked) -> AsyncIterator[tuple[Place, RunningBroker]]:
    """A broker without a message yet, and a database."""
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as logs:
        broker = start_kafka(Path(logs))
        try:
            async with place(asked.database) as where:
                yield where, broker
        finally:
            broker.stop()


async def _digests(where: Place, asked: Asked) -> list[Measured]:
    async with notifier(where, lambda: MORNING) as parts:
        people = [trainer(number) for number in range(asked.people)]
        await register(parts, people)
        await _things_to_hear(parts, asked.people)
        dispatcher = _dispatcher(parts)
        morning = Watch()
        writing = Watch()
        written = len(await dispatcher.round_once(MORNING))
        writing_s, writing_cpu_s = writing.read()
        sending = Watch()
        await _send_all(parts, written)
        sending_s, sending_cpu_s = sending.read()
        morning_s, morning_cpu_s = morning.read()
    name = f"{asked.database}, {written:,} digests of {LINES} lines"
    return [
        Measured("from eight o'clock to the last one taken over", name, [morning_s]),
        Measured("the same, CPU of this process", name, [morning_cpu_s]),
        Measured("the same, CPU of this process a digest", name, [morning_cpu_s / written]),
        Measured("written", name, [writing_s]),
        Measured("written, CPU of this process", name, [writing_cpu_s]),
        Measured("taken over by the mail server", name, [sending_s]),
        Measured("taken over, CPU of this process", name, [sending_cpu_s]),
    ]


async def _things_to_hear(parts: Parts, people: int) -> None:
    """As events would have told them the day before."""
    async with parts.writing() as store:
        await store.save_round(ROUND, MORNING.date() - timedelta(days=1))
    for first in range(0, people, 500):
        async with parts.writing() as store:
            for number in range(first, min(first + 500, people)):
                site = f"{institute(number)}00"
                for line in range(LINES):
                    figures = {"asked-qh": 30, "available-qh": 20}
                    case = Case(
                        REGION, site=site, supervisor=f"v{number}-{line}", periods=("2026-S1",), figures=figures
                    )
                    subject, at = f"o{number}-{line}", MORNING - timedelta(hours=12)
                    await store.save_alert(new_alert(AlertKind.OVERLOADED, subject, case, 1, at, Level.WARNING))


async def _send_all(parts: Parts, count: int) -> None:
    tasks = [asyncio.ensure_future(_deliverer(parts).run())]
    await _until_sent(parts, count, time.monotonic() + 100 * WITHIN_S)
    await _end(tasks)


async def _signals(where: Place, asked: Asked, broker: RunningBroker) -> list[Measured]:
    await ensure_topics(broker.bootstrap, READS, TopicPlan(PARTITIONS, 1))
    async with notifier(where, kafka=broker.bootstrap, is_apache=broker.is_apache) as parts:
        numbers = (*range(asked.signals), WARM_UP)
        people = [make(number) for number in numbers for make in (coordinator, trainer)]
        await register(parts, people)
        dispatcher, deliverer = _dispatcher(parts), _deliverer(parts)
        dispatcher.after_write = deliverer.wake

        apply = applying(lambda tx: parts.store(tx, "bench"), parts.clock)
        consumer = parts.runtime.consumer(READS, apply, parts.committed)
        runs = [consumer.run(), dispatcher.run(), deliverer.run()]
        tasks = [asyncio.ensure_future(each) for each in runs]
        await _publish(broker, [WARM_UP])  # the consumer has joined its group when this one has arrived
        await _until_sent(parts, 2, time.monotonic() + WITHIN_S)
        published = await _publish(broker, range(asked.signals))
        await _until_sent(parts, 2 * asked.signals + 2, time.monotonic() + WITHIN_S)
        await _end(tasks)
        async with parts.reading() as store:
            mails = await store.mails(MailFilter(state=MailState.SENT, limit=10 * asked.signals))
    seconds = [
        (mail.sent_at - published[mail.organisation[:4]]).total_seconds()
        for mail in mails
        if mail.sent_at is not None and mail.organisation[:4] in published
    ]
    return [Measured("critical signal on Kafka to mail accepted", f"{broker.kind}, {asked.database}", seconds)]


async def _publish(broker: RunningBroker, numbers: Iterable[int]) -> dict[str, datetime]:
    """One lost place after another, each of another institute and school; when each was on Kafka."""
    published: dict[str, datetime] = {}
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        for number in numbers:
            await producer.send_and_wait(**message_of(new_event("urn:nld:bench", _lost(number), datetime.now(UTC))))
            published[institute(number)] = datetime.now(UTC)
            await asyncio.sleep(BETWEEN_S)
    finally:
        await producer.stop()
    return published


def _lost(number: int) -> PlacementLost:
    today = datetime.now(UTC).date()
    return PlacementLost(
        region=REGION,
        sequence=1,
        signal=f"lost-{number}",
        status=SignalStatus.RAISED,
        level=SignalLevel.CRITICAL,
        since=today,
        student=f"s{number}",
        institute=institute(number),
        lost_site=f"{institute(number)}00",
        subject="wiskunde",
        cause=MoveCause.GUIDANCE_ENDED,
        period_starts=today + timedelta(days=60),
    )


def _dispatcher(parts: Parts) -> Dispatcher:
    how = Dispatching(parts.runtime.database.exclusive, parts.writing, parts.composer, parts.rules, parts.clock)
    return Dispatcher(how, parts.alerts_changed)


def _deliverer(parts: Parts) -> Deliverer:
    lease = timedelta(seconds=parts.settings.lease_s)
    delivery = Delivery(parts.writing, parts.policy, lease, parts.clock, parts.jitter)
    return Deliverer(delivery, [parts.build_sender() for _ in range(parts.settings.delivery_workers)])


async def _sent(parts: Parts) -> int:
    async with parts.reading() as store:
        return await store.count_mails(MailState.SENT)


async def _until_sent(parts: Parts, count: int, until: float) -> None:
    while await _sent(parts) < count and time.monotonic() < until:  # noqa: ASYNC110 - the database tells, no event does
        await asyncio.sleep(0.5)  # counting thousands costs more than sending one


async def _end(tasks: Sequence[asyncio.Future[None]]) -> None:
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
