"""Writes the JSON Schemas and the AsyncAPI 3 document from the catalogue, and tells which of them are stale."""

import json
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import EVENT_TYPES, TOPICS, EventType
from shared.contracts.envelope import EXTENSION_HEADERS, REQUIRED_HEADERS

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
SAMPLES = HERE / "samples"
ASYNCAPI = HERE / "asyncapi.json"

TOPIC_MEANING = {
    "student.registrations": "Students, mismatch reports and the institutes' decisions.",
    "supervisor.availability": "Sites, workplaces, supervisors and the schools' decisions.",
    "region.settings": "Regions with their settings, and the start of each day.",
    "placements": "Each student's place in the plan, or the reason why there is none.",
    "placement.signals": "What people must know: raised, worsened, cleared.",
}


def documents() -> dict[Path, str]:
    """Every generated file with its text."""
    files = {SCHEMAS / f"{name}.json": _text(_schema(event_type)) for name, event_type in EVENT_TYPES.items()}
    files[ASYNCAPI] = _text(_asyncapi())
    return files


def stale() -> list[str]:
    """Names of generated files that differ from what the models say, and of schemas or samples that are missing or left over."""
    files = documents()
    problems = [
        str(path.relative_to(HERE)) for path, text in files.items() if not path.exists() or path.read_text() != text
    ]
    left_over = set(SCHEMAS.glob("*.json")) - set(files)
    missing = [f"samples/{name}.json" for name in EVENT_TYPES if not (SAMPLES / f"{name}.json").exists()]
    return sorted([*problems, *(str(path.relative_to(HERE)) for path in left_over), *missing])


def write() -> None:
    """Brings every generated file up to date; golden samples are written by hand and never overwritten."""
    SCHEMAS.mkdir(exist_ok=True)
    files = documents()
    for path in set(SCHEMAS.glob("*.json")) - set(files):
        path.unlink()
    for path, text in files.items():
        path.write_text(text)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _schema(event_type: EventType) -> dict[str, Any]:
    schema = event_type.model.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:leerplek:schema:{event_type.name}",
        **schema,
    }


def _asyncapi() -> dict[str, Any]:
    messages = {name: _message(event_type) for name, event_type in EVENT_TYPES.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Leerplek events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka binary mode. One event carries the whole state of one aggregate.",
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {"messages": messages},
    }


def _channel(topic: str) -> dict[str, Any]:
    names = [name for name, event_type in EVENT_TYPES.items() if event_type.topic == topic]
    return {
        "address": topic,
        "description": TOPIC_MEANING[topic],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"topicConfiguration": {"cleanup.policy": ["compact"]}}},
    }


def _operations() -> dict[str, Any]:
    operations = {}
    for topic in TOPICS:
        owners = sorted({event_type.owner for event_type in EVENT_TYPES.values() if event_type.topic == topic})
        for owner in owners:
            operations[f"{owner}-sends-{topic}"] = {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}}
    return operations


def _message(event_type: EventType) -> dict[str, Any]:
    headers = [*REQUIRED_HEADERS, *EXTENSION_HEADERS]
    return {
        "name": event_type.name,
        "summary": event_type.summary,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": headers,
            "properties": {name: {"type": "string"} for name in headers},
        },
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": _schema(event_type)},
        "bindings": {"kafka": {"key": {"type": "string", "description": "the aggregate: kind/id"}}},
    }
