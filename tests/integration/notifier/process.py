"""A notifier as a process that can be killed, and events for it on a real broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiokafka import AIOKafkaProducer

from services.notifier.domain.contacts import Contact
from shared.child_process import free_port
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.messaging.topics import partition_of
from shared.testing.kafka import RunningBroker
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[3]
PARTITIONS = 6


class NotifierProcess:
    """`python -m services.notifier` with its settings; started as often as it takes."""

    def __init__(self, broker: RunningBroker, database_url: str, smtp_port: int, output: Path) -> None:
        self.port = free_port()
        self.output = output
        settings = {
            "DATABASE_URL": database_url,
            "KAFKA_BOOTSTRAP": broker.bootstrap,
            "KAFKA_KIND": "apache" if broker.is_apache else "embedded",
            "MASTER_KEY_FILE": str(output.with_name("master.key")),
            "HTTP_PORT": str(self.port),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "MAIL_FROM": "Leerplek <meldingen@leerplek.example>",
            "GROUP_WAIT_S": "1.5",
            "LEASE_S": "4",
            "SMTP_TIMEOUT_S": "2",
            "RETRY_FIRST_S": "0.1",
            "SESSION_TIMEOUT_MS": "6000" if broker.is_apache else "2000",
        }
        self._environment = {**os.environ, **{f"LEERPLEK_NOTIFIER_{name}": value for name, value in settings.items()}}
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Starts it and waits until it reads its topics."""
        self._process = self._spawn()
        try:
            await eventually(self._is_ready, within_s=40, every_s=0.1, what="a ready notifier")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.output.read_text()[-3000:]}") from late

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "services.notifier"]
        with self.output.open("ab") as output:
            return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=output, stderr=subprocess.STDOUT)

    async def _is_ready(self) -> bool:
        try:
            return (await self.client.get("/readyz")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """Ends it as a crash would."""
        self._end(signal.SIGKILL)

    async def close(self) -> None:
        """Ends it for good."""
        self._end(signal.SIGTERM)
        await self.client.aclose()

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=20)
            self._process = None

    async def register(self, *contacts: Contact) -> None:
        """Makes these contacts known over HTTP."""
        for contact in contacts:
            body = {
                "organisation": contact.organisation,
                "role": contact.role,
                "email": contact.email,
                "name": contact.name,
                "phone": contact.phone,
            }
            answer = await self.client.put(f"/v1/contacts/{contact.id}", json=body)
            assert answer.status_code in (200, 201), answer.text

    async def mails(self, region: str) -> list[dict[str, object]]:
        """The mails about a region."""
        items = (await self.client.get("/v1/mails", params={"limit": 500})).json()["items"]
        return [each for each in items if each["region"] == region]


async def publish(broker: RunningBroker, events: Sequence[Contract]) -> None:
    """Puts events on their topics, as the services that own them do."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        for data in events:
            event = new_event("urn:nld:test", data, datetime.now(UTC))
            await producer.send_and_wait(
                event_type_of(data).topic,
                value=data.model_dump_json().encode(),
                key=event.subject.encode(),
                headers=[(name, text.encode()) for name, text in to_headers(event).items()],
                partition=partition_of(event.region, PARTITIONS),
            )
    finally:
        await producer.stop()


async def publish_raw(broker: RunningBroker, topic: str, key: bytes, value: bytes) -> None:
    """Puts bytes on a topic that are no event."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(topic, value=value, key=key, partition=0)
    finally:
        await producer.stop()
