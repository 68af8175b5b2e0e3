"""What a consumer cannot read or may not apply is put aside as it came, and stalls nothing."""

from shared.contracts.envelope import Event
from shared.errors import Conflict, DomainError
from shared.messaging.inbox import Tombstone
from shared.messaging.record import Record
from shared.messaging.relay import Relay
from shared.persistence.database import Database
from shared.testing.kafka import RunningBroker
from tests.support.consuming import build, leave_effect, settings
from tests.support.databases import effects, has_effects
from tests.support.eventually import eventually
from tests.support.streams import Raw, raw, running, send, workplace
from tests.support.topics import read_all

NOT_UTF_8 = b"\xff\xfe\x00bytes"
RULE = "rule-broken"


def poison(compacted_refuses_null_keys: bool) -> dict[str, tuple[Raw, str]]:
    good = raw(workplace(99))
    kinds = {
        "not json": (Raw(good.key, b"{not json", good.headers, good.partition), "does not hold"),
        "not utf-8": (Raw(good.key, NOT_UTF_8, good.headers, good.partition), "does not hold"),
        "nested too deep": (Raw(good.key, b"[" * 100_000, good.headers, good.partition), "does not hold"),
        "empty": (Raw(good.key, b"", good.headers, good.partition), "does not hold"),
        "field missing": (Raw(good.key, b'{"region":"NL-R01"}', good.headers, good.partition), "Field required"),
        "a reason that is a list": (
            Raw(good.key, b'{"reason":[]}', good.headers, good.partition),
            "gezondheidsgegeven",
        ),
        "a sequence no database can hold": (
            Raw(good.key, _with_sequence(good, 2**31), good.headers, good.partition),
            "does not hold",
        ),
        "unknown type": (raw(workplace(99), ce_type=b"nl.leerplek.who.knows.v1"), "unknown event type"),
        "no headers": (Raw(good.key, good.value, {}, good.partition), "missing CloudEvents headers: ce_specversion"),
        "header without value": (Raw(good.key, good.value, {**good.headers, "ce_id": None}), "ce_id"),
        "header not utf-8": (raw(workplace(99), ce_source=NOT_UTF_8), "not UTF-8"),
        "wrong version": (raw(workplace(99), ce_specversion=b"0.3"), "is not 1.0"),
        "no moment": (raw(workplace(99), ce_time=b"yesterday"), "ce_time"),
        "a student number in the key": (
            Raw(b"workplace/123456782", good.value, good.headers, good.partition),
            "the key is not",
        ),
        "wrong key": (Raw(b"workplace/other", good.value, good.headers, good.partition), "the key is not"),
        "rule broken": (raw(workplace(666)), RULE),
        "conflict": (raw(workplace(667)), "conflict"),
    }
    if not compacted_refuses_null_keys:
        kinds["null key"] = (Raw(None, good.value, good.headers, good.partition), "without a key")
    return kinds


def _with_sequence(message: Raw, sequence: int) -> bytes:
    return (message.value or b"").replace(b'"sequence":1', b'"sequence":%d' % sequence)


async def rules(event: Event | Tombstone) -> None:
    if event.subject == "workplace/w666":
        raise DomainError(RULE, "Dit mag niet.")
    if event.subject == "workplace/w667":
        raise Conflict("conflict", "Dit kan niet meer.")


async def test_poison_of_every_kind_is_parked_as_it_came_and_never_stalls(
    any_kafka: RunningBroker, database: Database, topic: str
) -> None:
    kinds = poison(any_kafka.is_apache)
    messages = [each for n, (bad, _) in enumerate(kinds.values()) for each in (bad, raw(workplace(n)))]
    await send(any_kafka.bootstrap, topic, messages)
    relay = Relay(database, any_kafka.bootstrap, idempotence=any_kafka.is_apache)
    read = settings(any_kafka.bootstrap, topic, topic)
    async with running(build(read, database, leave_effect(before=rules)).run(), relay.run()):
        await eventually(has_effects(database, len(kinds)))
        parked = await read_all(any_kafka.bootstrap, f"{topic}.parked", len(kinds))

    assert sorted(await effects(database)) == sorted((f"workplace/w{n}", 1) for n in range(len(kinds)))
    origin = {record.headers["leerplek_origin"].decode(): record for record in parked}
    assert len(parked) == len(origin) == len(kinds)
    for n, (name, (bad, reason)) in enumerate(kinds.items()):
        record = next(each for each in parked if _is_copy_of(each, bad) and reason in _reason(each))
        assert record.partition.number == bad.partition, name
        assert record.headers["leerplek_parked_by"] == topic.encode()
        assert record.headers["leerplek_origin"].startswith(f"{topic}/{bad.partition}/".encode()), n


def _reason(record: Record) -> str:
    return record.headers["leerplek_reason"].decode()


def _is_copy_of(record: Record, bad: Raw) -> bool:
    if "; holds " in _reason(record):
        return record.value is None and (record.key or b"").startswith(b"parked/")
    headers = {name: value for name, value in record.headers.items() if not name.startswith("leerplek_")}
    original = {name: value or b"" for name, value in bad.headers.items()}
    return (record.key, record.value, headers) == (bad.key, bad.value, original)
