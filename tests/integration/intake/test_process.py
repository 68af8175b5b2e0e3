"""Intake as a process on a real broker and a real database: what is answered 201 reaches Kafka, whatever happens meanwhile."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.intake.adapters.store import SqlStore
from services.intake.bootstrap import MIGRATIONS
from services.intake.domain.access import Who
from services.intake.domain.registrations import KnownRegion
from shared.child_process import free_port
from shared.contracts import documents
from shared.contracts.catalogue import EVENT_TYPES, PLACEMENTS, REGION_SETTINGS, STUDENT_REGISTRATIONS
from shared.contracts.vocabulary import Contract
from shared.messaging.outbox import Outbox
from shared.messaging.parked.topic import list_parked
from shared.messaging.topics import partition_of
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.testing.kafka import RunningBroker, start_embedded
from tests.support.eventually import eventually
from tests.support.intake import NEW_REGISTRATION
from tests.support.service_process import ServiceProcess
from tests.support.streams import Raw, raw, send
from tests.support.topics import reader_of

PARTITIONS = 6  # the topics have their real names, and other services' tests use them too


@asynccontextmanager
async def intake_on(
    broker: RunningBroker, database_url: str, folder: Path, **more: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Intake in a process of its own, answering; ended at the end, and then without an error."""
    settings = {"DATABASE_URL": database_url, "PARTITIONS": str(PARTITIONS), "SESSION_TIMEOUT_MS": "2000"}
    settings |= {"MASTER_KEY_FILE": str(folder / "master-key"), **more}
    intake = ServiceProcess("intake", broker.bootstrap, broker.is_apache, settings, folder)
    process = intake.start()
    try:
        await intake.until(intake.is_up, "an answer")
        async with httpx.AsyncClient(base_url=intake.url, timeout=20) as http:
            yield http
        assert process.poll() is None, intake.written()[-2000:]
        assert intake.end() == 0, intake.written()[-2000:]
    finally:
        intake.stop()


async def reads_its_topics(http: httpx.AsyncClient) -> bool:
    """Ready, with nothing amiss."""
    answer = await http.get("/readyz")
    return answer.status_code == 200 and answer.json() == {"status": "ok", "reasons": [], "notices": []}


async def misses_kafka(http: httpx.AsyncClient) -> bool:
    """Kafka is missed, which keeps it from nothing."""
    answer = await http.get("/readyz")
    assert answer.status_code == 200, answer.text
    return "kafka does not answer" in answer.json()["notices"]


async def know_region(database_url: str, region: str) -> None:
    """Intake has heard of the region before."""
    database = Database(database_url)
    await upgrade(database, MIGRATIONS)
    async with database.transaction() as tx:
        store = SqlStore(tx, Outbox("urn:test"), datetime.now(UTC), Who("test"))
        await store.save_region(KnownRegion(region, ("2026-S1",), ()), 1)
    await database.close()


async def register(http: httpx.AsyncClient, region: str, count: int) -> list[str]:
    """Registers students, each of which must be accepted; gives their ids in order."""
    ids = []
    for _ in range(count):
        answer = await http.post("/v1/registrations", json={**NEW_REGISTRATION, "region": region})
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return ids


async def told(broker: RunningBroker, region: str, count: int, within_s: float = 40) -> list[str]:
    """The ids of the students of this region of whom the topic tells, in order and without repeats; waits for `count`."""
    async with reader_of(broker.bootstrap, STUDENT_REGISTRATIONS) as reader:

        def found() -> list[str]:
            bodies = [
                json.loads(one.value)
                for one in reader.records
                if one.headers.get("ce_region") == region.encode() and one.value
            ]
            return list(dict.fromkeys(body["student"]["id"] for body in bodies))

        await reader.until(lambda: len(found()) >= count, f"{count} students of {region}", within_s)
        return found()


async def test_what_is_registered_while_the_broker_is_away_at_the_start_arrives_later(
    any_kafka: RunningBroker, sqlite_url: str, tmp_path: Path, unique: str
) -> None:
    if any_kafka.is_apache and not any_kafka.is_ours:
        pytest.skip(f"{any_kafka.description} is not ours to kill")
    broker = any_kafka if any_kafka.is_apache else start_embedded(tmp_path)  # one of our own: it comes back empty
    region = f"NL-{unique.upper()}"
    await know_region(sqlite_url, region)
    broker.kill()
    restarted = False
    try:
        metrics_port = free_port()
        async with intake_on(broker, sqlite_url, tmp_path, METRICS_PORT=str(metrics_port)) as http:
            ids = await register(http, region, 5)
            ready = await http.get("/readyz")
            waits = ["kafka does not answer", "intake consumer has no partitions yet"]
            assert (ready.status_code, ready.json()) == (200, {"status": "ok", "reasons": [], "notices": waits})
            metrics = f"http://127.0.0.1:{metrics_port}/metrics"

            async def shows(line: str) -> bool:
                return line in (await http.get(metrics)).text

            for line in ("leerplek_outbox_waiting 5.0", "leerplek_kafka_reachable 0.0"):
                await eventually(partial(shows, line), what=f"{line}, in the metrics")
            broker.restart()
            restarted = True
            await eventually(lambda: reads_its_topics(http), within_s=30, what="that nothing is amiss")
            assert await shows("leerplek_kafka_reachable 1.0")
            assert await told(broker, region, 5) == ids
    finally:
        if not restarted:
            broker.restart()
        if broker is not any_kafka:
            broker.stop()


