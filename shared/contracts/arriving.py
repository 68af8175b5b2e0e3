"""CloudEvents 1.0 as others send them over HTTP: structured, several in a batch, or binary with the attributes in headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from shared.errors import DomainError

STRUCTURED, BATCH, BINARY = "application/cloudevents+json", "application/cloudevents-batch+json", "application/json"
MOST = 200
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Arrived:
    """One event of somebody else: `id` and `source` together tell it from all others."""

    id: str
    source: str
    type: str
    data: Any


def structured(body: Any) -> Arrived:
    """An event with its attributes beside the data; raises DomainError, with where it is wrong."""
    if not isinstance(body, dict):
        raise DomainError("geen-cloudevent", "Hier hoort een CloudEvent: een JSON-object.")
    if "data_base64" in body:
        raise DomainError("geen-cloudevent", "Stuur data als JSON, niet als data_base64.", pointer="/data_base64")
    if str(body.get("datacontenttype", BINARY)).partition(";")[0].strip() != BINARY:
        raise DomainError("geen-cloudevent", f"Alleen {BINARY} wordt gelezen.", pointer="/datacontenttype")
    return _event({name: body.get(name) for name in ("specversion", "id", "source", "type", "time")}, body.get("data"))


def batch(body: Any) -> list[Any]:
    """The events of a batch, each to be read by itself; raises DomainError."""
    if not isinstance(body, list):
        raise DomainError("geen-cloudevent", "Hier hoort een lijst van CloudEvents.")
    if len(body) > MOST:
        raise DomainError("te-veel-events", f"Stuur hoogstens {MOST} events tegelijk.")
    return body


def binary(headers: Mapping[str, str], body: Any) -> Arrived:
    """An event with its attributes in headers, percent-encoded where they are no ASCII; raises DomainError."""
    given = {name: headers.get(f"ce-{name}") for name in ("specversion", "id", "source", "type", "time")}
    return _event({name: value and unquote(value) for name, value in given.items()}, body)


def _event(attributes: Mapping[str, Any], data: Any) -> Arrived:
    for name in ("specversion", "id", "source", "type"):
        value = attributes[name]
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
            detail = f"Een CloudEvent heeft {name}: 1 tot {LONGEST} leesbare tekens."
            raise DomainError("geen-cloudevent", detail, pointer=f"/{name}")
    if attributes["specversion"] != "1.0":
        raise DomainError("geen-cloudevent", "Alleen specversion 1.0 wordt gelezen.", pointer="/specversion")
    if attributes["time"] is not None and not _is_moment(attributes["time"]):
        raise DomainError("geen-cloudevent", "time is een moment met tijdzone (RFC 3339).", pointer="/time")
    return Arrived(attributes["id"], attributes["source"], attributes["type"], data)


def _is_moment(text: Any) -> bool:
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
