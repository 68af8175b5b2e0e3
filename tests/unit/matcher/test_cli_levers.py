"""`leerplek levers`: what each lever of a region is worth, ranked, told in a table, as JSON and as a chart."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner

from services.matcher.adapters.solver import lever_trials
from services.matcher.adapters.solver.portfolio import certified
from services.matcher.domain.documents import region_to_document
from services.matcher.domain.lever_values import LeverValue, Result, Trial, Trying, ranked, trials, value_of
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli
from services.matcher.entrypoints.cli_levers import LEVERS as DUTCH
from tests.support.regions import LEVERS, placement, plan, region, settings, site, student, supervisor, workplace
from tests.support.small_regions import REGIONS

APP = typer.Typer()
cli.register(APP)


def run(*words: object) -> Any:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result


def written(path: Path, made: Region) -> Path:
    path.write_text(json.dumps(region_to_document(made)))
    return path


def school(*more: Any, qh: int = 6, **levers: bool) -> Region:
    """One teacher with hours for one student, and two students."""
    things: list[Any] = [site(), workplace(), supervisor("v1", qh={"2026-S1": qh}), supervisor("t1"), supervisor("i1")]
    on = settings(levers={name: {"on": is_on} for name, is_on in levers.items()})
    return region([*things, student(1), student(2), *more], on)


def test_what_would_place_a_student_comes_first(tmp_path: Path) -> None:
    helper = supervisor("v2", kind="retired")

    told = json.loads(run("levers", written(tmp_path / "r.json", school(helper)), "--json").stdout)

    first = told["levers"][0]
    assert (first["lever"], first["trying"], first["points"], first["students"]) == ("extra", "on", 100_000, 1)
    assert first["proven"]
    assert told["complete"]
    assert {one["lever"] for one in told["levers"]} == {*LEVERS, "hours-wpb", "hours-so", "hours-io", "seats"}
    assert [one["points"] for one in told["levers"]] == sorted((one["points"] for one in told["levers"]), reverse=True)


def test_a_lever_that_is_on_is_worth_what_its_loss_costs(tmp_path: Path) -> None:
    made = school(supervisor("v2", kind="retired"), extra=True)

    told = json.loads(run("levers", written(tmp_path / "r.json", made), "--json").stdout)

    assert [(one["trying"], one["points"]) for one in told["levers"] if one["lever"] == "extra"] == [("off", 100_000)]


@pytest.mark.skipif(not REGIONS.is_dir(), reason="the small regions are not here")
@pytest.mark.parametrize("name", ["levers-18", "relief-20"])
def test_the_levers_of_a_small_region_are_worth_what_its_optima_say(name: str) -> None:
    with (REGIONS / "optima.csv").open() as rows:
        row = next(row for row in csv.DictReader(rows) if row["name"] == name)
    optima = {lever: int(value) for lever, value in (one.split("=") for one in row["off"].split())}

    told = json.loads(run("levers", REGIONS / f"{name}.json", "--json").stdout)["levers"]

    found = {one["lever"]: one["points"] for one in told}
    assert {lever: found[lever] for lever in optima} == {
        lever: value - int(row["value"]) for lever, value in optima.items()
    }


def test_a_table_and_a_chart_tell_the_same(tmp_path: Path) -> None:
    chart = tmp_path / "levers.svg"

    table = run(
        "levers", written(tmp_path / "r.json", school(supervisor("v2", kind="retired"))), "--chart", chart
    ).stdout

    assert "extra begeleiders" in table
    drawn = ET.parse(chart).getroot()
    told = " ".join(drawn.itertext())
    assert all(word in told for word in DUTCH.values())
    assert "100.000 (+1 geplaatst)" in told
    nowhere = CliRunner().invoke(APP, ["levers", str(tmp_path / "r.json"), "--chart", str(tmp_path / "no" / "l.svg")])
    assert nowhere.exit_code == 2


def test_every_lever_is_tried_the_other_way_round_and_nothing_else_changes() -> None:
    made = school(team=True)
    found = {one.lever: one for one in trials(made)}
    assert found["team"].trying is Trying.OFF
    assert not found["team"].region.settings.levers.team.on
    assert found["duo"].region.settings.levers.duo.on
    assert found["hours-wpb"].region.supervisors[next(iter(made.supervisors))].qh == {"2026-S1": 7}
    assert found["seats"].region.workplaces[next(iter(made.workplaces))].seats == {"2026-S1": 3}
    assert all(one.region.students == made.students for one in found.values())


def test_a_value_is_never_below_nothing_and_told_with_what_is_proven() -> None:
    now, then = Result(900, 700.0, 3, 2), Result(950, 600.0, 2, 1)
    on = value_of(Trial("duo", Trying.ON, region()), now, then)
    off = value_of(Trial("team", Trying.OFF, region()), now, then)
    assert (on.points, on.students, on.is_proven, on.most_points) == (0, 1, False, 300)
    assert (off.points, off.students, off.without, off.having) == (50, -1, then, now)
    assert ranked([on, off]) == [off, on]
    assert LeverValue("duo", Trying.ON, Result(9, 9.0, 1, 1), Result(5, 5.0, 0, 0)).is_proven


def test_trials_learn_from_each_other_since_a_lever_only_allows_more() -> None:
    made = school(qh=40, duo=True)
    one, both = plan(made, placement(1)), plan(made, placement(1), placement(2))
    found = {each.lever: each for each in trials(made)}

    def solved(trial: str, held: Plan, bound: float) -> tuple[Trial, Plan]:
        return found[trial], certified(found[trial].region, held, bound, int(bound > 0))

    now = certified(made, one, 1.0, 0)
    without_duo, with_team = lever_trials.values_of(made, now, [solved("duo", both, 0.0), solved("team", one, 3.0)])

    assert (without_duo.points, without_duo.students) == (0, 0)
    assert without_duo.having.value == without_duo.without.value
    assert with_team.without.value == with_team.having.value == without_duo.having.value
    assert (without_duo.without.bound, without_duo.having.bound, with_team.having.bound) == (1.0, 3.0, 3.0)
    assert without_duo.having.unplaced_bound == 1


def test_a_plan_is_kept_where_the_other_is_dearer_or_not_allowed() -> None:
    made = school(qh=40)
    dear, cheap = (certified(made, plan(made, *held), 5.0, 0) for held in ((), (placement(1), placement(2))))
    kept = lever_trials._cheaper(made, dear, cheap)
    assert (kept.placements, kept.certificate is not None and kept.certificate.bound) == (cheap.placements, 5.0)
    assert lever_trials._cheaper(made, cheap, dear) == cheap
    assert lever_trials._cheaper(replace(made, workplaces={}), dear, cheap) == dear
