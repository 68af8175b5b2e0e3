"""The whole matcher on real brokers and databases: what is told becomes an allowed plan, whatever dies."""

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.matcher.domain.documents import region_to_document
from services.matcher.domain.facts import RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.region import Region
from shared.child_process import free_port
from shared.messaging.embedded_broker import EmbeddedBroker
from shared.messaging.parked.topic import replay
from shared.testing.kafka import RunningBroker
from tests.integration.matcher.whole_matcher import (
    PARTITIONS,
    WholeMatcher,
    check_all,
    children_of,
    has_caught_up,
    invented,
    kept,
    make_topics,
    own_region,
    sending,
    small_region,
)
from tests.support import matcher as told
from tests.support.databases import locked_by_somebody_else
from tests.support.regions import invented_region
from tests.support.service_process import ServiceProcess, ended
from tests.support.small_regions import REGIONS
from tests.support.topics import read_under_key

LOCKED_S = 3.0


@pytest.fixture(
    params=[("kafka", "postgres_url"), ("embedded_kafka", "sqlite_url")], ids=["as in production", "as in the demo"]
)
def matcher(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WholeMatcher]:
    """Both brokers and both databases; that each goes with each is for the contracts of store and stream."""
    broker, database_url = (request.getfixturevalue(name) for name in request.param)
    made = WholeMatcher(broker.bootstrap, broker.is_apache, database_url, tmp_path)
    yield made
    made.stop()


def some_region(unique: str) -> Region:
    """A small region with a proven optimum where it is there, else an invented one."""
    document = small_region(REGIONS)
    return own_region(document or region_to_document(invented_region(4, 40, 8, scarcity=1.3)), unique)


async def test_what_is_told_of_a_region_becomes_an_allowed_plan_that_anybody_can_ask_for(
    matcher: WholeMatcher, unique: str
) -> None:
    region = some_region(unique)
    process = matcher.start()
    await make_topics(matcher.bootstrap)
    async with sending(matcher.bootstrap) as sender:
        await sender.send(told.events_of(region))
        await matcher.until(matcher.is_ready, "readiness")
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
    state = await check_all(matcher, region)
    assert set(state.places) == set(region.students)

    answers = matcher.answers()
    answers.start()
    try:
        await answers.until(answers.is_ready, "readiness of the answers")
        await _answers_tell(answers, region)
    finally:
        answers.stop()
    assert (await _found(matcher, f"/v1/regions/{region.id}/plan")).status_code == 404, "who answers is another process"
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == 0


