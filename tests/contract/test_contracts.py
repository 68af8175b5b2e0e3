"""Every event version: its golden sample stays readable, its documents are fresh, and nothing in it tells who somebody is."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel, ValidationError

from shared.contracts import documents
from shared.contracts.catalogue import EVENT_TYPES, TOPICS, EventType
from shared.contracts.envelope import REQUIRED_HEADERS, UnreadableEvent, from_message, to_headers
from shared.security.refused import forbidden_content, holds_bsn

NAMES = sorted(EVENT_TYPES)
TELLS_WHO = re.compile(
    r"e-?mail|phone|telefoon|birth|geboorte|gender|geslacht|nationalit|religi|first|last|surname|voornaam",
    re.IGNORECASE,
)
SUBJECT = re.compile(r"^[a-z-]+/[A-Za-z0-9][A-Za-z0-9_.-]*$")


def sample(name: str) -> dict[str, Any]:
    text = (documents.SAMPLES / f"{name}.json").read_text()
    return dict(json.loads(text))


def message(document: Mapping[str, Any], **more: object) -> tuple[dict[str, bytes], bytes]:
    headers = {header: text.encode() for header, text in document["headers"].items()}
    return headers, json.dumps({**document["data"], **more}).encode()


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_sample_is_read_and_written_back_without_loss(name: str) -> None:
    stored = sample(name)

    event = from_message(*message(stored))

    assert event.type == name
    assert event.subject == stored["key"]
    assert event.data.model_dump(mode="json") == stored["data"]
    assert {**to_headers(event), "ce_time": stored["headers"]["ce_time"]} == stored["headers"]


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_ignores_a_field_of_a_later_version_and_an_owner_refuses_it(name: str) -> None:
    stored = sample(name)

    assert from_message(*message(stored, added_later={"x": 1})).data == from_message(*message(stored)).data
    with pytest.raises(ValidationError, match="added_later"):
        EVENT_TYPES[name].model.model_validate({**stored["data"], "added_later": 1})


WITH_INNER = {
    name: field
    for name in NAMES
    for field in ("student", "mismatch", "site", "workplace", "supervisor", "settings", "placement")
    if isinstance(sample(name)["data"].get(field), dict)
}


@pytest.mark.parametrize("name", WITH_INNER)
def test_a_field_of_a_later_version_deeper_down_is_ignored_too(name: str) -> None:
    stored = sample(name)
    stored["data"][WITH_INNER[name]]["added_later"] = 1

    assert from_message(*message(stored)).data.model_dump(mode="json") == sample(name)["data"]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_the_sample_and_refuses_what_the_model_refuses(name: str) -> None:
    schema = json.loads((documents.SCHEMAS / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    validator.validate(sample(name)["data"])
    assert list(validator.iter_errors({**sample(name)["data"], "sequence": 0}))
    assert list(validator.iter_errors({**sample(name)["data"], "added_later": 1}))
    assert list(validator.iter_errors({}))


@pytest.mark.parametrize("header", REQUIRED_HEADERS)
def test_a_message_without_an_attribute_of_cloudevents_is_unreadable(header: str) -> None:
    headers, value = message(sample("nl.leerplek.day.started.v1"))
    del headers[header]
    with pytest.raises(UnreadableEvent, match=header):
        from_message(headers, value)


def test_no_sample_no_schema_and_no_asyncapi_document_is_stale() -> None:
    assert documents.stale() == []
    assert {path.stem for path in documents.SAMPLES.glob("*.json")} == set(EVENT_TYPES)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents in a directory that may be damaged."""
    places = {"HERE": tmp_path, "SCHEMAS": tmp_path / "schemas", "ASYNCAPI": tmp_path / "asyncapi.json"}
    places["SAMPLES"] = tmp_path / "samples"
    for name, place in places.items():
        monkeypatch.setattr(documents, name, place)
    places["SAMPLES"].mkdir()
    for name in NAMES:
        (places["SAMPLES"] / f"{name}.json").write_text("{}")
    documents.write()
    return tmp_path


