"""Scenarios: what each change does to a copy of the region, what is refused, and what is told of the result."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.domain.documents import region_to_document
from services.matcher.domain.documents_schemas import schemas
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.region import Region
from services.matcher.domain.scenarios import scenario_from_document
from services.matcher.domain.scenarios_applied import apply
from services.matcher.domain.vocabulary import PlacementState
from services.matcher.entrypoints import cli
from tests.support.regions import LEVERS, invented_region, placement, region, site, student, supervisor, workplace

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


def test_a_site_is_opened_with_workplaces_and_people() -> None:
    more = {
        "sites": [{"id": "01AA03", "sector": "vo", "lat": 52.1, "lon": 5.1}],
        "workplaces": [{"id": "w3", "site": "01AA03", "subject": "wiskunde", "seats": {"2026-S1": 4}}],
        "supervisors": [{"id": "v3", "tier": "wpb", "sites": ["01AA03"], "qh": {"2026-S1": 16}}],
    }

    after = changed(two_schools(), open=more)

    assert (len(after.sites), seats(after)["w3"], hours(after)["v3"]) == (3, {"2026-S1": 4}, {"2026-S1": 16})
    assert changed(two_schools(), open={}) == two_schools()


def test_hours_that_leaders_free_go_to_the_people_of_their_own_site() -> None:
    base = two_schools()
    guides = [*base.supervisors.values(), supervisor("v3", 1)]
    base = region([*base.sites.values(), *base.workplaces.values(), *guides, *base.students.values()])

    both = changed(base, leadership=[{"tier": "wpb", "qh_per_site": 5}])
    one = changed(base, leadership=[{"tier": "wpb", "sites": ["01AA02"], "qh_per_site": 5}])

    assert {name: qh["2026-S1"] for name, qh in hours(both).items()} == {
        "v1": 43,
        "v2": 45,
        "v3": 42,
        "t1": 40,
        "i1": 40,
    }
    assert {name for name, qh in hours(one).items() if qh["2026-S1"] > 40} == {"v2"}


def test_hours_that_leaders_free_go_to_nobody_who_is_at_home_elsewhere() -> None:
    base = two_schools()
    guides = [*base.supervisors.values(), supervisor("v3", sites=["01AA01", "01AA02"])]
    base = region([*base.sites.values(), *base.workplaces.values(), *guides, *base.students.values()])

    after = changed(base, leadership=[{"sites": ["01AA02"], "qh_per_site": 5}])

    assert {name for name, qh in hours(after).items() if qh["2026-S1"] > 40} == {"v2"}


RELAXED: list[dict[str, Any]] = [
    {"hours": [{"add_qh": 4}]},
    {"budget": [{"euro": 90000}]},
    {"leadership": [{"qh_per_site": 4}]},
    {"seats": [{"add": 1}]},
    {"open": {"supervisors": [{"id": "x1", "tier": "wpb", "sites": ["*"], "qh": {"2026-S1": 30, "2026-S2": 30}}]}},
    *({"levers": {name: {"on": True}}} for name in LEVERS),
]
TIGHTER: list[dict[str, Any]] = [
    {"hours": [{"factor": 0.7}]},
    {"seats": [{"add": -1}]},
    {"close_sites": ["01AA01"]},
    {"absences": [{"share": 0.5, "start": "2026-08-31"}]},
    {"intake": [{"factor": 1.3}]},
]


def optimum(of: Region) -> int:
    certificate = CpSatSolver().solve(of, Plan(of.id, of.today), SolveLimits(20.0)).certificate
    assert certificate is not None
    assert certificate.gap == 0
    return certificate.value


@pytest.fixture(scope="module")
def scarce() -> tuple[Region, int]:
    made = invented_region(5, students=12, sites=3, scarcity=1.5)
    base = replace(made, settings=replace(made.settings, fairness=replace(made.settings.fairness, groups=())))
    return base, optimum(base)


@pytest.mark.parametrize("changes", RELAXED, ids=str)
def test_what_gives_more_room_never_makes_the_best_plan_dearer(
    scarce: tuple[Region, int], changes: dict[str, Any]
) -> None:
    assert optimum(changed(scarce[0], **changes)) <= scarce[1]


@pytest.mark.parametrize("changes", TIGHTER, ids=str)
def test_what_takes_room_never_makes_the_best_plan_cheaper(scarce: tuple[Region, int], changes: dict[str, Any]) -> None:
    assert optimum(changed(scarce[0], **changes)) >= scarce[1]


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
        ({"leadership": [{"sites": ["01AA01"]}]}, "leadership[0].qh_per_site"),
        ({"open": {"sites": [{"id": "01AA01", "sector": "vo", "lat": 52, "lon": 5}]}}, "open.sites[0].id"),
        ({"open": {"workplaces": [{"id": "w9", "site": "99ZZ99", "subject": "frans"}]}}, "open.workplaces[0].site"),
        ({"open": {"supervisors": [{"id": "v9", "tier": "wpb", "qh": {"2030-S9": 1}}]}}, "open.supervisors[0].qh"),
        ({"open": {"rooms": []}}, "open.rooms"),
        ({"open": {"supervisors": [{"id": "v9", "tier": "wpb"}] * 2}}, "open.supervisors[1].id"),
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
    assert list(told["why"]) == sides
    table = CliRunner().invoke(APP, ["scenario", str(region_file), str(scenario_file)])
    assert table.exit_code == 0
    assert all(
        side in table.stdout
        for side in ("leerlingen", "studenten", "organiseerbaarheid", "betaalbaarheid", "kwaliteit")
    )
