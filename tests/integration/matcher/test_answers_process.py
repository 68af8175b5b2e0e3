"""The process that answers, as it is run: it asks for tokens, ends with its work, and tells of what a kill has stopped."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.matcher.bootstrap import MIGRATIONS
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.security.issuing import issue, prepare_keys, public_file
from tests.integration.matcher.whole_matcher import WholeAnswers, children_of
from tests.support.answers import publish
from tests.support.eventually import eventually
from tests.support.regions import invented_region
from tests.support.service_process import ended

REGION = invented_region(6, 160, 12, scarcity=2.0)
SCENARIOS = f"/v1/regions/{REGION.id}/scenarios"
SCOPES = ("plan:read", "scenario:run")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    prepare_keys(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def answers(database_url: str, keys: Path, tmp_path: Path) -> Iterator[WholeAnswers]:
    process = WholeAnswers(database_url, tmp_path, JWKS_FILE=str(public_file(keys)), MODE="production")
    yield process
    process.stop()


async def prepared(answers: WholeAnswers, database_url: str) -> None:
    """A region with a plan, and the process ready."""
    database = Database(database_url)
    await upgrade(database, MIGRATIONS)
    await publish(database, REGION)
    await database.close()
    await answers.start_ready()


async def begun(answers: WholeAnswers, headers: dict[str, str]) -> str:
    """A scenario that takes long and has told a step."""
    async with httpx.AsyncClient(base_url=answers.url, headers=headers, timeout=60) as client:
        body = {"format": "leerplek/scenario/1", "name": "lang"}
        accepted = await client.post(SCENARIOS, json=body, params={"seconds": 300})
        location: str = accepted.headers["location"]
        async with client.stream("GET", f"{location}/events") as events:
            async for line in events.aiter_lines():
                if line.startswith("event: progress"):
                    return location
    raise AssertionError("no step was told")


async def test_a_kill_in_the_middle_of_a_scenario_leaves_no_process_and_is_told_after_a_restart(
    answers: WholeAnswers, database_url: str, keys: Path
) -> None:
    await prepared(answers, database_url)
    nobody = await answers.get(f"/v1/regions/{REGION.id}/plan")
    assert nobody is not None
    assert nobody.status_code == 401
    headers = {"Authorization": f"Bearer {issue(keys, f'region/{REGION.id}', SCOPES, 1)}"}
    location = await begun(answers, headers)
    workers = children_of(answers.processes[-1].pid)
    assert workers
    answers.kill()
    await eventually(lambda: not any(map(is_alive, workers)), within_s=20, what="the end of the workers")
    await answers.start_ready()

    async def has_stopped() -> bool:
        answer = await answers.get(location, headers)
        return answer is not None and answer.json()["state"] == "stopped"

    await answers.until(has_stopped, "that it has stopped")
    plan = await answers.get(f"/v1/regions/{REGION.id}/plan", headers)
    assert plan is not None
    assert plan.json()["students"] == len(REGION.students)


async def test_told_to_stop_it_ends_at_once_whatever_is_being_solved(
    answers: WholeAnswers, database_url: str, keys: Path
) -> None:
    await prepared(answers, database_url)
    await begun(answers, {"Authorization": f"Bearer {issue(keys, 'operator', SCOPES, 1)}"})
    process = answers.processes[-1]
    workers = children_of(process.pid)
    process.send_signal(signal.SIGTERM)
    assert await ended(process, within_s=20) == 0
    await eventually(lambda: not any(map(is_alive, workers)), within_s=20, what="the end of the workers")


@pytest.mark.parametrize("settings", [{"MODE": "production"}, {"HTTP_HOST": "0.0.0.0"}, {"JWKS_FILE": "/nowhere/keys"}])
async def test_without_keys_it_does_not_start_where_others_can_reach_it(
    sqlite_url: str, tmp_path: Path, settings: dict[str, str]
) -> None:
    process = WholeAnswers(sqlite_url, tmp_path, **settings)
    assert await ended(process.start(), within_s=30) == 2
    assert "JWKS" in process.written()
    process.stop()


def is_alive(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
