"""Capacity as a process on a real broker and a real database: what is answered 2xx is on Kafka, once and in order."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.child_process import free_port
from shared.contracts.catalogue import PLACEMENTS, REGION_SETTINGS, SUPERVISOR_AVAILABILITY
from shared.contracts.envelope import Event, from_message, new_event, to_headers
from shared.messaging.topics import partition_of
from shared.testing.kafka import RunningBroker
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR
from tests.support.capacity import NOW, proposed
from tests.support.eventually import eventually

PARTITIONS = 6
OUR_TOPICS = (REGION_SETTINGS, SUPERVISOR_AVAILABILITY)


@dataclass
class Capacity:
    """A process of capacity that can be killed and started again on the same data."""

    environment: dict[str, str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.capacity"], env=self.environment, stdout=log, stderr=log
            )

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@asynccontextmanager
async def capacity_on(broker: RunningBroker, database_url: str, folder: Path) -> AsyncIterator[Capacity]:
    """Capacity, started; ended at the end."""
    port = free_port()
    own = {
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP": broker.bootstrap,
        "KAFKA_KIND": "apache" if broker.is_apache else "embedded",
        "PARTITIONS": str(PARTITIONS),
        "HTTP_PORT": str(port),
        "MASTER_KEY_FILE": str(folder / "master.key"),
        "SESSION_TIMEOUT_MS": "6000",
    }
    environment = {**os.environ, **{f"LEERPLEK_CAPACITY_{name}": value for name, value in own.items()}}
    capacity = Capacity(environment, port, folder / "capacity.log")
    capacity.start()
    try:
        yield capacity
    finally:
        if capacity.process is not None and capacity.process.poll() is None:
            capacity.kill(signal.SIGTERM)


async def answers(http: httpx.AsyncClient, path: str = "/livez") -> bool:
    try:
        return (await http.get(path)).status_code == 200
    except httpx.TransportError:
        return False


async def read_region(broker: RunningBroker, topic: str, region: str, count: int) -> list[tuple[int, Event]]:
    """Partition and event of this region's messages, as they lie in the topic; waits until there are `count`."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, enable_auto_commit=False)
    found: list[tuple[int, Event]] = []
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        for each in partitions:
            consumer.seek(each, 0)

        async def enough() -> bool:
            for messages in (await consumer.getmany(timeout_ms=50)).values():
                for message in messages:
                    headers = dict(message.headers)
                    if headers.get("ce_region") != region.encode():  # the broker is everybody's, poison included
                        continue
                    event = from_message(headers, message.value)
                    assert event.subject.encode() == message.key
                    found.append((message.partition, event))
            return len(found) >= count

        await eventually(enough, within_s=30, what=f"{count} events of {region} in {topic}")
    finally:
        await consumer.stop()
    return found


def kinds(found: list[tuple[int, Event]]) -> list[str]:
    return [event.type.removeprefix("nl.leerplek.").removesuffix(".v1") for _, event in found]


