"""How the programs of an installation are started."""

from pathlib import Path

import httpx
import pytest

from deploy.launcher.programs import ANSWERS, Installation, service


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path, "127.0.0.1:9092", True, 1025, {"matcher": "postgresql+asyncpg://m:m@127.0.0.1/m"})


async def test_what_answers_for_the_matcher_has_its_database_and_needs_no_kafka(installation: Installation) -> None:
    async with httpx.AsyncClient() as client:
        answers, matcher = (service(name, installation, client).build() for name in (ANSWERS, "matcher"))
    assert answers.argv[-3:] == ["-m", "services.matcher", "answers"]
    assert matcher.argv[-2:] == ["-m", "services.matcher"]
    urls = {
        answers.environment["LEERPLEK_ANSWERS_DATABASE_URL"],
        matcher.environment["LEERPLEK_MATCHER_DATABASE_URL"],
    }
    assert urls == {"postgresql+asyncpg://m:m@127.0.0.1/m"}
    assert not [name for name in answers.environment if name.startswith("LEERPLEK_") and "KAFKA" in name]
    assert "LEERPLEK_MATCHER_KAFKA_BOOTSTRAP" in matcher.environment


async def test_without_a_database_of_their_own_both_use_one_file(tmp_path: Path) -> None:
    own = Installation(tmp_path, "127.0.0.1:9092", True, 1025)
    async with httpx.AsyncClient() as client:
        answers, matcher = (service(name, own, client).build() for name in (ANSWERS, "matcher"))
    assert (
        answers.environment["LEERPLEK_ANSWERS_DATABASE_URL"]
        == matcher.environment["LEERPLEK_MATCHER_DATABASE_URL"]
        == f"sqlite+aiosqlite:///{tmp_path / 'data' / 'matcher.db'}"
    )


async def test_capacity_is_told_where_questions_about_plans_are_answered(tmp_path: Path) -> None:
    own = Installation(tmp_path, "127.0.0.1:9092", True, 1025)
    async with httpx.AsyncClient() as client:
        capacity, answers, again = (service(name, own, client).build() for name in ("capacity", ANSWERS, ANSWERS))
    assert capacity.environment["LEERPLEK_CAPACITY_ANSWERS_URL"] == f"http://127.0.0.1:{answers.port}"
    assert (answers.port, again.port) == (own.ports[ANSWERS], own.ports[ANSWERS])
    assert capacity.port != answers.port


async def test_mails_lead_to_the_portal_which_leads_to_the_pages_of_institutes(tmp_path: Path) -> None:
    own = Installation(tmp_path, "127.0.0.1:9092", True, 1025)
    async with httpx.AsyncClient() as client:
        notifier, capacity, intake = (service(name, own, client).build() for name in ("notifier", "capacity", "intake"))
    assert notifier.environment["LEERPLEK_NOTIFIER_PORTAL_URL"] == f"http://127.0.0.1:{capacity.port}"
    assert capacity.environment["LEERPLEK_CAPACITY_PASS_TO_INTAKE"] == f"http://127.0.0.1:{intake.port}"