async def _found(process: ServiceProcess, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    answer = await process.get(path, headers)
    assert answer is not None
    return answer


async def _answers_tell(answers: ServiceProcess, region: Region) -> None:
    """The plan, how it came about, why somebody has no place; nothing twice, and nothing of what there is not."""
    answer = (await _found(answers, f"/v1/regions/{region.id}/plan")).json()
    assert answer["students"] == len(region.students) == answer["placed"] + sum(answer["unplaced_by_reason"].values())
    assert answer["certificate"]["value"] >= answer["certificate"]["bound"]
    versions = (await _found(answers, f"/v1/regions/{region.id}/plan-versions")).json()
    numbers = [one["version"] for one in versions["versions"]]
    assert numbers[-1] == 1
    assert numbers == list(range(numbers[0], 0, -1))
    for path in ("plan", "region-file", "fairness"):

        async def is_not_sent_again(path: str = f"/v1/regions/{region.id}/{path}") -> bool:
            first = await _found(answers, path)
            assert first.status_code == 200
            again = await _found(answers, path, {"If-None-Match": first.headers["etag"]})
            return again.status_code == 304  # an improvement may come in between

        await answers.until(is_not_sent_again, "the answer that the plan is still the same")

    async def is_explained() -> bool:
        now = (await _found(answers, f"/v1/regions/{region.id}/plan?limit=500")).json()
        left = next(one for one in now["items"] if one["status"] == "unplaced")
        explanation = await _found(answers, f"/v1/students/{left['student']}/explanation?include=why")
        return bool(explanation.json().get("unplaced") == left["unplaced"])  # an improvement may come in between

    await answers.until(is_explained, "the reason that the plan gives as well")
    nowhere = [f"/v1/regions/NL-NERGENS/{one}" for one in ("plan", "plan-versions", "region-file", "fairness")]
    for nothing in (*nowhere, "/v1/students/x/explanation"):
        problem = await _found(answers, nothing)
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


async def test_its_metrics_tell_the_lag_of_each_partition_and_the_age_of_what_was_applied(
    on_best: WholeMatcher, unique: str
) -> None:
    region = some_region(unique)
    on_best.start()
    await make_topics(on_best.bootstrap)
    async with sending(on_best.bootstrap) as sender:
        await sender.send(told.events_before_students(region))
        await on_best.until(lambda: has_caught_up(on_best, sender), "everything applied")

    async def has_no_lag() -> bool:
        lag = [line for line in await on_best.metrics() if line.startswith("leerplek_consumer_lag{")]
        return len(lag) == len(told.TOPICS) * PARTITIONS and all(line.endswith(" 0.0") for line in lag)

    await on_best.until(has_no_lag, "no lag")
    ages = [line for line in await on_best.metrics() if line.startswith("leerplek_event_age_seconds_count{")]
    assert [line.rpartition(" ")[0] for line in ages] == [
        'leerplek_event_age_seconds_count{consumer="leerplek-matcher"}'
    ]


async def test_kill_after_kill_nothing_is_lost_and_nothing_is_told_twice(matcher: WholeMatcher, unique: str) -> None:
    region = invented(invented_region(6, 60, 8, scarcity=1.3), unique)
    await make_topics(matcher.bootstrap)
    events = told.events_of(region)
    people = list(region.supervisors.values())
    events += [told.supervisor_event(replace(one, departs=region.today), 2, region.id) for one in people[::4]]
    events += [told.withdrawal(one, 2, region.id) for one in list(region.students)[::7]]
    third = len(events) // 3
    async with sending(matcher.bootstrap) as sender:
        for number in range(3):
            process = matcher.start()
            await matcher.until(matcher.is_up, "an answer")
            await sender.send(events[number * third : (number + 1) * third if number < 2 else None])
            version = (await kept(matcher, region)).version if number else 0

            async def has_begun(after: int = version, least: int = number) -> bool:
                state = await kept(matcher, region)
                return state.version > after or (least == 0 and bool(state.facts.sequences))

            await matcher.until(has_begun, "something applied")
            process.kill()
            process.wait()
        matcher.start()
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
    state = await check_all(matcher, region)
    assert state.facts == fold(RegionFacts(region.id), told.facts_of(events))


async def test_poison_on_each_topic_is_parked_and_stops_nothing(matcher: WholeMatcher, unique: str) -> None:
    region = some_region(unique)
    await make_topics(matcher.bootstrap)
    matcher.start()
    async with sending(matcher.bootstrap) as sender:
        before, (last, *_) = told.events_before_students(region), list(region.students.values())
        await sender.send(before)
        for topic in told.TOPICS:
            key = f"student/poison-{unique}".encode()
            place = await sender.raw(topic, region.id, (key, b"\xff{"), {"ce_type": b"\xfe"})
            headers = (await read_under_key(matcher.bootstrap, f"{place.topic}.parked", key)).headers
            assert headers["leerplek_parked_by"] == b"leerplek-matcher"
            assert headers["leerplek_origin"] == f"{topic}/{place.number}/{sender.ends[place] - 1}".encode()
            assert b"missing CloudEvents headers" in headers["leerplek_reason"]
        await sender.send([told.student_event(last, region=region.id)])
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
    state = await check_all(matcher, region)
    assert set(state.places) == {last.id}


async def test_an_event_in_a_partition_that_is_not_its_regions_is_parked_and_counts_once_it_is_sent_again(
    matcher: WholeMatcher, unique: str
) -> None:
    region = some_region(unique)
    await make_topics(matcher.bootstrap)
    matcher.start()
    async with sending(matcher.bootstrap) as sender:
        before, (last, *_) = told.events_before_students(region), list(region.students.values())
        await sender.send(before)
        stray = told.student_event(last, region=region.id)
        await sender.astray(stray)
        parked = await read_under_key(matcher.bootstrap, f"{told.topic_of(stray)}.parked", told.key_of(stray))
        assert f"the region {region.id} lies in partition" in parked.headers["leerplek_reason"].decode()
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
        assert (await kept(matcher, region)).places == {}
        position = f"{parked.partition.number}/{parked.offset}"
        assert await replay(matcher.bootstrap, told.topic_of(stray), [position]) == 1

        async def is_there() -> bool:
            return set((await kept(matcher, region)).places) == {last.id}

        await matcher.until(is_there, "the student known")
    await check_all(matcher, region)


async def test_a_broker_that_is_away_at_the_start_is_waited_for(sqlite_url: str, tmp_path: Path, unique: str) -> None:
    port = free_port()
    matcher = WholeMatcher(f"127.0.0.1:{port}", False, sqlite_url, tmp_path)
    region = some_region(unique)
    broker = EmbeddedBroker(tmp_path, port=port)
    try:
        process = matcher.start()
        await matcher.until(lambda: '"kafka"' in matcher.written(), "a clear message")
        live, ready = await matcher.get("/livez"), await matcher.get("/readyz")
        assert live is not None
        assert ready is not None
        assert (live.status_code, ready.status_code) == (200, 503)
        broker.start()
        await make_topics(matcher.bootstrap)
        async with sending(matcher.bootstrap) as sender:
            await sender.send(told.events_of(region))
            await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
        await check_all(matcher, region)
        assert process.poll() is None
    finally:
        matcher.stop()
        broker.stop()


async def test_a_broker_that_is_killed_in_mid_flow_loses_nothing(
    kafka: RunningBroker, on_best: WholeMatcher, unique: str
) -> None:
    if not (kafka.is_ours and kafka.is_apache):
        pytest.skip("the Apache Kafka used here is not ours to kill")
    region = some_region(unique)
    students = [told.student_event(one, region=region.id) for one in region.students.values()]
    process = on_best.start()
    await make_topics(on_best.bootstrap)
    async with sending(on_best.bootstrap) as sender:
        await sender.send([*told.events_before_students(region), *students[:20]])
        kafka.kill()
        kafka.restart()
        await sender.send(students[20:])

        async def is_done() -> bool:
            nonlocal process
            if process.poll() is not None:  # a supervisor starts it again
                process = on_best.start()
            return await has_caught_up(on_best, sender)

        await on_best.until(is_done, "everything applied", within_s=60)
    await check_all(on_best, region)


async def test_a_database_that_is_locked_for_some_seconds_is_waited_for(on_best: WholeMatcher, unique: str) -> None:
    region = some_region(unique)
    process = on_best.start()
    await make_topics(on_best.bootstrap)
    async with sending(on_best.bootstrap) as sender:
        await sender.send(told.events_before_students(region))
        await on_best.until(lambda: has_caught_up(on_best, sender), "everything applied")
        with locked_by_somebody_else(on_best.database_url):
            await sender.send(told.student_event(one, region=region.id) for one in region.students.values())
            await asyncio.sleep(LOCKED_S)  # the fault itself
        await on_best.until(lambda: has_caught_up(on_best, sender), "everything applied")
    await check_all(on_best, region)
    assert process.poll() is None


async def test_a_solver_process_that_is_killed_is_replaced_and_the_matcher_goes_on(
    on_best: WholeMatcher, unique: str
) -> None:
    region = some_region(unique)
    process = on_best.start()
    await make_topics(on_best.bootstrap)
    async with sending(on_best.bootstrap) as sender:
        await sender.send(told.events_before_students(region))
        await on_best.until(lambda: has_caught_up(on_best, sender), "everything applied")
        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)
        await sender.send(told.student_event(one, region=region.id) for one in region.students.values())
        await on_best.until(lambda: has_caught_up(on_best, sender), "everything applied")
    state = await check_all(on_best, region)
    assert set(state.places) == set(region.students)
    assert process.poll() is None
