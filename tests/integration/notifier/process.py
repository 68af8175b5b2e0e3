"""A notifier as a process that can be killed, and events for it on a real broker."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import httpx
from aiokafka import AIOKafkaProducer

from services.notifier.domain.contacts import Contact
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.messaging.topics import partition_of
from shared.testing.kafka import RunningBroker
from tests.support.service_process import ServiceProcess

PARTITIONS = 6


class NotifierProcess(ServiceProcess):
    """A notifier whose mails go to this port."""

    def __init__(self, broker: RunningBroker, database_url: str, smtp_port: int, folder: Path) -> None:
        settings = {
            "DATABASE_URL": database_url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "MAIL_FROM": "Leerplek <meldingen@leerplek.example>",
            "GROUP_WAIT_S": "1.5",
            "LEASE_S": "4",
            "SMTP_TIMEOUT_S": "2",
            "RETRY_FIRST_S": "0.1",
            "SESSION_TIMEOUT_MS": "6000" if broker.is_apache else "2000",
            "MASTER_KEY_FILE": str(folder / "master.key"),
        }
        super().__init__("notifier", broker.bootstrap, broker.is_apache, settings, folder)
        self.environment["LEERPLEK_NOTIFIER_PUBLIC_URL"] = self.url
        self.client = httpx.AsyncClient(base_url=self.url)

    async def close(self) -> None:
        """Ends it for good."""
        try:
            self.end()
        finally:
            self.stop()
            await self.client.aclose()

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
            number = uuid5(NAMESPACE_OID, contact.id)
            answer = await self.client.put(f"/v1/contacts/{number}", json=body)
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
