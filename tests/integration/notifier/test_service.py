"""From an event on a real broker to one mail in the sink, whatever happens to the process in between."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from services.notifier.domain.contacts import Role
from shared.contracts.catalogue import TOPICS
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset
from shared.testing.kafka import RunningBroker, start_embedded, start_kafka
from tests.integration.notifier.process import NotifierProcess, publish, publish_raw
from tests.integration.notifier.smtp_server import MailServer
from tests.support.eventually import eventually
from tests.support.notifier import PEOPLE, SITE, lost, placed, site_changed, unplaced
from tests.support.topics import read_under_key


@pytest.fixture
def region(unique: str) -> str:
    return f"NL-{unique.upper()}"


@pytest.fixture(params=["apache", "embedded"])
def any_kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """A broker of each test's own: what other tests left in a log is told to the same people, and counts for their day."""
    start = start_kafka if request.param == "apache" else start_embedded
    broker = start(tmp_path_factory.mktemp("own-kafka"))
    if request.param == "apache" and broker.kind == "embedded":
        broker.stop()
        pytest.skip("no Apache Kafka on this machine: " + "; ".join(broker.skipped))
    yield broker
    broker.stop()


@pytest.fixture
async def notifier(
    any_kafka: RunningBroker, database_url: str, mail_server: MailServer, tmp_path: Path
) -> AsyncIterator[NotifierProcess]:
    process = NotifierProcess(any_kafka, database_url, mail_server.port, tmp_path)
    await process.start_ready()
    yield process
    await process.close()


async def _register_everybody(notifier: NotifierProcess, region: str) -> None:
    manager = replace(PEOPLE.manager, organisation=region)
    await notifier.register(PEOPLE.coordinator, PEOPLE.trainer, manager)


async def _are_sent(notifier: NotifierProcess, region: str, count: int) -> None:
    async def sent() -> bool:
        mails = await notifier.mails(region)
        return len(mails) == count and all(each["state"] == "sent" for each in mails)

    await eventually(sent, within_s=60, every_s=0.1, what=f"{count} mails sent")


def _about(server: MailServer, student: str) -> list[str]:
    """The recipients of the mails that name this student by number."""
    found = []
    for message in server.taken:
        body = message.get_body(("plain",))
        if body is not None and f"Nummer in Leerplek: {student}" in body.get_content():
            found.append(message["To"].addresses[0].addr_spec)
    return sorted(found)


async def _reread_everything(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction() as tx:
        await tx.exec(delete(ConsumerOffset))
    await database.close()


async def test_each_alert_is_one_mail_also_after_kills_and_a_replay_from_the_start(
    notifier: NotifierProcess,
    any_kafka: RunningBroker,
    database_url: str,
    mail_server: MailServer,
    region: str,
    unique: str,
) -> None:
    gone, waits = f"a-{unique}", f"b-{unique}"
    await _register_everybody(notifier, region)
    await publish(
        any_kafka,
        [
            site_changed(region),
            lost(gone, region=region),
            unplaced(gone, 2, lost_site=SITE, region=region),
            unplaced(f"c-{unique}", 1, region=region),
            placed(f"c-{unique}", 2, region=region),
        ],
    )
    await _are_sent(notifier, region, 2)
    await publish(any_kafka, [unplaced(waits, 1, region=region)])

    async def is_open() -> bool:
        items = (await notifier.client.get("/v1/unheard")).json()["items"]
        return any(each["student"] == waits for each in items)

    await eventually(is_open, within_s=10)
    notifier.kill()
    await notifier.start_ready()
    await _are_sent(notifier, region, 3)
    notifier.kill()
    await _reread_everything(database_url)
    await notifier.start_ready()
    marker = f"d-{unique}"
    await publish(any_kafka, [unplaced(marker, 1, region=region)])
    await _are_sent(notifier, region, 4)
    assert _about(mail_server, gone) == [PEOPLE.trainer.email, PEOPLE.coordinator.email]
    assert _about(mail_server, waits) == [PEOPLE.coordinator.email]
    assert _about(mail_server, marker) == [PEOPLE.coordinator.email]
    assert _about(mail_server, f"c-{unique}") == []
    ids = [message["Message-ID"] for message in mail_server.taken]
    assert len(ids) == len(set(ids))


async def test_while_the_mail_server_is_away_nothing_is_lost(
    notifier: NotifierProcess, any_kafka: RunningBroker, mail_server: MailServer, region: str, unique: str
) -> None:
    await mail_server.stop()
    await _register_everybody(notifier, region)
    await publish(any_kafka, [unplaced(f"a-{unique}", region=region)])

    async def was_tried() -> bool:
        mails = await notifier.mails(region)
        return bool(mails) and "niet bereikbaar" in str(mails[0]["failure"])

    await eventually(was_tried, within_s=60, every_s=0.1)
    await mail_server.start()
    await _are_sent(notifier, region, 1)
    assert _about(mail_server, f"a-{unique}") == [PEOPLE.coordinator.email]


async def test_poison_on_every_topic_is_parked_and_stops_nothing(
    notifier: NotifierProcess, any_kafka: RunningBroker, mail_server: MailServer, region: str, unique: str
) -> None:
    await _register_everybody(notifier, region)
    for topic in TOPICS:
        await publish_raw(any_kafka, topic, f"poison/{unique}".encode(), b"\xff not an event")
    await publish(any_kafka, [unplaced(f"a-{unique}", region=region)])
    await _are_sent(notifier, region, 1)
    for topic in TOPICS:
        await read_under_key(any_kafka.bootstrap, f"{topic}.parked", f"poison/{unique}".encode())


async def test_a_contact_that_comes_later_still_hears_and_until_then_the_page_is_red(
    notifier: NotifierProcess, any_kafka: RunningBroker, mail_server: MailServer, region: str, unique: str
) -> None:
    await publish(any_kafka, [unplaced(f"a-{unique}", region=region)])

    async def is_red() -> bool:
        return region in (await notifier.client.get("/")).text

    await eventually(is_red, within_s=60, every_s=0.1)
    assert _about(mail_server, f"a-{unique}") == []
    manager = replace(PEOPLE.manager, organisation=region, role=Role.PROGRAMME_MANAGER)
    await notifier.register(manager)
    await _are_sent(notifier, region, 1)
    assert _about(mail_server, f"a-{unique}") == [manager.email]
