"""What a plan costs: each part on its own."""

from dataclasses import replace
from typing import Any

import pytest

from services.matcher.adapters.solver.valuation import PARTS
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import PeriodId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from tests.support.regions import placement, plan, region, settings, site, student, supervisor, workplace


def world(*things: Any, **given: Any) -> Region:
    people = [supervisor(name, sites=["*"]) for name in ("v1", "v2", "t1", "i1")]
    base: dict[str, Any] = {one.id: one for one in (site(), workplace(), student())}
    base |= {one.id: one for one in people}
    placements = [one for one in things if isinstance(one, Placement)]
    base |= {one.id: one for one in things if not isinstance(one, Placement)}
    return region([*base.values(), *placements], settings(**given))


def parts(facts: Region, *placements: Placement) -> dict[str, int]:
    return {name: points for name, points in cost_parts(facts, plan(facts, *placements)).items() if points}


def test_the_parts_have_the_names_of_the_page() -> None:
    assert tuple(cost_parts(world(), plan(world()))) == PARTS


def test_a_student_at_the_door_costs_nothing() -> None:
    assert parts(world(), placement()) == {}


def test_a_student_without_a_place_costs_unplaced() -> None:
    assert parts(world()) == {"unplaced": 100_000}


def test_the_unplaced_of_a_group_cost_more_by_rank() -> None:
    crowd = [student(number) for number in range(1, 26)]
    steps = [[0.56, 0], [1.0, 7]]
    facts = world(*crowd, fairness={"groups": ["route"], "steps": steps})
    assert parts(facts)["fairness"] == 7 * (25 - 14)  # 0.56 x 25 is 14, not 15
    small = world(*crowd[:9], fairness={"groups": ["route"], "steps": [[1.0, 7]]})
    assert "fairness" not in parts(small)


def test_every_group_that_a_student_is_in_counts() -> None:
    crowd = [student(number) for number in range(1, 11)]
    facts = world(*crowd, fairness={"groups": ["route", "support"], "steps": [[1.0, 7]]})
    assert parts(facts)["fairness"] == 2 * 7 * 10


@pytest.mark.parametrize(("state", "points"), [("started", 1_000_000), ("settled", 300_000), ("proposed", 0)])
def test_a_promise_that_is_broken_costs_by_its_state(state: str, points: int) -> None:
    held = replace(placement(), state=PlacementState(state))
    facts = world(held, workplace(2))
    assert parts(facts).get("promises", 0) == points
    moved = replace(placement(at=2))
    expected = {"moves": 200} if state == "proposed" else {"promises": points}
    assert parts(facts, moved) == expected


def test_only_another_supervisor_is_a_small_move() -> None:
    held = replace(placement(), state=PlacementState.SETTLED)
    now = replace(held, wpb=(WpbShare(SupervisorId("v2"), 6),))
    assert parts(world(held), now) == {"moves": 60}


def test_other_periods_are_a_move() -> None:
    later = replace(placement(), periods=(PeriodId("2026-S2"),))
    facts = world(placement(), student(period_sets=[["2026-S1"], ["2026-S2"]]))
    assert parts(facts, later) == {"moves": 200, "later_set": 50}


def test_travel_costs_by_stretch() -> None:
    assert parts(world(student(lat=52.0)), placement()) == {}  # 28 minutes
    assert parts(world(student(lat=51.9)), placement()) == {"travel": 16}  # 46 minutes


def test_wishes_cost_by_rank() -> None:
    others = [site(number) for number in (2, 3, 4, 5)]
    for wishes, points in (
        (["01AA01"], 0),
        (["01AA02", "01AA01"], 5),
        (["01AA02", "01AA03", "01AA04", "01AA01"], 10),
        (["01AA02"], 20),
    ):
        assert parts(world(*others, student(wishes=wishes)), placement()).get("wishes", 0) == points


def test_a_related_subject_costs_its_first_pair() -> None:
    pairs = [{"student": "engels", "place": "wiskunde", "cost": cost} for cost in (40, 10)]
    facts = world(student(subject="engels"), related=pairs, levers={"related": {"on": True}})
    assert parts(facts, placement()) == {"related": 40}


def test_team_members_after_the_first_cost() -> None:
    shared = replace(placement(), wpb=tuple(WpbShare(SupervisorId(one), 3) for one in ("v1", "v2")))
    assert parts(world(levers={"team": {"on": True}}), shared) == {"team": 30}


def test_lending_and_starters_cost_once_per_student() -> None:
    lent = [supervisor(name, at=2, lendable=True, starter=True) for name in ("v1", "v2")]
    levers = {"lending": {"on": True}, "starters": {"on": True}, "team": {"on": True}}
    shared = replace(placement(), wpb=tuple(WpbShare(SupervisorId(one), 3) for one in ("v1", "v2")))
    assert parts(world(site(2), *lent, levers=levers), shared) == {"team": 30, "lending": 40, "starter": 30}


def test_the_core_does_not_lend_to_its_shell() -> None:
    shell = site(role="shell", core="01AA02")
    facts = world(shell, site(2), supervisor("v1", at=2), levers={"core_shell": {"on": True}})
    assert parts(facts, placement()) == {}


def test_the_load_of_a_supervisor_rises() -> None:
    crowd = [student(number) for number in range(1, 6)]
    facts = world(*crowd, workplace(seats={"2026-S1": 9}))
    assert parts(facts, *(placement(number) for number in range(1, 6))) == {"load": 0 + 5 + 15 + 30 + 30}


def test_an_unknown_workplace_does_not_stop_the_sum() -> None:
    assert parts(world(), replace(placement(), workplace=WorkplaceId("w9"))) == {}
