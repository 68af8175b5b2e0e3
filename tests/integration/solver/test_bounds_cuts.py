"""Cuts and rows that come in late: an allowed plan keeps every one of them."""

from collections import Counter
from math import inf

import numpy as np
import pytest

from services.matcher.adapters.solver.bounds import better
from services.matcher.adapters.solver.bounds.better import BestPlan
from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.adapters.solver.bounds.highs import Searched, Watch
from services.matcher.adapters.solver.bounds.limits import BoundLimits
from services.matcher.adapters.solver.bounds.model import Cut, Model
from services.matcher.adapters.solver.bounds.rows import build
from services.matcher.adapters.solver.compiled.search import SearchLimits, improve
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import Tier

SCARCE = (Family.HOURS, Family.TRAINERS, Family.PERIODS, Family.INCREMENTAL)
LIMITS = BoundLimits(rounds=4, nodes=50, steps=3)


def taken(facts: Region, plan: Plan) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """Per supervisor and period the size and site of each student whom they guide."""
    atlas, found = Atlas(facts), dict[tuple[str, str], list[tuple[int, str]]]()
    for one in plan.placements:
        needs = atlas.needs(one.student)
        assert needs is not None
        for name, size in guided_by(one, (needs.so, needs.io)):
            for period in one.periods:
                found.setdefault((name, period), []).append((size, facts.workplaces[one.workplace].site))
    return found


def guided_by(one: Placement, needs: tuple[int, int]) -> list[tuple[str, int]]:
    trainers = zip((one.so, one.io), needs, strict=True)
    return [*((share.supervisor, share.qh) for share in one.wpb), *((who, need) for who, need in trainers if who)]


def weight(model: Model, cut: Cut, students: list[tuple[int, str]]) -> int:
    """What the left side of a cut is for these students."""
    values = dict(cut.entries)
    sizes = Counter(size for size, _ in students)
    per_size = {size: values.get(columns[0], 0) for size, columns, _ in cut.load.counts}
    total = sum(per_size.get(size // scale(model, cut), 0) * number for size, number in sizes.items())
    visits = values.get(cut.load.openings[0], 0) if cut.load.openings else 0
    return total + visits * len({site for _, site in students})


def scale(model: Model, cut: Cut) -> int:
    return model.eased.scale if cut.load.tier is Tier.WPB else 1


@pytest.mark.parametrize("family", SCARCE)
def test_an_allowed_plan_keeps_every_cut_and_costs_no_less_than_the_bound(family: Family) -> None:
    made = invent(Wanted(100, family, 3))
    start = Plan(made.region.id, made.region.today, ()) if check(made.region, made.planted) else made.planted
    plan = improve(made.region, start, SearchLimits(100_000, 1))
    model = build(made.region)
    course = Course(model, LIMITS, Watch(lambda: False))
    for _ in course.steps():
        assert course.bound <= sum(cost_parts(made.region, plan).values())
        assert course.unplaced <= len(made.region.students) - len(plan.placements)
    index, students = model.eased.tables.index, taken(made.region, plan)
    assert model.cuts
    for _, cut in model.cuts:
        key = (index.supervisors[cut.load.supervisor], index.periods[cut.load.period])
        assert weight(model, cut, students.get(key, [])) <= cut.side


def test_where_a_plan_has_reached_the_primary_cost_the_whole_cost_comes_at_once() -> None:
    model = build(invent(Wanted(150, Family.SEATS, 1)).region)
    first = Course(model, LIMITS, Watch(lambda: False))
    next(steps := first.steps())
    reached = first.bound
    assert reached > 0
    course = Course(
        build(invent(Wanted(150, Family.SEATS, 1)).region), LIMITS, Watch(lambda: False), BestPlan(lambda: reached)
    )
    bounds = [course.bound for _, _ in zip(range(3), course.steps(), strict=False)]
    assert bounds[0] == reached < bounds[-1]
    steps.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("known", [0, 2_000_000])
def test_what_others_prove_of_the_primary_cost_raises_the_bound_of_the_whole_cost(known: int) -> None:
    made, reached = invent(Wanted(100, Family.TRAINERS, 1)).region, 2_000_000
    course = Course(build(made), LIMITS, Watch(lambda: False), BestPlan(lambda: reached, least=lambda: known))
    bounds = [course.bound for _, _ in zip(range(20), course.steps(), strict=False)]
    assert (max(bounds) > reached) == (known == reached)


def test_where_levers_pool_hours_no_plan_of_the_eased_program_is_searched_for() -> None:
    course = Course(build(invent(Wanted(90, Family.LEVERS, 1)).region), LIMITS, Watch(lambda: False))
    assert all(course.solution is None for _ in course.steps())


def test_how_many_are_left_out_is_not_searched_where_a_plan_has_reached_the_bound() -> None:
    made, work, least = invent(Wanted(90, Family.PERIODS, 2)).region, list[float](), list[int]()
    for best in (BestPlan(lambda: 0), BestPlan(lambda: 0, left_out=lambda: 0)):
        watch = Watch(lambda: False)
        course = Course(build(made), LIMITS, watch, best)
        for _ in course.steps():
            pass
        work.append(watch.work)
        least.append(course.unplaced)
    assert work[1] < work[0]
    assert least[1] <= least[0]


def test_searches_that_were_stopped_before_they_began_prove_nothing_and_break_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(better, "branch", lambda *_given, **_named: Searched(-inf, None, False))
    made = invent(Wanted(100, Family.TRAINERS)).region
    course = Course(build(made), LIMITS, Watch(lambda: False))
    bounds = [course.bound for _ in course.steps()]
    assert bounds == sorted(bounds)
    assert bounds[-1] < inf


def test_rows_of_supervisors_with_room_for_all_stay_out() -> None:
    model = build(invent(Wanted(150, Family.SEATS, 1)).region)
    course = Course(model, LIMITS, Watch(lambda: False))
    next(course.steps())
    rows = course.rows_in
    assert 0 < rows.sum() < len(rows)
    assert not rows[np.array(model.guidance)].any()
