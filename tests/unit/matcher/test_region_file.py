"""The region file of who runs Leerplek is one that `leerplek solve` takes, whatever the region was told."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner

from services.matcher.adapters.solver.portfolio import AnytimeLimits, solve_anytime
from services.matcher.adapters.workroom.jobs import region_file
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.documents import plan_from_document
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Certificate, Plan, WpbShare
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from services.matcher.entrypoints import cli
from services.matcher.entrypoints.cli_files import read_region
from tests.support.planning import planned_anew
from tests.support.regions import NORMS, placement, region, settings, site, student, supervisor, workplace

APP = typer.Typer()
cli.register(APP)
NOWHERE, GONE = "99ZZ99", "s99"
THEN = "2029-S1"
BOTH = {"2026-S1": 4, "2026-S2": 4}
HOURS = {"2026-S1": 60, "2026-S2": 60}
PEOPLE = [supervisor(name, sites=["*"], qh=HOURS) for name in ("t1", "i1")]


def here(*things: Any, **levers: Any) -> Region:
    """Two schools in reach, each with a workplace and a teacher, and what else there is."""
    schools: list[Any] = [site(1), site(2, lat=52.3), workplace(1, 1, seats=BOTH), workplace(2, 2, seats=BOTH)]
    people = [*PEOPLE, supervisor("v1", 1, qh=HOURS), supervisor("v2", 2, qh=HOURS)]
    return region([*schools, *people, *things], settings(norms=NORMS[:2], levers=levers))


SHIFTED = {"shifted": {"on": True}}
MORE = ("v3", "v4", "w3")
SETTLED = PlacementState.SETTLED
CASES = {
    "a fellow who left": here(student(1, together=[GONE], apart=[GONE])),
    "a first wish at no site": here(student(1, wishes=[NOWHERE, "01AA02"]), student(2, wishes=[NOWHERE])),
    "not at no site": here(student(1, not_sites=[NOWHERE, "01AA01"])),
    "only at no site": here(student(1, only_sites=[NOWHERE]), student(2)),
    "also at no site": here(student(1, only_sites=[NOWHERE, "01AA02"])),
    "no known period": here(student(1, period_sets=[[THEN]]), student(2, period_sets=[["2026-S1", THEN]])),
    "a later period": here(student(1, period_sets=[[THEN], ["2026-S2"]])),
    "a later period, shifted": here(student(1, period_sets=[[THEN], ["2026-S2"]]), **SHIFTED),
    "hours and seats then": here(
        student(1), supervisor("v3", 1, qh={THEN: 9}), workplace(3, 1, seats={THEN: 3}), supervisor("v4", 2, qh={})
    ),
    "hours where they are asked": here(
        student(1, period_sets=[[THEN]]),
        supervisor("v3", 1, qh={THEN: 9}),
        workplace(3, 1, seats={THEN: 3}),
    ),
    "a guide of no site": here(student(1), student(2), supervisor("v3", sites=[NOWHERE]), supervisor("v4", sites=[])),
    "lent from no site": here(
        student(1, only_sites=["01AA02"]),
        supervisor("v2", 2, qh={}),
        supervisor("v3", sites=[NOWHERE, "01AA01"], qh=HOURS, lendable=True),
        lending={"on": True, "max_min": 90},
    ),
    "no norm": here(student(1), student(2, support=3)),
    "no norm, and no longer a place": here(
        student(2, support=3), placement(2, state=SETTLED), student(1, wishes=["01AA01"])
    ),
    "a place of nobody": here(student(1), placement(9), placement(1, duo_with=StudentId(GONE))),
    "a place that is gone": here(
        student(1), student(2), placement(1, workplace=WorkplaceId("w9"), state=SETTLED), placement(2, at=2, by="v2")
    ),
    "a place in no period": here(student(1), placement(1, periods=(PeriodId(THEN),), state=SETTLED)),
    "guides who are gone": here(
        student(1),
        placement(
            1,
            wpb=(WpbShare(SupervisorId("v1"), 3), WpbShare(SupervisorId("v9"), 3)),
            so=SupervisorId("t9"),
            io=SupervisorId("i9"),
            state=SETTLED,
        ),
    ),
}


def everything() -> Region:
    """All that any of the cases tells, in one region; each case has students of its own."""
    things: list[Any] = []
    for number, one in enumerate(CASES.values()):
        names = {
            key: StudentId(f"{number}{key}") for key in (*one.students, *(each.student for each in one.placements))
        }
        things += [replace(each, id=names[key]) for key, each in one.students.items()]
        things += [replace(each, student=names[each.student]) for each in one.placements]
        things += [
            replace(each, id=SupervisorId(f"{key}{number}")) for key, each in one.supervisors.items() if key in MORE
        ]
        things += [
            replace(each, id=WorkplaceId(f"{key}{number}")) for key, each in one.workplaces.items() if key in MORE
        ]
    return here(*things, **SHIFTED)


CASES["everything"] = everything()


def file_of(known: Region, folder: Path) -> Path:
    """The region file as it is answered."""
    library = SimpleNamespace(region=lambda _: SimpleNamespace(region=known, version=1))
    path = folder / "region.json"
    path.write_text(region_file(cast("Any", library), {"region": known.id}, lambda _: None)["text"])
    return path


@pytest.mark.parametrize("known", CASES.values(), ids=CASES)
def test_a_region_file_has_the_plan_of_the_region_whatever_it_was_told(known: Region, tmp_path: Path) -> None:
    path, out = file_of(known, tmp_path), tmp_path / "plan.json"
    result = CliRunner().invoke(APP, ["solve", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    filed = read_region(path)
    found = plan_from_document(json.loads(out.read_text()), filed)
    for there in (solve_anytime(known, AnytimeLimits()), found):
        assert check(known, there) == check(filed, there) == [], "the same plans are allowed"
        assert cost_parts(known, there) == cost_parts(filed, there), "and cost the same"
        assert sum(cost_parts(known, there).values()) == certificate(found).value == certificate(found).bound
    now = Plan(filed.id, filed.today, tuple(planned_anew(known).outcome.placed.values()))
    assert check(filed, now) == [], "also as it is found in production"
    assert cost_parts(filed, now) == cost_parts(known, now)


def certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None
    return plan.certificate


def test_of_a_region_without_sites_whoever_has_no_norm_stays_in_the_file(tmp_path: Path) -> None:
    lonely = region([student(1, support=3), student(2, only_sites=[NOWHERE])], settings(norms=NORMS[:2]))
    filed = read_region(file_of(lonely, tmp_path))
    assert (list(filed.students), list(filed.sites)) == (["s1", "s2"], [SiteId(NOWHERE)])


def test_a_region_in_which_nothing_is_missing_is_told_as_it_is(tmp_path: Path) -> None:
    whole = here(student(1, wishes=["01AA02"]), student(2, together=["s1"]), placement(1))
    assert read_region(file_of(whole, tmp_path)) == whole
