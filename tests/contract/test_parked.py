"""What was put aside: listed with its reason, sent again as it came, and never kept where it may not be."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from shared.contracts.envelope import Event, UnreadableEvent
from shared.errors import DomainError
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.parked.topic import list_parked, replay
from shared.messaging.record import Partition, Record
from shared.messaging.relay import Relay
from shared.messaging.topics import partition_of
from shared.persistence.database import Database
from shared.persistence.tables import OutboxRow
from shared.testing.kafka import RunningBroker
from tests.support.consuming import build, leave_effect, settings
from tests.support.databases import effects, open_database
from tests.support.eventually import eventually
from tests.support.streams import PARTITIONS, Raw, make_topic, raw, running, send, workplace
from tests.support.topics import read_all

BSN = "123456782"


async def test_what_was_parked_is_applied_once_it_is_sent_again_after_the_cause_is_gone(
    any_kafka: RunningBroker, sqlite_url: str, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"again-{unique}")
    known = {"NL-R01"}

    async def of_a_known_region(event: Event | Tombstone) -> None:
        if isinstance(event, Event) and event.region not in known:
            raise DomainError("onbekende-regio", "Deze regio kennen we niet.")

    unknown = raw(workplace(2, region="NL-R02"), ce_source=b"urn:nld:elsewhere")
    bad = Raw(unknown.key, b'{"bsn": "%s"}' % BSN.encode(), unknown.headers, unknown.partition)
    async with open_database(sqlite_url) as database:
        relay = Relay(database, any_kafka.bootstrap, idempotence=any_kafka.is_apache)
        consumer = build(settings(any_kafka.bootstrap, topic, topic), database, leave_effect(before=of_a_known_region))
        async with running(relay.run(), consumer.run()):
            await send(any_kafka.bootstrap, topic, [unknown, bad, raw(workplace(1))])
            await read_all(any_kafka.bootstrap, f"{topic}.parked", 2)
            parked = await list_parked(any_kafka.bootstrap, topic)
            assert [(each.reason, each.is_fingerprint) for each in parked] == [
                ("onbekende-regio", False),
                ("nl.leerplek.workplace.changed.v1 does not hold; holds burgerservicenummer", True),
            ]
            assert [each.origin for each in parked] == [f"{topic}/{unknown.partition}/{n}" for n in (0, 1)]

            known.add("NL-R02")
            assert await replay(any_kafka.bootstrap, topic) == 1
            await eventually(lambda: is_applied(database, "workplace/w2"))
            assert await replay(any_kafka.bootstrap, topic, [parked[1].position]) == 0
            with pytest.raises(DomainError, match="unknown-position"):
                await replay(any_kafka.bootstrap, topic, ["0/999"])
        again = await read_all(any_kafka.bootstrap, topic, 4)
    last = max((each for each in again if each.key == unknown.key), key=lambda each: each.offset)
    assert (last.value, last.partition.number, last.headers) == (
        unknown.value,
        unknown.partition,
        dict(unknown.headers),
    )


async def test_of_the_copies_of_several_readers_one_is_sent_again_and_only_once(
    any_kafka: RunningBroker, sqlite_url: str, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"copies-{unique}")
    bad = [raw(workplace(number), ce_source=b"urn:nld:elsewhere") for number in range(3)]

    async def refuse(event: Event | Tombstone) -> None:
        raise DomainError("onbekende-regio", "Deze regio kennen we niet.")

    async with open_database(sqlite_url) as database:
        relay = Relay(database, any_kafka.bootstrap, idempotence=any_kafka.is_apache)
        readers = [
            build(settings(any_kafka.bootstrap, f"{topic}-{name}", topic), database, leave_effect(before=refuse)).run()
            for name in ("a", "b", "c")
        ]
        async with running(relay.run(), *readers):
            await send(any_kafka.bootstrap, topic, bad)
            await read_all(any_kafka.bootstrap, f"{topic}.parked", 9)
    parked = await list_parked(any_kafka.bootstrap, topic)
    assert len(parked) == 9
    assert {each.replayed_at for each in parked} == {None}

    named = next(each for each in parked if each.record.key == b"workplace/w1")
    assert (
        await replay(any_kafka.bootstrap, topic, [each.position for each in parked if each.origin == named.origin]) == 1
    )
    assert await replay(any_kafka.bootstrap, topic) == 2
    assert await replay(any_kafka.bootstrap, topic) == 0
    assert await replay(any_kafka.bootstrap, topic, [named.position]) == 1

    again = [each.key for each in await read_all(any_kafka.bootstrap, topic, 7)]
    assert again == [b"workplace/w%d" % number for number in (0, 1, 2, 1, 0, 2, 1)]
    listed = await list_parked(any_kafka.bootstrap, topic)
    assert [each.position for each in listed] == [each.position for each in parked], "notes are not listed"
    assert all(each.replayed_at is not None and each.replayed_at >= each.parked_at for each in listed)


async def is_applied(database: Database, subject: str) -> bool:
    return subject in {applied for applied, _ in await effects(database)}


def known(headers: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {name: value for name, value in headers.items() if value is not None}


async def test_what_lay_in_the_wrong_partition_goes_to_that_of_its_region_a_tombstone_too(
    any_kafka: RunningBroker, sqlite_url: str, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"strays-{unique}")
    home = partition_of("NL-R02", PARTITIONS)
    away = (home + 1) % PARTITIONS
    stray = replace(raw(workplace(1, region="NL-R02")), partition=away)
    gone = Raw(b"workplace/w2", None, {"ce_region": b"NL-R02"}, away)
    nobodys = Raw(b"workplace/w3", None, {}, away)

    async with open_database(sqlite_url) as database:
        async with database.transaction() as tx:
            for offset, one in enumerate((stray, gone, nobodys)):
                record = Record(Partition(topic, away), offset, one.key, one.value, known(one.headers))
                Inbox("test").park(tx, record, "lies elsewhere", datetime.now(UTC))
        relay = Relay(database, any_kafka.bootstrap, idempotence=any_kafka.is_apache)
        async with running(relay.run()):
            await read_all(any_kafka.bootstrap, f"{topic}.parked", 3)
        assert await replay(any_kafka.bootstrap, topic) == 3
        again = await read_all(any_kafka.bootstrap, topic, 3)
    assert {(one.key, one.partition.number) for one in again} == {
        (stray.key, home),
        (gone.key, home),
        (nobodys.key, away),
    }


async def test_parked_messages_of_an_unknown_topic_are_asked_for_in_vain(any_kafka: RunningBroker, unique: str) -> None:
    with pytest.raises(DomainError, match="unknown-topic"):
        await list_parked(any_kafka.bootstrap, f"nowhere-{unique}")


async def test_a_topic_with_nothing_parked_gives_nothing(any_kafka: RunningBroker, unique: str) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"clean-{unique}")
    assert await list_parked(any_kafka.bootstrap, topic) == []
    assert await replay(any_kafka.bootstrap, topic) == 0


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("an extra field", lambda good: Raw(good.key, b'{"x": {"id": "%s"}}' % BSN.encode(), good.headers)),
        ("a number", lambda good: Raw(good.key, b'{"note": %s}' % BSN.encode(), good.headers)),
        ("text that is no json", lambda good: Raw(good.key, b"student %s" % BSN.encode(), good.headers)),
        (
            "the name of a period",
            lambda good: Raw(good.key, b'{"workplace":{"seats":{"%s":"x"}}}' % BSN.encode(), good.headers),
        ),
        ("the key", lambda good: Raw(b"workplace/%s" % BSN.encode(), b"{}", good.headers)),
        ("a header", lambda good: Raw(good.key, b"{}", {**good.headers, "ce_subject": BSN.encode()})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_of_poison_with_a_student_number_only_a_fingerprint_is_kept(
    where: str, message: Callable[[Raw], Raw], sqlite_url: str
) -> None:
    bad = message(raw(workplace(1)))
    record = Record(Partition("t", 0), 7, bad.key, bad.value, {k: v or b"" for k, v in bad.headers.items()})
    inbox = Inbox("test")
    async with open_database(sqlite_url) as database:
        await _park(database, inbox, record)
        (row,) = await _outbox(database)
    assert row.value is None
    assert BSN not in repr((row.key, row.headers))
    assert row.headers["leerplek_sha256"] == hashlib.sha256(bad.value or b"").hexdigest()
    assert row.headers["leerplek_origin"] == "t/0/7"
    assert row.headers["leerplek_reason"].endswith("; holds burgerservicenummer")


async def _park(database: Database, inbox: Inbox, record: Record) -> None:
    async with database.transaction() as tx:
        try:
            inbox.read(record)
        except UnreadableEvent as problem:
            inbox.park(tx, record, problem.reason, datetime.now(UTC))
        else:
            raise AssertionError("this is no poison")


async def _outbox(database: Database) -> list[OutboxRow]:
    async with database.reading() as tx:
        return list((await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all())
