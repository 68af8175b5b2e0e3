"""CloudEvents 1.0 around the data of an event, in Kafka binary mode: attributes in headers, JSON in the value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils
from pydantic import ValidationError

from shared.contracts.catalogue import EVENT_TYPES, EventType, event_type_of
from shared.contracts.vocabulary import Contract

CONTENT_TYPE = "application/json"
REQUIRED_HEADERS = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject")
EXTENSION_HEADERS = ("ce_sequence", "ce_region")
"""Attributes of our own; every event of ours has them, and reading takes both from the data."""


class UnreadableEvent(Exception):
    """A message that is no event of ours; `reason` says why without repeating its content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `subject` is its aggregate and Kafka key; `region` chooses the partition. No personal data in any of them."""

    id: str
    source: str
    type: str
    time: datetime
    subject: str
    region: str
    sequence: int
    data: Contract


def new_event(source: str, data: Contract, now: datetime) -> Event:
    """An event about `data`, with a new UUIDv7 as id; `now` is the moment it was logged."""
    event_type = event_type_of(data)
    region, sequence = data.region, data.sequence  # type: ignore[attr-defined]  # every event's data has both
    subject = event_type.aggregate(data)
    return Event(str(uuid_utils.uuid7()), source, event_type.name, now, subject, region, sequence, data)


def to_headers(event: Event) -> dict[str, str]:
    """The CloudEvents attributes as Kafka headers; `sequence` and `region` are extension attributes."""
    return {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_time": event.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": event.subject,
        "ce_sequence": f"{event.sequence:012d}",
        "ce_region": event.region,
        "content-type": CONTENT_TYPE,
    }


def from_message(headers: Mapping[str, bytes], value: bytes) -> Event:
    """Reads an event, ignoring fields that this version does not know; raises UnreadableEvent."""
    attributes = _attributes(headers)
    event_type = EVENT_TYPES.get(attributes["ce_type"])
    if event_type is None:
        raise UnreadableEvent(f"unknown event type: {attributes['ce_type'][:80]!r}")
    data = _data(event_type, value)
    region, sequence = data.region, data.sequence  # type: ignore[attr-defined]  # every event's data has both
    subject = event_type.aggregate(data)
    return Event(
        attributes["ce_id"],
        attributes["ce_source"],
        event_type.name,
        _time(attributes["ce_time"]),
        subject,
        region,
        sequence,
        data,
    )


def _attributes(headers: Mapping[str, bytes]) -> dict[str, str]:
    missing = [name for name in REQUIRED_HEADERS if not headers.get(name)]
    if missing:
        raise UnreadableEvent(f"missing CloudEvents headers: {', '.join(missing)}")
    try:
        attributes = {name: headers[name].decode() for name in REQUIRED_HEADERS}
    except UnicodeDecodeError as problem:
        raise UnreadableEvent("a CloudEvents header is not UTF-8") from problem
    if attributes["ce_specversion"] != "1.0":
        raise UnreadableEvent(f"CloudEvents version {attributes['ce_specversion'][:10]!r} is not 1.0")
    return attributes


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UnreadableEvent("ce_time is no moment") from problem
    if moment.tzinfo is None:
        raise UnreadableEvent("ce_time has no time zone")
    return moment


def _data(event_type: EventType, value: bytes) -> Contract:
    try:
        return event_type.model.model_validate_json(value, extra="ignore")
    except ValidationError as problem:
        where = "; ".join(
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors(include_input=False)[:5]
        )
        raise UnreadableEvent(f"{event_type.name} does not hold: {where}") from problem
