"""`leerplek matcher`: plans made again from the log are the same, and a region can be made anew from it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, delete, select
from typer.testing import CliRunner, Result

from deploy.cli import app
from services.matcher.adapters.tables import FactRow, PlaceRow, PlanVersionRow, SignalRow
from services.matcher.domain.ids import RegionId
from services.matcher.domain.region import Region
from shared.contracts.catalogue import REGION_SETTINGS
from shared.contracts.vocabulary import Contract
from shared.messaging.topics import partition_of
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset
from shared.testing.kafka import RunningBroker
from tests.integration.matcher.whole_matcher import (
    PARTITIONS,
    WholeMatcher,
    check_all,
    has_caught_up,
    invented,
    make_topics,
    sending,
)
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.regions import invented_region
from tests.support.service_process import ended


@pytest.fixture
def matcher(kafka: RunningBroker, sqlite_url: str, tmp_path: Path) -> Iterator[WholeMatcher]:
    made = WholeMatcher(kafka.bootstrap, kafka.is_apache, sqlite_url, tmp_path)
    yield made
    made.stop()


def run(matcher: WholeMatcher, *arguments: str) -> Result:
    environment = {
        "LEERPLEK_MATCHER_DATABASE_URL": matcher.database_url,
        "LEERPLEK_MATCHER_KAFKA_BOOTSTRAP": matcher.bootstrap,
        "LEERPLEK_MATCHER_PARTITIONS": str(PARTITIONS),
    }
    return CliRunner().invoke(app, ["matcher", *arguments], env=environment)


def answer(matcher: WholeMatcher, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = run(matcher, *arguments, "--json")
    try:
        return result.exit_code, json.loads(result.stdout)
    except ValueError as problem:
        raise AssertionError(f"{result.output}\n{result.exception!r}") from problem


async def lived(matcher: WholeMatcher, region: Region) -> None:
    """A matcher that has answered the events of a region in some batches, and then stopped; nothing waits in its outbox."""
    process = matcher.start()
    await make_topics(matcher.bootstrap)
    events = told.events_of(region)
    people = list(region.supervisors.values())
    later: list[Contract] = []
    later += [told.supervisor_event(replace(one, departs=region.today), 2, region.id) for one in people[::4]]
    later += [told.withdrawal(one, 2, region.id) for one in list(region.students)[::7]]
    async with sending(matcher.bootstrap) as sender:
        for some in (events[:2], events[2:]):  # settings and a day, with which there is a plan already
            await sender.send(some)
            await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
        for topic in told.TOPICS:  # what nobody can read is put aside, also that of others in the same partition
            await sender.raw(topic, region.id, (f"student/poison-{region.id}".encode(), b"\xff{"), {"ce_type": b"\xfe"})
        for one in later:
            await sender.send([one])
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
    await check_all(matcher, region)
    process.terminate()
    await ended(process)


async def beside_others(matcher: WholeMatcher, region: Region, unique: str) -> None:
    """Another region is told of in the same partition before."""
    names = (f"{unique[:6]}{number:02}" for number in range(100))
    others = (invented(invented_region(7, 6, 3), name) for name in names)
    neighbour = next(one for one in others if partition_of(one.id, PARTITIONS) == partition_of(region.id, PARTITIONS))
    await make_topics(matcher.bootstrap)
    async with sending(matcher.bootstrap) as sender:
        await sender.send(told.events_of(neighbour))


async def changed(matcher: WholeMatcher, *statements: Any) -> None:
    database = Database(matcher.database_url)
    async with database.transaction() as tx:
        for statement in statements:
            await tx.exec(statement)
    await database.close()


async def rows(matcher: WholeMatcher, region: Region, table: Any) -> list[Any]:
    """Those of one region: the log of the broker is everybody's."""
    database = Database(matcher.database_url)
    async with database.reading() as tx:
        found = list((await tx.exec(select(table).where(col(table.region) == region.id))).all())
    await database.close()
    return found


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """The commands have an event loop of their own."""
    return await asyncio.to_thread(call, *arguments)


