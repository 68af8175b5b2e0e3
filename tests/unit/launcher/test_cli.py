"""The command line says what is wrong in a line or two, in Dutch, with an exit code that a script can use."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.launcher.ports import RANGE, pick_port
from shared.contracts import documents


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environment)


def test_contracts_that_are_stale_are_listed_and_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "HERE", tmp_path)
    monkeypatch.setattr(documents, "SCHEMAS", tmp_path / "schemas")
    monkeypatch.setattr(documents, "ASYNCAPI", tmp_path / "asyncapi.json")

    stale = run("contracts", "--check")
    written = run("contracts", "--write")
    fresh = run("contracts", "--check")

    assert (stale.exit_code, written.exit_code, fresh.exit_code) == (1, 0, 0)
    assert "asyncapi.json" in stale.output
    assert "De documenten van de gebeurtenissen zijn bij." in fresh.output


@pytest.mark.parametrize("arguments", [("contracts",), ("contracts", "--check", "--write")])
def test_contracts_asks_for_one_of_the_two(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Kies --check of --write." in result.output


def test_a_service_without_settings_names_every_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP"):
        monkeypatch.delenv(f"LEERPLEK_INTAKE_{name}", raising=False)

    result = run("serve", "intake")

    assert result.exit_code == 2
    assert "LEERPLEK_INTAKE_DATABASE_URL: ontbreekt" in result.output
    assert "LEERPLEK_INTAKE_KAFKA_BOOTSTRAP: ontbreekt" in result.output


def test_a_service_that_does_not_exist_is_refused() -> None:
    assert run("serve", "koffie").exit_code == 2


def test_an_address_that_is_none_and_a_kafka_that_is_away_are_said_in_a_line() -> None:
    wrong = run("parked", "list", "placements", "--kafka", "overal")
    away = run("parked", "list", "placements", "--kafka", f"127.0.0.1:{pick_port()}")

    assert (wrong.exit_code, away.exit_code) == (1, 1)
    assert "overal is geen adres van Kafka" in wrong.output
    assert "Kafka antwoordt niet op 127.0.0.1" in away.output
    assert len(away.output.strip().splitlines()) == 1


def test_replaying_asks_what_to_replay() -> None:
    result = run("parked", "replay", "placements", "--kafka", "127.0.0.1:9092")

    assert result.exit_code == 2
    assert "Kies --all, of een of meer keer --position" in result.output


def test_the_demo_refuses_a_directory_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "iets").touch()

    result = run("demo", "--directory", str(tmp_path))

    assert result.exit_code == 2
    assert "is niet leeg" in result.output


@pytest.mark.parametrize(("ended_by", "code"), [(KeyboardInterrupt, 130), (asyncio.CancelledError, 143)])
def test_a_demo_that_is_told_to_end_says_so_in_a_word(
    ended_by: type[BaseException], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told_to_end(_wanted: object) -> None:
        raise ended_by

    monkeypatch.setattr("deploy.demo.run_demo", told_to_end)
    result = run("demo")
    assert (result.exit_code, result.output.strip()) == (code, "Gestopt.")


def test_a_port_is_picked_outside_the_range_for_outgoing_connections() -> None:
    first = pick_port()

    assert first in RANGE
    assert pick_port({first}) != first