def test_a_stale_a_missing_and_a_left_over_document_are_each_named(copied: Path) -> None:
    assert documents.stale() == []
    stale = copied / "schemas" / "nl.leerplek.day.started.v1.json"
    stale.write_text(stale.read_text() + " ")
    (copied / "schemas" / "nl.leerplek.region.changed.v1.json").unlink()
    (copied / "schemas" / "nl.leerplek.gone.v1.json").write_text("{}")
    (copied / "samples" / "nl.leerplek.site.changed.v1.json").unlink()
    (copied / "asyncapi.json").unlink()

    assert documents.stale() == [
        "asyncapi.json",
        "samples/nl.leerplek.site.changed.v1.json",
        "schemas/nl.leerplek.day.started.v1.json",
        "schemas/nl.leerplek.gone.v1.json",
        "schemas/nl.leerplek.region.changed.v1.json",
    ]


def test_the_asyncapi_document_has_every_topic_and_event_and_all_its_references_resolve() -> None:
    document = json.loads(documents.ASYNCAPI.read_text())

    assert document["asyncapi"].startswith("3.")
    assert set(document["channels"]) == set(TOPICS)
    assert set(document["components"]["messages"]) == set(EVENT_TYPES)
    for topic, channel in document["channels"].items():
        assert channel["address"] == topic
        assert set(channel["messages"]) == {name for name in NAMES if EVENT_TYPES[name].topic == topic}
    sent = {(operation["action"], operation["channel"]["$ref"]) for operation in document["operations"].values()}
    assert sent == {("send", f"#/channels/{topic}") for topic in TOPICS}
    for name, described in document["components"]["messages"].items():
        for reference in _references(described["payload"]["schema"]):
            _resolve(described["payload"]["schema"], reference)
        assert described["payload"]["schema"]["$id"] == f"urn:leerplek:schema:{name}"
        described["payload"] = None
    for reference in _references(document):
        _resolve(document, reference)


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for inner in node.values() for found in _references(inner)]
    return [found for inner in node for found in _references(inner)] if isinstance(node, list) else []


def _resolve(document: Any, reference: str) -> None:
    assert reference.startswith("#/"), reference
    for part in reference[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]


@pytest.mark.parametrize("name", NAMES)
def test_key_headers_and_body_of_a_sample_hold_no_personal_data(name: str) -> None:
    stored = sample(name)

    assert forbidden_content(json.dumps(stored).encode()) is None
    assert SUBJECT.match(stored["key"])
    assert stored["headers"]["ce_subject"] == stored["key"]
    assert set(stored["headers"]) == {*REQUIRED_HEADERS, "ce_sequence", "ce_region", "content-type"}


@pytest.mark.parametrize("event_type", EVENT_TYPES.values(), ids=NAMES)
def test_the_key_of_an_aggregate_is_made_of_its_kind_and_one_identifier_that_is_no_name(event_type: EventType) -> None:
    data = event_type.model.model_validate(sample(event_type.name)["data"])
    kind, _, identifier = event_type.aggregate(data).partition("/")
    identifiers = _identifiers(data)

    assert re.fullmatch("[a-z-]+", kind)
    assert identifier in identifiers, "a key is taken from an identifier field, not from a name or a free text"
    assert not holds_bsn(identifier)


def _identifiers(data: BaseModel) -> set[str]:
    """The values of the fields that hold an identifier of the vocabulary, two levels deep."""
    found: set[str] = set()
    for field in type(data).model_fields:
        value = getattr(data, field)
        if isinstance(value, BaseModel):
            found |= _identifiers(value)
        elif field in {"id", "region", "student", "mismatch", "signal", "supervisor", "workplace", "site"}:
            found.add(str(value))
    return found


@pytest.mark.parametrize("event_type", EVENT_TYPES.values(), ids=NAMES)
def test_no_event_has_a_field_that_tells_who_a_person_is_or_why_they_are_absent(event_type: EventType) -> None:
    schema = event_type.model.model_json_schema()
    objects = [schema, *schema.get("$defs", {}).values()]
    fields = {field for each in objects for field in each.get("properties", {})}

    assert not [field for field in fields if TELLS_WHO.search(field)]
    names_a_place = event_type.name in {"nl.leerplek.site.changed.v1", "nl.leerplek.region.changed.v1"}
    assert names_a_place or not fields & {"name", "town", "text", "remark", "comment"}
    reasons = [each["properties"]["reason"] for each in objects if "reason" in each.get("properties", {})]
    for reason in reasons:
        assert "$ref" in reason, "a reason is one of a closed list"