async def test_a_replay_gives_the_same_plans_and_says_what_was_changed_by_hand(
    matcher: WholeMatcher, unique: str
) -> None:
    region = invented(invented_region(6, 40, 8, scarcity=1.3), unique)
    await beside_others(matcher, region, unique)
    await lived(matcher, region)

    code, same = await in_thread(answer, matcher, "replay", region.id)
    assert (code, same["differences"][:4], same["broke_off"], same["compacted"]) == (0, [], "", 0)
    assert same["versions"] == len(await rows(matcher, region, PlanVersionRow)) > 1

    some = next(one for one in await rows(matcher, region, PlaceRow) if one.status == "placed")
    await changed(
        matcher,
        update(PlaceRow).where(col(PlaceRow.student) == some.student).values(site="99ZZ99"),
        update(PlanVersionRow)
        .where(col(PlanVersionRow.region) == region.id, col(PlanVersionRow.version) == 1)
        .values(unplaced=999),
    )
    code, other = await in_thread(answer, matcher, "replay", region.id)
    assert code == 1
    assert [(one["kind"], one["key"], one["field"], one["recorded"]) for one in other["differences"]] == [
        ("plan_version", "1", "unplaced", "999"),
        ("place", some.student, "site", "99ZZ99"),
    ]
    shown = await in_thread(run, matcher, "replay", region.id)
    assert "Verschillen: 1 × versie, 1 × plaats." in shown.output.replace("\n", " ")


async def test_a_region_that_was_damaged_is_rebuilt_from_the_log_and_its_plans_can_be_replayed(
    matcher: WholeMatcher, unique: str
) -> None:
    region = invented(invented_region(6, 40, 8, scarcity=1.3), unique)
    await lived(matcher, region)
    before = {one.student: one for one in await rows(matcher, region, PlaceRow)}
    facts = {one.subject: one.document for one in await rows(matcher, region, FactRow)}
    newest = max(one.version for one in await rows(matcher, region, PlanVersionRow))
    signals = {one.id: one.sequence for one in await rows(matcher, region, SignalRow) if one.sequence}
    assert signals
    lost = sorted(before)[:5]
    await changed(
        matcher,
        delete(SignalRow).where(col(SignalRow.region) == region.id),
        delete(PlaceRow).where(col(PlaceRow.student).in_(lost)),
        delete(FactRow).where(col(FactRow.subject).in_([f"student/{one}" for one in lost])),
    )

    async def is_let() -> dict[str, Any] | None:
        """A member that keeps its name stays in the group until its session is over."""
        code, made = await in_thread(answer, matcher, "rebuild", region.id)
        assert code == 0 or "Een matcher leest deze regio nu" in made["error"]
        return None if code else dict(made)

    told_again = await eventually(is_let, within_s=30, what="a rebuild")
    assert told_again is not None
    assert (told_again["changed_facts"], told_again["changed_places"]) == (5, 5)
    assert told_again["changed_signals"] >= len(signals)
    now = {one.id: one.sequence for one in await rows(matcher, region, SignalRow)}
    assert {name: now[name] >= number for name, number in signals.items()} == dict.fromkeys(signals, True)
    assert told_again["version"] == newest + 1
    assert {one.subject: one.document for one in await rows(matcher, region, FactRow)} == facts
    after = {one.student: one for one in await rows(matcher, region, PlaceRow)}
    assert after.keys() == before.keys()
    assert all(after[one].sequence >= before[one].sequence for one in lost)

    _, replayed = await in_thread(
        answer, matcher, "replay", region.id
    )  # over the rebuild: every plan comes out the same
    assert replayed["versions"] == newest + 1
    assert replayed["broke_off"] == ""
    others = [one for one in replayed["differences"] if one["kind"] != "place" or one["key"] not in lost]
    assert others == [], "but for what no event tells of the places that were damaged"
    matcher.start()
    await matcher.until(matcher.is_ready, "readiness")
    await check_all(matcher, region)
    refused = await in_thread(run, matcher, "rebuild", region.id)
    assert (refused.exit_code, "Een matcher leest deze regio nu" in refused.output) == (1, True), refused.output


async def test_a_database_that_does_not_know_how_far_it_is_is_not_taken_for_one_to_mend(
    matcher: WholeMatcher, unique: str
) -> None:
    region = invented(invented_region(7, 20, 6), unique)
    await lived(matcher, region)
    newest = max(one.version for one in await rows(matcher, region, PlanVersionRow))
    await changed(matcher, delete(ConsumerOffset))

    async def is_refused() -> str | None:
        code, made = await in_thread(answer, matcher, "rebuild", region.id)
        assert code == 1, made
        return None if "leest deze regio nu" in made["error"] else str(made["error"])

    error = await eventually(is_refused, within_s=30, what="the end of the session")
    assert error is not None
    assert "Zet eerst een back-up terug" in error
    assert "niet leeg" in error
    assert max(one.version for one in await rows(matcher, region, PlanVersionRow)) == newest


