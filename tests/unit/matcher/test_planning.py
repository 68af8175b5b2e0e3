"""Only what the judge allows leaves; the same task gives the same plan."""

from dataclasses import replace
from typing import Any

import pytest

from services.matcher.adapters import planning
from services.matcher.adapters.planning import plan_region
from services.matcher.domain.checker import Violation, check, check_reasons, cost_parts
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.ports import Effort, NoAllowedPlan, Task
from shared.contracts.placements import MoveCause
from tests.support.regions import invented_region, placement, region, settings, site, student, supervisor, workplace

S2 = StudentId("s2")
NEW = Touched(students=frozenset({S2}))
PLACED_ONE = region(
    [site(), workplace(), supervisor("v1"), supervisor("t1"), supervisor("i1"), student(1), student(2), placement(1)]
)


def judged(refuse: set[int]) -> object:
    """A checker that refuses plans with so many placements."""

    def check_or_refuse(of: Region, plan: Plan) -> list[Violation]:
        if len(plan.placements) in refuse:
            return [Violation("test", "refused by the test", ())]
        return check(of, plan)

    return check_or_refuse


def test_the_same_task_gives_the_same_plan() -> None:
    of = invented_region(3, 80, 8, scarcity=1.4)
    task = Task(of, Touched(everything=True), Effort.REPAIR)
    first, second = plan_region(task), plan_region(task)
    assert replace(first, seconds=0) == replace(second, seconds=0)


def test_a_plan_that_the_checker_refuses_gives_way_to_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "check", judged({2}))
    planned = plan_region(Task(PLACED_ONE, NEW, Effort.REPAIR))
    assert [one.student for one in planned.plan.placements] == ["s1"]
    assert [one.student for one in planned.plan.unplaced] == ["s2"]
    assert planned.plan.certificate is not None
    assert planned.plan.certificate.value == planned.value_before
    assert check_reasons(PLACED_ONE, planned.plan) == []


def test_there_is_no_plan_when_the_checker_refuses_what_holds_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "check", judged({1, 2}))
    with pytest.raises(NoAllowedPlan, match="NL-R07"):
        plan_region(Task(PLACED_ONE, NEW, Effort.REPAIR))


def test_a_plan_without_a_reason_for_somebody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "check_reasons", lambda _, __: [Violation("one-reason", "none", ())])
    with pytest.raises(NoAllowedPlan):
        plan_region(Task(PLACED_ONE, NEW, Effort.REPAIR))


def test_the_certificate_holds_the_figures_of_the_checker() -> None:
    of = invented_region(5, 60, 6, scarcity=1.5)
    plan = plan_region(Task(of, Touched(everything=True), Effort.REPAIR)).plan
    assert plan.certificate is not None
    assert dict(plan.certificate.parts) == cost_parts(of, plan)
    assert plan.certificate.bound <= plan.certificate.value


def test_what_can_no_longer_be_is_dropped_with_its_cause() -> None:
    of = replace(PLACED_ONE, workplaces={})
    planned = plan_region(Task(of, Touched(), Effort.REPAIR))
    assert planned.causes == {"s1": MoveCause.WORKPLACE_ENDED}
    assert planned.plan.placements == ()


def test_of_two_equal_plans_what_holds_is_kept() -> None:
    twins = [supervisor("v1"), supervisor("v2"), supervisor("t1"), supervisor("i1")]
    for by in ("v1", "v2"):
        of = region([site(), workplace(), *twins, student(1), placement(1, by=by)])
        free_moves = replace(of.settings, costs=replace(of.settings.costs, move_supervisor=0, move_workplace=0))
        planned = plan_region(
            Task(replace(of, settings=free_moves), Touched(students=frozenset({StudentId("s1")})), Effort.REPAIR)
        )
        assert planned.plan.placements == of.placements


def scarce(hours: int, seats: int, **first: Any) -> Region:
    """One student has a place; two of a small group have none, which weighs heavily on that group."""
    fairness = {"groups": ["route"], "min_size": 2, "steps": [[0.5, 0], [1.0, 400_000]]}
    base = settings(fairness=fairness, costs={"drop_proposed": 60_000})
    people = [supervisor("v1", qh={"2026-S1": hours}), supervisor("t1"), supervisor("i1")]
    needs = 12 if first else 6
    students = [student(1, **first), student(2, route="deeltijd"), student(3, route="deeltijd")]
    return region([site(), workplace(seats={"2026-S1": seats}), *people, *students, placement(1, qh=needs)], base)


@pytest.mark.parametrize("effort", Effort)
def test_nobody_is_put_out_of_a_published_place_for_fairness(effort: Effort) -> None:
    of = scarce(hours=6, seats=1)
    swapped = replace(of.placements[0], student=S2)
    without_fairness = cost_parts(of, Plan(of.id, of.today, of.placements))["fairness"]
    assert without_fairness > cost_parts(of, Plan(of.id, of.today, (swapped,)))["fairness"], "a swap would be fairer"
    planned = plan_region(Task(of, Touched(students=frozenset({S2})), effort))
    assert [one.student for one in planned.plan.placements] == ["s1"]


@pytest.mark.parametrize("effort", Effort)
def test_somebody_is_put_out_where_that_leaves_fewer_without_a_place(effort: Effort) -> None:
    of = scarce(hours=12, seats=2, support=3)
    assert check(of, Plan(of.id, of.today, of.placements)) == []
    planned = plan_region(Task(of, Touched(students=frozenset({S2})), effort))
    assert [one.student for one in planned.plan.placements] == ["s2", "s3"]
