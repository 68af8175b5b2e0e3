"""Scenarios: what each change does to a copy of the region, what is refused, and what is told of the result."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from services.matcher.domain.documents import region_to_document
from services.matcher.domain.documents_schemas import schemas
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.region import Region
from services.matcher.domain.scenarios import scenario_from_document
from services.matcher.domain.scenarios_applied import apply
from services.matcher.domain.vocabulary import PlacementState
from services.matcher.entrypoints import cli
from tests.support.regions import placement, region, site, student, supervisor, workplace

APP = typer.Typer()
cli.register(APP)


def changed(base: Region, **changes: Any) -> Region:
    document = {"format": "leerplek/scenario/1", **changes}
    assert not list(Draft202012Validator(schemas()["scenario"]).iter_errors(document))
    return apply(scenario_from_document(document, base), base)


def refused(base: Region, **changes: Any) -> set[str]:
    with pytest.raises(RegionProblems) as problems:
        scenario_from_document({"format": "leerplek/scenario/1", **changes}, base)
    return {one.path for one in problems.value.problems}


def hours(of: Region) -> dict[str, dict[str, int]]:
    return {str(name): {str(period): qh for period, qh in one.qh.items()} for name, one in of.supervisors.items()}


def seats(of: Region) -> dict[str, dict[str, int]]:
    return {str(name): {str(period): n for period, n in one.seats.items()} for name, one in of.workplaces.items()}


def two_schools() -> Region:
    people = [supervisor("v1", subjects=["wiskunde"]), supervisor("v2", 2, subjects=["frans"])]
    trainers = [supervisor("t1", sites=["*"]), supervisor("i1", sites=["*"])]
    return region([site(1), site(2), workplace(1, 1), workplace(2, 2), *people, *trainers, *map(student, range(1, 11))])


def test_a_scenario_without_changes_changes_nothing() -> None:
    assert changed(two_schools()) == two_schools()


def test_only_the_named_fields_of_a_setting_change() -> None:
    after = changed(two_schools(), levers={"team": {"on": True}}, grace_days=3, costs={"no_wish": 7})

    assert (after.settings.levers.team.on, after.settings.levers.team.max_members) == (True, 3)
    assert (after.settings.grace_days, after.settings.costs.no_wish, after.settings.costs.unplaced) == (3, 7, 100_000)


def test_hours_are_added_to_whom_it_is_about_and_never_fall_below_zero() -> None:
    more = changed(two_schools(), hours=[{"tier": "wpb", "subjects": ["wiskunde"], "add_qh": 4, "factor": 1.5}])
    less = changed(two_schools(), hours=[{"sites": ["01AA02"], "add_qh": -99}])

    assert {name: qh["2026-S1"] for name, qh in hours(more).items()} == {
        "v1": 66,
        "v2": 40,
        "t1": 40,
        "i1": 40,
    }
    assert hours(less)["v2"]["2026-S1"] == 0


def test_hours_come_in_other_periods_only_when_these_are_named() -> None:
    after = changed(two_schools(), hours=[{"supervisors": ["v1"], "add_qh": 4, "periods": ["2026-S2"]}])

    assert hours(after)["v1"] == {"2026-S1": 40, "2026-S2": 4}


def test_a_budget_becomes_hours_that_are_spread_evenly() -> None:
    after = changed(two_schools(), budget=[{"tier": "wpb", "euro": 45 * 40 * 2.75, "euro_per_hour": 45}])

    assert sorted(hours(after)[name]["2026-S1"] for name in ("v1", "v2")) == [45, 46]


def test_seats_are_added_where_there_are_seats() -> None:
    after = changed(two_schools(), seats=[{"sites": ["01AA01"], "add": 3}])

    assert seats(after) == {
        "w1": {"2026-S1": 5},
        "w2": {"2026-S1": 2},
    }


def test_a_numerus_fixus_keeps_who_has_a_promise() -> None:
    base = two_schools()
    held = (placement(7, state=PlacementState.SETTLED), placement(3))
    base = region(
        [*base.sites.values(), *base.workplaces.values(), *base.supervisors.values(), *base.students.values(), *held]
    )

    after = changed(base, numerus_fixus=[{"subjects": ["wiskunde"], "at_most": 1}])

    assert set(after.students) == {"s7"}
    assert [one.student for one in after.placements] == ["s7"]


def test_intake_grows_by_copies_without_a_place_and_shrinks_by_a_share() -> None:
    grown, shrunk = (changed(two_schools(), intake=[{"factor": factor}]) for factor in (2.5, 0.5))

    assert len(grown.students) == 25
    assert set(two_schools().students) < set(grown.students)
    assert len(shrunk.students) == 5
    assert shrunk == changed(two_schools(), intake=[{"factor": 0.5}])


def test_a_share_of_the_people_is_absent() -> None:
    after = changed(two_schools(), absences=[{"share": 0.5, "tier": "wpb", "start": "2026-10-01"}])

    away = [one for one in after.supervisors.values() if one.absences]
    assert [(one.tier.value, one.absences[0].start, one.absences[0].end) for one in away] == [
        ("wpb", date(2026, 10, 1), None)
    ]


def test_a_closed_site_has_no_seats() -> None:
    after = changed(two_schools(), close_sites=["01AA02"])

    assert seats(after)["w2"] == {}
    assert seats(after)["w1"] == {"2026-S1": 2}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"magic": 1}, "magic"),
        ({"levers": {"luck": {"on": True}}}, "levers.luck"),
        ({"levers": {"team": {"on": 1}}}, "levers.team.on"),
        ({"levers": []}, "levers"),
        ({"seed": 3}, "seed"),
        ({"hours": [{"add": 1}]}, "hours[0].add"),
        ({"hours": [{"sites": ["99ZZ99"]}]}, "hours[0].sites"),
        ({"hours": {}}, "hours"),
        ({"seats": [{}]}, "seats[0].add"),
        ({"intake": [{"factor": -1}]}, "intake[0].factor"),
        ({"numerus_fixus": [{"at_most": 1.5}]}, "numerus_fixus[0].at_most"),
        ({"absences": [{"share": 1, "start": "2026-10-02", "end": "2026-10-01"}]}, "absences[0]"),
        ({"close_sites": ["nowhere"]}, "close_sites"),
        ({"format": "leerplek/scenario/2"}, "format"),
    ],
)
def test_what_a_scenario_does_not_know_is_refused(changes: dict[str, Any], path: str) -> None:
    assert path in refused(two_schools(), **changes)


def test_before_and_after_are_told_from_five_sides(tmp_path: Path) -> None:
    region_file, scenario_file = tmp_path / "region.json", tmp_path / "scenario.json"
    region_file.write_text(json.dumps(region_to_document(two_schools())))
    scenario_file.write_text(json.dumps({"format": "leerplek/scenario/1", "seats": [{"sites": ["01AA01"], "add": 3}]}))

    result = CliRunner().invoke(APP, ["scenario", str(region_file), str(scenario_file), "--json"])

    told = json.loads(result.stdout)
    sides = ["pupils", "student_teachers", "organisability", "affordability", "quality"]
    assert list(told["before"]["sides"]) == list(told["after"]["sides"]) == sides
    placed = [told[when]["sides"]["student_teachers"]["placed"] for when in ("before", "after")]
    assert placed == [2, 5]
    assert (
        told["after"]["sides"]["affordability"]["hours_a_week_used"]
        > told["before"]["sides"]["affordability"]["hours_a_week_used"]
    )
    table = CliRunner().invoke(APP, ["scenario", str(region_file), str(scenario_file)])
    assert table.exit_code == 0
    assert all(
        side in table.stdout
        for side in ("leerlingen", "studenten", "organiseerbaarheid", "betaalbaarheid", "kwaliteit")
    )
