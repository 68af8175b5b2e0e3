"""Tells Leerplek which students of an OOAPI v5 source look for a workplace. Run it as often as you like: only what changed counts.

    python ooapi_to_leerplek.py mapping.json

`mapping.json` says where both are, and for each program offering what its students need (docs/ooapi.md explains every field).
Tokens come from the environment: OOAPI_TOKEN and INTAKE_TOKEN. It needs the package httpx. Names are never read.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

AT_ONCE = 100
TAKES_PART = {"associated", "queued", "pending"}
TYPE = "nl.leerplek.student.{}.v1"


def main() -> None:
    """Reads the mapping, asks the source, tells Leerplek, and says what was refused."""
    mapping = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    run = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    events = [event for offering in mapping["offerings"] for event in events_of(mapping, offering, run)]
    refused = [
        one for start in range(0, len(events), AT_ONCE) for one in tell(mapping, events[start : start + AT_ONCE])
    ]
    for one in refused:
        print(f"{one['id']}: {one['problem']['detail']}", file=sys.stderr)
    print(f"{len(events) - len(refused)} studenten doorgegeven, {len(refused)} geweigerd")
    sys.exit(1 if refused else 0)


def events_of(mapping: dict[str, Any], offering: dict[str, Any], run: str) -> Iterator[dict[str, Any]]:
    """An event for each student of an offering: as they are now, or withdrawn."""
    for association in associations(mapping["ooapi"], offering["offering"]):
        person = association["person"]
        named = {"institute": mapping["institute"], "reference": person["primaryCode"]}
        if association["state"] in TAKES_PART:
            content, what = {**named, **offering["needs"], "region": mapping["region"], **home_area(person)}, "changed"
        else:
            content, what = named, "withdrawn"
        yield {
            "specversion": "1.0",
            "id": f"{association['associationId']}-{run}",  # another each run: who came back must not be taken for who left
            "source": mapping["source"],
            "type": TYPE.format(what),
            "data": content,
        }


def associations(source: str, offering: str) -> Iterator[dict[str, Any]]:
    """Every association of students with an offering, page by page, with the person in it."""
    headers = {"Authorization": f"Bearer {os.environ.get('OOAPI_TOKEN', '')}"}
    with httpx.Client(base_url=source, headers=headers, timeout=30) as http:
        page = {"hasNextPage": True, "pageNumber": 0}
        while page["hasNextPage"]:
            asked = {"pageSize": 100, "pageNumber": page["pageNumber"] + 1, "expand": "person", "role": "student"}
            answer = http.get(f"/offerings/{offering}/associations", params=asked)
            answer.raise_for_status()
            page = answer.json()
            yield from page["items"]


def home_area(person: dict[str, Any]) -> dict[str, float]:
    """About where they live: rounded to a kilometre, so that it is nobody's front door."""
    places = [one["geolocation"] for one in person.get("address", []) if one.get("geolocation")]
    return {"lat": round(places[0]["latitude"], 2), "lon": round(places[0]["longitude"], 2)} if places else {}


def tell(mapping: dict[str, Any], events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sends events; gives those that were refused."""
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    if token := os.environ.get("INTAKE_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    answer = httpx.post(f"{mapping['leerplek']}/v1/events", content=json.dumps(events), headers=headers, timeout=60)
    answer.raise_for_status()
    told = zip(events, answer.json()["items"], strict=True)
    return [one for event, one in told if one["status"] >= 400 and not is_gone_already(event, one)]


def is_gone_already(event: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether a student who is to be withdrawn is not registered any more, or never was."""
    return event["type"] == TYPE.format("withdrawn") and answer["status"] == 404


if __name__ == "__main__":
    main()
