"""What is tried on a copy of a region: asked for, followed, read, cancelled, and stopped by a restart."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.matcher.adapters.trials import GIVEN_UP_AFTER, SqlTrials, add_trial
from services.matcher.entrypoints import http_trial_models as models
from services.matcher.handlers import trying
from services.matcher.ports.answering import Job, TrialKind, TrialState, TrialStep, Tried, WorkFailed
from shared.errors import NotFound
from shared.persistence.database import Database
from tests.support.answers import Answered, answered, publish
from tests.support.eventually import eventually
from tests.support.matcher import NOW
from tests.support.regions import invented_region

REGION = invented_region(5, 30, 5, scarcity=1.6)
SCENARIOS, LEVERS = f"/regions/{REGION.id}/scenarios", f"/regions/{REGION.id}/levers"
MORE_HOURS = {"format": "leerplek/scenario/1", "name": "meer uren", "hours": [{"tier": "wpb", "factor": 1.5}]}
RUN = ("scenario:run",)


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Answered]:
    async with answered(sqlite_url, tmp_path) as opened:
        await publish(opened.parts.database, REGION)
        yield opened


@asynccontextmanager
async def working(here: Answered) -> AsyncIterator[None]:
    """While what is asked for is worked on."""
    task = asyncio.create_task(here.parts.trying.run())
    yield
    task.cancel()
    await asyncio.wait({task})


async def post(here: Answered, path: str, body: object = None, **headers: str) -> Any:
    signed = here.token("operator", RUN)
    return await here.http.post(path, json=body, headers={**signed, **headers}, params={"seconds": 1})


async def read(here: Answered, location: str) -> models.TrialAnswer:
    answer = await here.http.get(location.removeprefix("/v1"), headers=here.token("operator", RUN))
    assert answer.status_code == 200, answer.text
    return models.TrialAnswer.model_validate(answer.json())


async def until(here: Answered, location: str, *states: str) -> models.TrialAnswer:
    async def is_there() -> bool:
        return (await read(here, location)).state in states

    await eventually(is_there, within_s=60, what=f"{states}")
    return await read(here, location)


async def test_a_scenario_is_accepted_followed_and_tells_five_sides_before_and_after(here: Answered) -> None:
    async with working(here):
        accepted = await post(here, SCENARIOS, MORE_HOURS)
        assert accepted.status_code == 202
        location = accepted.headers["location"]
        assert models.TrialAnswer.model_validate(accepted.json()).state == "waiting"
        done = await until(here, location, "done")
        events = await events_of(here, location)
    assert (done.name, done.plan_version, done.problem) == ("meer uren", 1, None)
    assert done.result is not None
    before, after = done.result["before"], done.result["after"]
    sides = {"pupils", "student_teachers", "organisability", "affordability", "quality"}
    assert set(before["sides"]) == set(after["sides"]) == sides
    assert after["sides"]["student_teachers"]["unplaced"] < before["sides"]["student_teachers"]["unplaced"]
    assert done.progress is not None
    assert [one["event"] for one in events] == ["progress"] * (len(events) - 1) + ["end"]
    shares = [one["data"]["share"] for one in events[:-1]]
    assert shares == sorted(shares)
    assert events[-1]["data"]["result"] == done.result


async def events_of(here: Answered, location: str, last: str | None = None) -> list[dict[str, Any]]:
    headers = {**here.token("operator", RUN), **({} if last is None else {"Last-Event-ID": last})}
    answer = await here.http.get(f"{location.removeprefix('/v1')}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


async def kept(here: Answered, **changed: Any) -> Tried:
    tried = Tried("t1", REGION.id, TrialKind.SCENARIO, "proef", 1, MORE_HOURS, here.parts.clock())
    async with here.parts.database.transaction() as tx:
        add_trial(tx, replace(tried, **changed), "answers-1")
    return replace(tried, **changed)


async def test_who_comes_back_gets_the_events_since_and_the_end_once(here: Answered) -> None:
    await kept(here)
    for number in (1, 2, 3):
        assert await here.parts.trials.note("t1", TrialStep(number, NOW, {"share": number / 4}))
    await here.parts.trials.end("t1", TrialState.DONE, NOW, result={"plan_version": 7})
    location = f"{SCENARIOS}/t1"
    assert [one["id"] for one in await events_of(here, location)] == ["1", "2", "3", "4"]
    assert [one["id"] for one in await events_of(here, location, "2")] == ["3", "4"]
    assert [one["id"] for one in await events_of(here, location, "niets")] == ["1", "2", "3", "4"]


async def test_the_same_key_begins_one_scenario_and_another_body_with_it_is_refused(here: Answered) -> None:
    first, second = [await post(here, SCENARIOS, MORE_HOURS, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["location"] == second.headers["location"]
    other = await post(here, SCENARIOS, {**MORE_HOURS, "name": "anders"}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 400
    listed = await here.http.get(SCENARIOS, headers=here.token("operator", RUN))
    assert len(models.TrialsAnswer.model_validate(listed.json()).items) == 1


async def test_what_is_wrong_with_a_scenario_is_told_with_its_place(here: Answered) -> None:
    wrong = {"format": "leerplek/scenario/1", "hours": [{"tier": "wpb", "sites": ["99ZZ99"]}], "seats": [{"add": "x"}]}
    answer = await post(here, SCENARIOS, wrong)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(":ongeldig-scenario")
    errors = answer.json()["errors"]
    assert [one["pointer"] for one in errors] == ["/hours/0/sites", "/seats/0/add"]
    assert "vestigingen die de regio kent" in errors[0]["detail"]
    assert (await post(here, SCENARIOS, [1])).status_code == 400


async def test_a_cancelled_scenario_stops_and_stays_cancelled(here: Answered) -> None:
    begun = threading.Event()

    def wait(job: Job) -> None:
        if job.name == "scenario":
            begun.set()

    here.workshop.before = wait
    async with working(here):
        location = (await post(here, SCENARIOS, MORE_HOURS)).headers["location"]
        await eventually(begun.is_set, within_s=20, what="the work")
        cancelled = await here.http.delete(location.removeprefix("/v1"), headers=here.token("operator", RUN))
        assert cancelled.json()["state"] == "cancelled"
        await eventually(lambda: not here.parts.trying.open, within_s=20, what="the end of the work")
    assert (await read(here, location)).state == "cancelled"
    again = await here.http.delete(location.removeprefix("/v1"), headers=here.token("operator", RUN))
    assert again.json()["state"] == "cancelled"


async def test_no_more_than_a_few_scenarios_wait_in_a_region(here: Answered) -> None:
    answers = [await post(here, SCENARIOS, MORE_HOURS) for _ in range(6)]
    assert [one.status_code for one in answers] == [202] * 5 + [409]
    assert answers[-1].json()["type"].endswith(":te-veel-scenarios")


@pytest.mark.parametrize(
    ("problem", "told"),
    [(WorkFailed("trace"), trying.FAILED), (NotFound("geen-plan", "Weg."), "Weg."), (TimeoutError(), trying.FAILED)],
)
async def test_work_that_fails_is_told_in_dutch_and_the_next_goes_on(
    here: Answered, problem: Exception, told: str
) -> None:
    problems = [problem]

    def fail(job: Job) -> None:
        if job.name == "scenario" and problems:
            raise problems.pop()

    here.workshop.before = fail
    async with working(here):
        first = (await post(here, SCENARIOS, MORE_HOURS)).headers["location"]
        second = (await post(here, SCENARIOS, MORE_HOURS)).headers["location"]
        assert (await until(here, first, "failed")).problem == told
        assert (await until(here, second, "done")).problem is None


async def test_what_was_going_on_at_a_restart_is_told_to_have_stopped(here: Answered) -> None:
    await kept(here, id="running")
    await here.parts.trials.begin("running", here.parts.clock())
    await kept(here, id="done")
    await here.parts.trials.end("done", TrialState.DONE, here.parts.clock())
    async with working(here):
        stopped = await until(here, f"{SCENARIOS}/running", "stopped")
        assert stopped.problem is not None
        assert "opnieuw" in stopped.problem
        assert (await read(here, f"{SCENARIOS}/done")).state == "done"


async def test_told_to_stop_it_tells_at_once_what_was_going_on(here: Answered) -> None:
    begun = threading.Event()
    here.workshop.before = lambda job: begun.set() if job.name == "scenario" else None
    async with working(here):
        location = (await post(here, SCENARIOS, MORE_HOURS)).headers["location"]
        await eventually(begun.is_set, within_s=20, what="the work")
    assert (await read(here, location)).state == "stopped"


async def test_each_lever_is_tried_once_and_the_last_ranking_is_told(here: Answered) -> None:
    nothing = await here.http.get(LEVERS, headers=here.token("operator", RUN))
    assert nothing.json()["type"].endswith(":nog-geen-hefbomen")
    async with working(here):
        location = (await post(here, LEVERS)).headers["location"]
        done = await until(here, location, "done")
    found = models.LeversAnswer.model_validate(
        (await here.http.get(LEVERS, headers=here.token("operator", RUN))).json()
    )
    assert (found.trial, found.plan_version) == (done.id, 1)
    points = [one["points"] for one in found.levers]
    assert points == sorted(points, reverse=True)
    assert {"team", "seats", "hours-wpb"} <= {one["lever"] for one in found.levers}


async def test_a_trial_of_another_region_is_not_there(here: Answered) -> None:
    await kept(here, region="NL-R08")
    for path in (f"{SCENARIOS}/t1", f"{SCENARIOS}/t1/events"):
        assert (await here.http.get(path, headers=here.token("operator", RUN))).status_code == 404


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[Database]:
    """Trials on each kind of database."""
    from services.matcher.bootstrap import MIGRATIONS
    from shared.persistence.migrations import upgrade

    database = Database(database_url)
    await upgrade(database, MIGRATIONS)
    yield database
    await database.close()


async def test_a_trial_has_one_end_and_nothing_is_noted_after_it(stored: Database) -> None:
    trials = SqlTrials(stored, "answers-1")
    async with stored.transaction() as tx:
        add_trial(tx, Tried("t1", "R", TrialKind.LEVERS, "hefbomen", 5, {}, NOW), "answers-1")
    assert await trials.waiting() == ["t1"]
    assert await SqlTrials(stored, "answers-2").waiting() == []
    assert [await trials.begin("t1", NOW) for _ in range(2)] == [True, False]
    assert await trials.note("t1", TrialStep(1, NOW, {"share": 0.5}))
    assert await trials.end("t1", TrialState.DONE, NOW, result={"plan_version": 3})
    assert not await trials.end("t1", TrialState.CANCELLED, NOW)
    assert not await trials.note("t1", TrialStep(2, NOW, {}))
    found = await trials.get("t1")
    assert (found.state, found.plan_version, found.result) == (TrialState.DONE, 3, {"plan_version": 3})
    assert [step.body for step in await trials.steps("t1", 0)] == [{"share": 0.5}]
    await trials.forget(NOW)
    assert (await trials.get("t1")).id == "t1"
    await trials.forget(NOW + timedelta(seconds=1))
    assert await trials.steps("t1", 0) == []
    with pytest.raises(NotFound):
        await trials.get("t1")


async def test_what_a_process_that_is_gone_had_begun_is_stopped_by_another(stored: Database) -> None:
    trials = SqlTrials(stored, "answers-1")
    async with stored.transaction() as tx:
        for name, owner in (("mine", "answers-1"), ("theirs", "answers-2")):
            add_trial(tx, Tried(name, "R", TrialKind.SCENARIO, name, 5, {}, NOW), owner)
    await trials.keep_alive(NOW + GIVEN_UP_AFTER)
    assert [(await trials.get(one)).state for one in ("mine", "theirs")] == [TrialState.WAITING] * 2
    await trials.keep_alive(NOW + GIVEN_UP_AFTER + timedelta(seconds=1))
    assert (await trials.get("mine")).state is TrialState.WAITING
    assert (await trials.get("theirs")).state is TrialState.STOPPED
    assert await trials.stop_own(NOW) == 1
    assert (await trials.get("mine")).state is TrialState.STOPPED