async def test_a_database_that_was_lost_is_rebuilt_from_the_log_and_the_matcher_goes_on(
    matcher: WholeMatcher, unique: str
) -> None:
    region = invented(invented_region(6, 40, 8, scarcity=1.3), unique)
    await beside_others(matcher, region, unique)
    await lived(matcher, region)
    before = {one.student: one for one in await rows(matcher, region, PlaceRow)}
    facts = {one.subject: one.document for one in await rows(matcher, region, FactRow)}
    signals = {one.id: (one.sequence, one.status) for one in await rows(matcher, region, SignalRow) if one.sequence}
    newest = max(one.version for one in await rows(matcher, region, PlanVersionRow))
    for file in Path(matcher.database_url.partition("///")[2]).parent.glob("*.db*"):
        file.unlink()

    async def is_let() -> dict[str, Any] | None:
        code, made = await in_thread(answer, matcher, "rebuild", region.id)
        assert code == 0 or "Stop eerst elke matcher" in made["error"], made
        return None if code else dict(made)

    made = await eventually(is_let, within_s=30, what="a rebuild")
    assert made is not None
    assert (made["lost"], region.id in made["regions"], len(made["regions"]) > 1) == (True, True, True)
    assert {one.subject: one.document for one in await rows(matcher, region, FactRow)} == facts
    after = {one.student: one for one in await rows(matcher, region, PlaceRow)}
    assert after.keys() == before.keys()
    assert all(after[one].sequence >= before[one].sequence for one in before)
    stays = [one for one in before if after[one].sequence == before[one].sequence]
    assert {one: after[one].body for one in stays if after[one].status == "placed"} == {
        one: before[one].body for one in stays if before[one].status == "placed"
    }
    found = {one.id: (one.sequence, one.status) for one in await rows(matcher, region, SignalRow)}
    assert {one for one, (number, _) in signals.items() if found[one][0] < number} == set()
    (plan,) = await rows(matcher, region, PlanVersionRow)
    assert 1 < plan.version <= newest + 1
    matcher.start()
    async with sending(matcher.bootstrap) as sender:
        await sender.send([told.withdrawal(one, 3, region.id) for one in list(region.students)[1:3]])
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
    await check_all(matcher, region)
    shown = await in_thread(run, matcher, "rebuild", region.id)
    assert shown.exit_code == 1, "it is not lost any more"


async def test_a_matcher_that_was_fenced_off_by_a_rebuild_starts_again_and_goes_on(
    matcher: WholeMatcher, unique: str
) -> None:
    region = invented(invented_region(7, 30, 8, scarcity=1.2), unique)
    process = matcher.start()
    await make_topics(matcher.bootstrap)
    async with sending(matcher.bootstrap) as sender:
        await sender.send(told.events_of(region))
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
        await check_all(matcher, region)
        code, made = await in_thread(answer, matcher, "rebuild", region.id, "--fence")
        assert code == 0, made
        await sender.send([told.withdrawal(one, 2, region.id) for one in list(region.students)[:3]])
        assert await ended(process) == 70
        matcher.start()
        await matcher.until(lambda: has_caught_up(matcher, sender), "everything applied")
    await check_all(matcher, region)


async def test_wrong_use_is_said_in_one_line(matcher: WholeMatcher, unique: str) -> None:
    await make_topics(matcher.bootstrap)
    process = matcher.start()
    await matcher.until(matcher.is_up, "an answer")
    process.terminate()
    await ended(process)
    region = RegionId(f"NL-{unique.upper()}")
    async with sending(matcher.bootstrap) as sender:
        # a tombstone names no region, so it may be of any in its partition
        await sender.raw(REGION_SETTINGS, region, (b"region/nobody", None), {})
    for command in (["replay"], ["rebuild", "--fence"]):
        unknown = await in_thread(run, matcher, *command, region)
        assert (unknown.exit_code, unknown.output.count("\n")) == (2, 1), unknown.output
        assert region in unknown.output
    unset = await in_thread(lambda: CliRunner().invoke(app, ["matcher", "replay", "NL-R01"], env={}))
    assert unset.exit_code == 2
    assert "LEERPLEK_MATCHER_DATABASE_URL" in unset.output