async def test_what_is_registered_while_the_broker_restarts_arrives_in_order_without_a_gap(
    kafka: RunningBroker, database_url: str, tmp_path: Path, unique: str
) -> None:
    if not (kafka.is_apache and kafka.is_ours):
        pytest.skip(f"{kafka.description} either keeps nothing or is not ours to kill")
    region = f"NL-{unique.upper()}"
    await know_region(database_url, region)
    async with intake_on(kafka, database_url, tmp_path) as http:
        ids = await register(http, region, 10)
        await told(kafka, region, 1)
        await eventually(lambda: reads_its_topics(http), within_s=30, what="topics to read")
        kafka.kill()
        try:
            ids += await register(http, region, 10)
            await eventually(lambda: misses_kafka(http), within_s=20, what="a notice that Kafka is away")
            ids += await register(http, region, 10)
        finally:
            kafka.restart()
        ids += await register(http, region, 10)
        assert await told(kafka, region, 40) == ids


async def test_what_institutes_call_their_students_is_not_in_the_log_whatever_goes_wrong(
    sqlite_url: str, tmp_path: Path
) -> None:
    reference = "EIGEN-KENMERK-77"
    asked = {"institute": "01VU", "reference": reference}
    body = {**NEW_REGISTRATION, "reference": reference}
    await know_region(sqlite_url, NEW_REGISTRATION["region"])
    nowhere = RunningBroker("configured", f"127.0.0.1:{free_port()}", "no broker", False)
    async with intake_on(nowhere, sqlite_url, tmp_path) as http:
        made = (await http.post("/v1/registrations", json=body)).json()
        assert made.pop("warnings") == []
        assert (await http.get("/v1/registrations", params=asked)).json()["items"] == [made]
        assert (await http.post("/v1/registrations", json=body)).status_code == 409
        assert (await http.get("/v1/registrations", params={**asked, "limit": "0"})).status_code == 400
        assert (await http.get(f"/v1/nowhere?reference={reference}")).status_code == 404
        with sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///")) as connection:
            connection.execute(
                "ALTER TABLE student RENAME COLUMN institute TO gone"
            )  # a bug: everything about it is logged
        alone = {"Connection": "close"}  # the server ends a connection on which there was a bug
        assert (await http.get("/v1/registrations", params=asked, headers=alone)).status_code == 500
        assert (await http.post("/v1/registrations", json=body)).status_code == 500
    log = (tmp_path / "intake.log").read_text()
    assert "request failed" in log
    assert "student.reference" in log
    assert reference not in log


def sample(name: str, region: str) -> Contract:
    stored = json.loads((documents.SAMPLES / f"nl.leerplek.{name}.v1.json").read_text())
    return EVENT_TYPES[f"nl.leerplek.{name}.v1"].model.model_validate({**stored["data"], "region": region})


def message(data: Contract, region: str) -> Raw:
    return replace(raw(data), partition=partition_of(region, PARTITIONS))


async def test_a_region_and_a_place_are_learnt_from_their_topics_past_any_poison(
    any_kafka: RunningBroker, sqlite_url: str, tmp_path: Path, unique: str
) -> None:
    region = f"NL-{unique.upper()}"
    good = message(sample("region.changed", region), region)
    poison = replace(good, value=b"[" * 50_000)
    async with intake_on(any_kafka, sqlite_url, tmp_path) as http:
        await eventually(lambda: reads_its_topics(http), within_s=30, what="topics to read")
        refused = await http.post("/v1/registrations", json={**NEW_REGISTRATION, "region": region})
        assert (refused.status_code, refused.json()["type"]) == (400, "urn:leerplek:probleem:onbekende-regio")
        await send(any_kafka.bootstrap, REGION_SETTINGS, [poison, good])

        async def is_known() -> bool:
            answer = await http.post("/v1/registrations", json={**NEW_REGISTRATION, "region": region})
            return answer.status_code == 201

        await eventually(is_known, within_s=20, what="the region")
        (student,) = await told(any_kafka, region, 1)
        unplaced = sample("student.unplaced", region).model_copy(update={"student": student})
        bad = replace(message(unplaced, region), value=b"{}")
        await send(any_kafka.bootstrap, PLACEMENTS, [bad, message(unplaced, region)])

        async def has_a_place() -> str | None:
            place = (await http.get(f"/v1/registrations/{student}")).json().get("place")
            return place and str(place["reason"])

        assert await eventually(has_a_place, within_s=20, what="the place") == "no-supervisor-hours"
        for topic, sent in ((REGION_SETTINGS, poison), (PLACEMENTS, bad)):
            parked = [each for each in await list_parked(any_kafka.bootstrap, topic) if each.record.key == sent.key]
            assert [(each.record.value, each.parked_by) for each in parked] == [(sent.value, "leerplek-intake")]