async def test_from_region_to_absence_every_event_is_on_kafka_in_order_in_the_partition_of_the_region(
    any_kafka: RunningBroker, database_url: str, tmp_path: Path, unique: str
) -> None:
    region = f"NL-{unique.upper()}"
    async with (
        capacity_on(any_kafka, database_url, tmp_path) as capacity,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{capacity.port}") as http,
    ):
        await eventually(lambda: answers(http), within_s=30, what="the service")
        await http.put(f"/v1/regions/{region}", json=REGION)
        await http.put("/v1/sites/01AB00", json=SITE | {"region": region})
        registered = await http.post("/v1/supervisors", json=SUPERVISOR | {"region": region})
        address = registered.headers["location"]
        assert (await http.post(f"{address}/absences", json={"start": "2026-11-24"})).status_code == 200
        assert (await http.post(f"{address}/return", json={"on": "2026-11-26"})).status_code == 200
        assert (await http.post(f"/v1/regions/{region}/days", json={"day": "2026-11-24"})).status_code == 200

        settings = await read_region(any_kafka, REGION_SETTINGS, region, 2)
        availability = await read_region(any_kafka, SUPERVISOR_AVAILABILITY, region, 4)
        assert kinds(settings) == ["region.changed", "day.started"]
        assert kinds(availability) == [
            "site.changed",
            "supervisor.registered",
            "supervisor.absence-reported",
            "supervisor.returned",
        ]
        assert {partition for partition, _ in settings + availability} == {partition_of(region, PARTITIONS)}
        assert [event.sequence for _, event in availability] == [1, 1, 2, 3]
        assert all(b"Fatima" not in event.data.model_dump_json().encode() for _, event in availability)

        await place_a_student(any_kafka, region, address.rpartition("/")[2])

        async def sees_the_student() -> bool:
            read = (await http.get(address)).json()
            return bool(read["students"] == 1)

        await eventually(sees_the_student, within_s=40, what="the placement in the read model")
        await eventually(lambda: answers(http, "/readyz"), within_s=40, what="readiness")


async def place_a_student(broker: RunningBroker, region: str, supervisor: str) -> None:
    """Tells, as the matcher does, that this supervisor guides a student of this region."""
    student = f"s-{region.lower()}"
    placement = proposed(student, region=region)
    guided = placement.placement.model_copy(update={"so": supervisor})
    event = new_event("urn:test", placement.model_copy(update={"placement": guided}), NOW)
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(
            PLACEMENTS,
            key=event.subject.encode(),
            value=event.data.model_dump_json().encode(),
            partition=partition_of(region, PARTITIONS),
            headers=[(name, value.encode()) for name, value in to_headers(event).items()],
        )
    finally:
        await producer.stop()


async def test_what_was_answered_survives_a_kill_and_reaches_kafka_once(
    kafka: RunningBroker, sqlite_url: str, tmp_path: Path, unique: str
) -> None:
    region = f"NL-{unique.upper()}"
    async with (
        capacity_on(kafka, sqlite_url, tmp_path) as capacity,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{capacity.port}") as http,
    ):
        await eventually(lambda: answers(http), within_s=30, what="the service")
        await http.put(f"/v1/regions/{region}", json=REGION)
        await http.put("/v1/sites/01AB00", json=SITE | {"region": region})
        posts = [
            http.post(
                "/v1/supervisors", json=SUPERVISOR | {"region": region}, headers={"Idempotency-Key": f"k{number}"}
            )
            for number in range(20)
        ]
        told = {answer.json()["id"] for answer in await asyncio.gather(*posts)}
        assert capacity.kill() == -signal.SIGKILL
        capacity.start()
        await eventually(lambda: answers(http), within_s=30, what="the service again")
        again = await http.post(
            "/v1/supervisors", json=SUPERVISOR | {"region": region}, headers={"Idempotency-Key": "k7"}
        )
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json()["id"] in told
        found = await read_region(kafka, SUPERVISOR_AVAILABILITY, region, 21)
        registered = [event for _, event in found if event.type.endswith("supervisor.registered.v1")]
        assert {event.subject.removeprefix("supervisor/") for event in registered} == told
        assert len({event.id for event in registered}) == 20
        name = (await http.get(f"/v1/supervisors/{again.json()['id']}")).json()["name"]
        assert name == "Fatima el Amrani"


async def test_capacity_takes_reports_while_kafka_is_away_and_ends_at_once_when_told(
    sqlite_url: str, tmp_path: Path
) -> None:
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    async with (
        capacity_on(nowhere, sqlite_url, tmp_path) as capacity,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{capacity.port}") as http,
    ):
        await eventually(lambda: answers(http), within_s=30, what="the service")
        assert (await http.put("/v1/regions/NL-T01", json=REGION)).status_code == 201
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["notices"][0]) == (200, "kafka does not answer")
        assert capacity.kill(signal.SIGTERM) == 0
