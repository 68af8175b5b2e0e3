"""Every file that cannot be used is refused with code 2 and everything that is wrong with it, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from services.matcher.domain.documents import plain, region_to_document
from services.matcher.domain.documents_schemas import schemas
from services.matcher.entrypoints import cli, cli_schemas
from services.matcher.entrypoints.cli_files import FileProblem, read_document, write_document
from tests.support.regions import region

APP = typer.Typer()
cli.register(APP)


def one_school() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(region_to_document(region())))
    return document


def problems(path: Path) -> list[dict[str, Any]]:
    result = CliRunner().invoke(APP, ["region", "check", str(path), "--json"])
    assert result.exit_code == 2, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)["problems"]
    return found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "JSON"),
        (b"  \n", "JSON"),
        (b"\xff\xfe{", "UTF-8"),
        (b"{", "JSON"),
        (b"[1, 2", "JSON"),
        (b"[" * 100_000, "nested"),
        (b'{"a": 1, "a": 2}', "each key once"),
        (b'{"a": [{"b": 1, "b": 2}]}', "each key once"),
        (b'{"today": NaN}', "a number"),
        (b'{"today": -Infinity}', "a number"),
        (b'{"today": 1e999}', "a number"),
        (b'{"today": ' + b"9" * 6000 + b"}", "a number"),
        (b'{"region": "\\ud800"}', "whole characters"),
        (b"[]", "an object"),
        (b"null", "an object"),
        (b'"leerplek/region/1"', "an object"),
        (b"3", "an object"),
    ],
)
def test_what_is_no_json_document_of_the_right_kind_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "region.json"
    path.write_bytes(content)

    assert any(expected in one["expected"] for one in problems(path))


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere.json")[0]["expected"] == "a file that exists"
    assert problems(tmp_path)[0]["expected"] == "a file"


def test_a_doubled_key_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "region.json"
    path.write_text('{"sites": [{}, {"id": "a", "id": "b"}]}')

    with pytest.raises(FileProblem) as refused:
        read_document(path)

    assert [one.path for one in refused.value.problems] == ["sites[1].id"]


def _put(*keys: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        at: Any = document
        for key in keys[:-1]:
            at = at[key]
        at[keys[-1]] = value

    return change


WRONG: dict[str, Callable[[dict[str, Any]], None]] = {
    "students[0].support": _put("students", 0, "support", value=4),
    "students[0].period_sets": _put("students", 0, "period_sets", value=[]),
    "students[0].name": _put("students", 0, "name", value="a person"),
    "sites[0].lat": _put("sites", 0, "lat", value="north"),
    "sites[0].role": _put("sites", 0, "role", value="kern"),
    "workplaces[0].seats.2026-S1": _put("workplaces", 0, "seats", value={"2026-S1": -1}),
    "supervisors[0].tier": _put("supervisors", 0, "tier", value=None),
    "supervisors[0].starter": _put("supervisors", 0, "starter", value=1),
    "today": _put("today", value="1 juni 2026"),
    "format": _put("format", value="leerplek/region/2"),
    "periods": _put("periods", value=[]),
    "settings.norms": _put("settings", "norms", value=[]),
    "settings.levers.duo.on": _put("settings", "levers", "duo", "on", value="yes"),
    "settings.costs.load": _put("settings", "costs", "load", value=[]),
}
DANGLING: dict[str, Callable[[dict[str, Any]], None]] = {
    "workplaces[0].site": _put("workplaces", 0, "site", value="99ZZ99"),
    "students[0].wishes": _put("students", 0, "wishes", value=["99ZZ99"]),
    "students[0].together": _put("students", 0, "together", value=["s1"]),
    "supervisors[0].sites": _put("supervisors", 0, "sites", value=["99ZZ99"]),
    "settings.costs.load.x": lambda document: document["settings"]["costs"].update({"load": [5, 1]}),
}


@pytest.mark.parametrize("path", [*WRONG, *DANGLING])
def test_each_wrong_value_is_told_with_its_path(tmp_path: Path, path: str) -> None:
    document, file = one_school(), tmp_path / "region.json"
    {**WRONG, **DANGLING}[path](document)
    file.write_text(json.dumps(document))

    assert path.removesuffix(".x") in [one["path"] for one in problems(file)]


def test_all_problems_of_a_file_are_told_at_once_in_dutch(tmp_path: Path) -> None:
    document, file = one_school(), tmp_path / "region.json"
    for change in WRONG.values():
        change(document)
    file.write_text(json.dumps(document))

    result = CliRunner().invoke(APP, ["solve", str(file)])

    assert result.exit_code == 2
    assert all(path in result.stderr for path in WRONG)
    assert "students[0].support: gevonden 4, verwacht een heel getal van 1 tot en met 3" in result.stderr


@pytest.mark.parametrize("path", WRONG)
def test_the_schema_refuses_what_the_reader_refuses(path: str) -> None:
    document = one_school()
    validator = Draft202012Validator(schemas()["region"])
    assert not list(validator.iter_errors(document))

    WRONG[path](document)

    assert list(validator.iter_errors(document))


def test_the_schemas_in_the_documentation_are_not_stale() -> None:
    assert cli_schemas.stale() == []


def test_a_stale_schema_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_schemas, "SCHEMAS", tmp_path / "schemas")
    assert len(cli_schemas.stale()) == 3
    cli_schemas.write()
    assert cli_schemas.stale() == []


def test_a_file_that_cannot_be_written_whole_is_not_written_at_all(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        write_document(path, {"half": "\ud800"})

    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]


def test_where_the_plan_cannot_go_is_told_before_anything_is_solved(tmp_path: Path) -> None:
    file = tmp_path / "region.json"
    file.write_text(json.dumps(one_school()))

    for out in (tmp_path, tmp_path / "nowhere" / "plan.json"):
        result = CliRunner().invoke(APP, ["solve", str(file), "--out", str(out)])
        assert result.exit_code == 2
        assert "niet te gebruiken" in result.stderr


def test_a_plan_for_another_region_or_day_is_refused(tmp_path: Path) -> None:
    file, plan = tmp_path / "region.json", tmp_path / "plan.json"
    file.write_text(json.dumps(one_school()))
    plan.write_text(
        json.dumps({"format": "leerplek/plan/1", "region": "NL-R99", "today": "2026-06-02", "placements": []})
    )

    result = CliRunner().invoke(APP, ["check", str(file), str(plan), "--json"])

    assert result.exit_code == 2
    assert [one["path"] for one in json.loads(result.stdout)["problems"]] == ["region", "today"]


def test_settings_written_as_a_document_fit_the_schema() -> None:
    document = one_school()
    document["settings"] = plain(region().settings)

    assert not list(Draft202012Validator(schemas()["region"]).iter_errors(document))
