"""A backlog put on Kafka at once: how long the matcher takes to have answered all of it."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from bench.stack import Stage
from services.matcher.domain.documents import plain
from services.matcher.ports import RegionState
from shared.contracts.availability import SupervisorHoursChanged
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.registrations import StudentChanged
from shared.contracts.vocabulary import Contract
from shared.messaging.topics import partition_of

LATER = 1_000_000
"""Sequences from here on are newer than any that a service has told."""
STUDENTS, POLL_S, WITHIN_S = 0.8, 0.2, 600.0


async def drain(stage: Stage, state: RegionState, number: int, seed: int = 1) -> tuple[float, float]:
    """Seconds until the backlog was on Kafka, and from then until all of it was answered."""
    region, began = stage.cast.world.region, time.monotonic()
    ends = await _put(stage.stack.bootstrap, region, events_of(state, number, random.Random(seed)))
    put = time.monotonic()
    while not await _has_read(stage, region, ends):
        if time.monotonic() - put > WITHIN_S:
            raise TimeoutError(f"{number} events are not answered within {WITHIN_S:.0f} s")
        await asyncio.sleep(POLL_S)
    return put - began, time.monotonic() - put


def events_of(state: RegionState, number: int, draw: random.Random) -> Iterator[Contract]:
    """Students who move house, and supervisors who get other hours."""
    facts = state.facts
    students, people = sorted(facts.students), sorted(facts.supervisors)
    for rank in range(number):
        common = {"region": facts.id, "sequence": LATER + rank}
        if draw.random() < STUDENTS:
            one = facts.students[draw.choice(students)]
            one = replace(one, lat=round(one.lat + draw.uniform(-0.05, 0.05), 4))
            yield StudentChanged.model_validate({**common, "student": plain(one)})
        else:
            person = facts.supervisors[draw.choice(people)]
            hours = {period: int(qh * draw.uniform(0.7, 1.3)) for period, qh in person.qh.items()}
            yield SupervisorHoursChanged.model_validate({**common, "supervisor": plain(replace(person, qh=hours))})


async def _put(bootstrap: str, region: str, events: Iterator[Contract]) -> dict[str, int]:
    """Where each partition ends with these."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5, max_batch_size=1_000_000)
    await producer.start()
    try:
        sent = []
        for data in events:
            event, topic = new_event("urn:nld:leerplek:bench", data, datetime.now(UTC)), event_type_of(data).topic
            partition = partition_of(region, len(await producer.partitions_for(topic)))
            headers = [(name, text.encode()) for name, text in to_headers(event).items()]
            value = data.model_dump_json().encode()
            sent.append(await producer.send(topic, value, event.subject.encode(), partition, headers=headers))
        done = await asyncio.gather(*sent)
    finally:
        await producer.stop()
    ends: dict[str, int] = {}
    for one in done:
        where = f"{one.topic}/{one.partition}"
        ends[where] = max(ends.get(where, 0), one.offset + 1)
    return ends


async def _has_read(stage: Stage, region: str, ends: dict[str, int]) -> bool:
    plan = await stage.client.get("matcher", f"/regions/{region}/plan")
    return plan is not None and all(plan["position"].get(where, 0) >= end for where, end in ends.items())
